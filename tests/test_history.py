"""A commitment's public history: its versions, who made them and why, and what each changed, told field by field."""

import datetime
import re

import jsonschema
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from commitments import actions, models
from commitments.api import differences, renderers, shapes
from commitments.api.schema import document
from commitments.ledger import Entry, act
from tests import builders
from tests.api_register import BORDER, BOTH, CANARY, CONVOYS, DRAFT, RETRACTED, problem

pytestmark = pytest.mark.django_db

API = "/api/v1/commitments/"


@pytest.fixture
def register(built, db):
    """The register of api_register."""
    return built


@pytest.fixture
def history(client, register):
    """The answer of a commitment's history, held against its component."""

    def ask(ref: str, query: str = "") -> dict:
        response = client.get(f"{API}{ref}/history/{query}")
        assert response.status_code == 200, response.content.decode()
        found = response.json()
        check(found, "VersionList")
        return found

    return ask


def check(answer: dict, component: str) -> None:
    """Holds an answer against a component of the OpenAPI document, members that it doesn't name included."""
    whole = {"$ref": f"#/components/schemas/{component}", "components": document()["components"]}
    jsonschema.Draft202012Validator(whole).validate(answer)
    members = set(shapes.HISTORY[component.removesuffix("List")]["properties"])
    assert all(set(row) == members for row in answer["results"])


def edit(record, **values):
    """A change on the desk."""
    with act(actor="author", reason="a change"):
        type(record).objects.filter(pk=record.pk).update(**values)


def approve(*records, reason="checked", **more):
    actions.publish(records, **{"by": "approver", "reason": reason} | more)


def at(record: str, version: int) -> str:
    """The instant at which a version of a commitment became public."""
    seq = models.Publication.objects.get(kind="commitment", record=record, version=version).from_seq
    return renderers.instant(Entry.objects.get(seq=seq).at)


def told(change: dict) -> tuple:
    """A difference without its label."""
    return tuple(change[name] for name in ("field", "items", "change", "before", "after"))


# Versions


def test_the_first_version_has_who_when_why_and_nothing_before_it(history):
    seq = models.Publication.objects.get(kind="commitment", record=CONVOYS).from_seq
    assert history(CONVOYS) == {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [
            {
                "seq": seq,
                "at": at(CONVOYS, 1),
                "actor": "approver",
                "reason": "checked against the source",
                "class": "content",
                "emergency": False,
                "version": 1,
                "tombstone": False,
                "known_at": at(CONVOYS, 1),
                "url": f"http://testserver{API}{CONVOYS}/?known_at={at(CONVOYS, 1)}",
                "changes": [],
            }
        ],
    }


def test_each_version_reads_at_its_url_as_it_was_then(history, client, register):
    for number, title in enumerate(("North guards convoys", "North escorts convoys"), start=2):
        edit(register["convoys"], title={"en": title})
        approve(register["convoys"], reason=f"title {number}")
    found = history(CONVOYS)["results"]
    assert [row["version"] for row in found] == [3, 2, 1]
    titles = [client.get(row["url"]).json()["title"] for row in found]
    assert titles == [
        {"en": "North escorts convoys"},
        {"en": "North guards convoys"},
        {"en": "North protects convoys", "ar": "الشمال تحمي القوافل"},
    ]
    assert [[told(change) for change in row["changes"]] for row in found] == [
        [("title.en", [], "changed", "North guards convoys", "North escorts convoys")],
        [
            ("title.ar", [], "removed", "الشمال تحمي القوافل", None),
            ("title.en", [], "changed", "North protects convoys", "North guards convoys"),
        ],
        [],
    ]
    assert found[0]["changes"][0]["label"] == {"en": "Title – English", "ar": "العنوان – الإنجليزية"}
    assert [(row["reason"], row["class"]) for row in found] == [
        ("title 3", "correction"),
        ("title 2", "correction"),
        ("checked against the source", "content"),
    ]


