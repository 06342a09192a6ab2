"""A small model of a handoff, written from the rules and not from our code: what each request must come to.

Where several rules forbid a request, any of their codes is right: the model knows what may not happen, not who says so
first.
"""

from dataclasses import dataclass, field

LEASE_MS = 15 * 60 * 1000
OPEN = frozenset({"pending", "claimed", "awaiting_information", "awaiting_second_review"})
DECIDERS = frozenset({"ann", "ben", "olga"})


@dataclass
class Case:
    """One handoff as the model has it."""

    id: str
    needed: int
    expires_ms: int
    state: str = "pending"
    version: int = 1
    digest: str = ""
    level: int = 1
    holder: str | None = None
    held_until_ms: int = 0
    first: str | None = None
    first_edited: bool = False
    notes: int = 0
    approved: bool | None = None
    outcome: str | None = None
    humans: list[str] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def held_by_other(self, who: str, now_ms: int) -> bool:
        return self.holder not in (None, who) and self.held_until_ms > now_ms

    def forbids(
        self, act: str, who: str, now_ms: int, version: int | None = None, digest: str | None = None
    ) -> set[str]:
        """The codes of all rules that forbid this; none when it must hold."""
        codes: set[str] = set()
        deciding = act in ("approve", "reject", "modify")
        human_acts = {"approve", "reject", "modify", "claim", "release", "escalate", "ask", "roll_back", "annotate"}
        if who not in DECIDERS and act in human_acts:
            codes.add("automation_cannot_decide")
        if who in ("ann", "ben") and act == "withdraw":
            codes.add("role_missing")
        if who in DECIDERS and act == "revise":
            codes.add("role_missing")
        if act == "roll_back":
            if self.is_open:
                codes.add("illegal_transition")
            elif self.state not in ("approved", "modified"):
                codes.add("nothing_to_roll_back")
            return codes
        if act == "annotate":
            return codes
        if not self.is_open:
            return codes | {"already_decided"}
        allowed = {
            "claim": {"pending", "claimed"}, "release": {"claimed"}, "ask": {"pending", "claimed"},
            "answer": {"awaiting_information"}, "revise": {"pending"}, "modify": OPEN - {"awaiting_second_review"},
        }  # fmt: skip
        if self.state not in allowed.get(act, OPEN):
            codes.add("illegal_transition")
        if (deciding or act in ("claim", "release", "escalate", "ask")) and self.held_by_other(who, now_ms):
            codes.add("claimed_by_other")
        if deciding:
            if now_ms >= self.expires_ms:
                codes.add("expired")
            if self.first == who:
                codes.add("second_reviewer_must_differ")
            if digest != self.digest:
                codes.add("package_digest_mismatch")
        if version is not None and version != self.version:
            codes.add("version_stale")
        if act == "escalate" and self.level == 4:
            codes.add("no_higher_level")
        if act == "expire" and now_ms < self.expires_ms:
            codes.add("not_due")
        if act == "lapse" and (self.state != "claimed" or self.held_until_ms > now_ms):
            codes |= {"illegal_transition", "claim_still_runs"}
        return codes

    def apply(self, act: str, who: str, now_ms: int) -> None:
        """What an act that nothing forbids makes of the case."""
        if act == "annotate":
            self.notes += 1
            return
        self.version += 1
        if act in ("approve", "modify") and self.needed == 2 and self.first is None:
            self.state, self.first, self.first_edited, self.holder = (
                "awaiting_second_review",
                who,
                act == "modify",
                None,
            )
            self.humans.append(who)
            return
        if act in ("approve", "modify"):
            self.humans.append(who)
            self.approved = True
            self.outcome = self.state = "modified" if act == "modify" or self.first_edited else "approved"
        elif act == "reject":
            self.approved, self.outcome, self.state = False, "rejected", "rejected"
        elif act == "expire":
            self.outcome = self.state = "expired"
        elif act == "withdraw":
            self.outcome = self.state = "withdrawn"
        elif act == "roll_back":
            self.state = "rolled_back"
        elif act == "claim":
            self.state, self.holder, self.held_until_ms = "claimed", who, now_ms + LEASE_MS
            return
        elif act in ("release", "lapse", "answer"):
            self.state = "pending"
        elif act == "ask":
            self.state = "awaiting_information"
        elif act == "escalate":
            self.level += 1
            self.state = self.state if self.state == "awaiting_second_review" else "pending"
        self.holder = None
