"""Facets: how the commitments of one question divide by status, schedule, strength, party, topic and statement."""

import functools
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import orjson
from django.db import connection
from django.db.models import BooleanField, QuerySet, Value
from django.db.models.expressions import RawSQL

from .. import codebook
from ..models import Publication, Role, Standing, of_whole
from . import counted as memory
from . import filters, planned, renderers
from .timeline import member

MOST = 50  # values of one facet
PLACE, WRITTEN = "\x00", "%00"  # stands for a value in an address, where it is so written: no parameter has it
OWN = ("status", "schedule")  # an obligor's own count where obligors are named
COLUMNS = {  # of the rows that are counted
    "publication_id": "publication_id",
    "first": "first",
    "status": "status",
    "schedule": "schedule",
    "strength": "index__publication__code",
    "parties": "index__publication__parties",
    "topics": "index__publication__topics",
    "statement": "index__publication__statement",
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


Counts = dict[str, tuple[int, dict[str, int]]]  # by facet, how many values, the commonest with their counts
TOTAL = ""  # counts all; its one value


def counted(
    asked: filters.Facets, rows: Callable[[], QuerySet], question: Callable[[str, str], Hashable]
) -> tuple[int, Counts]:
    """(How many commitments there are, the counts of each facet); by one SQL, what isn't known yet.

    Each facet leaves its own parameter out and heeds all others, so that each number is what that value alone would find.
    `question(what, but)` is all that decides a count, but for one parameter: many questions have the rest in common.
    """
    apart = [name for name in FACETS if asked.form.cleaned_data[name]]
    sources = {TOTAL: (TOTAL, *(name for name in FACETS if name not in apart))} | {name: (name,) for name in apart}
    questions = {name: question(f"facets {' '.join(facets)}", name) for name, facets in sources.items()}
    count = functools.partial(groups, asked, rows, sources)
    found = {name: each for source in memory.several(questions, count).values() for name, each in source.items()}
    _several, total = found.pop(TOTAL)
    return total[TOTAL], {name: found[name] for name in FACETS}


def groups(
    asked: filters.Facets, rows: Callable[[], QuerySet], sources: dict[str, Sequence[str]], names: Iterable[str]
) -> dict[str, Counts]:
    """The counts of the facets of some sources: of what is asked, or of it without the parameter of that name."""
    tables, counts, values, given = [], [], [], []
    for source in names:
        others = asked.without(source) if source else asked
        sql, those = _rows(others, rows())
        tables.append(f"of_{source} ({', '.join(COLUMNS)}) AS MATERIALIZED ({sql})")
        values += those
        for name in sources[source]:
            grouped, those = _groups(name, others, f"of_{source}")
            counts.append(
                f"(SELECT '{source}', '{name}', value::text, count(*) OVER (), found FROM ({grouped}) AS grouped"
                f" ORDER BY found DESC, value LIMIT {MOST})"
            )
            given += those
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(tables)} {' UNION ALL '.join(counts)}", [*values, *given])
        found = cursor.fetchall()
    counted = {source: {name: (0, {}) for name in sources[source]} for source in names}
    for source, name, value, several, many in found:
        counted[source][name] = several, counted[source][name][1] | {value: many}
    return counted


def _rows(asked: filters.Facets, rows: QuerySet) -> tuple[str, tuple]:
    """SQL of the rows that a question finds, and its values; the shorter way is by one party's, each with the whole's."""
    narrow, columns = asked.narrow(), COLUMNS.values()
    if narrow is not None and narrow.model is Standing:
        found = narrow.beside_whole(asked.day).values_list(*map(of_whole, columns))
    else:
        found = asked.filter_queryset(rows).values_list(*columns)
    return found.order_by().query.sql_with_params()


def _groups(name: str, asked: filters.Facets, source: str) -> tuple[str, tuple]:
    """SQL of one facet's (value, found), and its values."""
    if name == TOTAL:
        return f"SELECT '{TOTAL}' AS value, count(*) AS found FROM {source}", ()
    facet, obligors = FACETS[name], asked.form.cleaned_data["obligor"]
    if name in OWN and obligors:
        theirs = Standing.objects.filter(**asked.own(*OWN), party__in=obligors, role=Role.OBLIGOR).order_by()
        sql, values = theirs.values("publication_id", "first", name).query.sql_with_params()
        joined = f"{source} JOIN ({sql}) AS own USING (publication_id, first)"
        return f"SELECT own.{name} AS value, count(DISTINCT publication_id) AS found FROM {joined} GROUP BY 1", values
    value = f"unnest({facet.column})" if facet.several else facet.column
    return f"SELECT {value} AS value, count(*) AS found FROM {source} GROUP BY 1", ()


def labels(found: dict[str, Iterable[str]], size: int | None) -> dict[tuple[str, str], object]:
    """By facet and value, its label or name, a language map, as JSON writes it."""
    named = [name for name in FACETS if FACETS[name].kind]

    def written(size: int | None, *refs: str) -> QuerySet:
        shelf = Publication.objects.known_at(size).standing().order_by()
        of_each = []
        for name, those in zip(named, refs, strict=True):
            these = RawSQL("record = ANY(string_to_array(%s, ','))", [those], output_field=BooleanField())
            rows = shelf.filter(these, kind=FACETS[name].kind).values_list("record", member(FACETS[name].named))
            of_each.append(rows.annotate(facet=Value(name)))
        first, *others = of_each
        return first.union(*others, all=True)

    rows = planned.rows("named", written, size, *(",".join(found[name]) for name in named))
    return {(renderers.raw(name).decode(), ref): orjson.Fragment(told) for ref, told, name in rows} | {
        (name, code): entry["label"]
        for name in FACETS
        if name not in named
        for code, entry in codebook.codes(name).items()
    }


def values(
    name: str, counts: dict[str, int], chosen: Iterable[str], known: dict, address: Callable[..., str]
) -> Iterator[dict]:
    """The values of a facet as the component FacetValue says: codes in the codebook's order, records the commonest first."""
    order = counts if FACETS[name].kind else [code for code in codebook.codes(name) if code in counts]
    before, after = address(**{name: PLACE}).split(WRITTEN)  # codes and references are in an address as they are
    for value in order:
        yield {
            "value": value,
            "label": known.get((name, value), {}),
            "count": counts[value],
            "selected": value in chosen,
            "url": f"{before}{value}{after}",
        }


def answer(asked: filters.Facets, total: int, found: Counts, address: Callable[..., str]) -> dict:
    """The members `count` and `facets` of the component Facets; `address` is that of the list with other parameters."""
    known = labels({name: counts for name, (_several, counts) in found.items()}, asked.size)
    shown = {}
    for name, (several, counts) in found.items():
        chosen = asked.form.cleaned_data[name] or ()
        items = (orjson.dumps(each) for each in values(name, counts, chosen, known, address))
        fitting = renderers.fitting(items, share=len(FACETS))
        shown[name] = {"values": several, "results": [orjson.Fragment(each) for each in fitting]}
    return {"count": total, "url": address(), "facets": shown}
