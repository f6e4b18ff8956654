"""The start page's charts: how things stand today, by party and in time; every bar leads to the rows that it counts."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.db import models as orm
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from commitments import codebook, models

from . import display
from .worklists import today

WIDTH, ROW, COLUMN, LEAST = 820, 28, 180, 4  # units of the drawing; no bar is narrower than LEAST
NAMES = 232  # units for what rows are called
DIGIT, PAD = 8, 6  # units of a number inside a bar
PARTIES = 10  # shown, those that owe most
BINS, LABEL = 24, 60  # most columns of the timeline; units between two of their names

# What a column of the timeline may be, the finest first: the place of a month (year × 12 + month), and back to its EDTF.
UNITS: tuple[tuple[int, Callable[[int], str]], ...] = (
    (1, lambda place: f"{place // 12:04}-{place % 12 + 1:02}"),
    (12, lambda place: f"{place:04}"),
    (120, lambda place: f"{place:03}X"),
    (1200, lambda place: f"{place:02}XX"),
)


class Bar(NamedTuple):
    """A part of a row or column: where it is drawn, the code that it stands for, how many rows it counts, the way to them."""

    x: float
    y: float
    width: float
    height: float
    code: str
    label: str
    count: int
    address: str

    @property
    def fits(self) -> bool:
        """Whether its number has room in it."""
        return self.width >= DIGIT * len(str(self.count)) + PAD

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


class Text(NamedTuple):
    """Words in a drawing, with the whole of what they shorten, and where they lead."""

    x: float
    y: float
    words: str
    whole: str = ""
    address: str = ""


class Chart(NamedTuple):
    """A drawing `WIDTH` wide as its template needs it; `legend`: (code, label) of what occurs in it."""

    name: str
    vocabulary: str
    title: str
    description: str
    height: float
    bars: list[Bar]
    texts: list[Text]
    legend: list[tuple[str, str]]
    line: float | None = None
    width: int = WIDTH


def charts(day: datetime.date) -> list[Chart]:
    """The charts of a day, for the reader's language; those that would be empty are left out. Three queries."""
    return [chart for chart in (by_party(day), timeline(day)) if chart.bars]


def mirrored(x: float, width: float = 0) -> float:
    """Where something is drawn: from the right, if the page reads so."""
    return round(WIDTH - x - width if get_language_bidi() else x, 1)


def address(**asked: str) -> str:
    """The list of commitments narrowed to something."""
    return reverse("admin:commitments_commitment_changelist", query=asked)


def shares(counts: dict[str, int], vocabulary: str, most: int, room: float) -> Iterable[tuple[str, int, float]]:
    """(code, count, length) of each code that occurs, in the codebook's order; `most` in a row fill the room."""
    codes = codebook.codes(vocabulary)
    room -= LEAST * len(codes)
    return [(code, counts[code], LEAST + room * counts[code] / most) for code in codes if counts.get(code)]


def label(vocabulary: str, code: str) -> str:
    return codebook.label(vocabulary, code, display.reader())


def legend(vocabulary: str, bars: list[Bar]) -> list[tuple[str, str]]:
    drawn = {bar.code for bar in bars}
    return [(code, label(vocabulary, code)) for code in codebook.codes(vocabulary) if code in drawn]


def by_party(day: datetime.date) -> Chart:
    """How many commitments have which status: all of them, then by who owes them, each in its own role."""
    whole, theirs = orm.Q(party=""), orm.Q(role=models.Role.OBLIGOR)
    found = today(day).filter(whole | theirs).values_list("party", "status")
    counts: dict[str, Counter] = defaultdict(Counter)
    for party, status, count in found.annotate(found=orm.Count("pk")):
        counts[party][status] = count
    order = sorted(counts, key=lambda party: (party != "", -counts[party].total(), party))[: PARTIES + 1]
    named = {party.pk: display.in_one(party.name)[0] for party in models.Party.objects.filter(pk__in=order)}
    most = max((each.total() for each in counts.values()), default=1)
    bars, texts = [], []
    for row, party in enumerate(order):
        y, x, asked = row * ROW, NAMES, {"obligor": party} if party else {}
        called = named.get(party, party) if party else _("All commitments")
        texts.append(Text(mirrored(0), y + 18, Truncator(called).chars(NAMES // DIGIT), called, address(**asked)))
        for code, count, length in shares(counts[party], "status", most, WIDTH - NAMES):
            told = f"{called}: {label('status', code)}"
            place = (mirrored(x, length), y + 2, round(length, 1), ROW - 4)
            bars.append(Bar(*place, code, told, count, address(**asked, status=code)))
            x += length
    told = _(
        "For each party, how many of the public commitments that it owes have which status today. Each bar leads to its commitments."
    )
    if len(counts) > len(order):
        told += " " + _("Shown are the %(n)s that owe most.") % {"n": PARTIES}
    title = _("Status by party")
    return Chart("parties", "status", title, told, len(order) * ROW, bars, texts, legend("status", bars))


def columns(months: dict[int, dict[str, int]], now: int) -> tuple[list[tuple[str, dict[str, int]]], float]:
    """The columns from the first month that counts, or `now`, to the last, as (EDTF, counts by code); and where `now` is.

    Months are numbers, year × 12 + month; `now` comes back in columns, counted from the first.
    """
    first, last = min([now, *months]), max([now, *months])
    fitting = (unit for unit in UNITS if last // unit[0] - first // unit[0] < BINS)
    size, name = next(fitting, UNITS[-1])
    counts: dict[int, Counter] = defaultdict(Counter)
    for month, each in months.items():
        counts[month // size].update(each)
    places = range(first // size, last // size + 1)
    return [(name(place), counts[place]) for place in places], now / size - places.start


def timeline(day: datetime.date) -> Chart:
    """How many deadlines in force end when, by schedule; columns are months, years, decades or centuries."""
    found = today(day).filter(party="", due_latest__isnull=False).annotate(month=TruncMonth("due_latest"))
    months: dict[int, dict[str, int]] = defaultdict(dict)
    for month, code, count in found.values_list("month", "schedule").annotate(found=orm.Count("pk")):
        months[month.year * 12 + month.month - 1][code] = count
    shown, now = columns(months, day.year * 12 + day.month - 1)
    width = WIDTH / len(shown)
    most = max(counts.total() for _name, counts in shown)
    bars, texts = [], []
    every = -(-LABEL // int(width))
    for place, (called, counts) in enumerate(shown):
        x, y, middle = place * width, COLUMN, mirrored((place + 0.5) * width)
        if place % every == 0:
            texts.append(Text(middle, COLUMN + 18, called))
        for code, count, length in shares(counts, "schedule", most, COLUMN - ROW):
            y -= length
            drawn = (mirrored(x + 2, width - 4), round(y, 1), round(width - 4, 1), round(length, 1))
            told = f"{called}: {label('schedule', code)}"
            bars.append(Bar(*drawn, code, told, count, address(due=called, schedule=code)))
        if counts:
            whole = f"{called}: {counts.total()}"
            texts.append(Text(middle, round(y - 6, 1), str(counts.total()), whole, address(due=called)))
    told = _(
        "When the deadlines in force end, and how the commitments stand to them today. "
        "The line is today; each bar leads to its commitments."
    )
    drawn = legend("schedule", bars)
    title, line = _("Deadlines in time"), mirrored(now * width)
    return Chart("timeline", "schedule", title, told, COLUMN + ROW, bars, texts, drawn, line)
