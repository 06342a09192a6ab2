"""Acts when something is in the way: another person, a lost connection, an old tab; a newcomer; a keyboard alone."""

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.desk import Desk, Person, see_case
from tests.browser.test_acts_decisions import decisions_of, entry
from tests.browser.test_case import FORM, GATES, main_button
from tests.n8n.review_page import enrol
from tests.system.hands import press, send_by_key, slide, strike, strike_button, tab_to
from tests.system.waiting import wait_until

Json = dict[str, Any]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def ada(desk: Desk) -> Person:
    """Who decides."""
    return desk.person("Ada Approver")


@pytest.fixture(scope="module")
def bert(desk: Desk) -> Person:
    """Who decides as well."""
    return desk.person("Bert Approver")


@pytest.mark.req("R-ACT-11", "R-UI-27")
def test_two_people_at_once(desk: Desk, ada: Person, bert: Person) -> None:
    """Both press before either is answered: one decision stands, and the other person is told whose."""
    case = desk.open_case()
    held: dict[str, list[Route]] = {"ada": [], "bert": []}
    for name, person in (("ada", ada), ("bert", bert)):
        see_case(person.page, desk.url, case["id"])
        person.page.route("**/decision", hold(held[name]))
        expect(main_button(person.page, "Approve")).to_have_attribute("data-off", "false")
        sending = person.page.locator("button[name=approve][data-off=true]")
        press(main_button(person.page, "Approve"), sending)
        come(person.page, held[name])
    for routes in held.values():
        assert len(routes) == 1
        routes[0].continue_()
    for person in (ada, bert):
        expect(person.page.locator(".outcome__title")).to_contain_text("approved this at")
        person.page.unroute("**/decision")
    now = desk.live(case["id"])
    won, lost = (ada, bert) if now["decided_by"]["id"] == ada.id else (bert, ada)
    expect(won.page.get_by_text("You approved this at")).to_be_visible()
    expect(lost.page.get_by_text(f"{won.name} approved this at")).to_be_visible()
    expect(lost.page.get_by_text("Nothing was sent twice.")).to_be_visible()
    assert decided(now) == 1


@pytest.mark.req("R-ACT-11")
def test_the_connection_is_gone_at_the_press(desk: Desk, ada: Person) -> None:
    """Offline at the press: the page says that it did not arrive and keeps it; sent again by hand it counts once."""
    case = desk.open_case()
    page = ada.page
    see_case(page, desk.url, case["id"])
    expect(main_button(page, "Approve")).to_have_attribute("data-resting", "false")
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    offline(network, True)
    broke = page.get_by_text("The connection broke while sending.")
    press(main_button(page, "Approve"), broke)
    assert desk.live(case["id"])["decision"] is None
    offline(network, False)
    expect(page.get_by_text("It did not arrive.")).to_be_visible()
    assert desk.live(case["id"])["decision"] is None
    press(page.get_by_role("button", name="Send it again"), page.get_by_text("You approved this at"))
    assert decided(desk.live(case["id"])) == 1


@pytest.mark.req("R-ACT-11", "R-UI-27")
def test_the_answer_is_lost(desk: Desk, ada: Person) -> None:
    """It arrived and the answer did not: the page finds that out by itself, and sends nothing a second time."""
    case = desk.open_case()
    page = ada.page
    see_case(page, desk.url, case["id"])
    sent = decisions_of(page)

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route("**/decision", lose_the_answer)
    told = page.get_by_text("Your decision had arrived, although the connection broke.")
    press(main_button(page, "Approve"), told)
    page.unroute("**/decision")
    now = desk.live(case["id"])
    assert (len(sent), decided(now), now["decided_by"]["id"]) == (1, 1, ada.id)


@pytest.mark.req("R-CTX-03")
def test_the_version_moved_on(desk: Desk, ada: Person) -> None:
    """A yes to what no longer stands there is refused; what is new is shown first, and then it can be decided."""
    case = desk.open_case()
    page = ada.page
    see_case(page, desk.url, case["id"])
    expect(main_button(page, "Approve")).to_have_attribute("data-resting", "false")
    live = f"**/v1/handoffs/{case['id']}"
    # The page hears nothing of it before the press, not even from an answer that was under way.
    with page.expect_event("requestfailed", lambda asked: asked.url.endswith(case["id"])):
        page.route(live, lambda route: route.abort())
    newer = {"model_output": {"summary": "Scanners lose their connection since Tuesday."}}
    revised = desk.key.call("PATCH", f"/v1/handoffs/{case['id']}", newer, If_Match='"1"')
    assert revised.ok, revised.text
    press(main_button(page, "Approve"), page.get_by_text("The content changed while you were reading."))
    page.unroute(live)
    now = desk.live(case["id"])
    assert (now["decision"], now["version"]) == (None, 2)
    page.get_by_role("button", name="Show the new version").click()
    expect(page.get_by_text("since Tuesday.").first).to_be_visible()
    press(main_button(page, "Approve"), page.get_by_text("You approved this at"))
    assert desk.live(case["id"])["receipt"]["digest"] == now["package_digest"]


