"""The documentation: its requests give the answers that it shows, its commands and settings exist, and all are there."""

import json
import pathlib
import re

import pytest
from django.conf import settings
from django.core.management import get_commands

from commitments import codebook
from commitments.api import errors
from tests.shown import held

PAGES = [settings.PROJECT / "README.md", *sorted((settings.PROJECT / "docs").glob("*.md"))]
TEXT = {page.name: page.read_text(encoding="utf-8") for page in PAGES}
# A request as a reader types it, and the answer below it.
SHOWN = re.compile(
    r"^\$ curl -s '(http://127\.0\.0\.1:8000/[^']*)' \| python3 -m json\.tool --no-ensure-ascii\n(.*?)^```",
    re.MULTILINE | re.DOTALL,
)
# The same of what isn't JSON: the answer as it is shown in a terminal.
RAW = re.compile(r"^\$ curl -s '(http://127\.0\.0\.1:8000/[^']*)'\n(.*?)^```", re.MULTILINE | re.DOTALL)
PLAIN = [(name, url, answer) for name, text in TEXT.items() for url, answer in RAW.findall(text)]
EXAMPLES = [(name, url, answer) for name, text in TEXT.items() for url, answer in SHOWN.findall(text)]
ENVIRONMENT = (
    "TRACKER_PORT", "TRACKER_DATA_DIR", "DATABASE_URL", "DATABASE_OWNER_URL", "TRACKER_ACTOR", "TRACKER_REASON", "TRACKER_DOCUMENTS",
    "DJANGO_SECRET_KEY", "DJANGO_DEBUG", "DJANGO_ALLOWED_HOSTS", "TRACKER_RATE_LIMIT", "TRACKER_PROXIES", "TRACKER_CORS_ORIGINS",
)  # fmt: skip


def test_there_are_requests_with_answers_to_check():
    assert len([name for name, _url, _answer in EXAMPLES if name == "README.md"]) >= 3


def test_there_are_ten_recipes_each_with_a_request_and_its_answer():
    text = TEXT["api.md"]
    recipes = re.findall(r"^\| [^|]+ \| \[([^]]+)\]\(#([a-z-]+)\) \|$", text, re.MULTILINE)
    sections = {}
    for section in re.split(r"^#{2,3} ", text, flags=re.MULTILINE)[1:]:
        heading = section.partition("\n")[0]
        sections[re.sub(r"[^a-z -]", "", heading.lower()).replace(" ", "-")] = heading, section
    assert len(recipes) == 10
    for title, anchor in recipes:
        heading, section = sections[anchor]
        assert heading.startswith(title)
        assert len(SHOWN.findall(section)) == 1, title


@pytest.mark.parametrize(("name", "url", "answer"), EXAMPLES, ids=[url for _name, url, _answer in EXAMPLES])
@pytest.mark.no_cover
def test_a_request_of_the_docs_gives_the_answer_that_they_show(shipped, client, name, url, answer):
    response = client.get(url.removeprefix("http://127.0.0.1:8000"), HTTP_HOST="127.0.0.1:8000")
    assert response.status_code == 200
    found = json.dumps(response.json(), indent=4, ensure_ascii=False) + "\n"
    page = next(page for page in PAGES if page.name == name)
    asked = f"curl -s '{url}' | python3 -m json.tool --no-ensure-ascii\n"
    held(page, asked + answer, asked + found)


@pytest.mark.parametrize(("name", "url", "answer"), PLAIN, ids=[url for _name, url, _answer in PLAIN])
def test_a_request_for_another_format_gives_the_answer_that_the_docs_show(shipped, client, name, url, answer):
    response = client.get(url.removeprefix("http://127.0.0.1:8000"), HTTP_HOST="127.0.0.1:8000")
    found = b"".join(response).decode("utf-8-sig").replace("\r\n", "\n")
    page = next(page for page in PAGES if page.name == name)
    held(page, f"curl -s '{url}'\n{answer}", f"curl -s '{url}'\n{found}")


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "name", [url for text in TEXT.values() for url in re.findall(r"http://127\.0\.0\.1:8000(/[^\s'`)\"]*)", text)]
)
def test_an_address_in_the_docs_answers(shipped, client, name):
    assert client.get(name, HTTP_HOST="127.0.0.1:8000").status_code in (200, 302)


def test_every_management_command_in_the_docs_exists():
    named = {word for text in TEXT.values() for word in re.findall(r"manage\.py ([a-z_]+)", text)}
    assert named
    assert not named - get_commands().keys()


def test_every_command_of_ours_is_in_the_docs():
    ours = {name for name, app in get_commands().items() if app == "commitments"} - {"migrate"}
    assert {name for name in ours if not any(f"manage.py {name}" in text for text in TEXT.values())} == set()


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_every_setting_is_in_the_operators_page(name):
    assert f"`{name}`" in TEXT["operations.md"]


@pytest.mark.parametrize("code", [*codebook.codes("status"), *codebook.codes("schedule"), *codebook.codes("strength")])
def test_every_status_schedule_and_strength_is_in_the_api_page(code):
    assert f"`{code}`" in TEXT["api.md"]


def test_every_refusal_is_in_the_api_page():
    told = re.findall(r"^\| (\d{3}(?:, \d{3})*) \|", TEXT["api.md"], re.MULTILINE)
    assert {int(status) for row in told for status in row.split(", ")} == {*errors.DETAILS, 406}


def test_every_link_to_a_file_leads_to_one():
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_each_decision_is_short():
    records = re.split(r"^## ", TEXT["decisions.md"], flags=re.MULTILINE)[2:]
    assert records
    assert [record for record in records if len(record.splitlines()) > 17] == []


def test_the_file_map_of_the_readme_names_what_is_there():
    mapped = set(
        re.findall(r"^([a-z_]+/|[A-Za-z.-]+)\s{2,}", TEXT["README.md"].partition("## What is where")[2], re.MULTILINE)
    )
    there = {path.name + ("/" if path.is_dir() else "") for path in pathlib.Path(settings.PROJECT).iterdir()}
    assert mapped
    assert mapped <= there
