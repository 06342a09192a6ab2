"""Who changed the rules and stopped the line: whoever answers for them reads it, and reads no more than is theirs."""

from typing import Any

import pytest

from tests.application import Agent, World, problem
from tests.policies import document, save

LOOSE = {"thresholds": {"review_below_confidence": 0.7}}
LOOSER = {"thresholds": {"review_below_confidence": 0.65}}
PATH = "/v1/events"


def happened(by: Agent, **query: Any) -> list[str]:
    """The kinds of the events, the newest first."""
    return [event["event_type"] for event in by.get(PATH, **query)["items"]]


@pytest.mark.req("R-AUD-18", "R-NOTIF-10", "R-GOV-16")
def test_events_of_policies_and_pauses_are_read_over_http(world: World) -> None:
    """The newest first, page by page, each once: who, what, from which value to which, and why."""
    omar, gwen = world.person("Omar", roles=["operator"]), world.person("Gwen", roles=["governance"])
    assert save(omar, document(), reason="A first one.").status_code == 200
    assert save(omar, document(**LOOSE), 1).status_code == 202
    assert omar.send("POST", "/v1/pauses", {"workflow_id": "tickets", "reason": "Wrong refunds."}).status_code == 201
    assert happened(gwen) == ["pause.started", "policy.proposed", "policy.saved"]
    first = gwen.get(PATH, limit=2)
    rest = gwen.get(PATH, limit=2, cursor=first["cursor"])
    assert [len(first["items"]), len(rest["items"]), rest["cursor"]] == [2, 1, None]
    (saved,) = rest["items"]
    assert (saved["decision_actor"]["name"], saved["justification"]) == ("Omar", "A first one.")
    assert gwen.get(PATH, limit=3)["cursor"] is None


@pytest.mark.req("R-SEC-04", "R-ROLE-01", "A3")
def test_whoever_works_on_some_workflows_reads_their_events_only(world: World) -> None:
    """Pages are filled with what is theirs; a pause of everything concerns everybody."""
    olga = world.person("Olga", roles=["owner"])
    for number in range(4):
        for name in ("tickets", "others"):
            policy = document(name, title=f"Number {number}")
            assert save(olga, policy, number).status_code == 200
    assert olga.send("POST", "/v1/pauses", {"all": True, "reason": "Look."}).status_code == 201
    eve = world.person("Eve", roles=["auditor"], workflows=["others"])
    seen, cursor = [], None
    while True:
        page = eve.get(PATH, limit=2, **({} if cursor is None else {"cursor": cursor}))
        seen += page["items"]
        cursor = page["cursor"]
        if cursor is None:
            break
        assert len(page["items"]) == 2
    assert [event["workflow_id"] for event in seen] == [None, *["others"] * 4]
    assert len({event["event_id"] for event in seen}) == 5
    assert len(olga.get(PATH)["items"]) == 9


@pytest.mark.req("A2", "A6")
def test_events_are_for_those_who_answer_for_them(world: World) -> None:
    """Auditors, owners and governance; the query is read strictly."""
    for role in ("approver", "operator", "on_call"):
        problem(world.person(f"P{role}", roles=[role]).send("GET", PATH), 403, "role_missing")
    problem(world.automation().send("GET", PATH), 403, "automation_cannot_decide")
    problem(world.nobody().send("GET", PATH), 401, "credential_missing")
    ada = world.person("Ada", roles=["auditor"])
    assert ada.get(PATH) == {"items": [], "cursor": None}
    for query in ("limit=0", "limit=201", "limit=x", "colour=red"):
        problem(ada.send("GET", f"{PATH}?{query}"), 422, "invalid_field")
    problem(ada.send("GET", f"{PATH}?cursor=(1-1"), 400, "cursor_malformed")


@pytest.mark.req("R-AUD-18", "R-GOV-16")
def test_a_proposal_that_makes_room_for_another_leaves_an_event(world: World) -> None:
    """What was asked of governance and never answered can be found again, with who replaced it."""
    omar, gwen = world.person("Omar", roles=["operator"]), world.person("Gwen", roles=["governance"])
    first = save(omar, document(**LOOSE)).json["proposal"]
    second = save(gwen, document(**LOOSER)).json["proposal"]
    assert happened(gwen) == ["policy.proposed", "policy.replaced", "policy.proposed"]
    replaced = gwen.get(PATH)["items"][1]
    assert replaced["details"]["proposal_id"] == first["id"]
    assert replaced["details"]["replaced_by"] == second["id"]
    assert replaced["details"]["proposer"]["name"] == "Omar"
    assert replaced["decision_actor"]["name"] == "Gwen"


@pytest.mark.req("R-GOV-16", "R-ROLE-06")
def test_sending_a_proposal_again_does_not_change_who_proposed_it(world: World) -> None:
    """Else whoever wrote it could have a colleague send the same text, and approve it."""
    gwen, omar = world.person("Gwen", roles=["governance"]), world.person("Omar", roles=["operator"])
    first = save(gwen, document(**LOOSE), reason="Too many are asked.").json["proposal"]
    again = save(omar, document(**LOOSE), reason="Please.")
    assert (again.status_code, again.json["proposal"]) == (202, first)
    assert happened(gwen) == ["policy.proposed"]
    body = {"proposal_id": first["id"], "verdict": "approve", "reason": "Agreed."}
    problem(gwen.send("POST", "/v1/policies/tickets/approvals", body), 403, "self_approval")
    # The policy moves on, so that the proposal has to be made again: it still is Gwen's.
    assert save(omar, document(title="Tickets")).status_code == 200
    newer = save(omar, document(**LOOSE), 1).json["proposal"]
    assert (newer["base_version"], newer["proposed_by"]["name"]) == (1, "Gwen")
    problem(gwen.send("POST", "/v1/policies/tickets/approvals", body | {"proposal_id": newer["id"]}), 403,
            "self_approval")  # fmt: skip
