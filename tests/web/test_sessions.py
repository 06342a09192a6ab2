"""Enrolments, sessions and sign-out."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from companion.identity.directory import SIGNED_IN_TTL_MS
from companion.store import keys
from tests.application import Agent, World, problem


@pytest.mark.req("R-SEC-03", "R-ROLE-16")
def test_an_enrolment_link_signs_one_browser_in(world: World) -> None:
    """From then on this browser is that person, with the cookie that no script can read and no other site can send."""
    person, secret = world.services.directory.add_reviewer("Ann", "ann@example.com", workflows=["summarize"])
    browser = world.browser()
    answer = browser.send("POST", "/v1/enrolments", {"token": secret})
    assert answer.json["reviewer"] == {
        "id": person.id, "name": "Ann", "email": "ann@example.com", "roles": ["approver"], "workflows": ["summarize"],
        "levels": None, "queues": None, "skills": [], "qualifications": {}, "absence": None,
    }  # fmt: skip
    assert (answer.json["assurance"], answer.json["method"], answer.json["passkeys"]) == ("signed_in", "enrolment", 0)
    cookie = answer.headers["Set-Cookie"]
    assert re.fullmatch(
        r"handoff_session=hs_\S+; Expires=[^;]+; Max-Age=\d+; HttpOnly; Path=/; SameSite=Strict", cookie
    )
    assert browser.get("/v1/sessions/current")["reviewer"]["id"] == person.id
    problem(world.browser().send("POST", "/v1/enrolments", {"token": secret}), 401, "enrolment_refused")


@pytest.mark.req("R-SEC-03")
def test_behind_tls_the_cookie_is_bound_to_host_and_tls(embedded_url: str) -> None:
    """`__Host-`, Secure, no Domain: another subdomain cannot plant or read it."""
    world = World(embedded_url, public="https://handoff.example.com").emptied()
    _, secret = world.services.directory.add_reviewer("Ann", None)
    origin = "https://handoff.example.com"
    browser = Agent(world.app.test_client(), {"Origin": origin})
    answer = browser.client.post("/v1/enrolments", json={"token": secret}, headers={"Origin": origin}, base_url=origin)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-handoff_session=hs_")
    assert "; Secure" in cookie
    assert "Domain" not in cookie


def test_of_two_browsers_that_use_one_enrolment_one_is_signed_in(world: World) -> None:
    """However they race: the link is used once."""
    _, secret = world.services.directory.add_reviewer("Ann", None)
    barrier = Barrier(8)

    def enrol(browser: Agent) -> int:
        barrier.wait()
        return browser.send("POST", "/v1/enrolments", {"token": secret}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(enrol, [world.browser() for _ in range(8)]))
    assert statuses == [200] + [401] * 7


@pytest.mark.parametrize(
    "token", ["", "x", "he_00000000_" + "A" * 43, "hs_00000000_" + "A" * 43, "he_00000000_" + "A" * 42]
)
def test_what_is_no_enrolment_enrols_nobody(world: World, token: str) -> None:
    """Unknown, malformed and other kinds of secrets: one answer, no cookie."""
    answer = world.browser().send("POST", "/v1/enrolments", {"token": token})
    problem(answer, 401, "enrolment_refused")
    assert "Set-Cookie" not in answer.headers


def test_somebody_who_was_removed_cannot_enrol(world: World) -> None:
    """A link that is still on its way does not bring a removed person back."""
    _, secret = world.services.directory.add_reviewer("Ann", None)
    world.services.directory.remove_reviewer("Ann")
    problem(world.browser().send("POST", "/v1/enrolments", {"token": secret}), 401, "enrolment_refused")


def test_one_sees_and_ends_ones_own_sessions(world: World) -> None:
    """Two browsers of one person: each sees both and may end the other; nobody ends another person's."""
    first = world.signed_in("Ann")
    second = world.browser()
    token = world.services.directory.enrol_again("Ann")
    assert second.send("POST", "/v1/enrolments", {"token": token}).status_code == 200
    other = world.signed_in("Ben")
    items = first.get("/v1/sessions")["items"]
    assert sorted(item["current"] for item in items) == [False, True]
    elsewhere = next(item["id"] for item in items if not item["current"])
    problem(other.send("DELETE", f"/v1/sessions/{elsewhere}"), 404, "not_found")
    assert first.send("DELETE", f"/v1/sessions/{elsewhere}").status_code == 204
    world.clock.advance(1_000)
    problem(second.send("GET", "/v1/sessions/current"), 401, "credential_invalid")
    assert first.send("GET", "/v1/sessions/current").status_code == 200
    assert [item["current"] for item in first.get("/v1/sessions")["items"]] == [True]


