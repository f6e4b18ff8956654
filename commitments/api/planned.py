"""Questions to the database that are written once and planned once, since either takes longer than to answer them."""

import datetime
from collections.abc import Callable, Hashable

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from . import counted

# What stands for a value of each type while a question is written: such a value is never asked for.
MARKS = {
    str: "\x00{}".format,
    int: lambda place: place - 2**62,
    float: lambda place: (place + 1) * -1e300,
    datetime.date: lambda place: datetime.date(9998, 7, 1 + place),
}


def rows(question: Hashable, build: Callable[..., QuerySet], *values) -> list[tuple]:
    """The rows of `build(*values)`, a query for tuples; `question` names the query, whatever the values are.

    `build` must pass the values on to the query as they are: it is called with others of the same types.
    """
    kinds = tuple(map(type, values))
    marks = [None if value is None else MARKS[type(value)](place) for place, value in enumerate(values)]
    sql, given = counted.once(("written", question, kinds), lambda: _written(build(*marks)))
    if sql is None:
        return []
    meant = dict(zip(marks, values, strict=True))
    with connection.planned() as cursor:
        cursor.execute(sql, [_filled(each, meant) for each in given])
        return cursor.fetchall()


def unplanned(_question: Hashable, build: Callable[..., QuerySet], *values) -> list[tuple]:
    """The same, of a query that depends on what `build` looks up."""
    return list(build(*values))


def _written(asked: QuerySet) -> tuple[str | None, tuple]:
    """A query's SQL and the values in it; no SQL where nothing can be found."""
    try:
        return asked.query.sql_with_params()
    except EmptyResultSet:
        return None, ()


def _filled(given: object, meant: dict):
    """What is asked for, in the place of its mark."""
    if isinstance(given, list):
        return [_filled(each, meant) for each in given]
    return meant.get(given, given) if isinstance(given, tuple(MARKS)) else given
