"""The start page: every worklist holds what it says, and every number leads to as many rows."""

import datetime
import itertools
import re
from collections import Counter
from html import unescape

import pytest
import time_machine
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from commitments import actions, dates, models, rules
from commitments.admin import charts, worklists
from commitments.ledger import Entry, act
from tests import builders
from tests.test_admin import at, log_in, person  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db

REVIEWER, CURATOR = "pen-reviewer", "pen-curator"
START = reverse("admin:index")
STATEMENT = "talks-2030-05-04"
DAY = datetime.timedelta(days=1)


@pytest.fixture(scope="module", autouse=True)
def desk(nesting):
    """A published commitment, and beside it something for every worklist, all recorded on the day of the test."""
    made = builders.published()

    def draft(number, **values):
        return builders.commitment(
            made["statement"], [made["north"]], [made["quote"]], f"{STATEMENT}-{number}", **values
        )

    with act(actor=CURATOR, reason="record more"):
        both = {"en": "If the border is open.", "ar": "إذا فُتحت الحدود."}
        made["own"], made["others"] = draft("02", title={"en": "North pays"}), draft("03")
        made["part"], made["quoted"], made["noted"] = draft("04"), draft("05"), draft("06")
        made["open"] = draft("07", condition=both)
        made["event"] = draft("08")
        kept = {"edtf": "", "latest": None, "deadline_kind": "event", "words": "بعد التصديق"}
        made["when"] = builders.deadline(made["event"], **kept)
        made["water"] = builders.topic("water")
        bare = builders.document("bare", text="الجنوب ستفتح الحدود", published_edtf="2030-06")
        made["unproven"] = builders.quote(bare, "الجنوب ستفتح", "الجنوب ستفتح الحدود", checked=False)
        official = builders.document("official", text="الجنوب", document_kind="official_text")
        made["official"] = builders.quote(official, "الجنوب", "الجنوب")
        made["judged"] = builders.assessment(made["open"], evidence=[made["quote"]], effective="2030-07")
        evidence = {"part": "evidence", "stance": "disputes", "claimant": made["south"]}
        models.Citation.objects.create(quote=made["official"], assessment=made["judged"], **evidence)
        made["bare"] = builders.assessment(made["open"], "stalled", effective="2030-06")
        models.Citation.objects.create(quote=made["official"], commitment=made["quoted"], part="undertaking")
    with act(actor=REVIEWER, reason="look"):
        made["others"].strength = "intends"
        made["others"].save()
        builders.models.CommitmentTopic.objects.create(commitment=made["part"], topic=made["security"])
        made["official"].translation = {"en": "South"}
        made["official"].save()
        made["noted"].note = "Ask the ministry."  # a note is no change of what is approved
        made["noted"].save()
    reviewed = [made[name] for name in ("own", "others", "part", "quoted", "noted", "judged")]
    actions.submit([*reviewed, made["water"]], by=CURATOR, reason="ready")
    actions.send_back([made["own"]], by=REVIEWER, reason="Whose words are these?")
    actions.publish(
        [official, made["open"], made["event"], made["when"], made["judged"]], by="approver", reason="checked"
    )
    actions.publish([made["water"]], by=CURATOR, reason="it is urgent", emergency=True)
    return made


def refs(*numbers):
    return {f"{STATEMENT}-{number}" for number in numbers}


SOON, FAR = datetime.date(2031, 2, 10), datetime.date(2031, 1, 1)  # before the deadline of 1 March
HELD = {  # worklist: the day, if not that of the records; what it holds, whatever its kind
    "review": (None, refs("06")),
    "sent-back": (None, refs("02")),
    "emergency": (None, {"water"}),
    "overdue": (datetime.date(2031, 3, 2), refs("01")),
    "due-30": (SOON, refs("01")),
    "due-90": (FAR, refs("01")),
    "unseen": (datetime.date(2033, 1, 1), refs("01", "07", "08")),
    "conditions": (None, refs("07", "08")),
    "contested": (None, refs("07")),
    "without-evidence": (None, {f"{STATEMENT}-07.assessment-2"}),
    "inexact": (None, {"bare.quote-1"}),
    "second-hand": (None, {"gazette-2030-05-04.quote-1"}),
    "untranslated": (None, refs("02")),
    "textless": (None, {"gazette-2030-05-04", "bare", "official"}),
    "old-drafts": (datetime.date(2033, 1, 1), refs("02") | {"bare", f"{STATEMENT}-07.assessment-2"}),
}


