"""Gates: nothing goes on before every check of the review has passed, on this package and under this policy."""

from dataclasses import replace
from typing import Any

import pytest

from companion.core import commands as c
from companion.core.decide import Accepted, decide, hindrance
from companion.core.handoff import SYSTEM, GateResult, Handoff, State
from companion.core.package import Package
from companion.core.rules.checking import gate_open, gates_now, item_result, results_now
from companion.core.terms import Gate, GateItem
from tests.unit.core.cases import (
    ANN,
    BEN,
    EVENT_ID,
    NOW_MS,
    OLGA,
    REASON,
    ROBOT,
    VERA,
    accepted,
    edited,
    follow_up,
    handoff_in,
    refused,
    sorted_,
    verdict,
    verified,
)

FIVE = ("evidence", "classification", "prohibited", "entity", "safe")
BECAUSE: dict[str, Any] = {"reason_code": "insufficient_evidence"}


def gate(name: str, *items: str, **more: Any) -> Gate:
    return Gate(name, name.title(), tuple(GateItem(item, item.title(), f"{item} holds.") for item in items), **more)


def with_gates(*gates: Gate, state: State = State.PENDING, **fields: Any) -> tuple[Handoff, Package]:
    handoff, package = handoff_in(state, **fields)
    return replace(handoff, terms=replace(handoff.terms, gates=gates)), package


def answers(name: str, *items: str, result: Any = "pass") -> tuple[c.GateAnswer, ...]:
    return tuple(c.GateAnswer(name, item, result) for item in items)


def in_force(handoff: Handoff) -> str:
    return f"{handoff.policy_id}@{handoff.policy_version}"


# Every item, explicitly


@pytest.mark.req("R-GATE-01", "R-GATE-04", "R-GATE-09")
@pytest.mark.parametrize("failing", FIVE)
def test_each_check_can_fail_on_its_own(failing: str) -> None:
    """One fail among five blocks approving, and sends the case up a level; nothing went on."""
    handoff, package = with_gates(gate("default", *FIVE))
    given = tuple(c.GateAnswer("default", item, "fail" if item == failing else "pass") for item in FIVE)
    assert refused(handoff, verdict(handoff, gate_answers=given)) == "gate_failed"
    assert refused(handoff, replace(edited(handoff, package, "Edited."), gate_answers=given)) == "gate_failed"
    came = accepted(handoff, verified(handoff, *given, **BECAUSE))
    assert (came.handoff.state, came.handoff.reviewer_level, came.settles) == (State.PENDING, 2, False)
    assert came.handoff.decision is None
    assert came.events[0]["event_type"] == "handoff.gate_failed"
    results = {each["item"]: each["result"] for each in came.events[0]["details"]["gate_results"]}
    assert results == {item: "fail" if item == failing else "pass" for item in FIVE}


@pytest.mark.req("R-GATE-03", "R-GATE-09")
@pytest.mark.parametrize("missing", [*FIVE, None])
def test_an_item_without_an_answer_blocks_approving(missing: str | None) -> None:
    """Each needs an explicit pass or fail; the refusal names what is missing. Rejecting needs none."""
    handoff, package = with_gates(gate("default", *FIVE))
    given = answers("default", *(item for item in FIVE if item != missing))
    came = decide(handoff, verdict(handoff, gate_answers=given), NOW_MS + 1_000)
    if missing is None:
        assert isinstance(came, Accepted)
        assert came.handoff.approved
        return
    assert not isinstance(came, Accepted)
    assert (came.code, came.field) == ("gate_results_missing", "/gate_results")
    assert missing.title() in came.detail
    edit = replace(edited(handoff, package, "Edited."), gate_answers=given)
    assert refused(handoff, edit) == "gate_results_missing"
    assert accepted(handoff, verdict(handoff, "reject")).settles


@pytest.mark.req("R-GATE-02")
def test_not_applicable_is_an_answer_where_the_gate_says_so() -> None:
    """User-facing language can be “not applicable”; whether evidence is attached cannot."""
    items = (GateItem("evidence", "Evidence", "…"), GateItem("language", "Language", "…", not_applicable=True))
    handoff, _ = with_gates(Gate("checklist", "Checklist", items))
    fine = (*answers("checklist", "evidence"), *answers("checklist", "language", result="not_applicable"))
    assert accepted(handoff, verdict(handoff, gate_answers=fine)).settles
    evaded = (*answers("checklist", "evidence", result="not_applicable"), *answers("checklist", "language"))
    assert refused(handoff, verdict(handoff, gate_answers=evaded)) == "gate_results_missing"


