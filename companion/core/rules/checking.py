"""Gates: what must be checked before anything goes on, item by item (R-GATE-01 … R-GATE-12).

An answer counts for the package that it was given on and for the policy of the case, for nothing later. An edit brings
answers to every check along. With two reviews each has gates of its own, except that the second checks an edit of the
first from the beginning; a later gate opens when those before it have passed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from companion.core import commands as c
from companion.core.duties import EMERGENCY_LEVEL, may
from companion.core.events import event
from companion.core.handoff import SYSTEM, Actor, GateResult, Handoff, State, moved
from companion.core.result import Accepted, Refused
from companion.core.rules import clocks
from companion.core.rules.people import known_with, not_this_person, own_case
from companion.core.rules.reasons import unknown_reason
from companion.core.rules.two_reviews import one_is_enough
from companion.core.rules.versions import not_shown
from companion.core.terms import Gate, GateItem

FIELD: Final = "/gate_results"

Place = tuple[str, str]
"""Gate and item."""

Failed = tuple[Gate, GateItem]


def policy_of(handoff: Handoff) -> str:
    """The policy that the case is decided under."""
    return f"{handoff.policy_id}@{handoff.policy_version}"


def gates_now(handoff: Handoff) -> tuple[Gate, ...]:
    """The gates of the review that is on; somebody who decides alone answers all of them."""
    gates, first = handoff.terms.gates, handoff.first_review
    # Of an edit nothing was checked yet: the first's answers are about what they were shown.
    if one_is_enough(handoff) or (first is not None and first.action == "modify"):
        return gates
    review = 1 if first is None else 2
    return tuple(gate for gate in gates if gate.review == review)


def results_now(handoff: Handoff) -> dict[Place, GateResult]:
    """Answers that still count: on this very package, under this very policy."""
    policy = policy_of(handoff)
    return {
        (each.gate, each.item): each
        for each in handoff.gate_results
        if each.package_digest == handoff.package_digest and each.policy_version == policy
    }


def item_result(handoff: Handoff, gate: Gate, item: GateItem, policy_in_force: str | None) -> str | None:
    """How an item stands: as it was answered, or, where Handoff answers it itself, as it is now (R-GATE-11)."""
    if item.check == "policy_version":
        return "pass" if policy_in_force == policy_of(handoff) else "fail"
    found = results_now(handoff).get((gate.id, item.id))
    return None if found is None else found.result


def gate_open(handoff: Handoff, gate: Gate, policy_in_force: str | None) -> bool:
    """Whether a gate may be answered: it belongs to this review, and every gate before it has passed (R-GATE-06)."""
    for each in gates_now(handoff):
        if each.id == gate.id:
            return True
        if not all(item_result(handoff, each, item, policy_in_force) in PASSED for item in each.items):
            return False
    return False


PASSED: Final = ("pass", "not_applicable")


@dataclass(frozen=True, slots=True)
class Checks:
    """The checklist after some answers: what is new, what fails, and what is missing, in words."""

    new: tuple[GateResult, ...]
    failed: tuple[Failed, ...]
    missing: tuple[str, ...]

    def kept(self, handoff: Handoff) -> tuple[GateResult, ...]:
        """All answers of the case: a new one stands in place of an older one to the same item."""
        places = {(each.gate, each.item) for each in self.new}
        return (*(each for each in handoff.gate_results if (each.gate, each.item) not in places), *self.new)


def checked(handoff: Handoff, command: c.Verify | c.Decide, now_ms: int) -> Checks | Refused:
    """Hold answers against the gates of this review."""
    answers = command.answers if isinstance(command, c.Verify) else command.gate_answers
    gates = gates_now(handoff)
    given: dict[Place, c.GateAnswer] = {}
    for answer in answers:
        place = (answer.gate, answer.item)
        if place in given:
            return Refused("gate_answered_twice", "One check is answered twice.", FIELD)
        given[place] = answer
    for answer in answers:
        refused = _unfit(handoff, gates, answer, command.actor, command.evidence)
        if refused is not None:
            return refused
    new, failed, missing = [], [], []
    shut = False
    for gate in gates:
        passes = True
        for item in gate.items:
            result = _result(handoff, command, gate, item, given.get((gate.id, item.id)), now_ms)
            if isinstance(result, GateResult):
                new.append(result)
            word = result.result if isinstance(result, GateResult) else result
            if shut and (gate.id, item.id) in given and item.check != "policy_version":
                return Refused("gate_not_open", f"“{gate.title}” opens when the gates before it have passed.", FIELD)
            passes = passes and word in PASSED
            if word == "fail":
                failed.append((gate, item))
            elif word is None:
                missing.append(f"{gate.title}: {item.title}")
        shut = shut or not passes
    return Checks(tuple(new), tuple(failed), tuple(missing))


def _unfit(
    handoff: Handoff,
    gates: Sequence[Gate],
    answer: c.GateAnswer,
    actor: Actor,
    evidence: Collection[Mapping[str, Any]],
) -> Refused | None:
    """Why an answer cannot be taken, whatever the others say."""
    found = [
        (gate, item)
        for gate in handoff.terms.gates
        for item in gate.items
        if (gate.id, item.id) == (answer.gate, answer.item)
    ]
    if not found:
        return Refused("unknown_gate_item", f"The checks of this case: {_named(handoff)}.", FIELD)
    gate, item = found[0]
    if gate not in gates:
        other = "second" if gate.review == 2 else "first"
        return Refused("gate_not_open", f"“{gate.title}” belongs to the {other} of the two reviews.", FIELD)
    if (refused := _not_theirs(handoff, gate, actor)) is not None:
        return refused
    if answer.result == "not_applicable" and not item.not_applicable:
        return Refused("gate_results_missing", f"“{item.title}” needs pass or fail.", FIELD)
    if item.check == "evidence" and answer.result == "pass" and not (evidence or (answer.note or "").strip()):
        return Refused("evidence_required", f"“{item.title}” needs evidence attached, or a note that names it.", FIELD)
    return None


def _named(handoff: Handoff) -> str:
    """The checks of a case as answers name them: gate and item."""
    return ", ".join(f"{gate.id}/{item.id}" for gate in handoff.terms.gates for item in gate.items) or "none"


def _not_theirs(handoff: Handoff, gate: Gate, actor: Actor) -> Refused | None:
    if (own := own_case(handoff, actor)) is not None:
        # With a rejection as well: what passes here would count for whoever looks at it next.
        return own
    fits = bool(actor.roles & set(gate.roles)) if gate.roles else may(actor.roles, "verify", handoff)
    if fits:
        return None
    return Refused("role_missing", f"“{gate.title}” is answered by: {' or '.join(gate.roles) or 'verifier'}.", FIELD)


def cannot_check_edit(handoff: Handoff, actor: Actor) -> Refused | None:
    """Why somebody cannot edit at all: the edit comes with answers to every check, and one of them is not theirs."""
    for gate in gates_now(handoff):
        if any(item.check != "policy_version" for item in gate.items):
            refused = _not_theirs(handoff, gate, actor)
            if refused is not None:
                return refused
    return None


def _result(
    handoff: Handoff,
    command: c.Verify | c.Decide,
    gate: Gate,
    item: GateItem,
    answer: c.GateAnswer | None,
    now_ms: int,
) -> GateResult | str | None:
    """The new result of an item, or the word that stands."""
    own = item.check == "policy_version"
    stands = item_result(handoff, gate, item, command.policy_in_force)
    if isinstance(command, c.Decide) and command.action == "modify" and not own:
        # Answers that were given before the edit are not about it.
        stands = None
    if own:
        before = results_now(handoff).get((gate.id, item.id))
        if before is not None and before.result == stands:
            return stands
    elif answer is None:
        return stands
    result, note = (stands, None) if own or answer is None else (answer.result, answer.note)
    by = SYSTEM if own else command.actor
    assert result is not None
    return GateResult(
        gate=gate.id,
        item=item.id,
        result=result,  # type: ignore[arg-type]
        note=note,
        by_id=by.id,
        by_name=by.name,
        at_ms=now_ms,
        policy_version=policy_of(handoff),
        package_digest=handoff.package_digest,
        reason_code=command.reason_code if result == "fail" else None,
    )


def told(results: Iterable[GateResult]) -> list[dict[str, Any]]:
    """Answers as an event holds them: each with its person, time, policy and reason code (R-GATE-10)."""
    return [asdict(each) for each in results]


def blocked(checks: Checks) -> Refused | None:
    """Why the output may not go on: a check failed, or was not answered (R-GATE-03, R-GATE-04)."""
    if checks.failed:
        titles = ", ".join(f"“{item.title}”" for _, item in checks.failed)
        return Refused("gate_failed", f"This did not pass: {titles}. Send the case back instead.", FIELD)
    if checks.missing:
        return Refused("gate_results_missing", f"Answer every check first: {'; '.join(checks.missing)}.", FIELD)
    return None


def verify(handoff: Handoff, command: c.Verify, now_ms: int) -> Accepted | Refused:
    """Answers without a decision. What fails goes up a level or back to triage, and nothing goes on."""
    if (refused := not_this_person(handoff, "verify", command.actor, now_ms)) is not None:
        return refused
    if (refused := not_shown(handoff, command.expected_version, command.package_digest)) is not None:
        return refused
    checks = checked(handoff, command, now_ms)
    if isinstance(checks, Refused):
        return checks
    sent, unsent = _sent_and_not(checks)
    if not command.answers and not unsent:
        if sent:
            return _sent_already(handoff, sent)
        return Refused("gate_results_missing", "Answer at least one check of this review.", FIELD)
    if (unknown := unknown_reason(handoff.terms, command.reason_code)) is not None:
        return unknown
    if any(item.check != "policy_version" for _, item in unsent) and command.reason_code is None:
        return Refused("reason_code_required", "Say with a reason code why the check failed.", "/reason_code")
    if unsent:
        return _sent_back(handoff, command, checks, now_ms)
    after = moved(handoff, gate_results=checks.kept(handoff))
    happened = event(
        command.event_id,
        "handoff.verified",
        after,
        command.actor,
        now_ms,
        reason_code=command.reason_code,
        justification=command.rationale,
        details=_details(command, checks),
    )
    return Accepted(after, (happened,))


def _sent_and_not(checks: Checks) -> tuple[list[Failed], list[Failed]]:
    """What failed, in two: failures that sent the case up before, and those that do so now.

    Without it each press would raise the case once more for the same failure, up to whoever is on call. The rules' own
    check is always of now: it goes back to triage, where nobody verifies.
    """
    new = {(each.gate, each.item) for each in checks.new}
    sent: list[Failed] = []
    unsent: list[Failed] = []
    for gate, item in checks.failed:
        is_new = (gate.id, item.id) in new or item.check == "policy_version"
        (unsent if is_new else sent).append((gate, item))
    return sent, unsent


def _sent_already(handoff: Handoff, sent: Sequence[Failed]) -> Refused:
    gate, item = sent[0]
    by = results_now(handoff)[(gate.id, item.id)].by_name
    said = f"{by} failed “{item.title}” already, and the case was sent on for it."
    return Refused("gate_failure_sent", f"{said} Answer that check anew, reject the case, or hand it on.", FIELD)


def _details(command: c.Verify, checks: Checks) -> dict[str, Any]:
    evidence = {"evidence": [dict(entry) for entry in command.evidence]} if command.evidence else {}
    return {"gate_results": told(checks.new), **evidence}


def _failed_as_second(handoff: Handoff, actor: Actor) -> tuple[str, ...]:
    """With whoever fails a check as second reviewer: the second opinion on this output is another's (R-GATE-12)."""
    blind = handoff.terms.second_review_blind and may(actor.roles, "decide", handoff)
    if handoff.first_review is None or not blind:
        return handoff.failed_as_second
    return tuple(dict.fromkeys((*handoff.failed_as_second, actor.id)))


