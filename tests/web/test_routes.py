"""What the router takes and gives over HTTP: strict bodies in, scores, rules and reasons out."""

from typing import Any

import pytest

from tests.application import World, problem
from tests.policies import SURE, route

BAD: list[tuple[Any, str]] = [
    ({}, "/items"),
    ({"items": []}, "/items"),
    ({"items": [SURE] * 501}, "/items"),
    ({"items": [SURE | {"confidence": 1.5}]}, "/items/0/confidence"),
    ({"items": [SURE, SURE | {"confidence": "0.9"}]}, "/items/1/confidence"),
    ({"items": [SURE | {"risk_score": True}]}, "/items/0/risk_score"),
    ({"items": [SURE | {"colour": "red"}]}, "/items/0/colour"),
    ({"items": [SURE | {"flags": ["Not A Flag"]}]}, "/items/0/flags/0"),
    ({"items": [SURE | {"model_error": "perhaps"}]}, "/items/0/model_error"),
    ({"items": [{"workflow_id": "tickets"}]}, "/items/0/request"),
    ({"items": [SURE], "settings": {"thresholds": {"review": 0.5}}}, "/settings/thresholds/review"),
    ({"items": [SURE], "settings": {"sampling_rate": 2}}, "/settings/sampling_rate"),
    ({"items": [SURE], "open": "yes"}, "/open"),
]


@pytest.mark.req("A6", "R-ROUTE-13", "R-SEC-06")
@pytest.mark.parametrize(("body", "field"), BAD, ids=lambda part: part if isinstance(part, str) else "")
def test_a_malformed_batch_is_refused_and_the_field_named(world: World, body: Any, field: str) -> None:
    """Nothing is guessed, and of a batch with one bad item nothing is routed."""
    robot = world.automation()
    before = world.dump()
    problem(robot.send("POST", "/v1/routes", body), 422, "invalid_field", field)
    assert world.dump() == before


@pytest.mark.req("A6", "X-33")
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_number_never_reaches_the_router(world: World, number: str) -> None:
    """Not as a confidence, and not as a risk either."""
    robot = world.automation()
    text = f'{{"items": [{{"workflow_id": "t", "request": 1, "model_output": 2, "confidence": {number}}}]}}'
    answer = robot.client.post("/v1/routes", data=text, headers={**robot.headers, "Content-Type": "application/json"})
    assert answer.status_code in (400, 422)


@pytest.mark.req("R-ROUTE-13", "R-ROUTE-14", "R-ROUTE-04")
def test_a_valid_item_comes_back_with_its_score_and_what_fired(world: World) -> None:
    """A missing score is computed from the marks; a missing confidence and a model that failed ask a person."""
    robot = world.automation()
    unscored = {name: value for name, value in SURE.items() if name != "risk_score"}
    answer = robot.send("POST", "/v1/routes", {"items": [unscored | {"flags": ["fraud_indicator"]}]})
    (scored,) = answer.json["items"]
    assert (scored["risk_score_source"], scored["flags"]) == ("computed", ["fraud_indicator"])
    assert scored["risk_score"] > 0.5
    assert any(signal["code"] == "fraud_indicator" for stage in scored["trace"] for signal in stage["signals"])
    for broken in ({"confidence": None}, {"model_error": "timeout"}, {"prompt_characters": 1_000_000}):
        (one,) = route(robot, broken)
        assert one["route"].endswith("human_review"), broken
        assert one["reasons"]


LARGE = {"text": "a " * 600_000}
"""More than one value of a package may have."""


@pytest.mark.req("R-CTX-04")
@pytest.mark.parametrize("others", [0, 1])
def test_an_item_too_large_to_show_is_named_when_it_is_to_be_opened(world: World, others: int) -> None:
    """Nothing of the batch is written; routed without opening it, the same item is no problem."""
    robot = world.automation()
    unsure = SURE | {"confidence": 0.3}
    items = [SURE, *[unsure] * others, unsure | {"request": LARGE}]
    before = world.dump()
    refused = problem(robot.send("POST", "/v1/routes", {"items": items, "open": True}), 422, "package_unusable")
    assert refused["field"] == f"/items/{1 + others}/request/text"
    assert world.dump() == before
    assert robot.send("POST", "/v1/routes", {"items": items}).status_code == 200


@pytest.mark.req("R-SAMP-05")
def test_a_sampled_item_too_large_to_show_is_reviewed_by_its_facts(world: World) -> None:
    """A review that shows little is better than none, or than an item that cannot go through."""
    quick = World(world.url, world.clock, detection=False)
    robot, ann = quick.automation(), quick.person("Ann")
    (routed,) = route(robot, {"request": {"text": "b" * 1_200_000}}, settings={"sampling_rate": 1.0})
    assert routed["route"] == "auto_commit", routed["reasons"]
    review = ann.live(routed["sample"]["review"])
    assert review["subject"] == routed["id"]
    assert ann.decide(review).status_code == 200


@pytest.mark.req("R-SEC-09", "R-SEC-10")
def test_what_the_detectors_find_counts_as_a_mark(world: World) -> None:
    """An address in the text is personal data, a key in the answer is data exposed; the key itself is not kept."""
    robot = world.automation()
    secret = "AKIA" + "IOSFODNN7" + "QWERTYU"
    personal, exposed = route(
        robot,
        {"request": {"text": "Write to kim.miller@example.com please."}},
        {"model_output": {"answer": f"Use aws_access_key_id = {secret}"}, "workflow_id": "others"},
    )
    assert "pii" in personal["flags"]
    assert personal["route"] == "asynchronous_human_review"
    assert exposed["route"] == "stop_the_line"
    assert secret not in str(world.services.routing.read(exposed["id"]))
    quiet = World(world.url, world.clock, detection=False)
    agent = quiet.automation()
    assert route(agent, {"request": {"text": "Write to kim.miller@example.com please."}})[0]["route"] == "auto_commit"


def test_the_schema_and_the_presets_are_there_for_editors(world: World) -> None:
    """Anybody may read the schema; the presets are documents that can be saved under a new name."""
    schema = world.nobody().get("/policy.schema.json")
    assert "thresholds" in str(schema)
    presets = world.person("Ann", roles=["auditor"]).get("/v1/policy-presets")["items"]
    assert {"default", "fraud", "helpdesk"} <= {preset["name"] for preset in presets}
    assert all(preset["document"]["workflow_id"] == preset["name"] for preset in presets)


def test_what_may_be_done_is_told_with_the_policy(world: World) -> None:
    """The page shows buttons by `may_save` and `may_approve`; a workflow that is not yours has no policy to see."""
    auditor, gwen = world.person("Ada", roles=["auditor"]), world.person("Gwen", roles=["governance"])
    robot = world.automation()
    for agent, may in ((auditor, (False, False)), (gwen, (True, True)), (robot, (False, False))):
        found = agent.get("/v1/policies/tickets")
        assert (found["may_save"], found["may_approve"]) == may
        assert found["settings"]
    stranger = world.person("Eve", roles=["governance"], workflows=["others"])
    problem(stranger.send("GET", "/v1/policies/tickets"), 404, "not_found")
    problem(stranger.send("GET", "/v1/policies/tickets/versions"), 404, "not_found")
    body = {"document": {}, "reason": "x"}
    problem(stranger.send("PUT", "/v1/policies/tickets", body, {"If-Match": '"0"'}), 404, "not_found")
