"""Nothing that was promised breaks; and the rule that says so, tried on documents that do break it and on some that don't."""

import copy
import functools

import pytest

from commitments.api.schema import document
from tests import compatibility

PROMISED = functools.cache(compatibility.read)
LIST, DETAIL = "/api/v1/commitments/", "/api/v1/commitments/{ref}/"


def test_what_is_served_breaks_nothing_that_was_promised():
    """Where this fails, an earlier client breaks: put it back, or begin /api/v2/ beside it."""
    assert compatibility.breaks(PROMISED(), compatibility.promised(document())) == []


def parameter(new: dict, name: str, path: str = LIST) -> dict:
    return next(each for each in new["paths"][path]["get"]["parameters"] if each["name"] == name)


def member(new: dict, component: str, name: str) -> dict:
    return new["components"]["schemas"][component]["properties"][name]


def answer(new: dict, path: str = LIST) -> dict:
    return new["paths"][path]["get"]["responses"]["200"]


BREAKING = {
    "an address": (lambda new: new["paths"].pop(DETAIL), f"{DETAIL} is gone"),
    "a method": (lambda new: new["paths"][DETAIL].pop("get"), f"get {DETAIL} is gone"),
    "the name of an operation": (
        lambda new: new["paths"][LIST]["get"].update(operationId="commitments"),
        f"{LIST} is called commitments, not list_commitments",
    ),
    "a parameter": (
        lambda new: new["paths"][LIST]["get"]["parameters"].remove(parameter(new, "party")),
        f"{LIST} ?party is gone",
    ),
    "a parameter that must be given": (
        lambda new: parameter(new, "party").update(required=True),
        f"{LIST} ?party must be given",
    ),
    "a new one that must be given": (
        lambda new: new["paths"][LIST]["get"]["parameters"].append(
            {"name": "key", "in": "query", "required": True, "schema": {"type": "string"}}
        ),
        f"{LIST} ?key must be given",
    ),
    "how several values are written": (
        lambda new: parameter(new, "party").update(explode=True),
        f"{LIST} ?party is written otherwise",
    ),
    "fewer values at once": (
        lambda new: parameter(new, "party")["schema"].update(maxItems=10),
        f"{LIST} ?party maxItems was another",
    ),
    "a smaller number": (
        lambda new: parameter(new, "page_size")["schema"].update(maximum=100),
        f"{LIST} ?page_size maximum was another",
    ),
    "a larger least number": (
        lambda new: parameter(new, "page_size")["schema"].update(minimum=5),
        f"{LIST} ?page_size minimum was another",
    ),
    "another default": (
        lambda new: parameter(new, "page_size")["schema"].update(default=20),
        f"{LIST} ?page_size is 20 where it isn't given, not 50",
    ),
    "a narrower pattern": (
        lambda new: parameter(new, "party")["schema"]["items"].update(pattern="^[a-z]+$"),
        f"{LIST} ?party[] pattern was another",
    ),
    "a list of words where anything went": (
        lambda new: parameter(new, "party")["schema"]["items"].update(enum=["iraq"]),
        f"{LIST} ?party[] is one of a list",
    ),
    "a narrower type of a parameter": (
        lambda new: parameter(new, "party").update(schema={"type": "integer"}),
        f"{LIST} ?party is array, not integer",
    ),
    "a word of a parameter": (
        lambda new: parameter(new, "ordering")["schema"]["enum"].remove("-due"),
        f"{LIST} ?ordering '-due' is gone",
    ),
    "a code": (
        lambda new: new["components"]["schemas"]["Status"]["enum"].remove("stalled"),
        "Status 'stalled' is gone",
    ),
    "a closed list of codes": (
        lambda new: new["components"]["schemas"]["Status"].pop("enum"),
        "Status may be anything",
    ),
    "a component": (lambda new: new["components"]["schemas"].pop("Due"), "component Due is gone"),
    "a member": (
        lambda new: new["components"]["schemas"]["Commitment"]["properties"].pop("title"),
        "Commitment.title is gone",
    ),
    "a member that was always there": (
        lambda new: new["components"]["schemas"]["Commitment"]["required"].remove("title"),
        "Commitment.title may be missing",
    ),
    "a member that was never null": (
        lambda new: member(new, "Document", "language").update(type=["string", "null"]),
        "Document.language is null or string, not string",
    ),
    "a named member that was never null": (
        lambda new: member(new, "Commitment", "schedule").update(
            anyOf=[{"$ref": member(new, "Commitment", "schedule").pop("$ref")}, {"type": "null"}]
        ),
        "Commitment.schedule is null, not string",
    ),
    "another type of a member": (
        lambda new: member(new, "Document", "length").update(type="string"),
        "Document.length is string, not integer",
    ),
    "another form of a member": (
        lambda new: member(new, "Document", "sha256").pop("pattern"),
        "Document.sha256 pattern was another",
    ),
    "other items": (
        lambda new: member(new, "Commitment", "topics").update(items={"type": "integer"}),
        "Commitment.topics[] is integer, not string",
    ),
    "other texts": (
        lambda new: new["components"]["schemas"]["LanguageMap"].update(additionalProperties={"type": "object"}),
        "LanguageMap.* is object, not string",
    ),
    "a format": (lambda new: answer(new)["content"].pop("text/csv"), f"{LIST} 200 text/csv is gone"),
    "a header": (lambda new: answer(new)["headers"].pop("ETag"), f"{LIST} 200 header ETag is gone"),
    "the answer": (lambda new: new["paths"][LIST]["get"]["responses"].pop("200"), f"{LIST} 200 is gone"),
    "another answer": (
        lambda new: answer(new)["content"]["application/json"].update(schema={"type": "array", "items": {}}),
        f"{LIST} 200 is array, not object",
    ),
}  # fmt: skip


