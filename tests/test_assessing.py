"""Assessing a commitment over HTTP: what is shown and asked, what is refused, what is kept while somebody reads."""

import html
import re
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commitments import actions, codebook, models
from commitments.admin import assessing, kept, once
from commitments.ledger import Entry, act
from tests import builders
from tests.test_admin import Inputs, at, errors, person, send, size, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("attached")]

GAZETTE, COMMITMENT = "gazette-2030-05-04", "talks-2030-05-04-01"
QUOTE, OPEN = f"{GAZETTE}.quote-1", "الجنوب ستفتح الحدود"


@pytest.fixture(scope="module")
def account(published):
    return person("curator", "curator")


@pytest.fixture
def curator(client, account):
    client.force_login(account)
    return client


@pytest.fixture
def judged(made):
    """A public judgement of it."""
    with act(actor="author", reason="judge"):
        made = builders.assessment(made["commitment"], "stalled", evidence=[made["quote"]], obligor=made["north"])
    actions.publish([made], by="approver", reason="checked")
    return made


def assess(**asked):
    return reverse("admin:commitments_commitment_assess", args=[COMMITMENT], query=asked or None)


def typed(**changes):
    return {
        "assessment-status": "in_progress",
        "assessment-reason_code": "press_report",
        "assessment-rationale-en": "Convoys pass.",
        "evidence-quote0": QUOTE,
        "evidence-stance0": "supports",
    } | changes


@pytest.fixture
def post(curator, account):
    """Sends the form as if it had been opened before."""

    def filled(page=None, reason="Read again", **changes):
        announced = once.announce(SimpleNamespace(user=account))
        return curator.post(page or assess(), typed(announced=announced, reason=reason) | changes)

    return filled


def faults(answer):
    """{field: messages} of all forms of the page that came back."""
    forms = {id(sheet.form): sheet.form for sheet in answer.context["form"].sheets}.values()
    return {name: list(each) for form in [*forms, answer.context["form"].last] for name, each in form.errors.items()}


def follows(answer):
    """{title and day: lines} of what the page says will follow, as plain text."""
    shown = {}
    for told_ in answer.context["follows"]:
        lines = [
            [re.sub("<[^>]+>", "", str(cell)) for cell in (line.whom, *line.status, *line.schedule)]
            for line in told_.lines
        ]
        shown[f"{told_.title}: {told_.day}"] = lines
    return shown


# What is shown


def test_the_page_shows_the_test_of_success_and_the_codebook(curator):
    body = html.unescape(curator.get(assess()).content.decode())
    assert "Convoys pass unharmed." in body
    assert "A convoy is attacked unpunished." in body
    for code, entry in codebook.codes("status").items():
        assert f'value="{code}"' in body
        assert entry["definition"]["en"] in body
        assert all(cue in body for cue in entry["cues"]["en"])
        assert all(miss in body for miss in entry["near_misses"]["en"])
    assert 'name="assessment-obligor" value="north"' in body
    assert 'value="south"' not in body


@pytest.mark.no_cover
def test_a_commitments_page_leads_to_it_and_to_the_correction_of_what_is_public(curator, judged):
    body = curator.get(at(models.Commitment, "change", COMMITMENT)).content.decode()
    assert f'href="{assess()}" class="assesslink">Assess</a>' in body
    assert f'<a href="{assess(corrects=judged.pk)}">Correct</a>' in body
    sent = Inputs(curator.get(assess(corrects=judged.pk)).content.decode()).sent
    told_ = {name: sent[f"assessment-{name}"] for name in ("corrects", "obligor", "reason_code")}
    assert told_ == {"corrects": judged.pk, "obligor": "north", "reason_code": "correction_of_error"}


@pytest.mark.prove
def test_in_arabic_the_definitions_are_arabic(curator):
    curator.cookies["django_language"] = "ar"
    body = html.unescape(curator.get(assess()).content.decode())
    entry = codebook.codes("status")["stalled"]
    assert entry["definition"]["ar"] in body
    assert entry["near_misses"]["ar"][0] in body


def test_what_follows_is_shown_for_the_whole_and_each_obligor_and_nothing_is_recorded(curator, account, judged):
    before = size()
    with time_machine.travel(builders.NOW.replace(year=2031), tick=False):
        curator.force_login(account)
        asked = {"assessment-status": "fulfilled", "assessment-effective_edtf": "2030-08", "_follow": "1"}
        answer = curator.post(assess(), typed(**asked))
        later = curator.post(assess(), typed(**asked | {"assessment-effective_edtf": "2032"}))
    assert follows(answer) == {
        "On the day from which it counts: 2030-08-31": [
            ["the whole", "Not assessed", "Fulfilled", "Not due", "Met on time"],
            ["North", "Stalled", "Stalled", "Not due", "Not due"],
        ],
        "Today: 2031-06-01": [
            ["the whole", "Not assessed", "Fulfilled", "Overdue", "Met on time"],
            ["North", "Stalled", "Stalled", "Overdue", "Overdue"],
        ],
    }
    assert "<del>" in answer.content.decode()
    assert [*follows(later)] == [
        "Today: 2031-06-01",
        "On the day from which it counts, which is still to come: until then nothing changes: 2032-12-31",
    ]
    assert size() == before


