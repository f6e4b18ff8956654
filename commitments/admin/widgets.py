"""The forms' own inputs: language maps, gaps, codes with their definitions, records looked up by name."""

import functools
import html
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.datastructures import MultiValueDict
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _

from commitments import codebook, text
from commitments.fields import LANGUAGE

from . import display
from .sentences import said

LANGUAGES = ("en", "ar")  # asked for everywhere; others appear where a record has them


def sound(value: str, called: str = _("text"), overrides: bool = True) -> None:
    """ValidationError at a character that no record may hold; where bidi overrides may stand, the record says."""
    try:
        text.refuse(value, field=str(called), bidi_overrides=overrides)
    except text.Hostile as error:
        raise ValidationError(said(str(error))) from error


def placed(field: forms.CharField, overrides: bool = True) -> None:
    """Lets a field say where a refused character stands; Django says only that there is one."""
    field.validators = [each for each in field.validators if not isinstance(each, ProhibitNullCharactersValidator)]
    field.validators.append(functools.partial(sound, called=field.label or _("text"), overrides=overrides))


def _rows(name: str, value: dict[str, str], label: str, id_: str | None) -> list[dict]:
    """What the template needs of each language's input."""
    return [
        {
            "name": f"{name}-{language}",
            "id": f"{id_}-{language}" if id_ else None,
            "language": language,
            "called": display.NAMES.get(language, language),
            "dir": display.direction(language),
            "value": value.get(language, ""),
            "label": label,
        }
        for language in display.in_order({*LANGUAGES, *value})
    ]


def _read(data: MultiValueDict, name: str) -> dict[str, str]:
    """What was typed, by language; what was left blank isn't there."""
    start = f"{name}-"
    typed = {key.removeprefix(start): data[key].replace("\r\n", "\n").strip() for key in data if key.startswith(start)}
    return {language: words for language, words in sorted(typed.items()) if words and LANGUAGE.fullmatch(language)}


class LanguageMapInput(forms.Widget):
    """One input a language, named `<field>-<language>`; long ones grow over several lines."""

    template_name = "admin/widgets/language_map.html"
    label = ""

    def __init__(self, long: bool = True, attrs: dict | None = None):
        self.long = long
        super().__init__(attrs)

    def get_context(self, name: str, value: Any, attrs: dict) -> dict:
        context = super().get_context(name, value, attrs)
        rows = _rows(name, value or {}, self.label, context["widget"]["attrs"].get("id"))
        context["widget"] |= {"rows": rows, "long": self.long}
        return context

    def format_value(self, value: Any) -> Any:
        return value

    def value_from_datadict(self, data: MultiValueDict, files: Any, name: str) -> dict[str, str]:
        return _read(data, name)

    def value_omitted_from_data(self, data: MultiValueDict, files: Any, name: str) -> bool:
        return not any(key.startswith(f"{name}-") for key in data)

    def id_for_label(self, id_: str) -> str:
        return f"{id_}-{display.in_order(LANGUAGES)[0]}" if id_ else id_


class LanguageMap(forms.Field):
    """A text by language: {"en": "…", "ar": "…"}."""

    def __init__(self, *, long: bool = True, **kwargs):
        super().__init__(widget=LanguageMapInput(long), initial=dict, **kwargs)
        self.widget.label = self.label


class GapsInput(LanguageMapInput):
    """One row a field that may be unknown: why the documents don't give it, by language."""

    template_name = "admin/widgets/gaps.html"

    def __init__(self, asked: dict[str, str], attrs: dict | None = None):
        self.asked = asked
        super().__init__(attrs=attrs)

    def get_context(self, name: str, value: Any, attrs: dict) -> dict:
        context, value = super().get_context(name, {}, attrs), value or {}
        id_ = context["widget"]["attrs"].get("id")
        asked = self.asked | {field: field for field in sorted(value) if field not in self.asked}
        context["widget"]["rows"] = [
            {
                "label": label,
                "rows": _rows(f"{name}-{field}", value.get(field, {}), label, id_ and f"{id_}-{field}"),
            }
            for field, label in asked.items()
        ]
        return context

    def value_from_datadict(self, data: MultiValueDict, files: Any, name: str) -> dict[str, dict[str, str]]:
        fields = {match[1] for key in data if (match := re.match(rf"{re.escape(name)}-([a-z0-9_]+)-", key))}
        read = {field: _read(data, f"{name}-{field}") for field in sorted(fields)}
        return {field: reasons for field, reasons in read.items() if reasons}

    def id_for_label(self, id_: str) -> str:
        return ""


class Gaps(forms.Field):
    """What the documents don't say: {field: {language: why}}."""

    def __init__(self, *, asked: dict[str, str], **kwargs):
        super().__init__(widget=GapsInput(asked), initial=dict, **kwargs)


