"""Date and deadline expressions, Arabic and English, to kind, EDTF, earliest and latest day. It proposes; nothing is guessed."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from commitments.calendars import (
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
    at_precision,
    precision,
    resolve,
    within,
)
from commitments.date_words import lex
from commitments.edtf import SQL, Days, bounds, sides
from commitments.grammar import LONGEST, Duration, Durations, Named
from commitments.text import fold

__all__ = ["SQL", "Reading", "bounds", "read", "too_precise"]

WINDOW = 10  # lexemes on each side of a date in which a verb tells a past event's day from a deadline
STOPS = frozenset(".;!?:")
REMEMBERED = 10_000  # answers of rules, dropped from time to time so that a long text needs little memory
ENDLESS = {"", ".."}
QUALIFIERS = "~?%"
MARKS = frozenset(".;!?:,()\"/-")
# Two limits in a row of which the second counts: "until after the elections".
CHAINS = {(first, second) for first in ("by", "until", "upto") for second in ("before", "after")}
# By the end of X is by X, and so is before its end; nobody knows when its middle was reached.
EDGED = {
    ("end", "in"): "by",
    ("end", "before"): "by",
    ("inside", "before"): "by",
    ("inside", "after"): "from",
    ("start", "after"): "from",
}
AFTERWARDS = {"onward": "from", "atlatest": "by", "atleast": "from"}  # words after a date that make it a limit
ELAPSED = {"مرور", "مضي", "انقضاء"}
COMING = {"سي", "ست", "سن"}  # how an Arabic verb of the future begins, and a noun that is none
NOT_COMING = {"سيا", "سيد", "سيط", "سين", "سنو", "سنه", "ستر", "سته", "ستي", "ستو"}


@dataclass(frozen=True)
class Reading:
    """What the words of a deadline say.

    kind: date, relative, event, recurring, standing or none. edtf, earliest, latest: None where the words don't say.
    readings: both, if the date can be read in two ways. anchor_missing: the words count from a day that wasn't given.
    refused: why a date is impossible, and the way out. words, start, end: the span of the text that was read.
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

    def to_json(self) -> dict:
        """The contract's keys, days as ISO 8601 text."""
        return {
            "kind": self.kind,
            **_dated(self.edtf, self.earliest, self.latest),
            "readings": self.readings,
            "anchor_missing": self.anchor_missing,
            "refused": self.refused,
        }


def _dated(edtf: str | None, earliest: date | None, latest: date | None) -> dict:
    return {"edtf": edtf, "earliest": earliest and f"{earliest}", "latest": latest and f"{latest}"}


class Limit(NamedTuple):
    """What a word of LIMITS (date_words) makes of a period, of a duration, and which events it takes."""

    period: str | None
    duration: str | None
    event: str | None  # "any": whatever follows; "noun": one of EVENTS; "coming": one of EVENTS that is said to come


LIMITS = {
    "by": Limit("by", "within", "gathering"),
    "until": Limit("by", "within", "any"),
    "upto": Limit("by", "within", "noun"),
    "through": Limit("by", "within", None),
    "before": Limit("before", "ago", "noun"),
    "after": Limit("after", "after", "noun"),
    "from": Limit("from", None, "coming"),
    "during": Limit("in", "within", "coming"),
    "in": Limit("in", "after", "coming"),
    "inside": Limit("in", "within", "coming"),
    "at": Limit("in", None, "coming"),
    "between": Limit("in", "within", None),
    "upon": Limit(None, None, "any"),
    "since": Limit("past", "past", None),
    "agent": Limit(None, None, None),
}


def _before(span: Span) -> tuple:
    day = add(span.first, 0, -1)
    return f"../{day}", None, day


def _after(span: Span) -> tuple:
    day = add(span.last, 0, 1)
    return f"{day}/..", day, None


