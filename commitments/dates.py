"""Date and deadline expressions, Arabic and English, to kind, EDTF, earliest and latest day: proposals, no guesses."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

from .calendars import (
    COARSENESS,
    SEASON_STARTS,
    AnchorNeeded,
    Date,
    Impossible,
    Joined,
    OnWeekday,
    Shifted,
    Span,
    Weekday,
    Yearless,
    add,
    after,
    anchored,
    at_precision,
    interval,
    precision,
    resolve,
    within,
)
from .calendars import days as lasting
from .date_words import lex
from .deadlines import Deadlines, Found
from .edtf import ENDLESS, SQL, Days, bounds, sides
from .text import Folded, fold

__all__ = ["SQL", "Reading", "bounds", "read", "too_precise"]

QUALIFIERS = "~?%"


@dataclass(frozen=True)
class Reading:
    """What the words of a deadline say.

    kind: date, relative, event, recurring, standing or none. edtf, earliest, latest: None where the words don't say.
    readings: both (edtf, earliest, latest), if they can be read in two ways. anchor_missing: they count from a day that
    isn't known well enough. refused: why they can't be, and the way out. words, start, end: the span that was read.
    elsewhere: they count from an event, such as the elections, whose day only the caller can know.
    """

    kind: str
    edtf: str | None = None
    earliest: date | None = None
    latest: date | None = None
    readings: list[dict] | None = None
    anchor_missing: bool = False
    refused: str | None = None
    words: str = ""
    start: int = 0
    end: int = 0
    elsewhere: bool = False

    def to_json(self) -> dict:
        """The contract's keys, days as ISO 8601 text."""
        return {
            "kind": self.kind,
            **_row(self.edtf, self.earliest, self.latest),
            "readings": self.readings,
            "anchor_missing": self.anchor_missing,
            "refused": self.refused,
        }


def _row(edtf: str | None, earliest: date | None, latest: date | None) -> dict:
    return {"edtf": edtf, "earliest": earliest and f"{earliest}", "latest": latest and f"{latest}"}


def _before(span: Span) -> tuple:
    """Before a season, or another span without agreed borders, is only sure to be by it."""
    if span.vague:
        return span.edtf, None, span.last
    day = add(span.first, 0, -1)
    return f"../{day}", None, day


def _after(span: Span) -> tuple:
    day = add(span.last, 0, 1)
    return f"{day}/..", day, None


# What a limit makes of a span: EDTF, earliest, latest.
PERIODS: dict[str, Callable[[Span], tuple]] = {
    "in": lambda span: (span.edtf, span.first, span.last),
    "by": lambda span: (span.edtf, None, span.last),
    "before": _before,
    "after": _after,
    "from": lambda span: (f"{span.first}/..", span.first, None),
}
# They won't leave until X: not before it; or what they won't do ends with it.
EITHER = {"either": ("from", "by")}


def _about(found: Found, span: Span) -> tuple:
    """Around a day, or the end of a year, there is no first and no last day."""
    edtf, *ends = PERIODS[found.limit](span)
    if span.first == span.last or found.named.edge == "end":
        edtf, ends = span.edtf, (None, None)
    return (f"{edtf}~" if sides(edtf)[0] == edtf else edtf, *ends)


def read(text: str, anchor: str | None = None) -> Reading:
    """The deadline that a text sets.

    `anchor`: the EDTF date that the words count from, which may be imprecise; None or "" if unknown. ValueError if it
    is no EDTF.
    """
    known, days = anchored(anchor)
    folded = fold(text)
    stripped = text.strip()
    if stripped and not stripped.replace("/", "").isdecimal():  # 1452/2031 can be a year in both calendars
        with suppress(ValueError):  # words, then
            start = text.index(stripped)
            return Reading("date", stripped, *bounds(stripped), words=stripped, start=start, end=start + len(stripped))
    deadlines = _deadlines(folded)
    found = deadlines.deadline()
    if not found:
        return Reading("none")
    last = max((part.next for each in found.others for part in (each, each.until) if part), default=found.next)
    start, end = folded.span(deadlines.lexemes[found.first].start, deadlines.lexemes[last - 1].end)
    reading = replace(
        _resolved(found, known, days), words=text[start:end], start=start, end=end, elsewhere=found.elsewhere
    )
    return replace(reading, refused=f"“{reading.words}”: {reading.refused}.") if reading.refused else reading


