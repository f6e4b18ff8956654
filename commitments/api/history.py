"""The public history: every version with the ledger entry that made it public, and what it changed."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import orjson

from ..ledger import Entry
from ..models import Publication
from . import renderers
from .differences import differences

HOLLOW = "{}"  # the body of a tombstone, and of what was withheld


def changes(bases: dict[str, str], found: Sequence[Publication]) -> Iterator[bytes]:
    """The items of the feed of changes, as the component Change says; `bases`: each kind's address of its list."""
    entries = entries_of(found)
    for version in found:
        entry = entries[version.from_seq]
        base = bases.get(version.kind)
        about = {
            **told(version, entry),
            "kind": version.kind,
            "ref": version.record,
            "url": f"{base}{version.record}/" if base else None,
            "leaf": entry["leaf"],
            "chain": entry["chain"],
        }
        content = b"null"
        if version.body != HOLLOW:
            content = renderers.joined(version.body.encode(), version.detail.encode())
        yield renderers.joined(orjson.dumps(about), b'{"content":%b}' % content)


def versions(address: str, found: Sequence[Publication]) -> Iterator[bytes]:
    """The items of a record's history, as the component Version says; `found` are consecutive, the newest first."""
    entries = entries_of(found)
    for version, before in pairwise([*found, None]):
        entry = told(version, entries[version.from_seq])
        yield orjson.dumps(
            {
                **entry,
                "known_at": entry["at"],
                "url": f"{address}?known_at={entry['at']}",
                "changes": changed(before, version),
            }
        )


def entries_of(found: Iterable[Publication]) -> dict[int, dict]:
    """By number, what is public of the entries that made these versions public."""
    entries = Entry.objects.filter(seq__in=[version.from_seq for version in found])
    return {entry["seq"]: entry for entry in entries.values("seq", "at", "actor", "leaf", "chain")}


def told(version: Publication, entry: dict) -> dict:
    """Who made a version public, when and why."""
    return {
        "seq": version.from_seq,
        "at": renderers.instant(entry["at"]),
        "actor": entry["actor"],
        "reason": version.reason,
        "class": version.publication_class,
        "emergency": version.emergency,
        "version": version.version,
        "tombstone": version.tombstone,
    }


def changed(before: Publication | None, after: Publication) -> list[dict]:
    """What a version says otherwise than the one before; nothing where one of the two says nothing at all."""
    if before is None or HOLLOW in (before.body, after.body):
        return []
    return list(differences(*(version.body_json | version.detail_json for version in (before, after))))
