"""Somebody wants to be two people, or nobody, or to be asked less than the case asks: each is answered as one person.

One story a test: what is tried at the desk, and what comes of it.
"""

from typing import Any, Final

import pytest

from companion.identity.base import DirectoryProblem
from tests.application import BECAUSE, Agent, World, problem
from tests.desk import GATE, ask, governed, passed, verify

SECOND_LOOK: Final[dict[str, Any]] = {
    "id": "look",
    "title": "Second look",
    "review": 2,
    "items": [{"id": "sum", "title": "Sum", "criterion": "The sum equals the invoice's", "check": "pass_fail"}],
}
QUEUES: Final[dict[str, Any]] = {
    "pay": {"title": "Pay", "skills": ["cash"], "categories": ["payment"]},
    "other": {"title": "Other", "skills": [], "categories": ["other"]},
}


def triage(by: Agent, live: Any, **said: Any) -> Any:
    return by.send("POST", f"/v1/handoffs/{live['id']}/triage", said, {"If-Match": f'"{live["version"]}"'})


def fail(by: Agent, handoff_id: str, place: str) -> Any:
    """A check of the case as it stands now that does not pass."""
    return verify(by, by.live(handoff_id), passed(place, result="fail"), **BECAUSE)


# Deciding what one should not


@pytest.mark.req("R-ACT-10", "R-ROLE-10")
def test_answering_ones_own_question_moves_no_rule_out_of_the_way(world: World) -> None:
    """A rule compares output with request: who may edit only within it cannot replace the request by an answer."""
    rule = {"id": "much", "stage": "hard_block", "words": "Pays more than was asked for.",
            "when": "has(model_output.pay) && has(request.pay) && model_output.pay > request.pay"}  # fmt: skip
    governed(world, rules=[rule])
    robot, ann = world.automation(), world.person("Ann")
    case = ask(world, robot, request={"pay": 10.0}, model_output={"pay": 10.0})
    much = {"pay": 99999.0}
    problem(ann.decide(ann.live(case["id"]), "modify", edited_output=much), 422, "edit_refused_by_policy")
    ann.act(case["id"], "questions", {"text": "Is that all?"})
    answer = {"text": "See the request.", "request": much}
    problem(ann.act(case["id"], "answers", answer), 422, "invalid_field", "/request")
    assert ann.act(case["id"], "answers", {"text": "It is all."}).status_code == 200
    problem(ann.decide(ann.live(case["id"]), "modify", edited_output=much), 422, "edit_refused_by_policy")


@pytest.mark.req("R-ROLE-02")
def test_failing_checks_is_no_way_to_make_an_emergency_of_ones_own(world: World) -> None:
    """Whoever decides in emergencies only, and carries a case up to one by failing its checks, does not decide it."""
    governed(world, gates=[GATE])
    robot, dora = world.automation(), world.person("Dora", roles=["on_call", "verifier"])
    case = ask(world, robot)
    for _ in range(3):
        assert fail(dora, case["id"], "invoice/amount").status_code == 200
    live = dora.live(case["id"])
    assert live["reviewer_level"] == 4
    checks = passed("invoice/amount", "invoice/payee")
    problem(dora.decide(live, gate_results=checks), 403, "role_missing")
    mara = world.person("Mara", roles=["on_call"])
    assert mara.decide(live, gate_results=checks).status_code == 200


@pytest.mark.req("R-ROLE-06")
@pytest.mark.parametrize("said", [{"category": "other"}, {"category": "payment", "queue": "other"}])
def test_whoever_sorts_a_case_to_where_less_is_asked_does_not_approve_it(world: World, said: dict[str, str]) -> None:
    """By another topic or by another queue: training and checks that it had before were asked for by somebody."""
    gate = {**GATE, "queues": ["pay"]}
    governed(world, triage="required", queues=QUEUES, gates=[gate])
    robot = world.automation()
    lex, ann = world.person("Lex", roles=["approver", "triager"], skills=["cash"]), world.person("Ann")
    case = ask(world, robot, category="payment")
    sorted_ = triage(lex, lex.live(case["id"]), **said)
    assert sorted_.json["queue"] == "other", sorted_.text
    problem(lex.decide(lex.live(case["id"])), 403, "triager_cannot_approve")
    assert ann.decide(ann.live(case["id"])).status_code == 200


