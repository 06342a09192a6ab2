"""Log lines: one JSON object a line, on stderr, with no secret in it (security row L6).

Everything passes through one handler of the standard library, so that what Granian, urllib3 or a traceback says is
cleaned as our own lines are. Cleaning happens twice: members whose name promises a secret lose their value, and every
text loses whatever has the form of a secret.
"""

import json
import logging
import os
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from math import isfinite
from typing import Any, Final, TextIO
from urllib.parse import unquote, urlsplit

import structlog

from companion.adapters.clock import Clock
from companion.core.times import iso

REMOVED: Final = "[removed]"

SECRET_NAME: Final = re.compile(
    r"(?:^|[_-])(?:secret|password|passwd|authorization|cookie|mac|signature|token|api_key|private_key|hmac)$",
    re.IGNORECASE,
)
"""Names of members whose value is never written. `kid`, `api_key_id` and `package_digest` are not secret."""

SECRET_FORMS: Final = (
    # API keys and personal tokens keep their public first part, by which an operator finds them in a list.
    (re.compile(r"(?<![A-Za-z0-9_])(h[kp]_[A-Za-z0-9]{4,16}_)[A-Za-z0-9_-]{20,}"), rf"\1{REMOVED}"),
    (re.compile(r"(?<![A-Za-z0-9_])(h[skebc]_)[A-Za-z0-9_-]{20,}"), rf"\1{REMOVED}"),
    (re.compile(r"whsec_[A-Za-z0-9+/=_-]+"), f"whsec_{REMOVED}"),
    (re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"), REMOVED),
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1 {REMOVED}"),
    (re.compile(r"://[^/@\s\"\\]*@"), f"://{REMOVED}@"),
    # n8n's resume address and our personal link carry their right to act in these.
    (
        re.compile(r"([?&#;](?:signature|mac|token|secret|sig|code|api_key)=)[^&\s\"'\\#]+", re.IGNORECASE),
        rf"\1{REMOVED}",
    ),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL), REMOVED),
)


def configure(
    *,
    clock: Clock,
    process: str,
    level: str = "info",
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Set up logging for this process, once, before its first line.

    `process` is serve, worker or up; `level` one of debug, info, warning, error; `secrets` are values of this process
    that have no form of their own, such as HANDOFF_SECRET.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(json_formatter(clock=clock, process=process, secrets=secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of one part: `logger("store").warning("store_died", cause="disk_full")`."""
    return structlog.stdlib.get_logger(name)


def json_formatter(*, clock: Clock, process: str, secrets: Iterable[str] = ()) -> logging.Formatter:
    """The formatter that makes a clean JSON line of any record, our own or a library's."""
    # Shorter ones would tear ordinary words apart.
    literals = tuple(secret for secret in secrets if len(secret) >= 8)

    def stamp(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """The moment first, then where: a line is found by its time."""
        return {"at": iso(clock.now_ms()), "process": process, "pid": os.getpid(), **event}

    def render(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
        return json.dumps(without_secrets(event, literals), ensure_ascii=False, separators=(",", ":"))

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.add_log_level],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            stamp,
            render,
        ],
    )


def without_secrets(value: Any, literals: Iterable[str] = ()) -> Any:
    """`value` as JSON can hold it, without secrets at any depth.

    A member whose name promises a secret loses its value; every text, the repr of a strange object too, loses what has
    the form of a secret and each of `literals`.
    """
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and isfinite(value)):
        return value
    if isinstance(value, Mapping):
        return {
            clean(str(name), literals): REMOVED
            if SECRET_NAME.search(str(name)) and item is not None
            else without_secrets(item, literals)
            for name, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [without_secrets(item, literals) for item in value]
    return clean(value if isinstance(value, str) else repr(value), literals)


def clean(text: str, literals: Iterable[str] = ()) -> str:
    """`text` without `literals` and without anything that has the form of one of our secrets."""
    for literal in literals:
        text = text.replace(literal, REMOVED)
    for form, replacement in SECRET_FORMS:
        text = form.sub(replacement, text)
    return text


def secrets_of_address(address: str) -> list[str]:
    """The password inside an address such as `redis://:password@host`, as `configure` wants it."""
    password = urlsplit(address).password
    return [password, unquote(password)] if password else []
