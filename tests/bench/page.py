"""How soon a case can be read on a slow phone: its question on the screen, from nothing (R-UI-02)."""

import tempfile
from pathlib import Path
from statistics import median
from typing import Any, Final

from playwright.sync_api import BrowserContext

from tests.browser.desk import Desk
from tests.n8n.review_page import enrol
from tests.system.browser import Browser

SLOWER: Final = 4
"""How much slower the phone's processor is than this machine's."""
LATENCY_MS: Final = 150
DOWN_BYTES_S: Final = 1_600_000 / 8
UP_BYTES_S: Final = 750_000 / 8
TIMES: Final = 5

WHEN_SEEN: Final = """() => {
  const look = () => {
    const question = document.querySelector('h1');
    if (question?.textContent.includes('#support')) window.seenAtMs = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def phone() -> dict[str, float]:
    """Milliseconds to the question of a case, the median of five: with an empty cache, and opened again."""
    with Browser() as browser, Desk(Path(tempfile.mkdtemp()), browser) as desk:
        person = desk.add("Ada", "approver")
        page = browser.page("phone")
        enrol(page, person.enrol_url)
        signed_in: Any = page.context.storage_state()
        page.close()
        address = f"{desk.url}/#/h/{desk.open_case()['id']}"
        cold, warm = [], []
        for _ in range(TIMES):
            context = browser.context("phone", storage_state=signed_in)
            cold.append(_once(context, address))
            warm.append(_once(context, address))
            context.close()
    return {"cold_ms": median(cold), "warm_ms": median(warm)}


def _once(context: BrowserContext, address: str) -> float:
    page = context.new_page()
    page.add_init_script(f"({WHEN_SEEN})()")
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    line = {"latency": LATENCY_MS, "downloadThroughput": DOWN_BYTES_S, "uploadThroughput": UP_BYTES_S}
    devtools.send("Network.emulateNetworkConditions", {"offline": False, **line})
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address, wait_until="commit")
    page.get_by_role("heading", name="#support").first.wait_for()
    seen_ms: float = page.evaluate("window.seenAtMs")
    page.close()
    return seen_ms


if __name__ == "__main__":
    print(phone())
