"""Takes the pictures of the docs from a running `make run`: python docs/screenshots.py ADDRESS PASSWORD."""

import pathlib
import shutil
import sys

from playwright.sync_api import sync_playwright

HERE = pathlib.Path(__file__).parent
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main(address: str, password: str) -> None:
    """Logs in as the curator and pictures the front page, the desk, a commitment and what follows from a judgement of it."""
    program = next(filter(None, map(shutil.which, CHROMIUM)))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-GB")
        page.goto(address)
        page.screenshot(path=HERE / "screenshot.png")
        page.goto(f"{address}/admin/")
        page.fill("#id_username", "curator")
        page.fill("#id_password", password)
        page.click(".submit-row [type=submit]")
        page.wait_for_selector("#user-tools")
        page.screenshot(path=HERE / "desk.png")
        page.goto(f"{address}/admin/commitments/commitment/us-iraq-dialogue-fourth-session-06/change/")
        page.screenshot(path=HERE / "commitment.png")
        page.click(".assesslink")
        page.check("input[value=partly_fulfilled]")
        page.check("input[name=assessment-obligor][value=iraq]")
        page.fill("#id_assessment-effective_edtf", "2021-12")
        page.keyboard.press("Tab")
        page.wait_for_selector("#follows tr.changed")
        page.locator("#follows").screenshot(path=HERE / "follows.png")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
