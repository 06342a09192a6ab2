"""Acts that leave a case open: handed on, asked about, noted, held, sorted, checked; and ten cases decided together."""

import json
import re
from base64 import urlsafe_b64decode
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk, Person, see_case
from tests.browser.test_acts_decisions import answers_of, entry, forge, other_way, stage
from tests.browser.test_case import GATES, answer, main_button
from tests.n8n.review_page import REASON_LABEL, approve
from tests.system.hands import press
from tests.system.waiting import wait_until

Json = dict[str, Any]

pytestmark = pytest.mark.browser

ALIKE: Json = {
    "workflow_id": "replies",
    "question": "Send this reply?",
    "request": {"message": "Where is my parcel?"},
    "model_output": {"reply": "It left our warehouse this morning."},
    "confidence": 0.8,
    "risk_tier": "low",
    "category": "delivery",
    "reversible": True,
}


@pytest.fixture(scope="module")
def ada(desk: Desk) -> Person:
    """Who decides."""
    return desk.person("Ada Approver")


@pytest.fixture(scope="module")
def tom(desk: Desk) -> Person:
    """Who sorts and who checks, and decides nothing."""
    return desk.person("Tom Triager", "triager", "verifier")


@pytest.mark.req("R-ACT-05", "R-UI-12", "R-ROLE-04")
def test_escalate_to_somebody(desk: Desk, ada: Person) -> None:
    """Handed on to a place that the policy names, with a reason code and words, and with everything that is known."""
    fraud = {"title": "Fraud team", "level": 2, "backup": "Lead of fraud", "respond_within_minutes": 60}
    desk.set_policy("handed-on", escalation_targets={"fraud": fraud})
    case = desk.open_case(workflow_id="handed-on")
    see_case(ada.page, desk.url, case["id"])
    other_way(ada.page, "Escalate")
    form = ada.page.locator(".act-form")
    form.get_by_label("To whom").select_option("Fraud team (level 2)")
    button = form.get_by_role("button", name="Escalate")
    press(button, form.get_by_text("Choose a reason."))
    form.get_by_label("Needs specialist review").check()
    form.get_by_label("What should they look at?").fill("The sender looks odd.")
    press(button, ada.page.get_by_text("Handed on."))
    expect(ada.page.get_by_text("Escalated to level 2")).to_be_visible()
    now = desk.live(case["id"])
    assert (now["reviewer_level"], now["approved"], now["package_digest"]) == (2, None, case["package_digest"])
    told = next(each for each in now["history"] if each["type"] == "handoff.escalated")
    assert "The sender looks odd." in told["text"]


@pytest.mark.req("R-ACT-08", "R-UI-12", "R-CTX-03")
def test_a_question_and_its_answer(desk: Desk, ada: Person) -> None:
    """A question puts the case on hold; its answer makes a new package that names the one before, and is read first."""
    case = desk.open_case()
    page = ada.page
    see_case(page, desk.url, case["id"])
    other_way(page, "Ask a question")
    form = page.locator(".act-form")
    form.get_by_label("What do you need to know?").fill("Since which Monday?")
    press(form.get_by_role("button", name="Ask"), page.get_by_text("Your question is recorded."))
    expect(page.get_by_text("This case waits for an answer.")).to_be_visible()
    now = desk.live(case["id"])
    assert (now["state"], now["approved"], now["question_open"]) == (
        "awaiting_information",
        None,
        "Since which Monday?",
    )
    told = {"text": "Since 16 November."}
    answered = desk.script("owner").call("POST", f"/v1/handoffs/{case['id']}/answers", told, Idempotency_Key="answer-1")
    assert answered.ok, answered.text
    expect(page.get_by_text("The content of this case changed while you were reading.")).to_be_visible()
    expect(main_button(page, "Approve")).to_have_attribute("data-off", "true")
    page.get_by_role("button", name="Show the new version").click()
    expect(page.get_by_text("Since 16 November.").first).to_be_visible()
    now = desk.live(case["id"])
    assert now["state"] == "pending"
    assert now["package_digest"] != case["package_digest"]
    (package,) = packages_in([desk.key.call("GET", f"/v1/handoffs/{case['id']}/package").text])
    assert package["parent_digest"] == case["package_digest"]
    approve(page, "Approve")


