"""The timeline: statements, deadlines and assessments by their day."""

from collections.abc import Iterable, Iterator, Sequence

import orjson
from django.db.models import CharField, F, Func, QuerySet, Value

from . import renderers

CODES = {  # by kind of record: vocabulary → member
    "statement": {"statement_kind": "kind"},
    "deadline": {"deadline_sense": "sense", "deadline_kind": "kind"},
    "assessment": {"status": "status", "reason_code": "reason"},
}
SHOWN = {
    "statement": ("title", "kind", "issued", "process", "round", "issuers"),
    "deadline": ("sense", "kind", "text", "edtf", "earliest", "latest", "change", "set_by"),
    "assessment": ("status", "reason", "effective", "obligor"),
}


def member(name: str) -> Func:
    """A member of a version's body, as text."""
    return Func(F("body"), Value(name), function="json_extract_path_text", output_field=CharField())


def around(shelf: QuerySet, commitments: Iterable[str]) -> tuple[dict[str, dict], dict[str, str]]:
    """(The titles of commitments, by each deadline or assessment of theirs that no longer counts the one in its place)."""
    parts = shelf.filter(kind__in=("commitment", "deadline", "assessment"), commitment__in=set(commitments))
    found = list(parts.values_list("kind", "record", member("title"), member("replaces"), member("corrects")))
    titles = {record: orjson.loads(title) for kind, record, title, *_ in found if kind == "commitment"}
    return titles, {earlier: record for _kind, record, _title, *named in sorted(found) for earlier in named if earlier}


def items(rows: Sequence[tuple], shelf: QuerySet, bases: dict[str, str], language: str | None) -> Iterator[bytes]:
    """The component TimelineEntry of rows (kind, record, commitment, day, body).

    `shelf`: what was public then; `bases`: each kind's address of its list.
    """
    titles, replaced = around(shelf, (row[2] for row in rows))
    for kind, ref, commitment, day, body in rows:
        whole = orjson.loads(body)
        address = f"{bases['commitment']}{commitment}/"
        shown = {
            "kind": kind,
            "ref": ref,
            "url": f"{bases[kind]}{ref}/" if kind in bases else address,
            "day": day.isoformat(),
            "commitment": {"ref": commitment, "url": address, "title": titles.get(commitment, {})}
            if commitment
            else None,
            "replaced_by": replaced.get(ref),
            **dict.fromkeys(SHOWN),
            kind: {name: whole[name] for name in SHOWN[kind]},
        }
        labels = renderers.labels(language, **{name: whole[place] for name, place in CODES[kind].items()})
        yield renderers.joined(orjson.dumps(shown), labels)
