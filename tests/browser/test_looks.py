"""What a case shows, pane by pane; and what axe finds on the inbox, the case in its stages, a batch and the account."""

import re
from collections.abc import Callable
from secrets import token_hex
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import findings_in_every_look
from tests.browser.desk import Desk, Person, see_case
from tests.browser.test_acts_decisions import other_way, stage
from tests.browser.test_case import FORM, GATES, main_button
from tests.n8n.review_page import approve
from tests.system.hands import press
from tests.system.waiting import wait_until

Json = dict[str, Any]

pytestmark = pytest.mark.browser

RICH: Json = {
    "workflow_id": "rich",
    "model": {"name": "bart-large-cnn", "version": "3", "type": "summariser", "retrained_at": "2026-10-01T00:00:00Z"},
    "confidence_kind": "self_reported",
    "sources": [{"name": "Stock service", "as_of": "2026-11-01T00:00:00Z", "stale": True}],
    "features": [
        {"name": "Length of the mail", "value": 412, "weight": 0.34},
        {"name": "New sender", "value": True, "weight": -0.2},
    ],
    "counterfactuals": ["With an order number it would have gone through."],
    "harms": [{"kind": "customer_privacy", "text": "A phone number is passed on."}],
    "rationale": "The mail names a product and a day.",
    "evidence": [{"title": "Ticket 88", "text": "The same fault last week."}],
    "impact": "Eleven shops cannot book.",
    "time_sensitive": True,
    "urgency": "The stocktake is on Thursday.",
    "sla_feasible": False,
    "flags": ["legal_contract"],
    "instructions": [
        "Validate the category.",
        "Check the evidence.",
        "Confirm what happens downstream.",
        "Record a reason code if you overrule the model.",
        "If you are unsure, escalate rather than guess.",
    ],
}


@pytest.fixture(scope="module")
def ada(desk: Desk) -> Person:
    """Who looks."""
    # Without motion: axe would measure colours that are still on their way to the other scheme.
    return desk.person("Ada Approver", "approver", "triager", reduced_motion="reduce")


@pytest.fixture(scope="module")
def rich(desk: Desk, ada: Person) -> Json:
    """A case that tells all that a case can tell, after others of its workflow were decided."""
    decided = desk.open_case(**RICH)
    ada.decide(decided["id"], "reject")

    def with_similar() -> Json | None:
        """Decided cases are looked up every few seconds, so the first of these may come too early."""
        case = desk.open_case(**RICH)
        see_case(ada.page, desk.url, case["id"])
        expect(ada.page.get_by_role("button", name="Approve").first).to_be_visible()
        return case if ada.page.locator(".similar").count() else None

    found = wait_until(with_similar, "a case was opened with a similar one")
    assert found is not None
    return found


@pytest.mark.req("R-SUP-01")
def test_three_panes(desk: Desk, ada: Person, rich: Json) -> None:
    """Request and output stand in one pane, confidence and flags in the second, the buttons in the third."""
    see_case(ada.page, desk.url, rich["id"])
    content, why, decide = panes(ada.page)
    expect(content.get_by_role("heading", name="What came in")).to_be_visible()
    expect(content.get_by_text("The scanners lose their connection since Monday.")).to_be_visible()
    expect(content.get_by_text("Scanners lose their connection since Monday.", exact=True)).to_be_visible()
    expect(why.locator(".badge")).to_contain_text("61\u00a0% sure")
    expect(why.locator(".confidence").get_by_text("a contract")).to_be_visible()
    for name in ("Approve", "Reject"):
        expect(decide.get_by_role("button", name=name)).to_be_visible()
    assert content.get_by_role("button", name="Approve").count() == 0


@pytest.mark.req("R-SUP-02", "R-UI-07", "R-DOC-07")
@pytest.mark.parametrize(("confidence", "band"), [(0.93, "green"), (0.7, "yellow"), (0.3, "red")])
def test_the_badge(desk: Desk, ada: Person, confidence: float, band: str) -> None:
    """Green, yellow or red by the bands of the policy, with the number and a word, and with the flags beside it."""
    case = desk.open_case(workflow_id="badges", confidence=confidence, flags=["legal_contract"])
    see_case(ada.page, desk.url, case["id"])
    box = panes(ada.page)[1].locator(".confidence")
    expect(box.locator(".badge")).to_have_attribute("data-band", band)
    expect(box.locator(".badge")).to_contain_text(f"{round(confidence * 100)}\u00a0% sure")
    expect(box.locator(".badge")).to_contain_text(f"in the {band} band")
    expect(box.locator(".flag")).to_contain_text(["a contract"])
    colour = box.locator(".badge svg").evaluate("(sign) => getComputedStyle(sign.firstElementChild).fill")
    red, green, blue = map(int, re.findall(r"\d+", colour)[:3])
    assert {"green": green > red, "yellow": min(red, green) > blue, "red": red > max(green, blue)}[band], colour