PERIODS: dict[str, Callable[[Span], tuple]] = {
    "in": lambda span: (span.edtf, span.first, span.last),
    "by": lambda span: (span.edtf, None, span.last),
    "before": _before,
    "after": _after,
    "from": lambda span: (f"{span.first}/..", span.first, None),
}
COUNTS = {"within": lambda d, anchor: within(*d.high, anchor), "after": lambda d, anchor: _between(d, anchor)}


def _between(duration: Duration, anchor: str) -> tuple:
    low, high = after(*duration.low, duration.unit, anchor), after(*duration.high, duration.unit, anchor)
    return low if low == high else (f"{sides(low[0])[0]}/{sides(high[0])[1]}", low[1], high[2])


@dataclass(frozen=True)
class Found:
    """An expression in lexemes `first` to `next`, and how it is to be resolved. The lowest `rank` in a text is its deadline."""

    rank: int
    kind: str
    first: int
    next: int
    limit: str = "in"
    named: Named | None = None
    duration: Duration | None = None
    base: Named | None = None  # the day in the words that the duration counts from
    weak: bool = False


# The lowest rank is the deadline of a text: a limit before a mere date, a date before an event, and so on.
LIMITED, PLAIN, EVENT, REPEATED, VAGUE, BYGONE, WEAK = range(7)