@pytest.mark.req("R-SEC-04", "R-CTX-03")
def test_a_tab_that_stood_open(desk: Desk, bert: Person) -> None:
    """When the token of the package runs out in an open tab, the page fetches another one, and the press counts."""
    case = desk.open_case()
    page = bert.page
    see_case(page, desk.url, case["id"])
    expect(main_button(page, "Approve")).to_be_visible()
    live = f"**/v1/handoffs/{case['id']}"
    with page.expect_response(lambda answer: answer.url.endswith("/package") and answer.ok):
        page.route(live, answer_late)
    press(main_button(page, "Approve"), page.get_by_text("You approved this at"))
    page.unroute(live)
    assert decided(desk.live(case["id"])) == 1


@pytest.mark.req("R-SEC-04", "L7")
def test_the_session_ended_in_an_open_tab(desk: Desk, bert: Person) -> None:
    """Signed out meanwhile: nothing is decided, what was written stays, and after signing in the same press works."""
    case = desk.open_case()
    page = bert.page
    see_case(page, desk.url, case["id"])
    form = page.locator(".act-form")
    press(main_button(page, "Reject"), form)
    form.get_by_label("Insufficient evidence").check()
    form.get_by_label("What is wrong with it?").fill("No order number.")
    page.context.clear_cookies()
    ended = page.get_by_text("Your session ended.")
    expect(ended).to_be_visible()
    assert desk.live(case["id"])["decision"] is None
    asked_by_itself: list[Route] = []
    live = f"**/v1/handoffs/{case['id']}"
    # The page finds out by itself too, every ten seconds: it is not to be quicker than the press.
    page.route(live, hold(asked_by_itself), times=1)
    come(page, asked_by_itself)
    tab = page.context.new_page()
    enrol(tab, desk.companion.handoff("reviewer", "enrol", bert.name)["enrol_url"])
    tab.close()
    press(page.get_by_role("button", name="I am signed in again"))
    expect(ended).to_have_count(0)
    asked_by_itself[0].continue_()
    expect(form.get_by_label("What is wrong with it?")).to_have_value("No order number.")
    press(form.get_by_role("button", name="Reject"), page.get_by_text("You rejected this at"))
    assert desk.live(case["id"])["decision"]["rationale"] == "No order number."


@pytest.mark.req("R-UI-12", "L2")
def test_a_newcomer_decides_in_three_steps(desk: Desk) -> None:
    """Somebody who never saw Handoff opens their link, presses Approve and slides: nothing else is asked of them."""
    nina = desk.add("Nina Newcomer")
    case = desk.open_case(risk_tier="low", risk_score=0.05)
    page = desk.browser.page("phone")
    page.goto(desk.companion.handoff("reviewer", "link", nina.name, case["id"])["url"])  # the first
    expect(page.get_by_role("heading", name="Send this summary to #support?")).to_be_visible()
    track = page.locator(".slide__track")
    press(main_button(page, "Approve"), track)  # the second
    slide(page, page.get_by_text("You approved this at"))  # the third
    now = desk.live(case["id"])
    assert (now["approved"], now["decided_by"]["id"]) == (True, nina.id)


