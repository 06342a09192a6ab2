"""Records of routed items in small: every text comes back as it was, and a newer form is not guessed at."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.store.squeezed import NEWEST, squeeze, unsqueeze


@given(st.text())
def test_every_text_comes_back(text: str) -> None:
    """Whatever an item's title holds, its record is the same after reading."""
    assert unsqueeze(squeeze(text)) == text


def test_what_most_records_say_takes_little_room() -> None:
    """A trace of the usual words takes a fifth of its length at most, for millions of them are kept."""
    stage = {"stage": "hard_block", "outcome": "clear", "route": "auto_commit", "words": "No rule forbids it."}
    text = json.dumps([stage | {"compared": [], "signals": []}] * 5, separators=(",", ":"))
    assert len(squeeze(text)) * 5 < len(text)


def test_a_record_of_a_newer_version_is_refused() -> None:
    """Going back to an older Handoff needs the backup; a guess would show another decision."""
    with pytest.raises(ValueError, match="newer Handoff"):
        unsqueeze(bytes((NEWEST + 1,)) + squeeze("x")[1:])


def test_what_was_written_once_can_be_read_for_ever() -> None:
    """The preset text of form 1 must never change: these bytes were made with it."""
    assert unsqueeze(bytes.fromhex(WRITTEN)) == '{"id":"rt_00","route":"auto_commit","lane":"auto_approve"}'


WRITTEN = "01432bf8b17b1e5b515f0b00"