@pytest.mark.req("R-GATE-02")
def test_a_check_of_evidence_wants_to_see_some() -> None:
    """Passing it takes something attached, or a note that names where it is."""
    handoff, _ = with_gates(Gate("g", "G", (GateItem("evidence", "Evidence", "…", "evidence"),)))
    bare = answers("g", "evidence")
    assert refused(handoff, verdict(handoff, gate_answers=bare)) == "evidence_required"
    shown = ({"title": "Order 7", "text": "Delivered."},)
    assert accepted(handoff, verdict(handoff, gate_answers=bare, evidence=shown)).settles
    noted = (replace(bare[0], note="Ticket 7"),)
    assert accepted(handoff, verdict(handoff, gate_answers=noted)).settles


def test_answers_that_no_gate_asks_for_are_refused() -> None:
    """Unknown items, an item answered twice, and an empty verification are each refused by name."""
    handoff, _ = with_gates(gate("g", "a", "b"))
    assert refused(handoff, verified(handoff, c.GateAnswer("g", "c", "pass"))) == "unknown_gate_item"
    assert refused(handoff, verified(handoff, c.GateAnswer("h", "a", "pass"))) == "unknown_gate_item"
    twice = (c.GateAnswer("g", "a", "pass"), c.GateAnswer("g", "a", "fail"))
    assert refused(handoff, verified(handoff, *twice)) == "gate_answered_twice"
    assert refused(handoff, verified(handoff)) == "gate_results_missing"
    assert refused(handoff, verdict(handoff, "reject", gate_answers=twice)) == "gate_answered_twice"


# Verifying beforehand


@pytest.mark.req("R-ROLE-01", "R-GATE-09", "R-GATE-10")
def test_what_a_verifier_passed_need_not_be_answered_again() -> None:
    """Each answer keeps who, when, policy version and package; the approver then approves with one click."""
    handoff, _ = with_gates(gate("g", "a", "b"))
    half = accepted(handoff, verified(handoff, *answers("g", "a"))).handoff
    assert half.version == handoff.version + 1
    assert refused(half, verdict(half)) == "gate_results_missing"
    whole = accepted(half, verified(half, *answers("g", "b")), NOW_MS + 2_000)
    assert whole.events[0]["event_type"] == "handoff.verified"
    assert accepted(whole.handoff, verdict(whole.handoff)).settles
    kept = whole.handoff.gate_results[1]
    assert (kept.by_id, kept.at_ms, kept.policy_version, kept.package_digest, kept.result) == (
        VERA.id, NOW_MS + 2_000, in_force(handoff), handoff.package_digest, "pass",
    )  # fmt: skip


@pytest.mark.req("R-GATE-10")
def test_an_answer_stands_in_place_of_an_older_one_to_the_same_item() -> None:
    """The case shows the newest; the older one stays in the events."""
    handoff, _ = with_gates(gate("g", "a"))
    failed = accepted(handoff, verified(handoff, *answers("g", "a", result="fail"), **BECAUSE)).handoff
    assert refused(failed, verdict(failed)) == "gate_failed", "what failed is not forgotten by moving up"
    mended = accepted(failed, verified(failed, *answers("g", "a"), actor=BEN)).handoff
    assert [(each.item, each.result, each.by_id) for each in mended.gate_results] == [("a", "pass", BEN.id)]
    assert failed.gate_results[0].reason_code == "insufficient_evidence"
    assert accepted(mended, verdict(mended)).settles


