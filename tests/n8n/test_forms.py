"""Answers besides yes and no, in a real n8n: forms of the node, n8n's own form, a webhook where decisions come in."""

import re
import uuid
from contextlib import suppress
from html import unescape
from typing import Any

import pytest
import requests

from tests.n8n import nodes
from tests.n8n.mails import mail_item
from tests.n8n.nodes import node_named
from tests.n8n.outcomes import by_output, event_of
from tests.n8n.people import REASON
from tests.n8n.stage import N8N_FORM, Stage
from tests.n8n.test_router_flows import Flow
from tests.system.n8n_clients import items_of, ran
from tests.system.waiting import wait_until

pytestmark = [pytest.mark.real_n8n, pytest.mark.timeout(300)]

Json = dict[str, Any]

PROPOSED = {
    "category": "billing",
    "priority": "asap",
    "summary": "The table came with a scratch.",
    "recommended_action": "Refund it.",
    "reason": "The mail names a price.",
    "confidence": 0.7,
}
FORM, RECORD = "Form for the Approver", "Record the Decision"
TICKET = {"ticket_id": "t1", "requester": "anna@example.com", "subject": "Table", "text": "There is a long scratch."}


@pytest.mark.req("R-TPL-05", "R-UI-22", "R-SUP-03", "H1")
def test_a_person_corrects_what_the_model_filled_in_and_the_correction_goes_on(stage: Stage) -> None:
    """The form starts as the model says, what does not fit starts empty; answers and corrections reach the ticket."""
    stage.proxy.answer_workers_ai(summary=None, response=PROPOSED)
    flow = Flow(stage, "Triage With Pre-Fill")
    execution_id = flow.send(**TICKET)
    case = flow.asked(execution_id, "Validate or Correct")
    form = case["response_form"]
    assert form["order"] == ["category", "priority", "summary", "recommended_action"]
    assert form["properties"]["category"]["default"] == "Billing"
    assert "default" not in form["properties"]["priority"]

    answers = {
        "category": "Delivery",
        "priority": "high",
        "summary": PROPOSED["summary"],
        "recommended_action": "Send a new table top.\n{{ 7 * 7 }} <b>",
    }
    half = {name: answers[name] for name in ("category", "summary")}
    body = {"action": "approve", "package_digest": case["package_digest"], "response": half}
    refused = stage.ada.call("POST", f"/v1/handoffs/{case['id']}/decision", body, If_Match=f'"{case["version"]}"')
    assert refused.status_code == 422, refused.text
    stage.ada.decide(case["id"], response=answers)

    ended = stage.ended(execution_id)
    (sent,) = stage.proxy.requests("backoffice.test", "/tickets/t1")
    assert {name: sent["body"][name] for name in answers} == answers
    corrections = [
        {"field": "category", "before": "Billing", "after": "Delivery"},
        {"field": "recommended_action", "before": "Refund it.", "after": answers["recommended_action"]},
    ]
    assert sent["body"]["corrections"] == corrections
    (item,) = by_output(ended, "Validate or Correct")["Approved"]
    assert item["data"]["response"] == answers
    (told,) = [one for one in stage.key.read("/v1/decisions?limit=200")["items"] if one["id"] == case["id"]]
    assert told["response"] == answers
    assert told["corrections"] == corrections
    assert event_of(stage.wait_for_records(told["event_id"])[0]) == told["event"] == item["handoff"]["event"]


@pytest.mark.req("R-UI-22", "H1")
def test_a_free_text_comes_back_where_n8ns_own_nodes_put_it(stage: Stage) -> None:
    """Response Type Free Text: the reviewer writes, and the text is in data.text and data.response."""
    name = f"text-{uuid.uuid4().hex[:8]}"
    workflow = stage.publish(nodes.asking(name, "handoff", {"responseType": "freeText"}))
    execution_id, (handoff_id,) = stage.begin(workflow, {"output": "x"})
    stage.ada.decide(handoff_id, response={"text": "Call first.\r\nThen send."})
    (item,) = by_output(stage.ended(execution_id))["Approved"]
    assert item["data"]["text"] == "Call first.\r\nThen send."
    assert item["data"]["response"] == {"text": "Call first.\r\nThen send."}


class FormInN8n:
    """The form page of a waiting execution, as the approver's browser fetches and sends it."""

    def __init__(self, stage: Stage, execution_id: str) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self._execution_id = execution_id
        (message,) = [text for text in stage.posted() if "/form-waiting/" in text][-1:]
        found = re.search(r"https?://\S+/form-waiting/\S+", unescape(message))
        assert found is not None
        self.url = found[0].replace(stage.to_n8n.url, stage.n8n.url)
        assert f"/form-waiting/{execution_id}" in self.url

    def get(self, *, password: str = "local", timeout_s: float = 30.0) -> requests.Response:
        return self._session.get(self.url, auth=("approver", password), timeout=timeout_s)

    def send(self, *, password: str = "local", **fields: str) -> requests.Response:
        """Fields by their place in the form, as n8n names them."""
        names = ["Summary", "Decision", "Reason", "Why"]
        parts = {f"field-{names.index(name)}": (None, value) for name, value in fields.items()}
        return self._session.post(self.url, files=parts, auth=("approver", password), timeout=30)


def ask_in_form(stage: Stage, text: str = "Please read this mail to its end, it is about a table.") -> tuple[str, Json]:
    """One mail that waits at the form; returns the execution and the handoff."""
    document = stage.with_entrance(N8N_FORM)
    node_named(document, RECORD)["credentials"]["httpHeaderAuth"] = {"id": "ada", "name": "ada"}
    workflow = stage.publish(document)
    stage.send(workflow, mail_item(textPlain=text))
    (execution,) = wait_until(
        lambda: [one for one in stage.n8n.api.executions(workflow, "waiting") if FORM in ran(read(stage, one))],
        "the form waited",
    )
    opened = items_of(read(stage, execution), "Open a Handoff")[0]
    return execution["id"], opened


