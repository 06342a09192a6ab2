"""Our own formats, frozen: links in people's mail, stored keys and sent tokens must outlive every release.

The file was written once. A test that fails here means that a change would void what is already out there.
"""

import base64
import json
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from companion.core.canonical import canonical_bytes
from companion.core.keyring import KeyRing, RingKey, from_record, new_key
from companion.core.links import LinkKeys, SecretKind, confirm_word, is_link_mac, link_mac, read_secret
from companion.core.sealing import derive_key
from companion.core.tokens import Claims, Content, View, reassemble, verify

FROZEN = json.loads((Path(__file__).parent / "vectors" / "own_bytes.json").read_text())
SECRET = b"the server secret of this golden file"
HANDOFF_ID = "ho_0001234567890123456789abcdef"
REVIEWER = "rv_0123456789abcdef"
PACKAGE = canonical_bytes({"request": {"text": "päckchen 😀", "n": [1, 2.5, 1e21]}, "model_output": None})
VIEW = View("sha256:v", "sha256:p", "reviewer")


@pytest.mark.req("A1")
@pytest.mark.parametrize(("audience", "view"), [("n8n", None), ("page", VIEW)])
def test_a_token_from_the_first_release_is_rebuilt_and_verifies(audience: str, view: View | None) -> None:
    """An answer given before an upgrade is given again after it with the same bytes."""
    content = Content("https://handoff.example.com", audience, HANDOFF_ID, "jti-1", 1_795_248_000, PACKAGE, view)  # type: ignore[arg-type]
    token = FROZEN[audience]["token"]
    assert reassemble(content, FROZEN["kid"], token.rpartition(".")[2]) == token
    key = from_record(FROZEN["record"], SECRET)
    assert isinstance(key, RingKey)
    claims = verify(token, KeyRing((key,)), audience=audience, issuer=content.issuer, now_ms=1_795_248_000_000)  # type: ignore[arg-type]
    assert isinstance(claims, Claims)
    assert claims.view == view


def test_the_token_is_what_rfc_7515_says() -> None:
    """Without our code: the segments decode to the header and the claims that the contract names."""
    header, payload, signature = (base64.urlsafe_b64decode(part + "==") for part in FROZEN["n8n"]["token"].split("."))
    assert header == b'{"alg":"ES256","kid":"%s","typ":"handoff+jwt"}' % FROZEN["kid"].encode()
    assert payload == (
        b'{"aud":"n8n","exp":1795248900,"iat":1795248000,"iss":"https://handoff.example.com","jti":"jti-1",'
        b'"package":{"model_output":null,"request":{"n":[1,2.5,1e+21],"text":"p\xc3\xa4ckchen \xf0\x9f\x98\x80"}},'
        b'"sub":"ho_0001234567890123456789abcdef"}'
    )
    assert len(signature) == 64


def test_links_and_words_from_the_first_release_still_fit() -> None:
    """A link in somebody's mailbox, and the word beside it, stay good."""
    keys = LinkKeys.of(SECRET)
    assert link_mac(keys, HANDOFF_ID, REVIEWER, 1) == FROZEN["link_mac"]
    assert is_link_mac(keys, HANDOFF_ID, REVIEWER, 1, FROZEN["link_mac"])
    assert confirm_word(keys, HANDOFF_ID, REVIEWER, 1) == FROZEN["confirm_word"]


@pytest.mark.parametrize("kind", list(SecretKind))
def test_secrets_from_the_first_release_still_read(kind: SecretKind) -> None:
    """A stored hash is the plain SHA-256 of the secret's text, so keys in credentials go on working."""
    frozen = FROZEN[kind.value]
    read = read_secret(frozen["text"], kind)
    assert read is not None
    assert read.is_that_of(frozen["sha256"])
    assert sha256(frozen["text"].encode()).hexdigest() == frozen["sha256"]


def test_keys_are_derived_as_before() -> None:
    """Key ids are thumbprints, and derived keys are RFC 5869's HKDF with our salt."""
    assert new_key(lambda count: bytes(range(count)), 0).kid == FROZEN["kid"]
    assert derive_key(SECRET, "purpose").hex() == FROZEN["derived"]
    hkdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=b"handoff v1", info=b"purpose")
    assert hkdf.derive(SECRET).hex() == FROZEN["derived"]
