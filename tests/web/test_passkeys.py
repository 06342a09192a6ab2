"""Passkeys: made in a browser where one is signed in, used to sign in, and removed."""

from typing import Any

import pytest

from companion.identity.passkeys import CEREMONY_MS, FRESH_MS
from tests.application import ORIGIN, Agent, World, problem
from tests.authenticator import Authenticator


def make(agent: Agent, device: Authenticator, name: str = "Phone") -> Any:
    """A passkey on `device` for who is signed in."""
    begun = agent.send("POST", "/v1/passkeys/options", {}).json
    body = {"name": name, "nonce": begun["nonce"], "credential": device.create(begun["options"])}
    answer = agent.send("POST", "/v1/passkeys", body)
    assert answer.status_code == 201, answer.text
    return answer.json


def sign_in(browser: Agent, device: Authenticator, **changed: Any) -> Any:
    """The answer to a sign-in with a passkey of `device`."""
    begun = browser.send("POST", "/v1/sign-ins/passkey/options", {}).json
    body = {"nonce": begun["nonce"], "credential": device.get(begun["options"])} | changed
    return browser.send("POST", "/v1/sign-ins/passkey", body)


@pytest.mark.req("R-ROLE-16", "R-SEC-04")
def test_a_passkey_signs_its_person_in(world: World) -> None:
    """Made once, it signs another browser in as the same person, without a name typed or a link sent."""
    ann, device = world.signed_in("Ann"), Authenticator()
    made = make(ann, device)
    assert (made["name"], made["last_used_at"]) == ("Phone", None)
    browser = world.browser(**{"User-Agent": "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36"})
    answer = sign_in(browser, device)
    assert (answer.status_code, answer.json["reviewer"]["id"]) == (200, ann.id)
    assert (answer.json["assurance"], answer.json["method"], answer.json["passkeys"]) == ("signed_in", "passkey", 1)
    here = next(each for each in browser.get("/v1/sessions")["items"] if each["current"])
    assert (here["browser"], here["method"]) == ("Chrome on Android", "passkey")
    assert browser.get("/v1/passkeys")["items"][0]["last_used_at"] is not None


def test_what_the_browser_is_asked_for(world: World) -> None:
    """A discoverable key with finger or PIN, for our own host, that is not on this device yet."""
    ann, device = world.signed_in("Ann"), Authenticator()
    made = make(ann, device)
    asked = ann.send("POST", "/v1/passkeys/options", {}).json["options"]
    assert (asked["rp"], asked["attestation"]) == ({"name": "Handoff", "id": "localhost"}, "none")
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert [each["id"] for each in asked["excludeCredentials"]] == [made["id"]]
    used = world.browser().send("POST", "/v1/sign-ins/passkey/options", {}).json["options"]
    assert (used["rpId"], used["userVerification"], used.get("allowCredentials", [])) == ("localhost", "required", [])


@pytest.mark.req("L5", "R-SEC-03")
@pytest.mark.parametrize("case", ["origin", "no verification", "other key", "garbage", "empty", "nonce", "wrong kind"])
def test_an_answer_that_is_no_passkeys_signs_nobody_in(world: World, case: str) -> None:
    """Another site, no finger, a key that is not registered, or no answer at all: 401 and no cookie."""
    ann, device = world.signed_in("Ann"), Authenticator()
    make(ann, device)
    changed: dict[str, Any] = {}
    if case == "origin":
        device.origin = "https://evil.example"
    elif case == "no verification":
        device.verifies = False
    elif case == "other key":
        other = Authenticator()
        other.create({"user": {"id": "x"}, "rp": {"id": "localhost"}, "challenge": "x"})
        device.keys = {next(iter(device.keys)): next(iter(other.keys.values()))}
    elif case == "garbage":
        changed = {"credential": {"id": next(iter(device.keys)), "response": {"clientDataJSON": "%%%"}}}
    elif case == "empty":
        changed = {"credential": {}}
    elif case == "nonce":
        changed = {"nonce": "x" * 22}
    elif case == "wrong kind":
        changed = {"nonce": ann.send("POST", "/v1/passkeys/options", {}).json["nonce"]}
    browser = world.browser()
    answer = sign_in(browser, device, **changed)
    problem(answer, 401, "passkey_unknown")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.req("J8", "L5")
