"""Acts that end a case, one by one, as a person does them on the page, with what the record then says."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Request, Response, expect

from tests.browser.desk import Desk, Person, see_case
from tests.browser.test_case import FORM, main_button
from tests.n8n.people import REASON
from tests.n8n.review_page import REASON_LABEL, approve, reject
from tests.system.hands import press

Json = dict[str, Any]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def ada(desk: Desk) -> Person:
    """Who decides."""
    return desk.person("Ada Approver")


@pytest.fixture(scope="module")
def bert(desk: Desk) -> Person:
    """Who decides as the second."""
    return desk.person("Bert Approver")


@pytest.mark.req("R-UI-12", "R-UI-11", "R-ACT-03", "R-DOC-07")
def test_approve_with_one_press(desk: Desk, ada: Person) -> None:
    """Where policy asks nothing, one press sends one decision; no form comes between."""
    case = desk.open_case()
    see_case(ada.page, desk.url, case["id"])
    sent = decisions_of(ada.page)
    press(main_button(ada.page, "Approve"), ada.page.get_by_text("You approved this at"))
    assert [body["rationale"] for body in sent] == [None]
    now = desk.live(case["id"])
    assert (now["state"], now["approved"], now["decision"]["action"]) == ("approved", True, "approve")


@pytest.mark.req("R-UI-13", "R-UI-15", "R-UI-17")
def test_approve_with_a_reason(desk: Desk, ada: Person) -> None:
    """Where policy asks why of an approval as well, it is refused without, and kept with name and time."""
    desk.set_policy("reasoned", actions_needing_reason=["approve", "reject", "modify", "escalate", "roll_back"])
    case = desk.open_case(workflow_id="reasoned")
    see_case(ada.page, desk.url, case["id"])
    form = ada.page.locator(".act-form")
    press(main_button(ada.page, "Approve"), form)
    press(form.get_by_role("button", name="Approve"), form.get_by_text("Choose a reason."))
    form.get_by_label(REASON_LABEL).check()
    form.get_by_label("Why is it right?").fill("I called the customer.")
    press(form.get_by_role("button", name="Approve"), ada.page.get_by_text("You approved this at"))
    now = desk.live(case["id"])
    assert (now["decision"]["reason_code"], now["decision"]["rationale"]) == (
        REASON["reason_code"],
        "I called the customer.",
    )
    assert now["decided_by"]["id"] == ada.id
    assert now["decided_at"] is not None


@pytest.mark.req("R-UI-13", "R-UI-14", "R-UI-15", "R-ACT-09")
def test_reject_wants_a_code_and_a_sentence(desk: Desk, ada: Person) -> None:
    """Overruling the model without a reason code or without a sentence is refused, by the page and by the companion."""
    case = desk.open_case()
    see_case(ada.page, desk.url, case["id"])
    form = ada.page.locator(".act-form")
    press(main_button(ada.page, "Reject"), form)
    for label in ("Wrong category", "Insufficient evidence", "Policy violation", "Needs specialist review"):
        expect(form.get_by_label(label)).not_to_be_checked()
    button = form.get_by_role("button", name="Reject")
    press(button, form.get_by_text("Choose a reason."))
    form.get_by_label(REASON_LABEL).check()
    press(button, form.get_by_text("Write a sentence; others will read it."))
    assert desk.live(case["id"])["decision"] is None
    for lacking, code in (({"rationale": "No."}, "reason_code_required"), (REASON | {"rationale": " "}, None)):
        refused = forge(
            ada.page,
            "POST",
            f"/v1/handoffs/{case['id']}/decision",
            {"action": "reject", "package_digest": case["package_digest"], **lacking},
            version=1,
        )
        assert refused["status"] == 422
        assert code is None or refused["code"] == code
    form.get_by_label("What is wrong with it?").fill(REASON["rationale"])
    press(button, ada.page.get_by_text("You rejected this at"))
    expect(ada.page.get_by_text(f"Reason: {REASON_LABEL}")).to_be_visible()
    now = desk.live(case["id"])
    assert (now["approved"], now["decision"]["reason_code"]) == (False, REASON["reason_code"])


@pytest.mark.req("R-ACT-04", "R-UI-14")
def test_an_edit(desk: Desk, ada: Person) -> None:
    """What was changed is marked before it is sent, policy objects while it is typed, and both texts are kept."""
    desk.set_policy("edited", prohibited_terms=["guaranteed"])
    case = desk.open_case(workflow_id="edited")
    page = ada.page
    see_case(page, desk.url, case["id"])
    other_way(page, "Edit first")
    send = page.get_by_role("button", name="Approve edited version")
    page.get_by_label("Summary").fill("Scanners are guaranteed to work since Monday.")
    expect(page.get_by_text("The rules do not let this pass.").first).to_be_visible()
    expect(send).to_have_attribute("data-off", "true")
    page.get_by_label("Summary").fill("Scanners lose their connection since Tuesday.")
    changes = page.get_by_role("group", name="What you changed")
    expect(changes.locator("del")).to_contain_text("Monday")
    expect(changes.locator("ins")).to_contain_text("Tuesday")
    expect(page.get_by_text("The rules let this pass.")).to_be_visible()
    page.locator(".act-form").get_by_label(REASON_LABEL).check()
    page.get_by_label("What did you change, and why?").fill("It began on Tuesday.")
    press(send, page.get_by_text("You approved an edited version at"))
    now = ada.live(case["id"])
    assert now["output"] == {"summary": "Scanners lose their connection since Tuesday."}
    assert (now["state"], now["approved"]) == ("modified", True)
    expect(page.get_by_text("edited by Ada Approver")).to_be_visible()


@pytest.mark.req("R-UI-27", "R-DOC-07", "R-UI-17")
def test_the_receipt_leads_to_the_record(desk: Desk, ada: Person) -> None:
    """The event on the receipt is in the case's record, with who decided, when, on what, and why."""
    case = desk.open_case()
    see_case(ada.page, desk.url, case["id"])
    reject(ada.page)
    receipt = ada.page.get_by_label("Receipt")
    event_id = entry(receipt, "Record")
    assert entry(receipt, "Content") == case["package_digest"]
    now = ada.live(case["id"])
    event = next(each for each in now["history"] if each["event_id"] == event_id)
    assert (event["type"], event["by"]["id"], event["package_digest"]) == (
        "handoff.decided",
        ada.id,
        case["package_digest"],
    )
    assert event["at"] == now["decided_at"] == entry(receipt, "Time")
    assert now["decision"]["rationale"] == REASON["rationale"]
    told = desk.live(case["id"])["event"]
    assert (told["event_id"], told["decision_actor"]["id"]) == (event_id, ada.id)