@pytest.fixture
def on(client):
    """The start page on a day, as somebody sees it: {worklist: its shares}."""

    def start(day, name="reviewer"):
        user = models.User.objects.filter(username=name).first() or person(name, name)
        client.force_login(user)
        return {line.worklist.name: line.shares for line in client.get(START).context["worklists"]}

    return start


def rows(client, address):
    """The references on a list, and how many rows it says that it has."""
    found = client.get(address).context["cl"]
    return {row.pk for row in found.result_list}, found.result_count


def test_every_worklist_is_tried():
    assert set(HELD) == set(worklists.WORKLISTS)


@pytest.mark.parametrize("name", HELD)
def test_a_worklist_holds_what_it_says_and_its_count_is_the_number_of_rows(client, on, name):
    day, held = HELD[name]
    with time_machine.travel(day or datetime.datetime.now(datetime.UTC), tick=False):
        shares = on(day, "curator" if name == "sent-back" else "reviewer")[name]
        found = set()
        for share in shares:
            listed, count = rows(client, share.address)
            assert (count, len(listed)) == (share.count, share.count), share
            found |= listed
    assert found == held


def test_what_awaits_my_review_is_what_the_database_would_let_me_approve(on):
    waiting = models.Commitment.objects.filter(state="in_review")
    told = worklists.Asked(REVIEWER, datetime.date.today())
    for record in waiting:
        try:
            with builders.undone():
                actions.publish([record], by=REVIEWER, reason="checked")
            allowed = True
        except IntegrityError as error:
            allowed = "nobody approves their own work" not in str(error)
        listed = worklists.WORKLISTS["review"].rows(models.Commitment.objects.filter(pk=record.pk), told).exists()
        assert listed == allowed, record
    assert waiting.count() == 4


def test_who_approves_nothing_has_nothing_to_review(on):
    assert "review" not in on(None, "curator")
    assert "sent-back" not in on(None, "auditor")


def test_somebody_without_a_role_sees_no_worklist(client):
    client.force_login(person("nobody"))
    body = client.get(START).content.decode()
    assert "worklists" not in body
    assert "chart" not in body.partition("<main")[2]


def test_a_list_that_is_not_theirs_or_not_there_shows_nothing(client, on):
    on(None, "curator")
    for name in ("review", "unheard-of", "textless"):
        assert rows(client, f"{at(models.Commitment)}?work={name}") == (set(), 0)


def test_a_draft_that_was_sent_back_is_new_again(client, on, desk):
    with time_machine.travel(datetime.date(2033, 1, 1), tick=False):
        before = rows(client, on(None)["old-drafts"][0].address)
    assert before == (refs("02"), 1)


def test_a_judgement_after_the_deadline_takes_a_commitment_off_the_overdue_ones(client, on, desk):
    with time_machine.travel(datetime.date(2031, 4, 1), tick=False):
        assert on(None)["overdue"][0].count == 1
        with act(actor="author", reason="judge"):
            late = builders.assessment(desk["commitment"], "stalled", evidence=[desk["quote"]], effective="2031-02")
            assert on(None)["overdue"][0].count == 1
            builders.assessment(
                desk["commitment"], "stalled", evidence=[desk["quote"]], effective="2031-03", corrects=late
            )
        assert on(None)["overdue"][0].count == 0


def test_what_is_for_practice_is_on_no_worklist(on):
    before = on(None)
    with act(actor="author", reason="practise"):
        builders.document(f"{rules.PRACTICE}1", text="تمرين")
        builders.statement(f"{rules.PRACTICE}talks", title={"en": "Practice"})
    assert on(None) == before


