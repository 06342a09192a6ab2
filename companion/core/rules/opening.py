"""A case begins, or a rule ends it before any person is asked."""

from dataclasses import replace

from companion.core import commands as c
from companion.core.events import event
from companion.core.handoff import SYSTEM, State
from companion.core.result import Accepted
from companion.core.rules import clocks
from companion.core.rules.closing import closed


def open_(command: c.Open, now_ms: int) -> Accepted:
    """A new case with its deadline; or its end, where a rule stops it (R-ROUTE-22)."""
    handoff = command.handoff
    asked = "triagers" if handoff.stage == "triage" else "reviewers"
    opened = event(
        command.event_id,
        "handoff.opened",
        handoff,
        command.actor,
        now_ms,
        justification=" ".join(reason["text"] for reason in handoff.reasons) or None,
        to_actor=f"{asked} of {handoff.workflow_id}" if command.stop is None else SYSTEM.name,
        details={"route": handoff.route, "lane": handoff.lane, "conditions": list(handoff.conditions)},
    )
    if command.stop is None:
        return Accepted(handoff, (opened,), clocks.timers_on_opening(handoff), command.package)
    stop = command.stop
    after = closed(handoff, State.STOPPED, stop.event_id, "stopped", SYSTEM, now_ms, rationale=stop.words)
    # Nobody has seen an earlier version.
    after = replace(after, version=1)
    stopped = event(
        stop.event_id,
        "handoff.stopped",
        after,
        SYSTEM,
        now_ms,
        justification=stop.words,
        to_actor=f"workflow {handoff.workflow_id}",
        details={"route": handoff.route, "lane": handoff.lane},
    )
    return Accepted(after, (opened, stopped), (), command.package, settles=True)
