"""The worklists: each holds what it says, and its count on the start page is the number of its rows."""

import datetime
import re

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commitments import actions, models, rules
from commitments.admin import worklists
from commitments.ledger import act
from tests import builders
from tests.test_admin import at, person

pytestmark = pytest.mark.django_db

REVIEWER, CURATOR = "pen-reviewer", "pen-curator"
START = reverse("admin:index")
STATEMENT = "talks-2030-05-04"


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


THEN = datetime.date(2030, 8, 1)  # after all that happens on the desk
SOON, FAR = datetime.date(2031, 2, 10), datetime.date(2031, 1, 1)  # before the deadline of 1 March
HELD = {  # worklist: the day, what it holds then, whatever its kind
    "review": (THEN, refs("06")),
    "sent-back": (THEN, refs("02")),
    "emergency": (THEN, {"water"}),
    "overdue": (datetime.date(2031, 3, 2), refs("01")),
    "due-30": (SOON, refs("01")),
    "due-90": (FAR, refs("01")),
    "unseen": (datetime.date(2033, 1, 1), refs("01", "07", "08")),
    "conditions": (THEN, refs("07", "08")),
    "contested": (THEN, refs("07")),
    "without-evidence": (THEN, {f"{STATEMENT}-07.assessment-2"}),
    "inexact": (THEN, {"bare.quote-1"}),
    "second-hand": (THEN, {"gazette-2030-05-04.quote-1"}),
    "untranslated": (THEN, refs("02")),
    "textless": (THEN, {"gazette-2030-05-04", "bare", "official"}),
    "old-drafts": (datetime.date(2033, 1, 1), refs("02") | {"bare", f"{STATEMENT}-07.assessment-2"}),
}


@pytest.fixture(scope="module")
def people(desk):
    """Somebody of each group that has worklists of its own."""
    return {name: person(name, name) for name in ("reviewer", "curator", "auditor")}


@pytest.fixture
def on(people):
    """What the start page counts for somebody: {worklist: its shares}."""

    def start(name="reviewer"):
        request = RequestFactory().get(START)
        request.user = people[name]
        return {line.worklist.name: line.shares for line in worklists.lines(request)}

    return start


def on_list(name, day, who=REVIEWER):
    """What is on a worklist, whatever its kind."""
    worklist, told = worklists.WORKLISTS[name], worklists.Asked(who, day)
    return {
        pk for model in worklist.lists for pk in worklist.rows(model.objects.all(), told).values_list("pk", flat=True)
    }


def rows(client, address):
    """The references on a list, and how many rows it says that it has."""
    found = client.get(address).context["cl"]
    return {row.pk for row in found.result_list}, found.result_count


@pytest.fixture
def then():
    """The day is THEN; asked for before anybody logs in."""
    with time_machine.travel(THEN, tick=False):
        yield


def test_every_worklist_is_tried_and_in_the_curators_page():
    assert set(HELD) == set(worklists.WORKLISTS)
    told = (settings.PROJECT / "docs/curators.md").read_text(encoding="utf-8")
    assert [each.label for each in worklists.WORKLISTS.values() if f"| {each.label} |" not in told] == []


@pytest.mark.no_cover
@pytest.mark.parametrize("day", sorted({day for day, _held in HELD.values()}), ids=str)
def test_a_worklist_holds_what_it_says_and_its_count_is_the_number_of_rows(on, people, day):
    with time_machine.travel(day, tick=False):
        counted = on() | {"sent-back": on("curator")["sent-back"]}
    held = {name: refs_ for name, (other, refs_) in HELD.items() if other == day}
    assert {name: on_list(name, day, CURATOR if name == "sent-back" else REVIEWER) for name in held} == held
    assert {name: sum(share.count for share in counted[name]) for name in held} == {
        name: len(refs_) for name, refs_ in held.items()
    }


@pytest.mark.no_cover
def test_each_count_of_the_start_page_leads_to_as_many_rows(client, people, then):
    client.force_login(people["reviewer"])
    shares = [share for line in client.get(START).context["worklists"] for share in line.shares if share.count]
    assert len(shares) >= 10
    for share in shares:
        listed, count = rows(client, share.address)
        assert (count, len(listed)) == (share.count, share.count), share


