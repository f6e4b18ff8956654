"""Puts answers together from JSON that is ready, without reading it."""

import datetime
from collections.abc import Iterable

import orjson
from rest_framework.renderers import BaseRenderer

from .. import codebook
from ..fields import canonical

FULL = 500_000  # bytes of items: with its frame a page stays under 512 KiB
# A commitment's body is canonical, so what may depend on the day, `parties`, comes first, and this next.
DAY_FROM = b'],"quotes":'
OWED, UNJUDGED = b'"role":"obligor"}', b'"role":"obligor","status":null}'
JUDGED = b',"parties":['  # stands in a standing where an obligor is judged apart
SECOND_HAND = {known: b',"second_hand":%b}' % orjson.dumps(known) for known in (True, False)}  # what an item ends with


class JSON(BaseRenderer):
    """JSON; bytes are JSON already."""

    media_type, format, charset = "application/json", "json", None

    def render(self, data, accepted_media_type=None, renderer_context=None) -> bytes:
        return data if isinstance(data, bytes) else orjson.dumps(data)


class Format(BaseRenderer):
    """Another format than JSON; the view has written the bytes. `answers`: which actions have it (action → component)."""

    charset, render_style = None, "binary"
    answers: dict[str, str] = {}
    extension = ""

    def render(self, data, accepted_media_type=None, renderer_context=None) -> bytes:
        return data


class CSV(Format):
    """Commitments as a table for spreadsheets: the whole list in one download, without formulas."""

    media_type, format, extension, answers = "text/csv", "csv", "csv", {"list": "CommitmentTable"}


class JSONLines(Format):
    """Commitments as JSON Lines, one a line: the whole list in one download."""

    media_type, format, extension, answers = "application/jsonl", "jsonl", "jsonl", {"list": "CommitmentLines"}


class NDJSON(JSONLines):
    """The same, by its other name."""

    media_type, format = "application/x-ndjson", "ndjson"


class LinkedData(Format):
    """A commitment as linked data (JSON-LD), each of its quotes a W3C Web Annotation."""

    media_type, format, extension = "application/ld+json", "jsonld", "jsonld"
    answers = {"retrieve": "LinkedCommitment"}


class Atom(Format):
    """An Atom feed."""

    media_type, format, extension, answers = "application/atom+xml", "atom", "atom", {"list": "CommitmentFeed"}


class Text(BaseRenderer):
    """Plain text."""

    media_type, format, charset = "text/plain", "txt", "utf-8"

    def render(self, data, accepted_media_type=None, renderer_context=None) -> bytes:
        return data.encode()


def raw(text: str | bytes) -> bytes:
    """A text in UTF-8, however the database gave it."""
    return text if isinstance(text, bytes) else text.encode()


def item(base: str, ref: str, *parts: bytes) -> bytes:
    """One resource: its `ref`, its `url` below `base`, and the members of each part, a JSON object.

    References and addresses hold nothing that JSON escapes.
    """
    head = f'{{"ref":"{ref}","url":"{base}{ref}/"'.encode()
    return b"%b}" % b",".join([head, *[part[1:-1] for part in parts if len(part) > 2]])


def commitment(base: str, ref: str, body: str | bytes, standing: str | bytes, second_hand: bool) -> bytes:
    """A commitment as an `item`, of its body and its standing of a day."""
    return in_frame(frame(base, ref, second_hand), raw(body), raw(standing))


Frame = tuple[bytes, bytes]


def frame(base: str, ref: str, second_hand: bool) -> Frame:
    """What a commitment's `item` begins and ends with, around the members of its body and its standing."""
    return f'{{"ref":"{ref}","url":"{base}{ref}/",'.encode(), SECOND_HAND[second_hand]


def in_frame(around: Frame, body: bytes, standing: bytes) -> bytes:
    """A commitment as an `item`, whose `frame` is known."""
    return b"%b%b%b" % (around[0], _members(body, standing), around[1])


def joined(*parts: bytes) -> bytes:
    """One JSON object with the members of all these, which have none in common."""
    return b"{%b}" % b",".join([part[1:-1] for part in parts if len(part) > 2])


def instant(at: datetime.datetime) -> str:
    """An instant as answers and parameters write it, in UTC."""
    return at.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")


def of_day(body: str | bytes, standing: str | bytes) -> bytes:
    """A commitment's body with its standing of a day, which gives `parties` where an obligor is judged apart."""
    return b"{%b}" % _members(raw(body), raw(standing))


def _members(body: bytes, standing: bytes) -> bytes:
    place = body.index(DAY_FROM)
    parties = b"" if JUDGED in standing else body[1:place].replace(OWED, UNJUDGED) + b"],"
    return b"%b%b,%b" % (parties, body[place + 2 : -1], standing[1:-1])


def labels(language: str | None, **coded: str) -> bytes:
    """The labels of codes (vocabulary → code) in a language, as a part; nothing without one."""
    if not language:
        return b"{}"
    return canonical({"labels": {name: codebook.label(name, code, language) for name, code in coded.items()}}).encode()


def chosen(item: bytes, fields: Iterable[str] | None) -> bytes:
    """The same resource with no more than these members, besides `ref`, `url` and what `lang` asks for."""
    if not fields:
        return item
    members, kept = orjson.loads(item), {"ref", "url", "labels", *fields}
    return orjson.dumps({name: members[name] for name in members if name in kept})


def fitting(items: Iterable[bytes], share: int = 1) -> list[bytes]:
    """The first item, and of the others as many as a page holds, or one of so many parts of a page."""
    found, size = [], 0
    for item in items:
        size += len(item) + 1
        if found and size > FULL // share:
            break
        found.append(item)
    return found


class Page(bytes):
    """One page's JSON, which knows what stands beside it, `links`, addresses by their relation, and before its items, `head`."""

    links: dict[str, str | None]
    head: bytes


def page(items: Iterable[bytes], count: int, following: str | None, previous: str | None) -> Page:
    """One page of a list, as its component says."""
    head = orjson.dumps({"count": count, "next": following, "previous": previous})[:-1] + b',"results":['
    made = Page(filled(head, items))
    made.head, made.links = head, {"next": following, "prev": previous}
    return made


def filled(head: bytes, items: Iterable[bytes]) -> bytes:
    """A page's JSON, whose beginning is `head`."""
    return b"%b%b]}" % (head, b",".join(items))
