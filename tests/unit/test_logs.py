"""Log lines: one JSON object each, for machines and people, without a secret."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from companion.adapters import logs
from companion.adapters.clock import SteppedClock

API_KEY = "hk_a1b2c3d4_Zk9VtY4nLw7Rc1PfHs6DgUa0EiXo5BqKjTyb3Jx8Qm2"
PERSONAL_TOKEN = "hp_a1b2c3d4_Zk9VtY4nLw7Rc1PfHs6DgUa0EiXo5BqKjTyb3Jx8Qm2"
SESSION = "hs_Zk9VtY4nLw7Rc1PfHs6DgUa0EiXo5BqKjTyb3Jx8Qm2"
ENROLMENT = "he_Zk9VtY4nLw7Rc1PfHs6DgUa0EiXo5BqKjTyb3Jx8Qm2"
SIGNING_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PACKAGE_TOKEN = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIn0.eyJpc3MiOiJodHRwOi8vbG9jYWxob3N0In0.c2lnbmF0dXJl"
SERVER_SECRET = "no form of its own, 40 characters or so"
SECRETS = (API_KEY, PERSONAL_TOKEN, SESSION, ENROLMENT, SIGNING_SECRET, PACKAGE_TOKEN, SERVER_SECRET)

pytestmark = pytest.mark.req("L6")

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Logging as a process sets it up, with what it has written so far; the test run's own logging comes back after."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure(
        clock=SteppedClock(), process="serve", level="debug", secrets=[SERVER_SECRET, "short"], stream=stream
    )
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def test_a_line_says_when_where_and_what(lines: Lines) -> None:
    """Each line is one JSON object with the time in UTC, the process, the level, the part and the event."""
    logs.logger("store").warning("store_died", cause="disk_full", in_ms=100)
    (line,) = lines()
    assert line["at"] == "2026-11-21T08:00:00.000Z"
    assert line["process"] == "serve"
    assert isinstance(line["pid"], int)
    expected = {
        "level": "warning",
        "logger": "store",
        "event": "store_died",
        "cause": "disk_full",
        "in_ms": 100,
    }
    assert line.items() >= expected.items()


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_removed_wherever_it_stands(lines: Lines, secret: str) -> None:
    """As a word in the event, as a value, deep inside, in an object's repr, in a library's line and in a traceback."""

    class Holder:
        def __repr__(self) -> str:
            return f"<Holder of {secret}>"

    log = logs.logger("web")
    log.info(f"event with {secret} inside")
    log.info("value", field=secret, nested={"list": [f"x {secret} y"]}, holder=Holder())
    log.info("name", **{f"odd {secret}": 1})
    logging.getLogger("urllib3.connectionpool").warning("https://n8n.test/?x=%s", secret)
    try:
        raise ValueError(f"cannot use {secret}")
    except ValueError:
        log.exception("failed")
    assert len(lines()) == 5
    assert secret not in json.dumps(lines(), ensure_ascii=False)
    assert "Traceback" in lines()[-1]["exception"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("redis://user:hush@store:6379/0", "redis://[removed]@store:6379/0"),
        ("https://n8n.test/webhook-waiting/7?signature=hush&x=1", "https://n8n.test/webhook-waiting/7?signature=[removed]&x=1"),
        ("http://localhost/#/h/ho_1?by=rv_1&gen=1&mac=hush", "http://localhost/#/h/ho_1?by=rv_1&gen=1&mac=[removed]"),
        ("Authorization: Bearer hushhushhush", "Authorization: Bearer [removed]"),
        ("-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----", "[removed]"),
    ],
)  # fmt: skip
def test_what_carries_a_right_in_an_address_is_removed(lines: Lines, text: str, kept: str) -> None:
    """The rest of an address stays readable, because operators need it."""
    logs.logger("web").info("called", address=text)
    assert lines()[0]["address"] == kept


def test_members_with_secret_names_lose_their_value(lines: Lines) -> None:
    """Whatever a secret looks like: what is called one is not written; what only sounds similar is."""
    logs.logger("web").info("x", password="1", api_key="2", headers={"Authorization": "3", "Cookie": "4"}, mac=b"5")
    logs.logger("web").info("y", api_key_id="hk1", kid="k1", package_digest="sha256:1", confirm_token=None)
    first, second = lines()
    assert [first["password"], first["api_key"], first["headers"], first["mac"]] == [
        "[removed]",
        "[removed]",
        {"Authorization": "[removed]", "Cookie": "[removed]"},
        "[removed]",
    ]
    assert second.items() >= {"api_key_id": "hk1", "kid": "k1", "package_digest": "sha256:1"}.items()
    assert second["confirm_token"] is None


def test_a_key_can_still_be_told_from_another(lines: Lines) -> None:
    """The public part of an API key stays, so that an operator finds the key to revoke."""
    logs.logger("web").info("refused", key=API_KEY)
    assert lines()[0]["key"] == "hk_a1b2c3d4_[removed]"


def test_ordinary_words_and_strange_values_stay_whole(lines: Lines) -> None:
    """A line is never broken: line breaks, odd numbers and short secrets of the process leave it valid and readable."""
    logs.logger("web").info(
        "a short word\nsecond line", share=float("nan"), count=3, flag=True, some_hs_code_list="hs_code"
    )
    (line,) = lines()
    assert line["event"] == "a short word\nsecond line"
    assert (line["share"], line["count"], line["flag"], line["some_hs_code_list"]) == ("nan", 3, True, "hs_code")


def test_the_password_of_an_address_is_known_in_both_spellings() -> None:
    """A driver may print the password decoded, so that both spellings are to be removed."""
    assert logs.secrets_of_address("redis://:p%40ss%2Fword@store") == ["p%40ss%2Fword", "p@ss/word"]
    assert logs.secrets_of_address("redis://store") == []
