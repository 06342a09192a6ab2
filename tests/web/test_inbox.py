"""The inbox: filters, search, order, and counts that are right for each reader (R-STORE-11, R-STORE-13, R-ROLE-14)."""

from typing import Any

import pytest

from companion.store import lists
from tests.application import BECAUSE, Agent, World, problem


def ids(found: Any) -> list[str]:
    return [item["id"] for item in found["items"]]


def walk(agent: Agent, limit: int = 2, **query: Any) -> list[str]:
    """The whole list, page by page."""
    seen: list[str] = []
    cursor = None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        page = agent.get("/v1/handoffs", limit=limit, **query, **more)
        seen += ids(page)
        cursor = page["cursor"]
        if cursor is None:
            return seen


@pytest.mark.req("R-STORE-11", "R-STORE-13")
def test_what_is_at_stake_is_served_first(world: World) -> None:
    """Service tier before impact, impact before deadline; low-risk work never stands before high-impact work."""
    robot, ann = world.automation(), world.person()
    cheap = world.open(robot, risk_tier="low", expires_in_s=600)["id"]
    dear = world.open(robot, risk_tier="critical", expires_in_s=86_400)["id"]
    gold = world.open(robot, risk_tier="low", service_tier=3, expires_in_s=86_400)["id"]
    soon = world.open(robot, risk_tier="critical", expires_in_s=600)["id"]
    assert ids(ann.get("/v1/handoffs")) == [gold, soon, dear, cheap]
    assert walk(ann, limit=1) == [gold, soon, dear, cheap]


@pytest.mark.req("R-UI-21")
def test_each_filter_gives_its_cases_and_their_number(world: World) -> None:
    """Queue, risk, level, issue, words, mine, claimable: rows and `waiting` agree, page by page too."""
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    high = world.open(robot, risk_tier="high", category="refund", title="Refund for Zoë")["id"]
    low = world.open(robot, risk_tier="low", category="address", requester="max@example.com", task_id="T-77")["id"]
    asked = world.open(robot, risk_tier="low", requester="ann@example.com")["id"]
    up = world.open(robot, risk_tier="low")["id"]
    ben.act(up, "escalations", BECAUSE)
    ben.act(low, "claim", method="PUT")
    queue = ann.live(high)["queue"]
    for query, wanted in (
        ({"risk_tier": "high"}, {high}),
        ({"level": 2}, {up}),
        ({"issue": "refund"}, {high}),
        ({"issue": "nothing"}, set()),
        ({"queue": queue, "risk_tier": "high"}, {high}),
        ({"queue": "nowhere"}, set()),
        ({"q": "zoë"}, {high}),
        ({"q": "T-77"}, {low}),
        ({"q": "MAX@"}, {low}),
        ({"q": asked}, {asked}),
        ({"mine": "true"}, set()),
        ({"claimable": "true"}, {high, up}),
        ({"workflow_id": "summarize", "risk_tier": "low"}, {low, asked, up}),
    ):
        page = ann.get("/v1/handoffs", **query)
        assert set(ids(page)) == wanted, query
        assert (page["waiting"], page["waiting_exact"]) == (len(wanted), True), query
        assert set(walk(ann, limit=1, **query)) == wanted, query
    assert ids(ben.get("/v1/handoffs", mine="true")) == [low]
    ann.act(high, "claim", method="PUT")
    assert ids(ann.get("/v1/handoffs", mine="true")) == [high]


@pytest.mark.req("R-ROLE-14")
def test_senior_people_are_served_what_came_up_to_them(world: World) -> None:
    """A reviewer of levels 3 and 4 is served these only, and counted these only; any case opens by its address."""
    robot, ann = world.automation(), world.person("Ann")
    vera = world.person("Vera", levels=[3, 4])
    opened = [world.open(robot)["id"] for _ in range(3)]
    for _ in range(2):
        ann.act(opened[0], "escalations", BECAUSE)
    served = vera.get("/v1/handoffs")
    assert (ids(served), served["waiting"], served["waiting_exact"]) == ([opened[0]], 1, True)
    assert ids(vera.get("/v1/handoffs", claimable="true")) == [opened[0]]
    assert ann.get("/v1/handoffs")["waiting"] == 3
    assert len(ids(vera.get("/v1/handoffs", level=1))) == 2, "asked for, they are shown"
    assert vera.live(opened[1])["state"] == "pending"
    owner = world.person("Olga", roles=["owner"])
    owner.act(opened[1], "assignee", {"reviewer_id": vera.id}, method="PUT")
    assert set(ids(vera.get("/v1/handoffs"))) == {opened[0], opened[1]}, "what is given to them is theirs"


