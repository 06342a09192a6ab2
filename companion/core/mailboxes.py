"""One person under several spellings: what of an address says whose it is, and who is named in a text (R-ROLE-06).

A text such as `requester` comes from wherever the workflow got it: the head of a mail, a link, the field of a form.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
"""Signs that nobody sees and that are no controls (Default_Ignorable_Code_Point in Unicode)."""
_ENCODED: Final = re.compile(r"(?:%[0-9a-f]{2})+")
_COMMENT: Final = re.compile(r"\([^()]*\)")
_AROUND_AT: Final = re.compile(r"\s*@\s*")
_ANY_LOCAL_PART: Final = re.compile(r"[^\s@<>()\[\]{},;:\\]+\Z")
_PLAIN_LOCAL_PART: Final = re.compile(r"[\w.+-]+\Z")
_DOMAIN: Final = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_BETWEEN_NAMES: Final = re.compile(r"[<>()\[\]{},;|/:]")
_WORD: Final = re.compile(r"[\w-]+")
LONGEST_LOCAL_PART: Final = 64
LONGEST_DOMAIN: Final = 255


def mailbox(address: str | None) -> str | None:
    """Where mail to this address arrives, in its plain spelling; None where it is no address.

    Without capitals, wide letters, signs that nobody sees, and the tag behind a plus.
    """
    plain = next(_readings(address or ""))
    local, at, domain = _AROUND_AT.sub("@", plain.replace('"', "")).strip().rpartition("@")
    return _mailbox(local, domain) if at and local and domain else None


def mailboxes_in(text: str) -> frozenset[str]:
    """Every mailbox whose address stands anywhere in a text: in brackets, in a link, percent-encoded, commented."""
    found: set[str] = set()
    for reading in _readings(text):
        for spelled in dict.fromkeys((reading, _COMMENT.sub("", reading))):
            found.update(_found(_AROUND_AT.sub("@", spelled.replace('"', ""))))
    return frozenset(found)


def names_in(text: str) -> frozenset[str]:
    """The names that a text consists of, in their plain spelling."""
    parts = (" ".join(part.split()).strip("\"' .") for one in _readings(text) for part in _BETWEEN_NAMES.split(one))
    return frozenset(part for part in parts if part)


def words_in(text: str) -> frozenset[str]:
    """The words of a text in their plain spelling, among which an id can stand."""
    return frozenset(word for one in _readings(text) for word in _WORD.findall(one))


def _readings(text: str) -> Iterator[str]:
    """A text without capitals, wide letters and unseen signs: those left out, and as spaces, since both are meant."""
    plain = _plain(_decoded(_decoded(_plain(text))))
    for between in ("", " "):
        seen = _UNSEEN.sub(between, plain)
        signs = (sign if sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cf") else between for sign in seen)
        yield "".join(signs)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).replace("\u3002", ".")


def _decoded(text: str) -> str:
    """A text in which an address of the web may have put signs as their bytes (RFC 3986)."""
    return _ENCODED.sub(lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace"), text)


def _found(text: str) -> Iterator[str]:
    # Around each sign, and not by one pattern over a long line of letters.
    for at in (found.start() for found in re.finditer("@", text)):
        before, after = text[max(0, at - LONGEST_LOCAL_PART) : at], text[at + 1 : at + 1 + LONGEST_DOMAIN]
        domain = _DOMAIN.match(after)
        for pattern in (_ANY_LOCAL_PART, _PLAIN_LOCAL_PART):
            local = pattern.search(before)
            if local is not None and domain is not None:
                yield _mailbox(local[0] if pattern is _ANY_LOCAL_PART else local[0].lstrip("._-"), domain[0])


def _mailbox(local: str, domain: str) -> str:
    return f"{local.partition('+')[0]}@{_ascii(domain.strip('._-'))}"


def _ascii(domain: str) -> str:
    """A domain as it is looked up: one with an umlaut has a second spelling (RFC 3490)."""
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain
