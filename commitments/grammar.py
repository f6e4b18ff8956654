"""The grammar of dates: from lexemes to what they name in a calendar, and to durations."""

from dataclasses import dataclass, replace
from functools import wraps

from commitments.calendars import (
    FIRST_HIJRI,
    LAST_HIJRI,
    UNITS,
    Date,
    Either,
    Form,
    Impossible,
    Joined,
    OnWeekday,
    Paired,
    Part,
    Refusal,
    Shifted,
    Weekday,
    Yearless,
)
from commitments.date_words import Lexeme

YEARS = range(1900, 2200)  # a number alone is a year only here
LONGEST = 8  # days in a list, or number words in a row: what bounds each look ahead
BEYOND = 64
DEEPEST = 3  # the end of the first day of the second quarter of …
TWO_DIGITS = "the year has two digits; give four digits"
MILLENNIUM = range(1000, 3000)


@dataclass(frozen=True)
class Named:
    """What lexemes up to `next` name: a node of calendars, and how they say it."""

    node: object
    next: int
    edge: str = ""  # "the end of": by then; "start" or "inside": somewhere in it
    approximate: bool = False
    weak: bool = False  # only a limit before it makes it a date: a bare year, May, رجب
    recurring: bool = False  # "of each year"


@dataclass(frozen=True)
class Duration:
    """Months and days, at least `low` and at most `high`; both None if the words are vague or count working days."""

    low: tuple[int, int] | None
    high: tuple[int, int] | None
    unit: str
    next: int
    coming: bool = False  # "the next six months"


def remembered(rule):
    """A rule that answers each place once: overlapping looks ahead then cost no more than one."""

    @wraps(rule)
    def recall(self, *place, **how):
        key = rule, *place, *how.values()
        if key not in self.memory:
            self.memory[key] = rule(self, *place, **how)
        return self.memory[key]

    return recall


