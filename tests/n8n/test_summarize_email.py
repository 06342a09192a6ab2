"""The template `handoff-node.json` in a real n8n: mail, model, flags, person, Slack, record."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.n8n import review_page
from tests.n8n.mails import SAMPLE, SECOND_SAMPLE, mail_item, mail_with
from tests.n8n.nodes import node_named
from tests.n8n.outcomes import by_output, event_of, handoffs_waited_for
from tests.n8n.stage import WITH_NODE, Stage
from tests.system.browser import Browser
from tests.system.n8n_clients import items_of, ran
from tests.system.waiting import wait_until

pytestmark = [pytest.mark.real_n8n, pytest.mark.timeout(300)]

Json = dict[str, Any]

ASK = "Ask a Person"


@pytest.fixture(scope="module")
def mara(_stage: Stage, browser: Browser) -> Iterator[Page]:
    """Mara's own browser, signed in by an enrolment link."""
    page = browser.page()
    name = f"Mara {uuid.uuid4().hex[:6]}"  # others of this session have a Mara too
    review_page.enrol(page, _stage.companion.add_reviewer(name, "mara@example.com").enrol_url)
    yield page
    page.context.close()


def waiting(stage: Stage, after: str = "0") -> Json:
    """The execution of the template itself that waits, with its data."""
    template = stage.template(WITH_NODE)

    def those() -> list[Json]:
        return [one for one in stage.n8n.api.executions(template, "waiting") if int(one["id"]) > int(after)]

    (found,) = wait_until(those, "the template waited", 90.0)
    return stage.n8n.api.execution(found["id"])


@pytest.mark.browser
@pytest.mark.req("R-TPL-01", "R-INT-06", "R-INT-08", "R-AUD-07", "R-AUD-08", "R-STORE-08", "X-14", "X-25", "H1")
def test_an_unsure_summary_waits_until_a_person_approves_it_on_the_page(stage: Stage, mara: Page) -> None:
    """A mail arrives, the workflow waits, a person approves, Slack gets these words, and the record is kept."""
    stage.proxy.answer_workers_ai(summary="The customer was charged twice for order 4711-20.", confidence=0.61)
    stage.mailbox.wait_for_reader()
    stage.mailbox.deliver(SAMPLE)
    execution = waiting(stage)
    (handoff_id,) = handoffs_waited_for(execution, ASK)
    case = stage.key.live(handoff_id)
    assert case["confidence"] == 0.61
    assert stage.posted() == []

    mara.goto(case["review_url"])
    mara.get_by_role("heading", name="Send this summary to #support?").wait_for()
    mara.get_by_text("The model was 61 % sure. Your team wants a person below 78 %.").first.wait_for()
    mara.get_by_text("I have only received one confirmation").wait_for()
    review_page.approve(mara)

    ended = stage.ended(execution["id"])
    assert stage.posted() == ["The customer was charged twice for order 4711-20."]
    (item,) = by_output(ended, ASK)["Approved"]
    assert item["data"]["responder"]["email"] == "mara@example.com"
    event = item["handoff"]["event"]
    in_bucket, on_disk = stage.wait_for_records(event["event_id"])
    assert event_of(in_bucket) == event_of(on_disk) == event
    assert event["decision_action"] == "accept"
    assert event["decision_actor"]["type"] == "human"
    assert event["decision_actor"]["id"] == item["data"]["responder"]["id"]
    assert stage.proxy.refused() == []


