"""The template `audit-write.json` in a real n8n: event -> file -> bucket, and nothing that was written is replaced."""

import hashlib
import json
import uuid
from typing import Any

import pytest

from tests.n8n import nodes
from tests.n8n.stage import AUDIT_WRITE, BUCKET, Stage
from tests.system.n8n_clients import ran

pytestmark = [pytest.mark.real_n8n, pytest.mark.timeout(120)]

Json = dict[str, Any]


@pytest.fixture(scope="module")
def writing(_stage: Stage) -> str:
    """The id of a workflow that hands its items to the sub-workflow, and waits for it."""
    name = f"audit-{uuid.uuid4().hex[:8]}"
    called = {"__rl": True, "mode": "id", "value": _stage.template(AUDIT_WRITE)}
    write = nodes.node("Write", "executeWorkflow", 1.4, {"workflowId": called, "mode": "once", "options": {}})
    links = [("Start", "Items"), ("Items", "Write")]
    return _stage.publish(nodes.workflow(name, [nodes.webhook(name), nodes.split_out(), write], links))


def event(**changed: Any) -> Json:
    return {
        "event_id": str(uuid.uuid4()),
        "event_type": "handoff.decided",
        "timestamp": "2026-11-21T08:00:00.000Z",
        "justification": "Größe, 😀 and “quotes”",
        **changed,
    }


def keys_of(stage: Stage, event_id: str) -> list[str]:
    return [key for key in stage.bucket.keys("events/") if event_id in key]


@pytest.mark.req("R-TPL-14", "R-AUD-07", "R-AUD-08", "X-25")
def test_each_event_is_one_file_that_proves_its_own_bytes(stage: Stage, writing: str) -> None:
    """Two events, two objects and two files: the same bytes, the event itself, and their SHA-256 in the name."""
    events = [event(), event()]
    stage.ended(stage.send(writing, *({"event": one} for one in events)))
    for one in events:
        in_bucket, on_disk = stage.wait_for_records(one["event_id"])
        assert in_bucket == on_disk
        assert json.loads(in_bucket) == one
        (key,) = keys_of(stage, one["event_id"])
        assert key == f"events/2026-11-21/{one['event_id']}.{hashlib.sha256(in_bucket).hexdigest()}.json"
        stored = stage.bucket.client().head_object(Bucket=BUCKET, Key=key)
        assert stored["ContentType"] == "application/json"


@pytest.mark.req("R-AUD-07", "X-37")
def test_a_repeated_event_collapses_and_a_changed_one_replaces_nothing(stage: Stage, writing: str) -> None:
    """Written twice it is one object; with other content it is another, and the first is still what it was."""
    first = event()
    changed = first | {"justification": "Something else"}
    for one in (first, first, changed):
        stage.ended(stage.send(writing, {"event": one}))
    keys = keys_of(stage, first["event_id"])
    assert len(keys) == 2
    assert sorted((json.loads(stage.bucket.read(key)) for key in keys), key=str) == sorted([first, changed], key=str)
    assert len(list(stage.n8n.files.glob(f"{first['event_id']}.*"))) == 2


@pytest.mark.req("R-TPL-14")
def test_an_item_without_an_event_is_left_out(stage: Stage, writing: str) -> None:
    """An item that nobody could be asked about has no event; it writes nothing, and fails nothing."""
    before = stage.bucket.keys("events/")
    execution = stage.ended(stage.send(writing, {"event": {}}, {"other": 1}, {"event": {"event_id": "x"}}))
    assert "Write" in ran(execution)
    assert stage.bucket.keys("events/") == before


@pytest.mark.req("R-AUD-07", "R-AUD-08")
def test_an_id_cannot_lead_out_of_the_folder(stage: Stage, writing: str) -> None:
    """Whoever can hand over an event cannot choose where it is written."""
    hostile = event(event_id="../../escaped", timestamp="../../../2026")
    stage.ended(stage.send(writing, {"event": hostile}))
    (key,) = keys_of(stage, "escaped")
    assert ".." not in key
    assert len(list(stage.n8n.files.glob("escaped.*"))) == 1
    assert not list(stage.n8n.files.parent.glob("escaped*"))
