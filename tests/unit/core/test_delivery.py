"""What the receiver's answer means: rows W2 and W3, and the contract's section on callbacks."""

import json
from typing import Any

import pytest

from companion.core.delivery import (
    SCHEDULE_MS,
    Attempt,
    Delivered,
    Expects,
    Failed,
    Retry,
    Uncertain,
    Verdict,
    classify,
)

ID = "dl_00" + "d" * 26
MINUTE, HOUR = 60_000, 3_600_000
N8N_RUNNING = json.dumps({"code": 409, "message": 'The execution "7" is running already.'})
N8N_FINISHED = json.dumps({"code": 409, "message": 'The execution "7 has finished already.'})
N8N_FINISHED_BADLY = json.dumps({"code": 409, "message": 'The execution "7" has finished with error.'})
N8N_NO_ACTION = "<html><head><title>No action required</title></head></html>"
ACK = json.dumps({"handoff_ack": ID})


def answered(status: int, body: str = "", retry_after_s: int | None = None) -> Attempt:
    return Attempt(status, "answered", retry_after_s, body, "", 12)


def on_the_wire(outcome: Any, status: int | None = None, detail: str = "why") -> Attempt:
    return Attempt(status, outcome, None, "", detail, 12)


def judge(
    attempt: Attempt,
    earlier: tuple[str, ...] = (),
    expects: Expects = "acknowledgement",
    jitter: float = 0.5,
    number: int | None = None,
) -> Verdict:
    return classify(expects, ID, len(earlier) + 1 if number is None else number, attempt, earlier, jitter)


@pytest.mark.req("W2")
def test_w2_the_schedule_is_the_literal_list() -> None:
    """Ten attempts: at once, then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h."""
    assert SCHEDULE_MS == (
        0,
        5_000,
        5 * MINUTE,
        30 * MINUTE,
        2 * HOUR,
        5 * HOUR,
        10 * HOUR,
        14 * HOUR,
        20 * HOUR,
        24 * HOUR,
    )
    earlier: tuple[str, ...] = ()
    for pause in SCHEDULE_MS[1:]:
        verdict = judge(answered(500), earlier)
        assert isinstance(verdict, Retry)
        assert verdict.after_ms == pause
        earlier += (verdict.code,)
    assert len(earlier) == 9
    assert not isinstance(judge(answered(500), earlier), Retry)


@pytest.mark.req("W2")
@pytest.mark.parametrize("number", range(1, 10))
def test_w2_jitter_is_a_tenth(number: int) -> None:
    """Retries spread over ± 10 % of their pause and no more, so that a crowd does not come back as one."""
    pauses = [
        judge(on_the_wire("not_sent"), ("not_sent",) * (number - 1), jitter=jitter) for jitter in (0.0, 0.5, 0.999999)
    ]
    low, middle, high = (pause.after_ms for pause in pauses if isinstance(pause, Retry))
    assert (low, middle) == (round(SCHEDULE_MS[number] * 0.9), SCHEDULE_MS[number])
    assert SCHEDULE_MS[number] * 1.0999 < high <= SCHEDULE_MS[number] * 1.1


@pytest.mark.req("W2")
@pytest.mark.parametrize("status", [429, 503, 500, 409])
def test_w2_retry_after_is_kept(status: int) -> None:
    """A receiver that names a time is not asked earlier; one that names a year is asked after a day."""
    for asked_s, after_ms in ((120, 120_000), (1, 5_000), (None, 5_000), (0, 5_000), (365 * 86_400, 24 * HOUR)):
        verdict = judge(answered(status, retry_after_s=asked_s))
        assert isinstance(verdict, Retry)
        assert verdict.after_ms == after_ms


@pytest.mark.req("W2", "W3")
@pytest.mark.parametrize("expects", ["2xx", "acknowledgement"])
@pytest.mark.parametrize(
    ("status", "code"),
    [
        (410, "gone"),
        (301, "redirected"),
        (302, "redirected"),
        (303, "redirected"),
        (304, "redirected"),
        (307, "redirected"),
        (308, "redirected"),
        (401, "unauthorized"),
        (404, "not_found"),
        (400, "rejected"),
        (403, "rejected"),
        (405, "rejected"),
        (413, "rejected"),
        (418, "rejected"),
        (422, "rejected"),
        (101, "rejected"),
        (199, "rejected"),
        (600, "rejected"),
    ],
)
def test_w2_w3_what_will_not_mend_fails_at_once_with_its_cause(expects: Expects, status: int, code: str) -> None:
    """410, redirects, 401, 404 and other refusals end the retries, and a person reads why in plain words."""
    verdict = judge(answered(status, "<html>"), expects=expects)
    assert isinstance(verdict, Failed)
    assert verdict.code == code
    assert verdict.cause.endswith(f"(HTTP {status})")
    assert len(verdict.cause.split()) > 6


