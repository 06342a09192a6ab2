"""A batch is no way round: every case of it meets the rules that it would meet alone (R-UI-16)."""

from typing import Any

import pytest

from tests.application import BECAUSE, Agent, World, problem
from tests.desk import CARD, GATE, HIDDEN, NUMBER, governed

LIKE: dict[str, Any] = {"workflow_id": "tickets"}


def several(world: World, robot: Agent, number: int = 4, **fields: Any) -> list[str]:
    return [world.open(robot, **LIKE | fields)["id"] for _ in range(number)]


def take(by: Agent, like: str, size: int = 10, **headers: str) -> Any:
    made = by.send("POST", "/v1/batches", {"like": like, "size": size}, headers)
    assert made.status_code == 201, made.text
    return made.json


def sent(batch: Any, **more: Any) -> dict[str, Any]:
    items = [{name: item[name] for name in ("id", "version", "package_digest")} for item in batch["items"]]
    return {"action": "approve", "items": items, **more}


def decide(by: Agent, batch: Any, **more: Any) -> list[Any]:
    answer = by.send("POST", f"/v1/batches/{batch['id']}/decision", sent(batch, **more))
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json["results"]
    return found


@pytest.mark.req("R-STORE-12", "R-ROLE-06", "R-UI-16")
def test_what_cannot_be_decided_by_this_person_is_left_out_with_the_reason(world: World) -> None:
    """Their own request, what another holds: named, not taken; another queue, workflow or route is not even named."""
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    free = several(world, robot, 2)
    (held,) = several(world, robot, 1)
    ben.act(held, "claim", method="PUT")
    (own,) = several(world, robot, 1, requester="ann@example.com")
    world.open(robot, workflow_id="other")
    batch = take(ann, free[0])
    assert {item["id"] for item in batch["items"]} == set(free)
    left = {each["id"]: each["why"] for each in batch["left_out"]}
    assert set(left) == {held, own}
    assert "Ben is working on this" in left[held]
    assert "asked for this" in left[own]
    assert world.stored(held).claim.by_name == "Ben"  # type: ignore[union-attr]
    assert world.stored(own).claim is None


@pytest.mark.req("R-ACT-14", "R-STORE-15", "R-ROLE-06", "R-CTX-03")
def test_each_case_meets_the_rules_when_it_is_decided(world: World) -> None:
    """Decided by another meanwhile, changed, expired, seen in another version: refused one by one, the rest is done."""
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    ids = several(world, robot, 5)
    batch = take(ann, ids[0])
    by_id = {item["id"]: item for item in batch["items"]}
    ann.act(ids[1], "claim", method="DELETE")
    ben.decide(ben.live(ids[1]), "reject")
    ann.act(ids[2], "claim", method="DELETE")
    robot.send("PATCH", f"/v1/handoffs/{ids[2]}", {"model_output": 2}, {"If-Match": f'"{ben.live(ids[2])["version"]}"'})
    ann.act(ids[3], "claim", method="DELETE")
    ben.act(ids[3], "claim", method="PUT")
    by_id[ids[4]]["package_digest"] = "sha256:" + "0" * 64
    results = {each["id"]: each for each in decide(ann, batch)}
    assert results[ids[0]]["status"] == "done"
    assert [results[one]["code"] for one in ids[1:]] == [
        "already_decided", "version_stale", "claimed_by_other", "package_digest_mismatch",
    ]  # fmt: skip
    assert all(results[one]["detail"] and results[one]["event_id"] is None for one in ids[1:])
    assert [world.stored(one).state.value for one in ids] == ["approved", "rejected", "pending", "claimed", "claimed"]


@pytest.mark.req("R-GATE-09", "R-ROLE-07", "R-UI-16")
@pytest.mark.parametrize(
    ("policy", "fields"),
    [
        ({"gates": [GATE]}, {}),
        ({"batches": False}, {}),
        ({"triage": "required"}, {}),
        ({"assurance": {"approve": "step_up"}}, {}),
        ({}, {"approvals_needed": 2}),
        ({}, {"response_form": {"type": "object", "properties": {"a": {"type": "boolean"}}}}),
    ],
)
def test_what_needs_more_than_a_yes_comes_into_no_batch(
    world: World, policy: dict[str, Any], fields: dict[str, Any]
) -> None:
    """Checks, a form, two people, a passkey, triage, a policy that says no: no batch takes it."""
    governed(world, **policy)
    robot, ann = world.automation(), world.person("Ann")
    one, other = several(world, robot, 2, **fields)
    before = world.dump()
    refused = problem(ann.send("POST", "/v1/batches", {"like": one}), 422, "batch_not_possible", "/like")
    assert refused["detail"]
    assert world.dump() == before
    assert not ann.live(other)["may_batch"]


