"""The companion's own user at its store: it can do its work and nothing else, and says what it lacks (R-SEC-12).

All tests of `World` run as that user; these look at its bounds.
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from typing import Any

import pytest
import redis
from click.testing import CliRunner

from companion.commands.serve import say_store
from companion.commands.store import store as command_group
from companion.store import access, keys
from companion.store.protocol import StoreUnavailable
from tests.application import ITEM, World, problem
from tests.servers import COMPANION, RedisServer

pytestmark = pytest.mark.req("R-SEC-12")

OF_THE_CLIENT = {
    "evalsha": "Script", "script|load": "Script", "multi": "pipeline", "exec": "pipeline", "select": "from_url",
    "cluster|slots": "LazyCluster", "command": "LazyCluster", "del": "delete", "config|get": "config_get",
    "xgroup|create": "xgroup_create",
}  # fmt: skip
"""Commands that the client sends by itself, or under another name -> what makes it do so."""

FOREIGN = [
    "FLUSHALL", "FLUSHDB", "KEYS *", "SCAN 0", "RANDOMKEY", "CONFIG SET maxmemory 1", "CONFIG REWRITE", "DEBUG SLEEP 0",
    "EVAL return(1) 0", "FUNCTION LIST", "ACL LIST", "ACL SETUSER me +@all", "CLIENT LIST", "MONITOR", "SAVE", "BGSAVE",
    "SHUTDOWN NOSAVE", "REPLICAOF 127.0.0.1 1", "MODULE LIST", "DUMP {p00}:open", "RENAME {p00}:open {p00}:old",
    "PUBLISH news 1", "SUBSCRIBE news", "SCRIPT FLUSH", "INFO", "XGROUP DESTROY {p00}:outbox deliveries",
    "GET other", "SET other 1", "DEL p00:open", "HGETALL {p00}:in_force", "GET {other}:handoff:1", "GET {p0}:open",
]  # fmt: skip


@pytest.fixture(scope="module", params=["embedded_url", "redis_server"])
def url(request: pytest.FixtureRequest) -> str:
    """The administrator's address of the oldest server, and of the newest."""
    found: Any = request.getfixturevalue(request.param)
    return found.url if isinstance(found, RedisServer) else str(found)


@pytest.fixture
def world(url: str) -> Iterator[World]:
    """Its companion's user gets all its rights back at the end."""
    world = World(url).emptied()
    yield world
    world.admin.execute_command(*setuser("reset", "on", f">{COMPANION[1]}", *access.rights()))


def setuser(*rules: str) -> tuple[str, ...]:
    return ("ACL", "SETUSER", COMPANION[0], *rules)


@pytest.mark.parametrize("command", FOREIGN)
def test_what_the_companion_never_does_is_refused(world: World, command: str) -> None:
    """Whoever has the companion's password can neither empty, copy nor reconfigure the store, nor read other keys."""
    with pytest.raises(redis.ResponseError, match=r"permission|not allowed"):
        world.services.store.client.execute_command(*command.split(" "))


@pytest.mark.parametrize("inside", ["redis.call('FLUSHALL')", "redis.call('GET', 'other')"])
def test_a_script_gives_no_more_rights(world: World, inside: str) -> None:
    """The companion may load scripts; they run with its own rights."""
    with pytest.raises(redis.ResponseError, match=r"ACL failure|can't"):
        world.services.store.client.register_script(f"return {inside}")()


def test_no_right_is_given_in_vain() -> None:
    """Each command of the list stands in the code of the store; one that is dropped there leaves the list too."""
    sources = (place for place in files("companion.store").iterdir() if place.name.endswith((".py", ".lua")))
    text = "\n".join(place.read_text() for place in sources)
    used = {*re.findall(r"\.?(\w+)\(", text), *re.findall(r"""['"]([A-Z]+)['"]""", text)}
    # `ping` is for health checks, such as that of docker-compose.yml.
    for command in {*access.COMMANDS, *access.ASKED} - {"ping"}:
        assert used & {command, command.upper(), OF_THE_CLIENT.get(command)}, command


def test_the_printed_line_is_all_that_an_operator_needs(url: str) -> None:
    """As printed the server refuses it; with the password's hash, and nobody else let in, a case gets its decision."""
    line = CliRunner().invoke(command_group, ["acl"], catch_exceptions=False).output
    admin = World(url).emptied().admin
    with pytest.raises(redis.ResponseError, match="PASSWORD_SHA256"):
        admin.execute_command(*line.split())
    try:
        admin.execute_command(*line.replace("PASSWORD_SHA256", sha256(b"opened").hexdigest()).split())
        scheme, rest = url.split("://")
        admin.execute_command("ACL", "SETUSER", "default", "off")
        admin.acl_log_reset()
        world = World(f"{scheme}://handoff:opened@{rest}")
        opened = world.open(world.automation())
        assert world.person().decide(opened).json["state"] == "approved"
        assert world.nobody().get("/readyz")["store"]["durability"] == "every_write"
        assert admin.acl_log() == [], "it tries nothing that it may not: whatever stands there is somebody else"
    finally:
        # The connection of the administrator is there already, and stays what it is.
        admin.execute_command("ACL", "SETUSER", "default", "on")
        admin.execute_command("ACL", "DELUSER", "handoff")


