"""The components are the allow-list: whatever else a new column or a slip adds to an answer fails here until it is described."""

import copy
import functools
import re

import jsonschema_rs
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
def validator(path: str, media_type: str) -> jsonschema_rs.Draft202012Validator:
    content = document()["paths"][path]["get"]["responses"]["200"]["content"]
    return jsonschema_rs.Draft202012Validator(closed(content[media_type]["schema"]) | {"components": components()})


@functools.cache
def templates() -> dict[str, re.Pattern]:
    """Every address of the document as an expression; those without a reference in them come first."""
    found = sorted(document()["paths"], key=lambda path: path.count("{"))
    return {path: re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))) for path in found}


def held(asked: str, media_type: str, answer) -> str | None:
    """The address of the document under which an answer has nothing but what it names; None where there is none."""
    path = next((path for path, known in templates().items() if known.fullmatch(asked.partition("?")[0])), None)
    if path:
        assert [fault.message for fault in validator(path, media_type).iter_errors(answer)] == [], asked
    return path


def asked_for(client, path: str) -> str | None:
    response = client.get(path)
    media_type = response["Content-Type"].partition(";")[0]
    spoken = response.status_code == 200 and media_type.endswith(("/json", "+json"))
    return held(path, media_type, response.json()) if spoken else None


def every(client) -> set[str]:
    """The addresses of the document that were asked for and held."""
    routes = test_api.ROUTES + test_api.HISTORY_ROUTES + test_api.QUESTION_ROUTES + test_api.COPY_ROUTES
    asked = [*(test_api.API + route for route in routes), *test_api.FORMAT_ROUTES, *test_api.OTHER_ROUTES]
    asked += [f"{test_api.API}commitments/{test_api.BOTH}/?lang=ar", f"{test_api.API}commitments/?q=convoys&lang=en"]
    asked += [f"{test_api.API}timeline/?lang=ar", f"{test_api.API}commitments/{test_api.BOTH}.jsonld"]
    return {asked_for(client, path) for path in asked} - {None}


def test_no_answer_has_a_member_that_no_component_names(client, register):
    api_register.release()
    described = {
        path
        for path, item in document()["paths"].items()
        if any(media_type.endswith(("/json", "+json")) for media_type in item["get"]["responses"]["200"]["content"])
    }
    assert every(client) == described


def test_no_example_has_one_either():
    for name, each in EXAMPLES["answers"].items():
        if not name.isdigit() and isinstance(each["answer"], dict):
            held(
                each["request"],
                "application/ld+json" if "@context" in each["answer"] else "application/json",
                each["answer"],
            )


@pytest.mark.prove
def test_no_answer_of_the_whole_shipped_record_has_one(shipped, client, record_property):
    """About five seconds."""
    asked = [path for path in document()["paths"] if path.endswith("/") and "{" not in path and "facets" not in path]
    for path in [f"{each}?page_size=200" for each in asked if each.count("/") == 4 and "vocab" not in each]:
        assert asked_for(client, path) == path.partition("?")[0]
        rows = client.get(path).json()["results"]
        asked += [row["url"].partition("testserver")[2].partition("?")[0] for row in rows if row.get("url")]
    asked += [
        f"{each}{below}"
        for each in asked
        if re.fullmatch("/api/v1/commitments/.+/", each)
        for below in ("thread/", "parallels/", "history/")
    ]
    asked += [f"{each}scorecard/" for each in asked if re.fullmatch("/api/v1/parties/.+/", each)]
    assert all(asked_for(client, path) for path in sorted(set(asked)))
    record_property(
        "checked", f"{len(set(asked))} answers of the shipped record have no member that no component names."
    )


def test_a_member_too_many_is_found(client, register, monkeypatch):
    answer = client.get(f"{test_api.API}topics/").json()
    answer["results"][0]["note"] = "private"
    checked = validator("/api/v1/topics/", "application/json")
    assert [fault.message for fault in checked.iter_errors(answer)] == [
        "Additional properties are not allowed ('note' was unexpected)"
    ]
