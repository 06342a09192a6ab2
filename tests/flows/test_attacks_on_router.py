"""Somebody holds an API key, or plays with versions and repetitions: the router lets nothing more through for it."""

from dataclasses import replace
from typing import Any

import pytest

from companion.store.pauses import PauseStore
from companion.store.plan import Plan
from tests.application import Agent, World, problem
from tests.flows.conftest import Workflow
from tests.flows.test_paused_and_resumed import pause, resume
from tests.flows.test_routed_and_sampled import undrawn
from tests.policies import SURE, document, route, save

STOP: dict[str, Any] = {"flags": ["data_exposure"]}


def rewrite(by: Agent, handoff_id: str) -> Any:
    seen = by.live(handoff_id)
    body = {"question": "Is it Monday?", "request": {"text": "All is well."}}
    return by.send("PATCH", f"/v1/handoffs/{handoff_id}", body, {"If-Match": f'"{seen["version"]}"'})


def withdraw(by: Agent, handoff_id: str) -> Any:
    return by.act(handoff_id, "withdrawal", {"reason": "Not needed."})


def modelled(version: str | None) -> dict[str, Any]:
    return {"model": {"name": "bart"} | ({} if version is None else {"version": version})}


@pytest.mark.req("R-CONT-08", "R-SAMP-05", "R-ROLE-06")
def test_an_api_key_neither_rewrites_nor_withdraws_what_the_companion_asks(world: World, workflow: Workflow) -> None:
    """A pause's review and a sample's are the companion's questions; those who are looked at do not touch them."""
    dora = world.person("Dora", roles=["on_call"])
    (routed,) = route(workflow.agent, {}, settings={"sampling_rate": 1.0})
    made = pause(dora, workflow_id="tickets")
    for review in (made["review"], routed["sample"]["review"]):
        before = world.stored(review)
        problem(rewrite(workflow.agent, review), 403, "not_yours_to_change")
        problem(withdraw(workflow.agent, review), 403, "not_yours_to_change")
        assert world.stored(review) == before
    own = world.open(workflow.agent)
    assert rewrite(workflow.agent, own["id"]).status_code == 200
    assert withdraw(workflow.agent, own["id"]).status_code == 200


@pytest.mark.req("R-SAMP-07")
def test_a_review_that_ended_undecided_is_asked_for_again(world: World, workflow: Workflow) -> None:
    """Withdrawn by its owner or run out, it said nothing; whoever asks again gets a new one, and one only."""
    ann, olga = world.person("Ann"), world.person("Olga", roles=["owner"])
    routed = undrawn(workflow)[0]
    path = f"/v1/routes/{routed['id']}/review"
    first = ann.send("POST", path, {}).json["id"]  # type: ignore[index]
    assert withdraw(olga, first).status_code == 200
    second = ann.send("POST", path, {}).json["id"]  # type: ignore[index]
    assert second != first
    assert ann.send("POST", path, {}).json["id"] == second  # type: ignore[index]
    assert ann.live(second)["state"] == "pending"
    assert workflow.agent.get(f"/v1/routes/{routed['id']}")["review"] == second
    (drawn,) = route(workflow.agent, {}, settings={"sampling_rate": 1.0})
    assert withdraw(olga, drawn["sample"]["review"]).status_code == 200
    again = ann.send("POST", f"/v1/routes/{drawn['id']}/review", {}).json["id"]  # type: ignore[index]
    assert again != drawn["sample"]["review"]
    assert ann.decide(ann.live(again)).status_code == 200
    assert ann.send("POST", f"/v1/routes/{drawn['id']}/review", {}).json["id"] == again  # type: ignore[index]


