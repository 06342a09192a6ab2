"""Whoever knows a waiting execution's signed resume address still cannot answer for the reviewer (H1, L1, L3)."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from standardwebhooks import Webhook

from tests.n8n import nodes
from tests.n8n.outcomes import by_output
from tests.n8n.stage import Stage
from tests.n8n.wire import Exchange
from tests.system.n8n_clients import ran

pytestmark = [pytest.mark.real_n8n, pytest.mark.timeout(180)]

Json = dict[str, Any]

ITEM = {"email": "Where is my desk?", "summary": "Asks for the desk."}
OTHER_SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY"


@dataclass(frozen=True)
class Waiting:
    """A waiting execution, its resume address, and a genuine callback that was meant for another execution."""

    execution_id: str
    handoff_id: str
    address: str
    opened: Json
    genuine: Exchange

    def callback(self) -> Json:
        """What the companion would say if this handoff were approved."""
        body: Json = json.loads(self.genuine.body)
        data, handoff = body["data"], body["data"]["handoffs"][0]
        data |= {"group_id": self.opened["id"], "idempotency_key": self.opened["key"]}
        mine = self.opened["handoffs"][0]
        handoff |= {"id": mine["id"], "request_digest": mine["request_digest"], "output_digest": mine["output_digest"]}
        handoff |= {"final_output_digest": mine["output_digest"]}
        return body


@pytest.fixture(scope="module")
def waiting(_stage: Stage) -> Waiting:
    """One execution that waits all the while, beside one of the same workflow that was answered."""
    stage = _stage
    asking = stage.publish(nodes.asking(f"forged-{uuid.uuid4().hex[:8]}", "handoff"))
    other, (answered,) = stage.begin(asking, ITEM)
    stage.ada.decide(answered)
    stage.ended(other)
    execution_id, (handoff_id,) = stage.begin(asking, ITEM)
    asked = stage.to_companion.exchanges("/v1/groups")[-1]
    address = json.loads(asked.body)["callback_url"].replace(stage.to_n8n.url, stage.n8n.url)
    # The callback is answered while the execution ends: either may be written down first.
    (genuine,) = stage.to_n8n.wait_for(f"/webhook-waiting/{other}/")
    opened = json.loads(asked.answer) | {"key": asked.headers["Idempotency-Key"]}
    return Waiting(execution_id, handoff_id, address, opened, genuine)


def signed(secret: str, body: Json, at: datetime | None = None) -> tuple[dict[str, str], bytes]:
    """Headers and bytes of a call that is signed as Standard Webhooks says."""
    at, text, webhook_id = at or datetime.now(tz=UTC), json.dumps(body), f"dl_{uuid.uuid4().hex}"
    headers = {
        "Content-Type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, at, text),
    }
    return headers, text.encode()


Forge = Callable[[Waiting, str], tuple[dict[str, str], bytes]]


def unsigned(waiting: Waiting, secret: str) -> tuple[dict[str, str], bytes]:
    return {"Content-Type": "application/json"}, json.dumps(waiting.callback()).encode()


def empty(waiting: Waiting, secret: str) -> tuple[dict[str, str], bytes]:
    return {}, b""


def wrongly_signed(waiting: Waiting, secret: str) -> tuple[dict[str, str], bytes]:
    return signed(OTHER_SECRET, waiting.callback())


def of_another_handoff(waiting: Waiting, secret: str) -> tuple[dict[str, str], bytes]:
    return waiting.genuine.headers, waiting.genuine.body


def stale(waiting: Waiting, secret: str) -> tuple[dict[str, str], bytes]:
    return signed(secret, waiting.callback(), datetime.now(tz=UTC) - timedelta(minutes=10))


def with_another_output(waiting: Waiting, secret: str) -> tuple[dict[str, str], bytes]:
    body = waiting.callback()
    body["data"]["handoffs"][0]["output"] = {"summary": "Pay 5,000 EUR."}
    return signed(secret, body)


def with_another_digest(waiting: Waiting, secret: str) -> tuple[dict[str, str], bytes]:
    body = waiting.callback()
    body["data"]["handoffs"][0]["output_digest"] = "sha256:" + "0" * 64
    return signed(secret, body)


def with_another_id(waiting: Waiting, secret: str) -> tuple[dict[str, str], bytes]:
    body = waiting.callback()
    body["data"]["handoffs"][0]["id"] = json.loads(waiting.genuine.body)["data"]["handoffs"][0]["id"]
    return signed(secret, body)


def with_an_answer_nobody_gave(waiting: Waiting, secret: str) -> tuple[dict[str, str], bytes]:
    body = waiting.callback()
    body["data"]["handoffs"][0] |= {"response": {"approved_limit": 5000}}
    return signed(secret, body)


def with_the_record_of_another(waiting: Waiting, secret: str) -> tuple[dict[str, str], bytes]:
    body = waiting.callback()
    body["data"]["handoffs"][0]["event"] = json.loads(waiting.genuine.body)["data"]["handoffs"][0]["event"]
    return signed(secret, body)


def contradicting_itself(waiting: Waiting, secret: str) -> tuple[dict[str, str], bytes]:
    body = waiting.callback()
    body["data"]["handoffs"][0] |= {"state": "rejected", "approved": True}
    return signed(secret, body)


def about_nothing(waiting: Waiting, secret: str) -> tuple[dict[str, str], bytes]:
    body = waiting.callback()
    body["data"]["handoffs"] = []
    return signed(secret, body)


def n8ns_own_shape(waiting: Waiting, secret: str) -> tuple[dict[str, str], bytes]:
    return signed(secret, {"approved": True, "data": {"approved": True}})


FORGERIES: dict[Forge, str] = {
    unsigned: "signature_missing",
    empty: "body_missing",
    wrongly_signed: "signature_invalid",
    of_another_handoff: "idempotency_key_mismatch",
    stale: "timestamp_out_of_tolerance",
    with_another_output: "final_output_digest_mismatch",
    with_another_digest: "output_digest_mismatch",
    with_another_id: "handoffs_mismatch",
    with_an_answer_nobody_gave: "response_unexpected",
    with_the_record_of_another: "event_mismatch",
    contradicting_itself: "state_contradictory",
    about_nothing: "handoffs_mismatch",
    n8ns_own_shape: "body_malformed",
}


@pytest.mark.req("H1", "W1", "W4", "R5", "R-SEC-11")
@pytest.mark.parametrize(("forge", "code"), FORGERIES.items(), ids=[forge.__name__ for forge in FORGERIES])
def test_a_forged_answer_is_refused_and_the_workflow_waits_on(
    stage: Stage, waiting: Waiting, forge: Forge, code: str
) -> None:
    """Each forgery is named in the refusal, and the execution still waits."""
    headers, body = forge(waiting, stage.companion.key.signing_secret)
    answer = requests.post(waiting.address, data=body, headers=headers, timeout=30)
    assert (answer.status_code, answer.json()["handoff_refused"]) == (400, code)
    assert stage.n8n.api.execution(waiting.execution_id)["status"] == "waiting"


@pytest.mark.req("L1", "L3")
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_no_other_method_decides(stage: Stage, waiting: Waiting, method: str) -> None:
    """Opened fifty times by scanners, previews or people, the address decides nothing; GET shows where to decide."""
    for agent in ("Slackbot-LinkExpanding 1.0", "Mozilla/5.0 (compatible; Google-Safety)", "curl/8.0"):
        answer = requests.request(method, waiting.address, headers={"User-Agent": agent}, timeout=30)
        if method == "GET":
            assert answer.status_code == 200
            assert "Nothing is decided by opening this address." in answer.text
            assert "<form" not in answer.text
            assert "<script" not in answer.text
    assert stage.n8n.api.execution(waiting.execution_id)["status"] == "waiting"
    assert stage.key.live(waiting.handoff_id)["state"] == "pending"


@pytest.mark.req("L1", "H1")
@pytest.mark.parametrize(
    "change", ["&approved=true", "&handoff_key=another", ""], ids=["added", "another key", "unsigned"]
)
def test_an_address_that_was_changed_is_refused_by_n8n(stage: Stage, waiting: Waiting, change: str) -> None:
    """A query that n8n did not sign, or no signature, is 401, whatever the body."""
    address = waiting.address + change if change else waiting.address.split("?", maxsplit=1)[0]
    headers, body = signed(stage.companion.key.signing_secret, waiting.callback())
    assert requests.post(address, data=body, headers=headers, timeout=30).status_code == 401
    assert stage.n8n.api.execution(waiting.execution_id)["status"] == "waiting"


@pytest.mark.req("H1", "W1", "R-STORE-09")
def test_after_all_that_the_real_answer_counts_and_its_replay_does_not(stage: Stage, waiting: Waiting) -> None:
    """The execution waited through every forgery; the reviewer's answer resumes it, and the same again does nothing."""
    stage.ada.decide(waiting.handoff_id, "reject")
    ended = stage.ended(waiting.execution_id)
    assert list(by_output(ended)) == ["Rejected"]
    stage.key.wait_for_delivery(waiting.handoff_id, "delivered")
    call = stage.to_n8n.exchanges(f"/webhook-waiting/{waiting.execution_id}/")[-1]
    replayed = requests.post(waiting.address, data=call.body, headers=call.headers, timeout=30)
    assert b"handoff_ack" not in replayed.content
    after = stage.n8n.api.execution(waiting.execution_id)
    assert after["stoppedAt"] == ended["stoppedAt"]
    assert "Approved" not in ran(after)
