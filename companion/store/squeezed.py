"""Records of routed items in small: millions of them say nearly the same, so they are kept as what differs.

Deflate (RFC 1951) with a preset text of what such records hold. The first byte names that text; it never changes, and
a better one gets the next number.
"""

import zlib
from functools import cache
from importlib.resources import files
from typing import Final

NEWEST: Final = 1
_LEVEL: Final = 1
_WINDOW: Final = -13
"""Raw, 8 kB back: the preset text fits, and setting up costs a fourth of what 32 kB would."""
_MEMORY: Final = 5


def squeeze(text: str) -> bytes:
    """The text in small."""
    made = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zlib.Z_DEFAULT_STRATEGY, _preset(NEWEST))
    return bytes((NEWEST,)) + made.compress(text.encode()) + made.flush()


def unsqueeze(data: bytes) -> str:
    """The text again. Raises ValueError for what a newer Handoff wrote."""
    if data[0] > NEWEST:
        raise ValueError(f"a record of form {data[0]} was written by a newer Handoff; this one knows {NEWEST}")
    return zlib.decompressobj(_WINDOW, _preset(data[0])).decompress(data[1:]).decode()


@cache
def _preset(number: int) -> bytes:
    return (files("companion.store") / f"squeezed-{number}.txt").read_bytes()
