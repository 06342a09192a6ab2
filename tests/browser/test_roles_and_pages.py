"""What each of the ten roles finds on the page, and that a request of its own making gets it no further."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from companion.web.permissions import ROLES
from tests.browser.desk import ITEM, Desk, see_case
from tests.browser.test_acts_decisions import forge
from tests.browser.test_case import GATES, answer
from tests.n8n.people import REASON
from tests.n8n.review_page import approve, enrol
from tests.system.hands import press

Json = dict[str, Any]

pytestmark = pytest.mark.browser

HIDDEN = [{"path": "/request/from", "label": "Sender", "visible_to": ["owner", "approver"]}]
DECIDES = ("Approve", "Reject")
HIGHEST = 4


@dataclass(frozen=True)
class Seen:
    """What somebody of a role sees: the page, and the case in its stages."""

    desk: Desk
    page: Page
    plain: Json
    unsorted: Json

    def go(self, case: Json) -> None:
        see_case(self.page, self.desk.url, case["id"])

    def button(self, name: str) -> Locator:
        return self.page.locator("main").get_by_role("button", name=name)

    def unfold(self) -> None:
        """Show every way to answer."""
        more = self.button("More ways to answer")
        expect(more).to_be_visible()
        if more.get_attribute("aria-expanded") == "false":
            more.click()

    def offers(self, *names: str) -> None:
        for name in names:
            expect(self.button(name).first).to_be_visible()
            expect(self.button(name).first).to_be_enabled()

    def lacks(self, *names: str) -> None:
        """No button of that name that could be pressed."""
        for name in names:
            for button in self.button(name).all():
                expect(button).to_be_disabled()


def approver(seen: Seen) -> None:
    seen.go(seen.plain)
    seen.unfold()
    seen.offers(*DECIDES, "Edit first", "Escalate", "Ask a question", "Leave a note", "Keep it for me")
    expect(seen.page.get_by_text("Give it to somebody")).to_have_count(0)


def owner(seen: Seen) -> None:
    seen.go(seen.plain)
    seen.unfold()
    seen.offers(*DECIDES, "Edit first", "Escalate", "Leave a note")
    case = seen.desk.open_case(workflow_id="roles")
    seen.go(case)
    seen.unfold()
    seen.page.get_by_text("Give it to somebody").click()
    person = seen.page.get_by_label("Who looks after it")
    person.select_option(index=1)
    name = person.locator("option:checked").inner_text()
    press(seen.button("Assign"), seen.page.get_by_text("Recorded. Whoever looks after it sees it among their cases."))
    assert seen.desk.live(case["id"])["assignee"]["name"] == name


def triager(seen: Seen) -> None:
    seen.go(seen.unsorted)
    expect(seen.button("Sort it, and pass it on")).to_be_visible()
    seen.go(seen.plain)
    seen.unfold()
    seen.offers("Escalate", "Ask a question", "Leave a note")
    expect(seen.page.get_by_text("Give it to somebody")).to_be_visible()
    seen.lacks(*DECIDES, "Edit first")


def verifier(seen: Seen) -> None:
    case = seen.desk.open_case(workflow_id="roles-checked")
    seen.go(case)
    for item in ("Order found", "Language approved"):
        answer(seen.page, item, "Pass")
    seen.offers("Record the checks")
    seen.lacks(*DECIDES)


def auditor(seen: Seen) -> None:
    seen.go(seen.plain)
    expect(seen.page.get_by_text("History (")).to_be_visible()
    seen.unfold()
    seen.offers("Leave a note")
    seen.lacks(*DECIDES, "Edit first", "Escalate", "Ask a question", "Keep it for me")


def on_call(seen: Seen) -> None:
    seen.go(seen.plain)
    seen.unfold()
    seen.offers("Escalate", "Leave a note")
    seen.lacks(*DECIDES)
    case = seen.desk.open_case(workflow_id="roles")
    path = f"/v1/handoffs/{case['id']}/escalations"
    for level in range(1, HIGHEST):
        raised = seen.desk.script("owner").call("POST", path, REASON, Idempotency_Key=f"from-{level}")
        assert raised.ok, raised.text
    seen.go(case)
    seen.offers(*DECIDES)
    approve(seen.page, "Approve")
    assert seen.desk.live(case["id"])["approved"] is True


def operator(seen: Seen) -> None:
    seen.go(seen.plain)
    seen.unfold()
    seen.offers("Leave a note")
    seen.lacks(*DECIDES, "Escalate", "Ask a question")
    seen.page.goto(f"{seen.desk.url}/#/policies/roles")
    expect(seen.page.get_by_role("slider").first).to_be_enabled()


def governance(seen: Seen) -> None:
    looser = {"schema_version": 1, "workflow_id": "roles", "owner": {"name": "Olga", "contact": "o@example.com"}}
    path, script = "/v1/policies/roles", seen.desk.script("operator")
    version = f'"{script.read(path)["version"]}"'
    saved = script.call("PUT", path, {"document": looser, "reason": "As the test needs it."}, If_Match=version)
    assert saved.ok, saved.text
    assert script.read(path)["proposal"] is not None
    seen.page.goto(f"{seen.desk.url}/#/policies/roles")
    seen.offers("Sign off…", "Refuse…")
    seen.go(seen.plain)
    seen.unfold()
    seen.offers("Leave a note")
    seen.lacks(*DECIDES, "Escalate")


def compliance(seen: Seen) -> None:
    seen.go(seen.plain)
    expect(seen.page.locator(".withheld")).to_contain_text("Hidden from you: Sender.")
    seen.offers("Show everything…")
    seen.unfold()
    seen.offers("Leave a note")
    seen.lacks(*DECIDES, "Escalate")


def sre(seen: Seen) -> None:
    seen.go(seen.plain)
    expect(seen.page.get_by_role("heading", name="This case is not yours to see.")).to_be_visible()
    assert seen.plain["id"] not in seen.page.inner_text("main")
    assert forge_get(seen.page, "/v1/events") == forge_get(seen.page, "/v1/deliveries") == 200
    for path in ("", "/package"):
        assert forge_get(seen.page, f"/v1/handoffs/{seen.plain['id']}{path}") == 403


NO_DECIDING = ("decision", "verifications", "rollback", "answers")
PAGES: dict[str, tuple[Callable[[Seen], None], tuple[str, ...]]] = {
    "approver": (approver, ("triage", "assignee", "disclosures", "withdrawal", "execution")),
    "owner": (owner, ("triage", "disclosures", "execution")),
    "triager": (triager, (*NO_DECIDING, "disclosures", "withdrawal")),
    "verifier": (verifier, ("decision", "rollback", "answers", "triage", "assignee", "disclosures")),
    "auditor": (auditor, (*NO_DECIDING, "claim", "escalations", "questions", "triage", "disclosures")),
    "on_call": (on_call, ("decision", "verifications", "triage", "disclosures", "questions")),
    "operator": (operator, (*NO_DECIDING, "claim", "escalations", "disclosures")),
    "governance": (governance, (*NO_DECIDING, "claim", "escalations", "disclosures")),
    "compliance": (compliance, (*NO_DECIDING, "claim", "escalations", "triage")),
    "sre": (sre, (*NO_DECIDING, "annotations", "claim", "disclosures")),
}


@pytest.fixture(scope="module")
def cases(desk: Desk) -> tuple[Json, Json]:
    """One case to decide, with something hidden, and one that nobody sorted yet."""
    desk.set_policy("roles", redaction=HIDDEN)
    desk.set_policy("roles-unsorted", triage="required")
    desk.set_policy("roles-checked", gates=GATES)
    return desk.open_case(workflow_id="roles"), desk.open_case(workflow_id="roles-unsorted")


@pytest.mark.req("R-ROLE-01", "R-ROLE-02", "R-ROLE-08", "R-ROLE-09", "R-ACT-10", "R-SEC-03")
@pytest.mark.parametrize("role", PAGES)
def test_a_role(desk: Desk, cases: tuple[Json, Json], role: str) -> None:
    """The page offers what the role is there for and nothing else; forged requests are refused and change nothing."""
    page = desk.browser.page()
    enrol(page, desk.add(f"{role.title().replace('_', '')} Person", role).enrol_url)
    look, forbidden = PAGES[role]
    seen = Seen(desk, page, *cases)
    look(seen)
    before = desk.live(seen.plain["id"])
    refused = {noun: forge_act(seen, noun, before) for noun in forbidden}
    assert {noun: told["status"] for noun, told in refused.items()} == dict.fromkeys(forbidden, 403)
    assert {told["code"] for told in refused.values()} <= {"role_missing", "action_not_permitted"}
    after = desk.live(seen.plain["id"])
    assert (after["state"], after["version"], after["claim"]) == (before["state"], before["version"], before["claim"])


@pytest.mark.req("R-ROLE-15", "R-GATE-18")
def test_who_passed_no_test_is_told_which_one_is_missing(desk: Desk) -> None:
    """The case of a sensitive queue is not shown, a forged decision is refused, and the page says what would help."""
    desk.set_policy(
        "roles-secret", queues={"security": {"title": "Security", "skills": ["security_trained"], "categories": ["it"]}}
    )
    case = desk.open_case(workflow_id="roles-secret", category="it")
    page = desk.browser.page()
    enrol(page, desk.add("Untrained Person", "approver").enrol_url)
    see_case(page, desk.url, case["id"])
    expect(page.get_by_role("heading", name="This case is not yours to see.")).to_be_visible()
    expect(page.get_by_text("This queue needs a reviewer trained for: security trained.")).to_be_visible()
    assert ITEM["title"] not in page.inner_text("main")
    sent = {"action": "approve", "package_digest": case["package_digest"]}
    told = forge(page, "POST", f"/v1/handoffs/{case['id']}/decision", sent, version=1)
    assert (told["status"], told["code"]) == (403, "skill_missing")


@pytest.mark.req("R-ROLE-01", "R-ROLE-09")
def test_each_role_has_its_page_here() -> None:
    """A role that is added has to say here what its page offers."""
    assert set(PAGES) == set(ROLES)


def forge_act(seen: Seen, noun: str, case: Json) -> Json:
    """Send an act that the page does not offer, whole and well-formed, so that only the role can be in its way."""
    digest = case["package_digest"]
    answers = [{"gate": "facts", "item": "order", "result": "pass"}]
    bodies: dict[str, Json] = {
        "decision": {"action": "approve", "package_digest": digest},
        "verifications": {"package_digest": digest, "answers": answers},
        "rollback": REASON,
        "escalations": REASON,
        "answers": {"text": "Yes."},
        "questions": {"text": "Why?"},
        "annotations": {"text": "A note."},
        "disclosures": {"reason": "Curious."},
        "withdrawal": {"reason": "No longer needed."},
        "assignee": {"reviewer_id": None},
        "execution": {"output_digest": digest},
        "triage": {"category": "refund"},
        "claim": {},
    }
    method = "PUT" if noun in ("assignee", "claim") else "POST"
    return forge(seen.page, method, f"/v1/handoffs/{case['id']}/{noun}", bodies[noun], version=case["version"])


def forge_get(page: Page, path: str) -> int:
    status: int = page.evaluate("path => fetch(path).then((answer) => answer.status)", path)
    return status
