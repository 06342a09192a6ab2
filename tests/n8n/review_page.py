"""What a person does on the review page, in a real browser."""

from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import Locator, Page
from playwright.sync_api import TimeoutError as NotInTime

from tests.n8n.people import REASON
from tests.system.waiting import wait_until

ACT_MS = 1_000
REASON_LABEL = "Insufficient evidence"  # of the code in REASON


def enrol(page: Page, enrol_url: str) -> None:
    """Use the one-time link, by typing the word that stands for holding the button."""
    page.goto(enrol_url)
    word = page.get_by_label("Type mine to confirm")
    word.fill("mine")
    welcome = page.get_by_text("This browser is signed in now.")
    _repeat(lambda: word.press("Enter", timeout=ACT_MS), welcome, unless_gone=word)


def approve(page: Page, label: str = "Approve and send") -> None:
    button = page.get_by_role("button", name=label)
    _repeat(lambda: button.click(timeout=ACT_MS), page.get_by_text("You approved this at"), unless_gone=button)


def reject(page: Page) -> None:
    page.get_by_role("button", name="Reject").click()
    form = page.locator(".act-form")
    form.get_by_label(REASON_LABEL).check()
    form.get_by_label("What is wrong with it?").fill(REASON["rationale"])
    button = form.get_by_role("button", name="Reject")
    _repeat(lambda: button.click(timeout=ACT_MS), page.get_by_text("You rejected this at"), unless_gone=button)


def edit(page: Page, field: str, text: str) -> None:
    page.get_by_role("button", name="More ways to answer").click()
    first, box = page.get_by_role("button", name="Edit first"), page.get_by_label(field, exact=True)
    _repeat(lambda: first.click(timeout=ACT_MS), box, unless_gone=first)
    box.fill(text)
    page.get_by_label(REASON_LABEL).check()
    page.get_by_label("What did you change").fill(REASON["rationale"])
    button = page.get_by_role("button", name="Approve edited version")
    _repeat(
        lambda: button.click(timeout=ACT_MS), page.get_by_text("You approved an edited version at"), unless_gone=button
    )


def _repeat(act: Callable[[], object], effect: Locator, *, unless_gone: Locator) -> None:
    """Act until the effect shows: in its first half second the page listens to nobody, lest a stray click decide."""

    def done() -> bool:
        if effect.is_visible():
            return True
        with suppress(NotInTime):  # it may go between the look and the act
            if unless_gone.is_visible():
                act()
        return effect.is_visible()

    wait_until(done, f"the page showed {effect}")
