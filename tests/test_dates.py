"""Deadlines read from words: the independent corpus line by line, laws that hold for every day, and hostile texts."""

import json
import sys
import unicodedata
from datetime import date, timedelta
from pathlib import Path

import pytest
from hijridate import Gregorian
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments import calendars, edtf
from commitments.date_words import HIJRI_MONTHS, MONTHS
from commitments.dates import Reading, bounds, read, too_precise

UNTIMED = settings(deadline=None)
CORPUS = [
    json.loads(line) for line in (Path(__file__).parent / "deadline_expressions.jsonl").read_text("utf-8").splitlines()
]
KINDS = {"date", "relative", "event", "recurring", "standing", "none"}
DAYS = st.dates(date(1950, 1, 1), date(2070, 12, 31))
TRADITIONS = [(month, name) for month, names in enumerate(MONTHS, 1) for name in names.split("|")]


def days(earliest, latest):
    """The two days as dates, from ISO 8601."""
    return tuple(each and date.fromisoformat(each) for each in (earliest, latest))


# ---- The corpus, written before the parser by someone who didn't write it


def compare(found, expected):
    """Two tables with the same keys; fails naming every line that differs."""
    differing = [f"{key}: {found[key]}, not {expected[key]}" for key in expected if found[key] != expected[key]]
    assert not differing, "\n".join(differing)


def test_each_expression_of_the_corpus_is_read_as_it_expects():
    found = {case["id"]: read(case["text"], case["anchor"]).to_json() for case in CORPUS}
    compare(
        {name: answer | {"refused": bool(answer["refused"])} for name, answer in found.items()},
        {case["id"]: {key: case[key] for key in found[case["id"]]} for case in CORPUS},
    )


@pytest.mark.prove
def test_no_expression_of_the_corpus_is_read_more_precisely_than_its_words():
    found = {case["id"]: too_precise(case["edtf"], case["text"], case["anchor"]) for case in CORPUS if case["edtf"]}
    compare(found, dict.fromkeys(found))


@pytest.mark.no_cover
def test_a_day_that_the_words_of_the_corpus_leave_open_is_too_precise():
    open_days = [case for case in CORPUS if len(case["edtf"] or "") in (4, 7)]
    days_in = {case["id"]: f"{edtf.bounds(case['edtf']).earliest + timedelta(16)}" for case in open_days}
    found = {case["id"]: bool(too_precise(days_in[case["id"]], case["text"], case["anchor"])) for case in open_days}
    compare(found, dict.fromkeys(found, True))


def test_the_corpus_is_as_large_as_it_must_be():
    languages = [case["id"][:2] for case in CORPUS]
    assert min(languages.count("ar"), languages.count("en")) >= 150
    assert len({case["id"] for case in CORPUS}) == len(CORPUS)


# ---- EDTF


@pytest.mark.parametrize(
    ("form", "earliest", "latest"),
    [
        ("", None, None),
        ("2031", "2031-01-01", "2031-12-31"),
        ("2032-02", "2032-02-01", "2032-02-29"),
        ("2031-03-01", "2031-03-01", "2031-03-01"),
        ("203X", "2030-01-01", "2039-12-31"),
        ("20XX", "2000-01-01", "2099-12-31"),
        ("2031-21", "2031-01-01", "2031-12-31"),
        ("2031-24", "2031-01-01", "2032-02-29"),
        ("2031-34", "2031-04-01", "2031-06-30"),
        ("2031-39", "2031-09-01", "2031-12-31"),
        ("2031-41", "2031-07-01", "2031-12-31"),
        ("2031-03~", "2031-03-01", "2031-03-31"),
        ("2031-03-01/2031-04", "2031-03-01", "2031-04-30"),
        ("2031-06-15/2031-06", "2031-06-15", "2031-06-30"),
        ("../2031-02-28", None, "2031-02-28"),
        ("2031/", "2031-01-01", None),
        ("[2021-07-26..2021-12-31]", "2021-07-26", "2021-12-31"),
        ("[..2031]", None, "2031-12-31"),
        ("[2031-33..]", "2031-01-01", None),
        ("0001", "0001-01-01", "0001-12-31"),
        ("9999-12-31", "9999-12-31", "9999-12-31"),
    ],
)
def test_bounds_are_the_first_and_last_day_of_a_form(form, earliest, latest):
    assert bounds(form) == days(earliest, latest)


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ("soon", "none of the forms kept here: YYYY"),
        ("2031-3", "none of the forms"),
        ("٢٠٣١", "none of the forms"),
        ("2031\n", "none of the forms"),
        ("2031~?", "none of the forms"),
        ("[2031]", "none of the forms"),
        ("2031/2032/2033", "none of the forms"),
        ("2031-13", "13 is no month"),
        ("2031-02-29", "has the days 01 to 28"),
        ("2031-01-00", "has the days 01 to 31"),
        ("2031-24-01", "only a month"),
        ("203X-01", "write 203X"),
        ("0000", "there is no year 0"),
        ("9999-24", "ends after the year 9999"),
        ("../..", "neither end is a date"),
        ("/", "neither end is a date"),
        ("2031/2030", "2031 is later than 2030"),
        ("[2031-02..2031-01-31]", "2031-02 is later than 2031-01-31"),
    ],
)
def test_what_is_no_form_is_refused_with_the_reason(form, reason):
    with pytest.raises(ValueError, match=reason) as refusal:
        bounds(form)
    assert str(refusal.value).startswith("EDTF '")


