"""Several people and an automation do anything in any order; after each step the companion agrees with a model."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from companion.core.decide import Refused
from companion.core.handoff import TRANSITIONS, State
from tests.application import BECAUSE, Agent, World
from tests.contract.model import ROLES, Case
from tests.policies import document, save, settle

HOUR_MS = 3_600_000
WHO = st.sampled_from(["ann", "ann", "ann", "ben", "ben", "cat", "olga", "tara", "vera", "robot"])
SELDOM = st.integers(0, 7).map(lambda n: n == 0)
PICK = st.integers(0, 9)
FEW = 2
"""So few cases at a time that enough happens to each."""
NOUNS = {
    "claim": ("PUT", "claim", None),
    "release": ("DELETE", "claim", None),
    "escalate": ("POST", "escalations", BECAUSE),
    "ask": ("POST", "questions", {"text": "Which order?"}),
    "annotate": ("POST", "annotations", {"text": "Called."}),
    "withdraw": ("POST", "withdrawal", {}),
    "roll_back": ("POST", "rollback", BECAUSE),
    "legal": ("POST", "escalations", {**BECAUSE, "target": "legal"}),
    "acknowledge": ("PUT", "acknowledgement", None),
    "undo": ("DELETE", "decision", None),
    "disclose": ("POST", "disclosures", {"reason": "A complaint came in."}),
}
GATE = {
    "id": "facts", "title": "Facts",
    "items": [
        {
            "id": "sources", "title": "Sources", "check": "pass_fail",
            "criterion": "Each number in the text stands in one of the sources.",
        }
    ],
}  # fmt: skip
SLA = {"complete_minutes": 45, "business_hours": False}
POLICIES: dict[str, dict[str, Any]] = {
    "plain": {},
    "undone": {"undo_window_s": 600},
    "gated": {"gates": [GATE]},
    "everything": {"triage": "required", "undo_window_s": 600, "gates": [GATE]},
}
"""Workflow -> what its policy asks for."""
UNFIT = (403, 409, 412, 422)


class Companion(RuleBasedStateMachine):
    """The real application on a real store beside the model."""

    world: World

    @initialize()
    def begin(self) -> None:
        self.world = World(self.url).emptied()  # type: ignore[attr-defined]
        self.agents: dict[str, Agent] = {name: self.world.person(name, roles=[role]) for name, role in ROLES.items()}
        self.agents["robot"] = self.world.automation()
        for name, asked in POLICIES.items():
            saved = save(self.agents["olga"], document(name, sla=SLA, **asked))
            assert saved.status_code in (200, 202), saved.text
            settle(self.world, name)
        self.all: list[Case] = []
        self.outcomes: list[tuple[str, str, bool | None]] = []
        self.edits = 0

    @property
    def now_ms(self) -> int:
        return self.world.clock.now_ms()

    @precondition(lambda self: sum(case.is_open for case in self.all) < FEW)
    @rule(needed=st.sampled_from([1, 2]), hours=st.integers(1, 4), workflow=st.sampled_from(sorted(POLICIES)))
    def open(self, needed: int, hours: int, workflow: str) -> None:
        opened = self.world.open(
            self.agents["robot"], approvals_needed=needed, expires_in_s=hours * 3600, workflow_id=workflow
        )
        asked = POLICIES[workflow]
        case = Case(
            opened["id"], needed, self.now_ms + hours * HOUR_MS, digest=opened["package_digest"],
            window_ms=asked.get("undo_window_s", 0) * 1000, gated="gates" in asked, sorting="triage" in asked,
            due_ms=self.world.stored(opened["id"]).due_at_ms,
        )  # fmt: skip
        self.all.append(case)

    def pick(self, number: int) -> Case:
        """Mostly a case that is open, sometimes one that is not any more."""
        waiting = [case for case in self.all if case.is_open]
        return waiting[number % len(waiting)] if waiting and number else self.all[number % len(self.all)]

    @precondition(lambda self: self.all)
    @rule(
        number=PICK,
        who=WHO,
        action=st.sampled_from(["approve", "approve", "reject", "modify"]),
        stale=SELDOM,
        other=SELDOM,
    )
    def choose(self, number: int, who: str, action: str, stale: bool, other: bool) -> None:
        self.decide(number, who, action, stale, other)

    def decide(self, number: int, who: str, action: str, stale: bool, other: bool, ticked: str | None = None) -> None:
        case = self.pick(number)
        self.edits += 1
        version, digest = case.version - stale, "sha256:" + "0" * 64 if other else case.digest
        body: dict[str, Any] = {"edited_output": {"edit": self.edits}} if action == "modify" else {}
        if ticked is not None:
            body["gate_results"] = [{"gate": "facts", "item": "sources", "result": ticked}]
        shown = {"id": case.id, "package_digest": digest, "version": version}
        answer = self.agents[who].decide(shown, action, **body)
        self.holds(case, action, who, answer, case.forbids(action, who, self.now_ms, version, digest, ticked), ticked)

    @precondition(lambda self: any(case.gated and case.is_open for case in self.all))
    @rule(number=PICK, who=WHO, action=st.sampled_from(["approve", "modify"]), ticked=st.sampled_from(["pass", "fail"]))
    def choose_with_checks(self, number: int, who: str, action: str, ticked: str) -> None:
        self.decide(number, who, action, stale=False, other=False, ticked=ticked)

    @precondition(lambda self: any(case.gated and case.is_open for case in self.all))
    @rule(
        number=PICK, who=st.sampled_from(["vera", "vera", "ann", "tara", "robot"]), stale=SELDOM, other=SELDOM,
        result=st.sampled_from(["pass", "pass", "fail"]),
    )  # fmt: skip
    def verify(self, number: int, who: str, stale: bool, other: bool, result: str) -> None:
        case = self.pick(number)
        version, digest = case.version - stale, "sha256:" + "0" * 64 if other else case.digest
        body = {
            "package_digest": digest, "reason_code": "insufficient_evidence",
            "answers": [{"gate": "facts", "item": "sources", "result": result}],
        }  # fmt: skip
        match = {"If-Match": f'"{version}"'}
        answer = self.agents[who].send("POST", f"/v1/handoffs/{case.id}/verifications", body, match)
        self.holds(
            case, "verify", who, answer, case.forbids("verify", who, self.now_ms, version, digest, result), result
        )

    @precondition(lambda self: any(case.sorting and case.is_open for case in self.all))
    @rule(number=PICK, who=st.sampled_from(["tara", "tara", "tara", "ann", "robot"]), stale=SELDOM)
    def sort(self, number: int, who: str, stale: bool) -> None:
        case = self.pick(number)
        version = case.version - stale
        match, body = {"If-Match": f'"{version}"'}, {"category": "billing"}
        answer = self.agents[who].send("POST", f"/v1/handoffs/{case.id}/triage", body, match)
        self.holds(case, "triage", who, answer, case.forbids("triage", who, self.now_ms, version))

    @precondition(lambda self: any(case.undo_until_ms for case in self.all))
    @rule(number=PICK, who=st.sampled_from(["ann", "ben", "olga"]))
    def take_back(self, number: int, who: str) -> None:
        within = [case for case in self.all if case.undo_until_ms]
        self.act_on(within[number % len(within)], who, "undo")

    @precondition(lambda self: self.all)
    @rule(number=PICK, who=st.sampled_from(["olga", "tara", "ann"]), to=st.sampled_from(["ann", "ben", None]))
    def assign(self, number: int, who: str, to: str | None) -> None:
        case = self.pick(number)
        body = {"reviewer_id": to and self.agents[to].id}
        answer = self.agents[who].act(case.id, "assignee", body, "PUT")
        codes = case.forbids("assign", who, self.now_ms)
        if to is not None and case.is_open and not case.can_work(to, self.now_ms):
            codes = codes | {"unknown_reviewer"}
        if not codes and case.state == "claimed" and to not in (None, case.holder):
            # What somebody else holds ends when the case is given away.
            case.state, case.holder = "pending", None
        self.holds(case, "assign", who, answer, codes)

    @precondition(lambda self: self.all)
    @rule(number=PICK, edited=SELDOM)
    def execute(self, number: int, edited: bool) -> None:
        case = self.pick(number)
        self.edits += 1
        handoff = self.world.stored(case.id)
        final = handoff.decision.final_output_digest if handoff.decision else None
        digest = "sha256:" + "0" * 64 if edited or final is None else final
        codes = case.forbids("execute", "robot", self.now_ms)
        if codes <= {"executed_already"} and digest != final:
            codes = {"output_changed"}  # another output is named first, done before or not
        once = {"Idempotency-Key": f"execute-{self.edits}"}
        body = {"output_digest": digest}
        answer = self.agents["robot"].send("POST", f"/v1/handoffs/{case.id}/execution", body, once)
        assert (answer.json["code"] in codes) if codes else answer.status_code == 200, (answer.text, codes)
        if not codes:
            case.apply("execute", "robot", self.now_ms)
        self.agrees(case)

    @precondition(lambda self: self.all)
    @rule(number=PICK, who=st.sampled_from(["ann", "ben"]))
    def approve(self, number: int, who: str) -> None:
        self.decide(number, who, "approve", stale=False, other=False)

    @precondition(lambda self: self.all)
    @rule(number=PICK, who=st.sampled_from(["ann", "ben"]), act=st.sampled_from(["claim", "claim", "ask", "release"]))
    def hold(self, number: int, who: str, act: str) -> None:
        self.perform(number, who, act)

    @precondition(lambda self: self.all)
    @rule(number=PICK, who=WHO, act=st.sampled_from(sorted(NOUNS)))
    def act(self, number: int, who: str, act: str) -> None:
        self.perform(number, who, act)

    def perform(self, number: int, who: str, act: str) -> None:
        self.act_on(self.pick(number), who, act)

    def act_on(self, case: Case, who: str, act: str) -> None:
        method, noun, body = NOUNS[act]
        answer = self.agents[who].act(case.id, noun, body, method)
        self.holds(case, act, who, answer, case.forbids(act, who, self.now_ms))

    @precondition(lambda self: any(case.state == "awaiting_information" for case in self.all))
    @rule(number=PICK, who=WHO)
    def answer(self, number: int, who: str) -> None:
        case = self.pick(number)
        answer = self.agents[who].act(case.id, "answers", {"text": "This."})
        # Whether an automation may answer is the permission table's matter, and tested with it.
        shut = {answer.json["code"]} & {"automation_cannot_decide"} if answer.status_code == 403 else set()
        self.holds(case, "answer", who, answer, case.forbids("answer", who, self.now_ms) | shut)

    @precondition(lambda self: any(case.state == "pending" for case in self.all))
    @rule(number=PICK, who=st.sampled_from(["robot", "robot", "ann"]), stale=SELDOM)
    def revise(self, number: int, who: str, stale: bool) -> None:
        case = self.pick(number)
        self.edits += 1
        version = case.version - stale
        answer = self.agents[who].send(
            "PATCH", f"/v1/handoffs/{case.id}", {"model_output": {"revision": self.edits}}, {"If-Match": f'"{version}"'}
        )
        self.holds(case, "revise", who, answer, case.forbids("revise", who, self.now_ms, version))

    @rule(minutes=st.integers(1, 40))
    def time_passes(self, minutes: int) -> None:
        self.world.clock.advance(minutes * 60_000)

    @precondition(lambda self: self.all)
    @rule(number=PICK)
    def the_deadline_is_looked_at(self, number: int) -> None:
        case = self.pick(number)
        done = self.world.services.service.expire(case.id)
        self.by_system(case, "expire", done)

    @precondition(lambda self: self.all)
    @rule(number=PICK)
    def the_lease_is_looked_at(self, number: int) -> None:
        case = self.pick(number)
        done = self.world.services.service.release_lapsed_claim(case.id)
        self.by_system(case, "lapse", done)

    @precondition(lambda self: self.all)
    @rule(number=PICK)
    def the_level_is_looked_at(self, number: int) -> None:
        case = self.pick(number)
        self.by_system(case, "move_up", self.world.services.service.move_up(case.id))

    @precondition(lambda self: any(case.outcome for case in self.all))
    @rule(number=PICK)
    def the_window_is_looked_at(self, number: int) -> None:
        ended = [case for case in self.all if case.outcome]
        case = ended[number % len(ended)]
        self.by_system(case, "settle", self.world.services.service.settle(case.id))

    def by_system(self, case: Case, act: str, done: Any) -> None:
        codes = case.forbids(act, "system", self.now_ms)
        if codes:
            assert isinstance(done, Refused), f"{act} held although {codes}"
            assert done.code in codes
        else:
            assert not isinstance(done, Refused), done
            self.apply(case, act, "system")
        self.agrees(case)

    def holds(self, case: Case, act: str, who: str, answer: Any, codes: set[str], ticked: str | None = None) -> None:
        """The answer against the model; then the model moves along."""
        if codes:
            assert answer.status_code in UNFIT, f"{act} by {who} held although {codes}: {answer.text}"
            assert answer.json["code"] in codes, (act, who, answer.json["code"], codes)
        else:
            assert answer.status_code == 200, f"{act} by {who}: {answer.text}"
            self.apply(case, act, who, ticked)
            case.digest = answer.json["package_digest"]
            assert answer.json["event_id"] or act == "acknowledge"
        self.agrees(case)

    def apply(self, case: Case, act: str, who: str, ticked: str | None = None) -> None:
        before = case.settled
        case.apply(act, who, self.now_ms, ticked)
        if case.settled and not before:
            assert case.outcome is not None
            self.outcomes.append((case.id, case.outcome, case.approved))

    def agrees(self, case: Case) -> None:
        """The case stands as the model says, whoever looks; an automation sees no outcome that can be taken back."""
        live = self.agents["olga"].live(case.id)
        holds = case.state == "claimed" and case.held_until_ms > self.now_ms
        shown = "pending" if case.state == "claimed" and not holds else case.state
        stage = "triage" if case.sorting else "review"
        # Of the first reviewer's notes the second is told after deciding; Vera never decides.
        notes = self.agents["vera"].live(case.id)["notes"]
        assert (live["state"], live["version"], live["approved"], live["reviewer_level"], len(notes)) == (
            shown, case.version, case.approved, case.level, case.notes,
        )  # fmt: skip
        assert (live["stage"], live["undo_until"] is not None) == (stage, case.undo_until_ms is not None)
        assert self.world.stored(case.id).due_at_ms == case.due_ms
        assert (live["claim"] is not None) == holds
        if live["approved"]:
            assert len(set(case.humans)) >= case.needed, "approved by as many people as were needed"
        told = self.agents["robot"].live(case.id)
        assert told["approved"] is (case.approved if case.settled else None)
        if case.undo_until_ms is not None:
            assert told["state"] in ("pending", "awaiting_second_review")

    def teardown(self) -> None:
        """In the end all cases, the outcomes in their order, and the inbox."""
        for case in getattr(self, "all", []):
            self.agrees(case)
        items = self.agents["robot"].get("/v1/decisions", limit=200)["items"] if hasattr(self, "all") else []
        assert [item["id"] for item in items] == [outcome[0] for outcome in getattr(self, "outcomes", [])]
        for item, (identifier, outcome, approved) in zip(items, getattr(self, "outcomes", []), strict=True):
            case = next(case for case in self.all if case.id == identifier)
            told = ("rolled_back", None) if case.state == "rolled_back" else (outcome, approved)
            assert (item["state"], item["approved"]) == told
        if hasattr(self, "all"):
            waiting = self.agents["olga"].get("/v1/handoffs", limit=200)
            assert sorted(item["id"] for item in waiting["items"]) == sorted(
                case.id for case in self.all if case.is_open
            )
            self.timers_agree()

    def timers_agree(self) -> None:
        """Each open case has its deadline's timer, each that can be undone its end, and no other has either."""
        members = self.world.admin.zrange(b"{p00}:timers", 0, -1)
        found = {tuple(member.decode().split(":", 1)) for member in members}
        assert {identifier for kind, identifier in found if kind == "expire"} == {c.id for c in self.all if c.is_open}
        assert {identifier for kind, identifier in found if kind == "settle"} == {
            case.id for case in self.all if case.undo_until_ms is not None
        }


