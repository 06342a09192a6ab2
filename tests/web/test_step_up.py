"""Step-up: a passkey confirms exactly one act; whatever is exchanged on the way is refused (security row L5)."""

from typing import Any

import pytest

from tests.application import BECAUSE, Agent, World, problem
from tests.authenticator import Authenticator
from tests.policies import document, save
from tests.web.test_passkeys import make, sign_in


@pytest.fixture
def strict(world: World) -> World:
    """A companion whose policy for `tickets` asks for a passkey."""
    owner = world.person("Olga", roles=["owner", "governance"])
    every = dict.fromkeys(("approve", "reject", "modify", "escalate", "annotate"), "step_up")
    answer = save(owner, document(assurance=every))
    assert answer.status_code in (200, 202), answer.text
    return world


def with_passkey(world: World, name: str = "Ann") -> tuple[Agent, Authenticator]:
    agent, device = world.signed_in(name), Authenticator()
    make(agent, device)
    return agent, device


def body_of(handoff: Any, action: str = "approve", **more: Any) -> dict[str, Any]:
    return {"action": action, "package_digest": handoff["package_digest"]} | more


def confirm(agent: Agent, device: Authenticator, handoff: Any, act: dict[str, Any]) -> dict[str, Any]:
    """What the passkey signed for this act, for its `step_up`."""
    asked = agent.act(handoff["id"], "challenges", act)
    assert asked.status_code == 200, asked.text
    return {"nonce": asked.json["nonce"], "credential": device.get(asked.json["options"])}


def decide(agent: Agent, handoff: Any, body: dict[str, Any]) -> Any:
    return agent.send("POST", f"/v1/handoffs/{handoff['id']}/decision", body, {"If-Match": '"1"'})


@pytest.mark.req("L5", "R-SEC-03")
def test_a_case_that_asks_for_a_passkey_is_decided_with_one(strict: World) -> None:
    """Signed in is not enough there; with a passkey under exactly this decision it is, and the event says so."""
    ann, device = with_passkey(strict)
    opened = strict.open(strict.automation(), workflow_id="tickets")
    body = body_of(opened)
    problem(decide(ann, opened, body), 403, "step_up_required")
    answer = decide(ann, opened, body | {"step_up": confirm(ann, device, opened, body)})
    assert (answer.status_code, answer.json["state"]) == (200, "approved"), answer.text


CHANGES: dict[str, dict[str, Any]] = {
    "action": {"action": "reject", "reason_code": "policy_violation"},
    "package digest": {"package_digest": "sha256:" + "1" * 64},
    "view digest": {"view_digest": "sha256:" + "2" * 64},
    "edit": {"edited_output": {"summary": "Pay them all."}},
    "reason": {"rationale": "Another reason."},
    "evidence": {"evidence": [{"title": "Another"}]},
    "mark": {"mark": "false_positive"},
    "form": {"response": {"amount": 7}},
    "checks": {"gate_results": [{"gate": "a", "item": "b", "result": "pass"}]},
}


@pytest.mark.req("L5")
@pytest.mark.parametrize("what", sorted(CHANGES))
def test_a_changed_decision_is_not_the_confirmed_one(strict: World, what: str) -> None:
    """Every member of the decision is signed: exchanging any of them is refused, and nothing is decided."""
    ann, device = with_passkey(strict)
    opened = strict.open(strict.automation(), workflow_id="tickets")
    signed = body_of(
        opened, "modify", edited_output={"summary": "Asks."}, rationale="Shorter.", reason_code="wrong_category"
    )
    step_up = confirm(ann, device, opened, signed)
    answer = decide(ann, opened, signed | CHANGES[what] | {"step_up": step_up})
    problem(answer, 403, "step_up_mismatch")
    assert strict.stored(opened["id"]).state == "pending"


@pytest.mark.req("L5")
def test_a_confirmation_belongs_to_one_case(strict: World) -> None:
    """The same bytes for another case are another decision, even of the same content."""
    ann, device = with_passkey(strict)
    robot = strict.automation()
    first, second = strict.open(robot, workflow_id="tickets"), strict.open(robot, workflow_id="tickets")
    body = body_of(first)
    step_up = confirm(ann, device, first, body)
    problem(decide(ann, second, body | {"step_up": step_up}), 403, "step_up_mismatch")
    assert strict.stored(second["id"]).state == "pending"


