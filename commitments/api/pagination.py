"""Keyset pagination at one moment: a page begins after a row's own values, in the register as it was on the first page."""

import base64
import datetime
import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Expression, F, Func, Lookup, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan, LessThan

from ..models import BEGINNING, END, CommitmentIndex, Publication
from . import renderers
from .shapes import REFERENCE


def _reference(value: str) -> str:
    if not re.fullmatch(REFERENCE, value):
        raise ValueError(value)
    return value


@dataclass(frozen=True)
class Key:
    """What rows are sorted by: an expression, its direction, and how to read its value back from a cursor."""

    expression: Expression
    descending: bool = False
    read: Callable[[str], object] = _reference


@dataclass(frozen=True)
class Ordering:
    """A documented order; the last key is unique, so that it is total."""

    name: str
    about: str
    keys: tuple[Key, ...]


def by_ref(column: str) -> tuple[Ordering, ...]:
    """By reference, either way."""
    return (
        Ordering("ref", "by reference", (Key(F(column)),)),
        Ordering("-ref", "by reference, backwards", (Key(F(column), descending=True),)),
    )


def by_day(name: str, column: str, ref: str, about: str, stored: str = "") -> tuple[Ordering, ...]:
    """By a day, either way; rows without one come last, equal ones by reference. `stored`: a column with END for these."""
    read = datetime.date.fromisoformat
    early = Key(F(stored) if stored else Coalesce(column, Value(END)), False, read)
    late = Key(Coalesce(column, Value(BEGINNING)), True, read)
    return (
        Ordering(name, f"by {about}, unknown ones last, then by reference", (early, Key(F(ref)))),
        Ordering(f"-{name}", f"by {about}, latest first, unknown ones last, then by reference", (late, Key(F(ref)))),
    )


def by_known_day(name: str, column: str, ref: str, about: str) -> tuple[Ordering, ...]:
    """By a day that every row has, either way; equal ones by reference."""
    read = datetime.date.fromisoformat
    return (
        Ordering(name, f"by {about}, then by reference", (Key(F(column), False, read), Key(F(ref)))),
        Ordering(f"-{name}", f"by {about}, latest first, then by reference", (Key(F(column), True, read), Key(F(ref)))),
    )


def by_text(name: str, column: str, ref: str) -> tuple[Ordering, ...]:
    """By another record's reference."""
    return (Ordering(name, f"by {name}, then by reference", (Key(F(column)), Key(F(ref)))),)


def by_relevance(name: str, ref: str) -> tuple[Ordering, ...]:
    """By how well a row fits the query, as the query's filter has annotated it."""
    return (
        Ordering(
            name, "by how well it fits `q`, the best first, then by reference", (Key(F(name), True, _rank), Key(F(ref)))
        ),
    )


def _rank(value: float) -> float:
    if not isinstance(value, float) or not math.isfinite(value):
        raise ValueError(value)
    return value


@dataclass(frozen=True)
class Cursor:
    """A place in an ordering: after (or, backwards, before) the row with these values.

    `size` is the ledger's public length at the walk's first page, `day` the day that it shows (None where that makes no
    difference), `known_at` the instant that was asked for, if any. All its pages show that moment, so that a row that
    moves meanwhile is met once.
    """

    ordering: str
    backwards: bool
    size: int
    day: datetime.date | None
    values: tuple
    known_at: datetime.datetime | None = None

    def __str__(self) -> str:
        told = (self.day, *self.values, *filter(None, [self.known_at]))
        values = [value.isoformat() if isinstance(value, datetime.date) else value for value in told]
        packed = json.dumps([self.ordering, self.backwards, self.size, *values], separators=(",", ":"))
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def read_cursor(text: str, ordering: Ordering) -> Cursor:
    """The place in an ordering that a cursor names; ValueError if it names none."""
    try:
        _name, backwards, size, day, *values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        values, instants = values[: len(ordering.keys)], values[len(ordering.keys) :]
        read = tuple(key.read(value) for key, value in zip(ordering.keys, values, strict=True))
        day = None if day is None else datetime.date.fromisoformat(day)
        known_at = [datetime.datetime.fromisoformat(each) for each in instants][-1:]
        cursor = Cursor(ordering.name, backwards is True, _length(size), day, read, *known_at)
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(text) from error
    if str(cursor) != text:  # another ordering, or not written by us
        raise ValueError(text)
    return cursor


