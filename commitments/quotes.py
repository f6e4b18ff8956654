"""Find a quote in a text: at which level it stands there, where, and what differs; and give its W3C selectors."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

from .text import Folded, fold

LEVELS = ("exact", "moved", "folded", "partial", "absent")
CONTEXT = 32  # code points of prefix and of suffix
PARTIAL = 0.5  # the least score of a near match
CLOSE = 0.75  # the score from which no other way to align is tried
FIRST = 0.1  # by how much another stretch must be better than the stated one, or the likeliest
WORD = re.compile(r"[^\W_]+|[^ ]")
# Bounds of every step that grows faster than its texts, so that hostile ones take no longer than others.
LETTERS = 64  # of a word, or of a quote's end that is searched letter by letter; longer runs are no words
CELLS = 10_000  # words of the document times words of the quote that one table of alignment may hold
NEARBY = 8  # words just outside a passage that may have changed places with words in it
COPIES = 1_000  # copies of a passage whose context is compared letter by letter
VOTES = 128  # places that one n-gram may vote for
LONG = 10_000  # letters of a quote from which only the likeliest stretch of the document is tried
RETYPED = 400  # words of a quote without landmarks that are aligned a few at a time
STEP = 64  # of them
ALIKE = 0.5  # the likeness from which one word may be the other, misspelt
SLACK = 8  # letters by which a stated start may lie behind the passage
DEPTH = 4  # times that a stretch without landmarks is searched for new ones


class Text:
    """A document's text, folded and indexed at most once for any number of quotes."""

    def __init__(self, text: str):
        self.text = text

    @cached_property
    def folded(self) -> Folded:
        return fold(self.text)

    @cached_property
    def grams(self) -> dict[str, list[int]]:
        """Where each three characters in a row stand in the folded text."""
        grams, text = defaultdict(list), self.folded.text
        for at in range(len(text) - 2):
            grams[text[at : at + 3]].append(at)
        return dict(grams)


@dataclass(frozen=True, slots=True)
class Match:
    """Where a quote stands in a document, and how exactly. All places are code points of the document.

    `level`: one of LEVELS. `start`, `end`: the passage, None if absent. `places`: all starts of exact copies.
    `differences` of a folded quote, character by character: `{"at", "document", "quote"}`; of a partial one, word by
    word: `{"op", "at", "document", "quote"}`, where `added` stands in the quote only, `dropped` in the document only,
    `changed` differs, `moved` stands elsewhere, and `folded` differs by folding alone. `score`: the share of letters
    in words that agree (moved ones count half), 0 to 1; 1 for exact, moved and folded.
    """

    level: str
    start: int | None = None
    end: int | None = None
    places: list[int] = field(default_factory=list)
    differences: list[dict] = field(default_factory=list)
    score: float = 0.0


class Word(NamedTuple):
    """A word, or a single sign, of a folded text."""

    start: int
    end: int
    key: str


Pair = tuple[Word | None, Word | None]  # of the document, of the quote
Step = tuple[bool, Pair]  # whether the word moved


def find(text: Text | str, exact: str, *, start: int | None = None, prefix: str = "", suffix: str = "") -> Match:
    """Find `exact` in `text`, at the best level that there is.

    Of equal passages the one with the whole of prefix and suffix around it is meant, else the one at `start`, else the
    one that shares most of them; of several the nearest to `start`, or the first. An exact copy is `exact` if it stands
    at `start` or no start was stated, else `moved`; `places` shows whether it is the only one.
    Raises ValueError for an empty quote and a negative start.
    """
    if not exact:
        raise ValueError("exact: the quote is empty; give the words as they stand in the document")
    if start is not None and start < 0:
        raise ValueError(f"start: {start} lies before the document; give 0 or more, or leave it out")
    document = text if isinstance(text, Text) else Text(text)
    if places := occurrences(document.text, exact):
        at = _choose(document.text, exact, places, start, prefix, suffix)
        return Match("exact" if start in (None, at) else "moved", at, at + len(exact), places, score=1.0)
    quote, near = fold(exact), None if start is None else bisect_left(document.folded.origin, start)
    words = quote.text.strip(" ")
    if not words:  # nothing but marks and spaces: folded, it would stand everywhere
        return Match("absent")
    for needle in dict.fromkeys((quote.text, words)):
        if places := _folded_places(document.folded.text, quote.text, needle):
            at = _choose(document.folded.text, needle, places, near, fold(prefix).text, fold(suffix).text)
            return _folded(document.folded, at, quote, needle)
    return _partial(document, quote, words, near)