# ---- Reading


def spelled(text, anchor=None):
    """A reading on one line, as the tables below have it."""
    found = read(text, anchor)
    if found.refused or found.anchor_missing or found.readings:
        rest = (
            "refused"
            if found.refused
            else "anchor"
            if found.anchor_missing
            else [row["edtf"] for row in found.readings]
        )
        return found.kind, rest
    return found.kind, found.edtf, *(each and f"{each}" for each in (found.earliest, found.latest))


# fmt: off
READINGS = [
    # limits
    ("at the latest by 2031", None, ("date", "2031", None, "2031-12-31")),
    ("31 ديسمبر 2031 كحد أقصى", None, ("date", "2031-12-31", None, "2031-12-31")),
    ("from 1 March 2031 onwards", None, ("date", "2031-03-01/..", "2031-03-01", None)),
    ("1 March 2031 at the earliest", None, ("date", "2031-03-01/..", "2031-03-01", None)),
    ("بحلول الساعة 12:00 من يوم 1 آذار 2031", None, ("date", "2031-03-01", None, "2031-03-01")),
    ("by 5 pm on 1 March 2031", None, ("date", "2031-03-01", None, "2031-03-01")),
    ("in the period between 1 March and 30 April 2031", None,
     ("date", "2031-03-01/2031-04-30", "2031-03-01", "2031-04-30")),
    ("between now and 2031", "2021-07-26", ("date", "2021-07-26/2031", "2021-07-26", "2031-12-31")),
    ("immediately after 1 March 2031", None, ("date", "2031-03-02/..", "2031-03-02", None)),
    ("until after 1 March 2031", None, ("date", "2031-03-02/..", "2031-03-02", None)),
    ("before mid-March 2031", None, ("date", "2031-03", None, "2031-03-31")),
    ("after mid-2031", None, ("date", "2031-01-01/..", "2031-01-01", None)),
    ("after the beginning of 2031", None, ("date", "2031-01-01/..", "2031-01-01", None)),
    ("before the second week of April 2031", None, ("date", "2031-04", None, "2031-04-30")),
    ("not earlier than six months from signature", "2021-07-26", ("relative", "2022-01-01/..", "2022-01-01", None)),
    ("at least six months after signature", "2021-07-26", ("relative", "2022-01-01/..", "2022-01-01", None)),
    ("within the decade", "2021-07-26", ("date", "202X", "2020-01-01", "2029-12-31")),
    ("خلال العام", "2021-07-26", ("date", "2021", "2021-01-01", "2021-12-31")),
    ("within the next year", "2021-07-26", ("relative", "2021-07-26/2022-07-26", "2021-07-26", "2022-07-26")),
    ("over the next decade", "2021-07-26", ("relative", "2021-07-26/2031-07-26", "2021-07-26", "2031-07-26")),
    ("من اليوم وحتى 31 كانون الأول 2031", "2021-07-26", ("date", "2031-12-31", None, "2031-12-31")),
    ("in March 2031 and 1 May 2032", None, ("date", ["2031-03", "2032-05-01"])),
    ("ending in March 2031", None, ("date", "2031-03", "2031-03-01", "2031-03-31")),
    # days and months
    ("أول اثنين من أيار 2031", None, ("date", "2031-05-05", "2031-05-05", "2031-05-05")),
    ("آخر خميس من آذار 2031", None, ("date", "2031-03-27", "2031-03-27", "2031-03-27")),
    ("the first Monday of May 2031", None, ("date", "2031-05-05", "2031-05-05", "2031-05-05")),
    ("the fifth Monday of May 2031", None, ("date", "refused")),
    ("the last day of March 2031", None, ("date", "2031-03-31", "2031-03-31", "2031-03-31")),
    ("the 31st of this month", "2021-02-01", ("date", "refused")),
    ("the 10th to the 15th of next month", "2021-07-26", ("date", "2021-08-10/2021-08-15", "2021-08-10", "2021-08-15")),
    ("15 الجاري", "2021-07-26", ("date", "2021-07-15", "2021-07-15", "2021-07-15")),
    ("7, 8 and 9 August 2031", None, ("date", "2031-08-07/2031-08-09", "2031-08-07", "2031-08-09")),
    ("بحلول أيار/2031", None, ("date", "2031-05", None, "2031-05-31")),
    ("نيسان (أبريل) 2031", None, ("date", "2031-04", "2031-04-01", "2031-04-30")),
    ("شباط/مارس 2031", None, ("date", "refused")),
    ("Dec. 31, 2031", None, ("date", "2031-12-31", "2031-12-31", "2031-12-31")),
    ("December this year", "2021-07-26", ("date", "2021-12", "2021-12-01", "2021-12-31")),
    ("by December 2031 or January 2032", None, ("date", "[2031-12..2032-01]", None, "2032-01-31")),
    ("in Q1 or Q2 2031", None, ("date", "2031-01/2031-06", "2031-01-01", "2031-06-30")),
    ("by Q4", "2021-07-26", ("date", "2021-36", None, "2021-12-31")),
    ("H2 of next year", "2021-07-26", ("date", "2022-41", "2022-07-01", "2022-12-31")),
    ("Q5", "2021-07-26", ("date", "refused")),
    ("29 February", "2021-07-26", ("date", "2024-02-29", "2024-02-29", "2024-02-29")),
    ("this 29 February", "2021-07-26", ("date", "refused")),
    ("30 شباط", None, ("date", "refused")),
    ("1 March 31", None, ("date", "refused")),
    ("by '31", None, ("date", "refused")),
    ("from December to February", "2021-07-26", ("date", "2021-12/2022-02", "2021-12-01", "2022-02-28")),
    ("from March 2031 to May", None, ("date", "2031-03/2031-05", "2031-03-01", "2031-05-31")),
    ("from 01/02/2031 to 03/04/2031", None, ("date", ["2031-01-02/2031-03-04", "2031-02-01/2031-04-03"])),
    ("from 05/04/2031 to 03/04/2031", None, ("date", "refused")),
    # seasons, decades, parts of years
    ("winter 2031/2032", None, ("date", "2031-24", "2031-01-01", "2032-02-29")),
    ("next summer", "2021-07-26", ("date", "2022-22", "2022-01-01", "2022-12-31")),
    ("the summer of next year", "2021-07-26", ("date", "2022-22", "2022-01-01", "2022-12-31")),
    ("every summer", None, ("recurring", None, None, None)),
    ("in the summer of each year", None, ("recurring", None, None, None)),
    ("ثلاثينيات القرن الحالي", "2021-07-26", ("date", "203X", "2030-01-01", "2039-12-31")),
    ("في القرن المقبل", "2021-07-26", ("date", "21XX", "2100-01-01", "2199-12-31")),
    ("the last two weeks of March 2031", None, ("date", "2031-03-18/2031-03-31", "2031-03-18", "2031-03-31")),
    ("the first two years of the 2030s", None, ("date", "2030/2031", "2030-01-01", "2031-12-31")),
    ("the first fifty days of March 2031", None, ("date", "refused")),
    ("by midyear", "2021-07-26", ("date", "2021", None, "2021-12-31")),
    ("year-end 2031", None, ("date", "2031", None, "2031-12-31")),
    ("in the new year", "2021-12-20", ("date", "2022", "2022-01-01", "2022-12-31")),
    ("around 2031", None, ("date", "2031~", "2031-01-01", "2031-12-31")),
    ("around March to May 2031", None, ("date", "2031-03/2031-05", "2031-03-01", "2031-05-31")),
    # weekdays
    ("Thursday of next week", "2021-07-26", ("date", "2021-08-05", "2021-08-05", "2021-08-05")),
    ("Thursday of next week", "2021-07-31", ("date", ["2021-08-05", "2021-08-12"])),
    ("this Thursday", "2021-07-26", ("date", "2021-07-29", "2021-07-29", "2021-07-29")),
    ("الثلاثاء 03/04/2031", None, ("date", "2031-03-04", "2031-03-04", "2031-03-04")),
    ("today, Saturday", "2021-07-26", ("date", "refused")),
    ("today, 27 January 2024", None, ("date", "2024-01-27", "2024-01-27", "2024-01-27")),
    ("the last Thursday of each month", None, ("recurring", None, None, None)),
    # durations
    ("within 1 year, 2 months and 3 days", "2021-07-26",
     ("relative", "2021-07-26/2022-09-29", "2021-07-26", "2022-09-29")),
    ("within 1,000 days", "2021-07-26", ("relative", "2021-07-26/2024-04-21", "2021-07-26", "2024-04-21")),
    ("خلال ألف يوم", "2021-07-26", ("relative", "2021-07-26/2024-04-21", "2021-07-26", "2024-04-21")),
    ("خلال مئة وخمسة وعشرين يوما", "2021-07-26", ("relative", "2021-07-26/2021-11-28", "2021-07-26", "2021-11-28")),
    ("within two thousand and three days", "2021-07-26",
     ("relative", "2021-07-26/2027-01-19", "2021-07-26", "2027-01-19")),
    ("خلال (90) يوما", "2021-07-26", ("relative", "2021-07-26/2021-10-24", "2021-07-26", "2021-10-24")),
    ("in six to nine months", "2021-07-26", ("relative", "2022-01/2022-04", "2022-01-01", "2022-04-30")),
    ("خلال سنة ونصف السنة", "2021-07-26", ("relative", "2021-07-26/2023-01-26", "2021-07-26", "2023-01-26")),
    ("within a month and a half", "2021-07-26", ("relative", None, None, None)),
    ("within 10 working days", "2021-07-26", ("relative", None, None, None)),
    ("a 90-day period", "2021-07-26", ("relative", "2021-07-26/2021-10-24", "2021-07-26", "2021-10-24")),
    ("60 days", "2021-07-26", ("relative", "2021-07-26/2021-09-24", "2021-07-26", "2021-09-24")),
    ("a few months", None, ("relative", None, None, None)),
    ("within two decades", "2021-07-26", ("relative", "2021-07-26/2041-07-26", "2021-07-26", "2041-07-26")),
    ("in half a decade", "2021-07-26", ("relative", "2026", "2026-01-01", "2026-12-31")),
    ("after two quarters", "2021-07-26", ("relative", "2022-33", "2022-01-01", "2022-03-31")),
    ("after two quarters", "2021-04/2021-07", ("relative", "2021-10/2022-03", "2021-10-01", "2022-03-31")),
    ("a week from Friday", "2021-07-26", ("relative", "2021-08-06", "2021-08-06", "2021-08-06")),
    ("within 30 days of 03/04/2031", None, ("relative", ["2031-03-04/2031-04-03", "2031-04-03/2031-05-03"])),
    ("within 60 days of the end of 2031", None, ("relative", "2031-12-31/2032-02-29", "2031-12-31", "2032-02-29")),
    ("within 60 days of the beginning of 2031", None,
     ("relative", "2031-01-01/2031-03-02", "2031-01-01", "2031-03-02")),
    ("within six months of March", "2021-07-26", ("relative", "2022-03/2022-09", "2022-03-01", "2022-09-30")),
    ("within 60 days of 31 March of each year", None, ("recurring", None, None, None)),
    ("منذ ستة أشهر", None, ("none", None, None, None)),
    ("قبل ستة أشهر", None, ("none", None, None, None)),
    ("قبل ستة أشهر من الانتخابات", None, ("event", None, None, None)),
    ("at the end of a period of six months", "2021-07-26", ("relative", "2022-01", "2022-01-01", "2022-01-31")),
    ("before the expiry of six months", "2021-07-26", ("relative", "2021-07-26/2022-01-26", "2021-07-26", "2022-01-26")),
    ("before the expiry of the mandate", None, ("event", None, None, None)),
    ("خلال مدة لا تقل عن سنتين", "2021-07-26", ("relative", "2023-01-01/..", "2023-01-01", None)),
    ("in the three months following 1 March 2031", None,
     ("relative", "2031-03-01/2031-06-01", "2031-03-01", "2031-06-01")),
    ("على أن لا يتجاوز ذلك نهاية عام 2031", None, ("date", "2031", None, "2031-12-31")),
    ("22 الشهر الجاري", "2021-07-10", ("date", "2021-07-22", "2021-07-22", "2021-07-22")),
    ("بعد انسحاب القوات عام 2011", None, ("event", None, None, None)),
    ("before the elections of October 2031", None, ("event", None, None, None)),
    ("before the elections", None, ("event", None, None, None)),
    ("before the elections, in October 2031", None, ("date", "2031-10", "2031-10-01", "2031-10-31")),
    ("for the duration of the agreement", None, ("event", None, None, None)),
    ("in the negotiation phase", None, ("event", None, None, None)),
    ("within 999999 years", "2021-07-26", ("relative", "refused")),
    ("within 999999 days", "9999-07-26", ("relative", "refused")),
    ("within 12345678 days", "2021-07-26", ("none", None, None, None)),
    ("two weeks before the elections", None, ("event", None, None, None)),
    ("قبل مرور ستة أشهر", "2021-07-26", ("relative", "2021-07-26/2022-01-26", "2021-07-26", "2022-01-26")),
    # Hijri
    ("رمضان المقبل", "2021-07-26", ("date", "2022-04-02/2022-05-01", "2022-04-02", "2022-05-01")),
    ("في رمضان", "2090-01-01", ("date", "refused")),
    ("رمضان من العام المقبل", "2021-07-26", ("date", "refused")),
    ("1447هـ - 2025م", None, ("date", "2025", "2025-01-01", "2025-12-31")),
    ("1447 هـ / 2031 م", None, ("date", "refused")),
    ("15 رمضان 1452 (2031)", None, ("date", "2031-01-09", "2031-01-09", "2031-01-09")),
    ("سنة 1452 (هـ)", None, ("date", "2030-05-03/2031-04-22", "2030-05-03", "2031-04-22")),
    # which of several, and what is none
    ("an annual report by 31 March 2031", None, ("date", "2031-03-31", None, "2031-03-31")),
    ("an annual report", None, ("recurring", None, None, None)),
    ("after each meeting", None, ("recurring", None, None, None)),
    ("three times monthly", None, ("recurring", None, None, None)),
    ("whenever necessary", None, ("event", None, None, None)),
    ("on ratification", None, ("event", None, None, None)),
    ("by the end of the mission", None, ("event", None, None, None)),
    ("six months ago", None, ("none", None, None, None)),
    ("6 months since then", None, ("none", None, None, None)),
    ("for two months since March", None, ("none", None, None, None)),
    ("31 years old", None, ("none", None, None, None)),
    ("within 31 years of age", None, ("none", None, None, None)),
    ("2000 to 2500 advisers", None, ("none", None, None, None)),
    ("by 2030%", None, ("none", None, None, None)),
    ("by year of grace", None, ("none", None, None, None)),
    ("until now", None, ("none", None, None, None)),
    ("before", None, ("none", None, None, None)),
    ("من قبل العراق في", None, ("none", None, None, None)),
    ("من قبل 2031", None, ("none", None, None, None)),
    ("we may meet in may 2031", None, ("date", "2031-05", "2031-05-01", "2031-05-31")),
    ("he will march in the street", None, ("none", None, None, None)),
    ("by April Glaspie", None, ("none", None, None, None)),
    ("192.168.1.10", None, ("none", None, None, None)),
    ("5/2500", None, ("none", None, None, None)),
    ("5-5- 2031 - 12", None, ("none", None, None, None)),
    ("12-3456-78", None, ("none", None, None, None)),
    ("123/45/2031", None, ("none", None, None, None)),
    ("وقع الطرفان على الاتفاق في 2008", None, ("none", None, None, None)),
    ("اتفق الطرفان على إجراء الانتخابات في آذار 2031", None, ("date", "2031-03", "2031-03-01", "2031-03-31")),
    ("Peace. In 2008 they signed it.", None, ("none", None, None, None)),
    ("Peace. In 2031 they will sign it.", None, ("date", "2031", "2031-01-01", "2031-12-31")),
    ("In 2031, peace.", None, ("date", "2031", "2031-01-01", "2031-12-31")),
    ("ستنتهي المهمة التي بدأت في 2031", None, ("none", None, None, None)),
    ("المهمة ستنتهي في 2031", None, ("date", "2031", "2031-01-01", "2031-12-31")),
    # EDTF itself
    ("2031-33", None, ("date", "2031-33", "2031-01-01", "2031-03-31")),
    ("[2031..2033]", None, ("date", "[2031..2033]", "2031-01-01", "2033-12-31")),
    ("1452/2031", None, ("none", None, None, None)),
]
# fmt: on


