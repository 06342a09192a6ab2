"""Every answer that is no success is problem+json with a code, and gives nothing away (security row A5)."""

import json
from typing import Any

import pytest

from companion.web.problems import STATUS
from tests.application import BECAUSE, ITEM, World, problem
from tests.servers import RedisServer
from tests.system.waiting import wait_until


@pytest.mark.req("A5")
@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/handoffs", 401, "credential_missing"),
        ("GET", "/nothing/here", 404, "not_found"),
        ("GET", "/v1/nothing", 404, "not_found"),
        ("GET", "/%00", 404, "not_found"),
        ("GET", "/..%2f..%2fetc/passwd", 404, "not_found"),
        ("GET", "/" + "x" * 3_000, 404, "not_found"),
        ("GET", "/%ed%a0%80", 404, "not_found"),
        ("DELETE", "/%ed%a0%80", 405, "method_not_allowed"),
        ("POST", "/healthz", 405, "method_not_allowed"),
        ("DELETE", "/v1/handoffs", 405, "method_not_allowed"),
        ("OPTIONS", "/v1/handoffs", 405, "method_not_allowed"),
        ("TRACE", "/v1/handoffs", 405, "method_not_allowed"),
        ("BREW", "/", 405, "method_not_allowed"),
    ],
)
def test_what_is_not_there_is_a_problem(world: World, method: str, path: str, status: int, code: str) -> None:
    """Unknown paths, methods and strange spellings get the same shape as every other refusal."""
    problem(world.nobody().send(method, path), status, code)


@pytest.mark.req("A5")
def test_a_method_that_is_not_taken_is_told_which_are(world: World) -> None:
    """RFC 9110: a 405 carries Allow."""
    assert world.nobody().send("DELETE", "/v1/handoffs").headers["Allow"] == "GET, HEAD, POST"
    assert world.nobody().send("OPTIONS", "/v1/handoffs/x/claim").headers["Allow"] == "DELETE, PUT"
    assert world.nobody().send("POST", "/healthz").headers["Allow"] == "GET, HEAD"


