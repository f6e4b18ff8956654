"""One passage in several copies: which quotes stand side by side, how their words differ, what is known at second hand only."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from . import quotes

OFFICIAL = "official_text"  # the kind of document that carries a statement's own words
SAME = 0.5  # from this likeness on, an official text goes before a report that is liker


@dataclass(frozen=True)
class Comparison:
    """How the words of one quote differ from those of another in its language: rows as `quotes.compare` gives them."""

    quote: str
    other: str
    differences: list[dict]


@dataclass(frozen=True)
class Parallel:
    """The quotes that prove one part of a commitment, the official text first, then by document and place.

    Each is compared with the likest one before it of its language from another document; with that of the official text
    where they share half of their words. `second_hand`: none of them is from the official text.
    """

    part: str
    quotes: list[dict]
    comparisons: list[Comparison]
    second_hand: bool


def parallels(citations: Iterable[dict], kinds: Mapping[str, str]) -> list[Parallel]:
    """A commitment's citations in their public shape, part by part in their order; `kinds`: each document's kind."""

    def official(cited: dict) -> bool:
        return kinds[cited["document"]["ref"]] == OFFICIAL

    def order(cited: dict) -> tuple:
        return not official(cited), cited["document"]["ref"], cited["start"], cited["ref"]

    def closeness(other: dict, cited: dict) -> tuple[bool, float]:
        like = _likeness(said[other["ref"]], said[cited["ref"]])
        return official(other) and like >= SAME, like

    found, citations = [], list(citations)
    said = {cited["ref"]: Counter(quotes.words(cited["exact"])) for cited in citations}
    for part, several in groupby(citations, lambda cited: cited["part"]):
        beside = sorted(several, key=order)
        compared = []
        for number, cited in enumerate(beside):
            others = [other for other in beside[:number] if _may_be_a_copy(other, cited)]
            if others:
                first = max(others, key=partial(closeness, cited=cited))
                compared.append(Comparison(first["ref"], cited["ref"], quotes.compare(first["exact"], cited["exact"])))
        found.append(Parallel(part, beside, compared, second_hand=not any(map(official, beside))))
    return found


def _may_be_a_copy(other: dict, cited: dict) -> bool:
    return other["language"] == cited["language"] and other["document"]["ref"] != cited["document"]["ref"]


def _likeness(one: Counter, other: Counter) -> float:
    """The share of their words that two texts have in common (Dice), 0 to 1."""
    return 2 * (one & other).total() / max(1, one.total() + other.total())
