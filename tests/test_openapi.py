"""The OpenAPI document: valid, complete, the committed one; and its page, which works offline."""

import functools
import json
import pathlib
import re

import jsonschema
import pytest
import yaml
from django.contrib.staticfiles import finders
from django.core.management import call_command

from commitments import codebook
from commitments.api import errors, filters, shapes, urls, views
from commitments.api.schema import EXAMPLES, document
from tests.shown import held

COMMITTED = pathlib.Path(__file__).parent.parent / "docs" / "openapi.yaml"
SHOWN = pathlib.Path(shapes.__file__).with_name("examples.json")
# What the shipped record has no example of: nothing was released or retracted in it; and the codebook is long.
WITHOUT = {"list_vocabularies", "get_releases", "get_releases_bundle_zip"}


whole = functools.cache(document)  # made once: no test changes it


def operations() -> dict:
    return {path: item["get"] for path, item in whole()["paths"].items()}


@pytest.mark.no_cover
def test_the_document_is_valid_and_made_without_a_warning(tmp_path):
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(made))
    assert yaml.load(made.read_text(encoding="utf-8"), codebook.SafeLoader)["openapi"] == "3.1.1"


@pytest.mark.no_cover
def test_the_committed_document_is_the_served_one(client):
    """After a change of the API: manage.py spectacular --file docs/openapi.yaml"""
    served = client.get("/api/schema/")
    assert served["Content-Type"] == "application/vnd.oai.openapi; charset=utf-8"
    assert served.content.decode() == COMMITTED.read_text(encoding="utf-8")


def place(schema: dict) -> dict:
    """A schema of the document with what it refers to."""
    return schema | {"components": whole()["components"]}


@pytest.mark.no_cover
def test_every_schema_is_json_schema_and_every_example_is_one_of_it():
    parameters = [each for operation in operations().values() for each in operation["parameters"]]
    found = [(name, schema, schema.get("examples", [])) for name, schema in shapes.SCHEMAS.items()]
    for each in parameters:
        inside = [*each["schema"].get("examples", []), *([each["example"]] if "example" in each else [])]
        found.append((each["name"], each["schema"], inside))
    responses = [*whole()["components"]["responses"].values()]
    responses += [operation["responses"]["200"] for operation in operations().values()]
    for response in responses:
        for media_type, content in response.get("content", {}).items():
            examples = [each["value"] for each in content.get("examples", {}).values()]
            found.append((media_type, content["schema"], examples))
    for name, schema, examples in found:
        jsonschema.Draft202012Validator.check_schema(schema)
        for example in examples:
            faults = list(jsonschema.Draft202012Validator(place(schema)).iter_errors(json.loads(json.dumps(example))))
            assert faults == [], name
    assert sum(len(examples) for _name, _schema, examples in found) > 200


def test_every_answer_and_every_parameter_has_an_example():
    for operation in operations().values():
        content = next(iter(operation["responses"]["200"]["content"].values()))
        assert ("examples" in content) == (operation["operationId"] not in WITHOUT), operation["operationId"]
        for each in operation["parameters"]:
            if each["name"] == "cursor":
                continue
            schema = shapes.SCHEMAS.get(str(each["schema"].get("items", each["schema"]).get("$ref")).rpartition("/")[2])
            listed = "enum" in (schema or each["schema"].get("items", each["schema"]))
            ours = operation["operationId"] in WITHOUT
            assert listed or ours or "example" in each or "examples" in each["schema"], (operation["operationId"], each)


def answered(client, asked: dict):
    """The answer to a request that is shown: JSON read, all else as text."""
    headers = {"Host": "127.0.0.1:8000", "X-Request-ID": "front-end-0042"} | asked.get("headers", {})
    content_type = headers.pop("Content-Type", "application/json")
    response = client.generic(
        asked.get("method", "GET"), asked["request"], asked.get("body", ""), content_type, headers=headers
    )
    content = b"".join(response).decode()
    return json.loads(content) if response["Content-Type"].partition(";")[0].endswith(("/json", "+json")) else content


