"""The templates of `workflows/`, given what a person gives them after importing: credentials, and each other's ids."""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.system.places import CHECKOUT

WORKFLOWS = CHECKOUT / "workflows"

Json = dict[str, Any]


@dataclass(frozen=True)
class Template:
    """One importable workflow; `id` is the one that it gets in n8n, the same each time."""

    id: str
    workflow: Json

    @property
    def name(self) -> str:
        name: str = self.workflow["name"]
        return name


@dataclass(frozen=True)
class Wired:
    """Templates as n8n's import takes them, with the credentials that they name."""

    workflows: list[Json]
    credentials: list[Json]
    lacking: dict[str, list[str]]  # the template's name -> types of credential that nobody gave


def read_templates(folder: Path = WORKFLOWS) -> list[Template]:
    """Every workflow below `folder`; other JSON files, such as policies, are passed over."""
    found = []
    for file in sorted(folder.glob("*/*.json")):
        content = json.loads(file.read_text())
        if isinstance(content, dict) and "nodes" in content and "connections" in content:
            alone = len(list(file.parent.glob("*.json"))) == 1 or file.stem in ("workflow", file.parent.name)
            found.append(Template(file.parent.name if alone else f"{file.parent.name}-{file.stem}"[:36], content))
    return found


def wire(templates: list[Template], data_by_type: Mapping[str, Json], settings: Mapping[str, str]) -> Wired:
    """Fill in each credential that a template names, each sub-workflow that it calls by name, and its settings."""
    ids = {template.name: template.id for template in templates}
    workflows = []
    credentials: dict[str, Json] = {}
    lacking: dict[str, list[str]] = {}
    for template in templates:
        workflow = copy.deepcopy(template.workflow) | {"id": template.id}
        for node in workflow["nodes"]:
            for kind, reference in _credentials_of(node):
                if kind not in data_by_type:
                    lacking.setdefault(template.name, []).append(kind)
                    continue
                credential_id = f"{kind}-{reference['name']}".lower().replace(" ", "-")[:36]
                reference["id"] = credential_id
                data = data_by_type[kind]
                credentials[credential_id] = {
                    "id": credential_id,
                    "name": reference["name"],
                    "type": kind,
                    "data": data,
                }
            _name_called_workflow(node, ids)
            _fill_in_settings(node, settings)
        workflows.append(workflow)
    return Wired(workflows, list(credentials.values()), lacking)


def _credentials_of(node: Json) -> Iterator[tuple[str, Json]]:
    yield from node.get("credentials", {}).items()


def _name_called_workflow(node: Json, ids: Mapping[str, str]) -> None:
    called = node.get("parameters", {}).get("workflowId")
    if isinstance(called, dict) and called.get("cachedResultName") in ids:
        called["value"] = ids[called["cachedResultName"]]


def _fill_in_settings(node: Json, settings: Mapping[str, str]) -> None:
    """What a person types into the node "Settings" that a template begins with."""
    if node["name"] == "Settings":
        for assignment in node["parameters"]["assignments"]["assignments"]:
            assignment["value"] = settings.get(assignment["name"], assignment["value"])
