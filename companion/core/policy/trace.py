"""The trace: which stages an item went through, what each compared, and what it said (R-ROUTE-16, R-ROUTE-17)."""

from dataclasses import dataclass
from typing import Any, Final

from companion.core.policy.signals import Signal

STAGES: Final = ("stop_the_line", "hard_block", "forced_review", "pre_escalation", "bands", "sampling")
"""In this order, each once in every trace; `pause` stands before `sampling` where one is on."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A number of the item beside a number of the policy."""

    name: str
    value: float
    op: str
    threshold: float

    def document(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"name": self.name, "value": self.value, "op": self.op, "threshold": self.threshold}


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: what came out, the route so far, and the sentence that a person reads."""

    stage: str
    outcome: str
    route: str
    words: str
    compared: tuple[Compared, ...] = ()
    signals: tuple[Signal, ...] = ()

    def document(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "stage": self.stage,
            "outcome": self.outcome,
            "route": self.route,
            "words": self.words,
            "compared": [one.document() for one in self.compared],
            "signals": [one.document() for one in self.signals],
        }


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a person is asked: `kind` of confidence, exception, policy, out_of_scope (R-ROUTE-01).

    `rank` orders them as triage asks: 0 the model, 1 the business's rules, 2 the context (R-ROUTE-16). `condition` is
    one of threshold, sensitive, out_of_policy (R-ROUTE-35).
    """

    kind: str
    code: str
    text: str
    rank: int
    condition: str
    source: str

    def document(self) -> dict[str, str]:
        """As a stop reason of a package."""
        return {"kind": self.kind, "code": self.code, "text": self.text}


CLEAR: Final = {
    "stop_the_line": Stage("stop_the_line", "clear", "auto_commit", "Nothing asks to stop the line."),
    "hard_block": Stage("hard_block", "clear", "auto_commit", "No rule forbids it."),
    "forced_review": Stage("forced_review", "clear", "auto_commit", "No mark, rule or limit asks for a person."),
}
"""What the first stages say of an ordinary item; made once, for they are said of nearly every one."""


def settled(stage: str, route: str) -> Stage:
    """A stage that is not looked at, because the route is the strictest already."""
    return Stage(stage, "not_reached", route, "Not looked at: that was settled before.")
