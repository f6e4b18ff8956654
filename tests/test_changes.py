"""The feed of public changes: each version once, in ledger order, while others write; what counts as a correction."""

import concurrent.futures
import json
import re
import threading

import jsonschema
import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commitments import actions, models, withholding
from commitments.api import renderers, shapes, views
from commitments.api.schema import document
from commitments.ledger import Entry, act
from tests import api_register, builders
from tests.api_register import BOTH, CANARY, CONVOYS, RETRACTED, problem

pytestmark = pytest.mark.no_cover

FEED = "/api/v1/changes/"


@pytest.fixture(scope="module")
def built(module_database):
    return api_register.build()


@pytest.fixture
def register(built, db):
    """The register of api_register; what a test adds is undone."""
    return built


@pytest.fixture
def feed(client, register):
    """The answer of the feed, held against its component."""

    def ask(query: str = "") -> dict:
        response = client.get(f"{FEED}{query}")
        assert response.status_code == 200, response.content.decode()
        found = response.json()
        whole = {"$ref": "#/components/schemas/ChangeList", "components": document()["components"]}
        jsonschema.Draft202012Validator(whole).validate(found)
        assert all(set(row) == set(shapes.HISTORY["Change"]["properties"]) for row in found["results"])
        return found

    return ask


def edit(record, **values):
    """A change on the desk."""
    with act(actor="author", reason="a change"):
        type(record).objects.filter(pk=record.pk).update(**values)


def approve(*records, reason="checked", **more):
    return actions.publish(records, **{"by": "approver", "reason": reason} | more)


def seqs(answer: dict) -> list[int]:
    return [row["seq"] for row in answer["results"]]


def public() -> list[int]:
    """The ledger numbers of every public version."""
    return list(models.Publication.objects.order_by("from_seq").values_list("from_seq", flat=True))


# What one change says


def test_a_change_holds_the_version_and_its_ledger_entry(feed):
    version = models.Publication.objects.get(kind="topic", record="security")
    entry = Entry.objects.get(seq=version.from_seq)
    found = next(row for row in feed("?kind=topic")["results"] if row["ref"] == "security")
    assert found == {
        "seq": entry.seq,
        "at": renderers.instant(entry.at),
        "actor": "approver",
        "reason": "checked against the source",
        "class": "content",
        "emergency": False,
        "version": 1,
        "tombstone": False,
        "kind": "topic",
        "ref": "security",
        "url": "http://testserver/api/v1/topics/security/",
        "leaf": entry.leaf,
        "chain": entry.chain,
        "content": {"name": {"en": "Security", "ar": "الأمن"}, "definition": {}},
    }


def test_the_content_is_what_the_records_own_address_gives_but_for_what_depends_on_the_day(feed, client):
    daily = ("parties", "due", "schedule", "status", "status_as_of", "contested", "second_hand")
    added = {
        "commitment": (*daily, "incoming_relations"),
        **dict.fromkeys(("assessment", "relation"), ("commitment_link",)),
    }
    compared = set()
    for row in feed("?page_size=200")["results"]:
        if row["kind"] != "deadline" and row["class"] != "retraction" and row["ref"] != RETRACTED:
            answer, content = client.get(row["url"]).json(), dict(row["content"])
            for name in ("ref", "url", *added.get(row["kind"], ())):
                answer.pop(name)
                content.pop(name, None)
            assert content == answer, row["ref"]
            compared.add(row["kind"])
        elif row["kind"] == "deadline":
            assert row["url"] is None
    assert compared == {*shapes.PARTS["RecordKind"]["enum"]} - {"deadline"}


def test_the_kinds_are_those_of_the_records_and_have_the_addresses_of_their_lists():
    assert shapes.PARTS["RecordKind"]["enum"] == [model._meta.model_name for model in models.RECORDS]
    assert set(shapes.PARTS["RecordKind"]["enum"]) - set(views.ROUTES) == {"deadline"}