@pytest.mark.req("R-ACT-07", "R-UI-24", "R-UI-12")
def test_a_note(desk: Desk, ada: Person) -> None:
    """A note decides nothing and stays with the case, with who wrote it."""
    case = desk.open_case()
    see_case(ada.page, desk.url, case["id"])
    other_way(ada.page, "Leave a note")
    form = ada.page.locator(".act-form")
    form.get_by_label("It decides nothing, and others will read it.").fill("Jana called as well.")
    press(form.get_by_role("button", name="Keep the note"), ada.page.get_by_text("Your note is kept."))
    expect(ada.page.get_by_text("Notes (1)")).to_be_visible()
    now = desk.live(case["id"])
    assert [(each["text"], each["by"]["id"]) for each in now["notes"]] == [("Jana called as well.", ada.id)]
    assert (now["state"], now["version"]) == ("pending", case["version"])


@pytest.mark.req("R-ACT-15")
def test_keep_and_give_back(desk: Desk, ada: Person, tom: Person) -> None:
    """Who keeps a case keeps others from deciding it, until it is given back: to its level, with its time."""
    case = desk.open_case()
    see_case(ada.page, desk.url, case["id"])
    see_case(tom.page, desk.url, case["id"])
    other_way(ada.page, "Keep it for me")
    expect(ada.page.get_by_text("Yours for 15 minutes.")).to_be_visible()
    expect(tom.page.get_by_text("Ada Approver is working on this.")).to_be_visible()
    before = desk.live(case["id"])
    refused = desk.script("owner").call(
        "POST",
        f"/v1/handoffs/{case['id']}/decision",
        {"action": "approve", "package_digest": case["package_digest"]},
        If_Match=f'"{before["version"]}"',
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "claimed_by_other")
    ada.page.get_by_role("button", name="Give it back").click()
    expect(ada.page.get_by_text("Given back. Anybody may decide it now.")).to_be_visible()
    now = desk.live(case["id"])
    assert (now["claim"], now["reviewer_level"], now["due_at"]) == (None, 1, before["due_at"])
    assert now["due_at"] is not None


@pytest.mark.req("R-ROLE-01", "R-ROLE-06")
def test_sort(desk: Desk, ada: Person, tom: Person) -> None:
    """A triager names issue and queue and may raise the risk; before that nobody decides, and they never do."""
    desk.set_policy("sorted", triage="required", queues={"refunds": {"title": "Refunds"}})
    case = desk.open_case(workflow_id="sorted", risk_tier="low")
    path = f"/v1/handoffs/{case['id']}/decision"
    body = {"action": "approve", "package_digest": case["package_digest"]}
    see_case(ada.page, desk.url, case["id"])
    expect(stage(ada.page, "Triage.")).to_be_visible()
    early = forge(ada.page, "POST", path, body, version=1)
    assert (early["status"], early["code"]) == (409, "triage_first")
    see_case(tom.page, desk.url, case["id"])
    tom.page.get_by_label("What is it about?").fill("refund")
    tom.page.get_by_label("Who works on it?").select_option("Refunds")
    tom.page.get_by_label("How risky is it?").select_option("High risk")
    press(tom.page.get_by_role("button", name="Sort it, and pass it on"), tom.page.get_by_text("Sorted."))
    now = desk.live(case["id"])
    assert (now["stage"], now["category"], now["queue"], now["risk_tier"]) == ("review", "refund", "refunds", "high")
    assert forge(tom.page, "POST", path, body, version=now["version"])["status"] == 403


@pytest.mark.req("R-UI-19", "R-GATE-03", "R-ROLE-01")
def test_checks_that_pass(desk: Desk, ada: Person, tom: Person) -> None:
    """A verifier answers each item and records it; the approver then finds every check answered, by name."""
    desk.set_policy("checked", gates=GATES)
    case = desk.open_case(workflow_id="checked")
    see_case(tom.page, desk.url, case["id"])
    record = main_button(tom.page, "Record the checks")
    answer(tom.page, "Order found", "Pass")
    expect(record).to_have_count(0)
    answer(tom.page, "Language approved", "Not applicable")
    expect(main_button(tom.page, "Approve")).to_have_count(0)
    press(record, tom.page.get_by_text("Your checks are recorded."))
    see_case(ada.page, desk.url, case["id"])
    expect(ada.page.get_by_text("Pass, by Tom Triager").first).to_be_visible()
    assert desk.live(case["id"])["approved"] is None
    approve(ada.page, "Approve")


