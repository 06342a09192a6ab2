"""The templates around the Handoff Router, as files: which way leads to which action, and past whom."""

import re
from pathlib import Path
from typing import Any

import pytest

from companion.core.policy.compiled import compile_policy
from companion.core.policy.reading import read_policy
from tests.n8n.nodes import HANDOFF, ROUTER, ROUTES
from tests.n8n.template_files import asking, followers, of_type, reachable, read, working_nodes
from tests.system.templates import WORKFLOWS

Json = dict[str, Any]

SYNCHRONOUS, ASYNCHRONOUS, COMMIT, REJECT, STOP = range(len(ROUTES))
APPROVED = 1
ACTION_OF = {
    "decision-router": "Carry It Out",
    "fraud-detection": "Let It Through",
    "it-helpdesk": "Do What Was Approved",
    "procurement": "Place the Order",
    "support-response": "Send the Reply",
}
EVERY = sorted(ACTION_OF)


def template(folder: str) -> Json:
    return read(WORKFLOWS / folder / "workflow.json")


def router_of(document: Json) -> tuple[str, Json]:
    (name,) = of_type(document, ROUTER)
    return name, working_nodes(document)[name]["parameters"]


def reachable_without_approval(document: Json, name: str, output: int | None = None) -> set[str]:
    """What comes behind a node although nobody approved anything on the way."""
    persons = set(asking(document))
    seen: set[str] = set()
    ahead = list(followers(document, name, output))
    while ahead:
        node = ahead.pop()
        if node in seen:
            continue
        seen.add(node)
        outputs = range(len(document["connections"].get(node, {}).get("main", [])))
        for each in outputs:
            if node not in persons or each != APPROVED:
                ahead.extend(followers(document, node, each))
    return seen


@pytest.mark.req("R-TPL-10", "R-SHAPE-05", "R-ROUTE-06")
def test_the_decision_router_holds_its_numbers_in_the_router_node() -> None:
    """0.85, 0.6, 0.6 and 0.9, sampling and SLA stand in the node; nothing else of the workflow repeats them."""
    document = template("decision-router")
    name, settings = router_of(document)
    assert settings["decideBy"] == "settings"
    assert (settings["synchronousBelowConfidence"], settings["reviewBelowConfidence"]) == (0.6, 0.85)
    assert (settings["reviewAboveRisk"], settings["synchronousFromRisk"]) == (0.6, 0.9)
    assert (settings["samplingRate"], settings["slaMinutes"]) == (5, 240)
    (trigger,) = of_type(document, "n8n-nodes-base.executeWorkflowTrigger")
    assert name in reachable(document, trigger)


@pytest.mark.req("R-ROUTE-37")
def test_what_is_committed_goes_straight_to_the_action_with_only_an_audit_write() -> None:
    """Auto-Commit leads to the action and to the record, and to nothing that waits."""
    document = template("decision-router")
    name, _ = router_of(document)
    assert reachable(document, name, COMMIT) == {"Carry It Out", "Route as Event", "Write Audit Record"}
    assert "Carry It Out" in followers(document, name, COMMIT)


@pytest.mark.req("R-TPL-10", "R-TPL-09", "R-TPL-11", "R-TPL-12", "R-TPL-13", "R7")
@pytest.mark.parametrize("folder", EVERY)
def test_behind_a_review_nothing_happens_that_nobody_approved(folder: str) -> None:
    """From both review outputs, the action lies behind the Approved output of a Handoff node and nowhere else."""
    document = template(folder)
    name, settings = router_of(document)
    assert settings["whenUnreachable"] == "synchronous"
    assert len(document["connections"][name]["main"]) == len(ROUTES)
    for route in (SYNCHRONOUS, ASYNCHRONOUS):
        assert ACTION_OF[folder] in reachable(document, name, route) or folder == "decision-router"
        assert ACTION_OF[folder] not in reachable_without_approval(document, name, route)
    for route in (REJECT, STOP):
        assert ACTION_OF[folder] not in reachable(document, name, route)


@pytest.mark.req("R-TPL-10", "R-STORE-15")
@pytest.mark.parametrize("folder", EVERY)
def test_no_output_of_a_router_or_a_review_is_left_open(folder: str) -> None:
    """Every route and every outcome leads somewhere, and every one is recorded."""
    document = template(folder)
    name, _ = router_of(document)
    for route, label in enumerate(ROUTES):
        assert "Write Audit Record" in reachable(document, name, route) or route == ASYNCHRONOUS, label
        assert list(followers(document, name, route)), label
    for person in asking(document):
        for outcome in range(3):
            assert "Decision as Event" in followers(document, person, outcome)
            assert len(set(followers(document, person, outcome))) >= 2
        assert working_nodes(document)[person]["onError"] == "continueRegularOutput"