@pytest.mark.req("A5", "R-SEC-06")
def test_a_bug_of_ours_is_a_problem_without_a_trace(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log has the trace; the answer has neither trace, nor path, nor anything that the exception said."""

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret: hunter2 in /etc/passwd")

    ann = world.person()
    monkeypatch.setattr(type(world.services.store), "list_open", broken)
    answer = ann.send("GET", "/v1/handoffs")
    problem(answer, 500, "internal_error")
    for word in ("hunter2", "passwd", "RuntimeError", "Traceback", ".py"):
        assert word not in answer.text
    (line,) = [json.loads(text) for text in world.log.getvalue().splitlines() if "unexpected_error" in text]
    assert "RuntimeError" in line["exception"]


@pytest.mark.req("A5", "R7")
def test_while_the_store_is_away_every_endpoint_says_so_and_recovers(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """503 problem+json with Retry-After on each endpoint that needs the store; nothing needs a restart afterwards."""
    server = RedisServer(tmp_path_factory.mktemp("store"))
    server.start()
    try:
        world = World(server.url)
        robot, ann = world.automation(), world.person("Ann", roles=["approver", "owner"])
        opened = world.open(robot, callback_url="http://localhost:1/x")
        token = ann.get(f"/v1/handoffs/{opened['id']}/package")["package_token"]
        one = f"/v1/handoffs/{opened['id']}"
        requests: list[tuple[Any, str, str, Any]] = [
            (robot, "POST", "/v1/handoffs", ITEM),
            (robot, "POST", "/v1/groups", {"handoffs": [ITEM]}),
            (ann, "GET", "/v1/handoffs", None),
            (ann, "GET", one, None),
            (robot, "PATCH", one, {"title": "New"}),
            (ann, "GET", f"{one}/package", None),
            (ann, "GET", f"{one}/blobs/{'0' * 64}", None),
            (ann, "POST", f"{one}/decision", {"action": "approve", "package_digest": opened["package_digest"]}),
            (ann, "PUT", f"{one}/claim", None),
            (ann, "DELETE", f"{one}/claim", None),
            (ann, "POST", f"{one}/escalations", BECAUSE),
            (ann, "POST", f"{one}/annotations", {"text": "x"}),
            (ann, "POST", f"{one}/questions", {"text": "x"}),
            (ann, "POST", f"{one}/answers", {"text": "x"}),
            (robot, "POST", f"{one}/withdrawal", {}),
            (ann, "POST", f"{one}/rollback", BECAUSE),
            (ann, "POST", "/handoff/complete", {"package_token": token, "action": "approve"}),
            (ann, "GET", f"/v1/groups/{opened['group_id']}", None),
            (ann, "GET", "/v1/decisions", None),
            (ann, "GET", "/v1/deliveries", None),
            (ann, "GET", "/v1/deliveries/dl_00" + "0" * 26, None),
            (ann, "POST", "/v1/deliveries/dl_00" + "0" * 26 + "/replay", None),
            (ann, "GET", "/v1/sessions", None),
            (ann, "DELETE", "/v1/sessions/x", None),
            (world.nobody(), "GET", "/readyz", None),
            (world.nobody(), "POST", "/v1/enrolments", {"token": "he_00000000_" + "A" * 43}),
            (world.nobody(), "POST", "/v1/sessions", world.link_of(ann.id, opened["id"])),
            (world.bearer("hk_00000000_" + "A" * 43), "GET", "/v1/handoffs", None),
        ]
        headers = {"If-Match": '"1"', "Idempotency-Key": "k"}
        server.process.kill()
        # Credentials are believed for half a second, so that the endpoints themselves are reached.
        for agent, method, path, body in requests:
            answer = agent.send(method, path, body, headers)
            problem(answer, 503, "store_unavailable")
            assert int(answer.headers["Retry-After"]) >= 1
            assert str(server.port) not in answer.text
        for path in ("/healthz", "/openapi.json", "/docs", "/config.json"):
            assert world.nobody().send("GET", path).status_code == 200, "these need nobody else"
        server.start()
        wait_until(lambda: ann.send("GET", one).status_code == 200, "the store was found again")
        assert ann.decide(opened).status_code == 200
        assert world.nobody().send("GET", "/readyz").status_code == 200
    finally:
        server.process.kill()


@pytest.mark.req("A5")
def test_a_refusal_shows_how_the_case_stands_now(world: World) -> None:
    """A 409 or 412 carries the case, so that the page can say who decided and when without asking again."""
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    opened = world.open(robot)
    document = problem(ann.decide(opened, version=7), 412, "version_stale")
    assert (document["current"]["state"], document["current"]["version"]) == ("pending", 1)
    assert ann.decide(opened).status_code == 200
    current = problem(ben.decide(opened), 409, "already_decided")["current"]
    assert (current["state"], current["decided_by"]["name"]) == ("approved", "Ann")
    assert current == ben.live(opened["id"])


def test_a_decision_says_which_version_it_is_about(world: World) -> None:
    """Without If-Match 428; with something else in it 400; with the ETag of the live view it is taken."""
    ann = world.person()
    opened = world.open(world.automation())
    path = f"/v1/handoffs/{opened['id']}/decision"
    body = {"action": "approve", "package_digest": opened["package_digest"]}
    problem(ann.send("POST", path, body), 428, "version_required")
    for header in (
        "1",
        '"x"',
        "*",
        '""',
        '"-1"',
        '"1.0"',
        '"1";',
        '"9999999999"',
        'W/"1"',
        '"١"'.encode().decode("latin-1"),
    ):
        problem(ann.send("POST", path, body, {"If-Match": header}), 400, "version_malformed")
    tag = ann.send("GET", f"/v1/handoffs/{opened['id']}").headers["ETag"]
    assert tag.startswith('"1-')
    assert ann.send("POST", path, body, {"If-Match": tag}).status_code == 200


def test_statuses_say_what_kind_of_refusal_it_is() -> None:
    """Conflicts are 409, stale versions 412, missing ones 428, rights 401 and 403, and nothing is a success."""
    assert {status for status in STATUS.values() if status < 400} == set()
    assert (STATUS["version_stale"], STATUS["version_required"], STATUS["already_decided"]) == (412, 428, 409)
    assert (STATUS["store_unavailable"], STATUS["internal_error"]) == (503, 500)
