"""Somebody at the desk guesses, quotes or computes what is hidden from them; the page and the API tell nothing."""

from typing import Any, Final

import pytest

from tests.application import World
from tests.desk import CARD, GATE, HIDDEN, NUMBER, ask, governed
from tests.flows.test_attacks_on_desk import OTHER, rewrite
from tests.policies import document

SALARY: Final = 51250
SALARY_HIDDEN: Final = [{"path": "/request/salary", "label": "Salary", "visible_to": ["compliance"]}]
PAID: Final[dict[str, Any]] = {"request": {"salary": SALARY, "text": "Pay me."}, "model_output": {"raise": 1}}


@pytest.mark.req("R-CTX-18", "R-SEC-05")
def test_a_note_full_of_guesses_tells_nothing(world: World) -> None:
    """Whoever may not see a value finds their own words as they wrote them, whether or not they hit it."""
    governed(world, redaction=SALARY_HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    case = ask(world, robot, **PAID)
    text = " ".join(str(guess) for guess in range(SALARY - 100, SALARY + 100))
    assert ann.act(case["id"], "annotations", {"text": text}).status_code == 200
    assert ann.live(case["id"])["notes"][0]["text"] == text


@pytest.mark.req("R-CTX-18", "R-UI-22")
def test_a_form_is_not_prefilled_with_what_is_hidden(world: World) -> None:
    """The default of a field repeats the card: neither the live view nor a refusal says it."""
    governed(world, redaction=HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    field = {"type": "string", "default": NUMBER, "title": f"Card {NUMBER}"}
    case = ask(world, robot, **CARD, response_form={"type": "object", "properties": {"card": field}})
    seen = ann.send("GET", f"/v1/handoffs/{case['id']}").text
    refused = ann.decide(ann.live(case["id"]), response={"card": 5}).text
    assert NUMBER not in seen
    assert NUMBER not in refused


@pytest.mark.req("R-CTX-18")
def test_a_revised_title_is_masked_like_the_first(world: World) -> None:
    """In the list nobody's role is asked, so what is hidden from anybody stands in no title and is not found there."""
    governed(world, redaction=HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    case = ask(world, robot, **CARD)
    assert rewrite(robot, case["id"], title=f"Refund to {NUMBER}", question=f"Pay {NUMBER}?").status_code == 200
    assert NUMBER not in ann.send("GET", "/v1/handoffs").text
    assert ann.get("/v1/handoffs", q=NUMBER)["items"] == []


@pytest.mark.req("R-CTX-18")
def test_what_was_hidden_in_an_older_version_stays_hidden_in_notes(world: World) -> None:
    """Compliance quoted the card; that the workflow replaced it since does not show the old one."""
    governed(world, redaction=HIDDEN)
    robot, ann, cora = world.automation(), world.person("Ann"), world.person("Cora", roles=["compliance"])
    case = ask(world, robot, **CARD)
    assert cora.act(case["id"], "annotations", {"text": f"{NUMBER} is stolen."}).status_code == 200
    assert rewrite(robot, case["id"], request={"card": OTHER}, model_output={"card": OTHER}).status_code == 200
    assert NUMBER not in ann.send("GET", f"/v1/handoffs/{case['id']}").text


@pytest.mark.req("R-CTX-18")
def test_a_hidden_file_of_an_older_version_is_not_handed_out(world: World) -> None:
    """Whoever knows its hash, or tries that of a document they know, does not get it after the case changed either."""
    governed(world, redaction=[{"path": "/request/letter", "label": "Letter", "visible_to": ["compliance"]}])
    robot, ann = world.automation(), world.person("Ann")
    case = ask(world, robot, request={"letter": "in confidence " * 20_000, "text": "Please read."})
    (name,) = world.stored(case["id"]).blobs
    path = f"/v1/handoffs/{case['id']}/blobs/{name}"
    assert ann.send("GET", path).status_code == 404
    assert rewrite(robot, case["id"], request={"text": "Please read."}).status_code == 200
    assert ann.send("GET", path).status_code == 404


@pytest.mark.req("R-CTX-18", "R-STORE-11")
def test_the_impact_does_not_tell_the_number_that_it_is_made_of(world: World) -> None:
    """A formula may read what a reviewer may not: then they are not told its result."""
    governed(world, redaction=SALARY_HIDDEN, impact_formula="has(request.salary) ? double(request.salary) : 0.0")
    robot, ann = world.automation(), world.person("Ann")
    case = ask(world, robot, **PAID)
    assert str(SALARY) not in ann.send("GET", f"/v1/handoffs/{case['id']}").text
    assert str(SALARY) not in ann.send("GET", "/v1/handoffs").text


@pytest.mark.req("R-CTX-18")
def test_the_topic_of_a_case_does_not_repeat_what_is_hidden(world: World) -> None:
    """Nor do the filters of the desk that are made of it."""
    governed(world, redaction=HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    ask(world, robot, **CARD, category=f"Card {NUMBER}")
    assert NUMBER not in ann.send("GET", "/v1/handoffs?facets=true").text


@pytest.mark.req("R-CTX-18", "X-17")
def test_what_is_at_stake_does_not_repeat_what_is_hidden(world: World) -> None:
    """In no list and in no case: the workflow wrote it for everybody."""
    governed(world, redaction=HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    opened = ask(world, robot, **CARD, impact=f"Card {NUMBER}")
    assert NUMBER not in ann.send("GET", "/v1/handoffs").text
    assert ann.decide(ann.live(opened["id"])).status_code == 200
    assert NUMBER not in ann.send("GET", "/v1/handoffs?state=decided").text


@pytest.mark.req("R-CTX-18", "X-17")
def test_a_triager_who_saw_it_does_not_tell_it_in_the_topic_and_one_who_did_not_learns_nothing(world: World) -> None:
    """What the triager was shown is masked for everybody; a guess stays as it was written, right or wrong."""
    governed(world, redaction=HIDDEN, triage="required")
    robot, ann = world.automation(), world.person("Ann")
    for name, roles in (("Cora", ["compliance", "triager"]), ("Tom", ["triager"])):
        case = ask(world, robot, **CARD)
        sort = {"If-Match": f'"{case["version"]}"'}
        by = world.person(name, roles=roles)
        answer = by.send("POST", f"/v1/handoffs/{case['id']}/triage", {"category": f"Card {NUMBER}"}, sort)
        assert answer.status_code == 200, answer.text
        assert by.live(case["id"])["category"] == ("Card [redacted 1]" if name == "Cora" else f"Card {NUMBER}")
        if name == "Cora":
            assert NUMBER not in ann.send("GET", "/v1/handoffs?facets=true").text


@pytest.mark.req("R-CTX-18", "X-17")
def test_guesses_in_a_form_tell_nothing(world: World) -> None:
    """What somebody fills in who was not shown the value comes back as they wrote it, right or wrong."""
    governed(world, redaction=HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    form = {"type": "object", "properties": {"note": {"type": "string"}, "old": {"type": "string", "default": "-"}}}
    case = ask(world, robot, **CARD, response_form=form)
    guesses = {"note": f"{NUMBER} 4556-7375-8689-0000", "old": NUMBER}
    done = ann.decide(ann.live(case["id"]), response=guesses).json["decision"]
    assert done["response"] == guesses
    assert done["corrections"] == [{"field": "old", "before": "-", "after": NUMBER}]


@pytest.mark.req("R-CTX-18", "X-17")
def test_what_was_disclosed_is_masked_in_the_words_of_whoever_saw_it(world: World) -> None:
    """A disclosure shows more than a role does: a note that quotes it is masked for the others."""
    governed(world, redaction=[{**HIDDEN[0], "visible_to": []}])
    robot, ann, cora = world.automation(), world.person("Ann"), world.person("Cora", roles=["compliance"])
    case = ask(world, robot, **CARD)
    cora.send("POST", f"/v1/handoffs/{case['id']}/disclosures", {"reason": "A complaint."}, {"Idempotency-Key": "d"})
    cora.act(case["id"], "annotations", {"text": f"The card {NUMBER} is stolen."})
    told = ann.send("GET", f"/v1/handoffs/{case['id']}").text
    assert "is stolen" in told
    assert NUMBER not in told


@pytest.mark.req("R-CTX-18", "R-CAN-07")
def test_a_simulation_does_not_answer_questions_about_hidden_values(world: World) -> None:
    """A reader tries policies that compare the hidden number with one more and one less: both look the same."""
    rule = {"id": "much", "stage": "forced_review", "words": "Much.",
            "when": "has(request.salary) && request.salary > 90000.0"}  # fmt: skip
    governed(world, redaction=SALARY_HIDDEN, rules=[rule])
    robot, ann = world.automation(), world.person("Ann")
    ask(world, robot, **PAID)

    def changed(guess: int) -> Any:
        when = f"has(request.salary) && request.salary >= {guess}.0"
        tried = document(redaction=SALARY_HIDDEN, rules=[rule | {"stage": "hard_block", "when": when}])
        answer = ann.send("POST", "/v1/policies/tickets/simulations", {"document": tried, "days": 30})
        return answer.status_code, (answer.json or {}).get("changed")

    assert changed(SALARY) == changed(SALARY + 1)


@pytest.mark.req("R-CTX-18")
def test_a_refused_edit_does_not_say_whether_a_guess_was_right(world: World) -> None:
    """A text whose hidden part is guessed is refused for the same reason, whether the guess is right or wrong."""
    governed(world, redaction=SALARY_HIDDEN, gates=[GATE])
    robot, ann = world.automation(), world.person("Ann")
    case = ask(world, robot, request={"salary": str(SALARY)}, model_output={"text": f"Salary is {SALARY}."})

    def code(guess: int) -> Any:
        came = ann.decide(ann.live(case["id"]), "modify", edited_output={"text": f"Salary is {guess}."})
        return (came.json or {}).get("code")

    assert code(SALARY) == code(SALARY + 1)


@pytest.mark.req("X-17")
def test_one_reason_discloses_one_version(world: World) -> None:
    """Sent again under the same key after the case changed, a disclosure is another one, and recorded."""
    governed(world, redaction=HIDDEN)
    robot, cora = world.automation(), world.person("Cora", roles=["compliance"])
    case = ask(world, robot, **CARD)
    path, key = f"/v1/handoffs/{case['id']}/disclosures", {"Idempotency-Key": "see-1"}
    assert cora.send("POST", path, {"reason": "A complaint."}, key).status_code == 200
    assert rewrite(robot, case["id"], request={"card": OTHER}).status_code == 200
    again = cora.send("POST", path, {"reason": "A complaint."}, key)
    told = [one for one in cora.live(case["id"])["history"] if one["type"] == "handoff.disclosed"]
    assert again.status_code != 200 or len(told) == 2
