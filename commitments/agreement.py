"""How far two coders agree who read the same documents apart: what both found, and Krippendorff's alpha for each field."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

SAME = 0.3  # the least share of characters that two passages have in common to be the same undertaking
RESAMPLES, SEED = 2_000, 1

# Field → what of an undertaking is compared, as one value; sets count as equal only when they are.
FIELDS: dict[str, Callable[[dict], object]] = {
    "strength": lambda coded: coded["strength"],
    "obligors": lambda coded: tuple(sorted(coded["obligors"])),
    "beneficiaries": lambda coded: tuple(sorted(coded.get("beneficiaries") or [])),
    "statement kind": lambda coded: coded["statement_kind"],
    "voice": lambda coded: coded["voice"],
    "deadline kind": lambda coded: (coded.get("deadline") or {}).get("kind") or "none",
    "deadline, latest day": lambda coded: str((coded.get("deadline") or {}).get("latest")),
    "first topic": lambda coded: (coded.get("topics") or [None])[0],
    "topics": lambda coded: tuple(sorted(coded.get("topics") or [])),
    "status": lambda coded: tuple(sorted({judged["status"] for judged in coded["status"]})),
}


@dataclass(frozen=True)
class Agreement:
    """`pairs` both found; `only_first`, `only_second` one did; `alphas`: field → (alpha, low, high, n), the interval at 95 %."""

    pairs: int
    only_first: int
    only_second: int
    alphas: dict[str, tuple[float, float, float, int]]

    @property
    def found_by_both(self) -> float:
        """Of all undertakings that anybody found, the share that both did."""
        return self.pairs / max(1, self.pairs + self.only_first + self.only_second)


def overlap(one: dict, other: dict) -> float:
    """The share of characters that two passages have in common: 0 apart, 1 the same."""
    common = min(one["end"], other["end"]) - max(one["start"], other["start"])
    return max(0, common) / (max(one["end"], other["end"]) - min(one["start"], other["start"]))


def pair(first: list[dict], second: list[dict]) -> list[tuple[dict, dict]]:
    """The undertakings of one document that both coders found, best overlap first, each at most once."""
    ranked = sorted(
        ((overlap(one, other), i, j) for i, one in enumerate(first) for j, other in enumerate(second)),
        key=lambda row: (-row[0], *row[1:]),
    )
    pairs, taken = [], (set(), set())
    for share, i, j in ranked:
        if share >= SAME and i not in taken[0] and j not in taken[1]:
            taken[0].add(i)
            taken[1].add(j)
            pairs.append((first[i], second[j]))
    return pairs


def alpha(values: list[tuple[object, object]]) -> float:
    """Krippendorff's alpha for two coders, nominal data, nothing missing: 1 − observed / expected disagreement; 1 if nobody could disagree."""
    totals = Counter(value for unit in values for value in unit)
    n = 2 * len(values)
    expected = (n * n - sum(count * count for count in totals.values())) / (n - 1) if n > 1 else 0
    observed = 2 * sum(one != other for one, other in values)
    return 1 - observed / expected if expected else 1.0


def interval(values: list[tuple[object, object]]) -> tuple[float, float]:
    """The middle 95 % of alpha over resampled units; the resampling is the same at every run."""
    drawn = random.Random(SEED)
    found = sorted(alpha(drawn.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return found[int(0.025 * RESAMPLES)], found[int(0.975 * RESAMPLES) - 1]


def compare(documents: list[tuple[list[dict], list[dict]]]) -> Agreement:
    """Two codings of each document, each a list of undertakings, compared over all documents."""
    pairs = [couple for first, second in documents for couple in pair(first, second)]
    alphas = {}
    for field, value in FIELDS.items():
        values = [(value(one), value(other)) for one, other in pairs]
        alphas[field] = (alpha(values), *interval(values), len(values)) if values else (float("nan"),) * 3 + (0,)
    first, second = (sum(len(document[side]) for document in documents) for side in (0, 1))
    return Agreement(len(pairs), first - len(pairs), second - len(pairs), alphas)
