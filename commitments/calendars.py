"""What words name in a calendar (a date, next March, the last quarter of this year …), and the days that it covers."""

import re
from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from typing import NamedTuple

from hijridate import Gregorian, Hijri

from .edtf import SEASONS, Days, bounds, sides

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEK_STARTS = (5, 6, 0)  # Saturday, Sunday or Monday, by country
FIRST_HIJRI, LAST_HIJRI = 1343, 1500  # the years that Umm al-Qura is published for
SEASON_STARTS = dict(zip(SEASONS, (3, 6, 9, 12), strict=True))  # only to tell the next from the last; no bound follows
# Units from fine to coarse → the months and days in one of them.
UNITS = {
    "day": (0, 1),
    "week": (0, 7),
    "fortnight": (0, 14),
    "month": (1, 0),
    "quarter": (3, 0),
    "third": (4, 0),
    "half": (6, 0),
    "year": (12, 0),
    "decade": (120, 0),
    "century": (1200, 0),
}
COARSENESS = {unit: rank for rank, unit in enumerate(UNITS)}
# The parts of a year that EDTF has a code for → how many there are, and the code before the first one's.
CODED = {"month": (12, 0), "quarter": (4, 32), "third": (3, 36), "half": (2, 39)}


class Impossible(ValueError):
    """The words name what no calendar has; the message names it and the way out."""


class AnchorNeeded(Exception):
    """The words count from a day that they don't give, or that isn't known well enough."""


class Span(NamedTuple):
    """An EDTF form without open ends, and its first and last day; `vague` if it lies somewhere between them."""

    edtf: str
    first: date
    last: date
    vague: bool = False


def span(edtf: str) -> Span:
    """A form with its days; Impossible, with the reason, if it has none."""
    try:
        return Span(edtf, *bounds(edtf), vague=edtf[5:] in SEASONS)
    except ValueError as error:
        raise Impossible(str(error)) from error


def days(first: date, last: date) -> Span:
    """The span from one day to another, both in it."""
    return span(interval(f"{first}", f"{last}"))


def interval(first: str, last: str) -> str:
    """The EDTF interval from one date to another, or the one date that both are."""
    return first if first == last else f"{first}/{last}"


def add(day: date, months: int = 0, extra: int = 0) -> date:
    """`day` plus calendar months, held to the month's end, plus days. Impossible beyond the years 1 to 9999."""
    try:
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])) + timedelta(extra)
    except (ValueError, OverflowError) as error:
        length = f"{months} months and {extra} days" if months else f"{extra} days"
        raise Impossible(f"{length} from {day} leave the years 1 to 9999; check the number") from error


def at_precision(day: date, unit: str) -> str:
    """The EDTF form of the unit that a day falls in; a day or week is its day.

    >>> [at_precision(date(2031, 5, 9), unit) for unit in ("week", "month", "quarter", "half", "decade", "century")]
    ['2031-05-09', '2031-05', '2031-34', '2031-40', '203X', '20XX']
    """
    year = f"{day.year:04}"
    if unit in CODED:
        count, before = CODED[unit]
        return f"{year}-{before + (day.month - 1) * count // 12 + 1:02}"
    return {"year": year, "decade": f"{year[:3]}X", "century": f"{year[:2]}XX"}.get(unit, f"{day}")


def precision(edtf: str) -> str:
    """The unit that a date without ends is given in; a season, whose months are unknown, counts as its year."""
    date_part = edtf.rstrip("~?%")
    if len(date_part) == 4:
        return ("year", "decade", "century")[date_part.count("X")]
    if len(date_part) == 10:
        return "day"
    code = int(date_part[5:])
    return next((unit for unit, (count, before) in CODED.items() if before < code <= before + count), "year")


# ---- What words can name. Each has `at(today)`: its spans, two if it can be read in two ways; AnchorNeeded if it
# ---- counts from a day and `today` is None.


