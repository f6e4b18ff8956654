"""What the tests of questions share: a GET whose answer is held against its component, and its numbers against their rows."""

import pytest

from commitments import actions, models
from commitments.api import shapes
from tests.test_api import compare

API = "/api/v1/"
COMPONENTS = {"facets": "Facets", "scorecard": "Scorecard", "thread": "Thread", "timeline": "TimelineEntryList"}


@pytest.fixture
def get(client, register):
    """A GET below /api/v1/ that must succeed; its JSON, held against its component."""
    return lambda path: asked(client, path)


def asked(client, path: str) -> dict:
    response = client.get(path if path.startswith("http") else API + path)
    assert response.status_code == 200, response.content.decode()
    found = response.json()
    name = next((name for name in COMPONENTS if f"{name}/" in path), None)
    if name:
        compare(found, shapes.SCHEMAS[COMPONENTS[name]], COMPONENTS[name])
    return found


def numbers(answer) -> list[tuple[int, str]]:
    """Every number of an answer that has an address, with it."""
    if isinstance(answer, list):
        return [found for each in answer for found in numbers(each)]
    if not isinstance(answer, dict):
        return []
    own = [(answer["count"], answer["url"])] if {"count", "url"} <= answer.keys() else []
    return own + numbers(list(answer.values()))


def held(client, answer: dict) -> int:
    """How many numbers an answer has: each must be what its address counts."""
    found = numbers(answer)
    for count, url in found:
        join = "&" if "?" in url else "?"
        assert asked(client, f"{url}{join}page_size=1&fields=status")["count"] == count, url
    return len(found)


def counts(values: list[dict]) -> dict[str, int]:
    return {each["value"]: each["count"] for each in values}


def told(answer: dict) -> dict[str, dict[str, int]]:
    """A facets answer in short."""
    return {name: counts(facet["results"]) for name, facet in answer["facets"].items()}


def card(answer: dict, side: str) -> dict:
    """One side of a scorecard in short."""
    found = answer[side]
    shown = {name: found[name]["count"] for name in ("judged", "not_assessed")}
    return {"count": found["count"]} | shown | {name: counts(found[name]) for name in ("status", "schedule")}


def approve(*records):
    actions.publish(records, by="approver", reason="checked")


def link(commitment, kind, target, scope="same", **values):
    return models.Relation.objects.create(
        commitment=commitment, relation_kind=kind, target=target, scope=scope, **values
    )
