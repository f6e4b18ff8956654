"""The API's answers: what each route shows, filters, sorts and pages, from the shelf alone."""

import datetime
import json
import pathlib
import re

import django_filters
import orjson
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern
from rest_framework.views import APIView

from commitments import actions, codebook, models
from commitments.api import pages, shapes, urls, versions, views
from commitments.ledger import Entry, act
from tests import api_register, builders
from tests.api_register import BORDER, BOTH, CANARY, CONVOYS, DRAFT, NOW, RETRACTED
from tests.shown import held

pytestmark = pytest.mark.django_db

API = "/api/v1/"
COUNTS = pathlib.Path(__file__).with_name("query_counts.txt")
ROUTES = [
    "commitments/",
    "commitments/?obligor=north,south&status=fulfilled,in_progress&topic=security&statement=talks-2030-11-10&lang=ar"
    "&party=south&beneficiary=south&process=talks&document=gazette-2030-05-04&strength=intends&due_after=2030-01-01"
    "&due_before=2032-01-01&contested=true&as_of=2031-06-01&known_at=2099-01-01&ordering=-due&fields=title&page_size=1",
    f"commitments/{CONVOYS}/",
    f"commitments/{RETRACTED}/",
    f"commitments/{DRAFT}/",
    "statements/",
    "statements/talks-2030-05-04/",
    "processes/",
    "processes/talks/",
    "documents/",
    "documents/gazette-2030-05-04/",
    "parties/",
    "parties/north/",
    "topics/",
    "topics/security/",
    "assessments/",
    f"assessments/{BOTH}.assessment-1/",
    "quotes/",
    "quotes/gazette-2030-05-04.quote-1/",
    f"relations/?target={CONVOYS}",
    "relations/",
    f"relations/{BOTH}.relation-1/",
    "vocabularies/",
    "vocabularies/status/",
]
HISTORY_ROUTES = [f"commitments/{ref}/history/" for ref in (CONVOYS, RETRACTED, DRAFT)] + [
    "changes/",
    "changes/?after=3&class=content,retraction&kind=topic,commitment&page_size=5",
]
QUESTION_ROUTES = [
    "commitments/facets/",
    "commitments/facets/?obligor=north,south&status=fulfilled,in_progress&schedule=no_deadline&party=south&topic=security"
    "&statement=talks-2030-11-10&strength=intends&as_of=2031-06-01&known_at=2099-01-01&scorecard=north",
    "commitments/?scorecard=north&obligor=north&known_at=2099-01-01",
    f"commitments/?thread={CONVOYS}&known_at=2099-01-01",
    "parties/north/scorecard/?as_of=2031-06-01&known_at=2099-01-01",
    "parties/nobody/scorecard/",
    f"commitments/{CONVOYS}/thread/?as_of=2031-06-01&known_at=2099-01-01&lang=ar",
    "commitments/?q=convoys&scorecard=north&obligor=north&known_at=2099-01-01&lang=ar&ordering=relevance",
    f"commitments/{CONVOYS}/thread/?page_size=1",
    f"commitments/{RETRACTED}/thread/",
    f"commitments/{DRAFT}/thread/?known_at=2099-01-01",
    "timeline/",
    "timeline/?after=2030-01-01&before=2032-01-01&kind=assessment,statement&party=north&topic=security&process=talks"
    "&statement=talks-2030-11-10&commitment=talks-2030-11-10-01&known_at=2099-01-01&ordering=-day&lang=en&page_size=2",
]
FORMAT_ROUTES = [
    "/api/v1/commitments.csv",
    "/api/v1/commitments.jsonl?q=convoys&obligor=north&known_at=2099-01-01&lang=ar&ordering=relevance",
    f"/api/v1/commitments/{CONVOYS}.jsonld",
    f"/api/v1/commitments/{RETRACTED}.jsonld",
    "/feeds/commitments.atom",
    "/feeds/commitments.atom?q=convoys&obligor=north&known_at=2099-01-01&lang=ar&before=1000000",
]
COPY_ROUTES = [
    *(f"commitments/{ref}/parallels/" for ref in (CONVOYS, RETRACTED, DRAFT)),
    "releases/",
    "releases/release-1/",
    "releases/release-2/",
]
OTHER_ROUTES = ["/", "/livez", "/readyz", "/licence/", "/licence/data/", "/api/v1/", "/api/schema/", "/api/docs/"]


