"""The files of `workflows/summarize-email`: the chain that they draw, and where an approval can lead."""

import json
import re
from email import policy
from email.parser import BytesParser
from itertools import pairwise
from typing import Any

import pytest

from tests.n8n.mails import FOLDER
from tests.n8n.template_files import followers, of_type, reachable, working_nodes
from tests.n8n.template_files import read as read_file

Json = dict[str, Any]

BOTH = ["handoff-node.json", "built-in-nodes.json"]


def read(file: str) -> Json:
    return read_file(FOLDER / file)


@pytest.mark.req("R-TPL-01", "R-SHAPE-07", "X-22")
@pytest.mark.parametrize("file", BOTH)
def test_the_if_asks_below_0_78_without_a_confidence_and_at_any_flag(file: str) -> None:
    """One IF, any of three conditions; 0.78 stands there and nowhere else; an error in it cannot mean "sure"."""
    document = read(file)
    (name,) = of_type(document, "n8n-nodes-base.if")
    gate = working_nodes(document)[name]
    below, missing, flagged = gate["parameters"]["conditions"]["conditions"]
    assert gate["parameters"]["conditions"]["combinator"] == "or"
    assert (below["leftValue"], below["rightValue"]) == ("={{ $json.confidence }}", 0.78)
    assert below["operator"] == {"type": "number", "operation": "lt"}
    assert missing["leftValue"] == "={{ $json.confidence }}"
    assert missing["operator"]["operation"] == "notExists"
    assert "$json.policy" in flagged["leftValue"]
    assert flagged["operator"]["operation"] == "notEmpty"
    # n8n sends an item that it cannot judge to the second output when an IF may go on after an error.
    assert "onError" not in gate
    others = [node["parameters"] for other, node in working_nodes(document).items() if other != name]
    assert "0.78" not in json.dumps(others)


@pytest.mark.req("R-TPL-01", "R-SHAPE-07", "R-INT-06", "R-INT-08")
@pytest.mark.parametrize("file", BOTH)
def test_the_chain_is_mail_model_confidence_flags_gate_person_slack_and_record(file: str) -> None:
    """Every step of the article is there, in its order."""
    document = read(file)
    nodes = working_nodes(document)
    (mail,) = of_type(document, "n8n-nodes-base.emailReadImap")
    start = mail if file == BOTH[0] else "When Called With One Email"
    steps = ["Settings", "Summarize With Workers AI", "Read the Response", "Read response.confidence"]
    steps += ["Raise Policy Flags", "Unsure or Flagged?"]
    for step in steps:
        assert list(followers(document, start)) == [step]
        start = step
    assert nodes["Summarize With Workers AI"]["type"] == "n8n-nodes-base.httpRequest"
    assert "/ai/run/" in nodes["Summarize With Workers AI"]["parameters"]["url"]
    assert nodes["Summarize With Workers AI"]["onError"] == "continueRegularOutput"
    asked, sure = reachable(document, start, 0), reachable(document, start, 1)
    assert asked & {"Ask a Person", "Wait for the Decision"}
    assert "Post Approved Summary" in asked
    assert "Post Confident Summary" not in asked
    assert sure == {"AI Decision as Event", "Write Audit Record", "Post Confident Summary"}


@pytest.mark.req("R-TPL-01", "R-STORE-15", "H1")
@pytest.mark.parametrize(
    ("file", "judge", "approved"), [(BOTH[0], "Ask a Person", 1), (BOTH[1], "What Was Decided?", 0)], ids=BOTH
)
def test_only_the_approved_way_leads_to_the_summary_in_slack(file: str, judge: str, approved: int) -> None:
    """Rejected and No Decision have ends of their own, and none of them mentions the summary."""
    document = read(file)
    outputs = range(len(document["connections"][judge]["main"]))
    for output in outputs:
        ends = set(followers(document, judge, output)) - {"Wait for the Decision"}
        assert ("Post Approved Summary" in ends) == (output == approved)
        for end in ends - {"Post Approved Summary"}:
            assert "summary }}" not in json.dumps(working_nodes(document)[end]["parameters"])
            assert "output.summary" not in json.dumps(working_nodes(document)[end]["parameters"])
        if ends:
            assert "Decision as Event" in ends
    text = working_nodes(document)["Post Approved Summary"]["parameters"]["text"]
    assert re.match(r"=\{\{ \$json\.(handoff|body)\.output\.summary\.", text)


