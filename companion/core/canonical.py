"""RFC 8785 bytes and digests; `parse_strict` is the way in, these are the way out.

Both keep to what a double holds exactly, so that Python, the page and n8n compute one digest from one value.
"""

import json
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

import rfc8785

from companion.core.strict_json import DEFAULT_LIMITS, EXACT_INTEGER, Limits, MalformedJson, parse_strict

__all__ = [
    "DEFAULT_LIMITS",
    "Limits",
    "MalformedJson",
    "NotCanonical",
    "canonical_bytes",
    "digest",
    "parse_strict",
]


class NotCanonical(ValueError):
    """A Python value without an RFC 8785 form: not finite, an inexact integer, a lone surrogate, a foreign type."""


def canonical_bytes(value: Any) -> bytes:
    """The RFC 8785 bytes of a JSON value. Raises NotCanonical.

    The library `rfc8785` is the reference; json.dumps stands in for it only where `_dumps_agrees` holds.
    """
    try:
        # Before the walk: the encoder stops at a value that holds itself, where the walk would not.
        text = _DUMPS.encode(value)
        if _dumps_agrees(value):
            return text.encode()
        return rfc8785.dumps(_with_doubles(value))
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise NotCanonical(f"This has no canonical JSON: {type(error).__name__}.") from error


def digest(value: Any) -> str:
    """`sha256:<hex>` of bytes as they are, or of the canonical bytes of a JSON value. Raises NotCanonical."""
    data = value if isinstance(value, bytes) else canonical_bytes(value)
    return "sha256:" + sha256(data).hexdigest()


_DUMPS: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
)


def _dumps_agrees(value: Any) -> bool:
    """Whether json.dumps gives the RFC 8785 bytes of `value`.

    It does for plain types, except where a float is written in another way (1.0, 1e-05), an integer is beyond a double,
    a key is no string, or a key holds a character beyond U+FFFF (only then do code points and UTF-16 units sort apart).
    """
    left = [value]
    while left:
        item = left.pop()
        kind = type(item)
        if kind is str or item is None or kind is bool:
            continue
        if kind is dict:
            for key in item:
                if type(key) is not str or not (key.isascii() or max(key) <= "\uffff"):
                    return False
            left.extend(item.values())
        elif kind is list:
            left.extend(item)
        elif kind is int:
            if not -EXACT_INTEGER <= item <= EXACT_INTEGER:
                return False
        elif kind is not float or item.is_integer() or -1e-4 < item < 1e-4:
            return False
    return True


def _with_doubles(value: Any) -> Any:
    """`value` with each integer beyond 2**53 - 1 as the float that is written with the same digits."""
    if isinstance(value, dict):
        return {key: _with_doubles(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_doubles(item) for item in value]
    if isinstance(value, int) and not -EXACT_INTEGER <= value <= EXACT_INTEGER:
        double = float(value)
        if Decimal(repr(double)) != value:
            raise NotCanonical("An integer is not exact as a double.")
        return double
    return value