def test_a_retraction_comes_last_with_its_reason_and_without_content(feed, client):
    row = feed("?class=retraction&kind=commitment")["results"][-1]
    assert {name: row[name] for name in ("ref", "version", "tombstone", "reason", "content")} == {
        "ref": RETRACTED,
        "version": 2,
        "tombstone": True,
        "reason": "It repeated another one.",
        "content": None,
    }
    assert client.get(row["url"]).status_code == 410


# Reading on


def test_page_by_page_from_0_gives_every_version_once_in_ledger_order(feed):
    for size in (1, 7, 200):
        walked, page = [], feed(f"?after=0&page_size={size}")
        assert page["count"] == len(public())
        while True:
            walked += seqs(page)
            if not page["next"]:
                break
            assert page["next"] == f"http://testserver{FEED}?after={walked[-1]}&page_size={size}"
            page = feed(page["next"].partition(FEED)[2])
        assert walked == public()


def test_after_the_last_one_there_is_nothing_until_something_is_published(feed):
    last = public()[-1]
    nothing = {"count": 0, "next": None, "previous": None, "results": []}
    assert feed(f"?after={last}") == feed("?after=999999999999999999") == nothing
    with act(actor="author", reason="more"):
        energy = builders.topic("energy")
    assert feed(f"?after={last}") == nothing
    approve(energy)
    (row,) = feed(f"?after={last}")["results"]
    assert (row["kind"], row["ref"]) == ("topic", "energy")


def test_classes_and_kinds_are_picked(feed, register):
    edit(register["north"], name={"en": "Upper North"})
    last = public()[-1]
    approve(register["north"])

    def picked(query: str) -> list[tuple[str, str]]:
        return [(row["class"], row["kind"]) for row in feed(f"?after={last}{query}")["results"]]

    ripple = [("housekeeping", kind) for kind in ("party", "statement", "statement", "assessment", *["commitment"] * 3)]
    assert picked("") == [("correction", "party"), *ripple]
    assert picked("&class=housekeeping") == ripple
    assert picked("&class=correction,retraction") == [("correction", "party")]
    assert picked("&kind=party,assessment&class=housekeeping,correction") == [
        ("correction", "party"), ("housekeeping", "party"), ("housekeeping", "assessment")
    ]  # fmt: skip
    page = feed("?kind=party&class=content&page_size=2")
    assert (page["count"], len(page["results"])) == (3, 2)
    assert page["next"].partition("?")[2] == f"kind=party&class=content&page_size=2&after={seqs(page)[-1]}"


def test_a_page_ends_early_rather_than_grow_large_but_never_empty(feed, client, register, monkeypatch):
    whole = seqs(feed("?page_size=200"))
    monkeypatch.setattr(renderers, "FULL", 20_000)
    walked, url = [], f"{FEED}?page_size=200"
    while url:
        answer = client.get(url)
        page = answer.json()
        assert len(answer.content) < 21_000
        walked, url = walked + seqs(page), page["next"]
    assert walked == whole
    monkeypatch.setattr(renderers, "FULL", 1)
    assert [len(feed(f"?after={seq - 1}")["results"]) for seq in whole] == [1] * len(whole)


@pytest.mark.prove
def test_no_page_of_large_records_passes_512_kib(client, register):
    with act(actor="author", reason="long definitions"):
        long = [builders.topic(f"topic-{n}", definition={"ar": "تعريف طويل " * 5_000}) for n in range(12)]
    approve(*long)
    sizes, url = [], f"{FEED}?page_size=200"
    while url:
        answer = client.get(url)
        sizes, url = [*sizes, len(answer.content)], answer.json()["next"]
    assert len(sizes) > 1
    assert max(sizes) <= 512 * 1024


def write(writer: int, acts: int) -> None:
    """One pair of curators: topics drafted by one, approved by the other; every third time it is given up first."""

    def draft_and_approve(number: int) -> None:
        with act(actor=f"author-{writer}", reason="draft"):
            made = builders.topic(f"topic-{writer}-{number}")
        actions.publish([made], by=f"approver-{writer}", reason="checked")

    try:
        for number in range(acts):
            if number % 3 == 0:
                with builders.undone():
                    draft_and_approve(number)
            draft_and_approve(number)
    finally:
        connections.close_all()