@pytest.fixture
def get(client, register):
    """A GET below /api/v1/ that must succeed; its JSON."""

    def get(path: str) -> dict:
        response = client.get(path if path.startswith("http") else API + path)
        assert response.status_code == 200, response.content.decode()
        return response.json()

    return get


def refs(answer: dict) -> list[str]:
    return [each["ref"] for each in answer["results"]]


# Shapes


def test_a_commitment_in_a_list(get):
    quote = {
        "ref": "gazette-2030-05-04.quote-1",
        "exact": "الشمال ملتزمة بحماية القوافل",
        "language": "ar",
        "dir": "rtl",
        "translation": {"en": "North is committed to protecting convoys"},
        "voice": "statement_reported",
        "speaker": None,
        "part": "undertaking",
        "document": {"ref": "gazette-2030-05-04", "publisher": "The Gazette", "sha256": document_sha256()},
        "start": 38,
        "end": 66,
        "prefix": api_register.TEXT[6:38],
        "suffix": api_register.TEXT[66:98],
        "verification": {
            "level": "exact",
            "checked_at": "2030-06-01T12:00:00Z",
            "sha256": document_sha256(),
            "waiver": None,
        },
    }
    assert get("commitments/?statement=talks-2030-05-04&party=north&obligor=north") == {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [
            {
                "ref": CONVOYS,
                "url": f"http://testserver/api/v1/commitments/{CONVOYS}/",
                "title": {"en": "North protects convoys", "ar": "الشمال تحمي القوافل"},
                "strength": "commits",
                "statement": {
                    "ref": "talks-2030-05-04",
                    "title": {"en": "Joint statement of North and South", "ar": "بيان مشترك"},
                    "issued": {
                        "text": "4 May 2030",
                        "edtf": "2030-05-04",
                        "earliest": "2030-05-04",
                        "latest": "2030-05-04",
                    },
                },
                "parties": [
                    {"ref": "north", "name": {"en": "North", "ar": "الشمال"}, "role": "obligor", "status": None},
                    {"ref": "south", "name": {"en": "South", "ar": "الجنوب"}, "role": "beneficiary"},
                ],
                "topics": ["security"],
                "due": {
                    "ref": f"{CONVOYS}.deadline-1",
                    "sense": "due",
                    "kind": "date",
                    "text": "حتى 1 آذار 2031",
                    "edtf": "2031-03-01",
                    "earliest": None,
                    "latest": "2031-03-01",
                },
                "schedule": "overdue",
                "status": "not_assessed",
                "status_as_of": None,
                "contested": False,
                "second_hand": True,
                "quotes": [quote],
            }
        ],
    }


def document_sha256() -> str:
    return models.Publication.objects.get(kind="document").body_json["sha256"]


def test_details_add_what_belongs_to_a_commitment_to_what_its_list_shows(get):
    listed = get("commitments/?obligor=south&ordering=-ref")["results"][0]
    detail = get(f"commitments/{BOTH}/")
    assert listed == {name: detail[name] for name in listed}
    assert set(detail) - set(listed) == {
        *("condition", "test", "citations", "deadlines", "relations", "incoming_relations", "assessments"),
    }
    assert [(each["status"], each["obligor"] and each["obligor"]["ref"]) for each in detail["assessments"]] == [
        ("in_progress", None),
        ("fulfilled", "north"),
    ]
    assert [party["status"] for party in detail["parties"]] == ["fulfilled", None]
    assert (detail["status"], detail["status_as_of"], detail["contested"]) == ("in_progress", "2030-12-15", True)
    assert [each["target"] and each["target"]["ref"] for each in detail["relations"]] == [CONVOYS, None]


@pytest.mark.no_cover
@pytest.mark.parametrize("name", sorted(set(views.ROUTES.values()) - {"commitments"}))
def test_a_list_shows_each_record_as_its_own_address_does(get, client, name):
    answer = get(f"{name}/")
    assert answer["count"] == len(answer["results"]) > 0
    for record in answer["results"]:
        assert record["url"] == f"http://testserver{API}{name}/{record['ref']}/"
        assert client.get(record["url"]).json() == record