@pytest.mark.req("R-ROLE-06")
def test_whoever_sorts_a_case_to_where_as_much_is_asked_may_approve_it(world: World) -> None:
    """Of a case that is no high risk, sorting alone takes no right away."""
    governed(world, triage="required", queues=QUEUES)
    robot, lex = world.automation(), world.person("Lex", roles=["approver", "triager"], skills=["cash"])
    case = ask(world, robot, category="payment")
    assert triage(lex, lex.live(case["id"]), category="payment").status_code == 200
    assert lex.decide(lex.live(case["id"])).status_code == 200


# Being two people


def account(world: World, name: str, email: str, *roles: str) -> Agent:
    """Somebody with this address, past whatever the directory checks: as one whom an older Handoff took in."""
    person = world.person(name, roles=list(roles or ("approver",)))
    directory = world.services.directory
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(directory, "_check", lambda *_: None)
        directory.change_reviewer(person.id, {"email": email})
    return person


@pytest.mark.req("R-ROLE-07", "R-GATE-12")
@pytest.mark.parametrize("written", ["zoe+shop@example.com", "ｚoe@example.com", "zoe@example.com"])
def test_two_accounts_of_one_mailbox_are_one_reviewer(world: World, written: str) -> None:
    """A second mailbox, wide letters, or removed and added again: still the person who gave the first approval."""
    governed(world)
    robot, zoe, ben = world.automation(), world.person("Zoe"), world.person("Ben")
    case = ask(world, robot, approvals_needed=2)
    assert zoe.decide(zoe.live(case["id"])).status_code == 200
    world.services.directory.remove_reviewer(zoe.id)
    again = account(world, "Zoe Again", written)
    problem(again.decide(again.live(case["id"])), 403, "second_reviewer_must_differ")
    assert ben.decide(ben.live(case["id"])).json["state"] == "approved"


@pytest.mark.req("R-ROLE-07")
@pytest.mark.parametrize("written", ["zoe+shop@example.com", "ｚoe@example.com", "Zoe@Example.com"])
def test_one_mailbox_has_one_account(world: World, written: str) -> None:
    """Whoever adds people is told whose address it is; neither adding nor changing somebody makes a second account."""
    directory = world.services.directory
    zoe, ben = world.reviewer("Zoe"), world.reviewer("Ben")
    with pytest.raises(DirectoryProblem, match="Zoe has the address"):
        directory.add_reviewer("Zoe Again", written)
    with pytest.raises(DirectoryProblem, match="Zoe has the address"):
        directory.change_reviewer(ben.id, {"email": written})
    assert directory.change_reviewer(zoe.id, {"email": written}).email == written
    assert {each.email for each in (directory.add_reviewer(f"No {n}", None)[0] for n in (1, 2))} == {None}


@pytest.mark.req("R-ROLE-06")
def test_the_other_account_of_a_triager_approves_no_high_risk(world: World) -> None:
    """Sorting with one account and approving with the other is one person's doing."""
    governed(world, triage="required")
    robot, yan = world.automation(), world.person("Yan", roles=["triager"])
    other = account(world, "Yan2", "yan+x@example.com")
    case = ask(world, robot, risk_tier="high")
    assert triage(yan, yan.live(case["id"])).status_code == 200
    problem(other.decide(other.live(case["id"])), 403, "triager_cannot_approve")


