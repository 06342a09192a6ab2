"""What docs/roles.md says of roles, duties and levels is what the code holds; docs/approving.md quotes the page."""

import re
from typing import Final

import pytest

from companion.core.duties import DUTIES, EMERGENCY_LEVEL, IN_EMERGENCIES
from companion.core.policy.document import json_schema
from companion.core.policy.presets import PRESETS
from companion.web.permissions import ROLES, TABLE
from tests.system.places import CHECKOUT
from tests.unit.test_docs import rows

PAGE: Final = "roles.md"
SOURCES: Final = [
    *(CHECKOUT / "handoff_ui" / "src").rglob("*.ts*"),
    *(CHECKOUT / "companion" / "core").rglob("*.py"),
    *(CHECKOUT / "companion" / "web").rglob("*.py"),
    *(CHECKOUT / "companion" / "service").rglob("*.py"),
]


def named(cell: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.req("R-ROLE-01", "R-ROLE-02")
def test_the_table_of_duties_is_the_one_of_the_code() -> None:
    """Each of the ten roles with exactly its duties, those of emergencies marked as such."""
    told = {named(role)[0]: duties for role, duties, _ in rows(PAGE, 3, "role")}
    assert set(told) == set(DUTIES) == set(ROLES)
    for role, duties in told.items():
        assert set(named(duties)) == DUTIES[role], role
        rests = set(re.findall(rf"`(\w+)` \(level {EMERGENCY_LEVEL}\)", duties))
        assert rests == {duty for whose, duty in IN_EMERGENCIES if whose == role}, role


@pytest.mark.req("R-ROLE-09", "R-ROLE-13")
def test_what_roles_may_beside_the_cases_is_the_permission_table() -> None:
    """Whoever the page names for a route may call it, and nobody else."""
    for _, roles, route in rows(PAGE, 3, "may also"):
        method, path = named(route)[0].split(" ")
        assert set(named(roles)) == TABLE[method, path].roles, route


@pytest.mark.req("R-ROLE-12")
def test_each_of_the_three_groups_has_a_role_that_does_its_work_and_no_more() -> None:
    """Engineering sees the system and no case, operations moves rules within bounds, governance agrees beyond them."""
    group = {name: named(role)[0] for name, _, role, *_ in rows(PAGE, 5, "group")}
    sre, operator, governance = group["engineering"], group["operations"], group["governance and risk"]
    may = {role: {row for row, allowed in TABLE.items() if role in allowed.roles} for role in group.values()}
    assert {("GET", "/v1/deliveries"), ("GET", "/v1/attempts"), ("GET", "/v1/events")} <= may[sre]
    assert not DUTIES[sre]
    assert ("GET", "/v1/handoffs/{id}") not in may[sre]
    assert {("GET", "/v1/handoffs"), ("PUT", "/v1/policies/{workflow_id}"), ("POST", "/v1/pauses")} <= may[operator]
    assert TABLE["POST", "/v1/policies/{workflow_id}/approvals"].roles == {governance}
    assert all("decide" not in DUTIES[role] for role in group.values())


@pytest.mark.req("R-ROLE-03", "R-ROLE-05")
def test_the_ladder_is_the_one_of_the_default_preset() -> None:
    """Level, reviewers, role, backup and time, row by row; and the places beside it."""
    told = [(int(level), *words, int(time.split()[0])) for level, *words, time in rows(PAGE, 5, "level")]
    preset = PRESETS["default"]
    assert told == [
        (step["level"], step["title"], step["role"], step["backup"], step["respond_within_minutes"])
        for step in preset["ladder"]
    ]
    text = (CHECKOUT / "docs" / PAGE).read_text()
    for target in preset["escalation_targets"].values():
        assert f"*{target['title']}*" in text


@pytest.mark.req("R-DOC-01")
def test_fields_of_policies_that_the_page_names_exist() -> None:
    """A reader who looks for a setting of the page finds it in a policy."""
    text = (CHECKOUT / "docs" / PAGE).read_text()
    used = {"actions_by_role", "override", "redaction", "ladder", "escalation_targets", "second_review", "assurance"}
    assert used <= set(json_schema()["properties"])
    assert all(f"`{name}" in text for name in used)


@pytest.mark.req("R-DOC-01")
def test_messages_that_the_guide_quotes_are_those_of_the_product() -> None:
    """Every message in docs/approving.md is found in the source; `…` stands for a name, a number or a time."""
    source = " ".join(path.read_text() for path in SOURCES)
    source = re.sub(r"\s+", " ", source.replace("{' '}", " "))
    told = [message for message, *_ in rows("approving.md", 3, "the page says")]
    assert len(told) > 20
    for message in told:
        for part in message.strip("“”").split("…"):
            assert part.strip() in source, message


@pytest.mark.req("R-DOC-01")
def test_keys_that_the_guide_lists_are_those_of_the_page() -> None:
    """The same list as behind `?`, in the same words."""
    told = {" ".join(named(keys)): does for keys, does in rows("approving.md", 2, "key")}
    help_list = (CHECKOUT / "handoff_ui" / "src" / "parts" / "help.tsx").read_text()
    shown = {" ".join(keys.split()): does for keys, does in re.findall(r"^  \['([^']+)', '([^']+)'\]", help_list, re.M)}
    assert told == shown
