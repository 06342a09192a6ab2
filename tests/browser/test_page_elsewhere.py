"""The page on a plain static host of another site than the companion: open, sign in, decide, reload."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Authenticator, Desk, see_case
from tests.n8n.review_page import approve, enrol
from tests.system.browser import Browser
from tests.system.companion import HANDOFF
from tests.system.hands import press
from tests.system.ports import free_port
from tests.system.static_host import StaticHost

pytestmark = pytest.mark.browser


@dataclass
class Apart:
    """A companion, and its page on a host of its own."""

    desk: Desk
    host: StaticHost

    def case_at_host(self, page: Page) -> str:
        """Open a case, and go to its address on the static host, as from a message."""
        case_id: str = self.desk.open_case()["id"]
        see_case(page, self.host.url, case_id)
        return case_id


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Apart]:
    """`handoff page` made the folder; the companion knows where it is served."""
    folder, port = tmp_path_factory.mktemp("apart"), free_port()
    environment = {"HANDOFF_PAGE_URL": f"http://127.0.0.1:{port}"}
    with Desk(folder / "companion", browser, environment=environment) as desk:
        export(folder / "static", desk)
        with StaticHost(folder / "static", port) as host:
            yield Apart(desk, host)


def export(folder: Path, desk: Desk) -> None:
    """As the one who runs Handoff does it."""
    command = [str(HANDOFF), "page", str(folder), "--api", desk.url]
    subprocess.run(command, env=desk.companion.environment, check=True, capture_output=True)


def signed_in(apart: Apart, name: str) -> Page:
    """Somebody whose browser has a session at the companion; the page elsewhere was never open in it."""
    page = apart.desk.browser.page()
    enrol(page, apart.desk.add(name).enrol_url)
    return page


def asks_about(page: Page) -> None:
    expect(page.get_by_role("heading", name="Send this summary to #support?")).to_be_visible()


def storages(page: Page) -> object:
    return page.evaluate("[{...localStorage}, {...sessionStorage}, document.cookie]")


@pytest.mark.req("R-SHAPE-06", "R-UI-02", "L9")
def test_open_sign_in_decide_reload(apart: Apart) -> None:
    """The case's address on the host leads through the companion and back; what is decided there is decided."""
    page = signed_in(apart, "Ada Approver")
    assert page.url.startswith(apart.desk.url), "enrolling happens where the cookie is"
    case_id = apart.case_at_host(page)
    asks_about(page)
    assert page.url == f"{apart.host.url}/#/h/{case_id}"
    page.reload()
    asks_about(page)
    assert page.url == f"{apart.host.url}/#/h/{case_id}"
    approve(page, "Approve")
    assert apart.desk.live(case_id)["state"] == "approved"


@pytest.mark.req("R-UI-02", "R-SHAPE-06")
def test_after_enrolling_one_comes_to_the_page(apart: Apart) -> None:
    """The one-time link names the page that people use; it ends there, signed in."""
    page = signed_in(apart, "Bea Approver")
    page.get_by_role("link", name="To the inbox").click()
    page.wait_for_url(f"{apart.host.url}/**")
    expect(page.get_by_role("link", name="Your account: Bea Approver")).to_be_visible()


@pytest.mark.req("R-SHAPE-06", "L9")
def test_who_is_unknown_is_asked_by_the_companion(apart: Apart) -> None:
    """Without a session the companion's own page asks who it is; the passkey given there leads back to the case."""
    page = apart.desk.browser.page()
    Authenticator(page)
    enrol(page, apart.desk.add("Cara Approver").enrol_url)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey was added")).to_be_visible()
    page.context.clear_cookies()
    case_id = apart.case_at_host(page)
    expect(page.get_by_role("heading", name="Sign in to Handoff")).to_be_visible()
    assert page.url.startswith(apart.desk.url)
    page.get_by_role("button", name="Sign in with a passkey").click()
    asks_about(page)
    assert page.url == f"{apart.host.url}/#/h/{case_id}"


