"""Sessions get new secrets: at every sign-in, when one becomes surer of somebody, and silently once a day."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from companion.identity.directory import CACHE_MS, SIGNED_IN_TTL_MS
from companion.identity.sessions import FORMER_MS, ROTATE_MS
from companion.store import keys
from tests.application import Agent, World, problem


def secret_of(browser: Agent) -> str:
    cookie = browser.client.get_cookie("handoff_session")
    assert cookie is not None
    return cookie.value


def with_secret(world: World, secret: str) -> Agent:
    browser = world.browser()
    browser.client.set_cookie("handoff_session", secret)
    return browser


@pytest.mark.req("R-SEC-03")
def test_once_a_day_the_secret_is_another_and_nobody_notices(world: World) -> None:
    """The same session, the same end, a new secret; the old one is worth nothing ten minutes later."""
    ann = world.signed_in("Ann")
    before, listed = secret_of(ann), ann.get("/v1/sessions")["items"]
    world.clock.advance(ROTATE_MS - CACHE_MS - 1)
    ann.get("/v1/sessions/current")
    assert secret_of(ann) == before
    world.clock.advance(CACHE_MS + 1)
    ann.get("/v1/sessions/current")
    after = secret_of(ann)
    assert after != before
    assert after.split("_")[1] == before.split("_")[1]
    items = ann.get("/v1/sessions")["items"]
    assert [(item["id"], item["expires_at"]) for item in items] == [(item["id"], item["expires_at"]) for item in listed]
    world.clock.advance(FORMER_MS)
    problem(with_secret(world, before).send("GET", "/v1/sessions/current"), 401, "credential_invalid")
    assert ann.send("GET", "/v1/sessions/current").status_code == 200


@pytest.mark.req("R-SEC-03")
def test_a_new_secret_makes_no_session_longer(world: World) -> None:
    """Its record ends in the store when it would have ended."""
    ann = world.signed_in("Ann")
    client, name = world.admin, keys.directory("session", secret_of(ann).split("_")[1])
    client.pexpire(name, 50_000)
    world.clock.advance(ROTATE_MS)
    ann.get("/v1/sessions/current")
    assert 0 < client.pttl(name) <= 50_000
    assert client.pttl(name) < SIGNED_IN_TTL_MS


def test_a_browser_that_lost_the_new_secret_gets_another(world: World) -> None:
    """The answer with the new cookie did not arrive: the old secret still brings one, once a minute has passed."""
    ann = world.signed_in("Ann")
    before = secret_of(ann)
    world.clock.advance(ROTATE_MS)
    ann.get("/v1/sessions/current")
    lost = with_secret(world, before)
    assert lost.send("GET", "/v1/sessions/current").status_code == 200
    assert secret_of(lost) == before, "the one that came first has the turn"
    world.admin.delete(keys.directory("rotated", before.split("_")[1]))  # as after its minute
    world.clock.advance(61_000)
    assert lost.send("GET", "/v1/sessions/current").status_code == 200
    assert secret_of(lost) not in (before, secret_of(ann))


def test_of_many_requests_at_once_one_brings_the_new_secret(world: World) -> None:
    """A page that asks for five things at once is not signed out by its own requests."""
    secret = secret_of(world.signed_in("Ann"))
    world.clock.advance(ROTATE_MS)
    barrier = Barrier(5)

    def ask(_: int) -> tuple[int, bool]:
        browser = with_secret(world, secret)
        barrier.wait()
        answer = browser.send("GET", "/v1/sessions/current")
        return answer.status_code, "Set-Cookie" in answer.headers

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(ask, range(5)))
    assert [status for status, _ in answers] == [200] * 5
    assert sum(renewed for _, renewed in answers) == 1


@pytest.mark.req("R-SEC-03", "L4")
def test_whoever_becomes_surer_known_gets_a_session_of_its_own(world: World) -> None:
    """From a link to an enrolment in one browser: another secret, and the link's session is over."""
    linda = world.reviewer("Linda")
    opened = world.open(world.automation(), risk_tier="low")
    browser = world.by_link(linda.id, opened["id"])
    by_link = secret_of(browser)
    token = world.services.directory.enrol_again("Linda")
    assert browser.send("POST", "/v1/enrolments", {"token": token}).json["assurance"] == "signed_in"
    assert secret_of(browser).split("_")[1] != by_link.split("_")[1]
    problem(with_secret(world, by_link).send("GET", "/v1/sessions/current"), 401, "credential_invalid")
    assert len(world.services.directory.sessions_of(linda.id)) == 1
