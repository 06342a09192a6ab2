"""The environment is read once, completely, and without giving a secret away."""

import re
import secrets
from ipaddress import ip_network
from pathlib import Path

import pytest

from companion.settings import VARIABLES, Settings, SettingsError

SECRET = "b3Jx8Qm2Zk9VtY4nLw7Rc1PfHs6DgUa0EiXo5BqKjTy"
LOCAL = {"HANDOFF_SECRET": SECRET, "HANDOFF_REDIS_URL": "redis://localhost:6379/0"}
PRODUCTION = LOCAL | {"HANDOFF_MODE": "production", "HANDOFF_PUBLIC_URL": "https://handoff.acme.test/review/"}

pytestmark = pytest.mark.req("R-SEC-15")


def problems(environment: dict[str, str]) -> dict[str, str]:
    """Variable -> remedies of everything that is wrong with `environment`."""
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(environment)
    found: dict[str, str] = {}
    for variable, remedy in caught.value.problems:
        found[variable] = f"{found.get(variable, '')} {remedy}".strip()
    assert all(f"{variable}: " in str(caught.value) for variable in found)
    return found


def test_local_mode_needs_only_what_up_makes() -> None:
    """On one machine everything but the store's address and the secret, which `handoff up` makes, has a default."""
    settings = Settings.from_env(LOCAL | {"HANDOFF_PORT": "9001", "PATH": "/bin", "HOME": "/root"})
    assert settings.mode == "local"
    assert settings.public_url == settings.page_url == "http://localhost:9001"
    assert settings.host == "127.0.0.1"
    assert settings.callback_origins == ()


def test_all_problems_are_told_at_once() -> None:
    """Whoever mends the environment needs one round, not one for each mistake."""
    found = problems(
        {
            "HANDOFF_MODE": "production",
            "HANDOFF_SECRET": "short",
            "HANDOFF_PAGE_URL": "http://page.acme.test",
            "HANDOFF_PORT": "99999",
            "HANDOFF_WORKERS": "many",
            "HANDOFF_LOG_LEVEL": "loud",
            "HANDOFF_CALLBACK_ORIGINS": "https://n8n.acme.test/webhook",
            "HANDOFF_CALLBACK_NETWORKS": "10.1.2.3/8, 169.254.0.0/16",
            "HANDOFF_TRUSTED_PROXIES": "0.0.0.0/0",
            "HANDOFF_PAGE_DIR": "/nowhere",
            "HANDOFF_PUBLIC_ULR": "https://handoff.acme.test",
        }
    )
    assert set(found) == {
        *("HANDOFF_SECRET", "HANDOFF_REDIS_URL", "HANDOFF_PUBLIC_URL", "HANDOFF_PAGE_URL", "HANDOFF_PORT"),
        *("HANDOFF_WORKERS", "HANDOFF_LOG_LEVEL", "HANDOFF_CALLBACK_ORIGINS", "HANDOFF_CALLBACK_NETWORKS"),
        *("HANDOFF_TRUSTED_PROXIES", "HANDOFF_PAGE_DIR", "HANDOFF_PUBLIC_ULR"),
    }
    assert "HANDOFF_PUBLIC_URL?" in found["HANDOFF_PUBLIC_ULR"]
    assert "10.0.0.0/8" in found["HANDOFF_CALLBACK_NETWORKS"]
    assert "169.254.0.0/16" in found["HANDOFF_CALLBACK_NETWORKS"]


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        ("", "missing"),
        ("tooshort", "too short"),
        (SECRET[:31], "too short"),
        ("x" * 40, "pattern"),
        ("ab" * 20, "pattern"),
        ("correct-horse" * 4, "pattern"),
        ("abcdefghijklmnopqrstuvwxyz0123456789", "pattern"),
        ("0000000000000000000000000000000000000001", "pattern"),
        ("nzannzaznazznanzazznaznnazanznazanzzn", "pattern"),
        ("changeme-changeme-changeme-please-now", "example"),
        ("Change_Me_Before_You_Go_To_Production!", "example"),
        ("this-is-only-an-example-of-a-long-secret", "example"),
        ("my-very-long-handoff-secret-for-acme-inc", "example"),
        ("P4ssword-is-not-a-passw0rd-if-it-is-long", "example"),
    ],
)
def test_production_refuses_secrets_that_others_could_guess(secret: str, why: str) -> None:
    """Links and signing keys hang on the secret: missing, short, patterned and example ones stop the start."""
    found = problems(PRODUCTION | {"HANDOFF_SECRET": secret})
    assert set(found) == {"HANDOFF_SECRET"}
    assert why in found["HANDOFF_SECRET"]
    assert "openssl rand" in found["HANDOFF_SECRET"]


