"""The whole system on this machine: the companion, a real n8n with our pack and templates, and all the stand-ins."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from tests.system.bucket import Bucket
from tests.system.built import pack_tarball, page_folder
from tests.system.commands import say
from tests.system.companion import Companion
from tests.system.mailbox import Mailbox
from tests.system.n8n import N8n
from tests.system.provisioning import Provisioning
from tests.system.proxy import Proxy
from tests.system.templates import WORKFLOWS, Wired, read_templates, wire

Json = dict[str, Any]

PORTS = 8  # in a row, from the first one
BUCKET_NAME = "handoff-audit"
# The same as another template by other means: imported to be looked at; published, it would ask about each mail again.
ALTERNATIVES = ("summarize-email-built-in-nodes", "summarize-email-n8n-form")


class World:
    """Everything, in one folder that keeps its state from one start to the next."""

    def __init__(self, folder: Path, first_port: int, *, workflows: Path = WORKFLOWS) -> None:
        companion, n8n, mail_page, imap, smtp, bucket, proxy, broker = range(first_port, first_port + PORTS)
        page_folder()
        self._pack = pack_tarball()
        self._workflows = workflows
        self.proxy = Proxy(folder / "proxy", port=proxy)
        self.mailbox = Mailbox(folder / "mailbox", imap_port=imap, smtp_port=smtp, page_port=mail_page)
        self.bucket = Bucket(folder / "bucket", name=BUCKET_NAME, port=bucket)
        self.companion = Companion(folder / "companion", port=companion)
        environment = {**self.proxy.environment, "N8N_RUNNERS_BROKER_PORT": str(broker)}
        self.n8n = N8n(folder / "n8n", port=n8n, environment=environment)
        self.not_published: dict[str, str] = {}  # the template's name -> why
        self._running = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as starting:  # what did start is stopped when the rest does not
            say("Starting the mailbox, the bucket, and stand-ins for Slack and Cloudflare …")
            for server in (self.proxy, self.mailbox, self.bucket):
                starting.enter_context(server)
            say("Starting the companion …")
            starting.enter_context(self.companion)
            say("Starting n8n with the node pack and the templates (usually 20 s) …")
            wired = self._wired()
            provisioning = Provisioning(self.n8n)
            provisioning.before_start(self._pack, wired, not_published=ALTERNATIVES)
            starting.enter_context(self.n8n)
            lacking = {
                name: f"It names credentials that are not here: {kinds}" for name, kinds in wired.lacking.items()
            }
            self.not_published = lacking | provisioning.after_start()
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def ended_server(self) -> str | None:
        """The name of a server that ended by itself, if one did."""
        servers = (self.proxy, self.mailbox, self.bucket, self.companion, self.n8n)
        return next((server.process_name for server in servers if not server.is_running), None)

    def _wired(self) -> Wired:
        anything = "local"  # the stand-ins ask for no key, but n8n does
        return wire(
            read_templates(self._workflows),
            {
                "handoffApi": self.companion.n8n_credential(),
                "imap": self.mailbox.n8n_imap_credential(),
                "smtp": self.mailbox.n8n_smtp_credential(),
                "s3": self.bucket.n8n_credential(),
                "slackApi": {"accessToken": anything},
                "cloudflareApi": {"apiToken": anything},
                "openAiApi": {"apiKey": anything},
                "pagerDutyApi": {"apiToken": anything},
                "httpBearerAuth": {"token": self.companion.key.api_key},
                "httpBasicAuth": {"user": "approver", "password": anything},
                "httpHeaderAuth": {"name": "Authorization", "value": f"Bearer {anything}"},
            },
            {
                "settings.bucket": self.bucket.name,
                "settings.companionUrl": self.companion.url,
                "settings.folder": str(self.n8n.files),
            },
        )