class Grammar:
    """Rules over one text's lexemes. Each takes an index and gives what begins there with the index after it, or None.

    Every rule looks at a bounded number of lexemes, so that a text costs time in proportion to its length.
    """

    def __init__(self, lexemes: list[Lexeme], source: str, origin):
        blank = Lexeme("", 0, 0, {})
        self.size, self.source, self.origin = len(lexemes), source, origin
        # Blank ones beyond the end (where a negative index leads as well), so that no rule need ask where it is.
        self.lexemes = [*lexemes, *[blank] * BEYOND]
        self.memory: dict[tuple, object] = {}

    # -- lexemes

    def get(self, i: int, category: str):
        return self.lexemes[i].means.get(category)

    def text(self, i: int) -> str:
        return self.lexemes[i].text

    def skip(self, i: int, *wanted: str) -> int:
        """Past up to three lexemes that have one of the meanings, or are one of the marks, wanted."""
        for _ in range(3):
            lexeme = self.lexemes[i]
            if lexeme.text not in wanted and lexeme.means.keys().isdisjoint(wanted):
                break
            i += 1
        return i

    def touching(self, i: int, j: int) -> bool:
        """Nothing stands between the lexemes from i to j."""
        return all(self.lexemes[k].end == self.lexemes[k + 1].start for k in range(i, j))

    def capital(self, i: int) -> bool:
        """The lexeme is written with a capital letter."""
        return self.text(i) != "" and self.source[self.origin[self.lexemes[i].start]].isupper()

    # -- numbers

    @remembered
    def number(self, i: int) -> tuple[int, int] | None:
        """Digits or number words, also said twice: 30 (thirty)."""
        found = self._digits_or_words(i)
        if found and self.text(found[1]) == "(":
            again = self._digits_or_words(found[1] + 1)
            if again and again[0] == found[0] and self.text(again[1]) == ")":
                return found[0], again[1] + 1
        return found

    def _digits_or_words(self, i: int) -> tuple[int, int] | None:
        if self.text(i) == "(" and self.get(i + 1, "number") is not None and self.text(i + 2) == ")":
            return self.get(i + 1, "number"), i + 3
        if (value := self.get(i, "number")) is not None:
            return value, i + 1
        return self.words(i)

    def words(self, i: int) -> tuple[int, int] | None:
        """Number words: «مئة وخمسة وعشرين», one hundred and twenty-five. Each must fit into what the ones before left open."""
        if self.get(i, "cardinal") is None:
            return None
        thousands, rest, j = 0, self.get(i, "cardinal"), i + 1
        for _ in range(LONGEST):
            k = j + 1 if self.text(j) == "-" or self.get(j, "and") else j
            value, joined = self.get(k, "cardinal"), k > j or self.lexemes[j].joined
            if value is None or self.text(k) in ("a", "an"):
                break
            if value in (100, 1000) and not joined:
                thousands, rest = (thousands, rest * 100) if value == 100 else (thousands + rest * 1000, 0)
            elif value == 10 and 0 < rest < 10 and not joined:  # «ثلاثة عشر»
                rest += 10
            elif self._fits(value, rest, joined):
                rest += value
            else:
                break
            if rest >= 1000 and value >= 1000:
                thousands, rest = thousands + rest, 0
            j = k + 1
        return thousands + rest, j

    @staticmethod
    def _fits(value: int, rest: int, joined: bool) -> bool:
        if value < 10:
            return rest % 10 == 0
        return (rest % 100 < 10 and (joined or rest % 10 == 0)) if value < 100 else joined and rest % 1000 == 0

    @remembered
    def ordinal(self, i: int) -> tuple[int, int] | None:
        """First, 21st, «الحادي والعشرين», «الثلاثين»."""
        value, j = self.get(i, "ordinal"), i + 1
        if value is None:
            found = self.words(i)
            if found and self.get(found[1], "ordinal") and found[0] % 10 == 0:  # twenty-first
                return found[0] + self.get(found[1], "ordinal"), found[1] + 1
            if found and self.text(found[1]) == "-" and self.get(found[1] + 1, "ordinal"):
                return found[0] + self.get(found[1] + 1, "ordinal"), found[1] + 2
            return found if found and self.lexemes[i].definite else None
        if value > 0 and self.get(j, "cardinal") == 10 and not self.lexemes[j].joined:
            return value + 10, j + 1
        k = j + 1 if self.get(j, "and") else j
        tens = self.get(k, "cardinal")
        if 0 < value < 10 and tens in range(20, 100, 10) and (k > j or self.lexemes[k].joined):
            return value + tens, k + 1
        return value, j

    def year(self, i: int, *, sure: bool = False, hijri: bool | None = None) -> tuple[int, bool, int, bool] | None:
        """(year, Hijri, next, marked): four digits or number words. `sure`: words before say that a year must come."""
        marked = self.get(i, "yearnoun") is not None
        j = i + marked
        found = self.number(j) if self.get(j, "number") is not None and len(self.text(j)) == 4 else None
        if not found and self.get(j, "cardinal") is not None:
            found = self.words(j)
        if not found or found[0] not in MILLENNIUM:
            return None
        value, k = found
        era = self.get(k, "era")
        if era is None and self.text(k) == "(" and self.text(k + 2) == ")":
            era, k = self.get(k + 1, "era"), k + 2 * (self.get(k + 1, "era") is not None)
        if era is not None:
            return value, era, k + 1, True
        old = FIRST_HIJRI <= value <= LAST_HIJRI and (marked or hijri is not False)
        if not (marked or sure or value in YEARS):
            return None
        return value, old if hijri is None else hijri, k, marked

    # -- dates

    def month(self, i: int) -> tuple[int, bool, Refusal | None, int] | None:
        """(number, Hijri, refusal, next): a month's name, or its names in two traditions, «يناير/كانون الثاني»."""
        noun = self.get(i, "unit")
        if noun and noun[0] == "month":
            i = self.skip(i + 1, "of")
        value, j, refusal = self.get(i, "month"), i + 1, None
        if value is None:
            return None
        j += self.text(j) == "." and self.get(j + 1, "number") is not None  # Dec. 31
        for _ in range(3):
            opened = self.text(j) in ("/", "(", "-", "،", ",")
            other = self.get(j + opened, "month")
            if other is None or other[1] != value[1] or (other != value and self.text(j) not in ("/", "(")):
                break
            if other != value:
                refusal = Refusal("these are the names of two different months; keep one, or write “from … to …” for a period")
            closed = self.text(j) == "(" and self.text(j + 2) == ")"
            j += opened + 1 + closed
        return *value, refusal, j

    def shifted(self, i: int) -> tuple[str, int, int] | None:
        """(unit, shift, next): this year, next month, «الشهر المقبل», «هذا العام»."""
        i = self.skip(i, "filler") if self.text(i) == "the" else i
        way, unit, j = self.get(i, "relative"), self.get(i + 1, "unit"), i + 2
        if self.get(i, "new") and unit and unit[0] == "year":
            return "year", 1, j
        if way is None or not unit:
            way, unit = self.get(i + 1, "relative"), self.get(i, "unit")
            if unit and unit[0] == "year" and self.get(i + 1, "new"):
                return "year", 1, j
            if not self.lexemes[i].definite:
                return None
        if way is None or not unit or unit[1] or unit[2] or unit[0] not in UNITS:
            return None
        if self.get(j, "relative") is not None and self.lexemes[j].definite:  # «هذا العام الجاري»
            j += 1
        return unit[0], way, j

    def definite_unit(self, i: int) -> tuple[Shifted, int] | None:
        """The year, «الشهر»: this one, where the words around it (the end of …, 15th of …) leave no other."""
        definite = self.lexemes[i].definite
        if self.text(i) == "the":
            i, definite = i + 1, True
        unit = self.get(i, "unit")
        latin = self.text(i).isascii()
        if not unit or unit[1] or unit[2] or unit[0] not in UNITS or not (definite or latin):
            return None
        return Shifted(unit[0], 0), i + 1

    def numeric(self, i: int) -> Named | None:
        """2031-03-01, 1/3/2031, 3/2031 …: in any order; Either where two orders give a date."""
        parts, mark = [i], self.text(i + 1)
        if mark not in ("/", "-", ".") or self.get(i, "number") is None:
            return None
        if self.text(i - 1) == mark and self.get(i - 2, "number") is not None:
            return None  # the tail of a longer row of numbers
        while len(parts) < 4 and self.text(parts[-1] + 1) == mark and self.get(parts[-1] + 2, "number") is not None:
            if mark != "/" and not self.touching(parts[-1], parts[-1] + 2):
                break
            parts.append(parts[-1] + 2)
        lengths, values, j = [len(self.text(k)) for k in parts], [self.get(k, "number") for k in parts], parts[-1] + 1
        era = self.get(j, "era")
        hijri = era if era is not None else any(n == 4 and FIRST_HIJRI <= v <= LAST_HIJRI for n, v in zip(lengths, values, strict=True))
        node = self._numeric(mark, lengths, values, hijri)
        return node and Named(node, j + (era is not None))

    @staticmethod
    def _numeric(mark: str, lengths: list[int], values: list[int], hijri: bool) -> object | None:
        shape = ["y" if n == 4 else "n" if n <= 2 else "?" for n in lengths]
        if shape in (["y", "n"], ["n", "y"]) and (mark != "." or lengths[0] == 2):
            year, month = values if shape[0] == "y" else values[::-1]
            if year not in YEARS and not hijri:
                return None
            if not 1 <= month <= 12:
                return Refusal(f"there is no month {month}; give the month as 1 to 12, and years with four digits")
            return Date(year, month, hijri=hijri)
        if shape == ["n", "n", "n"] and lengths[2] == 2:
            return Refusal(TWO_DIGITS)
        if shape not in (["y", "n", "n"], ["n", "n", "y"]):
            return None
        year, *rest = values if shape[0] == "y" else values[::-1]
        orders = [rest, rest[::-1]]  # month first, then day first
        if shape[0] == "y":
            readings = _existing(year, orders[:1], hijri) or ([] if mark == "-" else _existing(year, orders[1:], hijri))
            return readings[0] if readings else Date(year, *orders[0], hijri=hijri)
        readings = _existing(year, orders, hijri)
        if not readings:
            return Date(year, *orders[0], hijri=hijri)
        return readings[0] if len(readings) == 1 else Either(tuple(readings))

    def days(self, i: int) -> tuple[list[int], int] | None:
        """A day's number, or a list or range of them: 7 و8, 1 to 15, the first and second."""
        found, j = [], i
        for _ in range(LONGEST):
            day = self.ordinal(j) or self.number(j)
            if not day or not 0 < day[0] <= 99:
                break
            found.append(day[0])
            after = day[1]
            j = self.skip(after, "and", "to", "-", ",")
            if j == after and not self.lexemes[j].joined:
                break
        return (found, after) if found else None

    def tail(self, i: int, hijri: bool) -> tuple[str, object, int]:
        """What follows a month: ("year", y, next), ("way", -1|0|1, next), ("of", node, next), ("each", …) or ("", None, i)."""
        j = self.skip(i, ",", "of", "filler")
        for k in (j, i):
            if found := self.shifted(k):
                unit, shift, after = found
                if unit == "year":
                    stated = self.year(self.skip(after, "(", ","), sure=False)
                    return ("year", stated[0], stated[2] + (self.text(stated[2]) == ")")) if stated else ("of", Shifted("year", shift), after)
        if (way := self.get(i, "relative")) is not None:
            stated = self.year(self.skip(i + 1, "of"), sure=True, hijri=hijri)
            return ("year", *stated[:3:2]) if stated else ("way", way, i + 1)
        if found := self.year(j, sure=True, hijri=hijri):
            return "year", found[0], found[2]
        if self.get(j, "every") and (self.get(j + 1, "unit") or ("",))[0] == "year":
            return "each", None, j + 2
        if j > i and (found := self.definite_unit(j)) and found[0].unit == "year":
            return "of", found[0], found[1]
        return "", None, i

    @remembered
    def named_month(self, i: int) -> Named | None:
        """Day, month and year in words, in any order and with any of them but the month left out."""
        i = self.skip(i, "filler") if self.text(i) == "the" else i
        way = self.get(i, "relative")  # next March, last 26 July
        start = i + (way is not None)
        listed = self.days(start)
        month = None
        if listed:
            month = self.month(self.skip(listed[1], "of", "filler", "-", "/", ","))
            days, j = listed[0], month[3] if month else None
        if not month:
            month = self.month(start)
            if not month:
                return self.day_of(start)
            days, j = self._days_after(month[3])
        number, hijri, refusal, _ = month
        kind, value, after = self.tail(j, hijri)
        alone = not days and not kind and way is None
        named = self.get(j - 1, "name") and alone and (self.text(start).isascii() and not self.capital(start) or self._person(j))
        if named or (alone and self.text(start) == "may" and not self.capital(start)):
            return None
        if kind == "" and days and self.get(j, "number") is not None and len(self.text(j)) == 2 and self.text(j + 1) not in ("/", ":"):
            refusal, after = Refusal(TWO_DIGITS), j + 1
        if refusal:
            return Named(refusal, after)
        weak = alone and not (self.get(start, "unit") or self.lexemes[start].clitic)
        way = value if kind == "way" else way
        ends = [self._dated(number, hijri, day, kind, value, way) for day in (days[:1] + days[-1:] if len(days) > 1 else days or [None])]
        return Named(ends[0] if len(ends) == 1 else Joined(*ends), after, weak=weak, recurring=kind == "each")

    @staticmethod
    def _dated(number: int, hijri: bool, day: int | None, kind: str, value: object, way: int | None) -> object:
        if kind == "year":
            return Date(value, number, day, hijri)
        if kind == "of" and not hijri:
            return Part(value, "month", number, day)
        return Yearless(number, day, hijri, value.shift if kind == "of" else way)

    def _person(self, i: int) -> bool:
        """A capitalised word of no meaning here follows at once: April Glaspie would be a person."""
        return self.capital(i) and not self.lexemes[i].means

    def _days_after(self, i: int) -> tuple[list[int], int]:
        """The day or days after a month's name: March 1st, August 7-8; not what is a year, or the next date's day."""
        listed = self.days(i)
        if not listed or any(day > 31 for day in listed[0]) or len(self.text(i)) > 2 and self.get(i, "number") is not None:
            return [], i
        after = self.skip(listed[1], "of")
        if self.get(after, "month") or self.get(listed[1], "unit") or self.text(listed[1]) in (":", "%"):
            return [], i
        return listed

    def day_of(self, i: int) -> Named | None:
        """A day of a month that has no name: the 15th of next month, «15 الجاري»."""
        listed = self.days(i)
        if not listed:
            return None
        days, j = listed
        if self.get(j, "relative") == 0 and self.lexemes[j].definite and not self.get(j + 1, "unit"):
            node, after = Shifted("month", 0), j + 1
        else:
            k = self.skip(j, "of")
            found = self.shifted(k)
            node, after = (Shifted(*found[:2]), found[2]) if found else self.definite_unit(k) or (None, 0)
            if k == j or not node or node.unit != "month":
                return None
        ends = [Part(node, "day", day) for day in (days[0], days[-1])]
        return Named(ends[0] if len(days) == 1 else Joined(*ends), after)

    def season(self, i: int) -> Named | None:
        """Spring 2031, «صيف العام المقبل», next winter."""
        i = self.skip(i, "filler") if self.text(i) == "the" else i
        way = self.get(i, "relative")
        start = i + (way is not None)
        code = self.get(start, "season")
        if code is None:
            return None
        kind, value, after = self.tail(start + 1, False)
        if kind == "year":
            later = self.year(after + 1) if self.text(after) in ("/", "-") else None
            return Named(Form(f"{value}-{code}"), later[2] if later and later[0] == value + 1 else after)
        if kind == "each":
            return Named(None, after, recurring=True)
        if kind == "of":
            return Named(Part(value, "season", int(code)), after)
        way = value if kind == "way" else way
        if way is None and self.text(start) in ("fall", "spring"):
            return None
        return Named(Yearless(code, way=way), after, weak=way is None)

    def named_year(self, i: int) -> Named | None:
        """2031, «عام 2031», 1452 AH, or two: «عامي 2031 و2032»."""
        fiscal = self.get(i, "fiscal") is not None
        found = self.year(i + fiscal, sure=fiscal)
        if not found:
            return None
        year, hijri, j, marked = found
        if fiscal:
            return Named(Refusal("the days of a fiscal year depend on the country; give the calendar dates"), j)
        return Named(Date(year, hijri=hijri), j, weak=not (marked or self.lexemes[i].clitic))

    def coded(self, i: int, depth: int) -> Named | None:
        """Q1 2031, 2031-Q1, H2 of next year."""
        year = self.year(i)
        at = self.skip(year[2], "-") if year else i
        count = {"q": 4, "h": 2}.get(self.text(at))
        number = self.get(at + 1, "number")
        if not count or number not in range(1, count + 1) or not self.touching(at, at + 1):
            return None
        unit = "quarter" if count == 4 else "half"
        if year:
            return Named(Part(Date(year[0]), unit, number), at + 2)
        whole = self._whole(at + 2, depth) or (Shifted("year", 0), at + 2)
        return Named(Part(whole[0], unit, number), whole[1], weak=whole[1] == at + 2)

    def _whole(self, i: int, depth: int) -> tuple[object, int] | None:
        """What a part is a part of: [of] a year, month …, «من العام»."""
        j = self.skip(i, "of", ",", "-")
        named = self.core(j, depth + 1)
        if named and not named.recurring:
            return named.node, named.next
        return self.definite_unit(j) if j > i else None

    def long(self, i: int) -> Named | None:
        """Decades and centuries: the 2030s, «ثلاثينيات القرن الحالي», the 21st century, «القرن الحادي والعشرون»."""
        i = self.skip(i, "filler") if self.text(i) == "the" else i
        if decade := self.get(i, "decade"):
            return Named(Form(decade), i + 1)
        if tens := self.get(i, "tens"):
            century = self._century(self.skip(i + 1, "of"))
            return century and Named(Part(century.node, "decade", tens), century.next)
        return self._century(i)

    def _century(self, i: int) -> Named | None:
        noun = lambda at: (self.get(at, "unit") or ("",))[:2] == ("century", 0)  # noqa: E731
        number = self.ordinal(i + noun(i))
        if number and 1 < number[0] < 100 and (noun(i) or noun(number[1])):
            return Named(Form(f"{number[0] - 1:02}XX"), number[1] + (not noun(i)))
        found = self.shifted(i)
        return Named(Shifted(*found[:2]), found[2]) if found and found[0] == "century" else None

    def part(self, i: int, depth: int) -> Named | None:
        """The second quarter of 2031, «النصف الأول من العام المقبل», the last day of March, the first Monday in May."""
        i = self.skip(i, "filler") if self.text(i) == "the" else i
        number = self.ordinal(i)
        j = number[1] if number else i
        unit, weekday = self.get(j, "unit"), self.get(j, "weekday")
        if weekday is None and (not unit or unit[1] or unit[2]):
            return None
        j += 1
        if not number:
            number = self.ordinal(j)
            if not number:
                return None
            j = number[1]
        name = str(weekday) if weekday is not None else unit[0]
        whole = self._whole(j, depth)
        if whole:
            return Named(Part(whole[0], name, number[0]), whole[1])
        if name in ("quarter", "half") and number[0] > 0:
            return Named(Part(Shifted("year", 0), name, number[0]), j)
        return None

    def edge(self, i: int, depth: int) -> Named | None:
        """The end of 2031 (by then), mid-2031, «مطلع العام المقبل» (no invented thirds: the whole of it), year-end."""
        i = self.skip(i, "filler") if self.text(i) == "the" else i
        edge = self.get(i, "edge")
        if edge is None:
            return None
        j = self.skip(i + 1, "of", "-", "filler") if self.text(self.skip(i + 1, "of", "-")) != "the" else self.skip(i + 1, "of", "-")
        if edge in ("endunit", "midunit"):
            named = self.core(j, depth + 1)
            unit = next((unit for unit in ("year", "month", "quarter", "century") if unit in self.text(i)), None)
            node, after = (named.node, named.next) if named else (Shifted(unit, 0), i + 1)
            return Named(node, after, "end" if edge == "endunit" else "inside")
        named = self.core(j, depth + 1)
        if named:
            return replace(named, edge=edge, weak=False)
        found = self.definite_unit(j)
        return found and Named(*found, edge)

    @remembered
    def weekday(self, i: int) -> Named | None:
        """Thursday, next Thursday, «الخميس المقبل», Thursday 1 March 2031 (which must be one)."""
        way = self.get(i, "relative")
        j = i + (way is not None)
        number = self.get(j, "weekday")
        if number is None:
            return None
        j = self.skip(j + 1, "/") if self.get(self.skip(j + 1, "/"), "relative") is not None else j + 1
        if way is None and self.get(j, "relative") is not None and not self.get(j + 1, "unit"):
            way, j = self.get(j, "relative"), j + 1
        for k in (self.skip(j, ",", "same", "/", "filler", "of"), self.skip(j, ",", "same", "/"), j):
            date = self.numeric(k) or self.named_month(k)
            if date and not date.weak:
                return replace(date, node=OnWeekday(date.node, number))
            week = self.shifted(k)
            if week and week[0] == "week":
                return Named(Part(Shifted(*week[:2]), str(number)), week[2])
        return Named(Weekday(number, way), j, weak=way is None)

    def deictic(self, i: int) -> Named | None:
        """Today, tomorrow, «اليوم السبت», today, 27 January 2024 (the date is then given)."""
        shift = self.get(i, "deictic")
        if shift is None:
            return None
        j = self.skip(i + 1, ",")
        date = self.weekday(j) or self.numeric(j) or self.named_month(j)
        if not date or date.weak and not isinstance(date.node, Weekday):
            return Named(Shifted("day", shift), i + 1, weak=True)
        if isinstance(date.node, Weekday):
            return Named(OnWeekday(Shifted("day", shift), date.node.number), date.next, weak=True)
        return date

    def relative_unit(self, i: int) -> Named | None:
        """This year, next month, «الأسبوع المقبل»; with the year said as well, «العام الجاري 2021», that year."""
        found = self.shifted(i)
        if not found:
            return None
        unit, shift, j = found
        stated = self.year(self.skip(j, "(")) if unit == "year" else None
        if stated:
            return Named(Date(stated[0], hijri=stated[1]), stated[2] + (self.text(stated[2]) == ")"))
        return Named(Shifted(unit, shift), j)

    @remembered
    def core(self, i: int, depth: int = 0) -> Named | None:
        """One date or period, in one calendar."""
        if depth > DEEPEST:
            return None
        if self.get(i, "approximate"):
            named = self.core(i + 1, depth + 1)
            return named and replace(named, approximate=True)
        found = self.edge(i, depth) or self.deictic(i) or self.coded(i, depth) or self.numeric(i) or self.part(i, depth)
        rules = (self.weekday, self.long, self.relative_unit, self.season, self.named_month)
        for rule in rules:
            found = found or rule(i)
        return found or self.named_year(self.skip(i, "filler") if self.text(i) == "the" else i)

    @remembered
    def paired(self, i: int) -> Named | None:
        """A date, and the same in the other calendar: «15 رمضان 1452هـ الموافق 10 يناير 2031»."""
        first = self.core(i)
        if not first or first.recurring:
            return first
        j = self.skip(first.next, "same", "(", "/", "-", ",")
        if j == first.next:
            return first
        second = self.core(self.skip(j, "same", "filler"))
        if not second or second.weak or _hijri(first.node) is None or _hijri(second.node) is None:
            return first
        if _hijri(first.node) == _hijri(second.node):
            return first
        pair = (first.node, second.node) if _hijri(first.node) else (second.node, first.node)
        after = second.next + (self.text(second.next) == ")")
        return replace(first, node=Paired(*pair), next=after, weak=False)

    @remembered
    def period(self, i: int, *, between: bool = False) -> Named | None:
        """A date or period, or from one to another, or one or another."""
        first = self.paired(i)
        if not first or first.recurring:
            return first
        j = first.next
        dash = self.text(j) == "-" or (self.text(j) == "/" and not first.edge)
        joins = dash or self.get(j, "to") or self.get(j, "and") or self.lexemes[j].joined or self.get(j, "or")
        if not joins:
            return first
        k = j if self.lexemes[j].joined and not self.get(j, "to") else j + 1
        k = self.skip(k, "filler") if self.text(k) != "the" and not self.get(k, "yearnoun") else k
        if self.get(k, "limit") in ("at", "in", "inside") and not between:
            k += bool(self.get(j, "to"))
        second = self.paired(k)
        if not second or second.recurring:
            return first
        alike = _shape(first.node) == _shape(second.node)
        if not (between or self.get(j, "to") or alike or (self.text(j) == "-" and not (first.weak or second.weak))):
            return first
        form = "[{}..{}]" if self.get(j, "or") else "{}/{}"
        return Named(Joined(first.node, second.node, form), second.next, weak=first.weak and second.weak)


