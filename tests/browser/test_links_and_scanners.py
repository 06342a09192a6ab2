"""Personal links in real browsers: scanners, forwarding, frames, and where the secret of a link ends up."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.desk import Desk, Person, see_case
from tests.browser.scanner import scan
from tests.n8n.review_page import approve, enrol
from tests.system.hands import press, slide
from tests.system.static_host import StaticHost
from tests.system.waiting import wait_until

pytestmark = pytest.mark.browser

LOW: dict[str, Any] = {"risk_tier": "low", "risk_score": 0.05}
UNDECIDED = ("pending", "claimed", "awaiting_information")


def link_of(desk: Desk, who: str, case_id: str) -> str:
    """A person's own link to a case, as messages carry it."""
    link: str = desk.companion.handoff("reviewer", "link", who, case_id)["url"]
    return link


@pytest.fixture(scope="module")
def ada(desk: Desk) -> Iterator[Person]:
    """Somebody with links, whose own browser is signed in."""
    return desk.person("Ada Approver")


@pytest.mark.req("L2", "R-SEC-04")
@pytest.mark.parametrize(
    ("case", "policy"),
    [
        pytest.param(LOW, {}, id="link"),
        pytest.param({}, {}, id="signed in"),
        pytest.param(LOW, {"approve": "step_up", "reject": "step_up", "modify": "step_up"}, id="passkey"),
    ],
)
@pytest.mark.timeout(240)
def test_a_scanner_decides_nothing(desk: Desk, ada: Person, case: dict[str, Any], policy: dict[str, str]) -> None:
    """Whatever a decision asks for, a scanner with somebody's link in its hands does not get there."""
    workflow = f"scanned-{len(policy)}"
    if policy:
        desk.set_policy(workflow, assurance=policy)
    case_id = desk.open_case(workflow_id=workflow, **case)["id"]
    page = desk.browser.page()
    page.goto(link_of(desk, ada.name, case_id))
    expect(page.get_by_role("heading", name="Send this summary to #support?")).to_be_visible()
    scan(page)
    found = ada.live(case_id)
    assert found["state"] in UNDECIDED
    assert found["decision"] is None
    assert found["approved"] is None


@pytest.mark.req("L2", "L3")
@pytest.mark.timeout(240)
def test_a_scanner_enrols_nobody(desk: Desk) -> None:
    """A scanner that got an enrolment link is not signed in by it, and the person can use it afterwards."""
    bea = desk.add("Bea Approver")
    scanner = desk.browser.page()
    scanner.goto(bea.enrol_url)
    expect(scanner.get_by_role("heading", name="Sign this browser in")).to_be_visible()
    scan(scanner)
    assert scanner.get_by_text("Welcome").count() == 0
    assert scanner.context.cookies() == []
    enrol(desk.browser.page(), bea.enrol_url)


@pytest.mark.req("L2", "L3")
def test_the_person_decides_with_the_same_link(desk: Desk, ada: Person) -> None:
    """After fifty openings, each with a session of its own, the person still decides, once: by sliding to the end."""
    case_id = desk.open_case(**LOW)["id"]
    link = link_of(desk, ada.name, case_id)
    page = desk.browser.page()
    sessions = {opened_afresh(page, link) for _ in range(50)}
    assert len(sessions) == 50
    press(page.get_by_role("button", name="Approve").first, page.locator(".slide__track"))
    slide(page, page.get_by_text("You approved this at"))
    assert ada.live(case_id)["decided_by"]["id"] == ada.id


@pytest.mark.req("L4", "R-SEC-04")
def test_a_forwarded_link_is_no_authority(desk: Desk, ada: Person) -> None:
    """In another browser the case is seen as policy says, and deciding is refused until it is known who it is."""
    case_id = desk.open_case()["id"]
    page = desk.browser.page()
    page.goto(link_of(desk, ada.name, case_id))
    expect(page.get_by_text(re.compile("This case needs .*signed in"))).to_be_visible()
    refused = decide_by_script(page, desk, ada, case_id)
    assert refused["status"] == 403
    assert refused["code"] in ("assurance_too_low", "sign_in_required")
    assert ada.live(case_id)["state"] in UNDECIDED


@pytest.mark.req("L4", "R-SEC-04", "R-SEC-03")
def test_a_link_does_not_lend_ones_name(desk: Desk, ada: Person) -> None:
    """Whoever is signed in and opens another person's link acts in their own name, with their own rights."""
    case_id = desk.open_case(**LOW)["id"]
    otto = desk.person("Otto Approver")
    otto.page.goto(link_of(desk, ada.name, case_id))
    expect(otto.page.get_by_role("link", name="Your account: Otto Approver")).to_be_visible()
    approve(otto.page, "Approve")
    assert ada.live(case_id)["decided_by"]["id"] == otto.id


@pytest.mark.req("L4")
def test_an_address_without_secret_opens_nothing(desk: Desk) -> None:
    """The address that channels carry shows nothing to a browser that nobody is signed in on."""
    case = desk.open_case()
    page = desk.browser.page()
    page.goto(case["review_url"])
    expect(page.get_by_role("heading", name="Sign in to Handoff")).to_be_visible()
    assert "scanners lose" not in page.content()


