"""Who may call what, over HTTP: every scope, role and link on every endpoint (security rows A2, A3, L4)."""

import json
from typing import Any

import pytest

from companion.identity.credentials import ALL_ROLES, ALL_SCOPES
from companion.identity.directory import CACHE_MS
from companion.store import keys
from companion.web.permissions import TABLE, Allowed
from tests.application import Agent, World, problem

SHUT = {"credential_missing", "scope_missing", "role_missing", "automation_cannot_decide", "assurance_too_low"}
ROWS = sorted(TABLE)


class Callers:
    """One caller of each kind."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.robot = world.automation()
        self.handoff = world.open(self.robot, risk_tier="low")
        self.with_scope = {scope: world.automation(scopes=[scope]) for scope in ALL_SCOPES}
        self.without = {scope: world.automation(scopes=[s for s in ALL_SCOPES if s != scope]) for scope in ALL_SCOPES}
        self.with_role = {role: world.person(f"P{role}", roles=[role]) for role in ALL_ROLES}
        self.roleless = world.person("Nobody", roles=[])
        self.linked_person = world.reviewer("Linda", roles=["approver"])

    def linked(self) -> Agent:
        return self.world.by_link(self.linked_person.id, self.handoff["id"])

    def code(self, agent: Agent, row: tuple[str, str]) -> str | None:
        """The code with which this caller is shut out; None when the request got as far as the endpoint."""
        method, template = row
        path = template.replace("{id}", self.handoff["id"]).replace("{sha256}", "0" * 64).replace("{path}", "x.js")
        body: Any = {} if method not in ("GET", "DELETE") else None
        answer = agent.send(method, path, body)
        code = answer.json["code"] if answer.content_type == "application/problem+json" else None
        return code if code in SHUT else None


@pytest.fixture
def callers(world: World) -> Callers:
    return Callers(world)


@pytest.mark.req("A2", "R-ROLE-08", "R-ROLE-01")
def test_every_endpoint_lets_in_exactly_those_of_the_table(callers: Callers) -> None:
    """Each scope alone, all scopes but one, each role, no role, a link, and nobody: on each endpoint."""
    for row in ROWS:
        allowed: Allowed = TABLE[row]
        got = {f"scope {scope}": callers.code(agent, row) for scope, agent in callers.with_scope.items()}
        got |= {f"all but {scope}": callers.code(agent, row) for scope, agent in callers.without.items()}
        got |= {f"role {role}": callers.code(agent, row) for role, agent in callers.with_role.items()}
        got |= {"no role": callers.code(callers.roleless, row), "nobody": callers.code(callers.world.nobody(), row)}
        got["link"] = callers.code(callers.linked(), row)
        no_key = None if allowed.anybody else "scope_missing" if allowed.scope else "automation_cannot_decide"
        no_role = None if allowed.anybody else "role_missing"
        wanted: dict[str, str | None] = {f"scope {s}": None if s == allowed.scope else no_key for s in ALL_SCOPES}
        wanted |= {
            f"all but {s}": None if allowed.anybody or (allowed.scope and s != allowed.scope) else no_key
            for s in ALL_SCOPES
        }
        wanted |= {f"role {role}": None if role in allowed.roles else no_role for role in ALL_ROLES}
        wanted |= {"no role": no_role, "nobody": None if allowed.anybody else "credential_missing"}
        wanted["link"] = None if allowed.anybody or allowed.link else "assurance_too_low"
        assert got == wanted, row


@pytest.mark.req("A2")
def test_what_is_not_in_the_table_is_refused_to_everybody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint whose row is missing answers nobody, the owner included."""
    owner = world.person("Olga", roles=["owner"])
    assert owner.send("GET", "/v1/decisions").status_code == 200
    monkeypatch.delitem(TABLE, ("GET", "/v1/decisions"))
    problem(owner.send("GET", "/v1/decisions"), 405, "method_not_allowed")


@pytest.mark.req("A2", "R-ROLE-01")
def test_a_key_of_before_that_may_answer_keeps_its_other_scopes_only(world: World) -> None:
    """Keys made with the scope `answer`, which is no more, go on reading, are listed, and answer no question."""
    robot, ann = world.automation(scopes=["open", "read"]), world.person("Ann")
    key = keys.directory("api_keys")
    record = json.loads(world.admin.hget(key, robot.id)) | {"scopes": ["open", "read", "answer"]}
    world.admin.hset(key, robot.id, json.dumps(record))
    world.clock.advance(CACHE_MS)
    opened = world.open(robot)
    ann.act(opened["id"], "questions", {"text": "Which order?"})
    assert robot.live(opened["id"])["question_open"] == "Which order?"
    problem(robot.act(opened["id"], "answers", {"text": "Number 7."}), 403, "automation_cannot_decide")
    assert [key.id for key in world.services.directory.list_api_keys()] == [robot.id]