def test_words_are_read_as_written_here():
    compare(
        {(text, anchor): spelled(text, anchor) for text, anchor, _expected in READINGS},
        {(text, anchor): expected for text, anchor, expected in READINGS},
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("They will leave by 31 December 2031, all of them.", "by 31 December 2031"),
        ("لن يكون هناك وجود بحلولِ 31 ديسمبر/كانون الأول ٢٠٣١”.", "بحلولِ 31 ديسمبر/كانون الأول ٢٠٣١"),
        ("Nothing at all.", ""),
        ("  2031-33 ", "2031-33"),
    ],
)
def test_a_reading_gives_the_span_that_it_read(text, words):
    found = read(text)
    assert (found.words, text[found.start : found.end]) == (words, words)


def test_a_reading_has_the_keys_of_the_contract():
    assert read("by 03/04/2031").to_json() == {
        "kind": "date",
        "edtf": None,
        "earliest": None,
        "latest": None,
        "readings": [
            {"edtf": "2031-03-04", "earliest": None, "latest": "2031-03-04"},
            {"edtf": "2031-04-03", "earliest": None, "latest": "2031-04-03"},
        ],
        "anchor_missing": False,
        "refused": None,
    }
    assert Reading("none").to_json() | {"kind": "none"} == Reading("none").to_json()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("30 فبراير 2031", "“30 فبراير 2031”: 2031-02 has 28 days, no day 30; correct the day or the month."),
        ("by 1/3/31", "“by 1/3/31”: the year has two digits; give four digits."),
        ("Q5 2031", "“Q5 2031”: 2031 has 4 parts of this length, no number 5; correct the number."),
        ("الجمعة 1 أيار 2031", "“الجمعة 1 أيار 2031”: the words say Friday, but 2031-05-01 is a Thursday; correct the "
         "weekday or the date."),
        ("1 محرم 1600 هـ", "“1 محرم 1600 هـ”: the Umm al-Qura calendar is known from 1343 to 1500 AH, not in 1600; "
         "give the Gregorian date."),
        ("15 رمضان 1452 الموافق 20 يناير 2031", "“15 رمضان 1452 الموافق 20 يناير 2031”: the Hijri date is "
         "2031-01-09 by Umm al-Qura, not 2031-01-20; correct one of the two."),
    ],
)  # fmt: skip
def test_a_refusal_names_the_words_the_reason_and_the_way_out(text, reason):
    assert read(text).refused == reason


