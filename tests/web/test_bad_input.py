"""Bad input over HTTP: named, refused, and without a trace in the store (security rows A4, A6)."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.application import ITEM, Agent, World, problem

JSON = "application/json"
KEY = {"Idempotency-Key": "k"}


def nested(depth: int) -> Any:
    """Lists in lists, `depth` of them."""
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def raw(agent: Agent, path: str, body: bytes | str, content_type: str | None = JSON, method: str = "POST") -> Any:
    headers = {**agent.headers, **KEY, "If-Match": '"1"'}
    return agent.client.open(path, method=method, data=body, content_type=content_type, headers=headers)


TEXT = json.dumps(ITEM)

NOT_JSON: list[tuple[str, bytes | str, str, int, str | None]] = [
    ("empty", "", "invalid_json", 400, None),
    ("half", TEXT[:-1], "invalid_json", 400, None),
    ("two documents", TEXT + TEXT, "invalid_json", 400, None),
    ("a comment", TEXT + "// x", "invalid_json", 400, None),
    ("a trailing comma", TEXT[:-1] + ",}", "invalid_json", 400, None),
    ("single quotes", TEXT.replace('"', "'"), "invalid_json", 400, None),
    ("a list", "[]", "not_an_object", 400, None),
    ("a text", '"x"', "not_an_object", 400, None),
    ("null", "null", "not_an_object", 400, None),
    ("latin-1", TEXT.replace("order", "Größe").encode("latin-1"), "not_utf8", 400, None),
    ("UTF-16", TEXT.encode("utf-16"), "not_utf8", 400, None),
    ("a byte order mark", b"\xef\xbb\xbf" + TEXT.encode(), "invalid_json", 400, None),
    ("gzip", b"\x1f\x8b\x08\x00" + b"\x00" * 20, "not_utf8", 400, None),
    ("NaN", TEXT.replace("0.61", "NaN"), "number_not_finite", 400, "/confidence"),
    ("Infinity", TEXT.replace("0.61", "-Infinity"), "number_not_finite", 400, "/confidence"),
    ("1e999", TEXT.replace("0.61", "1e999"), "number_not_exact", 400, "/confidence"),
    (
        "a long number",
        TEXT.replace('"Asks for the order."', "1" * 500),
        "number_too_long",
        400,
        "/model_output/summary",
    ),
    (
        "2**53 + 1",
        TEXT.replace('"Asks for the order."', "9007199254740993"),
        "number_not_exact",
        400,
        "/model_output/summary",
    ),
    ("a member twice", TEXT[:-1] + ', "confidence": 0.99}', "duplicate_member", 400, "/confidence"),
    (
        "a member twice inside",
        TEXT.replace('"summary":', '"summary": 1, "summary":'),
        "duplicate_member",
        400,
        "/model_output/summary",
    ),
    ("half a surrogate", TEXT.replace("Asks", "\\ud800"), "lone_surrogate", 400, "/model_output/summary"),
    ("half a surrogate as a key", TEXT.replace('"summary"', '"\\udfff"'), "lone_surrogate", 400, None),
    ("31 deep", json.dumps(ITEM | {"request": nested(30)}), "too_deep", 400, None),
    ("100,000 deep", "[" * 100_000 + "]" * 100_000, "too_deep", 400, None),
    ("100,001 values", json.dumps(ITEM | {"request": [0] * 100_001}), "too_many_values", 400, None),
    ("a text of 1.5 MB", json.dumps(ITEM | {"request": "x" * 1_500_000}), "string_too_long", 400, None),
    ("10 MB", b" " * 10_000_000, "body_too_large", 413, None),
]


@pytest.mark.req("A4", "A6", "R-SEC-06")
@pytest.mark.parametrize(
    ("body", "code", "status", "field"), [row[1:] for row in NOT_JSON], ids=[row[0] for row in NOT_JSON]
)
def test_json_with_two_readings_or_none_is_refused(world: World, body: Any, code: str, status: int, field: Any) -> None:
    """What two programs could take differently never gets in; the field is named where there is one."""
    robot = world.automation()
    dump = world.dump()
    problem(raw(robot, "/v1/handoffs", body), status, code, field)
    assert world.dump() == dump


@pytest.mark.req("A6", "L9")
@pytest.mark.parametrize("content_type", [None, "", "text/plain", "text/json", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x", "application/problem+json", "application/octet-stream"])  # fmt: skip
def test_a_body_of_another_type_is_refused(world: World, content_type: str | None) -> None:
    """A form of another site can send these; JSON it cannot."""
    robot = world.automation()
    dump = world.dump()
    problem(raw(robot, "/v1/handoffs", TEXT, content_type), 415, "not_json")
    assert world.dump() == dump
    assert raw(robot, "/v1/handoffs", TEXT, "application/json; charset=utf-8").status_code == 201


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"confidence": "0.6"}, "/confidence"),
    ({"confidence": True}, "/confidence"),
    ({"confidence": 1.01}, "/confidence"),
    ({"confidence": -0.1}, "/confidence"),
    ({"confidence": [0.6]}, "/confidence"),
    ({"risk_score": "high"}, "/risk_score"),
    ({"risk_tier": "severe"}, "/risk_tier"),
    ({"risk_tier": None, "reversible": 1}, "/reversible"),
    ({"reversible": "yes"}, "/reversible"),
    ({"service_tier": 4}, "/service_tier"),
    ({"service_tier": "1"}, "/service_tier"),
    ({"service_tier": 1.5}, "/service_tier"),
    ({"approvals_needed": True}, "/approvals_needed"),
    ({"approvals_needed": 3}, "/approvals_needed"),
    ({"approvals_needed": 0}, "/approvals_needed"),
    ({"expires_in_s": 0}, "/expires_in_s"),
    ({"expires_in_s": -1}, "/expires_in_s"),
    ({"expires_in_s": 10**12}, "/expires_in_s"),
    ({"expires_in_s": "60"}, "/expires_in_s"),
    ({"expires_in_s": 60.5}, "/expires_in_s"),
    ({"flags": "pii"}, "/flags"),
    ({"flags": ["PII"]}, "/flags/0"),
    ({"flags": ["a b"]}, "/flags/0"),
    ({"flags": [1]}, "/flags/0"),
    ({"flags": ["a"] * 41}, "/flags"),
    ({"workflow_id": ""}, "/workflow_id"),
    ({"workflow_id": "a b"}, "/workflow_id"),
    ({"workflow_id": "a@b"}, "/workflow_id"),
    ({"workflow_id": "{p00}"}, "/workflow_id"),
    ({"workflow_id": "a\n"}, "/workflow_id"),
    ({"workflow_id": 7}, "/workflow_id"),
    ({"workflow_id": "x" * 129}, "/workflow_id"),
    ({"title": ""}, "/title"),
    ({"title": "x" * 301}, "/title"),
    ({"title": 7}, "/title"),
    ({"model": {"nme": "x"}}, "/model/nme"),
    ({"model": "bart"}, "/model"),
    ({"model": {"retrained_at": "yesterday"}}, "/model/retrained_at"),
    ({"sources": [{"as_of": None}]}, "/sources/0/name"),
    ({"harms": [{"kind": "boredom"}]}, "/harms/0/kind"),
    ({"features": [{"name": "a", "weight": "1"}]}, "/features/0/weight"),
    ({"display": [{"label": "a", "path": "/metadata/x"}]}, "/display/0/path"),
    ({"display": [{"label": "a", "path": "request"}]}, "/display/0/path"),
    ({"display": [{"label": "a", "path": "/request", "kind": "html"}]}, "/display/0/kind"),
    ({"response_form": []}, "/response_form"),
    ({"attachments": [{"name": "a", "media_type": "text/html<", "content_base64": ""}]}, "/attachments/0/media_type"),
    ({"attachments": [{"name": "a", "media_type": "a/b"}]}, "/attachments/0/content_base64"),
    ({"allow_edit": "no"}, "/allow_edit"),
    ({"allow_edit": None}, "/allow_edit"),
    ({"callback_expects": "200"}, "/callback_expects"),
    ({"callback_url": 7}, "/callback_url"),
    ({"callback_url": "x"}, "/callback_url"),
    ({"source": {"run_index": -1}}, "/source/run_index"),
    ({"source": "n8n"}, "/source"),
    ({"unknown": 1}, "/unknown"),
    ({"Confidence": 0.6}, "/Confidence"),
    ({"id": "ho_00" + "0" * 26}, "/id"),
    ({"state": "approved"}, "/state"),
    ({"approved": True}, "/approved"),
    ({"policy": {}}, "/policy"),
    ({"__proto__": {}}, "/__proto__"),
    ({"a/b~c": 1}, "/a~1b~0c"),
]


@pytest.mark.req("A6", "R-SEC-06", "R-ROUTE-14")
def test_a_field_that_does_not_fit_is_named(world: World) -> None:
    """Wrong types, wrong values and unknown fields: 422 with the field's JSON pointer, alone and inside a group."""
    robot = world.automation()
    dump = world.dump()
    for wrong, pointer in WRONG:
        problem(robot.send("POST", "/v1/handoffs", ITEM | wrong, KEY), 422, "invalid_field", pointer)
        if not {"callback_expects", "callback_url", "source"} & set(wrong):
            body = {"handoffs": [ITEM, ITEM | wrong]}
            problem(robot.send("POST", "/v1/groups", body, KEY), 422, "invalid_field", f"/handoffs/1{pointer}")
    assert world.dump() == dump