def test_production_takes_random_secrets() -> None:
    """What a generator makes is never refused, in the weakest form that people use (32 hexadecimal digits) neither."""
    by_chance = "kT3dummyQx9_Zr7LmB2vHs8NwYc5JfPa4LoremGe"
    assert Settings.from_env(PRODUCTION | {"HANDOFF_SECRET": by_chance}).secret == by_chance
    for _ in range(2000):
        for secret in (secrets.token_hex(16), secrets.token_urlsafe(24), secrets.token_urlsafe(48)):
            assert Settings.from_env(PRODUCTION | {"HANDOFF_SECRET": secret}).secret == secret


def test_no_secret_from_our_own_examples_is_taken_in_production() -> None:
    """A secret that stands in this repository's files for everybody to read cannot be used."""
    root = Path(__file__).parents[2]
    files = [*root.glob("*.yml"), *root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("**/.env.example")]
    shown = [
        found
        for file in files
        for found in re.findall(r"HANDOFF_SECRET['\"]?\s*[:=]\s*['\"]?([^\s'\"$`{]{8,})", file.read_text())
    ]
    for secret in shown:
        assert "HANDOFF_SECRET" in problems(PRODUCTION | {"HANDOFF_SECRET": secret})


def test_no_secret_is_printed() -> None:
    """Neither the problems nor a printed Settings object hold the secret or the store's password."""
    environment = PRODUCTION | {
        "HANDOFF_SECRET": "hush-hush-1",
        "HANDOFF_REDIS_URL": "http://:hush-hush-2@store:6379",
        "HANDOFF_PAGE_URL": "https://me:hush-hush-3@page.acme.test",
        "HANDOFF_CALLBACK_ORIGINS": "https://me:hush-hush-4@n8n.acme.test",
        "HANDOFF_SECERT": "hush-hush-5",
    }
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(environment)
    assert len(caught.value.problems) == 5
    assert "hush" not in str(caught.value)
    settings = Settings.from_env(LOCAL | {"HANDOFF_REDIS_URL": "redis://:hush-hush@store:6379"})
    assert "hush" not in repr(settings)
    assert SECRET not in repr(settings)


@pytest.mark.parametrize("variable", ["HANDOFF_PUBLIC_URL", "HANDOFF_PAGE_URL"])
def test_plain_http_only_in_local_mode(variable: str) -> None:
    """Over plain http anybody on the way could read and forge decisions, so production refuses it."""
    assert "https" in problems(PRODUCTION | {variable: "http://handoff.acme.test"})[variable]
    assert Settings.from_env(LOCAL | {variable: "http://handoff.acme.test"})


def test_addresses_may_have_a_path_and_lose_their_last_slash() -> None:
    """Links are made by appending, so a service under a sub-path works and no link has two slashes."""
    settings = Settings.from_env(PRODUCTION)
    assert settings.public_url == settings.page_url == "https://handoff.acme.test/review"
    for wrong in ("https://a.test/#/x", "https://a.test/?q=1", "ftp://a.test", "//a.test", "https://"):
        assert "HANDOFF_PUBLIC_URL" in problems(PRODUCTION | {"HANDOFF_PUBLIC_URL": wrong})


def test_a_local_service_is_not_opened_to_the_network_by_accident() -> None:
    """Local mode relaxes rules, because only this machine reaches it; for others an address must be named."""
    assert "HANDOFF_MODE=production" in problems(LOCAL | {"HANDOFF_HOST": "0.0.0.0"})["HANDOFF_HOST"]
    in_container = LOCAL | {"HANDOFF_HOST": "0.0.0.0", "HANDOFF_PUBLIC_URL": "http://localhost:8700"}
    assert Settings.from_env(in_container).host == "0.0.0.0"


def test_origins_have_one_spelling() -> None:
    """Origins are compared as texts, so letters' case, default ports and repetitions must not make a difference."""
    texts = "https://N8N.acme.test:443, http://n8n:5678/ https://n8n.acme.test http://[FD00::1]:80"
    settings = Settings.from_env(LOCAL | {"HANDOFF_CALLBACK_ORIGINS": texts})
    assert settings.callback_origins == ("https://n8n.acme.test", "http://n8n:5678", "http://[fd00::1]")


def test_networks_are_read_as_networks() -> None:
    """Proxies and callback networks may be single addresses or ranges, of both families."""
    settings = Settings.from_env(
        LOCAL | {"HANDOFF_TRUSTED_PROXIES": "127.0.0.1, fd00::/8", "HANDOFF_CALLBACK_NETWORKS": "172.16.0.0/12"}
    )
    assert settings.trusted_proxies == (ip_network("127.0.0.1/32"), ip_network("fd00::/8"))
    assert settings.callback_networks == (ip_network("172.16.0.0/12"),)


