"""From a policy document to a policy that can be asked: merged with what it extends, checked, its rules compiled."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any, Final

from companion.core.policy.checks import check_meaning, place_of
from companion.core.policy.document import PolicyProblem, UnusablePolicy, pointer
from companion.core.policy.evaluate import evaluate
from companion.core.policy.expressions import (
    BadExpression,
    Expression,
    Unanswered,
    compile_expression,
    context_of,
    plan_of,
)
from companion.core.policy.impact import Impact
from companion.core.policy.item import Item
from companion.core.policy.library import library_document
from companion.core.policy.merging import effective_of
from companion.core.policy.numbers import Numbers
from companion.core.policy.permitted import terms_in
from companion.core.policy.ready import GROUPS, CompiledPolicy, Group, ReadyRiskSignal, ReadyRule, slas_of
from companion.core.policy.signals import Signal

__all__ = ["CompiledPolicy", "compile_policy"]

SAMPLE_ITEM: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "item_id": "sample",
        "task_id": "sample",
        "title": "A sample item",
        "request": {},
        "model_output": {},
        "confidence": 0.9,
        "confidence_kind": "calibrated",
        "risk_score": 0.1,
        "risk_tier": "low",
        "service_tier": 1,
        "priority": "P3",
        "domain": "other",
        "category": "sample",
        "requester": "sample",
        "intent": "sample",
        "action": "sample",
        "reversible": True,
        "prompt_characters": 100,
        "amount": 100.0,
    }
)
"""What every rule must give an answer on, where the document has no test on whose item it does."""

TEST_KEY: Final = b"the draw does not matter in a test"


def compile_policy(document: Mapping[str, Any], version: int) -> CompiledPolicy:
    """Merge, check, compile, try on sample items, and run the document's own tests.

    `version` is the version that the policy will have. Raises UnusablePolicy with every problem found.
    """
    return _compiled(document, version, of_library=False)


def compile_preset(name: str) -> CompiledPolicy:
    """A policy of the library, version 0; it has no owner yet. Raises KeyError for a name that is none."""
    document = library_document(name)
    if document is None:
        raise KeyError(name)
    return _compiled(document, 0, of_library=True)


def _compiled(document: Mapping[str, Any], version: int, *, of_library: bool) -> CompiledPolicy:
    effective = effective_of(document, library_document)
    problems = list(check_meaning(document, effective, of_library=of_library))
    expressions: dict[str, Expression] = {}
    for place, source in _conditions(document, effective):
        try:
            expressions[source] = compile_expression(source)
        except BadExpression as error:
            problems.append(PolicyProblem(place, str(error)))
    if effective["impact_formula"] is not None:
        try:
            Impact.of(effective["impact_formula"])
        except BadExpression as error:
            problems.append(PolicyProblem("/impact_formula", str(error)))
    if problems:
        raise UnusablePolicy(problems)
    policy = _ready(document, effective, version, expressions)
    problems = [*_unanswered(policy), *_failing(policy)]
    if problems:
        raise UnusablePolicy(problems)
    return policy


def _conditions(document: Mapping[str, Any], effective: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every condition in CEL with its place in the document."""
    for part in ("rules", "risk_signals"):
        for entry in effective[part]:
            if part == "rules" or not _is_mark(entry["when"]):
                yield (
                    f"{place_of(document, part, entry['id'])}/when".replace("/extends/when", "/extends"),
                    entry["when"],
                )


def _is_mark(when: str) -> bool:
    """Whether a risk signal names a mark; a bare word is no condition, for no name of an item is yes or no alone."""
    return when.isidentifier() and when != "reversible"


