"""Commitments as tables, JSON Lines, linked data and a feed: each says what the JSON says, and nothing else."""

import csv
import io
import json
import re
from xml.etree import ElementTree

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from commitments import actions, codebook
from commitments.api import exports, feed, filters, formats, renderers, shapes
from commitments.api.schema import document
from commitments.ledger import Entry, act
from tests import api_register, builders
from tests.api_register import BORDER, BOTH, CANARY, CONVOYS, DRAFT, RETRACTED, problem
from tests.test_api import compare

API = "/api/v1/"
LIST, TABLE, LINES = API + "commitments/", API + "commitments.csv", API + "commitments.jsonl"
FEED, LINKED = "/feeds/commitments.atom", API + f"commitments/{CONVOYS}.jsonld"
ATOM = "{http://www.w3.org/2005/Atom}"
QUESTIONS = [
    "",
    "obligor=north,south&status=fulfilled,in_progress",
    "party=south&ordering=-due&lang=ar",
    "q=القوافل&ordering=relevance&as_of=2030-12-01",
    "statement=talks-2030-05-04&fields=title,due&known_at=2099-01-01&lang=ar",
    "topic=nothing",
]


def body(response) -> str:
    assert response.status_code == 200, response.content
    return b"".join(response).decode()


def rows(client, address: str) -> list[dict]:
    """A table read back as the csv module reads it, the apostrophes taken off."""
    text = body(client.get(address))
    assert text.startswith("\ufeff")
    return [
        {name: re.sub(f"^'(?={formats.FORMULA.pattern})", "", value) for name, value in row.items()}
        for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    ]


def listed(client, question: str) -> list[dict]:
    """The list's rows, page by page."""
    page = client.get(f"{LIST}?{question}&page_size=1").json()
    found = page["results"]
    while page["next"]:
        page = client.get(page["next"]).json()
        found += page["results"]
    return found


def expected(item: dict) -> dict[str, str]:
    """A row of the table, worked out from the JSON beside the table's own definition."""

    def parties(role):
        return ";".join(party["ref"] for party in item["parties"] if party["role"] == role)

    quote, due, issued = item["quotes"][0], item["due"] or {}, item["statement"]["issued"] or {}
    found = {
        "ref": item["ref"],
        "url": item["url"],
        "title_en": item["title"].get("en"),
        "title_ar": item["title"].get("ar"),
        "strength": item["strength"],
        "statement": item["statement"]["ref"],
        "statement_title_en": item["statement"]["title"].get("en"),
        "statement_title_ar": item["statement"]["title"].get("ar"),
        **{f"issued_{name}": issued.get(name) for name in ("edtf", "earliest", "latest")},
        "obligors": parties("obligor"),
        "beneficiaries": parties("beneficiary"),
        "supporters": parties("supporter"),
        "guarantors": parties("guarantor"),
        "judged_apart": ";".join(
            f"{each['ref']}={each['status']}" for each in item["parties"] if each.get("status") is not None
        ),
        "topics": ";".join(item["topics"]),
        **{f"due_{name}": due.get(name) for name in ("sense", "kind", "text", "edtf", "earliest", "latest")},
        **{name: item[name] for name in ("schedule", "status", "status_as_of")},
        **{name: str(item[name]).lower() for name in ("contested", "second_hand")},
        "quotes": str(len(item["quotes"])),
        "quote": quote["exact"],
        "quote_language": quote["language"],
        "quote_translation_en": quote["translation"].get("en"),
        "quote_voice": quote["voice"],
        "quote_document": quote["document"]["ref"],
        "quote_publisher": quote["document"]["publisher"],
        "quote_sha256": quote["document"]["sha256"],
        "quote_start": str(quote["start"]),
        "quote_end": str(quote["end"]),
        **{f"{name}_label": label for name, label in item.get("labels", {}).items()},
    }
    return {name: value or "" for name, value in found.items()}


# Tables


@pytest.mark.no_cover
@pytest.mark.parametrize("question", [each for each in QUESTIONS if "fields" not in each])
def test_a_table_read_back_says_what_the_list_says(client, register, question):
    assert rows(client, f"{TABLE}?{question}") == [expected(item) for item in listed(client, question)]


