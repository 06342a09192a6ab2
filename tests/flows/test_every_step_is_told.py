"""The story of one case, read back by an auditor: who did each step, when, and why (R-ROLE-17)."""

from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from werkzeug.test import TestResponse

from companion.core.times import iso
from tests.application import Agent, World
from tests.desk import GATE, governed, passed, verify

MINUTE_MS: Final = 60_000
DAYS: Final = 7 * 86_400


@dataclass
class Story:
    """What was done to one case, step by step, a minute after the other: kind, who, why, when."""

    world: World
    case_id: str
    steps: list[tuple[str, str, str, str]] = field(default_factory=list)

    def step(self, kind: str, who: str, why: str, done: TestResponse) -> None:
        assert done.status_code == 200, done.text
        self.steps.append((kind, who, why, iso(self.world.clock.now_ms())))
        self.world.clock.advance(MINUTE_MS)

    def told_to(self, reader: Agent) -> None:
        """Every step stands in the history in its order, and nothing else but the opening."""
        history = reader.live(self.case_id)["history"]
        assert [each["type"] for each in history] == ["handoff.opened", *(kind for kind, *_ in self.steps)]
        assert history[0]["by"]["name"] == "n8n"
        for told, (kind, who, why, at) in zip(history[1:], self.steps, strict=True):
            assert (told["by"]["name"], told["at"]) == (who, at), kind
            assert why in told["text"], kind
            assert told["event_id"], kind


def because(words: str) -> dict[str, Any]:
    return {"reason_code": "policy_violation", "rationale": words}


@pytest.mark.req("R-ROLE-17", "R-ROUTE-41")
def test_each_step_names_its_actor_its_time_and_its_reason(world: World) -> None:
    """Sorted, given, asked, answered, checked, handed on, approved twice, taken back: who, when and why of each."""
    governed(world, triage="required", gates=[GATE], actions_needing_reason=["approve", "reject", "modify"])
    tim, vera = world.person("Tim", roles=["triager"]), world.person("Vera", roles=["verifier"])
    olga, ann, ben = world.person("Olga", roles=["owner"]), world.person("Ann"), world.person("Ben")
    auditor = world.person("Ada", roles=["auditor"])
    opened = world.open(world.automation(), workflow_id="tickets", expires_in_s=DAYS, approvals_needed=2)
    path = opened["id"]
    story = Story(world, path)
    checks = passed("invoice/amount", "invoice/payee")

    def seen(who: Agent) -> dict[str, str]:
        return {"If-Match": f'"{who.live(path)["version"]}"'}

    sort = {"category": "refund", **because("It is about money.")}
    story.step(
        "handoff.triaged", "Tim", "It is about money.", tim.send("POST", f"/v1/handoffs/{path}/triage", sort, seen(tim))
    )
    given = {"reviewer_id": ann.id, "rationale": "She knows the payee."}
    story.step("handoff.assigned", "Olga", "She knows the payee.", olga.act(path, "assignee", given, method="PUT"))
    story.step("handoff.claimed", "Ann", "", ann.act(path, "claim", method="PUT"))
    story.step("handoff.question", "Ann", "Which order?", ann.act(path, "questions", {"text": "Which order?"}))
    story.step("handoff.answer", "Olga", "Number 7.", olga.act(path, "answers", {"text": "Number 7."}))
    story.step(
        "handoff.verified",
        "Vera",
        "I called the bank.",
        verify(vera, vera.live(path), checks, rationale="I called the bank."),
    )
    story.step(
        "handoff.escalated", "Ann", "Too much for me.", ann.act(path, "escalations", because("Too much for me."))
    )
    story.step(
        "handoff.first_approval", "Ann", "The sum is right.", ann.decide(ann.live(path), **because("The sum is right."))
    )
    story.step("handoff.decided", "Ben", "I read it too.", ben.decide(ben.live(path), **because("I read it too.")))
    story.step(
        "handoff.rolled_back",
        "Olga",
        "The customer called.",
        olga.act(path, "rollback", because("The customer called.")),
    )
    story.told_to(auditor)
    (verified,) = [each for each in auditor.live(path)["history"] if each["type"] == "handoff.verified"]
    assert [(each["item"], each["result"]) for each in verified["gate_results"]] == [
        ("amount", "pass"),
        ("payee", "pass"),
    ]
