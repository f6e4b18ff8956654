"""Hostile requests: every parameter, header and path with every kind of bad value. Never a 500, and what is right still answers."""

import collections
import os
import random
import re
from urllib.parse import unquote_to_bytes

import pytest

from commitments.api.schema import document
from tests import hostile
from tests.api_register import BORDER, BOTH, CONVOYS, problem

pytestmark = pytest.mark.no_cover

SAMPLE = None if os.environ.get("PROVE") else 60  # requests of each test at every commit
LIST = "/api/v1/commitments/"
KNOWN = {  # a reference for each address with one in it
    "commitments": CONVOYS,
    "statements": "talks-2030-05-04",
    "processes": "talks",
    "documents": "gazette-2030-05-04",
    "parties": "north",
    "topics": "security",
    "assessments": f"{BOTH}.assessment-1",
    "quotes": "gazette-2030-05-04.quote-1",
    "relations": f"{BOTH}.relation-1",
    "vocabularies": "status",
    "releases": "release-1",  # there is none
}
REFUSED = {400, 404, 406, 410, 412, 414, 415, 431}


@pytest.fixture(scope="module")
def operations() -> dict[str, dict]:
    return {path: item["get"] for path, item in document()["paths"].items()}


@pytest.fixture
def ask(client, register):
    """A GET with its path, query and headers as they come from the wire; refusals are checked for what each must have."""
    client.raise_request_exception = False

    def ask(path: str, query: str = "", **environ: str):
        raw = unquote_to_bytes(path).decode("latin-1")
        response = client.request(REQUEST_METHOD="GET", PATH_INFO=raw, QUERY_STRING=query, **environ)
        asked = f"{path[:200]}?{query[:200]} {environ}"[:600]
        if response.status_code >= 400:
            assert response.status_code in REFUSED, asked
            problem(response, response.status_code)
        else:
            b"".join(response)
            assert response.status_code in (200, 301, 304), asked
        return response

    return ask


def known(path: str) -> str:
    name = re.match(r"/(?:api/v1|feeds)?/?(\w*)", path)[1]
    return re.sub(r"\{\w+\}", KNOWN.get(name, ""), path)


def some(cases: list) -> list:
    """All of them in `make prove`, else the same few each time."""
    return cases if SAMPLE is None else random.Random(6).sample(cases, min(SAMPLE, len(cases)))


def told(record_property, cases: list, kinds: collections.Counter, good: int) -> None:
    record_property(
        "checked",
        f"{len(cases)} hostile requests of {len(kinds)} kinds, no 500; {good} were right after all and got their answer.",
    )


def test_every_parameter_with_every_bad_value(ask, operations, record_property):
    cases = list(hostile.queries(operations, 3))
    assert len(cases) > 5_000
    kinds, good = collections.Counter(), 0
    for kind, path, query, name, allowed in some(cases):
        response = ask(known(path), query)
        kinds[kind] += 1
        there = "/releases/{ref}" not in path
        if response.status_code == 400:
            assert allowed is not True, (path, query)
            assert response.json()["errors"], (path, query)
            if allowed is False and query.startswith(f"{name}=") and "&" not in query:
                assert response.json()["errors"][0]["parameter"] == name, (path, query)
        elif response.status_code != 414:
            assert allowed is not False, (path, query)
            unknown_then = "known_at=" in query and "{" in path and response.status_code == 404
            assert unknown_then or response.status_code == (200 if there else 404), (path, query)
            good += 1
    told(record_property, some(cases), kinds, good)


def test_every_path_with_every_bad_reference(ask, operations, record_property):
    inside = [path for path in operations if "{" in path]
    cases = [
        (kind, re.sub(r"\{\w+\}", each, path))
        for path in inside
        for kind in hostile.PATHS
        for each in hostile.PATHS[kind]
    ]
    cases += [("paths", address) for address in hostile.ADDRESSES]
    kinds = collections.Counter()
    for kind, path in some(cases):
        response = ask(path)
        kinds[kind] += 1
        assert response.status_code in (301, 404), path
    told(record_property, some(cases), kinds, 0)