@pytest.mark.req("L5", "J8")
def test_a_confirmation_counts_once_and_for_its_person(strict: World) -> None:
    """Used again, invented, another person's, or signed by another's key: refused."""
    (ann, device), (ben, bens) = with_passkey(strict, "Ann"), with_passkey(strict, "Ben")
    opened = strict.open(strict.automation(), workflow_id="tickets")
    body = body_of(opened)
    problem(decide(ben, opened, body | {"step_up": confirm(ann, device, opened, body)}), 403, "step_up_over")
    used = confirm(ann, device, opened, body)
    problem(decide(ann, opened, body | {"step_up": used | {"nonce": "x" * 22}}), 403, "step_up_over")
    asked = ann.act(opened["id"], "challenges", body).json
    foreign = {"nonce": asked["nonce"], "credential": bens.get(asked["options"], next(iter(bens.keys)))}
    problem(decide(ann, opened, body | {"step_up": foreign}), 403, "step_up_refused")
    spent = confirm(ann, device, opened, body)
    problem(decide(ann, opened, body | {"rationale": "Another.", "step_up": spent}), 403, "step_up_mismatch")
    problem(decide(ann, opened, body | {"step_up": spent}), 403, "step_up_over")
    assert decide(ann, opened, body | {"step_up": used}).status_code == 200


@pytest.mark.req("L5", "R-CTX-03")
def test_a_confirmed_decision_that_is_sent_again_is_told_that_it_arrived(strict: World) -> None:
    """Its answer was lost on the way: not “confirm once more”, but who decided what, and nothing happens twice."""
    ann, device = with_passkey(strict)
    opened = strict.open(strict.automation(), workflow_id="tickets")
    body = body_of(opened)
    sent = body | {"step_up": confirm(ann, device, opened, body)}
    assert decide(ann, opened, sent).status_code == 200
    again = problem(decide(ann, opened, sent), 409, "already_decided")
    assert (again["current"]["state"], again["current"]["decided_by"]["name"]) == ("approved", "Ann")
    decided = [entry for entry in ann.live(opened["id"])["history"] if entry["type"] == "handoff.decided"]
    assert len(decided) == 1


@pytest.mark.req("L5")
def test_a_sign_in_is_no_confirmation_and_a_confirmation_no_sign_in(strict: World) -> None:
    """Each question to a passkey has its own purpose; an answer to one is nothing for the other."""
    ann, device = with_passkey(strict)
    opened = strict.open(strict.automation(), workflow_id="tickets")
    body = body_of(opened)
    begun = strict.browser().send("POST", "/v1/sign-ins/passkey/options", {}).json
    sent = {"nonce": begun["nonce"], "credential": device.get(begun["options"])}
    problem(decide(ann, opened, body | {"step_up": sent}), 403, "step_up_over")
    step_up = confirm(ann, device, opened, body)
    problem(strict.browser().send("POST", "/v1/sign-ins/passkey", step_up), 401, "passkey_unknown")


@pytest.mark.req("L5", "R-SEC-04")
def test_a_passkey_that_only_signed_in_is_not_enough(strict: World) -> None:
    """Coming in with a passkey is signed in; the decision asks for it once more, for itself."""
    ann, device = with_passkey(strict)
    assert sign_in(ann, device).status_code == 200
    opened = strict.open(strict.automation(), workflow_id="tickets")
    problem(decide(ann, opened, body_of(opened)), 403, "step_up_required")


@pytest.mark.req("L5")
def test_other_acts_are_confirmed_likewise(strict: World) -> None:
    """An escalation that needs a passkey: its body and that it is an escalation are what was signed."""
    ann, device = with_passkey(strict)
    opened = strict.open(strict.automation(), workflow_id="tickets")
    problem(ann.act(opened["id"], "escalations", BECAUSE), 403, "step_up_required")
    as_note = confirm(ann, device, opened, BECAUSE | {"action": "annotate"})
    problem(ann.act(opened["id"], "escalations", BECAUSE | {"step_up": as_note}), 403, "step_up_mismatch")
    step_up = confirm(ann, device, opened, BECAUSE | {"action": "escalate"})
    assert ann.act(opened["id"], "escalations", BECAUSE | {"step_up": step_up}).json["reviewer_level"] == 2


