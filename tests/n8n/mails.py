"""Support emails: those that come with the template, others, and how n8n's email trigger gives them."""

import uuid
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from tests.system.mailbox import Mailbox
from tests.system.templates import WORKFLOWS

Json = dict[str, Any]

FOLDER = WORKFLOWS / "summarize-email"
SAMPLE, SECOND_SAMPLE = FOLDER / "sample.eml", FOLDER / "sample-2.eml"


def mail_item(mail: Path | EmailMessage = SAMPLE, **changed: Any) -> Json:
    """A mail as n8n's email trigger gives it."""
    message = BytesParser(policy=policy.default).parsebytes(mail.read_bytes()) if isinstance(mail, Path) else mail
    body = message.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    return {
        "from": str(message["From"]),
        "subject": str(message["Subject"]),
        "date": str(message["Date"]),
        "textPlain": body.get_content(),
        "textHtml": "",
        "metadata": {"message-id": f"<{uuid.uuid4()}@example.com>"},
        **changed,
    }


def mail_with(text: str, subject: str = "A question") -> EmailMessage:
    """A mail to deliver."""
    message = EmailMessage()
    message["From"], message["To"] = "customer@example.com", Mailbox.user
    message["Subject"], message["Message-ID"] = subject, f"<{uuid.uuid4()}@example.com>"
    message.set_content(text)
    return message
