"""The curators' door in a real browser: from a text to a published commitment, under the strict policy."""

import contextlib
import functools

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect

from commitments.ledger import Entry, act
from commitments.models import Commitment, Document, Party, Publication, Quote, Statement, User
from tests import builders

pytestmark = pytest.mark.no_cover  # tests/test_admin.py goes the same ways without a browser

PASSWORD = "a long enough password"
NEWS = "أعلنت الشمال في بغداد أنها ستسلّم الأرشيف إلى الجنوب قبل نهاية العام.\nولم يصدر تعليق آخر."
EXACT = "ستسلّم الأرشيف إلى الجنوب قبل نهاية العام"
REF = "harbour-talks-2030-06-01-01"


@pytest.fixture(scope="module")
def site(chromium, module_database, served):
    """The site's address: a curator, a reviewer and a published commitment; each test adds and changes records of its own.

    Inside the browser's event loop Django opens connections of their own: they are closed only while it runs.
    """
    with act(actor="set-up", reason="accounts for the test"):
        for name in ("curator", "reviewer"):
            user = User.objects.create_user(name, password=PASSWORD, is_staff=True, pseudonym=f"pen-{name}")
            user.groups.add(Group.objects.get(name=name))
    builders.published()
    return served


@pytest.fixture(scope="module")
def logged_in(chromium, site):
    """What a browser keeps of somebody's log-in, each done once: a function of the name."""

    @functools.cache
    def state(name: str) -> dict:
        with chromium.new_context() as context:
            page = context.new_page()
            page.goto(f"{site}/admin/login/?next=/admin/")
            page.fill("#id_username", name)
            page.fill("#id_password", PASSWORD)
            page.click("#login-form input[type=submit]")
            expect(page.locator("#user-tools")).to_contain_text(name)
            return context.storage_state()

    return state


@pytest.fixture
def desk(chromium, logged_in):
    """Opens somebody's desk: a browser in which that person is logged in, nothing else shared, 1280 pixels wide."""
    with contextlib.ExitStack() as opened:

        def open_tab(name: str) -> Page:
            size = {"width": 1280, "height": 900}
            context = opened.enter_context(chromium.new_context(viewport=size, storage_state=logged_in(name)))
            context.set_default_timeout(10_000)
            return context.new_page()

        yield open_tab


@pytest.fixture
def tab(desk):
    return desk("curator")


@pytest.fixture
def complaints(tab):
    """What the browser complains of: violations of the policy, errors of scripts, files that aren't there."""
    found = []
    tab.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: found.append(str(error)))
    return found


def choose(page: Page, field: str, typed: str, shown: str = "") -> None:
    """Picks a record in an autocomplete field, by typing a part of its name; `shown` is what the list calls it."""
    page.click(f"#id_{field} + .select2")
    page.fill(".select2-container--open .select2-search__field", typed)
    page.click(f".select2-results__option:has-text('{shown or typed}')")


def press(page: Page, button: str, reason: str) -> None:
    """Gives the reason and presses a button of the form."""
    page.fill("#id_reason", reason)
    page.click(f".submit-row input[name='{button}']")


def told(page: Page) -> str:
    expect(page.locator(".messagelist"), page.locator("#content").inner_text()).to_be_visible()
    return page.locator(".messagelist").inner_text()