@pytest.mark.req("A6")
@pytest.mark.parametrize("missing", ["workflow_id", "request", "model_output"])
def test_a_required_field_that_is_missing_is_named(world: World, missing: str) -> None:
    """Only these three are required; null is a value of request and model_output, absence is not."""
    robot = world.automation()
    body = {name: value for name, value in ITEM.items() if name != missing}
    problem(robot.send("POST", "/v1/handoffs", body, KEY), 422, "invalid_field", f"/{missing}")
    if missing != "workflow_id":
        assert robot.send("POST", "/v1/handoffs", body | {missing: None}, KEY).status_code == 201


@pytest.mark.req("A6")
def test_several_mistakes_are_told_at_once(world: World) -> None:
    """Whoever mends a body needs one round; the first mistake stands in front."""
    wrong = ITEM | {"confidence": "x", "flags": 1, "unknown": 2}
    document = problem(world.automation().send("POST", "/v1/handoffs", wrong, KEY), 422, "invalid_field")
    assert [error["field"] for error in document["errors"]] == ["/confidence", "/flags", "/unknown"]
    assert document["field"] == "/confidence"
    assert "2 more" in document["detail"]


def test_a_group_has_one_to_five_hundred_handoffs(world: World) -> None:
    """None and too many are refused; five hundred are opened in one commit."""
    robot = world.automation()
    small = {"workflow_id": "w", "request": 1, "model_output": 2}
    problem(robot.send("POST", "/v1/groups", {"handoffs": []}, KEY), 422, "invalid_field", "/handoffs")
    problem(robot.send("POST", "/v1/groups", {"handoffs": [small] * 501}, KEY), 422, "invalid_field", "/handoffs")
    answer = robot.send("POST", "/v1/groups", {"handoffs": [small] * 500}, KEY)
    assert answer.status_code == 201
    assert len({handoff["id"] for handoff in answer.json["handoffs"]}) == 500
    assert robot.get("/v1/handoffs")["waiting"] == 500


