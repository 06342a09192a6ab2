"""Passkeys in a real browser: add one, sign in with it, confirm one decision with it."""

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.desk import Authenticator, Desk, Json, see_case
from tests.n8n.review_page import approve, enrol
from tests.system.hands import press

pytestmark = pytest.mark.browser

CONFIRMED = "payouts"  # a workflow whose approvals ask for a passkey


@pytest.fixture(scope="module")
def strict(desk: Desk) -> Desk:
    """The companion, where approving a payout asks for a passkey."""
    desk.set_policy(CONFIRMED, assurance={"approve": "step_up"})
    return desk


def add_passkey(page: Page, name: str = "Test finger") -> None:
    """On the page that is open, which has the form for it."""
    page.get_by_label("Name of the new passkey").fill(name)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey was added")).to_be_visible()


@pytest.mark.req("R-ROLE-16")
def test_add_one_after_enrolling_and_sign_in_with_it(desk: Desk) -> None:
    """After the one-time link a passkey is offered; later it signs in, and leads to the case that was asked for."""
    ada, case = desk.add("Ada Approver"), desk.open_case()
    page = desk.browser.page()
    keys = Authenticator(page)
    enrol(page, ada.enrol_url)
    add_passkey(page)
    assert len(keys.passkeys()) == 1
    page.get_by_role("link", name="To the inbox").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to Handoff")).to_be_visible()
    see_case(page, desk.url, case["id"])
    page.reload()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Send this summary to #support?")).to_be_visible()
    assert case["id"] in page.url


@pytest.mark.req("R-ROLE-16")
def test_nobody_is_forced_to_have_one(desk: Desk) -> None:
    """Without a passkey, and when the browser's dialog is closed, one goes on as before."""
    page = desk.browser.page()
    keys = Authenticator(page)
    keys.refuse()
    enrol(page, desk.add("Bea Approver").enrol_url)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("No passkey was added.")).to_be_visible()
    page.get_by_role("link", name="To the inbox").click()
    expect(page.get_by_role("link", name="Your account: Bea Approver")).to_be_visible()


@pytest.mark.req("L5", "X-27")
def test_confirm_a_decision(strict: Desk) -> None:
    """A decision that asks for it is confirmed with the passkey, and stored as confirmed."""
    cara = strict.person("Cara Approver")
    case = strict.open_case(workflow_id=CONFIRMED)
    Authenticator(cara.page)
    cara.page.goto(f"{strict.url}/#/account/passkeys")
    add_passkey(cara.page)
    see_case(cara.page, strict.url, case["id"])
    approve(cara.page, "Approve")
    assert strict.live(case["id"])["state"] == "approved"


@pytest.mark.req("L5")
def test_without_the_finger_nothing_is_decided(strict: Desk) -> None:
    """Somebody else's finger, or a dialog that was closed: nothing is sent, the case waits, and the page says so."""
    dora = strict.person("Dora Approver")
    case = strict.open_case(workflow_id=CONFIRMED)
    keys = Authenticator(dora.page)
    dora.page.goto(f"{strict.url}/#/account/passkeys")
    add_passkey(dora.page)
    keys.refuse()
    see_case(dora.page, strict.url, case["id"])
    sent: list[str] = []
    dora.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    told = dora.page.get_by_text("The passkey was not used, so nothing was sent.")
    press(dora.page.get_by_role("button", name="Approve").first, told)
    assert [url for url in sent if url.endswith("/decision")] == []
    assert strict.live(case["id"])["state"] in ("pending", "claimed")


@pytest.mark.req("L5")
def test_the_confirmation_is_of_this_decision_only(strict: Desk) -> None:
    """What the passkey signed is one decision: with a word changed on its way it is refused, and nothing happens."""
    emil = strict.person("Emil Approver")
    Authenticator(emil.page)
    emil.page.goto(f"{strict.url}/#/account/passkeys")
    add_passkey(emil.page)
    case = strict.open_case(workflow_id=CONFIRMED)

    def change(route: Route) -> None:
        body: Json = route.request.post_data_json
        route.continue_(post_data=json.dumps(body | {"rationale": "Something that nobody confirmed."}))

    emil.page.route(re.compile("/decision$"), change)
    see_case(emil.page, strict.url, case["id"])
    with emil.page.expect_response(re.compile("/decision$")) as answer:
        told = emil.page.get_by_text("Something changed between your passkey and the press.")
        press(emil.page.get_by_role("button", name="Approve").first, told)
    assert answer.value.status == 403
    assert answer.value.json()["code"] == "step_up_mismatch"
    assert strict.live(case["id"])["state"] in ("pending", "claimed")


@pytest.mark.req("R-ROLE-16")
def test_remove_one(desk: Desk) -> None:
    """A passkey that was removed signs nobody in any more."""
    fay = desk.person("Fay Approver")
    Authenticator(fay.page)
    fay.page.goto(f"{desk.url}/#/account/passkeys")
    add_passkey(fay.page, "Old phone")
    fay.page.get_by_role("button", name="Remove the passkey Old phone").click()
    expect(fay.page.get_by_text("It is your last one.")).to_be_visible()
    press(fay.page.get_by_role("button", name="Remove").first, fay.page.get_by_text("You have no passkey yet."))
    fay.page.get_by_role("button", name="Sign out").click()
    fay.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(fay.page.get_by_text("You are not signed in.")).to_be_visible()
