"""Requests that another site makes with a person's browser (security row L9)."""

import json
from typing import Any

import pytest

from tests.application import BECAUSE, ORIGIN, Agent, World, problem

PAGE = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
FOREIGN: list[dict[str, str | None]] = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": None},
    {"Origin": ORIGIN + "/"},
    {"Origin": ORIGIN.upper()},
    {"Origin": "https://localhost:8700"},
    {"Origin": "http://localhost:8701"},
    {"Origin": "http://localhost"},
    {"Origin": f"{ORIGIN}.evil.example"},
    {"Origin": f"https://evil.example/{ORIGIN}"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "x"},
]
TYPES = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain;application/json",
    "",
]


def sent(world: World, agent: Agent, path: str, body: Any, headers: dict[str, str | None], method: str = "POST") -> Any:
    """A request with the browser's cookies and exactly these headers beside the page's own."""
    merged = {name: value for name, value in (PAGE | {"If-Match": '"1"'} | headers).items() if value is not None}
    content_type = merged.pop("Content-Type", "application/json")
    return agent.client.open(path, method=method, data=json.dumps(body), content_type=content_type, headers=merged)


def acts(handoff: Any) -> list[tuple[str, str, Any]]:
    one = f"/v1/handoffs/{handoff['id']}"
    return [
        ("POST", f"{one}/decision", {"action": "approve", "package_digest": handoff["package_digest"]}),
        ("PUT", f"{one}/claim", None),
        ("DELETE", f"{one}/claim", None),
        ("POST", f"{one}/escalations", BECAUSE),
        ("POST", f"{one}/annotations", {"text": "x"}),
        ("POST", f"{one}/questions", {"text": "x"}),
        ("POST", f"{one}/answers", {"text": "x"}),
        ("POST", f"{one}/withdrawal", {}),
        ("POST", f"{one}/rollback", BECAUSE),
        ("POST", "/v1/deliveries/dl_00" + "0" * 26 + "/replay", None),
        ("DELETE", "/v1/sessions/current", None),
        ("DELETE", "/v1/sessions/x", None),
        ("POST", "/handoff/complete", {"package_token": "x", "action": "approve"}),
    ]


@pytest.mark.req("L9")
def test_no_other_site_acts_with_a_persons_cookie(world: World) -> None:
    """Foreign, null and missing origins, and what the browser calls cross-site: 403 on each act, nothing changed."""
    olga = world.signed_in("Olga", roles=["approver", "owner"])
    opened = world.open(world.automation())
    before = world.dump()
    for method, path, body in acts(opened):
        for headers in FOREIGN:
            problem(sent(world, olga, path, body, headers, method), 403, "origin_refused")
    assert world.dump() == before
    assert olga.decide(opened).status_code == 200, "the page itself may"


@pytest.mark.req("L9")
@pytest.mark.parametrize("content_type", TYPES)
def test_a_form_cannot_act_with_a_persons_cookie(world: World, content_type: str) -> None:
    """Types that a browser sends across sites without asking are refused, even where the origin looks right."""
    olga = world.signed_in("Olga", roles=["approver", "owner"])
    opened = world.open(world.automation())
    before = world.dump()
    for method, path, body in acts(opened):
        if method == "POST" and body is not None:
            problem(sent(world, olga, path, body, {"Content-Type": content_type}), 403, "origin_refused")
    assert world.dump() == before


@pytest.mark.req("L9")
def test_no_other_site_signs_a_browser_in(world: World) -> None:
    """Login by another site would put a person into somebody else's session: the same check stands before it."""
    linda = world.reviewer("Linda")
    _, secret = world.services.directory.add_reviewer("Nora", None)
    opened = world.open(world.automation(), risk_tier="low")
    before = world.dump()
    for headers in FOREIGN:
        if headers == {"Origin": None}:
            continue  # a program: it has no cookie that another site could use
        for path, body in (
            ("/v1/sessions", world.link_of(linda.id, opened["id"])),
            ("/v1/enrolments", {"token": secret}),
        ):
            answer = sent(world, world.browser(), path, body, headers)
            problem(answer, 403, "origin_refused")
            assert "Set-Cookie" not in answer.headers
    assert world.dump() == before


@pytest.mark.req("L9")
def test_a_bearer_needs_no_origin_because_no_browser_adds_it(world: World) -> None:
    """Another site cannot send a token in a header. A cookie beside the token changes nothing."""
    ann, browser = world.person("Ann"), world.signed_in("Ben")
    opened = world.open(world.automation())
    assert sent(world, ann, f"/v1/handoffs/{opened['id']}", None, {}, "GET").status_code == 401
    both = {**ann.headers, "Origin": "https://evil.example", "If-Match": '"1"'}
    body = {"action": "approve", "package_digest": opened["package_digest"]}
    answer = browser.client.post(f"/v1/handoffs/{opened['id']}/decision", json=body, headers=both)
    assert answer.json["decided_by"]["name"] == "Ann"


@pytest.mark.req("L9")
@pytest.mark.parametrize("origin", ["https://evil.example", "null", ORIGIN, "http://localhost:8701"])
def test_no_answer_opens_itself_to_other_origins(world: World, origin: str) -> None:
    """Neither a preflight nor an answer ever says `*`, repeats a foreign origin, or lets credentials go there."""
    ann = world.signed_in("Ann")
    opened = world.open(world.automation())
    path = f"/v1/handoffs/{opened['id']}"
    preflight = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    for method, where in (
        ("OPTIONS", f"{path}/decision"),
        ("OPTIONS", path),
        ("GET", path),
        ("GET", "/v1/nothing"),
        ("GET", "/openapi.json"),
    ):
        answer = ann.client.open(where, method=method, headers=preflight)
        allowed = answer.headers.get("Access-Control-Allow-Origin")
        assert allowed in (None, ORIGIN)
        assert allowed is None or origin == ORIGIN


@pytest.mark.req("L9")
def test_with_the_page_elsewhere_cookies_are_still_ours_alone(embedded_url: str) -> None:
    """Browsers sign in on the companion's own origin, exactly as it is spelled; the page gets a bearer from there."""
    world = World(embedded_url, public="http://localhost:8700/api", page="http://localhost:9000/approve").emptied()
    _, secret = world.services.directory.add_reviewer("Nora", None)
    browser = Agent(world.app.test_client(), {"Origin": "http://localhost:9000"})
    problem(browser.send("POST", "/v1/enrolments", {"token": secret}), 403, "origin_refused")
    browser.headers["Origin"] = ORIGIN
    assert browser.send("POST", "/v1/enrolments", {"token": secret}).status_code == 200
    opened = world.open(world.automation())
    assert opened["review_url"] == f"http://localhost:9000/approve/#/h/{opened['id']}"
    assert browser.act(opened["id"], "claim", method="PUT").status_code == 200
    for origin in ("http://localhost:9000", "http://localhost:9001"):
        browser.headers["Origin"] = origin
        problem(browser.act(opened["id"], "claim", method="DELETE"), 403, "origin_refused")