@pytest.mark.req("R-UI-11", "R-ACT-06", "R-ACT-11")
def test_roll_back(desk: Desk, ada: Person) -> None:
    """An approval is taken back with a reason; the decision stays in the record, and is not made again."""
    case = desk.open_case()
    see_case(ada.page, desk.url, case["id"])
    approve(ada.page, "Approve")
    form = ada.page.locator(".act-form")
    press(ada.page.get_by_role("button", name="Take this approval back"), form)
    button = form.get_by_role("button", name="Take it back")
    press(button, form.get_by_text("Choose a reason."))
    form.get_by_label("Policy violation").check()
    form.get_by_label("Why does the approval no longer hold?").fill("The customer called again.")
    press(button, ada.page.get_by_text("the approval was taken back"))
    now = desk.live(case["id"])
    assert (now["state"], now["approved"]) == ("rolled_back", True)
    assert [each["type"] for each in now["history"]].count("handoff.decided") == 1


@pytest.mark.req("R-ACT-11")
def test_undo_within_the_window(desk: Desk, ada: Person, bert: Person) -> None:
    """Whoever decided takes it back with one press inside of the window; nobody else can, and nobody was told."""
    desk.set_policy("undoable", undo_window_s=600)
    case = desk.open_case(workflow_id="undoable")
    see_case(ada.page, desk.url, case["id"])
    approve(ada.page, "Approve")
    see_case(bert.page, desk.url, case["id"])
    expect(bert.page.get_by_text("Until then Ada Approver can undo it.")).to_be_visible()
    expect(bert.page.get_by_role("button", name="Undo")).to_have_count(0)
    refused = forge(bert.page, "DELETE", f"/v1/handoffs/{case['id']}/decision")
    assert (refused["status"], refused["code"]) == (403, "not_your_decision")
    assert desk.live(case["id"])["state"] == "pending"
    press(ada.page.get_by_role("button", name="Undo"), ada.page.get_by_text("Taken back. The case is open again"))
    now = ada.live(case["id"])
    assert (now["state"], now["decision"]) == ("pending", None)
    assert "handoff.undone" in [each["type"] for each in now["history"]]


@pytest.mark.req("R-UI-20", "R-ROLE-07")
def test_two_reviews(desk: Desk, ada: Person, bert: Person) -> None:
    """The first reviewer only reads afterwards; the second says yes without seeing what the first one wrote."""
    desk.set_policy("dual", pattern="dual_review", actions_needing_reason=["approve", "reject", "modify"])
    case = desk.open_case(workflow_id="dual", risk_tier="high")
    said = "The clause is on page four."
    see_case(ada.page, desk.url, case["id"])
    expect(stage(ada.page, "review 1 of 2.")).to_be_visible()
    reasoned_approval(ada.page, said)
    expect(ada.page.get_by_text("Your approval is recorded.")).to_be_visible()
    ada.page.reload()
    expect(ada.page.get_by_text("You approved this first.")).to_be_visible()
    for name in ("Approve", "Reject", "Edit first"):
        expect(ada.page.get_by_role("button", name=name)).to_have_count(0)
    again = forge(ada.page, "POST", f"/v1/handoffs/{case['id']}/decision", decision(ada, case["id"]), version=2)
    assert again["status"] == 403
    assert desk.live(case["id"])["approved"] is None
    tab = bert.page.context.new_page()
    told = answers_of(tab)
    see_case(tab, desk.url, case["id"])
    expect(stage(tab, "Review 2 of 2.")).to_be_visible()
    expect(tab.get_by_text("Ada Approver approved this first.")).to_be_visible()
    bodies = [answer.text() for answer in told]
    assert "Ada Approver" in "".join(bodies)
    assert said not in tab.content() + "".join(bodies)
    reasoned_approval(tab, "I read it too.")
    expect(tab.get_by_text("You approved this at")).to_be_visible()
    tab.close()
    assert said in str(bert.live(case["id"]))  # now that it cannot sway anybody
    now = desk.live(case["id"])
    assert (now["state"], now["decided_by"]["id"], now["first_approval"]["by"]["id"]) == ("approved", bert.id, ada.id)


