"""Facets: how the commitments of one question divide by status, schedule, strength, party, topic and statement."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import orjson
from django.db import connection
from django.db.models import Q, QuerySet

from .. import codebook
from ..models import Publication, Role, Standing
from . import filters, renderers

MOST = 50  # values of one facet
OWN = ("status", "schedule")  # an obligor's own count where obligors are named
COLUMNS = {  # of the rows that are counted
    "publication_id": "publication_id",
    "first": "first",
    "status": "status",
    "schedule": "schedule",
    "strength": "publication__code",
    "parties": "publication__parties",
    "topics": "publication__topics",
    "statement": "publication__statement",
}


@dataclass(frozen=True)
class Facet:
    """A column that is counted. `kind` and `named`: of the records that it refers to; codes have none."""

    column: str
    several: bool = False  # whether one commitment has several
    kind: str = ""
    named: str = ""


FACETS = {  # by the list's parameter
    "status": Facet("status"),
    "schedule": Facet("schedule"),
    "strength": Facet("strength"),
    "party": Facet("parties", True, "party", "name"),
    "topic": Facet("topics", True, "topic", "name"),
    "statement": Facet("statement", False, "statement", "title"),
}


Counts = tuple[int, dict[str, tuple[int, dict[str, int]]]]


def counted(asked: filters.Facets, rows: QuerySet) -> Counts:
    """(How many commitments there are, by facet (how many values, the commonest with their counts)), by one SQL.

    Each facet leaves its own parameter out and heeds all others, so that each number is what that value alone would find.
    """
    sources = {"": asked} | {name: asked.without(name) for name in FACETS if asked.form.cleaned_data[name]}
    tables, values = [], []
    for name, question in sources.items():
        found = question.filter_queryset(rows).order_by().values_list(*COLUMNS.values())
        sql, given = found.query.sql_with_params()
        tables.append(f"of_{name} ({', '.join(COLUMNS)}) AS MATERIALIZED ({sql})")
        values += given
    counts = ["SELECT '' AS facet, '' AS value, 0 AS several, count(*) AS found FROM of_"]
    for name in FACETS:
        source = name if name in sources else ""
        sql, given = _groups(name, sources[source], f"of_{source}")
        counts.append(
            f"(SELECT '{name}', value::text, count(*) OVER (), found FROM ({sql}) AS grouped"
            f" ORDER BY found DESC, value LIMIT {MOST})"
        )
        values += given
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(tables)} {' UNION ALL '.join(counts)}", values)
        found = cursor.fetchall()
    by_facet = {name: [row[1:] for row in found if row[0] == name] for name in ("", *FACETS)}
    shown = {name: (max((row[1] for row in by_facet[name]), default=0), by_facet[name]) for name in FACETS}
    total = by_facet[""][0][2]
    return total, {name: (several, {row[0]: row[2] for row in each}) for name, (several, each) in shown.items()}


def _groups(name: str, asked: filters.Facets, source: str) -> tuple[str, tuple]:
    """SQL of one facet's (value, found), and its values."""
    facet, obligors = FACETS[name], asked.form.cleaned_data["obligor"]
    if name in OWN and obligors:
        theirs = Standing.objects.filter(**asked.own(*OWN), party__in=obligors, role=Role.OBLIGOR).order_by()
        sql, values = theirs.values("publication_id", "first", name).query.sql_with_params()
        joined = f"{source} JOIN ({sql}) AS own USING (publication_id, first)"
        return f"SELECT own.{name} AS value, count(DISTINCT publication_id) AS found FROM {joined} GROUP BY 1", values
    value = f"unnest({facet.column})" if facet.several else facet.column
    return f"SELECT {value} AS value, count(*) AS found FROM {source} GROUP BY 1", ()


def labels(found: dict[str, Iterable[str]], size: int | None) -> dict[tuple[str, str], dict]:
    """By facet and value, its label or name as a language map."""
    named = {name: list(values) for name, values in found.items() if FACETS[name].kind}
    wanted = Q(pk__in=[])
    for name, values in named.items():
        wanted |= Q(kind=FACETS[name].kind, record__in=values)
    shelf = Publication.objects.known_at(size).standing().filter(wanted).values_list("kind", "record", "body")
    bodies = {(kind, ref): orjson.loads(body) for kind, ref, body in shelf}
    records = {
        (name, ref): bodies.get((FACETS[name].kind, ref), {}).get(FACETS[name].named, {})
        for name, refs in named.items()
        for ref in refs
    }
    return records | {
        (name, code): entry["label"]
        for name in found
        if not FACETS[name].kind
        for code, entry in codebook.codes(name).items()
    }


def values(
    name: str, counts: dict[str, int], chosen: Iterable[str], known: dict, address: Callable[..., str]
) -> Iterator[dict]:
    """The values of a facet as the component FacetValue says: codes in the codebook's order, records the commonest first."""
    order = counts if FACETS[name].kind else [code for code in codebook.codes(name) if code in counts]
    for value in order:
        yield {
            "value": value,
            "label": known[name, value],
            "count": counts[value],
            "selected": value in chosen,
            "url": address(**{name: value}),
        }


def answer(asked: filters.Facets, found: Counts, address: Callable[..., str]) -> dict:
    """The members `count` and `facets` of the component Facets; `address` is that of the list with other parameters."""
    total, found = found
    known = labels({name: counts for name, (_several, counts) in found.items()}, asked.size)
    shown = {}
    for name, (several, counts) in found.items():
        chosen = asked.form.cleaned_data[name] or ()
        items = (orjson.dumps(each) for each in values(name, counts, chosen, known, address))
        fitting = renderers.fitting(items, share=len(FACETS))
        shown[name] = {"values": several, "results": [orjson.Fragment(each) for each in fitting]}
    return {"count": total, "url": address(), "facets": shown}