@pytest.mark.req("R-GATE-10", "R-CTX-03")
@pytest.mark.parametrize("how", ["answer", "revise"])
def test_an_answer_for_an_older_package_counts_for_nothing(how: str) -> None:
    """Another package makes every check open again; on the old digest nobody can verify any more."""
    handoff, package = with_gates(gate("g", "a"))
    checked = accepted(handoff, verified(handoff, *answers("g", "a"))).handoff
    if how == "answer":
        asked = accepted(checked, c.Ask(ANN, EVENT_ID, "Which?")).handoff
        given: c.Command = c.Answer(OLGA, EVENT_ID, "This.", follow_up(asked, package, request={"order": 7}))
        newer = accepted(asked, given).handoff
    else:
        given = c.Revise(ROBOT, EVENT_ID, checked.version, follow_up(checked, package, model_output="New."))
        newer = accepted(checked, given).handoff
    assert results_now(newer) == {}
    assert refused(newer, verdict(newer)) == "gate_results_missing"
    late = verified(newer, *answers("g", "a"), package_digest=checked.package_digest)
    assert refused(newer, late) == "package_digest_mismatch"
    assert refused(newer, verified(newer, *answers("g", "a"), expected_version=1)) == "version_stale"


def test_an_edit_is_not_offered_to_whoever_cannot_check_it() -> None:
    """It comes with answers to every check; somebody who may not answer one of them cannot give it."""
    handoff, _ = with_gates(replace(gate("g", "a"), roles=("verifier",)))
    found = hindrance(handoff, "modify", ANN, NOW_MS + 1_000)
    assert found is not None
    assert found.code == "role_missing"
    assert hindrance(handoff, "approve", ANN, NOW_MS + 1_000) is None
    assert hindrance(handoff, "modify", replace(ANN, roles=ANN.roles | {"verifier"}), NOW_MS + 1_000) is None


def test_a_failed_check_needs_a_reason_code() -> None:
    """A known one; what passed needs none."""
    handoff, _ = with_gates(gate("g", "a"))
    fail = answers("g", "a", result="fail")
    assert refused(handoff, verified(handoff, *fail)) == "reason_code_required"
    assert refused(handoff, verified(handoff, *fail, reason_code="because")) == "unknown_reason_code"


# Order


@pytest.mark.req("R-GATE-06", "R-GATE-07", "R-GATE-08")
def test_the_second_gate_opens_when_the_first_has_passed() -> None:
    """Answered before, it is refused; both in one go is the first and then the second."""
    handoff, _ = with_gates(gate("facts", "a"), gate("tone", "b"))
    facts, tone = handoff.terms.gates
    assert (gate_open(handoff, facts, None), gate_open(handoff, tone, None)) == (True, False)
    assert refused(handoff, verified(handoff, *answers("tone", "b"))) == "gate_not_open"
    failing = (*answers("facts", "a", result="fail"), *answers("tone", "b"))
    assert refused(handoff, verified(handoff, *failing, **BECAUSE)) == "gate_not_open"
    first = accepted(handoff, verified(handoff, *answers("facts", "a"))).handoff
    assert gate_open(first, tone, None)
    assert accepted(first, verified(first, *answers("tone", "b")))
    both = (*answers("facts", "a"), *answers("tone", "b"))
    assert accepted(handoff, verdict(handoff, gate_answers=both)).settles


@pytest.mark.req("R-GATE-17")
def test_a_queues_own_gate_is_not_passed_by_the_usual_one() -> None:
    """An identity-related case cannot pass with only the default gate's items answered."""
    handoff, _ = with_gates(gate("default", *FIVE), gate("identity", "called_back", "second_factor"))
    usual = answers("default", *FIVE)
    assert refused(handoff, verdict(handoff, gate_answers=usual)) == "gate_results_missing"
    all_ = (*usual, *answers("identity", "called_back", "second_factor"))
    assert accepted(handoff, verdict(handoff, gate_answers=all_)).settles


# Who


@pytest.mark.req("R-ROLE-01", "R-GATE-10")
def test_a_gate_can_be_of_one_role_only() -> None:
    """Where it names roles, nobody else answers it, an approver neither; their approval then waits for it."""
    handoff, _ = with_gates(gate("legal", "a", roles=("owner",)))
    for who in (VERA, ANN):
        assert refused(handoff, verified(handoff, *answers("legal", "a"), actor=who)) == "role_missing"
    assert refused(handoff, verdict(handoff, gate_answers=answers("legal", "a"))) == "role_missing"
    assert refused(handoff, verdict(handoff)) == "gate_results_missing"
    done = accepted(handoff, verified(handoff, *answers("legal", "a"), actor=OLGA)).handoff
    assert accepted(done, verdict(done)).settles


# What fails