def _hijri(node: object) -> bool | None:
    """Whether an explicit date is Hijri; None for what is no explicit date."""
    plain = _plain(node)
    return plain.hijri if isinstance(plain, Date) else None


def _shape(node: object) -> object:
    """What two dates have alike that can be listed: 2031 and 2032, March and April 2031."""
    plain = _plain(node)
    if isinstance(plain, Date | Yearless):
        return plain.hijri, plain.month is None, plain.day is None
    return type(plain)


def _plain(node: object) -> object:
    """The date under a weekday or beside another reading."""
    while isinstance(node, OnWeekday | Either):
        node = node.date if isinstance(node, OnWeekday) else node.readings[0]
    return node


def _existing(year: int, orders: list[list[int]], hijri: bool) -> list[Date]:
    """Those of the orders (month, day) that give a date, each once."""
    found = []
    for month, day in orders:
        each = Date(year, month, day, hijri)
        try:
            each.at(None)
        except Impossible:
            continue
        if each not in found:
            found.append(each)
    return found


class Durations(Grammar):
    """Durations: six months, «شهرين», a year and a half, the coming weeks, 10 working days."""

    @remembered
    def duration(self, i: int) -> Duration | None:
        for _ in range(3):
            i += bool((self.get(i, "filler") or self.get(i, "approximate")) and not self.get(i, "unit"))
        coming = self.get(i, "relative") == 1
        i += coming
        i += self.text(i) in ("a", "an") and self.number(i + 1) is not None  # a 90-day period
        found = self._counted(i) or self._plural(i, coming)
        if not found:
            return None
        if self.get(found.next, "relative") == 1:
            found = replace(found, coming=True, next=found.next + 1)
        more = self._more(found)
        return replace(more, coming=more.coming or coming)

    def _counted(self, i: int) -> Duration | None:
        """[a number of] units, with the number before, in, or after the unit."""
        if self.get(i, "fraction") == "half" or self.text(i) == "half":
            at = self.skip(i + 1, "filler")
            at += self.text(at) in ("a", "an", "-")
            unit = self.get(at, "unit")
            return self._length(0.5, 0.5, unit[0], at + 1) if unit and not unit[1] else None
        unit = self.get(i, "unit")
        if unit and unit[1]:
            return self._length(unit[1], unit[1], unit[0], i + 1)
        if self.get(i, "few"):
            at = self.skip(i + 1, "of", "and", "relative")
            unit = self.get(at, "unit")
            return Duration(None, None, unit[0], at + 1) if unit else None
        low = self.number(i)
        if low:
            return self._numbered(i, low)
        if not unit:
            return None
        number = self.number(i + 1) if self.lexemes[i].definite or self.get(i + 1, "cardinal") == 1 else None
        if number:
            return self._length(number[0], number[0], unit[0], number[1])
        if self.get(i + 1, "few") and unit[2]:
            return Duration(None, None, unit[0], i + 2)
        counted = any(self.get(i + 1, each) is not None for each in ("number", "ordinal", "weekday", "month"))
        if not unit[2] and not self.text(i).isascii() and not self.lexemes[i].definite and not counted:
            return self._halved(1, 1, unit[0], i + 1)
        return None

    def _numbered(self, i: int, low: tuple[int, int]) -> Duration | None:
        (least, j), most = low, low[0]
        k = self.skip(j, "to", "-", "or", "and")
        if k > j and (high := self.number(k)) and self.get(high[1], "unit"):
            most, j = high
        fraction = self.get(j, "fraction") == "and a half"
        j = j + 1 if fraction else self.skip(j, "-", "few", "plain")
        working = bool(self.get(j, "working"))
        unit = self.get(j + working, "unit")
        if not unit or unit[1]:
            return None
        j += working + 1
        if self.get(j, "working"):
            working, j = True, j + 1
        if working:
            return Duration(None, None, unit[0], j)
        return self._halved(least + fraction / 2, most + fraction / 2, unit[0], j)

    def _halved(self, low: float, high: float, unit: str, j: int) -> Duration | None:
        """Units with half a unit after them: a year and a half, «سنة ونصف السنة»."""
        if self.get(j, "fraction") != "and a half":
            return self._length(low, high, unit, j)
        again = self.get(j + 1, "unit")
        return self._length(low + 0.5, high + 0.5, unit, j + 1 + bool(again and again[0] == unit))

    def _plural(self, i: int, coming: bool) -> Duration | None:
        """Units that nobody counted: the coming months, «خلال الأشهر المقبلة», within days."""
        unit = self.get(i, "unit")
        if not unit or not unit[2]:
            return None
        j = self.skip(i + 1, "relative", "few", "near")
        return Duration(None, None, unit[0], j, coming=coming)

    def _more(self, found: Duration) -> Duration:
        """A year and six months."""
        j = found.next + bool(self.get(found.next, "and") or self.text(found.next) == ",")
        if found.low is None or (j == found.next and not self.lexemes[j].joined):
            return found
        if self.get(j, "fraction") == "and a half" or self.get(j, "fraction") == "half":
            return found
        more = self._counted(j)
        if not more or more.low is None or list(UNITS).index(more.unit) >= list(UNITS).index(found.unit):
            return found
        low, high = (tuple(map(sum, zip(a, b, strict=True))) for a, b in ((found.low, more.low), (found.high, more.high)))
        return replace(more, low=low, high=high)

    @staticmethod
    def _length(low: float, high: float, unit: str, after: int) -> Duration | None:
        """Months and days of so many units; without them where half a unit is no whole number of either."""
        if unit == "hour":
            low, high, unit = -(-low // 24), -(-high // 24), "day"
        if unit not in UNITS:
            return None
        (months, extra), ends = UNITS[unit], []
        for number in (low, high):
            if number * months % 1 or number * extra % 1:
                return Duration(None, None, unit, after)
            ends.append((int(number * months), int(number * extra)))
        if low % 1:
            unit = {"year": "half", "half": "quarter", "decade": "year", "century": "decade"}.get(unit, unit)
        return Duration(*ends, unit, after)