def compare(value, schema: dict, where: str) -> None:
    while "$ref" in schema:
        schema = shapes.SCHEMAS[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        schema = next(each for each in schema["anyOf"] if (each.get("type") == "null") == (value is None))
        return compare(value, schema, where)
    kinds = {"string": str, "object": dict, "array": list, "boolean": bool, "integer": int, "number": float}
    kinds["null"] = type(None)
    kind = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert type(value) in {kinds[each] for each in kind}, (where, value)
    if "enum" in schema:
        assert value in schema["enum"], (where, value)
    if "pattern" in schema and value is not None:
        assert re.search(schema["pattern"], value), (where, value)
    if isinstance(value, dict) and "properties" in schema:
        assert set(schema["required"]) <= set(value) <= set(schema["properties"]), (where, sorted(value))
        for member, inner in value.items():
            compare(inner, schema["properties"][member], f"{where}.{member}")
    elif isinstance(value, dict):
        for member, inner in value.items():
            compare(inner, schema["additionalProperties"], f"{where}.{member}")
    elif isinstance(value, list):
        for inner in value:
            compare(inner, schema["items"], where)
    return None


def test_a_commitment_is_put_together_without_parsing_as_if_it_had_been_parsed(get):
    for publication in models.Publication.objects.known_at(None).standing().of("commitment"):
        standing = publication.index.standings.as_of(NOW.date()).get(party="")
        expected = {"ref": publication.record, "url": f"http://testserver{API}commitments/{publication.record}/"}
        unjudged = [
            party | ({"status": None} if party["role"] == "obligor" else {})
            for party in publication.body_json["parties"]
        ]
        expected |= (
            publication.body_json
            | {"parties": unjudged}
            | json.loads(standing.body)
            | publication.detail_json
            | {"second_hand": True}
        )
        found = get(f"commitments/{publication.record}/")
        assert found == expected | {"incoming_relations": found["incoming_relations"]}


def test_no_member_is_there_twice(client, register):
    def once(pairs):
        assert len({name for name, _value in pairs}) == len(pairs), pairs
        return dict(pairs)

    for path in ("commitments/?lang=en", f"commitments/{BOTH}/?lang=ar"):
        json.loads(client.get(API + path).content, object_pairs_hook=once)


def test_quotes_keep_their_characters_unescaped(client, register):
    assert "الشمال ملتزمة بحماية القوافل" in client.get(API + "quotes/").content.decode()


def test_the_codebook_is_served_whole(get):
    answer = get("vocabularies/")
    book = codebook.read()
    assert (answer["version"], answer["issued"], answer["count"]) == (
        "1.0",
        book["issued"].isoformat(),
        len(book["vocabularies"]),
    )
    assert {
        each["ref"]: {name: each[name] for name in ("label", "definition", "codes")} for each in answer["results"]
    } == {name: orjson.loads(orjson.dumps(vocabulary)) for name, vocabulary in book["vocabularies"].items()}
    assert get("vocabularies/strength/") == next(each for each in answer["results"] if each["ref"] == "strength")


def test_the_index_leads_to_every_list(get, client):
    addresses = get("")
    assert list(addresses) == list(views.RESOURCES)
    assert {client.get(address).status_code for address in addresses.values()} == {200}


# Filters


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [CONVOYS, BORDER, BOTH]),
        ("party=south", [CONVOYS, BORDER, BOTH]),
        ("obligor=north", [CONVOYS, BOTH]),
        ("obligor=north,south", [CONVOYS, BORDER, BOTH]),
        ("beneficiary=north", [BORDER]),
        ("party=north&beneficiary=south", [CONVOYS]),
        ("status=in_progress", [BOTH]),
        ("status=fulfilled", []),
        ("status=stalled,in_progress", [BORDER, BOTH]),
        ("obligor=north&status=fulfilled", [BOTH]),
        ("obligor=north&status=in_progress", []),
        ("obligor=south&status=in_progress", [BOTH]),
        ("obligor=north,south&status=fulfilled,stalled", [BORDER, BOTH]),
        ("obligor=north&status=not_assessed&schedule=overdue", [CONVOYS]),
        ("schedule=no_deadline", [BOTH]),
        ("schedule=overdue,no_deadline", [CONVOYS, BORDER, BOTH]),
        ("topic=security", [CONVOYS, BOTH]),
        ("topic=security,diplomatic-relations", [CONVOYS, BORDER, BOTH]),
        ("statement=talks-2030-11-10", [BOTH]),
        ("process=talks", [CONVOYS, BORDER, BOTH]),
        ("document=gazette-2030-05-04", [CONVOYS, BORDER, BOTH]),
        ("strength=commits,intends", [CONVOYS, BOTH]),
        ("due_before=2031-03-01", [CONVOYS, BORDER]),
        ("due_before=2031-02-28", [BORDER]),
        ("due_after=2031-03-01", [CONVOYS]),
        ("due_after=2031-03-02", []),
        ("contested=true", [BOTH]),
        ("contested=false", [CONVOYS, BORDER]),
        ("as_of=2030-12-31&status=in_progress&contested=false", [BOTH]),
        ("as_of=2031-03-01&schedule=overdue", [BORDER]),
        ("as_of=2031-03-02&schedule=overdue", [CONVOYS, BORDER]),
        ("as_of=9999-12-31", [CONVOYS, BORDER, BOTH]),
        ("as_of=0001-01-01&status=not_assessed", [CONVOYS, BORDER, BOTH]),
        ("known_at=2020-01-01", []),
        ("known_at=2999-01-01T00:00:00.123456%2B23:59", [CONVOYS, BORDER, BOTH]),
        ("known_at=0001-01-01T00:00:00%2B01:00", []),
        ("known_at=9999-12-31T23:59:59-18:48", [CONVOYS, BORDER, BOTH]),
        ("party=nobody-at-all", []),
        (f"statement={DRAFT}", []),
    ],
)
def test_commitments_filtered(get, query, expected):
    answer = get(f"commitments/?{query}")
    assert (refs(answer), answer["count"]) == (expected, len(expected))


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("statements/?process=talks&kind=joint_statement&issuer=north", ["talks-2030-05-04", "talks-2030-11-10"]),
        ("statements/?issued_after=2030-05-04&issued_before=2030-05-04", ["talks-2030-05-04"]),
        ("statements/?issued_after=2030-11-02", []),
        ("statements/?issued_after=2030-11-01&issued_before=2030-11-30", ["talks-2030-11-10"]),
        ("statements/?issued_before=2030-11-29", ["talks-2030-05-04"]),
        ("statements/?ordering=-issued", ["talks-2030-11-10", "talks-2030-05-04"]),
        ("documents/?kind=official_text", []),
        ("documents/?kind=news_report&published_after=2030-05-04", ["gazette-2030-05-04"]),
        ("parties/?kind=state", ["north", "south"]),
        ("parties/?member=north", ["union"]),
        (f"assessments/?commitment={BOTH}&status=fulfilled", [f"{BOTH}.assessment-2"]),
        ("assessments/?obligor=north", [f"{BOTH}.assessment-2"]),
        ("assessments/?ordering=-counts_from&document=gazette-2030-05-04",
         [f"{BOTH}.assessment-2", f"{BOTH}.assessment-1", f"{BORDER}.assessment-1"]),
        ("quotes/?speaker=south", ["gazette-2030-05-04.quote-3"]),
        ("quotes/?document=gazette-2030-05-04&voice=narrative", ["gazette-2030-05-04.quote-4"]),
        ("relations/?kind=reaffirms", [f"{BOTH}.relation-1"]),
        (f"relations/?commitment={BOTH}&statement=talks-2030-05-04", [f"{BOTH}.relation-2"]),
        (f"relations/?target={CONVOYS}", [f"{BOTH}.relation-1"]),
        (f"relations/?target={BORDER},{BOTH},nobody-knows", []),
        ("topics/?ordering=-ref", ["security", "diplomatic-relations"]),
        ("processes/", ["talks"]),
    ],
)  # fmt: skip
def test_other_lists_filtered(get, path, expected):
    assert refs(get(path)) == expected