@pytest.mark.req("A6", "R-CTX-04")
def test_what_is_too_large_for_a_package_is_named(world: World) -> None:
    """A value over the limit, surroundings over theirs, and a file that is not base64; in a group with its index."""
    robot = world.automation()
    dump = world.dump()
    attachment = {"name": "a", "media_type": "text/plain", "content_base64": "é"}
    long_name = attachment | {"name": "é" * 300, "content_base64": "AAAA"}
    for wrong, pointer in [
        ({"request": {"body": "x" * 1_100_000}}, "/request/body"), ({"rationale": "r" * 7_990}, ""),
        ({"attachments": [attachment]}, "/attachments/0/content_base64"),
        ({"attachments": [long_name] * 10, "rationale": "r" * 5_000}, "/attachments"),
    ]:  # fmt: skip
        problem(robot.send("POST", "/v1/handoffs", ITEM | wrong, KEY), 422, "package_unusable", pointer)
        for before in ([], [ITEM]):
            body = {"handoffs": [*before, ITEM | wrong]}
            problem(
                robot.send("POST", "/v1/groups", body, KEY),
                422,
                "package_unusable",
                f"/handoffs/{len(before)}{pointer}",
            )
    assert world.dump() == dump


@pytest.mark.req("A4", "J7")
def test_whatever_is_accepted_can_be_signed(world: World) -> None:
    """The deepest body that is read makes a token that is no deeper than a reader takes, wherever the depth lies."""
    robot, ann = world.automation(), world.person("Ann")
    places: list[dict[str, Any]] = [
        {"request": nested(29)}, {"model_output": nested(29)},
        {"features": [{"name": "a", "value": nested(27)}]}, {"request": {"body": ["x" * 30_000, nested(27)]}},
    ]  # fmt: skip
    for number, place in enumerate(places):
        answer = robot.send("POST", "/v1/handoffs", ITEM | place, {"Idempotency-Key": f"one-{number}"})
        assert answer.status_code == 201, answer.text
        assert ann.get(f"/v1/handoffs/{answer.json['id']}/package")["package_token"]
        assert ann.decide(answer.json).status_code == 200
    opened = world.open(robot)
    assert ann.decide(opened, "modify", edited_output=nested(29)).status_code == 200
    assert robot.get(f"/v1/handoffs/{opened['id']}")["output"] == nested(29)