def test_who_may_be_asked(strict: World) -> None:
    """Nobody without a passkey, no script, no link, and nobody for a case that is not theirs."""
    opened = strict.open(strict.automation(), workflow_id="tickets", risk_tier="low")
    body = body_of(opened)
    problem(strict.signed_in("Ann").act(opened["id"], "challenges", body), 409, "passkey_missing")
    problem(strict.person("Ben").act(opened["id"], "challenges", body), 403, "session_required")
    linked = strict.by_link(strict.reviewer("Linda").id, opened["id"])
    problem(linked.act(opened["id"], "challenges", body), 403, "assurance_too_low")
    stranger = strict.signed_in("Zoe", workflows=["other"])
    problem(stranger.act(opened["id"], "challenges", body), 404, "not_found")


@pytest.mark.req("L5", "R-SEC-03")
def test_a_confirmation_belongs_to_the_session_that_asked_for_it(strict: World) -> None:
    """A script with the same person's token cannot use it, and neither can their other browser."""
    ann, device = with_passkey(strict)
    opened = strict.open(strict.automation(), workflow_id="tickets")
    body = body_of(opened)
    step_up = confirm(ann, device, opened, body)
    script = strict.bearer(strict.services.directory.create_token(ann.id)[1], ann.id)
    problem(decide(script, opened, body | {"step_up": step_up}), 403, "session_required")
    other = strict.browser()
    assert sign_in(other, device).status_code == 200
    problem(decide(other, opened, body | {"step_up": confirm(ann, device, opened, body)}), 403, "step_up_over")
    assert strict.stored(opened["id"]).state == "pending"


@pytest.mark.req("L5", "R-STORE-15")
def test_a_confirmation_belongs_to_the_version_that_was_looked_at(strict: World) -> None:
    """Somebody escalated with a warning meanwhile: the package is the same, and what was confirmed is another case."""
    ann, device = with_passkey(strict)
    ben, bens = with_passkey(strict, "Ben")
    opened = strict.open(strict.automation(), workflow_id="tickets")
    body = body_of(opened)
    step_up = confirm(ann, device, opened, body)
    raised = confirm(ben, bens, opened, BECAUSE | {"action": "escalate"})
    live = ben.act(opened["id"], "escalations", BECAUSE | {"step_up": raised}).json
    path = f"/v1/handoffs/{opened['id']}/decision"
    late = ann.send("POST", path, body | {"step_up": step_up}, {"If-Match": f'"{live["version"]}"'})
    problem(late, 403, "step_up_mismatch")
    note = {"text": "Looks fine."}
    signed = confirm(ann, device, opened, note | {"action": "annotate"})
    again = confirm(ben, bens, opened, BECAUSE | {"action": "escalate"})
    assert ben.act(opened["id"], "escalations", BECAUSE | {"step_up": again}).status_code == 200
    problem(ann.act(opened["id"], "annotations", note | {"step_up": signed}), 403, "step_up_mismatch")
    assert strict.stored(opened["id"]).state == "pending"


@pytest.mark.req("A1", "L5")
def test_a_confirmed_act_that_is_sent_again_is_answered_as_the_first_time(strict: World) -> None:
    """The answer was lost: the same bytes under the same Idempotency-Key do nothing twice, and are no misuse."""
    ann, device = with_passkey(strict)
    opened = strict.open(strict.automation(), workflow_id="tickets")
    key = {"Idempotency-Key": "up-1"}
    path = f"/v1/handoffs/{opened['id']}/escalations"
    body = BECAUSE | {"step_up": confirm(ann, device, opened, BECAUSE | {"action": "escalate"})}
    first, second = (ann.send("POST", path, body, key) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200), second.text
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.json["event_id"] == first.json["event_id"]
    assert strict.stored(opened["id"]).reviewer_level == 2
    other = BECAUSE | {"rationale": "Another.", "step_up": body["step_up"]}
    problem(ann.send("POST", path, other, key), 422, "idempotency_key_reused")
