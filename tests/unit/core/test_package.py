"""The context package: whole, concise, immutable, and not to be forged from inside (R-CTX-01 to 07)."""

import base64
import json
from dataclasses import FrozenInstanceError
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.core.canonical import canonical_bytes, digest
from companion.core.package import (
    BLOB_LIMIT_BYTES,
    PACKAGE_LIMIT_BYTES,
    Package,
    UnusablePackage,
    build,
    full_value,
)
from companion.core.redaction import view
from companion.core.tokens import MAX_TOKEN_BYTES, Content, View, mint
from tests.unit.core.cases import GROUP_ID, HANDOFF_ID, NOW_MS, SALT, opened
from tests.unit.core.forging import ISSUER, signing_key

MEGABYTE = 1_000_000
KEY = signing_key()


def made(request: Any = None, model_output: Any = None, attachments: Any = (), **metadata: Any) -> Package:
    return build(
        handoff_id=HANDOFF_ID, group_id=GROUP_ID, version=1, parent_digest=None, salt=SALT, request=request,
        model_output=model_output, metadata=metadata, attachments=list(attachments),
    )  # fmt: skip


def token_bytes(package: Package) -> int:
    """The size of the larger of the two tokens of a package: the one for the page, with its view."""
    whole = Content(ISSUER, "n8n", HANDOFF_ID, "a" * 32, NOW_MS // 1000, package.canonical)
    shown = view(package.canonical, (), ())
    page = Content(
        ISSUER, "page", HANDOFF_ID, "a" * 32, NOW_MS // 1000, shown, View(digest(shown), package.digest, "approver")
    )
    return max(len(mint(whole, KEY).token), len(mint(page, KEY).token))


@pytest.mark.req("R-CTX-01", "R-CTX-14")
def test_request_output_and_metadata_are_the_three_parts() -> None:
    """What came in, what the model said, and what is known about both stand in one canonical document."""
    _, package = opened()
    content = json.loads(package.canonical)
    assert content["request"] == {"email": "Where is my order?"}
    assert content["model_output"] == {"summary": "Asks for the order.", "lines": [1, 2]}
    assert content["metadata"]["workflow_id"] == "summarize"
    assert canonical_bytes(content) == package.canonical
    assert package.digest == "sha256:" + sha256(package.canonical).hexdigest()
    assert package.request_digest == digest(content["request"]) == content["request_digest"]
    assert package.output_digest == digest(content["model_output"]) == content["output_digest"]


@pytest.mark.req("R-CTX-07", "R-CTX-09", "R-CTX-10", "R-CTX-14", "R-CTX-19")
def test_every_field_is_there_even_when_nobody_sent_it() -> None:
    """What is unknown is null or empty and so visible as unknown; a reader needs no rule for a missing field."""
    _, package = opened()
    content = json.loads(package.canonical)
    assert set(content) == {
        "schema_version",
        "handoff_id",
        "group_id",
        "package_version",
        "parent_digest",
        "salt",
        "request",
        "model_output",
        "request_digest",
        "output_digest",
        "large_values",
        "attachments",
        "metadata",
    }
    metadata = content["metadata"]
    assert set(metadata) == {
        "intent",
        "action",
        "workflow_id",
        "task_id",
        "title",
        "question",
        "approve_label",
        "instructions",
        "created_at",
        "expires_at",
        "confidence",
        "confidence_kind",
        "risk_score",
        "risk_tier",
        "service_tier",
        "priority",
        "reversible",
        "domain",
        "category",
        "requester",
        "impact",
        "urgency",
        "model",
        "flags",
        "stop_reasons",
        "thresholds",
        "policy",
        "sources",
        "features",
        "counterfactuals",
        "harms",
        "evidence",
        "rationale",
        "similar_cases",
        "response_form",
        "display",
        "source",
        "calibrated",
        "time_sensitive",
        "sla_feasible",
        "amount",
        "impact_score",
    }
    assert set(metadata["model"]) == {"name", "type", "version", "hash", "retrained_at"}
    assert content["handoff_id"] == HANDOFF_ID
    assert content["metadata"]["policy"] == {"id": "default", "version": 1}


@pytest.mark.req("R-CTX-08", "R-CTX-09", "R-CTX-10", "R-CTX-11", "R-CTX-12", "R-CTX-13", "R-CTX-15", "R-CTX-17")
def test_what_a_workflow_knows_reaches_the_reviewer() -> None:
    """Sources with age, model and training date, kind of confidence, features in order, harms, evidence: as sent."""
    given_: dict[str, Any] = {
        "confidence": 0.5,
        "confidence_kind": "calibrated",
        "risk_score": 0.7,
        "reversible": False,
        "flags": ["pii"],
        "model": {
            "name": "bart",
            "type": "seq2seq",
            "version": "3",
            "hash": "sha256:1",
            "retrained_at": "2026-10-01T00:00:00Z",
        },
        "sources": [{"name": "orders", "as_of": "2026-11-20T00:00:00Z", "url": None, "stale": True}],
        "features": [{"name": "tone", "value": "angry", "weight": 0.4}, {"name": "length", "value": 12, "weight": 0.1}],
        "counterfactuals": ["Had the order shipped, confidence were 0.9."],
        "harms": [{"kind": "customer_privacy", "text": "It names a customer."}],
        "evidence": [{"title": "Order 7", "text": "Shipped.", "url": None}],
        "rationale": "The tone decides.",
        "urgency": "The customer waits on the line.",
        "priority": "high",
        "service_tier": 3,
        "domain": "support",
        "response_form": {"type": "object"},
        "display": [{"label": "Email", "path": "/request/email", "kind": "long_text"}],
    }
    metadata = json.loads(opened(**given_)[1].canonical)["metadata"]
    for name, value in given_.items():
        assert metadata[name] == value, name
    assert metadata["calibrated"] is True
    assert metadata["thresholds"] == {"confidence": 0.85}


@pytest.mark.req("R-CTX-10", "R-UI-29")
@pytest.mark.parametrize("kind", [None, "probability", "self_reported", "heuristic"])
def test_only_a_calibrated_confidence_is_called_so(kind: str | None) -> None:
    """A score of another kind, or of none, is never shown as calibrated."""
    metadata = json.loads(opened(confidence_kind=kind)[1].canonical)["metadata"]
    assert (metadata["calibrated"], metadata["confidence_kind"]) == (False, kind)


@pytest.mark.req("R-CTX-04")
@pytest.mark.parametrize(
    ("request_", "output", "paths"),
    [
        ({"body": "x" * MEGABYTE, "id": 7}, "short", ["/request/body"]),
        ("x" * MEGABYTE, {"a": 1}, ["/request"]),
        ({"a": 1}, {"rows": ["x" * 99] * 9_000, "n": 1}, ["/model_output/rows"]),
        ({"a": "x" * MEGABYTE}, {"a": "y" * MEGABYTE}, ["/model_output/a", "/request/a"]),
        ({"a/b": {"~": "x" * MEGABYTE}}, 1, ["/request/a~1b"]),
        ({str(n): "x" * 20 for n in range(3_000)}, 1, ["/request"]),
        ({"k" * 6_000: "v" * 6_000}, 1, ["/request"]),
    ],
)
def test_a_large_value_is_carried_by_a_hashed_pointer(request_: Any, output: Any, paths: list[str]) -> None:
    """A megabyte leaves a token under 16 kB; each pointer's hash resolves to its bytes, and the whole comes back."""
    package = made(request_, output)
    assert token_bytes(package) < MAX_TOKEN_BYTES
    content = json.loads(package.canonical)
    assert sorted(pointer["path"] for pointer in content["large_values"]) == paths
    for pointer in content["large_values"]:
        blob = package.blobs[pointer["sha256"]]
        assert (sha256(blob).hexdigest(), len(blob)) == (pointer["sha256"], pointer["size_bytes"])
    assert full_value(package.canonical, "request", package.blobs) == request_
    assert full_value(package.canonical, "model_output", package.blobs) == output
    assert content["request_digest"] == digest(request_), (
        "the digest is over what was sent, not over what is left of it"
    )


@pytest.mark.req("R-CTX-04")
def test_a_value_beyond_the_limit_is_refused_by_name() -> None:
    """One value may have a megabyte; what is larger is refused with its path, in request, output and attachments."""
    for path, request, output in [
        ("/request/body", {"body": "x" * (BLOB_LIMIT_BYTES + 1)}, None),
        ("/model_output", None, ["x" * 1000] * 1100),
    ]:
        with pytest.raises(UnusablePackage) as caught:
            made(request, output)
        assert caught.value.pointer == path
        assert path in str(caught.value)
    assert made({"body": "x" * BLOB_LIMIT_BYTES}).blobs
    entry = {"name": "a.pdf", "media_type": "application/pdf", "size_bytes": 1, "sha256": "0" * 64}
    with pytest.raises(UnusablePackage, match=r"a\.pdf") as caught:
        made(attachments=[(entry, b"x" * (BLOB_LIMIT_BYTES + 1))])
    assert caught.value.pointer == "/attachments"


@pytest.mark.req("R-CTX-04", "J7")
def test_what_cannot_be_pointed_to_has_a_limit_of_its_own() -> None:
    """Metadata and names of attachments stay inside, so they are refused before a token would be too large."""
    with pytest.raises(UnusablePackage, match="surrounds"):
        made(rationale="r" * 8_000)
    attachments = [
        {"name": "n" * 300, "media_type": "a/b", "content_base64": base64.b64encode(b"%d" % n).decode()}
        for n in range(10)
    ]
    assert token_bytes(opened(attachments=attachments)[1]) < MAX_TOKEN_BYTES
    with pytest.raises(UnusablePackage) as caught:
        opened(attachments=attachments, rationale="r" * 6_000)
    assert caught.value.pointer == "/attachments"


NAMES = st.sampled_from(["a", "b/c", "~", "k" * 300, "k" * 3_000, "é" * 500])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.builds(
        lambda text, times: text * times,
        st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
        st.integers(0, 4_000),
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(request=VALUES, output=VALUES, salt=st.integers(0, 2**128 - 1), words=st.integers(0, 7_800))
@settings(max_examples=150, deadline=None)
@pytest.mark.req("R-CTX-04", "J7", "H1")
def test_any_content_fits_a_token_and_comes_back_whole(request: Any, output: Any, salt: int, words: int) -> None:
    """Whatever a workflow sends within the limits: the token stays under 16 kB and nothing of it is lost or changed."""
    package = build(
        handoff_id=HANDOFF_ID, group_id=GROUP_ID, version=3, parent_digest="sha256:" + "0" * 64, salt=f"{salt:032x}",
        request=request, model_output=output, metadata={"rationale": "w" * words}, attachments=[],
    )  # fmt: skip
    assert len(package.canonical) <= PACKAGE_LIMIT_BYTES
    assert token_bytes(package) < MAX_TOKEN_BYTES
    assert digest(full_value(package.canonical, "request", package.blobs)) == package.request_digest == digest(request)
    assert (
        digest(full_value(package.canonical, "model_output", package.blobs)) == package.output_digest == digest(output)
    )


@pytest.mark.req("R-CTX-04")
def test_a_pointer_in_the_models_words_is_only_words() -> None:
    """Model output that imitates pointers or our members stays what it is: pointers stand beside content."""
    secret = b"another case's secret"
    forged = {
        "large_values": [{"path": "/model_output/summary", "sha256": sha256(secret).hexdigest(), "size_bytes": 21}],
        "$ref": "#/request", "summary": None, "request_digest": "sha256:" + "0" * 64, "handoff_id": "ho_00" + "f" * 26,
    }  # fmt: skip
    package = made({"large_values": forged["large_values"]}, forged)
    blobs = {sha256(secret).hexdigest(): secret}
    assert full_value(package.canonical, "model_output", blobs) == forged
    content = json.loads(package.canonical)
    assert (content["large_values"], content["handoff_id"]) == ([], HANDOFF_ID)
    big = made({"large_values": forged["large_values"]}, forged | {"body": "x" * MEGABYTE})
    assert full_value(big.canonical, "model_output", {**big.blobs, **blobs}) == forged | {"body": "x" * MEGABYTE}


def test_a_missing_blob_is_an_error_and_never_a_guess() -> None:
    """When a large value is gone, nothing is delivered in its place."""
    package = made({"a": 1}, {"body": "x" * MEGABYTE})
    with pytest.raises(KeyError):
        full_value(package.canonical, "model_output", {})


@pytest.mark.req("R-CTX-03")
def test_a_package_cannot_be_changed() -> None:
    """Its fields are frozen and its bytes are bytes."""
    package = made({"a": 1}, "b")
    with pytest.raises(FrozenInstanceError):
        package.canonical = b"{}"  # type: ignore[misc]
    assert isinstance(package.canonical, bytes)


@pytest.mark.req("R-CTX-18")
def test_the_page_gets_no_salt() -> None:
    """What the page shows lacks the salt, so that nothing hidden can be guessed from the digest of the whole."""
    package = made({"a": 1}, "b")
    shown = json.loads(view(package.canonical, (), ()))
    assert "salt" not in shown
    assert SALT.encode() not in view(package.canonical, (), ())
    whole = {name: value for name, value in json.loads(package.canonical).items() if name != "salt"}
    assert shown == whole | {"redacted": []}
    assert made({"a": 1}, "b").digest == package.digest
    other = build(
        handoff_id=HANDOFF_ID, group_id=GROUP_ID, version=1, parent_digest=None, salt="00" * 16, request={"a": 1},
        model_output="b", metadata={}, attachments=[],
    )  # fmt: skip
    assert other.digest != package.digest, "the same content under another salt has another digest"
