"""The start page's charts: every bar leads to as many rows as it counts, in either direction."""

import datetime
import itertools
import re
from collections import Counter
from html import unescape

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from commitments import dates, models
from commitments.admin import charts
from tests import api_register
from tests.test_admin import person
from tests.test_worklists import START, rows

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)

BAR = re.compile(r'<a href="([^"]+)" aria-label="([^"]*: (\d+))"')


def drawn(answer):
    """[(address, label, number)] of every bar of the page that leads somewhere."""
    return [(unescape(way), unescape(told), int(number)) for way, told, number in BAR.findall(answer.content.decode())]


@pytest.mark.parametrize("language", ["en", pytest.param("ar", marks=pytest.mark.prove)])
def test_every_bar_leads_to_as_many_rows_as_it_counts(client, register, language):
    client.force_login(person("curator", "curator"))
    client.cookies["django_language"] = language
    answer = client.get(START)
    bars, body = drawn(answer), answer.content.decode()
    assert len(bars) >= 8
    assert " style=" not in body
    for name in ("parties", "timeline"):
        assert f'aria-labelledby="{name}-title {name}-told"' in body
        assert f'<title id="{name}-title">' in body
        assert f'<desc id="{name}-told">' in body
    for way, told, number in bars:
        listed, count = rows(client, way)
        assert (count, len(listed)) == (number, number), told
    named = {told for _way, told, _number in bars}
    assert language == "ar" or {"North: Fulfilled: 1", "South: Stalled: 1", "South: In progress: 1"} <= named
    whole = [number for way, _told, number in bars if "obligor" not in way and "due" not in way]
    assert sum(whole) == models.Standing.objects.known_at(None).as_of(api_register.NOW.date()).filter(party="").count()


def test_in_arabic_the_charts_run_from_the_right(register):
    english = charts.charts(api_register.NOW.date())
    with override("ar"):
        arabic = charts.charts(api_register.NOW.date())
    for one, other in zip(english, arabic, strict=True):
        assert [charts.WIDTH - bar.x - bar.width for bar in one.bars] == pytest.approx(
            [bar.x for bar in other.bars], abs=0.2
        )
        assert [bar.count for bar in one.bars] == [bar.count for bar in other.bars]
        assert [code for code, _label in one.legend] == [code for code, _label in other.legend]


def test_only_the_parties_that_owe_most_are_drawn(register, monkeypatch):
    monkeypatch.setattr(charts, "PARTIES", 1)
    chart = charts.by_party(api_register.NOW.date())
    assert len(chart.texts) == 2
    assert "Shown are the 1 that owe most." in chart.description


def test_where_columns_are_narrow_only_some_are_named(register, monkeypatch):
    day = api_register.NOW.date()
    named = [text.words for text in charts.timeline(day).texts if not text.address]
    monkeypatch.setattr(charts, "LABEL", charts.WIDTH)
    assert [text.words for text in charts.timeline(day).texts if not text.address] == named[:1]


MONTHS = st.integers(12 * 1000, 12 * 9999 + 11)
COUNTS = st.dictionaries(
    MONTHS, st.dictionaries(st.sampled_from(["overdue", "not_due"]), st.integers(1, 9), min_size=1)
)


@pytest.mark.no_cover
@given(COUNTS, MONTHS)
def test_the_columns_of_the_timeline_hold_each_deadline_once_in_its_time(months, now):
    shown, line = charts.columns(months, now)
    assert 1 <= len(shown) <= max(charts.BINS, 100)
    assert 0 <= line <= len(shown)
    spans = [dates.bounds(name) for name, _counts in shown]
    assert all(one.latest + DAY == other.earliest for one, other in itertools.pairwise(spans))
    for (_name, counts), span in zip(shown, spans, strict=True):
        inside = [
            each for month, each in months.items()
            if span.earliest <= datetime.date(month // 12, month % 12 + 1, 1) <= span.latest
        ]  # fmt: skip
        assert counts == sum(map(Counter, inside), Counter())