@dataclass(frozen=True)
class Date:
    """A year, month or day; if Hijri, by Umm al-Qura, its months and years as intervals of Gregorian days."""

    year: int
    month: int | None = None
    day: int | None = None
    hijri: bool = False

    def __str__(self):
        numbers = "".join(f"-{number:02}" for number in (self.month, self.day) if number is not None)
        return f"{self.year:04}{numbers}" + " AH" * self.hijri

    def at(self, today: date | None) -> list[Span]:
        if self.hijri and not FIRST_HIJRI <= self.year <= LAST_HIJRI:
            known = f"the Umm al-Qura calendar is known from {FIRST_HIJRI} to {LAST_HIJRI} AH"
            raise Impossible(f"{known}, not in {self.year}; give the Gregorian date")
        if self.month is not None and not 1 <= self.month <= 12:
            raise Impossible(f"there is no month {self.month}; give a month from 1 to 12")
        if self.day is not None and not 1 <= self.day <= self._length():
            month = replace(self, day=None)
            raise Impossible(f"{month} has {self._length()} days, no day {self.day}; correct the day or the month")
        if not self.hijri:
            return [span(str(self))]
        end = replace(self, month=self.month or 12)
        first = _gregorian(self.year, self.month or 1, self.day or 1)
        return [days(first, _gregorian(end.year, end.month, self.day or end._length()))]

    def _length(self) -> int:
        return Hijri(self.year, self.month, 1).month_length() if self.hijri else monthrange(self.year, self.month)[1]


def _gregorian(year: int, month: int, day: int) -> date:
    return date.fromordinal(Hijri(year, month, day).to_gregorian().toordinal())


@dataclass(frozen=True)
class Form:
    """An EDTF form as it stands: a season, decade or century."""

    edtf: str

    def at(self, today: date | None) -> list[Span]:
        return [span(self.edtf)]


@dataclass(frozen=True)
class Either:
    """What words can mean that leave it open: those of the dates that there are."""

    dates: tuple[object, ...]

    def at(self, today: date | None) -> list[Span]:
        found, reason = set(), None
        for each in self.dates:
            try:
                found.update(each.at(today))
            except Impossible as error:
                reason = error
        if not found:
            raise reason
        return sorted(found)


@dataclass(frozen=True)
class Refusal:
    """Words that can't be a date; the reason says why, and the way out."""

    reason: str

    def at(self, today: date | None) -> list[Span]:
        raise Impossible(self.reason)


@dataclass(frozen=True)
class Numeric:
    """A date in figures: by the order of day and month, what it is. 03/04/2031 is two dates, 13/04/2031 one."""

    readings: tuple[tuple[str, Date], ...]

    def at(self, today: date | None) -> list[Span]:
        return sorted({found for _, reading in self.readings for found in reading.at(today)})

    def ordered(self, orders: set[str]) -> "Numeric":
        """Only the readings in one of these orders."""
        return Numeric(tuple(each for each in self.readings if each[0] in orders))

    def orders(self) -> set[str]:
        return {order for order, _ in self.readings}


@dataclass(frozen=True)
class Yearless:
    """A month, a day in a month, or a part of a year by its EDTF code, whose year the words leave out.

    `way`: -1 the last before today, 0 this year's, 1 the next after today, None the first that is not over today.
    """

    month: int | str
    day: int | None = None
    hijri: bool = False
    way: int | None = None

    def _in(self, year: int) -> Span:
        if self.month in SEASON_STARTS:
            start = date(year, SEASON_STARTS[self.month], 1)
            return Span(f"{year:04}-{self.month}", start, add(start, 3, -1))
        if isinstance(self.month, str):
            return span(f"{year:04}-{self.month}")
        return Date(year, self.month, self.day, self.hijri).at(None)[0]

    def at(self, today: date | None) -> list[Span]:
        base = 1446 if self.hijri else 2000  # any year will do to see that there is such a day
        if today:
            base = _hijri_year(today) if self.hijri else today.year
        found = {}
        for year in range(max(1, base - 8), base + 9):  # 29 February can be eight years away
            with suppress(Impossible):
                found[year] = self._in(year)
        if not found:
            raise Impossible(f"month {self.month} has no day {self.day}; correct the day or the month")
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
            raise Impossible(f"there is no such date near {today}; give the year")
        return [span(found[years[-1 if self.way == -1 else 0]].edtf)]