def test_fields_choose_columns(client, register):
    (row,) = rows(client, f"{TABLE}?fields=title,contested&obligor=south&statement=talks-2030-05-04")
    assert row == {
        "ref": BORDER,
        "url": f"http://testserver{LIST}{BORDER}/",
        "title_en": "South opens the border",
        "title_ar": "الجنوب تفتح الحدود",
        "contested": "false",
    }
    (spoken,) = rows(client, f"{TABLE}?fields=title,contested&obligor=south&statement=talks-2030-05-04&lang=en")
    assert spoken == row | {"strength_label": "Agrees", "schedule_label": "Overdue", "status_label": "Stalled"}


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x","y")', "＝1+1", "'=1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_takes_for_a_formula_has_an_apostrophe_before_it(text):
    assert formats.cell(text) == f"'{text}"


@pytest.mark.parametrize(("value", "written"), [
    ("1+1", "1+1"), ("'tis said", "'tis said"), ("بيان", "بيان"), (None, ""), (True, "true"), (False, "false"), (0, "0"),
    ([], ""), (["a", "b"], "a;b"), (["=a", "b"], "'=a;b"),
])  # fmt: skip
def test_all_else_stands_as_it_is(value, written):
    assert formats.cell(value) == written


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4), max_size=4))
def test_whatever_a_text_holds_it_comes_back_and_begins_no_formula(texts):
    written = formats.table(texts)
    read = list(csv.reader(io.StringIO(written, newline=""), strict=True))
    assert not [cell for row in read for cell in row if cell[:1] in tuple("=+-@\t\r\n")]
    assert [[re.sub(f"^'(?={formats.FORMULA.pattern})", "", cell) for cell in row] for row in read] == texts


def test_a_title_with_quotes_line_ends_and_a_formula_arrives_whole(client, register):
    title = {"en": '=HYPERLINK("http://x", "y");\n-1,\t"z"', "ar": "=جمع"}
    with act(actor="author", reason="one more"):
        new = api_register.commitment(register["first"], "odd-01", title, [register["north"]], register["undertaken"])
    actions.publish([new], by="approver", reason="checked")
    text = body(client.get(f"{TABLE}?fields=title"))
    assert '"\'=HYPERLINK(""http://x"", ""y"");\n-1,\t""z""","\'=جمع"\r\n' in text
    assert rows(client, f"{TABLE}?fields=title")[0] == {
        "ref": "odd-01", "url": f"http://testserver{LIST}odd-01/", "title_en": title["en"], "title_ar": title["ar"]
    }  # fmt: skip


# JSON Lines


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.no_cover
def test_each_line_is_a_row_of_the_list(client, register, question):
    found = body(client.get(f"{LINES}?{question}"))
    assert [json.loads(line) for line in found.splitlines()] == listed(client, question)
    assert found == "" or found.endswith("}\n")


# Streams


def test_a_list_of_any_length_is_one_query_read_in_batches(client, register, monkeypatch):
    monkeypatch.setattr(exports, "BATCH", 2)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(LINES)
        assert response.streaming
        at_once = next(iter(response))
        assert at_once.count(b"\n") == 2
    assert len(queries) == 4  # the ledger's head; more time, the cursor, no more time
    assert b"".join(response).count(b"\n") == 1


def test_a_stream_says_what_was_public_when_it_began(client, register, monkeypatch):
    monkeypatch.setattr(exports, "BATCH", 1)
    response = client.get(f"{LINES}?q=القوافل&matches=true")
    begun = next(iter(response))
    with act(actor="author", reason="rename"):
        register["north"].aliases.create(name="Convoys القوافل", language="ar")
        new = api_register.commitment(
            register["first"], "z-last-01", {"en": "New"}, [register["north"]], register["undertaken"]
        )
    actions.publish([register["north"], new], by="approver", reason="checked")
    found = [json.loads(line) for line in (begun + b"".join(response)).splitlines()]
    assert [each["ref"] for each in found] == [CONVOYS, BOTH]
    assert {match["field"] for each in found for match in each["matches"]} == {"title", "quote"}


def test_a_database_that_fails_before_the_first_row_is_told_by_the_status(client, register, monkeypatch):
    def fail(rows):
        raise OperationalError
        yield

    monkeypatch.setattr(exports, "batches", fail)
    assert problem(client.get(TABLE), 503)


# How it is asked for


@pytest.mark.parametrize(("accept", "media_type", "name"), [
    ("text/csv", "text/csv", "commitments-2031-06-01.csv"),
    ("application/jsonl", "application/jsonl", "commitments-2031-06-01.jsonl"),
    ("application/x-ndjson", "application/x-ndjson", "commitments-2031-06-01.jsonl"),
])  # fmt: skip
def test_the_list_gives_each_format_that_is_accepted(client, register, accept, media_type, name):
    response = client.get(LIST, headers={"accept": f"text/html;q=0.5, {accept}"})
    assert response["Content-Type"] == f"{media_type}; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert "Accept" in response["Vary"]
    assert body(response) == body(client.get(TABLE if accept == "text/csv" else LINES))


