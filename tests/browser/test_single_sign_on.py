"""Signing in with an organisation's own sign-in, in a real browser and at a real OpenID Connect provider."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

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

    def browser_of(self, account: str) -> Page:
        """A browser in which this account is signed in at the provider."""
        page = self.desk.browser.page()
        hint = f"&login_hint={account}"
        page.route(f"{self.provider.issuer}/auth?*", lambda route: route.continue_(url=route.request.url + hint))
        return page


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
    """The button leads to the provider and back to the case that was opened."""
    desk = organisation.desk
    desk.companion.add_reviewer("Ann Approver", "ann@acme.test")
    case_id = desk.open_case()["id"]
    page = organisation.browser_of("ann")
    see_case(page, desk.url, case_id)
    page.get_by_role("link", name=BUTTON).click()
    expect(page.get_by_role("heading", name="Send this summary to #support?")).to_be_visible()
    assert page.url == f"{desk.url}/#/h/{case_id}"
    page.goto(f"{desk.url}/#/account")
    expect(page.get_by_text("with your organisation’s sign-in")).to_be_visible()


@pytest.mark.req("R-ROLE-16")
def test_who_is_not_known_here_is_told_so(organisation: Organisation) -> None:
    """Somebody whom the organisation knows and Handoff does not: the page says what to do, and keeps the address."""
    desk = organisation.desk
    case_id = desk.open_case()["id"]
    page = organisation.browser_of("zoe")
    see_case(page, desk.url, case_id)
    page.get_by_role("link", name=BUTTON).click()
    expect(page.get_by_text("Your organisation knows you, but Handoff does not yet.")).to_be_visible()
    page.wait_for_url(f"{desk.url}/#/h/{case_id}")
    assert page.context.cookies() == [] or all(
        "session" not in cookie["name"] for cookie in page.context.cookies(desk.url)
    )
