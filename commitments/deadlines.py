"""Which words of a text set its deadline: limits with dates, durations or events, rhythms, standing or vague words."""

from dataclasses import dataclass, replace
from itertools import takewhile
from typing import NamedTuple

from .calendars import UNITS, Date, Joined, Shifted, Yearless
from .durations import Duration, Durations
from .grammar import Named
from .numerals import LONGEST

WINDOW = 10  # lexemes on each side of a date in which a verb tells a past event's day from a deadline
REMEMBERED = 1000  # answers of a rule; dropped from time to time, so that a long text needs little memory
STOPS = frozenset(".;!?:")
MARKS = frozenset('.;!?:,()"/-|')
RHYTHMIC = ("unit", "weekday", "indefinite weekday", "month", "season", "yearnoun")
ELAPSED = frozenset(("مرور", "مضي", "انقضاء", "have", "has", "elapse", "pass"))
COUNTS_FROM = ("of", "from", "من", "على")
SAYING = "ان"  # أن, إن, أنها, بأن …, folded
DATE_OF = ("تاريخ", "the date of", "date of")
# Where several apply, the first of these is the deadline; then the one that stands first.
RHYTHM, LIMITED, PLAIN, EVENT, STANDING, VAGUE, BYGONE, WEAK = range(8)


class Limit(NamedTuple):
    """What a limit (date_words) makes of a period and of a duration, and which events it takes."""

    period: str | None
    duration: str | None
    event: str | None  # "any": whatever follows; "act": any of EVENTS; "gathering", "coming": one that is to come


LIMITS = {
    "by": Limit("by", "within", "gathering"),
    "until": Limit("by", "within", "any"),
    "upto": Limit("by", "within", "act"),
    "through": Limit("by", "within", None),
    "most": Limit(None, "within", None),
    "before": Limit("before", "ago", "act"),
    "after": Limit("after", "after", "act"),
    "from": Limit("from", None, "coming"),
    "not until": Limit("either", None, None),
    "not before": Limit("from", "from", "coming"),
    "during": Limit("in", "within", "coming"),
    "in": Limit("in", "after", "coming"),
    "inside": Limit("in", "within", "coming"),
    "at": Limit("in", None, "coming"),
    "between": Limit("in", "within", None),
    "upon": Limit(None, None, "any"),
    "eve": Limit("eve", None, "act"),
    "since": Limit("past", "past", None),
    "agent": Limit(None, None, None),
}
# Limits in a row: those that only point leave the word to the next one, and of some pairs the second counts.
ENDING = ("by", "until", "upto", "through")
POINTING = ("at", "in", "inside", "during", "from")
CHAINS = {(first, second) for first in ENDING[:3] for second in ("before", "after")} | {("not before", "after")}
SIDES = {
    "from": "start",
    "after": "start",
    "by": "end",
    "before": "end",
}  # after A and before B is from one to the other
# What a denied limit is: they won't leave before it, it is in no case later. Not until it: both that and until it.
TURNED = {"before": "not before", "after": "by", "until": "not until"}
COMPARED = ("no later", "not later", "no earlier")
DENIED = 15  # lexemes before a limit in which a word can deny it
# By the end of X is by X, and so is before its end; when its middle was reached, nobody knows.
EDGED = {
    ("end", "in"): "by",
    ("end", "before"): "by",
    ("inside", "before"): "by",
    ("inside", "after"): "from",
    ("start", "after"): "from",
}
OWN_LIMITS = ("by", "until", "upto", "through", "not before", "during", "most")  # what follows one is no event's name
# Before noon of X may be on X, and so may what comes after it.
CLOCKED = {"before": "by", "after": "from"}
# What a portion of a year is called before «من», which is then "of", not "from".
PORTIONS = ("portion", "clock", "unit", "ordinal", "edge", "vague", "vague period", "few")
AFTERWARDS = {"onward": "from", "at latest": "by", "at least": "from"}  # words after a date that make it a limit


