"""The template files themselves, without any n8n: what they hold, and what they must not."""

import re
from pathlib import Path

import pytest

from tests.n8n.nodes import HANDOFF, ROUTER
from tests.n8n.template_files import FILES, followers, notes, read, working_nodes

# Node types and their newest versions in n8n 2.41.1, as far as our templates may use them.
KNOWN: dict[str, set[float]] = {
    "n8n-nodes-base.convertToFile": {1.1},
    "n8n-nodes-base.emailReadImap": {2.2},
    "n8n-nodes-base.executeWorkflow": {1.4},
    "n8n-nodes-base.executeWorkflowTrigger": {1.2},
    "n8n-nodes-base.filter": {2.3},
    "n8n-nodes-base.httpRequest": {4.5},
    "n8n-nodes-base.if": {2.3},
    "n8n-nodes-base.noOp": {1},
    "n8n-nodes-base.readWriteFile": {1.1},
    "n8n-nodes-base.respondToWebhook": {1.5},
    "n8n-nodes-base.s3": {1},
    "n8n-nodes-base.set": {3.5},
    "n8n-nodes-base.slack": {2.7},
    "n8n-nodes-base.splitInBatches": {3},
    "n8n-nodes-base.stickyNote": {1},
    "n8n-nodes-base.switch": {3.4},
    "n8n-nodes-base.wait": {1.1},
    "n8n-nodes-base.webhook": {2.1},
    HANDOFF: {1},
    ROUTER: {1},
}
WITH_WEBHOOK = {"n8n-nodes-base.slack", "n8n-nodes-base.wait", "n8n-nodes-base.webhook", HANDOFF}

SECRETS = [
    r"xox[abprs]-",
    r"\bhk_[a-z0-9]",
    r"\bhp_[a-z0-9]",
    r"whsec_[A-Za-z0-9+/]",
    r"\bsk-[A-Za-z0-9]",
    r"AKIA[A-Z0-9]{8}",
    r"-----BEGIN",
    r"Bearer [A-Za-z0-9]{8}",
    r"eyJ[A-Za-z0-9_-]{10}",
    r"\b[0-9a-f]{32}\b",
]
HOSTS = {"api.cloudflare.com", "localhost:8700"}


@pytest.fixture(params=FILES, ids=[f"{file.parent.name}/{file.name}" for file in FILES])
def template(request: pytest.FixtureRequest) -> Path:
    file: Path = request.param
    return file


@pytest.mark.req("R-SHAPE-07", "R-INT-08")
def test_every_node_is_of_a_type_and_version_that_n8n_has(template: Path) -> None:
    """No template asks for a node that the n8n we run against lacks."""
    for node in read(template)["nodes"]:
        assert node["typeVersion"] in KNOWN.get(node["type"], set()), node["name"]


@pytest.mark.req("R-SHAPE-07")
def test_a_template_is_whole_and_ready_to_paste(template: Path) -> None:
    """Names are unique, every connection leads to a node, webhooks have their id, nothing is pinned or switched on."""
    document = read(template)
    names = [node["name"] for node in document["nodes"]]
    assert len(set(names)) == len(names)
    assert len({node["id"] for node in document["nodes"]}) == len(names)
    for source in document["connections"]:
        assert source in names
        assert set(followers(document, source)) <= set(names)
    for node in document["nodes"]:
        assert ("webhookId" in node) == (node["type"] in WITH_WEBHOOK), node["name"]
    assert not document.get("active")
    assert not document.get("pinData")
    assert document["settings"] == {"executionOrder": "v1"}


@pytest.mark.req("R-TPL-31")
def test_a_template_holds_no_id_secret_or_host_of_anybody(template: Path) -> None:
    """Credentials by name only; no workflow, account or instance id; no key; only hosts that everybody has."""
    text, document = template.read_text(), read(template)
    assert "id" not in document
    assert "instanceId" not in text
    for pattern in SECRETS:
        assert re.search(pattern, text) is None, pattern
    assert set(re.findall(r"https?://([\w.:-]+)", text)) <= HOSTS
    assert set(re.findall(r"[\w.+-]+@([\w-]+\.[\w.]+)", text)) <= {"example.com"}
    for node in document["nodes"]:
        for reference in node.get("credentials", {}).values():
            assert reference["id"] is None
            assert reference["name"]
        called = node["parameters"].get("workflowId")
        if isinstance(called, dict):
            assert called["value"] in ("", "={{ $workflow.id }}")


@pytest.mark.req("R-SHAPE-11", "R-TPL-01")
def test_no_template_has_a_code_node(template: Path) -> None:
    """Low-code means none: no Code node, no command, no function."""
    for node in read(template)["nodes"]:
        assert not re.search(r"\.(code|function|functionItem|executeCommand|ssh)$", node["type"]), node["name"]


@pytest.mark.req("R-TPL-32", "R-DOC-15")
def test_a_template_explains_itself_and_names_what_it_needs(template: Path) -> None:
    """One overview note with what, how and set-up; every other workflow, package and credential is named in it."""
    document = read(template)
    (overview,) = [note for note in notes(document) if "**Set up**" in note]
    assert "**What it does**" in overview
    assert "**How it works**" in overview
    assert len(notes(document)) >= 3
    for node in working_nodes(document).values():
        for reference in node.get("credentials", {}).values():
            assert f"*{reference['name']}*" in overview
        called = node["parameters"].get("workflowId")
        if isinstance(called, dict) and called.get("cachedResultName"):
            assert f"*{called['cachedResultName']}*" in overview
            assert called["cachedResultName"] in {read(file)["name"] for file in FILES}
        if node["type"] in (HANDOFF, ROUTER):
            assert "`n8n-nodes-handoff`" in overview
