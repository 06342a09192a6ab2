"""What an operator can move without writing a document: each number with its sentence (R-ROUTE-06, R-ROLE-13)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from companion.core.policy.checks import value_at
from companion.core.policy.library import library_document
from companion.core.policy.merging import effective_of
from companion.core.policy.ready import CompiledPolicy

Kind = Literal["share", "minutes", "count", "choice"]


@dataclass(frozen=True, slots=True)
class Setting:
    """A number of the policy as a person reads it. Shares are kept from 0 to 1 and shown in percent."""

    path: str
    sentence: str
    label: str
    help: str
    kind: Kind
    unit: str = ""
    min: float | None = None
    max: float | None = None
    step: float | None = None
    options: tuple[tuple[str, str], ...] = ()


def _share(path: str, sentence: str, label: str, help_: str, unit: str = "%") -> Setting:
    return Setting(path, sentence, label, help_, "share", unit, 0, 1, 0.01)


def _minutes(path: str, sentence: str, label: str, help_: str) -> Setting:
    return Setting(path, sentence, label, help_, "minutes", "minutes", 1, 365 * 24 * 60, 5)


SETTINGS: Final = (
    _share(
        "thresholds.review_below_confidence",
        "Ask a person when the model is less than {value} sure.",
        "Ask a person below",
        "Items below this wait for a person; the workflow goes on meanwhile.",
    ),
    _share(
        "confidence_gate",
        "Ask a person when the model is less than {value} sure.",
        "Ask a person below",
        "The one number that decides whether a person is asked, wherever the workflow asks Handoff (node Handoff "
        "Router). A workflow that compares by itself has a number of its own.",
    ),
    _share(
        "thresholds.synchronous_below_confidence",
        "Wait for the person when the model is less than {value} sure.",
        "Wait below",
        "Below this the workflow stands still until a person has decided.",
    ),
    _share(
        "thresholds.review_above_risk",
        "Ask a person when the risk is above {value}.",
        "Ask a person above risk",
        "The risk goes from 0 to 1.",
        "",
    ),
    _share(
        "thresholds.synchronous_from_risk",
        "Wait for the person when the risk is {value} or more.",
        "Wait from risk",
        "From this risk on the workflow stands still until a person has decided.",
        "",
    ),
    _share(
        "score_bands.review_from",
        "Let a person look at it when the score is {value} or more.",
        "Review from score",
        "Below this it goes through.",
        "",
    ),
    _share(
        "score_bands.synchronous_from",
        "Wait for the person when the score is {value} or more.",
        "Wait from score",
        "From here on the review cannot wait.",
        "",
    ),
    _share(
        "score_bands.block_above",
        "Block it when the score is above {value}.",
        "Block above score",
        "Blocked without a person; a sample is looked at.",
        "",
    ),
    Setting(
        "high_risk_variant",
        "At high risk {value}.",
        "High risk",
        "Who begins with an item of high risk.",
        "choice",
        options=(("synchronous", "a reviewer decides at once"), ("escalate", "a senior reviewer decides at once")),
    ),
    Setting(
        "limits.prompt_characters",
        "Ask a person when the prompt has more than {value} characters.",
        "Longest ordinary prompt",
        "Unusually long input is often an attempt to confuse the model.",
        "count",
        "characters",
        1,
        10_000_000,
        1_000,
    ),
    _share(
        "sampling.rate",
        "Look at {value} of what went through by itself.",
        "Sample",
        "Picked by lot; the same item is always picked or never.",
    ),
    _share(
        "sampling.near_threshold.rate",
        "Look at {value} of what nearly went to a person.",
        "Sample near a threshold",
        "Items close to a threshold teach most.",
    ),
    _share(
        "sampling.near_threshold.width",
        "An item is near a threshold within {value} of it.",
        "Near a threshold",
        "How close is close.",
        "",
    ),
    _share(
        "sampling.raised.drift",
        "Look at {value} while the model drifts.",
        "Sample during drift",
        "Holds until the drift has ended.",
    ),
    _share(
        "sampling.raised.new_data",
        "Look at {value} while the data is new.",
        "Sample with new data",
        "Holds while items look unlike those before.",
    ),
    _share(
        "sampling.raised.policy_change",
        "Look at {value} after the policy changed.",
        "Sample after a change",
        "Holds for a while after each change of the rules.",
    ),
    Setting(
        "sampling.due_business_days",
        "A sampled item is looked at within {value} business days.",
        "Sample due",
        "Late reviews are shown; nothing waits for them.",
        "count",
        "business days",
        1,
        60,
        1,
    ),
    _minutes(
        "sla.acknowledge_minutes",
        "Somebody takes a case within {value} minutes.",
        "Taken within",
        "Counted from the opening of the case.",
    ),
    _minutes(
        "sla.complete_minutes",
        "A case is decided within {value} minutes.",
        "Decided within",
        "For cases that the workflow does not wait for.",
    ),
    _minutes(
        "sla.synchronous_minutes",
        "A case that the workflow waits for is decided within {value} minutes.",
        "Decided within, when the workflow waits",
        "High risk has half an hour by default.",
    ),
    _minutes(
        "sla.second_review_minutes",
        "The second reviewer has decided within {value} minutes.",
        "Second review within",
        "Counted from the opening of the case.",
    ),
    _minutes(
        "sla.escalate_minutes",
        "An undecided case of high risk moves up after {value} minutes.",
        "Moves up after",
        "It moves to the next level of reviewers.",
    ),
    _minutes(
        "sla.resolve_minutes",
        "A stopped line is resolved within {value} minutes.",
        "Resolved within",
        "Counted by the wall clock, at night too.",
    ),
    Setting(
        "undo_window_s",
        "A decision can be taken back for {value} seconds.",
        "Undo within",
        "The workflow is told only when this time is over; 0 tells it at once.",
        "count",
        "seconds",
        0,
        3600,
        5,
    ),
    _share(
        "confidence_bands.green_from",
        "The confidence badge is green from {value}.",
        "Green from",
        "A colour and a word for the eye; it decides nothing.",
    ),
    _share(
        "confidence_bands.yellow_from",
        "The confidence badge is yellow from {value}.",
        "Yellow from",
        "Below this it is red.",
    ),
)
"""In the order of the page."""

LABELS: Final[Mapping[str, str]] = {setting.path: setting.label for setting in SETTINGS}


def operator_settings(policy: CompiledPolicy) -> list[dict[str, Any]]:
    """The numbers of this policy that can be moved; those that do not apply to it are left out.

    `default` is what the policy inherits, `bounds` what governance allowed beforehand.
    """
    inherited = library_document(policy.inherits) if policy.inherits else None
    parent = effective_of(inherited, library_document) if inherited else policy.effective
    shown = []
    for setting in SETTINGS:
        value = value_at(policy.effective, setting.path)
        if value is None or _replaced(setting.path, policy.effective):
            continue
        shown.append(
            {
                "path": setting.path,
                "sentence": setting.sentence,
                "label": setting.label,
                "help": setting.help,
                "unit": setting.unit,
                "kind": setting.kind,
                "min": setting.min,
                "max": setting.max,
                "step": setting.step,
                "value": value,
                "default": value_at(parent, setting.path),
                "bounds": policy.effective["bounds"].get(setting.path),
                "options": [{"value": option, "label": label} for option, label in setting.options],
            }
        )
    return shown


def _replaced(path: str, effective: Mapping[str, Any]) -> bool:
    """Whether another number stands in its place: the gate for the threshold, the bands for the risks."""
    if path == "thresholds.review_below_confidence":
        return effective["confidence_gate"] is not None
    return path in _RISKS and effective["score_bands"] is not None


_RISKS: Final = frozenset({"thresholds.review_above_risk", "thresholds.synchronous_from_risk"})
