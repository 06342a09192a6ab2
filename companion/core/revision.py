"""New package versions: an edit, an answer or a revision, each linked to its parent (R-CTX-03, R-SUP-03, X-28)."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from companion.core.canonical import canonical_bytes
from companion.core.handoff import Handoff
from companion.core.package import BLOB_LIMIT_BYTES, Package, UnusablePackage, build, full_value
from companion.core.redaction import PUBLIC, earlier_of, public_texts

SHOWN_LIMIT_CHARACTERS: Final = 4_000
"""A longer value stands in a change by its digest; both texts are whole in the two package versions."""
CHANGES_LIMIT_BYTES: Final = 32_000
"""More than this stands in the event as one change, so that an event has a size that every reader can take."""


@dataclass(frozen=True, slots=True)
class Edit:
    """An edited output as a new package version, and what differs."""

    package: Package
    changes: list[dict[str, Any]]
    unchanged: bool
    """Whether it is what its author was shown, who may not know more of it."""


def edit_output(
    handoff: Handoff,
    canonical: bytes,
    blobs: Mapping[str, bytes],
    edited_output: Any,
    salt: str,
    *,
    unchanged: bool | None = None,
) -> Edit:
    """The next package version with `edited_output` in place of the model's (R-ACT-04).

    `unchanged` says whether it is what was shown, where its author was not shown all; else the digests say it.
    Raises UnusablePackage when the edit is too large to carry.
    """
    before = full_value(canonical, "model_output", blobs)
    try:
        package = next_version(handoff, canonical, blobs, salt, model_output=edited_output)
    except UnusablePackage as error:
        if handoff.terms.redactions:
            # Neither where nor how large: a name may be the editor's guess, and what is hidden from them counts too.
            sentence = f"This is too large to carry; one value may have {BLOB_LIMIT_BYTES} bytes."
            raise UnusablePackage("/edited_output", sentence) from None
        # The editor sent it under another name than the package keeps it.
        pointer, detail = (text.replace("/model_output", "/edited_output", 1) for text in (error.pointer, str(error)))
        raise UnusablePackage(pointer, detail) from None
    changes = list(changes_between(before, edited_output))
    if len(canonical_bytes(changes)) > CHANGES_LIMIT_BYTES:
        changes = [{"path": "", "before": _shown(before), "after": _shown(edited_output)}]
    same = package.output_digest == handoff.current_output_digest if unchanged is None else unchanged
    return Edit(package, changes, same)


def next_version(handoff: Handoff, canonical: bytes, blobs: Mapping[str, bytes], salt: str, **changed: Any) -> Package:
    """The package that follows the current one; `changed` may replace request, model_output and metadata members."""
    content, redactions = json.loads(canonical), handoff.terms.redactions
    before = {part: full_value(canonical, part, blobs) for part in ("request", "model_output")}
    after = {part: changed.get(part, value) for part, value in before.items()}
    metadata = content["metadata"] | changed.get("metadata", {})
    earlier = earlier_of({**before, "metadata": content["metadata"]}, canonical, redactions)
    # What is said in lists and messages must not tell what this version hides, nor what an older one did.
    public = {name: metadata[name] for name in PUBLIC if name in metadata}
    metadata |= public_texts(public, {**after, "metadata": metadata}, redactions, earlier)
    return build(
        handoff_id=handoff.id,
        group_id=handoff.group_id,
        version=handoff.package_version + 1,
        parent_digest=handoff.package_digest,
        salt=salt,
        request=after["request"],
        model_output=after["model_output"],
        metadata=metadata,
        attachments=[(entry, blobs[entry["sha256"]]) for entry in content["attachments"]],
        redactions=redactions,
        earlier=earlier,
    )


def changes_between(before: Any, after: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """Each place where two JSON values differ: JSON pointer, before and after."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            step = f"{path}/" + key.replace("~", "~0").replace("/", "~1")
            if key in before and key in after:
                yield from changes_between(before[key], after[key], step)
            else:
                # A member that came or went is a change even where its value is null.
                yield {"path": step, "before": _shown(before.get(key)), "after": _shown(after.get(key))}
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for at, (left, right) in enumerate(zip(before, after, strict=True)):
            yield from changes_between(left, right, f"{path}/{at}")
    elif before != after or type(before) is not type(after):
        yield {"path": path, "before": _shown(before), "after": _shown(after)}


def _shown(value: Any) -> Any:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    if len(text) <= SHOWN_LIMIT_CHARACTERS:
        return value
    return {"sha256": sha256(text.encode()).hexdigest(), "characters": len(text)}
