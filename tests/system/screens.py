"""`./dev screens`: the pictures in docs/screens, taken anew of a real system: its first case, and a busy desk."""

import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.n8n import nodes
from tests.n8n.review_page import approve, enrol
from tests.system.browser import Browser, sign_in_to_n8n
from tests.system.commands import CommandFailed, say
from tests.system.debian import need_programs
from tests.system.desk_screens import LOOKS, take_desk
from tests.system.places import CHECKOUT
from tests.system.processes import ServerFailed
from tests.system.up import SAMPLE, first_case
from tests.system.world import World

Json = dict[str, Any]

FIRST_PORT = 8800
SCREENS = CHECKOUT / "docs" / "screens"
TEMPLATE = "Handoff: Summarize Email"


def main() -> int:
    if sys.argv[1:]:
        say("usage: ./dev screens")
        return 2
    try:
        need_programs(browser=True)
        # Short, because the store's socket lies in it.
        with tempfile.TemporaryDirectory(prefix="hs") as folder, World(Path(folder), FIRST_PORT) as world:
            case = first_case(world, SAMPLE)
            if case is None:
                return 1
            with Browser() as browser:
                _pages(world, browser, case)
                _editor(world, browser)
                take_desk(Path(folder) / "desk", browser, _take)
    except (CommandFailed, ServerFailed) as error:
        say(str(error))
        return 1
    say(f"The pictures are in {SCREENS.relative_to(CHECKOUT)}; look at them before they go into a commit.")
    return 0


def _pages(world: World, browser: Browser, case: Json) -> None:
    """The approver's page: before anybody decided, in each look, and after."""
    url = f"{world.companion.url}/#/h/{case['id']}"
    signed_in = {}
    for look, (ending, _) in LOOKS.items():
        page = signed_in[look] = browser.page(look)
        reviewer = world.companion.add_reviewer(f"Ada {ending}", f"{ending}@example.com", "approver", "owner")
        enrol(page, reviewer.enrol_url)
        page.goto(url)
        expect(page.get_by_role("button", name="Approve and send")).to_be_enabled()
        _take(page, f"handoff-{ending}")
    page = signed_in["desktop"]
    approve(page)
    expect(page.get_by_text("The workflow has the answer.")).to_be_visible()
    _take(page, "handoff-decided")


def _editor(world: World, browser: Browser) -> None:
    """n8n's editor: the template on the canvas, the node by searching, and its panel."""
    page = browser.page()
    sign_in_to_n8n(page, world.n8n.url, world.n8n.owner.email, world.n8n.owner.password)
    template = next(found for found in world.n8n.api.workflows() if found["name"] == TEMPLATE)
    page.goto(f"{world.n8n.url}/workflow/{template['id']}")
    _part(page, "canvas-node").first.wait_for()
    _part(page, "zoom-to-fit").click()
    _take(page, "editor-template")
    trigger = nodes.node("When clicking", "manualTrigger", 1)
    empty = world.n8n.api.create_workflow(nodes.workflow("My Workflow", [trigger], []))
    page.goto(f"{world.n8n.url}/workflow/{empty}")
    _part(page, "canvas-node").first.wait_for()
    _part(page, "node-creator-plus-button").click()
    _part(page, "node-creator-search-bar").fill("human")
    found = _part(page, "node-creator-item-name").filter(has_text="Handoff").first
    found.scroll_into_view_if_needed()
    _take(page, "editor-search")
    found.click()
    _part(page, "node-creator-item-name").filter(has_text="wait for the response").first.click()
    _part(page, "parameter-input-operation").wait_for()
    _take(page, "editor-node")


def _part(page: Page, name: str) -> Locator:
    """A part of the editor by n8n's own test id."""
    return page.locator(f'[data-test-id="{name}"]')


def _take(page: Page, name: str) -> None:
    page.wait_for_timeout(700)  # what moves into its place has arrived
    page.screenshot(path=SCREENS / f"{name}.png")
    say(f"  {name}.png")


if __name__ == "__main__":
    sys.exit(main())
