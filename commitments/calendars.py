"""What words name in a calendar (a date, next March, the second quarter of this year …), and the days that it covers."""

from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from typing import NamedTuple

from hijridate import Gregorian, Hijri

from commitments.edtf import OPEN, UNKNOWN, Days, bounds, sides

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FIRST_HIJRI, LAST_HIJRI = 1343, 1500  # the years that Umm al-Qura is published for
SEASON_STARTS = {"21": 3, "22": 6, "23": 9, "24": 12}  # only to tell the next one from the last; no bound follows from it
# Units from fine to coarse → the months and days in one of them.
UNITS = {
    "day": (0, 1),
    "week": (0, 7),
    "fortnight": (0, 14),
    "month": (1, 0),
    "quarter": (3, 0),
    "half": (6, 0),
    "year": (12, 0),
    "decade": (120, 0),
    "century": (1200, 0),
}
COARSENESS = {unit: rank for rank, unit in enumerate(UNITS)}


class Impossible(ValueError):
    """The words name what no calendar has; the message names it and the way out."""


class AnchorNeeded(Exception):
    """The words count from a day that they don't give."""


class Span(NamedTuple):
    """An EDTF form without open ends, and its first and last day."""

    edtf: str
    first: date
    last: date


def span(edtf: str) -> Span:
    """A form with its days; Impossible, with the reason, if it has none."""
    try:
        return Span(edtf, *bounds(edtf))
    except ValueError as error:
        raise Impossible(str(error)) from error


def days(first: date, last: date) -> Span:
    """The span from one day to another, both in it."""
    return span(f"{first}" if first == last else f"{first}/{last}")


def add(day: date, months: int = 0, extra: int = 0) -> date:
    """`day` plus calendar months, held to the month's end, plus days. Impossible beyond the years 1 to 9999."""
    try:
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])) + timedelta(extra)
    except (ValueError, OverflowError) as error:
        raise Impossible(f"{months} months and {extra} days from {day} leave the years 1 to 9999; check the number") from error


def at_precision(day: date, unit: str) -> str:
    """The EDTF form of the unit that a day falls in; a day or week is its day.

    >>> [at_precision(date(2031, 5, 9), unit) for unit in ("week", "month", "quarter", "half", "year", "decade", "century")]
    ['2031-05-09', '2031-05', '2031-34', '2031-40', '2031', '203X', '20XX']
    """
    year = f"{day.year:04}"
    return {
        "month": f"{year}-{day.month:02}",
        "quarter": f"{year}-{33 + (day.month - 1) // 3}",
        "half": f"{year}-{40 + (day.month - 1) // 6}",
        "year": year,
        "decade": f"{year[:3]}X",
        "century": f"{year[:2]}XX",
    }.get(unit, f"{day}")


def precision(edtf: str) -> str:
    """The unit that a date without ends is given in; a season, whose months are unknown, counts as its year."""
    date_part = edtf.rstrip("~?%")
    if len(date_part) == 4:
        return {0: "year", 1: "decade", 2: "century"}[date_part.count("X")]
    if len(date_part) == 10:
        return "day"
    code = int(date_part[5:])
    return "month" if code <= 12 else "year" if code <= 24 else "quarter" if code <= 36 else "half"


# ---- What words can name: each has `at(today)`, its spans (two if ambiguous). AnchorNeeded if it counts from a day and has none.


@dataclass(frozen=True)
class Date:
    """A year, month or day; if Hijri, by Umm al-Qura, its months and years as intervals of Gregorian days."""

    year: int
    month: int | None = None
    day: int | None = None
    hijri: bool = False

    def __str__(self):
        return f"{self.year:04}" + "".join(f"-{n:02}" for n in (self.month, self.day) if n is not None) + (" AH" if self.hijri else "")

    def at(self, today: date | None) -> list[Span]:
        if self.hijri and not FIRST_HIJRI <= self.year <= LAST_HIJRI:
            raise Impossible(
                f"the Umm al-Qura calendar is known from {FIRST_HIJRI} to {LAST_HIJRI} AH, not in {self.year}; give the Gregorian date"
            )
        if self.month is not None and not 1 <= self.month <= 12:
            raise Impossible(f"there is no month {self.month}; give a month from 1 to 12")
        if self.day is not None and not 1 <= self.day <= self._length():
            month = Date(self.year, self.month, hijri=self.hijri)
            raise Impossible(f"{month} has {self._length()} days, no day {self.day}; correct the day or the month")
        if not self.hijri:
            return [span(str(self))]
        first = _gregorian(self.year, self.month or 1, self.day or 1)
        last_month = self.month or 12
        last = _gregorian(self.year, last_month, self.day or Hijri(self.year, last_month, 1).month_length())
        return [days(first, last)]

    def _length(self) -> int:
        return Hijri(self.year, self.month, 1).month_length() if self.hijri else monthrange(self.year, self.month)[1]


def _gregorian(year: int, month: int, day: int) -> date:
    return date.fromordinal(Hijri(year, month, day).to_gregorian().toordinal())


