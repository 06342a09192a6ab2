"""Settings from the environment. Every problem is reported at once, and no secret is ever printed (R-SEC-15)."""

import difflib
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import pairwise
from math import log2
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeVar
from urllib.parse import SplitResult, urlsplit

Network = IPv4Network | IPv6Network
Parsed = TypeVar("Parsed")
Choice = TypeVar("Choice", bound=str)
Mode = Literal["local", "production"]
LogLevel = Literal["debug", "info", "warning", "error"]

VARIABLES: Final[Mapping[str, str]] = {
    "HANDOFF_MODE": "local (one machine, everything has a default) or production",
    "HANDOFF_PUBLIC_URL": "address of this service as browsers and n8n reach it, https:// outside local mode",
    "HANDOFF_PAGE_URL": "address of the approvers' page; the public address when left out",
    "HANDOFF_REDIS_URL": "redis://, rediss://, unix://, redis+sentinel:// or redis+cluster:// address of the store",
    "HANDOFF_SECRET": "at least 32 random characters; signs links and protects the signing keys at rest",
    "HANDOFF_CALLBACK_ORIGINS": "origins that callbacks may go to, such as https://n8n.example.com, comma separated",
    "HANDOFF_CALLBACK_NETWORKS": "private networks that a listed origin may lie in, such as 10.0.0.0/8",
    "HANDOFF_TRUSTED_PROXIES": "addresses or networks of the proxies whose X-Forwarded headers are believed",
    "HANDOFF_HOST": "address to listen on",
    "HANDOFF_PORT": "port to listen on",
    "HANDOFF_WORKERS": "web processes",
    "HANDOFF_THREADS": "threads of each web process",
    "HANDOFF_LOG_LEVEL": "debug, info, warning or error",
    "HANDOFF_RETENTION_DAYS": "days that a closed handoff stays in the store",
    "HANDOFF_PAGE_DIR": "folder with the built page, when it is not the one inside the package",
    "HANDOFF_DEFAULT_EXPIRES_IN_S": "seconds until an undecided handoff expires, when the workflow says nothing",
    "HANDOFF_DETECTION": "on or off: look for personal data, secrets and injected orders in what is routed and opened",
}
"""Every variable and what it is for, in the order of the documentation."""

REDIS_SCHEMES: Final = ("redis", "rediss", "unix", "redis+sentinel", "redis+cluster")
MODES: Final[tuple[Mode, ...]] = ("local", "production")
LOG_LEVELS: Final[tuple[LogLevel, ...]] = ("debug", "info", "warning", "error")
LOOPBACK_HOSTS: Final = ("127.0.0.1", "::1", "localhost")
HOW_TO_MAKE_ONE: Final = "for example the output of: openssl rand -base64 48"
EXAMPLE_WORDS: Final = (
    "changeme", "changethis", "replaceme", "example", "placeholder", "yoursecret", "mysecret", "secretsecret",
    "insecure", "password", "passw0rd", "default", "handoff", "testtest", "letmein", "qwerty", "lorem", "dummy",
)  # fmt: skip

# Kubernetes sets these in every pod beside a Service named "handoff"; they are nobody's mistake.
KUBERNETES_NAMES: Final = re.compile(r"HANDOFF_(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP)(_\w+)?)")


class Problem(NamedTuple):
    """One variable that cannot be used, and how to mend it."""

    variable: str
    remedy: str


