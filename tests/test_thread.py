"""A commitment's thread: one undertaking through the rounds, in time order, with the words of each step."""

import itertools

import pytest

from commitments import actions, codebook, models, threads
from commitments.api import renderers, thread
from commitments.ledger import Entry, act
from tests import builders
from tests.api_register import BORDER, BOTH, CANARY, CONVOYS, DRAFT, RETRACTED, problem
from tests.questions import API, approve, link
from tests.questions import get as get  # the fixture

pytestmark = pytest.mark.django_db

NARROWED, REPLACING, TREATY = "talks-2031-02-01-01", "talks-2031-04-01-01", "talks-2031-04-01-02"


@pytest.fixture
def rounds(register):
    """Two more rounds: the convoys' undertaking is narrowed, put off, replaced, kept by a treaty, and what replaced it given up."""
    made, north, quotes = register, register["north"], [register["undertaken"]]
    with act(actor="author", reason="two more rounds"):
        third = builders.statement(
            "talks-2031-02-01", [north], issued_words="1 February 2031", issued_edtf="2031-02-01", process=made["talks"]
        )
        fourth = builders.statement("talks-2031-04-01", [north], issued_words="April 2031", issued_edtf="2031-04")
        narrowed = builders.commitment(third, [north], quotes, ref=NARROWED)
        replacing = builders.commitment(fourth, [north], quotes, ref=REPLACING)
        treaty = builders.commitment(fourth, [north], [made["opened"]], ref=TREATY)
        by_autumn = {"words": "by 1 September 2031", "language": "en", "edtf": "2031-09-01", "latest": "2031-09-01"}
        in_june = {
            "words": "in June 2031",
            "language": "en",
            "edtf": "2031-06",
            "earliest": "2031-06-01",
            "latest": "2031-06-30",
        }
        own = builders.deadline(narrowed, **by_autumn)
        later = builders.deadline(made["convoys"], third, replaces=made["deadline"], change="extends", **in_june)
        models.Citation.objects.create(quote=made["reported"], deadline=later, part="deadline")
        links = [
            link(narrowed, "specifies", made["convoys"], "narrower", explanation={"en": "On one road only."}),
            link(replacing, "supersedes", narrowed, "different"),
            link(replacing, "reaffirms", made["both"], "same"),
            link(treaty, "fulfils", made["convoys"], "different"),
        ]
        kept = builders.assessment(made["convoys"], "fulfilled", [made["reported"]], effective="2031-05-01")
        again = builders.assessment(made["convoys"], "fulfilled", [made["reported"]], effective="2031-05-20")
        given_up = builders.assessment(replacing, "withdrawn", [made["opened"]], effective="2031-05-10")
        apart = builders.assessment(
            made["both"], "fulfilled", [made["reported"]], effective="2031-05-11", obligor=made["south"]
        )
        draft = link(made["border"], "reaffirms", made["convoys"], explanation={"en": CANARY})
    approve(third, fourth, narrowed, replacing, treaty, own, later, *links, kept, again, given_up, apart)
    return made | {"draft_link": draft, "given_up": given_up}


def steps(answer: dict) -> list[tuple]:
    """The entries of a thread in short."""
    assert [each["number"] for each in answer["results"]] == list(range(1, len(answer["results"]) + 1))
    return [
        (
            each["events"],
            each["commitment"]["ref"],
            each["date"] and each["date"]["edtf"],
            [link["of"]["ref"] for link in each["relations"]],
            each["deadline"] and (each["deadline"]["slip"]["days"], each["deadline"]["slip"]["reason"]),
        )
        for each in answer["results"]
    ]