@pytest.mark.no_cover
@pytest.mark.parametrize("keeps_accounts", [False, True])
def test_what_awaits_my_review_is_what_the_database_would_let_me_approve(people, keeps_accounts):
    if keeps_accounts:  # so the reviewer could act through the author's account
        with act(actor="set-up", reason="keeps accounts, too"):
            people["reviewer"].groups.add(Group.objects.get(name="administrator"))
        with act(actor=REVIEWER, reason="a new password"):
            models.User.objects.filter(pk=people["curator"].pk).update(password="x")
    waiting = models.Commitment.objects.filter(state="in_review")
    told = worklists.Asked(REVIEWER, datetime.date.today())
    for record in waiting:
        try:
            with builders.undone():
                actions.publish([record], by=REVIEWER, reason="checked")
            allowed = True
        except IntegrityError as error:
            allowed = not re.search("nobody approves their own work|shares hands", str(error))
        listed = worklists.WORKLISTS["review"].rows(models.Commitment.objects.filter(pk=record.pk), told).exists()
        assert listed == allowed, record
    assert waiting.count() == 4


def test_who_approves_nothing_has_nothing_to_review(on):
    assert "review" not in on("curator")
    assert "sent-back" not in on("auditor")


def test_somebody_without_a_role_sees_no_worklist(client):
    client.force_login(person("nobody"))
    body = client.get(START).content.decode()
    assert "worklists" not in body
    assert "chart" not in body.partition("<main")[2]


def test_a_list_that_is_not_theirs_or_not_there_shows_nothing(client, people):
    client.force_login(people["curator"])
    for name in ("review", "unheard-of", "textless"):
        assert rows(client, f"{at(models.Commitment)}?work={name}") == (set(), 0)


def test_a_draft_is_not_old_before_two_weeks_are_over():
    recorded = datetime.datetime.now(datetime.UTC).date()
    held = [len(on_list("old-drafts", recorded + datetime.timedelta(days=days))) for days in (0, 14, 15)]
    assert held == [0, 0, 3]


def test_a_judgement_after_the_deadline_takes_a_commitment_off_the_overdue_ones(desk):
    day = datetime.date(2031, 4, 1)
    assert on_list("overdue", day) == refs("01")
    with act(actor="author", reason="judge"):
        late = builders.assessment(desk["commitment"], "stalled", evidence=[desk["quote"]], effective="2031-02")
        assert on_list("overdue", day) == refs("01")
        builders.assessment(desk["commitment"], "stalled", evidence=[desk["quote"]], effective="2031-03", corrects=late)
        assert on_list("overdue", day) == set()


def test_what_is_for_practice_is_on_no_worklist():
    names = ("untranslated", "textless", "old-drafts")
    before = [on_list(name, THEN) for name in names]
    with act(actor="author", reason="practise"):
        builders.document(f"{rules.PRACTICE}1", text="تمرين")
        builders.statement(f"{rules.PRACTICE}talks", title={"en": "Practice"})
    assert [on_list(name, THEN) for name in names] == before


def test_a_count_goes_no_further_than_a_list_does(on, monkeypatch):
    monkeypatch.setattr(worklists, "COUNTED", 2)
    assert [(share.count, share.more) for share in on()["textless"]] == [(2, True)]


FOUND = {  # how many commitments a list that is narrowed so has
    "due=2031-03": 1, "due=2031": 1, "due=203X": 1, "due=2032": 0, "due=2031-13": 0, "obligor=north": 3, "obligor=south": 0,
    "obligor=nobody": 0, "obligor=north&schedule=awaiting_event": 1, "obligor=north&status=in_progress": 1,
}  # fmt: skip


def test_commitments_are_found_by_when_they_are_due_and_who_owes_them(client, people, then):
    client.force_login(people["curator"])
    assert {asked: rows(client, f"{at(models.Commitment)}?{asked}")[1] for asked in FOUND} == FOUND


def test_the_start_page_asks_at_most_12_queries(client, people):
    client.force_login(people["reviewer"])
    with CaptureQueriesContext(connection) as queries:
        client.get(START)
    assert len(queries) <= 12