class SettingsError(ValueError):
    """All that is wrong with the environment. Its text lists each variable with the remedy."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        head = "1 setting needs attention" if len(problems) == 1 else f"{len(problems)} settings need attention"
        super().__init__("\n".join([f"{head}:", *(f"  {name}: {remedy}" for name, remedy in problems)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this process runs. Addresses have no trailing slash; only `secret` and `redis_url` are confidential."""

    secret: str = field(repr=False)
    redis_url: str = field(repr=False)
    mode: Mode = "local"
    public_url: str = "http://localhost:8700"
    page_url: str = "http://localhost:8700"
    callback_origins: tuple[str, ...] = ()
    callback_networks: tuple[Network, ...] = ()
    trusted_proxies: tuple[Network, ...] = ()
    host: str = "127.0.0.1"
    port: int = 8700
    workers: int = 2
    threads: int = 8
    log_level: LogLevel = "info"
    retention_days: int = 30
    page_dir: Path | None = None
    default_expires_in_s: int | None = None
    detection: bool = True

    @property
    def is_local(self) -> bool:
        """Whether this runs for one machine, where loopback callbacks and plain http are in order."""
        return self.mode == "local"

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Settings":
        """Read and check `HANDOFF_*`. Raises SettingsError with everything that is wrong, not only the first."""
        read = _Reader(environment)
        mode: Mode = read.parsed("HANDOFF_MODE", _one_of(MODES), "local")
        local = mode == "local"
        port = read.parsed("HANDOFF_PORT", _port, 8700)
        public_url = read.address("HANDOFF_PUBLIC_URL", f"http://localhost:{port}" if local else None, https=not local)
        settings = cls(
            mode=mode,
            secret=read.parsed("HANDOFF_SECRET", lambda text: _secret(text, strict=not local), "", confidential=True),
            redis_url=read.parsed("HANDOFF_REDIS_URL", _redis_url, "", confidential=True),
            public_url=public_url,
            page_url=read.address("HANDOFF_PAGE_URL", public_url, https=not local),
            callback_origins=read.each("HANDOFF_CALLBACK_ORIGINS", _origin),
            callback_networks=read.each("HANDOFF_CALLBACK_NETWORKS", _callback_network),
            trusted_proxies=read.each("HANDOFF_TRUSTED_PROXIES", _network),
            # In production a proxy or a container's network stands in front.
            host=read.parsed("HANDOFF_HOST", str, "127.0.0.1" if local else "0.0.0.0"),  # noqa: S104
            port=port,
            workers=read.parsed("HANDOFF_WORKERS", _whole(1, 64), 2),
            threads=read.parsed("HANDOFF_THREADS", _whole(1, 256), 8),
            log_level=read.parsed("HANDOFF_LOG_LEVEL", _one_of(LOG_LEVELS), "info"),
            retention_days=read.parsed("HANDOFF_RETENTION_DAYS", _whole(1, 3650), 30),
            page_dir=read.parsed("HANDOFF_PAGE_DIR", _page_dir, None),
            default_expires_in_s=read.parsed("HANDOFF_DEFAULT_EXPIRES_IN_S", _whole(60, 366 * 86_400), None),
            detection=read.parsed("HANDOFF_DETECTION", _one_of(("on", "off")), "on") == "on",
        )
        if local and settings.host not in LOOPBACK_HOSTS and not read.has("HANDOFF_PUBLIC_URL"):
            remedy = (
                f"{settings.host!r} can be reached from other machines. Set HANDOFF_MODE=production, leave this out, "
                "or (in a container) say in HANDOFF_PUBLIC_URL under which address the service is reached."
            )
            read.problem("HANDOFF_HOST", remedy)
        read.finish()
        return settings


