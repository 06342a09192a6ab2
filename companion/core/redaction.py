"""What a role does not see of a package, taken out before it is signed (R-CTX-18, R-SEC-05, R-UI-23, X-17).

A hidden place becomes null. What stands there is masked wherever else it is written out: in another field, in a
title, as base64 or with escapes. Digests of a part with a hidden place are left out, for a short value could be guessed
from one, and so is every large value that holds something hidden: its hash could not stay true without it.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Literal

from companion.core.canonical import canonical_bytes
from companion.core.masking import Masks, leaves, repeats, telling
from companion.core.pointers import Steps, pointer_to, steps_of
from companion.core.terms import Redaction

Part = Literal["request", "model_output"]
PARTS: Final[Mapping[str, str]] = {"request": "request_digest", "model_output": "output_digest"}
"""Part of a package -> its digest."""

PRIVATE: Final = frozenset({"salt", "sensitive"})
"""Members of a package that no view has."""
PUBLIC: Final = ("title", "question", "approve_label", "category", "stop_reasons")
"""Members of the metadata that lists and messages show before anybody's role is asked."""
METADATA_LISTS: Final = ("sources", "features", "counterfactuals", "harms", "evidence")
UNTOUCHED: Final = (
    "workflow_id", "created_at", "expires_at", "due_at", "second_due_at", "policy", "confidence", "confidence_kind",
    "calibrated", "risk_score", "risk_tier", "service_tier", "reversible", "thresholds", "flags",
)  # fmt: skip
"""Members of the metadata that hold nothing of the payload; a number there may equal a hidden one by chance."""
LARGE: Final = "A large text with hidden parts"
MOST_REMEMBERED: Final = 20
"""Of more hidden values at one place nothing is kept: then every large value is hidden with them."""
MOST_LOOKED_AT: Final = 200
"""Of a place with more hidden values the first ones are carried over to the next version."""
EARLIER_BYTES: Final = 1_500
"""Room for what older versions hid, so that it does not crowd out what is shown."""
Earlier = Mapping[str, Sequence[str | int | float]]
"""Redaction path -> what stood there before."""
NOTHING_EARLIER: Final[Earlier] = {}
MASK: Final = re.compile(r"\[redacted ([0-9]{1,6})\]")
JOINING: Final = re.compile(r"[\w\[\]]")
"""What makes one word with a mask beside it; a bracket is that of another mask."""


@dataclass(frozen=True, slots=True)
class HiddenPlaceEdited:
    """An edit that writes where its author may not read; `pointer` says where in the output."""

    pointer: str


@dataclass(frozen=True, slots=True)
class Restored:
    """An edited output with what its author was not shown put back."""

    value: Any


def hidden(redactions: Sequence[Redaction], roles: Collection[str]) -> tuple[Redaction, ...]:
    """The redactions that hold for somebody with these roles."""
    return tuple(each for each in redactions if not set(each.visible_to) & set(roles))


def view(canonical: bytes, redactions: Sequence[Redaction], roles: Collection[str]) -> bytes:
    """The package as somebody with these roles sees it, in canonical bytes; their digest is the view's digest.

    Without the salt, so that nothing can be guessed from the full digest, and with `redacted`: path and label of each
    place that is hidden here.
    """
    content = json.loads(canonical)
    hides = hidden(redactions, roles)
    if hides:
        return canonical_bytes(_redacted(content, hides))
    shown = {name: value for name, value in content.items() if name not in PRIVATE}
    return canonical_bytes(shown | {"redacted": []})


def redact_value(
    value: Any, part: Part, canonical: bytes, redactions: Sequence[Redaction], roles: Collection[str]
) -> Any:
    """A request or an output that is shown outside of its package, with the same places hidden and masked."""
    hides = hidden(redactions, roles)
    if not hides:
        return value
    content = json.loads(canonical)
    shown = _without(value, _inside(part, hides))
    return _masks(content, hides, shown).anywhere(shown)


def scrub(value: Any, canonical: bytes, redactions: Sequence[Redaction], roles: Collection[str]) -> Any:
    """Any JSON about a case (title, notes, history) with what is hidden in its package masked."""
    hides = hidden(redactions, roles)
    if not hides:
        return value
    content = json.loads(canonical)
    return _masks(content, hides, value).anywhere(value)