@pytest.mark.req("R-TPL-01", "R-STORE-10")
def test_two_mails_of_one_look_are_one_review_and_keep_their_own_answers(stage: Stage) -> None:
    """Two mails that n8n finds together are one group: the workflow goes on when both are decided, each its own way."""
    template = stage.template(WITH_NODE)
    stage.proxy.answer_workers_ai(summary="Sure.", confidence=0.99, about="only to be looked at")
    stage.proxy.answer_workers_ai(summary="About the charge.", confidence=0.5, about="standing desk")
    stage.proxy.answer_workers_ai(summary="About the table.", confidence=0.5, about="long scratch")
    before = max((one["id"] for one in stage.n8n.api.executions(template)), key=int, default="0")
    first = mail_with("A mail that is only to be looked at, and that raises no flag at all.")
    stage.mailbox.wait_for_reader()
    stage.mailbox.deliver(first)
    stage.wait_for_posts(1)
    with stage.n8n.held_still():  # so that both are there when it looks next
        stage.mailbox.deliver(SAMPLE, SECOND_SAMPLE)
    execution = waiting(stage, after=before)
    charge, table = handoffs_waited_for(execution, ASK)
    assert stage.key.live(charge)["group_id"] == stage.key.live(table)["group_id"]

    stage.ada.edit(charge, {"summary": "Charged twice; refund 349.00 EUR."})
    assert stage.key.live(charge)["delivery"] is None
    stage.ada.decide(table, "reject")
    ended = stage.ended(execution["id"])

    given = by_output(ended, ASK)
    assert {name: [item["subject"] for item in items] for name, items in given.items()} == {
        "Approved": ["Charged twice for order 4711-20"],
        "Rejected": ["Please call me back about the damaged table"],
    }
    assert stage.posted() == ["Sure.", "Charged twice; refund 349.00 EUR."]
    for name, action in (("Approved", "modify"), ("Rejected", "reject")):
        event = given[name][0]["handoff"]["event"]
        in_bucket, on_disk = stage.wait_for_records(event["event_id"])
        assert event_of(in_bucket) == event_of(on_disk) == event
        assert event["decision_action"] == action


@pytest.mark.req("R-STORE-03", "R-TPL-01", "X-22", "X-37")
def test_a_sure_summary_is_posted_at_once_while_an_unsure_one_of_the_same_run_waits(stage: Stage) -> None:
    """Only what needs a person waits; what the model is sure of is posted, and recorded as the model's own decision."""
    stage.proxy.answer_workers_ai(summary="Sure of this.", confidence=0.78, about="standing desk")
    stage.proxy.answer_workers_ai(summary="Not sure of this.", confidence=0.779, about="order of chairs")
    unsure = mail_item(textPlain="This mail is about an order of chairs, and about nothing else at all.")
    execution_id, (handoff_id,) = stage.begin(stage.entrance(WITH_NODE), mail_item(), unsure, node=ASK)
    assert stage.posted() == ["Sure of this."]

    event = items_of(stage.n8n.api.execution(execution_id), "AI Decision as Event")[0]["event"]
    in_bucket, on_disk = stage.wait_for_records(event["event_id"])
    assert event_of(in_bucket) == event_of(on_disk) == event
    assert event["decision_actor"] == {"type": "AI", "id": "@cf/facebook/bart-large-cnn"}
    assert event["decision_action"] == "accept"
    assert event["justification"] == "The confidence 0.78 is not below 0.78, and no flag was raised."

    stage.ada.decide(handoff_id)
    stage.ended(execution_id)
    assert stage.posted() == ["Sure of this.", "Not sure of this."]


@pytest.mark.browser
@pytest.mark.req("R-TPL-01", "R-ACT-01", "H1")
def test_what_a_person_corrects_on_the_page_is_what_slack_gets(stage: Stage, mara: Page) -> None:
    """Edited on the page: Slack shows exactly the edited text, and nothing in it can ping a channel or be a link."""
    execution_id, (handoff_id,) = stage.begin(stage.entrance(WITH_NODE), mail_item(), node=ASK)
    mara.goto(stage.key.live(handoff_id)["review_url"])
    review_page.edit(mara, "Summary", "Refund & apology for Carla <!channel>")
    stage.ended(execution_id)
    # Slack's own way to write these three characters as themselves.
    assert stage.posted() == ["Refund &amp; apology for Carla &lt;!channel&gt;"]


