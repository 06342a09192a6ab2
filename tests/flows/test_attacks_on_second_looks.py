"""Two reviews, a third after a disagreement, and the look at samples: none of them turns into one person's word.

One story a test: what is tried at the desk, and what comes of it.
"""

from typing import Any, Final

import pytest

from companion.identity.directory import CACHE_MS
from tests.application import BECAUSE, Agent, World, problem
from tests.desk import ask, governed, passed, verify
from tests.policies import document, save

FORM: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"amount": {"type": "number", "title": "Amount to pay"}, "memo": {"type": "string"}},
    "required": ["amount"],
}
LOOK: Final[dict[str, Any]] = {
    "id": "look", "title": "Second look", "review": 2,
    "items": [{"id": "sum", "title": "Sum", "criterion": "The sum equals the invoice's", "check": "pass_fail"}],
}  # fmt: skip
FIRST: Final[dict[str, Any]] = {
    "id": "first", "title": "First look", "review": 1, "on_failure": "triage",
    "items": [{"id": "payee", "title": "Payee", "criterion": "The payee is in the register", "check": "pass_fail"}],
}  # fmt: skip


def people(world: World, *names: str) -> list[Agent]:
    return [world.person(name) for name in names]


def again(world: World, person: Agent, name: str, **rights: Any) -> Agent:
    """A person removed from the directory, and added to it again under the same address."""
    world.services.directory.remove_reviewer(person.id)
    return world.person(name, **rights)


# The third after a disagreement


@pytest.mark.req("R-GATE-15", "R-ROLE-07")
def test_the_third_agrees_to_what_the_first_filled_in(world: World) -> None:
    """They are shown it, may not put other answers in its place, and what they approve goes on in the first's words."""
    governed(world)
    robot, (ann, ben, cara) = world.automation(), people(world, "Ann", "Ben", "Cara")
    case = ask(world, robot, approvals_needed=2, response_form=FORM)
    given = {"amount": 10, "memo": "As agreed."}
    assert ann.decide(ann.live(case["id"]), response=given).status_code == 200
    assert ben.decide(ben.live(case["id"]), "reject").json["state"] == "pending"
    live = cara.live(case["id"])
    first = live["first_approval"]
    assert (first["by"]["name"], first["response"]) == ("Ann", given)
    problem(cara.decide(live, response={"amount": 99999}), 422, "response_differs", "/response")
    done = cara.decide(live).json
    assert (done["state"], done["decision"]["response"]) == ("approved", given)
    (told,) = robot.get("/v1/decisions")["items"]
    assert told["response"] == given


@pytest.mark.req("R-GATE-15")
def test_the_third_may_say_the_same_or_no(world: World) -> None:
    """Sending the first's answers back is agreeing to them; a rejection needs none."""
    governed(world)
    robot, (ann, ben, cara) = world.automation(), people(world, "Ann", "Ben", "Cara")
    for action, more in (("approve", {"response": {"amount": 10}}), ("reject", {})):
        case = ask(world, robot, approvals_needed=2, response_form=FORM)
        ann.decide(ann.live(case["id"]), response={"amount": 10})
        ben.decide(ben.live(case["id"]), "reject")
        done = cara.decide(cara.live(case["id"]), action, **more)
        assert done.status_code == 200, done.text


@pytest.mark.req("R-GATE-15", "R-ROLE-07")
def test_an_edit_of_the_third_brings_answers_of_its_own(world: World) -> None:
    """It is the first of two anew: somebody else agrees to edit and answers, or rejects them."""
    governed(world)
    robot, (ann, ben, cara, dan) = world.automation(), people(world, "Ann", "Ben", "Cara", "Dan")
    case = ask(world, robot, approvals_needed=2, response_form=FORM)
    ann.decide(ann.live(case["id"]), response={"amount": 10})
    ben.decide(ben.live(case["id"]), "reject")
    edited = cara.decide(cara.live(case["id"]), "modify", edited_output={"x": 1}, response={"amount": 20})
    assert edited.json["state"] == "awaiting_second_review"
    assert edited.json["first_approval"]["response"] == {"amount": 20}
    assert dan.decide(dan.live(case["id"])).json["decision"]["response"] == {"amount": 20}


# The second review's checks


