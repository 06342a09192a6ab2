"""Personal links: fifty openings burn nothing, a forwarded link is no authority, no secret gets about (L2 to L6)."""

import json
from typing import Any

import pytest

from tests.application import BECAUSE, ORIGIN, Agent, World, problem

LOW = {"risk_tier": "low"}


def word(agent: Agent, handoff_id: str) -> str:
    shown = agent.live(handoff_id)["confirm_word"]
    assert shown
    return str(shown)


@pytest.mark.req("L3", "L2", "R-STORE-04")
def test_a_link_that_was_opened_fifty_times_still_decides_once(world: World) -> None:
    """Scanners and previews may open it; the person then decides, once, with the word that the page shows."""
    linda = world.reviewer("Linda")
    opened = world.open(world.automation(), **LOW)
    for _ in range(50):
        agent = world.by_link(linda.id, opened["id"])
        assert agent.live(opened["id"])["state"] == "pending"
    for attempt in (None, "", "approve", "x" * 64, "word"):
        body = {} if attempt is None else {"confirm_word": attempt}
        problem(agent.decide(opened, **body), 403, "confirmation_required", "/confirm_word")
    shown = word(agent, opened["id"])
    answer = agent.decide(opened, confirm_word=f"  {shown.upper()} ")
    assert (answer.status_code, answer.json["decided_by"]["name"]) == (200, "Linda")
    problem(agent.decide(opened, confirm_word=shown), 409, "already_decided")


@pytest.mark.req("L2")
def test_the_word_belongs_to_one_case_one_person_and_one_version(world: World) -> None:
    """A word that was seen elsewhere or earlier decides nothing."""
    linda, mona = world.reviewer("Linda"), world.reviewer("Mona")
    robot, ann = world.automation(), world.person("Ann")
    for _ in range(20):
        opened, other = world.open(robot, **LOW), world.open(robot, **LOW)
        agent = world.by_link(linda.id, opened["id"])
        words = [word(agent, opened["id"]), word(world.by_link(linda.id, other["id"]), other["id"]),
                 word(world.by_link(mona.id, opened["id"]), opened["id"])]  # fmt: skip
        ann.act(opened["id"], "escalations", BECAUSE)
        words.append(word(agent, opened["id"]))
        if len(set(words)) == 4:
            break
    else:
        raise AssertionError("the words do not differ")
    for old in words[:3]:
        problem(agent.decide(opened, version=2, confirm_word=old), 403, "confirmation_required")
    assert agent.decide(opened, version=2, confirm_word=words[3]).status_code == 200


@pytest.mark.req("R-SEC-03", "L4")
@pytest.mark.parametrize("tier", ["medium", "high", "critical"])
def test_from_medium_risk_on_a_link_shows_and_does_not_decide(world: World, tier: str) -> None:
    """Even with the word: the case needs a signed-in person, and the page is told so."""
    linda = world.reviewer("Linda")
    opened = world.open(world.automation(), risk_tier=tier)
    agent = world.by_link(linda.id, opened["id"])
    live = agent.live(opened["id"])
    assert (live["assurance"]["have"], live["assurance"]["need"]) == ("link", "signed_in")
    assert not any(action["allowed"] for action in live["actions"])
    for action in ("approve", "reject"):
        body = {"confirm_word": word(agent, opened["id"])} | ({} if action == "approve" else BECAUSE)
        problem(agent.decide(opened, action, **body), 403, "assurance_too_low")
    token = agent.get(f"/v1/handoffs/{opened['id']}/package")["package_token"]
    sent = {"package_token": token, "action": "approve", "confirm_word": word(agent, opened["id"])}
    problem(agent.send("POST", "/handoff/complete", sent), 403, "assurance_too_low")


@pytest.mark.req("L4", "A3", "R-SEC-04")
def test_a_link_opens_its_own_case_and_no_other(world: World) -> None:
    """Another case, even of the same workflow, does not exist for the link's session; nor do lists."""
    robot, linda = world.automation(), world.reviewer("Linda")
    opened, other = world.open(robot, **LOW), world.open(robot, **LOW)
    agent = world.by_link(linda.id, opened["id"])
    problem(agent.send("GET", f"/v1/handoffs/{other['id']}"), 404, "not_found")
    problem(agent.decide(other, confirm_word="word"), 404, "not_found")
    problem(agent.act(other["id"], "annotations", {"text": "x"}), 404, "not_found")
    token = world.person("Ann").get(f"/v1/handoffs/{other['id']}/package")["package_token"]
    problem(agent.send("POST", "/handoff/complete", {"package_token": token, "action": "approve"}), 404, "not_found")
    problem(agent.send("GET", "/v1/handoffs"), 403, "assurance_too_low")
    problem(agent.send("GET", f"/v1/groups/{opened['group_id']}"), 403, "assurance_too_low")


@pytest.mark.req("L4", "R-SEC-04", "X-15")
def test_the_address_in_a_channel_is_no_credential(world: World) -> None:
    """`review_url` holds no secret: no package without a session, nor to somebody signed in whose case it is not."""
    opened = world.open(world.automation())
    assert opened["review_url"] == f"{ORIGIN}/#/h/{opened['id']}"
    path = f"/v1/handoffs/{opened['id']}"
    problem(world.browser().send("GET", path), 401, "credential_missing")
    ann, otto = world.signed_in("Ann"), world.signed_in("Otto", workflows=["payments"])
    sam = world.signed_in("Sam", roles=["sre"])
    for asked in (path, f"{path}/package"):
        problem(otto.send("GET", asked), 404, "not_found")
        problem(sam.send("GET", asked), 403, "role_missing")
    assert ann.get(f"{path}/package")["package_token"]


