"""How the admin shows a record's words: each in its own language and direction, codes by their labels."""

import datetime
import json
from collections.abc import Callable
from typing import Any

from django.contrib.admin.utils import quote
from django.contrib.auth.models import Group
from django.db import models as orm
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from commitments import codebook, models, text
from commitments.fields import GapsField, LanguageMapField, ReadyJSONField

from . import names

NONE = "–"
NAMES = {"en": _("English"), "ar": _("Arabic")}
# Plain text of people's: in the record's own language, or in whatever language the words themselves are.
SPOKEN = {"exact", "prefix", "suffix", "headline", "words", "name"}
ANY = {"publisher", "published_words", "issued_words", "effective_words", "anchor_words", "note", "waiver", "reason"}
ANY |= {"username", "pseudonym", "first_name", "last_name"}


def reader() -> str:
    """The language that the page is read in, without its region."""
    return (get_language() or "en").split("-")[0]


def direction(language: str | None) -> str:
    """rtl or ltr; auto, so that the words themselves decide, where the language isn't known."""
    return text.direction(language) if language else "auto"


def words(value: str, language: str | None = None) -> SafeString:
    """Text in its own direction, kept apart from what stands around it; what would turn that around, as its escape."""
    if not value:
        return SafeString(NONE)
    spoken = format_html(' lang="{}"', language) if language else ""
    return format_html('<bdi dir="{}"{}>{}</bdi>', direction(language), spoken, text.visible(value))


def ltr(value: Any) -> SafeString:
    """A reference, date in EDTF, address or hash: from left to right in either language, kept apart from what stands around it."""
    return SafeString(NONE) if value in (None, "") else format_html('<bdi dir="ltr">{}</bdi>', text.visible(str(value)))


def by_language(value: dict[str, str]) -> SafeString:
    """A language map, one line a language, the reader's first."""
    rows = ((language, words(value[language], language)) for language in in_order(value))
    return format_html_join("", '<div class="by-language"><span>{}</span> {}</div>', rows) or SafeString(NONE)


def in_order(languages: Any) -> list[str]:
    """Language tags in the order in which a reader wants them: their own, English, Arabic, the others."""
    first = [reader(), "en", "ar"]
    return sorted(languages, key=lambda each: (first.index(each) if each in first else len(first), each))


def in_one(value: dict[str, str]) -> tuple[str, str]:
    """(text, its language): the one text of a language map for where there is room for one; ("", "") of none."""
    language = next(iter(in_order(value)), "")
    return value.get(language, ""), language


def vocabulary(field: orm.Field) -> str | None:
    """The codebook's vocabulary that a model field takes its codes from."""
    return getattr(getattr(field, "codes", None), "vocabulary", None)


def code(vocabulary: str, value: str) -> SafeString:
    """A code by its label, with its definition when pointed at."""
    called = codebook.label(vocabulary, value, reader())
    return format_html('<span title="{}">{}</span>', definition(vocabulary, value), called)


def definition(vocabulary: str, value: str) -> str:
    """A code's definition in the reader's language."""
    return codebook.codes(vocabulary)[value]["definition"]["ar" if reader() == "ar" else "en"]


# What a record is called where there is room for a line: (text, language), besides its reference.
CALLED: dict[type[orm.Model], Callable[[Any], tuple[str, str]]] = {
    models.Process: lambda record: in_one(record.name),
    models.Topic: lambda record: in_one(record.name),
    models.Party: lambda record: in_one(record.name),
    models.Statement: lambda record: in_one(record.title),
    models.Commitment: lambda record: in_one(record.title),
    models.Document: lambda record: (record.headline or record.publisher, record.language),
    models.Quote: lambda record: (record.exact, record.language),
    models.Deadline: lambda record: (record.words, record.language),
    models.Assessment: lambda record: (record.get_status_display(), ""),
}


def label(record: orm.Model) -> str:
    """A record's name and reference as plain text; the name is isolated (U+2068, U+2069), so that the two don't mix."""
    called = CALLED[type(record)](record)[0] if type(record) in CALLED else ""
    if not called:
        return str(names.GROUPS.get(str(record), record) if isinstance(record, Group) else record)
    return f"\u2068{Truncator(text.visible(called)).chars(90)}\u2069 · {record.pk}"


def address(record: orm.Model) -> str | None:
    """The way to a record's page; None for a part, which has none of its own."""
    try:
        return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[quote(record.pk)])
    except NoReverseMatch:
        return None


def link(record: orm.Model | None) -> SafeString:
    """A record by its name and reference, with the way to its page."""
    if record is None:
        return SafeString(NONE)
    called = format_html("<bdi>{}</bdi>", label(record))
    return format_html('<a href="{}">{}</a>', way, called) if (way := address(record)) else called


def _gaps(record: orm.Model, value: dict) -> SafeString:
    rows = ((field, by_language(value[field])) for field in sorted(value))
    return format_html_join("", "<div><b>{}</b> {}</div>", rows) or SafeString(NONE)


def _json(record: orm.Model, value: str) -> SafeString:
    readable = json.dumps(json.loads(value or "null"), ensure_ascii=False, indent=2)
    return format_html('<pre class="json">{}</pre>', text.visible(readable))


def plain(value: Any) -> Any:
    """A value that isn't anybody's words: instants to the second, in UTC; lists in one line."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime.datetime):
        return ltr(f"{value.astimezone(datetime.UTC):%Y-%m-%d %H:%M:%S} UTC")
    if isinstance(value, list):
        return ltr(", ".join(map(str, value)))
    return ltr(value) if value is None or isinstance(value, str) else value


def shown(field: orm.Field, record: orm.Model, brief: bool = False) -> Any:
    """One field of a record for reading; `brief` in lists: one language, and cut to a line."""
    value = getattr(record, field.attname)
    if isinstance(field, LanguageMapField):
        if not brief:
            return by_language(value)
        called, language = in_one(value)
        return words(Truncator(called).chars(120), language)
    if (codes := vocabulary(field)) and value:
        return code(codes, value)
    if isinstance(field, GapsField):
        return _gaps(record, value)
    if isinstance(field, ReadyJSONField):
        return _json(record, value)
    if isinstance(field, orm.ForeignKey):
        other = getattr(record, field.name)
        if not brief:
            return link(other)
        return words(*in_one(other.name)) if isinstance(other, models.Party) else ltr(value)
    if isinstance(record, Group):
        return label(record)
    if field.name == "door":
        return names.DOORS.get(value, NONE)
    if field.name == "table":
        return names.kind(value) if value else NONE
    if isinstance(record, models.Publication) and field.name == "kind":
        return names.RECORDS[value][0]
    if field.name in SPOKEN | ANY:
        language = getattr(record, "language", None) if field.name in SPOKEN else None
        return words(Truncator(value).chars(120) if brief else value, language)
    return plain(value)


class Shown:
    """A read-only column or form line for one field, as the admin wants them."""

    def __init__(self, field: orm.Field, brief: bool):
        self.field, self.brief = field, brief
        self.short_description = field.verbose_name

    def __call__(self, record: orm.Model) -> Any:
        return shown(self.field, record, self.brief)
