"""What the companion may do at its store, and nothing else (R-SEC-12); `handoff store acl` prints it for the server.

The tests run with exactly these rights, so a command that is missing here fails them. docker-compose.yml has them too.
"""

from typing import Final

from companion.store import keys

COMMANDS: Final = (
    "del", "exists", "pexpire", "pttl", "type", "get", "getdel", "set", "incr", "incrby", "lrange", "rpush",
    "hdel", "hget", "hincrby", "hmget", "hset", "hsetnx", "hvals", "sadd", "scard", "smembers", "srem",
    "zadd", "zcard", "zcount", "zrange", "zrangebyscore", "zrank", "zrem", "zrevrange", "zrevrank",
    "zrevrangebyscore", "zscore", "xack", "xadd", "xautoclaim", "xdel", "xgroup|create", "xreadgroup", "xrevrange",
    "evalsha", "script|load", "multi", "exec", "select",
)  # fmt: skip
"""Without one of these a part of the companion does not work; /readyz names what is missing."""

ASKED: Final = ("config|get", "cluster|slots", "command", "ping")
"""How durable the server is, where a cluster keeps what, and whether it is well. Not every server allows to ask."""


def rights() -> tuple[str, ...]:
    """What is told of a new user behind the password, in `ACL SETUSER` or in an ACL file: keys, channels, commands."""
    allowed = (f"+{command}" for command in (*COMMANDS, *ASKED))
    return (*(f"~{pattern}" for pattern in keys.PATTERNS), "resetchannels", *allowed)