def test_what_was_retracted_keeps_its_history_while_its_own_address_is_gone(history, client, register):
    tombstone, first = history(RETRACTED)["results"]
    assert client.get(f"{API}{RETRACTED}/").status_code == 410
    assert {name: tombstone[name] for name in ("version", "tombstone", "class", "reason", "changes")} == {
        "version": 2,
        "tombstone": True,
        "class": "retraction",
        "reason": "It repeated another one.",
        "changes": [],
    }
    assert (first["version"], first["tombstone"], first["class"]) == (1, False, "content")
    gone = problem(client.get(tombstone["url"]), 410)
    assert gone["tombstone"]["retracted_at"] == tombstone["at"]
    assert client.get(first["url"]).json()["title"] == {"en": "A double"}


def test_an_emergency_says_so_until_a_second_person_approves(history, register):
    edit(register["convoys"], strength="agrees")
    approve(register["convoys"], by="author", reason="at once", emergency=True)
    approve(register["convoys"], reason="and rightly")
    rows = history(CONVOYS)["results"]
    assert [(row["actor"], row["emergency"], row["class"]) for row in rows] == [
        ("approver", False, "content"),
        ("author", True, "correction"),
        ("approver", False, "content"),
    ]
    assert [[told(change) for change in row["changes"]] for row in rows] == [
        [],
        [("strength", [], "changed", "commits", "agrees")],
        [],
    ]


# What the changes tell


def test_a_new_assessment_deadline_and_relation_are_told_by_their_references(history, register):
    with act(actor="author", reason="what became of it"):
        later = builders.deadline(
            register["convoys"], register["second"], replaces=register["deadline"], change="replaces",
            words="by 1 May 2031", language="en", edtf="2031-05-01", latest=datetime.date(2031, 5, 1),
        )  # fmt: skip
        link = models.Relation.objects.create(
            commitment=register["convoys"], relation_kind="related", target=register["border"], scope="different"
        )
        judged = builders.assessment(register["convoys"], "fulfilled", [register["reported"]], effective="2031-02-01")
    approve(later, link, judged)
    (row, _first) = history(CONVOYS)["results"]
    assert row["class"] == "housekeeping"
    assert [(change["field"], change["items"], change["change"], change["before"]) for change in row["changes"]] == [
        ("deadlines", [{"ref": f"{CONVOYS}.deadline-2"}], "added", None),
        ("relations", [{"ref": f"{CONVOYS}.relation-1"}], "added", None),
        ("assessments", [{"ref": f"{CONVOYS}.assessment-1"}], "added", None),
    ]
    shown = models.Publication.objects.known_at(None).get(kind="commitment", record=CONVOYS).detail_json
    assert [change["after"] for change in row["changes"]] == [
        shown["deadlines"][1], shown["relations"][0], shown["assessments"][0]
    ]  # fmt: skip


@pytest.mark.no_cover
def test_parties_topics_and_citations_that_come_and_go(history, register):
    with act(actor="author", reason="another reading"):
        register["convoys"].parties.filter(role="beneficiary").delete()
        models.CommitmentParty.objects.create(commitment=register["convoys"], party=register["south"], role="guarantor")
        register["convoys"].topics.all().delete()
        models.CommitmentTopic.objects.create(commitment=register["convoys"], topic=register["borders"])
        models.Citation.objects.create(quote=register["opened"], commitment=register["convoys"], part="chapeau")
    approve(register["convoys"])
    (row, _first) = history(CONVOYS)["results"]
    assert [told(change) for change in row["changes"][:-1]] == [
        ("parties", [{"ref": "south", "role": "beneficiary"}], "removed", south("beneficiary"), None),
        ("parties", [{"ref": "south", "role": "guarantor"}], "added", None, south("guarantor")),
        ("topics", [{"ref": "security"}], "removed", "security", None),
        ("topics", [{"ref": "diplomatic-relations"}], "added", None, "diplomatic-relations"),
    ]
    cited = row["changes"][-1]
    assert (cited["field"], cited["change"], cited["after"]["exact"]) == ("citations", "added", "الجنوب ستفتح الحدود")
    assert cited["items"] == [{"ref": "gazette-2030-05-04.quote-2", "part": "chapeau"}]


def south(role: str) -> dict:
    return {"ref": "south", "role": role, "name": {"en": "South", "ar": "الجنوب"}}


