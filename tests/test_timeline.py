"""The timeline: statements, deadlines and assessments by their day."""

import pytest

from commitments import models
from commitments.api import renderers
from commitments.ledger import Entry, act
from tests import builders
from tests.api_register import BORDER, BOTH, CANARY, CONVOYS, problem
from tests.questions import API, approve
from tests.questions import get as get  # the fixture

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover]

FIRST, SECOND = "talks-2030-05-04", "talks-2030-11-10"
DAYS = [  # of all that has one
    ("2030-05-04", FIRST),
    ("2030-07-31", f"{BORDER}.assessment-1"),
    ("2030-11-30", SECOND),
    ("2030-12-15", f"{BOTH}.assessment-1"),
    ("2031-01-01", f"{BORDER}.deadline-1"),
    ("2031-01-20", f"{BOTH}.assessment-2"),
    ("2031-03-01", f"{CONVOYS}.deadline-1"),
]


def days(answer: dict) -> list[tuple[str, str]]:
    return [(each["day"], each["ref"]) for each in answer["results"]]


def test_all_that_has_a_day_stands_on_it(get):
    assert days(get("timeline/")) == DAYS
    assert days(get("timeline/?ordering=-day")) == DAYS[::-1]


def test_a_statement_a_deadline_and_a_judgement_as_the_timeline_shows_them(get):
    found = {each["ref"]: each for each in get("timeline/?lang=en")["results"]}
    north = {"ref": "north", "name": {"en": "North", "ar": "الشمال"}}
    empty = {"replaced_by": None, "statement": None, "deadline": None, "assessment": None}
    assert found[FIRST] == empty | {
        "kind": "statement",
        "ref": FIRST,
        "url": f"http://testserver{API}statements/{FIRST}/",
        "day": "2030-05-04",
        "commitment": None,
        "statement": {
            "title": {"en": "Joint statement of North and South", "ar": "بيان مشترك"},
            "kind": "joint_statement",
            "issued": {"text": "4 May 2030", "edtf": "2030-05-04", "earliest": "2030-05-04", "latest": "2030-05-04"},
            "process": {"ref": "talks", "name": {"en": "The talks", "ar": "المحادثات"}},
            "round": 1,
            "issuers": [north, {"ref": "south", "name": {"en": "South", "ar": "الجنوب"}}],
        },
        "labels": {"statement_kind": "Joint statement"},
    }
    assert found[f"{CONVOYS}.deadline-1"] == empty | {
        "kind": "deadline",
        "ref": f"{CONVOYS}.deadline-1",
        "url": f"http://testserver{API}commitments/{CONVOYS}/",
        "day": "2031-03-01",
        "commitment": {
            "ref": CONVOYS,
            "url": f"http://testserver{API}commitments/{CONVOYS}/",
            "title": {"en": "North protects convoys", "ar": "الشمال تحمي القوافل"},
        },
        "deadline": {
            "sense": "due",
            "kind": "date",
            "text": "حتى 1 آذار 2031",
            "edtf": "2031-03-01",
            "earliest": None,
            "latest": "2031-03-01",
            "change": None,
            "set_by": {name: found[FIRST]["statement"][name] for name in ("title", "issued")} | {"ref": FIRST},
        },
        "labels": {"deadline_sense": "Due", "deadline_kind": "Date"},
    }
    assert found[f"{BOTH}.assessment-2"] == empty | {
        "kind": "assessment",
        "ref": f"{BOTH}.assessment-2",
        "url": f"http://testserver{API}assessments/{BOTH}.assessment-2/",
        "day": "2031-01-20",
        "commitment": {
            "ref": BOTH,
            "url": f"http://testserver{API}commitments/{BOTH}/",
            "title": {"en": "Both meet every year", "ar": "يجتمعان كل سنة"},
        },
        "assessment": {
            "status": "fulfilled",
            "reason": "press_report",
            "effective": {"text": "", "edtf": "2031-01-20", "earliest": "2031-01-20", "latest": "2031-01-20"},
            "obligor": north,
        },
        "labels": {"status": "Fulfilled", "reason_code": "Press report"},
    }


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("after=2030-07-31&before=2031-01-01", [1, 2, 3, 4]),
        ("after=2030-08-01&before=2030-12-31", [2, 3]),
        ("after=2031-03-02", []),
        ("before=2030-05-03", []),
        ("kind=deadline", [4, 6]),
        ("kind=statement,assessment&after=2030-12-01", [3, 5]),
        ("party=north", [0, 1, 2, 3, 4, 5, 6]),
        ("party=union", []),
        ("topic=security", [0, 2, 3, 5, 6]),
        ("topic=diplomatic-relations", [0, 1, 2, 3, 4, 5]),
        ("process=talks", [0, 1, 2, 3, 4, 5, 6]),
        ("process=nothing", []),
        (f"statement={SECOND}", [2, 3, 5]),
        (f"commitment={BORDER}", [0, 1, 4]),
        (f"commitment={BORDER},{BOTH}&kind=assessment", [1, 3, 5]),
        ("status=stalled,fulfilled", [1, 5]),
        (f"topic=security&statement={FIRST}", [0, 6]),
        ("known_at=2020-01-01", []),
    ],
)
@pytest.mark.sample(0, 1, 2, 3, 4, 5)
@pytest.mark.no_cover
def test_the_timeline_of_a_question(get, query, places):
    answer = get(f"timeline/?{query}")
    assert (days(answer), answer["count"]) == ([DAYS[place] for place in places], len(places))