def follow(done: threading.Event, page_size: int) -> list[int]:
    """What a mirror sees that reads on from 0 and is done only when nothing more comes after all writers are."""
    client, seen, after = Client(), [], 0
    try:
        while True:
            over = done.is_set()
            page = client.get(FEED, {"after": after, "page_size": page_size}).json()
            assert page["count"] >= len(page["results"])
            seen += seqs(page)
            after = seen[-1] if seen else 0
            if over and not page["results"]:
                return seen
    finally:
        connections.close_all()


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("writers", "acts"), [(3, 6), pytest.param(8, 20, marks=pytest.mark.prove)], ids=["a-few", "many"]
)
def test_mirrors_see_every_version_once_and_in_order_while_others_write(fresh_database, writers, acts):
    connections.close_all()
    done = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(writers + 2) as pool:
        mirrors = [pool.submit(follow, done, size) for size in (3, 50)]
        try:
            list(pool.map(write, range(writers), [acts] * writers))
        finally:
            done.set()
        seen = [mirror.result() for mirror in mirrors]
    assert len(public()) == writers * acts
    assert seen == [public(), public()]


# Strictness, caching, cost


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("after=-1", "after", "malformed"),
        ("after=1.0", "after", "malformed"),
        ("after=٣", "after", "malformed"),
        ("after=01", "after", "malformed"),
        ("after=1000000000000000000", "after", "malformed"),
        ("after=1&after=2", "after", "repeated"),
        ("page_size=201", "page_size", "not_allowed"),
        ("class=corrections", "class", "not_allowed"),
        ("kind=topics", "kind", "not_allowed"),
        ("kind=publication", "kind", "not_allowed"),
        ("known_at=2030-01-01", "known_at", "unknown"),
        ("cursor=x", "cursor", "unknown"),
    ],
)
@pytest.mark.no_cover
def test_a_parameter_at_fault_is_named(client, register, query, parameter, code):
    (fault,) = problem(client.get(f"{FEED}?{query}"), 400)["errors"]
    assert (fault["parameter"], fault["code"]) == (parameter, code)