@pytest.mark.no_cover
def test_every_example_is_the_answer_of_the_shipped_record(shipped, client):
    found = {name: asked | {"answer": answered(client, asked)} for name, asked in EXAMPLES["answers"].items()}
    held(
        SHOWN,
        SHOWN.read_text(encoding="utf-8"),
        json.dumps(EXAMPLES | {"answers": found}, ensure_ascii=False, indent=1),
    )


@pytest.mark.prove
@pytest.mark.no_cover
def test_every_example_of_a_parameter_finds_something_in_the_shipped_record(shipped, client):
    found = set()
    for path, operation in operations().items():
        ref = {each["name"]: each.get("example") for each in operation["parameters"] if each["in"] == "path"}
        for each in operation["parameters"] if operation["operationId"] not in WITHOUT else ():
            for example in each["schema"].get("examples", ()):
                value = ",".join(example) if isinstance(example, list) else str(example)
                value = value.lower() if isinstance(example, bool) else value
                response = client.get(path.format(**ref), {each["name"]: value})
                content = b"".join(response)
                assert response.status_code == 200, (path, each["name"])
                if (
                    response["Content-Type"] == "application/json"
                    and json.loads(content).get("results") == []
                    and "releases" not in path
                ):  # there is none yet
                    found.add((path, each["name"], value))
    assert found == set()


@pytest.mark.prove
def test_yaml_and_json_say_the_same(client):
    as_json = client.get("/api/schema/", HTTP_ACCEPT="application/json")
    as_yaml = client.get("/api/schema/", HTTP_ACCEPT="application/yaml")
    assert as_json.json() == yaml.load(as_yaml.content, codebook.SafeLoader) == json.loads(json.dumps(whole()))


def test_every_resource_is_described_with_exactly_the_parameters_it_takes():
    described = operations()
    single = {f"/api/v1/{name}/{{ref}}/" for name in views.ROUTES.values()} | {"/api/v1/vocabularies/{name}/"}
    single |= {f"/api/v1/commitments/{{ref}}/{name}/" for name in ("history", "parallels", "thread")}
    single |= {"/api/v1/", "/api/v1/commitments/facets/", "/api/v1/parties/{ref}/scorecard/", "/livez", "/readyz"}
    single |= {"/api/v1/releases/{ref}/", "/api/v1/releases/{ref}/bundle.zip"}
    single |= {f"/api/v1/commitments{end}" for end in (".csv", ".jsonl", "/{ref}.jsonld")} | {"/feeds/commitments.atom"}
    assert set(described) == single | {f"/api/v1/{name}/" for name in views.RESOURCES}
    for pattern in urls.router.urls:
        name, action = pattern.name.rsplit("-", 1)
        view = pattern.callback.cls
        taken = {
            "list": view.filterset_class,
            "detail": getattr(view, "record_class", views.View.filterset_class),
            "history": filters.History,
            "parallels": filters.Record,
            "facets": filters.Facets,
            "thread": filters.Thread,
            "scorecard": filters.Scorecard,
        }[action]
        if name == "releases" and action == "list":
            taken = filters.Releases
        key = "{name}/" if name == "vocabularies" else "{ref}/"
        ends = {"list": "", "detail": key, "facets": "facets/"}
        ends |= {below: f"{key}{below}/" for below in ("history", "thread", "parallels", "scorecard")}
        operation = described[f"/api/v1/{name}/{ends[action]}"]
        asked = [each["name"] for each in operation["parameters"] if each["in"] == "query"]
        assert asked == list(taken.base_filters), pattern.name


def test_every_operation_has_its_own_name_a_summary_and_every_answer():
    described = operations()
    assert len({operation["operationId"] for operation in described.values()}) == len(described)
    for path, operation in described.items():
        assert operation["summary"].endswith(".")
        statuses = {"200", "400", "405", "406", "412", "414", "415", "429", "431", "500", "503"}
        statuses |= {"304"} if path.startswith(("/api/v1/", "/feeds/")) else set()
        statuses |= {"404"} if path.endswith("/history/") else {"404", "410"} if "{" in path else set()
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
    component = whole()["components"]["schemas"][shapes.component(vocabulary)]
    codes = codebook.codes(vocabulary)
    assert component["enum"] == list(codes)
    for code, entry in codes.items():
        assert f"- `{code}` ({entry['label']['en']}): {entry['definition']['en']}" in component["description"]


