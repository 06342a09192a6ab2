"""Gives an n8n our pack, credentials and templates, and leaves alone what it was given before.

A person may have changed a template in the editor; only a template whose file changed since is imported again.
"""

import hashlib
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from tests.system.n8n import N8n
from tests.system.n8n_clients import N8nRefused
from tests.system.templates import Wired

Json = dict[str, Any]


class Provisioning:
    """What one n8n was given, remembered in its folder."""

    def __init__(self, n8n: N8n) -> None:
        self._n8n = n8n
        self._file = n8n.folder / "provisioned.json"
        self._given: Json = json.loads(self._file.read_text()) if self._file.exists() else {}
        self._to_publish: list[Json] = []

    def before_start(self, pack: Path, wired: Wired, *, not_published: Collection[str] = ()) -> None:
        """n8n loads node packs when it starts, and its command line writes to the database that it then opens."""
        if self._is_new("pack", str(pack)):
            self._n8n.install_pack(pack)
        if self._is_new("credentials", wired.credentials):
            self._n8n.import_credentials(wired.credentials)
        new = [workflow for workflow in wired.workflows if self._is_new(workflow["id"], workflow)]
        if new:
            self._n8n.import_workflows(new, publish=False)
        self._to_publish = [workflow for workflow in new if workflow["id"] not in not_published]

    def after_start(self) -> dict[str, str]:
        """Publish what was imported; returns the reason for each template that n8n does not publish."""
        refused = self._publish(self._to_publish)
        while refused and len(refused) < len(self._to_publish):
            # A workflow that calls another can only be published after it.
            self._to_publish = [workflow for workflow in self._to_publish if workflow["name"] in refused]
            refused = self._publish(self._to_publish)
        # Last, so that what was interrupted is done again.
        self._file.write_text(json.dumps(self._given))
        return refused

    def _publish(self, workflows: list[Json]) -> dict[str, str]:
        refused = {}
        for workflow in workflows:
            try:
                self._n8n.api.activate(workflow["id"])
            except N8nRefused as error:
                refused[workflow["name"]] = str(error)
        return refused

    def _is_new(self, name: str, content: object) -> bool:
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        if self._given.get(name) == digest:
            return False
        self._given[name] = digest
        return True
