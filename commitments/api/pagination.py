"""Keyset pagination: a page begins after a row's own values, so that nothing shifts when rows come and go."""

import base64
import datetime
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Expression, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from ..models import BEGINNING, END
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


def by_day(name: str, column: str, ref: str, about: str) -> tuple[Ordering, ...]:
    """By a day, either way; rows without one come last, equal ones by reference."""
    read = datetime.date.fromisoformat
    early, late = Key(Coalesce(column, Value(END)), False, read), Key(Coalesce(column, Value(BEGINNING)), True, read)
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
    """A place in an ordering: after (or, backwards, before) the row with these values."""

    ordering: str
    backwards: bool
    values: tuple

    def __str__(self) -> str:
        values = [value.isoformat() if isinstance(value, datetime.date) else value for value in self.values]
        packed = json.dumps([self.ordering, self.backwards, *values], separators=(",", ":"))
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def read_cursor(text: str, ordering: Ordering) -> Cursor:
    """The place in an ordering that a cursor names; ValueError if it names none."""
    try:
        _name, backwards, *values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        read = tuple(key.read(value) for key, value in zip(ordering.keys, values, strict=True))
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(text) from error
    cursor = Cursor(ordering.name, backwards is True, read)
    if str(cursor) != text:  # another ordering, or not written by us
        raise ValueError(text)
    return cursor


def beyond(keys: tuple[Key, ...], values: tuple, backwards: bool) -> Q:
    """The rows that come after these values."""
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
    rows = rows.annotate(**{name: key.expression for name, key in zip(names, keys, strict=True)})
    return rows.order_by(*(f"-{name}" if down else name for name, down in zip(names, downwards, strict=True))), names


def page(
    rows: QuerySet, ordering: Ordering, cursor: Cursor | None, size: int, columns: tuple[str, ...]
) -> tuple[list, tuple, tuple]:
    """(One page's rows as tuples of `columns`, the values to turn back from, those to go on from), each () for none."""
    backwards = bool(cursor and cursor.backwards)
    rows, names = ordered(rows, ordering, backwards)
    if cursor:
        rows = rows.filter(beyond(ordering.keys, cursor.values, backwards))
    found = list(rows.values_list(*columns, *names)[: size + 1])
    more, found = len(found) > size, found[:size]
    first, last = [row[len(columns) :] for row in found[:1] + found[-1:]] or ((), ())
    before, after = first if cursor else (), last if more else ()
    if backwards:
        found, before, after = found[::-1], after, first
    return [row[: len(columns)] for row in found], before, after
