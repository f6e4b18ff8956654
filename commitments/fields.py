"""Column types whose rule the database checks too: references, codes, language maps, gaps, ready JSON, folded text."""

import re

import orjson
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import lazystr
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from . import codebook, text

REFERENCE = r"^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+-[0-9]+)*$"
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class _Label:
    """A code's label, looked up in the reader's language when it is shown."""

    def __init__(self, vocabulary: str, code: str):
        self.vocabulary, self.code = vocabulary, code

    def __str__(self) -> str:
        return codebook.label(self.vocabulary, self.code, get_language() or "en")


def vocabulary(name: str) -> type[models.TextChoices]:
    """The codes of one vocabulary of the codebook as choices: `vocabulary("status").NO_EVIDENCE`."""
    members = {code.upper().replace("-", "_"): (code, lazystr(_Label(name, code))) for code in codebook.codes(name)}
    choices = models.TextChoices("".join(word.title() for word in name.split("_")), members)
    choices.vocabulary = name
    return choices


class ReferenceField(models.CharField):
    """A record's lasting reference: lower-case letters, digits and hyphens; a part adds `.kind-number`."""

    description = _("Reference")

    def __init__(self, **kwargs):
        super().__init__(
            **{"primary_key": True, "max_length": 200, "db_collation": "C", "verbose_name": _("reference")} | kwargs
        )

    def db_check(self, connection):
        return f"\"{self.column}\" ~ '{REFERENCE}'"

    def validate(self, value, model_instance):
        super().validate(value, model_instance)
        if not re.fullmatch(REFERENCE, value):
            raise ValidationError(
                _("%(value)s: use lower-case letters a–z, digits and single hyphens, such as talks-2030-05-04."),
                params={"value": value},
            )


class Shared(models.ForeignObject):
    """Rows whose column has the same value as these: of several, which one is meant is for the query to say. Nothing is stored.

    `Shared("Car", ["owner"], ["keeper"], related_name="insurances")`
    """

    def __init__(self, to, from_fields, to_fields, on_delete=models.DO_NOTHING, **kwargs):
        super().__init__(to, on_delete, from_fields, to_fields, **kwargs)

    def _check_unique_target(self) -> list:
        return []


class CodeField(models.CharField):
    """One code of a vocabulary; the database knows the list. `CodeField(Status, blank=True)` allows none."""

    def __init__(self, codes=None, **kwargs):
        self.codes = codes
        kwargs.pop("choices", None)
        super().__init__(
            **{"max_length": 40} | kwargs | ({"choices": codes.choices} if hasattr(codes, "choices") else {})
        )

    def deconstruct(self):  # migrations hold the codes, never their labels
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("choices", None)
        kwargs["codes"] = self._values()
        return name, path, args, kwargs

    def _values(self) -> list[str]:
        return list(self.codes.values) if hasattr(self.codes, "values") else list(self.codes)

    def db_check(self, connection):
        allowed = self._values() + ([""] if self.blank else [])
        return f'"{self.column}" IN ({", ".join(repr(code) for code in allowed)})'


class LanguageMapField(models.JSONField):
    """Texts by language (BCP 47 tag → text that isn't blank): {"en": "…", "ar": "…"}; {} where `blank`."""

    def __init__(self, **kwargs):
        super().__init__(**{"default": dict} | kwargs)

    def db_check(self, connection):
        return f'public.{"is_language_map" if self.blank else "is_filled_map"}("{self.column}")'

    def validate(self, value, model_instance):
        super().validate(value, model_instance)
        check_language_map(value, self.name)


class GapsField(models.JSONField):
    """What the documents don't say: field → language map of the reason."""

    def __init__(self, **kwargs):
        super().__init__(**{"default": dict, "blank": True, "verbose_name": _("unknown, and why")} | kwargs)

    def db_check(self, connection):
        return f'public.are_gaps("{self.column}")'

    def validate(self, value, model_instance):
        super().validate(value, model_instance)
        if not isinstance(value, dict):
            raise ValidationError(_("Give a field's name and the reason, by language."))
        for field, reasons in value.items():
            check_language_map(reasons, field)
            if not reasons:
                raise ValidationError(_("%(field)s: say why it is unknown."), params={"field": field})


def check_language_map(value, field: str) -> None:
    """Raises ValidationError, naming what is wrong, unless `value` is {BCP 47 tag: text}; texts are refused as in text.refuse."""
    if not isinstance(value, dict):
        raise ValidationError(_('%(field)s: give texts by language, such as {"en": "…"}.'), params={"field": field})
    for language, words in value.items():
        if not LANGUAGE.fullmatch(language):
            raise ValidationError(
                _("%(field)s: %(tag)s is no language tag such as en or ar."), params={"field": field, "tag": language}
            )
        if not isinstance(words, str) or not words.strip():
            raise ValidationError(
                _("%(field)s: the text in %(tag)s is empty."), params={"field": field, "tag": language}
            )
        try:
            text.refuse(words, field=f"{field}.{language}")
        except ValueError as error:
            raise ValidationError(str(error)) from error


def canonical(value) -> str:
    """The one JSON text of a value: sorted keys, no spaces, UTF-8 characters as they are."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


class ReadyJSONField(models.Field):
    """JSON kept as the very text that is served (PostgreSQL `json`): a str in Python, canonical."""

    def db_type(self, connection):
        return "json"

    def get_internal_type(self):
        return "TextField"  # so that many rows are sent as one array a column

    def select_format(self, compiler, sql, params):
        return f"({sql})::text", params

    def to_python(self, value):
        return value if value is None or isinstance(value, str) else canonical(value)

    def get_prep_value(self, value):
        return self.to_python(value)

    def value_to_string(self, obj):
        return self.value_from_object(obj)


class VectorField(models.Field):
    """PostgreSQL's tsvector, made by the database; `vector__finds=tsquery` picks rows."""

    def db_type(self, connection):
        return "tsvector"


@VectorField.register_lookup
class Finds(models.Lookup):
    """Whether a tsvector holds what a tsquery, given as text, asks for."""

    lookup_name, prepare_rhs = "finds", False

    def as_sql(self, compiler, connection):
        vector, params = self.process_lhs(compiler, connection)
        return f"{vector} @@ %s::tsquery", (*params, self.rhs)
