"""The ring of signing keys: how a key comes, signs and goes, and what of it is published."""

import json
from typing import Any

import pytest

from companion.core.keyring import (
    KeyRing,
    KeyState,
    Rejected,
    RingKey,
    export_jwk,
    from_record,
    new_key,
    to_record,
)
from companion.core.sealing import b64url, derive_key, from_b64url, seal, unseal
from tests.published_keys import read_key
from tests.unit.core.forging import KEY, NOW_MS, RING, forge, good_claims, good_header, outcome, ring_of, signing_key

SECRET = b"a secret of at least 32 characters"


def test_a_published_key_comes_back_from_the_jwks() -> None:
    """What /.well-known/jwks.json says is enough to verify our tokens, and holds no private part."""
    jwks = json.loads(json.dumps(RING.jwks()))
    assert set(jwks["keys"][0]) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    imported = read_key(jwks["keys"][0])
    assert isinstance(imported, RingKey)
    assert imported.private is None
    assert outcome(forge(good_header(), good_claims()), ring=KeyRing((imported,))) == "accepted"


def test_the_jwks_lists_what_verifies_newest_first() -> None:
    """Published and signing keys are listed, retired ones are not."""
    ring: Any = ring_of(signing_key(1))
    ring = ring.publish(signing_key(2)).start_signing(signing_key(2).kid).publish(signing_key(3))
    ring = ring.retire(signing_key(1).kid)
    assert [key["kid"] for key in ring.jwks()["keys"]] == [signing_key(3).kid, signing_key(2).kid]


def test_a_key_moves_only_forwards() -> None:
    """A key is published, signs, retires, in this order; every other move is refused with its reason."""
    first, second = signing_key(1), signing_key(2)
    ring: Any = KeyRing()
    assert ring.signer() is None
    assert ring.start_signing(first.kid).code == "key_not_published"
    assert ring.retire(first.kid).code == "key_unknown"
    ring = ring.publish(first)
    assert ring.signer() is None
    assert ring.publish(first).code == "key_exists"
    ring = ring.start_signing(first.kid)
    assert ring.retire(first.kid).code == "key_is_signing"
    assert ring.start_signing(first.kid).code == "key_not_newest"
    ring = ring.publish(second).start_signing(second.kid)
    assert ring.start_signing(first.kid).code == "key_not_newest"
    ring = ring.retire(first.kid)
    assert [key.state for key in ring.keys] == [KeyState.SIGNING, KeyState.RETIRED]
    assert ring.start_signing(first.kid).code == "key_not_newest"
    assert ring.publish(first).code == "key_exists"


def test_a_retired_published_key_never_signs() -> None:
    """A key that was retired before it ever signed stays retired."""
    ring: Any = KeyRing().publish(signing_key(1))
    ring = ring.retire(signing_key(1).kid)
    assert ring.start_signing(signing_key(1).kid).code == "key_not_published"


def test_new_keys_differ_and_are_on_the_curve() -> None:
    """Each draw of randomness gives another key, even at the ends of the range, and the same draw the same key."""
    draws = [b"\0" * 40, b"\xff" * 40, b"\1" * 40, bytes(39) + b"\1"]
    keys = [new_key(lambda count, draw=draw: draw[:count], NOW_MS) for draw in draws]  # type: ignore[misc]
    assert len({key.kid for key in keys}) == len(draws)
    assert new_key(lambda count: b"\1" * count, 0).kid == keys[2].kid
    for key in keys:
        assert isinstance(read_key(export_jwk(key)), RingKey)


def test_a_key_survives_the_store() -> None:
    """A stored key signs again under the same secret, and its record shows no private part."""
    record = json.loads(json.dumps(to_record(KEY, SECRET, lambda count: b"n" * count)))
    assert KEY.private is not None
    scalar = KEY.private.private_numbers().private_value.to_bytes(32, "big")
    assert b64url(scalar) not in json.dumps(record)
    back = from_record(record, SECRET)
    assert isinstance(back, RingKey)
    assert (back.kid, back.state, back.created_at_ms) == (KEY.kid, KEY.state, KEY.created_at_ms)
    assert outcome(forge(good_header(), good_claims(), back)) == "accepted"


def test_a_stored_key_opens_for_nobody_else() -> None:
    """Another secret, a sealed part moved to another key's record, or a changed one: refused, naming HANDOFF_SECRET."""
    record = to_record(KEY, SECRET, lambda count: b"n" * count)
    other = to_record(signing_key(5), SECRET, lambda count: b"m" * count)
    for wrong, secret in (
        (record, SECRET + b"!"),
        ({**record, "sealed": other["sealed"]}, SECRET),
        ({**record, "sealed": record["sealed"][:-2] + "AA"}, SECRET),
        ({**record, "sealed": ""}, SECRET),
        ({**record, "kid": other["kid"]}, SECRET),
    ):
        refused = from_record(wrong, secret)
        assert isinstance(refused, Rejected)
        assert "HANDOFF_SECRET" in refused.detail


def test_a_key_shows_no_secret_when_it_is_printed() -> None:
    """A key in a log line or a traceback gives nothing away."""
    assert KEY.private is not None
    assert "private" not in repr(KEY)
    assert str(KEY.private.private_numbers().private_value) not in repr(RING)


def test_sealing_keeps_and_gives_back() -> None:
    """What is sealed comes back only with the key and the record it was sealed for; too short a secret is refused."""
    key = derive_key(SECRET, "one")
    sealed = seal(key, b"plain", bound_to="record 1", nonce=b"n" * 12)
    assert unseal(key, sealed, bound_to="record 1") == b"plain"
    assert unseal(key, sealed, bound_to="record 2") is None
    assert unseal(derive_key(SECRET, "two"), sealed, bound_to="record 1") is None
    assert unseal(key, sealed + "=", bound_to="record 1") is None
    with pytest.raises(ValueError, match="HANDOFF_SECRET"):
        derive_key(b"short", "one")
    with pytest.raises(ValueError, match="nonce"):
        seal(key, b"plain", bound_to="r", nonce=b"short")


def test_base64url_has_one_spelling() -> None:
    """Every text of up to four letters is either the spelling of its bytes or refused."""
    for data in (b"", b"\0", b"\xff\xff", b"abc", bytes(range(256))):
        assert from_b64url(b64url(data)) == (data or None)
    letters = "AQgw_-+/=.\n é"
    texts = [a + b + c for a in letters for b in letters for c in letters] + [a + b for a in letters for b in letters]
    for text in texts:
        data = from_b64url(text)
        assert data is None or b64url(data) == text
