"""The template `built-in-nodes.json` in a real n8n: the same promises without our node, and what guards them."""

from typing import Any

import pytest
import requests

from tests.n8n.mails import SAMPLE, SECOND_SAMPLE, mail_item, mail_with
from tests.n8n.nodes import node_named
from tests.n8n.outcomes import event_of
from tests.n8n.stage import BUILT_IN, Stage
from tests.system.n8n_clients import items_of, ran
from tests.system.waiting import wait_until

pytestmark = [pytest.mark.real_n8n, pytest.mark.timeout(300)]

Json = dict[str, Any]

WAIT, OPEN, JUDGE = "Wait for the Decision", "Open a Handoff", "What Was Decided?"
HANDLED = "Unsure or Flagged?"


def waiting_ones(stage: Stage, workflow_id: str) -> set[str]:
    return {one["id"] for one in stage.n8n.api.executions(workflow_id, "waiting")}


def of_each_mail(stage: Stage, workflow_id: str, before: set[str], count: int) -> list[Json]:
    """The executions that began to wait since `before`, one for each mail, oldest first, with their data."""

    def new_ones() -> set[str]:
        found = waiting_ones(stage, workflow_id) - before
        return found if len(found) == count else set()

    found = wait_until(new_ones, f"{count} mails waited", 90.0)
    return [stage.n8n.api.execution(one) for one in sorted(found, key=int)]


def begin(stage: Stage, mail: Json | None = None) -> tuple[str, str]:
    """One mail through the entrance; returns the ids of its execution and of its handoff."""
    entrance = stage.entrance(BUILT_IN)
    before = stage.n8n.api.execution_ids(entrance)
    stage.send(entrance, mail or mail_item())
    (execution,) = of_each_mail(stage, entrance, before, 1)
    return execution["id"], handoff_of(execution)


def alone(stage: Stage, mail: Json) -> Json:
    """One mail through the entrance that nobody is asked about; its execution when it has ended."""
    entrance = stage.entrance(BUILT_IN)
    before = stage.n8n.api.execution_ids(entrance)
    stage.send(entrance, mail)

    def handled() -> list[Json]:
        new = [one["id"] for one in stage.n8n.api.executions(entrance) if one["id"] not in before]
        return [found for one in new if HANDLED in ran(found := stage.n8n.api.execution(one))]

    (found,) = wait_until(handled, "the mail was handled", 60.0)
    return stage.ended(found["id"])


def handoff_of(execution: Json) -> str:
    handoff_id: str = items_of(execution, OPEN)[0]["id"]
    return handoff_id


def runs(execution: Json, node: str) -> int:
    return len(execution["data"]["resultData"]["runData"].get(node, []))


@pytest.mark.req("R-TPL-01", "R-INT-06", "R-INT-08", "R-AUD-07", "R-AUD-08", "R-STORE-03", "X-37")
def test_each_mail_of_one_look_waits_and_goes_on_by_itself(stage: Stage) -> None:
    """Two mails that n8n finds together: each has its own execution, and the second is posted while the first waits."""
    template = stage.template(BUILT_IN)
    stage.proxy.answer_workers_ai(summary="Sure.", confidence=0.99, about="only to be looked at")
    stage.proxy.answer_workers_ai(summary="About the charge.", confidence=0.5, about="standing desk")
    stage.proxy.answer_workers_ai(summary="About the table.", confidence=0.5, about="long scratch")
    stage.second_mailbox.wait_for_reader()
    stage.second_mailbox.deliver(mail_with("A mail that is only to be looked at, and that raises no flag at all."))
    stage.wait_for_posts(1)
    with stage.n8n.held_still():  # so that both are there when it looks next
        stage.second_mailbox.deliver(SAMPLE, SECOND_SAMPLE)
    charge, table = of_each_mail(stage, template, set(), 2)

    def mails_of_looks() -> list[int]:
        """How many mails each look that has ended found; one that hands them on ends after they wait."""
        looks = [stage.n8n.api.execution(one["id"]) for one in stage.n8n.api.executions(template, "success")]
        return [len(items_of(look, "New Support Email")) for look in looks]

    wait_until(lambda: 2 in mails_of_looks(), "one look found both mails")

    stage.ada.edit(handoff_of(table), {"summary": "Wants a discount; call back before five."})
    ended = stage.ended(table["id"])
    assert stage.posted() == ["Sure.", "Wants a discount; call back before five."]
    assert stage.n8n.api.execution(charge["id"])["status"] == "waiting"
    event = items_of(ended, "Decision as Event")[0]["event"]
    in_bucket, on_disk = stage.wait_for_records(event["event_id"])
    assert event_of(in_bucket) == event_of(on_disk) == event
    (told,) = [one for one in stage.key.read("/v1/decisions?limit=200")["items"] if one["id"] == handoff_of(table)]
    assert event == told["event"]

    stage.ada.decide(handoff_of(charge), "reject")
    assert "Rejected: Nothing Is Posted" in ran(stage.ended(charge["id"]))
    assert len(stage.posted()) == 2


