"""The pictures of the desk: each view of the page with real cases of a real companion, in each look."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from playwright.sync_api import Page, expect

from tests.browser.desk import Desk, Person, see_case
from tests.n8n.people import Reviewer
from tests.n8n.review_page import approve
from tests.system.browser import Browser
from tests.system.desk_cases import CONTRACT, INCIDENT, PAYOUT, POLICIES, REFUND, SUMMARY, replies
from tests.system.hands import press

# Name of the look -> ending of the file, and who looks.
LOOKS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"desktop": ("wide", "Mara Lind"), "phone": ("phone", "Lena Sommer"), "dark": ("dark", "Nora Winter")}
)
# Somebody who may do everything that has a view of its own.
ROLES = ("approver", "triager", "operator", "owner")

EDITED = "Eleven scanners lose the stock service since Monday's update. A fix is needed before the stocktake."

Take = Callable[[Page, str], None]
# Brings a page to where a picture is worth taking, and names the picture, as often as there is one.
Show = Callable[[Desk, Person, Person], Iterator[str]]


def take_desk(folder: Path, browser: Browser, take: Take, **options: Any) -> None:
    """Every view in every look; `folder` is the companion's own and empty."""
    with Desk(folder, browser, **options) as desk:
        _save_policies(desk)
        for case in (REFUND, CONTRACT, INCIDENT, SUMMARY, PAYOUT, *replies()):
            desk.open_case(**case)
        jonas = desk.person("Jonas Weber", "approver")
        people = {ending: desk.person(name, *ROLES, look=look) for look, (ending, name) in LOOKS.items()}
        for show in VIEWS:
            for ending, person in people.items():
                for picture in show(desk, person, jonas):
                    take(person.page, f"{picture}-{ending}")


def _save_policies(desk: Desk) -> None:
    """By people with names: the pictures tell who saved the rules, and who signed them off."""
    olga, gero = (
        Reviewer(desk.url, desk.companion.create_token(desk.add(name, role)))
        for name, role in (("Olga Berg", "operator"), ("Gero Wolf", "governance"))
    )
    owner = {"name": "Olga Berg", "contact": "olga@example.com"}
    for workflow_id, policy in POLICIES.items():
        path = f"/v1/policies/{workflow_id}"
        document = {"schema_version": 1, "workflow_id": workflow_id, "owner": owner, **policy}
        reason = "The first rules of this workflow."
        saved = olga.call("PUT", path, {"document": document, "reason": reason}, If_Match='"0"')
        assert saved.ok, saved.text
        if proposal := olga.read(path).get("proposal"):
            verdict = {"proposal_id": proposal["id"], "verdict": "approve", "reason": "Agreed."}
            approved = gero.call("POST", f"{path}/approvals", verdict)
            assert approved.ok, approved.text


def _inbox(desk: Desk, person: Person, _: Person) -> Iterator[str]:
    person.page.goto(f"{desk.url}/#/inbox")
    expect(person.page.locator(".row").nth(5)).to_be_visible()
    yield "inbox"


def _checklist(desk: Desk, person: Person, _: Person) -> Iterator[str]:
    """Half of the checks answered: the second gate is not open yet."""
    see_case(person.page, desk.url, desk.open_case(**REFUND)["id"])
    person.page.get_by_role("group", name="Order found").get_by_label("Pass", exact=True).check()
    person.page.get_by_role("heading", level=1).scroll_into_view_if_needed()
    yield "checklist"


def _second_review(desk: Desk, person: Person, jonas: Person) -> Iterator[str]:
    case = desk.open_case(**CONTRACT)
    see_case(jonas.page, desk.url, case["id"])
    press(jonas.page.get_by_role("button", name="Approve"), jonas.page.get_by_text("Your approval is recorded."))
    see_case(person.page, desk.url, case["id"])
    expect(person.page.get_by_role("button", name="Approve")).to_be_visible()
    yield "second-review"


def _triage(desk: Desk, person: Person, _: Person) -> Iterator[str]:
    see_case(person.page, desk.url, desk.open_case(**INCIDENT)["id"])
    expect(person.page.get_by_role("button", name="Sort it, and pass it on")).to_be_visible()
    yield "triage"


def _edit(desk: Desk, person: Person, _: Person) -> Iterator[str]:
    see_case(person.page, desk.url, desk.open_case(**SUMMARY)["id"])
    first = person.page.get_by_role("button", name="Edit first")
    press(person.page.get_by_role("button", name="More ways to answer"), first)
    press(first, person.page.get_by_label("Summary"))
    person.page.get_by_label("Summary").fill(EDITED)
    expect(person.page.get_by_text("The rules let this pass.").first).to_be_visible()
    person.page.get_by_label("Summary").scroll_into_view_if_needed()
    yield "edit"


def _decided(desk: Desk, person: Person, _: Person) -> Iterator[str]:
    see_case(person.page, desk.url, desk.open_case(**PAYOUT)["id"])
    approve(person.page, "Approve")
    expect(person.page.get_by_role("button", name="Undo")).to_be_visible()
    yield "decided"


def _batch(desk: Desk, person: Person, _: Person) -> Iterator[str]:
    if not desk.key.open_handoffs("reply-drafts"):
        for case in replies():
            desk.open_case(**case)
    page = person.page
    page.goto(f"{desk.url}/#/inbox?workflow_id=reply-drafts")
    page.get_by_role("link", name="similar ones together").click()
    page.get_by_role("button", name="Take them").click()
    expect(page.locator(".item__output .quote").nth(7)).to_be_visible()
    yield "batch"
    page.get_by_role("button", name="Include it").click()
    press(page.locator("button[name=approve]"), page.get_by_role("heading", name="cases approved", level=1))
    yield "batch-decided"


def _account(desk: Desk, person: Person, _: Person) -> Iterator[str]:
    person.page.goto(f"{desk.url}/#/account")
    expect(person.page.get_by_role("heading", name="Passkeys")).to_be_visible()
    yield "account"


def _policies(desk: Desk, person: Person, _: Person) -> Iterator[str]:
    person.page.goto(f"{desk.url}/#/policies/card-refunds")
    expect(person.page.get_by_text("What these rules would have done")).to_be_visible()
    yield "policies"


def _sign_in(desk: Desk, person: Person, _: Person) -> Iterator[str]:
    person.page.goto(f"{desk.url}/#/inbox")
    person.page.get_by_role("button", name="Sign out").click()
    expect(person.page.get_by_role("button", name="Sign in")).to_be_visible()
    yield "sign-in"


VIEWS: Final[tuple[Show, ...]] = (
    _inbox,
    _checklist,
    _second_review,
    _triage,
    _edit,
    _decided,
    _batch,
    _account,
    _policies,
    _sign_in,
)