def _deadlines(folded: Folded) -> Deadlines:
    lexemes = lex(folded)
    starts = (each.start for each in lexemes)
    return Deadlines(lexemes, frozenset(start for start in starts if folded.source[folded.origin[start]].isupper()))


def _resolved(found: Found, anchor: str, days: Days) -> Reading:
    if found.kind not in ("date", "relative"):
        return Reading("relative" if found.kind == "vague" else found.kind)
    try:
        rows = _distinct(row for each in found.others or (found,) for row in _rows(each, anchor, days))
    except AnchorNeeded:
        return Reading(found.kind, anchor_missing=True)
    except Impossible as error:
        return Reading(found.kind, refused=str(error))
    if len(rows) > 1:
        return Reading(found.kind, readings=[_row(*row) for row in rows])
    return Reading(found.kind, *rows[0])


def _distinct(rows: Iterable[tuple]) -> list[tuple]:
    """Of rows with the same days, the first."""
    return list({row[1:]: row for row in reversed(list(rows))}.values())[::-1]


def _rows(found: Found, anchor: str, days: Days) -> list[tuple]:
    """(EDTF, earliest, latest) of each reading."""
    if found.until:
        ends = product(_rows(replace(found, until=None), anchor, days), _rows(found.until, anchor, days))
        return [tuple(lasting(first, last))[:3] for (_, first, _), (_, _, last) in ends]
    if found.limit in EITHER:
        return [row for limit in EITHER[found.limit] for row in _rows(replace(found, limit=limit), anchor, days)]
    if found.kind == "date":
        spans = resolve(found.named.node, days)
        return [_about(found, span) if found.named.approximate else PERIODS[found.limit](span) for span in spans]
    duration = found.duration
    if duration.refused:
        raise Impossible(duration.refused)
    anchors = [_edge(span, found.base.edge) for span in resolve(found.base.node, days)] if found.base else [anchor]
    if not anchors[0]:
        raise AnchorNeeded
    if found.limit == "within":
        return [within(*duration.high, each) for each in anchors]
    if found.limit == "since":  # within 30 days before it: from then until the date itself
        return [_moment(after(*duration.low, duration.unit, each), (each, *bounds(each))) for each in anchors]
    rows = [
        _moment(after(*duration.low, duration.unit, each), after(*duration.high, duration.unit, each))
        for each in anchors
    ]
    return rows if found.limit == "after" else [PERIODS[found.limit](Span(*row)) for row in rows]


def _edge(span: Span, edge: str) -> str:
    """The date to count from: the end of a span is its last day, the beginning its first."""
    return {"start": f"{span.first}", "end": f"{span.last}"}.get(edge, span.edtf)


def _moment(low: tuple, high: tuple) -> tuple:
    """In two to three years: from the one moment to the other."""
    return interval(sides(low[0])[0], sides(high[0])[1]), low[1], high[2]


# ---- Precision


