"""The account in a real browser: who one is, where one is signed in, tokens for scripts, and being away."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import findings_in_every_look
from tests.browser.desk import Desk, Person
from tests.n8n.people import Caller
from tests.n8n.review_page import enrol
from tests.system.hands import press, press_enter

pytestmark = pytest.mark.browser


@pytest.fixture
def account(ada: Person, desk: Desk) -> Page:
    """Ada's account, just opened, with all its lists."""
    ada.page.goto(f"{desk.url}/#/inbox")
    ada.page.get_by_role("link", name="Your account: Ada Approver").click()
    expect(ada.page.get_by_role("heading", name="Your account")).to_be_visible()
    expect(part(ada.page, "Where you are signed in").get_by_text("This browser")).to_be_visible()
    expect(ada.page.locator("main .loading")).to_have_count(0)
    return ada.page


@pytest.fixture(scope="module")
def ada(desk: Desk) -> Person:
    """Who looks at her account."""
    return desk.person("Ada Approver", "approver", "auditor")


def part(page: Page, title: str) -> Locator:
    """One section of the account."""
    return page.get_by_role("region", name=title)


@pytest.mark.req("R-ROLE-16")
def test_who_one_is(account: Page) -> None:
    """Name, roles with what they mean, and what one works on, in words."""
    who = part(account, "Who you are")
    expect(who.get_by_text("ada@example.com")).to_be_visible()
    expect(who.get_by_text("Approver: decides cases")).to_be_visible()
    expect(who.get_by_text("Auditor: reads every case")).to_be_visible()
    expect(who.get_by_text("All workflows")).to_be_visible()


@pytest.mark.req("R-ROLE-16", "L7")
def test_sign_out_elsewhere(desk: Desk, ada: Person, account: Page) -> None:
    """Another browser of hers is named, and signed out from here."""
    other = desk.browser.page(user_agent="Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Version/18.0 Safari/604.1")
    again = desk.companion.handoff("reviewer", "enrol", ada.name)["enrol_url"]
    enrol(other, again)
    account.reload()
    sessions = part(account, "Where you are signed in")
    expect(sessions.get_by_text("This browser")).to_be_visible()
    sessions.get_by_role("button", name="Sign out there of Safari on iPhone").click()
    press(sessions.get_by_role("button", name="Sign out there", exact=True))
    expect(sessions.get_by_text("Safari on iPhone")).to_have_count(0)
    other.goto(f"{desk.url}/#/inbox")
    expect(other.get_by_role("heading", name=re.compile("Sign in|Your session has ended"))).to_be_visible()
    expect(sessions.get_by_text("This browser")).to_be_visible()


@pytest.mark.req("A2", "L6")
def test_a_token_is_shown_once(desk: Desk, ada: Person, account: Page) -> None:
    """A token works for scripts, is never shown again, and stops working when it is revoked."""
    tokens = part(account, "Personal tokens")
    tokens.get_by_label("What is the new token for?").fill("Nightly report")
    tokens.get_by_role("button", name="Make a token").click()
    shown = tokens.locator("code")
    expect(shown).to_have_text(re.compile("hp_[0-9a-z]{8}_"))
    token = shown.inner_text()
    script = Caller(desk.url, token)
    assert script.read("/v1/sessions/current")["reviewer"]["id"] == ada.id
    account.reload()
    expect(tokens.get_by_text("Nightly report", exact=True)).to_be_visible()
    assert token not in account.content()
    tokens.get_by_role("button", name="Revoke the token Nightly report").click()
    press(tokens.get_by_role("button", name="Revoke", exact=True))
    expect(tokens.get_by_text("Nightly report", exact=True)).to_have_count(0)
    assert script.call("GET", "/v1/sessions/current").status_code == 401


@pytest.mark.req("R-ROLE-18")
def test_away_and_back(desk: Desk, ada: Person, account: Page) -> None:
    """While she is away her backup gets what she holds; the page says until when, and she comes back with one press."""
    bert = desk.add("Bert Backup")
    case = desk.open_case()
    claimed = ada.call("PUT", f"/v1/handoffs/{case['id']}/claim", {})
    assert claimed.ok, claimed.text
    account.reload()
    away = part(account, "Away")
    away.get_by_label("Until").fill("2020-01-01T08:00")
    expect(away.get_by_text("That is over already.")).to_be_visible()
    away.get_by_label("Until").fill("2099-12-24T08:00")
    away.get_by_label("Who stands in for you").select_option(label="Bert Backup")
    away.get_by_role("button", name="I am away").click()
    expect(away.get_by_text("Bert Backup stands in for you.")).to_be_visible()
    expect(away.get_by_text("1 case was passed on.")).to_be_visible()
    assert ada.live(case["id"])["assignee"]["id"] == bert.id
    press(away.get_by_role("button", name="I am back", exact=True), away.get_by_label("Until"))
    assert ada.read("/v1/sessions/current")["reviewer"]["absence"] is None


@pytest.mark.req("R-UI-01")
def test_axe_finds_nothing(desk: Desk, account: Page) -> None:
    """Wide and narrow, light and dark: the account, the sign-in and the welcome after enrolling."""
    assert findings_in_every_look(account) == []
    stranger = desk.browser.page()
    stranger.goto(f"{desk.url}/#/inbox")
    expect(stranger.get_by_role("heading", name="Sign in to Handoff")).to_be_visible()
    assert findings_in_every_look(stranger) == []
    stranger.goto(desk.add("Cara Approver").enrol_url)
    expect(stranger.get_by_role("heading", name="Sign this browser in")).to_be_visible()
    assert findings_in_every_look(stranger) == []
    word = stranger.get_by_label("Type mine to confirm")
    word.fill("mine")
    press_enter(word, stranger.get_by_role("heading", name="Welcome, Cara Approver."))
    assert findings_in_every_look(stranger) == []
