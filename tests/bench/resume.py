"""From the decision to the finished execution in a real n8n, against a POST to n8n's own Wait node."""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import requests

from tests.system.built import pack_tarball
from tests.system.companion import Companion
from tests.system.n8n import N8n
from tests.system.waiting import wait_until

Json = dict[str, Any]
ROUNDS = 25


def node(name: str, kind: str, version: float, parameters: Json, x: int) -> Json:
    """A node of a workflow, at `x`."""
    return {
        "id": name.lower(), "name": name, "type": kind, "typeVersion": version, "position": [x, 0],
        "parameters": parameters, "webhookId": f"bench-{name.lower()}-{parameters.get('path', '')}",
    }  # fmt: skip


def workflow(name: str, *steps: Json) -> Json:
    """A webhook, and then the steps in a row."""
    nodes = [node("Start", "n8n-nodes-base.webhook", 2.1, {"path": name, "httpMethod": "POST"}, 0), *steps]
    connections = {
        before["name"]: {"main": [[{"node": after["name"], "type": "main", "index": 0}]]}
        for before, after in pairwise(nodes)
    }
    return {"name": name, "nodes": nodes, "connections": connections, "settings": {}}


ADDRESS = {"id": "a", "name": "url", "type": "string", "value": "={{ $execution.resumeUrl }}"}
WITH_WAIT_NODE = workflow(
    "with-wait-node",
    node("Address", "n8n-nodes-base.set", 3.4, {"assignments": {"assignments": [ADDRESS]}}, 200),
    node("Wait", "n8n-nodes-base.wait", 1.1, {"resume": "webhook", "httpMethod": "POST", "options": {}}, 400),
)  # fmt: skip
WITH_HANDOFF = workflow(
    "with-handoff", node("Handoff", "n8n-nodes-handoff.handoff", 1, {"operation": "sendAndWait"}, 200)
)


def resume() -> dict[str, float]:
    """Median milliseconds of both ways, taken in turn."""
    with tempfile.TemporaryDirectory(prefix="hb") as folder_name:
        folder = Path(folder_name)
        with Companion(folder / "companion") as companion:
            n8n = N8n(folder / "n8n")
            n8n.install_pack(pack_tarball())
            credential = {
                "id": "bench", "name": "Handoff", "type": "handoffApi", "data": companion.n8n_credential(),
            }  # fmt: skip
            n8n.import_credentials([credential])
            WITH_HANDOFF["nodes"][-1]["credentials"] = {"handoffApi": {"id": "bench", "name": "Handoff"}}
            wait_id, handoff_id = n8n.import_workflows([WITH_WAIT_NODE, WITH_HANDOFF])
            with n8n:
                token = companion.create_token(companion.add_reviewer("Bench", "bench@example.com"))
                waits, handoffs = [], []
                for _ in range(ROUNDS):
                    waits.append(_one(n8n, wait_id, "with-wait-node", _wait_nodes_answer))
                    handoffs.append(_one(n8n, handoff_id, "with-handoff", lambda _: _decision(companion, token)))
    # The first ones load code.
    return {"wait_ms": statistics.median(waits[3:]), "handoff_ms": statistics.median(handoffs[3:])}


def _one(n8n: N8n, workflow_id: str, path: str, prepare: Any) -> float:
    """Start an execution, wait until it is parked, answer it; milliseconds from before the answer to n8n's end time."""
    requests.post(f"{n8n.url}/webhook/{path}", json={"text": "hello"}, timeout=30).raise_for_status()
    (parked,) = wait_until(lambda: n8n.api.executions(workflow_id, "waiting"), f"{path} waits", 30)
    answer = prepare(n8n.api.execution(parked["id"]))
    began_s = time.time()
    answer()

    def ended() -> Json | None:
        execution = n8n.api.execution(parked["id"])
        return execution if execution["status"] == "success" else None

    stopped_at = wait_until(ended, f"{path} has ended", 30)["stoppedAt"]
    return (datetime.fromisoformat(stopped_at).timestamp() - began_s) * 1000


def _wait_nodes_answer(execution: Json) -> Callable[[], None]:
    runs = execution["data"]["resultData"]["runData"]
    url = runs["Address"][0]["data"]["main"][0][0]["json"]["url"]
    return lambda: requests.post(url, json={"approved": True}, timeout=30).raise_for_status()


def _decision(companion: Companion, token: str) -> Callable[[], None]:
    headers = {"Authorization": f"Bearer {token}"}
    case = requests.get(f"{companion.url}/v1/handoffs?limit=1", headers=headers, timeout=30).json()["items"][0]
    url = f"{companion.url}/v1/handoffs/{case['id']}/decision"
    body = {"action": "approve", "package_digest": case["package_digest"]}
    matching = headers | {"If-Match": f'"{case["version"]}"'}
    return lambda: requests.post(url, json=body, headers=matching, timeout=30).raise_for_status()
