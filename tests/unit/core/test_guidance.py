"""What policy says of a case, on its way into the record and the package."""

import json
from dataclasses import replace
from typing import Any

import pytest

from companion.core.handoff import Handoff
from companion.core.opening import built_in, open_one
from companion.core.package import METADATA_LIMIT_BYTES, Package
from tests.unit.core.cases import FIELDS, GROUP_ID, HANDOFF_ID, NOW_MS, SALT

ROUTING: dict[str, Any] = {
    "route": "synchronous_human_review",
    "lane": "specialist_review",
    "trace": [{"stage": "x" * 2000}],
}
RULES = replace(
    built_in("summarize"),
    policy_id="summarize",
    policy_version=4,
    lane="specialist_review",
    queue="identity",
    skills=("security_trained",),
    flags=("pii",),
    conditions=("sensitive",),
    reasons=({"kind": "policy", "code": "pii", "text": "Found."}, {"kind": "policy", "code": "rule", "text": "Large."}),
    shown=ROUTING,
)


def opened(**fields: Any) -> tuple[Handoff, dict[str, Any]]:
    """A handoff under RULES, and the metadata of its package."""
    handoff, package = open_one(
        FIELDS | fields, handoff_id=HANDOFF_ID, group_id=GROUP_ID, index=0, salt=SALT, source=None, delivery_id=None,
        now_ms=NOW_MS, guidance=RULES,
    )  # fmt: skip
    assert isinstance(package, Package)
    metadata: dict[str, Any] = json.loads(package.canonical)["metadata"]
    return handoff, metadata


@pytest.mark.req("R-CTX-07", "R-GOV-22", "R-ROUTE-35")
def test_route_and_reasons_stand_in_record_and_package() -> None:
    """The same in both, so that the list and the page tell one story."""
    handoff, metadata = opened(flags=["pricing"])
    assert (handoff.policy_id, handoff.policy_version, handoff.queue) == ("summarize", 4, "identity")
    assert handoff.flags == ("pricing", "pii") == tuple(metadata["flags"])
    assert metadata["routing"] == ROUTING
    assert [reason["code"] for reason in metadata["stop_reasons"]] == [
        "confidence_below_threshold", "pricing", "pii", "rule",
    ]  # fmt: skip
    assert list(handoff.reasons) == metadata["stop_reasons"]


def test_a_reason_of_policy_replaces_the_one_for_want_of_any() -> None:
    """“The workflow asks each time” is only said where nothing else can be."""
    _, metadata = opened(confidence=0.99, flags=[])
    assert "asked_by_workflow" not in [reason["code"] for reason in metadata["stop_reasons"]]


@pytest.mark.req("R-CTX-04")
def test_a_case_is_not_refused_for_the_size_of_its_trace() -> None:
    """What the workflow sends goes first: the trace is left out, then all of the routing, before a case is refused."""
    _, plain = opened()
    room = METADATA_LIMIT_BYTES - len(json.dumps(plain, separators=(",", ":"), ensure_ascii=False).encode())
    _, short = opened(rationale="x" * (room + 500))
    assert (short["routing"]["trace"], short["routing"]["trace_omitted"]) == ([], True)
    _, none = opened(rationale="x" * (room + 2050))
    assert "routing" not in none
