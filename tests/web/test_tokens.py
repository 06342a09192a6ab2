"""Personal tokens that their owners make themselves."""

import pytest

from companion.identity.directory import DirectoryProblem
from tests.application import World, problem


@pytest.mark.req("A2", "R-SEC-03")
def test_a_person_makes_lists_and_ends_their_own_tokens(world: World) -> None:
    """It works from its creation on, is shown once, and is refused within a second of its end."""
    ann = world.signed_in("Ann")
    made = ann.send("POST", "/v1/tokens", {"label": "nightly"})
    assert made.status_code == 201
    script = world.bearer(made.json["token"])
    assert script.get("/v1/sessions/current")["reviewer"]["id"] == ann.id
    (listed,) = ann.get("/v1/tokens")["items"]
    assert (listed["label"], "token" in listed) == ("nightly", False)
    assert ann.send("DELETE", f"/v1/tokens/{listed['id']}").status_code == 204
    world.clock.advance(999)
    problem(script.send("GET", "/v1/handoffs"), 401, "credential_invalid")
    assert ann.get("/v1/tokens")["items"] == []


@pytest.mark.req("A3", "R-SEC-04")
def test_tokens_of_others_do_not_exist(world: World) -> None:
    """Nobody sees or ends another person's; nor does a token make more of its kind."""
    ann, ben = world.signed_in("Ann"), world.signed_in("Ben")
    made = ann.send("POST", "/v1/tokens", {"label": "x"}).json
    assert ben.get("/v1/tokens")["items"] == []
    problem(ben.send("DELETE", f"/v1/tokens/{made['id']}"), 404, "not_found")
    script = world.bearer(made["token"])
    problem(script.send("POST", "/v1/tokens", {"label": "more"}), 403, "session_required")
    problem(script.send("POST", "/v1/passkeys/options", {}), 403, "session_required")


def test_there_is_an_end_to_tokens(world: World) -> None:
    """Fifty are enough for anybody's scripts; then one has to go first."""
    ann = world.signed_in("Ann")
    assert {ann.send("POST", "/v1/tokens", {"label": "x"}).status_code for _ in range(50)} == {201}
    problem(ann.send("POST", "/v1/tokens", {"label": "x"}), 409, "too_many_tokens")


@pytest.mark.req("A5")
def test_what_went_away_at_the_same_moment_is_not_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that is ended twice at once, and a person who was just removed, are no error of ours."""
    ann, directory = world.signed_in("Ann"), world.services.directory
    made = ann.send("POST", "/v1/tokens", {"label": "x"}).json
    there = directory.list_tokens(ann.id)
    monkeypatch.setattr(directory, "list_tokens", lambda _: there)
    assert ann.send("DELETE", f"/v1/tokens/{made['id']}").status_code == 204
    problem(ann.send("DELETE", f"/v1/tokens/{made['id']}"), 404, "not_found")

    def gone(name: str) -> None:
        raise DirectoryProblem(f"There is no reviewer {name}.")

    monkeypatch.setattr(directory, "reviewer", gone)
    problem(ann.send("POST", "/v1/tokens", {"label": "y"}), 404, "not_found")
    problem(ann.send("DELETE", f"/v1/reviewers/{ann.id}/absence"), 404, "not_found")
