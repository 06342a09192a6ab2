"""Whoever is not shown a value gets the same answer to a guess of it, right or wrong, in whatever act and place."""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest

from tests.application import BECAUSE, Agent, World
from tests.desk import ask, governed

PIN: Final = 48213
GUESS: Final = str(PIN)
OTHER_PIN: Final = 59999
PIN_HIDDEN: Final = [{"path": "/request/pin", "label": "PIN", "visible_to": ["compliance"]}]
GATE: Final = {
    "id": "look", "title": "Look", "review": 1,
    "items": [{"id": "sum", "title": "Sum", "criterion": "The sum equals the invoice's", "check": "pass_fail"}],
}  # fmt: skip
CHECKED: Final = [{"gate": "look", "item": "sum", "result": "pass", "note": "as it is"}]
EVIDENCE: Final = [{"title": "Letter", "text": "It says so.", "url": "https://example.com/letter"}]


def _form(pin: int) -> dict[str, Any]:
    """A form that repeats what is hidden, prefilled and to choose."""
    fields = {
        "memo": {"type": "string"},
        "old": {"type": "string", "default": "as it was"},
        "prefilled": {"type": "integer", "default": pin},
        "choice": {"type": "string", "enum": ["yes", str(pin)]},
    }
    return {"type": "object", "properties": fields}


@dataclass(frozen=True)
class People:
    """Ann, from whom something is hidden, Cora, who sees all of the case, and Dan, who disagrees with her."""

    ann: Agent
    cora: Agent
    dan: Agent
    pin: int


def _nothing(_people: People, _case: Any) -> None:
    """The case stays as it was opened."""


def _held(people: People, case: Any) -> None:
    assert people.ann.act(case["id"], "questions", {"text": "Why?"}).status_code == 200


def _approved(people: People, case: Any) -> None:
    assert people.ann.decide(people.ann.live(case["id"]), gate_results=CHECKED).status_code == 200


def _approved_once(people: People, case: Any) -> None:
    answers = {"memo": str(people.pin), "prefilled": people.pin}
    live = people.cora.live(case["id"])
    assert people.cora.decide(live, response=answers, gate_results=CHECKED).status_code == 200


def _disagreed(people: People, case: Any) -> None:
    _approved_once(people, case)
    assert people.dan.decide(people.dan.live(case["id"]), "reject").status_code == 200


@dataclass(frozen=True)
class Act:
    """One act: where it goes, a body that is taken, and what the case must have come through before."""

    noun: str
    body: Mapping[str, Any]
    method: str = "POST"
    before: Callable[[People, Any], None] = _nothing
    approvals_needed: int = 1
    versioned: bool = False


FILLED: Final = {"memo": "as I say", "old": "anew", "prefilled": 5, "choice": "yes"}
DECIDED: Final = {
    "action": "approve", "rationale": "Fine.", "response": FILLED, "evidence": EVIDENCE, "gate_results": CHECKED,
    "urgency": "today", "confirm_word": "river",
}  # fmt: skip
ACTS: Final = {
    "approve": Act("decision", {**DECIDED, "reason_code": "policy_violation"}, versioned=True),
    "reject": Act("decision", {**DECIDED, **BECAUSE, "action": "reject"}, versioned=True),
    "edit": Act("decision", {**DECIDED, **BECAUSE, "action": "modify", "edited_output": {"a": 2}}, versioned=True),
    "approve as second": Act(
        "decision",
        {"action": "approve", "response": {"memo": "as I say"}},
        before=_approved_once,
        approvals_needed=2,
        versioned=True,
    ),
    "edit as third": Act(
        "decision",
        {**DECIDED, **BECAUSE, "action": "modify", "edited_output": {"a": 2}},
        before=_disagreed,
        approvals_needed=2,
        versioned=True,
    ),
    "verify": Act("verifications", {"answers": CHECKED, "evidence": EVIDENCE, **BECAUSE}, versioned=True),
    "escalate": Act("escalations", {**BECAUSE, "target": "legal", "urgency": "today"}),
    "note": Act("annotations", {"text": "I wonder."}),
    "ask": Act("questions", {"text": "Why?"}),
    "answer": Act("answers", {"text": "Because."}, before=_held),
    "sort": Act("triage", {"category": "letters", "queue": "open", **BECAUSE}, versioned=True),
    "assign": Act("assignee", {"reviewer_id": None, "rationale": "For you."}, method="PUT"),
    "roll back": Act("rollback", BECAUSE, before=_approved),
    "check an edit": Act("edit-checks", {"edited_output": {"a": "2", "b": {"c": "d"}}}),
}
"""Each act on a case that has a body, but for a disclosure: that shows all of the case."""