def test_a_thread_of_two_rounds_whole(get):
    answer = get(f"commitments/{BOTH}/thread/?lang=en&as_of=2031-06-01")
    listed = {each["ref"]: each for each in get("commitments/?lang=en")["results"]}

    def short(ref):
        shown = ("ref", "url", "title", "strength", "status", "schedule", "contested", "parties", "labels")
        return {name: listed[ref][name] for name in shown}

    def statement(ref):
        return listed[ref]["statement"] | {
            "url": f"http://testserver{API}statements/{listed[ref]['statement']['ref']}/"
        }

    assert answer == {
        "ref": BOTH,
        "url": f"http://testserver{API}commitments/{BOTH}/",
        "rule": thread.RULE,
        "commitments": 2,
        "commitments_url": f"http://testserver{API}commitments/?as_of=2031-06-01&thread={BOTH}",
        "latest": short(BOTH) | {"due": None},
        "first_deadline": listed[CONVOYS]["due"],
        "as_of": "2031-06-01",
        "known_at": None,
        "count": 2,
        "next": None,
        "previous": None,
        "results": [
            {
                "number": 1,
                "events": ["made"],
                "label": {"en": "Made", "ar": "قُطع"},
                "date": listed[CONVOYS]["statement"]["issued"],
                "commitment": short(CONVOYS),
                "statement": statement(CONVOYS),
                "relations": [],
                "deadline": listed[CONVOYS]["due"] | {"slip": {"days": 0, "reason": None, "label": None}},
                "assessment": None,
                "quotes": listed[CONVOYS]["quotes"],
            },
            {
                "number": 2,
                "events": ["widened"],
                "label": {"en": "Widened", "ar": "وُسّع"},
                "date": listed[BOTH]["statement"]["issued"],
                "commitment": short(BOTH),
                "statement": statement(BOTH),
                "relations": [
                    {
                        "ref": f"{BOTH}.relation-1",
                        "url": f"http://testserver{API}relations/{BOTH}.relation-1/",
                        "kind": "reaffirms",
                        "scope": "wider",
                        "explanation": {},
                        "event": "widened",
                        "label": {"en": "Widened", "ar": "وُسّع"},
                        "of": {name: listed[CONVOYS][name] for name in ("ref", "url", "title")},
                    }
                ],
                "deadline": None,
                "assessment": None,
                "quotes": listed[BOTH]["quotes"],
            },
        ],
    }


ROUNDS = [
    (["made"], CONVOYS, "2030-05-04", [], (0, None)),
    (["widened"], BOTH, "2030-11", [CONVOYS], None),
    (["narrowed"], NARROWED, "2031-02-01", [CONVOYS], (184, None)),  # from 1 March to 1 September 2031
    (["deadline_extended"], CONVOYS, "2031-02-01", [], (None, "imprecise")),
    (["restated", "replaced"], REPLACING, "2031-04", [NARROWED, BOTH], None),
    (["fulfilled"], TREATY, "2031-04", [CONVOYS], None),
    (["fulfilled"], CONVOYS, "2031-05-01", [], None),
    (["dropped"], REPLACING, "2031-05-10", [], None),
]


def test_what_became_of_an_undertaking_through_the_rounds(get, rounds):
    assert steps(get(f"commitments/{CONVOYS}/thread/")) == ROUNDS


@pytest.mark.no_cover
@pytest.mark.parametrize("ref", [CONVOYS, BOTH, NARROWED, REPLACING])
@pytest.mark.sample(0, 1)
def test_every_commitment_of_a_thread_tells_the_same_one(get, rounds, ref):
    answer = get(f"commitments/{ref}/thread/")
    assert (answer["ref"], answer["commitments"], answer["latest"]["ref"]) == (ref, 4, REPLACING)
    assert steps(answer) == ROUNDS


@pytest.mark.prove
def test_what_fulfils_an_undertaking_is_a_thread_of_its_own(get, rounds):
    assert steps(get(f"commitments/{TREATY}/thread/")) == [(["made"], TREATY, "2031-04", [], None)]


def test_each_step_has_its_words(get, rounds):
    found = get(f"commitments/{CONVOYS}/thread/?lang=ar")["results"]
    words = {(each["events"][0], each["commitment"]["ref"]): each for each in found}
    extended, kept = words["deadline_extended", CONVOYS], words["fulfilled", CONVOYS]
    dropped = words["dropped", REPLACING]
    assert [(each["exact"], each["part"]) for each in extended["quotes"]] == [("الحدود فُتحت", "deadline")]
    assert extended["statement"]["ref"] == "talks-2031-02-01"
    assert [(each["exact"], each["part"], each["stance"]) for each in kept["quotes"]] == [
        ("الحدود فُتحت", "evidence", "supports")
    ]
    assert [(each["exact"], each["translation"]) for each in dropped["quotes"]] == [
        ("الجنوب ستفتح الحدود", {"en": "South will open the border"})
    ]
    assert dropped["statement"] is None
    assert dropped["assessment"] == {
        "ref": f"{REPLACING}.assessment-1",
        "url": f"http://testserver{API}assessments/{REPLACING}.assessment-1/",
        "status": "withdrawn",
        "reason": "press_report",
        "rationale": {"en": "The Gazette says so."},
        "counts_from": "2031-05-10",
        "labels": {"status": "مسحوب", "reason_code": "خبر صحفي"},
    }
    assert words["narrowed", NARROWED]["relations"][0]["explanation"] == {"en": "On one road only."}


