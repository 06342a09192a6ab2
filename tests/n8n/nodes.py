"""Small workflows for n8n, written as short as they are drawn."""

import uuid
from typing import Any

Json = dict[str, Any]

HANDOFF = "n8n-nodes-handoff.handoff"
OUTPUTS = ("No Decision", "Approved", "Rejected")


def node(name: str, kind: str, version: float, parameters: Json | None = None, **more: Any) -> Json:
    """A node; `kind` without a package is one of n8n's own."""
    return {
        "id": str(uuid.uuid4()),
        "name": name,
        "type": kind if "." in kind else f"n8n-nodes-base.{kind}",
        "typeVersion": version,
        "position": [0, 0],
        "parameters": parameters or {},
        **more,
    }


def webhook(path: str) -> Json:
    """The trigger that tests pull: it answers at once, and the workflow runs on."""
    return node("Start", "webhook", 2.1, {"httpMethod": "POST", "path": path, "options": {}}, webhookId=path)


def split_out(name: str = "Items") -> Json:
    """One item for each entry of the body's list `items`."""
    return node(name, "splitOut", 1, {"fieldToSplitOut": "body.items", "options": {}})


def ask(name: str = "Ask", *, workflow_id: str, credential: str, parameters: Json | None = None, **more: Any) -> Json:
    """Our node in its main operation."""
    made = {"operation": "sendAndWait", "workflowId": workflow_id, "message": "Is this right?", **(parameters or {})}
    credentials = {"handoffApi": {"id": credential, "name": credential}}
    return node(name, HANDOFF, 1, made, credentials=credentials, webhookId=str(uuid.uuid4()), **more)


def end(name: str) -> Json:
    return node(name, "noOp", 1)


def workflow(name: str, nodes: list[Json], links: list[tuple[str, str] | tuple[str, str, int]]) -> Json:
    """Nodes and who follows whom; a third part of a link is the output it leaves by."""
    connections: Json = {}
    for source, target, *output in links:
        outputs = connections.setdefault(source, {"main": []})["main"]
        index = output[0] if output else 0
        outputs.extend([] for _ in range(index + 1 - len(outputs)))
        outputs[index].append({"node": target, "type": "main", "index": 0})
    return {"name": name, "nodes": nodes, "connections": connections, "settings": {"executionOrder": "v1"}}


def asking(name: str, credential: str, parameters: Json | None = None, **more: Any) -> Json:
    """Items -> Ask -> an end for each output. `name` is the webhook's path and the Workflow ID too."""
    asks = ask(workflow_id=name, credential=credential, parameters=parameters, **more)
    return workflow(
        name,
        [webhook(name), split_out(), asks, *(end(output) for output in OUTPUTS)],
        [("Start", "Items"), ("Items", "Ask"), *(("Ask", output, index) for index, output in enumerate(OUTPUTS))],
    )


def node_named(document: Json, name: str) -> Json:
    """A node of a workflow, to change it."""
    found: Json = next(node for node in document["nodes"] if node["name"] == name)
    return found