def _length(value: int) -> int:
    if type(value) is not int or not 0 <= value < 2**63:  # what the database can count to
        raise ValueError(value)
    return value


class Row(Func):
    """Values that are compared one after the other, as an index holds them."""

    template, output_field = "(%(expressions)s)", TextField()


def beyond(keys: tuple[Key, ...], values: tuple, backwards: bool) -> Q | Lookup:
    """The rows that come after these values."""
    downwards = {key.descending is not backwards for key in keys}
    if len(downwards) == 1:
        compared = LessThan if downwards == {True} else GreaterThan
        return compared(Row(*(F(f"key_{place}") for place in range(len(keys)))), Row(*map(Value, values)))
    condition, equal = Q(), Q()
    for place, (key, value) in enumerate(zip(keys, values, strict=True)):
        side = "lt" if key.descending is not backwards else "gt"
        condition |= equal & Q(**{f"key_{place}__{side}": value})
        equal &= Q(**{f"key_{place}": value})
    return condition


def ordered(rows: QuerySet, ordering: Ordering, backwards: bool = False) -> tuple[QuerySet, list[str]]:
    """(The rows in order, the names that the values they are sorted by have in them)."""
    keys = ordering.keys
    names = [f"key_{place}" for place in range(len(keys))]
    downwards = [key.descending is not backwards for key in keys]
    rows = rows.annotate(**{name: _in(rows, key.expression) for name, key in zip(names, keys, strict=True)})
    return rows.order_by(*(f"-{name}" if down else name for name, down in zip(names, downwards, strict=True))), names


def _in(rows: QuerySet, expression: Expression | F) -> Expression | F:
    """A version's column, where the rows are versions, or know it themselves."""
    name = expression.name.removeprefix("index__publication__") if isinstance(expression, F) else ""
    if rows.model is Publication or (rows.model is CommitmentIndex and name == "record"):
        return F(name) if name else expression
    return F(expression.name.removeprefix("index__")) if name and rows.model is CommitmentIndex else expression


@dataclass(frozen=True)
class Page:
    """One page of a list: of `size` rows' `columns`, their key first, after a place in an ordering or from the beginning."""

    ordering: Ordering
    cursor: Cursor | None
    size: int
    columns: tuple[str, ...]

    @property
    def backwards(self) -> bool:
        return bool(self.cursor and self.cursor.backwards)

    @property
    def values(self) -> tuple:
        """Those of the row that it comes after."""
        return self.cursor.values if self.cursor else ()

    @property
    def question(self) -> tuple:
        """What tells its query from others, besides these values."""
        return self.ordering.name, self.backwards, bool(self.cursor), self.size, self.columns

    def rows(self, rows: QuerySet, columns: tuple[str, ...], values: tuple = ()) -> QuerySet:
        """These columns of its rows, and of one more, after the one with these values."""
        rows, names = ordered(rows, self.ordering, self.backwards)
        if values:
            rows = rows.filter(beyond(self.ordering.keys, values, self.backwards))
        return rows.values_list(*columns, *names)[: self.size + 1]

    def shown(
        self, found: Sequence[tuple], render: Callable[[Sequence[tuple]], Iterable[bytes]]
    ) -> tuple[list[bytes], tuple, tuple]:
        """(Its items, the values to turn back from, those to go on from), each () for none.

        `render` makes an item of each row of `columns`, without the key; what would be too long for one page is left to the next.
        """
        width = len(self.columns)
        items = renderers.fitting(render([row[1:width] for row in found[: self.size]]))
        more, found = len(found) > len(items), found[: len(items)]
        first, last = [row[width:] for row in found[:1] + found[-1:]] or ((), ())
        before, after = first if self.cursor else (), last if more else ()
        if self.backwards:
            items, before, after = items[::-1], after, first
        return items, before, after
