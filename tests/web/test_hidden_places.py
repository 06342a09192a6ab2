"""What policy hides from a role stands in no answer that this role can get (R-CTX-18, R-SEC-05, X-17)."""

import json
from base64 import urlsafe_b64decode
from hashlib import sha256
from typing import Any

import pytest

from companion.core.canonical import canonical_bytes
from companion.identity.credentials import ALL_ROLES
from companion.web.permissions import TABLE
from tests.application import BECAUSE, Agent, World, problem
from tests.desk import CARD, HIDDEN, NUMBER, ask, governed

SHA = [sha256(canonical_bytes(CARD[part])).hexdigest() for part in ("request", "model_output")]


def readable(text: str) -> str:
    """An answer with the payloads of its tokens beside it."""
    found = [text]
    for piece in text.split('"'):
        parts = piece.split(".")
        if piece.startswith("eyJ") and len(parts) == 3:
            found.append(urlsafe_b64decode(parts[1] + "==").decode())
    return "\n".join(found)


def everything(agent: Agent, ids: dict[str, str]) -> dict[str, str]:
    """Every answer of every endpoint that reads, on these things."""
    answers = {}
    for method, template in sorted(TABLE):
        if method != "GET" or template == "/{path}":
            continue
        kind = template.split("/")[2] if template.count("/") > 1 else ""
        path = template.replace("{id}", ids.get(kind, ids["handoffs"])).replace("{workflow_id}", "tickets")
        path = path.replace("{version}", "1").replace("{sha256}", ids["blob"])
        for query in ("", "?state=decided", "?state=all", "?facets=true") if path == "/v1/handoffs" else ("",):
            answer = agent.send("GET", path + query)
            answers[path + query] = f"{answer.status_code} {readable(answer.text)}"
    return answers


@pytest.fixture
def case(world: World) -> dict[str, str]:
    """A case with a hidden card number in its fields, its texts, an attachment's text, a large value and a route."""
    governed(world, redaction=HIDDEN, undo_window_s=0)
    robot = world.automation()
    said = {"title": f"Refund to {NUMBER}", "question": f"Pay {NUMBER} back?", "rationale": f"{NUMBER} was charged."}
    said |= {"task_id": f"card {NUMBER}", "requester": NUMBER}
    large = {"request": CARD["request"] | {"log": f"x {NUMBER} " * 2_000}}
    group = world.open_group(
        robot, [{"workflow_id": "tickets"} | CARD | said | large], callback_url="http://localhost:1/x"
    )
    opened = group["handoffs"][0]
    item = {"workflow_id": "tickets", "risk_score": 0.9, "risk_tier": "high", **CARD, **said}
    routed = robot.send("POST", "/v1/routes", {"items": [item]}).json["items"][0]
    handoff = world.stored(opened["id"])
    return {
        "handoffs": opened["id"],
        "groups": group["id"],
        "deliveries": str(handoff.delivery_id),
        "routes": routed["id"],
        "blob": handoff.blobs[0],
    }


def check(world: World, roles: list[str], case: dict[str, str], name: str) -> None:
    person = world.person(name, roles=roles)
    for path, answer in everything(person, case).items():
        assert NUMBER not in answer, path
        assert not any(digest in answer for digest in SHA), f"{path} lets the hidden part be guessed"


@pytest.mark.req("R-CTX-18", "R-SEC-05", "R-ROLE-08")
@pytest.mark.parametrize("role", [role for role in ALL_ROLES if role != "compliance"])
def test_no_answer_to_a_role_that_may_not_see_it_holds_it(world: World, case: dict[str, str], role: str) -> None:
    """Every endpoint that reads, before and after the decision: neither the number nor a digest of it."""
    check(world, [role], case, "Before")
    ann = world.person("Ann")
    ann.decide(ann.live(case["handoffs"]), "reject")
    check(world, [role], case, "Rejected")


