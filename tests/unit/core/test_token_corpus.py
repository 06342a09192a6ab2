"""The companion gives the answers of the corpus to which the page's verifier is held as well (security row J10)."""

import json
from hashlib import sha256
from typing import Any

import pytest

from companion.core.canonical import canonical_bytes
from companion.core.keyring import KeyRing, Rejected
from companion.core.tokens import Claims, verify
from tests.published_keys import read_key
from tests.system.places import CHECKOUT

CORPUS = json.loads((CHECKOUT / "tests" / "corpora" / "tokens.json").read_text())
CASES = CORPUS["cases"]


@pytest.fixture(scope="module")
def ring() -> KeyRing:
    """The keys of the corpus that can be taken in at all."""
    read = [read_key(jwk) for jwk in CORPUS["jwks"]["keys"]]
    return KeyRing(tuple(key for key in read if key is not None))


def judged(token: object, ring: KeyRing) -> Claims | Rejected:
    return verify(
        token, ring, audience="page", issuer=CORPUS["issuer"], now_ms=CORPUS["now_ms"], subject=CORPUS["subject"]
    )


@pytest.mark.req("J10", "J1", "J2", "J3", "J4", "J5", "J6", "J7")
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['row']} {case['name']}")
def test_the_answer_of_the_corpus(case: dict[str, Any], ring: KeyRing) -> None:
    """The same code for every bad token; of every good one the same package, to the last digit."""
    found = judged(case["token"], ring)
    if isinstance(found, Rejected):
        assert found.code == case["verdict"]
    else:
        assert case["verdict"] == "ok"
        assert sha256(canonical_bytes(found.package)).hexdigest() == case["reads"]


@pytest.mark.req("J10", "J2")
def test_the_corpus_is_worth_something(ring: KeyRing) -> None:
    """It holds good tokens and every way to be bad, and keys that must be left out."""
    assert [key.kid for key in ring.keys] == ["current", "next"]
    assert len(CORPUS["jwks"]["keys"]) > len(ring.keys)
    assert sum(case["verdict"] == "ok" for case in CASES) >= 10
    assert len({case["verdict"] for case in CASES}) >= 14
    assert {case["row"] for case in CASES} >= {"J1", "J2", "J3", "J4", "J5", "J6", "J7", "J9", "J10"}