@pytest.mark.req("R-ROLE-08", "R-UI-21")
def test_a_reviewer_of_some_queues_sees_and_counts_these(world: World) -> None:
    """What stands in another queue is neither listed, nor counted, nor found by its id."""
    robot, ann = world.automation(), world.person("Ann")
    here = world.open(robot)["id"]
    queue = ann.live(here)["queue"]
    quinn, other = world.person("Quinn", queues=[queue]), world.person("Otto", queues=["elsewhere"])
    assert (ids(quinn.get("/v1/handoffs")), quinn.get("/v1/handoffs")["waiting"]) == ([here], 1)
    nothing = other.get("/v1/handoffs")
    assert (nothing["items"], nothing["waiting"], nothing["cursor"]) == ([], 0, None)
    problem(other.send("GET", f"/v1/handoffs/{here}"), 404, "not_found")
    ann.decide(ann.live(here))
    assert ids(other.get("/v1/handoffs", state="decided")) == []
    assert ids(quinn.get("/v1/handoffs", state="all")) == [here]


@pytest.mark.req("A4")
def test_a_filter_that_fits_little_reads_a_bounded_part(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where more would have to be read, the count says that it is not exact, and the cursor leads on to the rest."""
    robot, ann = world.automation(), world.person("Ann")
    wanted = [
        world.open(robot, category="rare" if number in (0, 6) else None, expires_in_s=600 * (number + 1))["id"]
        for number in range(8)
    ]
    monkeypatch.setattr(lists.HandoffLists.list_open, "__kwdefaults__", {"wanted": lists.anything, "look_at": 5})
    first = ann.get("/v1/handoffs", issue="rare")
    assert first["waiting_exact"] is False
    assert (ids(first), first["waiting"]) == ([wanted[0]], 1)
    assert first["cursor"] is not None
    assert set(walk(ann, limit=5, issue="rare")) == {wanted[0], wanted[6]}
    assert ann.get("/v1/handoffs")["waiting"] == 8, "without a filter nothing has to be read to be counted"


@pytest.mark.req("R-UI-21")
def test_decided_cases_are_filtered_too(world: World) -> None:
    """The newest first, whoever decided them, and the cursor passes what does not fit."""
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    opened = [world.open(robot, category=name) for name in ("a", "b", "a", "b", "a")]
    for number, one in enumerate(opened):
        (ann if number < 3 else ben).decide(one)
    wanted = [opened[number]["id"] for number in (4, 2, 0)]
    assert walk(ann, limit=1, state="decided", issue="a") == wanted
    assert walk(ann, limit=2, state="all", issue="a") == wanted
    assert walk(ann, state="decided", mine="true") == [opened[number]["id"] for number in (2, 1, 0)]


@pytest.mark.req("R-UI-21")
def test_the_choices_of_the_filters_are_those_that_wait(world: World) -> None:
    """Workflows, queues with their titles, issues: only what the reader may see."""
    robot = world.automation()
    world.open(robot, workflow_id="one", category="refund")
    world.open(robot, workflow_id="two", category="address")
    ann = world.person("Ann", workflows=["one"])
    facets = ann.get("/v1/handoffs", facets="true")["facets"]
    assert (facets["workflows"], facets["issues"]) == (["one"], ["refund"])
    assert [set(queue) for queue in facets["queues"]] == [{"id", "title"}]
    assert "facets" not in ann.get("/v1/handoffs")


@pytest.mark.req("A6")
@pytest.mark.parametrize(
    "query",
    ["level=5", "level=x", "risk_tier=none", "mine=maybe", "q=", "q=" + "x" * 101, "queue=a%20b", "limit=0", "other=1"],
)
def test_what_is_no_filter_is_refused(world: World, query: str) -> None:
    """A filter that was misread would hide cases."""
    problem(world.person().send("GET", f"/v1/handoffs?{query}"), 422, "invalid_field")


@pytest.mark.req("A6")
@pytest.mark.parametrize("cursor", ["x", "1.ho_x", "1" * 17 + ".ho_" + "0" * 28, "-1", "1.2"])
def test_a_cursor_of_nobody_is_refused(world: World, cursor: str) -> None:
    """Cursors come from answers."""
    problem(world.person().send("GET", f"/v1/handoffs?cursor={cursor}"), 400, "cursor_malformed")


@pytest.mark.req("R-ROLE-01", "R-UI-21")
def test_each_row_says_whether_its_reader_may_act_on_it(world: World) -> None:
    """As many rows say so as `claimable` finds: the page counts what waits for this person as its Next does."""
    robot, ann, ben = world.automation(), world.signed_in("Ann"), world.signed_in("Ben")
    olga = world.person("Olga", roles=["operator"])
    held, free = world.open(robot)["id"], world.open(robot)["id"]
    assert ben.act(held, "claim", method="PUT").status_code == 200

    def told(by: Agent) -> dict[str, bool]:
        return {row["id"]: row["may_act"] for row in by.get("/v1/handoffs", state="open")["items"]}

    assert told(ann) == {held: False, free: True}
    assert told(ben) == {held: True, free: True}
    assert told(olga) == {held: False, free: False}
    for by in (ann, ben, olga):
        claimable = by.get("/v1/handoffs", claimable="true")["items"]
        assert {row["id"] for row in claimable} == {each for each, may in told(by).items() if may}
