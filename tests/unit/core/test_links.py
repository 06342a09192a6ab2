"""Links, words and secrets: each fits exactly one lock."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from companion.core.canonical import canonical_bytes
from companion.core.confirm_words import WORDS
from companion.core.links import (
    LinkKeys,
    SecretKind,
    confirm_word,
    is_confirm_word,
    is_link_mac,
    link_mac,
    new_secret,
    new_webhook_secret,
    read_secret,
    webhook_key,
)
from companion.core.sealing import b64url, derive_key
from companion.core.tokens import Content, View, mint
from tests.unit.core.forging import HANDOFF_ID, ISSUER, KEY, NOW_S, outcome

SECRET = b"a secret of at least 32 characters"
KEYS = LinkKeys.of(SECRET)
REVIEWER = "rv_" + "r" * 16


def counted() -> Callable[[int], bytes]:
    """Bytes that differ from call to call, and are the same in each run."""
    calls = iter(range(1, 250))
    return lambda count: bytes([next(calls)]) * count


def test_a_link_is_one_persons_for_one_case_and_generation() -> None:
    """The mac of a link fits neither another person, case nor generation, nor another server."""
    mac = link_mac(KEYS, HANDOFF_ID, REVIEWER, 1)
    assert len(mac) == 43
    assert is_link_mac(KEYS, HANDOFF_ID, REVIEWER, 1, mac)
    assert link_mac(KEYS, HANDOFF_ID, REVIEWER, 1) == mac  # opening or sending it again burns nothing
    others: list[tuple[LinkKeys, str, str, int]] = [
        (KEYS, HANDOFF_ID, REVIEWER, 2),
        (KEYS, HANDOFF_ID, REVIEWER + "s", 1),
        (KEYS, HANDOFF_ID[:-1] + "z", REVIEWER, 1),
        (KEYS, REVIEWER, HANDOFF_ID, 1),
        (KEYS, HANDOFF_ID + REVIEWER, "", 1),
        (KEYS, HANDOFF_ID, f'{REVIEWER}",1', 1),
        (LinkKeys.of(SECRET + b"!"), HANDOFF_ID, REVIEWER, 1),
        (KEYS, "\ud800", REVIEWER, 10**30),
    ]
    for keys, handoff_id, reviewer_id, generation in others:
        assert not is_link_mac(keys, handoff_id, reviewer_id, generation, mac)


@pytest.mark.req("J7")
def test_j7_a_link_mac_has_one_spelling() -> None:
    """Padding, the other alphabet, blanks and cut macs are refused."""
    mac = link_mac(KEYS, HANDOFF_ID, REVIEWER, 1)
    standard = base64.b64encode(base64.urlsafe_b64decode(mac + "=")).decode()
    respelled = [
        "",
        mac + "=",
        mac[:-1],
        mac + "A",
        " " + mac,
        mac + "\n",
        standard,
        mac.swapcase(),
        "é" * 43,
        mac[:-1] + "_",
    ]
    for text in respelled:
        assert text == mac or not is_link_mac(KEYS, HANDOFF_ID, REVIEWER, 1, text), text


def test_the_confirm_word_belongs_to_one_person_and_version() -> None:
    """The word is one of a fixed list, changes with version and person, and forgives what a phone's keyboard adds."""
    words = {confirm_word(KEYS, HANDOFF_ID, REVIEWER, version) for version in range(200)}
    assert words <= set(WORDS)
    assert len(words) > 80
    assert len({confirm_word(KEYS, HANDOFF_ID, f"rv_{n:016}", 1) for n in range(200)}) > 80
    word = confirm_word(KEYS, HANDOFF_ID, REVIEWER, 1)
    for typed in (word, word.upper(), f" {word.capitalize()} ", f"{word}\n"):
        assert is_confirm_word(KEYS, HANDOFF_ID, REVIEWER, 1, typed)
    for typed in ("", word + "s", word[:-1], "yes", f"{word} {word}"):
        assert not is_confirm_word(KEYS, HANDOFF_ID, REVIEWER, 1, typed)


def test_the_words_are_easy_and_apart() -> None:
    """There are 256 different words of four to eight plain letters."""
    assert len(WORDS) == len(set(WORDS)) == 256
    assert all(word.isascii() and word.isalpha() and word.islower() and 4 <= len(word) <= 8 for word in WORDS)


@pytest.mark.req("A2")
@pytest.mark.parametrize("kind", list(SecretKind))
def test_a2_a_secret_has_256_bits_and_is_kept_as_a_hash(kind: SecretKind) -> None:
    """A new secret reads back, matches only its own hash, and is not in what is kept of it."""
    random_bytes = counted()
    secret, other = new_secret(kind, random_bytes), new_secret(kind, random_bytes)
    prefix, public_id, tail = secret.text.split("_", 2)
    assert (prefix, public_id) == (kind.value, secret.public_id)
    assert len(base64.urlsafe_b64decode(tail + "=")) == 32
    read = read_secret(secret.text, kind)
    assert read is not None
    assert (read.kind, read.public_id) == (kind, secret.public_id)
    assert read.is_that_of(secret.sha256)
    assert not read.is_that_of(other.sha256)
    assert not read.is_that_of("")
    assert tail not in repr(secret) + repr(read) + secret.sha256
    assert secret.sha256 not in repr(secret) + repr(read)


