"""Too many requests: who is held up, for how long, and that nobody else is (R-SEC-08, row A4)."""

from ipaddress import ip_network
from typing import Any, Final

import pytest
from werkzeug.test import TestResponse

from companion.adapters.clock import SteppedClock
from companion.adapters.windows import InMemory
from companion.identity.rate_limits import WRONG_WORDS
from companion.web import app
from companion.web.permissions import TABLE
from companion.web.rate_limits import SIGN_INS
from tests.application import Agent, World, problem


def limited(url: str, **settings: Any) -> World:
    return World(url, **{"rate_per_minute": 5, "sign_in_rate_per_minute": 4} | settings).emptied()


def forget_minute(world: World) -> None:
    """A minute later: the store counts by its own clock, so its windows are ended as it ends them."""
    world.clock.advance(60_000)
    for key in world.admin.scan_iter("{directory}:rate:*"):
        world.admin.delete(key)


def held_up(answer: Any) -> int:
    """That this is a 429 which says how long to wait."""
    problem(answer, 429, "too_many_requests")
    wait_s = int(answer.headers["Retry-After"])
    assert 1 <= wait_s <= 600
    return wait_s


@pytest.mark.req("R-SEC-08", "A4")
def test_a_credential_has_so_many_requests_a_minute(embedded_url: str) -> None:
    """The next one waits; another person, another key, and the first of the next minute do not."""
    world = limited(embedded_url)
    ann, ben, robot = world.person("Ann"), world.person("Ben"), world.automation()
    assert [ann.send("GET", "/v1/handoffs").status_code for _ in range(5)] == [200] * 5
    assert held_up(ann.send("GET", "/v1/handoffs")) == 60
    for other in (ben, robot):
        assert other.send("GET", "/v1/handoffs").status_code == 200
    world.clock.advance(45_000)
    assert held_up(ann.send("GET", "/v1/handoffs")) == 15
    world.clock.advance(15_000)
    assert ann.send("GET", "/v1/handoffs").status_code == 200


@pytest.mark.req("R-SEC-08")
def test_all_credentials_of_a_person_share_one_bucket(embedded_url: str) -> None:
    """More tokens are not more requests."""
    world = limited(embedded_url)
    first = world.person("Ann")
    second = world.bearer(world.services.directory.create_token("Ann")[1])
    for agent in (first, second, first, second, first):
        assert agent.send("GET", "/v1/handoffs").status_code == 200
    held_up(second.send("GET", "/v1/handoffs"))


BODIES: dict[str, Any] = {
    "/v1/enrolments": {"token": "x"},
    "/v1/sessions": {"handoff_id": "x", "reviewer_id": "x", "generation": 1, "mac": "x"},
    "/v1/sessions/exchange": {"code": "x", "verifier": "v" * 43},
    "/v1/sign-ins/passkey": {"nonce": "x", "credential": {}},
}


@pytest.mark.req("R-SEC-08", "R-SEC-03", "L2")
@pytest.mark.parametrize("row", sorted(SIGN_INS), ids=lambda row: row[1])
def test_an_address_tries_to_sign_in_so_often(embedded_url: str, row: tuple[str, str]) -> None:
    """Enrolments, links, codes, passkeys and the provider: each is counted, in the store that all processes share."""
    first, second = limited(embedded_url), World(embedded_url, rate_per_minute=5, sign_in_rate_per_minute=4)
    method, path = row
    body = BODIES.get(path, {}) if method == "POST" else None
    for world in (first, second, first, second):
        assert world.nobody().send(method, path, body).status_code != 429
    for world in (first, second):
        assert held_up(world.nobody().send(method, path, body)) <= 60
    forget_minute(first)
    assert first.nobody().send(method, path, body).status_code != 429


@pytest.mark.req("R-SEC-08")
def test_everything_that_anybody_may_send_is_counted() -> None:
    """No public request that writes is left out, so that nobody without a credential fills the store."""
    assert {row for row, allowed in TABLE.items() if allowed.anybody and row[0] != "GET"} <= SIGN_INS