@pytest.mark.req("L6")
def test_where_the_secret_is_not(desk: Desk, ada: Person) -> None:
    """The secret of a link is in no address that is asked for, no Referer, log, event, attempt, record or file."""
    case = desk.open_case(**LOW)
    link = link_of(desk, ada.name, case["id"])
    secret = link.partition("mac=")[2]
    assert len(secret) == 43
    page = desk.browser.page()
    asked: list[Request] = []
    page.context.on("request", lambda request: asked.append(request))
    page.goto(link)
    expect(page.get_by_role("heading", name="Send this summary to #support?")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Send this summary to #support?")).to_be_visible()
    assert secret not in page.url
    assert len(asked) > 5
    for request in asked:
        assert secret not in request.url.partition("#")[0]
        assert request.all_headers().get("referer", "") == ""
    early = decide_by_script(page, desk, ada, case["id"], word="wrong")
    assert early["code"] == "confirmation_required"
    ada.decide(case["id"])
    # Each is asked for something that must be in it as well, so that nobody looks in an empty place.
    told = {
        f"/v1/handoffs/{case['id']}": "handoff.decided",
        "/v1/decisions": case["id"],
        "/v1/attempts": "session.opened",
        "/v1/events": "items",
    }
    for path, holds in told.items():
        text = json.dumps(desk.script("auditor").read(path))
        assert holds in text, path
        assert secret not in text, path
    files = {path: path.read_bytes() for path in desk.companion.data.parent.rglob("*") if path.is_file()}
    assert desk.companion.log in files
    for path, content in files.items():
        assert secret.encode() not in content, path
    kept = [path for path, content in files.items() if case["id"].encode() in content and path != desk.companion.log]
    assert kept, "the store's own files hold the case"
    assert secret not in case["review_url"]
    assert "mac" not in case["review_url"]


@pytest.mark.req("L10", "L7")
def test_in_a_frame_there_is_nothing(desk: Desk, ada: Person, tmp_path: Path) -> None:
    """Another site cannot show the page inside of its own, whoever is signed in: not by frame, embed or object."""
    case_id = desk.open_case()["id"]
    address = f"{desk.url}/#/h/{case_id}"
    frames = f'<iframe src="{address}"></iframe><embed src="{address}"><object data="{address}"></object>'
    (tmp_path / "index.html").write_text(f"<!doctype html><title>Prize</title>{frames}")
    page = ada.page.context.new_page()
    refusals: list[str] = []
    page.on("console", lambda message: refusals.append(message.text))
    with StaticHost(tmp_path) as lure:
        page.goto(f"{lure.url}/")
        wait_until(
            lambda: page.title() and sum("frame-ancestors" in text for text in refusals) >= 3,
            "frame, embed and object were refused",
        )
        for frame in page.frames[1:]:
            assert "Handoff" not in frame.content()
            assert frame.get_by_role("button").count() == 0
    see_case(ada.page, desk.url, case_id)
    expect(ada.page.get_by_role("button", name="Approve").first).to_be_visible()


@pytest.mark.req("L10")
def test_a_press_that_was_meant_for_another_window(desk: Desk, ada: Person) -> None:
    """Right after the window got the focus the decision rests: the second click of a double click decides nothing."""
    case_id = desk.open_case()["id"]
    see_case(ada.page, desk.url, case_id)
    button = ada.page.get_by_role("button", name="Approve").first
    expect(button).to_have_attribute("data-resting", "false")
    said = ada.page.evaluate(
        """async () => {
          window.dispatchEvent(new Event('focus'));
          [...document.querySelectorAll('button')].find((one) => one.textContent.startsWith('Approve')).click();
          // Read in here: the sentence goes after four seconds.
          await new Promise((resolve) => setTimeout(resolve));
          return document.querySelector('.early')?.textContent.trim();
        }"""
    )
    assert said == "The page had just changed. Press again."
    assert ada.live(case_id)["decision"] is None


def opened_afresh(page: Page, link: str) -> str:
    """Open a personal link as a browser that never saw it; the session that came of it."""
    page.goto("about:blank")  # from one fragment to the same one nothing would be opened
    page.context.clear_cookies()  # last: an answer that was under way would bring the former session back
    with page.expect_response(
        lambda answer: answer.url.endswith("/v1/sessions") and answer.request.method == "POST"
    ) as answered:
        page.goto(link)
    assert answered.value.ok, answered.value.status
    answered.value.finished()
    (session,) = [each["value"] for each in page.context.cookies() if each["name"] == "handoff_session"]
    return session


def decide_by_script(page: Page, desk: Desk, who: Person, case_id: str, word: str | None = None) -> dict[str, Any]:
    """What the page's own session gets when a script sends the decision; without `word` with the one that is shown."""
    seen = who.live(case_id)
    shown = re.search(r"Type (\w+)", page.inner_text("main"))
    word = word or (shown[1] if shown else None)
    body = {"action": "approve", "package_digest": seen["package_digest"], "confirm_word": word}
    answer: dict[str, Any] = page.evaluate(
        """async ([path, body, version]) => {
          const headers = { 'Content-Type': 'application/json', 'If-Match': `"${version}"` };
          const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
          return { status: answer.status, ...(await answer.json()) };
        }""",
        [f"{desk.url}/v1/handoffs/{case_id}/decision", body, seen["version"]],
    )
    return answer
