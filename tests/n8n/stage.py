"""Everything that a template needs, started once for many tests: n8n with the pack, the companion, all the stand-ins.

Between n8n and the companion, in both directions, lies a `Wire` that can lose and hold replies.
"""

import copy
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import requests

from tests.n8n import nodes
from tests.n8n.outcomes import handoffs_waited_for
from tests.n8n.people import Caller, Reviewer
from tests.n8n.wire import Wire
from tests.system.bucket import Bucket
from tests.system.built import pack_tarball
from tests.system.companion import Companion
from tests.system.mailbox import Mailbox
from tests.system.n8n import N8n
from tests.system.n8n_clients import ENDED
from tests.system.ports import free_port
from tests.system.proxy import Proxy
from tests.system.templates import WORKFLOWS, read_templates, wire
from tests.system.waiting import wait_until

Json = dict[str, Any]

WITH_NODE, BUILT_IN, N8N_FORM, AUDIT_WRITE = (
    "Handoff: Summarize Email",
    "Handoff: Summarize Email (Built-In Nodes)",
    "Handoff: Summarize Email (n8n Form)",
    "Handoff: Audit Write",
)
BUCKET = "handoff-audit"  # as the template's settings say
EXECUTION_TIMEOUT_S = 60.0


class Stage:
    """The whole system, with the templates imported as they are shipped and published."""

    def __init__(self, folder: Path) -> None:
        self.proxy = Proxy(folder / "proxy")
        self.bucket = Bucket(folder / "bucket", name=BUCKET)
        self.mailbox = Mailbox(folder / "mailbox")
        self.second_mailbox = Mailbox(folder / "second-mailbox")  # two published templates must not share one
        self.companion = Companion(folder / "companion")
        n8n_port = free_port()
        self.to_companion = Wire(self.companion.url)
        self.to_n8n = Wire(f"http://localhost:{n8n_port}")
        environment = {**self.proxy.environment, "N8N_WEBHOOK_URL": f"{self.to_n8n.url}/"}
        self.n8n = N8n(folder / "n8n", port=n8n_port, environment=environment)
        self._ids = {template.name: template.id for template in read_templates(WORKFLOWS)}
        self._entrances: dict[str, str] = {}
        self._running = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            for server in (self.proxy, self.bucket, self.mailbox, self.second_mailbox, self.companion):
                starting.enter_context(server)
            starting.enter_context(self.to_companion)
            starting.enter_context(self.to_n8n)
            self.key = Caller(self.companion.url, self.companion.key.api_key)
            self.ada = self.reviewer("Ada Approver")
            self._provide()
            starting.enter_context(self.n8n)
            for name in (AUDIT_WRITE, WITH_NODE, BUILT_IN):
                self.n8n.api.activate(self._ids[name])
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def reviewer(self, name: str) -> Reviewer:
        """A person who may decide, with a personal token."""
        added = self.companion.add_reviewer(name, f"{name.split()[0].lower()}@example.com")
        return Reviewer(self.companion.url, self.companion.create_token(added))

    # Templates

    def template(self, name: str) -> str:
        """The id that a template has in this n8n."""
        return self._ids[name]

    def entrance(self, name: str) -> str:
        """The id of a copy of a template that takes its emails from a webhook, and is the template in all else.

        n8n looks into a mailbox every 15 s at best; most tests are not about that.
        """
        if name not in self._entrances:
            self._entrances[name] = self.publish(self.with_entrance(name))
        return self._entrances[name]

    def with_entrance(self, name: str) -> Json:
        """Such a copy, not yet in n8n."""
        document = copy.deepcopy(self._imported[name])
        mail = nodes.node_named(document, "New Support Email")
        mail.pop("credentials")
        mail.update(type="n8n-nodes-base.splitOut", typeVersion=1)
        mail["parameters"] = {"fieldToSplitOut": "body.items", "options": {}}
        path = f"entrance-{uuid.uuid4().hex[:8]}"
        document["nodes"].append(nodes.webhook(path))
        document["connections"]["Start"] = {"main": [[{"node": mail["name"], "type": "main", "index": 0}]]}
        return {**document, "name": path}

    # Workflows of tests

    def publish(self, document: Json) -> str:
        """Create a workflow and let it listen; returns its id."""
        workflow_id = self.n8n.api.create_workflow(document)
        self.n8n.api.activate(workflow_id)
        return workflow_id

    def send(self, workflow_id: str, *items: Json) -> str:
        """Pull the trigger of a workflow that begins with `nodes.webhook`; returns the id of the execution."""
        before = self.n8n.api.execution_ids(workflow_id)
        document = self.n8n.api.call("GET", f"/api/v1/workflows/{workflow_id}")
        path = nodes.node_named(document, "Start")["parameters"]["path"]

        def started() -> bool:
            # n8n registers a webhook some moments after it says that the workflow is published.
            answer = requests.post(f"{self.n8n.url}/webhook/{path}", json={"items": items}, timeout=30)
            assert answer.ok or answer.status_code == 404, answer.text
            return answer.ok

        wait_until(started, f"the webhook of {workflow_id} was there")
        new = wait_until(
            lambda: self.n8n.api.execution_ids(workflow_id) - before,
            f"workflow {workflow_id} had begun",
        )
        return min(new, key=int)

    def wait_for(self, execution_id: str, *statuses: str, timeout_s: float = EXECUTION_TIMEOUT_S) -> Json:
        """Wait until an execution has one of `statuses`; returns it with its data."""

        def there() -> Json | None:
            execution = self.n8n.api.execution(execution_id)
            status = execution["status"]
            error = execution["data"]["resultData"].get("error") if status in ENDED else None
            assert status in statuses or status not in ENDED, f"execution {execution_id}: {status}, {error}"
            return execution if status in statuses else None

        found = wait_until(there, f"execution {execution_id} was {' or '.join(statuses)}", timeout_s)
        assert found is not None
        return found

    def begin(self, workflow_id: str, *items: Json, node: str = "Ask") -> tuple[str, list[str]]:
        """Send items and wait until the execution waits; returns its id, and the id of each item's handoff."""
        execution_id = self.send(workflow_id, *items)
        return execution_id, handoffs_waited_for(self.wait_for(execution_id, "waiting"), node)

    def ended(self, execution_id: str) -> Json:
        """Wait until an execution ended well; returns it with its data."""
        execution = self.wait_for(execution_id, *ENDED)
        assert execution["status"] == "success", execution["data"]["resultData"].get("error")
        return execution

    # What came of it

    def posted(self) -> list[str]:
        """The texts of all messages in Slack, oldest first."""
        return [message["text"] for message in self.proxy.slack_messages()]

    def wait_for_posts(self, count: int) -> list[str]:
        return wait_until(
            lambda: self.posted() if len(self.posted()) >= count else [],
            f"{count} messages were in Slack",
            EXECUTION_TIMEOUT_S,
        )

    def wait_for_records(self, event_id: str) -> tuple[bytes, bytes]:
        """Wait for the record of an event; returns the bytes in the bucket and those on disk."""

        def both() -> tuple[list[str], list[Path]] | None:
            objects = [key for key in self.bucket.keys("events/") if f"/{event_id}." in key]
            files = list(self.n8n.files.glob(f"{event_id}.*"))
            return (objects, files) if objects and files else None

        found = wait_until(both, f"event {event_id} was recorded", EXECUTION_TIMEOUT_S)
        assert found is not None
        objects, files = found
        assert len(objects) == len(files) == 1, found
        return self.bucket.read(objects[0]), files[0].read_bytes()

    def _provide(self) -> None:
        """The pack, the credentials, and the templates, of which the second one reads the second mailbox."""
        self.n8n.install_pack(pack_tarball())
        local = "local"  # the stand-ins ask for no key, but n8n does
        handoff = {**self.companion.n8n_credential(), "baseUrl": self.to_companion.url}
        wired = wire(
            read_templates(WORKFLOWS),
            {
                "cloudflareApi": {"apiToken": local},
                "handoffApi": handoff,
                "httpBearerAuth": {"token": self.companion.key.api_key},
                "httpBasicAuth": {"user": "approver", "password": local},
                "httpHeaderAuth": {"name": "Authorization", "value": f"Bearer {local}"},
                "imap": self.mailbox.n8n_imap_credential(),
                "s3": self.bucket.n8n_credential(),
                "slackApi": {"accessToken": local},
            },
            {"settings.companionUrl": self.to_companion.url},
        )
        assert wired.lacking == {}
        more = [
            {"id": "second-imap", "name": "Second", "type": "imap", "data": self.second_mailbox.n8n_imap_credential()},
            {"id": "handoff", "name": "handoff", "type": "handoffApi", "data": handoff},
            {"id": "ada", "name": "ada", "type": "httpHeaderAuth", "data": self.ada.n8n_credential()},
            {"id": "openai", "name": "openai", "type": "openAiApi", "data": {"apiKey": local}},
        ]
        self._imported = {document["name"]: document for document in wired.workflows}
        for node in self._imported[BUILT_IN]["nodes"]:
            if "imap" in node.get("credentials", {}):
                node["credentials"]["imap"] = {"id": "second-imap", "name": "Second"}
        self.n8n.import_credentials([*wired.credentials, *more])
        self.n8n.import_workflows(wired.workflows, publish=False)
