"""One passage in several copies: which quotes stand side by side, how their words differ, what is known at second hand only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from . import quotes

OFFICIAL = "official_text"  # the kind of document that carries a statement's own words


@dataclass(frozen=True)
class Comparison:
    """How the words of one quote differ from those of another in its language: rows as `quotes.compare` gives them."""

    quote: str
    other: str
    differences: list[dict]


@dataclass(frozen=True)
class Parallel:
    """The quotes that prove one part of a commitment, the official text first, then by document and place.

    Each is compared with the first one of its language. `second_hand`: none of them is from the official text.
    """

    part: str
    quotes: list[dict]
    comparisons: list[Comparison]
    second_hand: bool


def parallels(citations: Iterable[dict], kinds: Mapping[str, str]) -> list[Parallel]:
    """A commitment's citations in their public shape, part by part in their order; `kinds`: each document's kind."""

    def order(cited: dict) -> tuple:
        return kinds[cited["document"]["ref"]] != OFFICIAL, cited["document"]["ref"], cited["start"], cited["ref"]

    found = []
    for part, several in groupby(citations, lambda cited: cited["part"]):
        beside = sorted(several, key=order)
        firsts: dict[str, dict] = {}
        compared = []
        for cited in beside:
            first = firsts.setdefault(cited["language"], cited)
            if cited["document"]["ref"] != first["document"]["ref"]:
                compared.append(Comparison(first["ref"], cited["ref"], quotes.compare(first["exact"], cited["exact"])))
        second_hand = all(kinds[cited["document"]["ref"]] != OFFICIAL for cited in beside)
        found.append(Parallel(part, beside, compared, second_hand))
    return found
