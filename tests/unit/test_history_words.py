"""What happened to a case is told to its reviewers in words, whatever it was."""

import ast
from pathlib import Path

import pytest

import companion.core.rules
from companion.web.views.rows import HISTORY_WORDS

RULES = Path(companion.core.rules.__file__).parent


def event_types() -> set[str]:
    """The types of all events that the rules of the core leave behind."""
    constants = (node for path in RULES.glob("*.py") for node in ast.walk(ast.parse(path.read_text())))
    return {
        node.value
        for node in constants
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("handoff.")
    }


@pytest.mark.req("R-ROUTE-41")
def test_every_event_of_a_case_has_words() -> None:
    """A name from the code, as `handoff.settled`, tells a reviewer nothing; words for what never happens tell less."""
    found = event_types()
    assert len(found) > 20
    assert found == set(HISTORY_WORDS)
