"""A case that asks for more than a press: checks, a form, sorting, two people, hidden places, and time to undo."""

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from tests.browser.axe import findings_in_every_look
from tests.browser.desk import Desk, Json, see_case
from tests.n8n.review_page import approve, reject
from tests.system.hands import press

pytestmark = pytest.mark.browser

GATES: list[Json] = [
    {
        "id": "facts",
        "title": "Factual correctness",
        "items": [
            {
                "id": "order",
                "title": "Order found",
                "criterion": "The order number is in the mail.",
                "check": "pass_fail",
            },
            {"id": "rules", "title": "Same rules", "criterion": "The rules did not change.", "check": "policy_version"},
        ],
    },
    {
        "id": "tone",
        "title": "Tone",
        "items": [
            {
                "id": "language",
                "title": "Language approved",
                "criterion": "A native speaker read it.",
                "check": "pass_fail",
                "not_applicable": True,
            }
        ],
    },
]
FORM: Json = {
    "type": "object",
    "required": ["category", "priority", "summary", "recommended_action"],
    "properties": {
        "category": {"type": "string", "enum": ["late_delivery", "damage"], "default": "late_delivery"},
        "priority": {"type": "string", "enum": ["normal", "high"], "default": "normal"},
        "summary": {"type": "string", "default": "Scanners lose their connection."},
        "recommended_action": {"type": "string", "default": "Send the summary"},
    },
}


def answer(page: Page, title: str, result: str) -> None:
    page.get_by_role("group", name=title).get_by_label(result, exact=True).check()


def main_button(page: Page, name: str) -> Locator:
    return page.locator(".actions__main").get_by_role("button", name=name)


@pytest.mark.req("R-UI-19", "R-GATE-03", "R-GATE-06", "R-GATE-10", "R-GATE-11")
def test_checks_before_an_approval(desk: Desk) -> None:
    """Approve rests until every item has an answer; the next gate opens once the first passed; all is recorded."""
    desk.set_policy("checked", gates=GATES)
    ada, case = desk.person("Ada Approver", "approver"), desk.open_case(workflow_id="checked")
    see_case(ada.page, desk.url, case["id"])
    expect(ada.page.get_by_text("Answer each check first: 2 open.")).to_be_visible()
    expect(main_button(ada.page, "Approve")).to_have_attribute("data-off", "true")
    expect(ada.page.get_by_text("Pass, checked by Handoff")).to_be_visible()
    expect(ada.page.get_by_text("Opens once “Factual correctness” has passed.")).to_be_visible()
    answer(ada.page, "Order found", "Pass")
    answer(ada.page, "Language approved", "Not applicable")
    assert findings_in_every_look(ada.page) == []
    press(main_button(ada.page, "Approve"), ada.page.get_by_text("You approved this at"))
    items = [item for gate in desk.live(case["id"])["gates"] for item in gate["items"]]
    assert [(item["id"], item["result"]) for item in items] == [
        ("order", "pass"),
        ("rules", "pass"),
        ("language", "not_applicable"),
    ]


@pytest.mark.req("R-GATE-04", "R-GATE-10")
def test_a_failed_check_goes_back(desk: Desk) -> None:
    """With a failed item the main button sends the case back, with a reason; nothing is decided."""
    desk.set_policy("failing", gates=GATES)
    ada, case = desk.person("Bea Approver", "approver"), desk.open_case(workflow_id="failing")
    see_case(ada.page, desk.url, case["id"])
    answer(ada.page, "Order found", "Fail")
    expect(main_button(ada.page, "Approve")).to_have_count(0)
    form = ada.page.locator(".act-form")
    press(main_button(ada.page, "Send back: a check failed"), form)
    form.get_by_label("Insufficient evidence").check()
    form.get_by_label("What failed, and what has to change?").fill("No order number.")
    press(form.get_by_role("button", name="Send it back"), ada.page.get_by_text("Your checks are recorded."))
    expect(ada.page.get_by_text("Escalated to level 2")).to_be_visible()
    now = desk.live(case["id"])
    assert (now["approved"], now["reviewer_level"]) == (None, 2)


@pytest.mark.req("R-UI-22", "R-UI-27")
def test_a_prefilled_form(desk: Desk) -> None:
    """What the model filled in is confirmed or corrected; the correction is in the record and on the receipt."""
    ada = desk.person("Cara Approver", "approver")
    case = desk.open_case(workflow_id="filled", response_form=FORM)
    see_case(ada.page, desk.url, case["id"])
    for label in ("Category", "Priority", "Summary", "Recommended action"):
        expect(ada.page.get_by_label(label)).not_to_have_value("")
    ada.page.get_by_label("Category").select_option("Damage")
    expect(ada.page.get_by_text("1 correction: Category.")).to_be_visible()
    press(main_button(ada.page, "Approve"), ada.page.get_by_text("Corrected: Category."))
    decision = desk.live(case["id"])["decision"]
    assert decision["corrections"] == [{"field": "category", "before": "late_delivery", "after": "damage"}]
    expect(ada.page.get_by_text(decision["event_id"])).to_be_visible()


