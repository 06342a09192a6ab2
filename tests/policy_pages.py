"""Makes docs/policy-reference.md from the schema of policies, and docs/patterns.md from the pattern table."""

import json
from collections.abc import Mapping
from typing import Any

from companion.core.policy.document import json_schema
from companion.core.policy.patterns import PATTERNS, RISK_MATRIX, SERVICE_TIERS

Schema = Mapping[str, Any]


def reference(made: str) -> str:
    """docs/policy-reference.md: every field with its meaning, default and range (R-DOC-02)."""
    schema = json_schema()
    lines = [
        "# Policy reference\n",
        made,
        "Every field of a policy document, in YAML or JSON. What is left out comes from the preset that `extends`",
        "names. The same as a JSON Schema: `GET /policy.schema.json`. How to write one: [policies](policies.md).\n",
        "## The document\n",
        *_table(schema["properties"]),
    ]
    for name, part in schema["$defs"].items():
        lines += [f"\n## {name}\n", part["description"].split("\n")[0] + "\n", *_table(part["properties"])]
    return "\n".join([*lines, ""])


def _table(fields: Mapping[str, Schema]) -> list[str]:
    rows = [
        f"| `{name}` | {field['description']} | {_default(field)} | {_allowed(field)} |"
        for name, field in fields.items()
    ]
    return ["| field | meaning | default | allowed |", "|---|---|---|---|", *rows]


def _default(field: Schema) -> str:
    if "default" not in field:
        return "required"
    default = field["default"]
    if default in (None, [], {}):
        return "none"
    return "as below" if isinstance(default, dict) else f"`{json.dumps(default)}`"


def _allowed(field: Schema) -> str:
    """The allowed values in words."""
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in field:
        return " or ".join(_allowed(one) for one in field["anyOf"])
    if "const" in field:
        return f"`{json.dumps(field['const'])}`"
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    kind = field.get("type")
    if kind == "array":
        most = f"up to {field['maxItems']}" if "maxItems" in field else "any number"
        return f"list of {most}: {_allowed(field.get('items', {}))}"
    if kind == "object":
        values = field.get("additionalProperties")
        return f"name → {_allowed(values)}" if isinstance(values, dict) else "any fields"
    if kind in ("number", "integer"):
        range_of = [str(field[end]) for end in ("minimum", "maximum") if end in field]
        whole = "whole number" if kind == "integer" else "number"
        return f"{whole}, {' to '.join(range_of)}" if range_of else whole
    if kind == "string":
        if "pattern" in field:
            return f"text like `{field['pattern']}`"
        return f"text, up to {field['maxLength']} characters" if "maxLength" in field else "text"
    return {"boolean": "yes or no", "null": "null"}.get(str(kind), "anything")


def patterns(made: str) -> str:
    """docs/patterns.md: which pattern fits which work (R-TPL-30), the risk matrix and the service tiers as data."""
    lines = [
        "# Patterns: how people stand in a workflow\n",
        made,
        '`handoff recommend "what the workflow does"` names the pattern that fits, with its reasons. The policy field',
        "`pattern` takes the name; the row then gives the times that the policy leaves out.\n",
        "| Workflow Pattern | Best For | Human Effort | Risk Level | Recommended SLA | name in a policy |",
        "|---|---|---|---|---|---|",
        *(
            f"| {p.title} | {p.best_for} | {p.human_effort} | {p.risk_level} | {p.recommended_sla} | `{p.name}` |"
            for p in PATTERNS
        ),
        "\n## Risk and reversibility\n",
        "| `risk_tier` | what it means | `approval_mode` | `rollback_mode` | example presets |",
        "|---|---|---|---|---|",
        *(
            f"| {_codes(row.risk_tiers)} | {row.title} | `{row.approval_mode}` | `{row.rollback_mode}` "
            f"| {_codes(row.examples)} |"
            for row in RISK_MATRIX
        ),
        "\n## Service tiers\n",
        "Times follow from what a wrong outcome costs, not from how good the model is.\n",
        "| `service_tier` | for | acknowledge | complete | where the workflow waits | escalate |",
        "|---|---|---|---|---|---|",
        *(
            f"| {number} | {tier['title']} | {_minutes(tier, 'acknowledge')} | {_minutes(tier, 'complete')} "
            f"| {_minutes(tier, 'synchronous')} | {_minutes(tier, 'escalate')} |"
            for number, tier in SERVICE_TIERS.items()
        ),
    ]
    return "\n".join([*lines, ""])


def _codes(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _minutes(tier: Mapping[str, Any], name: str) -> str:
    return f"{tier['sla'][f'{name}_minutes']} min"
