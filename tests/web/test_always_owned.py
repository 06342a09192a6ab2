"""A case that waits has somebody who answers for it, whatever was done to it: a level, a time, a place in the list."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest

from companion.web.permissions import TABLE
from tests.application import BECAUSE, Agent, World
from tests.desk import GATE, HIDDEN, governed, passed, verify

OPEN: Final = ("pending", "claimed", "awaiting_information", "awaiting_second_review")
ONE_CASE: Final = "/v1/handoffs/{id}"
RULES: Final[dict[str, Any]] = {"gates": [GATE], "redaction": [{**HIDDEN[0], "visible_to": []}], "undo_window_s": 600}
WORKFLOWS: Final[dict[str, dict[str, Any]]] = {
    "plain": {},
    "ruled": RULES,
    "unsorted": {"triage": "required", "queues": {"refunds": {"title": "Refunds"}}},
}


@dataclass(frozen=True)
class Stage:
    """A case, and who may do what to it: its workflow, and one person in every role that acts."""

    robot: Agent
    ann: Agent
    case: Any

    def act(self, method: str, noun: str, body: Any = None) -> Any:
        version = self.ann.live(self.case["id"])["version"]
        headers = {"If-Match": f'"{version}"', "Idempotency-Key": f"{method}-{noun}-{version}"}
        return self.ann.send(method, f"/v1/handoffs/{self.case['id']}/{noun}", body, headers)

    def after(self, *acts: tuple[str, str, Any]) -> Any:
        """What the last of some acts is answered with, each of which works."""
        for act in acts:
            answer = self.act(*act)
            assert answer.status_code in (200, 201, 204), answer.text
        return answer


CLAIM: Final[tuple[str, str, Any]] = ("PUT", "claim", {})
ASK: Final[tuple[str, str, Any]] = ("POST", "questions", {"text": "Which order?"})
ACTS: Final[dict[str, tuple[str, Callable[[Stage], Any]]]] = {
    "PATCH ": ("plain", lambda s: s.robot.send("PATCH", ONE_CASE.replace("{id}", s.case["id"]), {"title": "New"},
                                              {"If-Match": '"1"'})),
    "POST /decision": ("plain", lambda s: s.ann.decide(s.case)),
    "DELETE /decision": ("ruled", lambda s: undone(s)),
    "POST /verifications": (
        "ruled", lambda s: verify(s.ann, s.case, passed("invoice/amount", result="fail"), **BECAUSE),
    ),
    "POST /edit-checks": ("plain", lambda s: s.after(("POST", "edit-checks", {"edited_output": 1}))),
    "POST /triage": ("unsorted", lambda s: s.after(("POST", "triage", {"queue": "refunds"}))),
    "PUT /claim": ("plain", lambda s: s.after(CLAIM)),
    "DELETE /claim": ("plain", lambda s: s.after(CLAIM, ("DELETE", "claim", None))),
    "PUT /acknowledgement": ("plain", lambda s: s.after(("PUT", "acknowledgement", None))),
    "PUT /assignee": (
        "plain",
        lambda s: s.after(("PUT", "assignee", {"reviewer_id": s.ann.id}), ("PUT", "assignee", {"reviewer_id": None})),
    ),
    "POST /escalations": ("plain", lambda s: s.after(CLAIM, ("POST", "escalations", BECAUSE))),
    "POST /annotations": ("plain", lambda s: s.after(("POST", "annotations", {"text": "Hm."}))),
    "POST /questions": ("plain", lambda s: s.after(CLAIM, ASK)),
    "POST /answers": ("plain", lambda s: s.after(ASK, ("POST", "answers", {"text": "Number 7."}))),
    "POST /withdrawal": ("plain", lambda s: s.after(("POST", "withdrawal", {}))),
    "POST /rollback": ("plain", lambda s: taken_back(s)),
    "POST /disclosures": ("ruled", lambda s: s.after(("POST", "disclosures", {"reason": "A complaint."}))),
    "POST /execution": ("plain", lambda s: carried_out(s)),
}  # fmt: skip
CHANGES_NO_CASE: Final = frozenset({"POST /challenges"})
ENDS: Final = ("POST /decision", "POST /withdrawal", "POST /rollback", "POST /execution")
ANYBODY: Final = ("owner", "approver", "triager", "verifier", "compliance", "on_call")


def undone(stage: Stage) -> Any:
    """What taking back a decision inside of its window is answered with."""
    decided = stage.ann.decide(stage.case, gate_results=passed("invoice/amount", "invoice/payee"))
    assert decided.status_code == 200, decided.text
    return stage.after(("DELETE", "decision", None))


def taken_back(stage: Stage) -> Any:
    """What a rollback is answered with."""
    assert stage.ann.decide(stage.case).status_code == 200
    return stage.after(("POST", "rollback", BECAUSE))


def carried_out(stage: Stage) -> Any:
    """What the workflow is answered that did what was approved."""
    done: Any = stage.ann.decide(stage.case).json
    told = stage.robot.get("/v1/decisions")["items"][-1]
    assert told["id"] == done["id"]
    path, body = f"/v1/handoffs/{done['id']}/execution", {"output_digest": told["final_output_digest"]}
    return stage.robot.send("POST", path, body, {"Idempotency-Key": "executed"})


@pytest.mark.req("R-ACT-15", "R-STORE-16")
@pytest.mark.parametrize("act", ACTS)
def test_after_every_act_somebody_answers_for_the_case(world: World, act: str) -> None:
    """Given back, given to nobody, asked about, sent back, undone: it keeps level, time and its place in the list."""
    workflow, does = ACTS[act]
    if WORKFLOWS[workflow]:
        governed(world, workflow, **WORKFLOWS[workflow])
    robot, ann = world.automation(), world.person("Ann", roles=list(ANYBODY))
    opened = world.open(robot, workflow_id=workflow, request={"card": "4556"}, expires_in_s=7 * 86_400)
    answer = does(Stage(robot, ann, ann.live(opened["id"])))
    assert answer.status_code in (200, 201, 204), answer.text
    live = ann.live(opened["id"])
    assert (live["state"] not in OPEN) == (act in ENDS)
    if act in ENDS:
        return
    assert live["reviewer_level"] in (1, 2, 3, 4)
    assert live["due_at"] is not None
    assert live["due_at"] <= live["expires_at"]
    for level in (None, live["reviewer_level"]):
        served = ann.get("/v1/handoffs", **({} if level is None else {"level": level}))
        assert [row["id"] for row in served["items"]] == [opened["id"]]


@pytest.mark.req("R-ACT-15")
def test_every_act_is_looked_at_here() -> None:
    """An endpoint that is added must show what becomes of the case; none of them skips it."""
    acts = {f"{method} {path.removeprefix(ONE_CASE)}" for method, path in TABLE if path.startswith(ONE_CASE)}
    assert {act for act in acts if not act.startswith("GET")} == set(ACTS) | CHANGES_NO_CASE
    assert not any("skip" in act for act in acts)


@pytest.mark.req("R-ACT-15", "R-STORE-12")
def test_what_is_left_of_a_batch_goes_back_to_the_list(world: World) -> None:
    """A batch that is given back leaves each case at its level, with its time, for anybody to take."""
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    opened = [world.open(robot, risk_tier="low", reversible=True)["id"] for _ in range(2)]
    before = {each: ann.live(each)["due_at"] for each in opened}
    made: Any = ann.send("POST", "/v1/batches", {"like": opened[0], "size": 2})
    assert made.status_code == 201, made.text
    assert ben.get("/v1/handoffs", claimable="true")["items"] == []
    assert ann.send("DELETE", f"/v1/batches/{made.json['id']}").status_code in (200, 204)
    found = {row["id"]: row for row in ben.get("/v1/handoffs", claimable="true")["items"]}
    assert {each: row["due_at"] for each, row in found.items()} == before
    assert {row["reviewer_level"] for row in found.values()} == {1}