def test_as_long_as_nothing_follows_that_is_said(curator):
    for asked in ({"assessment-status": ""}, {"assessment-effective_edtf": "2030-13"}):
        answer = curator.post(assess(), typed(_follow="1", **asked))
        assert follows(answer) == {}
        assert "Choose a status: then this shows" in answer.content.decode()


def test_drafts_that_do_not_count_yet_are_named(curator, made):
    with act(actor="author", reason="judge"):
        draft = builders.assessment(made["commitment"], evidence=[made["quote"]])
    assert f"<bdi>{draft.pk}</bdi></a> (Draft)" in curator.get(assess()).content.decode()


# What is recorded


def test_a_judgement_is_recorded_with_its_evidence_and_what_was_searched_in_one_act(post):
    before = size()
    told_ = {
        "assessment-obligor": "north",
        "assessment-effective_words": "August 2030",
        "assessment-effective_edtf": "2030-08",
    }
    answer = post(**told_, **{"evidence-claimant0": "south", "evidence-searched": GAZETTE})
    assert (answer.status_code, answer.url) == (302, at(models.Commitment, "change", COMMITMENT)), faults(answer)
    kept = models.Assessment.objects.get()
    assert (kept.status, kept.obligor_id, kept.effective_edtf, str(kept.effective_latest), kept.assessor, kept.state) == (
        "in_progress", "north", "2030-08", "2030-08-31", "pen-curator", "draft",
    )  # fmt: skip
    assert kept.codebook_version == codebook.read()["version"]
    cited = kept.citations.get()
    assert (cited.quote_id, cited.part, cited.stance, cited.claimant_id) == (QUOTE, "evidence", "supports", "south")
    assert kept.searched.get().document_id == GAZETTE
    entries = Entry.objects.filter(seq__gt=before)
    assert {(entry.actor, entry.reason) for entry in entries} == {("pen-curator", "Read again")}
    assert len({entry.act for entry in entries}) == 1
    assert told(answer) == f"Recorded: {kept.pk}"


def test_an_effective_date_may_be_open_and_without_words(post):
    assert post(**{"assessment-effective_edtf": "2030-08/.."}).status_code == 302
    kept = models.Assessment.objects.get()
    assert (str(kept.effective_earliest), kept.effective_latest) == ("2030-08-01", None)


def test_it_is_submitted_with_the_drafts_that_it_rests_on(post, made):
    with act(actor="author", reason="a second report"):
        paper = builders.document("paper", text="بيان")
    post(_submit="1", **{"evidence-searched": "paper"})
    paper.refresh_from_db()
    assert (models.Assessment.objects.get().state, paper.state) == ("in_review", "in_review")


def test_what_needs_evidence_is_refused_without_with_the_rule(post):
    before = size()
    none = {"evidence-quote0": "", "evidence-stance0": "", "assessment-status": "contrary_action"}
    found = faults(post(**none))
    assert found == {
        "__all__": [
            "A judgement needs evidence where its status is one of: Fulfilled, Partly fulfilled, Not fulfilled, "
            "Contrary action. Cite at least one passage."
        ]
    }
    assert size() == before


JUDGEMENT = {"commitment": COMMITMENT, "reason_code": "press_report", "rationale-en": "So.", "status": "fulfilled"}


@pytest.mark.parametrize(
    ("changes", "part", "rule"),
    [({}, 0, "needs evidence"), ({"status": "no_evidence"}, 1, "documents that were searched")],
)
def test_the_assessments_own_page_refuses_it_as_well(curator, changes, part, rule):
    before = size()
    answer = send(curator, at(models.Assessment, "add"), **JUDGEMENT | changes)
    assert rule in " ".join(answer.context["inline_admin_formsets"][part].formset.non_form_errors())
    assert size() == before


def test_what_was_public_and_rests_on_evidence_still_takes_a_note(curator, judged, made):
    with act(actor="author", reason="judge"):
        done = builders.assessment(made["commitment"], "fulfilled", evidence=[made["quote"]], effective="2030-09")
    actions.publish([done], by="approver", reason="checked")
    assert send(curator, at(models.Assessment, "change", done.pk), note="Ask again").status_code == 302