def test_a_count_goes_no_further_than_a_list_does(on, monkeypatch):
    monkeypatch.setattr(worklists, "COUNTED", 2)
    assert [(share.count, share.more) for share in on(None)["textless"]] == [(2, True)]


# Charts

BAR = re.compile(r'<a href="([^"]+)" aria-label="([^"]*: (\d+))"')


def drawn(answer):
    """[(address, label, number)] of every bar of the page that leads somewhere."""
    return [(unescape(way), unescape(told), int(number)) for way, told, number in BAR.findall(answer.content.decode())]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_bar_leads_to_as_many_rows_as_it_counts(client, register, language):
    client.force_login(person("curator", "curator"))
    client.cookies["django_language"] = language
    bars = drawn(client.get(START))
    assert len(bars) >= 8
    for way, told, number in bars:
        listed, count = rows(client, way)
        assert (count, len(listed)) == (number, number), told
    whole = [number for way, _told, number in bars if "obligor" not in way and "due" not in way]
    assert (
        sum(whole)
        == models.Standing.objects.known_at(None).as_of(charts.datetime.date(2031, 6, 1)).filter(party="").count()
    )


def test_a_party_is_counted_by_what_was_judged_of_itself(client, register):
    client.force_login(person("curator", "curator"))
    told = {told for _way, told, _number in drawn(client.get(START))}
    assert {"North: Fulfilled: 1", "South: Stalled: 1", "South: In progress: 1"} <= told


def test_in_arabic_the_charts_run_from_the_right(client, register):
    client.force_login(person("curator", "curator"))
    english = client.get(START).context["charts"]
    client.cookies["django_language"] = "ar"
    for one, other in zip(english, client.get(START).context["charts"], strict=True):
        assert [round(charts.WIDTH - bar.x - bar.width, 1) for bar in one.bars] == [bar.x for bar in other.bars]
        assert [bar.count for bar in one.bars] == [bar.count for bar in other.bars]
        assert [code for code, _label in one.legend] == [code for code, _label in other.legend]


def test_the_charts_keep_the_policy_and_name_themselves(client, register):
    client.force_login(person("curator", "curator"))
    body = client.get(START).content.decode()
    assert " style=" not in body
    for name in ("parties", "timeline"):
        assert f'aria-labelledby="{name}-title {name}-told"' in body
        assert f'<title id="{name}-title">' in body
        assert f'<desc id="{name}-told">' in body


def test_only_the_parties_that_owe_most_are_drawn(client, register, monkeypatch):
    monkeypatch.setattr(charts, "PARTIES", 1)
    client.force_login(person("curator", "curator"))
    chart = client.get(START).context["charts"][0]
    assert len(chart.texts) == 2
    assert "Shown are the 1 that owe most." in chart.description


MONTHS = st.integers(12 * 1000, 12 * 9999 + 11)
COUNTS = st.dictionaries(
    MONTHS, st.dictionaries(st.sampled_from(["overdue", "not_due"]), st.integers(1, 9), min_size=1)
)


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


@pytest.mark.parametrize(("value", "found"), [("2031-03", 1), ("2031", 1), ("203X", 1), ("2032", 0), ("2031-13", 0)])
def test_commitments_are_found_by_when_they_are_due(client, log_in, value, found):  # noqa: F811
    assert rows(log_in("curator", "curator"), f"{at(models.Commitment)}?due={value}")[1] == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [("obligor=north", 3), ("obligor=south", 0), ("obligor=nobody", 0), ("obligor=north&schedule=awaiting_event", 1)],
)
def test_commitments_are_found_by_who_owes_them(client, log_in, asked, found):  # noqa: F811
    assert rows(log_in("curator", "curator"), f"{at(models.Commitment)}?{asked}")[1] == found


def test_the_start_page_asks_at_most_12_queries(client, log_in):  # noqa: F811
    log_in("boss", is_superuser=True).get(START)
    with CaptureQueriesContext(connection) as queries:
        client.get(START)
    assert len(queries) <= 12
    assert Entry.objects.count() > 0