def test_a_changed_translation_is_told_where_the_quote_is_cited_and_only_once(history, register):
    edit(register["undertaken"], translation={"en": "North is bound to protect convoys"})
    approve(register["convoys"])
    (row, _first) = history(CONVOYS)["results"]
    assert [told(change) for change in row["changes"]] == [
        (
            "citations.translation.en",
            [{"ref": "gazette-2030-05-04.quote-1", "part": "undertaking"}],
            "changed",
            "North is committed to protecting convoys",
            "North is bound to protect convoys",
        )
    ]
    (row, _first) = history(BOTH)["results"]
    assert (row["class"], len(row["changes"])) == ("housekeeping", 1)


@pytest.mark.no_cover
def test_a_renamed_party_is_told_wherever_it_stands(history, register):
    edit(register["south"], name={"en": "The South", "ar": "الجنوب"})
    approve(register["south"])
    (row, _first) = history(BOTH)["results"]
    assert [told(change) for change in row["changes"]] == [
        ("parties.name.en", [{"ref": "south", "role": "obligor"}], "changed", "South", "The South"),
        (
            "assessments.evidence.claimant.name.en",
            [{"ref": f"{BOTH}.assessment-2"}, {"ref": "gazette-2030-05-04.quote-3", "part": "evidence"}],
            "changed",
            "South",
            "The South",
        ),
        (
            "assessments.evidence.speaker.name.en",
            [{"ref": f"{BOTH}.assessment-2"}, {"ref": "gazette-2030-05-04.quote-3", "part": "evidence"}],
            "changed",
            "South",
            "The South",
        ),
    ]
    assert row["changes"][1]["label"] == {
        "en": "Assessments – Evidence – Who says so – Name – English",
        "ar": "التقييمات – الأدلة – صاحب القول – الاسم – الإنجليزية",
    }


def test_another_statement_is_one_change_and_not_one_for_each_of_its_members(history, register):
    edit(register["border"], statement=register["second"])
    approve(register["border"])
    (row, _first) = history(BORDER)["results"]
    (change,) = row["changes"]
    assert (change["field"], change["change"]) == ("statement", "changed")
    assert (change["before"]["ref"], change["after"]["ref"]) == ("talks-2030-05-04", "talks-2030-11-10")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a", "ب"]),
    lambda inner: st.dictionaries(st.sampled_from(["en", "text", "name"]), inner, max_size=3)
    | st.lists(st.builds(lambda ref, value: {"ref": ref, "name": value}, st.sampled_from("abc"), inner),
               max_size=3, unique_by=lambda item: item["ref"]),
    max_leaves=12,
)  # fmt: skip
CONTENT = st.dictionaries(st.sampled_from(["title", "topics", "citations", "test", "parties"]), JSON)


@pytest.mark.no_cover
@given(CONTENT, CONTENT)
def test_the_changes_made_to_the_version_before_give_the_version_after(before, after):
    found = list(differences.differences(before, after))
    assert applied(before, found) == unordered(after)
    again = [told(change) for change in differences.differences(after, before)]
    assert sorted(map(repr, again)) == sorted(repr(reverse(change)) for change in found)


OPPOSITE = {"added": "removed", "removed": "added", "changed": "changed"}


def reverse(change: dict) -> tuple:
    return change["field"], change["items"], OPPOSITE[change["change"]], change["after"], change["before"]


class Listed(dict):
    """A list as a dict by reference: its order means nothing."""


def unordered(value):
    if isinstance(value, list):
        return Listed((item["ref"], unordered(item)) for item in value)
    return {name: unordered(inner) for name, inner in value.items()} if isinstance(value, dict) else value


def applied(before: dict, changes: list[dict]) -> dict:
    """The version before with the changes made to it."""
    made = unordered(before)
    for change in changes:
        where, names, refs = made, change["field"].split("."), [item["ref"] for item in change["items"]]
        while len(names) + len(refs) > 1:
            where = where[refs.pop(0) if isinstance(where, Listed) else names.pop(0)]
        where[(refs or names)[0]] = unordered(change["after"])
        if change["change"] == "removed":
            del where[(refs or names)[0]]
    return made