def test_a_relation_is_seen_from_both_of_its_ends(get, client, register):
    (seen,) = get(f"commitments/{CONVOYS}/")["incoming_relations"]
    assert seen == {
        "ref": f"{BOTH}.relation-1",
        "url": f"http://testserver{API}relations/{BOTH}.relation-1/",
        "commitment": {
            "ref": BOTH,
            "url": f"http://testserver{API}commitments/{BOTH}/",
            "title": {"en": "Both meet every year", "ar": "يجتمعان كل سنة"},
        },
        "kind": "reaffirms",
        "scope": "wider",
        "explanation": {},
    }
    (listed,) = get(f"relations/?target={CONVOYS}")["results"]
    assert listed["commitment_link"] == seen["commitment"]
    assert {name: listed[name] for name in ("ref", "url", "kind", "scope", "explanation")}.items() <= seen.items()
    assert get(f"commitments/{CONVOYS}/?fields=incoming_relations")["incoming_relations"] == [seen]
    assert "incoming_relations" not in get(f"commitments/{CONVOYS}/?fields=title")
    assert get(f"commitments/{BOTH}/")["incoming_relations"] == []
    actions.retract(register["link"], by="approver", reason="It said something else.")
    assert get(f"commitments/{CONVOYS}/")["incoming_relations"] == []