class Expressions(Durations):
    """The expressions of a text, each found by the first rule that fits where it begins."""

    def all(self) -> list[Found]:
        found, i = [], 0
        while i < self.size:
            each = self.expression(i) if self.lexemes[i].means else None
            if each:
                found.append(each)
            i = max(each.next, i + 1) if each else i + 1
            if len(self.memory) > REMEMBERED:
                self.memory.clear()
        return found

    def expression(self, i: int) -> Found | None:
        for rule in (self.recurrence, self.phrase, self.limited, self.bare, self.counted):
            if found := rule(i):
                return found
        return None

    def recurrence(self, i: int) -> Found | None:
        """Every six months, annually, twice a year, «كل عام», «مرتين في السنة»; annual, which any date beside it outranks."""
        if self.get(i, "recurring"):
            return Found(REPEATED, "recurring", i, i + 1)
        if self.get(i, "periodic") and not self.get(i, "month"):
            return Found(VAGUE, "recurring", i, i + 1)
        j = i
        if self.get(i, "times") or (self.get(i, "number") and self.get(i + 1, "times")):
            j = self.skip(i + 1, "times", "of")
            if self.get(j, "recurring"):
                return Found(REPEATED, "recurring", i, j + 1)
        elif not self.get(i, "every"):
            return None
        j += bool(self.get(j, "every"))
        number = self.ordinal(j) or self.number(j)
        j = self.skip(number[1] if number else j, "few")
        if any(self.get(j, each) is not None for each in ("unit", "weekday", "month", "season", "yearnoun")):
            return Found(REPEATED, "recurring", i, j + 1)
        return None

    def phrase(self, i: int) -> Found | None:
        """Words that stand for a time by themselves: soon, permanently, in the coming period."""
        if self.get(i, "vague"):
            return Found(VAGUE, "vague", i, i + 1)
        # «وجودا عسكريا دائما» is an adjective: it follows a noun or adjective with the same ending.
        if self.get(i, "standing") and not (self.text(i).endswith("ا") and self.text(i - 1).endswith("ا")):
            return Found(VAGUE, "standing", i, i + 1)
        coming = self.get(i, "relative") == 1 or self.get(i, "near")
        if coming and self.get(i + 1, "vagueunit"):
            return Found(VAGUE, "vague", i, i + 2)
        if self.get(i, "vagueunit") and (self.get(i + 1, "relative") == 1 or self.get(i + 1, "near")):
            return Found(VAGUE, "vague", i, i + 2)
        return None

    def limited(self, i: int) -> Found | None:
        """A limit with what it limits: a period, a duration or an event."""
        name = self.get(i, "limit")
        if name is None or (name == "upon" and self.lexemes[i].definite):  # «ومنذ ذلك الحين»
            return None
        name, j = self._chain(name, i + 1)
        passed = self.skip(j, "filler")
        if passed > j:
            passed = self.skip(passed, "filler", "of")
        for start in range(j, passed + 1):
            found = self._coming(i, start) or self._period(i, name, start) or self._duration(i, name, start)
            if found:
                return found
        return self._event(i, name, j)

    def _chain(self, name: str, j: int) -> tuple[str, int]:
        """Several limits in a row: "starting on", «في الفترة بين», "until after"."""
        for _ in range(3):
            k = j + (self.text(j) == "the")
            if self.get(k, "vagueunit") and self.get(k + 1, "limit") in ("between", "from"):
                j = k + 1
            second = self.get(j, "limit")
            if second is None:
                break
            if second not in ("at", "in", "inside"):
                if name not in ("at", "in", "inside", "during", "from") and (name, second) not in CHAINS:
                    break
                name = second
            j += 1
        return name, j

    def _coming(self, i: int, start: int) -> Found | None:
        """Within the next year: the year from now, not the one in the calendar."""
        start += self.text(start) == "the"
        unit = self.get(start + 1, "unit")
        if self.text(i) not in ("within", "over") or self.get(start, "relative") != 1 or not unit or unit[2]:
            return None
        return self._count(i, "within", self._halved(1, 1, unit[0], start + 2))

    def _period(self, i: int, name: str, start: int) -> Found | None:
        named = self.period(start, between=name == "between")
        if not named and name != "at" and (found := self.definite_unit(start)):
            article = self.lexemes[start].definite or self.text(start) == "the"
            if article and found[0].unit != "day" and self.get(found[1], "of") is None:
                named = Named(*found)
        if not named or (name == "between" and not isinstance(named.node, Joined)) or self._miscounted(named):
            return None
        return self._placed(i, name, named)

    def _placed(self, i: int, name: str, named: Named) -> Found | None:
        """A period under its limit, with the words after it that change the limit."""
        j, limit = named.next, LIMITS[name].period
        if limit is None:
            return None
        if named.recurring or self.get(j, "recurring") or (self.get(j, "every") and self.get(j + 1, "unit")):
            return Found(REPEATED, "recurring", i, j + (not named.recurring))
        if named.weak and (self.get(j, "document") or self.get(j, "event")):
            return None
        if limit == "past" or (name in ("until", "upto") and named.node == Shifted("day", 0)):
            return Found(BYGONE, "past", i, j)
        if limit == "from" and isinstance(named.node, Joined):
            limit = "in"
        limit = EDGED.get((named.edge, limit), limit)
        for category, other in AFTERWARDS.items():
            if limit in ("in", other) and self.get(j, category):
                limit, j = other, j + 1
        rank = BYGONE if _bygone(named.node) else PLAIN if limit == "in" and name != "between" else LIMITED
        return Found(rank, "date", i, j, limit, named)

    def _miscounted(self, named: Named) -> bool:
        """A bare number that counts something after all: 2000 troops, 2000 to 2500 advisers, 2030%."""
        j = named.next
        if not named.weak:
            return False
        k = j + 1 if self.text(j) == "-" or self.get(j, "to") or self.get(j, "and") else j
        counted = self.get(j, "counted") or self.text(j) in ("%", "$", "€") or (k > j and self.get(k, "number") is not None)
        return bool(counted) and self.get(named.next - 1, "number") is not None

    def _duration(self, i: int, name: str, start: int) -> Found | None:
        found, mode = self.duration(start), LIMITS[name].duration
        if not found or mode is None or self.get(found.next, "old"):
            return None
        if mode == "past":
            return Found(BYGONE, "past", i, found.next)
        elapsed = any(self.text(k) in ELAPSED for k in range(i, start)) or self.text(found.next) in ("have", "has", "elapse", "pass")
        if mode == "ago" and not elapsed:
            event = self._event(i, "before", found.next)
            return event or Found(BYGONE, "past", i, found.next)
        article = any(self.text(k) == "the" for k in range(i + 1, start + 1))
        if mode == "ago" or (mode == "after" and (found.coming or self.get(found.next, "atlatest") or (article and name == "in"))):
            mode = "within"
        return self._count(i, mode, found)

    def _count(self, i: int, mode: str, duration: Duration) -> Found | None:
        j = self.skip(duration.next, "fromnow", "atlatest", "vagueunit")
        if self.get(j, "limit") in ("before", "since"):
            return self._event(i, "before", j + 1) or Found(BYGONE, "past", i, j + 1)
        if duration.low is None:
            return Found(VAGUE, "vague", i, j)
        base = None
        if self.get(j, "limit") in ("after", "from", "upon") or self.get(j, "of"):
            base = self.paired(self.skip(j + 1, "filler", "at"))
            if base and (base.weak or base.recurring or base.edge):
                base = None
        return Found(LIMITED, "relative", i, base.next if base else j, mode, base=base, duration=duration)

    def counted(self, i: int) -> Found | None:
        """Six months after the signature, two weeks from now; a duration alone, if it is the whole text."""
        found = self.duration(i)
        if not found or self.get(found.next, "old"):
            return None
        j = found.next
        if self.get(j, "limit") == "since":
            return Found(BYGONE, "past", i, j + 1)
        if self.get(j, "vagueunit") or self.text(j) == "deadline":
            return self._count(i, "within", found)
        if self.get(j, "fromnow") or self.get(j, "limit") in ("after", "from", "before"):
            return self._count(i, "after", found)
        return Found(WEAK, "relative" if found.low else "vague", i, j, "within", duration=found, weak=True)

    def bare(self, i: int) -> Found | None:
        """A date without a limit."""
        named = self.period(i)
        if not named or self._miscounted(named):
            return None
        found = self._placed(i, "in", named)
        if not found or not named.weak or found.kind != "date":
            return found
        return replace(found, rank=WEAK, weak=True)

    def _event(self, i: int, name: str, j: int) -> Found | None:
        wanted = LIMITS[name].event
        if wanted is None or not self.text(j) or self.text(j) in MARKS:
            return None
        if self.get(j, "every"):
            return Found(REPEATED, "recurring", i, j + 1)
        if wanted == "any":
            rest = range(j + 1, j + LONGEST)
            end = next((k for k in rest if not self.text(k) or self.text(k) in MARKS or self.get(k, "limit")), j + LONGEST)
            return Found(EVENT, "event", i, min(end, self.size))
        for k in range(j, j + LONGEST):
            if self.text(k) in MARKS or not self.text(k):
                break
            event = self.get(k, "event")
            coming = any(self.get(near, "relative") == 1 for near in range(k - 3, k + 4))
            fits = {
                "noun": event or self.get(k, "be"),
                "gathering": event == "gathering" or (event and (coming or self.get(k, "edge"))),
                "coming": event and (coming or (k - j < 2 and (self.get(k, "edge") or (name == "at" and event == "act")))),
            }[wanted]
            if fits:
                after = self.skip(k + 1, "relative")
                after = self._year_of(after) if wanted == "noun" else after
                return Found(EVENT, "event", i, after)
        return None

    def _year_of(self, j: int) -> int:
        """Past the year that names an event: the elections of 2031."""
        named = self.period(self.skip(j, "of"))
        return named.next if named else j

    def tells_past(self, found: Found) -> bool:
        """The words around a date tell a past event, or name a document by its date: it is no deadline."""
        if found.limit != "in" or found.kind != "date":
            return False
        start = max(found.first - WINDOW, 0)
        for k in range(found.first - 1, start - 1, -1):
            if self.text(k) in STOPS:
                start = k + 1
                break
            if self._future(k):
                return False
            if self.get(k, "past") and not self._future(k - 1):
                return True
            if self.get(k, "document") and found.first - k <= 4 and self._names(k, found):
                return True
        if found.first - start > 2:
            return False
        for k in range(found.next, found.next + WINDOW):  # In 2008, the parties signed …
            if self.text(k) in STOPS or self._future(k):
                return False
            if self.get(k, "past"):
                return True
        return False

    def _future(self, k: int) -> bool:
        return bool(self.get(k, "future")) or (self.text(k)[:2] in COMING and self.text(k)[:3] not in NOT_COMING)

    def _names(self, k: int, found: Found) -> bool:
        """The date belongs to the document at k: «القانون رقم 13 لسنة 2005», Resolution 2170 (2014); not: an agreement in 2031."""
        between = range(k + 1, found.first + (self.get(found.first, "limit") not in (None, "at")))
        return all(self.get(each, "limit") is None or self.get(each, "limit") == "at" for each in between)

    def covers(self, found: Found) -> bool:
        """The text is nothing but this expression, and that is no name that a person may have as well."""
        outside = [k for k in range(self.size) if not found.first <= k < found.next]
        named = found.named and isinstance(found.named.node, Yearless) and self.get(found.first, "name")
        return not named and all(self.text(k) in MARKS or self.get(k, "filler") for k in outside)

    def deadline(self) -> Found | None:
        """The one expression that is the text's deadline."""
        found = [each for each in self.all() if each.kind != "past" and (self.covers(each) if each.weak else not self.tells_past(each))]
        if not found:
            return None
        best = min(found, key=lambda each: (each.rank, each.first))
        beside = [each for each in found if each.rank == REPEATED and -4 <= each.first - best.next <= 4 or each.next - best.first in range(-4, 1)]
        repeated = [each for each in beside if each.rank == REPEATED]
        return repeated[0] if repeated else best