@pytest.mark.parametrize("anchor", ["soon", "2031-13", "2031-1", "2032/2031", "2031-XX-01"])
def test_an_anchor_that_is_no_edtf_is_refused(anchor):
    with pytest.raises(ValueError, match="EDTF"):
        read("within a year", anchor)
    with pytest.raises(ValueError, match="EDTF"):
        too_precise("2031", "2031", anchor)


@pytest.mark.parametrize("anchor", [None, "", "2021~", "2021-04?", "2021/..", "../2021", "[2021..]"])
def test_an_anchor_that_is_not_known_is_asked_for(anchor):
    assert spelled("within a year", anchor) == ("relative", "anchor")
    assert spelled("next year", anchor) == ("date", "anchor")


# ---- Precision


@pytest.mark.parametrize(
    ("form", "words", "anchor"),
    [
        ("2021-04-09", "09 ابريل 2021", None),
        ("2024-01-27", "27-1-2024", None),
        ("2024-01-27", "اليوم السبت", "2024-01-27"),
        ("2024-01-25", "/الخميس/ الماضى", "2024-01-27"),
        ("2020-06-11", "مساء الخميس", "2020-06-12"),
        ("2021-07-26", "في 26 تموز/يوليو الماضي", "2021"),
        ("2021-07-26", "Monday, 26 July", "2021"),
        ("2021-07-26", "26 July, Washington, 2021", None),
        ("2023-08-07/2023-08-08", "7 و8 أغسطس 2023", None),
        ("2023-08-08", "7-8 August 2023", None),
        ("2021", "نهاية هذا العام", "[2021-07-26..2021-12-31]"),
        ("2020-08", "اغسطس الماضي", "2021-04-09"),
        ("2020-08", "August", "2020-09-01"),
        ("202X", "August 2020", None),
        ("2031-35", "August 2031", None),
        ("2031-22", "summer 2031", None),
        ("2031", "summer 2031", None),
        ("../2031-02-28", "before March 2031", None),
        ("../2031", "by 2031", None),
        ("2021-07-26/2031", "until 2031", "2021-07-26"),
        ("2021-07-26/2022-01", "within six months", "2021-07-26"),
        ("2021-10", "after three months", "2021-07-26"),
        ("2030-12-26/2031-01-23", "رمضان 1452", None),
        ("2031-01-09", "15 رمضان 1452 هـ", None),
        ("2031-04-03", "03/04/2031", None),
        ("2031~", "2031", None),
        ("[2021-07-26..2021-12-31]", "after 26 July but still in 2021", "2021?"),
        ("2020-01", "في يناير كانون الثاني الماضي 2020", None),
        ("2008", "اتفاقية القوات المسلحة لعام 2008", None),
    ],
)
def test_a_form_that_the_words_hold_is_precise_enough(form, words, anchor):
    assert too_precise(form, words, anchor) is None


