"""Two ways into a running n8n: what its editor does with a cookie, and its public API with a key."""

import uuid
from dataclasses import dataclass
from typing import Any

import requests

from tests.system.waiting import wait_until

Json = dict[str, Any]

REQUEST_TIMEOUT_S = 30.0
ENDED = ("success", "error", "crashed", "canceled")


@dataclass(frozen=True)
class Owner:
    """The first account of an n8n."""

    email: str = "owner@example.com"
    password: str = "Handoff-Local-1"
    first_name: str = "Olive"
    last_name: str = "Owner"


class N8nRefused(Exception):
    """n8n answered a request with an error."""


class _Client:
    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy in the environment is for n8n, not for talking to it
        # A kept connection is reset by an n8n that was busy for 5 s: it thinks first that nobody used it.
        self._session.headers["Connection"] = "close"

    def call(self, method: str, path: str, body: Json | None = None, **query: Any) -> Any:
        """Send a request, and return the JSON of the answer."""
        answer = self._session.request(method, f"{self.url}{path}", json=body, params=query, timeout=REQUEST_TIMEOUT_S)
        if not answer.ok:
            raise N8nRefused(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.content else None


class N8nEditor(_Client):
    """Signed in as the owner; sets the owner up on a fresh n8n."""

    def __init__(self, url: str, owner: Owner) -> None:
        super().__init__(url)
        self._session.headers["browser-id"] = str(uuid.uuid4())  # n8n ties its cookie to this
        fresh = self.call("GET", "/rest/settings")["data"]["userManagement"]["showSetupOnFirstLoad"]
        if fresh:
            names = {"firstName": owner.first_name, "lastName": owner.last_name}
            body = {"email": owner.email, "password": owner.password, **names}
            self.call("POST", "/rest/owner/setup", body)
        else:
            self.call("POST", "/rest/login", {"emailOrLdapLoginId": owner.email, "password": owner.password})

    def create_api_key(self) -> str:
        """A key with every scope that this n8n knows."""
        scopes = self.call("GET", "/rest/api-keys/scopes")["data"]
        body = {"label": f"tests {uuid.uuid4().hex[:8]}", "expiresAt": None, "scopes": scopes}
        key: str = self.call("POST", "/rest/api-keys", body)["data"]["rawApiKey"]
        return key

    def workflow(self, workflow_id: str) -> Json:
        answer: Json = self.call("GET", f"/rest/workflows/{workflow_id}")["data"]
        return answer

    def run_manually(self, workflow_id: str, trigger_node: str) -> str:
        """Press "Execute workflow"; returns the id of the execution."""
        body = {"workflowData": self.workflow(workflow_id), "triggerToStartFrom": {"name": trigger_node}}
        execution_id: str = self.call("POST", f"/rest/workflows/{workflow_id}/run", body)["data"]["executionId"]
        return execution_id


class N8nApi(_Client):
    """n8n's public API, `/api/v1`."""

    def __init__(self, url: str, key: str) -> None:
        super().__init__(url)
        self._session.headers["X-N8N-API-KEY"] = key

    def workflows(self) -> list[Json]:
        items: list[Json] = self.call("GET", "/api/v1/workflows", limit=250)["data"]
        return items

    def create_workflow(self, workflow: Json) -> str:
        """Create and return the id; `activate` it besides when it is to listen."""
        fields = ("name", "nodes", "connections", "settings")
        workflow_id: str = self.call("POST", "/api/v1/workflows", {name: workflow.get(name, {}) for name in fields})[
            "id"
        ]
        return workflow_id

    def activate(self, workflow_id: str) -> None:
        self.call("POST", f"/api/v1/workflows/{workflow_id}/activate")

    def deactivate(self, workflow_id: str) -> None:
        self.call("POST", f"/api/v1/workflows/{workflow_id}/deactivate")

    def create_credential(self, name: str, kind: str, data: Json) -> str:
        credential_id: str = self.call("POST", "/api/v1/credentials", {"name": name, "type": kind, "data": data})["id"]
        return credential_id

    def executions(self, workflow_id: str | None = None, status: str | None = None) -> list[Json]:
        """Newest first, without their data."""
        query: Json = {"workflowId": workflow_id, "status": status, "limit": 250}
        items: list[Json] = self.call("GET", "/api/v1/executions", **query)["data"]
        return items

    def execution_ids(self, workflow_id: str) -> set[str]:
        """Of all executions, the running ones too, which n8n leaves out unless asked for.

        The running ones are asked for first and last: one that ends, or goes on, between two questions is in neither
        answer else, and is then taken for one that came later.
        """
        asked = (self.executions(workflow_id, status) for status in ("running", None, "running"))
        return {one["id"] for found in asked for one in found}

    def execution(self, execution_id: str) -> Json:
        """With the data of each node that ran."""
        answer: Json = self.call("GET", f"/api/v1/executions/{execution_id}", includeData="true")
        return answer

    def wait_for_execution(
        self, workflow_id: str, *statuses: str, count: int = 1, timeout_s: float = 60.0
    ) -> list[Json]:
        """Wait until the workflow has `count` executions in one of `statuses` (by default: ended); newest first."""
        wanted = statuses or ENDED

        def those() -> list[Json]:
            found = [one for one in self.executions(workflow_id) if one["status"] in wanted]
            return found if len(found) >= count else []

        return wait_until(those, f"workflow {workflow_id} had {count} executions in {wanted}", timeout_s)


def items_of(execution: Json, node: str, output: int = 0, run: int = -1) -> list[Json]:
    """The JSON of each item that a node of an execution gave at an output."""
    runs = execution["data"]["resultData"]["runData"].get(node)
    if not runs:
        return []
    outputs = runs[run].get("data", {}).get("main", [])
    items = outputs[output] if output < len(outputs) else None
    return [item["json"] for item in items or []]


def ran(execution: Json) -> list[str]:
    """The names of the nodes that ran, in no order."""
    return list(execution["data"]["resultData"]["runData"])
