"""Refused attempts to act leave an event that an auditor reads, and nobody can fill the store with them (R-CTX-02)."""

import json

import pytest

from companion.store import keys
from companion.store.attempts import PER_MINUTE
from tests.application import World, problem
from tests.authenticator import Authenticator
from tests.web.test_passkeys import make, sign_in

MINUTE_MS = 60_000


@pytest.mark.req("R-CTX-02", "R-AUD-01", "R-SEC-11")
def test_a_forged_package_token_leaves_an_event_of_the_attempt(world: World) -> None:
    """One character of the token is another one: 401, an event that names who tried and why, nothing of the token."""
    ann, auditor = world.person("Ann"), world.person("Ada", roles=["auditor"])
    opened = world.open(world.automation())
    token = ann.get(f"/v1/handoffs/{opened['id']}/package")["package_token"]
    at = token.index(".") + 20
    forged = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
    refused = ann.send("POST", "/handoff/complete", {"package_token": forged, "action": "approve"})
    problem(refused, 401, "package_token_refused", "/package_token")
    (event,) = auditor.get("/v1/attempts")["items"]
    assert (event["event_type"], event["code"]) == ("attempt.refused", "package_token_refused")
    assert event["endpoint"] == "POST /handoff/complete"
    assert event["decision_actor"] == {"type": "human", "id": ann.id, "name": "Ann"}
    assert event["handoff_id"] is None, "what a token says counts for nothing when it is forged"
    assert event["event_id"]
    assert event["timestamp"]
    assert forged[at : at + 40] not in json.dumps(event)
    assert ann.live(opened["id"])["state"] == "pending"


@pytest.mark.req("R-CTX-02", "R-SEC-11", "A2")
def test_each_kind_of_refusal_is_noted_with_what_is_known(world: World) -> None:
    """An API key that decides, nobody at all, a revoked token, a reader who decides; reading leaves nothing."""
    robot, auditor = world.automation(), world.person("Ada", roles=["auditor"])
    opened = world.open(robot, risk_tier="low")
    linked = world.by_link(world.reviewer("Lin").id, opened["id"])
    for agent in (robot, world.nobody(), world.bearer("ht_00000000_" + "A" * 43), auditor, linked):
        assert agent.decide(opened).status_code in (401, 403)
    world.nobody().send("GET", f"/v1/handoffs/{opened['id']}")
    items = [event for event in auditor.get("/v1/attempts")["items"] if event["event_type"] == "attempt.refused"]
    told = [(e["code"], e["handoff_id"], e["decision_actor"]) for e in items]
    assert told == [
        ("confirmation_required", opened["id"], {"type": "human", "id": linked.id, "name": "Lin"}),
        ("role_missing", opened["id"], {"type": "human", "id": auditor.id, "name": "Ada"}),
        ("credential_invalid", opened["id"], None),
        ("credential_missing", opened["id"], None),
        ("automation_cannot_decide", opened["id"], {"type": "AI", "id": robot.id, "name": "n8n"}),
    ]


@pytest.mark.req("A3", "R-CTX-02")
def test_an_auditor_of_some_workflows_reads_attempts_on_those_only(world: World) -> None:
    """What names no case, or another workflow's, is for those who see everything; the cursor leads through all."""
    robot, owner = world.automation(), world.person("Olga", roles=["owner"])
    some = world.person("Ada", roles=["auditor"], workflows=["payments"])
    mine, other = world.open(robot, workflow_id="payments"), world.open(robot)
    for opened in (mine, other, mine):
        robot.decide(opened)
    world.nobody().send("POST", "/handoff/complete", {})
    assert [event["handoff_id"] for event in some.get("/v1/attempts")["items"]] == [mine["id"]] * 2
    first = owner.get("/v1/attempts", limit=3)
    rest = owner.get("/v1/attempts", limit=3, cursor=first["cursor"])
    named = [event["handoff_id"] for event in first["items"] + rest["items"]]
    assert named == [None, mine["id"], other["id"], mine["id"]]
    assert rest["cursor"] is None
    for cursor in ("x", "0-0", "00-0"):  # before the first entry there is nothing that the store could be asked for
        problem(owner.send("GET", f"/v1/attempts?cursor={cursor}"), 400, "cursor_malformed")


@pytest.mark.req("R-CTX-02")
def test_a_flood_of_attempts_is_counted_and_not_kept(world: World) -> None:
    """Past so many in a minute a process writes no more of them; the next one that is written says how many."""
    auditor, nobody = world.person("Ada", roles=["auditor"]), world.nobody()
    for _ in range(PER_MINUTE + 30):
        nobody.send("POST", "/v1/handoffs", {})
    client, key = world.admin, keys.directory("attempts")
    assert client.xlen(key) == PER_MINUTE
    assert client.pttl(key) > 0, "kept for a time only"
    world.clock.advance(MINUTE_MS)
    nobody.send("POST", "/v1/handoffs", {})
    newest = auditor.get("/v1/attempts", limit=1)["items"][0]
    assert newest["left_out"] == 30


@pytest.mark.req("R-CTX-02")
def test_only_the_newest_attempts_are_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Months of attempts take no more room than a day of them."""
    monkeypatch.setattr("companion.store.attempts.KEPT", 300)
    attempts, now_ms = world.services.attempts, world.clock.now_ms()
    for n in range(1_000):
        attempts.append({"event_type": "attempt.refused", "n": n}, now_ms + n * MINUTE_MS)
    length = world.admin.xlen(keys.directory("attempts"))
    assert 300 <= length <= 500, "the server trims by blocks of a hundred"
    page = attempts.newest(None, 1)
    assert page.items[0]["n"] == 999


@pytest.mark.req("R-AUD-01", "R-SEC-03", "A3")
def test_every_sign_in_is_noted_with_person_and_way(world: World) -> None:
    """Enrolled, by passkey, by a personal link: who and how, and nothing that they showed; a refusal is a refusal."""
    opened, auditor = world.open(world.automation(), risk_tier="low"), world.person("Ada", roles=["auditor"])
    person, secret = world.services.directory.add_reviewer("Ann", "ann@example.com")
    ann, device = world.browser(), Authenticator()
    assert ann.send("POST", "/v1/enrolments", {"token": secret}).status_code == 200
    make(ann, device)
    assert sign_in(world.browser(), device).status_code == 200
    world.by_link(person.id, opened["id"])
    world.browser().send("POST", "/v1/enrolments", {"token": secret})
    events = auditor.get("/v1/attempts")["items"]
    assert [(e["event_type"], e["way"], e["code"], e["handoff_id"]) for e in events] == [
        ("attempt.refused", None, "enrolment_refused", None),
        ("session.opened", "link", None, opened["id"]),
        ("session.opened", "passkey", None, None),
        ("session.opened", "enrolment", None, None),
    ]
    assert {e["decision_actor"]["id"] for e in events[1:]} == {person.id}
    assert secret not in json.dumps(events)
