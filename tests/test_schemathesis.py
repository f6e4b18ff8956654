"""The API against its own OpenAPI document: Schemathesis with all its checks and phases, through WSGI, on the shipped record."""

import collections

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from commitments import search

pytestmark = pytest.mark.no_cover

SEEDS = (1, 2, 3, 4, 5)
LEAST = 10_000  # cases of all seeds together
SECTIONS = ("after", "before")


@pytest.fixture
def application(shipped):
    """The service as WSGI. Between two requests Django would close the connection that both share."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def sayable(context, case):
    """A case that is right by the document, without what a document can't say: pairs that contradict each other, the grammar
    of `q`, and which cursors there are. tests/test_hostile.py tries these."""
    asked = case.query
    if not (case.meta and case.meta.generation.mode.is_positive and isinstance(asked, dict)):
        return case
    asked.pop("cursor", None)
    for late in [name for name in asked if "before" in name]:
        early = late.replace("before", "after")
        if early in asked and asked[early] > asked[late]:
            asked[early], asked[late] = asked[late], asked[early]
    try:
        search.read(asked.get("q", "word"))
    except search.Unsearchable:
        asked["q"] = "قوات"
    if asked.get("ordering") == "relevance":
        asked.setdefault("q", "قوات")
    return case


def run(
    application, seed: int, examples: int, phases: tuple[str, ...], only: str = ""
) -> tuple[collections.Counter, list[str]]:
    """(How many cases each phase tried, what failed) with one seed."""
    every = ("examples", "coverage", "fuzzing", "stateful")
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "checks": {"enabled": True},
            "generation": {"max-examples": examples, "database": "none", "no-shrink": True},
            "phases": {name: {"enabled": name in phases} for name in every},
        }
    )
    schema = schemathesis.openapi.from_wsgi(
        "/api/schema/", application, config=config, headers={"Accept": "application/json"}
    )
    schema.hook("map_case")(sayable)
    if only:
        schema = schema.include(path_regex=only)
    cases, failures = collections.Counter(), []
    for event in from_schema(schema).execute():
        match event:
            case events.ScenarioFinished():
                cases[event.phase.value] += len(event.recorder.interactions)
                failures += [
                    f"{event.label}: {check.name}: {check.failure_info.failure}"
                    for checks in event.recorder.checks.values()
                    for check in checks
                    if check.status is Status.FAILURE
                ]
            case events.NonFatalError() | events.FatalError():
                failures.append(str(event.info if isinstance(event, events.NonFatalError) else event.exception))
            case events.EngineFinished():
                failures += map(str, event.failures)
    return cases, failures
