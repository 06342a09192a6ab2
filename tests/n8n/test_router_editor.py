"""What an operator sees of the Handoff Router in n8n's editor: the node by searching, its panel, its five outputs."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.n8n import nodes
from tests.n8n.stage import Stage
from tests.n8n.template_files import read
from tests.system.browser import Browser, screenshot, sign_in_to_n8n
from tests.system.templates import WORKFLOWS

pytestmark = [pytest.mark.real_n8n, pytest.mark.browser, pytest.mark.timeout(180)]

NUMBERS = {
    "Review Below Confidence": ("reviewBelowConfidence", 0.85),
    "Synchronous Below Confidence": ("synchronousBelowConfidence", 0.6),
    "Review Above Risk": ("reviewAboveRisk", 0.6),
    "Synchronous From Risk": ("synchronousFromRisk", 0.9),
    "Sampling Rate (%)": ("samplingRate", 5),
    "SLA (Minutes)": ("slaMinutes", 240),
}
NAMES = ("Decision Router", "Fraud Detection", "IT Helpdesk", "Procurement", "Support Response")
WITHOUT_ROUTER = ("Approval Webhook", "Triage With Pre-Fill")


@pytest.fixture(scope="module")
def editor(_stage: Stage, browser: Browser) -> Iterator[Page]:
    """n8n's editor in the browser of its owner."""
    page = browser.page()
    assert _stage.n8n.editor
    sign_in_to_n8n(page, _stage.n8n.url, _stage.n8n.owner.email, _stage.n8n.owner.password)
    yield page
    page.context.close()


def part(page: Page, name: str) -> Locator:
    """A part of the editor by n8n's own test id."""
    return page.locator(f'[data-test-id="{name}"]')


@pytest.mark.req("R-SHAPE-04", "R-SHAPE-05", "R-SHAPE-09")
def test_the_panel_has_every_number_as_a_labelled_field_with_its_default(stage: Stage, editor: Page) -> None:
    """ "route by confidence" finds the node; its panel shows each number by name, at its default."""
    trigger = nodes.node("When clicking", "manualTrigger", 1)
    workflow_id = stage.n8n.api.create_workflow(nodes.workflow("Empty", [trigger], []))
    editor.goto(f"{stage.n8n.url}/workflow/{workflow_id}")
    part(editor, "canvas-node").first.wait_for()
    part(editor, "node-creator-plus-button").click()
    part(editor, "node-creator-search-bar").fill("handoff router")
    found = part(editor, "node-creator-item-name").filter(has_text="Handoff Router")
    expect(found).to_have_count(1)
    found.click()
    editor.get_by_role("button", name="Add to workflow").click()
    for label, (name, default) in NUMBERS.items():
        expect(editor.get_by_text(label, exact=True).first).to_be_attached()
        field = part(editor, f"parameter-input-{name}").locator("input")
        expect(field).to_have_attribute("aria-valuenow", str(default))
    for label in ("Decide By", "Workflow ID", "Confidence", "Risk Score", "Flags", "Reversible", "More Facts"):
        expect(editor.get_by_text(label, exact=True).first).to_be_attached()
    expect(editor.get_by_text("When the Companion Is Unreachable", exact=True)).to_be_attached()
    screenshot(editor, "editor-router-panel")


@pytest.mark.req("R-SHAPE-07", "R-TPL-09", "R-TPL-10", "R-TPL-11", "R-TPL-12", "R-TPL-13")
@pytest.mark.parametrize("name", NAMES)
def test_a_template_opens_on_the_canvas_with_its_notes(stage: Stage, editor: Page, name: str) -> None:
    """Imported, the template shows all its nodes and notes, and no node is unknown to n8n."""
    workflow_id = stage.template(f"Handoff: {name}")
    drawn = read(WORKFLOWS / workflow_id / "workflow.json")["nodes"]
    notes = [node for node in drawn if node["type"] == "n8n-nodes-base.stickyNote"]
    editor.goto(f"{stage.n8n.url}/workflow/{workflow_id}")
    part(editor, "canvas-node").first.wait_for()
    expect(part(editor, "canvas-node")).to_have_count(len(drawn) - len(notes))
    expect(part(editor, "sticky")).to_have_count(len(notes))
    expect(editor.get_by_text("Install this node to use it")).to_have_count(0)
    part(editor, "zoom-to-fit").click()
    screenshot(editor, f"editor-{workflow_id}")


@pytest.mark.req("R-SHAPE-07", "R-TPL-09", "R-TPL-10", "R-TPL-11", "R-TPL-12", "R-TPL-13", "R-TPL-31", "R-TPL-32")
def test_the_files_import_by_command_and_find_credentials_by_name(stage: Stage) -> None:
    """`n8n import:workflow` takes each file as it is; a credential of the name that a node gives is chosen."""
    documents = [read(file) for file in sorted(WORKFLOWS.glob("*/workflow.json"))]
    names = {document["name"] for document in documents}
    assert names == {f"Handoff: {name}" for name in (*NAMES, *WITHOUT_ROUTER)}
    for document, workflow_id in zip(documents, stage.n8n.import_workflows(documents, publish=False), strict=True):
        imported = stage.n8n.editor.workflow(workflow_id)
        assert len(imported["nodes"]) == len(document["nodes"])
        for node in imported["nodes"]:
            for reference in node.get("credentials", {}).values():
                assert reference["id"] is not None, node["name"]
