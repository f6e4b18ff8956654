"""Takes the pictures of the docs from a new `make run`, whose record it changes: python docs/screenshots.py ADDRESS CURATOR'S REVIEWER'S PASSWORD."""

import pathlib
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

HERE = pathlib.Path(__file__).parent
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
COMMITMENT = "us-iraq-dialogue-fourth-session-06"
SIZE = {"width": 1280, "height": 900}


@contextmanager
def logged_in(browser: Browser, address: str, name: str, password: str) -> Iterator[Page]:
    """A window on the desk of its own."""
    with browser.new_context(viewport=SIZE, locale="en-GB") as context:
        page = context.new_page()
        page.goto(f"{address}/admin/")
        page.fill("#id_username", name)
        page.fill("#id_password", password)
        page.click(".submit-row [type=submit]")
        page.wait_for_selector("#user-tools")
        yield page


def shoot(page: Page, name: str, part: str = "") -> None:
    """A picture of the window, or of a part of the page."""
    (page.locator(part) if part else page).screenshot(path=HERE / f"{name}.png")


def write(page: Page, address: str) -> None:
    """A commitment and what follows from a judgement of it; a text to practise with, and a passage of it."""
    desk = f"{address}/admin/commitments"
    page.goto(f"{desk}/commitment/{COMMITMENT}/change/")
    shoot(page, "commitment")
    page.click(".assesslink")
    page.check("input[value=partly_fulfilled]")
    page.check("input[name=assessment-obligor][value=iraq]")
    page.fill("#id_assessment-effective_edtf", "2021-12")
    page.keyboard.press("Tab")
    page.wait_for_selector("#follows tr.changed")
    shoot(page, "follows", "#follows")
    page.goto(f"{desk}/document/")
    page.click("details.practice summary")
    page.click("details.practice input[type=submit]")
    page.goto(f"{desk}/document/practice-1-ar/read/?words=تلتزم سرمون")
    shoot(page, "reading")
    page.click("button[value=commitment]")
    page.wait_for_selector("blockquote mark")
    shoot(page, "marking")


def disagree(first: Page, second: Page, address: str) -> None:
    """Two people change one title: the second is told, and keeps what was typed. What the first wrote goes to review."""
    for page in (first, second):
        page.goto(f"{address}/admin/commitments/commitment/{COMMITMENT}/change/")
    title = first.input_value("[name=title-en]")
    for page, typed in ((first, f"{title} by the end of 2021"), (second, f"{title} before 2022")):
        page.fill("[name=title-en]", typed)
        page.fill("#id_reason", "the words of the source")
        page.click("[name=_save]")
    second.wait_for_selector(".meanwhile")
    shoot(second, "meanwhile")


def main(address: str, curator: str, reviewer: str) -> None:
    """Pictures the front page, and the desk as a curator and a reviewer see it."""
    program = next(filter(None, map(shutil.which, CHROMIUM)))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=SIZE, locale="en-GB")
        page.goto(address)
        shoot(page, "screenshot")
        with logged_in(browser, address, "curator", curator) as page:
            shoot(page, "desk")
            write(page, address)
            with logged_in(browser, address, "reviewer", reviewer) as other:
                disagree(page, other, address)
                other.goto(f"{address}/admin/commitments/commitment/review/?ref={COMMITMENT}")
                shoot(other, "review")
            page.goto(f"{address}/admin/")
            page.click("form.language button[value=ar]")
            shoot(page, "desk-ar")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
