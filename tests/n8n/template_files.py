"""The templates as files: their nodes, and who follows whom."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.n8n.nodes import HANDOFF
from tests.system.templates import WORKFLOWS

Json = dict[str, Any]

FILES = sorted(WORKFLOWS.glob("*/*.json"))
STICKY = "n8n-nodes-base.stickyNote"


def read(file: Path) -> Json:
    document: Json = json.loads(file.read_text())
    return document


def working_nodes(document: Json) -> dict[str, Json]:
    """All nodes but the notes, by name."""
    return {node["name"]: node for node in document["nodes"] if node["type"] != STICKY}


def notes(document: Json) -> list[str]:
    return [node["parameters"]["content"] for node in document["nodes"] if node["type"] == STICKY]


def followers(document: Json, name: str, output: int | None = None) -> Iterator[str]:
    """Who follows a node, at one output or at any."""
    for index, targets in enumerate(document["connections"].get(name, {}).get("main", [])):
        if output in (None, index):
            yield from (target["node"] for target in targets or [])


def reachable(document: Json, name: str, output: int | None = None) -> set[str]:
    """All nodes that what leaves a node can come to."""
    seen: set[str] = set()
    ahead = list(followers(document, name, output))
    while ahead:
        node = ahead.pop()
        if node not in seen:
            seen.add(node)
            ahead.extend(followers(document, node))
    return seen


def asking(document: Json) -> list[str]:
    """The Handoff nodes that ask a person and wait."""
    nodes = working_nodes(document)
    return [name for name in of_type(document, HANDOFF) if nodes[name]["parameters"]["operation"] == "sendAndWait"]


def of_type(document: Json, kind: str) -> list[str]:
    return [name for name, node in working_nodes(document).items() if node["type"] == kind]