def test_a_thread_as_of_a_day_holds_what_was_made_and_judged_by_then(get, rounds):
    answer = get(f"commitments/{CONVOYS}/thread/?as_of=2031-03-31")
    assert steps(answer) == ROUNDS[:4]
    assert (answer["as_of"], answer["commitments"], answer["latest"]["ref"]) == ("2031-03-31", 3, NARROWED)
    members = get(answer["commitments_url"])
    assert [each["ref"] for each in members["results"]] == [CONVOYS, BOTH, NARROWED]
    found = get(f"commitments/facets/?as_of=2031-03-31&thread={CONVOYS}&strength=intends")["facets"]["strength"]
    assert sum(each["count"] for each in found["results"]) == answer["commitments"]
    assert get(f"commitments/?thread={DRAFT}")["count"] == get(f"commitments/facets/?thread={DRAFT}")["count"] == 0
    assert answer["latest"]["due"]["slip"]["days"] == 184
    before = get(f"commitments/{CONVOYS}/thread/?as_of=2030-06-01")
    assert steps(before) == ROUNDS[:1]
    assert before["latest"]["due"]["ref"] == f"{CONVOYS}.deadline-1"
    alone = get(f"commitments/{NARROWED}/thread/?as_of=2031-01-01")
    assert steps(alone) == [(["made"], NARROWED, "2031-02-01", [], (None, "no_first_date"))]


@pytest.mark.prove
def test_a_thread_as_it_was_known(get, register, client):
    before = renderers.instant(Entry.objects.latest("seq").at)
    with act(actor="author", reason="a third round"):
        more = builders.commitment(
            register["second"], [register["north"]], [register["opened"]], ref="talks-2030-11-10-07"
        )
        joined = link(more, "same_as", register["both"])
    approve(more, joined)
    assert get(f"commitments/{CONVOYS}/thread/")["commitments"] == 3
    then = get(f"commitments/{CONVOYS}/thread/?known_at={before}")
    assert (then["commitments"], then["known_at"]) == (2, before)
    problem(client.get(f"{API}commitments/talks-2030-11-10-07/thread/?known_at={before}"), 404)


@pytest.mark.no_cover
def test_a_judgement_that_was_corrected_drops_nothing(get, rounds):
    with act(actor="author", reason="we misread it"):
        corrected = builders.assessment(
            models.Commitment.objects.get(pk=REPLACING), "in_progress", [rounds["opened"]], effective="2031-05-10",
            corrects=rounds["given_up"], reason_code="correction_of_error",
        )  # fmt: skip
    approve(corrected)
    assert steps(get(f"commitments/{CONVOYS}/thread/")) == ROUNDS[:-1]


SLIPS = {  # the first deadline, the later one: the days between them, or why there are none
    ("2031-03-01", "2031-02-01"): (-28, None),
    ("2031-03", "2031-09-01"): (None, "first_imprecise"),
    ("2031-03-01", "2031-09-01~"): (None, "imprecise"),
    ("2031-03-01", "2031"): (None, "imprecise"),
    ("2031-03-01", ""): (None, "no_latest_day"),
    ("", "2031-03-01"): (0, None),
}


@pytest.mark.parametrize(("first", "second"), SLIPS)
@pytest.mark.sample(0, 1, 2)
@pytest.mark.prove
def test_the_slip_is_counted_between_days_alone(get, register, first, second):
    with act(actor="author", reason="one undertaking with two deadlines"):
        one, other = (
            builders.commitment(register[name], [register["north"]], [register["opened"]], ref=f"{name}-9")
            for name in ("first", "second")
        )
        made = [one, other, link(other, "reaffirms", one)]
        for commitment, edtf in ((one, first), (other, second)):
            dated = (
                {"edtf": edtf, "latest": thread_day(edtf)}
                if edtf
                else {"edtf": "", "latest": None, "deadline_kind": "event"}
            )
            made.append(builders.deadline(commitment, **{"words": f"by {edtf or 'then'}", "language": "en"} | dated))
    approve(*made)
    (_one, _other) = found = get("commitments/second-9/thread/")["results"]
    slip = found[1]["deadline"]["slip"]
    assert (slip["days"], slip["reason"]) == SLIPS[first, second]
    label = slip["reason"] and dict(zip(("en", "ar"), thread.NO_SLIP[slip["reason"]], strict=True))
    assert slip["label"] == label


def thread_day(edtf: str) -> str:
    """The last day of these forms."""
    return {"2031": "2031-12-31", "2031-03": "2031-03-31"}.get(edtf, edtf.rstrip("~"))


@pytest.mark.prove
def test_a_deadline_that_says_until_when_a_duty_holds_does_not_slip(get, register):
    with act(actor="author", reason="a duty for a while"):
        held = builders.commitment(register["first"], [register["north"]], [register["opened"]], ref="first-9")
        until = builders.deadline(held, sense="in_effect")
        restated = builders.deadline(held, register["second"], sense="in_effect")
    approve(held, until, restated)
    answer = get("commitments/first-9/thread/")
    assert answer["first_deadline"] is None
    assert [(each["events"], each["deadline"]["slip"]["reason"]) for each in answer["results"]] == [
        (["made"], "not_due"),
        (["deadline_set"], "not_due"),
    ]