@pytest.mark.parametrize(
    ("form", "words", "anchor", "fault"),
    [
        ("2020-08-15", "August 2020", None, "the day of 2020-08-15: write 2020-08"),
        ("2021-12-31", "نهاية هذا العام", "[2021-07-26..2021-12-31]", "the month of 2021-12-31: write 2021"),
        ("2020-08", "اغسطس الماضي", None, "the year of 2020-08: write only what they say"),
        ("2031-35", "2031", None, "the quarter of 2031-35: write 2031"),
        ("2031-22", "2031", None, "the season of 2031-22: write 2031"),
        ("2031-22", "2032", None, "the year of 2031-22: write only what they say"),
        ("2030", "the 2030s", None, "the year of 2030: write only what they say"),
        ("203X", "2045", None, "the decade of 203X: write only what they say"),
        ("2031-02-28", "before March 2031", None, "the month of 2031-02-28: write 2031"),
        ("2022-01-26", "within six months", "2021-07-26", "the year of 2022-01-26: write only what they say"),
        ("2031-01", "رمضان 1452", None, "the year of 2031-01: write only what they say"),
        ("2031-12-01", "03/04/2031", None, "the month of 2031-12-01: write 2031"),
        ("2021-07-27/2031", "until 2031", "2021-07-26", "the day of 2021-07-27: write 2021-07"),
        ("2020-06-11", "مساء الخميس", "2020-06", "the year of 2020-06-11: write only what they say"),
        ("2021-07-26", "العام الجاري", "2021-07-26", "the month of 2021-07-26: write 2021"),
        ("2031", "", None, "the year of 2031: write only what they say"),
    ],
)
def test_what_the_words_do_not_hold_is_named(form, words, anchor, fault):
    assert too_precise(form, words, anchor) == f"The words “{words}” don't say {fault}."