def compare(quote: str, other: str) -> list[dict]:
    """How two quotes differ, word by word: `{"op", "quote", "other"}`, where the last two are spans or None.

    A word is `dropped` that stands in `quote` only, `added` in `other` only, `changed` where others stand in its place,
    `moved` where it stands elsewhere, and `folded` where it is only written otherwise. Spans are (start, end) in code points.
    """
    one, two = fold(quote), fold(other)
    pairs = _pairs(_words(one.text, 0, len(one.text)), _words(two.text, 0, len(two.text)), False, False)
    rows = []
    for moved, (a, b) in _moved(list(_merged(one.text, two.text, pairs))):
        here, there = one.span(a.start, a.end) if a else None, two.span(b.start, b.end) if b else None
        same = _same((a, b))
        if moved or not same or quote[slice(*here)] != other[slice(*there)]:
            op = "moved" if moved else "folded" if same else "changed" if a and b else "dropped" if a else "added"
            rows.append({"op": op, "quote": here, "other": there})
    return rows


def words(text: str) -> list[str]:
    """The words of a text, folded, and the signs between them."""
    folded = fold(text).text
    return [word.key for word in _words(folded, 0, len(folded))]


def context(text: str, start: int, end: int, size: int = CONTEXT) -> tuple[str, str]:
    """Prefix and suffix of `text[start:end]`, verbatim, of at most `size` code points. ValueError for no such span."""
    if not 0 <= start < end <= len(text):
        raise ValueError(f"start, end: {start} to {end} is no passage of a text of {len(text)} characters")
    return text[max(0, start - size) : start], text[end : end + size]


def is_between(text: str, start: int, end: int, prefix: str, suffix: str) -> bool:
    """Whether the whole prefix stands before `text[start:end]`, and the whole suffix after it."""
    return text.endswith(prefix, 0, start) and text.startswith(suffix, end)


def selector(exact: str, prefix: str, suffix: str, start: int, end: int) -> list[dict]:
    """The quote's selectors (W3C Web Annotation Data Model, 4.2.4 and 4.2.5), positions in Unicode code points."""
    return [
        {"type": "TextQuoteSelector", "exact": exact, "prefix": prefix, "suffix": suffix},
        {"type": "TextPositionSelector", "start": start, "end": end},
    ]


def occurrences(text: str, exact: str) -> list[int]:
    """Every start of `exact` in `text`, overlapping ones too, in linear time."""
    found, at, size = [], text.find(exact), len(exact)
    while at >= 0:
        found.append(at)
        after = text.find(exact, at + 1)
        step = after - at
        # Two copies that overlap make the quote periodic: one more period behind them is the next copy.
        while 0 < step < size and text.startswith(exact[-step:], after + size):
            found.append(after)
            after += step
        at = after
    return found


def _shared(a: str, b: str) -> int:
    """How many characters two strings share from their beginning."""
    i, shorter = 0, min(len(a), len(b))
    while i < shorter and a[i] == b[i]:
        i += 1
    return i