SLIPS = [  # what is typed, what is told at which fields
    (
        {"assessment-status": "", "assessment-obligor": "south", "assessment-reason_code": "correction_of_error",
         "evidence-stance0": "", "assessment-effective_edtf": "2030-13", "reason": ""},
        {"status": "This field is required.", "obligor": "Select a valid choice.", "corrects": "Say which assessment it corrects.",
         "stance0": "Say whether it supports or disputes", "effective_edtf": "13 is no month", "reason": "This field is required."},
    ),
    (
        {"assessment-effective_words": "August 2030", "assessment-effective_edtf": "2030-08-05", "evidence-quote1": QUOTE,
         "evidence-stance1": "context"},
        {"effective_edtf": "don't say", "quote1": "cited above already"},
    ),
    (
        {"evidence-quote0": "", "evidence-quote1": "unheard\0of", "assessment-status": "no_evidence"},
        {"quote0": "Choose the quote, or leave this row empty.", "quote1": "", "searched": "name the documents that were searched"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "messages"), SLIPS)
def test_slips_are_told_at_their_fields_and_nothing_typed_is_lost(curator, changes, messages):
    before = size()
    answer = curator.post(assess(), typed(announced="not looked at yet") | {"reason": "why"} | changes)
    found = faults(answer)
    assert found.keys() == messages.keys()
    assert all(message in found[field][0] for field, message in messages.items())
    assert Inputs(answer.content.decode()).sent["assessment-rationale-en"] == "Convoys pass."
    assert size() == before


def test_a_correction_judges_whom_the_corrected_one_judges(curator, post, judged, made):
    with act(actor="author", reason="judge the whole"):
        whole = builders.assessment(made["commitment"], "stalled")
    before, told_ = size(), "That assessment judges {}: only a judgement of the same corrects it."
    answer = post(**{"assessment-corrects": judged.pk})
    assert faults(answer) == {"corrects": [told_.format("north")]}
    assert Inputs(answer.content.decode()).sent["assessment-rationale-en"] == "Convoys pass."
    answer = send(
        curator,
        at(models.Assessment, "add"),
        **JUDGEMENT | {"status": "stalled", "obligor": "north", "corrects": whole.pk},
    )
    assert (errors(answer), size()) == ({"corrects": [told_.format("the whole")]}, before)


def test_a_correction_names_what_it_corrects_once(curator, post, judged):
    assert post(**{"assessment-corrects": judged.pk, "assessment-obligor": "north"}).status_code == 302
    assert models.Assessment.objects.latest("ref").corrects == judged
    assert f'value="{judged.pk}"' not in curator.get(assess()).content.decode()


def test_what_the_database_refuses_is_told_and_everything_stays(curator, made):
    answer = curator.post(assess(), typed(announced="forged", reason="why"))
    assert "This form wasn't made here" in answer.context["form"].errors[0]
    assert Inputs(answer.content.decode()).sent["evidence-quote0"] == QUOTE


@pytest.mark.no_cover
def test_sent_twice_it_is_recorded_once(curator):
    sent = Inputs(curator.get(assess()).content.decode()).sent | typed()
    assert [curator.post(assess(), sent).status_code for _time in range(2)] == [302, 302]
    assert models.Assessment.objects.count() == 1


def test_who_may_not_write_may_not_assess(client):
    client.force_login(person("somebody", "auditor"))
    assert (client.get(assess()).status_code, client.post(assess(), typed()).status_code) == (403, 403)


def test_nothing_retracted_or_unknown_is_assessed(curator, made):
    actions.retract(made["commitment"], by="approver", reason="A double")
    assert curator.get(assess()).url == at(models.Commitment, "change", COMMITMENT)
    assert "/assess/" not in curator.get(at(models.Commitment, "change", COMMITMENT)).content.decode()
    unknown = reverse("admin:commitments_commitment_assess", args=["unheard-of"])
    assert curator.get(unknown).status_code == 302


# Kept while a passage is chosen


def test_more_rows_come_with_all_that_was_typed_and_without_a_word_on_what_is_missing(curator):
    answer = curator.post(assess(), typed(_more="1", **{"assessment-status": ""}))
    sent = Inputs(answer.content.decode()).sent
    assert {"evidence-quote3", "evidence-stance3"} <= sent.keys()
    assert (sent["evidence-rows"], sent["evidence-quote0"], sent["assessment-rationale-en"]) == (
        "4",
        QUOTE,
        "Convoys pass.",
    )
    assert "errorlist" not in answer.content.decode()
    for given, shown in (("9999", kept.MOST), ("x", 4), ("-1", 4)):
        asked = QueryDict(mutable=True)
        asked["evidence-rows"] = given
        assert min(kept.rows(asked) + assessing.MORE, kept.MOST) == shown


def test_a_passage_is_chosen_in_the_reading_view_and_everything_typed_is_there_again(curator, post):
    answer = post(_choose=GAZETTE, **{"evidence-searched": GAZETTE})
    reading = reverse("admin:commitments_document_read", args=[GAZETTE], query={"judging": COMMITMENT})
    assert answer.url == reading
    page = curator.get(reading).content.decode()
    assert re.findall('name="do" value="([a-z]+)"', page) == ["judging"]
    assert f'name="judging" value="{COMMITMENT}"' in page
    assert html.escape(f"?do=judging&judging={COMMITMENT}&start=38") in page  # the quote that is there already
    start = builders.TEXT.index(OPEN)
    asked = {"do": "judging", "judging": COMMITMENT, "start": start, "end": start + len(OPEN)}
    mark = reverse("admin:commitments_document_mark", args=[GAZETTE], query=asked)
    told_ = {
        "quote-translation-en": "South will open the border",
        "evidence-stance": "disputes",
        "evidence-claimant": "south",
    }
    back = send(curator, mark, **told_)
    assert back.url == f"{assess()}#evidence"
    quote = models.Quote.objects.checked().latest("ref")
    assert (quote.exact, quote.level) == (OPEN, "exact")
    sent = Inputs(curator.get(assess()).content.decode()).sent
    assert {name: sent[name] for name in sent if sent[name] and not name.startswith(("csrf", "announced"))} == {
        **typed(), "assessment-reason_code": "press_report", "evidence-quote1": quote.pk, "evidence-stance1": "disputes",
        "evidence-claimant1": "south", "evidence-searched": GAZETTE, "evidence-rows": "2", "reason": "Read again",
    }  # fmt: skip
    assert send(curator, assess()).status_code == 302
    assert models.Assessment.objects.get().citations.count() == 2
    assert "Convoys pass." not in curator.get(assess()).content.decode()


@pytest.mark.no_cover
def test_the_same_passage_taken_again_changes_its_row(curator):
    asked = {"do": "judging", "judging": COMMITMENT, "start": 38, "end": 38 + len("الشمال ملتزمة بحماية القوافل")}
    mark = reverse("admin:commitments_document_mark", args=[GAZETTE], query=asked)
    for stance in ("supports", "context"):
        assert send(curator, mark, **{"evidence-stance": stance}).status_code == 302
    sent = Inputs(curator.get(assess()).content.decode()).sent
    row = [sent[f"evidence-{name}"] for name in ("quote0", "stance0", "claimant0", "quote1")]
    assert row == [QUOTE, "context", "", ""]
    assert models.Quote.objects.count() == 1


def test_an_assessment_of_nothing_leads_back_to_the_text(curator):
    asked = {"do": "judging", "judging": "unheard-of", "start": 38, "end": 44}
    answer = curator.get(reverse("admin:commitments_document_mark", args=[GAZETTE], query=asked))
    assert answer.url == reverse("admin:commitments_document_read", args=[GAZETTE])
    assert told(answer) == "The commitment that is to be assessed isn't there: begin at its page."


def test_a_document_without_a_text_is_told_and_everything_stays(curator):
    answer = curator.post(assess(), typed(_choose="", where="unheard-of"))
    assert told(answer) == "Choose a document whose text is attached. What you typed is still here."
    assert Inputs(answer.content.decode()).sent["assessment-rationale-en"] == "Convoys pass."


def test_one_begins_anew_and_a_session_keeps_no_more_than_the_last_ones(curator):
    curator.post(assess(), typed(_choose=GAZETTE))
    assert "Begin anew" in curator.get(assess()).content.decode()
    session = curator.session
    session["assessing"] = {f"other-{n}": "a=b" for n in range(kept.KEPT)}
    session.save()
    curator.post(assess(), typed(_choose=GAZETTE))
    assert list(curator.session["assessing"]) == [*(f"other-{n}" for n in range(1, kept.KEPT)), COMMITMENT]
    assert curator.post(assess(), typed(_anew="1")).url == assess()
    assert "Convoys pass." not in curator.get(assess()).content.decode()


@pytest.mark.no_cover
def test_the_page_asks_a_bounded_number_of_queries(curator, made):
    with act(actor="author", reason="many"):
        quotes = [builders.quote(made["document"], exact=builders.TEXT[n : n + 6]) for n in range(12)]
        for quote in quotes:
            builders.assessment(made["commitment"], evidence=[quote])
    rows = {f"evidence-quote{n}": quote.pk for n, quote in enumerate(quotes)}
    stances = {f"evidence-stance{n}": "supports" for n in range(12)} | {
        f"evidence-claimant{n}": "north" for n in range(12)
    }
    curator.post(assess(), typed(_choose=GAZETTE, **rows, **stances, **{"evidence-rows": "12"}))
    with CaptureQueriesContext(connection) as queries:
        body = curator.get(assess()).content.decode()
    assert len(queries) <= 20
    assert body.count("<option") < 120