@pytest.mark.prove
def test_what_has_no_date_comes_first(get, register):
    with act(actor="author", reason="an undertaking of which nobody knows when it was made"):
        undated = builders.statement(
            "undated", [register["north"]], issued_words="", issued_edtf="", gaps={"issued": {"en": "No copy says."}}
        )
        older = builders.commitment(undated, [register["north"]], [register["opened"]], ref="undated-1")
        joined = link(register["convoys"], "reaffirms", older)
    approve(undated, older, joined)
    answer = get(f"commitments/{BOTH}/thread/")
    assert [step[:3] for step in steps(answer)] == [
        (["made"], "undated-1", None),
        (["restated"], CONVOYS, "2030-05-04"),
        (["widened"], BOTH, "2030-11"),
    ]
    assert answer["latest"]["ref"] == BOTH
    assert [each["ref"] for each in get("commitments/?scorecard=north")["results"]] == [BOTH]


def test_what_has_no_date_comes_after_what_it_says_again(get, register):
    with act(actor="author", reason="an undertaking of which nobody knows when it was said again"):
        undated = builders.statement(
            "undated", [register["north"]], issued_words="", issued_edtf="", gaps={"issued": {"en": "No copy says."}}
        )
        again = builders.commitment(undated, [register["north"]], [register["opened"]], ref="undated-1")
        kept = builders.commitment(undated, [register["south"]], [register["opened"]], ref="undated-2")
        joined = [link(again, "reaffirms", register["both"]), link(kept, "fulfils", register["convoys"])]
    approve(undated, again, kept, *joined)
    answer = get(f"commitments/{BOTH}/thread/")
    assert [step[:2] for step in steps(answer)] == [
        (["made"], CONVOYS),
        (["fulfilled"], "undated-2"),
        (["widened"], BOTH),
        (["restated"], "undated-1"),
    ]
    assert answer["latest"]["ref"] == "undated-1"
    assert [each["ref"] for each in get("commitments/?scorecard=north")["results"]] == ["undated-1"]


@pytest.mark.prove
def test_pages_of_a_thread_are_read_on_by_their_numbers(get, rounds):
    whole = get(f"commitments/{CONVOYS}/thread/")["results"]
    page = get(f"commitments/{CONVOYS}/thread/?page_size=3&lang=en")
    begun = (
        f"http://testserver{API}commitments/{CONVOYS}/thread/?page_size=3&lang=en&after=3&as_of=2031-06-01&known_at="
    )
    assert page["next"].startswith(begun)
    walked = [(page["count"], [each["number"] for each in page["results"]])]
    while page["next"]:
        page = get(page["next"].replace("&lang=en", ""))
        assert page["results"] == [whole[each["number"] - 1] for each in page["results"]]
        walked.append((page["count"], [each["number"] for each in page["results"]]))
    assert walked == [(8, [1, 2, 3]), (5, [4, 5, 6]), (2, [7, 8])]
    assert get(f"commitments/{CONVOYS}/thread/?after=99")["results"] == []


@pytest.mark.prove
def test_drafts_are_in_no_thread_and_have_none(client, rounds):
    for ref in (CONVOYS, BORDER):
        content = client.get(f"{API}commitments/{ref}/thread/").content.decode()
        assert CANARY not in content
    assert BORDER not in client.get(f"{API}commitments/{CONVOYS}/thread/").content.decode()
    answers = [problem(client.get(f"{API}commitments/{ref}/thread/"), 404) for ref in (DRAFT, "talks-2030-11-10-99")]
    assert len({answer["detail"] for answer in answers}) == 1
    assert problem(client.get(f"{API}commitments/{RETRACTED}/thread/"), 410)["tombstone"]["ref"] == RETRACTED


def test_a_retracted_party_has_no_scorecard_and_says_why(client, register):
    problem(client.get(f"{API}parties/nobody/scorecard/"), 404)
    actions.retract(register["union"], by="approver", reason="There is no such union.")
    tombstone = problem(client.get(f"{API}parties/union/scorecard/"), 410)["tombstone"]
    assert (tombstone["ref"], tombstone["reason"]) == ("union", "There is no such union.")


def test_every_relation_and_judgement_that_a_thread_tells_has_its_event():
    kinds = (*threads.KINDS, models.RelationKind.FULFILS)
    assert set(thread.RELATED) == set(itertools.product(kinds, codebook.codes("relation_scope")))
    assert set(thread.JUDGED) <= set(codebook.codes("status"))
    told = {*thread.RELATED.values(), *thread.JUDGED.values(), *thread.CHANGED.values(), "made"}
    assert told == set(thread.EVENTS)
