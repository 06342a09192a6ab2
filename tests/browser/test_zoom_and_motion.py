"""Lists, account and policies at twice the size of the letters, and for who wants nothing to move (WCAG 2.2)."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import findings
from tests.browser.desk import Desk, Person, see_case
from tests.browser.test_case import main_button
from tests.browser.test_looks import batch, inbox

pytestmark = pytest.mark.browser

ZOOMED = {"width": 640, "height": 400}
"""What is left of a window of 1280 × 800 at 200 %."""
USUAL = {"width": 1280, "height": 800}
MOVING = """() => [...document.querySelectorAll('*')].filter((element) => {
    const { transitionDuration, animationName } = getComputedStyle(element);
    return animationName !== 'none' || !/^0s(, 0s)*$/.test(transitionDuration);
  }).map(({ className, tagName }) => `${tagName}.${String(className)}`)"""
CUT_OFF = """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')].filter((element) => {
    const { left, right, width } = element.getBoundingClientRect();
    return element.checkVisibility() && width > 1 && (left < -1 || right > innerWidth + 1);
  }).map((element) => element.outerHTML.slice(0, 120))"""


def account(desk: Desk, ada: Person) -> None:
    ada.page.goto(f"{desk.url}/#/account")
    expect(ada.page.get_by_label("Until")).to_be_visible()
    expect(ada.page.get_by_text("This browser", exact=True)).to_be_visible()


def policies(desk: Desk, ada: Person) -> None:
    desk.set_policy("zoomed")
    ada.page.goto("about:blank")
    ada.page.goto(f"{desk.url}/#/policies")
    expect(ada.page.locator("main a").filter(visible=True).first).to_be_visible()


def policy(desk: Desk, ada: Person) -> None:
    desk.set_policy("zoomed")
    ada.page.goto(f"{desk.url}/#/policies/zoomed")
    expect(ada.page.get_by_role("slider").first).to_be_visible()


def case(desk: Desk, ada: Person) -> None:
    see_case(ada.page, desk.url, desk.open_case()["id"])
    expect(main_button(ada.page, "Approve")).to_be_visible()


VIEWS: tuple[Callable[[Desk, Person], None], ...] = (inbox, batch, account, policies, policy, case)


@pytest.fixture(scope="module")
def ada(desk: Desk) -> Person:
    """Who looks."""
    return desk.person("Ada Approver", "approver", "operator")


@pytest.fixture
def page(ada: Person) -> Iterator[Page]:
    """Her page, of its usual size again afterwards."""
    yield ada.page
    ada.page.set_viewport_size(USUAL)  # type: ignore[arg-type]
    ada.page.emulate_media(reduced_motion="no-preference")


@pytest.mark.req("R-UI-01")
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_at_twice_the_size(desk: Desk, ada: Person, page: Page, view: Callable[[Desk, Person], None]) -> None:
    """Nothing is wider than the window, no button or field is cut off, and axe finds nothing."""
    page.set_viewport_size(ZOOMED)  # type: ignore[arg-type]
    page.emulate_media(reduced_motion="reduce")
    view(desk, ada)
    assert page.evaluate("document.documentElement.scrollWidth") <= ZOOMED["width"]
    assert page.evaluate(CUT_OFF) == []
    assert findings(page) == []


@pytest.mark.req("R-UI-01")
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_without_motion(desk: Desk, ada: Person, page: Page, view: Callable[[Desk, Person], None]) -> None:
    """For who asks for no motion nothing is animated; for others there is something that is."""
    view(desk, ada)
    assert page.evaluate(MOVING) != []
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(MOVING) == []
    # What was on its way before comes to its end.
    page.wait_for_function("document.getAnimations().length === 0")
