"""What a person does on the review page, in a real browser."""

from playwright.sync_api import Page

from tests.n8n.people import REASON
from tests.system.hands import press, press_enter

REASON_LABEL = "Insufficient evidence"  # of the code in REASON


def enrol(page: Page, enrol_url: str) -> None:
    """Use the one-time link, by typing the word that stands for holding the button."""
    page.goto(enrol_url)
    word = page.get_by_label("Type mine to confirm")
    word.fill("mine")
    press_enter(word, page.get_by_text("This browser is signed in now."))


def approve(page: Page, label: str = "Approve and send") -> None:
    press(page.get_by_role("button", name=label), page.get_by_text("You approved this at"))


def reject(page: Page) -> None:
    form = page.locator(".act-form")
    press(page.get_by_role("button", name="Reject"), form)
    form.get_by_label(REASON_LABEL).check()
    form.get_by_label("What is wrong with it?").fill(REASON["rationale"])
    press(form.get_by_role("button", name="Reject"), page.get_by_text("You rejected this at"))


def edit(page: Page, field: str, text: str) -> None:
    first, box = page.get_by_role("button", name="Edit first"), page.get_by_label(field, exact=True)
    press(page.get_by_role("button", name="More ways to answer"), first)
    press(first, box)
    box.fill(text)
    page.get_by_label(REASON_LABEL).check()
    page.get_by_label("What did you change").fill(REASON["rationale"])
    press(
        page.get_by_role("button", name="Approve edited version"), page.get_by_text("You approved an edited version at")
    )
