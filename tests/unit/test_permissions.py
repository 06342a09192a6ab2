"""The table of permissions against the application that it guards."""

import pytest

from companion.credentials import ALL_ROLES, ALL_SCOPES
from companion.web.permissions import DECIDERS, READERS, ROLES, SCOPES, TABLE
from tests.application import World

UNSAFE = {(method, path) for method, path in TABLE if method != "GET"}
DECIDING = {
    ("POST", "/v1/handoffs/{id}/decision"),
    ("PUT", "/v1/handoffs/{id}/claim"),
    ("DELETE", "/v1/handoffs/{id}/claim"),
    ("POST", "/v1/handoffs/{id}/escalations"),
    ("POST", "/v1/handoffs/{id}/questions"),
    ("POST", "/v1/handoffs/{id}/answers"),
    ("POST", "/v1/handoffs/{id}/rollback"),
    ("POST", "/handoff/complete"),
}
"""What only a person who decides may do; a note is for every reader."""


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
    """The two public requests that are no reading turn a secret that one holds into a session."""
    assert {row for row in UNSAFE if TABLE[row].anybody} == {("POST", "/v1/enrolments"), ("POST", "/v1/sessions")}


@pytest.mark.req("A2", "R-ROLE-01", "R-STORE-15")
def test_automations_and_auditors_decide_nothing() -> None:
    """No scope opens what decides, and the role that reads everything is not among those that may."""
    assert DECIDING <= UNSAFE
    for row in DECIDING:
        assert TABLE[row].scope is None, row
        assert TABLE[row].roles == DECIDERS, row
    assert "auditor" not in DECIDERS
    assert DECIDERS < READERS


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
        "/handoff/complete",
        "/v1/sessions/current",
    }
