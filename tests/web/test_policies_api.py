"""What policies, routes and pauses refuse over HTTP before anything happens: times, names, scopes and sizes."""

import re
from dataclasses import replace

import pytest

from companion.store.keys import PAUSES
from companion.store.policies import WORKFLOW_ID, PolicyState
from companion.web.models import PauseBody
from tests.application import World, problem
from tests.contract.test_races import copy_of
from tests.desk import ask, governed
from tests.policies import SURE, document, route, written_by_a_newer_one

OUTSIDE = [
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1969-12-31T23:59:59Z", "9999-01-01T00:00:00Z",
    "9998-12-31T23:59:59-00:01",
]  # fmt: skip


@pytest.mark.req("A6", "R-CAN-07")
@pytest.mark.parametrize("moment", OUTSIDE)
def test_a_case_of_no_year_that_can_be_shown_is_refused(world: World, moment: str) -> None:
    """Years 1970 to 9998 in UTC; the field is named."""
    ann = world.person("Ann")
    case = {"item": SURE, "at": "2026-10-01T12:00:00Z"}
    body = {"document": document(), "items": [case, case | {"at": moment}]}
    answer = ann.send("POST", "/v1/policies/tickets/simulations", body)
    problem(answer, 422, "invalid_field", "/items/1/at")


@pytest.mark.req("R-CAN-07")
def test_a_case_of_the_first_and_of_the_last_year_is_simulated(world: World) -> None:
    """Both ends belong to it."""
    items = [{"item": SURE, "at": at} for at in ("1970-01-01T00:00:00Z", "9998-12-31T23:59:59Z")]
    answer = world.person("Ann").send(
        "POST", "/v1/policies/tickets/simulations", {"document": document(), "items": items}
    )
    assert (answer.status_code, answer.json["items"]) == (200, 2)


@pytest.mark.req("R-CTX-18", "R-CAN-07")
def test_trying_a_policy_on_stored_cases_names_none_of_which_something_is_hidden(world: World) -> None:
    """Readers try it on cases of their own; who changes policies gets counts; who sees everything gets examples."""
    paid = {"path": "/request/salary", "label": "Salary", "visible_to": ["compliance"]}
    reads = {
        "id": "high",
        "stage": "forced_review",
        "words": "High.",
        "when": "has(request.salary) && request.salary > 90000.0",
    }
    governor = governed(world, redaction=[paid], rules=[reads])
    ask(world, world.automation(), request={"salary": 51250}, title="Pay for Kim")
    rule = {
        "id": "much",
        "stage": "hard_block",
        "words": "Much.",
        "when": "has(request.salary) && request.salary > 50000.0",
    }
    body = {"document": document(rules=[rule]), "days": 30}
    path = "/v1/policies/tickets/simulations"
    ann = world.person("Ann")
    problem(ann.send("POST", path, body), 403, "role_missing")
    assert ann.send("POST", path, body | {"items": [{"item": SURE}]}).status_code == 200
    counted = governor.send("POST", path, body)
    assert (counted.status_code, counted.json["changed"], counted.json["examples"]) == (200, 1, [])
    assert len(world.person("Cora", roles=["compliance"]).send("POST", path, body).json["examples"]) == 1


@pytest.mark.req("A2", "R-ROLE-08")
def test_routing_opens_no_handoff_for_a_key_that_may_not_open(world: World) -> None:
    """`open` in a batch needs the scope of POST /v1/handoffs as well."""
    robot = world.automation(scopes=["route"])
    before = world.dump()
    refused = problem(robot.send("POST", "/v1/routes", {"items": [SURE], "open": True}), 403, "scope_missing")
    assert "“open”" in refused["detail"]
    assert world.dump() == before
    assert route(robot, {"confidence": 0.3}, open=False)[0]["handoff"] is None
    both = world.automation(scopes=["route", "open"])
    assert route(both, {"confidence": 0.3}, open=True)[0]["handoff"]["id"]