def test_what_kubernetes_puts_into_every_pod_is_not_a_mistake() -> None:
    """A Service named "handoff" adds variables to each pod; they are passed over, the clashing one explained."""
    noise = {
        "HANDOFF_SERVICE_HOST": "10.0.0.1",
        "HANDOFF_SERVICE_PORT": "80",
        "HANDOFF_SERVICE_PORT_HTTP": "80",
        "HANDOFF_PORT_80_TCP": "tcp://10.0.0.1:80",
        "HANDOFF_PORT_80_TCP_ADDR": "10.0.0.1",
    }
    assert Settings.from_env(LOCAL | noise)
    assert "enableServiceLinks" in problems(LOCAL | noise | {"HANDOFF_PORT": "tcp://10.0.0.1:80"})["HANDOFF_PORT"]


@pytest.mark.parametrize("url", ["localhost:6379", "http://localhost:6379", "redis://", "unix://", "redis+sentinel://"])
def test_an_address_that_names_no_store_is_refused(url: str) -> None:
    """A wrong store address stops the start instead of failing at the first handoff."""
    assert "HANDOFF_REDIS_URL" in problems(LOCAL | {"HANDOFF_REDIS_URL": url})


def test_an_empty_variable_counts_as_left_out() -> None:
    """Compose files write `NAME: ${NAME:-}`; that must not differ from saying nothing."""
    assert Settings.from_env(LOCAL | dict.fromkeys(set(VARIABLES) - set(LOCAL), "")) == Settings.from_env(LOCAL)


OIDC = LOCAL | {"HANDOFF_OIDC_ISSUER": "https://id.acme.test/", "HANDOFF_OIDC_CLIENT_ID": "handoff"}
GROUPS = {"HANDOFF_OIDC_ROLES_CLAIM": "groups", "HANDOFF_OIDC_ROLES": "a=approver, team=x=auditor"}


@pytest.mark.req("R-INT-14")
def test_an_identity_provider_is_named_with_what_its_groups_mean() -> None:
    """The issuer letter by letter, for it is compared so; roles by group; nothing of it without an issuer."""
    assert Settings.from_env(LOCAL).oidc is None
    plain = Settings.from_env(OIDC).oidc
    assert plain is not None
    assert (plain.issuer, plain.scopes, plain.client_secret) == ("https://id.acme.test/", "openid email profile", None)
    given = Settings.from_env(OIDC | GROUPS | {"HANDOFF_OIDC_ADD_PEOPLE": "on", "HANDOFF_OIDC_CLIENT_SECRET": SECRET})
    assert given.oidc is not None
    assert (given.oidc.roles, given.oidc.add_people) == ((("a", "approver"), ("team=x", "auditor")), True)
    assert SECRET not in repr(given)


@pytest.mark.req("R-INT-14")
@pytest.mark.parametrize(
    ("environment", "variable", "why"),
    [
        (LOCAL | {"HANDOFF_OIDC_CLIENT_ID": "handoff"}, "HANDOFF_OIDC_ISSUER", "missing"),
        (LOCAL | {"HANDOFF_OIDC_ISSUER": "https://id.acme.test"}, "HANDOFF_OIDC_CLIENT_ID", "missing"),
        (OIDC | {"HANDOFF_OIDC_ISSUER": "id.acme.test"}, "HANDOFF_OIDC_ISSUER", "not an address"),
        (OIDC | {"HANDOFF_OIDC_SCOPES": "email"}, "HANDOFF_OIDC_SCOPES", "openid"),
        (OIDC | {"HANDOFF_OIDC_ROLES": "a=approver"}, "HANDOFF_OIDC_ROLES_CLAIM", "both together"),
        (OIDC | {"HANDOFF_OIDC_ROLES_CLAIM": "groups"}, "HANDOFF_OIDC_ROLES", "both together"),
        (OIDC | GROUPS | {"HANDOFF_OIDC_ROLES": "approver"}, "HANDOFF_OIDC_ROLES", "group=role"),
        (OIDC | {"HANDOFF_OIDC_ADD_PEOPLE": "on"}, "HANDOFF_OIDC_ADD_PEOPLE", "by their groups"),
        (PRODUCTION | {"HANDOFF_OIDC_ISSUER": "http://id.acme.test"}, "HANDOFF_OIDC_ISSUER", "plain http"),
        (LOCAL | {"HANDOFF_IDENTITY_HEADER": "X-Forwarded-Email"}, "HANDOFF_IDENTITY_HEADER", "trusted proxies"),
        (LOCAL | {"HANDOFF_IDENTITY_HEADER": "a b"}, "HANDOFF_IDENTITY_HEADER", "not the name"),
        (LOCAL | {"HANDOFF_IDENTITY_HEADER": "Cookie"}, "HANDOFF_IDENTITY_HEADER", "every browser"),
        (LOCAL | {"HANDOFF_RATE_PER_MINUTE": "-1"}, "HANDOFF_RATE_PER_MINUTE", "whole number"),
    ],
)
def test_what_would_let_the_wrong_people_in_stops_the_start(
    environment: dict[str, str], variable: str, why: str
) -> None:
    """Half a provider, a role from nowhere, a header that anybody can send: named, with the remedy."""
    assert why in problems(environment)[variable]
