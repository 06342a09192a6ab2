"""What the router looks at: one item of a workflow, as far as rules can ask about it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from math import isfinite
from typing import Any, Final, Literal, cast

ModelError = Literal["none", "error", "timeout"]

CONFIDENCE_KINDS: Final = ("probability", "calibrated", "self_reported", "heuristic")
"""What the model's confidence is (R-ROUTE-02): a class probability, a calibrated one (a temperature-adjusted logit
among them), the model's own word, or a rule of thumb."""

TEXTS: Final = ("item_id", "task_id", "title", "priority", "domain", "category", "requester", "intent", "action")
SHOWN_ONLY: Final = (
    "question", "approve_label", "instructions", "threshold", "impact", "urgency", "rationale", "features",
    "counterfactuals", "evidence", "response_form", "display", "attachments", "allow_edit", "approvals_needed",
    "expires_in_s", "callback_url", "callback_expects", "source", "time_sensitive", "sla_feasible",
)  # fmt: skip
"""Members of an opening that no rule asks about."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item. What is absent is None; what was sent but cannot be used is None and named in `faults`."""

    workflow_id: str
    item_id: str | None = None
    task_id: str | None = None
    title: str | None = None
    request: Any = None
    model_output: Any = None
    confidence: float | None = None
    confidence_kind: str | None = None
    risk_score: float | None = None
    risk_tier: str | None = None
    service_tier: int | None = None
    priority: str | None = None
    domain: str | None = None
    category: str | None = None
    requester: str | None = None
    intent: str | None = None
    action: str | None = None
    reversible: bool | None = None
    flags: tuple[str, ...] = ()
    model_error: ModelError = "none"
    prompt_characters: int | None = None
    amount: float | None = None
    """What is at stake, in the workflow's own currency (R-STORE-11)."""
    model_name: str | None = None
    model_version: str | None = None
    sources: tuple[str, ...] = ()
    """Names of the data sources that the model used."""
    harms: tuple[str, ...] = ()
    """Kinds of harm that the workflow predicts of a wrong decision (R-ROUTE-12)."""
    faults: tuple[str, ...] = ()
    """`field:cause` of each value that cannot be used; causes: not_finite, out_of_range, wrong_type, unknown."""

    @classmethod
    def from_fields(cls, given: Mapping[str, Any]) -> "Item":
        """Read the members of an opening body and of `POST /v1/routes`; others are passed over.

        Never raises for a bad value: the router sends such an item to a person, with the cause (R-ROUTE-14, X-33).
        """
        faults: list[str] = []
        model = given.get("model")
        model = model if isinstance(model, Mapping) else {}
        error = given.get("model_error")
        if error not in (None, "none", "error", "timeout"):
            faults.append("model_error:unknown")
            error = "error"
        tier = given.get("risk_tier")
        if tier not in (None, "low", "medium", "high", "critical"):
            faults.append("risk_tier:unknown")
            tier = None
        # Before the call: its arguments are read from left to right, and `faults` would miss these.
        texts = {name: _text(given, name, faults) for name in TEXTS}
        return cls(
            **texts,
            workflow_id=given["workflow_id"],
            request=given.get("request"),
            model_output=given.get("model_output"),
            confidence=_share(given, "confidence", faults),
            confidence_kind=_text(given, "confidence_kind", faults),
            risk_score=_share(given, "risk_score", faults),
            risk_tier=tier,
            service_tier=_count(given, "service_tier", 1, 3, faults),
            reversible=_reversible(given, faults),
            flags=_names(given, "flags", None, faults),
            model_error=cast("ModelError", error or "none"),
            prompt_characters=_count(given, "prompt_characters", 0, 2**53 - 1, faults),
            amount=_amount(given, faults),
            model_name=_text(model, "name", faults),
            model_version=_text(model, "version", faults),
            sources=_names(given, "sources", "name", faults),
            harms=_names(given, "harms", "kind", faults),
            faults=tuple(faults),
        )

    def record(self) -> dict[str, Any]:
        """As plain JSON, without what is absent; `from_record` gives the same item."""
        kept = ((name, getattr(self, name)) for name in _FIELDS)
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in kept if value not in (None, ())
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Item":
        """The item that `record` was made of."""
        members: dict[str, Any] = {name: tuple(value) if name in _LISTS else value for name, value in record.items()}
        return cls(**members)

    def without_payload(self) -> "Item":
        """The same item without request and output."""
        return replace(self, request=None, model_output=None)


_FIELDS: Final = tuple(field.name for field in fields(Item))
_LISTS: Final = frozenset({"flags", "sources", "harms", "faults"})
READ_FIELDS: Final = frozenset(_FIELDS) - {"model_name", "model_version", "faults"} | {"model", "action_reversible"}
"""What `from_fields` reads."""
KNOWN_FIELDS: Final = READ_FIELDS | frozenset(SHOWN_ONLY)
"""Every member that an opening or a routed item may have."""


def _share(given: Mapping[str, Any], name: str, faults: list[str]) -> float | None:
    """A number from 0 to 1, both included."""
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        faults.append(f"{name}:wrong_type")
    elif not isfinite(value):
        faults.append(f"{name}:not_finite")
    elif not 0 <= value <= 1:
        faults.append(f"{name}:out_of_range")
    else:
        return float(value)
    return None


def _amount(given: Mapping[str, Any], faults: list[str]) -> float | None:
    """A number from 0 up."""
    value = given.get("amount")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        faults.append("amount:wrong_type")
    elif not isfinite(value):
        faults.append("amount:not_finite")
    elif value < 0:
        faults.append("amount:out_of_range")
    else:
        return float(value)
    return None


def _count(given: Mapping[str, Any], name: str, low: int, high: int, faults: list[str]) -> int | None:
    """A whole number within limits."""
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        faults.append(f"{name}:wrong_type")
    elif not low <= value <= high:
        faults.append(f"{name}:out_of_range")
    else:
        return value
    return None


def _text(given: Mapping[str, Any], name: str, faults: list[str]) -> str | None:
    """A text; the empty one is none."""
    value = given.get(name)
    if value is None or isinstance(value, str):
        return value or None
    faults.append(f"{name}:wrong_type")
    return None


def _reversible(given: Mapping[str, Any], faults: list[str]) -> bool | None:
    """Whether the action can be undone; of two answers the careful one."""
    answers = []
    for name in ("reversible", "action_reversible"):
        value = given.get(name)
        if isinstance(value, bool):
            answers.append(value)
        elif value is not None:
            faults.append(f"{name}:wrong_type")
    return all(answers) if answers else None


def _names(given: Mapping[str, Any], name: str, member: str | None, faults: list[str]) -> tuple[str, ...]:
    """A list of texts, or of objects of which one member is a text; each once, in the order given."""
    values = given.get(name)
    if not values:
        return ()
    if not isinstance(values, list | tuple):
        faults.append(f"{name}:wrong_type")
        return ()
    texts = [value.get(member) if member and isinstance(value, Mapping) else value for value in values]
    if not all(isinstance(text, str) for text in texts):
        faults.append(f"{name}:wrong_type")
    return tuple(dict.fromkeys(text for text in texts if isinstance(text, str)))