@pytest.mark.req("R-UI-22")
def test_a_form_that_the_model_filled_in(desk: Desk, ada: Person) -> None:
    """Category, priority, summary and action are there to confirm or correct; an empty one keeps Approve off."""
    case = desk.open_case(workflow_id="filled", response_form=FORM)
    page = ada.page
    see_case(page, desk.url, case["id"])
    expect(page.get_by_label("Priority")).to_have_value("normal")
    page.get_by_label("Recommended action").fill("")
    expect(main_button(page, "Approve")).to_have_attribute("data-off", "true")
    page.get_by_label("Recommended action").fill("Call the customer")
    page.get_by_label("Priority").select_option("High")
    expect(page.get_by_text("2 corrections: Priority, Recommended action.")).to_be_visible()
    press(main_button(page, "Approve"), page.get_by_text("You approved this at"))
    told = desk.live(case["id"])["decision"]
    assert told["response"]["recommended_action"] == "Call the customer"
    assert told["response"]["category"] == "late_delivery"
    assert sorted(each["field"] for each in told["corrections"]) == ["priority", "recommended_action"]


@pytest.mark.req("R-UI-26")
def test_the_workflow_waits(desk: Desk, ada: Person) -> None:
    """Where the workflow stands still, the page says so, and nothing but handing on puts the answer off."""
    case = desk.open_case(confidence=0.1)
    assert ada.live(case["id"])["route"] == "synchronous_human_review"
    see_case(ada.page, desk.url, case["id"])
    expect(stage(ada.page, "The workflow is waiting for you.")).to_be_visible()
    press(ada.page.get_by_role("button", name="More ways to answer"), ada.page.get_by_role("button", name="Escalate"))
    for later in ("Ask a question", "Keep it for me", "Give it back"):
        expect(ada.page.get_by_role("button", name=later)).to_have_count(0)
    assert desk.live(case["id"])["approved"] is None
    approve(ada.page, "Approve")
    assert desk.live(case["id"])["approved"] is True


# What a person does in several of them


def other_way(page: Page, name: str) -> None:
    """Unfold what is not among the main answers, and press it."""
    button = page.get_by_role("button", name=name)
    press(page.get_by_role("button", name="More ways to answer"), button)
    button.click()


def reasoned_approval(page: Page, words: str) -> None:
    form = page.locator(".act-form")
    press(main_button(page, "Approve"), form)
    form.get_by_label(REASON_LABEL).check()
    form.get_by_label("Why is it right?").fill(words)
    told = page.get_by_text(re.compile("Your approval is recorded|You approved this at")).first
    press(form.get_by_role("button", name="Approve"), told)


def stage(page: Page, words: str) -> Locator:
    return page.locator(".stage").get_by_text(words)


def entry(receipt: Locator, name: str) -> str:
    return receipt.locator("div", has=receipt.page.get_by_text(name, exact=True)).locator("code").inner_text()


def decision(who: Person, case_id: str) -> Json:
    return {"action": "approve", "package_digest": who.live(case_id)["package_digest"], **REASON}


def decisions_of(page: Page) -> list[Json]:
    """Every decision that the page sends from now on."""
    sent: list[Json] = []

    def note(asked: Request) -> None:
        if asked.url.endswith("/decision"):
            sent.append(json.loads(asked.post_data or "{}"))

    page.on("request", note)
    return sent


def answers_of(page: Page) -> list[Response]:
    """What the companion tells the page of cases from now on; read it before the page goes elsewhere."""
    answers: list[Response] = []

    def note(told: Response) -> None:
        # Not read in here: reading takes a while, and whoever looks meanwhile would find less than was told.
        if "/v1/handoffs" in told.url and told.ok:
            answers.append(told)

    page.on("response", note)
    return answers


def forge(page: Page, method: str, path: str, body: Json | None = None, *, version: int | None = None) -> Json:
    """What a script gets that sends a request with the session of whoever is signed in on the page."""
    told: Json = page.evaluate(
        """async ([method, path, body, version]) => {
          const headers = { 'Content-Type': 'application/json' };
          if (version !== null) headers['If-Match'] = `"${version}"`;
          const answer = await fetch(path, { method, headers, body: JSON.stringify(body) });
          return { status: answer.status, ...(await answer.json().catch(() => ({}))) };
        }""",
        [method, path, body or {}, version],
    )
    return told
