"""Assessing in a real browser under the strict policy: what follows appears by itself, a passage is fetched, nothing is lost."""

import pytest
from playwright.sync_api import expect

from commitments import actions
from commitments.models import Assessment, Document
from tests import builders
from tests.test_admin_browser import complaints, desk, logged_in, press, site, tab  # noqa: F401 - fixtures

pytestmark = pytest.mark.prove  # tests/test_assessing.py goes the same ways without a browser

COMMITMENT, GAZETTE = "talks-2030-05-04-01", "gazette-2030-05-04"
OPEN = "الجنوب ستفتح الحدود"


def test_a_judgement_with_a_passage_from_the_text_shows_what_follows_before_it_is_recorded(site, tab, complaints):  # noqa: F811
    paper = Document.objects.get(pk=GAZETTE)
    actions.attach(paper, builders.TEXT.encode(), by="author", reason="attach", now=builders.NOW)
    tab.goto(f"{site}/admin/commitments/commitment/{COMMITMENT}/change/")
    tab.click(".assesslink")
    follows = tab.locator("#follows")
    expect(follows).to_contain_text("Choose a status")
    tab.check("input[name='assessment-status'][value=stalled]")
    expect(follows).to_contain_text("Stalled")
    tab.check("input[name='assessment-obligor'][value=north]")
    expect(follows.locator("tr.changed")).to_contain_text(["North"])
    tab.fill("#id_assessment-rationale-en", "The border is closed.")

    tab.click(f"button[name=_choose][value={GAZETTE}]")
    expect(tab.locator("button[name=do]")).to_have_count(1)
    tab.fill("#id_words", OPEN)
    tab.keyboard.press("Enter")
    expect(tab.locator("button[value=judging]")).to_be_focused()
    tab.keyboard.press("Enter")
    tab.select_option("#id_evidence-stance", "disputes")
    tab.fill("#id_quote-translation-en", "South will open the border")
    tab.click("input[name=_save]")

    expect(tab.locator("#id_evidence-quote0 + .select2")).to_contain_text(OPEN)
    expect(follows.locator("tr.changed")).to_contain_text(["North"])
    assert tab.input_value("#id_assessment-rationale-en") == "The border is closed."
    tab.focus("#id_assessment-effective_edtf")
    tab.keyboard.press("Enter")  # shows what follows, and records nothing
    expect(tab.locator(".errorlist")).to_have_count(1)
    tab.select_option("#id_assessment-reason_code", "press_report")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 1280
    press(tab, "_submit", "Read the Gazette")
    expect(tab.locator(".messagelist")).to_contain_text(f"Recorded: {COMMITMENT}.assessment-1")
    made = Assessment.objects.get()
    assert (made.status, made.obligor_id, made.state, made.citations.get().quote.exact) == (
        "stalled",
        "north",
        "in_review",
        OPEN,
    )

    tab.click("form.language button[value=ar]")
    tab.goto(f"{site}/admin/commitments/commitment/{COMMITMENT}/assess/")
    assert (tab.get_attribute("html", "dir"), tab.evaluate("document.documentElement.scrollWidth")) == ("rtl", 1280)
    tab.goto(f"{site}/admin/")
    bar = tab.locator("#chart-parties a[aria-label$=': 1']").first
    bar.focus()
    tab.keyboard.press("Enter")
    expect(tab.locator("#result_list tbody tr")).to_have_count(1)
    assert complaints == []
