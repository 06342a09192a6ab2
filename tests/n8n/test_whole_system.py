"""What `./dev up` starts, on a small template: mail, model, handoff, person, and on."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.system.n8n_clients import items_of
from tests.system.ports import free_ports_in_a_row
from tests.system.up import first_case, waiting
from tests.system.world import PORTS, World

pytestmark = [pytest.mark.real_n8n, pytest.mark.timeout(600)]

Json = dict[str, Any]

SAMPLE = b"""From: Anna <anna@example.com>
To: support@example.com
Subject: Charged twice
Content-Type: text/plain

Hello, you charged me twice for the same order.
"""

TEMPLATE: Json = {
    "name": "Ask about a mail",
    "nodes": [
        {
            "id": "mail",
            "name": "Mail",
            "type": "n8n-nodes-base.emailReadImap",
            "typeVersion": 2.1,
            "position": [0, 0],
            "parameters": {"format": "simple", "options": {}},
            "credentials": {"imap": {"name": "Support mailbox"}},
        },
        {
            "id": "ask",
            "name": "Ask",
            "type": "n8n-nodes-handoff.handoff",
            "typeVersion": 1,
            "position": [200, 0],
            "webhookId": "ask",
            "parameters": {"operation": "sendAndWait"},
            "credentials": {"handoffApi": {"name": "Handoff"}},
        },
    ],
    "connections": {"Mail": {"main": [[{"node": "Ask", "type": "main", "index": 0}]]}},
    "settings": {},
}


@pytest.fixture
def workflows(tmp_path: Path) -> Path:
    folder = tmp_path / "workflows"
    (folder / "ask").mkdir(parents=True)
    (folder / "ask" / "workflow.json").write_text(json.dumps(TEMPLATE))
    (folder / "ask" / "sample.eml").write_bytes(SAMPLE)
    return folder


def approve(world: World, case: Json) -> None:
    ada = world.companion.add_reviewer("Ada", "ada@example.com")
    headers = {"Authorization": f"Bearer {world.companion.create_token(ada)}", "If-Match": f'"{case["version"]}"'}
    body = {"action": "approve", "package_digest": case["package_digest"]}
    url = f"{world.companion.url}/v1/handoffs/{case['id']}/decision"
    answer = requests.post(url, json=body, headers=headers, timeout=30)
    assert answer.ok, answer.text


def test_a_case_survives_a_restart_of_everything_and_then_goes_on(tmp_path: Path, workflows: Path) -> None:
    """A mail opens a handoff; it still waits after all was stopped and started; approving lets the workflow go on."""
    first_port = free_ports_in_a_row(PORTS)
    with World(tmp_path / "world", first_port, workflows=workflows) as world:
        assert world.not_published == {}
        opened = first_case(world, workflows / "ask" / "sample.eml")
        assert opened is not None

    with World(tmp_path / "world", first_port, workflows=workflows) as world:
        (still_open,) = waiting(world.companion)
        assert still_open["id"] == opened["id"]
        approve(world, still_open)
        (ended,) = world.n8n.api.wait_for_execution("ask", "success")
        outputs = [len(items_of(world.n8n.api.execution(ended["id"]), "Ask", output)) for output in range(3)]
        assert outputs == [0, 1, 0], "no decision, approved, rejected"
        assert waiting(world.companion) == []