def test_json_stays_what_is_given_to_who_asks_for_nothing_or_anything(client, register):
    for headers in ({}, {"accept": "*/*"}, {"accept": "application/*"}):
        response = client.get(LIST, headers=headers)
        assert (response["Content-Type"], "Accept" in response["Vary"]) == ("application/json", True)


def test_a_download_is_named_by_the_day_that_was_asked_for(client, register):
    response = client.get(f"{TABLE}?as_of=2030-12-01")
    assert response["Content-Disposition"] == 'attachment; filename="commitments-2030-12-01.csv"'


@pytest.mark.parametrize("path", [LIST, TABLE, LINES, FEED, LINKED, f"{LIST}{CONVOYS}/"])
def test_another_format_is_refused_with_those_there_are(client, register, path):
    found = problem(client.get(path, headers={"accept": "application/xml"}), 406)
    assert re.search(r"This address answers in (application|text)/", found["detail"])


def test_a_format_is_refused_where_the_route_does_not_have_it(client, register):
    problem(client.get(f"{LIST}{CONVOYS}/", headers={"accept": "text/csv"}), 406)
    problem(client.get(LIST, headers={"accept": "application/ld+json"}), 406)
    problem(client.get(f"{LIST}facets/", headers={"accept": "text/csv"}), 406)


@pytest.mark.parametrize("path", [TABLE, LINES, FEED, LINKED])
@pytest.mark.sample(0)
def test_head_304_options_and_405(client, register, path):
    first = client.get(path)
    with CaptureQueriesContext(connection) as queries:
        head = client.head(path)
    assert (head.status_code, b"".join(head), head["ETag"]) == (200, b"", first["ETag"])
    assert head["Content-Type"] == first["Content-Type"]
    assert head.headers.get("Content-Length") == first.headers.get("Content-Length")
    assert len(queries) == 1 or path in (FEED, LINKED)
    again = client.get(path, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again["Cache-Control"]) == (304, "public, max-age=0, s-maxage=60")
    assert client.options(path)["Allow"] == "GET, HEAD, OPTIONS"
    assert problem(client.post(path), 405)


@pytest.mark.no_cover
@pytest.mark.parametrize(("path", "parameter"), [
    (TABLE, "page_size"), (LINES, "cursor"), (TABLE, "colour"), (FEED, "page_size"), (FEED, "ordering"),
    (LINKED, "fields"), (LINKED, "lang"),
])  # fmt: skip
def test_parameters_are_as_strict_as_the_lists(client, register, path, parameter):
    (found,) = problem(client.get(f"{path}?{parameter}=1"), 400)["errors"]
    assert (found["parameter"], found["code"]) == (parameter, "unknown")
    (found,) = problem(client.get(f"{LIST}?page_size=1", headers={"accept": "text/csv"}), 400)["errors"]
    assert (found["parameter"], found["code"]) == ("page_size", "unknown")


# Linked data


def test_a_commitment_as_linked_data(client, register):
    found, detail = client.get(LINKED).json(), client.get(f"{LIST}{CONVOYS}/").json()
    context = found.pop("@context")
    compare(found | {"@context": []}, shapes.SCHEMAS["LinkedCommitment"], "LinkedCommitment")
    assert context[0] == "http://www.w3.org/ns/anno.jsonld"
    assert context[1]["status"]["@context"] == {
        "@vocab": f"http://testserver{API}vocabularies/status/#",
        **{code: {} for code in codebook.codes("status")},
    }
    assert {name: found[name] for name in formats.PLAIN} == {name: detail[name] for name in formats.PLAIN}
    home = f"http://testserver{API}"
    (annotation,) = found["annotations"]
    assert (found["id"], found["topics"]) == (f"{home}commitments/{CONVOYS}/", [f"{home}topics/security/"])
    assert [(each["id"], each["role"]) for each in found["parties"]] == [
        (f"{home}parties/north/", "obligor"),
        (f"{home}parties/south/", "beneficiary"),
    ]
    assert found["statement"]["id"] == f"{home}statements/talks-2030-05-04/"
    quote = detail["citations"][0]
    assert annotation == {
        "id": f"{home}commitments/{CONVOYS}/#undertaking-{quote['ref']}",
        "type": "Annotation",
        "motivation": "linking",
        "quote": f"{home}quotes/{quote['ref']}/",
        "part": "undertaking",
        "voice": "statement_reported",
        "level": "exact",
        "body": [
            {"id": f"{home}commitments/{CONVOYS}/", "type": "Commitment"},
            {
                "type": "TextualBody",
                "purpose": "describing",
                "value": "North is committed to protecting convoys",
                "language": "en",
                "format": "text/plain",
            },
        ],
        "target": {
            "type": "SpecificResource",
            "source": {
                "id": f"{home}documents/gazette-2030-05-04/",
                "type": "Text",
                "format": "text/plain",
                "language": "ar",
                "textDirection": "rtl",
                "sha256": quote["document"]["sha256"],
            },
            "selector": [
                {"type": "TextQuoteSelector", **{name: quote[name] for name in ("exact", "prefix", "suffix")}},
                {"type": "TextPositionSelector", "start": quote["start"], "end": quote["end"]},
            ],
        },
    }


