"""Acts around a decision with a keyboard alone: assigning, acknowledging, passkeys, the account, search and filters."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.desk import Authenticator, Desk, Person, see_case
from tests.browser.test_account import part
from tests.browser.test_case import main_button
from tests.n8n.review_page import enrol
from tests.system.hands import strike, strike_button, tab_to

pytestmark = pytest.mark.browser

CONFIRMED = "keyed-payouts"


@pytest.fixture(scope="module")
def ada(desk: Desk) -> Person:
    """Who has no mouse."""
    return desk.person("Ada Approver", "approver", "owner")


@pytest.mark.req("R-UI-01", "R-STORE-16")
def test_keys_assign(desk: Desk, ada: Person) -> None:
    """A case is given to somebody, chosen from the list."""
    desk.add("Bert Backup")
    case = desk.open_case()
    page = ada.page
    see_case(page, desk.url, case["id"])
    expect(main_button(page, "Approve")).to_be_visible()
    strike_button(page, page.get_by_role("button", name="More ways to answer"), page.locator("button[name=modify]"))
    person = page.get_by_label("Who looks after it")
    strike_button(page, page.locator("summary", has_text="Give it to somebody"), person)
    choose(page, person, "Bert Backup")
    told = page.get_by_text("Recorded. Whoever looks after it sees it among their cases.")
    strike_button(page, page.get_by_role("button", name="Assign"), told)
    assert desk.live(case["id"])["assignee"]["name"] == "Bert Backup"


@pytest.mark.req("R-UI-01", "H3")
def test_keys_acknowledge_what_is_hidden(desk: Desk, ada: Person) -> None:
    """Text with characters that nobody sees: the box is ticked with the space bar, and only then the key approves."""
    case = desk.open_case(model_output={"summary": "Pay\u200b the\u200b invoice."})
    page = ada.page
    see_case(page, desk.url, case["id"])
    box = page.get_by_label("I saw what is hidden or left out in this text")
    expect(main_button(page, "Approve")).to_have_attribute("data-off", "true")
    tab_to(page, box)
    page.keyboard.press("Space")
    expect(box).to_be_checked()
    expect(main_button(page, "Approve")).to_have_attribute("data-off", "false")
    strike(page, "a", main_button(page, "Approve"), page.get_by_text("You approved this at"))
    assert desk.live(case["id"])["decided_by"]["id"] == ada.id


@pytest.mark.req("R-UI-01", "L5")
def test_keys_and_a_passkey(desk: Desk, ada: Person) -> None:
    """A passkey is added, confirms a decision, and is removed."""
    desk.set_policy(CONFIRMED, assurance={"approve": "step_up"})
    case = desk.open_case(workflow_id=CONFIRMED)
    page = ada.page
    held = Authenticator(page)
    page.goto(f"{desk.url}/#/account/passkeys")
    fill(page, page.get_by_label("Name of the new passkey"), "Test finger")
    strike_button(page, page.get_by_role("button", name="Add a passkey"), page.get_by_text("The passkey was added"))
    assert len(held.passkeys()) == 1
    see_case(page, desk.url, case["id"])
    strike(page, "a", main_button(page, "Approve"), page.get_by_text("You approved this at"))
    assert desk.live(case["id"])["decided_by"]["id"] == ada.id
    page.goto(f"{desk.url}/#/account/passkeys")
    ask = page.get_by_text("It is your last one.")
    strike_button(page, page.get_by_role("button", name="Remove the passkey Test finger"), ask)
    strike_button(
        page, page.get_by_role("button", name="Remove", exact=True), page.get_by_text("You have no passkey yet.")
    )


@pytest.mark.req("R-UI-01", "A2")
def test_keys_make_and_revoke_a_token(desk: Desk, ada: Person) -> None:
    """A token is made with Enter, and revoked after being asked again."""
    tokens = part(account(desk, ada), "Personal tokens")
    fill(ada.page, tokens.get_by_label("What is the new token for?"), "Nightly report")
    ada.page.keyboard.press("Enter")
    expect(tokens.locator("code")).to_be_visible()
    ask = tokens.get_by_text("Scripts that use it stop working at once.")
    strike_button(ada.page, tokens.get_by_role("button", name="Revoke the token Nightly report"), ask)
    without = tokens.locator(".account__list:not(:has-text('Nightly report'))")
    expect(without).to_have_count(0)
    strike_button(ada.page, tokens.get_by_role("button", name="Revoke", exact=True), without)


@pytest.mark.req("R-UI-01", "R-ROLE-16")
def test_keys_sign_out_elsewhere(desk: Desk, ada: Person) -> None:
    """Another browser is signed out from here."""
    other = desk.browser.page(user_agent="Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Version/18.0 Safari/604.1")
    enrol(other, desk.companion.handoff("reviewer", "enrol", ada.name)["enrol_url"])
    sessions = part(account(desk, ada), "Where you are signed in")
    ask = sessions.get_by_text("Whoever uses it has to sign in again.")
    strike_button(ada.page, sessions.get_by_role("button", name="Sign out there of Safari on iPhone"), ask)
    without = sessions.locator(".account__list:not(:has-text('Safari on iPhone'))")
    expect(without).to_have_count(0)
    strike_button(ada.page, sessions.get_by_role("button", name="Sign out there", exact=True), without)


@pytest.mark.req("R-UI-01", "R-ROLE-18")
def test_keys_away_and_back(desk: Desk, ada: Person) -> None:
    """Until when is typed, who stands in is chosen, and one key ends it."""
    desk.add("Cora Colleague")
    away = part(account(desk, ada), "Away")
    until = away.get_by_label("Until")
    tab_to(ada.page, until)
    # Day and month are alike, and the half of the day is said, so that no browser's order of them matters.
    ada.page.keyboard.type("12122099")
    ada.page.keyboard.press("ArrowRight")
    ada.page.keyboard.type("0800A")
    expect(until).to_have_value("2099-12-12T08:00")
    choose(ada.page, away.get_by_label("Who stands in for you"), "Cora Colleague")
    told = away.get_by_text("Cora Colleague stands in for you.")
    strike_button(ada.page, away.get_by_role("button", name="I am away"), told)
    strike_button(ada.page, away.get_by_role("button", name="I am back", exact=True), until)
    assert ada.read("/v1/sessions/current")["reviewer"]["absence"] is None


@pytest.mark.req("R-UI-01", "R-UI-21")
def test_keys_search_and_filter(desk: Desk, ada: Person) -> None:
    """A slash leads to the search; filters, tabs and the way back to all are reached with Tab."""
    for risk, title in (("critical", "Zephyr invoice"), ("low", "Zephyr parcel"), ("low", "Other parcel")):
        desk.open_case(workflow_id="searched", risk_tier=risk, title=title)
    page = ada.page
    page.goto(f"{desk.url}/#/inbox?workflow_id=searched")
    rows = page.locator(".row")
    risks = page.locator("label", has_text="Risk: all").locator("select")
    expect(rows).to_have_count(3)
    page.keyboard.press("/")
    search = page.get_by_role("searchbox")
    expect(search).to_be_focused()
    page.keyboard.type("Zephyr")
    expect(rows).to_have_count(2)
    choose(page, risks, "Critical risk")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Zephyr invoice")
    for link, found in (("Show all", None), ("Decided", "Decided"), ("Waiting", "Waiting")):
        wanted = page.get_by_role("link", name=link, exact=True)
        tab_to(page, wanted)
        page.keyboard.press("Enter")
        if found is not None:
            expect(wanted).to_have_attribute("aria-current", "page")
        else:
            expect(risks).to_have_value("")


def account(desk: Desk, who: Person) -> Page:
    """Somebody's account, opened afresh."""
    who.page.goto("about:blank")
    who.page.goto(f"{desk.url}/#/account")
    expect(who.page.get_by_role("heading", name="Your account")).to_be_visible()
    return who.page


def fill(page: Page, field: Locator, text: str) -> None:
    tab_to(page, field)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def choose(page: Page, select: Locator, words: str) -> None:
    """Walk down a list, once the wanted entry is there, until it is chosen."""
    expect(select.locator("option", has_text=words)).to_have_count(1)
    tab_to(page, select)
    for _ in range(select.locator("option").count()):
        if select.locator("option:checked").inner_text() == words:
            return
        page.keyboard.press("ArrowDown")
        expect(select).to_be_focused()
    assert select.locator("option:checked").inner_text() == words