@pytest.mark.parametrize("path", ["assessments/", "relations/"])
def test_what_belongs_to_a_commitment_names_it_by_title_and_address(get, path):
    for each in get(path)["results"]:
        whole = get(each["commitment_link"]["url"])
        assert each["commitment_link"] == {name: whole[name] for name in ("ref", "url", "title")}
        assert each["commitment_link"]["ref"] == each["commitment"]


def test_labels_come_with_a_language(get):
    query = "commitments/?strength=commits&lang="
    assert get(query + "en")["results"][0]["labels"] == {
        "strength": "Commits",
        "status": "Not assessed",
        "schedule": "Overdue",
    }
    labels = get(query + "ar")["results"][0]["labels"]
    assert labels == {name: codebook.label(name, code, "ar") for name, code in
                      {"strength": "commits", "status": "not_assessed", "schedule": "overdue"}.items()}  # fmt: skip
    assert get(f"commitments/{CONVOYS}/?lang=ar")["labels"] == labels
    assert "labels" not in get("commitments/")["results"][0]
    (chosen,) = get("commitments/?strength=commits&fields=status&lang=ar")["results"]
    assert (set(chosen), chosen["labels"]) == ({"ref", "url", "status", "labels"}, labels)
    assert get(f"commitments/{CONVOYS}/?fields=title&lang=ar")["labels"] == labels


def test_fields_leave_the_rest_out(get):
    chosen = get("commitments/?strength=commits&fields=status,title")["results"]
    assert [sorted(each) for each in chosen] == [["ref", "status", "title", "url"]]
    assert sorted(get(f"commitments/{CONVOYS}/?fields=test")) == ["ref", "test", "url"]


# Time


def test_known_at_gives_the_words_and_the_standing_of_then(client, register):
    before = Entry.objects.latest("seq").at.isoformat().replace("+00:00", "Z")
    with act(actor="author", reason="a better title"):
        models.Commitment.objects.filter(ref=CONVOYS).update(title={"en": "North guards convoys"})
        judged = builders.assessment(register["convoys"], "fulfilled", [register["reported"]], effective="2031-02-01")
    actions.publish([register["convoys"], judged], by="approver", reason="checked")
    now = client.get(f"{API}commitments/{CONVOYS}/").json()
    then = client.get(f"{API}commitments/{CONVOYS}/", {"known_at": before}).json()
    assert (now["title"], now["status"], now["schedule"]) == (
        {"en": "North guards convoys"},
        "fulfilled",
        "met_on_time",
    )
    assert (then["title"]["en"], then["status"], then["schedule"]) == (
        "North protects convoys",
        "not_assessed",
        "overdue",
    )
    listed = client.get(f"{API}commitments/", {"known_at": before, "status": "fulfilled"}).json()
    assert listed["results"] == []


def test_a_day_as_known_at_means_its_end(get):
    day = Entry.objects.latest("seq").at.date()
    assert get(f"commitments/?known_at={day}")["count"] == 3
    assert get(f"commitments/?known_at={day - datetime.timedelta(days=1)}")["count"] == 0


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (f"commitments/{CONVOYS}/?fields=schedule", '"schedule":"not_due"', '"schedule":"overdue"'),
        ("commitments/?schedule=overdue&fields=status", '"count":1,', '"count":2,'),
        ("commitments/?schedule=not_due&fields=status", '"count":1,', '"count":0,'),
        ("commitments/facets/", '"value":"not_due"', '"values":2,'),
        ("parties/north/scorecard/", '"value":"not_due"', '"value":"overdue"'),
        (f"commitments/{CONVOYS}/thread/", '"schedule":"not_due"', '"schedule":"overdue"'),
        ("commitments.csv?fields=schedule&obligor=north", '"not_due"', '"overdue"'),
        ("commitments.jsonl?fields=schedule&obligor=north", '"schedule":"not_due"', '"schedule":"overdue"'),
        (f"commitments/{CONVOYS}.jsonld", '"schedule":"not_due"', '"schedule":"overdue"'),
        ("/feeds/commitments.atom?obligor=north", "Not due", "Overdue"),
    ],
)
def test_at_midnight_utc_a_commitment_becomes_overdue_without_a_write(client, register, path, before, after):
    answers, tags, size = [], [], Entry.objects.size()
    for moment in ("2031-03-01T23:59:59Z", "2031-03-02T00:00:00Z"):
        with time_machine.travel(moment, tick=False):
            response = client.get(path if path.startswith("/") else API + path)
            answers.append(b"".join(response).decode())
            tags.append(response["ETag"])
            again = client.get(path if path.startswith("/") else API + path, headers={"if-none-match": tags[0]})
    assert (before in answers[0], before in answers[1], after in answers[1]) == (True, False, True), answers
    assert (tags[0] != tags[1], again.status_code, Entry.objects.size()) == (True, 200, size)