@pytest.mark.req("R-ROUTE-37", "R-ROUTE-42")
@pytest.mark.parametrize("folder", EVERY)
def test_what_needs_no_person_stands_above_what_waits(folder: str) -> None:
    """n8n runs what stands higher first and holds the execution at its first wait; so nothing waits behind a person."""
    document = template(folder)
    nodes = working_nodes(document)
    name, _ = router_of(document)
    first_wait = min(nodes[each]["position"][1] for each in asking(document))
    for route in (COMMIT, REJECT, STOP):
        assert all(nodes[each]["position"][1] < first_wait for each in followers(document, name, route))
    if folder == "decision-router":
        queue = nodes["Queue Each for Review"]
        assert queue["position"][1] < first_wait
        assert queue["parameters"]["mode"] == "each"
        assert queue["parameters"]["options"] == {"waitForSubWorkflow": False}


@pytest.mark.req("R-TPL-09", "R-ROUTE-31", "R-ROUTE-32", "X-36")
def test_a_merchant_is_held_for_now_by_a_synchronous_review_and_for_longer_by_a_person_alone() -> None:
    """Two calls on the synchronous route, a release behind the approval, the account behind a second approval."""
    document = template("fraud-detection")
    nodes = working_nodes(document)
    name, settings = router_of(document)
    assert settings["decideBy"] == "policy"
    only_synchronous = set(followers(document, name, SYNCHRONOUS)) - set(followers(document, name, ASYNCHRONOUS))
    assert only_synchronous == {"Only If Evaluated"}
    assert set(followers(document, "Only If Evaluated")) == {"Warn the Call Center", "Hold the Merchant for Now"}
    assert "settings.holdMinutes" in nodes["Hold the Merchant for Now"]["parameters"]["jsonBody"]
    assert "Release the Merchant" in reachable(document, "Ask an Analyst", APPROVED)
    ways = [
        (source, output)
        for source, given in document["connections"].items()
        for output in range(len(given["main"]))
        if "Hold the Account" in followers(document, source, output)
    ]
    assert ways == [("Hold the Account?", APPROVED)]
    assert "Hold the Account" not in reachable_without_approval(document, name)


@pytest.mark.req("R-TPL-09", "R-CTX-12")
def test_the_analyst_sees_the_three_features_that_weigh_most() -> None:
    """Sorted by weight whatever its sign, cut to three, and handed to the review."""
    nodes = working_nodes(template("fraud-detection"))
    fields = {
        one["name"]: one["value"] for one in nodes["Read the Transaction"]["parameters"]["assignments"]["assignments"]
    }
    assert "Math.abs(other.weight) - Math.abs(one.weight)).slice(0, 3)" in fields["features"]
    assert "features: $json.features" in nodes["Ask an Analyst"]["parameters"]["options"]["moreContext"]


@pytest.mark.req("R-TPL-11", "R-ROUTE-29")
def test_the_helpdesk_has_three_queues_and_does_only_resets_by_itself() -> None:
    """Three outputs by kind; lockouts to security, identity to two people; the reset link only from Auto-Commit."""
    document = template("it-helpdesk")
    nodes = working_nodes(document)
    name, _ = router_of(document)
    rules = nodes["Which Queue?"]["parameters"]["rules"]["values"]
    assert [rule["outputKey"] for rule in rules] == ["Password Reset", "Account Lockout", "Identity"]
    asked = [list(followers(document, "Which Queue?", output)) for output in range(4)]
    assert asked == [["Ask the Helpdesk"], ["Ask Security"], ["Ask Identity Verification"], ["Ask the Helpdesk"]]
    assert "approvals_needed: 2" in nodes["Ask Identity Verification"]["parameters"]["options"]["moreContext"]
    for route in (SYNCHRONOUS, ASYNCHRONOUS):
        assert "Send the Reset Link" not in reachable(document, name, route)
    assert list(followers(document, "Really a Password Reset?", 0)) == ["Send the Reset Link"]
    # A corrected kind would pass by the people who are asked about that kind.
    assert all(nodes[each]["parameters"]["options"]["allowEdit"] is False for each in asking(document))