def public_texts(
    texts: Mapping[str, Any],
    fields: Mapping[str, Any],
    redactions: Sequence[Redaction],
    earlier: Earlier = NOTHING_EARLIER,
) -> dict[str, Any]:
    """Texts that stand outside of the package (title, question) without what is hidden from anybody at all.

    Lists and messages show them before anybody's role is asked. `fields` has request, model_output and the members of
    the metadata that can be hidden; `earlier` what stood in these places in older versions.
    """
    if not redactions:
        return dict(texts)
    values = [leaf for each in redactions for found in _found(fields, steps_of(each.path)) for leaf in leaves(found)]
    values += [value for kept in earlier.values() for value in kept]
    masks = Masks(values, texts)
    return {name: _ours(masks, value) for name, value in texts.items()}


def _ours(masks: Masks, value: Any) -> Any:
    """A document of ours with its values masked and no name of a member, though a hidden value be “text”."""
    if isinstance(value, Mapping):
        return {name: masks.anywhere(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_ours(masks, inner) for inner in value]
    return masks.anywhere(value)


def earlier_in(canonical: bytes) -> Earlier:
    """Redaction path -> what it hid in the versions before this one."""
    found: Earlier = json.loads(canonical).get("sensitive", {}).get("earlier", {})
    return found


def earlier_of(
    fields: Mapping[str, Any], canonical: bytes, redactions: Sequence[Redaction]
) -> dict[str, list[str | int | float]]:
    """Redaction path -> what it hid in this version and in those before; notes may quote it long after (R-SEC-05).

    `fields` is the content of this version whole. The newest values come first; there is room for some of the oldest.
    """
    before = earlier_in(canonical)
    kept: dict[str, list[str | int | float]] = {}
    room = EARLIER_BYTES
    for each in redactions:
        now = (leaf for inner in _found(fields, steps_of(each.path)) for leaf in leaves(inner))
        for value in islice(telling([*islice(now, MOST_LOOKED_AT), *before.get(each.path, ())]), MOST_REMEMBERED):
            room -= len(canonical_bytes(value)) + 1
            if room >= 0:
                kept.setdefault(each.path, []).append(value)
    return kept


def sensitive_of(
    fields: Mapping[str, Any],
    blobs: Mapping[str, bytes],
    redactions: Sequence[Redaction],
    earlier: Earlier = NOTHING_EARLIER,
) -> dict[str, dict[str, list[Any]]]:
    """What a package must remember of hidden values that lie in its blobs, so that a view needs no blob to be made.

    `values`: redaction path -> hidden texts and numbers. `blobs`: SHA-256 -> the paths whose values it repeats.
    `earlier`: redaction path -> what stood there in older versions.
    """
    values: dict[str, list[Any]] = {}
    held: dict[str, list[Any]] = {}
    for each in redactions:
        found = [leaf for inner in _found(fields, steps_of(each.path)) for leaf in leaves(inner)]
        if len(found) > MOST_REMEMBERED or len(kept := list(telling(found))) > MOST_REMEMBERED:
            continue
        values[each.path] = kept
        for name, content in blobs.items():
            if repeats([*found, *earlier.get(each.path, ())], content):
                held.setdefault(name, []).append(each.path)
    made: dict[str, dict[str, list[Any]]] = {"values": values, "blobs": held}
    return made | {"earlier": {path: list(kept) for path, kept in earlier.items()}} if earlier else made


def restore(
    edited: Any, original: Any, canonical: bytes, redactions: Sequence[Redaction], roles: Collection[str]
) -> Restored | HiddenPlaceEdited:
    """An edited output with what its author was not shown put back: null there, and a mask, mean “unchanged”."""
    hides = hidden(redactions, roles)
    if not hides:
        return Restored(edited)
    content = json.loads(canonical)
    places = _inside("model_output", hides)
    masks = _masks(content, hides, _without(original, places))
    try:
        whole = _restored(edited, original, places, masks, "")
    except _Unrestorable as error:
        return HiddenPlaceEdited(error.pointer)
    for place in places:
        stood = dict(_located(original, place))
        for where, value in _located(whole, place):
            if value is not None and (where not in stood or stood[where] != value):
                # Where nothing stood before, the next reviewer would be shown null and approve what is written here.
                return HiddenPlaceEdited(pointer_to(where))
    return Restored(whole)


# Parts


class _Unrestorable(Exception):
    def __init__(self, pointer: str) -> None:
        super().__init__(pointer)
        self.pointer = pointer


def _redacted(content: dict[str, Any], hides: Sequence[Redaction]) -> dict[str, Any]:
    gone = _hidden_blobs(content, hides)
    attachments = [entry for entry in content["attachments"] if entry["sha256"] not in gone]
    left = {root: _without(content[root], _inside(root, hides)) for root in ("metadata", *PARTS)}
    masks = _masks(content, hides, [left, attachments])
    shown: dict[str, Any] = {root: masks.anywhere(value) for root, value in left.items()}
    shown["metadata"] = _ours(masks, left["metadata"])
    shown["metadata"] |= {name: content["metadata"][name] for name in UNTOUCHED if name in content["metadata"]}
    if "impact_score" in shown["metadata"]:
        # A formula may read what is hidden, and give it as it is.
        shown["metadata"]["impact_score"] = None
    for name in METADATA_LISTS:
        # Whoever reads a list finds one; that it was hidden stands in `redacted`.
        shown["metadata"][name] = shown["metadata"].get(name) or []
    labels = {each.path: each.label for each in hides if any(True for _ in _found(content, steps_of(each.path)))}
    for pointer in content["large_values"]:
        if pointer["sha256"] in gone:
            labels.setdefault(pointer["path"], LARGE)
    for part, name in PARTS.items():
        # A digest tells a short value to whoever tries them all.
        if shown[part] != content[part] or any(steps_of(path)[0] == part for path in labels):
            shown[name] = None
    return {
        **{name: value for name, value in content.items() if name not in PRIVATE},
        **shown,
        "attachments": [entry | {"name": masks.text(entry["name"])[0]} for entry in attachments],
        "large_values": [pointer for pointer in content["large_values"] if pointer["sha256"] not in gone],
        "redacted": [{"path": path, "label": label} for path, label in labels.items()],
    }


def _masks(content: Mapping[str, Any], hides: Sequence[Redaction], about: Any) -> Masks:
    """Masks for what is hidden in this package, in a value of which hidden places are taken out already."""
    sensitive = content.get("sensitive", {})
    values, earlier = sensitive.get("values", {}), sensitive.get("earlier", {})
    found: list[str | int | float] = []
    for each in hides:
        steps = steps_of(each.path)
        found += (*values.get(each.path, ()), *earlier.get(each.path, ()))
        for inner in _found(content, steps):
            # Of files the names; a media type is no secret.
            found += leaves(inner) if steps[0] != "attachments" else [file["name"] for file in content["attachments"]]
    return Masks(found, about)


def _hidden_blobs(content: Mapping[str, Any], hides: Sequence[Redaction]) -> frozenset[str]:
    """Large values above, under or at a hidden place, and whatever repeats what is hidden."""
    sensitive = content.get("sensitive", {"values": {}, "blobs": {}})
    paths = {each.path for each in hides}
    gone = {name for name, held in sensitive["blobs"].items() if paths & set(held)}
    everything = {entry["sha256"] for part in ("large_values", "attachments") for entry in content[part]}
    if not paths <= set(sensitive["values"]):
        # Nobody looked for these places in what is carried outside: none of it can be shown.
        return frozenset(everything)
    for pointer in content["large_values"]:
        steps = steps_of(pointer["path"])
        if any(_meet(steps, steps_of(path)) for path in paths):
            gone.add(pointer["sha256"])
    if any(steps_of(path)[0] == "attachments" for path in paths):
        gone |= {entry["sha256"] for entry in content["attachments"]}
    return frozenset(gone)


def _inside(root: str, hides: Sequence[Redaction]) -> list[Steps]:
    return [steps[1:] for each in hides if (steps := steps_of(each.path))[0] == root]


def _meet(one: Steps, other: Steps) -> bool:
    """Whether one of two places lies in the other."""
    return all(a == b or "*" in (a, b) for a, b in zip(one, other, strict=False))


def _found(value: Any, steps: Steps) -> Iterator[Any]:
    """What stands at a place; several things where the path has a `*`."""
    return (inner for _, inner in _located(value, steps))


def _located(value: Any, steps: Steps) -> Iterator[tuple[Steps, Any]]:
    """What stands at a place, and exactly where."""
    if not steps:
        yield (), value
        return
    for name in _members(value, steps[0]):
        yield from (((str(name), *deeper), inner) for deeper, inner in _located(value[name], steps[1:]))


def _members(value: Any, step: str) -> list[Any]:
    """The names of an object's members, or the indexes of a list's entries, that a step of a path means."""
    if isinstance(value, Mapping):
        return list(value) if step == "*" else [step] if step in value else []
    if isinstance(value, list):
        if step == "*":
            return list(range(len(value)))
        return [int(step)] if step.isdecimal() and int(step) < len(value) else []
    return []


def _without(value: Any, places: Sequence[Steps]) -> Any:
    """The value with null at these places."""
    if not places:
        return value
    if () in places:
        return None
    made = dict(value) if isinstance(value, Mapping) else list(value) if isinstance(value, list) else value
    for name, inner in _deeper(value, places).items():
        made[name] = _without(value[name], inner)
    return made


def _deeper(value: Any, places: Sequence[Steps]) -> dict[Any, list[Steps]]:
    """Member -> the places inside of it."""
    inner: dict[Any, list[Steps]] = {}
    for place in places:
        for name in _members(value, place[0]):
            inner.setdefault(name, []).append(place[1:])
    return inner


def _restored(edited: Any, original: Any, places: Sequence[Steps], masks: Masks, at: str) -> Any:
    shown = masks.anywhere(_without(original, places))
    if shown == original:
        return edited
    if shown is None:
        # Hidden as a whole, or a number that is hidden elsewhere.
        if edited is not None:
            raise _Unrestorable(at)
        return original
    if isinstance(original, str):
        return original if edited == shown else _unmasked(edited, masks.text(original)[1], at)
    deeper = _deeper(original, places)
    if isinstance(original, Mapping):
        return _members_restored(edited, original, deeper, masks, at)
    if not isinstance(edited, list) or len(edited) != len(original) or _moved(edited, shown):
        # Which entry a hidden value belongs to cannot be told any more.
        raise _Unrestorable(at)
    return [
        _restored(new, old, deeper.get(index, ()), masks, f"{at}/{index}")
        for index, (new, old) in enumerate(zip(edited, original, strict=True))
    ]


def _members_restored(
    edited: Any, original: Mapping[str, Any], deeper: Mapping[Any, Sequence[Steps]], masks: Masks, at: str
) -> dict[str, Any]:
    if not isinstance(edited, Mapping):
        raise _Unrestorable(at)
    names = masks.names(original)
    made = {name: value for name, value in edited.items() if name not in names}
    for shown, name in names.items():
        place = at + pointer_to((shown,))
        places = deeper.get(name, ())
        if shown in edited:
            made[name] = _restored(edited[shown], original[name], places, masks, place)
        elif shown != name or masks.anywhere(_without(original[name], places)) != original[name]:
            raise _Unrestorable(place)
    return made


def _unmasked(edited: Any, pieces: Sequence[str], at: str) -> Any:
    """A text with its masks replaced by what they stand for; a mask that was never shown here stands for nothing."""
    if not isinstance(edited, str):
        return edited

    def piece(found: re.Match[str]) -> str:
        number = int(found[1])
        beside = edited[: found.start()][-1:] + edited[found.end() :][:1]
        # Grown together with other signs it would be another word, which no mask hides from its author.
        if not 1 <= number <= len(pieces) or JOINING.search(beside):
            raise _Unrestorable(at)
        return pieces[number - 1]

    return MASK.sub(piece, edited)


def _moved(edited: Sequence[Any], shown: Sequence[Any]) -> bool:
    """Whether an entry of a list now stands where another one stood."""
    return any(
        new != shown[index] and any(new == old for at, old in enumerate(shown) if at != index)
        for index, new in enumerate(edited)
    )