def _choose(text: str, exact: str, places: list[int], near: int | None, prefix: str, suffix: str) -> int:
    pool = places
    if prefix or suffix:
        pool = [at + len(prefix) for at in occurrences(text, prefix + exact + suffix)]
        if not pool and near in places:
            return near
    if not pool:
        first = max(0, bisect_left(places, near or 0) - COPIES // 2)
        before, after = prefix[-2 * CONTEXT :][::-1], suffix[: 2 * CONTEXT]
        agreement = {
            at: _shared(text[max(0, at - len(before)) : at][::-1], before)
            + _shared(text[at + len(exact) : at + len(exact) + len(after)], after)
            for at in places[first : first + COPIES]
        }
        most = max(agreement.values())
        pool = [at for at, length in agreement.items() if length == most]
    return min(pool, key=lambda at: abs(at - (near or 0)))


def _folded_places(text: str, quote: str, needle: str) -> list[int]:
    """Where the needle stands in a folded text; where it is the quote less a space, it cuts no word there."""
    size = len(needle)
    first, last = quote[0] != needle[0] and needle[0].isalnum(), quote[-1] != needle[-1] and needle[-1].isalnum()
    return [
        at
        for at in occurrences(text, needle)
        if not (first and text[at - 1 : at].isalnum()) and not (last and text[at + size : at + size + 1].isalnum())
    ]


def _folded(document: Folded, at: int, quote: Folded, needle: str) -> Match:
    start, end = document.span(at, at + len(needle))
    here, there = document.origin[at : at + len(needle)], quote.origin[quote.text.index(needle) :][: len(needle)]
    # A new character begins where both sides begin one: a ligature is compared with all its letters.
    cuts = [i for i in range(1, len(needle)) if here[i - 1] < here[i] and there[i - 1] < there[i]]
    bounds = [(start, 0), *((here[i], there[i]) for i in cuts), (end, len(quote.source))]
    differences = [
        {"at": a, "document": document.source[a:b], "quote": quote.source[c:d]}
        for (a, c), (b, d) in pairwise(bounds)
        if document.source[a:b] != quote.source[c:d]
    ]
    return Match("folded", start, end, [], differences, 1.0)


def _partial(document: Text, quote: Folded, needle: str, near: int | None) -> Match:
    text, there, best = document.folded.text, _words(quote.text, 0, len(quote.text)), (0.0, 0.0, [])
    if len(needle) >= LONG:  # nearly all of it may stand there as it is: that is seen first
        best = _by_ends(text, quote.text, needle, there, near)
    for *window, first in _windows(document, needle, near) if best[1] < CLOSE else ():
        if best[0] >= 1 and not first:  # none can be better
            break
        for pairs in _alignments(text, quote.text, there, *window):
            steps = list(_moved(list(_merged(text, quote.text, pairs))))
            score = _score(steps)
            held = _held(text, steps, near) if first else 0
            best = max(best, (score + held, score, steps), key=itemgetter(0))
            if score >= CLOSE:
                break
    if len(needle) < LONG:
        best = max(best, _by_ends(text, quote.text, needle, there, near), key=itemgetter(0))
    _, score, steps = best
    if score < PARTIAL:
        return Match("absent")
    passage = [a for _, (a, _) in steps if a]
    start, end = document.folded.span(min(passage).start, max(passage).end)
    # All words may agree if the quote begins or ends with a space and the document does not.
    differences = _differences(document.folded, quote, steps) or [_row("added", start, "", " ")]
    return Match("partial", start, end, [], differences, min(round(score, 4), 0.9999))


def _held(text: str, steps: list[Step], near: int | None) -> float:
    """By how much another passage must be better than this one, which begins with the quote: at the stated start or near it.

    Where that start isn't a word's, the quote's first word must be like the one there, or the next word is as good.
    """
    if not any(b for _, (_, b) in steps[:1]):
        return 0  # a word that the quote lacks lies before the passage
    if near is None:
        return FIRST
    start = min((a.start for _, (a, _) in steps if a), default=len(text))
    (_moves, (a, b)), *_rest = steps
    at_word = _word(text, near) == near and text[near : near + 1].isalnum()
    if start == near and not at_word and a and a.key == b.key:
        return 2 * FIRST  # the quote begins inside that word, too
    if start <= near and ((start == near and at_word) or (a and _likeness(a.key, b.key) >= ALIKE)):
        return FIRST
    following = near + len(re.match(r"[^\W_]*[\W_]*", text[near : near + LETTERS])[0])
    return FIRST * 0.8 if not at_word and start <= following else 0


def _by_ends(
    text: str, quote: str, needle: str, there: list[Word], near: int | None
) -> tuple[float, float, list[Step]]:
    """The longest head and tail of the needle that the text has, and between them what differs: as (score, score, steps)."""
    size, first = len(needle), quote.index(needle)
    head = bisect_left(range(1, size), True, key=lambda length: needle[:length] not in text)
    tail = min(bisect_left(range(1, size), True, key=lambda length: needle[-length:] not in text), size - head)
    # The longer one says where; the other is the nearest to where it would then stand.
    places, others = (occurrences(text, part) for part in (needle[:head], needle[size - tail :]))
    if 2 * (head + tail) < size or not places or not others:
        return 0.0, 0.0, []
    if head >= tail:
        begin = min(places, key=lambda at: abs(at - (near or 0)))
        end = min(others, key=lambda at: abs(at - begin - size + tail))
    else:
        end = min(others, key=lambda at: abs(at - (near or 0) - size + tail))
        begin = min(places, key=lambda at: abs(at - end + size - tail))
    cut = text[begin - 1 : begin] if first else "", text[end + tail : end + tail + 1] if quote[-1] == " " else ""
    if any(map(str.isalnum, cut)):  # a quote that begins or ends with a space cuts no word there
        return 0.0, 0.0, []
    # A word at the border of the head or the tail may go on differently.
    left = [b for b in there if b.end < first + head]
    right = [b for b in there[len(left) :] if b.start > first + size - tail]
    to_left, to_right = begin - first, end - (first + size - tail)
    start, stop = left[-1].end + to_left if left else begin, right[0].start + to_right if right else end + tail
    if not start <= stop <= start + 2 * size:
        return 0.0, 0.0, []
    middle = _pairs(_words(text, start, stop), there[len(left) : len(there) - len(right)], False, False)
    pairs = [(Word(b.start + to_left, b.end + to_left, b.key), b) for b in left] + middle
    pairs += [(Word(b.start + to_right, b.end + to_right, b.key), b) for b in right]
    steps = list(_moved(list(_merged(text, quote, pairs))))
    score = _score(steps) if any(a for _, (a, _) in steps) else 0.0
    return score, score, steps


def _word(text: str, at: int) -> int:
    """Where the word around this place begins; the place itself where none is."""
    first = max(0, at - LETTERS)
    return at - len(re.search(r"[^\W_]*$", text[first:at])[0]) if text[at : at + 1].isalnum() else at


def _windows(document: Text, needle: str, near: int | None) -> Iterator[tuple[int, int, bool, bool]]:
    """Stretches of the folded text where most of the needle may stand, whether their beginning is a guess, and whether
    they are the stated one or the likeliest. A stated start may lie in a word, and as much as a short word behind."""
    text = document.folded.text
    size, length, grams, votes = len(needle), len(text), document.grams, Counter()
    width, margin, stride = max(16, size // 8), 64 + size // 2, max(1, size // 48)
    if near is not None:
        end = min(length, near + size + margin)
        sign = near - len(re.search(r"[^\w\s]*$", text[max(0, near - SLACK) : near])[0])
        yield from ((begin, end, False, True) for begin in dict.fromkeys((near, _word(text, near), sign)))
        yield _word(text, max(0, near - SLACK)), end, True, True
    for offset in range(0, size - 2, stride):
        known = [i for i in range(offset, min(offset + stride, size - 2)) if needle[i : i + 3] in grams]
        if known:
            i = min(known, key=lambda i: len(grams[needle[i : i + 3]]))  # the rarest says most
            places = grams[needle[i : i + 3]]
            first = max(0, bisect_left(places, (near or 0) + i) - VOTES // 2)
            for at in places[first : first + VOTES]:
                votes[(at - i) // width] += 1 / len(places)
    totals = {slot: weight + votes[slot + 1] for slot, weight in sorted(votes.items())}
    for tried in range(4 if size < LONG else 1):
        if totals:
            slot = max(totals, key=lambda slot: (totals[slot], -abs(slot * width - (near or 0))))
            first = near is None and not tried
            yield max(0, slot * width - margin), min(length, (slot + 2) * width + size + margin), True, first
            totals = {other: total for other, total in totals.items() if abs(other - slot) > 1}


def _alignments(text: str, quote: str, there: list[Word], start: int, end: int, loose: bool) -> Iterator[list[Pair]]:
    """A stretch of the document aligned with the quote by words, then by letters."""
    here = _words(text, start, end)
    pairs = _pairs(here, there, loose, True)
    if any(a for a, _ in pairs):
        yield _edges(text, quote, here, pairs)
    yield _spelled(text, quote, here, pairs, 0) or []


def _words(text: str, start: int, end: int) -> list[Word]:
    words = []
    for match in WORD.finditer(text, start, end):
        a, b = match.span()
        step = b - a if b - a <= LETTERS else 1
        words += [Word(i, i + step, text[i : i + step]) for i in range(a, b, step)]
    return words


def _one(text: str, words: list[Word]) -> Word:
    start, end = words[0].start, words[-1].end
    return Word(start, end, text[start:end])


def _same(pair: Pair) -> bool:
    return bool(pair[0] and pair[1] and pair[0].key == pair[1].key)


def _likeness(a: str, b: str) -> float:
    """The share of two words that is the same from the beginning and from the end."""
    if a == b:
        return 1.0
    if a[0] != b[0] and a[-1] != b[-1]:
        return 0.5 if len(a) == len(b) == 1 else 0.0
    head = _shared(a, b)
    return (head + _shared(a[head:][::-1], b[head:][::-1])) / max(len(a), len(b))


def _agreed(pair: Pair) -> float:
    a, b = pair
    return _likeness(a.key, b.key) * (len(a.key) + len(b.key)) if a and b else 0.0


def _share(agreed: float, pairs: list[Pair]) -> float:
    return agreed / max(1, sum(len(word.key) for pair in pairs for word in pair if word))


def _score(steps: list[Step]) -> float:
    agreed = sum(_agreed(pair) / (2 if moved else 1) for moved, pair in steps)
    return _share(agreed, [pair for _, pair in steps])


def _pairs(here: list[Word], there: list[Word], loose_left: bool, loose_right: bool, depth: int = 0) -> list[Pair]:
    """Align the words of a stretch of the document with the quote's. A loose end of the document costs nothing."""
    head = 0 if loose_left else _agreeing(here, there)
    here, there, begun = here[head:], there[head:], list(zip(here[:head], there[:head], strict=True))
    tail = 0 if loose_right else _agreeing(here[::-1], there[::-1])
    ended = list(zip(here[len(here) - tail :], there[len(there) - tail :], strict=True))
    here, there = here[: len(here) - tail], there[: len(there) - tail]
    return [*begun, *_between(here, there, loose_left, loose_right, depth), *ended]


def _agreeing(here: list[Word], there: list[Word]) -> int:
    """How many words two lists share from their beginning."""
    pairs = enumerate(zip(here, there, strict=False))
    return next((k for k, (a, b) in pairs if a.key != b.key), min(len(here), len(there)))


def _between(here: list[Word], there: list[Word], loose_left: bool, loose_right: bool, depth: int) -> list[Pair]:
    """The same for words that neither begin nor end alike where no end is loose."""
    reach = 2 * len(there) + 8
    if loose_left and not loose_right:
        here = here[-reach:]
    if loose_right and not loose_left:
        here = here[:reach]
    if len(here) * len(there) <= CELLS:
        return _align(here, there, loose_left, loose_right)
    anchors = _anchors(here, there) if depth < DEPTH else []
    # A few words at a loose end, with more than as many of the document's alone before the rest, stand there by chance.
    far = [k for k, (a, b) in enumerate(pairwise(anchors), 1) if b[0] - a[0] > b[1] + 1] if loose_left else []
    anchors = anchors[max(far, default=0) :]
    end = len(there) + 1
    far = [k for k, (a, b) in enumerate(pairwise(anchors), 1) if b[0] - a[0] > end - a[1]] if loose_right else []
    anchors = anchors[: min(far, default=None)]
    if not anchors and len(there) <= RETYPED and len(here) <= 4 * RETYPED:
        return _stepwise(here, there, loose_left, loose_right)
    if not anchors:
        return [*((a, None) for a in here if not loose_left and not loose_right), *((None, b) for b in there)]
    pairs, i, j = [], 0, 0
    for k, (next_i, next_j) in enumerate([*anchors, (len(here), len(there))]):
        left, right = loose_left and k == 0, loose_right and k == len(anchors)
        pairs += _pairs(here[i:next_i], there[j:next_j], left, right, depth + 1)
        pairs += zip(here[next_i : next_i + 1], there[next_j : next_j + 1], strict=True)
        i, j = next_i + 1, next_j + 1
    return pairs


def _stepwise(here: list[Word], there: list[Word], loose_left: bool, loose_right: bool) -> list[Pair]:
    """Words without landmarks aligned a few at a time, each with what comes after the last."""
    pairs, at, j = [], 0, 0
    while j < len(there):
        free = loose_left and not pairs  # where the first few stand is looked for in the whole stretch
        step, reach = (max(1, CELLS // len(here)), len(here)) if free else (STEP, CELLS // STEP)
        pairs += _align(here[at : at + reach], there[j : j + step], free, True)
        at = bisect_left(here, max((a.end for a, _ in pairs if a), default=0), key=itemgetter(0))
        j += step
    return pairs if loose_right else [*pairs, *((a, None) for a in here[at:])]


def _anchors(here: list[Word], there: list[Word]) -> list[tuple[int, int]]:
    """Words in the same order on both sides, known by runs of words that each side has once."""
    for size in (2, 8):
        once = []
        for words in (here, there):
            keys = [word.key for word in words]
            runs = list(zip(*(keys[step:] for step in range(size)), strict=False))
            counts = Counter(runs)
            once.append({run: i for i, run in enumerate(runs) if counts[run] == 1})
        if common := [(i, once[1][run]) for run, i in once[0].items() if run in once[1]]:
            anchors = [(-1, -1)]
            for i, j in _increasing(common):
                for step in range(size):
                    if anchors[-1][0] < i + step and anchors[-1][1] < j + step:
                        anchors.append((i + step, j + step))
            return anchors[1:]
    return []


def _increasing(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence of points, given by rising i, whose j rise too."""
    ends, last, before = [], [], []  # for each length, its least last j and that point; for each point, the one before
    for at, (_, j) in enumerate(points):
        length = bisect_left(ends, j)
        ends[length : length + 1], last[length : length + 1] = [j], [at]
        before.append(last[length - 1] if length else None)
    chain, at = [], last[-1]
    while at is not None:
        chain.append(points[at])
        at = before[at]
    return chain[::-1]


def _align(here: list[Word], there: list[Word], loose_left: bool, loose_right: bool) -> list[Pair]:
    """The cheapest alignment: an added or dropped word costs 1, a changed one 1.5 less what it kept."""
    cost = [0.0 if loose_left else float(i) for i in range(len(here) + 1)]
    moves = []  # for each word of the quote and of the document, how many of the document and the quote end there
    for b in there:
        above, left, row, key = cost, cost[0] + 1, [(0, 1)], b.key
        cost = [left]
        for i, a in enumerate(here):
            paired = above[i] if a.key == key else above[i] + 1.5 - _likeness(a.key, key)
            left, move = (left + 1, (1, 0)) if left <= above[i + 1] else (above[i + 1] + 1, (0, 1))
            if paired <= left:
                left, move = paired, (1, 1)
            cost.append(left)
            row.append(move)
        moves.append(row)
    lowest = min(cost) if loose_right else cost[-1]
    i, j, pairs = max(i for i, price in enumerate(cost) if price == lowest), len(there), []
    while j or (i and not loose_left):
        step_i, step_j = moves[j - 1][i] if j else (1, 0)
        i, j = i - step_i, j - step_j
        pairs.append((here[i] if step_i else None, there[j] if step_j else None))
    return pairs[::-1]


def _edges(text: str, quote: str, here: list[Word], pairs: list[Pair]) -> list[Pair]:
    """The pairs, with the ends of the quote, where no whole word is the same, aligned letter by letter."""
    while pairs[0][1] is None:
        pairs = pairs[1:]
    same = [k for k, pair in enumerate(pairs) if _same(pair)]
    if not same:
        return _spelled(text, quote, here, pairs, 0) or pairs
    first, last = same[0], same[-1]
    before = [a for a in here if a.end <= pairs[first][0].start]
    after = [a for a in here if a.start >= pairs[last][0].end]
    head, tail, lost = pairs[:first], pairs[last + 1 :], {a.key for pair in pairs if not _same(pair) and (a := pair[0])}
    # A word that stands elsewhere moved; it is no other spelling of what stands here.
    if lost.union(a.key for a in after[:NEARBY]).isdisjoint(b.key for _, b in head if b):
        head = _spelled(text, quote, before, head, -1) or head
    if lost.union(a.key for a in before[-NEARBY:]).isdisjoint(b.key for _, b in tail if b):
        tail = _spelled(text, quote, after, tail, 1) or tail
    pairs = [*head, *pairs[first : last + 1], *tail]
    # A word that the passage lacks may stand just outside, if it changed places with the first or the last one.
    lacking = Counter(b.key for _, b in pairs if b)
    lacking.subtract(a.key for a, _ in pairs if a)
    begin, end = next(a.start for a, _ in pairs if a), next(a.end for a, _ in reversed(pairs) if a)
    before = _lacked([a for a in reversed(before) if a.end <= begin], lacking)
    after = _lacked([a for a in after if a.start >= end], lacking)
    return [*before[::-1], *pairs, *after]


def _lacked(words: list[Word], lacking: Counter) -> list[Pair]:
    pairs = []
    for a in words[:NEARBY]:
        if lacking[a.key] < 1:
            break
        lacking[a.key] -= 1
        pairs.append((a, None))
    return pairs


def _spelled(text: str, quote: str, here: list[Word], pairs: list[Pair], side: int) -> list[Pair] | None:
    """Pair the quote's words with the letters nearest to them: in the end of `here` (-1), its beginning (1), or all."""
    there = [b for _, b in pairs if b]
    wanted = quote[there[0].start : there[-1].end] if there else ""
    if not here or not 0 < len(wanted) <= LETTERS:
        return None
    start, end, way = here[0].start, here[-1].end, -1 if side > 0 else 1
    start, end = max(start, end - 2 * LETTERS) if side < 0 else start, min(end, start + 2 * LETTERS) if way < 0 else end
    spot = _nearest(text[start:end][::way], wanted[::way], side == 0)
    if spot is None:
        return None
    a, b = sorted((start + i) if way > 0 else (end - i) for i in spot)
    # A quote that begins or ends with a space does not cut a word there.
    while quote[0] == " " and side <= 0 and a > start and text[a - 1].isalnum():
        a -= 1
    while quote[-1] == " " and side >= 0 and b < end and text[b].isalnum():
        b += 1
    words = _words(text, a, b)
    if len(words) != len(there):
        words, there = [_one(text, words)], [_one(quote, there)]
    return list(zip(words, there, strict=True))


def _nearest(text: str, wanted: str, loose: bool) -> tuple[int, int] | None:
    """The part of `text` nearest to `wanted` by edit distance, at its end or anywhere; None if over a third differs."""
    column, spots = [(j, 0) for j in range(len(wanted) + 1)], []  # distance, and where the part begins
    for i, letter in enumerate(text, 1):
        before, column = column, [(0, i)]
        for j, other in enumerate(wanted):
            (kept, a), (dropped, b), (added, c) = before[j], before[j + 1], column[j]
            column.append(min((kept + (letter != other), a), (dropped + 1, b), (added + 1, c)))
        spots.append((*column[-1], -i))
    distance, start, end = min(spots) if loose else spots[-1]
    return (start, -end) if 3 * distance <= len(wanted) else None


def _merged(text: str, quote: str, pairs: list[Pair]) -> Iterator[Pair]:
    """The pairs, with words made one where that is more alike, as when only a space differs."""
    for same, group in groupby(pairs, _same):
        group = list(group)
        here, there = [a for a, _ in group if a], [b for _, b in group if b]
        if not same and here and there and len(here) != len(there):
            whole = _one(text, here), _one(quote, there)
            if _likeness(whole[0].key, whole[1].key) > max(PARTIAL, _share(sum(map(_agreed, group)), group)):
                group = [whole]
        yield from group


def _moved(pairs: list[Pair]) -> Iterator[Step]:
    """The pairs, where a word lost in one place and found in another is one that moved."""
    changed = [pair for pair in pairs if not _same(pair)]
    both = Counter(a.key for a, _ in changed if a) & Counter(b.key for _, b in changed if b)
    arrived = defaultdict(deque)
    for _, b in changed:
        if b and len(arrived[b.key]) < both[b.key]:
            arrived[b.key].append(b)
    paired = {b for words in arrived.values() for b in words}
    for a, b in pairs:
        if not _same((a, b)):
            if a and arrived[a.key]:
                yield True, (a, arrived[a.key].popleft())
                a = None
            b = None if b in paired else b
        if a or b:
            yield False, (a, b)


def _row(op: str, at: int, document: str, quote: str) -> dict:
    return {"op": op, "at": at, "document": document, "quote": quote}


def _differences(document: Folded, quote: Folded, steps: list[Step]) -> list[dict]:
    at, before, ends, rows = document.origin[next(a.start for _, (a, _) in steps if a)], None, (0, 0), []
    for moved, (a, b) in steps:
        (start, end), (begin, stop) = (f.span(w.start, w.end) if w else (0, 0) for f, w in ((document, a), (quote, b)))
        here, there, same = document.source[start:end], quote.source[begin:stop], not moved and _same((a, b))
        if same and before:
            gap, other = document.text[before[0].end : a.start], quote.text[before[1].end : b.start]
            gaps = document.source[ends[0] : start], quote.source[ends[1] : begin]
            if gaps[0] != gaps[1] and not gap.strip(" ") and not other.strip(" "):
                rows.append(_row("folded" if gap == other else "dropped" if gap else "added", at, *gaps))
        at = start if a else at
        if not same or here != there:
            op = "changed" if a and b else "dropped" if a else "added"
            rows.append(_row("moved" if moved else "folded" if same else op, at, here, there))
        at = end if a else at
        if same:
            before, ends = (a, b), (end, stop)
    return rows