@pytest.mark.req("R-CTX-18", "R-ACT-04")
def test_after_an_approval_and_an_edit_it_stays_hidden(world: World, case: dict[str, str]) -> None:
    """The approved output, the edit before and after, the decisions feed, the group: all with the place hidden."""
    compliance = world.person("Cora", roles=["compliance", "approver"])
    live = compliance.live(case["handoffs"])
    edited = compliance.decide(live, "modify", edited_output={"card": NUMBER, "amount": 13}, rationale=f"{NUMBER}.")
    assert edited.json["output"] == {"card": NUMBER, "amount": 13}
    for role in ("approver", "auditor"):
        check(world, [role], case, f"After-{role}")
    ann = world.person("Ann")
    assert ann.live(case["handoffs"])["output"] == {"card": None, "amount": 13}
    (told,) = ann.get("/v1/decisions")["items"]
    assert (told["output"], told["output_digest"], told["final_output_digest"]) == (
        {"card": None, "amount": 13}, None, None,
    )  # fmt: skip
    whole = world.automation().get("/v1/decisions")["items"][0]
    assert whole["output"] == {"card": NUMBER, "amount": 13}, "the workflow reads what it sent and what was approved"
    assert whole["event"]["details"]["changes"]


@pytest.mark.req("R-UI-23", "R-CTX-18")
def test_who_may_see_it_sees_it_and_the_others_are_told_that_something_is_hidden(
    world: World, case: dict[str, str]
) -> None:
    """The label says what is hidden; large values that repeat it are not fetched."""
    ann, cora = world.person("Ann"), world.person("Cora", roles=["compliance"])
    assert "Card number" in ann.live(case["handoffs"])["redacted"]
    assert cora.live(case["handoffs"])["redacted"] == []
    path = f"/v1/handoffs/{case['handoffs']}"
    assert NUMBER in readable(cora.send("GET", f"{path}/package").text)
    problem(ann.send("GET", f"{path}/blobs/{case['blob']}"), 404, "not_found")
    assert NUMBER in cora.send("GET", f"{path}/blobs/{case['blob']}").text
    assert ann.get("/v1/handoffs", q=NUMBER)["items"] == [], "a search does not find what is hidden"