ACTS: list[tuple[str, str, Any, str]] = [
    ("POST", "decision", {"action": "maybe", "package_digest": "sha256:" + "0" * 64}, "/action"),
    ("POST", "decision", {"action": "escalate", "package_digest": "sha256:" + "0" * 64}, "/action"),
    ("POST", "decision", {"action": True, "package_digest": "sha256:" + "0" * 64}, "/action"),
    ("POST", "decision", {"action": "approve"}, "/package_digest"),
    ("POST", "decision", {"action": "approve", "package_digest": "0" * 64}, "/package_digest"),
    ("POST", "decision", {"action": "approve", "package_digest": "sha256:" + "A" * 64}, "/package_digest"),
    ("POST", "decision", {"action": "approve", "package_digest": "sha256:" + "0" * 64, "approved": True}, "/approved"),
    ("POST", "decision", {"action": "approve", "package_digest": "sha256:" + "0" * 64, "actor": "rv_x"}, "/actor"),
    ("POST", "decision", {"action": "reject", "package_digest": "sha256:" + "0" * 64, "rationale": ""}, "/rationale"),
    (
        "POST",
        "decision",
        {"action": "reject", "package_digest": "sha256:" + "0" * 64, "rationale": "x" * 8_001},
        "/rationale",
    ),
    ("POST", "escalations", {}, "/reason_code"),
    ("POST", "escalations", {"reason_code": 7}, "/reason_code"),
    ("POST", "annotations", {"text": ""}, "/text"),
    ("POST", "questions", {"text": None}, "/text"),
    ("POST", "answers", {"text": "x", "output": 1}, "/output"),
    ("POST", "withdrawal", {"reason": 7}, "/reason"),
    ("POST", "rollback", {"reason_code": "Bad Code"}, "/reason_code"),
]


@pytest.mark.req("A6", "R-ACT-02")
@pytest.mark.parametrize(("method", "noun", "body", "pointer"), ACTS)
def test_an_act_that_does_not_fit_changes_nothing(
    world: World, method: str, noun: str, body: Any, pointer: str
) -> None:
    """Bodies of acts are as strict as those of openings; nobody can say who they are in a body."""
    owner = world.person("Olga", roles=["approver", "owner"])
    opened = world.open(world.automation())
    dump = world.dump()
    path = f"/v1/handoffs/{opened['id']}/{noun}"
    problem(owner.send(method, path, body, {"If-Match": '"1"'}), 422, "invalid_field", pointer)
    assert world.dump() == dump