@pytest.mark.req("R-GATE-15", "R-ROLE-07")
def test_the_other_account_of_one_of_two_who_disagreed_is_no_third(world: World) -> None:
    """A third settles it, who is neither of the two under another address."""
    governed(world)
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    case = ask(world, robot, approvals_needed=2)
    ann.decide(ann.live(case["id"]))
    ben.decide(ben.live(case["id"]), "reject")
    for written in ("ann+2@example.com", "BEN+2@example.com"):
        other = account(world, f"Other {written}", written)
        problem(other.decide(other.live(case["id"])), 403, "already_reviewed")


# Having asked for it


ADDRESS: Final = "ann@example.com"
SPELLINGS: Final = (
    "Ann [ann@example.com]", "Ann ann@example.com", "ann@example.com / tickets", "ann(x)@example.com",
    '"ann"@example.com', "ann@example.com|crm", "mailto:ann@example.com?subject=x", "acct:ann@example.com",
    "ann@example.com:user", "ann%40example.com", "https://crm/ann@example.com", "ann＠example.com",
    "ann@example.com\u3164", "ann@ex\u034fample.com",
)  # fmt: skip


@pytest.mark.req("R-ROLE-06")
@pytest.mark.parametrize("written", SPELLINGS)
def test_the_address_of_whoever_asked_is_found_wherever_it_stands(world: World, written: str) -> None:
    """In brackets, in a link, percent-encoded, beside a label, or with signs that nobody sees."""
    governed(world)
    robot, ann = world.automation(), world.person("Ann")
    case = ask(world, robot, requester=written)
    problem(ann.decide(ann.live(case["id"])), 403, "self_approval")


@pytest.mark.req("R-ROLE-06")
def test_a_name_in_front_of_another_address_bars_nobody(world: World) -> None:
    """The sender of a mail writes what they like in front of their address; they do not choose who decides by it."""
    governed(world)
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    written = '"ann@example.com, Ben" <mallory@example.org>'
    case, other = (ask(world, robot, requester=written) for _ in range(2))
    problem(ann.decide(ann.live(case["id"])), 403, "self_approval")
    assert ann.decide(ann.live(case["id"]), "reject").json["state"] == "rejected"
    assert ben.decide(ben.live(other["id"])).json["state"] == "approved"


@pytest.mark.req("R-ROLE-06", "R-GATE-10")
def test_whoever_asked_passes_no_check_by_rejecting(world: World) -> None:
    """A rejection is safe, and brings no answers along that would count for the next reviewer."""
    governed(world, gates=[GATE])
    robot, ann = world.automation(), world.person("Ann")
    case = ask(world, robot, requester=ADDRESS)
    checks = passed("invoice/amount", "invoice/payee")
    problem(ann.decide(ann.live(case["id"]), "reject", gate_results=checks), 403, "self_approval")


@pytest.mark.req("R-ROLE-06")
def test_whoever_asked_does_not_hold_their_case(world: World) -> None:
    """They could keep it from those who may approve it."""
    governed(world)
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    case = ask(world, robot, requester=ADDRESS)
    problem(ann.act(case["id"], "claim", method="PUT"), 403, "self_approval")
    assert ben.decide(ben.live(case["id"])).status_code == 200


# Edits


RAISE: Final[dict[str, Any]] = {
    "queues": {"legal": {"title": "Legal", "skills": ["law"], "categories": []},
               "open": {"title": "Open", "skills": [], "categories": ["note"]}},
    "rules": [{"id": "big", "stage": "forced_review", "queue": "legal", "reviewer_level": 3,
               "words": "A large sum goes to Legal.", "when": "has(model_output.pay) && model_output.pay > 1000.0"}],
}  # fmt: skip
SMALL: Final[dict[str, Any]] = {"category": "note", "model_output": {"pay": 1.0}}
BIG: Final = {"pay": 99999.0}


