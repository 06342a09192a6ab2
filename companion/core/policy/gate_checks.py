"""What a checklist may not say: nothing vague, nothing twice, nothing that no case has (R-GATE-05)."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from companion.core.policy.document import PolicyProblem, pointer

_VAGUE: Final = frozenset(
    {
        "a", "acceptable", "accuracy", "adequate", "all", "an", "and", "any", "appropriate", "are", "assess", "be",
        "check", "checked", "confirm", "content", "correct", "correctly", "do", "does", "double", "ensure",
        "everything", "fine", "for", "general", "good", "in", "inspect", "is", "it", "its", "look", "looks", "make",
        "meets", "model", "nice", "of", "ok", "okay", "on", "output", "over", "overall", "please", "proper",
        "properly", "quality", "reasonable", "response", "result", "results", "review", "reviewed", "right", "sane",
        "sanity", "satisfactory", "should", "standard", "standards", "suitable", "sure", "text", "that", "the",
        "there", "this", "to", "validate", "validated", "verify", "verified", "well", "with",
    }
)  # fmt: skip
"""Words that name nothing that a person could find present or absent."""


def gate_problems(gate: Mapping[str, Any], place: str, queues: Collection[str]) -> Iterator[PolicyProblem]:
    """Every problem of one gate; `place` is its pointer in the document."""
    written = [name for name in ("criterion", "use") if gate[name] is not None]
    if gate["use"] is None and gate["criterion"] is None and not gate["items"]:
        sentence = "A gate has “items”, one “criterion” with its “check”, or a set under “use”."
        yield PolicyProblem(f"{place}/criterion", sentence)
    if len(written) == 2:
        yield PolicyProblem(f"{place}/use", "A gate has either a set under “use” or its own “criterion”.")
    if gate["criterion"] is not None and gate["check"] is None:
        yield PolicyProblem(f"{place}/check", "Say how this is answered: “check” is pass_fail or evidence.")
    if gate["check"] is not None and gate["criterion"] is None and gate["items"]:
        yield PolicyProblem(f"{place}/check", "“check” belongs to a “criterion”; each of the “items” has its own.")
    if gate["use"] is None:
        yield from _items(gate, place)
    for at, queue in enumerate(gate["queues"]):
        if queue not in queues:
            yield PolicyProblem(f"{place}/queues/{at}", f"There is no queue “{queue}” under “queues”.")


def items_given_twice(document: Mapping[str, Any]) -> Iterator[PolicyProblem]:
    """Gates that say in two ways what they check; only one of them would count."""
    for at, gate in enumerate(document.get("gates") or ()):
        if gate.get("items") and (gate.get("use") or gate.get("criterion")):
            sentence = "A gate has either “items” or one “criterion” or a set under “use”; leave the others out."
            yield PolicyProblem(pointer("gates", at, "items"), sentence)


def _items(gate: Mapping[str, Any], place: str) -> Iterator[PolicyProblem]:
    alone = gate["criterion"] is not None
    names = [item["id"] for item in gate["items"]]
    for at, item in enumerate(gate["items"]):
        of_item = place if alone or place == "/extends" else f"{place}/items/{at}"
        if item["id"] in names[:at]:
            yield PolicyProblem(f"{of_item}/id", f"“{item['id']}” stands here twice.")
        for name in ("title", "criterion"):
            if len(words_that_name(item[name])) < (2 if name == "criterion" else 1):
                sentence = (
                    f"“{item[name]}” is too vague to pass or fail. Say what must be there, such as “The amount equals "
                    "the amount on the invoice”."
                )
                yield PolicyProblem(f"{of_item}/{name}", sentence)
        if item["check"] == "policy_version" and item["not_applicable"]:
            yield PolicyProblem(f"{of_item}/not_applicable", "Handoff answers this one itself.")


def words_that_name(text: str) -> list[str]:
    """The words of a criterion that name something."""
    return [word for word in re.findall(r"[^\W\d_]+|\d+", text.lower()) if word not in _VAGUE]
