"""Signing in at an identity provider: who comes in, as whom, and each way of not coming in (R-INT-14, R-ROLE-16)."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from companion.adapters.oidc import NotSignedIn
from tests.application import ORIGIN, Agent, World
from tests.identity.conftest import companion_of
from tests.system.identity_provider import IdentityProvider

CALLBACK = f"{ORIGIN}/v1/sign-ins/oidc/callback?"
GROUPS: dict[str, Any] = {
    "scopes": "openid email profile groups",
    "roles_claim": "groups",
    "roles": (("reviewers", "approver"), ("auditors", "auditor")),
}


def begin(browser: Agent, back: str = "/") -> str:
    """Where the companion sends the browser."""
    answer = browser.client.get("/v1/sign-ins/oidc", query_string={"back": back})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def come_back(browser: Agent, url: str, **changed: str | None) -> Any:
    """The browser follows the provider's redirect, some of its parameters changed or (None) left out."""
    assert url.startswith(CALLBACK), url
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()} | changed
    sent = {name: value for name, value in query.items() if value is not None}
    return browser.client.get("/v1/sign-ins/oidc/callback", query_string=sent)


def sign_in(world: World, provider: IdentityProvider, who: str, back: str = "/") -> tuple[Agent, Any]:
    """A browser that went to the provider as `who`, and what it was answered when it came back."""
    browser = world.browser()
    return browser, come_back(browser, provider.sign_in(begin(browser, back), who))


def refused(answer: Any, code: str) -> None:
    """The browser is on the page, nobody is signed in, and the page is told why."""
    assert (answer.status_code, answer.data) == (303, b"")
    assert answer.headers["Location"].startswith(f"{ORIGIN}/#/sign-in?error={code}&back="), answer.headers["Location"]
    assert "handoff_session" not in "".join(answer.headers.getlist("Set-Cookie"))


@pytest.mark.req("R-INT-14", "R-ROLE-16")
def test_one_identity_for_access_and_audit(world: World, provider: IdentityProvider) -> None:
    """Who signs in there is the reviewer with that verified address; the decision's event names that same id."""
    ann = world.reviewer("Ann")
    browser, answer = sign_in(world, provider, "ann", "/h/ho_1?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{ORIGIN}/#/h/ho_1?x=1")
    told = browser.get("/v1/sessions/current")
    assert (told["reviewer"]["id"], told["assurance"], told["method"]) == (ann.id, "signed_in", "oidc")
    robot = world.automation()
    opened = world.open(robot, risk_tier="high")
    assert browser.decide(opened).status_code == 200
    event = robot.live(opened["id"])["event"]
    assert event["decision_actor"]["id"] == ann.id


def test_what_is_asked_of_the_provider(world: World, provider: IdentityProvider) -> None:
    """A code, bound to this browser by state, to this sign-in by nonce, and to this process by PKCE (S256)."""
    first, second = (parse_qs(urlsplit(begin(world.browser())).query) for _ in range(2))
    assert (first["response_type"], first["scope"]) == (["code"], ["openid email profile"])
    assert (first["client_id"], first["redirect_uri"]) == (["handoff"], [CALLBACK[:-1]])
    assert first["code_challenge_method"] == ["S256"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) == 43
        assert first[name] != second[name]


@pytest.mark.req("L9", "R-SEC-03")
def test_a_state_is_this_browsers_and_counts_once(world: World, provider: IdentityProvider) -> None:
    """Another browser, an invented state, and the same way back a second time: none signs anybody in."""
    world.reviewer("Ann")
    browser = world.browser()
    back = provider.sign_in(begin(browser), "ann")
    refused(come_back(world.browser(), back), "oidc_state_unknown")
    browser = world.browser()
    back = provider.sign_in(begin(browser), "ann")
    refused(come_back(browser, back, state="x" * 43), "oidc_state_unknown")
    refused(come_back(browser, back, state=None), "oidc_state_unknown")
    browser, first = sign_in(world, provider, "ann")
    assert "handoff_session" in "".join(first.headers.getlist("Set-Cookie"))
    refused(come_back(browser, back), "oidc_state_unknown")