def _hijri_year(today: date) -> int:
    try:
        return Gregorian.fromdate(today).to_hijri().year
    except OverflowError as error:
        raise Impossible(f"{today} is outside the Umm al-Qura calendar as known; give the Hijri year") from error


@dataclass(frozen=True)
class Shifted:
    """Today's day, week, month, quarter, half, year, decade or century, or the one `shift` of them later.

    A week runs from the earliest to the latest day that it has in any country.
    """

    unit: str
    shift: int

    def at(self, today: date | None) -> list[Span]:
        if today is None:
            raise AnchorNeeded
        if self.unit == "week":
            starts = _week_starts(today, self.shift)
            return [days(min(starts), add(max(starts), 0, 6))]
        months, extra = UNITS[self.unit]
        found = add(today.replace(day=1) if months else today, months * self.shift, extra * self.shift)
        return [span(at_precision(found, self.unit))]


@dataclass(frozen=True)
class Stated:
    """A year that the words both number and count from today, this year (2031): the two must agree."""

    year: Date
    shifted: Shifted

    def at(self, today: date | None) -> list[Span]:
        if today and (counted := self.shifted.at(today)) != self.year.at(None):
            raise Impossible(
                f"the words say {self.year}, but counted from {today} it is {counted[0].edtf}; correct one"
            )
        return self.year.at(None)


def _week_starts(today: date, shift: int) -> list[date]:
    return [add(today, 0, 7 * shift - (today.weekday() - start) % 7) for start in WEEK_STARTS]


@dataclass(frozen=True)
class Weekday:
    """The last Thursday (`way` -1), the next (1), the one that is today or next (None), or the one in the week that is
    `week` later than this. Said on a Thursday, a Thursday can be today or a week later."""

    number: int
    way: int | None = None
    week: int | None = None

    def at(self, today: date | None) -> list[Span]:
        if today is None:
            raise AnchorNeeded
        if self.week is not None:
            starts = _week_starts(today, self.week)
            found = {add(start, 0, (self.number - start.weekday()) % 7) for start in starts}
        else:
            ahead = (self.number - today.weekday()) % 7
            offsets = {-1: [ahead - 7], 1: [ahead or 7], None: [ahead] if ahead else [0, 7]}[self.way]
            found = {add(today, 0, offset) for offset in offsets}
        return [days(day, day) for day in sorted(found)]