@pytest.mark.req("W3")
@pytest.mark.parametrize("expects", ["2xx", "acknowledgement"])
@pytest.mark.parametrize(
    ("attempt", "code"),
    [
        (answered(500), "server_error"),
        (answered(502), "server_error"),
        (answered(504), "server_error"),
        (answered(599), "server_error"),
        (answered(408), "server_error"),
        (answered(429), "throttled"),
        (answered(425), "throttled"),
        (answered(409), "conflict"),
        (answered(409, N8N_RUNNING), "running"),
        (on_the_wire("timed_out"), "timed_out"),
        (on_the_wire("lost"), "lost"),
        (on_the_wire("not_sent"), "not_sent"),
        (on_the_wire("timed_out", 500), "timed_out"),
    ],
)
def test_w3_what_may_mend_is_tried_again(expects: Expects, attempt: Attempt, code: str) -> None:
    """409, 5xx, throttling, time-outs and lost connections lead to one later attempt, never to two at once."""
    verdict = judge(attempt, expects=expects)
    assert isinstance(verdict, Retry)
    assert verdict.code == code
    assert verdict.after_ms > 0
    assert verdict.cause


@pytest.mark.req("W3")
def test_w3_only_the_nodes_own_acknowledgement_counts() -> None:
    """With acknowledgement asked for, 2xx alone is no delivery; the body must name this very callback."""
    assert judge(answered(200, ACK)) == Delivered()
    assert judge(answered(202, json.dumps({"handoff_ack": ID, "more": 1}))) == Delivered()
    for body in (
        "",
        "{}",
        "null",
        "[]",
        N8N_NO_ACTION,
        '{"message":"Workflow was started"}',
        json.dumps({"handoff_ack": ID + "x"}),
        json.dumps({"handoff_ack": True}),
        json.dumps({"handoff_ack": [ID]}),
        json.dumps([ACK]),
        ACK + " x",
        ACK[:-1],
        f'{{"handoff_ack":"other","handoff_ack":"{ID}"}}',
        json.dumps({"data": {"handoff_ack": ID}}),
    ):
        verdict = judge(answered(200, body))
        assert isinstance(verdict, Failed), body
        assert verdict.code == "no_longer_waiting"
        assert "no longer waits" in verdict.cause
    assert not isinstance(judge(answered(500, ACK)), Delivered)


@pytest.mark.req("W3")
@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_w3_plain_receivers_need_only_2xx(status: int) -> None:
    """Without acknowledgement any 2xx delivers, whatever its body, also when its body never ends."""
    assert judge(answered(status, N8N_NO_ACTION), expects="2xx") == Delivered()
    assert judge(on_the_wire("timed_out", status), expects="2xx") == Delivered()
    assert judge(on_the_wire("lost", status), expects="2xx") == Delivered()
    assert isinstance(judge(on_the_wire("timed_out", status)), Retry)


@pytest.mark.req("W3")
@pytest.mark.parametrize("maybe", ["timed_out", "lost", "server_error", "conflict"])
@pytest.mark.parametrize(
    "now",
    [
        answered(200, N8N_NO_ACTION),
        answered(409, N8N_FINISHED),
        answered(409, N8N_FINISHED_BADLY),
        answered(404),
        answered(401),
        answered(410),
    ],
)
def test_w3_after_a_lost_receipt_a_closed_door_is_no_failure(maybe: str, now: Attempt) -> None:
    """An attempt whose reply was lost may have been taken: then a closed door is unconfirmed, not failed."""
    for earlier in ((maybe,), (maybe, "running"), ("not_sent", maybe, "not_sent")):
        verdict = judge(now, earlier)
        assert isinstance(verdict, Uncertain)
        assert "may have reached the workflow" in verdict.cause


@pytest.mark.req("W3")
@pytest.mark.parametrize("sure", [(), ("not_sent",), ("running", "running"), ("throttled", "not_sent")])
def test_w3_when_nothing_can_have_arrived_it_is_a_failure(sure: tuple[str, ...]) -> None:
    """Refused connections and "running already" cannot have delivered, so a closed door after them is a failure."""
    for now in (answered(200, N8N_NO_ACTION), answered(409, N8N_FINISHED), answered(409, N8N_FINISHED_BADLY)):
        verdict = judge(now, sure)
        assert isinstance(verdict, Failed)
        assert verdict.code == "no_longer_waiting"


@pytest.mark.req("W3")
def test_w3_a_fault_of_the_receiver_is_no_refusal() -> None:
    """The node answers 503 for a fault of its own: that is tried again, while its refusal is final."""
    verdict = judge(answered(503, json.dumps({"handoff_refused": "node_failed", "detail": "no store"})))
    assert isinstance(verdict, Retry)
    assert verdict.code == "server_error"


@pytest.mark.req("W3")
def test_w3_a_late_acknowledgement_settles_it() -> None:
    """However the earlier attempts went, the acknowledgement is a delivery."""
    assert judge(answered(200, ACK), ("lost", "server_error", "running")) == Delivered()
    assert judge(answered(204), ("lost",), expects="2xx") == Delivered()


