"""The front-end of one page: it lists, filters and shows commitments from the API alone, in a real browser, from another origin."""

import functools
import http.server

import pytest
from playwright.sync_api import expect

from tests.builders import TESTS
from tests.conftest import serving

pytestmark = pytest.mark.no_cover

REF, OTHER = "us-iraq-dialogue-fourth-session-06", "us-iraq-dialogue-first-session-07"
WIDTHS = (1280, 400)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def elsewhere():
    """The address of the folder examples/, served by another server than the tracker's."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=TESTS.parent / "examples")
    )
    with serving(server) as address:
        yield address


@pytest.fixture
def page(chromium, shipped, served, elsewhere):
    """The page, open, with what the browser complains of in `complaints`."""
    with chromium.new_context(viewport={"width": WIDTHS[0], "height": 900}) as context:
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(f"{elsewhere}/?api={served}")
        expect(page.locator("#list li")).to_have_count(10)
        yield page


def api(client, path: str) -> dict:
    return client.get(f"/api/v1/{path}").json()


def test_the_page_lists_filters_and_shows_a_quote_beside_its_translation_with_its_thread(page, client):
    everything = api(client, "commitments/")
    expect(page.get_by_role("status")).to_have_text(f"Commitments found: {everything['count']}")
    page.get_by_role("button", name="Show more").click()
    expect(page.locator("#list li")).to_have_count(20)
    for name in ("party", "topic", "status", "schedule"):  # menus hold what there is, each value with its number
        values = api(client, "commitments/facets/")["facets"][name]["results"]
        shown = page.locator(f"select[name={name}] option").all_inner_texts()
        assert shown == ["Any", *(f"{each['label']['en']} ({each['count']})" for each in values)]
    page.get_by_role("combobox", name="Party").select_option("global-coalition")
    found = api(client, "commitments/?party=global-coalition")
    expect(page.get_by_role("status")).to_have_text(f"Commitments found: {found['count']}")
    assert page.locator("#list a").all_inner_texts() == [each["title"]["en"] for each in found["results"]][:10]

    page.get_by_role("combobox", name="Party").select_option("")
    page.get_by_role("searchbox", name="Search").fill('"قوات قتالية"')
    page.get_by_role("searchbox", name="Search").press("Enter")
    page.get_by_role("searchbox", name="Search").blur()
    searched = api(client, "commitments/?q=%22قوات%20قتالية%22")
    expect(page.get_by_role("status")).to_have_text(f"Commitments found: {searched['count']}")
    commitment, thread = api(client, f"commitments/{REF}/"), api(client, f"commitments/{REF}/thread/")
    page.get_by_role("link", name=commitment["title"]["en"]).click()
    shown = page.get_by_role("article", name=commitment["title"]["en"])
    expect(shown.get_by_role("heading", level=2)).to_be_focused()
    quote = commitment["quotes"][0]
    words, translation = (shown.locator("blockquote").nth(number) for number in (0, 1))
    expect(words).to_have_text(quote["exact"])
    assert (words.get_attribute("lang"), words.get_attribute("dir")) == ("ar", "rtl")
    expect(translation).to_have_text(quote["translation"]["en"])
    left, right = words.bounding_box(), translation.bounding_box()
    assert (left["y"], left["x"] < right["x"]) == (right["y"], True)
    steps = shown.locator("ol.thread > li")
    assert steps.count() == thread["count"] == len(thread["results"])
    assert [each.split("\n")[0].split(" ")[0] for each in steps.all_inner_texts()] == [
        each["label"]["en"].split(" ")[0] for each in thread["results"]
    ]
    assert page.complaints == []


@pytest.mark.prove
def test_the_page_turns_with_its_language_and_fits_every_width(page, client):
    page.goto(f"{page.url}#{REF}")
    page.get_by_role("combobox", name="Language").select_option("ar")
    assert page.locator("html").get_attribute("dir") == "rtl"
    title = api(client, f"commitments/{REF}/")["title"]["ar"]
    expect(page.get_by_role("article", name=title)).to_be_visible()
    expect(page.locator("blockquote").first).to_have_css("direction", "rtl")
    first, second = page.locator("#sides > *").nth(0).bounding_box(), page.locator("#sides > *").nth(1).bounding_box()
    assert first["x"] > second["x"]  # the list stands where one begins to read
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []


@pytest.mark.prove
def test_every_control_has_a_name_and_what_goes_wrong_is_told(page, client):
    for name in ("Party", "Topic", "Status", "Deadline", "Language"):
        expect(page.get_by_role("combobox", name=name)).to_be_visible()
    assert page.evaluate("[...document.scripts].every((each) => each.src && !each.textContent)")
    assert page.evaluate("!document.querySelector('[style], [onclick], style')")
    page.get_by_role("searchbox", name="Search").fill('"')
    page.get_by_role("searchbox", name="Search").blur()
    refused = api(client, "commitments/?q=%22")
    expect(page.get_by_role("alert")).to_have_text(refused["detail"])
    page.get_by_role("searchbox", name="Search").fill("")
    page.get_by_role("searchbox", name="Search").blur()
    expect(page.get_by_role("alert")).to_be_hidden()


@pytest.mark.prove
def test_what_is_shown_is_what_the_address_names_however_late_an_answer_comes(page, client):
    first, second = (api(client, f"commitments/{ref}/")["title"]["en"] for ref in (REF, OTHER))
    held = []
    page.route(f"**/commitments/{REF}/?lang=en", lambda route: held.append(route))
    with page.expect_request(f"**/commitments/{REF}/?lang=en"):
        page.evaluate(f"location.hash = '{REF}'")
    page.evaluate(f"location.hash = '{OTHER}'")
    expect(page.get_by_role("article", name=second)).to_be_visible()
    with page.expect_response(f"**/commitments/{REF}/?lang=en"):
        held[0].continue_()
    page.evaluate("new Promise((done) => setTimeout(done))")
    expect(page.get_by_role("article", name=second)).to_be_visible()
    assert page.get_by_role("article", name=first).count() == 0
    assert page.complaints == []

    page.evaluate("location.hash = 'talks-nobody-held'")
    expect(page.get_by_role("alert")).to_have_text(api(client, "commitments/talks-nobody-held/")["detail"])
    expect(page.locator("#one")).to_be_hidden()
    assert page.locator("#one").inner_text() == ""
    page.evaluate(f"location.hash = '{OTHER}'")
    expect(page.get_by_role("article", name=second)).to_be_visible()
    expect(page.get_by_role("alert")).to_be_hidden()
    page.complaints.clear()  # the browser tells of the 404
    page.evaluate("location.hash = '%'")
    expect(page.get_by_role("alert")).to_have_text("This address names no commitment.")
    expect(page.locator("#one")).to_be_hidden()
    assert page.complaints == []