@pytest.mark.no_cover
@pytest.mark.parametrize("name", BREAKING)
@pytest.mark.sample(0, 1, 2, 3, 4, 5, 6, 7)
def test_a_break_is_named(name):
    change, said = BREAKING[name]
    new = copy.deepcopy(PROMISED())
    change(new)
    assert said in compatibility.breaks(PROMISED(), new)


HARMLESS = {
    "another address": lambda new: new["paths"].update({"/api/v1/more/": new["paths"][LIST]}),
    "another parameter": lambda new: new["paths"][LIST]["get"]["parameters"].append(
        {"name": "place", "in": "query", "schema": {"type": "string"}}
    ),
    "another member": lambda new: new["components"]["schemas"]["Commitment"]["properties"].update(more={}),
    "a member that is always there now": lambda new: new["components"]["schemas"]["Commitment"]["required"].append(
        "labels"
    ),
    "a member that is never null any more": lambda new: member(new, "Document", "publisher").update(type="string"),
    "another code": lambda new: new["components"]["schemas"]["Status"]["enum"].append("forgotten"),
    "another word of a parameter": lambda new: parameter(new, "ordering")["schema"]["enum"].append("title"),
    "more values at once": lambda new: parameter(new, "party")["schema"].update(maxItems=100),
    "a larger number": lambda new: parameter(new, "page_size")["schema"].update(maximum=500),
    "a parameter that can be left out now": lambda new: parameter(new, "ref", DETAIL).update(required=False),
    "another format": lambda new: answer(new)["content"].update({"text/turtle": {"schema": {"type": "string"}}}),
    "another header": lambda new: answer(new)["headers"].update(More={"schema": {"type": "string"}}),
    "a refusal less": lambda new: new["paths"][LIST]["get"]["responses"].pop("414"),
    "a refusal more": lambda new: new["paths"][LIST]["get"]["responses"].update({"418": {"description": ""}}),
}


@pytest.mark.no_cover
@pytest.mark.parametrize("name", HARMLESS)
def test_what_breaks_nobody_is_none(name):
    new = copy.deepcopy(PROMISED())
    HARMLESS[name](new)
    assert compatibility.breaks(PROMISED(), new) == []


def test_prose_is_no_promise():
    new = copy.deepcopy(document())
    new["paths"][LIST]["get"]["summary"] = "Another."
    new["components"]["schemas"]["Commitment"]["description"] = "Another."
    assert compatibility.promised(new) == compatibility.promised(document())
    assert "description" in compatibility.promised(document())["components"]["schemas"]["Process"]["properties"]


@pytest.mark.prove
def test_a_promise_is_made_of_what_is_served_unless_that_breaks_one(tmp_path):
    path = tmp_path / "openapi-v1.yaml"
    assert compatibility.main(document, path) == ""
    assert compatibility.read(path) == compatibility.promised(document())
    less = copy.deepcopy(document())
    del less["paths"]["/livez"]
    assert compatibility.main(lambda: less, path) == "This breaks what is promised:\n/livez is gone"
    assert "/livez" in compatibility.read(path)["paths"]
