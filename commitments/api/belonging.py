"""To which commitment a record belongs, by title and address; and which relations lead to a commitment from others."""

from collections.abc import Iterator

import orjson
from django.db.models import OuterRef, QuerySet, Subquery

from .. import threads
from ..models import Publication
from .timeline import member


def titled(rows: QuerySet, size: int | None) -> QuerySet:
    """The same Publications, each with the public `title` of its commitment, as JSON; None where that isn't public."""
    public = Publication.objects.of("commitment").known_at(size).standing().filter(record=OuterRef("commitment"))
    return rows.annotate(title=Subquery(public.values(found=member("title"))[:1]))


def link(base: str, ref: str, title: str | None) -> dict:
    """A commitment as the component CommitmentLink says; `base` is the address of their list."""
    return {"ref": ref, "url": f"{base}{ref}/", "title": orjson.Fragment(title or "{}")}


def incoming(ref: str, size: int | None, relations: str, commitments: str) -> Iterator[dict]:
    """The public relations that lead to a commitment, as the component IncomingRelation says, by reference.

    `relations` and `commitments` are the addresses of their lists.
    """
    leading = Publication.objects.of("relation").known_at(size).standing().filter(named__contains=[threads.NAME + ref])
    rows = titled(leading, size).filter(title__isnull=False).order_by("record")
    for record, commitment, title, body in rows.values_list("record", "commitment", "title", "body"):
        said = orjson.loads(body)
        yield {
            "ref": record,
            "url": f"{relations}{record}/",
            "commitment": link(commitments, commitment, title),
            **{name: said[name] for name in ("kind", "scope", "explanation")},
        }
