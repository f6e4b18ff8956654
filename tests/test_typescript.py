"""A TypeScript client that a generator makes of the OpenAPI document compiles under the strictest settings, and lists commitments."""

import json
import pathlib
import shutil
import subprocess
from collections.abc import Callable

import pytest

from commitments.api.schema import document
from tests.builders import TESTS

pytestmark = [pytest.mark.prove, pytest.mark.no_cover]

OPEN = "not_assessed,no_evidence,not_started,in_progress,being_kept,stalled,partly_fulfilled"


def program(name: str, tmp_path: pathlib.Path) -> Callable[..., str]:
    """Runs commands in a copy of a folder of tests/, with `given` on their standard input; their output."""
    folder = shutil.copytree(TESTS / name, tmp_path / "client", ignore=shutil.ignore_patterns("node_modules"))

    def run(*command: str, given: str = "") -> str:
        if not shutil.which(command[0]):
            pytest.fail(f"This needs {command[0]}. On Debian and Ubuntu: sudo apt-get install nodejs npm")
        done = subprocess.run(command, cwd=folder, input=given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture
def run(tmp_path):
    """Runs a program in a copy of the client's folder, with the OpenAPI document beside it; its output."""
    run = program("typescript", tmp_path)
    (tmp_path / "client/openapi.json").write_text(json.dumps(document()), encoding="utf-8")
    return run


def test_a_generated_client_compiles_and_lists_commitments(shipped, client, served, run, record_property):
    run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
    run("npx", "--no-install", "openapi-typescript", "openapi.json", "--output", "schema.d.ts")
    run("npx", "--no-install", "tsc")
    told = json.loads(run("node", "client.js", served))
    asked = {"status": OPEN, "as_of": "2024-01-27", "page_size": 200, "fields": "title,status,quotes"}
    expected = [
        {
            "ref": each["ref"],
            "title": each["title"]["ar"],
            "status": each["status"],
            "words": [quote["exact"] for quote in each["quotes"]],
        }
        for each in client.get("/api/v1/commitments/", asked).json()["results"]
    ]
    assert told == {"found": expected, "refused": 404}
    record_property("checked", f"A TypeScript client made of the OpenAPI document lists {len(expected)} commitments.")
