"""A mailbox on loopback: IMAP for n8n to read, SMTP to send to, and a page to look into it.

The server is `mail-devel`, in memory: what it holds is gone when it stops. It takes mail for any address into the one
mailbox.
"""

import imaplib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from tests.system.places import CHECKOUT
from tests.system.ports import free_port, is_listening
from tests.system.processes import Server, ServerProcess
from tests.system.waiting import wait_until

START_TIMEOUT_S = 30.0
READER_TIMEOUT_S = 120.0  # n8n's client begins to listen 15 s after it connected
IDLES = re.compile(r"-->\| \S+ IDLE")


class Mailbox(Server):
    """One account. Mails that are delivered while nobody reads arrive together with the next look into it."""

    user = "support@example.com"
    password = "handoff-local"
    host = "127.0.0.1"

    def __init__(
        self, folder: Path, *, imap_port: int | None = None, smtp_port: int | None = None, page_port: int | None = None
    ) -> None:
        self.imap_port = imap_port or free_port()
        self.smtp_port = smtp_port or free_port()
        page_port = page_port or free_port()
        self.page_url = f"http://{self.host}:{page_port}"
        folder.mkdir(parents=True, exist_ok=True)
        ports = {"imap-port": self.imap_port, "smtp-port": self.smtp_port, "http-port": page_port}
        options = {"host": self.host, "user": self.user, "password": self.password, **ports}
        super().__init__(
            ServerProcess(
                "the mailbox",
                [
                    sys.executable,
                    "-m",
                    "tests.system.mailbox_server",
                    "--debug",
                    *(f"--{name}={value}" for name, value in options.items()),
                ],
                folder=CHECKOUT,
                log=folder / "mailbox.log",
                environment={},
            )
        )

    def start(self) -> None:
        self._process.start(lambda: is_listening(self.imap_port) and is_listening(self.smtp_port), START_TIMEOUT_S)

    def deliver(self, *mails: EmailMessage | Path) -> None:
        """Put mails (or .eml files) into the inbox, unread, in this order."""
        # Not by SMTP: the server takes that in another thread, and tells no waiting IMAP client about it.
        with self._inbox(readonly=False) as imap:
            for mail in mails:
                raw = mail.read_bytes() if isinstance(mail, Path) else mail.as_bytes(policy=policy.SMTP)
                imap.append("INBOX", "", "", raw)

    def wait_for_reader(self) -> None:
        """Until a client listens for new mail. n8n is ready before its triggers are, and ignores what came earlier."""
        wait_until(
            lambda: IDLES.search(self._process.log.read_text()), "a client listened to the mailbox", READER_TIMEOUT_S
        )

    def mails(self) -> list[EmailMessage]:
        """All that is in the inbox, oldest first, left as unread or read as it is."""
        with self._inbox() as imap:
            numbers = imap.search(None, "ALL")[1][0].split()
            return [_message(imap.fetch(number, "(BODY.PEEK[])")[1]) for number in numbers]

    def n8n_imap_credential(self) -> dict[str, object]:
        """The data of n8n's credential of type `imap`."""
        return {
            "user": self.user,
            "password": self.password,
            "host": self.host,
            "port": self.imap_port,
            "secure": False,
            "allowUnauthorizedCerts": False,
        }

    def n8n_smtp_credential(self) -> dict[str, object]:
        """The data of n8n's credential of type `smtp`: what it sends comes into this mailbox."""
        return {
            "user": "",
            "password": "",
            "host": self.host,
            "port": self.smtp_port,
            "secure": False,
            "disableStartTls": True,
        }

    @contextmanager
    def _inbox(self, *, readonly: bool = True) -> Iterator[imaplib.IMAP4]:
        imap = imaplib.IMAP4(self.host, self.imap_port, timeout=10)
        try:
            imap.login(self.user, self.password)
            imap.select("INBOX", readonly=readonly)
            yield imap
        finally:
            imap.logout()


def _message(answer: object) -> EmailMessage:
    assert isinstance(answer, list)
    assert isinstance(answer[0], tuple)
    return message_from_bytes(answer[0][1], policy=policy.default)
