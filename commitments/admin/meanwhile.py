"""What others changed while a page was open: told field by field beside what was typed, and never overwritten unseen."""

import functools
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import models as orm
from django.forms import BaseForm
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from commitments.actions import Refused
from commitments.ledger import Entry

from . import history, names, once

ROW = re.compile(r"^(?P<prefix>.+)-(?P<number>\d+)-ref$")  # how a form names the row of a part that there was


class Meanwhile(Refused):
    """Somebody changed a record, or its parts, after the page was made that asks for another change."""

    def __init__(self, entries: list[Entry], since: int):
        self.entries, self.since = entries, since
        who = ", ".join(dict.fromkeys(entry.actor or "–" for entry in entries))
        refs = ", ".join(dict.fromkeys(entry.reference or "–" for entry in entries))
        super().__init__(
            _("Nothing was saved: %(who)s changed this since you opened the page (%(refs)s).")
            % {"who": who, "refs": refs}
        )


def refuse(request: HttpRequest, concerned: orm.Q) -> None:
    """Raises Meanwhile if an entry that is `concerned` came after the form was made, by another act than the form's own.

    Asked for after an act's own entries are written, it misses nobody: whoever writes entries later waits for this act.
    """
    this = once.announced(request)
    found = Entry.objects.filter(concerned, seq__gt=this.size).exclude(act=this.number).order_by("seq")
    if entries := list(found):
        raise Meanwhile(entries, this.size)


class Typed(NamedTuple):
    """What a form was sent with for one row: its form, the data, and the prefix that its inputs have there."""

    form: BaseForm
    data: MultiValueDict
    prefix: str

    def value(self, name: str) -> Any:
        """What was typed in a field."""
        key = f"{self.prefix}-{name}" if self.prefix else name
        return self.form.fields[name].widget.value_from_datadict(self.data, self.form.files, key)


class Field(NamedTuple):
    """One field of one row: as it was when the page was opened, as it is now, and as typed; ready to show."""

    row: str
    field: str
    before: Any
    theirs: Any
    yours: Any


def fields(found: Meanwhile, typed: dict[tuple[str, str], Typed]) -> list[Field]:
    """Every field that others changed; what was typed over it stays typed, what wasn't touched shows what it is now."""
    shown = []
    for table, reference in dict.fromkeys((entry.table, entry.reference) for entry in found.entries if entry.canonical):
        row = Entry.objects.filter(table=table, reference=reference).exclude(canonical=None)
        first = row.filter(seq__lte=found.since).order_by("-seq").first()
        before, now = (entry.values["after"] or {} if entry else {} for entry in (first, row.latest("seq")))
        model, mine = names.model_of(table), typed.get((table, reference))
        columns = {field.column: field for field in model._meta.concrete_fields} if model else {}
        for change in history.changes(model, before, now):
            field = columns.get(change.column)
            yours = _("as it was")
            if mine and field and field.name in mine.form.fields:
                value = mine.value(field.name)
                if touched := _touched(mine.form, field, before, value):
                    yours = history.shown(field, value, now.get("language"))
                mine.form.fields[field.name].bound_data = functools.partial(
                    _kept, before=before.get(change.column), touched=touched
                )
            shown.append(Field(reference, change.field, change.before, change.after, yours))
    return shown


def _kept(typed: Any, now: Any, *, before: Any, touched: bool) -> Any:
    """What a field that others changed comes back with: of what has several languages, each by itself."""
    if not touched:
        return now
    if not all(isinstance(each, dict) for each in (typed, now, before)):
        return typed
    own = {name for name in typed | before if typed.get(name) != before.get(name)}
    return {name: value for name, value in now.items() if name not in own} | {
        name: value for name, value in typed.items() if name in own
    }


def _touched(form: BaseForm, field: orm.Field, before: dict, value: Any) -> bool:
    """Tell whether a field was typed in otherwise than it was when the page was opened."""
    initial = field.to_python(before.get(field.column)) if field.column in before else None
    return form.fields[field.name].has_changed(initial, value)


def typed(request: HttpRequest, form: BaseForm, formsets: Iterable[Any]) -> dict[tuple[str, str], Typed]:
    """By table and reference, what the page was sent with for each row that there was, rows that are gone among them."""
    data = getattr(request, "typed", request.POST)
    found = {(form._meta.model._meta.db_table, str(form.instance.pk)): Typed(form, request.POST, "")}
    for formset in formsets:
        table = formset.model._meta.db_table
        for each in formset.initial_forms:
            found[table, str(each.instance.pk)] = Typed(each, request.POST, each.prefix)
        for key in data:
            if (row := ROW.match(key)) and row["prefix"] == formset.prefix and data[key]:
                gone = Typed(formset.empty_form, data, f"{row['prefix']}-{row['number']}")
                found.setdefault((table, data[key]), gone)
    return found


def without_gone(post: QueryDict, entries: Iterable[Entry]) -> QueryDict:
    """A form's data without the rows of parts that others removed, the rows below them moved up."""
    gone = {entry.reference for entry in entries if entry.canonical and entry.values["after"] is None}
    rows = [(found["prefix"], int(found["number"])) for key in post if (found := ROW.match(key)) and post[key] in gone]
    left = post.copy()
    for prefix, number in sorted(rows, reverse=True):
        _take_out(left, prefix, number)
    return left


def _take_out(data: QueryDict, prefix: str, number: int) -> None:
    """Takes one row out of a formset's data."""
    inputs = re.compile(rf"^{re.escape(prefix)}-(\d+)-(.+)$")
    for key in sorted((key for key in data if inputs.match(key)), key=lambda key: int(inputs.match(key)[1])):
        row, name = int(inputs.match(key)[1]), inputs.match(key)[2]
        if row >= number:
            values = data.pop(key)
            if row > number:
                data.setlist(f"{prefix}-{row - 1}-{name}", values)
    for total in (f"{prefix}-TOTAL_FORMS", f"{prefix}-INITIAL_FORMS"):
        if data.get(total, "").isdigit():
            data[total] = str(int(data[total]) - 1)
