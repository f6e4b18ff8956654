"""A commitment in other formats than JSON, each made from its JSON: a row of a table, linked data with annotations."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from .. import codebook, quotes
from ..models import Role

# What a spreadsheet takes for a formula (OWASP, CSV injection), and what looks as if it had been kept from being one:
# so the apostrophe can be taken off again.
FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
ANNOTATIONS = "http://www.w3.org/ns/anno.jsonld"


@dataclass(frozen=True)
class Column:
    """A column of the table: of which member of the JSON it tells, what it says, and how it is read from the JSON."""

    name: str
    member: str
    about: str
    read: Callable[[dict], object]


def at(*path: str) -> Callable[[dict], object]:
    """What stands at a path of members; None where one of them is missing or null."""

    def read(item: dict):
        for name in path:
            item = (item or {}).get(name)
        return item

    return read


def first(*path: str) -> Callable[[dict], object]:
    """What stands at a path of the first quote."""
    return lambda item: at(*path)(item["quotes"][0])


def in_role(role: str) -> Callable[[dict], list[str]]:
    return lambda item: [party["ref"] for party in item["parties"] if party["role"] == role]


def judged_apart(item: dict) -> list[str]:
    return [f"{party['ref']}={party['status']}" for party in item["parties"] if party.get("status")]


COLUMNS = (
    Column("ref", "ref", "the reference", at("ref")),
    Column("url", "url", "the address", at("url")),
    Column("title_en", "title", "the title in English", at("title", "en")),
    Column("title_ar", "title", "the title in Arabic", at("title", "ar")),
    Column("strength", "strength", "how firmly the words bind, a code", at("strength")),
    Column("statement", "statement", "the statement's reference", at("statement", "ref")),
    Column("statement_title_en", "statement", "its title in English", at("statement", "title", "en")),
    Column("statement_title_ar", "statement", "its title in Arabic", at("statement", "title", "ar")),
    Column("issued_edtf", "statement", "when it was issued, in EDTF", at("statement", "issued", "edtf")),
    Column("issued_earliest", "statement", "the earliest day of that", at("statement", "issued", "earliest")),
    Column("issued_latest", "statement", "the latest day of that", at("statement", "issued", "latest")),
    Column("obligors", "parties", "who owes it, references", in_role(Role.OBLIGOR)),
    Column("beneficiaries", "parties", "who gains by it, references", in_role(Role.BENEFICIARY)),
    Column("supporters", "parties", "who supports it, references", in_role(Role.SUPPORTER)),
    Column("guarantors", "parties", "who guarantees it, references", in_role(Role.GUARANTOR)),
    Column("judged_apart", "parties", "obligors with a status of their own, `reference=status`", judged_apart),
    Column("topics", "topics", "what it is about, references", at("topics")),
    Column("due_sense", "due", "whether the deadline says by when or in effect, a code", at("due", "sense")),
    Column("due_kind", "due", "the kind of the deadline in force, a code", at("due", "kind")),
    Column("due_text", "due", "its words", at("due", "text")),
    Column("due_edtf", "due", "its date, in EDTF", at("due", "edtf")),
    Column("due_earliest", "due", "the earliest day of that", at("due", "earliest")),
    Column("due_latest", "due", "the latest day of that", at("due", "latest")),
    Column("schedule", "schedule", "how it stands to its deadline, a code", at("schedule")),
    Column("status", "status", "the status of the whole, a code", at("status")),
    Column("status_as_of", "status_as_of", "since when, in EDTF", at("status_as_of")),
    Column("contested", "contested", "whether evidence disputes a judgement in force", at("contested")),
    Column("second_hand", "second_hand", "whether no quote is from an official text", at("second_hand")),
    Column("quotes", "quotes", "how many quotes prove the undertaking", lambda item: len(item["quotes"])),
    Column("quote", "quotes", "the first of them, its exact words", first("exact")),
    Column("quote_language", "quotes", "its language", first("language")),
    Column("quote_translation_en", "quotes", "its translation into English", first("translation", "en")),
    Column("quote_voice", "quotes", "whose words they are, a code", first("voice")),
    Column("quote_document", "quotes", "the document that holds it, a reference", first("document", "ref")),
    Column("quote_publisher", "quotes", "who published that", first("document", "publisher")),
    Column("quote_sha256", "quotes", "the SHA-256 of that", first("document", "sha256")),
    Column("quote_start", "quotes", "where in it the quote begins, in code points", first("start")),
    Column("quote_end", "quotes", "where the quote ends", first("end")),
    Column("strength_label", "labels", "with `lang`: the strength in words", at("labels", "strength")),
    Column("schedule_label", "labels", "with `lang`: the schedule in words", at("labels", "schedule")),
    Column("status_label", "labels", "with `lang`: the status in words", at("labels", "status")),
)


def columns(fields: Sequence[str] | None, lang: str | None) -> list[Column]:
    """The columns that tell of these members (None: of all), besides `ref` and `url`; and labels, in a language alone."""
    wanted = {"ref", "url", *(fields or (column.member for column in COLUMNS))} - {"labels"}
    wanted |= {"labels"} if lang else set()
    return [column for column in COLUMNS if column.member in wanted]


def cell(value) -> str:
    """A value as a cell: nothing for null, lists with `;`, and an apostrophe before what could pass for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = ";".join(value) if isinstance(value, list) else str(value)
    return f"'{text}" if FORMULA.match(text) else text


