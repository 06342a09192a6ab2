"""What a caller reads: the live view, packages as tokens, blobs, and cheap watching."""

import json
from hashlib import sha256
from typing import Any

import pytest

from companion.core.canonical import canonical_bytes, digest
from companion.core.keyring import KeyRing
from companion.core.tokens import Claims, verify
from tests.application import BECAUSE, ITEM, ORIGIN, Agent, World, problem
from tests.published_keys import read_key


def claims(world: World, token: str, audience: Any) -> Claims:
    """What a token says, checked with nothing but the published keys, as a page or a node does it."""
    keys = world.nobody().get("/.well-known/jwks.json")["keys"]
    found = tuple(key for key in map(read_key, keys) if key is not None)
    came = verify(token, KeyRing(found), audience=audience, issuer=ORIGIN, now_ms=world.clock.now_ms())
    assert isinstance(came, Claims), came
    return came


@pytest.mark.req("R-CTX-01", "R-CTX-06", "R-CTX-02", "H1")
def test_opening_answers_with_a_token_that_anybody_can_check(world: World) -> None:
    """Id, state, review address and the signed package, whose digests are those of the answer and of what was sent."""
    opened = world.open(world.automation(), task_id="exec-1")
    assert set(opened) == {
        "id", "group_id", "state", "version", "package_token", "package_digest", "request_digest", "output_digest",
        "review_url", "expires_at",
    }  # fmt: skip
    found = claims(world, opened["package_token"], "n8n")
    assert (found.handoff_id, found.package["handoff_id"]) == (opened["id"], opened["id"])
    assert "sha256:" + sha256(canonical_bytes(found.package)).hexdigest() == opened["package_digest"]
    assert (found.package["request"], found.package["model_output"]) == (ITEM["request"], ITEM["model_output"])
    assert opened["request_digest"] == digest(ITEM["request"])
    assert opened["output_digest"] == digest(ITEM["model_output"])


