"""A day typed in any form that the reader of dates knows finds what is due on that day."""

import datetime
import itertools
import os

import pytest
from django.db import connection
from hijridate import Gregorian
from hypothesis import given
from hypothesis import strategies as st

from commitments import models, search
from commitments.date_words import ERAS, HIJRI_MONTHS, LIMITS, MONTHS, WEEKDAYS

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover]

SAMPLE = 1 if os.environ.get("PROVE") else 5  # of the forms, one in so many is asked of the API
ZEROS = "0٠۰߀०０𝟎"  # Arabic-Indic, Persian, N'Ko, Devanagari, full-width, bold
SIGNS = ("/", "-", ".", " / ", "–")
# Limits that end with the day; "before" a day is the day before it.
ENDS = {name: LIMITS[name].split("|") for name in ("by", "until", "through", "upto", "at", "in", "inside", "during")}


def names(months: tuple[str, ...], number: int) -> tuple[list[str], list[str]]:
    """A month's names: Arabic ones, and those in Latin letters."""
    each = months[number - 1].split("|")
    return [name for name in each if not name.isascii()], [name for name in each if name.isascii()]


def in_words(day: datetime.date) -> list[str]:
    """The day with its month in words: of every tradition, two of them in either order, in English; with its weekday."""
    d, y = day.day, day.year
    arabic, english = names(MONTHS, day.month)
    definite = [
        " ".join(f"ال{part}" if place and part[:2] != "ال" else part for place, part in enumerate(name.split()))
        for name in arabic
    ]
    doubles = [
        name
        for one, other in itertools.permutations(definite, 2)
        for name in (f"{one}/{other}", f"{one} ({other})", f"{one} - {other}")
    ]
    in_arabic, in_english = WEEKDAYS[day.weekday()].split("|")[0], WEEKDAYS[day.weekday()].split("|")
    in_english = next(name for name in in_english if name.isascii())
    forms = [f"{d} {name} {y}" for name in (*arabic, *definite, *doubles, *english, *map(str.title, english))]
    forms += [f"{d} من {name} {y}" for name in definite] + [f"{d} من شهر {name} من عام {y}م" for name in definite]
    forms += [f"{in_arabic} {d} {name} {y}" for name in definite] + [f"{in_arabic}، {d} {definite[0]}، {y}"]
    for name in map(str.title, english):
        ending = "th" if 10 < d < 20 else {1: "st", 2: "nd", 3: "rd"}.get(d % 10, "th")
        forms += [f"{name} {d}, {y}", f"{name} {d}{ending}, {y}", f"the {d}{ending} of {name} {y}", f"{d}-{name}-{y}"]
        forms += [f"{in_english.title()}, {d} {name} {y}", f"{in_english.title()}, {name} {d}, {y}", f"{y} {name} {d}"]
    return forms


def in_figures(day: datetime.date) -> list[str]:
    """The day in figures, day and month in either order, the year at either end."""
    d, m, y = day.day, day.month, day.year
    orders = [(d, m, y), (m, d, y), (y, m, d), (f"{d:02}", f"{m:02}", y), (y, f"{m:02}", f"{d:02}")]
    return [sign.join(map(str, order)) for order in orders for sign in SIGNS]


def in_hijri(day: datetime.date) -> list[str]:
    """The day by Umm al-Qura, and with the Gregorian day beside it."""
    hijri = Gregorian.fromdate(day).to_hijri()
    arabic, latin = names(HIJRI_MONTHS, hijri.month)
    plain = [f"{hijri.day} {name} {hijri.year}" for name in (*arabic, *latin)]
    eras = [f"{hijri.day} {name} {hijri.year} {era}" for name in arabic for era in ERAS[True].split("|")]
    pairs = [f"{plain[0]} هـ الموافق {day.day} {name} {day.year} م" for name in names(MONTHS, day.month)[0]]
    pairs += [f"{day.day} {names(MONTHS, day.month)[0][0]} {day.year} الموافق {plain[0]} هـ"]
    return (
        plain
        + eras
        + pairs
        + [f"{hijri.day}/{hijri.month}/{hijri.year} هـ", f"{hijri.year}-{hijri.month}-{hijri.day} هـ"]
    )