@pytest.mark.req("R-ACT-02")
def test_the_seven_actions_and_no_other_complete_a_handoff(world: World) -> None:
    """/handoff/complete takes exactly these, and says which field each of them misses."""
    robot, ann = world.automation(), world.person("Ann")
    why = {"reason_code": "policy_violation", "rationale": "x"}
    bodies: dict[str, dict[str, Any]] = {
        "approve": {}, "reject": why, "modify": why | {"edited_output": "New."}, "escalate": why, "rollback": why,
        "annotate": {"text": "x"}, "request_info": {"text": "x"},
    }  # fmt: skip
    for action, body in bodies.items():
        opened = world.open(robot)
        if action == "rollback":
            ann.decide(opened)
        token = ann.get(f"/v1/handoffs/{opened['id']}/package")["package_token"]
        sent = {"package_token": token, "action": action}
        if body:
            missing = problem(ann.send("POST", "/handoff/complete", sent), 422, {"annotate": "text_required",
                "request_info": "text_required"}.get(action, "reason_code_required"))  # fmt: skip
            assert missing["field"] in ("/text", "/reason_code")
        answer = ann.send("POST", "/handoff/complete", sent | body)
        assert answer.status_code == 200, (action, answer.text)
        wanted = {"approve": True, "modify": True, "rollback": True, "reject": False}.get(action)
        assert answer.json["approved"] is wanted
    for action in ("accept", "expire", "withdraw", "claim", "", None, 1):
        problem(
            ann.send("POST", "/handoff/complete", {"package_token": token, "action": action}),
            422,
            "invalid_field",
            "/action",
        )


QUERIES = [
    "/v1/handoffs?limit=0", "/v1/handoffs?limit=201", "/v1/handoffs?limit=x", "/v1/handoffs?state=closed",
    "/v1/handoffs?nope=1", "/v1/handoffs?workflow_id=a%20b", "/v1/decisions?limit=-1", "/v1/decisions?after=1",
    "/v1/deliveries?limit=1e3", "/v1/deliveries?x=1",
]  # fmt: skip
CURSORS = ["", "x", "-1", "1.5", "9" * 16, "1.ho_", "1.ho_00" + "0" * 27, "\u0661", "1 ", "*", "1.ho_00" + "A" * 26]


@pytest.mark.req("A6")
def test_a_query_that_does_not_fit_is_named(world: World) -> None:
    """Unknown parameters, values out of range, and cursors that nobody gave."""
    ann = world.person()
    for path in QUERIES:
        problem(ann.send("GET", path), 422, "invalid_field", "/" + path.split("?")[1].split("=")[0])
    for cursor in CURSORS:
        for path, state in (
            ("/v1/handoffs", "open"),
            ("/v1/handoffs", "decided"),
            ("/v1/handoffs", "all"),
            ("/v1/decisions", None),
            ("/v1/deliveries", None),
        ):
            query = {"cursor": cursor} | ({"state": state} if state else {})
            answer = ann.client.get(path, query_string=query, headers=ann.headers)
            problem(answer, 400, "cursor_malformed", "/cursor")


@pytest.mark.req("A6", "R-CTX-04")
@pytest.mark.parametrize("others", [0, 1])
def test_a_missing_part_is_named_by_its_place_in_the_group(world: World, others: int) -> None:
    """Alone or beside others: the pointer leads to the field in the body that was sent."""
    robot = world.automation()
    hurried = ITEM | {"time_sensitive": True}
    body = {"handoffs": [*[ITEM] * others, hurried]}
    problem(robot.send("POST", "/v1/groups", body, KEY), 422, "urgency_missing", f"/handoffs/{others}/urgency")
    problem(robot.send("POST", "/v1/handoffs", hurried, KEY), 422, "urgency_missing", "/urgency")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
FIELDS = (
    "workflow_id", "request", "model_output", "confidence", "flags", "model", "title", "expires_in_s", "attachments",
    "display", "source", "callback_url", "response_form", "features", "requester", "approvals_needed",
)  # fmt: skip


@pytest.mark.req("A5", "A6", "R-SEC-06")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), ANYTHING, max_size=6))
def test_no_body_breaks_an_opening(world: World, body: dict[str, Any]) -> None:
    """Whatever JSON-like text is sent, the answer is 201 or a problem that names the fault; never a 500."""
    answer = raw(world.automation(), "/v1/handoffs", json.dumps(ITEM | body))
    assert answer.status_code in (201, 400, 422), answer.text
    if answer.status_code != 201:
        assert answer.json["code"] in ("invalid_field", "number_not_finite", "number_not_exact", "lone_surrogate",
            "package_unusable", "callback_url_refused")  # fmt: skip
