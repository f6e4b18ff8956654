"""The API against its own OpenAPI document: Schemathesis with all its checks and phases, through WSGI, on the shipped record."""

import collections
import logging
import tomllib

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connections
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from tests.builders import TESTS

pytestmark = pytest.mark.no_cover

SEEDS = (1, 2, 3, 4, 5)
EXAMPLES = 34  # of each operation and seed
EDGES = 4_000  # cases at least of those that the document has whatever the seed, which are tried with the first
LEAST = 1_200  # cases at least of each seed beside: 10,000 in all
CONFIG = tomllib.loads((TESTS.parent / "schemathesis.toml").read_text(encoding="utf-8"))  # as anybody asks it


@pytest.fixture
def application(shipped):
    """The service as WSGI. Schemathesis calls it from threads of its own, one at a time: all use this thread's connection."""
    serve, shared = get_wsgi_application(), connections["default"]
    shared.inc_thread_sharing()
    logging.disable()

    def application(environ, start_response):
        connections["default"] = shared
        environ.pop("HTTP_ACCEPT_ENCODING", None)  # this client asks for what it can't unpack
        answer = serve(environ, start_response)
        try:
            return [*answer]
        finally:
            answer.close()  # as every server does; this client doesn't

    yield application
    logging.disable(logging.NOTSET)
    shared.dec_thread_sharing()


def run(application, seed: int, examples: int, *phases: str, only: str = "") -> collections.Counter:
    """How many cases each phase tried with a seed, `examples` of each operation; every check holds in all of them."""
    config = CONFIG | {
        "seed": seed,
        "generation": {"max-examples": examples, "database": "none", "no-shrink": True},
        "phases": {name: {"enabled": name in phases} for name in ("examples", "coverage", "fuzzing", "stateful")},
    }
    config = SchemathesisConfig.from_dict(config)
    schema = schemathesis.openapi.from_wsgi(
        "/api/schema/", application, config=config, headers={"Accept": "application/json"}
    )
    schema = schema.include(path_regex=only) if only else schema
    cases, failures = collections.Counter(), []
    for event in from_schema(schema).execute():
        match event:
            case events.ScenarioFinished():
                cases[event.phase.value] += len(event.recorder.interactions)
                checks = [each for found in event.recorder.checks.values() for each in found]
                failures += [each.failure_info for each in checks if each.status is Status.FAILURE]
            case events.NonFatalError():
                failures.append(event.info)
            case events.FatalError():
                failures.append(event.exception)
            case events.EngineFinished():
                failures += event.failures
    assert failures == [], "\n".join(map(str, failures))
    return cases


def test_some_requests_of_some_routes_are_answered_as_the_document_says(application):
    cases = run(application, 6, 2, "coverage", "fuzzing", "stateful", only="^/api/v1/topics/")
    assert cases.total() > 90, cases


@pytest.mark.prove
@pytest.mark.parametrize("seed", SEEDS)
def test_every_route_answers_as_the_document_says(application, record_property, seed):
    edges = {"coverage": EDGES} if seed == SEEDS[0] else {}
    cases = run(application, seed, EXAMPLES, "examples", *edges, "fuzzing", "stateful")
    assert cases.total() >= LEAST + sum(edges.values()), cases
    record_property(
        "checked", f"Schemathesis, seed {seed}, all checks: {cases.total()} cases ({told(cases)}), no failure."
    )


def told(cases: collections.Counter) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(cases.items()))