@dataclass(frozen=True)
class Form:
    """An EDTF form as it stands: a quarter, half, season, decade or century."""

    edtf: str

    def at(self, today: date | None) -> list[Span]:
        return [span(self.edtf)]


@dataclass(frozen=True)
class Refusal:
    """Words that can't be a date; the reason names them and the way out."""

    reason: str

    def at(self, today: date | None) -> list[Span]:
        raise Impossible(self.reason)


@dataclass(frozen=True)
class Either:
    """One date that can be read in two ways: 03/04/2031."""

    readings: tuple

    def at(self, today: date | None) -> list[Span]:
        return sorted(found for reading in self.readings for found in reading.at(today))


@dataclass(frozen=True)
class Yearless:
    """A month, a day in a month, or a season ("21" to "24") whose year the words leave out.

    `way`: -1 the last before today, 0 this year's, 1 the next after today, None the one that today is in or before.
    """

    month: int | str
    day: int | None = None
    hijri: bool = False
    way: int | None = None

    def _in(self, year: int) -> Span:
        if isinstance(self.month, str):
            start = date(year, SEASON_STARTS[self.month], 1)
            return Span(f"{year:04}-{self.month}", start, add(start, 3, -1))
        return Date(year, self.month, self.day, self.hijri).at(None)[0]

    def at(self, today: date | None) -> list[Span]:
        base = 1446 if self.hijri else 2000  # any year will do to see that the day exists
        if today:
            base = _hijri_year(today) if self.hijri else today.year
        found = {}
        for year in range(max(1, base - 8), base + 9):  # 29 February can be eight years away
            with suppress(Impossible):
                found[year] = self._in(year)
        if not found:
            raise Impossible(f"month {self.month} has no day {self.day} in the years around {base}; correct the day or the month")
        if today is None:
            raise AnchorNeeded
        fits = {
            -1: lambda year: found[year].last < today,
            0: lambda year: year == base,
            1: lambda year: found[year].first > today,
            None: lambda year: found[year].last >= today,
        }[self.way]
        years = [year for year in found if fits(year)]
        if not years:
            raise Impossible(f"no such date within eight years of {today}; give the year")
        return [span(found[years[-1 if self.way == -1 else 0]].edtf)]


def _hijri_year(today: date) -> int:
    try:
        return Gregorian.fromdate(today).to_hijri().year
    except OverflowError as error:
        raise Impossible(f"{today} is outside the Umm al-Qura calendar as known; give the Hijri year") from error


@dataclass(frozen=True)
class Shifted:
    """Today's day, week, month, quarter, half, year, decade or century, or the one `shift` of them later. Weeks start on Monday."""

    unit: str
    shift: int

    def at(self, today: date | None) -> list[Span]:
        if today is None:
            raise AnchorNeeded
        months, extra = UNITS[self.unit]
        found = add(today.replace(day=1) if months else today, months * self.shift, extra * self.shift)
        if self.unit == "week":
            return [days(add(found, 0, -found.weekday()), add(found, 0, 6 - found.weekday()))]
        return [span(at_precision(found, self.unit))]


@dataclass(frozen=True)
class Weekday:
    """The last Thursday (way -1), this week's (0), the next one (1), or the one that is today or next (None)."""

    number: int
    way: int | None = None

    def at(self, today: date | None) -> list[Span]:
        if today is None:
            raise AnchorNeeded
        ahead = (self.number - today.weekday()) % 7
        offset = {-1: ahead - 7, 0: self.number - today.weekday(), 1: ahead or 7, None: ahead}[self.way]
        return [span(f"{add(today, 0, offset)}")]


@dataclass(frozen=True)
class OnWeekday:
    """A date that the words put on a weekday: it must fall there, and of two readings the one that does is meant."""

    date: object
    weekday: int

    def at(self, today: date | None) -> list[Span]:
        found = self.date.at(today)
        fitting = [each for each in found if each.first != each.last or each.first.weekday() == self.weekday]
        if not fitting:
            names = " or ".join(f"{each.first} is a {WEEKDAYS[each.first.weekday()]}" for each in found)
            raise Impossible(f"the words say {WEEKDAYS[self.weekday]}, but {names}; correct the weekday or the date")
        return fitting