@dataclass(frozen=True)
class Around:
    """The week that a day is in, from the earliest to the latest day that it has in any country; or the week, month …
    that begins (`edge` "start") or ends ("end") with the day."""

    day: object
    unit: str
    edge: str = ""

    def at(self, today: date | None) -> list[Span]:
        return [self._of(each) for each in self.day.at(today)]

    def _of(self, day: Span) -> Span:
        months, extra = UNITS[self.unit]
        if self.edge == "start":
            return days(day.first, add(add(day.first, months, extra), 0, -1))
        if self.edge == "end":
            return days(add(add(day.last, 0, 1), -months, -extra), day.last)
        return Shifted(self.unit, 0).at(day.first)[0]


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
    """The nth month (or a day in it), quarter, third or half of a year, decade of a century, day or weekday of a span.

    -1 is the last. Weeks, halves of a month and the like have no agreed borders: they are somewhere in the whole.
    """

    whole: object
    unit: str  # or the number of a weekday: "3" is Thursday
    number: int = 1
    day: int | None = None

    def at(self, today: date | None) -> list[Span]:
        return [self._of(whole) for whole in self.whole.at(today)]

    def _of(self, whole: Span) -> Span:
        if self.unit in CODED and precision(sides(whole.edtf)[0]) == "year" and sides(whole.edtf)[0] == whole.edtf:
            return self._coded(whole)
        if self.unit == "season":
            return span(f"{whole.first.year:04}-{self.number}")
        if self.unit == "decade" and precision(whole.edtf) == "century":
            number = 10 if self.number == -1 else self.number  # the last; the fourth decade or the thirties
            if (number > 10 and number % 10) or not 0 < number <= 90:
                raise Impossible(f"{whole.edtf} has 10 decades, no number {number}; correct the number")
            return span(f"{whole.edtf[:2]}{number - 1 if number <= 10 else number // 10}X")
        if self.unit == "day" or self.unit.isdecimal():
            return self._day(whole)
        return whole._replace(vague=True)

    def _coded(self, year: Span) -> Span:
        count, before = CODED[self.unit]
        number = self.number if self.number > 0 else count + 1 + self.number
        if not 0 < number <= count:
            raise Impossible(f"{year.edtf} has {count} parts of this length, no number {number}; correct the number")
        if self.unit == "month":
            return Date(year.first.year, number, self.day).at(None)[0]
        return span(f"{year.edtf}-{before + number}")

    def _day(self, whole: Span) -> Span:
        step, edge = (1, whole.first) if self.number > 0 else (-1, whole.last)
        if self.unit.isdecimal():
            edge, step = add(edge, 0, step * ((int(self.unit) - edge.weekday()) * step % 7)), 7 * step
        found = add(edge, 0, step * (abs(self.number) - 1))
        if self.number == 0 or not whole.first <= found <= whole.last:
            raise Impossible(f"{whole.edtf} has no such day, number {abs(self.number)}; correct the number")
        return days(found, found)


@dataclass(frozen=True)
class Stretch:
    """The first, or last, so many days, weeks, months or years of a longer span."""

    whole: object
    unit: str
    count: int
    last: bool = False

    def at(self, today: date | None) -> list[Span]:
        return [self._of(whole) for whole in self.whole.at(today)]

    def _of(self, whole: Span) -> Span:
        months, extra = (self.count * each for each in UNITS[self.unit])
        if self.last:
            first, last = add(add(whole.last, 0, 1), -months, -extra), whole.last
        else:
            first, last = whole.first, add(add(whole.first, months, extra), 0, -1)
        if first < whole.first or last > whole.last:
            raise Impossible(f"{whole.edtf} is shorter than {self.count} of these; correct the number")
        unit = max("month", self.unit, key=COARSENESS.get) if months else "day"
        return span(_by_months(interval(at_precision(first, unit), at_precision(last, unit))))


def _by_months(edtf: str) -> str:
    """An interval whose quarters, thirds and halves are given as months: EDTF has no place for them in an interval."""
    ends = sides(edtf)
    if edtf in ends or not {"quarter", "third", "half"} & {precision(end) for end in ends}:
        return edtf
    first, last = (
        at_precision(day, "month") if precision(end) in ("quarter", "third", "half") else end
        for end, day in zip(ends, bounds(edtf), strict=True)
    )
    return interval(first, last)


@dataclass(frozen=True)
class Paired:
    """One date in both calendars. A day's difference is let pass (the moon is seen earlier or later), the Gregorian
    one then counts; any more is refused."""

    hijri: object
    gregorian: object

    def at(self, today: date | None) -> list[Span]:
        hijri, gregorian = self.hijri.at(today), self.gregorian.at(today)
        pairs = [
            (h, g)
            for h, g in product(hijri, gregorian)
            if add(h.first, 0, -1) <= g.last and g.first <= add(h.last, 0, 1)
        ]
        if not pairs:
            names = [" or ".join(each.edtf for each in found) for found in (hijri, gregorian)]
            raise Impossible(f"the Hijri date is {names[0]} by Umm al-Qura, not {names[1]}; correct one of the two")
        # A Hijri day beside a Gregorian month or year says the day.
        return sorted({h if h.first == h.last and g.first != g.last else g for h, g in pairs})