@pytest.mark.req("R-ROLE-07")
def test_nobody_is_offered_a_batch_of_what_they_asked_for_themselves(world: World) -> None:
    """The requester may not decide it alone, and not together with others."""
    governed(world)
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    (one,) = several(world, robot, 1, requester="ann@example.com")
    assert (ann.live(one)["may_batch"], ben.live(one)["may_batch"]) == (False, True)


@pytest.mark.req("R-GATE-09", "R-UI-16")
def test_a_case_that_came_to_need_more_is_refused_in_its_batch(world: World) -> None:
    """Ann takes two; one is escalated to where it waits for other people: the batch does not decide it behind them."""
    robot, ann = world.automation(), world.person("Ann", levels=[1])
    ids = several(world, robot, 2)
    batch = take(ann, ids[0])
    ann.act(ids[1], "escalations", BECAUSE)
    results = {each["id"]: each for each in decide(ann, batch)}
    assert (results[ids[0]]["status"], results[ids[1]]["code"]) == ("done", "version_stale")


@pytest.mark.req("R-CTX-18", "R-UI-16")
def test_a_batch_shows_no_more_than_its_reader_may_see(world: World) -> None:
    """Rows, outliers and results name nothing that is hidden."""
    governed(world, redaction=HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    ids = several(world, robot, 3, **CARD | {"title": f"Refund to {NUMBER}"})
    world.open(robot, **LIKE | CARD | {"request": {"card": NUMBER, "text": "x" * 4_000}, "rationale": NUMBER})
    made = ann.send("POST", "/v1/batches", {"like": ids[0], "size": 5})
    assert NUMBER not in made.text
    assert len(made.json["outliers"]) == 1
    assert NUMBER not in ann.send("GET", f"/v1/batches/{made.json['id']}").text
    assert "left_out" in made.json


@pytest.mark.req("A3", "R-ROLE-08")
def test_a_batch_is_its_makers_only(world: World) -> None:
    """For others it does not exist, and a case that left one's sight is not decided through it."""
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    ids = several(world, robot, 2)
    batch = take(ann, ids[0])
    path = f"/v1/batches/{batch['id']}"
    for method, where, body in (("GET", path, None), ("DELETE", path, None), ("POST", f"{path}/decision", sent(batch))):
        problem(ben.send(method, where, body), 404, "not_found")
        problem(robot.send(method, where, body), 403, "automation_cannot_decide")
    (strange,) = several(world, robot, 1)
    foreign = sent(batch) | {"items": [{"id": strange, "version": 1, "package_digest": "sha256:" + "0" * 64}]}
    problem(ann.send("POST", f"{path}/decision", foreign), 422, "not_in_batch", "/items/0/id")
    doubled = sent(batch)
    doubled["items"].append(doubled["items"][0])
    problem(ann.send("POST", f"{path}/decision", doubled), 422, "invalid_field", "/items/2/id")


@pytest.mark.req("A1", "R-STORE-12")
def test_a_batch_that_was_asked_for_twice_is_made_once(world: World) -> None:
    """The same key: the same batch; another body under it is refused; without a key there are two."""
    robot, ann = world.automation(), world.person("Ann")
    ids = several(world, robot, 3)
    key = {"Idempotency-Key": "take-1"}
    first = take(ann, ids[0], **key)
    assert take(ann, ids[0], **key) == first
    other = ann.send("POST", "/v1/batches", {"like": ids[1], "size": 10}, key)
    problem(other, 422, "idempotency_key_reused")
    assert take(ann, ids[0])["id"] != first["id"]


@pytest.mark.req("R-ROLE-14", "R-STORE-12")
def test_a_batch_holds_cases_of_the_levels_that_one_is_served(world: World) -> None:
    """Senior people take what came up to them; the size is kept."""
    robot, ann = world.automation(), world.person("Ann")
    ids = several(world, robot, 5)
    for one in ids[:2]:
        ann.act(one, "escalations", BECAUSE)
    vera = world.person("Vera", levels=[2])
    assert {item["id"] for item in take(vera, ids[0])["items"]} == set(ids[:2])
    assert len(take(ann, ids[2], size=2)["items"]) == 2


@pytest.mark.req("R-STORE-12", "R-STORE-15")
def test_giving_a_batch_back_frees_what_is_left(world: World) -> None:
    """Its claims end, what was decided stays, and what somebody else holds meanwhile stays theirs."""
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    ids = several(world, robot, 3)
    batch = take(ann, ids[0])
    ann.decide(ann.live(ids[0]))
    ann.act(ids[1], "claim", method="DELETE")
    ben.act(ids[1], "claim", method="PUT")
    assert ann.send("DELETE", f"/v1/batches/{batch['id']}").status_code == 204
    assert [world.stored(one).state.value for one in ids] == ["approved", "claimed", "pending"]


@pytest.mark.req("R-STORE-12")
def test_a_batch_ends_by_itself(world: World) -> None:
    """Nothing of it stays in the store for ever."""
    robot, ann = world.automation(), world.person("Ann")
    batch = take(ann, several(world, robot, 2)[0], **{"Idempotency-Key": "k"})
    client = world.admin
    assert 0 < client.pttl(f"{{p00}}:batch:{batch['id']}") <= 24 * 3600 * 1000


@pytest.mark.req("A6")
@pytest.mark.parametrize(
    "body",
    [{}, {"like": 1}, {"like": "ho_x", "size": 1}, {"like": "ho_x", "size": 51}, {"like": "ho_x", "size": "5"},
     {"like": "ho_x", "other": 1}],
)  # fmt: skip
def test_what_is_no_batch_is_refused(world: World, body: dict[str, Any]) -> None:
    """Strict, like every other body."""
    problem(world.person().send("POST", "/v1/batches", body), 422, "invalid_field")


@pytest.mark.req("R-UI-16", "R-CTX-03")
@pytest.mark.parametrize("change", ["package", "level"])
def test_a_case_that_changed_since_the_batch_was_made_is_looked_at_alone(world: World, change: str) -> None:
    """What stands out was said of what stood there then; with the newest version and digest it is refused too."""
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    ids = several(world, robot, 4)
    batch = take(ann, ids[0])
    ann.act(ids[1], "claim", method="DELETE")
    if change == "package":
        long = {"model_output": {"summary": "x" * 9_000}}
        robot.send("PATCH", f"/v1/handoffs/{ids[1]}", long, {"If-Match": f'"{ben.live(ids[1])["version"]}"'})
    else:
        ben.act(ids[1], "escalations", BECAUSE)
    newest = ann.get(f"/v1/batches/{batch['id']}")
    results = {each["id"]: each for each in decide(ann, newest)}
    assert results[ids[1]]["code"] == "batch_case_changed"
    assert world.stored(ids[1]).state == "pending"
    assert [results[one]["status"] for one in (ids[0], *ids[2:])] == ["done"] * 3


@pytest.mark.req("R-STORE-12")
def test_nobody_takes_more_than_they_can_look_at(world: World) -> None:
    """Batches hold fifty cases of one person at a time; what they hold already counts."""
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    ids = several(world, robot, 60)
    first = take(ann, ids[0], size=30)
    take(ann, next(one for one in ids if world.stored(one).claim is None), size=50)
    left = [one for one in ids if world.stored(one).claim is None]
    assert len(left) == 10
    problem(ann.send("POST", "/v1/batches", {"like": left[0], "size": 5}), 409, "too_many_claims")
    assert len(take(ben, left[0], size=2)["items"]) == 2
    ann.send("DELETE", f"/v1/batches/{first['id']}")
    free = [one for one in ids if world.stored(one).claim is None]
    assert len(take(ann, free[-1], size=5)["items"]) == 5


@pytest.mark.req("R-STORE-12")
def test_nobody_takes_more_one_by_one_either(world: World) -> None:
    """Fifty cases of one person at a time, however they took them; deciding one, or giving it back, makes room."""
    robot, ann = world.automation(), world.person("Ann")
    ids = several(world, robot, 52)
    take(ann, ids[0], size=49)
    *free, last = [one for one in ids if world.stored(one).claim is None]
    assert ann.act(free[0], "claim", method="PUT").status_code == 200
    problem(ann.act(last, "claim", method="PUT"), 409, "too_many_claims")
    assert ann.act(free[0], "claim", method="PUT").status_code == 200, "one's own claim is made longer"
    held = next(one for one in ids if world.stored(one).claim is not None)
    assert ann.decide(ann.live(held)).status_code == 200
    assert ann.act(last, "claim", method="PUT").status_code == 200
    problem(ann.act(free[1], "claim", method="PUT"), 409, "too_many_claims")
    ann.act(last, "claim", method="DELETE")
    assert ann.act(free[1], "claim", method="PUT").status_code == 200
    world.clock.advance(15 * 60_000)
    assert len(take(ann, last, size=50)["items"]) == 50, "claims that ran out hold nothing"


@pytest.mark.req("A1")
def test_a_batch_that_is_asked_for_twice_at_once_is_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser's own second sending passes the look at the key before the first wrote: both get the same batch."""
    robot, ann = world.automation(), world.person("Ann")
    ids = several(world, robot, 3)
    first = take(ann, ids[0], **{"Idempotency-Key": "b-1"})
    store = world.services.batches._batches
    real, asked = store.made_once, []
    monkeypatch.setattr(store, "made_once", lambda once: real(once) if asked else asked.append(once))
    second = take(ann, ids[0], **{"Idempotency-Key": "b-1"})
    assert second["id"] == first["id"]
    assert len(ann.get(f"/v1/batches/{second['id']}")["items"]) == 3
