"""docs/dependencies.md names every direct dependency, with its licence, and nothing else."""

import json
import re
import tomllib
from importlib.metadata import metadata
from typing import Any

import pytest

from tests.system.places import CHECKOUT

pytestmark = pytest.mark.req("R-SHAPE-03")

SPELLINGS = {
    "MIT License": "MIT",
    "BSD 2-Clause License": "BSD-2-Clause",
    "Apache Software License": "Apache-2.0",
    "LGPL": "LGPL-2.1-or-later",
}
"""Licences that a package does not give in the usual spelling."""


def table(heading: str) -> dict[str, tuple[str, str]]:
    """Package -> licence and reason, of the table below a heading of the page."""
    text = (CHECKOUT / "docs" / "dependencies.md").read_text()
    section = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| (.+) \|$", section, re.MULTILINE)
    found = {name: (licence, reason) for name, licence, reason in rows if name != "package" and set(name) != {"-"}}
    assert len(found) == len([row for row in rows if row[0] != "package"]), "a package stands there twice"
    return found


def python_packages() -> dict[str, list[str]]:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    named = {"run": project["dependencies"], "dev": project["optional-dependencies"]["dev"]}
    return {group: [re.split(r"[^\w.-]", line)[0] for line in lines] for group, lines in named.items()}


def licence_of(package: str) -> str:
    """The licence that an installed Python package states of itself."""
    said = metadata(package)
    stated = said.get("License-Expression") or said.get("License") or ""
    if stated in ("", "UNKNOWN"):
        marks = said.get_all("Classifier") or []
        stated = next(mark.rsplit(" :: ", 1)[1] for mark in marks if mark.startswith("License :: "))
    return SPELLINGS.get(stated, stated)


def node_packages(folder: str) -> dict[str, str]:
    """Package -> licence, of everything that a package.json names, by its lock file."""
    manifest: dict[str, Any] = json.loads((CHECKOUT / folder / "package.json").read_text())
    locked = json.loads((CHECKOUT / folder / "package-lock.json").read_text())["packages"]
    kinds = ("dependencies", "devDependencies", "peerDependencies")
    return {name: locked[f"node_modules/{name}"]["license"] for kind in kinds for name in manifest.get(kind, {})}


@pytest.mark.parametrize(
    ("group", "heading"), [("run", "The companion, at run time"), ("dev", "The companion, for its developers")]
)
def test_python_packages(group: str, heading: str) -> None:
    """The page and pyproject.toml name the same packages, under the licence that each states of itself."""
    written = table(heading)
    named = python_packages()[group]
    assert sorted(written) == sorted(named)
    assert {name: licence for name, (licence, _) in written.items()} == {name: licence_of(name) for name in named}
    locked = set(re.findall(r"^([\w.-]+)==", (CHECKOUT / "requirements.lock").read_text(), re.MULTILINE))
    assert set(named) <= locked


@pytest.mark.parametrize(("folder", "heading"), [("node_pack", "The node pack"), ("handoff_ui", "The page")])
def test_node_packages(folder: str, heading: str) -> None:
    """The page and package.json name the same packages, under the licence that the lock file states."""
    written = table(heading)
    assert {name: licence for name, (licence, _) in written.items()} == node_packages(folder)


def test_the_node_pack_brings_nothing_along() -> None:
    """n8n asks that a verified node has no dependency at run time."""
    assert not json.loads((CHECKOUT / "node_pack" / "package.json").read_text()).get("dependencies")


def test_every_package_has_a_reason() -> None:
    """A name and a licence alone do not say why something is here."""
    text = (CHECKOUT / "docs" / "dependencies.md").read_text()
    for heading in re.findall(r"^## (The .+)$", text, re.MULTILINE):
        assert all(len(reason) >= 5 for _, reason in table(heading).values())
