"""Whoever is in no known group at the identity provider any more, and tries to sign in, has nothing here any more."""

from dataclasses import replace
from typing import Any

import pytest

from tests.application import Agent, World, problem
from tests.identity.conftest import companion_of
from tests.identity.test_oidc import GROUPS, refused, sign_in
from tests.system.identity_provider import IdentityProvider


def moved_on(world: World, **groups: str) -> World:
    """The same companion with the groups of the provider read otherwise: as if people had changed groups there."""
    oidc = world.settings.oidc
    assert oidc is not None
    return World(world.url, world.clock, oidc=replace(oidc, roles=tuple(groups.items())))


@pytest.fixture
def world(embedded_url: str, provider: IdentityProvider) -> World:
    """A companion that takes roles from groups."""
    return companion_of(embedded_url, provider.issuer, **GROUPS)


def events(by: Agent, name: str) -> list[Any]:
    return [event for event in by.get("/v1/events")["items"] if event["event_type"] == name]


@pytest.mark.req("R-INT-14", "R-ROLE-08", "R-SEC-04")
def test_who_lost_all_groups_loses_roles_sessions_and_tokens(world: World, provider: IdentityProvider) -> None:
    """At the sign-in that is refused, in the provider's name; a token that was made before decides nothing."""
    zoe = world.reviewer("Zoe", roles=["owner"])
    browser, _ = sign_in(world, provider, "zoe")
    _, text = world.services.directory.create_token(zoe.id)
    _, kept = world.services.directory.create_token(world.reviewer("Ben").id)
    case = world.open(world.automation())
    later = moved_on(world, others="approver")
    assert browser.live(case["id"])["state"] == world.bearer(text).live(case["id"])["state"] == "pending"
    for _ in range(2):
        refused(sign_in(later, provider, "zoe")[1], "oidc_no_role")
    assert later.services.directory.find_reviewer(zoe.id).roles == ()  # type: ignore[union-attr]
    assert later.services.directory.sessions_of(zoe.id) == []
    world.clock.advance(1_000)
    for lost in (browser, world.bearer(text)):
        problem(lost.send("GET", f"/v1/handoffs/{case['id']}"), 401, "credential_invalid")
    assert world.bearer(kept).live(case["id"])["state"] == "pending", "nobody else is touched"
    auditor = world.person("Olga", roles=["auditor"])
    first, *_ = changed = events(auditor, "reviewer.changed")
    assert len([event for event in changed if event["details"]["reviewer_id"] == zoe.id]) == 2
    assert first["decision_actor"] == {"type": "system", "id": "identity_provider", "name": provider.issuer}
    assert first["details"]["changes"] == [{"path": "roles", "before": ["approver", "auditor"], "after": []}]
    (ended,) = events(auditor, "token.ended")
    assert (ended["decision_actor"]["id"], ended["details"]["reviewer_id"]) == ("identity_provider", zoe.id)


@pytest.mark.req("R-INT-14")
def test_who_is_in_a_group_again_comes_in_as_the_same_person(world: World, provider: IdentityProvider) -> None:
    """Losing a group ends what somebody may, and not who they are."""
    zoe = world.reviewer("Zoe")
    sign_in(world, provider, "zoe")
    refused(sign_in(moved_on(world, others="approver"), provider, "zoe")[1], "oidc_no_role")
    browser, _ = sign_in(world, provider, "zoe")
    told = browser.get("/v1/sessions/current")["reviewer"]
    assert (told["id"], told["roles"]) == (zoe.id, ["approver", "auditor"])


@pytest.mark.req("R-INT-14")
def test_who_never_signed_in_there_loses_nothing_by_trying(world: World, provider: IdentityProvider) -> None:
    """Their roles are of the directory, and no group gave them: whoever set Handoff up is not locked out of it."""
    yan = world.reviewer("Yan", roles=["owner"])
    _, text = world.services.directory.create_token(yan.id)
    refused(sign_in(world, provider, "yan")[1], "oidc_no_role")
    person = World(world.url, world.clock).bearer(text)
    assert person.send("GET", "/v1/policies").status_code == 200
    assert world.services.directory.find_reviewer(yan.id).roles == ("owner",)  # type: ignore[union-attr]
