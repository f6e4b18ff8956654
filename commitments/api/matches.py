"""Where a query's words stand in what a commitment shows: fragments of the original texts, marked by offsets."""

import datetime
from collections.abc import Iterable, Iterator, Mapping

from ..fields import canonical
from ..search import Query

AROUND = 60  # characters before the first mark and after the last one that a fragment shows
WIDEST = 240  # characters from a fragment's first mark to its last
MOST = 10  # fragments of one commitment

Names = Mapping[tuple[str, str], dict]  # (kind, reference) → public body, of parties and documents


def part(query: Query, shown: dict, due_latest: datetime.date | None, names: Names) -> bytes:
    """The member `matches` of a commitment that a query found, as JSON. `shown`: its body, detail and standing together."""
    found = []
    for field, ref, language, content in [*texts(shown, names), *_due(query, shown, due_latest)]:
        marks = [(0, len(content))] if field == "due" else query.marks(content)
        if marks:
            found.append({"field": field, "ref": ref, "language": language} | fragment(content, marks))
    return canonical({"matches": found[:MOST]}).encode()


def fragment(content: str, marks: list[tuple[int, int]]) -> dict:
    """The part of a text around its first marks, cut between words, and the marks in it."""
    first = marks[0][0]
    marks = [mark for mark in marks if mark[1] <= first + WIDEST] or [(first, min(marks[0][1], first + WIDEST))]
    last = marks[-1][1]
    start, end = max(0, first - AROUND), min(len(content), last + AROUND)
    if start and (space := content.find(" ", start, first)) >= 0:
        start = space + 1
    if end < len(content) and (space := content.rfind(" ", last, end)) >= 0:
        end = space
    moved = [{"start": one - start, "end": other - start} for one, other in marks]
    return {"text": content[start:end], "start": start, "marks": moved}


def texts(shown: dict, names: Names) -> Iterator[tuple[str, str, str | None, str]]:
    """(field, reference, language, text) of all that a commitment's search column holds, each once."""
    yield from _map("title", shown["ref"], shown["title"])
    quotes = {quote["ref"]: quote for quote in _cited(shown)}
    for ref, quote in quotes.items():
        yield "quote", ref, quote["language"], quote["exact"]
        yield from _map("translation", ref, quote["translation"])
    yield from _map("statement", shown["statement"]["ref"], shown["statement"]["title"])
    parties = {party["ref"]: party["name"] for party in shown["parties"]}
    for ref, name in parties.items():
        yield from _map("party", ref, name)
        for alias in names["party", ref]["aliases"]:
            yield "alias", ref, alias["language"], alias["name"]
    for ref in dict.fromkeys(quote["document"]["ref"] for quote in shown["citations"]):
        document = names["document", ref]
        if document["headline"]:
            yield "headline", ref, document["language"], document["headline"]


def _cited(shown: dict) -> Iterable[dict]:
    yield from shown["citations"]
    for deadline in shown["deadlines"]:
        yield from deadline["citations"]
    for assessment in shown["assessments"]:
        yield from assessment["evidence"]


def _map(field: str, ref: str, said: dict) -> Iterator[tuple[str, str, str, str]]:
    for language, content in said.items():
        yield field, ref, language, content


def _due(query: Query, shown: dict, day: datetime.date | None) -> Iterator[tuple[str, str, str | None, str]]:
    """The deadline in force, where a date finds it: its words, else its date."""
    if shown["due"] and any(term.is_due(day) for term in query.terms):
        language = next(each["language"] for each in shown["deadlines"] if each["ref"] == shown["due"]["ref"])
        yield "due", shown["due"]["ref"], language, shown["due"]["text"] or shown["due"]["edtf"]