@pytest.mark.req("R-CONT-08", "R-ESC-11", "R-CONT-07")
def test_an_approval_from_before_a_second_incident_does_not_resume(world: World, workflow: Workflow) -> None:
    """The same scope stops again after its review was approved: that approval knew nothing of it."""
    ann, dora = world.person("Ann"), world.person("Dora", roles=["on_call"])
    made = pause(dora, workflow_id="tickets", model_version="3")
    assert ann.decide(ann.live(made["review"])).status_code == 200
    (stopped,) = route(workflow.agent, STOP)
    (now,) = dora.get("/v1/pauses")["items"]
    assert (now["id"], now["review"] != made["review"]) == (made["id"], True)
    repeated = world.services.policies.events()[0]
    assert (repeated["event_type"], repeated["details"]["cause"]) == ("pause.repeated", stopped["id"])
    assert repeated["justification"] != made["reason"]
    assert ann.live(now["review"])["state"] == "pending"
    assert repeated["details"]["review"] == now["review"]
    problem(resume(dora, made), 409, "fresh_review_missing")
    (told,) = route(workflow.agent, STOP)
    (still,) = dora.get("/v1/pauses")["items"]
    assert still["review"] == now["review"], "an open review is enough for both"
    assert world.services.policies.events()[0]["details"]["cause"] == told["id"]
    assert ann.decide(ann.live(now["review"])).status_code == 200
    assert resume(dora, made).status_code == 200


@pytest.mark.req("R-CONT-08", "R-ESC-11")
def test_an_approval_in_the_moment_of_the_second_incident_does_not_resume(world: World) -> None:
    """It came while the repetition was being written: before it by the clock, so it does not count either."""
    ann, dora = world.person("Ann"), world.person("Dora", roles=["on_call"])
    made = pause(dora, workflow_id="tickets")
    store = PauseStore(world.services.store)
    book = store.book()
    plan = Plan()
    repeated = replace(book.pauses[0], repeated_at_ms=world.clock.now_ms() + 1)
    store.write(plan, book, book.with_pause(repeated))
    assert store.run(plan)
    assert ann.decide(ann.live(made["review"])).status_code == 200
    problem(resume(dora, made), 409, "fresh_review_missing")
    (now,) = dora.get("/v1/pauses")["items"]
    world.clock.advance(1_000)
    assert ann.decide(ann.live(now["review"])).status_code == 200
    assert resume(dora, made).status_code == 200


@pytest.mark.req("R-CONT-07", "R-ESC-11")
def test_nothing_of_the_batch_that_stops_the_line_goes_through(world: World, workflow: Workflow) -> None:
    """Before and after the stop in the same batch; another workflow in it runs on."""
    other = {"workflow_id": "others"}
    first, stop, last, apart = route(workflow.agent, {}, STOP, {}, other)
    assert [one["route"] for one in (first, stop, last, apart)] == [
        "synchronous_human_review", "stop_the_line", "synchronous_human_review", "auto_commit",
    ]  # fmt: skip
    (made,) = world.person("Ann").get("/v1/pauses")["items"]
    assert first["paused"]["id"] == last["paused"]["id"] == made["id"]
    record = workflow.agent.get(f"/v1/routes/{first['id']}")
    assert [event["event_type"] for event in record["events"]] == ["route.human_review"]


@pytest.mark.req("R-CONT-07", "X-31")
def test_many_versions_that_stop_are_one_pause_of_their_workflow(world: World, workflow: Workflow) -> None:
    """A made-up version for each item opens no flood of pauses and reviews: the whole workflow stands still."""
    ann = world.person("Ann")
    route(workflow.agent, *(STOP | modelled(f"v{n}") for n in range(10)))
    assert len(ann.get("/v1/pauses")["items"]) == 10
    world.emptied()
    ann, agent = world.person("Ann"), world.automation()
    route(agent, *(STOP | modelled(f"v{n}") for n in range(11)))
    (made,) = ann.get("/v1/pauses")["items"]
    assert (made["workflow_id"], made["model_version"]) == ("tickets", None)
    assert route(agent, modelled("w"))[0]["paused"]["id"] == made["id"]