def test_what_is_no_edtf_is_not_judged():
    with pytest.raises(ValueError, match="none of the forms"):
        too_precise("August 2020", "August 2020")


# ---- Laws


@pytest.mark.no_cover
def test_every_name_of_a_month_names_it():
    compare(
        {(month, name): read(f"by 15 {name} 2031").edtf for month, name in TRADITIONS},
        {(month, name): f"2031-{month:02}-15" for month, name in TRADITIONS},
    )


@pytest.mark.no_cover
def test_every_name_of_a_hijri_month_names_it():
    names = [(month, name) for month, names in enumerate(HIJRI_MONTHS, 1) for name in names.split("|")]
    compare(
        {(month, name): read(f"15 {name} 1452").edtf for month, name in names},
        {(month, name): calendars.Date(1452, month, 15, hijri=True).at(None)[0].edtf for month, name in names},
    )


@pytest.mark.no_cover
@UNTIMED
@given(DAYS, st.sampled_from(TRADITIONS), st.sampled_from(TRADITIONS))
def test_two_names_of_one_month_are_one_month_and_of_two_are_refused(day, first, second):
    found = read(f"{day.day} {first[1]}/{second[1]} {day.year}")
    if first[0] == second[0] and day.day <= 28:
        assert found.edtf == f"{day.year}-{first[0]:02}-{day.day:02}"
    if first[0] != second[0]:
        assert found.refused


