"""The grammar of durations: six months, «شهرين», a year and a half, the coming weeks, 10 working days."""

from dataclasses import dataclass, replace

from .calendars import COARSENESS, UNITS
from .grammar import Dates
from .numerals import Number, remembered

FINER = {"year": "half", "half": "quarter", "decade": "year", "century": "decade"}  # what half of each is told in
FEW = 11  # a year or two, or ten; not: a year or 2031
DECIMAL = (".", ",", "٫")
COMING = ("سي", "ست", "سن")  # how an Arabic verb of the future begins; and words that begin so and are none
NOT_COMING = ("سيا", "سيد", "سيط", "سين", "سنو", "سنه", "ستر", "سته", "ستي", "ستو")
FURTHER = ("another", "a further", "an additional")
ENDS = frozenset(("", *'.;!?:,()[]{}"/-'))
AFTER_UNIT = frozenset(  # what can stand behind «خلال شهر» and leave it a month
    (
        *("limit", "of", "and", "or", "to", "relative", "plain", "working", "near", "and a half", "past"),
        *("from now", "at latest", "at least", "approximate", "vague", "vague period", "few", "old", "be", "every"),
    )
)
CONFLICT = "the number in words and the number in figures disagree; correct one of them"


@dataclass(frozen=True)
class Duration:
    """(months, days), at least `low` and at most `high`; None where the words are vague or count working days."""

    unit: str
    next: int
    low: tuple[int, int] | None = None
    high: tuple[int, int] | None = None
    coming: bool = False  # the next six months
    refused: str = ""


def _days(length: tuple[int, int]) -> int:
    """About how many days these months and days are: enough to tell which of two lengths is the longer."""
    return length[0] * 30 + length[1]