def test_what_was_retracted_is_gone_from_lists_and_says_why(client, register):
    response = client.get(f"{API}commitments/{RETRACTED}/")
    tombstone = models.Publication.objects.get(kind="commitment", record=RETRACTED, tombstone=True)
    at = Entry.objects.get(seq=tombstone.from_seq).at
    assert response.status_code == 410
    assert response.json()["tombstone"] == {
        "ref": RETRACTED,
        "version": 2,
        "reason": "It repeated another one.",
        "retracted_at": at.isoformat().replace("+00:00", "Z"),
    }
    approved = Entry.objects.get(seq=tombstone.from_seq - 1).at.isoformat()
    assert client.get(f"{API}commitments/{RETRACTED}/", {"known_at": approved}).status_code == 200


# Pages


@pytest.mark.no_cover
def test_a_walk_by_next_meets_everything_once_and_previous_leads_back(get):
    for ordering in ("ref", "-ref", "due", "-due", "statement"):
        whole = refs(get(f"commitments/?ordering={ordering}"))
        page = get(f"commitments/?ordering={ordering}&page_size=1")
        walked, pages = refs(page), [page]
        while page["next"]:
            page = get(page["next"])
            walked += refs(page)
            pages.append(page)
        assert walked == whole, ordering
        back = []
        while page["previous"]:
            page = get(page["previous"])
            back.insert(0, refs(page))
        assert back == [refs(each) for each in pages[:-1]], ordering
        assert {each["count"] for each in pages} == {3}


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("ref", [CONVOYS, BORDER, BOTH]),
        ("-ref", [BOTH, BORDER, CONVOYS]),
        ("due", [BORDER, CONVOYS, BOTH]),
        ("-due", [CONVOYS, BORDER, BOTH]),
        ("statement", [CONVOYS, BORDER, BOTH]),
    ],
)
def test_orderings_put_what_has_no_deadline_last(get, ordering, expected):
    assert refs(get(f"commitments/?ordering={ordering}")) == expected


def test_next_keeps_the_other_parameters(get):
    page = get("commitments/?obligor=north,south&page_size=2&lang=ar")
    assert page["next"].startswith(
        f"http://testserver{API}commitments/?obligor=north,south&page_size=2&lang=ar&cursor="
    )
    assert "labels" in get(page["next"])["results"][0]


def test_a_walk_misses_and_repeats_nothing_while_rows_come_and_go(get, register):
    page = get("commitments/?page_size=2")
    with act(actor="author", reason="one more"):
        new = api_register.commitment(
            register["first"], "a-first-01", {"en": "New"}, [register["north"]], register["undertaken"]
        )
    actions.publish([new], by="approver", reason="checked")
    assert refs(page) + refs(get(page["next"])) == [CONVOYS, BORDER, BOTH]


# What is read, and how much


def tables(queries) -> set[str]:
    return {table for query in queries for table in re.findall(r'(?:FROM|JOIN|INTO|UPDATE) "(\w+)"', query["sql"])}


@pytest.mark.no_cover
@pytest.mark.parametrize("path", [*ROUTES, *HISTORY_ROUTES, *QUESTION_ROUTES, *COPY_ROUTES, *OTHER_ROUTES])
@pytest.mark.sample(0, 1, 2, 3, 4, 5, 6, 7)
def test_no_route_touches_the_desk(client, register, path):
    url = path if path.startswith("/") else API + path
    allowed = {"commitments_publication", "commitments_standing", "commitments_commitmentindex", "ledger_entry"}
    allowed |= {"commitments_release", "commitments_checkpoint"} if "releases" in path else set()
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    assert tables(queries) <= allowed | ({"django_migrations"} if url == "/readyz" else set())
    without = ("/livez", "/licence/", "/licence/data/", "/api/schema/", "/api/docs/", API)
    assert tables(queries) or url in without or "vocabular" in url