@pytest.mark.req("R-SEC-08", "A4")
def test_behind_a_proxy_the_clients_address_counts(embedded_url: str) -> None:
    """As the trusted proxy tells it; what a client writes into the header itself changes nothing."""
    world = limited(embedded_url, trusted_proxies=(ip_network("127.0.0.1/32"),))
    body = BODIES["/v1/enrolments"]

    def enrol(forwarded: str) -> Any:
        return world.nobody().send("POST", "/v1/enrolments", body, {"X-Forwarded-For": forwarded})

    for pretended in range(4):
        assert enrol(f"198.51.100.{pretended}, 203.0.113.7").status_code == 401
    held_up(enrol("198.51.100.9, 203.0.113.7"))
    assert enrol("203.0.113.7, 203.0.113.8").status_code == 401
    # Whoever has one address of IPv6 has a whole network of them.
    for host in range(4):
        assert enrol(f"2001:db8:1:2::{host:x}").status_code == 401
    held_up(enrol("2001:db8:1:2:ffff::1"))
    assert enrol("2001:db8:1:3::1").status_code == 401


@pytest.mark.req("R-SEC-08", "A4")
def test_without_a_trusted_proxy_the_header_is_nothing(embedded_url: str) -> None:
    """Otherwise everybody would have as many addresses as they can write down."""
    world = limited(embedded_url)
    for host in range(4):
        world.nobody().send(
            "POST", "/v1/enrolments", BODIES["/v1/enrolments"], {"X-Forwarded-For": f"203.0.113.{host}"}
        )
    answer = world.nobody().send("POST", "/v1/enrolments", BODIES["/v1/enrolments"], {"X-Forwarded-For": "203.0.113.9"})
    held_up(answer)


@pytest.mark.req("L2", "R-SEC-08")
def test_a_confirm_word_cannot_be_guessed(embedded_url: str) -> None:
    """Ten wrong words: then the right one waits too. Another case, another person, and those signed in do not."""
    world = World(embedded_url).emptied()
    linda, mona = world.reviewer("Linda"), world.reviewer("Mona")
    robot = world.automation()
    opened, other = (world.open(robot, risk_tier="low") for _ in range(2))
    agent = world.by_link(linda.id, opened["id"])
    word = agent.live(opened["id"])["confirm_word"]
    for _ in range(WRONG_WORDS.amount):
        problem(agent.decide(opened, confirm_word="wrong"), 403, "confirmation_required")
    held_up(agent.decide(opened, confirm_word=word))
    again = world.by_link(linda.id, opened["id"])
    held_up(again.decide(opened, confirm_word=word))
    token = agent.get(f"/v1/handoffs/{opened['id']}/package")["package_token"]
    sent = {"package_token": token, "action": "approve", "confirm_word": word}
    held_up(agent.send("POST", "/handoff/complete", sent))

    def right_word(who: str, handoff: Any) -> int:
        browser = world.by_link(who, handoff["id"])
        return browser.decide(handoff, confirm_word=browser.live(handoff["id"])["confirm_word"]).status_code

    assert right_word(linda.id, other) == 200
    assert right_word(mona.id, opened) == 200


@pytest.mark.req("A2", "R-SEC-08")
def test_wrong_credentials_are_counted_and_right_ones_go_on(embedded_url: str) -> None:
    """Whoever shares an address with somebody who guesses keys is not shut out by that."""
    world = limited(embedded_url)
    ann = world.person("Ann")
    wrong = {"Authorization": "Bearer hk_00000000_" + "A" * 43}
    codes = [world.nobody().send("GET", "/v1/handoffs", headers=wrong).status_code for _ in range(6)]
    assert codes == [401] * 4 + [429] * 2
    assert ann.send("GET", "/v1/handoffs").status_code == 200


