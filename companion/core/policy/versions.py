"""From one version of a policy to the next: what is compared, what a replay says, and who stands for it."""

from collections.abc import Mapping
from typing import Any

from companion.core.policy.ready import CompiledPolicy


def compared(
    before: CompiledPolicy, after: CompiledPolicy, *, of_preset: bool
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What is compared of two policies. A preset's own tests are nothing that a workflow could take away."""
    if not of_preset:
        return before.effective, after.effective
    return {**before.effective, "tests": after.effective["tests"]}, after.effective


def risk_tier_of(policy: CompiledPolicy) -> str:
    """How much is at stake in a workflow; medium where its policy does not say."""
    return str(policy.effective.get("risk_tier") or "medium")


def replay_reasons(result: Mapping[str, Any]) -> list[str]:
    """Why a replay keeps a change from holding at once."""
    replay = result["replay"]
    more = replay["wrongly_approved"] - replay["wrongly_approved_before"]
    return [f"It would have let {more} more of the newest cases through that people rejected."] if more > 0 else []


def approver_of_bounds(record: Mapping[str, Any] | None, version: int) -> dict[str, Any]:
    """Who approved a change within bounds beforehand: whoever approved the version that set them (R-GOV-16)."""
    if record is None:
        return {"id": "handoff", "name": "Handoff", "how": "shipped_bounds", "bounds_version": 0}
    approved = record["approved_by"]
    if approved["how"] == "proposal":
        return {"id": approved["id"], "name": approved["name"], "how": "within_bounds", "bounds_version": version}
    return dict(approved)


def summary(
    policy: CompiledPolicy | None,
    record: Mapping[str, Any],
    workflow_id: str,
    version: int,
    proposal: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """A policy as a row of the list; before the first version, what is proposed says what it is called.

    None is one that cannot be read: what stands in for it lends it no name, owner or risk.
    """
    effective = {} if policy is None else policy.effective
    own = effective if version or proposal is None else proposal["document"]
    return {
        "workflow_id": workflow_id,
        "version": version,
        "title": own.get("title"),
        "owner": own.get("owner"),
        "preset": False,
        "proposal": proposal is not None,
        "proposed_by": None if proposal is None else proposal["proposed_by"],
        "risk_tier": effective.get("risk_tier"),
        "readable": policy is not None,
        "saved_at": record.get("saved_at"),
        "saved_by": record.get("saved_by"),
    }