@pytest.mark.req("R-UI-05", "R-UI-06", "R-UI-08", "R-UI-09", "R-UI-07", "R-DOC-07", "R-CTX-12")
def test_what_it_was_made_from(desk: Desk, ada: Person, rich: Json) -> None:
    """Prediction, probability, signed features, counterfactuals, data with its age, when the model was retrained."""
    see_case(ada.page, desk.url, rich["id"])
    content, why, _ = panes(ada.page)
    expect(content).to_contain_text("Suggestion of bart-large-cnn, version 3, retrained on 1 Oct 2026")
    for words in (
        "Uncertain: below the limit of",
        "Not calibrated.",
        "Length of the mail",
        "+0.34",
        "−0.2",
        "With an order number it would have gone through.",
        "Stock service",
        "out of date",
        "before this case",
        "Customer privacy",
    ):
        expect(why).to_contain_text(words)


@pytest.mark.req("R-UI-10", "R-DOC-07", "R-CTX-16")
def test_similar_cases(desk: Desk, ada: Person, rich: Json) -> None:
    """A case like it that was decided before is there with what was decided, by whom and why it is like this one."""
    see_case(ada.page, desk.url, rich["id"])
    found = panes(ada.page)[1].locator(".similar").first
    expect(found).to_contain_text("Rejected")
    expect(found).to_contain_text("Ada Approver")
    expect(found).to_contain_text("Insufficient evidence")
    found.get_by_role("link").click()
    expect(ada.page.get_by_text("You rejected this at")).to_be_visible()


@pytest.mark.req("R-UI-18", "R-ACT-15", "R-ACT-16")
def test_instructions(desk: Desk, ada: Person, rich: Json) -> None:
    """What to check stands beside the buttons, handing on is one press, and urgency goes along where time matters."""
    level = desk.live(rich["id"])["reviewer_level"]
    see_case(ada.page, desk.url, rich["id"])
    _, why, decide = panes(ada.page)
    for words in RICH["instructions"]:
        expect(decide.get_by_text(words)).to_be_visible()
    expect(why).to_contain_text("The stocktake is on Thursday.")
    expect(why).to_contain_text("It can no longer be done in time")
    form = ada.page.locator(".act-form")
    press(decide.get_by_role("button", name="Hand it on"), form)
    form.get_by_label("Wrong category").check()
    form.get_by_label("What should they look at?").fill("The day.")
    form.get_by_label("Why it is urgent").fill("It is on Thursday.")
    form.get_by_label("Can it still be done in time?").select_option("Yes")
    press(form.get_by_role("button", name="Escalate"), ada.page.get_by_text("Handed on."))
    assert desk.live(rich["id"])["reviewer_level"] == level + 1


@pytest.mark.req("R-ACT-16", "R-ACT-05")
def test_the_urgency_goes_along(desk: Desk, ada: Person) -> None:
    """What whoever handed a case on said of its urgency is there for whoever takes it."""
    case = desk.open_case(**RICH)
    why = {
        "reason_code": "wrong_category",
        "rationale": "The day.",
        "urgency": "It is on Thursday.",
        "sla_feasible": True,
    }
    handed = ada.call("POST", f"/v1/handoffs/{case['id']}/escalations", why, Idempotency_Key="urgent")
    assert handed.ok, handed.text
    see_case(ada.page, desk.url, case["id"])
    entries = ada.page.locator(".entries")
    ada.page.get_by_text("History (").click()
    expect(entries.get_by_text("The day.").first).to_be_visible()
    expect(entries.get_by_text("It is on Thursday.").first).to_be_visible()


@pytest.mark.req("R-UI-25")
def test_the_reasons_beside_the_draft(desk: Desk, ada: Person) -> None:
    """Before an action that waits for approval, the model's reasons and evidence stand beside what it wants to do."""
    desk.set_policy("actions", pattern="approval_before_action")
    case = desk.open_case(**RICH | {"workflow_id": "actions"})
    see_case(ada.page, desk.url, case["id"])
    content, why, _ = panes(ada.page)
    for words in ("The mail names a product and a day.", "Ticket 88", "The same fault last week."):
        expect(why.get_by_text(words)).to_be_visible()
    draft, reasons = content.locator("[data-part=model_output]").bounding_box(), why.bounding_box()
    assert draft
    assert reasons
    assert reasons["x"] >= draft["x"] + draft["width"]
    bare = {name: value for name, value in RICH.items() if name != "evidence"} | {"workflow_id": "actions"}
    refused = desk.key.call("POST", "/v1/handoffs", {**case_of(bare)}, Idempotency_Key="bare")
    assert (refused.status_code, refused.json()["code"]) == (422, "evidence_missing")


