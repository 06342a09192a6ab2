"""What the docs say of policies is what the code does."""

import re
from pathlib import Path

import pytest

from companion.core.policy.compiled import compile_policy
from companion.core.policy.document import json_schema
from companion.core.policy.evaluate import evaluate
from companion.core.policy.item import Item
from companion.core.policy.patterns import PATTERNS
from companion.core.policy.presets import compiled_preset
from companion.core.policy.reading import read_policy
from tests import policy_pages

DOCS = Path(__file__).parents[2] / "docs"
SEED = """\
Auto-approve with sampling / Low-risk content tagging, summaries, internal routing / Low / Low / \
Sample review within 1 business day
Human triage with AI pre-fill / Support tickets, IT requests, case routing / Medium / Low to medium / \
Acknowledge in 15 min, complete in 4 hours
Approval before action / Access changes, vendor outreach, finance changes / Medium to high / Medium to high / \
Approve within same business day
Dual-review / HR, compliance, security, legal decisions / High / High / Primary review in 2 hours, secondary in 4 hours
Stop-the-line escalation / Policy breaches, sensitive data exposure, unsafe actions / High, urgent / Critical / \
Immediate pause, resolution within 1 hour"""


@pytest.mark.req("R-DOC-02")
def test_every_field_of_a_policy_is_explained() -> None:
    """Each field has its sentence, its default and its range, in the schema and on the page."""
    schema = json_schema()
    page = policy_pages.reference("")
    for part in [schema, *schema["$defs"].values()]:
        for name, field in part["properties"].items():
            assert field["description"].endswith("."), name
            assert f"| `{name}` | {field['description']} |" in page
    assert "anything" not in page


@pytest.mark.req("R-TPL-30")
def test_the_pattern_table_has_the_five_rows() -> None:
    """Pattern, best for, effort, risk and times: word for word."""
    rows = [(p.title, p.best_for, p.human_effort, p.risk_level, p.recommended_sla) for p in PATTERNS]
    assert [" / ".join(row) for row in rows] == SEED.split("\n")


@pytest.mark.req("R-TPL-26", "R-ROUTE-06")
def test_the_policy_in_the_guide_can_be_used() -> None:
    """The example compiles, and keeps its own test; so does what it says of reviewing, in a policy with an owner."""
    example, reviewing = re.findall(r"```yaml\n(.*?)```", (DOCS / "policies.md").read_text(), re.DOTALL)
    policy = compile_policy(read_policy(example), 1)
    assert policy.test_result["passed"] == policy.test_result["run"] == 1
    head = "schema_version: 1\nworkflow_id: reviews\nowner: {name: Ada, contact: ada@example.com}\n"
    assert [gate.id for gate in compile_policy(read_policy(head + reviewing), 1).terms.gates] == [
        "checklist",
        "judgment",
    ]


@pytest.mark.req("R-DOC-10", "R-ROUTE-28")
@pytest.mark.parametrize(
    ("item", "route"),
    [
        ({"confidence": 0.59, "risk_score": 0.1}, "synchronous_human_review"),
        ({"confidence": 0.99, "risk_score": 0.9}, "synchronous_human_review"),
        ({"confidence": 0.99, "risk_score": 0.1, "flags": ["legal_contract"]}, "synchronous_human_review"),
        ({"confidence": 0.99, "risk_score": 0.1, "flags": ["financial_commitment"]}, "synchronous_human_review"),
        ({"confidence": 0.99, "risk_score": 0.1, "flags": ["high_impact"]}, "synchronous_human_review"),
        ({"confidence": 0.84, "risk_score": 0.1}, "asynchronous_human_review"),
        ({"confidence": 0.99, "risk_score": 0.61}, "asynchronous_human_review"),
    ],
)
def test_the_guide_on_waiting_agrees_with_the_router(item: dict[str, object], route: str) -> None:
    """What docs/blocking.md says of waiting is what the default policy does."""
    fields = {"workflow_id": "any", "request": {}, "model_output": {}, "reversible": True, **item}
    assert evaluate(compiled_preset("default"), Item.from_fields(fields), sampling_key=b"k").route == route


@pytest.mark.req("R-DOC-12")
def test_the_questions_of_stakeholders_are_answered() -> None:
    """Six questions, six answers."""
    assert len(re.findall(r"^\*\*[^*]+\?\*\* \w", (DOCS / "faq.md").read_text(), re.MULTILINE)) == 6