@pytest.mark.no_cover
@UNTIMED
@given(DAYS, st.data())
def test_a_day_is_read_from_every_form_that_it_can_be_written_in(day, data):
    names = MONTHS[day.month - 1].split("|")
    arabic, english = names[0], names[-2] if names[-1] != "may" else "may"
    hijri = Gregorian.fromdate(day).to_hijri()
    forms = [
        f"{day}",
        f"{day:%Y/%m/%d}",
        f"{day.day} {arabic} {day.year}",
        f"{day.day} من شهر {arabic} من عام {day.year}م",
        f"{english} {day.day}, {day.year}",
        f"{day.day} {english.title()} {day.year}",
        f"the {day.day}th of {english} {day.year}",
        f"{day.year} {english} {day.day}",
        f"{hijri.day} {HIJRI_MONTHS[hijri.month - 1].split('|')[0]} {hijri.year} هـ",
        f"{hijri.day} {HIJRI_MONTHS[hijri.month - 1].split('|')[-1]} {hijri.year} AH",
        f"{hijri.year}-{hijri.month:02}-{hijri.day:02} هـ الموافق {day}",
    ]
    assert {form: read(form).edtf for form in forms} == dict.fromkeys(forms, f"{day}")


@pytest.mark.no_cover
@UNTIMED
@given(DAYS)
def test_figures_are_read_in_both_orders_if_both_can_be(day):
    found = read(f"{day.day}/{day.month}/{day.year}")
    swapped = f"{day.year}-{day.day:02}-{day.month:02}"
    if day.day > 12 or day.day == day.month:
        assert found.edtf == f"{day}"
    else:
        assert [row["edtf"] for row in found.readings] == sorted([f"{day}", swapped])


@pytest.mark.no_cover
@UNTIMED
@given(DAYS, st.integers(-1, 1))
def test_calendars_may_differ_by_a_day_and_then_the_gregorian_counts(day, difference):
    hijri, said = Gregorian.fromdate(day).to_hijri(), day + timedelta(difference)
    month = HIJRI_MONTHS[hijri.month - 1].split("|")[0]
    words = f"{hijri.day} {month} {hijri.year} هـ الموافق {said}"
    assert read(words).edtf == f"{said}"
    assert read(words.replace(f"{said}", f"{said + timedelta(60)}")).refused


@pytest.mark.no_cover
@UNTIMED
@given(DAYS, st.characters(categories=["Nd"]))
def test_figures_of_every_script_are_figures(day, figure):
    zero = ord(figure) - unicodedata.decimal(figure)
    written = "".join(chr(zero + int(each)) if each.isdecimal() else each for each in f"{day}")
    assert read(f"by {written}").edtf == f"{day}"