@pytest.mark.req("R-STORE-14")
def test_the_model_and_the_table_allow_the_same() -> None:
    """The model was written from the rules: where it and TRANSITIONS differ, one of them is wrong."""
    people = {"revise": "robot", "withdraw": "robot", "execute": "robot", "triage": "tara", "assign": "olga"}
    people |= {"expire": "system", "settle": "system", "move_up": "system", "disclose": "system"}
    for name, row in TRANSITIONS.items():
        for state in State if name != "open" else ():
            case = Case(
                "ho", 1, expires_ms=9, state=state.value, digest="d", first="ben", sorting=name == "triage", due_ms=1,
                gated=name == "verify", decided=("ann", 1), undo_until_ms=OPEN_WINDOW.get(name),
            )  # fmt: skip
            at_ms = 9 if name == "expire" else 1
            ticked = "pass" if name == "verify" else None
            codes = case.forbids(name, people.get(name, "ann"), at_ms, digest="d", ticked=ticked)
            codes -= {"automation_cannot_decide"} if name == "disclose" else set()
            assert (codes == set()) == (state in row), (name, state, codes)


OPEN_WINDOW = {"undo": 2, "settle": 1}
"""Until when the decision can be undone, for the commands that look at it."""


@pytest.mark.req(
    "R5", "R7", "R-ACT-11", "R-STORE-14", "R-STORE-15", "R-STORE-17", "R-ROLE-07", "R-GATE-09", "R-GATE-15"
)
def test_whatever_happens_the_companion_agrees_with_the_model(embedded_url: str) -> None:
    """One outcome a case, versions that only grow, approval by as many people as needed, decisions in order."""

    class OnStore(Companion):
        url = embedded_url

    machine: Any = OnStore.TestCase
    machine.settings = settings(
        max_examples=60,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=[Phase.generate],  # forty steps can be read as they are; making them fewer takes minutes
    )
    machine("runTest").runTest()
