"""The offline checker: the promises to clients, the store, and what the receiver got, held against each other.

It knows nothing of how the companion works; it reads three lists and says what does not agree.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

FINAL = {"approve": "approved", "reject": "rejected", "modify": "modified"}


@dataclass(frozen=True)
class Evidence:
    """The journal, the handoffs as the API tells them, the list of decisions, and the receiver's log."""

    journal: list[dict[str, Any]]
    handoffs: dict[str, dict[str, Any]]
    open_ids: set[str]
    decisions: list[dict[str, Any]]
    received: list[dict[str, Any]]


def lines(path: Path) -> list[dict[str, Any]]:
    """A file of JSON lines."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def violations(evidence: Evidence) -> list[str]:
    """Every promise that was not kept, as a sentence."""
    return [
        *_openings(evidence),
        *_acknowledged(evidence),
        *_outcomes(evidence),
        *_callbacks(evidence),
        *_answers(evidence),
    ]


def _answers(evidence: Evidence) -> Iterable[str]:
    for line in evidence.journal:
        if line["kind"] == "wrong":
            yield f"a request that was in order got {line['status']}: {line['answer']}"


def _openings(evidence: Evidence) -> Iterable[str]:
    """An acknowledged opening is there, and one key opened one handoff."""
    by_key: dict[str, set[str]] = defaultdict(set)
    for line in evidence.journal:
        if line["kind"] == "opened":
            by_key[line["key"]].add(line["id"])
            if line["id"] not in evidence.handoffs:
                yield f"{line['id']} was acknowledged and is gone"
            elif evidence.handoffs[line["id"]]["first_package_digest"] != line["package_digest"]:
                yield f"{line['id']} has another package than was acknowledged"
    for key, ids in by_key.items():
        if len(ids) > 1:
            yield f"{key} opened {len(ids)} handoffs"


def _acknowledged(evidence: Evidence) -> Iterable[str]:
    """An acknowledged decision is the decision, and there is one."""
    acknowledged: dict[str, set[str]] = defaultdict(set)
    for line in evidence.journal:
        if line["kind"] != "decided":
            continue
        acknowledged[line["id"]].add(line["action"])
        handoff = evidence.handoffs.get(line["id"])
        if handoff is None:
            continue
        if handoff["state"] != FINAL[line["action"]]:
            yield f"{line['id']}: {line['action']} was acknowledged, and it is {handoff['state']}"
        elif handoff["decision"]["event_id"] != line["event_id"]:
            yield f"{line['id']}: the acknowledged event {line['event_id']} is not the one that stands there"
        if line["event_id"] not in [happened["event_id"] for happened in handoff["history"]]:
            yield f"{line['id']}: the history lacks the acknowledged event {line['event_id']}"
    for identifier, actions in acknowledged.items():
        if len(actions) > 1:
            yield f"{identifier}: {' and '.join(sorted(actions))} were both acknowledged"


def _outcomes(evidence: Evidence) -> Iterable[str]:
    """Each handoff is either open or once among the decisions; nothing past its deadline is open."""
    sequences = [decision["sequence"] for decision in evidence.decisions]
    if sequences != sorted(set(sequences)):
        yield "the sequence of decisions does not grow"
    listed = [decision["id"] for decision in evidence.decisions]
    fates = {line["id"]: line["fate"] for line in evidence.journal if line["kind"] == "opened"}
    for identifier, handoff in evidence.handoffs.items():
        undecided = handoff["decision"] is None
        if listed.count(identifier) != (0 if undecided else 1):
            yield f"{identifier} is {handoff['state']} and stands {listed.count(identifier)} times among the decisions"
        if (identifier in evidence.open_ids) != undecided:
            yield f"{identifier} is {handoff['state']} and the inbox says otherwise"
        if undecided and fates.get(identifier) == "expire":
            yield f"{identifier} is past its deadline and still {handoff['state']}"
        if fates.get(identifier) == "expire" and handoff["approved"]:
            yield f"{identifier} expired and counts as approved"


def _callbacks(evidence: Evidence) -> Iterable[str]:
    """Each outcome was told, always the same way and under one id; nothing undecided was told."""
    told: dict[str, list[dict[str, Any]]] = defaultdict(list)
    ids: dict[str, set[str]] = defaultdict(set)
    for line in evidence.received:
        ids[line["data"]["group_id"]].add(line["webhook_id"])
        for handoff in line["data"]["handoffs"]:
            told[handoff["id"]].append(handoff)
    for group_id, names in ids.items():
        if len(names) > 1:
            yield f"{group_id} was told under {len(names)} ids"
    for identifier, handoff in evidence.handoffs.items():
        tellings = told.get(identifier, [])
        if handoff["decision"] is None:
            if tellings:
                yield f"{identifier} is undecided and was told"
            continue
        if not tellings:
            yield f"{identifier} is {handoff['state']} and the workflow was never told"
        if any(telling["state"] != handoff["state"] for telling in tellings):
            yield f"{identifier} is {handoff['state']} and was told otherwise"
        wanted = _output_digest(identifier, handoff["state"])
        if any(telling["final_output_digest"] != wanted for telling in tellings):
            yield f"{identifier} was told with another output than was approved"


def _output_digest(identifier: str, state: str) -> str | None:
    """The digest of what the client approved, made by our own few lines: the texts are plain ASCII."""
    summaries = {"approved": "The customer asks for a correction.", "modified": f"edited for {identifier}"}
    if state not in summaries:
        return None
    return "sha256:" + sha256(f'{{"summary":"{summaries[state]}"}}'.encode()).hexdigest()