def read(stage: Stage, execution: Json) -> Json:
    found: Json = stage.n8n.api.execution(execution["id"])
    return found


@pytest.mark.req("R-UI-03", "R-AUD-07", "H1")
def test_n8ns_own_form_records_the_same_decision_as_the_page(stage: Stage) -> None:
    """The approver corrects in n8n's form; Slack gets the correction; the event is like one of the page."""
    stage.proxy.answer_workers_ai(summary="About a table.", confidence=0.4)
    execution_id, opened = ask_in_form(
        stage, "Text <b>bold</b> & {{ 7 * 7 }} {{ $env.HOME }} about a table, at length."
    )
    form = FormInN8n(stage, execution_id)
    assert form.get(password="wrong").status_code == 401
    page = form.get()
    assert page.ok, page.text
    # What an email holds is text: not markup, and above all no expression that n8n would evaluate.
    assert "{{ 7 * 7 }} {{ $env.HOME }} about a table" in unescape(unescape(page.text))
    assert "<b>bold</b>" not in page.text
    assert "About a table." in page.text
    live = stage.key.live(opened["id"])
    assert (live["state"], live["version"]) == ("pending", opened["version"]), "a GET decides nothing"

    assert form.send(Summary="About a desk.", Decision="Approve", Reason="Wrong category", Why="A desk.").ok
    stage.ended(execution_id)
    assert stage.posted()[-1] == "About a desk."
    (told,) = [one for one in stage.key.read("/v1/decisions?limit=200")["items"] if one["id"] == opened["id"]]
    event = told["event"]
    assert (event["decision_action"], event["reason_code"]) == ("modify", "wrong_category")
    assert event["decision_actor"]["type"] == "human"
    assert told["decided_by"]["name"] == "Ada Approver"
    assert event_of(stage.wait_for_records(told["event_id"])[0]) == event


@pytest.mark.req("R-UI-03", "R-ACT-08")
def test_an_answer_that_the_companion_does_not_take_leads_back_to_the_form(stage: Stage) -> None:
    """A rejection without a reason is not recorded; the form says why, and takes the next answer."""
    stage.proxy.answer_workers_ai(summary="About a table.", confidence=0.4)
    execution_id, opened = ask_in_form(stage)
    form = FormInN8n(stage, execution_id)
    assert form.send(Summary="About a table.", Decision="Reject").ok

    def told_why() -> bool:
        # n8n leaves a call for the form unanswered that comes while the execution runs.
        with suppress(requests.Timeout):
            page = form.get(timeout_s=5.0)
            return page.ok and re.search(r"Your answer was not taken: \w", page.text) is not None
        return False

    wait_until(told_why, "the form said why")
    assert stage.key.live(opened["id"])["state"] == "pending"
    assert form.send(Summary="About a table.", Decision="Reject", Reason="Insufficient evidence", Why="No.").ok
    assert "Rejected: Nothing Is Posted" in ran(stage.ended(execution_id))
    assert not [text for text in stage.posted() if "form-waiting" not in text]


@pytest.mark.req("R-SUP-07")
def test_a_webhook_of_n8n_takes_a_decision_and_the_waiting_workflow_goes_on(stage: Stage) -> None:
    """Posted with the digest that was seen it is recorded; with another one, or by GET, nothing is."""
    document = stage.n8n.editor.workflow(stage.template("Handoff: Approval Webhook"))
    path = f"decisions-{uuid.uuid4().hex[:8]}"
    start = node_named(document, "Decision Comes In")
    start["parameters"]["path"], start["webhookId"] = path, str(uuid.uuid4())
    node_named(document, RECORD)["credentials"]["httpHeaderAuth"] = {"id": "ada", "name": "ada"}
    stage.publish({**document, "name": path})
    name = f"hooked-{uuid.uuid4().hex[:8]}"
    execution_id, (handoff_id,) = stage.begin(stage.publish(nodes.asking(name, "handoff")), {"output": "x"})
    seen = stage.key.live(handoff_id)
    url = f"{stage.n8n.url}/webhook/{path}"
    good = {"handoff_id": handoff_id, "version": seen["version"], "package_digest": seen["package_digest"]}

    def post(body: Json) -> requests.Response:
        def answered() -> list[requests.Response]:
            answer = requests.post(url, json=body, headers={"Authorization": "Bearer local"}, timeout=30)
            return [] if answer.status_code == 404 and "not registered" in answer.text else [answer]

        return wait_until(answered, f"{path} listened")[0]

    other = post(good | {"action": "approve", "package_digest": f"sha256:{'0' * 64}"})
    assert (other.status_code, other.json()["code"]) == (409, "package_digest_mismatch")
    assert post(good | {"action": "approve", "version": 99}).status_code == 412
    assert post({"action": "approve"}).status_code in (404, 422)
    assert requests.get(url, headers={"Authorization": "Bearer local"}, timeout=30).status_code == 404
    assert requests.post(url, json=good | {"action": "approve"}, timeout=30).status_code == 403
    assert stage.key.live(handoff_id)["state"] == "pending"
    taken = post(good | {"action": "reject", **REASON})
    assert (taken.status_code, taken.json()["state"]) == (200, "rejected")
    (item,) = by_output(stage.ended(execution_id))["Rejected"]
    assert item["handoff"]["event_id"] == taken.json()["event_id"]
