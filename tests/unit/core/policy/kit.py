"""What the tests of the router share: policies made of the default, and items that would go through."""

from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from companion.core.policy.compiled import CompiledPolicy, compile_policy
from companion.core.policy.evaluate import Evaluation, evaluate
from companion.core.policy.item import Item
from companion.core.policy.presets import FLAGS, compiled_preset
from companion.core.policy.sampling import SamplingState
from companion.core.policy.signals import Signal

KEY = b"a key of the tests"
DEFAULT = compiled_preset("default")
OWNER = {"name": "Ada", "contact": "ada@example.com"}
CALM = SamplingState()
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For properties: on a busy machine an example may take long, and that says nothing about the promise."""


def document(**changes: Any) -> dict[str, Any]:
    """A document of the smallest kind, with `changes`."""
    return {"schema_version": 1, "workflow_id": "tickets", "owner": OWNER, **changes}


def policy(**changes: Any) -> CompiledPolicy:
    """The default policy with `changes`, as version 1."""
    return compile_policy(document(**changes), 1)


def rule(when: str, **changes: Any) -> dict[str, Any]:
    """A rule that asks for a person."""
    return {"id": "r", "stage": "forced_review", "when": when, "words": "The rule says so.", **changes}


def item(**fields: Any) -> Item:
    """An item that goes through under the default policy, with `fields`."""
    calm = {"workflow_id": "tickets", "item_id": "1", "confidence": 0.99, "risk_score": 0.0, "reversible": True}
    return Item.from_fields({**calm, **fields})


def routed(
    under: CompiledPolicy = DEFAULT, signals: Iterable[Signal] = (), state: SamplingState = CALM, **fields: Any
) -> Evaluation:
    """What happens to such an item."""
    return evaluate(under, item(**fields), signals, sampling=state, sampling_key=KEY)


def stage(evaluation: Evaluation, name: str) -> Mapping[str, Any]:
    """One stage of the trace, as plain JSON."""
    (found,) = [stage.document() for stage in evaluation.trace if stage.stage == name]
    return found


def codes(evaluation: Evaluation) -> set[str]:
    """The codes of all reasons."""
    return {reason["code"] for reason in evaluation.reasons}


SHARES = st.floats(0, 1) | st.sampled_from([0.0, 0.599, 0.6, 0.61, 0.7, 0.78, 0.849, 0.85, 0.9, 0.95, 1.0])
"""From 0 to 1, and the edges of the articles more often than chance would have it."""

STRANGE = st.sampled_from([float("nan"), float("inf"), -float("inf"), -0.1, 1.1, "0.9", True, [], {}])
"""What is sent as a score and is none."""

FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "item_id": st.text(max_size=8),
        "confidence": st.none() | SHARES | STRANGE,
        "risk_score": st.none() | SHARES | STRANGE,
        "risk_tier": st.sampled_from(["low", "medium", "high", "critical", "unheard-of"]),
        "service_tier": st.integers(0, 4),
        "reversible": st.none() | st.booleans(),
        "action_reversible": st.none() | st.booleans() | st.just("yes"),
        "flags": st.lists(st.sampled_from([*FLAGS, "of_our_own"]), max_size=4),
        "category": st.sampled_from(["billing", "identity", "password_reset", "refund"]),
        "intent": st.sampled_from(["refund", "account_lockout", "other"]),
        "action": st.sampled_from(["reply", "hold_account", "place_order"]),
        "domain": st.sampled_from(["support", "finance", "somewhere else"]),
        "model_error": st.sampled_from(["none", "error", "timeout", "?"]),
        "prompt_characters": st.integers(-1, 60_000),
        "harms": st.lists(st.fixed_dictionaries({"kind": st.sampled_from(["financial_loss", "other"])}), max_size=2),
        "sources": st.lists(st.fixed_dictionaries({"name": st.sampled_from(["crm", "web"])}), max_size=2),
        "request": st.dictionaries(
            st.sampled_from(["amount", "text", "lines"]), st.integers(-(10**6), 10**6) | st.text(max_size=5)
        ),
    },
)
"""Members of an item, the sensible and the other kind."""

ITEMS = FIELDS.map(lambda fields: Item.from_fields({"workflow_id": "tickets", **fields}))

SIGNALS = st.lists(
    st.builds(
        Signal,
        st.sampled_from([*FLAGS, "of_our_own"]),
        st.sampled_from(["workflow", "detector:pii", "detector:secrets", "context"]),
    ),
    max_size=3,
)
STATES = st.builds(
    SamplingState, st.frozensets(st.sampled_from(["drift", "new_data", "policy_change", "unheard-of"])), st.booleans()
)
