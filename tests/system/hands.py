"""How a hand acts on our page: once, and again where the page says that it had just moved (security row L10)."""

import time
from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as NotInTime

from tests.system.waiting import wait_until

ACT_MS = 5_000
"""What is acted on may go between the look and the act; nobody waits for it longer than this."""
PATIENCE_S = 10.0
"""How long an act that the page took may need: a second one before the first had its effect might undo it."""
TOO_EARLY = "The page had just changed."
MANY_TABS = 80


def press(button: Locator, effect: Locator | None = None) -> None:
    """Press a button until `effect` shows; without one, until the button is gone."""

    def act() -> bool:
        button.click(timeout=ACT_MS)
        return True

    _repeat(act, button, effect)


def press_enter(field: Locator, effect: Locator) -> None:
    """Press Enter in a field until `effect` shows."""

    def act() -> bool:
        field.press("Enter", timeout=ACT_MS)
        return True

    _repeat(act, field, effect)


def strike(page: Page, key: str, rests: Locator, effect: Locator) -> None:
    """Strike a key until `effect` shows; while the button `rests` rests, the page listens to nobody."""

    def act() -> bool:
        if rests.count() == 0 or rests.first.get_attribute("data-resting", timeout=ACT_MS) != "false":
            return False
        page.keyboard.press(key)
        return True

    _repeat(act, rests, effect)


def slide(page: Page, effect: Locator) -> None:
    """Slide to the end, where a personal link alone gives the right to act, until `effect` shows."""
    handle, track = page.locator(".slide__handle"), page.locator(".slide__track")

    def act() -> bool:
        if track.get_attribute("data-resting", timeout=ACT_MS) != "false":
            return False
        start, way = handle.bounding_box(timeout=ACT_MS), track.bounding_box(timeout=ACT_MS)
        if start is None or way is None:
            return False
        middle = start["y"] + start["height"] / 2
        page.mouse.move(start["x"] + 10, middle)
        page.mouse.down()
        page.mouse.move(start["x"] + way["width"], middle, steps=8)
        page.mouse.up()
        return True

    _repeat(act, track, effect)


def tab_to(page: Page, wanted: Locator, by: str = "Tab") -> None:
    """Walk with a key until `wanted` has the focus."""
    expect(wanted).to_be_visible()
    for _ in range(MANY_TABS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(by)
    raise AssertionError(f"{MANY_TABS} times {by} did not lead to {wanted}")


def strike_button(page: Page, button: Locator, effect: Locator) -> None:
    """Go to a button with the Tab key, and press Enter until it is heard."""
    tab_to(page, button)
    if button.get_attribute("data-guarded") is None:
        page.keyboard.press("Enter")
        expect(effect).to_be_visible()
    else:
        strike(page, "Enter", button, effect)


def send_by_key(page: Page, form: Locator, name: str, effect: Locator) -> None:
    """Send a form by its button, with keys alone."""
    strike_button(page, form.get_by_role("button", name=name, exact=True), effect)


def _repeat(act: Callable[[], bool], acted_on: Locator, effect: Locator | None) -> None:
    """Act, and act again where the page says that it was too early. `act` says whether it did anything."""
    too_early = acted_on.page.get_by_text(TOO_EARLY).first
    acted_at_s: float | None = None

    def shows() -> bool:
        return acted_on.count() == 0 if effect is None else effect.is_visible()

    def done() -> bool:
        nonlocal acted_at_s
        if shows():
            return True
        taken = acted_at_s is not None and time.monotonic() - acted_at_s < PATIENCE_S
        if not taken or too_early.is_visible():
            with suppress(NotInTime):
                if act():
                    acted_at_s = time.monotonic()
        return shows()

    wait_until(done, f"the page showed {effect}" if effect else f"{acted_on} was gone")