def _bygone(node: object) -> bool:
    """Last August, yesterday: nothing is due then."""
    inner = [getattr(node, name) for name in ("whole", "date", "first") if hasattr(node, name)]
    return getattr(node, "way", None) == -1 or (getattr(node, "shift", None) or 0) < 0 or any(map(_bygone, inner))


def read(text: str, anchor: str | None = None) -> Reading:
    """The deadline that a text sets, counted from `anchor` (EDTF; None or "" if unknown). ValueError if the anchor is no EDTF."""
    days = bounds(anchor or "")
    stripped = text.strip()
    if stripped and not stripped.replace("/", "").isdecimal():  # 1452/2031 can be a year in both calendars
        with suppress(ValueError):  # if not EDTF as it stands, then words
            start = text.index(stripped)
            return Reading("date", stripped, *bounds(stripped), words=stripped, start=start, end=start + len(stripped))
    folded = fold(text)
    expressions = Expressions(lex(folded), text, folded.origin)
    found = expressions.deadline()
    if not found:
        return Reading("none")
    start, end = folded.span(expressions.lexemes[found.first].start, expressions.lexemes[found.next - 1].end)
    reading = replace(_resolved(found, anchor or "", days), words=text[start:end], start=start, end=end)
    return replace(reading, refused=f"“{reading.words}”: {reading.refused}.") if reading.refused else reading


