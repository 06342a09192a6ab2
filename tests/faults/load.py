"""Clients that open and decide without end and write down what they were told: the journal that is believed."""

import json
import random
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

OUTPUT = {"summary": "The customer asks for a correction."}
PAUSE_S = 0.05


class Journal:
    """One line for each promise that the system gave."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a")
        self._lock = threading.Lock()

    def note(self, kind: str, **fields: Any) -> None:
        """Write a line."""
        with self._lock:
            self._file.write(json.dumps({"kind": kind, **fields}) + "\n")
            self._file.flush()


@dataclass(frozen=True)
class Access:
    """Where and as whom."""

    url: str
    api_key: str
    tokens: tuple[str, ...]
    callback_url: str


class Client(threading.Thread):
    """Opens cases and decides them, alone or against somebody else, until told to stop; repeats what got no answer."""

    def __init__(self, number: int, seed: int, access: Access, journal: Journal, stop: threading.Event) -> None:
        super().__init__(name=f"client-{number}", daemon=True)
        self._number, self._access, self._journal, self._stop_event = number, access, journal, stop
        self._chance = random.Random(f"{seed}-{number}")
        self._session = requests.Session()
        self._given_up = threading.Event()

    def run(self) -> None:
        count = 0
        while not self._stop_event.is_set():
            count += 1
            self._one_case(f"client-{self._number}-case-{count}")

    def _one_case(self, key: str) -> None:
        fate = self._chance.choices(("decide", "race", "expire", "leave"), (60, 20, 15, 5))[0]
        body = {
            "workflow_id": "kill-loop",
            "request": {"key": key},
            "model_output": OUTPUT,
            "confidence": 0.5,
            "risk_score": 0.1,
            "callback_url": self._access.callback_url,
        } | ({"expires_in_s": 1} if fate == "expire" else {})
        headers = {"Authorization": f"Bearer {self._access.api_key}", "Idempotency-Key": key}
        opened = self._until_answered("POST", "/v1/handoffs", headers, body)
        if "id" not in opened:
            # Noted as wrong already; there is nothing to decide.
            return
        self._journal.note("opened", key=key, fate=fate, id=opened["id"], package_digest=opened["package_digest"])
        if self._chance.random() < 0.2:
            # The very same request again, as a client does that lost the answer.
            again = self._until_answered("POST", "/v1/handoffs", headers, body)
            if "id" not in again:
                return
            self._journal.note("opened", key=key, fate=fate, id=again["id"], package_digest=again["package_digest"])
        if fate == "decide":
            self._decide(opened, self._access.tokens[0], self._chance.choice(("approve", "reject", "modify")))
        elif fate == "race":
            racers = [
                threading.Thread(target=self._decide, args=(opened, token, action))
                for token, action in zip(self._access.tokens, ("approve", "reject"), strict=True)
            ]
            for racer in racers:
                racer.start()
            for racer in racers:
                racer.join()

    def _decide(self, opened: dict[str, Any], token: str, action: str) -> None:
        body: dict[str, Any] = {"action": action, "package_digest": opened["package_digest"]}
        if action != "approve":
            body |= {"reason_code": "policy_violation", "rationale": "because"}
        if action == "modify":
            body["edited_output"] = {"summary": f"edited for {opened['id']}"}
        headers = {"Authorization": f"Bearer {token}", "If-Match": '"1"'}
        told = self._until_answered("POST", f"/v1/handoffs/{opened['id']}/decision", headers, body)
        if "event_id" in told:
            self._journal.note(
                "decided", id=opened["id"], action=action, event_id=told["event_id"], state=told["state"]
            )

    def _until_answered(self, method: str, path: str, headers: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        """Repeat until there is an answer that is no 503; a conflict is an answer."""
        while True:
            try:
                answer = self._session_for_thread().request(
                    method, self._access.url + path, headers=headers, json=body, timeout=5
                )
            except requests.RequestException:
                self._given_up.wait(PAUSE_S)
                continue
            if answer.status_code == 503:
                self._given_up.wait(PAUSE_S)
                continue
            if answer.status_code >= 500 or answer.status_code in (400, 401, 403, 404, 422):
                self._journal.note("wrong", path=path, status=answer.status_code, answer=answer.text[:300])
            told: dict[str, Any] = answer.json()
            return told if answer.ok or "current" not in told else {"current": told["current"]}

    def _session_for_thread(self) -> requests.Session:
        return self._session if threading.current_thread() is self else requests.Session()
