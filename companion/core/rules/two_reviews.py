"""Two reviews of one case: what the first gave, what a third settles after them, and what stays unread (R-GATE-12)."""

from companion.core.handoff import Disagreement, FirstReview, GateResult, Handoff


def disagreed_on(handoff: Handoff) -> tuple[Disagreement, ...]:
    """The disagreements that are about the case as it is now; what was changed since is another question.

    Without the first's answers to the form, as in records of an earlier version, nobody could agree to these.
    """
    return tuple(
        each
        for each in handoff.disagreements
        if each.package_digest == handoff.package_digest and (each.first is not None or handoff.response_form is None)
    )


def one_is_enough(handoff: Handoff) -> bool:
    """Whether the next approval settles the case: one was asked for, or two disagreed on this (R-GATE-15)."""
    return handoff.approvals_needed < 2 or bool(disagreed_on(handoff))


def first_given(handoff: Handoff) -> FirstReview | None:
    """The approval that the next one agrees to: that of the first of two, or of the first of two who disagreed.

    What was filled in with it is agreed to as it stands. Else the words of a third would be seen by nobody else.
    """
    if handoff.first_review is not None:
        return handoff.first_review
    return next((each.first for each in reversed(disagreed_on(handoff))), None)


def kept_back(handoff: Handoff) -> frozenset[str]:
    """Whose words about this output are for nobody who may give the second review of it; empty where nobody's are.

    That of the first, and of whoever approved it first before a check failed, until the outcome stands: a second
    approval that can still be undone may be given anew, by its author or by anybody who read meanwhile.
    """
    stands = handoff.settled or one_is_enough(handoff) or not handoff.terms.second_review_blind
    first = () if handoff.first_review is None else (handoff.first_review.by_id,)
    return frozenset() if stands else frozenset((*first, *handoff.approved_before))


def without_the_second(handoff: Handoff) -> tuple[GateResult, ...]:
    """The answers to checks as they count once the first of two approved: none yet to those of the second review.

    Where one approval was enough before, whoever gave the first may have answered these as well.
    """
    of_second = {gate.id for gate in handoff.terms.gates if gate.review == 2}
    return tuple(each for each in handoff.gate_results if each.gate not in of_second)