@pytest.mark.req("R-UI-19", "R-GATE-04")
@pytest.mark.parametrize("where", ["escalate", "triage"])
def test_a_check_that_fails(desk: Desk, ada: Person, tom: Person, where: str) -> None:
    """One failed item takes the case a level up or back to triage, as its gate says, and an approval is refused."""
    triage = {"triage": "required"} if where == "triage" else {}
    workflow = f"failing-{where}"
    desk.set_policy(workflow, gates=[gate | {"on_failure": where} for gate in GATES], **triage)
    case = desk.open_case(workflow_id=workflow)
    if triage:
        sorted_ = desk.script("triager").call("POST", f"/v1/handoffs/{case['id']}/triage", {}, If_Match='"1"')
        assert sorted_.ok, sorted_.text
    see_case(tom.page, desk.url, case["id"])
    answer(tom.page, "Order found", "Fail")
    form = tom.page.locator(".act-form")
    press(main_button(tom.page, "Send back: a check failed"), form)
    form.get_by_label(REASON_LABEL).check()
    form.get_by_label("What failed, and what has to change?").fill("No order number.")
    press(form.get_by_role("button", name="Send it back"), tom.page.get_by_text("Your checks are recorded."))
    now = ada.live(case["id"])
    assert (now["approved"], now["stage"]) == (None, "triage" if triage else "review")
    assert now["reviewer_level"] == (1 if triage else 2)
    failed = [{"gate": "facts", "item": "order", "result": "fail"}]
    see_case(ada.page, desk.url, case["id"])
    refused = forge(
        ada.page,
        "POST",
        f"/v1/handoffs/{case['id']}/decision",
        {"action": "approve", "package_digest": now["package_digest"], "gate_results": failed},
        version=now["version"],
    )
    assert refused["code"] == ("triage_first" if triage else "gate_failed")


@pytest.mark.req("R-UI-16", "R-ACT-14")
def test_ten_together(desk: Desk, ada: Person) -> None:
    """Nine alike and one that is not: it stands apart with its reason, nothing is decided before it was looked at."""
    cases = [desk.open_case(**ALIKE, title=f"Parcel {at}") for at in range(9)]
    odd = desk.open_case(**ALIKE | {"confidence": 0.6, "risk_tier": "medium"}, title="Odd parcel")
    page = ada.page
    page.goto(f"{desk.url}/#/inbox?workflow_id=replies")
    page.get_by_role("link", name="Decide 10 similar ones together").first.click()
    page.get_by_label("At most").select_option("10 cases")
    page.get_by_role("button", name="Take them").click()
    expect(page.get_by_role("heading", name="One stands apart")).to_be_visible()
    apart = page.locator(".item--apart")
    expect(apart.get_by_text("Odd parcel").first).to_be_visible()
    expect(apart.get_by_text("The model was 60\u00a0% sure")).to_be_visible()
    expect(apart.get_by_text("Its risk is medium")).to_be_visible()
    approve_all = page.locator("button[name=approve]")
    expect(approve_all).to_have_attribute("data-off", "true")
    apart.get_by_role("button", name="Leave it out").click()
    press(approve_all, page.get_by_role("heading", name="9 cases approved", level=1))
    records = page.locator(".item--result code")
    expect(records).to_have_count(9)
    shown = records.all_inner_texts()
    events = []
    for case in cases:
        now = desk.live(case["id"])
        assert (now["state"], now["decided_by"]["id"]) == ("approved", ada.id)
        events.append(now["decision"]["event_id"])
    assert sorted(shown) == sorted(events)
    assert len(set(events)) == 9
    assert desk.live(odd["id"])["decision"] is None