@pytest.mark.req("H6")
def test_the_pauses_cannot_be_reached_as_a_workflow(world: World) -> None:
    """Their field lies beside the policies in the store; nothing that is no name of a workflow gets there."""
    ann = world.person("Ann", roles=["owner"])
    assert ann.send("POST", "/v1/pauses", {"workflow_id": "tickets", "reason": "x"}).status_code == 201
    before, store = world.dump(), world.services.policies._store
    for name in (PAUSES, "", "a b", "tickets\n", "x" * 129):
        with pytest.raises(ValueError, match="no name of a workflow"):
            store.states([name])
        with pytest.raises(ValueError, match="no name of a workflow"):
            store.states_and_pauses(["tickets", name])
        with pytest.raises(ValueError, match="no name of a workflow"):
            store.commit(PolicyState(name), replace(PolicyState(name), active=1), None, [])
    assert world.dump() == before
    assert route(world.automation(), {})[0]["paused"]


def test_the_store_takes_the_names_that_the_api_takes() -> None:
    """One pattern, written where each layer may read it."""
    (pattern,) = {
        one["pattern"]
        for one in PauseBody.model_json_schema()["properties"]["workflow_id"]["anyOf"]
        if "pattern" in one
    }
    assert re.fullmatch(r"\^(.*)\$", pattern)[1] == WORKFLOW_ID.pattern  # type: ignore[index]


@pytest.mark.req("A6", "R-CONT-06")
def test_a_reason_of_blanks_is_none(world: World) -> None:
    """Where a reason is asked for, it has to say something."""
    olga = world.person("Olga", roles=["owner"])
    problem(olga.send("POST", "/v1/pauses", {"all": True, "reason": " \n "}), 422, "invalid_field", "/reason")
    body = {"document": document(), "reason": "  "}
    answer = olga.send("PUT", "/v1/policies/tickets", body, {"If-Match": '"0"'})
    problem(answer, 422, "invalid_field", "/reason")


def test_a_document_without_a_name_is_told_which_to_write(world: World) -> None:
    """In a sentence that reads as one."""
    olga = world.person("Olga", roles=["owner"])
    nameless = {name: value for name, value in document().items() if name != "workflow_id"}
    answer = olga.send("PUT", "/v1/policies/tickets", {"document": nameless, "reason": "x"}, {"If-Match": '"0"'})
    refused = problem(answer, 422, "policy_unusable", "/document/workflow_id")
    assert refused["detail"] == "The document names no workflow; write tickets here."


@pytest.mark.req("R-SEC-06")
def test_a_batch_that_would_keep_others_waiting_is_refused(world: World) -> None:
    """Many large items are to come in smaller batches; a large one alone is never stranded."""
    quick = World(world.url, world.clock, detection=False)
    robot = quick.automation()
    large = [SURE | {"request": {"text": "é" * 20_000}} for _ in range(60)]
    before = quick.dump()
    refused = problem(robot.send("POST", "/v1/routes", {"items": large}), 413, "body_too_large")
    assert "smaller batches" in refused["detail"]
    assert quick.dump() == before
    # As many characters as the node sends at once, whatever they weigh in bytes.
    assert len(route(robot, *large[:49])) == 49
    assert len(route(robot, SURE, {"request": {"text": "x" * 1_200_000}})) == 2


@pytest.mark.req("A5", "R-CAN-07")
def test_a_policy_can_be_tried_where_the_one_in_force_cannot_be_read(world: World) -> None:
    """Beside what stands in for it. What it would hide is not known, so only who may change policies is told."""
    governor, ann = governed(world), world.person("Ann")
    there = written_by_a_newer_one(world)
    path, body = "/v1/policies/tickets/simulations", {"document": document()}
    told = copy_of(governor, there).send("POST", path, body)
    assert (told.status_code, told.json["examples"]) == (200, []), told.text
    problem(copy_of(ann, there).send("POST", path, body), 403, "role_missing")


@pytest.mark.req("R-ROUTE-04", "R-ROLE-11")
def test_a_policy_that_cannot_be_read_has_no_name_owner_or_risk_in_the_list(world: World) -> None:
    """Those of the built-in rules that stand in for it would be taken for its own."""
    governor = governed(world, risk_tier="high")
    (known,) = governor.get("/v1/policies")["items"]
    assert all(known[name] for name in ("readable", "owner", "risk_tier"))
    (row,) = copy_of(governor, written_by_a_newer_one(world)).get("/v1/policies")["items"]
    assert [row[name] for name in ("readable", "title", "owner", "risk_tier")] == [False, None, None, None]
    assert (row["workflow_id"], row["version"], row["saved_by"]) == ("tickets", 1, known["saved_by"])
