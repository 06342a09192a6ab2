"""Two reviewers who answer differently, on the page: what each of them is told, and who settles it (R-GATE-15)."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.desk import Desk, Json, Person, see_case
from tests.browser.test_acts_decisions import decisions_of, forge
from tests.browser.test_case import main_button
from tests.n8n.people import REASON
from tests.n8n.review_page import REASON_LABEL, approve
from tests.system.hands import press

pytestmark = pytest.mark.browser

ANSWERS = ("Approve", "Reject", "Edit first")


@pytest.fixture(scope="module")
def ada(desk: Desk) -> Person:
    """Who reviews first."""
    return desk.person("Ada Approver")


@pytest.fixture(scope="module")
def bert(desk: Desk) -> Person:
    """Who reviews second."""
    return desk.person("Bert Approver")


@pytest.fixture(scope="module")
def cara(desk: Desk) -> Person:
    """Who comes third."""
    return desk.person("Cara Approver")


def approved_once(desk: Desk, ada: Person) -> Json:
    """A case of two reviews that Ada approved on the page, which she still looks at."""
    desk.set_policy("disputed", pattern="dual_review")
    case = desk.open_case(workflow_id="disputed", risk_tier="high")
    see_case(ada.page, desk.url, case["id"])
    press(main_button(ada.page, "Approve"), ada.page.get_by_text("Your approval is recorded."))
    return case


def fill_in_no(page: Page) -> None:
    """Press Reject, and fill in why."""
    form = page.locator(".act-form")
    press(main_button(page, "Reject"), form)
    form.get_by_label(REASON_LABEL).check()
    form.get_by_label("What is wrong with it?").fill(REASON["rationale"])


@pytest.mark.req("R-GATE-15", "R-UI-20", "R-ROLE-07")
def test_the_second_reviewers_no(desk: Desk, ada: Person, bert: Person, cara: Person) -> None:
    """Both are told that they disagreed and can press no more; a third, higher up, sees both answers and settles it."""
    case = approved_once(desk, ada)
    see_case(bert.page, desk.url, case["id"])
    fill_in_no(bert.page)
    told = bert.page.get_by_text("Your rejection is recorded.")
    press(bert.page.locator(".act-form").get_by_role("button", name="Reject"), told)
    expect(bert.page.get_by_text("A third person settles it; nothing goes on before that.")).to_be_visible()
    expect(bert.page.get_by_text("Your approval is recorded.")).to_have_count(0)
    for person, said in (
        (bert, "Ada Approver approved it, you rejected it."),
        (ada, "You approved it, Bert Approver rejected it."),
        (cara, "Ada Approver approved it, Bert Approver rejected it."),
    ):
        if person is cara:
            see_case(cara.page, desk.url, case["id"])
        expect(person.page.get_by_text("Two reviewers disagreed about this.")).to_be_visible()
        expect(person.page.get_by_text(said)).to_be_visible()
    now = desk.live(case["id"])
    assert (now["state"], now["approved"], now["reviewer_level"]) == ("pending", None, 2)
    body = {"action": "approve", "package_digest": now["package_digest"]}
    for person in (ada, bert):
        expect(person.page.locator(".act-form")).to_have_count(0)
        for name in ANSWERS:
            expect(person.page.get_by_role("button", name=name)).to_have_count(0)
        refused = forge(person.page, "POST", f"/v1/handoffs/{case['id']}/decision", body, version=now["version"])
        assert (refused["status"], refused["code"]) == (403, "already_reviewed")
    approve(cara.page, "Approve")
    settled = desk.live(case["id"])
    assert (settled["approved"], settled["decided_by"]["id"]) == (True, cara.id)
    expect(bert.page.get_by_text("Cara Approver approved this at")).to_be_visible()


@pytest.mark.req("R-GATE-15", "R-ACT-11")
def test_the_no_whose_answer_is_lost(desk: Desk, ada: Person, bert: Person) -> None:
    """The second reviewer's no arrived and its answer did not: the page finds it out, and sends nothing again."""
    case = approved_once(desk, ada)
    page = bert.page
    see_case(page, desk.url, case["id"])
    fill_in_no(page)
    sent = decisions_of(page)

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route("**/decision", lose_the_answer)
    press(
        page.locator(".act-form").get_by_role("button", name="Reject"), page.get_by_text("Your rejection is recorded.")
    )
    page.unroute("**/decision")
    expect(page.get_by_text("It did not arrive.")).to_have_count(0)
    now = desk.live(case["id"])
    assert [body["action"] for body in sent] == ["reject"]
    (between,) = now["disagreements"]
    assert (between["first_by"]["id"], between["second_by"]["id"]) == (ada.id, bert.id)
