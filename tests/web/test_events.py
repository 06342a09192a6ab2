"""Who changed the rules and stopped the line: whoever answers for them reads it, and reads no more than is theirs."""

from typing import Any

import pytest

from companion.core.handoff import Actor
from companion.identity.credentials import ALL_SCOPES
from tests.application import Agent, World, problem
from tests.authenticator import Authenticator
from tests.policies import document, save
from tests.web.test_passkeys import make

LOOSE = {"thresholds": {"review_below_confidence": 0.7}}
LOOSER = {"thresholds": {"review_below_confidence": 0.65}}
PATH = "/v1/events"
OPS = Actor("system", "command_line:olga", "Olga")


OF_PEOPLE = ("reviewer.", "token.", "passkey.", "api_key.")


def all_of(by: Agent, limit: int = 200) -> list[Any]:
    """All events, the newest first, read page by page."""
    found: list[Any] = []
    cursor: str | None = None
    while True:
        page = by.get(PATH, limit=limit, **({} if cursor is None else {"cursor": cursor}))
        found += page["items"]
        cursor = page["cursor"]
        if cursor is None:
            return found
        assert len(page["items"]) == limit


def of_rules(by: Agent, limit: int = 200) -> list[Any]:
    """Those of policies and pauses; that people were added for the test is told as well."""
    return [event for event in all_of(by, limit) if not event["event_type"].startswith(OF_PEOPLE)]


def happened(by: Agent) -> list[str]:
    """The kinds of the events of policies and pauses, the newest first."""
    return [event["event_type"] for event in of_rules(by)]


@pytest.mark.req("R-AUD-18", "R-NOTIF-10", "R-GOV-16")
def test_events_of_policies_and_pauses_are_read_over_http(world: World) -> None:
    """The newest first, page by page, each once: who, what, from which value to which, and why."""
    omar, gwen = world.person("Omar", roles=["operator"]), world.person("Gwen", roles=["governance"])
    assert save(omar, document(), reason="A first one.").status_code == 200
    assert save(omar, document(**LOOSE), 1).status_code == 202
    assert omar.send("POST", "/v1/pauses", {"workflow_id": "tickets", "reason": "Wrong refunds."}).status_code == 201
    assert happened(gwen) == ["pause.started", "policy.proposed", "policy.saved"]
    everything = all_of(gwen)
    for limit in (1, 2, 3, 7):
        assert all_of(gwen, limit) == everything, "each once, in one order, wherever a page ends"
    saved = everything[2]
    assert (saved["decision_actor"]["name"], saved["justification"]) == ("Omar", "A first one.")


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
    seen = of_rules(eve, limit=2)
    assert [event["workflow_id"] for event in seen] == [None, *["others"] * 4]
    assert len({event["event_id"] for event in seen}) == 5
    assert len(of_rules(olga)) == 9


@pytest.mark.req("A2", "A6")
def test_events_are_for_those_who_answer_for_them(world: World) -> None:
    """Auditors, owners and governance; the query is read strictly."""
    for role in ("approver", "operator", "on_call"):
        problem(world.person(f"P{role}", roles=[role]).send("GET", PATH), 403, "role_missing")
    problem(world.automation().send("GET", PATH), 403, "automation_cannot_decide")
    problem(world.nobody().send("GET", PATH), 401, "credential_missing")
    ada = world.person("Ada", roles=["auditor"])
    assert of_rules(ada) == []
    for query in ("limit=0", "limit=201", "limit=x", "colour=red"):
        problem(ada.send("GET", f"{PATH}?{query}"), 422, "invalid_field")
    for cursor in ("(1-1", "0-0"):
        problem(ada.send("GET", f"{PATH}?cursor={cursor}"), 400, "cursor_malformed")


@pytest.mark.req("R-AUD-18", "R-GOV-16")
def test_a_proposal_that_makes_room_for_another_leaves_an_event(world: World) -> None:
    """What was asked of governance and never answered can be found again, with who replaced it."""
    omar, gwen = world.person("Omar", roles=["operator"]), world.person("Gwen", roles=["governance"])
    first = save(omar, document(**LOOSE)).json["proposal"]
    second = save(gwen, document(**LOOSER)).json["proposal"]
    assert happened(gwen) == ["policy.proposed", "policy.replaced", "policy.proposed"]
    replaced = of_rules(gwen)[1]
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


