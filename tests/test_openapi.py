"""The OpenAPI document: valid, complete, the committed one; and its page, which works offline."""

import json
import pathlib
import re
import shutil
import threading

import pytest
import yaml
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.test.testcases import QuietWSGIRequestHandler
from playwright.sync_api import sync_playwright

from commitments import codebook
from commitments.api import errors, shapes, urls, views
from commitments.api.schema import document

COMMITTED = pathlib.Path(__file__).parent.parent / "docs" / "openapi.yaml"


def operations() -> dict:
    return {path: item["get"] for path, item in document()["paths"].items()}


def test_the_document_is_valid_and_made_without_a_warning(tmp_path):
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(made))
    assert yaml.safe_load(made.read_text(encoding="utf-8"))["openapi"] == "3.1.1"


def test_the_committed_document_is_the_served_one(client):
    """After a change of the API: manage.py spectacular --file docs/openapi.yaml"""
    served = client.get("/api/schema/")
    assert served["Content-Type"] == "application/vnd.oai.openapi; charset=utf-8"
    assert served.content.decode() == COMMITTED.read_text(encoding="utf-8")


def test_yaml_and_json_say_the_same(client):
    as_json = client.get("/api/schema/", HTTP_ACCEPT="application/json")
    as_yaml = client.get("/api/schema/", HTTP_ACCEPT="application/yaml")
    assert as_json.json() == yaml.safe_load(as_yaml.content) == json.loads(json.dumps(document()))


def test_every_resource_is_described_with_exactly_the_parameters_it_takes():
    described = operations()
    assert set(described) == {"/api/v1/", "/livez", "/readyz"} | {
        f"/api/v1/{name}/{tail}"
        for name in views.RESOURCES
        for tail in ("", "{name}/" if name == "vocabularies" else "{ref}/")
    }
    for pattern in urls.router.urls:
        name, action = pattern.name.rsplit("-", 1)
        view = pattern.callback.cls
        taken = (
            getattr(view, "record_class", views.View.filterset_class) if action == "detail" else view.filterset_class
        )
        key = "{name}/" if name == "vocabularies" else "{ref}/"
        operation = described[f"/api/v1/{name}/{key if action == 'detail' else ''}"]
        asked = [each["name"] for each in operation["parameters"] if each["in"] == "query"]
        assert asked == list(taken.base_filters), pattern.name


def test_every_operation_has_its_own_name_a_summary_and_every_answer():
    described = operations()
    assert len({operation["operationId"] for operation in described.values()}) == len(described)
    for path, operation in described.items():
        assert operation["summary"].endswith(".")
        statuses = {"200", "400", "406", "414", "415", "500", "503"}
        statuses |= {"304"} if path.startswith("/api/v1/") else set()
        statuses |= {"404", "410"} if "{" in path else set()
        assert set(operation["responses"]) == statuses, path


def described(schema, where: str):
    """Every place in a schema that lacks a description."""
    if "$ref" in schema and not schema.get("description"):
        schema = shapes.SCHEMAS[schema["$ref"].rpartition("/")[2]]
    if not schema.get("description") and "anyOf" not in schema:
        yield where
    for name, inner in schema.get("properties", {}).items():
        yield from described(inner, f"{where}.{name}")


def test_every_component_member_and_parameter_is_described():
    missing = [place for name, schema in shapes.SCHEMAS.items() for place in described(schema, name)]
    missing += [
        f"{path}?{each['name']}"
        for path, operation in operations().items()
        for each in operation["parameters"]
        if not each["description"]
    ]
    assert missing == []


@pytest.mark.parametrize("vocabulary", sorted(set(codebook.read()["vocabularies"]) - {"topic"}))
def test_every_code_is_there_with_its_meaning(vocabulary):
    component = document()["components"]["schemas"][shapes.component(vocabulary)]
    codes = codebook.codes(vocabulary)
    assert component["enum"] == list(codes)
    for code, entry in codes.items():
        assert f"- `{code}` ({entry['label']['en']}): {entry['definition']['en']}" in component["description"]


def test_every_reference_leads_somewhere_and_every_component_is_used():
    whole = document()
    used = set(re.findall(r"#/components/\w+/\w+", json.dumps(whole)))
    made = {f"#/components/{kind}/{name}" for kind, items in whole["components"].items() for name in items}
    assert used <= made
    unused = {name.rpartition("/")[2] for name in made - used}
    assert unused <= {shapes.component(name) for name in ("editorial_state", "publication_class")}


def test_every_problem_is_described_by_what_it_says():
    responses = document()["components"]["responses"]
    for status in (400, 404, 410, 414, 415, 500, 503):
        assert responses[f"Problem{status}"]["description"] == errors.DETAILS[status]
        assert list(responses[f"Problem{status}"]["content"]) == ["application/problem+json"]


def test_the_page_loads_nothing_from_elsewhere(client):
    page = client.get("/api/docs/").content.decode()
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(loaded) == 5
    for address in loaded:
        assert address.startswith(("/static/", "/api/docs/"))
        assert address.startswith("/api/docs/") or finders.find(address.removeprefix("/static/"))
    assert not re.search(r"<script>|<script [^>]*>[^<]", page)
    script = client.get(next(address for address in loaded if address.startswith("/api/docs/")))
    assert (script.status_code, script["Content-Type"]) == (200, "application/javascript")
    assert "/api/schema/" in script.content.decode()
    assert "://" not in script.content.decode()


@pytest.fixture
def site():
    """The address of the site, served in a thread of its own; nothing here reads the database."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_page_works_in_a_browser_without_the_internet(site):
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert program, "The browser tests need Chromium. On Debian and Ubuntu: sudo apt-get install chromium"
    said, asked = [], []
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program, args=["--no-sandbox"]) as browser,
    ):
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{site}/api/docs/")
        page.wait_for_selector(".opblock")
        assert page.locator(".opblock").count() == len(operations())
    assert said == []
    assert {address.split("/")[2] for address in asked if not address.startswith("data:")} == {site.split("/")[2]}


def test_only_the_page_allows_inline_styles_and_none_inline_scripts(client):
    policy = client.get("/api/docs/")["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self' 'unsafe-inline';" in policy
    assert "unsafe-inline" not in client.get("/licence/")["Content-Security-Policy"]
