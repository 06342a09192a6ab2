"""What a wrong answer may cost: the number by which cases are served (R-STORE-11)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import isfinite
from types import MappingProxyType
from typing import Final

from companion.core.policy.expressions import Expression, Plan, Unanswered, compile_expression, context_of, plan_of
from companion.core.policy.item import Item

SHARE_BY_TIER: Final[Mapping[str, float]] = MappingProxyType({"low": 0.1, "medium": 0.4, "high": 0.8, "critical": 1.0})
"""How likely a mistake counts as where no risk score was given."""
WEIGHT_BY_TIER: Final[Mapping[str, float]] = MappingProxyType(
    {"low": 1.0, "medium": 10.0, "high": 100.0, "critical": 1_000.0}
)
"""What a mistake counts as where no amount was given."""


@dataclass(frozen=True, slots=True)
class Impact:
    """The formula of a policy, compiled."""

    expression: Expression
    plan: Plan

    @classmethod
    def of(cls, source: str | None) -> "Impact | None":
        """The formula in CEL; None for none. Raises BadExpression."""
        if source is None:
            return None
        expression = compile_expression(source)
        return cls(expression, plan_of(expression.reads))

    def score(self, item: Item, codes: Collection[str]) -> float | None:
        """The number for an item; None where the formula gives none, or one below 0."""
        try:
            number = self.expression.number(context_of(item, codes, self.expression.names, self.plan))
        except Unanswered:
            return None
        return number if isfinite(number) and number >= 0 else None


def impact_of(
    impact: Impact | None, item: Item, codes: Collection[str], risk_score: float | None, risk_tier: str
) -> float:
    """The expected business impact of a case: by the policy's formula, else risk times amount, else by risk tier.

    A formula that has no answer for an item gives way to the rule that always has one: nothing is served last by fault.
    """
    own = impact.score(item, codes) if impact is not None else None
    if own is not None:
        return own
    if item.amount is None:
        return WEIGHT_BY_TIER[risk_tier]
    return item.amount * (SHARE_BY_TIER[risk_tier] if risk_score is None else risk_score)