@pytest.mark.req("R-GATE-12", "R-GATE-13")
def test_what_the_first_answered_of_the_second_review_is_answered_again(world: World) -> None:
    """Two became needed only after one person had passed all checks: those of the second review are the second's."""
    governed(world, gates=[LOOK, FIRST], domain="finance")
    robot, (ann, ben) = world.automation(), people(world, "Ann", "Ben")
    tri = world.person("Tri", roles=["triager"])
    case = ask(world, robot, risk_tier="medium")
    assert verify(ann, ann.live(case["id"]), passed("look/sum")).status_code == 200
    failed = verify(ann, ann.live(case["id"]), passed("first/payee", result="fail"), **BECAUSE)
    assert failed.json["stage"] == "triage", failed.text
    match = {"If-Match": f'"{failed.json["version"]}"'}
    done = tri.send("POST", f"/v1/handoffs/{case['id']}/triage", {"risk_tier": "high"}, match)
    assert done.json["approvals_needed"] == 2
    first = ann.decide(ann.live(case["id"]), gate_results=passed("first/payee"))
    assert first.json["state"] == "awaiting_second_review", first.text
    live = ben.live(case["id"])
    (look,) = [gate for gate in live["gates"] if gate["id"] == "look"]
    assert look["items"][0]["result"] is None, "nobody answered it yet who gives the second review"
    problem(ben.decide(live), 422, "gate_results_missing")
    assert ben.decide(live, gate_results=passed("look/sum")).json["state"] == "approved"


# Blind until it stands


@pytest.mark.req("R-GATE-12", "R-ACT-11")
def test_an_undo_ends_no_blindness(world: World) -> None:
    """While the second approval can be taken back, its author and everybody who could give it read no reason still."""
    governed(world, undo_window_s=600)
    robot, (ann, ben, cara) = world.automation(), people(world, "Ann", "Ben", "Cara")
    case = ask(world, robot, approvals_needed=2)

    def reads(who: Agent) -> bool:
        return "I know her." in who.send("GET", f"/v1/handoffs/{case['id']}").text

    ann.decide(ann.live(case["id"]), rationale="I know her.")
    assert ben.decide(ben.live(case["id"])).json["state"] == "approved"
    assert not reads(ben)
    assert not reads(cara)
    assert ben.act(case["id"], "decision", method="DELETE").json["state"] == "awaiting_second_review"
    assert not reads(ben)
    assert ben.decide(ben.live(case["id"])).status_code == 200
    world.clock.advance(600_000)
    world.services.service.settle(case["id"])
    assert reads(ben)
    assert reads(cara)


# One person, again


@pytest.mark.req("R-SAMP-11", "R-ROLE-06")
def test_whoever_decided_and_was_added_again_judges_no_sample_of_it(world: World) -> None:
    """The decider, the first of two and both who disagreed are known by their mailbox as well."""
    governed(world)
    robot, aud = world.automation(), world.person("Aud", roles=["auditor"])
    ann, ben, cara, dan = people(world, "Ann", "Ben", "Cara", "Dan")
    case = ask(world, robot, approvals_needed=2)
    ann.decide(ann.live(case["id"]))
    ben.decide(ben.live(case["id"]), "reject")
    assert cara.decide(cara.live(case["id"])).json["state"] == "approved"
    (review,) = aud.send("POST", "/v1/samples", {}).json["items"]
    for person, name in ((ann, "Ann"), (ben, "Ben"), (cara, "Cara")):
        anew = again(world, person, name)
        assert anew.id != person.id
        problem(anew.decide(anew.live(review["id"])), 403, "self_approval")
        assert f"{name.lower()}@example.com" not in dan.send("GET", f"/v1/handoffs/{review['id']}").text
    assert dan.decide(dan.live(review["id"])).status_code == 200


@pytest.mark.req("R-SAMP-11", "R-ROLE-06")
def test_the_author_of_an_edit_judges_no_sample_of_it(world: World) -> None:
    """Two others approved what Ann wrote: it is hers all the same."""
    governed(world, gates=[LOOK])
    robot, (ann, ben, cyd, dan) = world.automation(), people(world, "Ann", "Ben", "Cyd", "Dan")
    case = ask(world, robot, approvals_needed=2)
    assert ann.decide(ann.live(case["id"]), "modify", edited_output={"pay": "Ann"}).status_code == 200
    assert verify(ben, ben.live(case["id"]), passed("look/sum", result="fail"), **BECAUSE).status_code == 200
    assert cyd.decide(cyd.live(case["id"])).status_code == 200
    assert dan.decide(dan.live(case["id"]), gate_results=passed("look/sum")).json["state"] == "modified"
    (review,) = world.person("Aud", roles=["auditor"]).send("POST", "/v1/samples", {}).json["items"]
    problem(ann.decide(ann.live(review["id"])), 403, "self_approval")
    anew = again(world, ann, "Ann")
    problem(anew.decide(anew.live(review["id"])), 403, "self_approval")
    assert ben.decide(ben.live(review["id"])).status_code == 200