@pytest.mark.req("R-UI-23", "R-CTX-18", "R-SEC-05", "R-ROLE-09")
def test_what_is_hidden(desk: Desk, ada: Person) -> None:
    """A hidden value is nowhere in the page or in what it is sent; compliance sees it once it has said why."""
    places = [
        {"path": "/request/from", "label": "Sender", "visible_to": []},
        {"path": "/model_output/iban", "label": "Bank account", "visible_to": ["owner"]},
    ]
    secrets = ("jana@nordlicht.example", "DE12500105170648489890")
    desk.set_policy("hidden", redaction=places)
    output = {"summary": "Pay to the account on file.", "iban": secrets[1]}
    case = desk.open_case(workflow_id="hidden", model_output=output)
    page = ada.page.context.new_page()
    told = answers_of(page)
    see_case(page, desk.url, case["id"])
    expect(page.locator(".withheld")).to_contain_text("Hidden from you: Sender, Bank account.")
    other_way(page, "Edit first")
    expect(page.get_by_label("Summary")).to_be_visible()
    bodies = [answer.text() for answer in told]
    packages = [json.dumps(package) for package in packages_in(bodies)]
    assert "Pay to the account on file." in "".join(packages)
    seen = "".join([page.content(), *bodies, *packages, page.evaluate("JSON.stringify({...localStorage})")])
    assert [secret for secret in secrets if secret in seen] == []
    page.close()
    refused = forge(ada.page, "POST", f"/v1/handoffs/{case['id']}/disclosures", {"reason": "Curious."})
    assert (refused["status"], refused["code"]) == (403, "role_missing")
    cleo = desk.person("Cleo Compliance", "compliance")
    see_case(cleo.page, desk.url, case["id"])
    cleo.page.get_by_role("button", name="Show everything…").click()
    show = cleo.page.get_by_role("button", name="Show everything", exact=True)
    press(show, cleo.page.get_by_text("Write why you need to see it."))
    cleo.page.get_by_label("Why do you need to see it?").fill("The customer asked for her data.")
    press(show, cleo.page.get_by_text(secrets[0]))
    expect(cleo.page.get_by_text(secrets[1])).to_be_visible()
    event = next(each for each in cleo.live(case["id"])["history"] if each["type"] == "handoff.disclosed")
    assert event["by"]["id"] == cleo.id
    assert "The customer asked for her data." in event["text"]


@pytest.mark.req("R-UI-28", "R-GATE-14")
def test_due(desk: Desk, ada: Person) -> None:
    """The time on the page is the time in the store, and what is left of it is counted from that."""
    case = desk.open_case(expires_in_s=14 * 24 * 3600)
    see_case(ada.page, desk.url, case["id"])
    due_at = ada.live(case["id"])["due_at"]
    due = ada.page.locator(".pane__due .deadline").first
    expect(due).to_have_attribute("datetime", due_at)

    def counted() -> bool:
        """Whether the words say what is left; asked again where a minute ends between the two."""
        left_s: float = ada.page.evaluate("due => (Date.parse(due) - Date.now()) / 1000", due_at)
        return due.inner_text().endswith(f", in {span_words(int(left_s))}")

    wait_until(counted, f"the page counted down to {due_at}")


@pytest.mark.req("R-UI-27", "R-UI-16")
def test_a_batch_leaves_a_receipt_a_case(desk: Desk, ada: Person) -> None:
    """A case that was decided with others has its own receipt, with the same event as in the list of the batch."""
    for at in range(2):
        desk.open_case(**ALIKE | {"workflow_id": "twins"}, title=f"Twin {at}")
    ada.page.goto(f"{desk.url}/#/inbox?workflow_id=twins")
    ada.page.get_by_role("link", name="Decide 2 similar ones together").first.click()
    ada.page.get_by_role("button", name="Take them").click()
    done = ada.page.get_by_role("heading", name="2 cases approved", level=1)
    press(ada.page.locator("button[name=approve]"), done)
    first = ada.page.locator(".item--result").first
    event_id = first.locator("code").inner_text()
    first.get_by_role("link").click()
    assert entry(ada.page.get_by_label("Receipt"), "Record") == event_id


def span_words(span_s: int) -> str:
    """A span of an hour or more as the page says it: its two largest units."""
    minutes = span_s // 60
    (many, unit), (few, subunit) = (
        ((minutes // 60, "h"), (minutes % 60, "min"))
        if minutes < 24 * 60
        else ((minutes // (24 * 60), "d"), (minutes // 60 % 24, "h"))
    )
    return f"{many} {unit} {few} {subunit}" if few else f"{many} {unit}"


def packages_in(bodies: list[str]) -> list[Json]:
    """What is inside of the tokens that the companion sent."""
    tokens = [token for body in bodies for token in re.findall(r'"package_token": ?"([^"]+)"', body)]
    payloads = [token.split(".")[1] for token in tokens]
    return [json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["package"] for payload in payloads]
