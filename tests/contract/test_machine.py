"""Several people and an automation do anything in any order; after each step the companion agrees with a model."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from companion.core.decide import Refused
from companion.core.handoff import TRANSITIONS, State
from tests.application import BECAUSE, Agent, World
from tests.contract.model import Case

HOUR_MS = 3_600_000
WHO = st.sampled_from(["ann", "ann", "ann", "ben", "ben", "olga", "robot"])
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
}


class Companion(RuleBasedStateMachine):
    """The real application on a real store beside the model."""

    world: World

    @initialize()
    def begin(self) -> None:
        self.world = World(self.url).emptied()  # type: ignore[attr-defined]
        self.agents: dict[str, Agent] = {name: self.world.person(name) for name in ("ann", "ben")}
        self.agents["olga"] = self.world.person("olga", roles=["owner"])
        self.agents["robot"] = self.world.automation()
        self.all: list[Case] = []
        self.outcomes: list[tuple[str, str, bool | None]] = []
        self.edits = 0

    @property
    def now_ms(self) -> int:
        return self.world.clock.now_ms()

    @precondition(lambda self: sum(case.is_open for case in self.all) < FEW)
    @rule(needed=st.sampled_from([1, 2]), hours=st.integers(1, 4))
    def open(self, needed: int, hours: int) -> None:
        opened = self.world.open(self.agents["robot"], approvals_needed=needed, expires_in_s=hours * 3600)
        self.all.append(Case(opened["id"], needed, self.now_ms + hours * HOUR_MS, digest=opened["package_digest"]))

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

    def decide(self, number: int, who: str, action: str, stale: bool, other: bool) -> None:
        case = self.pick(number)
        self.edits += 1
        version, digest = case.version - stale, "sha256:" + "0" * 64 if other else case.digest
        body: dict[str, Any] = {"edited_output": {"edit": self.edits}} if action == "modify" else {}
        shown = {"id": case.id, "package_digest": digest, "version": version}
        answer = self.agents[who].decide(shown, action, **body)
        self.settle(case, action, who, answer, case.forbids(action, who, self.now_ms, version, digest))

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
        case = self.pick(number)
        method, noun, body = NOUNS[act]
        answer = self.agents[who].act(case.id, noun, body, method)
        self.settle(case, act, who, answer, case.forbids(act, who, self.now_ms))

    @precondition(lambda self: any(case.state == "awaiting_information" for case in self.all))
    @rule(number=PICK, who=WHO)
    def answer(self, number: int, who: str) -> None:
        case = self.pick(number)
        self.edits += 1
        answer = self.agents[who].act(case.id, "answers", {"text": "This.", "request": {"answer": self.edits}})
        # Whether an automation may answer is the permission table's matter, and tested with it.
        shut = {answer.json["code"]} & {"automation_cannot_decide"} if answer.status_code == 403 else set()
        self.settle(case, "answer", who, answer, case.forbids("answer", who, self.now_ms) | shut)

    @precondition(lambda self: any(case.state == "pending" for case in self.all))
    @rule(number=PICK, who=st.sampled_from(["robot", "robot", "ann"]), stale=SELDOM)
    def revise(self, number: int, who: str, stale: bool) -> None:
        case = self.pick(number)
        self.edits += 1
        version = case.version - stale
        answer = self.agents[who].send(
            "PATCH", f"/v1/handoffs/{case.id}", {"model_output": {"revision": self.edits}}, {"If-Match": f'"{version}"'}
        )
        self.settle(case, "revise", who, answer, case.forbids("revise", who, self.now_ms, version))

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

    def by_system(self, case: Case, act: str, done: Any) -> None:
        codes = case.forbids(act, "system", self.now_ms)
        if codes:
            assert isinstance(done, Refused), f"{act} held although {codes}"
            assert done.code in codes
        else:
            assert not isinstance(done, Refused), done
            self.apply(case, act, "system")
        self.agrees(case)

    def settle(self, case: Case, act: str, who: str, answer: Any, codes: set[str]) -> None:
        """The answer against the model; then the model moves along."""
        if codes:
            assert answer.status_code in (403, 409, 412), f"{act} by {who} held although {codes}: {answer.text}"
            assert answer.json["code"] in codes, (act, who, answer.json["code"], codes)
        else:
            assert answer.status_code == 200, f"{act} by {who}: {answer.text}"
            self.apply(case, act, who)
            case.digest = answer.json["package_digest"]
            assert answer.json["event_id"]
        self.agrees(case)

    def apply(self, case: Case, act: str, who: str) -> None:
        before = case.outcome
        case.apply(act, who, self.now_ms)
        if before is None and case.outcome is not None:
            self.outcomes.append((case.id, case.outcome, case.approved))

    def agrees(self, case: Case) -> None:
        """The case stands as the model says, whoever looks."""
        live = self.agents["robot"].live(case.id)
        holds = case.state == "claimed" and case.held_until_ms > self.now_ms
        shown = "pending" if case.state == "claimed" and not holds else case.state
        assert (live["state"], live["version"], live["approved"], live["reviewer_level"], len(live["notes"])) == (
            shown, case.version, case.approved, case.level, case.notes,
        )  # fmt: skip
        assert (live["claim"] is not None) == holds
        if live["approved"]:
            assert len(set(case.humans)) >= case.needed, "approved by as many people as were needed"

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
            waiting = self.agents["robot"].get("/v1/handoffs", limit=200)
            assert sorted(item["id"] for item in waiting["items"]) == sorted(
                case.id for case in self.all if case.is_open
            )


@pytest.mark.req("R-STORE-14")
def test_the_model_and_the_table_allow_the_same() -> None:
    """The model was written from the rules: where it and TRANSITIONS differ, one of them is wrong."""
    people = {"revise": "robot", "withdraw": "robot", "expire": "system"}
    for name, row in TRANSITIONS.items():
        for state in State if name != "open" else ():
            case = Case("ho", 1, expires_ms=2, state=state.value, digest="d", first="ben")
            codes = case.forbids(name, people.get(name, "ann"), 2 if name == "expire" else 1, digest="d")
            assert (codes == set()) == (state in row), (name, state, codes)


@pytest.mark.req("R5", "R7", "R-ACT-11", "R-STORE-14", "R-STORE-15", "R-STORE-17", "R-ROLE-07")
def test_whatever_happens_the_companion_agrees_with_the_model(embedded_url: str) -> None:
    """One outcome a case, versions that only grow, approval by as many people as needed, decisions in order."""

    class OnStore(Companion):
        url = embedded_url

    machine: Any = OnStore.TestCase
    machine.settings = settings(
        max_examples=100,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=[Phase.generate],  # forty steps can be read as they are; making them fewer takes minutes
    )
    machine("runTest").runTest()
