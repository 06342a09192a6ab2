"""The world that the other n8n tests stand on: if these fail, look here first."""

from collections.abc import Iterator
from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.system.bucket import Bucket
from tests.system.mailbox import Mailbox
from tests.system.n8n import N8n
from tests.system.n8n_clients import items_of
from tests.system.proxy import Proxy

pytestmark = [pytest.mark.real_n8n, pytest.mark.timeout(300)]

Json = dict[str, Any]

WORKERS_AI_URL = "https://api.cloudflare.com/client/v4/accounts/an-account/ai/run/@cf/facebook/bart-large-cnn"


def node(name: str, kind: str, version: float, parameters: Json, credential: str | None = None) -> Json:
    made = {
        "id": name.lower().replace(" ", "-"),
        "name": name,
        "type": f"n8n-nodes-base.{kind}",
        "typeVersion": version,
        "position": [0, 0],
        "parameters": parameters,
    }
    return {**made, "credentials": {credential: {"id": credential, "name": credential}}} if credential else made


def chain(*nodes: Json) -> Json:
    """A workflow of nodes one after the other."""
    connections = {a["name"]: {"main": [[{"node": b["name"], "type": "main", "index": 0}]]} for a, b in pairwise(nodes)}
    return {"name": "World", "nodes": list(nodes), "connections": connections, "settings": {}}


def mail(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "customer@example.com"
    message["To"] = Mailbox.user
    message.set_content(f"Body of {subject}")
    return message


@pytest.fixture
def n8n(tmp_path: Path, proxy: Proxy, bucket: Bucket, mailbox: Mailbox) -> Iterator[N8n]:
    """Reads mail, asks the model, posts to Slack, writes to the bucket."""
    n8n = N8n(tmp_path / "n8n", environment=proxy.environment)
    credentials = {
        "imap": mailbox.n8n_imap_credential(),
        "slackApi": {"accessToken": "xoxb-not-a-token"},
        "s3": bucket.n8n_credential(),
    }
    n8n.import_credentials(
        [{"id": kind, "name": kind, "type": kind, "data": data} for kind, data in credentials.items()]
    )
    slack = {
        "select": "channel",
        "channelId": {"__rl": True, "mode": "id", "value": "C0HANDOFF"},
        "text": "=Summary: {{ $json.result.summary }} ({{ $json.result.confidence }})",
        "otherOptions": {"includeLinkToWorkflow": False},
    }
    upload = {
        "operation": "upload",
        "bucketName": bucket.name,
        "fileName": "=world/{{ $itemIndex }}",
        "binaryData": False,
        "fileContent": "={{ JSON.stringify($json) }}",
        "additionalFields": {},
    }
    workflow = chain(
        node("Mail", "emailReadImap", 2.1, {"format": "simple", "options": {}}, "imap"),
        node("Model", "httpRequest", 4.5, {"method": "POST", "url": WORKERS_AI_URL, "options": {}}),
        node("Slack", "slack", 2.7, slack, "slackApi"),
        node("Bucket", "s3", 1, upload, "s3"),
    )
    n8n.import_workflows([{**workflow, "id": "world"}])
    yield n8n
    n8n.stop()


def test_two_mails_before_one_look_are_two_items_of_one_execution(
    n8n: N8n, proxy: Proxy, bucket: Bucket, mailbox: Mailbox
) -> None:
    """Two new mails start one execution with two items, and each goes through the model, Slack and the bucket."""
    proxy.answer_workers_ai(summary="Refund asked for.", confidence=0.61)
    mailbox.deliver(mail("First"))
    n8n.start()
    mailbox.wait_for_reader()
    mailbox.deliver(mail("Second"))
    (ended,) = n8n.api.wait_for_execution("world")

    execution = n8n.api.execution(ended["id"])
    assert ended["status"] == "success", execution["data"]["resultData"]
    assert [item["subject"] for item in items_of(execution, "Mail")] == ["First", "Second"]
    assert [message["text"] for message in proxy.slack_messages()] == ["Summary: Refund asked for. (0.61)"] * 2
    assert bucket.keys("world/") == ["world/0", "world/1"]
    assert bucket.read("world/0") != bucket.read("world/1")


def test_nothing_leaves_the_machine(n8n: N8n, proxy: Proxy) -> None:
    """A running n8n asks nobody but the stand-ins."""
    n8n.start()
    assert n8n.api.workflows()
    assert proxy.refused() == []


def test_state_survives_a_kill(n8n: N8n) -> None:
    """After SIGKILL n8n starts again on the same folder, and still knows its owner and what was made there."""
    n8n.start()
    made = n8n.api.create_workflow({"name": "Made just before", "nodes": [], "connections": {}, "settings": {}})
    n8n.kill()
    n8n.start()
    assert made in [workflow["id"] for workflow in n8n.api.workflows()]
