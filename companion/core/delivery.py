"""What one attempt at a callback means, and what comes next (rows W2, W3; contract "Callback").

The decision must reach the workflow once. So an attempt that may have arrived is remembered: when the receiver later
says that it no longer waits, that is no failure but an arrival without a receipt.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from companion.core.canonical import Limits, MalformedJson, parse_strict

Expects = Literal["2xx", "acknowledgement"]
Transport = Literal["answered", "not_allowed", "not_sent", "timed_out", "lost"]

_SECOND_MS: Final = 1000
_MINUTE_MS: Final = 60 * _SECOND_MS
_HOUR_MS: Final = 60 * _MINUTE_MS

SCHEDULE_MS: Final = (
    0, 5 * _SECOND_MS, 5 * _MINUTE_MS, 30 * _MINUTE_MS,
    *(hours * _HOUR_MS for hours in (2, 5, 10, 14, 20, 24)),
)  # fmt: skip
"""The pause before each attempt, after the one before it (row W2; Standard Webhooks 1.0)."""

STILL_RUNNING_MS: Final = (1 * _SECOND_MS, 2 * _SECOND_MS, 5 * _SECOND_MS, 10 * _SECOND_MS)
"""A person can be quicker than n8n parks its execution; these come before the usual schedule and count for nothing."""

JITTER: Final = 0.1
_LONGEST_MS: Final = 24 * _HOUR_MS
_MAYBE_ARRIVED: Final = frozenset({"conflict", "server_error", "timed_out", "lost", "unconfirmed"})
"""Codes of attempts that the receiver may have taken; the last is what a round of them ended with."""

_ANSWER_LIMITS: Final = Limits(body_bytes=16 * 1024, depth=8, values=200, string_chars=8 * 1024)
_DETAIL_CHARS: Final = 200


@dataclass(frozen=True, slots=True)
class Attempt:
    """What happened on the wire. `detail` never holds a URL's query or a body; `body_excerpt` is not for storing.

    `outcome` other than "answered" says how far it came; `status_code` can be set beside it, when the first line of the
    answer arrived but not all of it.
    """

    status_code: int | None
    outcome: Transport
    retry_after_s: int | None
    body_excerpt: str = field(repr=False)
    detail: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver has it."""

    code: str = "delivered"


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again after `after_ms`; `code` and `cause` say why it did not work this time."""

    after_ms: int
    code: str
    cause: str


@dataclass(frozen=True, slots=True)
class Failed:
    """It did not arrive and will not by itself; a person is told the cause and can send it again."""

    code: str
    cause: str


@dataclass(frozen=True, slots=True)
class Uncertain:
    """It probably arrived, but the receipt was lost, and asking again cannot tell."""

    code: str
    cause: str


Verdict = Delivered | Retry | Failed | Uncertain


def classify(
    expects: Expects, webhook_id: str, attempt_number: int, attempt: Attempt, earlier: Sequence[str], jitter: float
) -> Verdict:
    """Judge one attempt.

    `earlier` holds the `code` of each attempt before it, oldest first; `attempt_number` is 1 for the first since the
    delivery was made or last sent again by hand; `jitter` lies in [0, 1).
    """
    code, cause = _judged(expects, webhook_id, attempt)
    if code == "delivered" or (code == "no_longer_waiting" and "delivered" in earlier):
        # Sent again by hand after it was taken: that nobody waits any more is what the first arrival led to.
        return Delivered()
    if code in _RETRIED:
        this_round = earlier[max(0, len(earlier) - attempt_number + 1) :]
        after_ms = _pause_ms(code, attempt_number, this_round.count("running"))
        if after_ms is not None:
            spread_ms = round(after_ms * (1 - JITTER + 2 * JITTER * jitter))
            asked_ms = min((attempt.retry_after_s or 0) * _SECOND_MS, _LONGEST_MS)
            return Retry(max(spread_ms, asked_ms), code, cause)
        cause = f"{cause} It was tried {attempt_number} times over three days."
    if _MAYBE_ARRIVED.intersection([*earlier, code]):
        return Uncertain(
            "unconfirmed",
            "An earlier attempt may have reached the workflow, but its receipt was lost. Look into the execution to "
            f"see whether it went on. Last answer: {cause}",
        )
    return Failed(code, cause)


def _pause_ms(code: str, attempt_number: int, running_before: int) -> int | None:
    """How long to wait before the next attempt, None when there is none left."""
    quick = len(STILL_RUNNING_MS)
    if code == "running" and running_before < quick:
        return STILL_RUNNING_MS[running_before]
    made = attempt_number - min(running_before, quick)
    return SCHEDULE_MS[made] if made < len(SCHEDULE_MS) else None


def _judged(expects: Expects, webhook_id: str, attempt: Attempt) -> tuple[str, str]:
    """A stable code, and the cause in words that an operator of n8n understands."""
    status = attempt.status_code
    arrived = status is not None and 200 <= status <= 299
    if arrived and expects == "2xx" and attempt.outcome in ("timed_out", "lost"):
        return "delivered", ""
    if attempt.outcome == "not_allowed":
        return "not_allowed", attempt.detail
    if attempt.outcome == "not_sent":
        return "not_sent", f"The receiver cannot be reached. {attempt.detail}"
    if attempt.outcome != "answered" or status is None:
        code = "timed_out" if attempt.outcome == "timed_out" else "lost"
        return code, _CAUSES[code]
    answer = _answer(attempt.body_excerpt)
    refused = answer.get("handoff_refused")
    if isinstance(refused, str) and status < 500:
        return (
            "refused",
            f"The workflow refused the decision ({_plain(refused)}). {_plain(answer.get('detail'))}".strip(),
        )
    if arrived:
        acknowledged = expects == "2xx" or answer.get("handoff_ack") == webhook_id
        code = "delivered" if acknowledged else "no_longer_waiting"
    elif status == 409:
        message = str(answer.get("message"))
        code = "running" if message.endswith("is running already.") else "conflict"
        if message.endswith(("has finished already.", "has finished with error.")):
            code = "no_longer_waiting"
    else:
        code = _BY_STATUS.get(status) or _BY_CLASS.get(status // 100, "rejected")
    return code, f"{_CAUSES[code]} (HTTP {status})" if code in _CAUSES else ""


def _answer(body: str) -> dict[str, object]:
    """The JSON object that was answered; an empty one for anything else."""
    try:
        value = parse_strict(body.encode(errors="replace"), _ANSWER_LIMITS)
    except MalformedJson:
        return {}
    return value if isinstance(value, dict) else {}


def _plain(text: object) -> str:
    """A receiver's words, short and on one line: they end up before people's eyes and in logs."""
    words = text if isinstance(text, str) else ""
    return "".join(letter if letter.isprintable() else " " for letter in words[:_DETAIL_CHARS])


_RETRIED: Final = frozenset({"running", "not_sent", "throttled", *_MAYBE_ARRIVED})
_BY_STATUS: Final = {
    401: "unauthorized", 404: "not_found", 408: "server_error", 410: "gone", 425: "throttled", 429: "throttled",
}  # fmt: skip
_BY_CLASS: Final = {3: "redirected", 5: "server_error"}
_CAUSES: Final = {
    "conflict": "The receiver is busy with this execution.",
    "gone": "The receiver wants no more callbacks at this address.",
    "lost": "The connection broke before the receiver answered.",
    "no_longer_waiting": "The workflow no longer waits for this decision: its execution was stopped, has ended, or was "
    "answered in another way.",
    "not_found": "The receiver does not know this execution: it was deleted, or the address leads to another n8n.",
    "redirected": "The address sends us elsewhere, and callbacks follow no redirects. Set n8n's public webhook address "
    "to the final one.",
    "rejected": "The receiver does not accept this callback.",
    "running": "The workflow has not stopped to wait yet.",
    "server_error": "The receiver had a problem of its own.",
    "throttled": "The receiver asks for fewer requests.",
    "timed_out": "The receiver did not answer in time.",
    "unauthorized": "The receiver does not accept the link that it gave us: n8n's encryption key or public address "
    "changed while the workflow waited.",
}