def test_every_reference_leads_somewhere_and_every_component_is_used():
    used = set(re.findall(r"#/components/\w+/\w+", json.dumps(whole())))
    made = {f"#/components/{kind}/{name}" for kind, items in whole()["components"].items() for name in items}
    assert used <= made
    unused = {name.rpartition("/")[2] for name in made - used}
    assert unused <= {shapes.component(name) for name in ("editorial_state",)}


def test_every_problem_is_described_by_what_it_says():
    responses = whole()["components"]["responses"]
    for status in (400, 404, 405, 410, 412, 414, 415, 429, 431, 500, 503):
        assert responses[f"Problem{status}"]["description"] == errors.DETAILS[status]
        assert list(responses[f"Problem{status}"]["content"]) == ["application/problem+json"]


def test_a_refusal_that_the_shipped_record_has_no_request_for_is_shown_as_it_is_made(rf, client):
    request, responses = rf.get("/", headers={"X-Request-ID": "front-end-0042"}), whole()["components"]["responses"]
    for status in (410, 414, 429, 431, 500, 503):
        (shown,) = responses[f"Problem{status}"]["content"]["application/problem+json"]["examples"].values()
        made = json.loads(errors.problem(request, status).content)
        assert {name: value for name, value in shown["value"].items() if name != "tombstone"} == made
    (gone,) = responses["Problem410"]["content"]["application/problem+json"]["examples"].values()
    assert list(gone["value"]["tombstone"]) == shapes.PARTS["Tombstone"]["required"]


# What every answer says against misuse, whatever is asked; the framework's own, on everything.
OF_PAGES = {
    *("Content-Type", "Content-Length", "Content-Security-Policy", "Cross-Origin-Opener-Policy", "Server", "Allow"),
    *(
        "Cross-Origin-Resource-Policy",
        "Permissions-Policy",
        "Referrer-Policy",
        "X-Content-Type-Options",
        "X-Frame-Options",
    ),
}


@pytest.mark.parametrize(("path", "status"), [
    ("/api/v1/commitments/", 200), ("/api/v1/commitments.csv", 200), ("/livez", 200), ("/api/v1/topics/nothing/", 404),
])  # fmt: skip
def test_every_header_of_an_answer_is_told(shipped, client, path, status):
    response = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert response.status_code == status
    told = operations()[path.replace("nothing", "{ref}")]["responses"][str(status)]
    told = told if "headers" in told else whole()["components"]["responses"][told["$ref"].rpartition("/")[2]]
    assert set(response.headers) - OF_PAGES <= set(told["headers"])


def test_what_stands_above_the_addresses_is_told():
    told = whole()
    assert told["servers"] == [{"url": "/", "description": "Where this document comes from."}]
    assert told["info"]["license"]["url"] == "/licence/data/"
    assert all(word in told["info"]["description"] for word in ("HEAD", "OPTIONS", "405"))
    used = {tag for operation in operations().values() for tag in operation["tags"]}
    assert [tag["name"] for tag in told["tags"]] == sorted(used)
    assert all(tag["description"] for tag in told["tags"])


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


@pytest.mark.prove
def test_the_page_works_in_a_browser_without_the_internet(chromium, served):
    said, asked = [], []
    page = chromium.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served}/api/docs/")
    page.wait_for_selector(".opblock")
    assert page.locator(".opblock").count() == len(operations())
    page.close()
    assert said == []
    assert {address.split("/")[2] for address in asked if not address.startswith("data:")} == {served.split("/")[2]}


def test_only_the_page_allows_inline_styles_and_none_inline_scripts(client):
    policy = client.get("/api/docs/")["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self' 'unsafe-inline';" in policy
    assert "unsafe-inline" not in client.get("/licence/")["Content-Security-Policy"]
