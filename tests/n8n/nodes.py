"""Small workflows for n8n, written as short as they are drawn."""

import uuid
from typing import Any

Json = dict[str, Any]

HANDOFF = "n8n-nodes-handoff.handoff"
ROUTER = "n8n-nodes-handoff.handoffRouter"
OUTPUTS = ("No Decision", "Approved", "Rejected")
ROUTES = ("Synchronous Review", "Asynchronous Review", "Auto-Commit", "Auto-Reject", "Stop the Line")


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


def route(
    name: str = "Route", *, workflow_id: str, credential: str, parameters: Json | None = None, **more: Any
) -> Json:
    """Our router."""
    made = {"workflowId": workflow_id, **(parameters or {})}
    return node(name, ROUTER, 1, made, credentials={"handoffApi": {"id": credential, "name": credential}}, **more)


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


def routing(name: str, credential: str, parameters: Json | None = None, **more: Any) -> Json:
    """Items -> Route -> an end for each output. `name` is the webhook's path and the Workflow ID too."""
    routes = route(workflow_id=name, credential=credential, parameters=parameters, **more)
    return workflow(
        name,
        [webhook(name), split_out(), routes, *(end(output) for output in ROUTES)],
        [("Start", "Items"), ("Items", "Route"), *(("Route", output, index) for index, output in enumerate(ROUTES))],
    )


def node_named(document: Json, name: str) -> Json:
    """A node of a workflow, to change it."""
    found: Json = next(node for node in document["nodes"] if node["name"] == name)
    return found