@pytest.mark.req("L4")
def test_a_link_with_anything_changed_is_refused(world: World) -> None:
    """Person, case, generation and signature belong together; each altered one is refused with the same answer."""
    linda, mona = world.reviewer("Linda"), world.reviewer("Mona")
    robot = world.automation()
    opened, other = world.open(robot, **LOW), world.open(robot, **LOW)
    good = world.link_of(linda.id, opened["id"])
    mac = good["mac"]
    flipped = ("A" if mac[0] != "A" else "B") + mac[1:]
    bad: list[dict[str, Any]] = [
        {"handoff_id": other["id"]}, {"reviewer_id": mona.id}, {"generation": 2}, {"generation": 0}, {"mac": flipped},
        {"mac": ""}, {"mac": mac + "="}, {"mac": mac[:-1]}, {"mac": mac.lower()}, {"reviewer_id": "rv_" + "0" * 16},
        {"handoff_id": "x"}, {"handoff_id": opened["id"] + "\n"}, {"mac": "é" * 43},
    ]  # fmt: skip
    answers = [world.browser().send("POST", "/v1/sessions", good | change) for change in bad]
    for answer in answers:
        problem(answer, 401, "link_refused")
        assert "Set-Cookie" not in answer.headers
    assert len({answer.data for answer in answers}) == 1
    assert world.browser().send("POST", "/v1/sessions", good).status_code == 200


@pytest.mark.req("L4")
def test_voided_links_and_removed_people_are_out_at_once(world: World) -> None:
    """A new generation voids the old links and their sessions; so does removing the person."""
    linda = world.reviewer("Linda")
    opened = world.open(world.automation(), **LOW)
    old = world.link_of(linda.id, opened["id"])
    agent = world.by_link(linda.id, opened["id"])
    world.services.directory.void_links("Linda")
    world.clock.advance(1_000)
    problem(agent.send("GET", f"/v1/handoffs/{opened['id']}"), 401, "credential_invalid")
    problem(world.browser().send("POST", "/v1/sessions", old), 401, "link_refused")
    new = world.link_of(linda.id, opened["id"])
    assert new["generation"] == 2
    assert world.browser().send("POST", "/v1/sessions", new).status_code == 200
    world.services.directory.remove_reviewer("Linda")
    problem(world.browser().send("POST", "/v1/sessions", new), 401, "link_refused")


def test_a_link_does_not_lower_who_is_signed_in(world: World) -> None:
    """Opening one's own link in the browser where one is signed in leaves one signed in; another's link takes over."""
    ann = world.signed_in("Ann")
    mona = world.reviewer("Mona")
    opened = world.open(world.automation(), risk_tier="high")
    answer = ann.send("POST", "/v1/sessions", world.link_of(ann.id, opened["id"]))
    assert (answer.status_code, answer.json["assurance"]) == (200, "signed_in")
    assert ann.live(opened["id"])["assurance"]["have"] == "signed_in"
    assert ann.send("POST", "/v1/sessions", world.link_of(mona.id, opened["id"])).json["assurance"] == "link"
    assert ann.live(opened["id"])["assurance"]["have"] == "link"


@pytest.mark.req("L6")
def test_no_link_secret_stands_in_an_answer_or_a_log(world: World) -> None:
    """Secrets of links, sessions and enrolments come back in no header, body or log line, nor in the store."""
    linda = world.reviewer("Linda")
    _, enrolment = world.services.directory.add_reviewer("Nora", None)
    opened = world.open(world.automation(), **LOW)
    link = world.link_of(linda.id, opened["id"])
    browser, other = world.browser(), world.browser()
    answers = [browser.send("POST", "/v1/sessions", link), other.send("POST", "/v1/enrolments", {"token": enrolment})]
    cookies = [agent.client.get_cookie("handoff_session") for agent in (browser, other)]
    sessions = [cookie.value for cookie in cookies if cookie is not None]
    assert len(sessions) == 2
    answers += [
        browser.send("GET", f"/v1/handoffs/{opened['id']}"),
        browser.send("GET", "/v1/sessions/current"),
        browser.send("POST", "/v1/sessions", link | {"generation": 7}),
        other.send("GET", "/v1/sessions"),
        other.send("POST", "/v1/enrolments", {"token": enrolment}),
        browser.send("POST", "/v1/sessions", link | {"extra": 1}),
        browser.send("GET", f"/nothing?mac={link['mac']}"),
    ]
    for answer in answers:
        shown = answer.text + "".join(f"{name}: {value}\n" for name, value in answer.headers if name != "Set-Cookie")
        for secret in (link["mac"], enrolment, *sessions):
            assert secret not in shown
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    logged = world.log.getvalue()
    stored = json.dumps([(key, repr(value)) for key, value in everything(world)])
    for secret in (link["mac"], enrolment, *sessions):
        assert secret not in logged
        assert secret[-40:] not in stored


def everything(world: World) -> list[tuple[str, Any]]:
    client = world.admin
    read = {b"hash": client.hgetall, b"set": client.smembers, b"string": client.get}
    found = []
    for key in client.scan_iter():
        kind = client.type(key)
        found.append((key.decode(), read[kind](key) if kind in read else client.dump(key)))
    return found