ANCHORS = st.builds(
    lambda first, length: calendars.days(first, first + timedelta(length)).edtf, DAYS, st.integers(0, 500)
)
EXPRESSIONS = st.sampled_from([case["text"] for case in CORPUS])


@pytest.mark.no_cover
@UNTIMED
@given(EXPRESSIONS, ANCHORS)
def test_whatever_the_anchor_a_reading_is_coherent_and_no_more_precise_than_its_words(text, anchor):
    found = read(text, anchor)
    if found.edtf:
        first, last = bounds(found.edtf)
        limits = [day for day in (found.earliest, found.latest) if day]
        assert all(first is None or day >= first for day in limits)
        assert all(last is None or day <= last for day in limits)
        assert too_precise(found.edtf, text, anchor) is None
    said = [found.edtf is not None, found.readings is not None, found.anchor_missing, found.refused is not None]
    assert sum(said) <= 1
    assert not any(said) or found.kind in ("date", "relative")


@pytest.mark.no_cover
@UNTIMED
@given(EXPRESSIONS, DAYS)
def test_a_day_is_an_anchor_like_the_interval_of_that_day(text, day):
    assert read(text, f"{day}").to_json() == read(text, f"[{day}..{day}]").to_json() | (
        {"edtf": read(text, f"{day}").edtf} if read(text, f"{day}").kind == "relative" else {}
    )


WORDS = st.sampled_from(sorted({word for case in CORPUS for word in case["text"].split()}))


@pytest.mark.no_cover
@UNTIMED
@given(st.text() | st.lists(WORDS, max_size=30).map(" ".join), st.none() | ANCHORS)
def test_any_text_has_a_reading_and_its_span(text, anchor):
    found = read(text, anchor)
    assert found.kind in KINDS
    assert text[found.start : found.end] == found.words
    json.dumps(found.to_json())


MONTH_WORDS = {word for _, name in TRADITIONS for word in name.split()}


@pytest.mark.no_cover
@pytest.mark.parametrize("every", [31, pytest.param(1, marks=pytest.mark.prove)])
def test_brackets_around_a_word_of_the_corpus_change_no_day(every):
    dated = [case for case in CORPUS if case["earliest"] or case["latest"]][::every]
    bracketed = {
        (" ".join([*words[:i], f"({word})", *words[i + 1 :]]), case["anchor"]): (case["earliest"], case["latest"])
        for case in dated
        for words in [case["text"].split()]
        for i, word in enumerate(words)
        if word.isalpha() and word.lower() not in MONTH_WORDS
    }
    found = {each: read(*each).to_json() for each in bracketed}
    found = {each: (answer["earliest"], answer["latest"]) for each, answer in found.items()}
    compare(found, {each: days for each, days in bracketed.items() if found[each] != (None, None)})


# ---- Hostile texts: nothing is looked at more often than its length allows

HOSTILE = [
    "1, ",
    "1/",
    "1-1-",
    "2031-",
    "the end of ",
    "نهاية ",
    "1 و ",
    "within ",
    "by ",
    "من ",
    "three ",
    "مئة و",
    "thousand ",
    "الخميس ",
    "اليوم ",
    "half a ",
    "next ",
    "March (",
    "15 رمضان 1452 (",
    "from 2031 to ",
    "every ",
    "after the ",
    "about ",
    "9",
    "(",
    "-",
    "first ",
    "6 months and ",
    "Q1 ",
    "the first quarter of ",
    "و1",
    "'s",
    "at the end of the first day of ",
    "March/",
    "signed ",
    "12:00:",
    "in noon ",
    "2031, ",
    "2031 و",
    "a year or ",
    "ﷺ",
    "by (",
    "(by) ",
    '"by" (',
    "no later, ",
    "not before ",
    "by 1 March 2031 and after ",
    "31 December (",
    "said on ",
    "شهر ",
]


@pytest.mark.parametrize("seed", HOSTILE)
@pytest.mark.sample(0, 5, 9, 11, 12, 17, 27, 36, 38)
def test_a_hostile_text_is_read_to_its_end(seed):
    assert read((seed * 1500)[:1500], "2021-07-26").kind in KINDS


@pytest.mark.prove
@pytest.mark.parametrize("seed", HOSTILE)
def test_a_hostile_text_of_full_size_is_read_to_its_end(seed):
    assert read((seed * 150_000)[:150_000], "2021-07-26").kind in KINDS


@pytest.mark.prove
def test_the_rules_asked_of_a_text_grow_with_its_length_and_no_faster():
    def asked(seed, length):
        calls = 0

        def count(frame, event, argument):
            nonlocal calls
            calls += event == "call"

        text = (seed * length)[:length]
        sys.setprofile(count)
        try:
            read(text)
        finally:
            sys.setprofile(None)
        return calls

    for seed in HOSTILE:
        assert asked(seed, 400) < 5 * asked(seed, 100) + 1000