def _approved_before(handoff: Handoff) -> tuple[str, ...]:
    first = () if handoff.first_review is None else (handoff.first_review.by_id,)
    return tuple(dict.fromkeys((*handoff.approved_before, *first)))


def _sent_back(handoff: Handoff, command: c.Verify, checks: Checks, now_ms: int) -> Accepted:
    """A check failed: up a level, or back to triage where the gate says so, the policy changed, or nobody is above."""
    to_triage = handoff.reviewer_level >= EMERGENCY_LEVEL or any(
        gate.on_failure == "triage" or item.check == "policy_version" for gate, item in checks.failed
    )
    kept = replace(
        clocks.resumed(handoff, now_ms),
        gate_results=checks.kept(handoff),
        first_review=None,
        claim=None,
        failed_as_second=_failed_as_second(handoff, command.actor),
        approved_before=_approved_before(handoff),
    )
    if to_triage:
        noted = known_with(handoff, command.actor)
        after, words = moved(kept, state=State.PENDING, stage="triage", mailboxes=noted), "triage"
    else:
        to = clocks.handed_to(kept, clocks.one_up(kept), None, now_ms, command.actor, state=State.PENDING)
        after, words = to.after, to.words
    happened = event(
        command.event_id,
        "handoff.gate_failed",
        after,
        command.actor,
        now_ms,
        reason_code=command.reason_code,
        justification=command.rationale,
        to_actor=words,
        details=_details(command, checks),
    )
    return Accepted(after, (happened,), (clocks.NO_LEASE, *clocks.timers_on_move(handoff, after)))
