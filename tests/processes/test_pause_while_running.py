"""`handoff pause` beside a running companion: its web processes and its worker obey without being restarted."""

from typing import Any

import pytest
import requests

from tests.flows.conftest import Receiver, receiver
from tests.policies import SURE
from tests.system.companion import Companion
from tests.system.waiting import wait_until

__all__ = ["receiver"]

Json = dict[str, Any]


class Client:
    """Requests with one credential."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {secret}"}

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Json:
        answer = requests.request(method, self._url + path, json=body, headers={**self._headers, **headers}, timeout=30)
        assert answer.ok, answer.text
        found: Json = answer.json()
        return found

    def decide(self, handoff_id: str) -> None:
        live = self.send("GET", f"/v1/handoffs/{handoff_id}")
        body = {"action": "approve", "package_digest": live["package_digest"]}
        self.send("POST", f"/v1/handoffs/{handoff_id}/decision", body, **{"If-Match": f'"{live["version"]}"'})

    def route(self) -> Json:
        item: Json = self.send("POST", "/v1/routes", {"items": [SURE]})["items"][0]
        return item


@pytest.mark.req("H6", "R-CONT-06", "R-CONT-08")
def test_a_running_companion_holds_still_and_goes_on(companion: Companion, receiver: Receiver) -> None:
    """From the command's return on nothing goes through and no callback leaves; after the review both go on."""
    robot = Client(companion.url, companion.key.api_key)
    ada = Client(companion.url, companion.create_token(companion.add_reviewer("Ada", "ada@example.com", "owner")))
    opening = SURE | {"callback_url": receiver.url}
    opened = robot.send("POST", "/v1/handoffs", opening, **{"Idempotency-Key": "1"})
    assert robot.route()["route"] == "auto_commit"
    paused = companion.handoff("pause", "tickets", "--reason", "Wrong refunds.")
    # More requests than web processes, so that each of them answers at least once.
    assert {robot.route()["route"] for _ in range(20)} == {"synchronous_human_review"}
    ada.decide(opened["id"])

    def delivery() -> str:
        return str(robot.send("GET", f"/v1/handoffs/{opened['id']}")["delivery"]["status"])

    wait_until(lambda: delivery() == "held", "the callback was held")
    assert receiver.received == []
    ada.decide(paused["review"])
    companion.handoff("resume", paused["id"], "--by", "Ada")
    wait_until(lambda: receiver.received, "the callback went out after the pause")
    assert receiver.received[0].data["handoffs"][0]["approved"] is True
    assert {robot.route()["route"] for _ in range(20)} == {"auto_commit"}


@pytest.mark.req("R-ROUTE-06")
def test_a_new_version_holds_in_every_process_from_the_next_item_on(companion: Companion) -> None:
    """No process goes on by what it remembers of the version before."""
    robot = Client(companion.url, companion.key.api_key)
    ada = Client(companion.url, companion.create_token(companion.add_reviewer("Ada", "ada@example.com", "operator")))
    item = SURE | {"confidence": 0.9}
    document = {"schema_version": 1, "workflow_id": "tickets", "owner": {"name": "Ada", "contact": "ada@example.com"}}
    for version in range(10):
        line = 0.95 if version % 2 == 0 else 0.86
        body = {"document": document | {"thresholds": {"review_below_confidence": line}}, "reason": "Tried."}
        saved = ada.send("PUT", "/v1/policies/tickets", body, **{"If-Match": f'"{version}"'})
        assert saved["version"] == version + 1
        routed = robot.send("POST", "/v1/routes", {"items": [item]})["items"][0]
        wanted = "asynchronous_human_review" if line > 0.9 else "auto_commit"
        assert (routed["route"], routed["policy_version"]) == (wanted, version + 1)
