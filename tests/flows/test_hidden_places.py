"""A policy hides places from some roles: no answer to them holds the values, whatever they ask for."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest

from tests.application import Agent, World, problem
from tests.flows.conftest import Workflow
from tests.policies import document, save, settle

PHONE = "+49 151 2345 6789"
CARD = "4111 1111 1111 1111"
HIDDEN = [
    {"path": "/request/customer/phone", "label": "Phone number", "visible_to": ["owner"]},
    {"path": "/model_output/card", "label": "Card"},
]
FIELDS: dict[str, Any] = {
    "workflow_id": "tickets",
    "title": f"Call {PHONE}",
    "question": f"Call back {PHONE}?",
    "requester": "n8n",
    "rationale": f"The customer left {PHONE}.",
    "request": {"customer": {"name": "Dana", "phone": PHONE}, "text": f"My number is {PHONE}."},
    "model_output": {"answer": f"We call {PHONE}.", "card": CARD, "note": "ok"},
}


def prepared(world: World, **policy: Any) -> None:
    olga = world.person("Olga", roles=["owner"])
    assert save(olga, document(redaction=HIDDEN, **policy)).status_code in (200, 202)
    settle(world)


def package(by: Agent, handoff_id: str) -> tuple[dict[str, Any], str]:
    """The package that this person's token carries, and its text."""
    token: str = by.get(f"/v1/handoffs/{handoff_id}/package")["package_token"]
    payload = token.split(".")[1]
    claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims["package"], json.dumps(claims)


def everything(by: Agent, handoff_id: str) -> str:
    """All that this person is told about the case."""
    answers = [by.client.get(f"/v1/handoffs{path}", headers=by.headers).text for path in ("", f"/{handoff_id}")]
    return "\n".join([*answers, package(by, handoff_id)[1]])


@pytest.mark.req("R-CTX-18", "R-SEC-05", "R-UI-23", "X-17")
def test_the_same_case_for_two_roles(world: World, workflow: Workflow) -> None:
    """The owner reads the number, the approver a label in its place; nobody reads the card."""
    prepared(world)
    opened = world.open(workflow.agent, **FIELDS)
    ann, olaf = world.person("Ann"), world.person("Olaf", roles=["owner"])
    for_ann, for_olaf = package(ann, opened["id"])[0], package(olaf, opened["id"])[0]
    assert for_ann["request"]["customer"] == {"name": "Dana", "phone": None}
    assert for_olaf["request"]["customer"]["phone"] == PHONE
    assert for_ann["request"]["text"] == "My number is [redacted 1]."
    assert [each["label"] for each in for_ann["redacted"]] == ["Phone number", "Card"]
    assert [each["label"] for each in for_olaf["redacted"]] == ["Card"]
    told_ann, told_olaf = everything(ann, opened["id"]), everything(olaf, opened["id"])
    assert PHONE not in told_ann
    assert PHONE in told_olaf
    assert CARD not in told_ann + told_olaf
    assert opened["request_digest"] not in told_ann, "a short value could be guessed from it"


@pytest.mark.req("R-CTX-18", "R-UI-23")
def test_titles_and_questions_are_masked_for_everybody(world: World, workflow: Workflow) -> None:
    """Lists, messages and events show them before anybody's role is asked."""
    prepared(world)
    opened = world.open(workflow.agent, **FIELDS)
    stored = world.stored(opened["id"])
    assert (stored.title, stored.question) == ("Call [redacted 1]", "Call back [redacted 1]?")


@pytest.mark.req("R-CTX-18", "R-ACT-04", "H1")
def test_an_edit_keeps_what_its_author_may_not_see(world: World, workflow: Workflow) -> None:
    """The workflow gets the edited text with the hidden values in their places, never a mask."""
    prepared(world)
    opened = world.open(workflow.agent, **FIELDS)
    ann = world.person("Ann")
    shown = package(ann, opened["id"])[0]["model_output"]
    assert shown == {"answer": "We call [redacted 1].", "card": None, "note": "ok"}
    problem(ann.decide(opened, "modify", edited_output=shown | {"card": "1"}), 422, "edit_of_redacted")
    done = ann.decide(opened, "modify", edited_output=shown | {"answer": "Tomorrow we call [redacted 1]."})
    assert done.status_code == 200, done.text
    (told,) = [item for item in workflow.agent.get("/v1/decisions")["items"] if item["id"] == opened["id"]]
    assert told["output"] == {"answer": f"Tomorrow we call {PHONE}.", "card": CARD, "note": "ok"}
    assert CARD not in done.text + everything(ann, opened["id"])
    assert PHONE not in done.text + everything(ann, opened["id"])


