"""n8n is killed and starts again while workflows wait: what was asked stays asked, and nothing goes on unseen."""

import sqlite3
import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from tests.n8n import nodes
from tests.n8n.mails import mail_item
from tests.n8n.outcomes import by_output
from tests.n8n.stage import BUILT_IN, Stage
from tests.system.n8n_clients import items_of, ran

pytestmark = [pytest.mark.real_n8n, pytest.mark.timeout(240)]

Json = dict[str, Any]

ITEM = {"email": "Where is my desk?", "summary": "Asks for the desk."}


@dataclass(frozen=True)
class Case:
    """An execution that waited when n8n was killed, and its handoff."""

    execution_id: str
    handoff_id: str


@dataclass(frozen=True)
class Restarted:
    """One case for each thing that can happen around a restart."""

    plain: Case
    timed_out: Case
    decided_meanwhile: Case
    built_in: Case
    posted: list[str]
    deliveries: dict[str, Json]  # of the callbacks that nobody answered, by handoff, while nobody could


def end_wait_of(stage: Stage, execution_id: str) -> None:
    """As if n8n's own wait timer had come to its end; n8n looks at the timers when it starts."""
    with sqlite3.connect(stage.n8n.folder / ".n8n" / "database.sqlite") as database:
        statement = (
            "UPDATE execution_entity SET waitTill = '2026-01-01 00:00:00.000' WHERE id = ? AND status = 'waiting'"
        )
        assert database.execute(statement, (execution_id,)).rowcount == 1


@pytest.fixture(scope="module")
def restarted(_stage: Stage) -> Restarted:
    stage = _stage
    stage.proxy.forget()
    asking = stage.publish(nodes.asking(f"restart-{uuid.uuid4().hex[:8]}", "handoff"))
    plain, timed_out, decided_meanwhile = (begin(stage, asking) for _ in range(3))
    entrance = stage.entrance(BUILT_IN)
    stage.send(entrance, mail_item())
    (waits,) = stage.n8n.api.wait_for_execution(entrance, "waiting")
    opened = items_of(stage.n8n.api.execution(waits["id"]), "Open a Handoff")[0]
    built_in = Case(waits["id"], opened["id"])

    stage.n8n.kill()
    for case in (timed_out, built_in):
        end_wait_of(stage, case.execution_id)
    for case in (decided_meanwhile, built_in):
        stage.ada.decide(case.handoff_id)
    with stage.to_n8n.cut():  # no callback arrives: what goes on now, goes on by n8n's timer alone
        stage.n8n.start()
        for case in (timed_out, built_in):
            stage.ended(case.execution_id)
        # Seen in here: afterwards the companion may reach n8n at any moment.
        deliveries = {
            case.handoff_id: stage.key.wait_for_delivery(case.handoff_id, "retrying")
            for case in (decided_meanwhile, built_in)
        }
    return Restarted(plain, timed_out, decided_meanwhile, built_in, stage.posted(), deliveries)


def begin(stage: Stage, workflow_id: str) -> Case:
    execution_id, (handoff_id,) = stage.begin(workflow_id, ITEM)
    return Case(execution_id, handoff_id)


@pytest.mark.req("W3", "R-STORE-10")
def test_an_execution_that_waited_through_a_kill_goes_on_when_it_is_answered(
    stage: Stage, restarted: Restarted
) -> None:
    """Killed by SIGKILL and started again, n8n still waits, and the answer resumes the workflow."""
    stage.ada.decide(restarted.plain.handoff_id)
    assert list(by_output(stage.ended(restarted.plain.execution_id))) == ["Approved"]


@pytest.mark.req("R7", "R-STORE-15")
def test_n8ns_own_timer_leads_to_no_decision(stage: Stage, restarted: Restarted) -> None:
    """When n8n itself ends the wait, the unreviewed item leaves by No Decision; a later approval changes nothing."""
    execution = stage.n8n.api.execution(restarted.timed_out.execution_id)
    assert {"Approved", "Rejected"}.isdisjoint(ran(execution))
    (item,) = items_of(execution, "No Decision")
    assert item == ITEM

    stage.ada.decide(restarted.timed_out.handoff_id)
    delivery = stage.key.wait_for_delivery(restarted.timed_out.handoff_id, "failed")
    assert "no longer waits" in delivery["cause"]
    assert "Approved" not in ran(stage.n8n.api.execution(restarted.timed_out.execution_id))


@pytest.mark.req("W3", "R1", "R-STORE-09")
def test_a_decision_made_while_n8n_was_away_is_kept_and_sent_again(stage: Stage, restarted: Restarted) -> None:
    """Nobody answered the callback: it is tried again, by itself or at once by hand, and resumes the workflow."""
    case = restarted.decided_meanwhile
    delivery = restarted.deliveries[case.handoff_id]
    assert "cannot be reached" in delivery["cause"] or "broke" in delivery["cause"]
    assert stage.key.call("POST", f"/v1/deliveries/{delivery['id']}/replay").status_code == 202
    assert list(by_output(stage.ended(case.execution_id))) == ["Approved"]


@pytest.mark.req("X-11", "R-STORE-09")
def test_without_any_callback_the_built_in_template_finds_the_answer_by_itself(
    stage: Stage, restarted: Restarted
) -> None:
    """The hourly look of `built-in-nodes.json`: the callback never came, and the approved summary is posted, once."""
    execution = stage.n8n.api.execution(restarted.built_in.execution_id)
    assert "Post Approved Summary" in ran(execution)
    assert len(restarted.posted) == 1
    assert restarted.deliveries[restarted.built_in.handoff_id]["status"] == "retrying"