@pytest.mark.req("W3", "W4")
def test_w4_a_wait_that_refuses_the_retry_is_told_apart() -> None:
    """The node's refusal ends the retries with its words; after a lost reply the first wait may have taken it."""
    body = json.dumps(
        {"handoff_refused": "other_request", "detail": "This wait belongs to\nanother question.\u202e" + "x" * 500}
    )
    for status in (200, 400, 409):
        for expects in ("acknowledgement", "2xx"):
            verdict = judge(answered(status, body), expects=expects)  # type: ignore[arg-type]
            assert isinstance(verdict, Failed)
            assert verdict.code == "refused"
            assert verdict.cause.startswith(
                "The workflow refused the decision (other_request). This wait belongs to another question."
            )
            assert "\n" not in verdict.cause
            assert "\u202e" not in verdict.cause
            assert len(verdict.cause) < 300
    assert isinstance(judge(answered(400, body), ("lost",)), Uncertain)


@pytest.mark.req("W2", "W3")
def test_an_execution_that_still_runs_is_asked_soon() -> None:
    """ "Running already" is asked again after 1, 2, 5 and 10 s, and these four take nothing from the ten attempts."""
    earlier: tuple[str, ...] = ()
    pauses = []
    for _ in range(13):
        verdict = judge(answered(409, N8N_RUNNING), earlier)
        assert isinstance(verdict, Retry)
        pauses.append(verdict.after_ms)
        earlier += (verdict.code,)
    assert pauses == [1_000, 2_000, 5_000, 10_000, *SCHEDULE_MS[1:]]
    verdict = judge(answered(409, N8N_RUNNING), earlier)
    assert isinstance(verdict, Failed)
    assert verdict.code == "running"
    assert "14 times" in verdict.cause
    mixed = judge(answered(500), ("running",) * 4)
    assert isinstance(mixed, Retry)
    assert mixed.after_ms == 5_000


def test_when_all_attempts_are_used_up_it_ends() -> None:
    """After the tenth attempt: never reached is a failure, maybe taken is uncertain."""
    never = judge(on_the_wire("not_sent", detail="Nothing accepts connections there."), ("not_sent",) * 9)
    assert isinstance(never, Failed)
    assert never.cause.startswith(
        "The receiver cannot be reached. Nothing accepts connections there. It was tried 10 times"
    )
    assert isinstance(judge(answered(500), ("not_sent",) * 9), Uncertain)
    assert isinstance(judge(on_the_wire("not_sent"), (*["not_sent"] * 8, "lost")), Uncertain)


def test_sending_again_by_hand_begins_the_schedule_anew_but_forgets_nothing() -> None:
    """A replay has ten attempts again, and still knows that an earlier one may have arrived."""
    earlier = ("lost", *["server_error"] * 9)
    first = judge(on_the_wire("not_sent"), earlier, number=1)
    assert isinstance(first, Retry)
    assert first.after_ms == 5_000
    assert isinstance(judge(answered(200, N8N_NO_ACTION), earlier, number=1), Uncertain)
    soon = judge(answered(409, N8N_RUNNING), (*["running"] * 13, "not_sent"), number=1)
    assert isinstance(soon, Retry)
    assert soon.after_ms == 1_000


@pytest.mark.req("W3")
def test_w3_a_round_that_ended_in_doubt_stays_in_doubt() -> None:
    """When only the last of ten attempts may have arrived, a replay to a closed door is no failure either."""
    ended = judge(answered(500), ("not_sent",) * 9)
    assert isinstance(ended, Uncertain)
    again = judge(answered(200, N8N_NO_ACTION), (*["not_sent"] * 9, ended.code), number=1)
    assert isinstance(again, Uncertain)


@pytest.mark.req("W3")
def test_w3_sending_again_what_was_taken_stays_delivered() -> None:
    """A replay after the acknowledgement finds that nobody waits any more: that is the delivery, not a failure."""
    for now in (answered(200, N8N_NO_ACTION), answered(409, N8N_FINISHED)):
        assert judge(now, ("lost", "delivered"), number=1) == Delivered()


def test_an_address_that_is_not_allowed_fails_with_the_setting() -> None:
    """When the settings forbid the address, the cause names the setting."""
    verdict = judge(on_the_wire("not_allowed", detail="Add it to HANDOFF_CALLBACK_ORIGINS."))
    assert verdict == Failed("not_allowed", "Add it to HANDOFF_CALLBACK_ORIGINS.")


@pytest.mark.parametrize(
    "body", ["[" * 5000, '{"handoff_ack":' * 500, "\x00", "\ufffd" * 100, '{"a":1e999}', "9" * 5000]
)
def test_a_strange_body_is_no_acknowledgement(body: str) -> None:
    """Bodies made to break a parser count as no acknowledgement and break nothing."""
    assert isinstance(judge(answered(200, body)), Failed)
    assert judge(answered(200, body), expects="2xx") == Delivered()
