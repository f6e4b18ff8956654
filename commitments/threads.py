"""Threads: the commitments by which one undertaking went through the rounds, as the public relations link them."""

import datetime

from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Substr

from .models import Publication, RelationKind, Role, Standing

# The relations that keep to one undertaking. What `fulfils` another, is needed for it or only touches it promises something else.
KINDS = (
    RelationKind.REAFFIRMS,
    RelationKind.SPECIFIES,
    RelationKind.EXTENDS,
    RelationKind.SUPERSEDES,
    RelationKind.SAME_AS,
)
NAME = "commitment."  # before the reference, among the names that a version shows


def _shelf(size: int | None) -> QuerySet:
    """What was public, in no order."""
    return Publication.objects.known_at(size).standing().order_by()


def public(size: int | None, day: datetime.date) -> QuerySet:
    """The public commitments that were made by a day: the last day of their statement's date, an unknown one always."""
    shelf = _shelf(size)
    later = shelf.of("statement").filter(record=OuterRef("statement"), last_day__gt=day)
    return shelf.of("commitment").filter(~Exists(later))


def relations(size: int | None, kinds: tuple[str, ...] = KINDS) -> QuerySet:
    """The public relations of these kinds that lead from a `commitment` to an `older` one."""
    found = _shelf(size).of("relation")
    found = found.filter(code__in=kinds, named__0__startswith=NAME)  # a relation names what it leads to, alone
    return found.annotate(older=Substr(F("named__0"), len(NAME) + 1))


def links(size: int | None, day: datetime.date, kinds: tuple[str, ...] = KINDS) -> QuerySet:
    """Those of them between commitments that were made by a day."""
    made = public(size, day)
    return relations(size, kinds).filter(
        Exists(made.filter(record=OuterRef("commitment"))), Exists(made.filter(record=OuterRef("older")))
    )


MEMBERS = """
WITH RECURSIVE thread (ref) AS (
  SELECT record::text FROM ({seed}) AS seed
  UNION
  SELECT linked.ref FROM thread CROSS JOIN LATERAL (
    SELECT older AS ref FROM ({onward}) AS onward UNION ALL SELECT commitment::text FROM ({back}) AS back
  ) AS linked
)
SELECT ref FROM thread"""


def members(ref: str, size: int | None, day: datetime.date) -> list[str]:
    """The commitments of a public commitment's thread, sorted; [] if it isn't public. Walks from link to link, by indexes."""
    known = links(size, day)
    name = RawSQL(f"ARRAY['{NAME}' || thread.ref]::varchar[]", ())  # noqa: S611 - nothing of it is input
    sql, values = _composed(
        MEMBERS,
        seed=_shelf(size).of("commitment").filter(record=ref).values("record"),
        onward=known.filter(commitment=RawSQL("thread.ref", ())).values("older"),
        back=known.filter(named__contains=name).values("commitment"),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return sorted(found for (found,) in cursor.fetchall())


STANDING_FOR = """
WITH RECURSIVE link AS MATERIALIZED ({links}),
step AS MATERIALIZED (
  SELECT commitment::text AS ref, older AS next FROM link UNION ALL SELECT older, commitment::text FROM link
),
owed AS MATERIALIZED (
  SELECT owing.ref::text, owing.status, made.last_day AS made
  FROM ({owed}) AS owing LEFT JOIN ({statements}) AS made ON made.record = owing.statement
  WHERE made.last_day IS NULL OR made.last_day <= {day}
),
reached (seed, ref) AS (
  SELECT ref, ref FROM owed
  UNION
  SELECT reached.seed, step.next FROM reached JOIN step ON step.ref = reached.ref CROSS JOIN LATERAL ({next}) AS made
),
thread AS (SELECT seed, min(ref) AS first FROM reached GROUP BY seed),
undated AS (
  SELECT owed.ref, max(older.day) AS day FROM owed JOIN link ON link.commitment = owed.ref CROSS JOIN LATERAL ({older}) AS older
  WHERE owed.made IS NULL GROUP BY owed.ref
)
SELECT DISTINCT ON (thread.first) owed.ref
FROM owed JOIN thread ON thread.seed = owed.ref LEFT JOIN undated ON undated.ref = owed.ref
ORDER BY thread.first, owed.status = 'superseded' OR owed.ref IN (
    SELECT link.older FROM link CROSS JOIN LATERAL ({newer}) AS made WHERE link.code = 'supersedes'
  ), coalesce(owed.made, undated.day) DESC NULLS LAST, owed.made IS NULL DESC, owed.ref DESC"""


def standing_for(party: str, size: int | None, day: datetime.date) -> RawSQL:
    """The references, as SQL, of the commitments that stand for an obligor's threads on a day: one of each.

    Of those that the party owes and that were made by the day it is the latest that no other replaced: `superseded`
    is passed over, one without a date comes just after what it links to, else before all others, and of two on one
    day the last by reference stands.
    """
    statements = _shelf(size).of("statement")
    owed = Standing.objects.known_at(size).as_of(day).filter(party=party, role=Role.OBLIGOR).order_by()
    made = public(size, day).values("pk")
    issued = statements.filter(record=OuterRef("statement")).values("last_day")
    sql, values = _composed(
        STANDING_FOR,
        links=relations(size).values("commitment", "older", "code"),
        owed=owed.values("status", ref=F("record"), statement=F("index__publication__statement")),
        statements=statements.values("record", "last_day"),
        day=day,
        # Looked up for what is reached alone: the limit forbids a join, the mention of the seed a look-up for every step.
        next=made.filter(record=RawSQL("CASE WHEN reached.seed <> '' THEN step.next END", ()))[:1],
        older=made.filter(record=RawSQL("CASE WHEN owed.ref <> '' THEN link.older END", ())).values(
            day=Subquery(issued)
        )[:1],
        newer=made.filter(record=RawSQL("link.commitment", ()))[:1],
    )
    return RawSQL(sql, values)  # noqa: S611 - its values are parameters


def _composed(sql: str, **parts: QuerySet | datetime.date) -> tuple[str, list]:
    """SQL around these querysets and values, which it names in this order, and the values of all."""
    texts, values = {}, []
    for name, part in parts.items():
        texts[name], given = part.query.sql_with_params() if isinstance(part, QuerySet) else ("%s", [part])
        values += given
    return sql.format(**texts), values
