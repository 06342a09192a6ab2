"""New package versions: linked, complete, and with what differs (R-CTX-03, R-ACT-04, R-SUP-03)."""

import json
from typing import Any

import pytest

from companion.core.package import UnusablePackage, full_value
from companion.core.revision import CHANGES_LIMIT_BYTES, SHOWN_LIMIT_CHARACTERS, changes_between, edit_output
from tests.unit.core.cases import NEXT_SALT, follow_up, opened

MEGABYTE = 1_000_000


@pytest.mark.req("R-CTX-03", "R-SUP-03", "X-28")
def test_each_version_names_its_parent_and_leaves_it_as_it_was() -> None:
    """The first package keeps its bytes and digest; the second points to it, counts on and has a salt of its own."""
    handoff, first = opened()
    bytes_before, digest_before = first.canonical, first.digest
    second = follow_up(handoff, first, request={"email": "Order 7?"})
    assert (first.canonical, first.digest) == (bytes_before, digest_before)
    old, new = json.loads(first.canonical), json.loads(second.canonical)
    assert (new["parent_digest"], new["package_version"], new["salt"]) == (digest_before, 2, NEXT_SALT)
    assert new["request"] == {"email": "Order 7?"}
    assert (new["model_output"], new["metadata"]) == (old["model_output"], old["metadata"]), "the rest stays"


def test_a_title_changes_in_the_metadata_only() -> None:
    """A revision of title and question touches neither request nor output."""
    handoff, first = opened()
    second = follow_up(handoff, first, metadata={"title": "New", "question": "New?"})
    assert json.loads(second.canonical)["metadata"]["title"] == "New"
    assert (second.request_digest, second.output_digest) == (first.request_digest, first.output_digest)
    assert second.digest != first.digest


def test_large_values_and_attachments_go_along() -> None:
    """What was carried by pointer is carried again; nothing is lost on the way from version to version."""
    attachment = {"name": "a.txt", "media_type": "text/plain", "content_base64": "aGVsbG8="}
    handoff, first = opened(request={"body": "x" * MEGABYTE}, attachments=[attachment])
    second = follow_up(handoff, first, model_output={"summary": "y" * MEGABYTE})
    assert full_value(second.canonical, "request", second.blobs) == {"body": "x" * MEGABYTE}
    assert full_value(second.canonical, "model_output", second.blobs) == {"summary": "y" * MEGABYTE}
    assert json.loads(second.canonical)["attachments"] == json.loads(first.canonical)["attachments"]
    assert set(first.blobs) - set(second.blobs) == set(), "request and attachment are still there"


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("/a", 1, 2)]),
        ({"a": 1}, {}, [("/a", 1, None)]),
        ({"a/b~c": 1}, {"a/b~c": 2}, [("/a~1b~0c", 1, 2)]),
        ([1, {"x": "a"}], [1, {"x": "b"}], [("/1/x", "a", "b")]),
        ([1, 2], [1], [("", [1, 2], [1])]),
        (True, 1, [("", True, 1)]),
        ("text", {"a": 1}, [("", "text", {"a": 1})]),
    ],
)
@pytest.mark.req("R-ACT-04")
def test_a_change_is_told_by_place_before_and_after(before: Any, after: Any, changes: Any) -> None:
    """JSON pointers name each place that differs."""
    assert [(c["path"], c["before"], c["after"]) for c in changes_between(before, after)] == changes


def test_a_long_text_stands_in_a_change_by_its_digest() -> None:
    """An event stays small; both texts are whole in the two package versions."""
    (change,) = changes_between("a" * SHOWN_LIMIT_CHARACTERS, "b" * (SHOWN_LIMIT_CHARACTERS + 1))
    assert change["before"] == "a" * SHOWN_LIMIT_CHARACTERS
    assert change["after"]["characters"] == SHOWN_LIMIT_CHARACTERS + 1


@pytest.mark.req("R-ACT-04")
def test_an_edit_of_everything_leaves_a_bounded_event() -> None:
    """Ten thousand changed places become one change by digest: an audit entry has less than 64 kB."""
    handoff, package = opened(model_output=list(range(10_000)))
    edit = edit_output(handoff, package.canonical, package.blobs, list(range(1, 10_001)), NEXT_SALT)
    assert len(edit.changes) == 1
    assert len(json.dumps(edit.changes)) < CHANGES_LIMIT_BYTES
    few = edit_output(handoff, package.canonical, package.blobs, [7, *range(1, 10_000)], NEXT_SALT)
    assert few.changes == [{"path": "/0", "before": 0, "after": 7}]


def test_an_edit_that_is_too_large_is_named_as_the_editor_sent_it() -> None:
    """The field is /edited_output…, not the name under which the package keeps it."""
    handoff, package = opened()
    with pytest.raises(UnusablePackage) as caught:
        edit_output(handoff, package.canonical, package.blobs, {"body": "x" * 1_100_000}, NEXT_SALT)
    assert caught.value.pointer == "/edited_output/body"
    assert "/model_output" not in str(caught.value)
