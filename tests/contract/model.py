"""A small model of a handoff, written from the rules and not from our code: what each request must come to.

Where several rules forbid a request, any of their codes is right: the model knows what may not happen, not who says so
first.
"""

from dataclasses import dataclass, field

MINUTE_MS = 60 * 1000
LEASE_MS = 15 * MINUTE_MS
OPEN = frozenset({"pending", "claimed", "awaiting_information", "awaiting_second_review"})
GIVEN = frozenset({"approved", "modified", "rejected"})
ROLES = {
    "ann": "approver",
    "ben": "approver",
    "cat": "approver",
    "olga": "owner",
    "tara": "triager",
    "vera": "verifier",
}
EVERY = frozenset(ROLES)
APPROVERS = frozenset({"ann", "ben", "cat", "olga"})
MAY = {
    **dict.fromkeys(("approve", "reject", "modify", "answer", "roll_back", "undo"), APPROVERS),
    **dict.fromkeys(("claim", "release", "escalate", "legal", "ask", "annotate", "acknowledge"), EVERY),
    "verify": APPROVERS | {"vera"},
    "triage": frozenset({"tara"}),
    "assign": frozenset({"olga", "tara"}),
    "withdraw": frozenset({"olga"}),
    "disclose": frozenset(),
}
"""What people do -> who of them may."""

RESPOND_MS = {2: 60 * MINUTE_MS, 3: 60 * MINUTE_MS, 4: 30 * MINUTE_MS}
"""The time that each level of the ladder has, and that of the target `legal`."""
LEGAL_MS = 240 * MINUTE_MS

STATES: dict[str, frozenset[str]] = {
    "claim": frozenset({"pending", "claimed"}),
    "release": frozenset({"claimed"}),
    "triage": frozenset({"pending", "claimed"}),
    "ask": frozenset({"pending", "claimed"}),
    "answer": frozenset({"awaiting_information"}),
    "revise": frozenset({"pending"}),
    "modify": OPEN - {"awaiting_second_review"},
    "move_up": OPEN - {"awaiting_information"},
}
"""Where an act can be done, if not in each open state."""

AFTERWARDS = {"undo": GIVEN, "settle": GIVEN, "roll_back": GIVEN - {"rejected"}, "execute": GIVEN - {"rejected"}}
EVERYWHERE = frozenset({"annotate", "disclose"})
JUDGING = frozenset({"approve", "reject", "modify", "verify"})
ENDING_A_QUESTION = frozenset({"answer", "approve", "modify", "reject", "escalate", "legal", "expire", "withdraw"})
"""Acts after which nobody waits for the answer; the time to decide gets back what that took."""
WAITING = JUDGING | {"triage", "claim", "release", "escalate", "legal", "ask"}
"""Acts that wait while somebody else holds the case."""


PERSONAL = frozenset({"role_missing", "second_reviewer_must_differ", "already_reviewed", "expired", "triage_first"})
"""Codes that say that this person cannot now, whatever they would send."""


