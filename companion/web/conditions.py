"""On what condition a request is done: once under its Idempotency-Key, on the version looked at, at a real moment."""

import re
from hashlib import sha256
from typing import Final

from flask import request

from companion.core.times import END_OF_TIMES_MS, parse_ms
from companion.store.protocol import Once
from companion.web.callers import caller
from companion.web.problems import Problem

IDEMPOTENCY_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


def idempotency_key() -> str | None:
    """The Idempotency-Key of this request, if it has one."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not IDEMPOTENCY_KEY.fullmatch(key):
        raise Problem(
            "idempotency_key_malformed", "An Idempotency-Key has 1 to 255 printable ASCII characters without spaces."
        )
    return key


def needed_key() -> str:
    """The Idempotency-Key of a request that must have one."""
    key = idempotency_key()
    if key is None:
        raise Problem(
            "idempotency_key_missing", "Send an Idempotency-Key header, so that a repeated request does nothing twice."
        )
    return key


def once(about: str) -> Once | None:
    """The guard of an act that was sent with an Idempotency-Key: a browser may send it again by itself.

    `about` is the handoff that is acted on, or the kind of thing that is made.
    """
    key = idempotency_key()
    return None if key is None else _guard(about, key)


def needed_once(about: str) -> Once:
    """The guard of an act that must have an Idempotency-Key."""
    return _guard(about, needed_key())


def _guard(about: str, key: str) -> Once:
    name = sha256(f"{caller().actor.id}\n{about}\n{key}".encode()).hexdigest()
    return Once(name, sha256(request.path.encode() + b"\n" + request.get_data()).hexdigest())


def expected_version() -> int:
    """The version in If-Match: what the caller looked at when they decided."""
    header = request.headers.get("If-Match")
    if header is None:
        raise Problem("version_required", 'Send If-Match: "<version>" with the version you looked at.')
    match = re.fullmatch(r'"([0-9]{1,9})(?:-[0-9a-f]+)?"', header.strip())
    if match is None:
        raise Problem("version_malformed", 'If-Match looks like "3", with the version in quotation marks.')
    return int(match.group(1))


def moment_ms(text: str, field: str) -> int:
    """A moment of a body that can be shown again; the pattern of its field lets a thirteenth month pass."""
    try:
        at_ms = parse_ms(text)
    except (ValueError, OverflowError):
        raise Problem("invalid_field", "This is no moment in time.", field=field) from None
    # Near the ends of the calendar an offset leads to a year that cannot be shown.
    if not 0 <= at_ms < END_OF_TIMES_MS:
        raise Problem("invalid_field", "A moment lies in the years 1970 to 9998 (UTC).", field=field)
    return at_ms
