"""The components are the allow-list: whatever else a new column or a slip adds to an answer fails here until it is described."""

import copy
import functools
import json
import re

import jsonschema
import pytest

from commitments.api.schema import EXAMPLES, document
from tests import api_register, test_api

pytestmark = pytest.mark.no_cover


def closed(schema):
    """A schema without room for members that it doesn't name."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    named = {"additionalProperties": False} if isinstance(schema.get("properties"), dict) else {}
    return {name: closed(each) for name, each in schema.items()} | named


@functools.cache
def components() -> dict:
    return {"schemas": closed(copy.deepcopy(document()["components"]["schemas"]))}


@functools.cache
def validator(path: str, media_type: str) -> jsonschema.Draft202012Validator:
    content = document()["paths"][path]["get"]["responses"]["200"]["content"]
    return jsonschema.Draft202012Validator(closed(content[media_type]["schema"]) | {"components": components()})


@functools.cache
def templates() -> dict[str, re.Pattern]:
    """Every address of the document as an expression; those without a reference in them come first."""
    found = sorted(document()["paths"], key=lambda path: path.count("{"))
    return {path: re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))) for path in found}


def held(response, asked: str) -> str | None:
    """The address of the document under which an answer of JSON has nothing but what it names."""
    media_type = response["Content-Type"].partition(";")[0]
    if response.status_code != 200 or not media_type.endswith(("/json", "+json", "/jsonl")):
        return None
    path = next((path for path, known in templates().items() if known.fullmatch(asked.partition("?")[0])), None)
    content = b"".join(response).decode()
    for each in content.splitlines() if media_type.endswith("jsonl") else [content] if path else []:
        checked = (
            validator("/api/v1/commitments/", "application/json")
            if media_type.endswith("jsonl")
            else validator(path, media_type)
        )
        answer = json.loads(each)
        answer = (
            {"count": 1, "next": None, "previous": None, "results": [answer]}
            if media_type.endswith("jsonl")
            else answer
        )
        assert [fault.message for fault in checked.iter_errors(answer)] == [], asked
    return path


def every(client) -> set[str]:
    """The addresses of the document that were asked for and held."""
    routes = test_api.ROUTES + test_api.HISTORY_ROUTES + test_api.QUESTION_ROUTES + test_api.COPY_ROUTES
    asked = [*(test_api.API + route for route in routes), *test_api.FORMAT_ROUTES, *test_api.OTHER_ROUTES]
    asked += [f"{test_api.API}commitments/{test_api.BOTH}/?lang=ar", f"{test_api.API}commitments/?q=convoys&lang=en"]
    asked += [f"{test_api.API}timeline/?lang=ar", f"{test_api.API}commitments/{test_api.BOTH}.jsonld"]
    return {held(client.get(path), path) for path in asked} - {None}


def test_no_answer_has_a_member_that_no_component_names(client, register):
    api_register.release()
    described = {
        path
        for path, item in document()["paths"].items()
        if any("json" in media_type for media_type in item["get"]["responses"]["200"]["content"])
    }
    assert every(client) == described


def test_no_answer_of_the_shipped_record_has_one_either(shipped, client):
    lists = [path for path in document()["paths"] if path.endswith("/") and "{" not in path and "facets" not in path]
    for path in lists:
        found = client.get(path)
        assert held(found, path) == path
        for row in found.json().get("results", ())[:50]:
            if "vocabularies" not in path and "timeline" not in path and "changes" not in path:
                assert held(client.get(row["url"]), row["url"].partition("testserver")[2])
    for name, each in EXAMPLES["answers"].items():
        if not name.isdigit():
            held(client.get(each["request"]), each["request"])


def test_a_member_too_many_is_found(client, register, monkeypatch):
    answer = client.get(f"{test_api.API}topics/").json()
    answer["results"][0]["note"] = "private"
    checked = validator("/api/v1/topics/", "application/json")
    assert [fault.message for fault in checked.iter_errors(answer)] == [
        "Additional properties are not allowed ('note' was unexpected)"
    ]