def _ready(
    document: Mapping[str, Any], effective: dict[str, Any], version: int, expressions: Mapping[str, Expression]
) -> CompiledPolicy:
    used = expressions.values()
    reads = frozenset[str]().union(*(expression.reads for expression in used))
    groups: dict[str, Group] = {}
    for group in reversed(GROUPS):
        # The strictest is written last: where a mark stands twice, an inherited place cannot soften it.
        groups |= dict.fromkeys(effective["flags"][group], group)
    tests = [test["name"] for test in effective["tests"]]
    return CompiledPolicy(
        policy_id=effective["workflow_id"],
        version=version,
        document=deepcopy(dict(document)),
        effective=effective,
        inherits=effective["extends"],
        numbers=Numbers.of(effective),
        groups=MappingProxyType(groups),
        waits_for=frozenset(effective["flags"]["synchronous"]),
        rules=tuple(_rule(rule, expressions[rule["when"]]) for rule in effective["rules"]),
        risk_signals=tuple(
            ReadyRiskSignal(
                signal["id"],
                signal["when"] if _is_mark(signal["when"]) else None,
                expressions.get(signal["when"]),
                signal["weight"],
            )
            for signal in effective["risk_signals"]
        ),
        names=frozenset[str]().union(*(expression.names for expression in used)),
        reads=reads,
        plan=plan_of(reads),
        scope=MappingProxyType({name: frozenset(listed) for name, listed in effective["scope"].items()}),
        blocked_actions=frozenset(effective["override"]["blocked_until_verified"]),
        queues=MappingProxyType(effective["queues"]),
        gates=tuple(effective["gates"]),
        terms_by_queue=MappingProxyType({queue: terms_in(effective, queue) for queue in (None, *effective["queues"])}),
        impact=Impact.of(effective["impact_formula"]),
        slas=slas_of(effective),
        test_result=MappingProxyType({"run": len(tests), "passed": len(tests), "names": tests}),
    )


def _rule(rule: Mapping[str, Any], condition: Expression) -> ReadyRule:
    return ReadyRule(
        id=rule["id"],
        stage=rule["stage"],
        condition=condition,
        words=rule["words"],
        source=rule["source"],
        lane=rule["lane"],
        queue=rule["queue"],
        reviewer_level=rule["reviewer_level"],
        synchronous=rule["synchronous"],
        repeats=bool(condition.names & {"flags", "harms", "reversible", "risk_score"}),
    )


def _unanswered(policy: CompiledPolicy) -> Iterator[PolicyProblem]:
    """Conditions that fail on every sample: such a rule would send everything to a person, or never be asked."""
    samples = [{**test["item"]} for test in policy.effective["tests"]] or []
    items = [_item(policy, sample) for sample in (*samples, SAMPLE_ITEM)]
    conditions = [("rules", rule.id, rule.condition) for rule in policy.rules]
    conditions += [("risk_signals", s.id, s.condition) for s in policy.risk_signals if s.condition is not None]
    for part, name, condition in conditions:
        if not any(_answers(policy, condition, item) for item in items):
            place = place_of(policy.document, part, name)
            sentence = (
                f"“{condition.source}” gives neither yes nor no on a sample item. Ask first whether the field is "
                "there, as in has(request.amount), compare like with like, or give a test whose item has it."
            )
            yield PolicyProblem(place if place == "/extends" else f"{place}/when", sentence)
    if policy.impact is not None and all(policy.impact.score(item, item.flags) is None for item in items):
        sentence = (
            f"“{policy.impact.expression.source}” gives no number from 0 up on a sample item. Amounts and scores are "
            "null where none was sent: ask first, as in `amount == null ? 0.0 : amount * 0.1`."
        )
        yield PolicyProblem("/impact_formula", sentence)


def _answers(policy: CompiledPolicy, condition: Expression, item: Item) -> bool:
    try:
        condition.holds(context_of(item, item.flags, policy.names, policy.plan))
    except Unanswered:
        return False
    return True


def _failing(policy: CompiledPolicy) -> Iterator[PolicyProblem]:
    """The document's own tests that do not come out as expected (R-CAN-07)."""
    for at, test in enumerate(policy.effective["tests"]):
        signals = [Signal(signal["code"], signal["source"]) for signal in test["signals"]]
        evaluation = evaluate(policy, _item(policy, test["item"]), signals, sampling_key=TEST_KEY)
        for name, expected in test["expect"].items():
            found = getattr(evaluation, name)
            if expected is not None and found != expected:
                sentence = f"The test “{test['name']}” expects {name} {expected}, and it is {found}."
                yield PolicyProblem(pointer("tests", at, "expect", name), sentence)


def _item(policy: CompiledPolicy, fields: Mapping[str, Any]) -> Item:
    return Item.from_fields({"workflow_id": policy.policy_id, **fields})