@pytest.mark.req("A2")
def test_a_revoked_credential_is_refused_within_a_second(world: World) -> None:
    """API key, personal token, session, person, links: each is over within 1 s after somebody ended it."""
    directory, robot = world.services.directory, world.automation()
    handoff = world.open(robot, risk_tier="low")
    ann, ben, browser, linked = (
        world.person("Ann"),
        world.person("Ben"),
        world.signed_in("Cleo"),
        world.reviewer("Dora"),
    )
    by_link = world.by_link(linked.id, handoff["id"])
    path = f"/v1/handoffs/{handoff['id']}"
    agents = [robot, ann, ben, browser, by_link]
    assert [agent.send("GET", path).status_code for agent in agents] == [200] * 5
    directory.revoke_api_key(robot.id)
    directory.revoke_token(directory.list_tokens()[0].id)
    directory.remove_reviewer("Ben")
    directory.remove_reviewer("Cleo")
    directory.void_links("Dora")
    assert CACHE_MS < 1_000
    world.clock.advance(999)
    for agent in agents:
        problem(agent.send("GET", path), 401, "credential_invalid")


@pytest.mark.req("A2")
def test_a_credential_is_kept_as_a_hash_only(world: World) -> None:
    """Neither an API key, nor a personal token, nor a session, nor an enrolment can be read from the store."""
    directory = world.services.directory
    _, key, signing_secret = directory.create_api_key("n8n")
    _, enrolment = directory.add_reviewer("Ann", None)
    _, token = directory.create_token("Ann")
    browser = world.signed_in("Ben")
    cookie = browser.client.get_cookie("handoff_session")
    assert cookie is not None
    client = world.admin
    everything = b"".join(
        part for k in client.scan_iter() for part in (k, repr(client.hgetall(k) if client.type(k) == b"hash" else
        client.smembers(k) if client.type(k) == b"set" else client.xrange(k) if client.type(k) == b"stream" else
        client.get(k)).encode())
    )  # fmt: skip
    for secret in (key, token, enrolment, cookie.value, signing_secret):
        assert secret[-40:].encode() not in everything


BAD = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer x",
    "bearer hk_00000000_" + "A" * 43,
    "Basic dXNlcjpwYXNz",
    "Bearer hs_00000000_" + "A" * 43,
    "Bearer he_00000000_" + "A" * 43,
    "Bearer " + "x" * 5_000,
    "hk_00000000_" + "A" * 43,
    "Bearer hk_../../x_" + "A" * 43,
]


@pytest.mark.req("A2", "J5")
@pytest.mark.parametrize("header", BAD)
def test_what_is_no_credential_of_ours_is_refused(world: World, header: str) -> None:
    """Other schemes, other kinds of secrets and nonsense: 401, also where an anonymous request would get further."""
    answer = world.nobody().send("GET", "/v1/handoffs", headers={"Authorization": header})
    problem(answer, 401, "credential_invalid")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.req("A2", "J5")
def test_a_secret_of_one_kind_is_none_of_another(world: World) -> None:
    """A session cookie is no bearer; an API key and a personal token are no cookies and enrol nobody."""
    robot, ann, browser = world.automation(), world.person("Ann"), world.signed_in("Ben")
    cookie = browser.client.get_cookie("handoff_session")
    assert cookie is not None
    problem(world.bearer(cookie.value).send("GET", "/v1/handoffs"), 401, "credential_invalid")
    for agent in (robot, ann):
        secret = agent.headers["Authorization"].removeprefix("Bearer ")
        other = world.browser()
        other.client.set_cookie("handoff_session", secret)
        problem(other.send("GET", "/v1/handoffs"), 401, "credential_invalid")
        problem(other.send("POST", "/v1/enrolments", {"token": secret}), 401, "enrolment_refused")


def test_an_automation_opens_only_its_own_workflows(world: World) -> None:
    """The field that names the other workflow stands in the refusal, also inside a group."""
    robot = world.automation(workflows=["mine"])
    item = {"workflow_id": "theirs", "request": 1, "model_output": 2}
    key = {"Idempotency-Key": "k"}
    problem(robot.send("POST", "/v1/handoffs", item, key), 403, "workflow_not_yours", "/workflow_id")
    body = {"handoffs": [item | {"workflow_id": "mine"}, item]}
    problem(robot.send("POST", "/v1/groups", body, key), 403, "workflow_not_yours", "/handoffs/1/workflow_id")
    assert world.open(robot, workflow_id="mine")["state"] == "pending"


def test_the_key_of_up_learns_what_automations_can_do_since(world: World) -> None:
    """A data folder of an older version keeps its key, and n8n's credential with it; other keys stay as they are."""
    old, other = world.automation(scopes=["open"]), world.automation(scopes=["open"])
    problem(old.send("GET", "/v1/policies"), 403, "scope_missing")
    world.services.directory.give_every_scope(old.id)
    world.clock.advance(CACHE_MS)
    assert old.get("/v1/policies") == {"items": []}
    problem(other.send("GET", "/v1/policies"), 403, "scope_missing")