@pytest.mark.req("R-AUD-18", "R-ROLE-01")
def test_who_may_do_what_is_told_when_it_changes(world: World) -> None:
    """Added, changed and removed: from what to what, and in whose name, which is the machine's for its command line."""
    ada, directory = world.person("Ada", roles=["auditor"]), world.services.directory
    ann = world.reviewer("Ann", roles=["approver"])
    directory.change_reviewer(ann.id, {"roles": ["owner"]})
    directory.change_reviewer(ann.id, {"roles": ["owner"]})
    directory.void_links(ann.id)
    directory.remove_reviewer(ann.id)
    events = [event for event in all_of(ada) if event["details"].get("reviewer_id") == ann.id]
    assert [event["event_type"] for event in events] == [
        "reviewer.removed", "reviewer.changed", "reviewer.changed", "reviewer.added",
    ]  # fmt: skip
    assert events[2]["details"]["changes"] == [{"path": "roles", "before": ["approver"], "after": ["owner"]}]
    assert [each["path"] for each in events[1]["details"]["changes"]] == ["generation", "enrolments"]
    assert {event["decision_actor"]["type"] for event in events} == {"system"}
    assert {event["to_actor"] for event in events} == {"Ann"}


@pytest.mark.req("R-AUD-18", "R-ROLE-18")
def test_an_absence_that_another_notes_is_told(world: World) -> None:
    """Who moved somebody's cases is known; when people are away themselves is their own affair."""
    ann, ben, olga = world.signed_in("Ann"), world.reviewer("Ben"), world.person("Olga", roles=["owner"])
    body = {"until": "2099-01-01T00:00:00Z", "backup_id": ben.id}
    for by in (ann, olga):
        assert by.send("PUT", f"/v1/reviewers/{ann.id}/absence", body).status_code == 200
        assert by.send("DELETE", f"/v1/reviewers/{ann.id}/absence").status_code == 200
    events = [event for event in all_of(olga) if event["event_type"] == "reviewer.changed"]
    assert {event["decision_actor"]["name"] for event in events} == {"Olga"}
    assert [event["details"]["changes"][0]["after"] is None for event in events] == [True, False]


@pytest.mark.req("R-AUD-18")
def test_credentials_that_are_made_and_ended_are_told(world: World) -> None:
    """Personal tokens and passkeys, in the name of whoever did it; nothing of the secret."""
    ada, ann, device = world.person("Ada", roles=["auditor"]), world.signed_in("Ann"), Authenticator()
    made = ann.send("POST", "/v1/tokens", {"label": "nightly"}).json
    assert ann.send("DELETE", f"/v1/tokens/{made['id']}").status_code == 204
    passkey = make(ann, device)
    assert ann.send("DELETE", f"/v1/passkeys/{passkey['id']}").status_code == 204
    events = [event for event in all_of(ada) if event["decision_actor"]["id"] == ann.id]
    assert [event["event_type"] for event in events] == [
        "passkey.ended", "passkey.made", "token.ended", "token.made",
    ]  # fmt: skip
    assert made["token"] not in str(events)


@pytest.mark.req("R-AUD-18", "A2")
def test_api_keys_that_are_made_changed_and_revoked_are_told(world: World) -> None:
    """Which key, in whose name, and what it may; nothing of its secrets. Revoked again is not revoked anew."""
    ada, directory = world.person("Ada", roles=["auditor"]), world.services.directory
    key, text, signing_secret = directory.create_api_key("n8n", ["read"], ["tickets"])
    newer = directory.rotate_signing_secret(key.id, actor=OPS)
    directory.drop_older_signing_secret(key.id, actor=OPS)
    directory.give_every_scope(key.id)
    directory.give_every_scope(key.id)
    directory.revoke_api_key(key.id, actor=OPS)
    directory.revoke_api_key(key.id, actor=OPS)
    events = [event for event in all_of(ada) if event["details"].get("key_id") == key.id]
    assert [(event["event_type"], event["decision_actor"]["name"]) for event in events] == [
        ("api_key.ended", "Olga"), ("api_key.changed", "The command line"), ("api_key.changed", "Olga"),
        ("api_key.changed", "Olga"), ("api_key.made", "The command line"),
    ]  # fmt: skip
    assert {(event["to_actor"], event["workflow_id"]) for event in events} == {("n8n", None)}
    ended, widened, dropped, rotated, made = (
        {each["path"]: (each["before"], each["after"]) for each in event["details"]["changes"]} for event in events
    )
    assert made == {"label": (None, "n8n"), "scopes": (None, ["read"]), "workflows": (None, ["tickets"]),
                    "signing_secrets": (None, 1)}  # fmt: skip
    assert (rotated, dropped) == ({"signing_secrets": (1, 2)}, {"signing_secrets": (2, 1)})
    assert widened == {"scopes": (["read"], list(ALL_SCOPES))}
    assert list(ended) == ["revoked_at_ms"]
    for secret in (text, signing_secret, newer, key.sha256, *key.signing_secrets):
        assert secret not in str(events)
