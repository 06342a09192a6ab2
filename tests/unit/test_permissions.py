"""The table of permissions against the application that it guards."""

import pytest

from companion.core.duties import Duty, roles_with
from companion.identity.credentials import ALL_ROLES, ALL_SCOPES
from companion.web.permissions import DECIDERS, PEOPLE, READERS, ROLES, SCOPES, TABLE
from tests.application import World

UNSAFE = {(method, path) for method, path in TABLE if method != "GET"}
CASE = "/v1/handoffs/{id}"
DUTY_OF: dict[tuple[str, str], Duty] = {
    ("POST", f"{CASE}/decision"): "decide",
    ("POST", f"{CASE}/edit-checks"): "decide",
    ("POST", "/handoff/complete"): "decide",
    ("POST", "/v1/batches"): "decide",
    ("GET", "/v1/batches/{id}"): "decide",
    ("POST", "/v1/batches/{id}/decision"): "decide",
    ("DELETE", "/v1/batches/{id}"): "decide",
    ("DELETE", f"{CASE}/decision"): "undo",
    ("POST", f"{CASE}/verifications"): "verify",
    ("POST", f"{CASE}/triage"): "triage",
    ("PUT", f"{CASE}/claim"): "claim",
    ("DELETE", f"{CASE}/claim"): "claim",
    ("PUT", f"{CASE}/acknowledgement"): "claim",
    ("PUT", f"{CASE}/assignee"): "assign",
    ("POST", f"{CASE}/escalations"): "escalate",
    ("POST", f"{CASE}/questions"): "ask",
    ("POST", f"{CASE}/answers"): "answer",
    ("POST", f"{CASE}/annotations"): "annotate",
    ("POST", f"{CASE}/rollback"): "roll_back",
    ("POST", f"{CASE}/disclosures"): "disclose",
}
"""What people do to cases, and the duty that lets them; automations do none of it."""
OF_SRE = {
    ("GET", "/v1/attempts"), ("GET", "/v1/events"), ("GET", "/v1/deliveries"), ("GET", "/v1/deliveries/{id}"),
}  # fmt: skip
"""What whoever runs the system reads, beside their own account."""


def endpoints() -> set[tuple[str, str]]:
    """Method and path template of every endpoint; no store is needed to know them."""
    rules = World("redis://127.0.0.1:1/0").app.url_map.iter_rules()
    return {
        (method, rule.rule.replace("<string:", "{").replace("<path:", "{").replace("<", "{").replace(">", "}"))
        for rule in rules
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


@pytest.mark.req("A2", "R-ROLE-08")
def test_every_endpoint_stands_in_the_table_and_nothing_else_does() -> None:
    """A new endpoint is refused to everybody until somebody writes down who may call it."""
    assert endpoints() == set(TABLE)


@pytest.mark.req("A2", "R-ROLE-08")
def test_every_row_names_known_scopes_and_roles_and_lets_somebody_in() -> None:
    """A scope or role that no credential can have would shut an endpoint for ever, unnoticed."""
    assert set(SCOPES) == set(ALL_SCOPES)
    assert set(ROLES) == set(ALL_ROLES)
    for row in TABLE.values():
        assert row.scope is None or row.scope in SCOPES
        assert row.roles <= set(ROLES)
        assert row.anybody or row.scope or row.roles
        assert not row.link or row.roles, "a personal link belongs to a person"
    assert {row.scope for row in TABLE.values()} - {None} == set(SCOPES), "no scope without a use"


@pytest.mark.req("A2", "R-SEC-04")
def test_without_a_credential_nothing_can_be_changed() -> None:
    """The public requests that are no reading turn what one holds into a session, or ask a passkey to do so."""
    assert {row for row in UNSAFE if TABLE[row].anybody} == {
        ("POST", "/v1/enrolments"),
        ("POST", "/v1/sessions"),
        ("POST", "/v1/sessions/exchange"),
        ("POST", "/v1/sign-ins/passkey"),
        ("POST", "/v1/sign-ins/passkey/options"),
        ("POST", "/v1/sign-ins/proxy"),
    }


@pytest.mark.req("A2", "R-ROLE-01", "R-ROLE-02", "R-STORE-15")
@pytest.mark.parametrize("row", sorted(DUTY_OF), ids=lambda part: " ".join(part))
def test_each_act_is_open_to_exactly_those_whose_duty_it_is(row: tuple[str, str]) -> None:
    """The table says of every act the roles that the duties give it, and no scope opens one to an automation."""
    assert TABLE[row].roles == roles_with(DUTY_OF[row])
    assert TABLE[row].scope is None


@pytest.mark.req("R-ROLE-01", "R-STORE-15")
def test_every_change_of_a_case_belongs_to_a_duty_or_to_a_scope() -> None:
    """No act on a case is open to readers as such; auditors, governance and operators leave notes and no more."""
    acts = {row for row in TABLE if row[1].startswith((CASE, "/v1/batches", "/handoff")) and row[0] != "GET"}
    # A challenge is the question that a passkey signs; it changes nothing of the case.
    acts.remove(("POST", f"{CASE}/challenges"))
    of_automations = {row for row in acts if TABLE[row].scope is not None}
    assert {path.removeprefix(CASE) for _, path in of_automations} == {"", "/withdrawal", "/execution"}
    assert acts - of_automations <= set(DUTY_OF)
    for role in ("auditor", "governance", "operator"):
        assert {row for row in acts if role in TABLE[row].roles} <= {("POST", f"{CASE}/annotations")}
    assert DECIDERS == {"approver", "owner", "on_call"} < READERS


@pytest.mark.req("R-ROLE-09", "R-ROLE-08")
def test_whoever_runs_the_system_reads_the_audit_and_no_case() -> None:
    """Site reliability reads events, attempts and deliveries, and what is their own; no package, no list of cases."""
    own = {row for row in TABLE if TABLE[row].roles == PEOPLE} - OF_SRE
    seen = {row for row in TABLE if "sre" in TABLE[row].roles}
    assert seen - own == OF_SRE
    assert not [path for _, path in own if path.startswith(("/v1/handoffs", "/v1/groups", "/v1/dec", "/v1/routes"))]
    for row in (("GET", "/v1/attempts"), ("GET", "/v1/events")):
        assert {"auditor", "compliance", "sre"} <= TABLE[row].roles


@pytest.mark.req("L4", "R-SEC-04")
def test_a_personal_link_opens_its_own_case_only() -> None:
    """Neither lists, nor groups, nor other sessions, nor a rollback, nor an answer come with a link."""
    assert {path for (_, path), row in TABLE.items() if row.link} == {
        "/v1/handoffs/{id}",
        "/v1/handoffs/{id}/package",
        "/v1/handoffs/{id}/blobs/{sha256}",
        "/v1/handoffs/{id}/decision",
        "/v1/handoffs/{id}/claim",
        "/v1/handoffs/{id}/escalations",
        "/v1/handoffs/{id}/annotations",
        "/v1/handoffs/{id}/questions",
        "/v1/handoffs/{id}/edit-checks",
        "/handoff/complete",
        "/v1/sessions/current",
    }
