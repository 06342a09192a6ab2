"""How a hand presses on our page: again, where the page had just moved and listened to nobody (security row L10)."""

from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import Locator, Page
from playwright.sync_api import TimeoutError as NotInTime

from tests.system.waiting import wait_until

ACT_MS = 1_000


def press(button: Locator, effect: Locator | None = None) -> None:
    """Press a button until `effect` shows; without one, until the button is gone."""
    _repeat(lambda: button.click(timeout=ACT_MS), button, effect)


def press_enter(field: Locator, effect: Locator) -> None:
    """Press Enter in a field until `effect` shows."""
    _repeat(lambda: field.press("Enter", timeout=ACT_MS), field, effect)


def strike(page: Page, key: str, rests: Locator, effect: Locator) -> None:
    """Strike a key until `effect` shows; while the button `rests` rests, the page listens to nobody."""

    def act() -> None:
        if rests.count() and rests.first.get_attribute("data-resting") == "false":
            page.keyboard.press(key)

    _repeat(act, rests, effect)


def _repeat(act: Callable[[], object], acted_on: Locator, effect: Locator | None) -> None:
    def shows() -> bool:
        return acted_on.count() == 0 if effect is None else effect.is_visible()

    def done() -> bool:
        if shows():
            return True
        with suppress(NotInTime):  # what is acted on may go between the look and the act
            act()
        with suppress(NotInTime):  # a second act before the first had its effect might undo it
            if effect is None:
                acted_on.wait_for(state="detached", timeout=ACT_MS)
            else:
                effect.wait_for(timeout=ACT_MS)
        return shows()

    wait_until(done, f"the page showed {effect}" if effect else f"{acted_on} was gone")