@pytest.mark.req("A4")
def test_memory_for_counting_is_bounded() -> None:
    """A flood of names pushes out what was used longest ago, and no more is kept than there is room for."""
    clock = SteppedClock()
    windows = InMemory(clock, entries=100)
    for number in range(10_000):
        windows.incr(f"name-{number}", 60)
        windows.incr("busy", 60)
    assert len(windows) == 100
    assert windows.get("busy") == 10_000
    assert windows.get("name-0") == 0
    clock.advance(60_000)
    assert windows.get("busy") == 0
    assert windows.incr("busy", 60) == 1


def test_a_rate_of_nought_counts_nothing(embedded_url: str) -> None:
    """For benchmarks, and where something in front counts already."""
    world = limited(embedded_url, rate_per_minute=0, sign_in_rate_per_minute=0)
    ann: Agent = world.person("Ann")
    assert {ann.send("GET", "/v1/handoffs").status_code for _ in range(50)} == {200}
    sent = [world.nobody().send("POST", "/v1/enrolments", BODIES["/v1/enrolments"]).status_code for _ in range(50)]
    assert set(sent) == {401}
    assert not world.admin.keys("{directory}:rate:*")


@pytest.mark.req("R-SEC-08", "A4")
@pytest.mark.parametrize("path", ["/v1/sign-ins/oidc", "/v1/sign-ins/oidc/callback"])
def test_asking_for_the_head_only_is_an_attempt_as_well(embedded_url: str, path: str) -> None:
    """HEAD does what GET does; it must not be a way past the count."""
    world = limited(embedded_url)
    for method in ("GET", "HEAD", "GET", "HEAD"):
        assert world.nobody().send(method, path).status_code != 429
    assert world.nobody().send("HEAD", path).status_code == 429


UNKNOWN_BYTES: Final = 64 * 1024
OPEN_TO_ALL: Final = sorted(path for (method, path), allowed in TABLE.items() if method == "POST" and allowed.anybody)


@pytest.mark.req("A4", "R-SEC-06")
@pytest.mark.parametrize("path", OPEN_TO_ALL)
def test_somebody_unknown_sends_little(world: World, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Whoever is not signed in makes nobody read megabytes: beyond 64 KiB the length alone is enough to refuse."""
    read: list[int] = []
    monkeypatch.setattr(app, "parse_strict", lambda body, _: read.append(len(body)) or {})
    for size in (UNKNOWN_BYTES + 1, 8_000_000):
        told = problem(post(world, path, size), 413, "body_too_large")
        assert str(UNKNOWN_BYTES) in told["detail"]
    assert read == []
    post(world, path, UNKNOWN_BYTES)
    assert read == [UNKNOWN_BYTES]


def post(world: World, path: str, size: int) -> TestResponse:
    """A body of so many bytes, from a browser on the page."""
    browser = world.browser()
    return browser.client.post(path, data=b" " * size, headers=browser.headers, content_type="application/json")


@pytest.mark.req("A4", "R-SEC-08")
def test_few_large_bodies_are_taken_apart_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What that needs for a moment is needed for two of them, not for each thread; small ones wait for nobody."""
    robot, held, real = world.automation(), [], app.parse_strict

    def parsed(*given: Any) -> Any:
        # Taken and given back: so it is seen whether this body holds one of the places.
        free = [app.LARGE_AT_ONCE.acquire(blocking=False) for _ in range(3)]
        for _ in range(sum(free)):
            app.LARGE_AT_ONCE.release()
        held.append(2 - sum(free))
        return real(*given)

    monkeypatch.setattr(app, "parse_strict", parsed)
    large = {"a": "x" * 700_000, "b": "y" * 700_000}
    for request in ({}, large, {}):
        world.open(robot, request=request)
    robot.send("POST", "/v1/handoffs", {"request": [large] * 9}, {"Idempotency-Key": "k"})
    world.open(robot)
    assert held == [0, 1, 0, 0]