def test_the_line_for_a_file_says_the_same() -> None:
    """A server reads from its ACL file what it takes as a command."""
    command, line = (CliRunner().invoke(command_group, ["acl", *option]).output for option in ([], ["--file"]))
    assert line == command.replace("ACL SETUSER", "user")


@pytest.mark.req("R-STORE-02")
def test_a_right_that_is_missing_is_named(world: World) -> None:
    """Without any one command the companion is not ready, and says which it is and what to do, instead of failing."""
    nobody = world.nobody()
    assert nobody.send("GET", "/readyz").status_code == 200
    for command in access.COMMANDS:
        world.admin.execute_command(*setuser(f"-{command}"))
        world.clock.advance(1_000)
        detail = problem(nobody.send("GET", "/readyz"), 503, "store_unavailable")["detail"]
        assert re.search(rf"\b{re.escape(command)}\b", detail.lower().replace(" ", "|")), detail
        assert "handoff store acl" in detail
        world.admin.execute_command(*setuser(f"+{command}"))
    assert nobody.send("GET", "/readyz").status_code == 200


def test_work_that_lacks_a_right_is_refused_in_words(world: World) -> None:
    """A reading, a commit, a script of the worker: the remedy, as for any store that cannot be used; no traceback."""
    robot = world.automation()
    opened = world.open(robot)
    for lacking in ("-hmget", "-zadd"):
        world.admin.execute_command(*setuser(lacking))
    answers = [
        robot.send("GET", f"/v1/handoffs/{opened['id']}"),
        robot.send("POST", "/v1/handoffs", ITEM, {"Idempotency-Key": "lacking"}),
    ]
    for answer in answers:
        problem(answer, 503, "store_unavailable")
    world.clock.advance(100 * 24 * 3600 * 1000)
    with pytest.raises(StoreUnavailable, match="handoff store acl"):
        world.services.store.claim_due_timers(world.clock.now_ms(), 1_000, 10)
    assert "handoff store acl" in world.log.getvalue()
    assert "Traceback" not in world.log.getvalue()


@pytest.mark.parametrize("pattern", keys.PATTERNS)
def test_keys_that_are_missing_are_no_secret(world: World, pattern: str) -> None:
    """A user with one kind of keys only is told so at once, and not when somebody signs in."""
    world.admin.execute_command(*setuser("resetkeys", f"~{pattern}"))
    detail = problem(world.nobody().send("GET", "/readyz"), 503, "store_unavailable")["detail"]
    assert "key" in detail
    assert "handoff store acl" in detail


def test_the_start_says_what_is_missing(world: World) -> None:
    """`handoff serve` starts, as it does before its store, and its log has the sentence of /readyz."""
    world.admin.execute_command(*setuser("-getdel"))
    say_store(world.settings)
    assert '"store_not_ready"' in world.log.getvalue()
    assert "may not run GETDEL: give its user the rights that `handoff store acl` prints" in world.log.getvalue()


def test_a_server_that_hides_its_settings_is_no_hindrance(world: World) -> None:
    """Without CONFIG GET, which shows other passwords too, the companion works and says what it cannot know."""
    world.admin.execute_command(*setuser("-config|get"))
    told = world.nobody().get("/readyz")["store"]
    assert told["durability"] == "unknown"
    assert "CONFIG GET" in told["problems"][0]


@pytest.mark.parametrize("server", ["embedded_url", "cluster_url"])
def test_a_wrong_password_is_called_so(server: str, request: pytest.FixtureRequest) -> None:
    """Not `does not answer`: who sets a password up looks at the password."""
    scheme, rest = request.getfixturevalue(server).split("://")
    answer = World(f"{scheme}://{COMPANION[0]}:wrong@{rest}").nobody().send("GET", "/readyz")
    assert "password" in problem(answer, 503, "store_unavailable")["detail"]


@pytest.mark.parametrize("command", ["cluster|slots", "command"])
def test_a_cluster_names_what_it_is_not_asked_for(cluster_url: str, command: str) -> None:
    """Where a user may not ask how the cluster is laid out, that is said, and not that no node can be reached."""
    admin = World(cluster_url).admin
    admin.execute_command(*setuser(f"-{command}"), target_nodes="all")
    answer = World(cluster_url).nobody().send("GET", "/readyz")
    admin.execute_command(*setuser(f"+{command}"), target_nodes="all")
    detail = problem(answer, 503, "store_unavailable")["detail"]
    assert f"'{command}'" in detail
    assert "handoff store acl" in detail