@pytest.mark.req("R-ROUTE-34", "R-GATE-18")
def test_an_edit_to_what_specialists_decide_is_theirs_to_make(world: World) -> None:
    """Opened so, the rules would have asked for a training: who lacks it does not edit it in."""
    governed(world, **RAISE)
    robot, ann, lea = world.automation(), world.person("Ann"), world.person("Lea", skills=["law"])
    case = ask(world, robot, **SMALL)
    checked = ann.act(case["id"], "edit-checks", {"edited_output": BIG}).json
    assert (checked["allowed"], "law" in (checked["refused"] or "")) == (False, True), checked
    problem(ann.decide(ann.live(case["id"]), "modify", edited_output=BIG), 403, "skill_missing", "/edited_output")
    assert world.stored(case["id"]).state.value == "pending"
    assert lea.decide(lea.live(case["id"]), "modify", edited_output=BIG).json["state"] == "modified"


@pytest.mark.req("R-ROLE-07", "R-GATE-12", "R-GATE-06")
def test_an_edit_to_what_two_decide_is_the_first_of_two(world: World) -> None:
    """Where the edited output would have come with a checklist, a second person answers it before anything goes on."""
    rule = {"id": "big", "stage": "forced_review", "queue": "pay", "words": "A large sum.",
            "when": "has(model_output.pay) && model_output.pay > 1000.0"}  # fmt: skip
    gate = {**GATE, "queues": ["pay"]}
    queues = {"pay": {"title": "Pay", "skills": [], "categories": []},
              "open": {"title": "Open", "skills": [], "categories": ["note"]}}  # fmt: skip
    governed(world, queues=queues, gates=[gate], rules=[rule])
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    case = ask(world, robot, **SMALL)
    edited = ann.decide(ann.live(case["id"]), "modify", edited_output=BIG)
    assert edited.json["state"] == "awaiting_second_review", edited.text
    live = ben.live(case["id"])
    problem(ben.decide(live), 422, "gate_results_missing")
    done = ben.decide(live, gate_results=passed("invoice/amount", "invoice/payee")).json
    assert (done["state"], done["output"]) == ("modified", BIG)


@pytest.mark.req("R-ACT-01", "R-ACT-03")
def test_an_edit_that_outlives_a_failed_check_is_recorded_as_one(world: World) -> None:
    """What was edited by a person and approved by two others was not approved as the model wrote it."""
    governed(world, gates=[SECOND_LOOK])
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    case = ask(world, robot, approvals_needed=2)
    checks = passed("look/sum")
    edited = ann.decide(ann.live(case["id"]), "modify", edited_output={"pay": "Ann"})
    assert edited.json["state"] == "awaiting_second_review", edited.text
    assert fail(ben, case["id"], "look/sum").status_code == 200
    assert ben.decide(ben.live(case["id"])).status_code == 200
    done = ann.decide(ann.live(case["id"]), gate_results=checks).json
    assert (done["state"], done["decision_action"], done["output"]) == ("modified", "modify", {"pay": "Ann"})


# Two opinions


@pytest.mark.req("R-GATE-12")
def test_who_failed_a_check_as_the_second_is_not_the_second_again(world: World) -> None:
    """Another person gives the second opinion on this output, and reads no more of the first one's than they did."""
    governed(world, gates=[SECOND_LOOK])
    robot, ann, ben, cyd = world.automation(), *(world.person(name) for name in ("Ann", "Ben", "Cyd"))
    case = ask(world, robot, approvals_needed=2)
    ann.decide(ann.live(case["id"]), rationale="I know her.")
    assert fail(ben, case["id"], "look/sum").status_code == 200
    for who in (ben, cyd):
        assert "I know her." not in who.send("GET", f"/v1/handoffs/{case['id']}").text
    assert ann.decide(ann.live(case["id"])).json["state"] == "awaiting_second_review"
    live, checks = ben.live(case["id"]), passed("look/sum")
    problem(ben.decide(live, gate_results=checks), 403, "already_reviewed")
    problem(verify(ben, live, checks), 403, "already_reviewed")
    assert "I know her." not in cyd.send("GET", f"/v1/handoffs/{case['id']}").text
    assert cyd.decide(cyd.live(case["id"]), gate_results=checks).json["state"] == "approved"
    assert "I know her." in cyd.send("GET", f"/v1/handoffs/{case['id']}").text
