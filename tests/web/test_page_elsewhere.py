"""A page on another origin: how it gets its session, and that nothing but that page can use one (security row L9)."""

from hashlib import sha256
from typing import Any

import pytest

from companion.core.sealing import b64url
from tests.application import ORIGIN, Agent, World, problem

PAGE = "https://approve.example.net"
EVIL = "https://evil.example"
VERIFIER = "v" * 43
CHALLENGE = b64url(sha256(VERIFIER.encode()).digest())


@pytest.fixture
def elsewhere(embedded_url: str) -> World:
    """A companion whose page lies on another origin."""
    return World(embedded_url, page=f"{PAGE}/approve").emptied()


def code_of(browser: Agent, challenge: str = CHALLENGE) -> str:
    answer = browser.send("POST", "/v1/sign-in-codes", {"challenge": challenge})
    assert answer.status_code == 201, answer.text
    assert answer.json["return_to"] == f"{PAGE}/approve"
    return str(answer.json["code"])


def exchange(world: World, code: str, verifier: str = VERIFIER, origin: str | None = PAGE) -> Any:
    headers = {} if origin is None else {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
    body = {"code": code, "verifier": verifier}
    return world.nobody().send("POST", "/v1/sessions/exchange", body, headers)


def on_page(world: World, browser: Agent) -> Agent:
    """The page elsewhere, with the session of who is signed in in `browser`."""
    answer = exchange(world, code_of(browser))
    assert answer.status_code == 200, answer.text
    return Agent(
        world.app.test_client(use_cookies=False),
        {"Origin": PAGE, "Sec-Fetch-Site": "cross-site", "Authorization": f"Bearer {answer.json['session']}"},
        browser.id,
    )


@pytest.mark.req("R-UI-02", "L9", "R-SEC-04")
def test_a_sign_in_goes_over_to_the_page_and_no_cookie_does(elsewhere: World) -> None:
    """A code becomes a bearer for memory: the person, what they may, and no Set-Cookie anywhere on the way."""
    ann = elsewhere.signed_in("Ann")
    answer = exchange(elsewhere, code_of(ann))
    assert (answer.json["reviewer"]["id"], answer.json["assurance"]) == (ann.id, "signed_in")
    assert "Set-Cookie" not in answer.headers
    page = on_page(elsewhere, ann)
    opened = elsewhere.open(elsewhere.automation(), risk_tier="high")
    assert page.decide(opened).status_code == 200
    assert page.get("/v1/sessions/current")["reviewer"]["id"] == ann.id


@pytest.mark.req("L9", "J8")
def test_a_code_is_used_once_by_who_asked_within_a_minute(elsewhere: World) -> None:
    """A code that somebody saw is worth nothing without its verifier, a second time, later, or from another origin."""
    ann = elsewhere.signed_in("Ann")
    problem(exchange(elsewhere, code_of(ann), "w" * 43), 401, "code_refused")
    code = code_of(ann)
    for origin in (EVIL, ORIGIN, "null", None, PAGE + "/", PAGE.upper()):
        problem(exchange(elsewhere, code, origin=origin), 403, "origin_refused")
    assert exchange(elsewhere, code).status_code == 200
    problem(exchange(elsewhere, code), 401, "code_refused")
    late = code_of(ann)
    client = elsewhere.admin
    (key,) = client.keys("{directory}:code:*")
    assert 0 < client.pttl(key) <= 60_000
    client.delete(key)  # as the server does when its minute is over
    problem(exchange(elsewhere, late), 401, "code_refused")


@pytest.mark.req("L9")
def test_only_who_is_signed_in_here_makes_a_code(elsewhere: World, world: World) -> None:
    """Neither a script, nor a link, nor another site, nor a companion that has its page itself."""
    problem(world.signed_in("Zoe").send("POST", "/v1/sign-in-codes", {"challenge": CHALLENGE}), 409, "no_other_page")
    ann = elsewhere.signed_in("Ann")
    body = {"challenge": CHALLENGE, "origin": EVIL}
    problem(ann.send("POST", "/v1/sign-in-codes", body), 403, "origin_refused")
    for headers in ({"Origin": EVIL}, {"Origin": PAGE}, {"Sec-Fetch-Site": "cross-site"}):
        problem(ann.send("POST", "/v1/sign-in-codes", {"challenge": CHALLENGE}, headers), 403, "origin_refused")
    script = elsewhere.person("Ben")
    problem(script.send("POST", "/v1/sign-in-codes", {"challenge": CHALLENGE}), 403, "session_required")
    problem(
        on_page(elsewhere, ann).send("POST", "/v1/sign-in-codes", {"challenge": CHALLENGE}), 403, "session_required"
    )


@pytest.mark.req("L9", "J5")
@pytest.mark.parametrize("origin", [EVIL, ORIGIN, "null", "", PAGE + "/", PAGE + ".evil.example", None])
def test_the_bearer_is_taken_from_the_page_only(elsewhere: World, origin: str | None) -> None:
    """Stolen and sent from elsewhere, as a cookie or by a program: 401."""
    page = on_page(elsewhere, elsewhere.signed_in("Ann"))
    bearer = page.headers["Authorization"]
    headers = {"Authorization": bearer} | ({} if origin is None else {"Origin": origin})
    problem(elsewhere.nobody().send("GET", "/v1/handoffs", headers=headers), 401, "credential_invalid")
    browser = elsewhere.browser()
    browser.client.set_cookie("handoff_session", bearer.removeprefix("Bearer "))
    problem(browser.send("GET", "/v1/handoffs"), 401, "credential_invalid")


@pytest.mark.req("L9")
def test_a_cookie_is_taken_from_our_own_origin_only(elsewhere: World) -> None:
    """The page elsewhere has no cookie here; a request that brings one with its origin is another site's."""
    ann = elsewhere.signed_in("Ann")
    opened = elsewhere.open(elsewhere.automation())
    for headers in ({"Origin": PAGE, "Sec-Fetch-Site": "cross-site"}, {"Origin": PAGE, "Sec-Fetch-Site": "same-site"}):
        answer = ann.send("PUT", f"/v1/handoffs/{opened['id']}/claim", None, headers)
        problem(answer, 403, "origin_refused")
    assert ann.act(opened["id"], "claim", method="PUT").status_code == 200


@pytest.mark.req("L9", "A2")
@pytest.mark.parametrize("how", ["signed out there", "signed out here", "ended from a list", "person removed"])
def test_when_the_sign_in_ends_the_page_is_out_within_a_second(elsewhere: World, how: str) -> None:
    """The page's session hangs on the one in the companion's cookie, and signing out on the page ends both."""
    ann = elsewhere.signed_in("Ann")
    page = on_page(elsewhere, ann)
    assert page.send("GET", "/v1/handoffs").status_code == 200
    if how == "signed out there":
        assert page.send("DELETE", "/v1/sessions/current").status_code == 204
    elif how == "signed out here":
        assert ann.send("DELETE", "/v1/sessions/current").status_code == 204
    elif how == "ended from a list":
        phone = elsewhere.browser()
        token = elsewhere.services.directory.enrol_again("Ann")
        assert phone.send("POST", "/v1/enrolments", {"token": token}).status_code == 200
        other = next(each["id"] for each in phone.get("/v1/sessions")["items"] if not each["current"])
        assert phone.send("DELETE", f"/v1/sessions/{other}").status_code == 204
    else:
        elsewhere.services.directory.remove_reviewer("Ann")
    elsewhere.clock.advance(999)
    problem(page.send("GET", "/v1/handoffs"), 401, "credential_invalid")
    answer = ann.send("GET", "/v1/sessions/current")
    assert answer.status_code == 401


@pytest.mark.req("L4", "L9")
def test_a_personal_link_opens_on_the_page_too(elsewhere: World) -> None:
    """With its session in the body, for its own case only, and without any cookie."""
    linda = elsewhere.reviewer("Linda")
    robot = elsewhere.automation()
    opened, other = elsewhere.open(robot, risk_tier="low"), elsewhere.open(robot, risk_tier="low")
    page = Agent(elsewhere.app.test_client(use_cookies=False), {"Origin": PAGE, "Sec-Fetch-Site": "cross-site"})
    answer = page.send("POST", "/v1/sessions", elsewhere.link_of(linda.id, opened["id"]))
    assert (answer.status_code, answer.json["assurance"]) == (200, "link")
    assert "Set-Cookie" not in answer.headers
    page.headers["Authorization"] = f"Bearer {answer.json['session']}"
    assert page.live(opened["id"])["confirm_word"]
    problem(page.send("GET", f"/v1/handoffs/{other['id']}"), 404, "not_found")
    assert page.send("DELETE", "/v1/sessions/current").status_code == 204
    problem(page.send("GET", f"/v1/handoffs/{opened['id']}"), 401, "credential_invalid")


@pytest.mark.req("L9", "R-UI-02")
def test_exactly_the_page_may_read_answers(elsewhere: World) -> None:
    """Its origin is named on every answer, errors too; never `*`, never with credentials, never another's."""
    page = on_page(elsewhere, elsewhere.signed_in("Ann"))
    opened = elsewhere.open(elsewhere.automation())
    for path in (f"/v1/handoffs/{opened['id']}", "/v1/nothing", "/.well-known/jwks.json", "/v1/handoffs?limit=x"):
        answer = page.send("GET", path)
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
        assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Origin" in answer.headers["Vary"]
        for origin in (EVIL, ORIGIN, "null", PAGE + "/"):
            other = elsewhere.nobody().send("GET", path, headers={"Origin": origin})
            assert "Access-Control-Allow-Origin" not in other.headers
            assert "Origin" in other.headers["Vary"], "a cache keeps the two apart"


@pytest.mark.req("L9", "L1")
def test_a_preflight_is_answered_for_the_page_only(elsewhere: World, world: World) -> None:
    """What it may send, for ten minutes; to all others a preflight is what it was before: not taken."""
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, if-match"}
    answer = elsewhere.nobody().send("OPTIONS", "/v1/handoffs", headers=asks | {"Origin": PAGE})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (204, PAGE)
    allowed = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"authorization", "content-type", "if-match", "if-none-match", "idempotency-key"} == set(allowed)
    assert answer.headers["Access-Control-Max-Age"] == "600"
    for where, origin in ((elsewhere, EVIL), (elsewhere, "null"), (elsewhere, ORIGIN), (world, PAGE), (world, ORIGIN)):
        refused = where.nobody().send("OPTIONS", "/v1/handoffs", headers=asks | {"Origin": origin})
        problem(refused, 405, "method_not_allowed")
        assert not [name for name, _ in refused.headers if name.startswith("Access-Control")]


def test_where_the_page_finds_everything(elsewhere: World, world: World) -> None:
    """config.json tells the companion's own page its address, and whether it signs people in for another."""
    ways = {"passkey": True, "oidc": None, "proxy": False}
    assert world.nobody().get("/config.json") == {
        "api_base": "", "page_url": None, "public_url": ORIGIN, "sign_in": ways,
    }  # fmt: skip
    assert elsewhere.nobody().get("/config.json")["page_url"] == f"{PAGE}/approve"


@pytest.mark.req("R-SEC-03")
@pytest.mark.parametrize(("public", "named"), [("https://127.0.0.1:8443", False), ("https://[::1]:8443", False),
                                               ("https://handoff.example.com", True)])  # fmt: skip
def test_passkeys_are_offered_where_browsers_make_them(embedded_url: str, public: str, named: bool) -> None:
    """They are made for a name; where the companion is an address of numbers the page offers none."""
    world = World(embedded_url, public=public).emptied()
    assert world.nobody().get("/config.json")["sign_in"]["passkey"] is named