class _Reader:
    """Reads one variable after the other and collects what is wrong. An empty value counts as left out."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._values = {name: value.strip() for name, value in environment.items() if name.startswith("HANDOFF_")}
        self._problems: list[Problem] = []

    def has(self, name: str) -> bool:
        return bool(self._values.get(name))

    def problem(self, name: str, remedy: str) -> None:
        self._problems.append(Problem(name, remedy))

    def parsed(
        self, name: str, parse: Callable[[str], Parsed], default: Parsed, *, confidential: bool = False
    ) -> Parsed:
        """The value as `parse` reads it; the ValueError that it raises is the remedy.

        A confidential one is required, and is not quoted in the remedy.
        """
        text = self._values.get(name, "")
        if not text and not confidential:
            return default
        try:
            return parse(text)
        except ValueError as error:
            self.problem(name, str(error) if confidential else f"{_shown(text)} {error}")
            return default

    def each(self, name: str, parse: Callable[[str], Parsed]) -> tuple[Parsed, ...]:
        """A list, separated by commas or blanks, without repetitions."""
        found: dict[Parsed, None] = {}
        for text in re.split(r"[\s,]+", self._values.get(name, "")):
            if text:
                try:
                    found[parse(text)] = None
                except ValueError as error:
                    self.problem(name, f"{_shown(text)} {error}")
        return tuple(found)

    def address(self, name: str, default: str | None, *, https: bool) -> str:
        if default is None and not self.has(name):
            self.problem(name, "is missing. Set the https:// address under which browsers and n8n reach this service.")
        return self.parsed(name, lambda text: _address(text, https=https), default or "")

    def finish(self) -> None:
        """Raise SettingsError if anything was wrong, names that nobody knows among it."""
        for name in self._values:
            if name not in VARIABLES and not KUBERNETES_NAMES.fullmatch(name):
                # Without the common beginning, which would make every name resemble every other.
                endings = [known.removeprefix("HANDOFF_") for known in VARIABLES]
                near = difflib.get_close_matches(name.removeprefix("HANDOFF_").upper(), endings, n=1)
                meant = f"did you mean HANDOFF_{near[0]}?" if near else f"the known ones are {', '.join(VARIABLES)}."
                self.problem(name, f"is not a setting; {meant}")
        if self._problems:
            raise SettingsError(tuple(self._problems))


def _shown(text: str) -> str:
    """A value as a message may quote it: short, on one line, and never with a password inside."""
    return "(value not shown)" if "@" in text else repr(text if len(text) <= 60 else text[:57] + "...")


def _one_of(allowed: tuple[Choice, ...]) -> Callable[[str], Choice]:
    def parse(text: str) -> Choice:
        for choice in allowed:
            if text.lower() == choice:
                return choice
        raise ValueError(f"is not one of {', '.join(allowed)}.")

    return parse


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,12}", text) or not low <= int(text) <= high:
            raise ValueError(f"is not a whole number from {low} to {high}.")
        return int(text)

    return parse


def _port(text: str) -> int:
    if text.startswith("tcp://"):
        raise ValueError(
            'was set by Kubernetes for a Service named "handoff"; set enableServiceLinks: false in the pod, '
            "or give the Service another name."
        )
    return _whole(1, 65535)(text)


def _split(text: str) -> SplitResult:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not an address such as https://handoff.example.com.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not contain a user name or password.")
    if not 0 < (parts.port or 1) <= 65535:
        raise ValueError("has a port outside 1 to 65535.")
    return parts


def _address(text: str, *, https: bool) -> str:
    """An address of ours, without trailing slash. Links are made by appending to it, so no query or fragment."""
    parts = _split(text)
    if https and parts.scheme != "https":
        raise ValueError("is plain http, which lets anyone on the way read and forge decisions; use https://.")
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise ValueError("must not contain a query or a fragment.")
    return text.rstrip("/")


def _origin(text: str) -> str:
    """`scheme://host[:port]` in its one canonical spelling, so that comparing origins is comparing texts."""
    parts = _split(text)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("is more than an origin; leave out what follows host and port.")
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else str(parts.hostname)
    port = "" if parts.port in (None, {"http": 80, "https": 443}[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def _network(text: str) -> Network:
    try:
        network = ip_network(text, strict=True)
    except ValueError:
        try:
            meant = ip_network(text, strict=False)
        except ValueError:
            raise ValueError("is not an address or network such as 10.0.0.0/8.") from None
        raise ValueError(f"names one host inside a network; write {meant}.") from None
    if network.prefixlen == 0:
        raise ValueError("is every address there is; name the networks that you mean.")
    return network


def _callback_network(text: str) -> Network:
    network = _network(text)
    if network.is_link_local or network.is_multicast or network.is_unspecified:
        raise ValueError(
            "holds link-local, metadata or multicast addresses, where no callback ever goes; leave it out."
        )
    return network


def _redis_url(text: str) -> str:
    if not text:
        raise ValueError("is missing. Set the address of your Redis or Valkey, or use `handoff up`, which brings one.")
    parts = urlsplit(text)
    if parts.scheme not in REDIS_SCHEMES:
        raise ValueError(f"must begin with one of {', '.join(scheme + '://' for scheme in REDIS_SCHEMES)}.")
    if not (parts.path.strip("/") if parts.scheme == "unix" else parts.netloc.rsplit("@", 1)[-1]):
        raise ValueError("names no server; it looks like redis://host:6379/0.")
    return text


def _page_dir(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if not (path / "index.html").is_file():
        raise ValueError("holds no index.html; build the page, or leave this out to use the one inside the package.")
    return path


def _secret(text: str, *, strict: bool) -> str:
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