def too_precise(edtf: str, words: str, anchor: str | None = None) -> str | None:
    """None if the words, counted from the anchor, say all that the EDTF form says; else a sentence on what they don't.

    ValueError if `edtf` or `anchor` is no EDTF.
    """
    bounds(edtf)
    known, _ = anchored((anchor or "").translate(dict.fromkeys(map(ord, QUALIFIERS))))
    said = _said(words, known, bounds(known))
    stated = sides(edtf)
    if any(all(map(_no_finer, stated, sides(each))) for each in said):
        return None
    points = {end for each in said for end in sides(each) if end == each}
    if stated[0] != edtf:
        points.update(sides(known))  # an interval may begin or end at the anchor
    points.difference_update(ENDLESS)
    for end, side in zip(stated, ("earliest", "latest"), strict=True):
        if end in ENDLESS or any(_no_finer(end, point) for point in points):
            continue
        # The last day of an interval's last month says no more than the month.
        if stated[0] == edtf or not any(getattr(bounds(end), side) == getattr(bounds(point), side) for point in points):
            return _finer(end.rstrip(QUALIFIERS), points, words)
    return None


def _no_finer(stated: str, said: str) -> bool:
    """One end of a form says what the words say, or less; a season is said by that season only."""
    if stated in ENDLESS or said in ENDLESS:
        return stated in ENDLESS
    stated, said = stated.rstrip(QUALIFIERS), said.rstrip(QUALIFIERS)
    (first, last), (earliest, latest) = bounds(stated), bounds(said)
    return stated == said or (stated[5:] not in SEASON_STARTS and first <= earliest and latest <= last)


def _finer(end: str, points: set[str], words: str) -> str:
    """The sentence: the coarsest component of a date that the words don't say."""
    own = "season" if end[5:] in SEASON_STARTS else precision(end)
    day = bounds(end).earliest
    above = [unit for unit in ("year", "month") if COARSENESS[unit] > COARSENESS.get(own, COARSENESS["month"])]
    steps = {unit: at_precision(day, unit) for unit in above} | {own: end}
    finer = next(unit for unit, step in steps.items() if not any(_no_finer(step, point) for point in points))
    held = dict(zip(list(steps)[1:], steps.values(), strict=False)).get(finer)
    advice = f"write {held}" if held else "write only what they say"
    return f"The words “{words}” don't say the {finer} of {end}: {advice}."


def _said(words: str, anchor: str, days: Days) -> set[str]:
    """Every EDTF form that the words, or a part of them, can mean, counted from any day of the anchor."""
    deadlines = _deadlines(fold(words))
    places = range(deadlines.size)
    found = [
        each
        for i in places
        if (each := deadlines.limited(i) or deadlines.counted(i)) and each.kind in ("date", "relative")
    ]
    if whole := deadlines.deadline():
        found += [each for each in whole.others if each.until]
    said = {row[0] for each in found for row in _tried(_rows, each, anchor, days)}
    named = [each.node for i in places for rule in (deadlines.core, deadlines.period) if (each := rule(i))]
    years = {node.year for node in named if isinstance(node, Date) and not node.hijri}
    for node in (variant for each in named for variant in _variants(each, years)):
        spans = _tried(resolve, node, days)
        if not isinstance(node, Shifted | Weekday):  # their day follows from a known day only
            spans += [span for day in days if day for span in _tried(node.at, day)]
        said.update(span.edtf for span in spans)
        if isinstance(node, Joined):  # both its ends are named
            said.update(end for span in spans for end in sides(span.edtf))
    return said


def _tried(rule: Callable[..., list], *arguments: object) -> list:
    """What a rule gives, if anything."""
    try:
        return rule(*arguments)
    except (AnchorNeeded, Impossible):
        return []


def _variants(node: object, years: set[int]) -> list[object]:
    """A date that leaves out its year can be the last one, the next one, or of a year that is named elsewhere."""
    if isinstance(node, OnWeekday):
        return [OnWeekday(each, node.weekday) for each in _variants(node.date, years)] + [Weekday(node.weekday, -1)]
    dated = []
    if isinstance(node, Yearless) and isinstance(node.month, int) and not node.hijri:
        dated = [Date(year, node.month, node.day) for year in sorted(years)]
    if isinstance(node, Yearless | Weekday) and node.way is None:
        return [node, replace(node, way=-1), *dated]
    return [node, *dated]