# Each look


def checking(desk: Desk, ada: Person) -> None:
    desk.set_policy("look-checks", gates=GATES)
    see_case(ada.page, desk.url, desk.open_case(workflow_id="look-checks", response_form=FORM)["id"])
    expect(ada.page.get_by_text("Answer each check first")).to_be_visible()


def sorting(desk: Desk, ada: Person) -> None:
    desk.set_policy("look-triage", triage="required")
    see_case(ada.page, desk.url, desk.open_case(workflow_id="look-triage")["id"])
    expect(ada.page.get_by_role("button", name="Sort it, and pass it on")).to_be_visible()


def telling_all(desk: Desk, ada: Person) -> None:
    see_case(ada.page, desk.url, desk.open_case(**RICH)["id"])
    expect(ada.page.get_by_text("Ticket 88")).to_be_visible()


def rejecting(desk: Desk, ada: Person) -> None:
    see_case(ada.page, desk.url, desk.open_case()["id"])
    press(main_button(ada.page, "Reject"), ada.page.locator(".act-form"))


def editing(desk: Desk, ada: Person) -> None:
    see_case(ada.page, desk.url, desk.open_case()["id"])
    other_way(ada.page, "Edit first")
    ada.page.get_by_label("Summary").fill("No connection since Tuesday.")
    expect(ada.page.get_by_role("group", name="What you changed")).to_be_visible()


def reviewing_second(desk: Desk, ada: Person) -> None:
    desk.set_policy("look-dual", pattern="dual_review")
    case = desk.open_case(workflow_id="look-dual", risk_tier="high")
    desk.script("owner").decide(case["id"])
    see_case(ada.page, desk.url, case["id"])
    expect(stage(ada.page, "Review 2 of 2.")).to_be_visible()


def undoing(desk: Desk, ada: Person) -> None:
    desk.set_policy("look-undo", undo_window_s=600)
    see_case(ada.page, desk.url, desk.open_case(workflow_id="look-undo")["id"])
    approve(ada.page, "Approve")
    expect(ada.page.get_by_role("button", name="Undo")).to_be_visible()


def inbox(desk: Desk, ada: Person) -> None:
    for _ in range(3):
        desk.open_case()
    ada.page.goto(f"{desk.url}/#/inbox")
    expect(ada.page.locator(".row").nth(2)).to_be_visible()


def batch(desk: Desk, ada: Person) -> None:
    workflow = f"look-alike-{token_hex(4)}"  # a case of a batch that runs leads back to that one
    for confidence in (0.8, 0.8, 0.8, 0.6):
        desk.open_case(workflow_id=workflow, risk_tier="low", confidence=confidence, reversible=True)
    ada.page.goto("about:blank")  # the rows of another list would stand there for a moment
    ada.page.goto(f"{desk.url}/#/inbox?workflow_id={workflow}")
    ada.page.get_by_role("link", name="similar ones together").first.click()
    ada.page.get_by_role("button", name="Take them").click()
    expect(ada.page.get_by_role("heading", name="similar cases of")).to_be_visible()
    expect(ada.page.locator(".item__output .quote").nth(3)).to_be_visible()


def account(desk: Desk, ada: Person) -> None:
    ada.page.goto(f"{desk.url}/#/account")
    expect(ada.page.get_by_role("heading", name="Passkeys")).to_be_visible()
    expect(ada.page.get_by_text("This browser", exact=True)).to_be_visible()
    expect(ada.page.locator("main .loading")).to_have_count(0)


LOOKS: tuple[Callable[[Desk, Person], None], ...] = (
    inbox,
    telling_all,
    checking,
    sorting,
    rejecting,
    editing,
    reviewing_second,
    undoing,
    batch,
    account,
)


@pytest.mark.req("R-UI-01")
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.__name__)
def test_axe_finds_nothing(desk: Desk, ada: Person, look: Callable[[Desk, Person], None]) -> None:
    """Wide and narrow, light and dark, nothing is found, and nothing is wider than the window."""
    try:
        look(desk, ada)
        assert findings_in_every_look(ada.page) == []
    finally:
        ada.page.set_viewport_size({"width": 1440, "height": 900})
        ada.page.emulate_media(color_scheme="light")


def panes(page: Page) -> tuple[Locator, Locator, Locator]:
    """What came in and the output, why and how sure, and the decision."""
    named = ("What came in and what the model said", "Why it stopped, and how sure the model is", "Your decision")
    content, why, decide = (page.get_by_role("region", name=name, exact=True) for name in named)
    return content, why, decide


def case_of(more: Json) -> Json:
    return {"request": {"body": "x"}, "model_output": {"summary": "y"}, **more}
