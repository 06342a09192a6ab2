"""Reading a policy that a person wrote: as they meant it, or not at all."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.core.policy.document import UnusablePolicy
from companion.core.policy.presets import PRESETS
from companion.core.policy.reading import MOST_CHARACTERS, read_policy
from tests.unit.core.policy.kit import UNHURRIED


@pytest.mark.req("R-ROUTE-06")
def test_yaml_and_json_say_the_same() -> None:
    """A policy may be written in either."""
    for name in PRESETS:
        assert read_policy(json.dumps(dict(PRESETS[name]))) == PRESETS[name]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"), ("on", "on"), ("yes", "yes"), ("true", True), ("false", False), ("null", None), ("", None),
        ("~", None), ("2026-10-01", "2026-10-01"), ("010", "010"), ("0x1F", "0x1F"), ("1_000", "1_000"), ("12", 12),
        ("-3", -3), ("0.85", 0.85), (".5", ".5"), (".inf", ".inf"), (".nan", ".nan"), ("12:30", "12:30"),
        ("1e3", "1e3"),
        ("'0.85'", "0.85"), ("[a, 1]", ["a", 1]), ("{a: 1}", {"a": 1}),
    ],
)  # fmt: skip
def test_yaml_means_what_json_could_say(written: str, meant: object) -> None:
    """`no` is a word, a date is a text, and 010 is not eight."""
    assert read_policy(f"a: {written}") == {"a": meant}


@pytest.mark.req("A4", "A6")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: 2\na: 3", "“a” stands here twice. (line 3, column 1)"), ("a: {b: 1, b: 2}", "“b” stands here twice"),
        ("a: &x 1\nb: *x", "Anchors and aliases"), ("a: *x", "Anchors and aliases"),
        ("a: &x [*x]", "Anchors and aliases"), ("a: !!python/object:os.system x", "Tags"),
        ("a: !secret x", "Tags"), ("1: a", "must be text"), ("a: [1", "not YAML"), ("a: b: c", "not YAML"),
        ("- a", "list of fields"), ("only words", "list of fields"), ("", "list of fields"), ("a: \x07", "character"),
        ("a: 1\n---\nb: 2", "not YAML"), ("a: " + "[" * 30, "levels deep"), ("a: " + "{b: " * 30, "levels deep"),
        ("a: !!int x", "Tags"), ("a: !!binary aGk=", "Tags"), ("a: !!set {x}", "Tags"), ("a: ! x", "Tags"),
        ('{"a": 1, "a": 2}', ""), ('{"a": NaN}', ""), ('{"a": ' + "[" * 40 + "]" * 40 + "}", ""), ("{", ""),
        ("[" * 100_000, "levels deep"), ("x" * (MOST_CHARACTERS + 1), "at most 256 kB"),
    ],
)  # fmt: skip
def test_what_could_mean_two_things_or_cost_too_much_is_refused(text: str, words: str) -> None:
    """Twice the same field, anchors, tags, depth, size: a sentence with the line, before anything is built."""
    with pytest.raises(UnusablePolicy) as refused:
        read_policy(text)
    (problem,) = refused.value.problems
    assert words in problem.sentence
    assert "Error" not in problem.sentence


def test_a_bomb_of_aliases_is_refused_unread() -> None:
    """Nine lines that ask for a billion words."""
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    with pytest.raises(UnusablePolicy, match="Anchors"):
        read_policy("\n".join(lines))


@given(st.text(max_size=60))
@settings(UNHURRIED)
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing else can come out of it, and what is read is plain JSON."""
    try:
        read = read_policy(text)
    except UnusablePolicy:
        return
    assert json.loads(json.dumps(read)) == read