@pytest.mark.req("R-CTX-18")
def test_an_edit_keeps_what_its_author_was_not_shown(world: World) -> None:
    """Null in a hidden place means unchanged; anything else there is refused; the workflow gets the whole."""
    governed(world, redaction=HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    live = ann.live(ask(world, robot, **CARD)["id"])
    forged = ann.decide(live, "modify", edited_output={"card": "1", "amount": 13})
    problem(forged, 422, "edit_of_redacted", "/edited_output/card")
    done = ann.decide(live, "modify", edited_output={"card": None, "amount": 13})
    assert done.json["output"] == {"card": None, "amount": 13}
    assert robot.live(live["id"])["output"] == {"card": NUMBER, "amount": 13}


@pytest.mark.req("X-17", "R-CTX-18", "R-UI-27")
def test_a_disclosure_shows_all_and_leaves_who_and_why(world: World, case: dict[str, str]) -> None:
    """Only who has that duty; the reason stands in the history, which everybody on the case reads."""
    governed(world, "other", redaction=[{**HIDDEN[0], "visible_to": []}])
    robot = world.automation()
    hidden = world.open(robot, workflow_id="other", **CARD)
    cora, ann = world.person("Cora", roles=["compliance"]), world.person("Ann")
    assert NUMBER not in readable(cora.send("GET", f"/v1/handoffs/{hidden['id']}/package").text)
    problem(ann.act(hidden["id"], "disclosures", {"reason": "I am curious."}), 403, "role_missing")
    problem(cora.act(hidden["id"], "disclosures", {"reason": "  "}), 422, "invalid_field")
    shown = cora.act(hidden["id"], "disclosures", {"reason": "A complaint of the customer."})
    assert shown.status_code == 200, shown.text
    assert NUMBER in readable(shown.text)
    entry = ann.live(hidden["id"])["history"][-1]
    assert (entry["type"], entry["by"]["name"], entry["event_id"]) == (
        "handoff.disclosed", "Cora", shown.json["event_id"],
    )  # fmt: skip
    assert "A complaint of the customer." in entry["text"]
    assert ann.live(hidden["id"])["version"] == hidden["version"]


@pytest.mark.req("R-CTX-18", "R-SAMP-11")
def test_a_second_look_shows_no_more_than_the_first(world: World, case: dict[str, str]) -> None:
    """The sample of a decided case, and the review of a routed item, hide the same places."""
    robot, ann, aude = world.automation(), world.person("Ann"), world.person("Aude", roles=["auditor"])
    opened = ask(world, robot, **CARD, task_id=f"card {NUMBER}")
    ann.decide(ann.live(opened["id"]), "reject")
    (drawn,) = aude.send("POST", "/v1/samples", {"number": 1}).json["items"]
    review: Any = robot.send("POST", f"/v1/routes/{case['routes']}/review", {"request": CARD["request"]}).json
    assert NUMBER not in aude.send("GET", "/v1/events").text
    for one in (drawn["id"], review["id"]):
        answer = readable(ann.send("GET", f"/v1/handoffs/{one}/package").text)
        assert "Please pay me back." in answer
        assert NUMBER not in answer


def test_the_automation_reads_whole(world: World, case: dict[str, str]) -> None:
    """It sent the number, and its digests bind it."""
    token = world.automation().get(f"/v1/handoffs/{case['handoffs']}/package")["package_token"]
    assert NUMBER in readable(json.dumps(token))


def test_escalating_words_stay_as_people_wrote_them(world: World) -> None:
    """Where nothing is hidden, nothing is masked."""
    robot, ann = world.automation(), world.person("Ann")
    opened = world.open(robot, **CARD)
    ann.act(opened["id"], "escalations", BECAUSE | {"rationale": f"See {NUMBER}."})
    history: Any = ann.live(opened["id"])["history"]
    assert NUMBER in history[-1]["text"]


FORM: Any = {
    "type": "object",
    "title": f"Refund to {NUMBER}",
    "required": ["card", "kind"],
    "properties": {
        "card": {"type": "string", "title": f"Card {NUMBER}", "default": NUMBER},
        "kind": {"type": "string", "enum": [f"to {NUMBER}", "none"]},
        "amount": {"type": "integer", "default": 12},
    },
}


@pytest.mark.req("R-CTX-18", "R-UI-23")
def test_a_form_prefilled_from_a_hidden_place_is_answered_without_seeing_it(world: World) -> None:
    """Its texts are masked; what was prefilled there and is left empty stays as it was; refusals do not tell it."""
    governed(world, redaction=HIDDEN)
    robot, ann, cora = world.automation(), world.person("Ann"), world.person("Cora", roles=["compliance", "approver"])
    live = ann.live(ask(world, robot, **CARD, response_form=FORM)["id"])
    assert NUMBER not in json.dumps(live)
    shown = live["response_form"]
    assert "default" not in shown["properties"]["card"]
    assert shown["required"] == ["kind"], "an answer that nobody can give is not asked for"
    assert shown["properties"]["amount"]["default"] == 12
    assert cora.live(live["id"])["response_form"] == FORM
    wrong = ann.decide(live, response={"card": 7, "kind": "none", "amount": 12})
    problem(wrong, 422, "response_invalid", "/response/card")
    assert NUMBER not in wrong.text
    kind = shown["properties"]["kind"]["enum"][0]
    done = ann.decide(live, response={"card": None, "kind": kind, "amount": 13})
    assert done.status_code == 200, done.text
    assert NUMBER not in done.text
    assert [each["field"] for each in done.json["decision"]["corrections"]] == ["amount"]
    told = robot.live(live["id"])["decision"]
    assert told["response"] == {"card": NUMBER, "kind": f"to {NUMBER}", "amount": 13}


@pytest.mark.req("X-17", "A1", "R-CTX-18")
def test_one_reason_discloses_one_version(world: World) -> None:
    """The same key and reason after the case changed: another disclosure, with its own event."""
    governed(world, redaction=[{**HIDDEN[0], "visible_to": []}])
    robot, cora = world.automation(), world.person("Cora", roles=["compliance"])
    opened = ask(world, robot, **CARD)
    path, body, key = f"/v1/handoffs/{opened['id']}/disclosures", {"reason": "A complaint."}, {"Idempotency-Key": "d"}
    first, again = (cora.send("POST", path, body, key).json for _ in range(2))
    assert first["event_id"] == again["event_id"], "nothing changed: nothing more was disclosed"
    changed = {"request": {"card": "4111-1111-1111-1111", "text": "Another."}}
    robot.send("PATCH", f"/v1/handoffs/{opened['id']}", changed, {"If-Match": '"1"'})
    later = cora.send("POST", path, body, key)
    assert later.status_code == 200
    assert later.json["event_id"] != first["event_id"]
    kinds = [entry["type"] for entry in cora.live(opened["id"])["history"]]
    assert kinds.count("handoff.disclosed") == 2


@pytest.mark.req("R-CTX-18", "R-UI-02")
def test_a_category_that_repeats_what_is_hidden_is_masked_in_lists(world: World) -> None:
    """Neither the row nor the filters show it, and the filter does not find it."""
    governed(world, redaction=HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    ask(world, robot, **CARD, category=f"c {NUMBER}")
    ask(world, robot, **CARD, category="refund")
    listed = ann.send("GET", "/v1/handoffs?facets=true")
    assert NUMBER not in listed.text
    assert "refund" in listed.json["facets"]["issues"]
    assert ann.get("/v1/handoffs", issue=f"c {NUMBER}")["items"] == []
    assert len(ann.get("/v1/handoffs", issue="refund")["items"]) == 1


@pytest.mark.req("R-CTX-18")
def test_a_hidden_value_that_is_a_word_of_ours_breaks_nothing(world: World) -> None:
    """The names of members stay; notes are found under “notes”, whatever the value is."""
    governed(world, redaction=HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    for word in ("notes", "text", "items", "history"):
        opened = ask(world, robot, request={"card": word}, model_output={"card": word})
        ann.act(opened["id"], "annotations", {"text": "Seen."})
        live = ann.live(opened["id"])
        assert [note["text"] for note in live["notes"]] == ["Seen."]
        assert live["history"]


@pytest.mark.req("R-CTX-18", "R-SEC-05")
def test_words_of_somebody_restricted_are_no_oracle_in_any_place(world: World) -> None:
    """A question and a rationale full of guesses are told as they were written; quotes of who sees it are masked."""
    governed(world, redaction=HIDDEN)
    robot, ann, cora = world.automation(), world.person("Ann"), world.person("Cora", roles=["compliance"])
    opened = ask(world, robot, **CARD)
    cora.act(opened["id"], "annotations", {"text": f"It is {NUMBER}."})
    guesses = f"1111-2222 {NUMBER} 4444"
    ann.act(opened["id"], "questions", {"text": guesses})
    live = ann.live(opened["id"])
    assert live["question_open"] == guesses
    assert live["history"][-1]["text"].endswith(guesses)
    assert live["notes"][0]["text"] == "It is [redacted 1]."
    assert ann.act(opened["id"], "answers", {"text": "No."}).status_code == 200
    done = ann.decide(ann.live(opened["id"]), "reject", rationale=guesses)
    assert done.json["decision"]["rationale"] == guesses
    (told,) = ann.get("/v1/decisions")["items"]
    assert (told["rationale"], told["event"]["justification"]) == (guesses, guesses)


@pytest.mark.req("R-CTX-18", "R-SEC-05")
def test_what_one_quotes_of_what_another_may_not_see_is_masked(world: World) -> None:
    """Vera sees the card and not the salary: of her words the card is masked for Ann, her guesses at the salary not."""
    salary = {"path": "/request/salary", "label": "Salary", "visible_to": ["compliance"]}
    governed(world, redaction=[{**HIDDEN[0], "visible_to": ["verifier"]}, salary])
    robot, ann, vera = world.automation(), world.person("Ann"), world.person("Vera", roles=["verifier"])
    opened = ask(world, robot, request={"card": NUMBER, "salary": 51250})
    vera.act(opened["id"], "annotations", {"text": f"{NUMBER}, 51249 or 51250."})
    assert ann.live(opened["id"])["notes"][0]["text"] == "[redacted 1], 51249 or 51250."
    assert vera.live(opened["id"])["notes"][0]["text"] == f"{NUMBER}, 51249 or 51250."


@pytest.mark.req("R-CTX-18", "R-SEC-05")
def test_what_an_older_version_held_is_not_fetched_by_its_hash(world: World) -> None:
    """A hidden large value is hidden after the workflow left it out, too."""
    governed(world, redaction=[{"path": "/request/doc", "label": "Document", "visible_to": ["compliance"]}])
    robot, ann = world.automation(), world.person("Ann")
    opened = ask(world, robot, request={"doc": "secret " * 9_000, "text": "x"})
    blob = world.stored(opened["id"]).blobs[0]
    path = f"/v1/handoffs/{opened['id']}/blobs/{blob}"
    problem(ann.send("GET", path), 404, "not_found")
    robot.send("PATCH", f"/v1/handoffs/{opened['id']}", {"request": {"text": "x"}}, {"If-Match": '"1"'})
    problem(ann.send("GET", path), 404, "not_found")
    assert robot.send("GET", path).status_code == 200