def test_an_answer_counts_once(world: World) -> None:
    """The same answer again signs nobody in; nor does one whose key counts backwards, which a copy of it would."""
    ann, device = world.signed_in("Ann"), Authenticator()
    make(ann, device)
    browser = world.browser()
    begun = browser.send("POST", "/v1/sign-ins/passkey/options", {}).json
    body = {"nonce": begun["nonce"], "credential": device.get(begun["options"])}
    assert browser.send("POST", "/v1/sign-ins/passkey", body).status_code == 200
    problem(world.browser().send("POST", "/v1/sign-ins/passkey", body), 401, "passkey_unknown")
    device.count = 0
    problem(sign_in(world.browser(), device), 401, "passkey_unknown")


@pytest.mark.req("R-SEC-04")
def test_from_the_second_passkey_on_the_sign_in_must_be_fresh(world: World) -> None:
    """Whoever finds an open browser neither adds a key of their own nor takes the owner's away."""
    ann, device = world.signed_in("Ann"), Authenticator()
    world.clock.advance(FRESH_MS + 1)
    made = make(ann, device)  # the first one may come later: the enrolment is all there is
    problem(ann.send("POST", "/v1/passkeys/options", {}), 403, "sign_in_again")
    problem(ann.send("DELETE", f"/v1/passkeys/{made['id']}"), 403, "sign_in_again")
    assert sign_in(ann, device).status_code == 200
    second = make(ann, Authenticator(), "Key")
    assert ann.send("DELETE", f"/v1/passkeys/{made['id']}").status_code == 204
    assert [each["name"] for each in ann.get("/v1/passkeys")["items"]] == [second["name"]]
    problem(sign_in(world.browser(), device), 401, "passkey_unknown")
    begun = ann.send("POST", "/v1/passkeys/options", {}).json
    body = {"name": "Late", "nonce": begun["nonce"], "credential": Authenticator().create(begun["options"])}
    world.clock.advance(FRESH_MS + 1)
    problem(ann.send("POST", "/v1/passkeys", body), 403, "sign_in_again")


def test_a_begun_registration_is_its_persons_own(world: World) -> None:
    """Another person cannot finish it, and nobody finishes it twice or with somebody else's key."""
    ann, ben, device = world.signed_in("Ann"), world.signed_in("Ben"), Authenticator()
    begun = ann.send("POST", "/v1/passkeys/options", {}).json
    body = {"name": "x", "nonce": begun["nonce"], "credential": device.create(begun["options"])}
    problem(ben.send("POST", "/v1/passkeys", body), 403, "passkey_refused")
    problem(ann.send("POST", "/v1/passkeys", body), 403, "passkey_refused")
    made = make(ann, device)
    begun = ben.send("POST", "/v1/passkeys/options", {}).json
    stolen = device.create(begun["options"])
    problem(ben.send("DELETE", f"/v1/passkeys/{made['id']}"), 404, "not_found")
    assert ben.send("POST", "/v1/passkeys", body | {"nonce": begun["nonce"], "credential": stolen}).status_code == 201


@pytest.mark.req("R-SEC-04")
def test_a_script_makes_no_passkey(world: World) -> None:
    """A personal token that could make one could confirm with it: it is never more than signed in."""
    ann = world.person("Ann")
    for method, path, body in (
        ("POST", "/v1/passkeys/options", {}),
        ("POST", "/v1/passkeys", {"name": "x", "nonce": "x", "credential": {}}),
        ("DELETE", "/v1/passkeys/x", None),
    ):
        problem(ann.send(method, path, body), 403, "session_required")


def test_with_a_person_go_their_passkeys(world: World) -> None:
    """Removed, they sign nobody in any more."""
    ann, device = world.signed_in("Ann"), Authenticator()
    make(ann, device)
    world.services.directory.remove_reviewer("Ann")
    problem(sign_in(world.browser(), device), 401, "passkey_unknown")
    assert world.services.passkeys.of(ann.id) == []


def test_a_ceremony_ends_by_itself(world: World) -> None:
    """What was asked of a browser is forgotten after five minutes."""
    world.browser().send("POST", "/v1/sign-ins/passkey/options", {})
    client = world.admin
    (key,) = [key for key in client.scan_iter() if b":ceremony:" in key]
    assert CEREMONY_MS - 60_000 < client.pttl(key) <= CEREMONY_MS


def test_a_page_elsewhere_uses_the_same_passkeys(embedded_url: str) -> None:
    """Its origin is among those that are taken, and the companion's host says so to browsers (related origins)."""
    page = "https://approve.example.net"
    world = World(embedded_url, page=page).emptied()
    assert world.nobody().get("/.well-known/webauthn") == {"origins": [ORIGIN, page]}
    ann, device = world.signed_in("Ann"), Authenticator()
    make(ann, device)
    device.origin = page
    assert sign_in(world.browser(), device).status_code == 200