@pytest.mark.req("R-TPL-14", "R-AUD-07", "R-AUD-08", "X-25")
def test_the_audit_workflow_writes_file_and_object() -> None:
    """`audit-write.json`: event, file, disk, bucket, in this order; both templates call it."""
    document = read("audit-write.json")
    order = ["When Called With Events", "Settings", "Only Real Events", "The Event Alone", "Make a File"]
    order += ["Write to Disk", "Put Into the Bucket"]
    for one, next_one in pairwise(order):
        assert list(followers(document, one)) == [next_one]
    nodes = working_nodes(document)
    assert nodes["Write to Disk"]["type"] == "n8n-nodes-base.readWriteFile"
    assert nodes["Put Into the Bucket"]["type"] == "n8n-nodes-base.s3"
    assert "hash('sha256')" in nodes["Make a File"]["parameters"]["options"]["fileName"]
    for file in BOTH:
        called = working_nodes(read(file))["Write Audit Record"]["parameters"]["workflowId"]
        assert called["cachedResultName"] == document["name"]


@pytest.mark.req("R-TPL-01")
def test_both_templates_read_flag_and_judge_alike() -> None:
    """What stands in both is the same in both, but for the address of the companion."""
    one, other = (working_nodes(read(file)) for file in BOTH)
    for name in one.keys() & other.keys() - {"New Support Email"}:
        mine, theirs = json.dumps(one[name]["parameters"]), json.dumps(other[name]["parameters"])
        if name == "Settings":
            names = [
                [each["name"] for each in node[name]["parameters"]["assignments"]["assignments"]]
                for node in (one, other)
            ]
            assert names[1] == [*names[0], "settings.companionUrl"]
        elif name not in ("Decision as Event", "Post Approved Summary", "Tell the Team: No Decision"):
            assert without_ids(mine) == without_ids(theirs), name


def without_ids(text: str) -> str:
    return re.sub(r'"id": "[0-9a-f-]{36}"', "", text)


@pytest.mark.req("R-TPL-31", "R-TPL-01")
@pytest.mark.parametrize("file", ["sample.eml", "sample-2.eml"])
def test_a_sample_is_a_mail_of_nobody(file: str) -> None:
    """A whole mail with text and HTML, from and to example addresses."""
    message = BytesParser(policy=policy.default).parsebytes((FOLDER / file).read_bytes())
    assert "example.com" in message["From"]
    assert "example.com" in message["To"]
    assert message["Message-ID"]
    assert message["Date"].datetime is not None
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert len(text.get_content()) > 200


@pytest.mark.req("R-TPL-32", "R-DOC-15")
def test_the_readme_names_every_file_credential_and_setting() -> None:
    """Nothing that a builder has to fill in is missing from the instructions."""
    readme = (FOLDER / "README.md").read_text()
    for file in FOLDER.iterdir():
        assert f"`{file.name}`" in readme or file.name == "README.md"
    for file in FOLDER.glob("*.json"):
        for node in working_nodes(read(file)).values():
            for reference in node.get("credentials", {}).values():
                assert f"| {reference['name']} |" in readme
            if node["name"] == "Settings":
                for assignment in node["parameters"]["assignments"]["assignments"]:
                    setting = assignment["name"].removeprefix("settings.")
                    assert f"`{setting}`" in readme
                    value = assignment["value"]
                    assert f"`{str(value).lower() if isinstance(value, bool) else value}`" in readme