@pytest.mark.no_cover
def test_query_counts_are_the_reviewed_ones(client, register):
    client.get("/api/schema/")
    counted = []
    for path in [*OTHER_ROUTES, *(API + route for route in ROUTES + HISTORY_ROUTES + QUESTION_ROUTES), *FORMAT_ROUTES]:
        with CaptureQueriesContext(connection) as queries:
            b"".join(client.get(path))
        counted.append(f"{len(queries)} GET {path}\n")
    api_register.release()
    for path in COPY_ROUTES:
        with CaptureQueriesContext(connection) as queries:
            client.get(API + path)
        counted.append(f"{len(queries)} GET {API}{path}\n")
    held(COUNTS, COUNTS.read_text(), "".join(counted))
    assert all(int(line.split()[0]) <= 6 for line in counted)


def routes(patterns=urls.urlpatterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from routes(pattern.url_patterns)


def test_every_route_is_a_view_of_the_framework_and_every_filter_a_filterset():
    found = list(routes())
    # changes and days of the timeline have no address of their own, commitments a history, a thread, parallels and facets,
    # parties a scorecard, releases a bundle; three formats of commitments and the feed have addresses of their own
    assert len(found) == 2 * len(views.RESOURCES) + 16
    for pattern in found:
        view = pattern.callback.cls
        assert issubclass(view, APIView)
        sets = {view.filterset_class, getattr(view, "record_class", view.filterset_class)}
        sets |= set(getattr(view, "filtersets", {}).values())
        assert all(issubclass(each, django_filters.FilterSet) for each in sets)
        for each in sets:
            for parameter in each.base_filters.values():
                assert parameter.field_name
                assert parameter.lookup_expr


def test_private_words_appear_in_no_answer_format_feed_or_header(client, register):
    """They stand in drafts, in private notes, in the reason of an act on the desk, and at the end of the document's text."""
    api_register.release()
    asked = [*OTHER_ROUTES, *FORMAT_ROUTES, "/feeds/commitments.atom?lang=en", "/api/v1/commitments.jsonl?lang=en"]
    asked += [API + route for route in ROUTES + HISTORY_ROUTES + QUESTION_ROUTES + COPY_ROUTES]
    asked += [f"{API}topics/topic-{CANARY}/", f"{API}commitments/?q={CANARY}", f"{API}commitments/?party={CANARY}"]
    asked += [f"{API}{name}/?page_size=200" for name in views.RESOURCES if name != "vocabularies"]
    formats = ("text/csv", "application/jsonl", "application/ld+json", "text/html")
    asked = [(path, "*/*") for path in asked]
    asked += [(path, accept) for accept in formats for path in ("/", f"{API}commitments/", f"{API}commitments/{BOTH}/")]
    for path, accept in asked:
        response = client.get(path, headers={"accept": accept})
        content = b"".join(response).decode() + str(response.headers)
        assert CANARY not in content.replace(f"topics/topic-{CANARY}", "").replace(f"={CANARY}", ""), path
    assert client.get(f"{API}commitments/?q={CANARY}").json()["count"] == 0


def test_a_change_on_the_desk_shows_nowhere_before_it_is_approved(client, register):
    before = {
        path: client.get(API + path).content
        for path in ROUTES
        if "known_at" not in path and RETRACTED not in path and DRAFT not in path
    }
    with act(actor="author", reason="rename"):
        models.Party.objects.filter(ref="north").update(name={"en": "Upper North"})
        models.Statement.objects.filter(ref="talks-2030-05-04").update(note="x")
    assert {path: client.get(API + path).content for path in before} == before


# HTTP


def test_an_unchanged_answer_comes_as_304_until_something_is_published(client, register):
    url = f"{API}commitments/?obligor=north"
    first = client.get(url)
    again = client.get(url, HTTP_IF_NONE_MATCH=f'"other", {first["ETag"]}')
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert again["Cache-Control"] == first["Cache-Control"] == "public, max-age=0, s-maxage=60"
    assert client.get(url + "&lang=ar", HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200
    with act(actor="author", reason="more"):
        topic = builders.topic("energy")
    actions.publish([topic], by="approver", reason="checked")
    assert client.get(url, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_the_etag_is_of_this_build(client, register, monkeypatch):
    before = client.get(API + "vocabularies/")["ETag"]
    monkeypatch.setattr(versions, "build", lambda: "another")
    assert client.get(API + "vocabularies/")["ETag"] != before


def test_head_answers_as_get_without_a_body_and_options_names_the_methods(client, register):
    url = f"{API}commitments/{CONVOYS}/"
    head, options = client.head(url), client.options(url)
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", client.get(url)["ETag"])
    assert (options.status_code, options["Allow"]) == (200, "GET, HEAD, OPTIONS")
    assert options.json() == {
        "methods": ["GET", "HEAD", "OPTIONS"],
        "formats": ["application/json", "application/ld+json"],
        "parameters": ["as_of", "fields", "known_at", "lang"],
    }


def test_an_address_without_its_slash_leads_to_it(client, register):
    assert client.get(API + "commitments")["Location"] == API + "commitments/"


# The page, the licence, health


def test_the_page_shows_three_commitments_with_an_arabic_quote_beside_its_translation(client, register):
    page = client.get("/", HTTP_ACCEPT="text/html").content.decode()
    assert page.count("<article>") == 3
    assert '<blockquote lang="ar" dir="rtl">الجنوب ستفتح الحدود</blockquote>' in page
    assert "<blockquote>South will open the border</blockquote>" in page
    assert '<p class="title" lang="ar" dir="rtl">الجنوب تفتح الحدود</p>' in page
    assert "Stalled" in page
    assert "Joint statement of North and South, 2030-05-04" in page
    for link in ("/api/docs/", "/admin/", "/licence/", "/licence/data/", "/api/v1/commitments/"):
        assert f'href="http://testserver{link}"' in page
    assert not re.search(r"<(style|script)|style=|onclick=", page)


def test_the_page_as_json(client, register):
    answer = client.get("/", HTTP_ACCEPT="application/json").json()
    assert {each["ref"] for each in answer["commitments"]} == {CONVOYS, BORDER, BOTH}
    assert answer["links"]["docs"] == "http://testserver/api/docs/"


def test_the_page_gives_the_last_day_or_else_the_words_and_prefers_commitments_with_a_deadline(client, register):
    with act(actor="author", reason="more undertakings"):
        leaflet = builders.document(
            "leaflet-2030-05-04", publisher="", gaps={name: builders.UNKNOWN[name] for name in ("publisher", "address")}
        )
        quote = builders.quote(leaflet)
        more = {
            ref: builders.commitment(register["first"], [register["north"]], [quote], ref=ref)
            for ref in ("a-dateless", "b-awaited", "c-dated")
        }
        event = {"deadline_kind": "event", "words": "حين تنتهي المحادثات", "edtf": "", "latest": None}
        dues = [builders.deadline(more["b-awaited"], **event), builders.deadline(more["c-dated"])]
        builders.assessment(more["c-dated"], "fulfilled", evidence=[register["reported"]], effective="2031-01")
    records = [leaflet, *more.values(), *dues, *more["c-dated"].assessments.all()]
    actions.publish(records, by="approver", reason="checked")
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/", HTTP_ACCEPT="text/html").content.decode()
    assert len(queries) == 3
    shown = client.get("/", HTTP_ACCEPT="application/json").json()["commitments"]
    assert [(each["ref"], each["status"]) for each in shown] == [
        ("c-dated", "fulfilled"),
        ("b-awaited", "not_assessed"),
        (BORDER, "stalled"),
    ]
    assert "<dd>2031-03-01</dd>" in page
    assert "<dd><bdi>حين تنتهي المحادثات</bdi></dd>" in page
    assert '<figcaption><bdi lang="ar" dir="rtl">الشمال والجنوب يتفقان</bdi>, publisher not named' in page


@pytest.mark.parametrize(("path", "file"), [("/licence/", "LICENSE"), ("/licence/data/", "LICENSE-DATA.md")])
def test_a_licence_is_plain_text(client, path, file):
    response = client.get(path)
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content == (pages.PROJECT / file).read_bytes()


def test_a_healthy_service_is_live_and_ready(client, register):
    assert client.get("/livez").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "ledger": "ok"},
    }
    assert client.get("/readyz")["Cache-Control"] == "no-store"