@pytest.mark.req("R-SEC-03")
def test_a_code_counts_once_and_only_with_its_verifier(world: World, provider: IdentityProvider) -> None:
    """A code that somebody saw is worth nothing in another sign-in, whether it was used before or not."""
    world.reviewer("Ann")
    browser = world.browser()
    back = provider.sign_in(begin(browser), "ann")
    code = parse_qs(urlsplit(back).query)["code"][0]
    other = world.browser()
    refused(come_back(other, provider.sign_in(begin(other), "ann"), code=code), "oidc_code_refused")
    browser, _ = sign_in(world, provider, "ann")
    again = world.browser()
    refused(come_back(again, provider.sign_in(begin(again), "ann"), code=code), "oidc_code_refused")


@pytest.mark.req("R-SEC-03")
def test_another_provider_is_not_believed(world: World, provider: IdentityProvider, embedded_url: str) -> None:
    """One that answers in another's name (RFC 9207), or calls itself otherwise than the settings do."""
    world.reviewer("Ann")
    browser = world.browser()
    back = provider.sign_in(begin(browser), "ann")
    refused(come_back(browser, back, iss="https://evil.example"), "oidc_issuer_mismatch")
    other = companion_of(embedded_url, provider.issuer + "/")
    refused(other.browser().client.get("/v1/sign-ins/oidc"), "oidc_issuer_mismatch")


@pytest.mark.req("R-SEC-03", "J6")
def test_a_token_of_another_sign_in_is_not_believed(world: World, provider: IdentityProvider) -> None:
    """The identity token must carry the nonce of this sign-in, and must not be over."""
    found = world.services.federation._provider
    assert found is not None

    def code_for(nonce: str) -> str:
        back = provider.sign_in(found.address("s" * 43, nonce, "v" * 43), "ann")
        return parse_qs(urlsplit(back).query)["code"][0]

    with pytest.raises(NotSignedIn) as caught:
        found.finish(code_for("n" * 43), "v" * 43, "m" * 43)
    assert caught.value.code == "oidc_token_refused"
    assert found.finish(code_for("n" * 43), "v" * 43, "n" * 43).subject == "ann"
    world.clock.advance(3 * 3_600_000)
    with pytest.raises(NotSignedIn) as caught:
        found.finish(code_for("n" * 43), "v" * 43, "n" * 43)
    assert caught.value.code == "oidc_token_refused"


@pytest.mark.req("R-ROLE-16", "R-SEC-04")
@pytest.mark.parametrize(
    ("who", "code"), [("ben", "oidc_email_unverified"), ("zoe", "oidc_person_unknown"), ("nobody", "oidc_denied")]
)
def test_who_is_not_let_in(world: World, provider: IdentityProvider, who: str, code: str) -> None:
    """An address that is not verified there, somebody whom nobody added here, and who was not signed in there."""
    world.reviewer("Ann")
    world.reviewer("Ben")
    _, answer = sign_in(world, provider, who)
    refused(answer, code)
    (attempt,) = world.person("Olga", roles=["auditor"]).get("/v1/attempts")["items"]
    assert (attempt["code"], attempt["endpoint"]) == (code, "GET /v1/sign-ins/oidc/callback")


@pytest.mark.req("R-ROLE-16")
def test_an_address_that_somebody_else_got_opens_nothing(world: World, provider: IdentityProvider) -> None:
    """From the first sign-in on a person is known by the name that never changes, not by the address."""
    world.reviewer("Ann")
    _, first = sign_in(world, provider, "ann")
    assert first.headers["Location"] == f"{ORIGIN}/#/"
    _, second = sign_in(world, provider, "ann2")
    refused(second, "oidc_person_unknown")


@pytest.mark.req("R-INT-14", "R-ROLE-08")
def test_roles_come_from_groups(embedded_url: str, provider: IdentityProvider) -> None:
    """With a claim set up, groups give the roles at each sign-in; without any known group nobody comes in."""
    world = companion_of(embedded_url, provider.issuer, **GROUPS)
    world.reviewer("Zoe", roles=["owner"])
    world.reviewer("Yan")
    browser, _ = sign_in(world, provider, "zoe")
    assert browser.get("/v1/sessions/current")["reviewer"]["roles"] == ["approver", "auditor"]
    _, answer = sign_in(world, provider, "yan")
    refused(answer, "oidc_no_role")