@pytest.mark.req("R-ROLE-01")
def test_sorting_first(desk: Desk) -> None:
    """Nobody decides what a triager has not sorted yet; afterwards an approver does."""
    desk.set_policy("sorted", triage="required", queues={"refunds": {"title": "Refunds"}})
    case = desk.open_case(workflow_id="sorted")
    ada, tom = desk.person("Dora Approver", "approver"), desk.person("Tom Triage", "triager")
    see_case(ada.page, desk.url, case["id"])
    expect(ada.page.locator(".stage").get_by_text("Triage.")).to_be_visible()
    expect(ada.page.get_by_role("button", name="Approve")).to_have_count(0)
    see_case(tom.page, desk.url, case["id"])
    tom.page.get_by_label("What is it about?").fill("refund")
    tom.page.get_by_label("Who works on it?").select_option("Refunds")
    press(tom.page.get_by_role("button", name="Sort it, and pass it on"), tom.page.get_by_text("Sorted."))
    approve(ada.page, "Approve")
    now = desk.live(case["id"])
    assert (now["state"], now["category"], now["queue"]) == ("approved", "refund", "refunds")


@pytest.mark.req("R-UI-26")
def test_undo(desk: Desk) -> None:
    """Inside of the window the decision is taken back with one press, and the workflow never heard of it."""
    desk.set_policy("undoable", undo_window_s=600)
    ada, case = desk.person("Edda Approver", "approver"), desk.open_case(workflow_id="undoable")
    see_case(ada.page, desk.url, case["id"])
    approve(ada.page, "Approve")
    expect(ada.page.get_by_text("The workflow is told in")).to_be_visible()
    assert desk.live(case["id"])["approved"] is None
    press(ada.page.get_by_role("button", name="Undo"), ada.page.get_by_text("Taken back. The case is open again"))
    reject(ada.page)
    assert desk.live(case["id"])["approved"] is None


@pytest.mark.req("R-UI-23", "R-SEC-05", "R-CTX-18")
def test_hidden_places(desk: Desk) -> None:
    """What a role may not see is named and not sent; compliance may look, with a reason that is recorded."""
    desk.set_policy("hidden", redaction=[{"path": "/request/from", "label": "Sender", "visible_to": ["owner"]}])
    case = desk.open_case(workflow_id="hidden")
    ada, cleo = desk.person("Fay Approver", "approver"), desk.person("Cleo Compliance", "compliance")
    told: list[Response] = []
    ada.page.on("response", lambda answer: told.append(answer) if "/v1/handoffs" in answer.url and answer.ok else None)
    see_case(ada.page, desk.url, case["id"])
    expect(ada.page.get_by_text("Hidden from you: Sender", exact=True)).to_be_visible()
    bodies = [answer.text() for answer in told]
    assert "package_token" in "".join(bodies)
    assert "nordlicht.example" not in ada.page.content() + "".join(bodies)
    expect(ada.page.get_by_role("button", name="Show everything")).to_have_count(0)
    see_case(cleo.page, desk.url, case["id"])
    cleo.page.get_by_role("button", name="Show everything…").click()
    cleo.page.get_by_label("Why do you need to see it?").fill("The customer asked for her data.")
    show = cleo.page.get_by_role("button", name="Show everything", exact=True)
    press(show, cleo.page.get_by_text("jana@nordlicht.example"))


@pytest.mark.req("R-ACT-04")
def test_an_edit_is_checked_as_it_is_typed(desk: Desk) -> None:
    """What the rules say of an edit is shown while it is typed, and an edit that they forbid is not sent."""
    desk.set_policy("edited", prohibited_terms=["guaranteed"])
    ada, case = desk.person("Gina Approver", "approver"), desk.open_case(workflow_id="edited")
    see_case(ada.page, desk.url, case["id"])
    first = ada.page.get_by_role("button", name="Edit first")
    press(ada.page.get_by_role("button", name="More ways to answer"), first)
    press(first, ada.page.get_by_label("Summary"))
    ada.page.get_by_label("Summary").fill("A fix is guaranteed by Thursday.")
    expect(ada.page.get_by_text("The rules do not let this pass.").first).to_be_visible()
    expect(ada.page.get_by_role("button", name="Approve edited version")).to_have_attribute("data-off", "true")
    ada.page.get_by_label("Summary").fill("A fix is planned for Thursday.")
    expect(ada.page.get_by_text("The rules let this pass.")).to_be_visible()
    assert desk.live(case["id"])["version"] == 1
