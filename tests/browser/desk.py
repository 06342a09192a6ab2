"""A real companion with its page, and people who look at it in real browsers; no n8n."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import CDPSession, Page

from tests.n8n.people import Caller, Reviewer
from tests.n8n.review_page import enrol
from tests.system import companion as system
from tests.system.browser import Browser
from tests.system.built import page_folder

Json = dict[str, Any]

ITEM: Json = {
    "workflow_id": "summarize-email",
    "title": "Summary of a support email",
    "question": "Send this summary to #support?",
    "request": {"from": "jana@nordlicht.example", "body": "The scanners lose their connection since Monday."},
    "model_output": {"summary": "Scanners lose their connection since Monday."},
    "confidence": 0.61,
}


class Person(Reviewer):
    """Somebody with roles: a browser page that is signed in, and a token with which a script acts for them."""

    def __init__(self, url: str, token: str, added: system.Reviewer, page: Page) -> None:
        super().__init__(url, token)
        self.id = added.id
        self.name = added.name
        self.page = page


class Desk:
    """One companion, the key of its automation, and any number of people."""

    def __init__(
        self, folder: Path, browser: Browser, *, port: int | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        page_folder()
        self.browser = browser
        self.companion = system.Companion(folder, port=port, environment=environment)
        self._running = ExitStack()
        self._cases = 0
        self._scripts: dict[str, Reviewer] = {}

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            starting.enter_context(self.companion)
            starting.enter_context(self.browser.people_go_home())
            self.key = Caller(self.companion.url, self.companion.key.api_key)
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @property
    def url(self) -> str:
        return self.companion.url

    def open_case(self, **more: Any) -> Json:
        """Open a handoff as an automation does; returns what the companion answered. Unique without further words."""
        self._cases += 1
        answer = self.key.call("POST", "/v1/handoffs", ITEM | more, Idempotency_Key=f"desk-{self._cases}")
        assert answer.status_code == 201, answer.text
        document: Json = answer.json()
        return document

    def person(self, name: str, *roles: str, look: str = "desktop", **options: Any) -> Person:
        """Somebody with these roles (approver when none), signed in in a fresh browser of their own."""
        added = self.add(name, *roles)
        page = self.browser.page(look, **options)
        enrol(page, added.enrol_url)
        return Person(self.url, self.companion.create_token(added), added, page)

    def add(self, name: str, *roles: str) -> system.Reviewer:
        """Somebody with these roles, signed in nowhere yet."""
        return self.companion.add_reviewer(name, f"{name.split()[0].lower()}@example.com", *roles)

    def live(self, handoff_id: str) -> Json:
        return self.key.live(handoff_id)

    def set_policy(self, workflow_id: str, **fields: Any) -> None:
        """Save rules of a workflow's own; what only governance may allow, governance allows."""
        owner, path = {"name": "Olga", "contact": "olga@example.com"}, f"/v1/policies/{workflow_id}"
        document = {"schema_version": 1, "workflow_id": workflow_id, "owner": owner, **fields}
        version = self.script("operator").read(path)["version"] or 0
        saved = self.script("operator").call(
            "PUT", path, {"document": document, "reason": "As the test needs it."}, If_Match=f'"{version}"'
        )
        assert saved.ok, saved.text
        proposal = self.script("operator").read(path).get("proposal")
        if proposal:
            verdict = {"proposal_id": proposal["id"], "verdict": "approve", "reason": "Agreed."}
            approved = self.script("governance").call("POST", f"{path}/approvals", verdict)
            assert approved.ok, approved.text

    def script(self, role: str) -> Reviewer:
        """Somebody of this role who acts by a token only."""
        if role not in self._scripts:
            token = self.companion.create_token(self.add(f"Script-{role} Person", role))
            self._scripts[role] = Reviewer(self.url, token)
        return self._scripts[role]


def see_case(page: Page, url: str, handoff_id: str) -> None:
    """Go to a case as somebody does who has the address."""
    page.goto(f"{url}/#/h/{handoff_id}")


class Authenticator:
    """A passkey device inside of a browser: always there, always confirmed by its owner's finger."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        self.id: str = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def passkeys(self) -> list[Json]:
        """What it holds."""
        found: list[Json] = self._session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"]
        return found

    def give(self, passkey: Json) -> None:
        """Put another device's passkey in here, as a synchronised keyring does."""
        self._session.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": passkey})

    def refuse(self) -> None:
        """From now on the finger is not the owner's."""
        self._session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": False})