def add_document(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/commitments/document/add/")
    page.fill("#id_ref", "harbour-news-2030-06-01")
    page.select_option("#id_document_kind", "news_report")
    page.fill("#id_publisher", "أخبار الميناء")
    page.fill("#id_headline", "الشمال تسلّم الأرشيف")
    page.fill("#id_language", "ar")
    page.fill("#id_published_words", "1 حزيران 2030")
    page.fill("#id_published_edtf", "2030-06-01")
    page.fill("#id_text", NEWS)
    page.fill("#id_gaps-address-en", "The copy names none.")
    press(page, "_submit", "Record the report")
    assert told(page).endswith("Submitted for review: harbour-news-2030-06-01")


def add_quote(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/commitments/quote/add/")
    choose(page, "document", "تسلّم")
    page.fill("#id_exact", EXACT)
    page.select_option("#id_voice", "statement_reported")
    page.fill("#id_translation-en", "will hand the archive over to South before the end of the year")
    press(page, "_continue", "Quote the undertaking")
    assert "was added successfully" in told(page)


def add_statement(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/commitments/statement/add/")
    page.fill("#id_ref", "harbour-talks-2030-06-01")
    page.fill("#id_title-en", "Harbour talks")
    page.fill("#id_title-ar", "محادثات الميناء")
    page.select_option("#id_statement_kind", "joint_statement")
    page.fill("#id_issued_words", "1 حزيران 2030")
    page.fill("#id_issued_edtf", "2030-06-01")
    choose(page, "issuers-0-party", "North")
    choose(page, "issuers-1-party", "الجنوب", shown="South")
    press(page, "_submit", "Record the talks")
    assert told(page) == "Submitted for review: harbour-talks-2030-06-01"


def add_commitment(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/commitments/commitment/add/")
    page.fill("#id_ref", REF)
    choose(page, "statement", "Harbour talks")
    page.fill("#id_title-en", "North hands the archive over")
    page.fill("#id_title-ar", "الشمال تسلّم الأرشيف")
    page.select_option("#id_strength", "commits")
    page.fill("#id_fulfilled_if-en", "The archive is in South.")
    page.fill("#id_not_fulfilled_if-en", "The archive stays in North.")
    choose(page, "parties-0-party", "North")
    page.select_option("#id_parties-0-role", "obligor")
    choose(page, "citations-0-quote", "الأرشيف")
    page.select_option("#id_citations-0-part", "undertaking")
    page.click("#deadlines-group .add-row a")
    page.select_option("#id_deadlines-0-deadline_kind", "date")
    page.fill("#id_deadlines-0-words", "قبل نهاية العام")
    page.fill("#id_deadlines-0-language", "ar")
    page.fill("#id_deadlines-0-edtf", "2030")
    page.fill("#id_deadlines-0-latest", "2030-12-31")
    page.fill("#id_deadlines-0-anchor_words", "1 حزيران 2030")
    page.fill("#id_deadlines-0-anchor_edtf", "2030-06-01")
    press(page, "_submit", "Record the undertaking")
    assert told(page) == f"Submitted for review: {REF}"


@pytest.mark.prove
def test_a_curator_records_what_a_reviewer_publishes(site, tab, desk, complaints):
    for step in (add_document, add_quote, add_statement, add_commitment):
        step(tab, site)
    assert tab.locator("a.review").count() == 0
    quote = Quote.objects.checked().get(document="harbour-news-2030-06-01")
    assert (quote.exact, quote.start, quote.end, quote.level) == (
        EXACT,
        NEWS.index(EXACT),
        NEWS.index(EXACT) + len(EXACT),
        "exact",
    )

    other = desk("reviewer")
    for model, ref in (
        (Document, "harbour-news-2030-06-01"),
        (Statement, "harbour-talks-2030-06-01"),
        (Commitment, REF),
    ):
        other.goto(f"{site}/admin/commitments/{model._meta.model_name}/{ref}/change/")
        other.click("a.review")
        expect(other.locator("section.version", has_text=ref).first).to_contain_text("new")
        press(other, "_publish", "Checked against the source")
        assert told(other) == f"Approved and published: {ref}"
    published = Publication.objects.known_at(None).of("commitment").get(record=REF)
    assert published.body_json["quotes"][0]["exact"] == EXACT
    assert [deadline["latest"] for deadline in published.detail_json["deadlines"]] == ["2030-12-31"]
    assert published.index.standings.filter(party="").latest("first").schedule == "overdue"

    other.click(".historylink")
    history = other.locator("#change-history")
    expect(history).to_contain_text("Record the undertaking")
    expect(history).to_contain_text("pen-curator")
    expect(history).to_contain_text("version 1 made public")
    expect(history).to_contain_text("قبل نهاية العام")
    assert complaints == []


@pytest.mark.prove
def test_what_the_database_refuses_stands_in_the_form_with_all_that_was_typed(site, desk):
    tab = desk("reviewer")
    tab.goto(f"{site}/admin/commitments/topic/security/change/")
    tab.fill("#id_name-en", "Safety")
    press(tab, "_continue", "Another word")
    tab.click("a.review")
    expect(tab.locator(".errornote")).to_contain_text("nobody approves their own work")
    assert tab.locator("input[name='_publish']").count() == 0
    tab.go_back()
    tab.fill("#id_name-en", "Safety and security")
    press(tab, "_retract", "Take back what is shown")
    expect(tab.locator(".errornote + .errorlist")).to_contain_text("is shown by commitment")
    assert tab.input_value("#id_name-en") == "Safety and security"
    assert tab.input_value("#id_reason") == "Take back what is shown"
    assert not Entry.objects.filter(reason="Take back what is shown").exists()


@pytest.mark.prove
def test_two_browsers_on_one_record_lose_nothing(site, desk, complaints):
    one, other = desk("curator"), desk("reviewer")
    for each in (one, other):
        each.goto(f"{site}/admin/commitments/party/south/change/")
    one.fill("#id_name-en", "The South")
    press(one, "_continue", "It has an article")
    other.fill("#id_iso3166", "XS")
    other.fill("#id_name-ar", "بلاد الجنوب")
    press(other, "_continue", "It has a code")
    panel = other.locator(".meanwhile")
    expect(panel).to_contain_text("pen-curator")
    expect(panel.locator("tr", has_text="Name")).to_contain_text("The South")
    assert [other.input_value(f"#id_{name}") for name in ("name-en", "name-ar", "iso3166", "reason")] == [
        "The South",
        "بلاد الجنوب",
        "XS",
        "It has a code",
    ]
    assert other.evaluate("document.documentElement.scrollWidth") <= 1280
    other.dblclick(".submit-row input[name='_continue']")
    expect(other.locator(".messagelist").first).to_be_visible()
    south = Party.objects.get(pk="south")
    assert (south.name, south.iso3166) == ({"en": "The South", "ar": "بلاد الجنوب"}, "XS")
    assert Entry.objects.filter(reason="It has a code").count() == 1
    assert complaints == []


@pytest.mark.prove
def test_a_record_that_is_missing_is_added_in_passing(site, tab, complaints):
    tab.goto(f"{site}/admin/commitments/commitment/add/")
    with tab.expect_popup() as opened:
        tab.click("#add_id_statement")
    popup = opened.value
    popup.fill("#id_ref", "late-talks")
    popup.fill("#id_title-en", "Late talks")
    popup.select_option("#id_statement_kind", "joint_statement")
    popup.fill("#id_gaps-issued-en", "No document dates it.")
    with popup.expect_event("close"):
        press(popup, "_save", "Record the talks")
    assert tab.input_value("#id_statement") == "late-talks"
    assert complaints == []


PAGES = (
    "",
    "commitments/",
    "commitments/commitment/",
    "commitments/commitment/?q=الشمال",
    "commitments/commitment/add/",
    "commitments/commitment/talks-2030-05-04-01/change/",
    "commitments/commitment/talks-2030-05-04-01/history/",
    "commitments/commitment/talks-2030-05-04-01/assess/",
    "commitments/commitment/?work=second-hand&due=2031&obligor=north",
    "commitments/document/gazette-2030-05-04/change/",
    "commitments/quote/gazette-2030-05-04.quote-1/change/",
    "commitments/assessment/add/",
    "commitments/publication/commitment.talks-2030-05-04-01.1/change/",
    "commitments/entry/",
    "commitments/entry/1/change/",
    "second-factor/",
    "password_change/",
)
SOME = ("", "commitments/commitment/", "commitments/commitment/talks-2030-05-04-01/change/", "commitments/entry/")


@pytest.mark.parametrize(
    "pages", [pytest.param(PAGES, marks=pytest.mark.prove, id="all"), pytest.param(SOME, id="some")]
)
def test_no_page_breaks_the_policy_or_overflows_in_either_direction(site, tab, complaints, pages):
    for language, direction in (("en", "ltr"), ("ar", "rtl")):
        for path in pages:
            tab.goto(f"{site}/admin/{path}")
            assert (tab.get_attribute("html", "lang"), tab.get_attribute("html", "dir")) == (language, direction)
            assert tab.evaluate("document.documentElement.scrollWidth") <= 1280, path
            assert tab.evaluate(
                "[...document.querySelectorAll('.results')].every((e) => e.scrollWidth <= e.clientWidth)"
            ), path
        if language == "en":
            tab.click("form.language button[value=ar]")
    tab.goto(f"{site}/admin/commitments/commitment/add/")
    choose(tab, "statement", "بيان مشترك")
    tab.click("#relations-group .add-row a")
    choose(tab, "relations-0-target", "تحمي القوافل")
    tab.select_option("#id_relations-0-relation_kind", "specifies")
    expect(tab.locator(".field-relation_kind .definition").first).not_to_be_empty()
    assert tab.get_attribute("#id_title-ar", "dir") == "rtl"
    assert tab.get_attribute("#id_title-en", "dir") == "ltr"
    assert complaints == []


def test_the_picture_of_a_second_factors_key_shows_under_the_policy(site, tab, complaints):
    tab.goto(f"{site}/admin/second-factor/")
    assert tab.evaluate("document.querySelector('img.qr').naturalWidth") > 150
    assert tab.get_by_label("Code of this key").is_visible()
    assert complaints == []


ONE = "commitments/commitment/talks-2030-05-04-01"
PAPER = "commitments/document/harbour-paper"
PAPER_TEXT = f"{NEWS}\nانتهى."
READ = (
    *PAGES,
    "commitments/document/",
    "commitments/document/add/",
    "commitments/quote/?work=second-hand",
    "commitments/statement/talks-2030-05-04/change/",
    "commitments/topic/review/?ref=harbours",
    f"{PAPER}/read/?words=الشمال",
    f"{PAPER}/read/?judging=talks-2030-05-04-01",
    f"{PAPER}/mark/?do=commitment&start=0&end=6",
    f"{PAPER}/mark/?do=cite&start=0&end=6",
    f"{PAPER}/mark/?do=evidence&start=0&end=6",
    f"{ONE}/delete/",
    "commitments/nowhere/",
)


def faults(page: Page) -> list[str]:
    """What axe calls serious or critical on a page, each with where it is."""
    found = Axe().run(page).response["violations"]
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    return [
        f"{page.url}: {each['id']}: {node['target'][0]}: {node['html']}" for each in serious for node in each["nodes"]
    ]


def in_arabic(site: str, page: Page) -> Page:
    page.context.add_cookies([{"name": "django_language", "value": "ar", "url": site}])
    return page


@pytest.mark.no_cover
def test_a_form_that_comes_back_begins_at_its_first_fault(site, tab, complaints):
    tab.goto(f"{site}/admin/commitments/topic/add/")
    tab.fill("#id_ref", "harbour-dues")
    press(tab, "_save", "no name yet")
    expect(tab.locator("[name=name-en]")).to_be_focused()
    assert complaints == []


def test_a_form_in_arabic_has_no_serious_fault_and_its_lists_carry_their_labels(site, tab, complaints):
    in_arabic(site, tab).goto(f"{site}/admin/commitments/relation/add/")
    expect(tab.get_by_role("combobox", name="تعهد:", exact=True)).to_have_count(1)
    choose(tab, "commitment", "تحمي القوافل")
    expect(tab.get_by_role("combobox", name="تعهد: \u2068الشمال تحمي القوافل")).to_have_count(1)
    tab.click("#id_target + .select2")
    expect(tab.get_by_role("searchbox", name="بالتعهد", exact=True)).to_be_focused()
    expect(tab.locator(".select2-results__option--highlighted")).to_be_visible()
    assert complaints == []
    assert faults(tab) == []


@pytest.mark.prove
@pytest.mark.parametrize(("language", "scheme"), [("en", "dark"), ("ar", "light")])
def test_no_page_has_a_serious_fault(site, desk, chromium, language, scheme):
    tab = desk("reviewer")
    if not Document.objects.filter(pk="harbour-paper").exists():
        with act(actor="author", reason="a text to read, a record to review"):
            paper = builders.document("harbour-paper", PAPER_TEXT)
            builders.actions.submit([builders.topic("harbours")], by="author", reason="submit")
        builders.actions.attach(paper, PAPER_TEXT.encode(), by="author", reason="attach", now=builders.NOW)
    tab.emulate_media(color_scheme=scheme)
    tab.context.add_cookies([{"name": "django_language", "value": language, "url": site}])
    found = []
    for path in READ:
        tab.goto(f"{site}/admin/{path}")
        assert tab.get_attribute("html", "lang") == language, path
        found += faults(tab)
    tab.goto(f"{site}/admin/commitments/commitment/add/")
    press(tab, "_save", "nothing in it")
    found += faults(tab)
    with chromium.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        context.add_cookies([{"name": "django_language", "value": language, "url": site}])
        page.goto(f"{site}/admin/login/")
        found += faults(page)
        page.fill("#id_username", "nobody")
        page.fill("#id_password", "nothing")
        page.click("#login-form input[type=submit]")
        found += faults(page)
    assert found == []


CONTROLS = """() => {
    const groups = new Set();
    const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];
    const seen = (each) => each.type !== "hidden" && each.checkVisibility({ visibilityProperty: true });
    const shown = all.filter((each) => each.tabIndex >= 0 && !each.disabled && seen(each));
    shown.forEach((each) => { each.dataset.control = each.type === "radio" ? each.name : each.outerHTML.slice(0, 200); });
    return [...new Set(shown.map((each) => each.dataset.control))];
}"""


@pytest.mark.prove
@pytest.mark.parametrize("path", ["", "commitments/commitment/", "commitments/commitment/add/", f"{ONE}/assess/"])
def test_every_control_is_reached_by_the_keyboard_and_shows_it(site, tab, path):
    in_arabic(site, tab).goto(f"{site}/admin/{path}")
    controls = tab.evaluate(CONTROLS)
    reached, unseen = set(), []
    for _step in range(3 * len(controls)):
        tab.keyboard.press("Tab")
        control, outline = tab.evaluate(
            "[document.activeElement.dataset.control, getComputedStyle(document.activeElement).outlineStyle]"
        )
        if control and outline == "none":
            unseen.append(control)
        reached.add(control)
    assert sorted(set(controls) - reached) == []
    assert unseen == []


def test_the_language_is_switched_by_keys_and_stays(site, tab):
    tab.goto(f"{site}/admin/commitments/topic/?q=sec")
    tab.focus("form.language button")
    tab.keyboard.press("Enter")
    expect(tab.locator("html[lang=ar][dir=rtl]")).to_be_attached()
    assert tab.url == f"{site}/admin/commitments/topic/?q=sec"
    (cookie,) = [each for each in tab.context.cookies() if each["name"] == "django_language"]
    assert (cookie["value"], cookie["httpOnly"], cookie["sameSite"]) == ("ar", True, "Lax")
    tab.goto(f"{site}/admin/")
    expect(tab.locator("h1")).to_contain_text("مكتب التحرير")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 1280