@dataclass
class Case:
    """One handoff as the model has it."""

    id: str
    needed: int
    expires_ms: int
    state: str = "pending"
    version: int = 1
    digest: str = ""
    window_ms: int = 0
    gated: bool = False
    sorting: bool = False
    due_ms: int | None = None
    asked_ms: int = 0
    level: int = 1
    holder: str | None = None
    held_until_ms: int = 0
    first: str | None = None
    first_edited: bool = False
    edited: bool = False
    disagreed: set[str] = field(default_factory=set)
    disagreed_on: str | None = None
    """Digest of the package of the last disagreement."""
    check: tuple[str, str, str, int] | None = None
    """The one check of the gate: result, package digest, by whom, when."""
    notes: int = 0
    approved: bool | None = None
    outcome: str | None = None
    decided: tuple[str, int] | None = None
    undo_until_ms: int | None = None
    executed: bool = False
    humans: list[str] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def settled(self) -> bool:
        return self.outcome is not None and self.undo_until_ms is None

    @property
    def alone(self) -> bool:
        """Whether one approval of the case as it is now is enough."""
        return self.needed == 1 or self.disagreed_on == self.digest

    @property
    def asks_gate(self) -> bool:
        """Whether the gate, which is one of the first review, belongs to the review that is on."""
        return self.gated and (self.first is None or self.first_edited or self.alone)

    def held_by_other(self, who: str, now_ms: int) -> bool:
        return self.holder not in (None, who) and self.held_until_ms > now_ms

    def forbids(
        self, act: str, who: str, now_ms: int, version: int | None = None, digest: str | None = None,
        ticked: str | None = None,
    ) -> set[str]:  # fmt: skip
        """The codes of all rules that forbid this; none when it must hold."""
        codes: set[str] = set()
        if act in MAY and who not in EVERY and act not in ("answer", "withdraw"):
            codes.add("automation_cannot_decide")
        if who in EVERY and who not in MAY.get(act, EVERY if act in ("expire", "lapse", "settle", "move_up") else ()):
            codes.add("role_missing")
        if who == "robot" and self.undo_until_ms is not None:
            # An automation is not told of an outcome that can still be taken back.
            codes.add("busy")
        if act in AFTERWARDS:
            return codes | self._afterwards(act, who, now_ms)
        if act in EVERYWHERE:
            return codes
        if not self.is_open:
            return codes | {"already_decided"}
        if self.state not in STATES.get(act, OPEN):
            codes.add("illegal_transition")
        if act in WAITING and self.held_by_other(who, now_ms):
            codes.add("claimed_by_other")
        if (act in JUDGING | {"triage"} or (act == "answer" and who in EVERY)) and now_ms >= self.expires_ms:
            codes.add("expired")
        if act in JUDGING:
            codes |= self._judging(act, who, digest, ticked)
        if act == "triage" and not self.sorting:
            codes.add("not_in_triage")
        if version is not None and version != self.version:
            codes.add("version_stale")
        if act == "escalate" and self.level == 4:
            codes.add("no_higher_level")
        if act == "expire" and now_ms < self.expires_ms:
            codes.add("not_due")
        if act == "move_up":
            codes |= self._moving_up(now_ms)
        if act == "lapse" and (self.state != "claimed" or self.held_until_ms > now_ms):
            codes |= {"illegal_transition", "claim_still_runs"}
        return codes

    def can_work(self, who: str, now_ms: int) -> bool:
        """Whether somebody could do a part of it: a case that is open is given to nobody else."""
        parts = [self.forbids(part, who, now_ms, digest=self.digest) for part in ("approve", "triage", "verify")]
        return any(codes.isdisjoint(PERSONAL) for codes in parts)

    def _afterwards(self, act: str, who: str, now_ms: int) -> set[str]:
        """What can be done with an outcome only."""
        if self.state not in AFTERWARDS[act]:
            if act == "execute":
                return {"rolled_back" if self.state == "rolled_back" else "not_approved"}
            if self.is_open:
                return {"illegal_transition"}
            return {"nothing_to_roll_back" if act == "roll_back" else "already_decided"}
        window = self.undo_until_ms
        if act == "undo":
            codes = {"undo_over"} if window is None or now_ms >= window else set()
            return codes | ({"not_your_decision"} if self.decided and self.decided[0] != who else set())
        if act == "settle":
            return {"nothing_to_settle"} if window is None else {"not_due"} if now_ms < window else set()
        if window is None:
            return {"executed_already"} if act == "execute" and self.executed else set()
        return {"not_approved"} if act == "execute" else {"undo_instead" if now_ms < window else "busy"}

    def _judging(self, act: str, who: str, digest: str | None, ticked: str | None) -> set[str]:
        codes = set()
        if self.first == who:
            codes.add("second_reviewer_must_differ")
        if who in self.disagreed and act != "verify":
            codes.add("already_reviewed")
        if self.sorting:
            codes.add("triage_first")
        if digest != self.digest:
            codes.add("package_digest_mismatch")
        if ticked is not None and not self.asks_gate:
            codes.add("gate_not_open" if self.gated else "unknown_gate_item")
        if act in ("approve", "modify") and self.asks_gate:
            kept = self.check[0] if self.check and self.check[1] == self.digest and act == "approve" else None
            stands = ticked or kept
            codes |= {None: {"gate_results_missing"}, "fail": {"gate_failed"}, "pass": set()}[stands]
        return codes

    def _moving_up(self, now_ms: int) -> set[str]:
        codes = set()
        if self.due_ms is None or now_ms < self.due_ms:
            codes.add("not_due")
        if self.level >= 3:
            codes.add("no_higher_level")
        if now_ms >= self.expires_ms:
            codes.add("expired")
        return codes

    def apply(self, act: str, who: str, now_ms: int, ticked: str | None = None) -> None:
        """What an act that nothing forbids makes of the case."""
        if act == "annotate":
            self.notes += 1
        if act in ("annotate", "acknowledge", "disclose"):
            return
        self.version += 1
        if act == "execute":
            self.executed = True
            return
        if self.state == "awaiting_information" and (
            act in ENDING_A_QUESTION or (act == "verify" and ticked == "fail")
        ):
            self.due_ms = self.due_ms and self.due_ms + now_ms - self.asked_ms
        if act in JUDGING and ticked is not None:
            self.check = (ticked, self.digest, who, now_ms)
        if act in ("approve", "modify", "reject"):
            self._answered(act, who, now_ms)
        elif act in ("expire", "withdraw"):
            self.outcome = self.state = {"expire": "expired", "withdraw": "withdrawn"}[act]
        elif act == "undo":
            self._undone()
        elif act == "settle":
            self.undo_until_ms = None
        elif act == "roll_back":
            self.state = "rolled_back"
        elif act == "claim":
            self.state, self.holder, self.held_until_ms = "claimed", who, now_ms + LEASE_MS
            return
        elif act in ("release", "lapse", "answer"):
            self.state = "pending"
        elif act == "ask":
            self.state, self.asked_ms = "awaiting_information", now_ms
        elif act in ("escalate", "legal"):
            self.up(4 if act == "legal" else self.level + 1, now_ms, LEGAL_MS if act == "legal" else None)
            self.state = self.state if self.state == "awaiting_second_review" else "pending"
        elif act == "move_up":
            self.up(self.level + 1, now_ms)
            return
        elif act == "triage":
            self.state, self.sorting = "pending", False
        elif act == "verify" and ticked == "fail":
            self.state, self.first, self.humans = "pending", None, []
            if self.level == 4:
                self.sorting = True
            else:
                self.up(self.level + 1, now_ms)
        elif act in ("verify", "assign", "revise"):
            return
        self.holder = None

    def up(self, level: int, now_ms: int, respond_ms: int | None = None) -> None:
        self.level = min(level, 4)
        self.due_ms = now_ms + (respond_ms or RESPOND_MS[self.level])

    def _answered(self, act: str, who: str, now_ms: int) -> None:
        if act == "reject" and self.first is not None:
            self.disagreed |= {self.first, who}
            self.edited, self.disagreed_on = self.first_edited, self.digest
            self.state, self.first = "pending", None
            self.up(self.level + 1, now_ms)
            return
        if act != "reject":
            self.humans.append(who)
        settles = self.first is not None or (self.alone and not (act == "modify" and self.needed == 2))
        if act != "reject" and not settles:
            self.state, self.first, self.first_edited = "awaiting_second_review", who, act == "modify"
            return
        self.decided = (who, now_ms)
        self.undo_until_ms = now_ms + self.window_ms if self.window_ms else None
        if act == "reject":
            self.approved, self.outcome, self.state = False, "rejected", "rejected"
            return
        again = self.edited and self.disagreed_on == self.digest
        edits = act == "modify" or again or (self.first is not None and self.first_edited)
        self.approved = True
        self.outcome = self.state = "modified" if edits else "approved"

    def _undone(self) -> None:
        assert self.decided is not None
        if self.approved:
            self.humans.pop()
        if self.check is not None and self.check[2:] == self.decided:
            self.check = None
        self.state = "pending" if self.first is None else "awaiting_second_review"
        self.approved = self.outcome = self.decided = self.undo_until_ms = None