def test_linked_data_is_negotiated_and_has_an_address_of_its_own(client, register):
    negotiated = client.get(f"{LIST}{CONVOYS}/", headers={"accept": "application/ld+json"})
    assert negotiated["Content-Type"] == "application/ld+json"
    assert "Accept" in negotiated["Vary"]
    assert negotiated.json() == client.get(LINKED).json()


def test_what_is_retracted_or_a_draft_says_so_in_linked_data_too(client, register):
    assert problem(client.get(f"{LIST}{RETRACTED}.jsonld"), 410)["tombstone"]["ref"] == RETRACTED
    problem(client.get(f"{LIST}{RETRACTED}/", headers={"accept": "application/ld+json"}), 410)
    problem(client.get(f"{LIST}{DRAFT}.jsonld"), 404)


# The feed


def entries(client, address: str) -> tuple[ElementTree.Element, list[str]]:
    """The feed and the references of its entries."""
    response = client.get(address)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    found = ElementTree.fromstring(response.content)  # noqa: S314 - our own
    ids = [each.findtext(f"{ATOM}id") for each in found.iter(f"{ATOM}entry")]
    return found, [each.removeprefix(f"http://testserver{LIST}").strip("/") for each in ids]


def links(element: ElementTree.Element) -> dict[str, str]:
    return {each.get("rel"): each.get("href") for each in element.findall(f"{ATOM}link")}


def changed(ref: str) -> str:
    public = actions.Publication.objects.known_at(None).get(kind="commitment", record=ref)
    return renderers.instant(Entry.objects.get(seq=public.from_seq).at)


def test_the_feed_has_what_changed_last_first(client, register):
    with act(actor="author", reason="a better title"):
        register["border"].title = {"en": "South <opens> & keeps open the border", "ar": "الجنوب تفتح الحدود"}
        register["border"].save()
    actions.publish([register["border"]], by="approver", reason="checked")
    found, order = entries(client, FEED)
    assert (order[0], sorted(order)) == (BORDER, sorted([CONVOYS, BORDER, BOTH]))
    assert found.findtext(f"{ATOM}updated") == changed(BORDER)
    assert [each.findtext(f"{ATOM}updated") for each in found.iter(f"{ATOM}entry")] == [changed(ref) for ref in order]
    entry = found.find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "South <opens> & keeps open the border"
    assert entry.findtext(f"{ATOM}summary") == "Agrees · Overdue · Stalled"
    assert entry.findtext(f"{ATOM}content") == "الجنوب ستفتح الحدود"
    assert links(found) == {
        "self": f"http://testserver{FEED}",
        "first": f"http://testserver{FEED}",
        "alternate": f"http://testserver{LIST}",
    }


def test_every_format_shows_the_name_of_now_however_a_version_stands(client, register):
    """A version that another name alone tells from the one before has no standings of its own."""
    before = {row["ref"]: row for row in client.get(LIST).json()["results"]}
    with act(actor="author", reason="as it is called now"):
        register["north"].name = {"en": "Nordia", "ar": "بلاد الشمال"}
        register["north"].save()
    actions.publish([register["north"]], by="approver", reason="checked")
    listed = {row["ref"]: row for row in client.get(LIST).json()["results"]}
    renamed = {ref for ref, row in listed.items() if row != before[ref]}
    assert renamed
    assert {row["status"] for row in listed.values()} == {row["status"] for row in before.values()}
    lines = client.get("/api/v1/commitments.jsonl")
    lines = b"".join(lines.streaming_content).decode().splitlines()
    assert {row["ref"]: row for row in map(json.loads, lines)} == listed
    assert set(entries(client, FEED)[1][: len(renamed)]) == renamed  # they changed last
    for ref in renamed:
        detail = client.get(f"{LIST}{ref}/").json()
        assert {name: detail[name] for name in listed[ref]} == listed[ref]
        assert "Nordia" in json.dumps(client.get(f"{LIST}{ref}.jsonld").json(), ensure_ascii=False)