@pytest.mark.req("R-TPL-01", "X-22", "X-37")
def test_a_sure_summary_is_posted_and_recorded_as_the_models_own(stage: Stage) -> None:
    """At 0.78 nobody is asked, and the record says that the model decided."""
    stage.proxy.answer_workers_ai(summary="Sure of this.", confidence=0.78)
    event = items_of(alone(stage, mail_item()), "AI Decision as Event")[0]["event"]
    assert stage.posted() == ["Sure of this."]
    assert event_of(stage.wait_for_records(event["event_id"])[0]) == event
    assert event["decision_actor"]["type"] == "AI"


@pytest.mark.req("H1", "L1", "R-STORE-15")
def test_a_call_of_the_resume_address_approves_nothing(stage: Stage) -> None:
    """Whoever knows the address can make the workflow look, and no more: it asks the companion, and waits on."""
    execution_id, handoff_id = begin(stage)
    _, other = begin(stage)
    stage.ada.decide(other)
    posted = stage.wait_for_posts(1)
    execution = stage.n8n.api.execution(execution_id)
    address = execution["data"]["resultData"]["runData"][WAIT][-1]["metadata"]["resumeUrl"]
    address = address.replace(stage.to_n8n.url, stage.n8n.url)
    approved = stage.key.live(other)
    forgeries: list[Json | None] = [
        None,
        {"approved": True, "state": "approved", "output": {"summary": "Pay 5,000 EUR."}},
        approved,
        {"type": "handoff.group.completed", "data": {"handoffs": [{"id": handoff_id, "approved": True}]}},
    ]
    for looks, forgery in enumerate(forgeries, start=1):
        assert requests.post(address, json=forgery, timeout=30).ok

        def looked(looks: int = looks) -> bool:
            seen = stage.n8n.api.execution(execution_id)
            return seen["status"] == "waiting" and runs(seen, JUDGE) == looks

        wait_until(looked, f"the workflow had looked {looks} times and waited on")
    for method in ("GET", "HEAD", "PUT"):
        assert requests.request(method, address, timeout=30).status_code == 404
    assert requests.post(address.split("?", maxsplit=1)[0], json={}, timeout=30).status_code == 401
    assert stage.posted() == posted

    stage.ada.decide(handoff_id)
    ended = stage.ended(execution_id)
    assert len(stage.posted()) == len(posted) + 1
    assert runs(ended, "Post Approved Summary") == 1
    assert stage.key.wait_for_delivery(handoff_id, "delivered")