class CodeSelect(forms.Select):
    """A vocabulary's codes by their labels; the chosen one's definition stands below, all of them can be unfolded."""

    template_name = "admin/widgets/code.html"

    def __init__(self, vocabulary: str, attrs: dict | None = None, choices: Any = ()):
        self.vocabulary = vocabulary
        super().__init__({"class": "code"} | (attrs or {}), choices)

    def create_option(self, name: str, value: Any, *args, **kwargs) -> dict:
        option = super().create_option(name, value, *args, **kwargs)
        if value:
            option["attrs"]["title"] = display.definition(self.vocabulary, value)
        return option

    def get_context(self, name: str, value: Any, attrs: dict) -> dict:
        context = super().get_context(name, value, attrs)
        options = [option for _group, options, _index in context["widget"]["optgroups"] for option in options]
        context["widget"] |= {
            "codes": [option for option in options if option["value"]],
            "chosen": next((option["attrs"].get("title", "") for option in options if option["selected"]), ""),
        }
        return context


class Offer(forms.RadioSelect):
    """What is proposed, one of it to be taken, as a group that a screen reader names."""

    template_name = "admin/widgets/offer.html"

    def __init__(self, label: Any):
        self.label = label
        super().__init__()

    def get_context(self, name: str, value: Any, attrs: dict) -> dict:
        context = super().get_context(name, value, attrs)
        context["widget"]["label"] = html.unescape(strip_tags(self.label))
        return context


class CodeOffer(Offer):
    """A vocabulary's codes to choose from, each with its definition; cues and near-misses can be unfolded."""

    template_name = "admin/widgets/code_offer.html"

    def __init__(self, vocabulary: str, label: Any, choices: Any):
        super().__init__(label)
        self.vocabulary, self.choices = vocabulary, choices

    def create_option(self, name: str, value: Any, *args, **kwargs) -> dict:
        language = "ar" if display.reader() == "ar" else "en"
        entry = codebook.codes(self.vocabulary)[value]
        told = {part: entry.get(part, {}).get(language) for part in ("definition", "cues", "near_misses")}
        return super().create_option(name, value, *args, **kwargs) | told


class Known:
    """Names a selected record without asking the database, where the form has it at hand in `known`: {pk: record}."""

    def optgroups(self, name: str, value: list, attr: Any = None) -> list:
        value = [each for each in value if "\0" not in str(each)]  # PostgreSQL can't even be asked for such a record
        chosen = [str(each) for each in value if each]
        known = {str(pk): record for pk, record in getattr(self, "known", {}).items()}
        if not all(each in known for each in chosen):
            return super().optgroups(name, value, attr)
        labels = [(each, display.label(known[each])) for each in chosen]
        if not self.is_required and not self.allow_multiple_selected:
            labels.insert(0, ("", ""))
        options = [self.create_option(name, each, called, bool(each), n) for n, (each, called) in enumerate(labels)]
        return [(None, options, 0)]


class RecordSelect(Known, AutocompleteSelect):
    """One record, found by typing a part of its name or reference."""


class RecordsSelect(Known, AutocompleteSelectMultiple):
    """Several records, found in the same way; each can be taken out by itself, so none clears them all."""

    def build_attrs(self, *args, **kwargs) -> dict:
        return super().build_attrs(*args, **kwargs) | {"data-allow-clear": "false"}


class RecordField(forms.ModelChoiceField):
    """A record, called by its name and reference; one that the form has at hand in `known`, {pk: record}, isn't asked for."""

    known: Mapping[str, Any] = MappingProxyType({})

    def to_python(self, value: Any) -> Any:
        return self.known.get(value) or super().to_python(value)

    def label_from_instance(self, obj: Any) -> str:
        return display.label(obj)


class RecordsField(forms.ModelMultipleChoiceField):
    """Several records, each called by its name and reference."""

    label_from_instance = RecordField.label_from_instance


class Verbatim(forms.CharField):
    """Text as it was typed or pasted, spaces and all; only the line ends that browsers send (CR LF) become LF again."""

    def __init__(self, *, rows: int, **kwargs):
        widget = forms.Textarea(attrs={"rows": rows, "class": "vLargeTextField", "dir": "auto"})
        super().__init__(strip=False, widget=widget, **kwargs)

    def to_python(self, value: Any) -> str:
        return super().to_python(value).replace("\r\n", "\n")


class Reason(forms.CharField):
    """Why a change is made; kept for ever."""

    def __init__(self, **kwargs):
        attrs = {"list": "reasons", "autocomplete": "off", "class": "vTextField reason", "dir": "auto"}
        super().__init__(
            **{
                "label": _("Reason for this change"),
                "help_text": _("Kept for ever in the history; public once the record is."),
                "max_length": 500,
                "widget": forms.TextInput(attrs),
            }
            | kwargs
        )
        placed(self, overrides=False)