def _resolved(found: Found, anchor: str, days: Days) -> Reading:
    if found.kind == "vague":
        return Reading("relative")
    if found.kind not in ("date", "relative"):
        return Reading(found.kind)
    try:
        rows = _rows(found, anchor, days)
    except AnchorNeeded:
        return Reading("relative", anchor_missing=True)
    except Impossible as error:
        return Reading("date", refused=str(error))
    if len(rows) == 1:
        edtf, earliest, latest = rows[0]
        return Reading(found.kind, edtf, earliest, latest)
    return Reading(found.kind, readings=[_dated(*row) for row in rows])


def _rows(found: Found, anchor: str, days: Days) -> list[tuple]:
    """(EDTF, earliest, latest) of each reading."""
    if found.kind == "date":
        rows = [PERIODS[found.limit](span) for span in resolve(found.named.node, days)]
        approximate = found.named.approximate
        return [(f"{edtf}~" if approximate and edtf == sides(edtf)[0] else edtf, *ends) for edtf, *ends in rows]
    anchors = [span.edtf for span in resolve(found.base.node, days)] if found.base else [anchor]
    if not anchors[0]:
        raise AnchorNeeded
    return [COUNTS[found.limit](found.duration, each) for each in anchors]


def too_precise(edtf: str, words: str, anchor: str | None = None) -> str | None:
    """None if the words, counted from the anchor, say all that the EDTF form says; else a sentence naming what they don't.

    ValueError if `edtf` or `anchor` is no EDTF.
    """
    bounds(edtf)
    stated, anchor = sides(edtf), anchor or ""
    said = _said(words, anchor, bounds(anchor))
    if any(all(map(_within, stated, sides(each))) for each in said):
        return None
    points = {end for each in said for end in sides(each) if each == end}
    if stated[0] != edtf:
        points.update(sides(anchor))  # an interval may begin or end at the anchor
    points -= ENDLESS
    missing = [end for end in stated if end not in ENDLESS and not any(_within(end, point) for point in points)]
    return _finer(missing[0].rstrip(QUALIFIERS), points, words) if missing else None


