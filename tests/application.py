"""The real web application on a real store, and those who use it: automations, people, and their browsers.

Time stands still until a test moves it, and chance is the same in each run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from io import StringIO
from itertools import count
from typing import Any, Final

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from companion.adapters.clock import SteppedClock
from companion.adapters.logs import configure
from companion.bootstrap import Services, build
from companion.core.handoff import Handoff
from companion.identity.credentials import Reviewer
from companion.settings import Settings
from companion.store.connection import connect
from companion.web.app import create_app
from tests.servers import as_companion

SECRET: Final = "b3Jx8Qm2Zk9VtY4nLw7Rc1PfHs6DgUa0EiXo5BqKjTy"
ORIGIN: Final = "http://localhost:8700"
ITEM: Final[dict[str, Any]] = {
    "workflow_id": "summarize",
    "request": {"email": "Where is my order?"},
    "model_output": {"summary": "Asks for the order."},
    "confidence": 0.61,
    "risk_tier": "medium",
}
BECAUSE: Final = {"reason_code": "policy_violation", "rationale": "It names a customer."}


@dataclass
class Agent:
    """Somebody who sends requests: with a bearer token, or as a browser with its cookies."""

    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)
    id: str = ""

    def send(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> TestResponse:
        """One request; `body` is sent as JSON."""
        more = {} if body is None else {"json": body}
        return self.client.open(path, method=method, headers={**self.headers, **(headers or {})}, **more)

    def get(self, path: str, **query: Any) -> Any:
        """The document at `path`, which must be there."""
        answer = self.client.get(path, headers=self.headers, query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.json

    def live(self, handoff_id: str) -> Any:
        return self.get(f"/v1/handoffs/{handoff_id}")

    def decide(
        self, handoff: Mapping[str, Any], action: str = "approve", *, version: int | None = None, **body: Any
    ) -> TestResponse:
        """A decision on what `handoff` (an answer of ours) shows; reasons are filled in where they are needed."""
        given = {"action": action, "package_digest": handoff["package_digest"]}
        given |= {} if action == "approve" else BECAUSE
        seen = version if version is not None else handoff["version"]
        return self.send("POST", f"/v1/handoffs/{handoff['id']}/decision", given | body, {"If-Match": f'"{seen}"'})

    def act(self, handoff_id: str, noun: str, body: Any = None, method: str = "POST") -> TestResponse:
        return self.send(method, f"/v1/handoffs/{handoff_id}/{noun}", body)


class World:
    """One companion process: its parts, and its web application.

    It has the rights at its store that operators are told to give; `admin` is a client of the store that may do all.
    """

    def __init__(
        self,
        url: str,
        clock: SteppedClock | None = None,
        *,
        public: str = ORIGIN,
        page: str | None = None,
        **settings: Any,
    ) -> None:
        self.clock = clock or SteppedClock()
        self.log = StringIO()
        configure(clock=self.clock, process="test", secrets=[SECRET], stream=self.log)
        # Time stands still here, so that no minute ends: rates are counted where a test is about them.
        unlimited = {"rate_per_minute": 0, "sign_in_rate_per_minute": 0}
        given = unlimited | {"public_url": public, "page_url": page or public} | settings
        self.settings = Settings(secret=SECRET, redis_url=as_companion(url), **given)
        self.url, self.admin = url, connect(url)
        self.services: Services = build(self.settings, self.clock)
        self.app: Flask = create_app(self.services)
        self._numbers = count(1)

    def nobody(self) -> Agent:
        """Somebody without any credential."""
        return Agent(self.app.test_client(use_cookies=False))

    def automation(self, **rights: Any) -> Agent:
        """An API key; all scopes and workflows unless said otherwise."""
        key, text, _ = self.services.directory.create_api_key("n8n", **rights)
        return self.bearer(text, key.id)

    def bearer(self, text: str, identifier: str = "") -> Agent:
        return Agent(self.app.test_client(use_cookies=False), {"Authorization": f"Bearer {text}"}, identifier)

    def person(self, name: str = "Ann", **rights: Any) -> Agent:
        """A reviewer with a personal token."""
        reviewer = self.reviewer(name, **rights)
        _, text = self.services.directory.create_token(reviewer.id)
        return self.bearer(text, reviewer.id)

    def reviewer(self, name: str = "Ann", **rights: Any) -> Reviewer:
        return self.services.directory.add_reviewer(name, f"{name.lower()}@example.com", **rights)[0]

    def browser(self, **headers: str) -> Agent:
        """A browser on the page, not signed in."""
        sent = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", **headers}
        return Agent(self.app.test_client(), sent)

    def signed_in(self, name: str = "Ann", **rights: Any) -> Agent:
        """A browser that used an enrolment link."""
        _, secret = self.services.directory.add_reviewer(name, f"{name.lower()}@example.com", **rights)
        browser = self.browser()
        answer = browser.send("POST", "/v1/enrolments", {"token": secret})
        assert answer.status_code == 200, answer.text
        browser.id = answer.json["reviewer"]["id"]
        return browser

    def link_of(self, reviewer_id: str, handoff_id: str) -> dict[str, Any]:
        """The body that the page sends when somebody opens their personal link."""
        link = self.services.directory.personal_link(ORIGIN, reviewer_id, handoff_id)
        query = dict(part.split("=", 1) for part in link.split("?", 1)[1].split("&"))
        return {
            "handoff_id": handoff_id, "reviewer_id": query["by"], "generation": int(query["gen"]), "mac": query["mac"],
        }  # fmt: skip

    def by_link(self, reviewer_id: str, handoff_id: str) -> Agent:
        """A browser that opened a personal link."""
        browser = self.browser()
        answer = browser.send("POST", "/v1/sessions", self.link_of(reviewer_id, handoff_id))
        assert answer.status_code == 200, answer.text
        browser.id = reviewer_id
        return browser

    def open(self, by: Agent, **fields: Any) -> Any:
        """A handoff that `by` opens."""
        answer = by.send("POST", "/v1/handoffs", ITEM | fields, {"Idempotency-Key": f"test-{next(self._numbers)}"})
        assert answer.status_code == 201, answer.text
        return answer.json

    def open_group(self, by: Agent, items: list[dict[str, Any]], **fields: Any) -> Any:
        body = {"handoffs": [ITEM | item for item in items], **fields}
        answer = by.send("POST", "/v1/groups", body, {"Idempotency-Key": f"test-{next(self._numbers)}"})
        assert answer.status_code == 201, answer.text
        return answer.json

    def stored(self, handoff_id: str) -> Handoff:
        """The record as the store has it."""
        found = self.services.store.load(handoff_id)
        assert found is not None
        return found.handoff

    def dump(self) -> dict[str, str]:
        """Every key with a digest of its value and whether it ends: two equal dumps are two equal stores.

        Refused attempts are left out: that they are noted is a promise of its own (tests/web/test_attempts.py).
        """
        client = self.admin
        keys = sorted(key for key in client.scan_iter(count=10_000) if key != b"{directory}:attempts")
        pipeline = client.pipeline(transaction=False)
        for key in keys:
            pipeline.type(key)
            pipeline.pttl(key)
        answers = pipeline.execute()
        for key, kind in zip(keys, answers[::2], strict=True):
            match kind:
                # Not DUMP for these: it writes members in an order that another process has another of.
                case b"hash":
                    pipeline.hgetall(key)
                case b"set":
                    pipeline.smembers(key)
                case b"zset":
                    pipeline.zrange(key, 0, -1, withscores=True)
                case _:
                    pipeline.dump(key)
        values = [
            sorted(value.items()) if isinstance(value, dict) else sorted(value) if isinstance(value, set) else value
            for value in pipeline.execute()
        ]
        return {
            key.decode(): f"{sha256(repr(value).encode()).hexdigest()} {'ends' if life >= 0 else 'stays'}"
            for key, value, life in zip(keys, values, answers[1::2], strict=True)
        }

    def emptied(self) -> "World":
        """The same companion on a store without anything in it."""
        self.admin.flushall()
        return self


def problem(answer: TestResponse, status: int, code: str, field_: str | None = None) -> Any:
    """The problem document of an answer, which must be one, with this status, code and field."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    assert answer.content_type == "application/problem+json", answer.text
    document = answer.json
    assert isinstance(document, dict)
    assert (document["code"], document["status"]) == (code, status)
    assert document["detail"]
    assert document["title"]
    if field_ is not None:
        assert document["field"] == field_, document
    return document