@pytest.mark.req("A2")
def test_a2_a_secret_has_one_spelling() -> None:
    """Other prefixes, lengths, alphabets, blanks and spare bits are refused before any look-up."""
    text = new_secret(SecretKind.API_KEY, counted()).text
    spare = text[:-1] + chr(ord(text[-1]) + 1)
    for wrong in (
        "",
        "hk",
        "hk_",
        text + "A",
        text[:-1],
        " " + text,
        text + " ",
        text + "\n",
        text + "=",
        text.upper(),
        "hx" + text[2:],
        "HK" + text[2:],
        text.replace("_", "-"),
        spare,
        "hk_ABCDEFGH" + text[11:],
        "hk_" + "a" * 9 + text[11:],
        "é" + text[1:],
        f"Bearer {text}",
        text[:11] + "_" + "+" * 43,
        text[:12] + "/" * 43,
        "\0" + text,
    ):
        assert read_secret(wrong, *SecretKind) is None, wrong
    assert read_secret(text) is None


def test_webhook_secrets_are_standard_webhooks_secrets() -> None:
    """A signing secret is whsec_ and base64; shorter than 24 bytes, longer than 64, or spelled otherwise is refused."""
    text = new_webhook_secret(counted())
    key = webhook_key(text)
    assert key is not None
    assert len(key) == 32
    for size, accepted in ((23, False), (24, True), (64, True), (65, False), (0, False)):
        assert (webhook_key("whsec_" + base64.b64encode(b"k" * size).decode()) is not None) is accepted
    for wrong in (
        "",
        "whsec_",
        text[6:],
        text[:-1],
        text + "=",
        text + "\n",
        text.replace("whsec_", "whsk_"),
        "whsec_" + "-_" * 20,
        "whsec_é",
    ):
        assert webhook_key(wrong) is None, wrong


def test_each_purpose_has_a_key_of_its_own() -> None:
    """Keys for different purposes, and from different secrets, have nothing in common."""
    made = {
        derive_key(secret, purpose) for secret in (SECRET, SECRET + b"!") for purpose in ("a", "b", "personal links")
    }
    assert len(made) == 6
    assert KEYS.link != KEYS.word
    assert repr(KEYS) == "LinkKeys()"


def credentials() -> dict[str, str]:
    """One genuine credential of each kind, all for the same case and person where they name one."""
    random_bytes = counted()
    package = canonical_bytes({"request": 1})
    view = View("sha256:v", "sha256:p", "reviewer")
    return {
        "n8n token": mint(Content(ISSUER, "n8n", HANDOFF_ID, "j1", NOW_S, package), KEY).token,
        "page token": mint(Content(ISSUER, "page", HANDOFF_ID, "j2", NOW_S, package, view), KEY).token,
        "link": link_mac(KEYS, HANDOFF_ID, REVIEWER, 1),
        "word": confirm_word(KEYS, HANDOFF_ID, REVIEWER, 1),
        "api key": new_secret(SecretKind.API_KEY, random_bytes).text,
        "personal token": new_secret(SecretKind.PERSONAL_TOKEN, random_bytes).text,
        "session": new_secret(SecretKind.SESSION, random_bytes).text,
        "enrolment": new_secret(SecretKind.ENROLMENT, random_bytes).text,
        "webhook secret": new_webhook_secret(random_bytes),
    }


def locks() -> dict[str, Callable[[str], Any]]:
    return {
        "n8n token": lambda text: outcome(text) == "accepted",
        "page token": lambda text: outcome(text, audience="page") == "accepted",
        "link": lambda text: is_link_mac(KEYS, HANDOFF_ID, REVIEWER, 1, text),
        "word": lambda text: is_confirm_word(KEYS, HANDOFF_ID, REVIEWER, 1, text),
        "api key": lambda text: read_secret(text, SecretKind.API_KEY),
        "personal token": lambda text: read_secret(text, SecretKind.PERSONAL_TOKEN),
        "session": lambda text: read_secret(text, SecretKind.SESSION),
        "enrolment": lambda text: read_secret(text, SecretKind.ENROLMENT),
        "webhook secret": webhook_key,
    }


@pytest.mark.req("J5")
@pytest.mark.parametrize("credential", list(credentials()))
def test_j5_a_credential_opens_its_own_lock_and_no_other(credential: str) -> None:
    """The whole matrix: each kind of credential, offered as each other kind, whole and in parts, is refused."""
    text = credentials()[credential]
    for lock, opens in locks().items():
        assert bool(opens(text)) is (lock == credential), lock
        if lock != credential:
            for part in (
                text.rpartition("_")[2],
                text.rpartition(".")[2],
                text.removeprefix("whsec_"),
                b64url(text.encode()),
            ):
                assert not opens(part), lock


@pytest.mark.req("J5")
def test_j5_a_mac_of_one_purpose_is_none_of_another() -> None:
    """The number behind a confirm word is no link, and the other way round, although both name the same things."""
    swapped = LinkKeys(KEYS.word, KEYS.link)
    assert not is_link_mac(KEYS, HANDOFF_ID, REVIEWER, 1, link_mac(swapped, HANDOFF_ID, REVIEWER, 1))