@pytest.mark.req("R-ROLE-06", "R-ROLE-07")
def test_whoever_proposed_and_was_added_again_approves_no_proposal_of_theirs(world: World) -> None:
    """A proposal knows its author's mailbox, also where somebody else sends the same text again."""
    gov = world.person("Gov", roles=["governance", "operator"])
    stricter = document("letters", thresholds={"review_below_confidence": 0.61}, risk_tier="high")
    saved = save(gov, stricter)
    assert saved.status_code == 202, saved.text
    proposal = gov.get("/v1/policies/letters")["proposal"]
    body = {"proposal_id": proposal["id"], "verdict": "approve", "reason": "Agreed."}
    problem(gov.send("POST", "/v1/policies/letters/approvals", body), 403, "self_approval")
    anew = again(world, gov, "Gov", roles=["governance"])
    problem(anew.send("POST", "/v1/policies/letters/approvals", body), 403, "self_approval")
    other = world.person("Gwen", roles=["governance"])
    assert "gov@example.com" not in other.send("GET", "/v1/policies/letters").text
    assert other.send("POST", "/v1/policies/letters/approvals", body).status_code == 200


@pytest.mark.req("R-ROLE-06", "R-ROLE-07")
def test_an_address_that_somebody_had_is_theirs_still(world: World) -> None:
    """A change of address makes nobody another person: not the requester, not the first of two."""
    governed(world)
    robot, (ann, ben) = world.automation(), people(world, "Ann", "Ben")
    asked, two = ask(world, robot, requester="ann@example.com"), ask(world, robot, approvals_needed=2)
    assert ann.decide(ann.live(two["id"])).status_code == 200
    for address in ("ann.new@example.com", "ann.newer@example.com", None):
        world.services.directory.change_reviewer(ann.id, {"email": address})
        world.clock.advance(CACHE_MS)
        problem(ann.decide(ann.live(asked["id"])), 403, "self_approval")
    assert ben.decide(ben.live(asked["id"])).status_code == 200


# Late


@pytest.mark.req("R-STORE-15", "R-ACT-08")
def test_past_its_deadline_a_case_is_held_by_no_question(world: World) -> None:
    """It is about to end, whether or not the timer ran: nobody asks about it any more."""
    governed(world)
    robot, (ann,) = world.automation(), people(world, "Ann")
    case = ask(world, robot, expires_in_s=60)
    world.clock.advance(60_000)
    problem(ann.act(case["id"], "questions", {"text": "Why?"}), 409, "expired")


# An edit is an approval


@pytest.mark.req("R-ACT-10", "R-SEC-01", "R-SEC-04")
def test_an_edit_asks_for_no_less_than_an_approval(world: World) -> None:
    """One more space, and it would go on without the passkey, or by a link, that approving asks for."""
    governed(world, assurance={"approve": "step_up"})
    governed(world, "links", assurance={"approve": "signed_in"})
    robot, ann, lin = world.automation(), world.person("Ann"), world.reviewer("Lin")
    case = ask(world, robot, model_output={"text": "Pay him."})
    spaced = {"edited_output": {"text": "Pay him. "}}
    assert ann.live(case["id"])["assurance"]["by_action"]["modify"] == "step_up"
    problem(ann.decide(ann.live(case["id"]), "modify", **spaced), 403, "step_up_required")
    case = ask(world, robot, workflow_id="links", risk_tier="low", model_output={"text": "Pay him."})
    link = world.by_link(lin.id, case["id"])
    live = link.live(case["id"])
    problem(link.decide(live, "modify", confirm_word=live["confirm_word"], **spaced), 403, "assurance_too_low")


@pytest.mark.req("R-ACT-10")
def test_a_role_that_may_not_approve_approves_no_edit(world: World) -> None:
    """What is left out for a role is not given back by a change of one letter."""
    governed(world, actions_by_role={"approver": ["reject", "modify", "escalate", "ask"]})
    robot, ann, olga = world.automation(), world.person("Ann"), world.person("Olga", roles=["owner"])
    case = ask(world, robot)
    problem(ann.decide(ann.live(case["id"]), "modify", edited_output={"x": 1}), 403, "action_not_permitted")
    assert olga.decide(olga.live(case["id"]), "modify", edited_output={"x": 1}).json["state"] == "modified"


@pytest.mark.req("R-SAMP-11")
def test_whoever_decided_takes_no_second_look_away(world: World) -> None:
    """The review of a sample is withdrawn by somebody whose decision it does not look at."""
    governed(world)
    robot, olga, aud = world.automation(), world.person("Ola", roles=["owner"]), world.person("Aud", roles=["auditor"])
    case = ask(world, robot)
    assert olga.decide(olga.live(case["id"])).status_code == 200
    (review,) = aud.send("POST", "/v1/samples", {}).json["items"]
    assert olga.act(review["id"], "withdrawal", {"reason": "No need."}).json["code"] == "not_yours_to_change"
    other = world.person("Otto", roles=["owner"])
    assert other.act(review["id"], "withdrawal", {"reason": "Seen already."}).json["state"] == "withdrawn"