@pytest.mark.req("R-GATE-04")
@pytest.mark.parametrize(
    ("level", "on_failure", "stage", "to_level"),
    [
        (1, "escalate", "review", 2),
        (3, "escalate", "review", 4),
        (4, "escalate", "triage", 4),
        (1, "triage", "triage", 1),
    ],
)
@pytest.mark.parametrize("state", [State.PENDING, State.AWAITING_INFORMATION, State.AWAITING_SECOND_REVIEW])
def test_a_failed_check_sends_the_case_up_or_back(
    state: State, level: int, on_failure: Any, stage: str, to_level: int
) -> None:
    """Up a level, or back to triage as the gate says, and back to triage where nobody is above; claims and a first
    approval end with it."""
    review: Any = 2 if state is State.AWAITING_SECOND_REVIEW else 1
    handoff, _ = with_gates(gate("g", "a", on_failure=on_failure, review=review), state=state)
    handoff = replace(handoff, reviewer_level=level)
    came = accepted(handoff, verified(handoff, *answers("g", "a", result="fail"), **BECAUSE))
    after = came.handoff
    assert (after.state, after.stage, after.reviewer_level) == (State.PENDING, stage, to_level)
    assert (after.claim, after.first_review, after.question_open, after.decision) == (None, None, None, None)
    assert came.events[0]["reason_code"] == "insufficient_evidence"
    if stage == "triage":
        assert refused(after, verdict(after, gate_answers=answers("g", "a"))) == "triage_first"


@pytest.mark.req("R-GATE-04", "R-GATE-10")
def test_a_failure_goes_up_once_and_its_next_reviewer_may_judge_it_anew() -> None:
    """Sent up already, it is refused a second time and says who sent it; a new answer to it counts, either way."""
    handoff, _ = with_gates(gate("g", "a", "b"))
    up = accepted(handoff, verified(handoff, *answers("g", "a", result="fail"), **BECAUSE)).handoff
    again = decide(up, verified(up, actor=BEN, **BECAUSE), NOW_MS + 2_000)
    assert not isinstance(again, Accepted)
    assert again.code == "gate_failure_sent"
    said = f"{VERA.name} failed “A” already, and the case was sent on for it."
    assert again.detail == f"{said} Answer that check anew, reject the case, or hand it on."
    beside = accepted(up, verified(up, *answers("g", "b"), actor=BEN))
    assert (beside.events[0]["event_type"], beside.handoff.reviewer_level) == ("handoff.verified", 2)
    agreed = accepted(up, verified(up, *answers("g", "a", result="fail"), actor=BEN, **BECAUSE))
    assert (agreed.events[0]["event_type"], agreed.handoff.reviewer_level) == ("handoff.gate_failed", 3)
    overruled = accepted(up, verified(up, *answers("g", "a", "b"), actor=BEN))
    assert (overruled.events[0]["event_type"], overruled.handoff.reviewer_level) == ("handoff.verified", 2)
    assert accepted(overruled.handoff, verdict(overruled.handoff)).settles


# The policy itself


VERSION = Gate("policy", "Policy", (GateItem("version", "Version", "Still in force.", "policy_version"),))


@pytest.mark.req("R-GATE-11")
def test_the_policy_version_is_checked_by_handoff_itself() -> None:
    """While the policy is the same it passes, by nobody's hand; what a person says of it makes no difference."""
    handoff, _ = with_gates(VERSION)
    now = in_force(handoff)
    assert item_result(handoff, VERSION, VERSION.items[0], now) == "pass"
    done = accepted(handoff, verdict(handoff, policy_in_force=now))
    assert done.settles
    assert [(each.by_id, each.result) for each in done.handoff.gate_results] == [(SYSTEM.id, "pass")]
    for stale in (f"{handoff.policy_id}@99", None):
        lied = verdict(handoff, policy_in_force=stale, gate_answers=answers("policy", "version"))
        assert refused(handoff, lied) == "gate_failed"