@pytest.mark.browser
@pytest.mark.req("R-TPL-01", "R-ACT-01", "R-AUD-07")
def test_what_a_person_rejects_on_the_page_is_not_posted(stage: Stage, mara: Page) -> None:
    """Rejected: nothing reaches Slack, and the record says who said no and why."""
    execution_id, (handoff_id,) = stage.begin(stage.entrance(WITH_NODE), mail_item(), node=ASK)
    mara.goto(stage.key.live(handoff_id)["review_url"])
    review_page.reject(mara)
    ended = stage.ended(execution_id)
    assert "Rejected: Nothing Is Posted" in ran(ended)
    assert stage.posted() == []
    event = by_output(ended, ASK)["Rejected"][0]["handoff"]["event"]
    assert event_of(stage.wait_for_records(event["event_id"])[0])["reason_code"] == "insufficient_evidence"


@pytest.mark.req("R-TPL-01", "R-STORE-15", "R-ROUTE-01", "X-26")
def test_a_model_that_fails_or_takes_too_long_leaves_the_mail_to_a_person(stage: Stage) -> None:
    """An error and a time-out both end with a person, who is told what happened; nothing is posted unseen."""
    stage.proxy.break_workers_ai(about="standing desk")
    stage.proxy.answer_workers_ai(summary="Too late.", confidence=0.99, delay_s=4, about="long scratch")
    hurried = stage.with_entrance(WITH_NODE)
    node_named(hurried, "Summarize With Workers AI")["parameters"]["options"]["timeout"] = 2000  # shipped: 15 s
    entrance = stage.publish(hurried)
    execution_id, handoffs = stage.begin(entrance, mail_item(), mail_item(SECOND_SAMPLE), node=ASK)
    assert stage.posted() == []
    for handoff_id in handoffs:
        case = stage.key.live(handoff_id)
        assert case["confidence"] is None
        stage.ada.decide(handoff_id, "reject")
    ended = stage.ended(execution_id)
    problems = [item["problem"] for item in items_of(ended, "Read the Response")]
    assert all(problem.startswith("The model could not be asked: ") for problem in problems), problems
    assert stage.posted() == []


@pytest.mark.req("R-TPL-01", "R-STORE-15", "R7")
def test_without_the_companion_nothing_is_posted_and_the_team_is_told(stage: Stage) -> None:
    """Nobody can be asked: the mail is not lost, its summary is not posted, and the channel is told to read it."""
    stage.companion.stop()
    try:
        execution_id = stage.send(stage.entrance(WITH_NODE), mail_item(date="Sat, 21 Nov 2026 07:12:40 +0000"))
        ended = stage.ended(execution_id)
    finally:
        stage.companion.start()
    assert "Post Approved Summary" not in ran(ended)
    (told,) = stage.posted()
    assert told.startswith(
        "The summary of the support email that came at 2026-11-21T07:12:40.000Z could not be sent to a reviewer. "
        "Nothing was posted; please read the email itself."
    )


@pytest.mark.req("R-TPL-01", "R-STORE-15")
def test_a_withdrawn_question_posts_a_note_and_no_summary(stage: Stage) -> None:
    """Withdrawn, like expired, leaves by No Decision: the team is told, without the summary."""
    stage.proxy.answer_workers_ai(summary="The secret summary.", confidence=0.1)
    execution_id, (handoff_id,) = stage.begin(stage.entrance(WITH_NODE), mail_item(), node=ASK)
    assert stage.key.call("POST", f"/v1/handoffs/{handoff_id}/withdrawal", {"reason": "Solved by phone"}).ok
    ended = stage.ended(execution_id)
    (told,) = stage.posted()
    assert told.startswith("Nobody decided about the summary")
    assert "(withdrawn)" in told
    assert "secret" not in told
    event = by_output(ended, ASK)["No Decision"][0]["handoff"]["event"]
    assert event_of(stage.wait_for_records(event["event_id"])[0]) == event
