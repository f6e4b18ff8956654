"""Every shipped quote against its document: exact as it is; changed in any way, never exact, and the change is shown."""

import os
import random
import re
import time
from collections import Counter
from collections.abc import Iterable

import pytest

from commitments import models, quotes
from commitments.quotes import WORD
from commitments.text import fold

pytestmark = [pytest.mark.documents, pytest.mark.no_cover]

FULL = bool(os.environ.get("PROVE"))
EDITS = 12 if FULL else 1  # of each kind to each quote
SHARE = 1 if FULL else 6  # of the quotes, one in so many is edited
CHANCE = random.Random(4)


@pytest.fixture(scope="module")
def stored(shipped, documents):
    """Of each shipped quote: its reference, its document's prepared text, its words, place and context."""
    texts = {sha256: quotes.Text(text) for sha256, text in documents.items()}
    rows = models.Quote.objects.order_by("ref").values_list(
        "ref", "document__sha256", "exact", "start", "prefix", "suffix"
    )
    return [(ref, texts[sha256], exact, start, around) for ref, sha256, exact, start, *around in rows]


def changed(exact: str) -> str:
    at = CHANCE.randrange(len(exact))
    return exact[:at] + CHANCE.choice([each for each in "xبي٣ \u064b" if each != exact[at]]) + exact[at + 1 :]


def dropped(exact: str) -> str:
    at = CHANCE.randrange(len(exact))
    return exact[:at] + exact[at + 1 :]


def added(exact: str) -> str:
    at = CHANCE.randrange(1, len(exact))  # at an end, another quote may stand there as it is
    return exact[:at] + CHANCE.choice("xبي٣ \u064b\u0640\u200f") + exact[at:]


def swapped(exact: str) -> str:
    found = [match.span() for match in re.finditer(r"[\w\u064b-\u0652]+", exact)]
    pairs = [(a, b) for i, a in enumerate(found) for b in found[i + 1 :] if exact[slice(*a)] != exact[slice(*b)]]
    if not pairs:
        return exact
    (a, b), (c, d) = CHANCE.choice(pairs)
    return exact[:a] + exact[c:d] + exact[b:c] + exact[a:b] + exact[d:]


KINDS = (changed, dropped, added, swapped)


def rebuilt(text: str, match: quotes.Match) -> str:
    """The quote, made of the document's passage by the differences that were told."""
    made, last = [], match.start
    for row in match.differences:
        made += [text[last : row["at"]], row["quote"]]
        last = row["at"] + len(row["document"])
    return "".join([*made, text[last : match.end]])


@pytest.mark.parametrize("edit", KINDS)
def test_a_shipped_quote_with_one_edit_is_never_exact_and_the_edit_is_shown(stored, edit, record_property):
    CHANCE.seed(edit.__name__)
    wrong, tried = [], 0
    for ref, text, exact, start, _around in stored[::SHARE]:
        for other in {edit(exact) for _ in range(EDITS)} - {exact, ""}:
            if other in text.text:
                continue  # another passage of the document: to find it is right
            match, tried = quotes.find(text, other, start=start), tried + 1
            if not is_told(text.text, exact, start, other, match):
                wrong.append((ref, other[:40], match.level, match.start and match.start - start, match.differences))
    assert wrong == []
    record_property("checked", f"{tried} edits ({edit.__name__}) told")


def is_told(text: str, exact: str, start: int, other: str, match: quotes.Match) -> bool:
    """Whether an answer to an edited quote is right: where it stands, and that what is told to differ is what differs."""
    if match.level == "folded":  # an end that is lost leaves a shorter passage
        return fold(other).text.strip() in fold(exact).text and rebuilt(text, match) == other
    if match.level == "absent":  # nothing is left of a word or two
        return len(exact.split()) < 3
    rows, ops = match.differences, {row["op"] for row in match.differences}
    true = all(text.startswith(row["document"], row["at"]) for row in rows)
    lost, new = said([exact]) - said([other]), said([other]) - said([exact])
    here, there = said(row["document"] for row in rows), said(row["quote"] for row in rows)
    near = abs(match.start - start) <= max(map(len, exact.split())) + 1
    same = "".join(other.split()) == "".join(exact.split())  # a space is all that differs
    shown = lost <= here and new <= there and (lost or new or "moved" in ops or (same and any(map(spaced, rows))))
    return match.level == "partial" and true and near and bool(shown) and 0 < len(rows) <= 4


def spaced(row: dict) -> bool:
    return " " in row["document"] + row["quote"]


def said(parts: Iterable[str]) -> Counter:
    return Counter(word for part in parts for word in WORD.findall(fold(part).text))


@pytest.mark.prove
def test_hundreds_of_quotes_are_found_in_a_text_of_150_000_characters(stored, documents, monkeypatch, record_property):
    """The cells of the tables of alignment are counted, whatever the machine; the times are told."""
    words, cells, times, align = " ".join(documents.values()).split(), [], [], quotes._align
    monkeypatch.setattr(
        quotes, "_align", lambda here, there, *loose: cells.append(len(here) * len(there)) or align(here, there, *loose)
    )
    text = quotes.Text(" ".join(CHANCE.choice(words) for _ in range(40_000))[:150_000])
    for number in range(300):
        at, size = CHANCE.randrange(149_000), CHANCE.choice((40, 120, 300, 800))
        exact = text.text[at : at + size]
        typed = KINDS[number % 4](exact)
        begun, before = time.perf_counter(), sum(cells)
        match = quotes.find(text, typed, start=CHANCE.choice((None, at, at + 500)))
        times.append(time.perf_counter() - begun)
        assert typed in text.text or match.level in ("folded", "partial")
        assert sum(cells) - before <= 40 * quotes.CELLS
    mean, worst = 1000 * sum(times) / len(times), 1000 * max(times)
    record_property(
        "checked", f"300 quotes in a text of 150,000 characters: {mean:.0f} ms each, at most {worst:.0f} ms"
    )


def test_a_place_that_is_off_by_one_is_told(stored):
    for ref, text, exact, start, (prefix, suffix) in stored:
        for place in (start - 1, start + 1):
            if place < 0:
                continue
            match = quotes.find(text, exact, start=place, prefix=prefix, suffix=suffix)
            assert (match.level, match.start) == ("moved", start), ref
            assert start in match.places, ref


def test_each_stored_quote_is_found_again_without_its_place(stored):
    for ref, text, exact, start, (prefix, suffix) in stored:
        edited = "edited: " + text.text
        match = quotes.find(edited, exact, start=start, prefix=prefix, suffix=suffix)
        assert (match.level, match.start) == ("moved", start + 8), ref