@pytest.mark.req("R-GATE-11")
def test_a_policy_that_changed_in_between_sends_the_case_back_to_triage() -> None:
    """Verifying finds it, with no reason code; sorted anew, the case is decided under the policy in force."""
    handoff, _ = with_gates(VERSION, gate("g", "a"))
    handoff = accepted(handoff, verified(handoff, *answers("g", "a"))).handoff
    came = accepted(handoff, verified(handoff, policy_in_force=f"{handoff.policy_id}@99"))
    assert (came.handoff.stage, came.handoff.reviewer_level) == ("triage", 1)
    assert came.events[0]["details"]["gate_results"][0]["result"] == "fail"
    sorted_again = accepted(came.handoff, sorted_(came.handoff, policy_version=99)).handoff
    assert results_now(sorted_again) == {}, "checks under the old policy say nothing about the new one"
    given = verdict(sorted_again, policy_in_force=in_force(sorted_again), gate_answers=answers("g", "a"))
    assert accepted(sorted_again, given).settles


@pytest.mark.req("R-GATE-11")
def test_a_policy_that_passed_is_asked_again_at_the_approval() -> None:
    """Between check and approval it can change; then the approval is refused."""
    handoff, _ = with_gates(VERSION, gate("g", "a"))
    assert refused(handoff, verified(handoff)) == "gate_results_missing", "nothing failed, and nobody answered anything"
    checked = accepted(handoff, verified(handoff, *answers("g", "a"))).handoff
    assert {each.item: each.result for each in checked.gate_results} == {"version": "pass", "a": "pass"}
    assert accepted(checked, verdict(checked, policy_in_force=in_force(handoff))).settles
    assert refused(checked, verdict(checked, policy_in_force=f"{handoff.policy_id}@2099")) == "gate_failed"


# Two reviews


@pytest.mark.req("R-GATE-12", "R-ROLE-07")
def test_the_two_reviews_have_checklists_and_people_of_their_own() -> None:
    """The first checks completeness, the second judgment; neither answers the other's, and nobody does both."""
    handoff, _ = with_gates(gate("complete", "a"), gate("judgment", "b", review=2), approvals_needed=2)
    assert [each.id for each in gates_now(handoff)] == ["complete"]
    early = verified(handoff, *answers("judgment", "b"))
    assert refused(handoff, early) == "gate_not_open"
    first = accepted(handoff, verdict(handoff, gate_answers=answers("complete", "a"))).handoff
    assert [each.id for each in gates_now(first)] == ["judgment"]
    assert refused(first, verdict(first, actor=BEN)) == "gate_results_missing"
    assert refused(first, verified(first, *answers("complete", "a"), actor=BEN)) == "gate_not_open"
    own = verified(first, *answers("judgment", "b"), actor=ANN)
    assert refused(first, own) == "second_reviewer_must_differ"
    assert accepted(first, verdict(first, actor=BEN, gate_answers=answers("judgment", "b"))).settles


@pytest.mark.req("R-GATE-12")
def test_somebody_who_decides_alone_answers_every_gate() -> None:
    """Gates of a second review are not lost where one review is enough."""
    handoff, _ = with_gates(gate("complete", "a"), gate("judgment", "b", review=2))
    assert refused(handoff, verdict(handoff, gate_answers=answers("complete", "a"))) == "gate_results_missing"
    both = (*answers("complete", "a"), *answers("judgment", "b"))
    assert accepted(handoff, verdict(handoff, gate_answers=both)).settles


@pytest.mark.req("R-GATE-10", "R-AUD-01")
def test_the_events_of_a_case_hold_every_answer_ever_given() -> None:
    """Item by item, with reviewer, time, policy version and reason code, from verifications and decisions alike."""
    handoff, _ = with_gates(gate("g", "a", "b"))
    first = accepted(handoff, verified(handoff, *answers("g", "a", result="fail"), **BECAUSE))
    given = answers("g", "a", "b")
    last = accepted(first.handoff, verdict(first.handoff, gate_answers=given), NOW_MS + 9_000)
    told = [each for came in (first, last) for each in came.events[0]["details"]["gate_results"]]
    assert [(each["item"], each["result"], each["by_id"], each["reason_code"]) for each in told] == [
        ("a", "fail", VERA.id, "insufficient_evidence"), ("a", "pass", ANN.id, None), ("b", "pass", ANN.id, None),
    ]  # fmt: skip
    assert {each["policy_version"] for each in told} == {in_force(handoff)}
    assert set(told[0]) == set(GateResult.__dataclass_fields__)
    rejected = accepted(handoff, verdict(handoff, "reject", gate_answers=answers("g", "a", result="fail")))
    assert rejected.events[0]["details"]["gate_results"][0]["reason_code"] == REASON["reason_code"]
