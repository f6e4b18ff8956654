"""From a pasted text to submitted commitments in a real browser, by mouse and by keys, under the strict policy."""

import os

import pytest
from playwright.sync_api import Page, expect

from commitments.ledger import act
from commitments.models import Commitment, Document, Quote
from tests import builders
from tests.test_admin_browser import complaints, desk, logged_in, site, tab  # noqa: F401 - fixtures

pytestmark = pytest.mark.no_cover  # tests/test_intake.py goes the same ways without a browser

NEWS = (
    "🚢 محادثات الميناء\n"
    "أعلنت الشمال في بغداد أنها ستسلّم الأرشيف إلى الجنوب قبل نهاية العام الجاري. "
    "وقالت الجنوب إنها تلتزم بفتح المعابر 🛂 أمام القوافل.\n"
    + "\n"
    * 40
    + "ويعتزم الطرفان عقد اجتماع جديد في الأشهر المقبلة.\n"
    "ولم يصدر تعليق آخر."
)
PASSAGES = (
    "ستسلّم الأرشيف إلى الجنوب قبل نهاية العام الجاري",
    "تلتزم بفتح المعابر 🛂 أمام القوافل",
    "يعتزم الطرفان عقد اجتماع جديد في الأشهر المقبلة",
)
ENDS = """([from, to]) => {  // where right-to-left words begin and end on the page
    const nodes = document.createTreeWalker(document.getElementById("text"), NodeFilter.SHOW_TEXT), letter = (wanted) => {
        nodes.currentNode = nodes.root;
        let node = nodes.nextNode(), at = wanted;
        for (; at >= node.length; node = nodes.nextNode()) at -= node.length;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        return range.getBoundingClientRect();
    };
    scrollBy(0, letter(from).top - innerHeight / 2);
    const first = letter(from), last = letter(to - 1);
    return [first.right - 1, first.top + first.height / 2, last.left + 1, last.top + last.height / 2];
}"""


class Hands:
    """What a person does with a text, counted: each click, drag, key and filled field is one action."""

    def __init__(self, page: Page, text: str):
        self.page, self.text, self.actions = page, text, 0

    def _do(self, action, *args):
        self.actions += 1
        return action(*args)

    def click(self, what):
        self._do(self.page.click, what)

    def fill(self, field, words):
        self._do(self.page.fill, field, words)

    def choose(self, field, code):
        self._do(self.page.select_option, field, code)

    def press(self, key):
        self._do(self.page.keyboard.press, key)

    def drag(self, passage):
        """Selects right-to-left words with the mouse, over however many lines they run."""
        self.page.wait_for_load_state()  # where the words are is known once the page has its style
        before, units = self.text[: self.text.index(passage)], lambda text: len(text.encode("utf-16-le")) // 2
        x, y, to_x, to_y = self.page.evaluate(ENDS, [units(before), units(before + passage)])
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(to_x, to_y, steps=4)
        self._do(self.page.mouse.up)


@pytest.fixture
def paper(site, tab):  # noqa: F811
    """A new document's page, filled in but for its text; a statement of that day is on the desk."""
    with act(actor="author", reason="the harbour talks"):
        parties = [builders.models.Party.objects.get(pk=ref) for ref in ("north", "south")]
        told = {"issued_words": "1 June 2030", "issued_edtf": "2030-06-01", "title": {"en": "Harbour talks"}}
        builders.statement("harbour-talks", parties, **told)
    tab.goto(f"{site}/admin/commitments/document/add/")
    for field, value in {
        "ref": "harbour-news", "publisher": "أخبار الميناء", "headline": "محادثات الميناء", "language": "ar",
        "published_words": "1 حزيران 2030", "published_edtf": "2030-06-01", "gaps-address-en": "The copy names none.",
        "reason": "Record the report",
    }.items():  # fmt: skip
        tab.fill(f"#id_{field}", value)
    tab.select_option("#id_document_kind", "news_report")
    return tab


def commit(hands, obligor, strength):
    """Fills in what the form can't know, and submits."""
    hands.click(f"#id_party-{obligor} input[value=obligor]")
    hands.choose("#id_commitment-strength", strength)
    hands.fill("#id_commitment-fulfilled_if-en", "It happens.")
    hands.fill("#id_commitment-not_fulfilled_if-en", "It doesn't.")
    hands.click("input[name=_submit]")


def paste_and_mark(paper, text=NEWS, passages=PASSAGES):
    """From a text to three submitted commitments, as a person does it: how many actions that took."""
    hands = Hands(paper, text)
    hands.fill("#id_text", text)
    hands.click("input[name=_submit]")
    expect(paper.locator("#text")).to_have_attribute("dir", "rtl")

    hands.drag(passages[0])
    expect(paper.locator("#told")).to_contain_text(passages[0][:20])
    hands.click("button[value=commitment]")
    hands.click("#id_commitment-offered input[value=harbour-talks]")
    expect(paper.locator("#id_commitment-ref")).to_have_value("harbour-talks-01")
    commit(hands, "north", "commits")

    hands.drag(passages[1])
    hands.click("button[value=commitment]")
    commit(hands, "south", "commits")

    hands.fill("#id_words", passages[2])
    hands.press("Enter")
    expect(paper.locator("button[value=commitment]")).to_be_focused()
    hands.press("Enter")
    commit(hands, "north", "intends")

    expect(paper.locator("mark.quote")).to_have_count(3)
    expect(paper.locator("mark.quote").last).to_be_in_viewport()  # where one goes on reading
    return hands.actions