def table(rows: Iterable[Iterable]) -> str:
    """Rows as CSV (RFC 4180). All cells are quoted: some spreadsheets split at semicolons and tabs, too."""
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(map(cell, row) for row in rows)
    return written.getvalue()


def context(schema: str, vocabularies: str) -> list:
    """The JSON-LD context: that of Web Annotations, and our words below it, each an address where it is explained."""
    components = f"{schema}#/components/schemas/"

    def code(vocabulary: str) -> dict:
        # Each code is a term of its own, by that vocabulary: `exact`, `condition` and `due` are terms of other meanings outside.
        terms = {each: {} for each in codebook.codes(vocabulary)}
        return {"@type": "@vocab", "@context": {"@vocab": f"{vocabularies}{vocabulary}/#", **terms}}

    own = {
        "@version": 1.1,
        "@vocab": f"{components}CommitmentDetail/properties/",
        **{kind: f"{components}{kind}" for kind in ("Commitment", "Statement", "Party")},
        "title": {"@id": "dcterms:title", "@container": "@language"},
        "name": {"@id": "foaf:name", "@container": "@language"},
        "condition": {"@container": "@language"},
        **{name: code(name) for name in ("strength", "status", "schedule", "role", "voice", "part", "level")},
        "due": {"@context": {"kind": code("deadline_kind"), "sense": code("deadline_sense")}},
        **{name: {"@type": "@id"} for name in ("topics", "quote")},
    }
    return [ANNOTATIONS, own]


PLAIN = (
    "ref",
    "title",
    "strength",
    "due",
    "schedule",
    "status",
    "status_as_of",
    "contested",
    "second_hand",
    "condition",
)


def linked(detail: dict, address: Callable[[str, str], str], documents: dict[str, dict]) -> dict:
    """A commitment's details as linked data, without its context: its members, each record by its address, and its quotes.

    `address(list, ref)` is a record's own address; `documents` are the public documents by reference.
    """

    def named(kind: str, name: str, record: dict) -> dict:
        return {"id": address(name, record["ref"]), "type": kind} | {
            each: record[each] for each in record if each != "ref"
        }

    return {
        "id": detail["url"],
        "type": "Commitment",
        **{name: detail[name] for name in PLAIN},
        "statement": named("Statement", "statements", detail["statement"]),
        "parties": [named("Party", "parties", party) for party in detail["parties"]],
        "topics": [address("topics", topic) for topic in detail["topics"]],
        "annotations": [annotation(detail["url"], cited, address, documents) for cited in detail["citations"]],
    }


def annotation(commitment: str, cited: dict, address: Callable[[str, str], str], documents: dict[str, dict]) -> dict:
    """A citation as a Web Annotation: the passage of the document is the target, commitment and translations the body."""
    document = documents[cited["document"]["ref"]]
    translations = [
        {"type": "TextualBody", "purpose": "describing", "value": words, "language": language, "format": "text/plain"}
        for language, words in sorted(cited["translation"].items())
    ]
    source = {
        "id": address("documents", cited["document"]["ref"]),
        "type": "Text",
        "format": "text/plain",
        "language": document["language"],
        "textDirection": document["dir"],
        "sha256": cited["document"]["sha256"],
    } | ({"via": document["address"]} if document["address"] else {})
    selector = quotes.selector(*(cited[name] for name in ("exact", "prefix", "suffix", "start", "end")))
    return {
        "id": f"{commitment}#{cited['part']}-{cited['ref']}",
        "type": "Annotation",
        "motivation": "linking",
        "quote": address("quotes", cited["ref"]),
        "part": cited["part"],
        "voice": cited["voice"],
        "level": cited["verification"]["level"],
        "body": [{"id": commitment, "type": "Commitment"}, *translations],
        "target": {"type": "SpecificResource", "source": source, "selector": selector},
    }