@pytest.mark.req("R-CONT-07", "X-31")
def test_pauses_of_one_workflow_have_a_limit(world: World, workflow: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batch after batch with new versions ends in one pause of the whole workflow."""
    monkeypatch.setattr("companion.service.pauses.MOST_OF_A_WORKFLOW", 4)
    dora = world.person("Dora", roles=["on_call"])
    for n in range(8):
        route(workflow.agent, STOP | modelled(f"v{n}"))
    found = dora.get("/v1/pauses")["items"]
    assert len(found) == 4
    assert (found[0]["workflow_id"], found[0]["model_version"]) == ("tickets", None)
    pause(dora, workflow_id="tickets", model_version="w")
    assert len(dora.get("/v1/pauses")["items"]) == 4


@pytest.mark.req("R-CONT-06", "X-31")
@pytest.mark.parametrize(
    "spelt", ["gpt-4O", " gpt-4o ", "gpt-4o\u200b", "gpt-4\ufe0fo", "gpt-4o\u3164", "\uff47pt-4o", "\u2060GPT-4O", None]
)
def test_another_spelling_of_a_paused_version_does_not_get_around_it(
    world: World, workflow: Workflow, spelt: str | None
) -> None:
    """Capitals, blanks, wide letters and signs that nobody sees; and whoever names no version could be of it."""
    dora = world.person("Dora", roles=["on_call"])
    pause(dora, model_version="gpt-4o")
    (routed,) = route(workflow.agent, modelled(spelt))
    assert routed["route"] == "synchronous_human_review"
    assert routed["paused"] is not None
    assert route(workflow.agent, modelled("gpt-4"))[0]["route"] == "auto_commit"


@pytest.mark.req("H6", "R-CONT-06", "A1")
def test_a_repeated_batch_does_not_get_around_a_pause(world: World, workflow: Workflow) -> None:
    """What went through before the pause is not told again while it holds; what a person is asked anyway is."""
    ann, dora = world.person("Ann"), world.person("Dora", roles=["on_call"])

    def ask(key: str, **more: Any) -> Any:
        body = {"items": [SURE | {"item_id": "1"} | more]}
        return workflow.agent.send("POST", "/v1/routes", body, {"Idempotency-Key": key})

    first, asked = ask("sure").json, ask("unsure", confidence=0.4).json
    assert first["items"][0]["route"] == "auto_commit"
    made = pause(dora, workflow_id="tickets")
    refused = problem(ask("sure"), 409, "paused")
    assert made["id"] in refused["detail"]
    assert "Dora" in refused["detail"]
    assert ask("unsure", confidence=0.4).json == asked
    assert ann.decide(ann.live(made["review"])).status_code == 200
    assert resume(dora, made).status_code == 200
    assert ask("sure").json == first


def settings_refused(by: Agent, queue: str) -> Any:
    return by.send("POST", "/v1/routes", {"items": [SURE], "settings": {"queue": queue}})


@pytest.mark.req("R-ROUTE-34", "X-16")
def test_a_node_does_not_choose_its_way_around_the_trained(world: World, workflow: Workflow) -> None:
    """A queue that the policy does not know is refused; one for a topic that asks for skills goes before the node's."""
    olga = world.person("Olga", roles=["governance"])
    queues = {
        "easy": {"title": "Easy", "skills": [], "categories": []},
        "money": {"title": "Money", "skills": ["finance"], "categories": ["refund"]},
    }
    assert save(olga, document(queues=queues)).status_code in (200, 202)
    refused = problem(settings_refused(workflow.agent, "anywhere"), 422, "settings_unusable")
    assert "easy" in refused["detail"]
    assert "money" in refused["detail"]
    item = {"category": "refund", "confidence": 0.4}
    (routed,) = route(workflow.agent, item, settings={"queue": "easy"})
    assert (routed["queue"], routed["skills"]) == ("money", ["finance"])
    (routed,) = route(workflow.agent, {"confidence": 0.4}, settings={"queue": "easy"})
    assert routed["queue"] == "easy"


@pytest.mark.req("R-SEC-09", "R-ROUTE-22")
@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"title": "Anna, anna@example.com"}, "/title"),
        ({"rationale": "Asked by anna@example.com"}, "/rationale"),
        (
            {"evidence": [{"title": "Mail", "text": "Hi"}, {"title": "M", "text": "anna@example.com"}]},
            "/evidence/1/text",
        ),
        ({"features": [{"name": "mail", "value": "anna@example.com"}]}, "/features/0/value"),
        ({"counterfactuals": ["If it were anna@example.com"]}, "/counterfactuals/0"),
    ],
)
def test_what_a_person_is_shown_beside_the_payload_is_looked_through_too(
    world: World, workflow: Workflow, more: dict[str, Any], where: str
) -> None:
    """Personal data in a title is personal data; and a title, which may hold some, is not kept with the facts."""
    (routed,) = route(workflow.agent, more)
    assert "pii" in routed["flags"]
    record = workflow.agent.get(f"/v1/routes/{routed['id']}")
    assert where in [signal["where"] for signal in record["facts"]["signals"]]
    assert "anna@example.com" not in str(record["facts"])
