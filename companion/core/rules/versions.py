"""What somebody looked at, held against what stands there now."""

import json
from dataclasses import replace

from companion.core.handoff import Handoff
from companion.core.package import Package
from companion.core.result import Refused


def stale(handoff: Handoff, expected_version: int | None) -> Refused | None:
    """The case moved on since it was looked at. None as version: the package digest alone names what was seen."""
    if expected_version is None or expected_version == handoff.version:
        return None
    return Refused("version_stale", f"This case moved on to version {handoff.version}; look at it again.")


def not_shown(handoff: Handoff, expected_version: int | None, package_digest: str) -> Refused | None:
    """What was looked at is not what stands there."""
    if (refused := stale(handoff, expected_version)) is not None:
        return refused
    if package_digest != handoff.package_digest:
        return Refused(
            "package_digest_mismatch",
            "What you were shown is not what stands here now; load the case again.",
            "/package_digest",
        )
    return None


def with_package(handoff: Handoff, package: Package, edited_by: str | None = None) -> Handoff:
    """The handoff showing another package version. Its original digests stay: the workflow checks those.

    `edited_by` is whose edit its output is; an output that stays the same stays whose it was.
    """
    metadata = json.loads(package.canonical)["metadata"]
    same = edited_by is None and package.output_digest == handoff.current_output_digest
    return replace(
        handoff,
        # As the package has them: what it hides is masked in these, and lists show nothing else.
        title=metadata["title"],
        question=metadata["question"],
        package_digest=package.digest,
        package_version=package.version,
        current_output_digest=package.output_digest,
        blobs=tuple(dict.fromkeys((*handoff.blobs, *package.blobs))),
        edited_by=handoff.edited_by if same else edited_by,
        failed_as_second=handoff.failed_as_second if same else (),
        approved_before=handoff.approved_before if same else (),
    )
