"""Signing in with an organisation's own sign-in, in a real browser and at a real OpenID Connect provider."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk, see_case
from tests.system.browser import Browser
from tests.system.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider
from tests.system.ports import free_port

pytestmark = pytest.mark.browser

BUTTON = "Sign in with localhost"  # the provider's host


@dataclass
class Organisation:
    """A companion that trusts a provider."""

    desk: Desk
    provider: IdentityProvider


@pytest.fixture(scope="module")
def organisation(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Organisation]:
    """Provider and companion, each of which knows the other's address."""
    folder, port = tmp_path_factory.mktemp("organisation"), free_port()
    provider = IdentityProvider(folder, f"http://localhost:{port}/v1/sign-ins/oidc/callback")
    provider.start()
    environment = {
        "HANDOFF_OIDC_ISSUER": provider.issuer,
        "HANDOFF_OIDC_CLIENT_ID": CLIENT_ID,
        "HANDOFF_OIDC_CLIENT_SECRET": CLIENT_SECRET,
    }
    try:
        with Desk(folder / "companion", browser, port=port, environment=environment) as desk:
            yield Organisation(desk, provider)
    finally:
        provider.stop()


@pytest.mark.req("R-ROLE-16", "R-INT-14")
def test_sign_in_and_see_the_case(organisation: Organisation) -> None:
    """Who is not known here is told what to do, at the address of the case; once known, the same button leads to it."""
    desk = organisation.desk
    case_id = desk.open_case()["id"]
    page = desk.browser.page()
    see_case(page, desk.url, case_id)
    page.get_by_role("link", name=BUTTON).click()
    expect(page.get_by_text("Your organisation knows you, but Handoff does not yet.")).to_be_visible()
    page.wait_for_url(f"{desk.url}/#/h/{case_id}")
    assert "handoff_session" not in [cookie["name"] for cookie in page.context.cookies(desk.url)]
    desk.companion.add_reviewer("Ann Approver", "ann@example.com")
    page.get_by_role("link", name=BUTTON).click()
    expect(page.get_by_role("heading", name="Send this summary to #support?")).to_be_visible()
    assert page.url == f"{desk.url}/#/h/{case_id}"
    page.goto(f"{desk.url}/#/account")
    expect(page.get_by_text("with your organisation’s sign-in")).to_be_visible()