@pytest.mark.req("R-TPL-12", "R-TPL-13", "R-GATE-06", "R-GATE-07", "R-GATE-08")
@pytest.mark.parametrize(
    ("folder", "asks", "gates"),
    [
        ("support-response", "Check the Reply", ["facts", "tone_and_policy"]),
        ("procurement", "Approve the Purchase", ["vendor_legitimacy", "budget_authorization"]),
    ],
)
def test_one_case_passes_two_gates_of_its_policy(folder: str, asks: str, gates: list[str]) -> None:
    """Both reviews ask one case; its policy has two gates in their order; the action is behind the approval."""
    document = template(folder)
    name, _ = router_of(document)
    assert asking(document) == [asks]
    for route in (SYNCHRONOUS, ASYNCHRONOUS):
        assert list(followers(document, name, route)) == [asks]
    assert ACTION_OF[folder] in reachable(document, asks, APPROVED)
    assert working_nodes(document)[asks]["parameters"]["workflowId"] == folder
    policy = compile_policy(read_policy((WORKFLOWS / folder / "policy.yaml").read_text()), 1)
    assert [gate["id"] for gate in policy.effective["gates"]] == gates


@pytest.mark.req("R-ACT-13", "R-GATE-09")
@pytest.mark.parametrize("folder", ["it-helpdesk", "procurement"])
def test_right_before_what_cannot_be_undone_the_companion_is_asked_again(folder: str) -> None:
    """From every person's approval the action lies behind Confirmed alone, and what would be done is compared."""
    document = template(folder)
    nodes, action = working_nodes(document), ACTION_OF[folder]
    (confirm,) = (each for each in of_type(document, HANDOFF) if each not in asking(document))
    assert nodes[confirm]["parameters"]["operation"] == "confirmExecution"
    assert list(followers(document, confirm, 1)) == [action]
    assert action not in reachable(document, confirm, 0)
    assert list(followers(document, confirm, 0)), "what is not confirmed is told"
    for person in asking(document):
        assert confirm in followers(document, person, APPROVED)
        assert action not in followers(document, person)
        shown = {name.strip() for name in nodes[person]["parameters"]["outputFields"].split(",")}
        confirmed = set(re.findall(r"\$json\.(\w+)", nodes[confirm]["parameters"]["approvedOutput"]))
        assert confirmed == shown


@pytest.mark.req("R-CTX-15", "R-UI-25", "R-TPL-06")
@pytest.mark.parametrize("file", sorted(WORKFLOWS.glob("*/policy.yaml")), ids=lambda file: file.parent.name)
def test_what_is_approved_before_an_action_comes_with_evidence(file: Path) -> None:
    """Where the policy opens no case without evidence, every asking node sends some, whatever the item holds."""
    policy = compile_policy(read_policy(file.read_text()), 1)
    document = template(file.parent.name)
    for person in asking(document) if policy.effective["evidence_at_opening"] else ():
        evidence = working_nodes(document)[person]["parameters"]["evidence"]["entry"]
        # A title that is all expression could come out empty, and the entry would be left out.
        assert any(not entry["title"].startswith("={{") for entry in evidence)


@pytest.mark.req("R-TPL-32", "R-DOC-15")
@pytest.mark.parametrize("folder", [*EVERY, "approval-webhook", "prefill-form"])
def test_each_readme_names_every_file_credential_and_setting(folder: str) -> None:
    """Nothing that a builder has to fill in is missing from the instructions."""
    place: Path = WORKFLOWS / folder
    readme = (place / "README.md").read_text()
    for file in place.iterdir():
        assert f"`{file.name}`" in readme or file.name == "README.md"
    for node in working_nodes(template(folder)).values():
        for reference in node.get("credentials", {}).values():
            assert f"*{reference['name']}*" in readme
        if node["name"] == "Settings":
            for assignment in node["parameters"]["assignments"]["assignments"]:
                assert f"`{assignment['name'].removeprefix('settings.')}`" in readme
                value = assignment["value"]
                assert f"`{str(value).lower() if isinstance(value, bool) else value}`" in readme


@pytest.mark.req("R-ROUTE-06", "R-TPL-09", "R-TPL-11", "R-TPL-12", "R-TPL-13", "R-ROUTE-29", "R-ROUTE-30")
@pytest.mark.parametrize("file", sorted(WORKFLOWS.glob("*/policy.yaml")), ids=lambda file: file.parent.name)
def test_each_policy_is_usable_for_the_workflow_id_of_its_template(file: Path) -> None:
    """The file reads, compiles and passes its own tests; the router asks for the policy of that very name."""
    policy = compile_policy(read_policy(file.read_text()), 1)
    _, settings = router_of(template(file.parent.name))
    assert settings["workflowId"] == policy.policy_id == file.parent.name
    assert settings["decideBy"] == "policy"
    assert policy.test_result["run"] == policy.test_result["passed"] >= 2
