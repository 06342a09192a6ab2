"""What a builder sees in n8n's editor: the node by searching, its panel, and the templates on the canvas."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.n8n import nodes
from tests.n8n.mails import FOLDER
from tests.n8n.stage import BUILT_IN, N8N_FORM, WITH_NODE, Stage
from tests.system.browser import Browser, screenshot, sign_in_to_n8n

pytestmark = [pytest.mark.real_n8n, pytest.mark.browser, pytest.mark.timeout(180)]

LABELS = [
    "Credential",
    "Operation",
    "Workflow ID",
    "Question",
    "Model's Output",
    "What Came In",
    "Confidence",
    "Ask Below",
    "Flags",
    "Limit Wait Time",
    "Display",
    "Options",
]


@pytest.fixture(scope="module")
def editor(_stage: Stage, browser: Browser) -> Iterator[Page]:
    """n8n's editor in the browser of its owner, who exists once the editor was used."""
    page = browser.page()
    assert _stage.n8n.editor
    sign_in_to_n8n(page, _stage.n8n.url, _stage.n8n.owner.email, _stage.n8n.owner.password)
    yield page
    page.context.close()


def part(page: Page, name: str) -> Locator:
    """A part of the editor by n8n's own test id."""
    return page.locator(f'[data-test-id="{name}"]')


def open_workflow(page: Page, stage: Stage, workflow_id: str) -> None:
    page.goto(f"{stage.n8n.url}/workflow/{workflow_id}")
    part(page, "canvas-node").first.wait_for()


@pytest.mark.req("R-SHAPE-09", "R-SHAPE-11")
def test_searching_human_finds_the_node_and_its_panel_reads_without_a_manual(stage: Stage, editor: Page) -> None:
    """ "human" in the node panel lists Handoff; its panel opens on asking and waiting, with its settings by name."""
    trigger = nodes.node("When clicking", "manualTrigger", 1)
    open_workflow(editor, stage, stage.n8n.api.create_workflow(nodes.workflow("Empty", [trigger], [])))
    part(editor, "node-creator-plus-button").click()
    part(editor, "node-creator-search-bar").fill("human")
    found = part(editor, "node-creator-item-name").filter(has_text=re.compile(r"^\s*Handoff\s*$"))
    expect(found).to_have_count(1)
    found.scroll_into_view_if_needed()
    screenshot(editor, "editor-search")
    found.click()
    actions = part(editor, "node-creator-item-name")
    expect(actions.first).to_have_text("Send a case to a person and wait for the response")
    actions.first.click()

    for label in LABELS:
        expect(editor.get_by_text(label, exact=True).first).to_be_attached()
    expect(part(editor, "parameter-input-operation")).to_be_visible()
    screenshot(editor, "editor-panel")


@pytest.mark.req("R-SHAPE-07", "R-TPL-01")
@pytest.mark.parametrize(
    ("name", "headline"),
    [
        (WITH_NODE, "Summarize support emails, and ask a person where it matters"),
        (BUILT_IN, "Summarize support emails, and ask a person where it matters"),
        (N8N_FORM, "Summarize support emails; the approver decides in a form of n8n"),
        ("Handoff: Triage With Pre-Fill", "Triage with pre-fill: the model fills in, a person corrects"),
        ("Handoff: Approval Webhook", "A webhook as the place where decisions come in"),
    ],
)
def test_a_template_opens_on_the_canvas_with_its_notes(stage: Stage, editor: Page, name: str, headline: str) -> None:
    """Imported, the template shows all its nodes and notes, and no node is unknown to n8n."""
    open_workflow(editor, stage, stage.template(name))
    drawn = stage.n8n.editor.workflow(stage.template(name))["nodes"]
    notes = [node for node in drawn if node["type"] == "n8n-nodes-base.stickyNote"]
    expect(part(editor, "canvas-node")).to_have_count(len(drawn) - len(notes))
    expect(part(editor, "sticky")).to_have_count(len(notes))
    expect(editor.get_by_text(headline).first).to_be_attached()
    part(editor, "zoom-to-fit").click()
    screenshot(editor, f"editor-{stage.template(name)}")


@pytest.mark.req("R-UI-22", "R-ACT-13")
def test_a_form_is_clicked_together_and_what_is_confirmed_has_its_own_outputs(stage: Stage, editor: Page) -> None:
    """Custom Form shows its fields with n8n's own words; Confirm Before Acting draws Unconfirmed first."""
    fields = [{"fieldLabel": "Category", "fieldType": "dropdown", "defaultValue": "={{ $json.category }}"}]
    form = {"responseType": "form", "formFields": {"values": fields}}
    asks = nodes.ask(workflow_id="form", credential="handoff", parameters=form, position=[220, 0])
    last = {"operation": "confirmExecution"}
    confirms = nodes.ask("Confirm", workflow_id="form", credential="handoff", parameters=last, position=[640, 0])
    trigger = nodes.node("When clicking", "manualTrigger", 1)
    links: list[tuple[str, str] | tuple[str, str, int]] = [("When clicking", "Ask"), ("Ask", "Confirm", 1)]
    open_workflow(
        editor, stage, stage.n8n.api.create_workflow(nodes.workflow("Form", [trigger, asks, confirms], links))
    )
    for output in ("No Decision", "Approved", "Rejected", "Unconfirmed", "Confirmed"):
        expect(editor.get_by_text(output, exact=True).first).to_be_attached()
    part(editor, "zoom-to-fit").click()
    screenshot(editor, "editor-confirm")
    part(editor, "canvas-node").filter(has_text="Ask").first.dblclick()
    for label in ("Response Type", "Define Form", "Element Type", "Default Value", "Field Options", "Required Field"):
        expect(editor.get_by_text(label, exact=True).first).to_be_attached()
    editor.get_by_text("Default Value", exact=True).first.scroll_into_view_if_needed()
    screenshot(editor, "editor-form")


FILES = ["audit-write.json", "handoff-node.json", "built-in-nodes.json", "n8n-form.json"]


@pytest.mark.req("R-SHAPE-07", "R-TPL-32")
@pytest.mark.parametrize("file", FILES)
def test_a_template_is_imported_by_pasting_its_file(stage: Stage, editor: Page, file: str) -> None:
    """The text of the file, pasted onto an empty canvas, is the workflow."""
    text = (FOLDER / file).read_text()
    editor.goto(f"{stage.n8n.url}/workflow/new")
    part(editor, "canvas-plus-button").wait_for()
    editor.evaluate(
        """text => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
        }""",
        text,
    )
    kinds = [node["type"] for node in json.loads(text)["nodes"]]
    expect(part(editor, "canvas-node")).to_have_count(len(kinds) - kinds.count("n8n-nodes-base.stickyNote"))


@pytest.mark.req("R-SHAPE-07", "R-TPL-31")
def test_the_files_import_by_command_and_find_credentials_by_name(stage: Stage) -> None:
    """`n8n import:workflow` takes each file as it is; a credential of the name that a node gives is chosen."""
    documents = [json.loads((FOLDER / file).read_text()) for file in FILES]
    for document, workflow_id in zip(documents, stage.n8n.import_workflows(documents, publish=False), strict=True):
        imported = stage.n8n.editor.workflow(workflow_id)
        assert len(imported["nodes"]) == len(document["nodes"])
        for node in imported["nodes"]:
            for reference in node.get("credentials", {}).values():
                assert reference["id"] is not None, node["name"]