@pytest.mark.req("R-UI-01", "R-UI-12")
def test_keys_decide(desk: Desk, ada: Person) -> None:
    """Approve, take it back within the window, and reject: with keys alone, and the focus is never lost."""
    desk.set_policy("by-keys", undo_window_s=600)
    case = desk.open_case(workflow_id="by-keys")
    page = ada.page
    see_case(page, desk.url, case["id"])
    strike(page, "a", main_button(page, "Approve"), page.get_by_text("You approved this at"))
    expect(page.locator(".next")).to_be_focused()
    strike(page, "u", page.get_by_role("button", name="Undo"), page.get_by_text("Taken back. The case is open again"))
    form = page.locator(".act-form")
    strike(page, "r", main_button(page, "Reject"), form)
    expect(form.get_by_role("radio").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    tab_to(page, form.get_by_label("What is wrong with it?"))
    page.keyboard.type("Not in the mail.")
    tab_to(page, form.get_by_role("button", name="Reject"))
    strike(page, "Enter", form.get_by_role("button", name="Reject"), page.get_by_text("You rejected this at"))
    assert desk.live(case["id"])["decision"] is None  # an automation hears it after the window
    assert ada.live(case["id"])["decision"]["rationale"] == "Not in the mail."


@pytest.mark.req("R-UI-01", "R-UI-12")
def test_keys_edit_and_take_back(desk: Desk, ada: Person) -> None:
    """Edit, and take the approval of the edit back, with keys alone."""
    case = desk.open_case()
    page = ada.page
    see_case(page, desk.url, case["id"])
    form = page.locator(".act-form")
    strike(page, "e", main_button(page, "Approve"), form)
    tab_to(page, page.get_by_label("Summary"))
    page.keyboard.press("Control+a")
    page.keyboard.type("Scanners lose their connection.")
    tab_to(page, form.get_by_label("Wrong category"))
    page.keyboard.press("Space")
    tab_to(page, form.get_by_label("What did you change, and why?"))
    page.keyboard.type("Shorter.")
    send = form.get_by_role("button", name="Approve edited version")
    expect(send).to_have_attribute("data-off", "false")
    tab_to(page, send)
    strike(page, "Enter", send, page.get_by_text("You approved an edited version at"))
    strike_button(page, page.get_by_role("button", name="Take this approval back"), form)
    expect(form.get_by_role("radio").first).to_be_focused()
    tab_to(page, form.get_by_label("Policy violation"), by="ArrowDown")
    tab_to(page, form.get_by_label("Why does the approval no longer hold?"))
    page.keyboard.type("The customer called.")
    tab_to(page, form.get_by_role("button", name="Take it back"))
    back = page.get_by_text("the approval was taken back")
    strike(page, "Enter", form.get_by_role("button", name="Take it back"), back)
    assert desk.live(case["id"])["state"] == "rolled_back"


@pytest.mark.req("R-UI-01", "R-UI-12")
def test_keys_leave_it_open(desk: Desk, ada: Person) -> None:
    """Keep and give back, note, ask, answer and escalate: with keys alone."""
    case = desk.open_case()
    page = ada.page
    see_case(page, desk.url, case["id"])
    form = page.locator(".act-form")
    main = main_button(page, "Approve")
    strike(page, "c", main, page.get_by_text("Yours for 15 minutes."))
    strike(page, "c", main, page.get_by_text("Given back."))
    strike(page, "n", main, form)
    expect(form.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("Jana called.")
    send_by_key(page, form, "Keep the note", page.get_by_text("Your note is kept."))
    strike(page, "i", main, form)
    expect(form.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("Which order?")
    send_by_key(page, form, "Ask", page.get_by_text("Your question is recorded."))
    # A question unfolds the other ways.
    strike_button(page, page.locator("button[name=answer]"), form)
    expect(form.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("Order 4711.")
    send_by_key(page, form, "Answer", page.get_by_text("Your answer is recorded."))
    assert not page.get_by_text("This case waits for an answer.").count(), "what is recorded is what is shown"
    strike(page, "x", main, form)
    tab_to(page, form.get_by_label("Wrong category"))
    page.keyboard.press("Space")
    tab_to(page, form.get_by_label("What should they look at?"))
    page.keyboard.type("The amount.")
    send_by_key(page, form, "Escalate", page.get_by_text("Handed on."))
    now = desk.live(case["id"])
    assert (now["reviewer_level"], now["state"], now["claim"]) == (2, "pending", None)
    assert [each["text"] for each in now["notes"]] == ["Jana called."]


@pytest.mark.req("R-UI-01", "R-UI-19", "R-UI-22")
def test_keys_check_and_fill_in(desk: Desk, ada: Person) -> None:
    """Sort, answer checks and correct a form, then approve: with keys alone."""
    desk.set_policy("keyed", gates=GATES[:1], triage="required", queues={"refunds": {"title": "Refunds"}})
    case = desk.open_case(workflow_id="keyed", response_form=FORM)
    tom = desk.person("Tom Triager", "triager")
    see_case(tom.page, desk.url, case["id"])
    sort = tom.page.get_by_role("button", name="Sort it, and pass it on")
    expect(sort).to_be_visible()
    tab_to(tom.page, tom.page.get_by_label("What is it about?"))
    tom.page.keyboard.type("refund")
    tab_to(tom.page, sort)
    strike(tom.page, "Enter", sort, tom.page.get_by_text("Sorted."))
    page = ada.page
    see_case(page, desk.url, case["id"])
    expect(main_button(page, "Approve")).to_be_visible()
    tab_to(page, page.get_by_role("group", name="Order found").get_by_label("Pass"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_label("Summary"))
    page.keyboard.press("Control+a")
    page.keyboard.type("No connection.")
    strike_button(page, main_button(page, "Approve"), page.get_by_text("You approved this at"))
    told = desk.live(case["id"])["decision"]
    assert [each["after"] for each in told["corrections"]] == ["No connection."]


@pytest.mark.req("R-UI-01", "R-UI-19", "R-UI-23")
def test_keys_send_back_and_look_behind(desk: Desk) -> None:
    """Fail a check and send the case back, and be shown what is hidden: with keys alone."""
    place = {"path": "/request/from", "label": "Sender", "visible_to": []}
    desk.set_policy("keyed-back", gates=GATES[:1], redaction=[place])
    case = desk.open_case(workflow_id="keyed-back")
    page = desk.person("Vera Verifier", "verifier", "compliance").page
    see_case(page, desk.url, case["id"])
    show = page.get_by_role("button", name="Show everything…")
    tab_to(page, show)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Why do you need to see it?"))
    page.keyboard.type("The customer asked for her data.")
    strike_button(page, page.get_by_role("button", name="Show everything", exact=True), page.get_by_text("jana@"))
    form = page.locator(".act-form")
    tab_to(page, page.get_by_role("group", name="Order found").get_by_label("Pass"))
    page.keyboard.press("ArrowRight")
    strike_button(page, main_button(page, "Send back: a check failed"), form)
    tab_to(page, form.get_by_label("Wrong category"))
    page.keyboard.press("Space")
    tab_to(page, form.get_by_label("What failed, and what has to change?"))
    page.keyboard.type("No order number.")
    send_by_key(page, form, "Send it back", page.get_by_text("Your checks are recorded."))
    assert desk.live(case["id"])["reviewer_level"] == 2


@pytest.mark.req("R-UI-01", "R-UI-16")
def test_keys_decide_several(desk: Desk, ada: Person) -> None:
    """From the inbox: the keys walk to a row, take those like it, and decide them."""
    for at in range(2):
        desk.open_case(workflow_id="alike", risk_tier="low", title=f"Mail {at}")
    page = ada.page
    page.goto(f"{desk.url}/#/inbox?workflow_id=alike")
    expect(page.locator(".row").nth(1)).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator(".row__link").first).to_be_focused()
    page.keyboard.press("b")
    take = page.get_by_role("button", name="Take them")
    expect(take).to_be_visible()
    tab_to(page, take)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="2 similar cases of")).to_be_visible()
    strike(page, "a", page.locator("button[name=approve]"), page.get_by_role("heading", name="2 cases approved"))
    first = page.locator(".item--result").first
    event_id = first.locator("code").inner_text()
    tab_to(page, first.get_by_role("link"))
    page.keyboard.press("Enter")
    assert entry(page.get_by_label("Receipt"), "Record") == event_id


# What lies between a page and the companion


def hold(routes: list[Route]) -> Callable[[Route], None]:
    """A handler that lets nothing through, and keeps it."""
    return lambda route: routes.append(route)


def come(page: Page, routes: list[Route]) -> None:
    """Wait until something is held; what a page asks is heard only while it is talked to."""
    wait_until(lambda: page.title() and routes, "the page had asked")


def answer_late(route: Route) -> None:
    """The companion's answer, as if half a minute were left of what it signs for a quarter of an hour."""
    answer = route.fetch()
    late = parsedate_to_datetime(answer.headers["date"]) + timedelta(minutes=14, seconds=30)
    route.fulfill(response=answer, headers=answer.headers | {"date": format_datetime(late, usegmt=True)})


def offline(network: Any, gone: bool) -> None:
    limits = {"offline": gone, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    network.send("Network.emulateNetworkConditions", limits)


def decided(live: Json) -> int:
    """How often a case was decided, by its record."""
    return [each["type"] for each in live["history"]].count("handoff.decided")
