"""Answers to a form: the companion and the node take the same ones, or a decision would never reach its workflow."""

import json
from pathlib import Path
from typing import Any

import pytest

from companion.core.decide import Refused
from companion.core.response import check, check_form

VECTORS = json.loads((Path(__file__).parent / "vectors" / "form_answers.json").read_text())


@pytest.mark.req("R-UI-22", "H1")
def test_the_form_is_one_that_can_be_shown() -> None:
    """The form of the vectors is as the node sends it."""
    assert check_form(VECTORS["form"]) is None


@pytest.mark.req("R-UI-22", "H1")
@pytest.mark.parametrize("answer", VECTORS["taken"], ids=json.dumps)
def test_an_answer_that_both_take(answer: dict[str, Any]) -> None:
    """Taken here as in the node, and as it was given."""
    taken = check(VECTORS["form"], answer)
    assert not isinstance(taken, Refused)
    assert taken.value == answer


@pytest.mark.req("R-UI-22", "H1")
@pytest.mark.parametrize("answer", VECTORS["refused"], ids=json.dumps)
def test_an_answer_that_both_refuse(answer: dict[str, Any]) -> None:
    """Refused here as in the node."""
    assert isinstance(check(VECTORS["form"], answer), Refused)
