"""Routing over HTTP in batches of 100, each batch recorded before it is answered."""

import json

from tests.bench.http import System, requests_a_second
from tests.bench.item import ITEM

BATCH = 100


def routing(system: System, seconds: int) -> float:
    """Items a second. Half of them go through by themselves, half need a person."""
    known = {name: value for name, value in ITEM.items() if not name.startswith("callback")}
    items = [
        known | {"item_id": str(index), "reversible": True, "risk_score": 0.1, "confidence": 0.7 if index % 2 else 0.95}
        for index in range(BATCH)
    ]
    body = system.folder / "routes.json"
    body.write_text(json.dumps({"items": items}))
    return BATCH * requests_a_second(system, "/v1/routes", "open.lua", [system.api_key, str(body)], seconds)