def test_an_unchanged_feed_comes_as_304_until_the_ledger_grows_and_head_has_no_body(client, register):
    first = client.get(FEED)
    assert first["Cache-Control"] == "public, max-age=0, s-maxage=60"
    assert client.get(FEED, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    assert client.get(f"{FEED}?after=1", HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200
    head = client.head(FEED)
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", first["ETag"])
    edit(register["north"], name={"en": "Upper North"})
    approve(register["north"])
    assert client.get(FEED, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200
    problem(client.post(FEED), 405)
    problem(client.get(FEED, HTTP_ACCEPT="text/csv"), 406)


def test_it_reads_publications_and_their_entries_alone_in_few_queries(client, register):
    with CaptureQueriesContext(connection) as queries:
        client.get(f"{FEED}?after=3&class=content&kind=topic,quote,commitment&page_size=5")
    assert len(queries) == 4
    tables = {table for query in queries for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])}
    assert tables == {"commitments_publication", "ledger_entry"}


def test_drafts_private_notes_and_texts_are_in_no_page(client, register):
    edit(register["convoys"], title={"en": CANARY}, note=CANARY)
    content = client.get(f"{FEED}?page_size=200").content.decode()
    assert CANARY not in content
    assert json.dumps(api_register.TEXT, ensure_ascii=False)[1:-1] not in content
    entries = Entry.objects.exclude(table=models.Publication._meta.db_table).values_list("leaf", flat=True)
    assert not [leaf for leaf in entries if leaf in content]


@pytest.mark.no_cover
def test_what_was_withheld_on_legal_demand_keeps_its_place_without_words(client, published_database):
    made = published_database
    for title in ("North guards somebody's convoys", "North guards convoys"):
        edit(made["commitment"], title={"en": title})
        approve(made["commitment"])
    withholding.withhold("somebody's convoys", by="approver", reason="a court asked for it")
    rows = client.get(f"{FEED}?kind=commitment").json()["results"]
    assert [(row["version"], row["actor"], row["tombstone"], row["reason"], bool(row["content"])) for row in rows] == [
        (1, "approver", False, "checked against the source", True),
        (2, None, True, "a court asked for it", False),
        (3, "approver", False, "checked", True),
    ]
    history = client.get(f"/api/v1/commitments/{CONVOYS}/history/")
    assert [(row["version"], row["actor"], row["tombstone"], row["changes"]) for row in history.json()["results"]] == [
        (3, "approver", False, []),
        (2, None, True, []),
        (1, "approver", False, []),
    ]
    assert "somebody" not in client.get(FEED).content.decode() + history.content.decode()


# Corrections


def classes(published) -> dict[str, str]:
    return {version.ref: version.publication_class for version in published}


def test_what_says_otherwise_than_its_last_version_is_a_correction(register):
    edit(register["convoys"], title={"en": "North guards convoys"})
    edit(register["undertaken"], translation={"en": "North is bound to protect convoys"})
    assert classes(approve(register["convoys"])) == {
        "quote.gazette-2030-05-04.quote-1.2": "correction",
        f"commitment.{CONVOYS}.2": "correction",
        f"relation.{BOTH}.relation-1.2": "housekeeping",
        f"commitment.{BOTH}.2": "housekeeping",
    }


def test_it_is_content_where_the_approver_says_that_more_is_known(register):
    with act(actor="author", reason="another report"):
        models.Citation.objects.create(quote=register["opened"], commitment=register["convoys"], part="chapeau")
    assert classes(approve(register["convoys"], more_known=True)) == {f"commitment.{CONVOYS}.2": "content"}


def test_an_assessment_that_corrects_another_is_a_correction_whatever_the_approver_says(register):
    with act(actor="author", reason="misread"):
        right = builders.assessment(
            register["both"], "fulfilled", [register["reported"]], effective="2030-12-15", corrects=register["assessed"]
        )
    expected = {f"assessment.{BOTH}.assessment-3.1": "correction", f"commitment.{BOTH}.2": "housekeeping"}
    assert classes(approve(right, more_known=True)) == expected


def test_a_new_assessment_approved_with_its_unchanged_commitment_corrects_nothing(register):
    with act(actor="author", reason="what became of it"):
        judged = builders.assessment(register["convoys"], "fulfilled", [register["reported"]], effective="2031-02-01")
    assert classes(approve(register["convoys"], judged)) == {
        f"assessment.{CONVOYS}.assessment-1.1": "content",
        f"commitment.{CONVOYS}.2": "content",
    }


def test_a_commitment_approved_with_the_renamed_party_that_it_shows_corrects_nothing_itself(register):
    edit(register["south"], name={"en": "The South"})
    found = classes(approve(register["south"], register["convoys"]))
    assert (found["party.south.2"], found[f"commitment.{CONVOYS}.2"]) == ("correction", "content")


def test_approving_an_emergency_corrects_nothing_again(register):
    edit(register["convoys"], strength="agrees")
    assert classes(approve(register["convoys"], by="author", emergency=True))[f"commitment.{CONVOYS}.2"] == "correction"
    assert classes(approve(register["convoys"])) == {f"commitment.{CONVOYS}.3": "content"}


@pytest.mark.no_cover
def test_corrections_are_marked_in_the_feed_and_pass_every_check_of_the_shelf(feed, register):
    last = public()[-1]
    edit(register["north"], iso3166="XN")
    approve(register["north"], reason="the code was another's")
    (row,) = feed(f"?after={last}&class=correction")["results"]
    assert (row["ref"], row["version"], row["reason"]) == ("north", 2, "the code was another's")
    assert actions.stale() == []


@pytest.mark.parametrize("name", [name for name, schema in shapes.SCHEMAS.items() if "examples" in schema])
def test_an_example_is_as_its_component_says(name):
    whole = {"$ref": f"#/components/schemas/{name}", "components": document()["components"]}
    for example in shapes.SCHEMAS[name]["examples"]:
        jsonschema.Draft202012Validator(whole).validate(example)
        assert set(example) == set(shapes.SCHEMAS[name]["properties"])