def _within(stated: str, said: str) -> bool:
    """An end says no more than the words: their day, month … or one that holds it, or nothing."""
    if stated in ENDLESS or said in ENDLESS:
        return stated in ENDLESS
    stated, said = stated.rstrip(QUALIFIERS), said.rstrip(QUALIFIERS)
    (first, last), (earliest, latest) = bounds(stated), bounds(said)
    return stated == said or (stated[5:] not in SEASON_STARTS and first <= earliest and latest <= last)


def _finer(end: str, points: set[str], words: str) -> str:
    """The sentence: the coarsest component of a date that the words don't hold."""
    own = "season" if end[5:] in SEASON_STARTS else precision(end)
    day, held = bounds(end).earliest, ""
    finer = [unit for unit in ("year", "month") if COARSENESS[unit] > COARSENESS[precision(end) if own != "season" else "month"]]
    for unit, step in [*((unit, at_precision(day, unit)) for unit in finer), (own, end)]:
        if not any(_within(step, point) for point in points):
            break
        held = step
    return f"The words “{words}” don't say the {unit} of {end}: " + (f"write {held}." if held else "write only what they say.")


def _said(words: str, anchor: str, days: Days) -> set[str]:
    """Every EDTF form that the words or a part of them can mean, counted from any day of the anchor."""
    folded = fold(words)
    expressions = Expressions(lex(folded), words, folded.origin)
    places = range(expressions.size)
    found = [each for i in places if (each := expressions.limited(i) or expressions.counted(i)) and each.kind in ("date", "relative")]
    said = {edtf for each in found for edtf, *_ in _tried(lambda each=each: _rows(each, anchor, days))}
    named = [each.node for i in places for rule in (expressions.core, expressions.period) if (each := rule(i)) and each.node]
    years = {node.year for node in named if isinstance(node, Date) and not node.hijri}
    for node in (variant for each in named for variant in _variants(each, years)):
        spans = _tried(lambda node=node: resolve(node, days))
        if not isinstance(node, Shifted | Weekday):  # their day follows from a known day only
            spans += [span for day in days if day for span in _tried(lambda node=node, day=day: node.at(day))]
        said.update(span.edtf for span in spans)
        if isinstance(node, Joined):  # both its ends are named
            said.update(end for span in spans for end in sides(span.edtf))
    return said


def _tried(rows: Callable[[], list]) -> list:
    """What words give, if anything."""
    try:
        return rows()
    except (AnchorNeeded, Impossible):
        return []


def _variants(node: object, years: set[int]) -> list[object]:
    """A date that leaves out its year can be the last one, the next one, or of a year that is named elsewhere."""
    if isinstance(node, OnWeekday):
        return [OnWeekday(each, node.weekday) for each in _variants(node.date, years)] + [Weekday(node.weekday, -1)]
    if not isinstance(node, Yearless | Weekday) or node.way is not None:
        return [node]
    dated = []
    if isinstance(node, Yearless) and not node.hijri and not isinstance(node.month, str):
        dated = [Date(year, node.month, node.day) for year in sorted(years)]
    return [node, replace(node, way=-1), *dated]
