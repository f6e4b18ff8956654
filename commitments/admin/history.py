"""A record's history as the ledger tells it: who, when, why, through which door, and what changed."""

import datetime
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib.auth.models import Group
from django.db import models as orm
from django.utils.html import format_html
from django.utils.translation import gettext as _

from commitments import models
from commitments.ledger import Entry

from . import display, names
from .roles import may

FACTORS = (models.Factor, models.RecoveryCodes, models.RecoveryCode)
PEOPLE = (  # the tables that tell who stands behind a pseudonym, and what they may do
    "commitments_user",
    "commitments_user_groups",
    "commitments_user_user_permissions",
    "auth_group",
    "auth_group_permissions",
    *(model._meta.db_table for model in FACTORS),
)


class Change(NamedTuple):
    """One field before and after, ready to show."""

    field: str
    before: Any
    after: Any
    column: str = ""


class Line(NamedTuple):
    """One ledger entry, read for people."""

    entry: Entry
    done: str
    kind: str
    changes: list[Change]

    @property
    def door(self) -> str:
        """The door that it came in by."""
        return names.DOORS.get(self.entry.door, display.NONE)


def entries(record: orm.Model) -> orm.QuerySet:
    """Every entry of a record, of its parts and of its public versions, the newest first."""
    tables = [record._meta.db_table]  # another kind's record may have the same reference
    if isinstance(record, models.Document):
        tables.append(models.DocumentText._meta.db_table)
    condition = orm.Q(table__in=tables, reference=str(record.pk))
    if record._meta.pk.name == "ref":
        version = f"{record._meta.model_name}.{record.pk}."
        condition |= orm.Q(reference__startswith=f"{record.pk}.")
        condition |= orm.Q(reference__startswith=version, table=models.Publication._meta.db_table)
    if isinstance(record, models.User):
        parts = ["commitments_user_groups", *(model._meta.db_table for model in FACTORS)]
        condition |= orm.Q(table__in=parts, canonical__regex=rf'"user_id": {record.pk}[,}}]')
    return Entry.objects.filter(condition).order_by("-seq")


def visible(user: Any) -> orm.QuerySet:
    """The entries that somebody may read: those on accounts are for the ones who keep them."""
    if not may(user, "view"):
        return Entry.objects.none()
    return Entry.objects.all() if may(user, "people") else Entry.objects.exclude(table__in=PEOPLE)


def lines(found: Any) -> Iterator[Line]:
    """Entries as they are shown."""
    for entry in found:
        if entry.canonical is None:
            yield Line(entry, _("withheld: its text had to go"), "", [])
            continue
        values, model = entry.values, names.model_of(entry.table)
        before, after = values["before"], values["after"]
        if model is models.Publication:
            told = _("version %s made public")
            if after["tombstone"]:
                told = _("version %s: the mark that it was retracted")
            elif after["emergency"]:
                told = _("version %s made public in an emergency")
            yield Line(entry, told % after["version"], names.kind(entry.table), [])
        else:
            done = _("added") if before is None else _("removed") if after is None else _("changed")
            yield Line(entry, done, names.kind(entry.table), list(changes(model, before or {}, after or {})))


def changes(model: type[orm.Model] | None, before: dict, after: dict) -> Iterator[Change]:
    """The columns that differ, in the table's order, by the names that forms use."""
    fields = {field.column: field for field in model._meta.concrete_fields} if model else {}
    columns = [*fields, *sorted({*before, *after} - set(fields))]
    language = after.get("language") or before.get("language")
    for column in columns:
        old, new = before.get(column), after.get(column)
        if old == new or column == "ref" or (old in (None, "", {}) and new in (None, "", {})):
            continue
        field = fields.get(column)
        name = field.verbose_name if field else column
        yield Change(name, shown(field, old, language), shown(field, new, language), column)


def shown(field: orm.Field | None, value: Any, language: str | None) -> Any:
    """A column's value, as the ledger has it or as it was typed, ready to read."""
    if value in (None, "", {}):
        return display.NONE
    if isinstance(value, dict):
        if all(isinstance(inner, str) for inner in value.values()):
            return display.by_language(value)
        return format_html("<code>{}</code>", str(value))
    if isinstance(value, bool):
        return display.plain(value)
    if field is not None and (codes := display.vocabulary(field)):
        return display.code(codes, value)
    if isinstance(field, orm.DateTimeField):
        return display.plain(datetime.datetime.fromisoformat(str(value)))
    if isinstance(field, orm.ForeignKey) and field.related_model is Group:
        return display.label(Group.objects.filter(pk=value).first() or value)
    return display.words(str(value), language if field is not None and field.name in display.SPOKEN else None)