@dataclass(frozen=True)
class Joined:
    """From one date to another ("{}/{}"), or one of those between them ("[{}..{}]"). What one side leaves out, the year
    or the order of its figures, follows from the other."""

    first: object
    last: object
    form: str = "{}/{}"

    def at(self, today: date | None) -> list[Span]:
        found, reason = set(), None
        for first, last in self._ends(today):
            try:
                joined = self.form.format(sides(first.edtf)[0], sides(last.edtf)[1])
                found.add(first if first.edtf == last.edtf else span(_by_months(span(joined).edtf)))
            except Impossible as error:
                reason = error
        if not found:
            raise reason
        return sorted(found)

    def _ends(self, today: date | None) -> list[tuple[Span, Span]]:
        first, last = self.first, self.last
        if isinstance(first, Numeric) and isinstance(last, Numeric) and (common := first.orders() & last.orders()):
            orders = [(first.ordered({order}), last.ordered({order})) for order in sorted(common)]
            return [(a.at(today)[0], b.at(today)[0]) for a, b in orders]
        if isinstance(first, Yearless) and first.way is None:
            return [(a, b) for b in last.at(today) for a in replace(first, way=-1).at(add(b.first, 0, 1))]
        follows = isinstance(last, Yearless) and last.way is None
        return [(a, b) for a in first.at(today) for b in last.at(a.first if follows else today)]


# ---- Counting from an anchor, which may itself be a month, a year or an interval.


def anchored(anchor: str | None) -> tuple[str, Days]:
    """An anchor as EDTF and its days: "" and no days if none can be counted from (missing, approximate, uncertain, or
    open at an end). An unspecified month or day (2031-XX) is as good as none. ValueError if it is no EDTF."""
    known = re.sub(r"(-XX){1,2}(?=$|[]/.~?%])", "", anchor or "")
    days = bounds(known)
    if None in days or re.search("[~?%]", known):
        return "", Days(None, None)
    return known, days


def resolve(named: object, anchor: Days) -> list[Span]:
    """The spans of what words name, for every day that the anchor may be; AnchorNeeded if these are more than two."""
    if None in anchor or anchor.earliest.year != anchor.latest.year:
        try:
            return named.at(None)
        except AnchorNeeded:
            if None in anchor:
                raise
    found: set[Span] = set()
    day: date | None = anchor.earliest
    while day:
        spans = named.at(day)
        found.update(spans)
        if len(found) > 2:
            raise AnchorNeeded
        day = _change(named, spans, day, anchor.latest)
    return sorted(found)


def _change(named: object, spans: list[Span], day: date, last: date) -> date | None:
    """The first day up to `last` with other spans than `day`. As today moves on, what words name moves on or stays."""
    if named.at(last) == spans:
        return None
    while (last - day).days > 1:
        middle = day + (last - day) // 2
        day, last = (middle, last) if named.at(middle) == spans else (day, middle)
    return last


def within(months: int, extra: int, anchor: str) -> tuple[str, date, date]:
    """EDTF, earliest and latest day of the time from the anchor to that much later, at the anchor's precision."""
    (first, last), (earliest, latest) = sides(anchor), bounds(anchor)
    latest = add(latest, months, extra)
    return interval(first, at_precision(latest, precision(last))), earliest, latest


def after(months: int, extra: int, unit: str, anchor: str) -> tuple[str, date, date]:
    """EDTF, earliest and latest day of the moment that much later than the anchor, at the coarser of their units."""
    ends = zip(sides(anchor), bounds(anchor), strict=True)
    moments = [
        at_precision(add(day, months, extra), max(unit, precision(end), key=COARSENESS.get)) for end, day in ends
    ]
    edtf = _by_months(interval(*moments))
    return edtf, *bounds(edtf)