@pytest.mark.no_cover
def test_a_party_finds_the_statements_that_it_issued(get, register):
    with act(actor="author", reason="South alone"):
        alone = builders.statement(
            "south-2031-05-01", [register["south"]], issued_words="1 May 2031", issued_edtf="2031-05-01"
        )
    approve(alone)
    assert days(get("timeline/?party=south&after=2031-05-01")) == [("2031-05-01", "south-2031-05-01")]
    assert days(get("timeline/?party=north&after=2031-05-01")) == []


def test_what_was_replaced_or_corrected_says_by_what(get, register):
    before = renderers.instant(Entry.objects.latest("seq").at)
    with act(actor="author", reason="put off; misread"):
        later = builders.deadline(
            register["convoys"], register["second"], replaces=register["deadline"], change="extends",
            words="by 1 May 2031", language="en", edtf="2031-05-01", latest="2031-05-01",
        )  # fmt: skip
        judged = builders.assessment(
            register["border"],
            "in_progress",
            [register["reported"]],
            effective="2030-08-01",
            corrects=register["stalled"],
        )
    approve(later, judged)
    found = {each["ref"]: each["replaced_by"] for each in get("timeline/?kind=deadline,assessment")["results"]}
    assert {ref: by for ref, by in found.items() if by} == {
        f"{CONVOYS}.deadline-1": f"{CONVOYS}.deadline-2",
        f"{BORDER}.assessment-1": f"{BORDER}.assessment-2",
    }
    then = get(f"timeline/?known_at={before}")
    assert days(then) == DAYS
    assert {each["replaced_by"] for each in then["results"]} == {None}


@pytest.mark.no_cover
def test_what_has_no_day_is_left_out(get, register):
    with act(actor="author", reason="nobody knows when"):
        undated = builders.statement(
            "undated", issued_words="", issued_edtf="", gaps={"issued": {"en": "No copy says."}}
        )
        event = builders.deadline(
            register["both"], deadline_kind="event", words="after the talks", edtf="", latest=None
        )
    approve(undated, event)
    assert days(get("timeline/")) == DAYS


@pytest.mark.no_cover
def test_a_walk_by_next_meets_everything_once_and_previous_leads_back(get):
    page, walked = get("timeline/?page_size=2&kind=deadline,assessment,statement"), []
    while page:
        walked += days(page)
        last, page = page, get(page["next"]) if page["next"] else None
    assert walked == DAYS
    assert days(get(last["previous"])) == DAYS[4:6]


@pytest.mark.no_cover
def test_a_walk_misses_and_repeats_nothing_while_rows_come(get, register):
    page = get("timeline/?page_size=3")
    with act(actor="author", reason="an earlier one"):
        more = builders.statement("talks-2029-01-01", issued_words="1 January 2029", issued_edtf="2029-01-01")
    approve(more)
    assert days(page) + days(get(page["next"].replace("page_size=3", "page_size=9"))) == DAYS


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("after=2031-01-02&before=2031-01-01", "before", "contradictory"),
        ("kind=deadline,statement&status=fulfilled", "status", "contradictory"),
        ("after=2031", "after", "malformed"),
        ("kind=relation", "kind", "not_allowed"),
        ("from=2031-01-01", "from", "unknown"),
        ("after=2031-01-01&after=2031-01-01", "after", "repeated"),
        ("as_of=2031-01-01", "as_of", "unknown"),
        ("cursor=abc", "cursor", "malformed"),
    ],
)
@pytest.mark.sample(0, 1, 2)
@pytest.mark.no_cover
def test_what_it_does_not_take_is_refused(client, register, query, parameter, code):
    (fault,) = problem(client.get(f"{API}timeline/?{query}"), 400)["errors"]
    assert (fault["parameter"], fault["code"]) == (parameter, code)


def test_what_is_on_the_desk_alone_stands_on_no_day(get, client, register):
    with act(actor="author", reason=f"drafts: {CANARY}"):
        builders.deadline(register["both"], words=CANARY)
        builders.assessment(register["convoys"], "stalled", rationale={"en": CANARY})
        models.Statement.objects.filter(pk=FIRST).update(title={"en": CANARY})
    assert days(get("timeline/")) == DAYS
    assert CANARY not in client.get(f"{API}timeline/").content.decode()


@pytest.mark.no_cover
def test_an_unchanged_answer_comes_as_304(client, register):
    for path in ("timeline/", "commitments/facets/", "parties/north/scorecard/", f"commitments/{BOTH}/thread/"):
        first = client.get(API + path)
        again = client.get(API + path, HTTP_IF_NONE_MATCH=first["ETag"])
        head = client.head(API + path)
        assert (again.status_code, head.status_code, head.content, head["ETag"]) == (304, 200, b"", first["ETag"])
        assert first["Cache-Control"] == "public, max-age=0, s-maxage=60"
