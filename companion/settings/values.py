"""What each setting may hold. The ValueError of a value that is none is the remedy, for the end of a sentence."""

import re
from collections import Counter
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import pairwise
from math import log2
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import SplitResult, urlsplit

Network = IPv4Network | IPv6Network
Choice = TypeVar("Choice", bound=str)

REDIS_SCHEMES: Final = (
    "redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster",
)  # fmt: skip
HOW_TO_MAKE_ONE: Final = "for example the output of: openssl rand -base64 48"
HEADERS_OF_BROWSERS: Final = frozenset(
    {"accept", "authorization", "cookie", "host", "origin", "referer", "user-agent", "x-forwarded-for"}
)
EXAMPLE_WORDS: Final = (
    "changeme", "changethis", "replaceme", "example", "placeholder", "yoursecret", "mysecret", "secretsecret",
    "insecure", "password", "passw0rd", "default", "handoff", "testtest", "letmein", "qwerty", "loremipsum",
    "dummysecret", "dummykey",
)  # fmt: skip
"""None of fewer than six letters: chance makes such a word once in some hundred thousand secrets."""


def one_of(allowed: tuple[Choice, ...]) -> Callable[[str], Choice]:
    def parse(text: str) -> Choice:
        for choice in allowed:
            if text.lower() == choice:
                return choice
        raise ValueError(f"is not one of {', '.join(allowed)}.")

    return parse


def whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,12}", text) or not low <= int(text) <= high:
            raise ValueError(f"is not a whole number from {low} to {high}.")
        return int(text)

    return parse


def port(text: str) -> int:
    if text.startswith("tcp://"):
        raise ValueError(
            'was set by Kubernetes for a Service named "handoff"; set enableServiceLinks: false in the pod, '
            "or give the Service another name."
        )
    return whole(1, 65535)(text)


def split(text: str) -> SplitResult:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not an address such as https://handoff.example.com.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not contain a user name or password.")
    if not 0 < (parts.port or 1) <= 65535:
        raise ValueError("has a port outside 1 to 65535.")
    return parts


def address(text: str, *, https: bool) -> str:
    """An address of ours, without trailing slash. Links are made by appending to it, so no query or fragment."""
    parts = split(text)
    if https and parts.scheme != "https":
        raise ValueError("is plain http, which lets anyone on the way read and forge decisions; use https://.")
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise ValueError("must not contain a query or a fragment.")
    return text.rstrip("/")


def origin(text: str) -> str:
    """`scheme://host[:port]` in its one canonical spelling, so that comparing origins is comparing texts."""
    parts = split(text)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("is more than an origin; leave out what follows host and port.")
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else str(parts.hostname)
    number = "" if parts.port in (None, {"http": 80, "https": 443}[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{number}"


def issuer(text: str, *, https: bool) -> str:
    """As it stands, for an issuer is compared letter by letter, a slash at its end included."""
    address(text, https=https)
    return text


def scopes(text: str) -> str:
    """Scopes, separated by blanks; without `openid` no provider tells who somebody is."""
    if "openid" not in text.split():
        raise ValueError("lacks openid; it looks like: openid email profile.")
    return " ".join(text.split())


def network(text: str) -> Network:
    try:
        found = ip_network(text, strict=True)
    except ValueError:
        try:
            meant = ip_network(text, strict=False)
        except ValueError:
            raise ValueError("is not an address or network such as 10.0.0.0/8.") from None
        raise ValueError(f"names one host inside a network; write {meant}.") from None
    if found.prefixlen == 0:
        raise ValueError("is every address there is; name the networks that you mean.")
    return found


def callback_network(text: str) -> Network:
    found = network(text)
    if found.is_link_local or found.is_multicast or found.is_unspecified:
        raise ValueError(
            "holds link-local, metadata or multicast addresses, where no callback ever goes; leave it out."
        )
    return found


def redis_url(text: str) -> str:
    if not text:
        raise ValueError("is missing. Set the address of your Redis or Valkey, or use `handoff up`, which brings one.")
    parts = urlsplit(text)
    if parts.scheme not in REDIS_SCHEMES:
        raise ValueError(f"must begin with one of {', '.join(scheme + '://' for scheme in REDIS_SCHEMES)}.")
    if not (parts.path.strip("/") if parts.scheme == "unix" else parts.netloc.rsplit("@", 1)[-1]):
        raise ValueError("names no server; it looks like redis://host:6379/0.")
    return text


def header(text: str) -> str:
    """The name of a header that a proxy sets."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,63}", text):
        raise ValueError("is not the name of a header, such as X-Forwarded-Email.")
    if text.lower() in HEADERS_OF_BROWSERS:
        raise ValueError("is a header that every browser sends; name the one in which the proxy tells who is there.")
    return text


def pair(text: str) -> tuple[str, str]:
    """`group=role`; which roles there are, the directory knows."""
    group, equals, role = text.rpartition("=")
    if not equals or not group or not re.fullmatch(r"[a-z_]{1,32}", role):
        raise ValueError("is not written group=role, such as handoff-approvers=approver.")
    return group, role


def page_dir(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if not (path / "index.html").is_file():
        raise ValueError("holds no index.html; build the page, or leave this out to use the one inside the package.")
    return path


def secret(text: str, *, strict: bool) -> str:
    """The server's secret. Outside local mode it must look like chance, because links and keys hang on it."""
    if not text:
        raise ValueError(f"is missing. Set at least 32 random characters, {HOW_TO_MAKE_ONE}")
    if len(text) < 32:
        raise ValueError(f"is too short ({len(text)} characters). Set at least 32 random characters, {HOW_TO_MAKE_ONE}")
    if not strict:
        return text
    letters = re.sub(r"[^a-z0-9]", "", text.lower())
    if any(word in letters for word in EXAMPLE_WORDS):
        raise ValueError(f"is an example or a default, which others know too. Set random characters, {HOW_TO_MAKE_ONE}")
    if _guessable(text):
        raise ValueError(f"follows a pattern that can be guessed. Set random characters, {HOW_TO_MAKE_ONE}")
    return text


def _guessable(text: str) -> bool:
    """Whether `text` repeats itself, counts up or down, or uses too few different characters to be chance.

    32 random hexadecimal digits, the weakest form that people generate, carry about 110 bits by this measure.
    """
    # A text that is a repetition is found inside its own doubling before its end.
    if (text + text).find(text, 1) < len(text):
        return True
    steps = sum(abs(ord(left) - ord(right)) <= 1 for left, right in pairwise(text))
    bits = -sum(count * log2(count / len(text)) for count in Counter(text).values())
    return steps > len(text) / 2 or bits < 80
