"""The grammar of dates: from the lexemes of a text to what they name in a calendar."""

from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from .calendars import (
    CODED,
    FIRST_HIJRI,
    LAST_HIJRI,
    UNITS,
    Around,
    Date,
    Either,
    Form,
    Impossible,
    Joined,
    Numeric,
    OnWeekday,
    Paired,
    Part,
    Refusal,
    Shifted,
    Stated,
    Stretch,
    Weekday,
    Yearless,
)
from .numerals import LONGEST, YEARS, Number, Numbers, Year, remembered

ROMAN = {
    each: number
    for number, each in enumerate(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"], 1)
}
SPAN, ONE_OF = "{}/{}", "[{}..{}]"
DEEPEST = 3  # the end of the first day of the second quarter of …
TWO_DIGITS = Refusal("the year has two digits; give four digits")
TWO_MONTHS = Refusal("these are two different months; keep one, or write “from … to …” for a period")
NO_YEAR = "{} is no year; give the year in four digits"
NO_SEASON = Refusal("seasons are told of Gregorian years; give the Gregorian year")
HIJRI_OF = Refusal("whether the month is of a Hijri or a Gregorian year isn't said; give the Hijri year")
FISCAL = Refusal("the days of a fiscal year depend on the country; give the calendar dates")


@dataclass(frozen=True)
class Named:
    """What the lexemes up to `next` name: a node of calendars, and how they say it."""

    node: object
    next: int
    edge: str = ""  # "end" of it: by then; its "start", or "inside": somewhere in it
    approximate: bool = False
    weak: bool = False  # a date only after a limit: a bare year, May, رجب
    recurring: bool = False  # of each year
    past: bool = False  # said to be past, with its year: last January 2020


class Days(NamedTuple):
    """The number of a day in a month, or the first and the last of several; what is next; and how they are joined."""

    numbers: list[int]
    next: int
    form: str = SPAN


class Tail(NamedTuple):
    """What follows a month or season: "year" ("past" if said to be so), "way" (-1, 0, 1), "of" another span, "each" year, or
    "" for nothing."""

    kind: str
    value: object
    next: int


class Dates(Numbers):
    """What a text's lexemes name in a calendar."""

    def month(self, i: int) -> tuple[int, bool, Refusal | None, int] | None:
        """(number, Hijri, refusal, next): a month's name, or its names in two traditions, «يناير/كانون الثاني»."""
        noun = self.get(i, "unit")
        called = bool(noun and noun[0] == "month" and not noun[2])
        if called:
            i = self.skip(i + 1, "of")
        value, j, refusal = self.get(i, "month"), i + 1, None
        if called and self.get(i, "number") in range(1, 13) and self._dated_by(i + 1):  # «شهر 12 لعام 2031»
            value = self.get(i, "number"), False
        if self.lexemes[i].definite and self.get(i, "name") and not self.text(i).endswith("المحرم"):
            return None  # «من الصفر»: no month that is another word has an article
        if value is None or (self.get(i, "rare") and not (called or self._rarely(i))):
            return None
        j += self.text(j) == "." and self.get(j + 1, "number") is not None  # Dec. 31
        for _ in range(3):
            mark = self.text(j) if self.text(j) in ("/", "(", "-", ",") else ""
            other = self.get(j + bool(mark), "month")
            if other is None or other[1] != value[1]:
                break
            common = _numbers(value[0]) & _numbers(other[0])
            beside = mark in ("/", "(") or (
                not mark and not self.lexemes[j].joined and not self.get(j, "name") and self._dated_by(j + 1)
            )
            if not common and not beside:
                break
            refusal = refusal or (None if common else TWO_MONTHS)
            value = (common.pop() if len(common) == 1 else value[0]), value[1]
            j += bool(mark) + 1 + (mark == "(" and self.text(j + 2) == ")")
        return *value, refusal, j

    def _dated_by(self, i: int) -> bool:
        """A year stands here: 2031, «من عام 2031», /2031."""
        j = self.skip(i, "of", "yearnoun", "/")
        return self.get(j, "number") is not None and len(self.text(j)) == 4

    def _rarely(self, i: int) -> bool:
        """A word that is seldom a month is one here: 5 … 2031, in … 2031, with its other name beside it."""
        before = any(self.get(i - 1, each) is not None for each in ("number", "limit"))
        return before and (self._dated_by(i + 1) or self.get(i + 2, "month") is not None)

    def shifted(self, i: int) -> tuple[Shifted, int] | None:
        """This year, next month, «الشهر المقبل», «هذا العام», the new year."""
        i = self.the(i)
        way, noun = self.get(i, "relative"), i + 1
        if way is None or not self.unit(noun):
            way, noun = self.get(i + 1, "relative"), i
            if not self.lexemes[i].definite:
                way = None
        if "year" in (self.unit(i), self.unit(i + 1)) and (self.get(i, "new") or self.get(i + 1, "new")):
            return Shifted("year", 1), i + 2
        unit = self.unit(noun)
        if way is None or unit not in UNITS:
            return None
        again = self.get(i + 2, "relative") is not None and self.lexemes[i + 2].definite  # «هذا العام الجاري»
        return Shifted(unit, way), i + 2 + again

    def another(self, i: int) -> bool:
        """An adjective makes it another year than the calendar's: «التشريعية», «الأولى»."""
        word = self.lexemes[i]
        kind = not word.means and word.text.endswith(("ي", "يه"))
        return word.text.startswith("ال") and (kind or self.get(i, "ordinal") is not None)

    def this(self, i: int) -> tuple[Shifted, int] | None:
        """The year, «الشهر»: this one, where the words around it (the end of …, 15th of …) leave no other."""
        definite = self.lexemes[i].definite or self.text(i).isascii()
        unit, after = self.unit(self.the(i)), self.the(i) + 1
        if unit not in UNITS or not definite or self.another(after):
            return None
        return Shifted(unit, 0), after

    # -- days, months, years

    def numeric(self, i: int) -> Named | None:
        """2031-03-01, 1/3/2031, 3/2031 …, in any order."""
        if compact := self.get(i, "compact"):
            return Named(Date(*compact), i + 1, weak=True)
        parts, mark = [i], self.text(i + 1)
        roman = ROMAN.get(self.text(i + 2)) if mark == self.text(i + 3) else None  # 31.XII.2031
        if roman and mark in ("/", "-", ".") and self.get(i, "number") and self._dated_by(i + 4):
            return Named(Date(self.get(i + 4, "number"), roman, self.get(i, "number")), i + 5)
        if mark not in ("/", "-", ".") or self.get(i, "number") is None:
            return None
        if self.text(i - 1) == mark and self.get(i - 2, "number") is not None:
            return None  # the tail of a longer row of numbers
        if self.text(i - 1) == mark and i > 1 and self.touching(i - 2, i):
            return None  # A/75/2031
        while len(parts) < 4 and self.text(parts[-1] + 1) == mark and self.get(parts[-1] + 2, "number") is not None:
            if mark != "/" and not self.touching(parts[-1], parts[-1] + 2):
                break
            parts.append(parts[-1] + 2)
        lengths, values = [len(self.text(k)) for k in parts], [self.get(k, "number") for k in parts]
        era = self.get(parts[-1] + 1, "era")
        old = any(n == 4 and FIRST_HIJRI <= value <= LAST_HIJRI for n, value in zip(lengths, values, strict=True))
        node = _figures(mark, lengths, values, old if era is None else era)
        return node and Named(node, parts[-1] + 1 + (era is not None))

    def days(self, i: int) -> Days | None:
        """A day's number, or the first and last of a list or range of them: 7 و8, 1 to 15, 1 or 2, the first and second."""
        found, j, after, form = [], i, i, SPAN
        for _ in range(LONGEST):
            j = self.the(j)
            day = self.ordinal(j) or (None if self._counts(j) else self.number(j))
            if not day or not 0 <= day.value <= 99:
                break
            if self.get(j, "ordinal") is not None and self.text(j).endswith(("اولي", "ه")) and self.text(j) != "غره":
                break  # «الأيام الأولى من آذار»: a day is masculine
            found, after = [*found[:1], day.value], day.next
            form = ONE_OF if j > i and self.get(j - 1, "or") else form
            j = self.skip(after, "and", "or", "to", "-", "/", ",")
            if j == after and not self.lexemes[j].joined:
                break
        return Days(found, after, form) if found else None

    def _counts(self, i: int) -> bool:
        """One, two, three … count things, not days of a month."""
        return self.get(i, "cardinal") is not None and self.text(i).isascii()

    def tail(self, i: int, hijri: bool = False) -> Tail:
        """What follows a month or season and says of which year it is."""
        j = self.skip(i, ",", "of", "filler")
        for found in (self.shifted(j), self.shifted(i)):
            if found and found[0].unit == "year":
                stated = self.stated(found[1])
                if not stated:
                    return Tail("of", *found)
                node = self._stated(found[0], stated)
                if isinstance(node, Stated):
                    return Tail("of", node, stated.next)
                return Tail("past" if found[0].shift < 0 else "year", stated.value, stated.next)
        if (way := self.get(i, "relative")) is not None:
            year = self.year(self.skip(i + 1, "of"), sure=True, hijri=hijri)
            kind = "past" if way < 0 else "year"
            return Tail(kind, year.value, year.next) if year else Tail("way", way, i + 1)
        j_marked = i + 1 if self.text(i) in ("/", "-") else j  # «أيار/2031»
        if year := self.year(j_marked, sure=j_marked == j, hijri=hijri):
            return Tail("year", year.value, year.next)
        if self.get(j, "every") and self.unit(j + 1) == "year":
            return Tail("each", None, j + 2)
        found = self.this(j) if j > i else None
        return Tail("of", *found) if found and found[0].unit == "year" else Tail("", None, i)

    def stated(self, i: int) -> Year | None:
        """The number of a year that was named by its relation to today: «العام الجاري 2021», this year (2021)."""
        mark = self.text(i) if self.text(i) in ("(", ",") else ""
        year = self.year(i + bool(mark))
        if not year or (mark and self.text(year.next) not in (")", ",", ".", "")):
            return None
        return year._replace(next=year.next + (self.text(year.next) == ")"))

    @remembered
    def named_month(self, i: int) -> Named | None:
        """Day, month and year in words, in any order, and any of them but the month left out."""
        i = self.the(i)
        way = self.get(i, "relative")  # next March, last 26 July
        start = i + (way is not None)
        listed = self.days(start)
        month = self.month(self.skip(listed.next, "of", "filler", "-", "/", ",")) if listed else None
        if month:
            j = month[3]
        elif month := self.month(start):
            listed = self._days_after(month[3])
            j = listed.next
        else:
            return self.day_of(start)
        days = listed.numbers
        number, hijri, refusal, _ = month
        kind, value, after = self.tail(j, hijri)
        alone = not days and not kind and way is None
        if self.get(j - 1, "name") and not days and self._no_month(start, j, alone):
            return None
        if self.get(j, "short year"):
            return Named(TWO_DIGITS, j + 1)
        if days and not kind and (at := self._no_year(j)):
            return Named(TWO_DIGITS if len(self.text(at)) == 2 else Refusal(NO_YEAR.format(self.text(at))), at + 1)
        if refusal:
            return Named(refusal, after)
        way = value if kind == "way" else way
        ends = [self._dated(number, hijri, day, Tail(kind, value, after), way) for day in days or [None]]
        weak = alone and not (self.get(start, "unit") or self.lexemes[start].clitic)
        past = kind == "past" or (kind == "year" and way == -1)
        node = ends[0] if len(ends) == 1 else Joined(*ends, listed.form)
        return Named(node, after, weak=weak, recurring=kind == "each", past=past)

    def feast(self, i: int) -> Named | None:
        """A day of the year by its name: New Year's Day 2032, «رأس السنة الهجرية»."""
        known = self.get(i, "feast")
        if known is None or self.another(i + 1):
            return None
        month, day, hijri = known
        tail = self.tail(i + 1, hijri)
        node = self._dated(month, hijri, day, tail, tail.value if tail.kind == "way" else None)
        return Named(node, tail.next, recurring=tail.kind == "each", past=tail.kind == "past")

    @classmethod
    def _dated(cls, month: int | tuple[int, ...], hijri: bool, day: int | None, tail: Tail, way: int | None) -> object:
        if isinstance(month, tuple):
            return Either(tuple(cls._dated(each, hijri, day, tail, way) for each in month))
        if tail.kind in ("year", "past"):
            return Date(tail.value, month, day, hijri)
        if tail.kind == "of":
            return HIJRI_OF if hijri else Part(tail.value, "month", month, day)
        return Yearless(month, day, hijri, way)

    def _no_month(self, i: int, j: int, alone: bool) -> bool:
        """A verb, or a person: may or march in small letters without a year, or before a capitalised word."""
        if self.text(i).isascii() and not self.capital(i):
            return self.get(j, "number") is None
        return alone and self.capital(j) and not self.lexemes[j].means

    def _no_year(self, i: int) -> int:
        """Where a figure stands in the year's place behind a day and month, and is no year: 31-Dec-31; 0 if none does."""
        mark = self.text(i) in ("-", "/") and self.touching(i - 1, i + 1)
        j = self.skip(i + mark, "of", "yearnoun")
        other = self.text(j + 1) in ("/", ":", "%") or any(
            self.get(j + 1, each) is not None for each in ("month", "unit", "counted", "clock", "of")
        )
        return j if self.text(j).isdecimal() and not (other or self.lexemes[j].joined or self.lexemes[j].clitic) else 0

    def _days_after(self, i: int) -> Days:
        """The days after a month's name: March 1st, August 7-8; not a year's number, nor the next date's day."""
        listed = self.days(i)
        if not listed or max(listed.numbers) > 31 or (self.get(i, "number") is not None and len(self.text(i)) > 2):
            return Days([], i)
        after = listed.next
        taken = self.get(self.skip(after, "of"), "month") or self.get(after, "unit") or self.text(after) in (":", "%")
        return Days([], i) if taken else listed

    def day_of(self, i: int) -> Named | None:
        """A day of a month that has no name: the 15th of next month, «15 الجاري»."""
        listed = self.days(i)
        if not listed:
            return None
        days, j, form = listed
        k = self.skip(j, "of")
        if self.get(j, "relative") == 0 and self.lexemes[j].definite and not self.get(j + 1, "unit"):
            month = Shifted("month", 0), j + 1
        else:
            month = self.shifted(k) or (self.this(k) if k > j else None)
        if not month or month[0].unit != "month":
            return None
        ends = [Part(month[0], "day", day) for day in days]
        return Named(ends[0] if len(ends) == 1 else Joined(*ends, form), month[1])

    def named_year(self, i: int) -> Named | None:
        """2031, «عام 2031», 1452 AH; 2031 July 4."""
        fiscal = self.get(i, "fiscal") is not None
        year = self.year(i + fiscal, sure=fiscal)
        if self.get(i, "short year"):
            return Named(TWO_DIGITS, i + 1, weak=True)
        if not year:
            return None
        if fiscal:
            return Named(FISCAL, year.next)
        month = self.month(year.next)
        if month and not month[1] and not self.lexemes[year.next].joined:
            days, after, _ = self._days_after(month[3])
            tail = Tail("year", year.value, after)
            return Named(self._dated(month[0], False, days[0] if days else None, tail, None), after)
        weak = not (year.marked or self.lexemes[i].clitic)
        return Named(Date(year.value, hijri=year.hijri), year.next, weak=weak)

    # -- parts of years, and longer spans

    def season(self, i: int) -> Named | None:
        """Spring 2031, «صيف العام المقبل», next winter."""
        i = self.the(i)
        way = self.get(i, "relative")
        start = i + (way is not None)
        code = self.get(start, "season")
        if code is None:
            return None
        kind, value, after = self.tail(start + 1)
        if kind in ("year", "past"):
            later = self.year(after + 1) if self.text(after) in ("/", "-") else None  # winter 2031/2032
            after = later.next if later and later.value == value + 1 else after
            if FIRST_HIJRI <= value <= LAST_HIJRI:  # «ربيع 1453»: the first or the second
                months = tuple(Date(value, month, hijri=True) for month in (3, 4))
                return Named(Either(months) if self.text(start).endswith("ربيع") else NO_SEASON, after)
            return Named(Form(f"{value}-{code}"), after, past=kind == "past")
        if kind == "of":
            return Named(Part(value, "season", int(code)), after)
        way = value if kind == "way" else way
        if way is None and kind == "" and self.text(start) in ("fall", "fall of", "spring"):
            return None
        return Named(Yearless(code, way=way), after, weak=way is None, recurring=kind == "each")

    def coded(self, i: int, depth: int) -> Named | None:
        """Q1 2031, 2031-Q1, H2 of next year, by Q3."""
        year = self.year(i)
        if year and self.text(year.next) == "-" and self.text(year.next + 1) == "w" and self.touching(i, year.next + 2):
            return self._week(year.value, self.get(year.next + 2, "number") or 0, year.next + 3)
        at = i
        if year:
            at = year.next + (self.text(year.next) == "-" and self.touching(year.next - 1, year.next + 1))
        unit, number = self.get(at, "code"), self.get(at + 1, "number")
        if not unit or number is None or len(self.text(at + 1)) > 1 or not self.touching(at, at + 1):
            return None
        ranged = self.text(at + 2) in ("-", "/", ",") and self.get(at + 3, "code") is not None  # Q2-Q4 2031
        whole = (Date(year.value), at + 2) if year else None if ranged else self.whole(at + 2, depth)
        if whole:
            return Named(Part(whole[0], unit, number), whole[1])
        return self._this_part(unit, number, at + 2, weak=True)

    @staticmethod
    def _week(year: int, number: int, after: int) -> Named:
        """A week by ISO 8601, from Monday to Sunday: 2031-W10."""
        try:
            ends = [date.fromisocalendar(year, number, weekday) for weekday in (1, 7)]
        except ValueError:
            return Named(Refusal(f"{year} has no week {number}; correct the number"), after)
        return Named(Joined(*(Date(each.year, each.month, each.day) for each in ends)), after)

    @staticmethod
    def _this_part(unit: str, number: int, after: int, *, weak: bool = False) -> Named:
        """A quarter, third or half whose year is left out."""
        count, before = CODED[unit]
        if not 0 < number <= count:
            return Named(
                Refusal(f"a year has {count} parts of this length, no number {number}; correct the number"), after
            )
        return Named(Yearless(f"{before + number}"), after, weak=weak)

    def whole(self, i: int, depth: int) -> tuple[object, int] | None:
        """What a part is a part of: [of] a year, month …, «من العام»."""
        j = self.skip(i, "of", ",", "-")
        named = self.core(j, depth + 1)
        if named and not named.recurring:
            return named.node, named.next
        return self.this(j) if j > i else None

    def long(self, i: int) -> Named | None:
        """Decades and centuries: the 2030s, «ثلاثينيات القرن الحالي», the 21st century, «القرن الحادي والعشرون»."""
        i = self.the(i)
        if decade := self.get(i, "decade"):
            return Named(Form(decade), i + 1)
        if tens := self.get(i, "tens"):
            century = self._century(self.skip(i + 1, "of"))
            return century and Named(Part(century.node, "decade", tens), century.next)
        return self._century(i)

    def _century(self, i: int) -> Named | None:
        before = self.unit(i) == "century"
        number = self.ordinal(i + before)
        if number and 1 < number.value < 100 and (before or self.unit(number.next) == "century"):
            return Named(Form(f"{number.value - 1:02}XX"), number.next + (not before))
        found = self.shifted(i)
        return Named(*found) if found and found[0].unit == "century" else None

    def part(self, i: int, depth: int) -> Named | None:
        """The second quarter of 2031, «النصف الأول من العام المقبل», the last day of March, the first Monday in May,
        the first to the third quarter; the first ten days of March."""
        i = self.the(i)
        first, last, form = self._ordinals(i)
        unit_at = last.next if last else i
        unit = self._unit_or_weekday(unit_at, several=first != last)
        if not first and (unit or (self.get(i, "unit") or ("", 0))[1] == 2):
            first, last, form = self._ordinals(i + 1)
            unit = unit or self._unit_or_weekday(i, several=first != last)
        if not (unit and last):
            return self._stretch(i, depth)
        after = max(unit_at + 1, last.next)
        whole = self.whole(after, depth)
        if whole:
            ends = [Named(Part(whole[0], unit, number.value), whole[1]) for number in (first, last)]
        elif unit in ("quarter", "third", "half") and first.value > 0:
            ends = [self._this_part(unit, number.value, after) for number in (first, last)]
        else:
            return None
        return ends[0] if first == last else Named(Joined(ends[0].node, ends[1].node, form), ends[1].next)

    def _ordinals(self, i: int) -> tuple[Number | None, Number | None, str]:
        """Second; second or third; the first to the third, «الأول والثاني»."""
        first = self.ordinal(i)
        if not first:
            return None, None, SPAN
        j = first.next
        words = any(self.get(j, each) is not None for each in ("to", "or", "and"))
        last = self.ordinal(self.the(j + words)) if words or self.lexemes[j].joined else None
        return first, last or first, ONE_OF if last and self.get(j, "or") else SPAN

    def _unit_or_weekday(self, i: int, several: bool = False) -> str:
        if several and self.get(i, "unit"):
            return self.get(i, "unit")[0]
        weekday = self.get(i, "weekday")
        if weekday is None and self.get(i - 1, "ordinal"):  # «أول خميس»
            weekday = self.get(i, "indefinite weekday")
        return self.unit(i) if weekday is None else str(weekday)

    def _stretch(self, i: int, depth: int) -> Named | None:
        """The first ten days of March, «الأشهر الستة الأخيرة من عام 2031», «أول 100 يوم من العام»."""
        order = self.ordinal(i) if self.get(i, "ordinal") is not None else None
        j = order.next if order else i
        unit_first = self.get(j, "unit") is not None and not order
        number = self.number(j + unit_first)
        if not number:
            return None
        at = j if unit_first else number.next
        unit = (self.get(at, "unit") or ("",))[0]
        after = max(at + 1, number.next)
        if not order:
            order = self.ordinal(after)
            after = order.next if order else after
        if unit not in UNITS or not order or order.value not in (1, -1):
            return None
        whole = self.whole(after, depth)
        return whole and Named(Stretch(whole[0], unit, number.value, order.value == -1), whole[1])

    def edge(self, i: int, depth: int) -> Named | None:
        """The end of 2031 (by then), mid-2031, «مطلع العام المقبل» (somewhere in it: no invented thirds), year-end."""
        i = self.the(i)
        edge, unit = self.get(i, "edge"), self.get(i, "edge of")
        j = self.skip(i + 1, "of", "-")
        named = self.core(j, depth + 1) or self.core(self.skip(j, "filler"), depth + 1) if edge else None
        if named:
            return replace(named, edge=edge, weak=False)
        if unit:
            return Named(Shifted(unit, 0), i + 1, edge)
        found = self.this(j) if edge else None
        return found and Named(*found, edge)

    # -- days by their relation to today

    @remembered
    def weekday(self, i: int) -> Named | None:
        """Thursday, next Thursday, «الخميس المقبل», Thursday of next week, Thursday 1 May 2031 (which must be one)."""
        i = self.the(i)
        way = self.get(i, "relative")
        j = i + (way is not None)
        number = self.get(j, "weekday")
        if number is None or self.words(j):  # «الأحد عشر شهرا»
            return None
        j += 1
        after = self.skip(j, "/")  # «/الخميس/ الماضي»
        if way is None and self.get(after, "relative") is not None and not self.get(after + 1, "unit"):
            way, j = self.get(after, "relative"), after + 1
        for k in (self.skip(j, ",", "same", "/", "filler", "of"), self.skip(j, ",", "same", "/")):
            date = self.numeric(k) or self.named_month(k)
            if date and not date.weak:
                return replace(date, node=OnWeekday(date.node, number))
            week = self.shifted(k)
            if week and week[0].unit == "week":
                return Named(Weekday(number, week=week[0].shift), week[1])
        node = Weekday(number, week=0) if way == 0 else Weekday(number, way)
        return Named(node, j, weak=way is None)

    def around(self, i: int) -> Named | None:
        """The week of 3 March 2031, «أسبوع 3 آذار»; the week, month or year that begins, or ends, on a day."""
        i = self.the(i)
        unit, j = self.unit(i), i + 1 + (self.text(i + 1) in ("الذي", "that", "which"))
        if unit not in UNITS or (self.get(j, "of") is not None and not self._the_week(i)):
            return None
        begins = self.get(j, "edge") == "start" or (self.get(j, "limit") == "from" and self.get(j, "of") is None)
        ends = self.get(j, "to") is not None and self.text(j).startswith(("ending", "ينتهي", "تنتهي", "المنتهي"))
        if unit != "week" and not (begins or ends):
            return None
        j = self.skip(j + (begins or ends), "of", "at", "filler")
        named = self.weekday(j) or self.numeric(j) or self.named_month(j)
        if not named or named.weak or not self.dated(named.node) or isinstance(named.node, Joined):
            return None
        return replace(named, node=Around(named.node, unit, "start" if begins else "end" if ends else ""))

    def _the_week(self, i: int) -> bool:
        """The week of a day, not a week counted from it: «خلال أسبوع من 3 آذار»."""
        return self.unit(i) == "week" and (self.lexemes[i].definite or self.text(i).isascii())

    @staticmethod
    def dated(node: object) -> bool:
        """It is a day, or ends with one, and no longer span that something can be a part of."""
        node = node.last if isinstance(node, Joined) else node
        return getattr(node, "day", None) is not None or isinstance(node, Weekday | OnWeekday | Numeric)

    def deictic(self, i: int) -> Named | None:
        """Today, tomorrow, «اليوم السبت»; today, 27 January 2024 (the date is then given)."""
        shift = self.get(i, "deictic")
        if shift is None:
            return None
        j = self.skip(i + 1, ",")
        date = self.weekday(j) or self.numeric(j) or self.named_month(j)
        if date and isinstance(date.node, Weekday):
            return Named(OnWeekday(Shifted("day", shift), date.node.number), date.next, weak=True)
        return date if date and not date.weak else Named(Shifted("day", shift), i + 1, weak=True)

    def relative_unit(self, i: int) -> Named | None:
        """This year, next month, «الأسبوع المقبل»; with the year said as well, «العام الجاري 2021», that year."""
        found = self.shifted(i)
        if not found:
            return None
        stated = self.stated(found[1]) if found[0].unit == "year" else None
        if not stated:
            return Named(*found)
        return Named(self._stated(found[0], stated), stated.next, past=found[0].shift < 0)

    @staticmethod
    def _stated(shifted: Shifted, stated: Year) -> object:
        year = Date(stated.value, hijri=stated.hijri)
        return year if stated.hijri or shifted.shift < 0 else Stated(year, shifted)

    # -- all of these

    @remembered
    def core(self, i: int, depth: int = 0) -> Named | None:
        """One date or period, in one calendar."""
        if depth > DEEPEST or not self.lexemes[i].means:
            return None
        if self.get(i, "approximate"):
            named = self.core(i + 1, depth + 1)
            return named and replace(named, approximate=True)
        nested = (self.edge, self.coded, self.part)
        flat = (
            self.around,
            self.deictic,
            self.numeric,
            self.weekday,
            self.long,
            self.feast,
            self.relative_unit,
            self.season,
            self.named_month,
        )
        found = None
        for rule in nested:
            found = found or rule(i, depth)
        for rule in flat:
            found = found or rule(i)
        return found or self.named_year(self.the(i))

    @remembered
    def paired(self, i: int) -> Named | None:
        """A date, and the same in the other calendar: «15 رمضان 1452هـ الموافق 9 يناير 2031»."""
        first = self.core(i)
        j = self.skip(first.next, "same", "(", ")", "/", "-", ",") if first else i
        if not first or first.recurring or j == first.next:
            return first
        second = self.core(self.skip(j, "same", "filler"))
        calendars = {_hijri(each.node): each.node for each in (first, second) if each}
        if calendars.keys() != {True, False} or second.weak:
            return first
        after = second.next + (self.text(second.next) == ")")
        return replace(first, node=Paired(calendars[True], calendars[False]), next=after, weak=False)

    @remembered
    def period(self, i: int, between: bool = False) -> Named | None:
        """A date or period, from one to another, or one or the other."""
        first = self.paired(i)
        if not first or first.recurring:
            return first
        if listed := self._listed(first):
            return listed
        j, mark = first.next, self.text(first.next)
        to, joined = self.get(j, "to"), self.lexemes[j].joined
        if not (mark in ("-", "/") or to or joined or self.get(j, "and") or self.get(j, "or")):
            return first
        k = j + (to is not None or not joined)
        k += self.get(k, "limit") in ("at", "in", "inside")
        second = self.paired(k) or self.paired(self.skip(k, "filler"))
        if not second or second.recurring:
            return first
        alike = _shape(first.node) == _shape(second.node)
        if not (between or to or alike or (mark == "-" and not (first.weak or second.weak))):
            return first
        form = ONE_OF if self.get(j, "or") else SPAN
        return Named(Joined(first.node, second.node, form), second.next, weak=first.weak and second.weak)

    def _listed(self, first: Named) -> Named | None:
        """Three or more alike: 2031, 2032 and 2033, «آذار ونيسان وأيار 2031»."""
        last, count, form = first, 1, ""
        while count < LONGEST:
            j = last.next + (self.text(last.next) == ",")
            words = self.get(j, "and") or self.get(j, "or")
            more = self.paired(j + (words is not None)) if words or j > last.next or self.lexemes[j].joined else None
            if not more or more.recurring or _shape(more.node) != _shape(first.node):
                break
            form = ONE_OF if self.get(j, "or") else SPAN if words or self.lexemes[j].joined else ""
            last, count = more, count + 1
        if count < 3 or not form:  # a comma before the last joins nothing
            return None
        return Named(Joined(first.node, last.node, form), last.next, weak=first.weak and last.weak)


def _numbers(months: int | tuple[int, ...]) -> set[int]:
    return set(months) if isinstance(months, tuple) else {months}


def _figures(mark: str, lengths: list[int], values: list[int], hijri: bool) -> object | None:
    """What two or three numbers with a mark between them are, by their lengths in digits."""
    shape = "".join("y" if n == 4 else "n" if n <= 2 else "?" for n in lengths)
    year_first = shape[0] == "y"
    year, *rest = values if year_first else values[::-1]
    if shape in ("yn", "ny") and (mark != "." or lengths[0] == 2):
        if year not in YEARS and not hijri:
            return None
        return Date(year, *rest, hijri=hijri)
    if shape == "nnn" and lengths[2] == 2:
        return TWO_DIGITS
    if shape not in ("ynn", "nny"):
        return None
    orders = (
        {"month-day": rest, "day-month": rest[::-1]} if year_first else {"day-month": rest, "month-day": rest[::-1]}
    )
    dates = [(order, Date(year, *numbers, hijri=hijri)) for order, numbers in orders.items()]
    existing = tuple((order, each) for order, each in dates if _exists(each))
    if year_first and mark == "-":  # ISO 8601 knows no other order
        return Numeric(tuple(dates[:1])) if existing[:1] == (dates[0],) else dates[0][1]
    if year_first:  # year, month, day, unless only the other order exists
        existing = existing[:1]
    return Numeric(existing) if existing else min((each for _, each in dates), key=lambda each: each.month > 12)


def _exists(each: Date) -> bool:
    try:
        return bool(each.at(None))
    except Impossible:
        return False


def _hijri(node: object) -> bool | None:
    """Whether an explicit date is Hijri; None for what is no explicit date."""
    plain = _plain(node)
    return plain.hijri if isinstance(plain, Date) else None


def _shape(node: object) -> object:
    """What two dates have alike that can be listed: 2031 and 2032, March and April 2031."""
    plain = _plain(node)
    if isinstance(plain, Part) or (isinstance(plain, Yearless) and isinstance(plain.month, str)):
        return Part
    if isinstance(plain, Date | Yearless):
        return plain.hijri, plain.month is None, plain.day is None
    return type(plain)


def _plain(node: object) -> object:
    """The date under a weekday, or as its figures can first be read."""
    while isinstance(node, OnWeekday | Numeric):
        node = node.date if isinstance(node, OnWeekday) else node.readings[0][1]
    return node