@pytest.mark.req("R-CTX-02", "R-ACT-12", "R-SEC-03", "J5")
def test_an_altered_or_foreign_package_token_completes_nothing(world: World) -> None:
    """One character of header, payload or signature changed, the node's own token, an old one: 401, nothing happens."""
    robot, ann = world.automation(), world.person("Ann")
    opened = world.open(robot)
    token = ann.get(f"/v1/handoffs/{opened['id']}/package")["package_token"]
    parts = token.split(".")
    bad = ["", "x", "a.b.c", opened["package_token"], token + "A", parts[0] + "." + parts[1] + "."]
    for at, part in enumerate(parts):
        for place in range(0, len(part), max(1, len(part) // 25)):
            other = part[:place] + ("A" if part[place] != "A" else "B") + part[place + 1 :]
            bad.append(".".join([*parts[:at], other, *parts[at + 1 :]]))
    before = world.dump()
    for altered in bad:
        problem(
            ann.send("POST", "/handoff/complete", {"package_token": altered, "action": "approve"}),
            401,
            "package_token_refused",
            "/package_token",
        )
    assert world.dump() == before
    world.clock.advance(15 * 60_000)
    problem(
        ann.send("POST", "/handoff/complete", {"package_token": token, "action": "approve"}),
        401,
        "package_token_refused",
    )
    fresh = ann.get(f"/v1/handoffs/{opened['id']}/package")["package_token"]
    assert ann.send("POST", "/handoff/complete", {"package_token": fresh, "action": "approve"}).json["approved"] is True


@pytest.mark.req("R-SEC-03", "R-ACT-12")
def test_a_package_token_is_no_authority(world: World) -> None:
    """Whoever has it still needs a person's own credential; an API key with the token decides nothing."""
    robot, ann = world.automation(), world.person("Ann")
    opened = world.open(robot)
    token = ann.get(f"/v1/handoffs/{opened['id']}/package")["package_token"]
    body = {"package_token": token, "action": "approve"}
    problem(world.nobody().send("POST", "/handoff/complete", body), 401, "credential_missing")
    problem(robot.send("POST", "/handoff/complete", body), 403, "automation_cannot_decide")
    problem(world.person("Otto", workflows=["other"]).send("POST", "/handoff/complete", body), 404, "not_found")
    problem(world.person("Aude", roles=["auditor"]).send("POST", "/handoff/complete", body), 403, "role_missing")
    problem(world.bearer(token).send("GET", "/v1/handoffs"), 401, "credential_invalid")
    assert ann.live(opened["id"])["state"] == "pending"


@pytest.mark.req("R-CTX-18", "R-CTX-05", "R-AUD-12")
def test_a_person_gets_the_view_for_the_page_and_its_digest(world: World) -> None:
    """Without the salt, for the audience page, with the digests that the decision then carries into its event."""
    ann = world.person()
    opened = world.open(world.automation())
    token = ann.get(f"/v1/handoffs/{opened['id']}/package")["package_token"]
    found = claims(world, token, "page")
    assert "salt" not in found.package
    assert found.view is not None
    assert found.view.package_digest == opened["package_digest"]
    assert found.view.view_digest == digest(found.package)
    assert ann.decide(opened, view_digest=found.view.view_digest).status_code == 200
    events, _ = world.services.store.surroundings(world.stored(opened["id"]))
    assert (events[-1]["view_digest"], events[-1]["package_digest"]) == (
        found.view.view_digest,
        opened["package_digest"],
    )


@pytest.mark.req("R-CTX-03", "R-ACT-08", "R-ACT-04")
def test_old_versions_stay_and_new_ones_point_to_them(world: World) -> None:
    """After a question, its answer and an edit the first token still verifies, and each version names its parent."""
    robot, ann = world.automation(), world.person("Ann")
    opened = world.open(robot)
    first = claims(world, opened["package_token"], "n8n").package
    ann.act(opened["id"], "annotations", {"text": "Hm."})
    assert ann.live(opened["id"])["package_digest"] == opened["package_digest"], "a note makes no new version"
    ann.act(opened["id"], "questions", {"text": "Which order?"})
    assert ann.live(opened["id"])["question_open"] == "Which order?"
    answered = ann.act(opened["id"], "answers", {"text": "Number 7."}).json
    second = claims(world, robot.get(f"/v1/handoffs/{opened['id']}/package")["package_token"], "n8n").package
    assert (second["parent_digest"], second["package_version"], second["request"]) == (
        opened["package_digest"],
        2,
        first["request"],
    )
    problem(ann.decide(opened, version=answered["version"]), 409, "package_digest_mismatch")
    done = ann.decide(answered, "modify", edited_output={"summary": "Edited."}).json
    third = claims(world, robot.get(f"/v1/handoffs/{opened['id']}/package")["package_token"], "n8n").package
    assert (third["parent_digest"], third["model_output"]) == (answered["package_digest"], {"summary": "Edited."})
    assert (done["output"], done["decision"]["edited"]) == ({"summary": "Edited."}, True)
    assert claims(world, opened["package_token"], "n8n").package == first
    stored = world.admin.hgetall(f"{{p00}}:handoff:{opened['id']}".encode())
    assert json.loads(stored[b"package:1"]) == first


@pytest.mark.req("R-CTX-03", "X-28")
def test_a_workflow_may_revise_what_nobody_holds(world: World) -> None:
    """PATCH makes a new linked version; whoever looked at the old one is told to look again; null members survive."""
    robot, ann = world.automation(), world.person("Ann")
    opened = world.open(robot)
    path = f"/v1/handoffs/{opened['id']}"
    change = {"model_output": {"a": None, "b": [None]}, "title": "New title", "question": "Sure?"}
    problem(robot.send("PATCH", path, change), 428, "version_required")
    problem(robot.send("PATCH", path, {}, {"If-Match": '"1"'}), 422, "invalid_field")
    live = robot.send("PATCH", path, change, {"If-Match": '"1"'}).json
    assert (live["version"], live["title"], live["question"], live["state"]) == (2, "New title", "Sure?", "pending")
    package = claims(world, robot.get(f"{path}/package")["package_token"], "n8n").package
    assert package["model_output"] == {"a": None, "b": [None]}
    assert (package["metadata"]["title"], package["request"]) == ("New title", ITEM["request"])
    problem(ann.decide(opened), 412, "version_stale")
    assert ann.act(opened["id"], "claim", method="PUT").status_code == 200
    problem(robot.send("PATCH", path, change, {"If-Match": '"3"'}), 409, "illegal_transition")


@pytest.mark.req("R-CTX-04")
def test_a_megabyte_is_fetched_by_its_hash(world: World) -> None:
    """The token stays small; the blob under its hash is what was sent; other people do not get it."""
    robot, ann = world.automation(), world.person("Ann")
    opened = world.open(robot, request={"body": "x" * 1_000_000, "n": 1})
    assert len(opened["package_token"]) < 16 * 1024
    package = claims(world, opened["package_token"], "n8n").package
    (pointer,) = package["large_values"]
    assert (pointer["path"], package["request"]) == ("/request/body", {"body": None, "n": 1})
    blob = ann.send("GET", f"/v1/handoffs/{opened['id']}/blobs/{pointer['sha256']}")
    assert (sha256(blob.data).hexdigest(), len(blob.data)) == (pointer["sha256"], pointer["size_bytes"])
    other = world.open(robot)
    problem(ann.send("GET", f"/v1/handoffs/{other['id']}/blobs/{pointer['sha256']}"), 404, "not_found")


@pytest.mark.req("R-STORE-17", "R-STORE-06", "R-UI-27")
def test_the_live_view_tells_what_stands_there(world: World) -> None:
    """State, deadline, what this caller may do and why not; after the decision who decided, when, and the receipt."""
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    opened = world.open(
        robot, approve_label="Approve and send", requester="ben@example.com", callback_url="http://localhost:1/x"
    )
    live = ann.live(opened["id"])
    assert (live["state"], live["approved"], live["decided_at"], live["decision"]) == ("pending", None, None, None)
    assert [(action["action"], action["allowed"]) for action in live["actions"]] == [
        ("approve", True), ("reject", True), ("modify", True), ("escalate", True), ("ask", True),
    ]  # fmt: skip
    assert live["actions"][0]["label"] == "Approve and send"
    assert [action["needs_reason"] for action in live["actions"]] == [False, True, True, True, False]
    assert [action["action"] for action in live["actions"] if action["primary"]] == ["approve", "reject"]
    # Whoever asked may still say something about it, and say no to it.
    assert {a["action"] for a in ben.live(opened["id"])["actions"] if a["allowed"]} == {"reject", "escalate", "ask"}
    assert "asked for this" in ben.live(opened["id"])["actions"][0]["why_not"]
    assert not any(action["allowed"] for action in robot.live(opened["id"])["actions"])
    done = ann.decide(opened, "reject").json
    assert done == ann.live(opened["id"]) | {"event_id": done["event_id"], "decision_action": "reject"}
    assert (done["approved"], done["decided_by"]["name"], done["decided_at"]) == (
        False,
        "Ann",
        "2026-11-21T08:00:00.000Z",
    )
    assert done["decision"]["event_id"] == done["event_id"] == done["history"][-1]["event_id"]
    assert (done["actions"], done["delivery"]["status"]) == ([], "pending")
    assert "output" not in done


@pytest.mark.req("R-STORE-14", "R-STORE-15")
def test_what_is_offered_is_what_would_be_taken(world: World) -> None:
    """In each undecided state, and past the deadline: an act is offered exactly if the server takes it."""
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    ways: dict[str, Any] = {
        "pending": lambda h: None,
        "claimed": lambda h: ann.act(h["id"], "claim", method="PUT"),
        "claimed by another": lambda h: ben.act(h["id"], "claim", method="PUT"),
        "lapsed": lambda h: (ben.act(h["id"], "claim", method="PUT"), world.clock.advance(900_000)),
        "awaiting_information": lambda h: ann.act(h["id"], "questions", {"text": "x"}),
        "awaiting_second_review": ben.decide,
        "own first approval": ann.decide,
        "late": lambda h: world.clock.advance(3_600_000),
    }
    bodies: dict[str, tuple[str, Any]] = {"escalate": ("escalations", BECAUSE), "ask": ("questions", {"text": "x"})}
    for way, reach in ways.items():
        for action in ("approve", "reject", "modify", "escalate", "ask"):
            opened = world.open(
                robot,
                approvals_needed=2 if way in ("awaiting_second_review", "own first approval") else 1,
                expires_in_s=3_600,
            )
            reach(opened)
            live = ann.live(opened["id"])
            offered = {a["action"]: a["allowed"] for a in live["actions"]}
            if action in bodies:
                answer = ann.act(opened["id"], *bodies[action])
            else:
                answer = ann.decide(live, action, **({"edited_output": 1} if action == "modify" else {}))
            if way == "late" and action in bodies:
                continue  # the server would still take these for a moment; nothing is gained by offering them
            if way == "own first approval" and action == "escalate":
                continue
            assert (answer.status_code == 200) == offered[action], (way, action, answer.text)


@pytest.mark.req("R-UI-24", "R-ACT-05", "R-ACT-07", "R-ROUTE-41")
def test_notes_and_history_go_with_the_case(world: World) -> None:
    """The next reviewer sees what was noted, asked and handed on, by whom and when."""
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    opened = world.open(robot)
    ann.act(opened["id"], "annotations", {"text": "Called the customer."})
    world.clock.advance(60_000)
    ann.act(opened["id"], "escalations", BECAUSE)
    live = ben.live(opened["id"])
    assert live["reviewer_level"] == 2
    assert [(note["text"], note["by"]["name"]) for note in live["notes"]] == [("Called the customer.", "Ann")]
    assert [(entry["type"], entry["by"]["name"]) for entry in live["history"]] == [
        ("handoff.opened", "n8n"), ("handoff.escalated", "Ann"),
    ]  # fmt: skip
    assert live["history"][1]["at"] == "2026-11-21T08:01:00.000Z"
    assert live["history"][1]["text"] == "Escalated: It names a customer."


def watch(agent: Agent, path: str, tag: str | None) -> Any:
    return agent.send("GET", path, headers={} if tag is None else {"If-None-Match": tag})


@pytest.mark.parametrize("where", ["handoff", "inbox", "group"])
def test_watching_is_cheap_until_something_changes(world: World, where: str) -> None:
    """The same ETag while nothing happens, with an empty 304; another one after each change."""
    robot, ann = world.automation(), world.person("Ann")
    opened = world.open(robot)
    path = {
        "handoff": f"/v1/handoffs/{opened['id']}",
        "inbox": "/v1/handoffs",
        "group": f"/v1/groups/{opened['group_id']}",
    }[where]
    tag = watch(ann, path, None).headers["ETag"]
    again = watch(ann, path, tag)
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    changes = [lambda: ann.act(opened["id"], "claim", method="PUT"), lambda: world.clock.advance(900_000),
               lambda: ann.decide(opened, version=2)]  # fmt: skip
    for change in changes:
        change()
        fresh = watch(ann, path, tag)
        assert (fresh.status_code, fresh.headers["ETag"] != tag) == (200, True)
        tag = fresh.headers["ETag"]


def test_a_group_shows_its_handoffs_and_its_callback(world: World) -> None:
    """Each with its state; the callback only once there is one; the addresses lead to one case or to the group."""
    robot, ann = world.automation(), world.person("Ann")
    group = world.open_group(robot, [{}, {}], callback_url="http://localhost:1/secret-path?signature=s3cret")
    assert group["review_url"] == f"{ORIGIN}/#/g/{group['id']}"
    single = world.open_group(robot, [{}])
    assert single["review_url"] == single["handoffs"][0]["review_url"]
    shown = ann.get(f"/v1/groups/{group['id']}")
    assert [handoff["state"] for handoff in shown["handoffs"]] == ["pending", "pending"]
    assert shown["delivery"] is None
    ids = {item["id"] for item in ann.get("/v1/handoffs", group_id=group["id"])["items"]}
    assert ids == {handoff["id"] for handoff in group["handoffs"]}
    for handoff in group["handoffs"]:
        ann.decide(handoff)
    assert ann.get(f"/v1/groups/{group['id']}")["delivery"]["status"] == "pending"


@pytest.mark.req("L6", "R-STORE-08")
def test_a_callback_is_shown_without_its_secret_address_and_sent_again_by_hand(world: World) -> None:
    """The signed path is the right to resume a workflow: only the origin is shown. A replay goes out once."""
    robot, owner = world.automation(), world.person("Olga", roles=["owner"])
    opened = world.open(robot, callback_url="http://localhost:1/secret-path?signature=s3cret")
    assert owner.decide(opened).status_code == 200
    (item,) = owner.get("/v1/deliveries")["items"]
    assert (item["url_origin"], item["handoff_ids"], item["status"]) == (
        "http://localhost:1",
        [opened["id"]],
        "pending",
    )
    path = f"/v1/deliveries/{item['id']}"
    assert owner.get(path) == item
    problem(owner.send("POST", f"{path}/replay"), 409, "delivery_under_way")
    assert "s3cret" not in json.dumps([owner.get(path), owner.live(opened["id"]), owner.get("/v1/handoffs")])
    assert "s3cret" not in world.log.getvalue()