def test_every_header_with_every_bad_value(ask, operations, record_property):
    cases = [
        (path, name, value, usual)
        for path in operations
        for name, (values, usual) in hostile.HEADERS.items()
        for value in values
    ]
    good = collections.Counter()
    for path, name, value, usual in some(cases):
        key = name.upper().replace("-", "_")
        response = ask(known(path), **{key if key.startswith("CONTENT_") else f"HTTP_{key}": value})
        if usual and "/releases/{ref}" not in path:
            assert response.status_code == 200, (path, name, value[:100])
            good[name] += 1
    told(record_property, some(cases), good, sum(good.values()))


TURNED = {  # what is made up of what is right: (address, whether it is right after all)
    "contradictions": [
        ("commitments/?due_after=2031-01-02&due_before=2031-01-01", False),
        ("commitments/?due_after=2031-01-01&due_before=2031-01-01", True),
        ("statements/?issued_after=2031-01-02&issued_before=2031-01-01", False),
        ("documents/?published_after=2031-01-02&published_before=2031-01-01", False),
        ("timeline/?after=2031-01-02&before=2031-01-01", False),
        ("timeline/?kind=deadline&status=fulfilled", False),
        ("timeline/?kind=deadline,assessment&status=fulfilled", True),
        ("commitments/?scorecard=north&obligor=south", False),
        ("commitments/?scorecard=north&obligor=south,north", True),
        ("commitments/facets/?scorecard=north&obligor=south", False),
        ("commitments/?ordering=relevance", False),
        ("commitments/?ordering=relevance&q=convoys", True),
        ("commitments/?matches=true", False),
        ("commitments/?matches=true&q=convoys", True),
        ("commitments/?fields=matches&matches=false&q=convoys", False),
        ("commitments/facets/?due_after=2031-01-02&due_before=2031-01-01", False),
    ],
    "parameters and codes of others": [
        ("commitments/?issuer=north", False),
        ("statements/?obligor=north", False),
        ("topics/?lang=en", False),
        ("commitments/facets/?page_size=1", False),
        ("changes/?cursor=a", False),
        ("statements/?kind=state", False),
        ("parties/?kind=joint_statement", False),
        ("relations/?kind=state", False),
        ("commitments/?strength=overdue", False),
        ("commitments/?schedule=commits", False),
        ("commitments/?fields=note", False),
        ("commitments/?fields=ref", False),
        ("changes/?kind=topic,user", False),
    ],
}


@pytest.mark.parametrize("kind", TURNED)
def test_what_is_made_up_of_what_is_right(ask, kind):
    for address, right in TURNED[kind]:
        path, _mark, query = address.partition("?")
        assert ask(f"/api/v1/{path}", query).status_code == (200 if right else 400), address


def test_cursors_that_nobody_gave(ask):
    cursor = ask(LIST, "page_size=1&ordering=due").json()["next"].rpartition("cursor=")[2]
    assert ask(LIST, f"page_size=1&ordering=due&cursor={cursor}").json()["results"][0]["ref"] == CONVOYS
    made = [
        cursor[:-1],
        cursor + "A",
        cursor[::-1],
        cursor.lower(),
        cursor[4:],
        f"{cursor}==",
        f"{cursor},{cursor}",
        cursor.replace("A", "B"),
    ]
    made += ["W10", "e30", "bnVsbA", "W251bGxd", "WyJkdWUiXQ", "A" * 4000]
    for each in made:
        assert ask(LIST, f"ordering=due&cursor={each}").status_code == 400, each
    for path in ("commitments/", "statements/", "topics/", "timeline/"):
        assert ask(f"/api/v1/{path}", f"cursor={cursor}").status_code == 400, path
    assert BORDER in ask(LIST, "ordering=due").json()["results"][0]["ref"]