def around(day: datetime.date) -> list[str]:
    """Spans that have the day in them: its month, quarter, half, year, decade and their ends, and what ends with it."""
    d, m, y = day.day, day.month, day.year
    arabic, english = names(MONTHS, m)[0][0], names(MONTHS, m)[1][0]
    quarter, after = (m + 2) // 3, day + datetime.timedelta(1)
    told = f"{after.day} {names(MONTHS, after.month)[1][0]} {after.year}"
    ordinal = ("الأول", "الثاني", "الثالث", "الرابع")[quarter - 1]
    return [
        f"{arabic} {y}", f"{english} {y}", f"{m}/{y}", f"{y}-{m:02}", f"by the end of {english} {y}", f"قبل نهاية {arabic} {y}",
        f"قبل نهاية عام {y}", f"نهاية {y}", f"before the end of {y}", f"by {y}", f"عام {y}", f"{y}", f"Q{quarter} {y}",
        f"الربع {ordinal} من عام {y}", f"H{1 + (m > 6)} {y}", f"the {y // 10 * 10}s", f"before {told}", f"قبل {told}",
        f"1 {english} {y} to {d} {english} {y}" if d > 1 else f"{english} {y}", f"between 1 January {y} and 31 December {y}",
        f"من 1 يناير {y} إلى 31 ديسمبر {y}", f"{y}-{m:02}-{d:02}/{y}-12-31", f"{y - 1}-{y + 1}",
    ]  # fmt: skip


def forms(day: datetime.date) -> list[str]:
    said = in_words(day) + in_figures(day) + in_hijri(day)
    short = [f"{day.day} {names(MONTHS, day.month)[0][0]} {day.year}", f"{day}"]
    said += [f"{limit} {each}" for limits in ENDS.values() for limit in limits for each in short]
    said += [f"{each} كحد أقصى" for each in short] + [f"{each} at the latest" for each in short]
    digits = [
        "".join(chr(ord(zero) + int(c)) if c.isascii() and c.isdecimal() else c for c in each)
        for zero in ZEROS[1:]
        for each in [*short, f"{day.day}/{day.month}/{day.year}"]
    ]
    return [*said, *digits, *around(day)]


def unasked(day: datetime.date, typed: list[str]) -> list[str]:
    """The queries that don't ask for what is due on a day, and for nothing else."""
    return [each for each in typed if [term.is_due(day) for term in search.read(each).terms] != [True]]


@given(st.dates(datetime.date(1950, 1, 1), datetime.date(2070, 12, 31)))
def test_every_form_of_a_day_asks_for_what_is_due_then(day):
    assert unasked(day, forms(day)[day.toordinal() % SAMPLE :: SAMPLE]) == []


def test_every_form_of_a_day_asks_for_it_whatever_the_month():
    days = [datetime.date(2031, month, 28) for month in range(1, 13)]
    typed = {day: [*in_words(day), *in_hijri(day)] for day in days[:: 1 if SAMPLE == 1 else 6]}
    assert [each for day in typed for each in unasked(day, typed[day])] == []


def test_figures_in_either_order_ask_for_both_days():
    one, other = datetime.date(2031, 3, 4), datetime.date(2031, 4, 3)
    for typed in ("3/4/2031", "04/03/2031", "٣‏/٤‏/٢٠٣١", "by 3.4.2031", "حتى 4-3-2031"):
        assert [unasked(day, [typed]) for day in (one, other)] == [[], []]
    assert unasked(one, ["2031-04-03"]) == ["2031-04-03"]


def test_a_form_of_another_day_asks_for_another_day():
    typed = [*in_words(datetime.date(2031, 3, 13)), *in_figures(datetime.date(2031, 3, 13))]
    assert unasked(datetime.date(2031, 3, 14), typed) == typed


@pytest.mark.prove
def test_every_form_of_a_shipped_due_day_finds_all_that_is_due_then(shipped, client):
    standings = (
        models.Standing.objects.known_at(None)
        .as_of(datetime.date(2026, 1, 1))
        .filter(party="")
        .exclude(due_latest=None)
    )
    due = {}
    for day, record in standings.order_by("publication__record").values_list("due_latest", "publication__record"):
        due.setdefault(day, set()).add(record)
    assert due
    for day, records in due.items():
        typed = forms(day)[:: 1 if SAMPLE == 1 else 4]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT q FROM unnest(%s::text[]) q, commitments_commitmentindex s JOIN commitments_publication p ON p.ref = publication_id "
                "WHERE p.until_seq IS NULL AND p.record = ANY (%s) AND NOT s.vector @@ q::tsquery",
                [[search.read(each).tsquery() for each in typed], sorted(records)],
            )
            assert cursor.fetchall() == []
        for each in typed[:: 2 * SAMPLE]:
            answer = client.get("/api/v1/commitments/", {"q": each, "fields": "title", "page_size": 200})
            assert records <= {found["ref"] for found in answer.json()["results"]}, each