def test_three_commitments_in_25_actions_from_paste_to_submitted(site, paper, complaints):  # noqa: F811
    assert paste_and_mark(paper) <= 25
    paper.locator("mark.quote").first.click()
    expect(paper.locator("aside li.shown")).to_contain_text("harbour-talks-01")
    quotes = Quote.objects.checked().filter(document="harbour-news").order_by("start")
    assert [(quote.exact, quote.level) for quote in quotes] == [(passage, "exact") for passage in PASSAGES]
    found = Commitment.objects.filter(statement="harbour-talks").order_by("ref")
    assert [(each.ref, each.state, each.strength, each.citations.get().quote.exact) for each in found] == [
        (f"harbour-talks-0{n}", "in_review", strength, passage)
        for n, (strength, passage) in enumerate(zip(("commits", "commits", "intends"), PASSAGES, strict=True), 1)
    ]
    assert Document.objects.get(pk="harbour-news").state == "in_review"
    assert paper.evaluate("document.documentElement.scrollWidth") <= 1280
    assert complaints == []


def approve(page, site, listed, count):  # noqa: F811
    """Reviews and approves all that a list shows, as one."""
    page.goto(f"{site}/admin/commitments/{listed}")
    page.click("#action-toggle")
    page.select_option("select[name=action]", "publish")
    page.fill("#changelist-form input[name=reason]", "Compared with the source")
    page.click("button[name=index]")
    expect(page.locator("ul.reviewed li")).to_have_count(count)
    expect(page.locator("section.version h3").first).to_contain_text("new")
    page.click("input[name=_publish]")
    expect(page.locator(".messagelist")).to_contain_text("Approved and published")


def of_a_source(documents):
    """A source document with a line before it, so that it is another one, and three passages of it: the ends of its longest lines."""
    text = f"🚢\n{min(documents.values(), key=len)}"
    lines = sorted({line for line in text.split("\n") if text.count(line) == 1}, key=len)[-3:]
    return text, [line[line.index(" ", len(line) - 90) + 1 :] for line in sorted(lines, key=text.index)]


@pytest.mark.prove
def test_what_one_marks_a_second_approves_and_the_api_shows_exactly(site, paper, desk, complaints, request):  # noqa: F811
    """Of one of the documents, where they are at hand."""
    at_hand = os.environ.get("TRACKER_DOCUMENTS")
    given = of_a_source(request.getfixturevalue("documents")) if at_hand else (NEWS, PASSAGES)
    passages = given[1]
    assert paste_and_mark(paper, *given) <= 25
    reviewer = desk("reviewer")
    approve(reviewer, site, "document/?q=harbour-news", 1)
    approve(reviewer, site, "statement/?q=harbour-talks", 1)
    approve(reviewer, site, "commitment/?q=harbour-talks&state__exact=in_review", 3)
    found = reviewer.request.get(f"{site}/api/v1/commitments/?document=harbour-news").json()["results"]
    quotes = [quote for each in sorted(found, key=lambda each: each["ref"]) for quote in each["quotes"]]
    assert [(quote["exact"], quote["verification"]["level"]) for quote in quotes] == [
        (passage, "exact") for passage in passages
    ]
    assert complaints == []


@pytest.mark.prove
def test_a_passage_is_chosen_by_keys_alone_and_nothing_typed_changes_the_text(site, tab, complaints):  # noqa: F811
    text = "The 🚢 talks\r\nNorth will pay.\r\n"
    with act(actor="author", reason="an English text"):
        paper = builders.document("note-2030", text=text, language="en")
    builders.actions.attach(paper, text.encode(), by="author", reason="attach", now=builders.NOW)
    tab.goto(f"{site}/admin/commitments/document/note-2030/read/")
    tab.focus("#id_end")
    for key in ("Tab", "Tab", "Tab", "Tab"):  # past the three ways to use it, into the text
        tab.keyboard.press(key)
    expect(tab.locator("#text")).to_be_focused()
    for key in ("Control+Home", "ArrowDown", "x", "Backspace", "Control+x", "Control+v", "Shift+End"):
        tab.keyboard.press(key)
    expect(tab.locator("#told")).to_contain_text("North will pay.")
    assert (tab.input_value("#id_start"), tab.input_value("#id_end")) == ("13", "28")
    assert tab.locator("#text").text_content() == text
    tab.keyboard.press("Enter")
    expect(tab.locator("button[value=commitment]")).to_be_focused()
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    expect(tab.locator("blockquote mark")).to_have_text("North will pay.")
    assert complaints == []


@pytest.mark.prove
def test_practice_is_made_by_a_button_and_its_pages_fit_in_either_direction(site, tab, complaints):  # noqa: F811
    tab.goto(f"{site}/admin/commitments/document/")
    tab.click("details.practice summary")
    tab.click("details.practice input[type=submit]")
    expect(tab.locator(".messagelist")).to_contain_text("practice-1-ar")
    for direction in ("ltr", "rtl"):
        for page in (
            "",
            "practice-1-ar/read/?words=تلتزم سرمون",
            "practice-1-en/mark/?do=commitment&start=213&end=310",
        ):
            tab.goto(f"{site}/admin/commitments/document/{page}")
            assert tab.get_attribute("html", "dir") == direction
            assert tab.evaluate("document.documentElement.scrollWidth") <= 1280, page
        if direction == "ltr":
            tab.click("form.language button[value=ar]")
    expect(tab.locator("blockquote mark")).to_contain_text("Westmark will open")
    assert complaints == []
