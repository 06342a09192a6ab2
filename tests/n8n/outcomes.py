"""What an execution of n8n, and a record in the bucket, say about what happened."""

import json
from collections.abc import Sequence
from typing import Any

from tests.n8n.nodes import OUTPUTS
from tests.system.n8n_clients import items_of

Json = dict[str, Any]


def by_output(execution: Json, node: str = "Ask", outputs: Sequence[str] = OUTPUTS) -> dict[str, list[Json]]:
    """The items that a node gave, by the name of the output; only outputs that have some."""
    given = {name: items_of(execution, node, index) for index, name in enumerate(outputs)}
    return {name: items for name, items in given.items() if items}


def handoffs_waited_for(execution: Json, node: str = "Ask") -> list[str]:
    """The ids of the handoffs that a waiting execution waits for, in the order of its items."""
    waiting = execution["data"]["executionData"]["contextData"][f"node:{node}"]["waiting"]
    return [handoff["id"] for handoff in waiting["handoffs"]]


def event_of(record: bytes) -> Json:
    event: Json = json.loads(record)
    return event