def test_signing_out_ends_the_session_and_takes_the_cookie(world: World) -> None:
    """The old cookie, kept by somebody, is worth nothing afterwards."""
    ann = world.signed_in("Ann")
    kept = ann.client.get_cookie("handoff_session")
    assert kept is not None
    answer = ann.send("DELETE", "/v1/sessions/current")
    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    problem(ann.send("GET", "/v1/sessions/current"), 401, "credential_missing")
    ann.client.set_cookie("handoff_session", kept.value)
    problem(ann.send("GET", "/v1/sessions/current"), 401, "credential_invalid")


def test_a_session_ends_by_itself(world: World) -> None:
    """Its record ends in the store when its time is over."""
    world.signed_in("Ann")
    client = world.admin
    (key,) = [key for key in client.scan_iter() if b":session:" in key]
    assert SIGNED_IN_TTL_MS - 60_000 < client.pttl(key) <= SIGNED_IN_TTL_MS


@pytest.mark.parametrize("kind", ["personal token", "cookie", "link"])
def test_who_am_i(world: World, kind: str) -> None:
    """Name, roles, workflows and how surely one is known, for each way of coming in."""
    opened = world.open(world.automation(), risk_tier="low")
    agent: Any = {
        "personal token": lambda: world.person("Ann"), "cookie": lambda: world.signed_in("Ann"),
        "link": lambda: world.by_link(world.reviewer("Ann").id, opened["id"]),
    }[kind]()  # fmt: skip
    told = agent.get("/v1/sessions/current")
    assert (told["reviewer"]["name"], told["reviewer"]["roles"]) == ("Ann", ["approver"])
    assert told["assurance"] == ("link" if kind == "link" else "signed_in")


@pytest.mark.req("A2")
def test_nothing_is_remembered_of_a_session_that_is_over(world: World) -> None:
    """Signed out, ended from elsewhere, run out, or its person removed: its hash is gone from the person's list too."""
    client = world.admin
    ann, phone = world.signed_in("Ann"), world.browser()
    enrolment = world.services.directory.enrol_again("Ann")
    assert phone.send("POST", "/v1/enrolments", {"token": enrolment}).status_code == 200
    listed = keys.directory("sessions_of", ann.id)
    assert client.scard(listed) == 2
    elsewhere = next(s["id"] for s in ann.get("/v1/sessions")["items"] if not s["current"])
    assert ann.send("DELETE", f"/v1/sessions/{elsewhere}").status_code == 204
    assert client.scard(listed) == 1
    assert ann.send("DELETE", "/v1/sessions/current").status_code == 204
    assert client.exists(listed) == 0
    ben = world.signed_in("Ben", roles=["approver"])
    listed = keys.directory("sessions_of", ben.id)
    handoff = world.open(world.automation(), risk_tier="low")
    world.by_link(ben.id, handoff["id"])
    (link,) = [hash_ for hash_, record in world.services.directory.sessions_of(ben.id) if record["assurance"] == "link"]
    client.delete(keys.directory("session", link))  # as the server does when its time is over
    world.by_link(ben.id, handoff["id"])
    assert client.scard(listed) == 2, "the one that ran out is forgotten when the next one begins"
    client.delete(*client.keys("{directory}:session:*"))
    assert client.scard(listed) == 2
    world.services.directory.remove_reviewer("Ben")
    assert client.exists(listed) == 0


@pytest.mark.req("R-ROLE-16", "R-SEC-03")
def test_enrolment_links_are_taken_back(world: World) -> None:
    """By another one, with the personal links, or by themselves: a link that leaked signs nobody in any more."""
    directory = world.services.directory
    person, first = directory.add_reviewer("Ann", "ann@example.com")
    second = directory.enrol_again(person.id)
    problem(world.browser().send("POST", "/v1/enrolments", {"token": first}), 401, "enrolment_refused")
    directory.void_links(person.id)
    problem(world.browser().send("POST", "/v1/enrolments", {"token": second}), 401, "enrolment_refused")
    third = directory.enrol_again(person.id)
    directory.void_enrolments(person.id)
    problem(world.browser().send("POST", "/v1/enrolments", {"token": third}), 401, "enrolment_refused")
    last = directory.enrol_again(person.id)
    assert world.browser().send("POST", "/v1/enrolments", {"token": last}).status_code == 200