class Durations(Dates):
    """The durations of a text, beside its dates."""

    @remembered
    def duration(self, i: int) -> Duration | None:
        about = False
        for _ in range(3):  # «يوم» and «مدة» can be fillers
            skipped = any(self.get(i, each) is not None for each in ("filler", "at least", "fewer", "approximate"))
            about = about or self.get(i, "approximate") is not None
            i += skipped and self.get(i, "unit") is None
        coming = self.get(i, "relative") == 1
        i += coming
        i += self.text(i) in ("a", "an") and self.number(i + 1) is not None  # a 90-day period
        found = self._counted(i) or self._uncounted(i)
        if found and self.get(found.next, "relative") == 1 and self.get(found.next, "limit") is None:  # not: following
            found = replace(found, next=found.next + 1, coming=True)
        found = found and replace(self._or_more(self._and_more(found)), coming=found.coming or coming)
        return replace(found, low=None, high=None) if found and about else found  # about six months

    def _counted(self, i: int) -> Duration | None:
        """Units with their number before them, after them, or in them."""
        unit, count, plural = self.get(i, "unit") or ("", 0, False)
        if self.get(i, "half"):
            at = self.skip(i + 1, "filler", "-", "a", "an")
            return self._length(0.5, 0.5, self.unit(at), at + 1)
        if count:
            return self._halved(count, count, unit, i + 1)
        if self.text(i + 1) in DECIMAL and self.touching(i, i + 2) and self.get(i + 2, "number") is not None:
            unit, counted, _ = self.get(i + 3, "unit") or ("", 0, False)  # 1.5 years
            value = float(f"{self.get(i, 'number') or 0}.{self.text(i + 2)}")
            return None if counted or self.get(i, "number") is None else self._length(value, value, unit, i + 4)
        if number := self.number(i):
            return self._numbered(number)
        definite = self.lexemes[i].definite
        if unit and ((definite and plural) or self.get(i + 1, "cardinal") == 1) and (number := self.number(i + 1)):
            return self._length(number.value, number.value, unit, number.next)
        dated = any(self.get(i + 1, each) is not None for each in ("number", "ordinal", "weekday", "month"))
        if not unit or plural or definite or dated:
            return None
        more = self.text(i - 1) in FURTHER  # by a further year
        if more or (not self.text(i).isascii() and self._goes_on(i + 1)):  # «خلال شهر»
            return self._halved(1, 1, unit, i + 1)
        return None

    def _goes_on(self, i: int) -> bool:
        """What follows a bare unit leaves it one unit of time: «خلال شهر من», not «شهر العسل»."""
        lexeme = self.lexemes[i]
        known = lexeme.joined or lexeme.text in ENDS or not AFTER_UNIT.isdisjoint(lexeme.means) or self.future(i)
        return known and not (self.get(i, "number") is not None or self.get(i, "month"))

    def future(self, k: int) -> bool:
        word = self.text(k)
        return self.get(k, "future") is not None or (word.startswith(COMING) and not word.startswith(NOT_COMING))

    def _numbered(self, low: Number) -> Duration | None:
        """A number, or a range of them, and its unit."""
        high = low
        k = self.skip(low.next, "to", "-", "or", "and")
        if k > low.next and (number := self.number(k)) and self.get(number.next, "unit"):
            high = number
        j = high.next
        half = self.get(j, "and a half") is not None
        j = j + 1 if half else self.skip(j, "-", "few", "plain", "working")
        working = any(self.get(k, "working") for k in range(high.next, j))
        unit, count, _ = self.get(j, "unit") or ("", 0, False)
        if not unit or (count and count != low.value):  # «(2) شهرين»
            return None
        if working or self.get(j + 1, "working"):
            return Duration(unit, j + 1 + (not working))
        found = self._halved(low.value + half / 2, high.value + half / 2, unit, j + 1)
        return replace(found, refused=CONFLICT) if found and low.conflict else found

    def _halved(self, low: float, high: float, unit: str, j: int) -> Duration | None:
        """Units with half a unit after them: a year and a half, «سنة ونصف السنة»."""
        if self.get(j, "and a half") is None:
            return self._length(low, high, unit, j)
        return self._length(low + 0.5, high + 0.5, unit, j + 1 + (self.unit(j + 1) == unit))

    def _uncounted(self, i: int) -> Duration | None:
        """Units that nobody counts: the coming months, a few weeks, «خلال بضعة أشهر», within days."""
        at = self.skip(i, "few", "of", "relative") if self.get(i, "few") else i
        unit, _, plural = self.get(at, "unit") or ("", 0, False)
        if not unit or not (plural or at > i):
            return None
        following = self.get(at + 1, "relative") is not None and self.get(at + 1, "limit") is not None
        return Duration(unit, at + 1 if following else self.skip(at + 1, "relative", "few", "near"))

    def _and_more(self, found: Duration) -> Duration:
        """A year and six months: the rest is in a finer unit."""
        j = found.next + (self.get(found.next, "and") is not None or self.text(found.next) == ",")
        more = self._counted(j) if j > found.next or self.lexemes[j].joined else None
        if not more or not more.low or not found.low or COARSENESS[more.unit] >= COARSENESS[found.unit]:
            return found
        low, high = (
            tuple(map(sum, zip(*ends, strict=True))) for ends in ((found.low, more.low), (found.high, more.high))
        )
        return self._and_more(replace(more, low=low, high=high, refused=found.refused or more.refused))

    def _or_more(self, found: Duration) -> Duration:
        """A year or two, «سنة أو سنتين», «بين شهرين وثلاثة أشهر»: up to the longer."""
        ranged = self.get(found.next, "or") or self.get(found.next, "to") or self.text(found.next) == "-"
        j = found.next + bool(ranged or self.get(found.next, "and"))
        if not found.low or (j == found.next and not self.lexemes[j].joined):
            return found
        more, number = self._counted(j), self.number(j)
        if not more and number and number.value < FEW and self.get(found.next, "or"):
            more = self._length(number.value, number.value, found.unit, number.next)
        if not more or not more.low or (more.unit != found.unit and not ranged) or _days(more.low) < _days(found.high):
            return found
        unit = max(found.unit, more.unit, key=COARSENESS.get)
        return replace(found, unit=unit, high=more.high, next=more.next, refused=found.refused or more.refused)

    @staticmethod
    def _length(low: float, high: float, unit: str, after: int) -> Duration | None:
        """So many units; vague if half a unit is no whole number of months or days."""
        if unit == "hour":
            low, high, unit = -(-low // 24), -(-high // 24), "day"
        if unit not in UNITS or unit == "third":
            return None
        ends = [(number * UNITS[unit][0], number * UNITS[unit][1]) for number in (low, high)]
        if any(number % 1 for end in ends for number in end):
            return Duration(unit, after)
        low_end, high_end = (tuple(map(int, end)) for end in ends)
        return Duration(FINER.get(unit, unit) if low % 1 else unit, after, low_end, high_end)