def test_the_feed_takes_the_lists_filters_and_a_language(client, register):
    found, order = entries(client, f"{FEED}?obligor=south&status=stalled&lang=ar&q=الحدود")
    assert order == [BORDER]
    assert found.find(f"{ATOM}entry").findtext(f"{ATOM}title") == "الجنوب تفتح الحدود"
    assert links(found)["alternate"].startswith(f"http://testserver{LIST}?obligor=south&status=stalled&lang=ar&q=")
    empty, order = entries(client, f"{FEED}?topic=nothing")
    assert (order, empty.findtext(f"{ATOM}updated")) == ([], "1970-01-01T00:00:00Z")


def test_the_feed_leads_on_by_next(client, register, monkeypatch):
    monkeypatch.setattr(feed, "SHOWN", 2)
    whole = []
    address = f"{FEED}?lang=en"
    while address:
        found, order = entries(client, address)
        assert links(found)["first"] == f"http://testserver{FEED}?lang=en"
        whole += order
        address = links(found).get("next")
    assert sorted(whole) == sorted([CONVOYS, BORDER, BOTH])


def test_a_title_is_in_the_language_that_there_is():
    assert feed.in_language({"ar": "ا", "en": "a"}, "ar") == ("ar", "ا")
    assert feed.in_language({"en": "a"}, "ar") == ("en", "a")
    assert feed.in_language({"ku": "k", "ar": "ا"}, "en") == ("ar", "ا")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_a_text_holds_the_feed_is_xml(text):
    made = ElementTree.Element("feed")
    feed.put(made, "title", text, href=text)
    kept = feed.NOT_XML.sub(" ", text)
    read = ElementTree.fromstring(ElementTree.tostring(made, encoding="utf-8"))[0]  # noqa: S314 - our own
    assert (read.text or "").replace("\r\n", "\n").replace("\r", "\n") == kept.replace("\r\n", "\n").replace("\r", "\n")


# What is read


@pytest.mark.no_cover
@pytest.mark.parametrize("path", [TABLE, LINES, f"{LINES}?q=القوافل", FEED, LINKED, f"{FEED}?q=القوافل"])
def test_private_words_appear_in_no_format_and_the_desk_is_not_read(client, register, path):
    with CaptureQueriesContext(connection) as queries:
        found = body(client.get(path))
    assert CANARY not in found
    assert api_register.TEXT not in found
    read = {table for query in queries for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])}
    assert read <= {"commitments_publication", "commitments_standing", "commitments_commitmentindex", "ledger_entry"}


def test_the_page_for_developers_and_the_component_name_every_column():
    page = (builders.TESTS.parent / "docs/api.md").read_text(encoding="utf-8")
    for column in formats.COLUMNS:
        assert f"`{column.name}`" in shapes.FORMATS["CommitmentTable"]["description"]
        assert f"`{column.name}`" in page


def test_each_format_is_a_media_type_of_its_route():
    paths = document()["paths"]
    taken = {TABLE: filters.Export, LINES: filters.Export, FEED: filters.Feed, LIST: filters.Commitments}
    for path, parameters in taken.items():
        asked = [each["name"] for each in paths[path]["get"]["parameters"]]
        assert asked == list(parameters.base_filters), path
    shown = {
        path: list(paths[path]["get"]["responses"]["200"]["content"])
        for path in (*taken, f"{LIST}{{ref}}/", f"{LIST}{{ref}}.jsonld")
    }
    assert shown == {
        TABLE: ["text/csv"],
        LINES: ["application/jsonl", "application/x-ndjson"],
        FEED: ["application/atom+xml"],
        LIST: ["application/json", "text/csv", "application/jsonl", "application/x-ndjson"],
        f"{LIST}{{ref}}/": ["application/json", "application/ld+json"],
        f"{LIST}{{ref}}.jsonld": ["application/ld+json"],
    }
