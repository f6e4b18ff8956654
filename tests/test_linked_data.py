"""What linked data means to a reader of JSON-LD: each code the address where the codebook explains it, whatever else has its name."""

import collections
import json

import pytest

from commitments import codebook
from commitments.api import formats
from commitments.api.schema import EXAMPLES
from tests.test_typescript import program

pytestmark = pytest.mark.no_cover

ADDRESS = "http://127.0.0.1:8000/api/v1/vocabularies/"
VOCABULARIES = {name: name for name in ("strength", "status", "schedule", "role", "voice", "part", "level")}
IN_DUE = {"kind": "deadline_kind", "sense": "deadline_sense"}


def codes(part, inside: str = ""):
    """(member, the address of its code) of everything coded in linked data."""
    if isinstance(part, list):
        for each in part:
            yield from codes(each, inside)
    elif isinstance(part, dict):
        known = IN_DUE if inside == "due" else VOCABULARIES
        for name, value in part.items():
            if name in known and isinstance(value, str):
                yield name, f"{ADDRESS}{known[name]}/#{value}"
            yield from codes(value, name)


def meant(code: str, *contexts: dict) -> str:
    """What JSON-LD makes of a code in these contexts, one upon the other: a term's meaning, else the vocabulary's.

    A term that says no more than that it is one, {}, is of the vocabulary of its own context.
    """
    known = {}
    for each in contexts:
        known |= {name: value or each["@vocab"] + name for name, value in each.items()}
    return known.get(code) or known["@vocab"] + code


@pytest.mark.parametrize("vocabulary", [*VOCABULARIES.values(), *IN_DUE.values()])
def test_a_code_means_what_the_codebook_says_though_a_term_has_its_name(vocabulary):
    _elsewhere, own = formats.context("http://127.0.0.1:8000/api/schema/", ADDRESS)
    member = next((own["due"]["@context"][name] for name in IN_DUE if IN_DUE[name] == vocabulary), own.get(vocabulary))
    assert member["@type"] == "@vocab"
    for code in codebook.codes(vocabulary):
        taken = {code: "https://elsewhere.example/term"}
        assert meant(code, taken, own, member["@context"]) == f"{ADDRESS}{vocabulary}/#{code}"


@pytest.mark.prove
def test_a_processor_reads_every_code_of_the_shipped_record_as_the_codebooks(
    shipped, client, tmp_path, record_property
):
    """About ten seconds."""
    rows = client.get("/api/v1/commitments/?page_size=200&fields=title", HTTP_HOST="127.0.0.1:8000").json()["results"]
    found = [client.get(f"{each['url'][:-1]}.jsonld", HTTP_HOST="127.0.0.1:8000").json() for each in rows]
    assert EXAMPLES["answers"]["get_commitments_jsonld"]["answer"]["@context"] == found[0]["@context"]
    words = {code for name in (*VOCABULARIES.values(), *IN_DUE.values()) for code in codebook.codes(name)}
    taken = {code: f"https://elsewhere.example/{code}" for code in sorted(words)}
    terms = taken | {
        "id": "@id",
        "type": "@type",
        "dcterms": "http://purl.org/dc/terms/",
        "foaf": "http://xmlns.com/foaf/0.1/",
    }
    run = program("linked_data", tmp_path)
    run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
    asked = {"contexts": {formats.ANNOTATIONS: {"@context": terms}}, "documents": found}
    expanded = run("node", "expand.js", given=json.dumps(asked))
    said = collections.Counter(address for each in found for _member, address in codes(each))
    there = collections.Counter(part for part in expanded.split('"') if part.startswith(ADDRESS))
    assert there == said
    assert '"@id":"https://elsewhere.example' not in expanded
    record_property("checked", f"A JSON-LD processor reads {said.total()} codes of {len(found)} commitments as meant.")
