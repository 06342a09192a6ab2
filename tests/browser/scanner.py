"""A mail scanner with a real browser: it does to a page all that can be done without reading it."""

from contextlib import suppress

from playwright.sync_api import Error, Page

SHORT_MS = 600
LONGER_THAN_ANY_HOLD_MS = 2_000
ROUNDS = 2

# What scripts can do at once: send forms, click, and pretend to press, hold and drag.
IN_THE_PAGE = """() => {
  document.querySelectorAll('form').forEach((form) => form.requestSubmit());
  document.querySelectorAll('button').forEach((button) => button.click());
  for (const element of document.querySelectorAll('button, .slide__handle, .slide__track')) {
    const { left, top, width, height } = element.getBoundingClientRect();
    const at = (x) => ({ bubbles: true, button: 0, clientX: x, clientY: top + height / 2, pointerId: 1 });
    element.dispatchEvent(new PointerEvent('pointerdown', at(left)));
    element.dispatchEvent(new PointerEvent('pointermove', at(left + width + 2000)));
    element.dispatchEvent(new PointerEvent('pointerup', at(left + width + 2000)));
    for (const key of [' ', 'Enter']) element.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, key }));
  }
}"""


def scan(page: Page) -> None:
    """Wait, fill every field, tick every box, send every form, click and hold every button, press every key."""
    for _ in range(ROUNDS):
        page.wait_for_timeout(SHORT_MS)
        _fill(page)
        with suppress(Error):
            page.evaluate(IN_THE_PAGE)
        for button in page.locator("button:visible").all():
            with suppress(Error):
                button.click(timeout=SHORT_MS)
        _fill(page)
        for place in page.locator("button:visible, .slide__handle, .slide__track").all():
            with suppress(Error):
                place.hover(timeout=SHORT_MS)
                page.mouse.down()
                page.wait_for_timeout(LONGER_THAN_ANY_HOLD_MS)
                page.mouse.up()
        for _ in range(20):
            page.keyboard.press("Tab")
            page.keyboard.press("Enter", delay=10)
        with suppress(Error):
            page.evaluate(IN_THE_PAGE)


def _fill(page: Page) -> None:
    for box in page.locator("input[type=radio], input[type=checkbox]").all():
        with suppress(Error):
            box.check(timeout=SHORT_MS)
    for choice in page.locator("select").all():
        with suppress(Error):
            choice.select_option(index=1, timeout=SHORT_MS)
    for field in page.locator("textarea, input:not([type=radio]):not([type=checkbox])").all():
        for text in ("scanner", "approve", "yes"):
            with suppress(Error):
                field.fill(text, timeout=SHORT_MS)
                field.press("Enter", timeout=SHORT_MS)
