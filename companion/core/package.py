"""The context package: exactly what a person is shown, as canonical bytes with a digest (R-CTX-01 to 19).

A package never changes. An edit, an answer or a revision makes a new version that names its parent's digest (R-CTX-03).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from companion.core.canonical import canonical_bytes
from companion.core.redaction import NOTHING_EARLIER, Earlier, sensitive_of
from companion.core.terms import Redaction

PACKAGE_SCHEMA_VERSION: Final = 1
PACKAGE_LIMIT_BYTES: Final = 11_000
"""With claims, base64 and signature a token then stays under 16 kB (security row J7)."""
METADATA_LIMIT_BYTES: Final = 8_000
SURROUNDINGS_LIMIT_BYTES: Final = 10_000
"""Of metadata and the list of attachments together: request and output then fit beside them, by pointer at least."""
POINTER_BYTES: Final = 142
"""What one pointer takes in the package beside its path, at most; the fixed members take another 600."""
SENSITIVE_BYTES: Final = 160
"""Room kept for one redaction: which of the large values repeat what it hides."""
NULL_BYTES: Final = len(b"null")
BLOB_LIMIT_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Package:
    """One version of what is shown. `canonical` are its RFC 8785 bytes, `blobs` what was too large to carry inside."""

    version: int
    canonical: bytes
    digest: str
    request_digest: str
    output_digest: str
    blobs: Mapping[str, bytes] = field(default_factory=dict)


class UnusablePackage(Exception):
    """A part of the package is too large or not readable; `pointer` names the part, `str()` says how to mend it."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer


def digest_of(data: bytes) -> str:
    """`sha256:<hex>` of bytes."""
    return "sha256:" + sha256(data).hexdigest()


def object_of(members: Mapping[str, bytes]) -> bytes:
    """The canonical bytes of an object whose members are canonical already; keys must be plain ASCII names."""
    return b"{" + b",".join(b'"%s":%s' % (key.encode(), members[key]) for key in sorted(members)) + b"}"


def build(
    *,
    handoff_id: str,
    group_id: str,
    version: int,
    parent_digest: str | None,
    salt: str,
    request: Any,
    model_output: Any,
    metadata: dict[str, Any],
    attachments: list[tuple[dict[str, Any], bytes]],
    redactions: Sequence[Redaction] = (),
    earlier: Earlier = NOTHING_EARLIER,
) -> Package:
    """Make one package version. `redactions` are those of the case, whoever will look at it; `earlier` what they hid.

    Raises UnusablePackage when a part cannot be carried even by pointer, ValueError from canonical_bytes for values
    that JSON cannot hold.
    """
    request_bytes, output_bytes = canonical_bytes(request), canonical_bytes(model_output)
    metadata_bytes = canonical_bytes(metadata)
    if len(metadata_bytes) > METADATA_LIMIT_BYTES:
        raise UnusablePackage(
            "",
            f"What surrounds request and model_output takes {len(metadata_bytes)} bytes; the limit is "
            f"{METADATA_LIMIT_BYTES}. Move long texts into request, or shorten evidence, sources and rationale.",
        )
    blobs: dict[str, bytes] = {}
    for entry, content in attachments:
        if len(content) > BLOB_LIMIT_BYTES:
            raise UnusablePackage(
                "/attachments", f"“{entry['name']}” has {len(content)} bytes; the limit is {BLOB_LIMIT_BYTES}."
            )
        blobs[entry["sha256"]] = content
    attachments_bytes = canonical_bytes([entry for entry, _ in attachments]) if attachments else b"[]"
    if len(metadata_bytes) + len(attachments_bytes) > SURROUNDINGS_LIMIT_BYTES:
        raise UnusablePackage(
            "/attachments",
            f"Names and types of the attachments take {len(attachments_bytes)} bytes beside "
            f"{len(metadata_bytes)} of other fields; the limit is {SURROUNDINGS_LIMIT_BYTES}. Use shorter names.",
        )
    room = PACKAGE_LIMIT_BYTES - len(metadata_bytes) - len(attachments_bytes) - 600
    whole = {"request": request, "model_output": model_output, "metadata": metadata}
    if redactions:
        room -= len(canonical_bytes(sensitive_of(whole, {}, redactions, earlier))) + SENSITIVE_BYTES * len(redactions)
    pointers: list[dict[str, Any]] = []
    shown_request, shown_output = request_bytes, output_bytes
    if len(request_bytes) + len(output_bytes) > room:
        shown_request, shown_output, pointers = _by_pointer(request, model_output, room, blobs)
    request_digest, output_digest = digest_of(request_bytes), digest_of(output_bytes)
    members = {
        "attachments": attachments_bytes,
        "group_id": b'"%s"' % group_id.encode(),
        "handoff_id": b'"%s"' % handoff_id.encode(),
        "large_values": canonical_bytes(pointers) if pointers else b"[]",
        "metadata": metadata_bytes,
        "model_output": shown_output,
        "output_digest": b'"%s"' % output_digest.encode(),
        "package_version": b"%d" % version,
        "parent_digest": b"null" if parent_digest is None else b'"%s"' % parent_digest.encode(),
        "request": shown_request,
        "request_digest": b'"%s"' % request_digest.encode(),
        "salt": b'"%s"' % salt.encode(),
        "schema_version": b"%d" % PACKAGE_SCHEMA_VERSION,
    }
    if redactions and (blobs or earlier):
        members["sensitive"] = canonical_bytes(sensitive_of(whole, blobs, redactions, earlier))
    canonical = object_of(members)
    return Package(version, canonical, digest_of(canonical), request_digest, output_digest, blobs)