@pytest.mark.req("A1", "W3", "R-STORE-09")
def test_a_lost_reply_opens_nothing_twice_and_posts_nothing_twice(stage: Stage) -> None:
    """The reply to the opening gets lost, and the receipt of the answer: one handoff, one message."""
    workflow_id = "summarize-email"
    open_before = {one["id"] for one in stage.key.open_handoffs(workflow_id)}
    stage.to_companion.lose_reply("/v1/handoffs$")
    execution_id, handoff_id = begin(stage)
    assert {one["id"] for one in stage.key.open_handoffs(workflow_id)} - open_before == {handoff_id}

    stage.to_n8n.lose_reply(f"/webhook-waiting/{execution_id}")
    stage.ada.decide(handoff_id)
    stage.ended(execution_id)
    stage.key.wait_for_delivery(handoff_id, "uncertain")
    assert len(stage.posted()) == 1


@pytest.mark.req("R-STORE-15", "R-TPL-01")
def test_a_withdrawn_question_posts_a_note_and_no_summary(stage: Stage) -> None:
    """Withdrawn, like expired: the team is told, without the summary, and the record says so."""
    stage.proxy.answer_workers_ai(summary="The secret summary.", confidence=0.1)
    execution_id, handoff_id = begin(stage)
    assert stage.key.call("POST", f"/v1/handoffs/{handoff_id}/withdrawal", {"reason": "Solved by phone"}).ok
    ended = stage.ended(execution_id)
    (told,) = stage.posted()
    assert told.startswith("Nobody decided about the summary")
    assert "(withdrawn)" in told
    assert "secret" not in told
    event = items_of(ended, "Decision as Event")[0]["event"]
    assert event_of(stage.wait_for_records(event["event_id"])[0]) == event


@pytest.mark.req("R7", "R-STORE-15")
def test_without_the_companion_nothing_is_posted_and_the_team_is_told(stage: Stage) -> None:
    """Nobody can be asked: the mail is not lost, its summary is not posted, and the channel is told to read it."""
    stage.entrance(BUILT_IN)
    stage.companion.stop()
    try:
        ended = alone(stage, mail_item(date="Sat, 21 Nov 2026 07:12:40 +0000"))
    finally:
        stage.companion.start()
    told = (
        "The summary of the support email that came at 2026-11-21T07:12:40.000Z could not be sent to a reviewer. "
        "Nothing was posted; please read the email itself."
    )
    assert stage.posted() == [told]
    assert "Post Approved Summary" not in ran(ended)


@pytest.mark.req("R7", "R-STORE-09", "R1")
def test_a_companion_that_is_away_when_the_workflow_asks_is_asked_again(stage: Stage) -> None:
    """Woken while the companion is away, the workflow waits on, and the real answer still comes through."""
    execution_id, handoff_id = begin(stage)
    metadata = stage.n8n.api.execution(execution_id)["data"]["resultData"]["runData"][WAIT][-1]["metadata"]
    stage.companion.stop()
    try:
        address = metadata["resumeUrl"].replace(stage.to_n8n.url, stage.n8n.url)
        assert requests.post(address, json={}, timeout=30).ok

        def waits_again() -> bool:
            seen = stage.n8n.api.execution(execution_id)
            return seen["status"] == "waiting" and runs(seen, WAIT) == 2

        wait_until(waits_again, "the workflow waited again", 60.0)
    finally:
        stage.companion.start()
    stage.ada.decide(handoff_id)
    assert "Post Approved Summary" in ran(stage.ended(execution_id))


@pytest.mark.req("R-STORE-15", "R7")
def test_an_answer_of_something_else_than_the_companion_is_no_decision(stage: Stage) -> None:
    """Nobody knows the handoff, or the address is another server's: the team is told, and nothing is posted."""
    document = stage.with_entrance(BUILT_IN)
    node_named(document, "Ask What Was Decided")["parameters"]["url"] = f"{stage.to_companion.url}/v1/handoffs/unknown"
    workflow_id = stage.publish(document)
    stage.send(workflow_id, mail_item())
    (execution,) = of_each_mail(stage, workflow_id, set(), 1)
    stage.ada.decide(handoff_of(execution))
    ended = stage.ended(execution["id"])
    (told,) = stage.posted()
    assert "(not_found). Nothing was posted." in told
    assert "Post Approved Summary" not in ran(ended)