def test_every_member_that_can_differ_has_a_label_in_both_languages(register):
    def members(schema: dict):
        if "$ref" in schema:
            schema = shapes.SCHEMAS[schema["$ref"].rpartition("/")[2]]
        for each in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
            yield from members(each)
        for name, inner in schema.get("properties", {}).items():
            yield name
            yield from members(inner)

    public = models.Publication.objects.get(kind="commitment", record=BOTH)
    content = {*public.body_json, *public.detail_json}
    assert content - set(differences.SHOWN) == {"quotes"}
    shape = shapes.COMMITMENT | shapes.DETAIL
    assert set(differences.LABELS) >= {*content, *(each for name in content for each in members(shape[name]))} - {
        "quotes"
    }
    for english, arabic in differences.LABELS.values():
        assert re.fullmatch(r"[A-Z][A-Za-z0-9 -]+", english)
        assert re.fullmatch(r"[\u0621-\u0652 ]+", arabic)


# Pages, refusals, what is read


@pytest.mark.no_cover
def test_pages_are_read_on_from_the_newest_to_the_first(history, client, register):
    for number in range(4):
        edit(register["convoys"], title={"en": f"North guards convoys, as reading {number} has it"})
        approve(register["convoys"])
    whole = history(CONVOYS)["results"]
    page, walked = history(CONVOYS, "?page_size=2"), []
    while page:
        walked.append([row["version"] for row in page["results"]])
        assert (page["count"], page["previous"]) == (walked[-1][0], None)
        assert page["results"] == [row for row in whole if row["version"] in walked[-1]]
        page = client.get(page["next"]).json() if page["next"] else None
    assert walked == [[5, 4], [3, 2], [1]]
    assert history(CONVOYS, "?page_size=2")["next"] == f"http://testserver{API}{CONVOYS}/history/?page_size=2&before=4"
    assert history(CONVOYS, "?before=0")["results"] == []


def test_the_history_as_it_was_known(history, client, register):
    edit(register["convoys"], strength="agrees")
    approve(register["convoys"])
    assert [row["version"] for row in history(CONVOYS, f"?known_at={at(CONVOYS, 1)}")["results"]] == [1]
    assert [row["version"] for row in history(CONVOYS, f"?known_at={at(CONVOYS, 2)}")["results"]] == [2, 1]
    problem(client.get(f"{API}{CONVOYS}/history/?known_at=2020-01-01"), 404)


def test_a_draft_cant_be_told_from_what_does_not_exist(client, register):
    answers = [problem(client.get(f"{API}{ref}/history/"), 404) for ref in (DRAFT, "talks-2030-11-10-99", "north")]
    assert (
        len({tuple(sorted({name: each[name] for name in each if name != "request_id"}.items())) for each in answers})
        == 1
    )


@pytest.mark.parametrize(
    "query", ["cursor=x", "before=-1", "before=1.5", "before=", "page_size=0", "as_of=2030-01-01", "fields=at"]
)
def test_what_it_does_not_take_is_refused(client, register, query):
    problem(client.get(f"{API}{CONVOYS}/history/?{query}"), 400)


def test_it_reads_publications_and_their_entries_alone_in_few_queries(client, register):
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"{API}{CONVOYS}/history/?known_at=2099-01-01")
    assert len(queries) == 6
    tables = {table for query in queries for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])}
    assert tables == {"commitments_publication", "ledger_entry"}
    assert CANARY not in answer.content.decode()


def test_an_unchanged_history_comes_as_304_and_head_has_no_body(client, register):
    first = client.get(f"{API}{CONVOYS}/history/")
    again = client.get(f"{API}{CONVOYS}/history/", HTTP_IF_NONE_MATCH=first["ETag"])
    head = client.head(f"{API}{CONVOYS}/history/")
    assert (again.status_code, head.status_code, head.content, head["ETag"]) == (304, 200, b"", first["ETag"])


def test_what_is_on_the_desk_alone_shows_nowhere(client, register):
    edit(register["convoys"], title={"en": CANARY}, note=CANARY)
    for ref in (CONVOYS, BORDER, BOTH, RETRACTED):
        assert CANARY not in client.get(f"{API}{ref}/history/").content.decode()
