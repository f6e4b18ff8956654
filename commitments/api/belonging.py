"""To which commitment a record belongs, by title and address; and which relations lead to a commitment from others."""

from collections.abc import Iterable

import orjson
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, OuterRef, QuerySet, Subquery, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from .. import threads
from ..models import Publication
from .timeline import member


def titled(rows: QuerySet, size: int | None) -> QuerySet:
    """The same Publications, each with the public `title` of its commitment, as JSON; None where that isn't public."""
    public = Publication.objects.of("commitment").known_at(size).standing().filter(record=OuterRef("commitment"))
    return rows.annotate(title=Subquery(public.values(found=member("title"))[:1]))


def link(base: str, ref: str, title: str | bytes | None) -> dict:
    """A commitment as the component CommitmentLink says; `base` is the address of their list."""
    return {"ref": ref, "url": f"{base}{ref}/", "title": orjson.Fragment(title or "{}")}


def incoming(ref: str, size: int | None) -> ArraySubquery:
    """The public relations that lead to a commitment from others, by reference, as `told` reads them."""
    name = RawSQL(f"ARRAY['{threads.NAME}' || %s]::varchar[]", [ref])  # noqa: S611 - the input is a value
    leading = Publication.objects.of("relation").known_at(size).standing().filter(named__contains=name)
    rows = titled(leading, size).filter(title__isnull=False).order_by("record")
    row = Func("record", "commitment", "title", "body", function="json_build_array", output_field=TextField())
    return ArraySubquery(rows.values(row=Cast(row, TextField())))


def told(rows: Iterable[str | bytes], relations: str, commitments: str) -> bytes:
    """Such relations as the component IncomingRelation says, as a part; with the addresses of both lists."""
    found = []
    for record, commitment, title, body in map(orjson.loads, rows):
        those = {name: body[name] for name in ("kind", "scope", "explanation")}
        address = f"{relations}{record}/"
        found.append({"ref": record, "url": address, "commitment": link(commitments, commitment, title), **those})
    return orjson.dumps({"incoming_relations": found})
