"""What is gathered about one item on its way through the stages."""

from companion.core.policy.expressions import Unanswered, context_of
from companion.core.policy.item import Item
from companion.core.policy.ready import CompiledPolicy, ReadyRule
from companion.core.policy.signals import BUSINESS_RULE, WORKFLOW, Signal
from companion.core.policy.trace import Reason, Stage
from companion.core.policy.vocabulary import STRICTNESS


class Case:
    """The state of one evaluation; lives no longer than it."""

    __slots__ = (
        "codes", "decided_by", "failed", "faulty", "fired", "item", "level", "marks", "opinions", "policy", "reasons",
        "risk", "risk_source", "route", "specialist", "trace",
    )  # fmt: skip

    def __init__(self, policy: CompiledPolicy, item: Item, signals: tuple[Signal, ...]) -> None:
        self.policy = policy
        self.item = item
        self.marks = _marks(item, signals)
        self.codes = list(dict.fromkeys([mark.code for mark in self.marks]))
        self.route = "auto_commit"
        self.level = 1
        self.specialist = False
        self.trace: list[Stage] = []
        self.reasons: list[Reason] = []
        self.opinions: list[Signal] = []
        self.decided_by: tuple[str, str, str] | None = None
        self.fired: list[ReadyRule] = []
        self.failed: list[str] = []
        self.risk = item.risk_score
        self.risk_source = "missing" if item.risk_score is None else "given"
        self.faulty = {fault.partition(":")[0] for fault in item.faults}
        if policy.rules or (self.risk is None and policy.risk_signals):
            self._ask()

    def raise_to(self, route: str, stage: str, code: str, source: str) -> None:
        """Go up to `route`; never down."""
        if STRICTNESS[route] > STRICTNESS[self.route]:
            self.route = route
            self.decided_by = (stage, code, source)

    def _ask(self) -> None:
        """Ask every rule, and add up a risk that nobody gave (R-ROUTE-13)."""
        policy, context = self.policy, None
        if policy.names:
            try:
                context = context_of(self.item, self.codes, policy.names, policy.plan)
            except Unanswered:
                self.failed = [_untold(rule) for rule in policy.rules]
        if not self.failed:
            for rule in policy.rules:
                try:
                    if rule.condition.holds(context):
                        self.fired.append(rule)
                except Unanswered:
                    self.failed.append(_untold(rule))
        if self.risk is None and policy.numbers.bands is None and "risk_score" not in self.faulty:
            # A score that was sent and cannot be used is not replaced by a harmless one.
            self._add_up(context)

    def _add_up(self, context: object) -> None:
        if not self.policy.risk_signals:
            return
        total = 0.0
        for signal in self.policy.risk_signals:
            if signal.condition is None:
                holds = signal.flag in self.codes
            else:
                try:
                    holds = signal.condition.holds(context)
                except Unanswered:
                    self.failed.append("The risk could not be added up, so a person decides.")
                    continue
                if holds and "flags" not in signal.condition.names:
                    self.opinions.append(Signal(signal.id, BUSINESS_RULE, "", f"risk_signals/{signal.id}"))
            total += signal.weight if holds else 0.0
        # Rounded, for 0.1 + 0.2 is above 0.3 only to a machine.
        self.risk = min(1.0, round(total, 6))
        self.risk_source = "computed"


def _untold(rule: ReadyRule) -> str:
    return f"It could not be told whether this holds, so a person decides: “{rule.words}”"


def _marks(item: Item, signals: tuple[Signal, ...]) -> tuple[Signal, ...]:
    """The workflow's marks and the detectors', none of them twice."""
    if not item.flags:
        return tuple(dict.fromkeys(signals)) if signals else ()
    own = [Signal(flag, WORKFLOW, "", "/flags") for flag in item.flags]
    return tuple(dict.fromkeys([*own, *signals]))
