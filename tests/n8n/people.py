"""Who talks to the companion beside n8n: a reviewer's script with a token, and an automation with an API key."""

from typing import Any

import requests

from tests.system.waiting import wait_until

Json = dict[str, Any]

REQUEST_TIMEOUT_S = 30.0
REASON = {"reason_code": "insufficient_evidence", "rationale": "The email says otherwise."}


class Caller:
    """Sends requests to the companion with a bearer credential."""

    def __init__(self, url: str, credential: str) -> None:
        self.url = url
        self._credential = credential
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {credential}"

    def n8n_credential(self) -> Json:
        """The data of a credential of n8n, kind Header Auth."""
        return {"name": "Authorization", "value": f"Bearer {self._credential}"}

    def call(self, method: str, path: str, body: Json | None = None, **headers: str) -> requests.Response:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._session.request(method, f"{self.url}{path}", json=body, headers=names, timeout=REQUEST_TIMEOUT_S)

    def read(self, path: str) -> Json:
        answer = self.call("GET", path)
        assert answer.ok, answer.text
        document: Json = answer.json()
        return document

    def live(self, handoff_id: str) -> Json:
        """The handoff as it stands."""
        return self.read(f"/v1/handoffs/{handoff_id}")

    def open_handoffs(self, workflow_id: str) -> list[Json]:
        items: list[Json] = self.read(f"/v1/handoffs?state=open&limit=200&workflow_id={workflow_id}")["items"]
        return items

    def wait_for_open(self, workflow_id: str, count: int = 1) -> list[Json]:
        """Wait until exactly `count` of a workflow's handoffs are open."""
        return wait_until(
            lambda: found if len(found := self.open_handoffs(workflow_id)) == count else [],
            f"{count} handoffs of {workflow_id} were open",
        )

    def wait_for_delivery(self, handoff_id: str, *statuses: str, timeout_s: float = 30.0) -> Json:
        """Wait until the callback about a handoff has one of `statuses`; returns it as the live handoff tells it."""

        def there() -> Json | None:
            delivery: Json | None = self.live(handoff_id)["delivery"]
            return delivery if delivery and delivery["status"] in statuses else None

        found = wait_until(there, f"the callback of {handoff_id} was {' or '.join(statuses)}", timeout_s)
        assert found is not None
        return found

    def delivery(self, delivery_id: str) -> Json:
        """A callback with all its attempts."""
        return self.read(f"/v1/deliveries/{delivery_id}")


class Reviewer(Caller):
    """A person who may decide."""

    def decide(self, handoff_id: str, action: str = "approve", **more: Any) -> Json:
        """Decide on what stands there now; a reason is given where one is needed, and the checks pass but for a no."""
        seen = self.live(handoff_id)
        body = {"action": action, "package_digest": seen["package_digest"], **({} if action == "approve" else REASON)}
        if action != "reject" and (passed := checks_passed(seen)):
            body |= {"gate_results": passed, "evidence": [{"title": "The records", "text": "Looked up."}]}
        answer = self.call("POST", f"/v1/handoffs/{handoff_id}/decision", body | more, If_Match=f'"{seen["version"]}"')
        assert answer.ok, answer.text
        document: Json = answer.json()
        return document

    def edit(self, handoff_id: str, output: Any) -> Json:
        """Approve `output` instead of what the model made."""
        return self.decide(handoff_id, "modify", edited_output=output)


def checks_passed(seen: Json) -> list[Json]:
    """A pass for each check of a case that a person has still to answer."""
    return [
        {"gate": gate["id"], "item": item["id"], "result": "pass"}
        for gate in seen.get("gates", [])
        for item in gate["items"]
        if item["result"] is None and item["check"] != "policy_version"
    ]
