"""From the body of an opening to the handoff: what is kept, what is filled in, and who fixes the deadline."""

import json

import pytest

from companion.core.canonical import digest
from companion.core.handoff import State
from companion.core.opening import open_one
from companion.core.package import UnusablePackage
from tests.unit.core.cases import FIELDS, GROUP_ID, HANDOFF_ID, NOW_MS, SALT, opened

HOUR_MS = 3_600_000


def test_three_fields_are_enough() -> None:
    """workflow_id, request and model_output open a case; title and question are made from what is known."""
    handoff, package = open_one(
        {"workflow_id": "w", "request": None, "model_output": None},
        handoff_id=HANDOFF_ID, group_id=GROUP_ID, index=3, salt=SALT, source=None, delivery_id=None, now_ms=NOW_MS,
    )  # fmt: skip
    assert (handoff.state, handoff.version, handoff.index, handoff.approvals_needed) == (State.PENDING, 1, 3, 1)
    assert (handoff.title, handoff.question) == ("A case of w", "A case of w: may it go on?")
    assert (handoff.confidence, handoff.risk_tier, handoff.allow_edit) == (None, "medium", True)
    assert handoff.request_digest == handoff.output_digest == digest(None)
    assert json.loads(package.canonical)["metadata"]["source"] == {}


@pytest.mark.req("H1")
def test_the_digests_are_over_exactly_what_was_sent() -> None:
    """The workflow recomputes them over its own parameters before it goes on."""
    handoff, package = opened()
    assert handoff.request_digest == digest(FIELDS["request"])
    assert handoff.output_digest == handoff.current_output_digest == digest(FIELDS["model_output"])
    assert handoff.package_digest == package.digest


@pytest.mark.parametrize(
    ("sent_s", "default_s", "hours"), [(None, None, 72), (3600, None, 1), (None, 7200, 2), (3600, 7200, 1)]
)
def test_the_workflow_sets_the_deadline_then_the_operator_then_the_policy(
    sent_s: int | None, default_s: int | None, hours: int
) -> None:
    """The most specific wins, and the same time stands in the record and in the package."""
    handoff, package = open_one(
        FIELDS | {"expires_in_s": sent_s},
        handoff_id=HANDOFF_ID, group_id=GROUP_ID, index=0, salt=SALT, source=None, delivery_id=None, now_ms=NOW_MS,
        default_expires_in_s=default_s,
    )  # fmt: skip
    assert handoff.expires_at_ms == handoff.group_expires_at_ms == NOW_MS + hours * HOUR_MS
    assert json.loads(package.canonical)["metadata"]["created_at"] == "2026-11-21T08:00:00.000Z"


def test_what_nobody_needs_twice_is_dropped() -> None:
    """A flag given twice is one flag, in the order of its first time."""
    assert json.loads(opened(flags=["pii", "phi", "pii"])[1].canonical)["metadata"]["flags"] == ["pii", "phi"]


@pytest.mark.parametrize("text", ["a", "=", "not base64!", "é", "aGVsbG8"])
def test_a_file_that_is_not_base64_is_named(text: str) -> None:
    """The field of the broken attachment stands in the refusal; nothing crashes."""
    good = {"name": "a", "media_type": "text/plain", "content_base64": "aGVsbG8="}
    with pytest.raises(UnusablePackage) as caught:
        opened(attachments=[good, good | {"content_base64": text}])
    assert caught.value.pointer == "/attachments/1/content_base64"


def test_an_attachment_is_described_by_its_hash() -> None:
    """Name, type, size and SHA-256 stand in the package; the bytes stand beside it."""
    handoff, package = opened(attachments=[{"name": "a.txt", "media_type": "text/plain", "content_base64": "aGVsbG8="}])
    (entry,) = json.loads(package.canonical)["attachments"]
    assert (entry["name"], entry["size_bytes"], package.blobs[entry["sha256"]]) == ("a.txt", 5, b"hello")
    assert handoff.blobs == (entry["sha256"],)