def _guesses(body: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """The body again and again: with the guess in one place, and as one more or another member of each object."""
    if isinstance(body, Mapping):
        yield f"{at}/+", {**body, GUESS: "x"}
        yield f"{at}/+sentence", {**body, f"48212 {GUESS} 48214": 1}
        for name, value in body.items():
            others = {each: kept for each, kept in body.items() if each != name}
            yield f"{at}/{name}=name", {**others, GUESS: value}
            yield from ((where, {**body, name: inner}) for where, inner in _guesses(value, f"{at}/{name}"))
    elif isinstance(body, list):
        yield f"{at}/twice", [*body, *body]
        for index, value in enumerate(body):
            for where, inner in _guesses(value, f"{at}/{index}"):
                yield where, [*body[:index], inner, *body[index + 1 :]]
    elif body is None or isinstance(body, str):
        yield at, GUESS
        yield f"{at} in words", f"48212 {GUESS} 48214"
        yield f"{at} as a link", f"https://example.com/{GUESS}"
    else:
        yield at, PIN


def _without_digests(text: str) -> str:
    """The text without hashes: they cover what is hidden, with a salt. Ids and times are the same in each run."""
    return re.sub(r"(sha256:)?[0-9a-f]{64}", "…", re.sub(r'"[0-9]+-[0-9a-f]{16}"', "…", text))


def _answers(world: World, pin: int, name: str) -> dict[str, list[str]]:
    """Every answer to the guesses of one act, and what the guesser reads of the case and its outcome afterwards."""
    governed(
        world, redaction=PIN_HIDDEN, gates=[GATE], second_review={"blind": False},
        triage="required" if name == "sort" else "none",
        queues={"open": {"title": "Open", "skills": [], "categories": []}},
        escalation_targets={"legal": {"title": "Legal", "level": 2, "queue": "open"}},
    )  # fmt: skip
    robot = world.automation()
    ann = world.person("Ann", roles=["approver", "triager"])
    people = People(ann, world.person("Cora", roles=["approver", "compliance"]), world.person("Dan"), pin)
    form = _form(pin)
    act, told = ACTS[name], dict[str, list[str]]()
    for where, guess in _guesses(act.body):
        if where.startswith("/edited_output") and name.startswith("edit"):
            # Known, and a decision with its event: an edit full of guesses (docs/security.md).
            continue
        case = ask(
            world, robot, request={"pin": pin, "text": "Please."}, model_output={"a": 1}, response_form=form,
            approvals_needed=act.approvals_needed,
        )  # fmt: skip
        act.before(people, case)
        told[where] = [_done(ann, act, case, guess), *_read(ann, case)]
    return told


def _done(ann: Agent, act: Act, case: Any, body: Mapping[str, Any]) -> str:
    live = ann.live(case["id"])
    shown = {"package_digest": live["package_digest"]} if act.noun in ("decision", "verifications") else {}
    seen = {"If-Match": f'"{live["version"]}"'} if act.versioned else {}
    answer = ann.send(act.method, f"/v1/handoffs/{case['id']}/{act.noun}", {**shown, **body}, seen)
    return f"{answer.status_code} {_without_digests(answer.text)}"


def _read(ann: Agent, case: Any) -> Iterator[str]:
    yield _without_digests(ann.send("GET", f"/v1/handoffs/{case['id']}").text)
    listed = ann.get("/v1/handoffs", state="all")["items"] + ann.get("/v1/decisions", limit=200)["items"]
    yield _without_digests(json.dumps([one for one in listed if one["id"] == case["id"]]))
    token = ann.get(f"/v1/handoffs/{case['id']}/package")["package_token"].split(".")[1]
    yield _without_digests(base64.urlsafe_b64decode(token + "==").decode())


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.req("R-CTX-18", "R-SEC-05", "X-17")
def test_an_answer_is_the_same_to_a_right_guess_and_to_a_wrong_one(embedded_url: str, name: str) -> None:
    """In every text and every member's name of a body: byte for byte, refused or done, at once and afterwards."""
    right = _answers(World(embedded_url).emptied(), PIN, name)
    wrong = _answers(World(embedded_url).emptied(), OTHER_PIN, name)
    taken = [where for where, (answer, *_) in right.items() if answer.startswith("200")]
    assert taken or name == "approve as second", "with a guess in some place, the act is done all the same"
    assert [where for where, answers in right.items() if answers != wrong[where]] == []