@pytest.mark.req("L6", "L9")
def test_the_session_is_in_memory_only(apart: Apart) -> None:
    """No cookie, no storage of the host's origin holds anything; the host saw no code, no session and no case."""
    page = signed_in(apart, "Dora Approver")
    apart.case_at_host(page)
    asks_about(page)
    assert storages(page) == [{}, {}, ""]
    assert page.context.cookies(apart.host.url) == []
    for asked in apart.host.asked:
        assert not re.search(r"code=|hb_|hs_|ho_", asked.path)
        assert "Cookie" not in asked.headers
        assert "Referer" not in asked.headers


@pytest.mark.req("L9")
def test_signing_out_is_signing_out(apart: Apart) -> None:
    """Signing out on the page ends the companion's session too: loading it again does not sign in by itself."""
    page = signed_in(apart, "Emil Approver")
    apart.case_at_host(page)
    asks_about(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to Handoff")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
    assert page.url.startswith(apart.desk.url)


@pytest.mark.req("L9")
def test_somebody_elses_code_signs_nobody_in(apart: Apart) -> None:
    """A code that was planted in an address is worth nothing without the verifier, and costs the person nothing."""
    page = signed_in(apart, "Fay Approver")
    challenge = "A" * 43
    answer = page.evaluate(
        """async (challenge) => (await fetch('/v1/sign-in-codes', { method: 'POST',
            headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ challenge }) })).json()""",
        challenge,
    )
    victim = apart.desk.browser.page()
    victim.goto(f"{apart.host.url}/#/signed-in?code={answer['code']}")
    expect(victim.get_by_role("button", name="Sign in")).to_be_visible()
    assert "code" not in victim.url


@pytest.mark.req("R-SHAPE-06", "L2", "L6")
def test_a_personal_link(apart: Apart) -> None:
    """A personal link works on the page elsewhere as well, for its own case, without the companion's page."""
    gina = apart.desk.add("Gina Approver")
    case_id = apart.desk.open_case(risk_tier="low", risk_score=0.1)["id"]
    link = apart.desk.companion.handoff("reviewer", "link", "Gina Approver", case_id)["url"]
    assert link.startswith(apart.host.url)
    page = apart.desk.browser.page()
    page.goto(link)
    asks_about(page)
    assert "mac" not in page.url
    assert storages(page) == [{}, {}, ""]
    assert gina.name in page.inner_text("header")


@pytest.mark.req("R-SHAPE-06")
def test_a_companion_that_does_not_answer(apart: Apart) -> None:
    """Then the page itself says so, not the browser's own page of errors."""
    page = apart.desk.browser.page()
    page.route(f"{apart.desk.url}/**", lambda route: route.abort())
    page.goto(f"{apart.host.url}/#/inbox")
    expect(page.get_by_role("heading", name="Handoff does not answer.")).to_be_visible()


@pytest.mark.req("L8", "L10")
def test_nothing_is_refused_by_its_own_policy(apart: Apart) -> None:
    """The headers of the host let through what the page needs, and nothing is reported as refused."""
    page = signed_in(apart, "Hana Approver")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    apart.case_at_host(page)
    asks_about(page)
    assert [line for line in said if "Content Security Policy" in line or "CORS" in line] == []


@pytest.mark.req("L5", "R-SHAPE-06")
def test_a_passkey_of_the_companions_address(apart: Apart) -> None:
    """Where the browser does not use the companion's passkeys for the page's address, the page says where they work."""
    apart.desk.set_policy("payouts", assurance={"approve": "step_up"})
    page = apart.desk.browser.page()
    Authenticator(page)
    enrol(page, apart.desk.add("Ines Approver").enrol_url)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey was added")).to_be_visible()
    case_id = apart.desk.open_case(workflow_id="payouts")["id"]
    see_case(page, apart.host.url, case_id)
    button = page.get_by_role("button", name="Approve").first
    press(button, page.get_by_text("Your passkey belongs to localhost"))
    see_case(page, apart.desk.url, case_id)
    press(button, page.get_by_text("You approved this at"))