@dataclass(frozen=True)
class Found:
    """An expression in lexemes `first` to `next`: its kind (a Reading's, "vague", or "past") and what it is made of."""

    rank: int
    kind: str
    first: int
    next: int
    limit: str = "in"
    named: Named | None = None
    duration: Duration | None = None
    base: Named | None = None  # the date in the words that the duration counts from
    elsewhere: bool = False  # it counts from an event
    until: "Found | None" = None  # the end of a time that this one begins
    others: tuple["Found", ...] = ()  # what else the text sets, as good a deadline as this


class Deadlines(Durations):
    """The expressions of a text. Each is found by the first rule that fits where it begins."""

    def all(self) -> list[Found]:
        found, i = [], 0
        while i < self.size:
            each = self.expression(i) if self.lexemes[i].means else None
            if each:
                found.append(each)
            i = max(each.next, i + 1) if each else i + 1
            if len(self.memory["core"]) > REMEMBERED:
                self.memory.clear()
        return found

    def deadline(self) -> Found | None:
        """The expression that is the text's deadline."""
        candidates = [each for each in self.all() if each.kind != "past" and self._stands(each)]
        found = min(candidates, key=lambda each: (each.rank, each.first), default=None)
        if found and found.kind in ("date", "relative"):
            kinds = ("date", "relative") if found.rank == LIMITED else (found.kind,)
            alike = [each for each in candidates if each.rank == found.rank and each.kind in kinds]
            if found.rank == LIMITED or self.get(found.first, "limit"):  # a row of bare dates sets nothing
                found = replace(found, others=tuple(self._spanned(alike)))
        # Once the government is formed, within 30 days. What stands right behind a duration is its own start.
        others = [each for each in candidates if found and each.kind == "event" and each.first != found.next]
        return found and replace(found, elsewhere=found.elsewhere or bool(others))

    def _spanned(self, found: list[Found]) -> list[Found]:
        """The same, where not before A and not after B are one: from A to B."""
        spanned = found[:1]
        for each in found[1:]:
            last = spanned[-1]
            between = range(last.next, each.first)
            ends = {SIDES.get(side.limit): side for side in (last, each) if side.kind == "date" and not side.until}
            if ends.keys() == {"start", "end"} and len(between) < LONGEST and all(map(self._joins, between)):
                spanned[-1] = replace(ends["start"], first=last.first, next=each.next, until=ends["end"])
            elif last.limit != "from" or each.kind != "relative" or each.limit != "within":  # from 1 March, for a year
                spanned.append(each)
        return spanned

    def _joins(self, k: int) -> bool:
        return self.text(k) == "," or any(self.get(k, each) for each in ("and", "or", "negated", "but"))

    def expression(self, i: int) -> Found | None:
        for rule in (self.rhythm, self.phrase, self.limited, self.bare, self.counted):
            if found := rule(i):
                return found
        return None

    # -- words that say it all

    def rhythm(self, i: int) -> Found | None:
        """Every six months, annually, twice a year, «كل عام», «مرتين في السنة»; also annual, which says little."""
        if self.get(i, "rhythm"):
            return Found(RHYTHM, "recurring", i, i + 1)
        if self.get(i, "periodic") and self.get(i, "unit") is None:
            return Found(VAGUE, "recurring", i, i + 1)
        j = i
        if self.get(i, "times") or (self.get(i, "number") is not None and self.get(i + 1, "times")):
            j = self.skip(i + 1, "times", "of")
            if self.get(j, "rhythm"):
                return Found(RHYTHM, "recurring", i, j + 1)
        elif not self.get(i, "every"):
            return None
        j += self.get(j, "every") is not None
        number = self.ordinal(j) or self.number(j)
        j = self.skip(number.next if number else j, "few")
        if any(self.get(j, each) is not None for each in RHYTHMIC):
            return Found(RHYTHM, "recurring", i, j + 1)
        return None

    def phrase(self, i: int) -> Found | None:
        """Soon, permanently, in the coming period."""
        if self.get(i, "vague"):
            return Found(VAGUE, "vague", i, i + 1)
        # «وجودا عسكريا دائما» is an adjective: it follows a noun or adjective with the same ending.
        if self.get(i, "standing") and not (self.text(i).endswith("ا") and self.text(i - 1).endswith("ا")):
            return Found(STANDING, "standing", i, i + 1)
        for noun, adjective in ((i, i + 1), (i + 1, i)):
            coming = self.get(adjective, "relative") == 1 or self.get(adjective, "near")
            if coming and self.get(noun, "vague period"):
                return Found(VAGUE, "vague", i, i + 2)
        return None

    # -- a limit, and what it limits

    def limited(self, i: int) -> Found | None:
        name = self.get(i, "limit")
        if name is None or (name == "upon" and self.lexemes[i].definite):  # «ومنذ ذلك الحين»
            return None
        first, (name, j) = name, self._chained(name, i + 1)
        denied = first == name in TURNED and self._denied(i)
        if denied and name == "after" and not self._outlasts(i):
            denied = False  # what is banned after a day is banned from then on
        turned = TURNED[name] if denied else name
        if self.text(i) in COMPARED and self.text(j) == ",":  # no later, in any event, than
            j = next((k + 1 for k in range(j, j + LONGEST) if self.text(k) == "than"), j)
        end = self.hour(self.skip(j, "filler", "at least"))
        end = self.skip(end, "filler", "of") if end > j else j
        ended = self.skip(end + 1, "of", "filler") if self.get(end, "edge") == "end" else end  # the end of six months
        for start in (*range(j, end + 1), ended, i + 1):  # «خلال يوم»: what points may be a unit after all
            found = self._next_unit(i, start) or self._period(i, turned, start)
            found = found or self._duration(i, turned if name == "after" else name, start)
            if found and denied is None and found.kind in ("date", "relative"):
                return Found(BYGONE, "past", i, found.next)  # whether it is denied isn't understood
            if found:
                return found
        return self._event(i, name, j)

    def _denied(self, i: int) -> bool | None:
        """The limit at i is denied: in no case later than, «لن تنسحب القوات قبل»; None if that isn't understood."""
        unclear = False
        for k in range(i - 1, max(i - DENIED, -1), -1):
            # «إلا» and «ألا» are one word once folded: except before, lest it be before
            lest = self.text(k) == "الا" and k + 1 < i
            ends = self.text(k) in MARKS and self.text(k) != "," and len(self.text(k - 1)) > 1  # but not in U.S.
            if ends or (self.get(k, "but") and not lest):
                break
            if self.get(k, "negated") and self.get(k + 1, "number") is None:  # but No 5
                return None if unclear or self.get(k - 1, "unclear") else True
            unknown = not self.lexemes[k].means and self.text(k).startswith("و") and len(self.text(k)) > 3
            unclear = (
                unclear or unknown or self.text(k) == "," or bool(self.get(k, "unclear")) or self.lexemes[k].joined
            )
        return False

    def _outlasts(self, i: int) -> bool:
        """What is denied is that it lasts, or is done, so long: no later than, not to remain after, not after."""
        if self.text(i).endswith("than"):
            return True
        i -= self.get(i - 1, "whatever") is not None
        no = next((k for k in range(i - 1, i - DENIED, -1) if self.get(k, "negated")), i)
        lasts = any(self.get(k, "lasts") for k in range(no, i))
        return lasts or i - no < 4 or "be" in (self.text(no - 1), self.text(i - 1))

    def hour(self, i: int) -> int:
        """Past a time of day and its zone: 5 pm Baghdad time on, «بتوقيت بغداد من»."""
        j = i
        for _ in range(LONGEST):
            told = self.text(j - 1) == "الساعه" or self.get(j + 1, "clock")  # «الساعة الثانية عشرة», 12 noon
            spoken = (self.ordinal(j) or self.number(j)) if told else None
            passed = self.get(j, "clock") or self.get(j, "filler")
            passed = passed or ((j > i or self.get(i - 1, "clock")) and self.get(j, "limit") in ("at", "in", "inside"))
            if spoken:
                j = spoken.next
            elif self.text(j + 1) == "time" or self.get(j, "zone"):
                j += 2
            elif passed or (j > i and self.get(j, "of")):
                j += 1
            else:
                break
        return j

    def _chained(self, name: str, j: int) -> tuple[str, int]:
        """Several limits in a row: starting on, «في الفترة بين», until after."""
        for _ in range(3):
            noun = self.the(j)
            if self.get(noun, "vague period") and self.get(noun + 1, "limit") in ("between", "from"):
                j = noun + 1
            second = self.get(j, "limit")
            if second is None:
                break
            if second not in ("at", "in", "inside"):
                if name not in POINTING and (name, second) not in CHAINS:
                    break
                name = second
            j += 1
        return name, j

    def _next_unit(self, i: int, start: int) -> Found | None:
        """Within the next year: the year from now, not the one in the calendar; in the year to 31 March."""
        start = self.the(start)
        if self.text(start - 1) == "the" and self.unit(start) in UNITS and self.text(start + 1) == "to":
            duration = self._length(1, 1, self.unit(start), start + 1)
            return duration and self._earlier(i, "within", duration, start + 2)
        unit = self.unit(start + 1)
        if self.text(i) not in ("within", "over") or self.get(start, "relative") != 1 or not unit:
            return None
        duration = self._length(1, 1, unit, start + 2)
        return duration and self._count(i, "within", duration)

    def _period(self, i: int, name: str, start: int) -> Found | None:
        named = self.period(start, name == "between")
        if not named and name != "at" and (found := self.this(start)):  # «خلال العام», within the decade
            article = self.lexemes[start].definite or self.text(start) == "the"
            if article and found[0].unit not in ("day", "half", "third") and self.get(found[1], "of") is None:
                named = Named(*found)
        if not named or self._counts_things(named) or (name == "between" and not isinstance(named.node, Joined)):
            return None
        j = named.next
        length = self.duration(j) if self.lexemes[j].clitic == "ب" else None
        if length and length.low and name in TURNED.values():
            return Found(BYGONE, "past", i, length.next)
        if length and length.low and name in ("before", "after"):  # «قبل نهاية 2031 بشهرين»
            back = self._back(length) if name == "before" else length
            return Found(LIMITED, "relative", i, length.next, "after", duration=back, base=named)
        return self._placed(i, name, named)

    def _placed(self, i: int, name: str, named: Named) -> Found | None:
        """A period under its limit, with the words after it that change the limit."""
        j, limit = named.next, LIMITS[name].period
        clocked = any(self.get(k, "clock") or self.lexemes[k].timed for k in range(i, j + 2))
        if limit is None and not clocked:
            return None
        limit = limit or "in"  # «عند منتصف ليل»
        if named.recurring or self.get(j, "rhythm") or (self.get(j, "every") and self.get(j + 1, "unit")):
            return Found(RHYTHM, "recurring", i, j + (not named.recurring))
        if named.weak and (self.get(j, "document") or self.get(j, "event")):  # the 2008 agreement, the 2031 elections
            return None
        if limit == "past" or named.past or (name in ("until", "upto") and named.node == Shifted("day", 0)):
            return Found(BYGONE, "past", i, j)
        if limit == "eve":
            return Found(VAGUE, "vague", i, j)
        if limit in ("from", "in") and self._baseline(i, j):
            return Found(BYGONE, "past", i, j)
        if limit == "from" and isinstance(named.node, Joined):
            limit, named = self._moved(i, named)
        if limit == "from" and not self.get(j, "onward") and self._portion(i):
            limit = "in"  # «في وقت لاحق من هذا العام»: of, not from
        if limit == "in" and any(self.get(k, "at latest") for k in (i - 1, i - 2)):  # at the latest in March
            limit = "by"
        limit = CLOCKED.get(limit, limit) if clocked else limit
        limit = EDGED.get((named.edge, limit), limit)
        after = any(self.get(j, each) for each in ("at least", "onward"))  # until March at least: no end is said
        if limit == "by" and name in ENDING and (after or any(self.get(k, "at least") for k in (i - 1, i + 1))):
            limit, j = "from", j + after
        if limit == "in" and self.get(i - 1, "to") and self._behind(i - 1, "extends", "moves") == "extends":
            limit = "by"  # «تمديد المهلة إلى»
        for category, other in AFTERWARDS.items():
            if limit in ("in", other) and self.get(j, category):
                limit, j = other, j + 1
        rank = BYGONE if _bygone(named.node) else PLAIN if limit == "in" and name != "between" else LIMITED
        return Found(rank, "date", i, j, limit, named)

    def _baseline(self, i: int, j: int) -> bool:
        """What something is compared with: from 2005 levels, «عن مستويات عام 2005»."""
        before = takewhile(lambda k: self.text(k) not in MARKS, range(i - 1, max(i - 4, -1), -1))
        return any(self.get(k, "baseline") for k in (*before, j))

    def _moved(self, i: int, named: Named) -> tuple[str, Named]:
        """From one date to another; what is extended or postponed from the one to the other is due by, or on, the other."""
        limit = {"extends": "by", "moves": "in"}.get(self._behind(i, "extends", "moves"))
        return (limit, replace(named, node=named.node.last)) if limit else ("in", named)

    def _behind(self, i: int, *categories: str) -> str:
        """The category that the nearest word before has, up to a mark; "" if none."""
        near = takewhile(lambda k: self.text(k) not in MARKS, range(i - 1, i - LONGEST, -1))
        return next((each for k in near for each in categories if self.get(k, each)), "")

    def _portion(self, i: int) -> bool:
        """The «من» here follows a part of what comes after it: «في الأيام الأخيرة من عام 2031»."""
        before = range(i - 1, max(i - 4, -1), -1)
        return self.text(i) == "من" and any(self.get(k, each) is not None for k in before for each in PORTIONS)

    def _counts_things(self, named: Named) -> bool:
        """A bare number that is no year after all: 2000 troops, 2000 to 2500 advisers, 2003 days, 2030%."""
        if not (named.weak and isinstance(named.node, Date)):
            return False
        j = named.next
        k = j + (self.text(j) == "-" or self.get(j, "to") is not None or self.get(j, "and") is not None)
        things = self.get(j, "counted") or self.get(j, "unit") or self.text(j) in ("%", "$", "€")
        return bool(things) or (k > j and self.get(k, "number") is not None)

    def _duration(self, i: int, name: str, start: int) -> Found | None:
        found, mode = self.duration(start), LIMITS[name].duration
        if found and self._lasted(i, found):
            return Found(BYGONE, "past", i, found.next)
        ended = found and any(self.get(k, "edge") == "end" for k in range(i, start))
        mode = "after" if ended and name in ("at", "in", "inside") else mode
        if not found or mode is None or self.get(found.next, "old"):
            return None
        if mode == "past":
            return Found(BYGONE, "past", i, found.next)
        elapsed = ended or any(self.text(k) in ELAPSED for k in range(i, found.next + 1))
        if mode == "ago" and not elapsed:
            least = any(self.get(k, "at least") for k in range(i, found.next + 1))
            of = self.skip(self.skip(found.next, "at least"), "of")
            earlier = self._earlier(i, "from" if least else "after", found, of) if of > found.next else None
            return earlier or self._event(i, "before", found.next) or Found(BYGONE, "past", i, found.next)
        article = name == "in" and not ended and any(self.text(k) == "the" for k in range(i, start + 1))
        if mode == "ago" or (mode == "after" and (found.coming or article or self.get(found.next, "at latest"))):
            mode = "within"
        return self._count(i, mode, found)

    def _lasted(self, i: int, found: Duration) -> bool:
        """It is how long something has been: after 20 years of war, for 20 years they have cooperated."""
        k = self.the(found.next + 1)
        if self.get(found.next, "of") and self.get(k, "lasting"):
            return True
        near = takewhile(
            lambda k: self.text(k) not in MARKS and not self.future(k), range(found.next, found.next + LONGEST)
        )
        return self.text(i) in ("for", "over") and any(self.text(k) in ("have", "has", "had") for k in near)

    def _count(self, i: int, mode: str, duration: Duration) -> Found | None:
        """A duration with the date that it counts from, if the words give one."""
        j = self.skip(duration.next, "from now", "at latest", "at least", "vague period")
        longer = any(self.text(k) == "over" for k in range(i + 1, duration.next))
        if longer or any(self.get(k, "at least") for k in range(i - 1, duration.next + 1)):
            mode = "from"
        if mode == "after" and any(self.get(k, "fewer") for k in range(i, duration.next)):
            mode = "within"
        if self._behind(i, "extends", "moves") and self.text(j) not in COUNTS_FROM:
            return Found(VAGUE, "vague", i, duration.next)  # from an end that isn't given
        if self.get(j, "to") and duration.low and (earlier := self._earlier(i, "within", duration, j + 1)):
            return earlier  # in the 12 months to 31 March
        if self.lexemes[j].joined:  # «خلال شهر وقبل 1 أيار»: that is another limit
            told = duration.low or duration.refused
            return Found(LIMITED if told else VAGUE, "relative" if told else "vague", i, j, mode, duration=duration)
        if self.get(j, "limit") == "before" and (earlier := self._earlier(i, mode, duration, j + 1)):
            return earlier
        if self.get(j, "limit") in ("before", "since"):
            return self._event(i, "before", j + 1) or Found(BYGONE, "past", i, j + 1)
        base = None
        if self.get(j, "limit") in ("after", "from", "upon") or self.get(j, "of"):
            base = self.paired(j + 1) or self.paired(self.skip(j + 1, "filler", "at"))
            if base and base.recurring:
                return Found(RHYTHM, "recurring", i, base.next)
        if not (duration.low or duration.refused):  # within days of 3 March; but the days after it end nowhere
            return Found(VAGUE, "vague", i, base.next if base and self.get(j, "limit") != "after" else j)
        elsewhere = base is None and self._elsewhere(j)
        return Found(
            LIMITED, "relative", i, base.next if base else j, mode, duration=duration, base=base, elsewhere=elsewhere
        )

    def _elsewhere(self, j: int) -> bool:
        """What a duration counts from has its own day: the elections, a signature; not: this statement."""
        if self.get(j, "limit") not in ("after", "upon") and self.text(j) not in COUNTS_FROM:
            return False
        k = self.the(self.skip(self.the(self.skip(j + 1, "filler")), "issued", "of", "the"))
        return not (self.get(k, "stated") or 0 in (self.get(k, "relative"), self.get(k + 1, "relative")))

    def _earlier(self, i: int, mode: str, duration: Duration, j: int) -> Found | None:
        """So long before a date: 30 days before 1 January, «قبل شهرين من نهاية العام»; by then, or in the days between."""
        base = self.paired(j) or self.paired(self.skip(j, "filler", "at"))
        if not base or base.recurring:
            return None
        if not duration.low:
            return self._placed(i, "before", base)
        ends = any(self.get(k, "limit") in ENDING for k in range(i, duration.next))
        limit = {"after": "after", "within": "by" if ends else "since"}.get(mode, "by")
        return Found(LIMITED, "relative", i, base.next, limit, duration=self._back(duration), base=base)

    @staticmethod
    def _back(duration: Duration) -> Duration:
        """As long, counted back."""
        low, high = (tuple(-number for number in end) for end in (duration.high, duration.low))
        return replace(duration, low=low, high=high)

    def _event(self, i: int, name: str, j: int) -> Found | None:
        """An event after its limit, with what names it."""
        wanted = LIMITS[name].event
        if wanted is None or self.text(j) == "" or self.text(j) in MARKS:
            return None
        if self.get(j, "every") and self.get(j + 1, "event"):
            return Found(RHYTHM, "recurring", i, j + 2)
        if wanted == "any":
            rest = range(j + 1, j + LONGEST)
            ends = (k for k in rest if self.text(k) == "" or self.text(k) in MARKS or self.get(k, "limit"))
            return Found(EVENT, "event", i, min(next(ends, j + LONGEST), self.size))
        for k in range(j, j + LONGEST):
            if self.text(k) == "" or self.text(k) in MARKS or (k > j and self.get(k, "limit") in OWN_LIMITS):
                break
            if self._happens(wanted, name, j, k):
                after = self.skip(k + 1, "relative")
                return Found(EVENT, "event", i, self._year_of(after) if wanted == "act" else after)
        return None

    def _year_of(self, i: int) -> int:
        """Past the year that tells which event is meant: the elections of 2031, «انسحاب القوات عام 2011»."""
        for k in (self.skip(i, "of"), i + 1, i + 2):
            if self.get(k, "limit") is None and (year := self.period(k)):
                return year.next
            if self.text(k) == "" or self.text(k) in MARKS:
                break
        return i

    def _happens(self, wanted: str, name: str, j: int, k: int) -> bool:
        """The lexeme at k is an event as the limit before j wants it."""
        event, edge = self.get(k, "event"), self.get(k, "edge")
        if wanted == "act":
            return event is not None or self.get(k, "be") is not None
        if event is None:
            return False
        coming = any(self.get(near, "relative") == 1 for near in range(k - 3, k + 4))
        phase = self.get(self.the(j), "phase") or (
            self.text(k).isascii() and (self.get(k, "phase") or self.get(k + 1, "phase"))
        )
        if wanted == "gathering":
            return event == "gathering" or coming or edge is not None
        dated = name == "at" or (name == "from" and self.text(k - 1) in DATE_OF)
        return coming or bool(phase) or (k - j < 2 and (edge is not None or (dated and event == "act")))

    # -- without a limit

    def bare(self, i: int) -> Found | None:
        """A date by itself."""
        named = self.period(i)
        if not named or self._counts_things(named):
            return None
        found = self._placed(i, "in", named)
        return replace(found, rank=WEAK) if found and named.weak and found.kind == "date" else found

    def counted(self, i: int) -> Found | None:
        """Six months after the signature, two weeks from now, a 90-day period; 60 days, if that is the whole text."""
        found = self.duration(i)
        if not found or self.get(found.next, "old"):
            return None
        j = self.skip(found.next, "at least", "at latest")
        if self.text(j).endswith("than") and self._denied(i):
            return None  # not a day later than
        if self.get(j, "limit") == "since":
            return Found(BYGONE, "past", i, j + 1)
        if self.get(j, "vague period") or self.text(j) == "deadline":
            return self._count(i, "within", found)
        if self.get(j, "from now") or self.get(j, "limit") in ("after", "from", "before"):
            after = self._count(i, "after", found)
            return replace(after, rank=PLAIN) if after and after.elsewhere else after
        longer = any(self.get(k, "at least") for k in range(i, j))
        return Found(WEAK, "relative" if found.low else "vague", i, j, "from" if longer else "within", duration=found)

    # -- what only looks like a deadline

    def _stands(self, found: Found) -> bool:
        return (
            self._alone(found)
            if found.rank == WEAK
            else not (
                self._tells_past(found) or self._names_place(found) or self._belongs(found) or self._excepted(found)
            )
        )

    def _alone(self, found: Found) -> bool:
        """The text is nothing but this expression, and that is no name that a person may have as well."""
        outside = (k for k in range(self.size) if not found.first <= k < found.next)
        person = found.named and isinstance(found.named.node, Yearless) and self.get(found.first, "name")
        return not person and all(self.text(k) in MARKS or self.get(k, "filler") for k in outside)

    def _tells_past(self, found: Found) -> bool:
        """The words around a date tell a past event, or name a document by its date."""
        if found.limit != "in" or found.kind != "date":
            return False
        if self._spoken(found):
            return True
        named = self.get(found.next, "document") or self.get(found.next, "happening")
        if named and self.get(found.first, "limit") is None and self.text(found.next).isascii():
            return True  # the 7 April 2021 statement
        start, content = max(found.first - WINDOW, 0), False
        for k in range(found.first - 1, start - 1, -1):
            if self.text(k) in STOPS:
                start = k + 1
                break
            if self.future(k):
                return False
            if self.get(k, "past") and not self.future(k - 1):
                return not (content and self.get(k, "promise"))
            content = content or self.get(k, "content") is not None  # what they agreed on
            named = self.get(k, "document") or self.get(k, "happening")
            if named and found.first - k <= 4 and self._names_document(k, found):
                return True
        if found.first - start > 2:
            return False
        for k in range(found.next, found.next + WINDOW):  # In 2008, the parties signed …
            if self.text(k) in STOPS or self.future(k):
                return False
            if self.get(k, "past"):
                return True
        return False

    def _spoken(self, found: Found) -> bool:
        """Then something was said: he said on Thursday that …, on 3 January, the minister said that …"""
        after = self.skip(found.next, ",", ")")
        for k in range(found.first - 1, max(found.first - LONGEST, -1), -1):
            if self.text(k) in STOPS or self._says(k):
                break
            if self.get(k, "spoken"):
                near = found.first - k < (4 if self.get(k, "told") else 2)
                return near or self._says(after) or self.text(found.next) in (":", '"')
        if not any(self.text(k) in STOPS or k < 0 for k in range(found.first - 3, found.first)):
            return False
        for k in range(after, after + LONGEST):
            if self.text(k) in STOPS or self._says(k):
                break
            if self.get(k, "spoken") and self.text(k + 1) not in (*STOPS, ""):  # not: …, the minister said.
                return k == after or after > found.next or self._says(k + 1)
        return False

    def _says(self, k: int) -> bool:
        """What is said begins: that, «أن», «إنه», «بأن»."""
        return self.text(k) == "that" or (self.text(k).removeprefix("ب").startswith(SAYING) and len(self.text(k)) < 6)

    def _names_document(self, k: int, found: Found) -> bool:
        """The date belongs to the document at k, «القانون رقم 13 لسنة 2005», Resolution 2170 (2014); not: in 2031."""
        own = ("inside", "in", "at", None) if self.get(k, "happening") else ("at", None)
        between = range(k + 1, found.first + (self.get(found.first, "limit") not in own))
        return all(self.get(each, "limit") in (None, "at") for each in between)

    def _belongs(self, found: Found) -> bool:
        """A bare day is only that of something else: the events of 1 March 2031, «أحداث 1 آذار»."""
        if found.limit != "in" or found.kind != "date" or self.get(found.first, "limit") is not None:
            return False
        named = self.text(found.first - 1) == "of" or self.get(found.first - 1, "recalled")
        return bool(named) and self.dated(found.named.node)

    def _excepted(self, found: Found) -> bool:
        """When it is not: except in 2031, «باستثناء عام 2031»; or no longer: instead of 1 March 2031."""
        if self.get(found.first - 1, "replaced") or self.get(found.first, "replaced"):
            return True
        return found.kind == "date" and found.limit == "in" and self.get(found.first - 1, "except") is not None

    def _names_place(self, found: Found) -> bool:
        """A place, a revolution or an alliance is named for the day: «جسر 14 تموز», 6th of October City."""
        if found.kind != "date" or found.limit != "in" or not isinstance(found.named.node, Yearless):
            return False
        return bool(self.get(found.first - 1, "place") or self.get(found.next, "place"))


def _bygone(node: object) -> bool:
    """Last August, yesterday: nothing is due then."""
    inner = [getattr(node, name) for name in ("whole", "date", "first") if hasattr(node, name)]
    return getattr(node, "way", None) == -1 or (getattr(node, "shift", None) or 0) < 0 or any(map(_bygone, inner))