@pytest.mark.req("R-CTX-18", "R-CTX-04")
def test_a_large_value_that_repeats_the_number_cannot_be_fetched(world: World, workflow: Workflow) -> None:
    """Its bytes could not be masked under the same hash; another large value can."""
    prepared(world)
    request = {
        "customer": {"name": "Dana", "phone": PHONE},
        "letter": "Dear all. " * 1_500 + PHONE,
        "terms": "Terms. " * 2_500,
    }
    opened = world.open(workflow.agent, **FIELDS | {"request": request})
    ann, olaf = world.person("Ann"), world.person("Olaf", roles=["owner"])
    pointers = {each["path"]: each["sha256"] for each in package(olaf, opened["id"])[0]["large_values"]}
    assert [each["path"] for each in package(ann, opened["id"])[0]["large_values"]] == ["/request/terms"]
    for who, path, status in ((ann, "letter", 404), (ann, "terms", 200), (olaf, "letter", 200)):
        answer = who.send("GET", f"/v1/handoffs/{opened['id']}/blobs/{pointers[f'/request/{path}']}")
        assert answer.status_code == status, (path, answer.text)


@pytest.mark.req("R-CTX-15", "R-CTX-12", "R-CTX-17")
def test_an_opening_without_what_the_policy_asks_for_is_refused(world: World, workflow: Workflow) -> None:
    """Nothing is opened, and the answer names the field; in a group, the case too."""
    by = workflow.agent

    def refused(code: str, field: str, **fields: Any) -> None:
        given = {"workflow_id": "any", "request": {}, "model_output": {}, **fields}
        problem(by.send("POST", "/v1/handoffs", given, {"Idempotency-Key": f"{code}-1"}), 422, code, field)
        group = {"handoffs": [{"workflow_id": "any", "request": {}, "model_output": {}}, given]}
        answer = by.send("POST", "/v1/groups", group, {"Idempotency-Key": f"{code}-2"})
        if fields.get("workflow_id") is None:
            problem(answer, 422, code, f"/handoffs/1{field}")

    refused("urgency_missing", "/urgency", time_sensitive=True)
    refused("package_unusable", "/response_form", response_form={"q": "Right?"})
    refused("evidence_missing", "/evidence", workflow_id="procurement")
    refused("features_missing", "/features", workflow_id="fraud-detection", features=[{"name": "a"}])
    assert world.open(by, workflow_id="procurement", evidence=[{"title": "Offer"}])["state"] == "pending"


@pytest.mark.req("R-CTX-16")
def test_three_decided_cases_stand_beside_a_similar_new_one(world: World, workflow: Workflow) -> None:
    """With decision, time and reason code; a moment later a fourth one is among them."""
    ann = world.person("Ann")
    about = {"category": "refund", "title": "A refund"}
    for action in ("approve", "reject", "approve"):
        assert ann.decide(world.open(workflow.agent, **about), action).status_code == 200
        world.clock.advance(60_000)
    shown = package(ann, world.open(workflow.agent, **about)["id"])[0]["metadata"]["similar_cases"]
    assert [one["decision"] for one in shown] == ["approved", "rejected", "approved"]
    assert [one["reason_code"] for one in shown] == [None, "policy_violation", None]
    assert all(one["at"] and one["by"] == "Ann" and "same topic" in one["why"] for one in shown)


@pytest.mark.req("R-GATE-14", "R-STORE-11")
def test_a_case_has_its_times_its_tier_and_its_impact(world: World, workflow: Workflow) -> None:
    """By the routed SLA and the policy's formula, on the record that lists are made of."""
    olga = world.person("Olga", roles=["owner"])
    policy = document(pattern="dual_review", impact_formula="amount == null ? 0.0 : amount", service_tier=1)
    assert save(olga, policy).status_code in (200, 202)
    settle(world)
    stored = world.stored(world.open(workflow.agent, workflow_id="tickets", amount=700)["id"])
    assert (stored.impact_score, stored.service_tier, stored.approvals_needed) == (700.0, 1, 2)
    assert stored.due_at_ms is not None
    assert stored.second_due_at_ms is not None
    assert stored.second_due_at_ms - stored.due_at_ms == 2 * 3_600_000
