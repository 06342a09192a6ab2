"""A proxy in front: who it says is there (R-INT-14), and how a request came to it (R-SEC-02)."""

from ipaddress import ip_network
from typing import Any

import pytest

from tests.application import Agent, World, problem

HERE = (ip_network("127.0.0.1/32"),)
OTHERS = (ip_network("10.0.0.0/8"),)
HEADER = "X-Forwarded-Email"


def behind(url: str, networks: Any = HERE, **settings: Any) -> World:
    return World(url, trusted_proxies=networks, identity_header=HEADER, **settings).emptied()


def sign_in(world: World, **headers: str) -> tuple[Agent, Any]:
    browser = world.browser(**headers)
    return browser, browser.send("POST", "/v1/sign-ins/proxy", {})


@pytest.mark.req("R-INT-14", "R-ROLE-16")
def test_whom_the_proxy_names_is_signed_in_as_that_person(embedded_url: str) -> None:
    """One identity for what they may and for the audit log, however the address is written."""
    world = behind(embedded_url)
    ann = world.reviewer("Ann", roles=["auditor"])
    browser, answer = sign_in(world, **{HEADER: " ANN@example.com"})
    told = answer.json
    assert (told["reviewer"]["id"], told["assurance"], told["method"]) == (ann.id, "signed_in", "proxy")
    opened = world.open(world.automation())
    assert browser.act(opened["id"], "annotations", {"text": "Seen."}).status_code == 200
    assert browser.live(opened["id"])["notes"][0]["by"]["id"] == ann.id


@pytest.mark.req("R-INT-14", "R-SEC-04")
@pytest.mark.parametrize("value", [None, "", "zoe@example.com", "ann@example.com,ben@example.com"])
def test_whom_it_does_not_name_is_nobody(embedded_url: str, value: str | None) -> None:
    """No header, an empty one, somebody unknown, or two at once: 401 and no cookie."""
    world = behind(embedded_url)
    world.reviewer("Ann")
    _, answer = sign_in(world, **({} if value is None else {HEADER: value}))
    problem(answer, 401, "proxy_person_unknown" if value == "zoe@example.com" else "proxy_identity_missing")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.req("R-INT-14", "R-SEC-04")
def test_nobody_but_the_trusted_proxy_names_anybody(embedded_url: str) -> None:
    """A client that reaches the service itself, or a companion without this setting: the header is nothing."""
    for world in (behind(embedded_url, OTHERS), World(embedded_url, trusted_proxies=HERE).emptied()):
        world.reviewer("Ann")
        _, answer = sign_in(world, **{HEADER: "ann@example.com"})
        problem(answer, 401, "proxy_identity_missing")
        world.admin.flushall()


@pytest.mark.req("R-INT-14", "A2")
def test_the_session_holds_while_the_proxy_says_so(embedded_url: str) -> None:
    """Signed out there, or another person there: the session is nobody's, at once."""
    world = behind(embedded_url)
    world.reviewer("Ann")
    world.reviewer("Ben")
    browser, _ = sign_in(world, **{HEADER: "ann@example.com"})
    assert browser.send("GET", "/v1/handoffs").status_code == 200
    for value in ("ben@example.com", ""):
        problem(browser.send("GET", "/v1/handoffs", headers={HEADER: value}), 401, "credential_invalid")
    del browser.headers[HEADER]
    problem(browser.send("GET", "/v1/handoffs"), 401, "credential_invalid")


@pytest.mark.req("R-SEC-02")
def test_what_came_by_plain_http_is_sent_on_or_refused(embedded_url: str) -> None:
    """The proxy says so: the page is redirected, everything else is refused before any credential is looked at."""
    world = World(embedded_url, public="https://handoff.example.com", trusted_proxies=HERE).emptied()
    ann = world.person("Ann")
    plain = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"}
    for path in ("/", "/docs", "/config.json?x=1"):
        answer = world.nobody().send("GET", path, headers=plain)
        assert (answer.status_code, answer.headers["Location"]) == (307, f"https://handoff.example.com{path}")
        assert "max-age" in answer.headers["Strict-Transport-Security"]
    for method, path, body in (("GET", "/v1/handoffs", None), ("POST", "/v1/enrolments", {"token": "x"})):
        problem(ann.send(method, path, body, plain), 403, "https_required")
    secure = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "handoff.example.com"}
    assert ann.send("GET", "/v1/handoffs", headers=secure).status_code == 200


@pytest.mark.req("R-SEC-02")
def test_a_program_inside_the_network_needs_no_proxy(embedded_url: str) -> None:
    """n8n talks to the service itself, as in docker-compose.yml; a browser's cookie goes over TLS only."""
    world = World(embedded_url, public="https://handoff.example.com", trusted_proxies=OTHERS).emptied()
    assert world.automation().send("GET", "/v1/handoffs").status_code == 200