@pytest.mark.req("R-INT-14")
def test_people_are_added_where_that_is_wished(embedded_url: str, provider: IdentityProvider) -> None:
    """Whoever has a role by their groups comes in, once, under one id; otherwise somebody has to add them."""
    world = companion_of(embedded_url, provider.issuer, **GROUPS, add_people=True)
    browser, _ = sign_in(world, provider, "zoe")
    told = browser.get("/v1/sessions/current")["reviewer"]
    assert (told["name"], told["email"], told["roles"]) == ("Zoe", "zoe@example.com", ["approver", "auditor"])
    again, _ = sign_in(world, provider, "zoe")
    assert again.get("/v1/sessions/current")["reviewer"]["id"] == told["id"]
    assert [person.name for person in world.services.directory.list_reviewers()] == ["Zoe"]
    _, answer = sign_in(world, provider, "ben")
    refused(answer, "oidc_email_unverified")


@pytest.mark.req("R-ROLE-07", "R-GATE-15", "R-INT-14")
def test_two_first_sign_ins_at_once_make_one_person(
    embedded_url: str, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two tabs: with two ids one human could give both of two approvals. Both tabs are signed in as the same person."""
    world = companion_of(embedded_url, provider.issuer, **GROUPS, add_people=True)
    directory = world.services.directory
    real: Any = directory._check
    tabs: list[Any] = []

    def while_another_tab_signs_in(person: Any) -> None:
        real(person)
        if not tabs:
            tabs.append(None)
            tabs.append(sign_in(world, provider, "zoe")[0])

    monkeypatch.setattr(directory, "_check", while_another_tab_signs_in)
    late, _ = sign_in(world, provider, "zoe")
    (zoe,) = directory.list_reviewers()
    assert [tab.get("/v1/sessions/current")["reviewer"]["id"] for tab in (tabs[1], late)] == [zoe.id, zoe.id]


@pytest.mark.req("R-AUD-18")
def test_roles_that_the_provider_gives_leave_an_event(embedded_url: str, provider: IdentityProvider) -> None:
    """At the sign-in that changes them, in the provider's name; a sign-in that changes nothing leaves none."""
    world = companion_of(embedded_url, provider.issuer, **GROUPS)
    world.reviewer("Zoe", roles=["owner"])
    for _ in range(2):
        browser, _ = sign_in(world, provider, "zoe")
    first, *_ = events = [e for e in browser.get("/v1/events")["items"] if e["event_type"] == "reviewer.changed"]
    assert len(events) == 1
    assert first["decision_actor"] == {"type": "system", "id": "identity_provider", "name": provider.issuer}
    changes = {each["path"]: (each["before"], each["after"]) for each in first["details"]["changes"]}
    assert changes["roles"] == (["owner"], ["approver", "auditor"])


@pytest.mark.req("R7")
def test_a_provider_that_is_away_lets_nobody_in(embedded_url: str) -> None:
    """The page is told, and other ways of signing in go on working."""
    world = companion_of(embedded_url, "http://localhost:1")
    refused(world.browser().client.get("/v1/sign-ins/oidc"), "oidc_unreachable")
    assert world.signed_in("Ann").get("/v1/sessions/current")["assurance"] == "signed_in"


@pytest.mark.req("L9")
@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example/x y", "/\\evil", "x", "/a#b", "/é"])
def test_nobody_is_sent_elsewhere(world: World, back: str) -> None:
    """Where the browser goes on is a place on our own page, and nothing else is taken."""
    answer = world.browser().client.get("/v1/sign-ins/oidc", query_string={"back": back})
    assert answer.status_code in (303, 422)
    assert "evil" not in answer.headers.get("Location", "")


@pytest.mark.req("L1", "L3")
def test_whoever_opens_the_way_back_first_burns_nothing(world: World, provider: IdentityProvider) -> None:
    """A scanner that follows the address without this browser's cookie leaves the sign-in to whom it belongs."""
    world.reviewer("Ann")
    browser = world.browser()
    back = provider.sign_in(begin(browser), "ann")
    for _ in range(3):
        refused(come_back(world.browser(), back), "oidc_state_unknown")
    assert come_back(browser, back).headers["Location"] == f"{ORIGIN}/#/"
