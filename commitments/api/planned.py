"""Questions to the database that are written once and planned once, since either takes longer than to answer them."""

import datetime
import re
from collections.abc import Callable, Hashable

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from . import counted

Statement = tuple[str | None, list]  # its SQL and its values; no SQL where nothing can be found
# What stands for a value of each type while a question is written: such a value is never asked for.
MARKS = {
    str: "\x00{}".format,
    int: lambda place: place - 2**62,
    float: lambda place: (place + 1) * -1e300,
    datetime.date: lambda place: datetime.date(9998, 7, 1 + place),
}


def rows(question: Hashable, build: Callable[..., QuerySet], *values, alike: bool = True) -> list[tuple]:
    """The rows of `build(*values)`, a query for tuples; `question` names the query, whatever the values are.

    A text that the database holds as such, without limit, may come as bytes, in UTF-8.

    `build` must pass the values on to the query as they are: it is called with others of the same types. `alike`: one plan
    serves all values; else PostgreSQL makes one for these.
    """
    return found(asked(question, build, *values), alike)


def found(statement: Statement, alike: bool = True) -> list[tuple]:
    """The rows of a statement."""
    sql, values = statement
    if sql is None:
        return []
    if alike:
        return connection.planned(sql, values)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def asked(question: Hashable, build: Callable[..., QuerySet], *values) -> Statement:
    """The statement whose `rows` these are."""
    kinds = tuple(map(type, values))
    marks = [None if value is None else MARKS[type(value)](place) for place, value in enumerate(values)]
    sql, given = counted.once(("written", question, kinds), lambda: _written(build(*marks), set(marks)))
    meant = dict(zip(marks, values, strict=True))
    return sql, [_filled(each, meant) for each in given]


def _written(asked: QuerySet, marks: set) -> tuple[str | None, list]:
    """A query's SQL and the marks in it, all else written out: a plan knows it. No SQL where nothing can be found."""
    try:
        sql, given = asked.query.sql_with_params()
    except EmptyResultSet:
        return None, []
    left, kept = iter(given), []

    def written(found: re.Match) -> str:
        if found[0] == "%%":
            return "%%"
        value = next(left)
        if _is_marked(value, marks):
            kept.append(value)
            return "%s"
        return connection.ops.compose_sql("%s", [value]).replace("%", "%%")

    return re.sub("%s|%%", written, sql), kept


def _is_marked(value: object, marks: set) -> bool:
    if isinstance(value, list):
        return any(_is_marked(each, marks) for each in value)
    return isinstance(value, tuple(MARKS)) and value in marks


def _filled(given: object, meant: dict):
    """What is asked for, in the place of its mark."""
    return [_filled(each, meant) for each in given] if isinstance(given, list) else meant.get(given, given)