@dataclass(frozen=True)
class Part:
    """The nth month (or a day in it), quarter or half of a year, day or weekday of a span; -1 is the last one.

    Weeks of a month, thirds of a year and the like have no EDTF form: they stay the whole, so that nothing is invented.
    """

    whole: object
    unit: str  # or the number of a weekday: "3" is Thursday
    number: int = 1
    day: int | None = None

    def at(self, today: date | None) -> list[Span]:
        return [self._of(whole) for whole in self.whole.at(today)]

    def _of(self, whole: Span) -> Span:
        count = {"month": 12, "quarter": 4, "half": 2}.get(self.unit)
        if count and len(whole.edtf) == 4 and whole.edtf.isdecimal():
            number = self.number if self.number > 0 else count + 1 + self.number
            if number > count:
                raise Impossible(f"{whole.edtf} has {count} of the unit {self.unit}, not {number}; correct the number")
            if self.unit == "month":
                return Date(whole.first.year, number, self.day).at(None)[0]
            return span(f"{whole.edtf}-{(32 if self.unit == 'quarter' else 39) + number}")
        if self.unit == "season":
            return span(f"{whole.first.year:04}-{self.number}")
        if self.unit == "decade":
            return span(f"{whole.first.year // 100:02}{self.number // 10}X")
        if self.unit != "day" and not self.unit.isdecimal():
            return whole
        step, edge = (1, whole.first) if self.number > 0 else (-1, whole.last)
        if self.unit.isdecimal():
            edge, step = add(edge, 0, step * ((int(self.unit) - edge.weekday()) * step % 7)), 7 * step
        found = add(edge, 0, step * (abs(self.number) - 1))
        if not whole.first <= found <= whole.last:
            raise Impossible(f"{whole.edtf} has no day number {abs(self.number)} of that kind; correct the number")
        return days(found, found)


@dataclass(frozen=True)
class Paired:
    """One date in both calendars. They must agree; a day's difference (the moon was seen earlier or later) is let pass,
    then the Gregorian one counts."""

    hijri: object
    gregorian: object

    def at(self, today: date | None) -> list[Span]:
        hijri, gregorian = self.hijri.at(today), self.gregorian.at(today)
        pairs = [(h, g) for h, g in product(hijri, gregorian) if add(h.first, 0, -1) <= g.last and g.first <= add(h.last, 0, 1)]
        if not pairs:
            names = " or ".join(each.edtf for each in hijri), " or ".join(each.edtf for each in gregorian)
            raise Impossible(f"the Hijri date is {names[0]} by Umm al-Qura, not {names[1]}; correct one of the two")
        # A Hijri day beside a Gregorian month or year says the day; else the Gregorian side is the one to keep.
        return sorted({h if h.first == h.last and g.first <= h.first and h.last <= g.last != g.first else g for h, g in pairs})


@dataclass(frozen=True)
class Joined:
    """From one date to another ("{}/{}"), or one of those between them ("[{}..{}]"). A year that one side leaves out follows
    from the other side."""

    first: object
    last: object
    form: str = "{}/{}"

    def at(self, today: date | None) -> list[Span]:
        found, reason = [], None
        for first, last in self._ends(today):
            try:
                same = first.edtf == last.edtf
                found.append(first if same else span(self.form.format(sides(first.edtf)[0], sides(last.edtf)[1])))
            except Impossible as error:
                reason = error
        if not found:
            raise reason
        return sorted(set(found))

    def _ends(self, today: date | None) -> list[tuple[Span, Span]]:
        if isinstance(self.first, Yearless) and self.first.way is None:
            lasts = self.last.at(today)
            return [(first, last) for last in lasts for first in replace(self.first, way=-1).at(add(last.first, 0, 1))]
        return [
            (first, last)
            for first in self.first.at(today)
            for last in self.last.at(first.first if isinstance(self.last, Yearless) and self.last.way is None else today)
        ]


# ---- Counting from an anchor, which may itself be a month, a year, or open at an end.


def resolve(named: object, anchor: Days) -> list[Span]:
    """The spans of what the words name, counted from any day of `anchor`: where its first and its last day differ, all
    that lies between ("[2031-01..2032-01]" for next month in 2031 … ). AnchorNeeded if an end that matters is unknown."""
    try:
        return named.at(None)
    except AnchorNeeded:
        if anchor.earliest is None or anchor.latest is None:
            raise
    pairs = zip(named.at(anchor.earliest), named.at(anchor.latest), strict=True)
    return [a if a == b else Span(f"[{sides(a.edtf)[0]}..{sides(b.edtf)[1]}]", a.first, b.last) for a, b in pairs]


def _form(first: str, last: str) -> str:
    return first if first == last else f"{first}/{last}"


def within(months: int, extra: int, anchor: str) -> tuple[str, date | None, date | None]:
    """EDTF, earliest and latest day of the time from the anchor to that much later, at the anchor's precision."""
    ends, (earliest, latest) = sides(anchor), bounds(anchor)
    latest = latest and add(latest, months, extra)
    return _form(ends[0], at_precision(latest, precision(ends[1])) if latest else ends[1]), earliest, latest


def after(months: int, extra: int, unit: str, anchor: str) -> tuple[str, date | None, date | None]:
    """EDTF, earliest and latest day of the moment that much later than the anchor, at the coarser of unit and anchor."""
    ends = []
    for end, day in zip(sides(anchor), bounds(anchor), strict=True):
        coarser = max(unit, precision(end), key=COARSENESS.get) if day else unit
        ends.append(at_precision(add(day, months, extra), coarser) if day else end)
    edtf = _form(*ends)
    return edtf, *bounds(edtf)