def _by_pointer(
    request: Any, model_output: Any, room: int, blobs: dict[str, bytes]
) -> tuple[bytes, bytes, list[dict[str, Any]]]:
    """Replace the largest members by null and a hashed pointer until the rest fits (R-CTX-04).

    Pointers stand beside the content, never inside it: model output cannot forge one.
    """
    parts = {"request": request, "model_output": model_output}
    total = sum(len(canonical_bytes(part)) for part in parts.values())
    members = [
        (len(canonical_bytes(value)), name, key)
        for name, part in parts.items()
        if isinstance(part, dict)
        for key, value in part.items()
    ]
    shown: dict[str, Any] = {name: dict(part) if isinstance(part, dict) else part for name, part in parts.items()}
    taken: dict[str, Any] = {}
    for size, name, key in sorted(members, reverse=True):
        if total <= room:
            break
        path = f"/{name}/" + key.replace("~", "~0").replace("/", "~1")
        saved = size - NULL_BYTES - _pointer_bytes(path)
        if saved > 0:
            taken[path], shown[name][key] = shown[name][key], None
            total -= saved
    for name in ("request", "model_output"):
        if total > room:
            inside = {path for path in taken if path.startswith(f"/{name}/")}
            total -= len(canonical_bytes(shown[name])) + sum(map(_pointer_bytes, inside))
            taken = {path: value for path, value in taken.items() if path not in inside}
            taken[f"/{name}"], shown[name] = parts[name], None
            total += NULL_BYTES + _pointer_bytes(f"/{name}")
    pointers = [_pointer(path, value, blobs) for path, value in taken.items()]
    return canonical_bytes(shown["request"]), canonical_bytes(shown["model_output"]), pointers


def _pointer_bytes(path: str) -> int:
    """What the pointer at `path` takes: long names must not make the token too large."""
    return POINTER_BYTES + len(canonical_bytes(path))


def _pointer(path: str, value: Any, blobs: dict[str, bytes]) -> dict[str, Any]:
    """Put `value` among the blobs and return what stands for it in the package."""
    text = isinstance(value, str)
    content = value.encode() if text else canonical_bytes(value)
    if len(content) > BLOB_LIMIT_BYTES:
        raise UnusablePackage(
            path, f"{path} has {len(content)} bytes; one value may have {BLOB_LIMIT_BYTES}. Send an excerpt and a link."
        )
    name = sha256(content).hexdigest()
    blobs[name] = content
    media_type = "text/plain" if text else "application/json"
    return {"path": path, "sha256": name, "size_bytes": len(content), "media_type": media_type}


def full_value(canonical: bytes, part: str, blobs: Mapping[str, bytes]) -> Any:
    """`request` or `model_output` whole again, with what was carried by pointer put back.

    Raises KeyError when a blob is missing: a guess is never delivered in its place.
    """
    content = json.loads(canonical)
    for pointer in content["large_values"]:
        _, name, *key = pointer["path"].split("/", 2)
        if name != part:
            continue
        data = blobs[pointer["sha256"]]
        value = data.decode() if pointer["media_type"] == "text/plain" else json.loads(data)
        if key:
            content[part][key[0].replace("~1", "/").replace("~0", "~")] = value
        else:
            content[part] = value
    return content[part]
