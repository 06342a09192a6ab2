"""Where callbacks may go (design section 7; rows W6, W7).

A URL is judged twice: its text when a workflow opens a handoff, and every address of its host each time something is
sent. The connection then goes to one of the judged addresses, never to a second answer of the name server.
"""

import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Thread
from typing import Final, Literal

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int, float], list[str]]
"""All addresses of (host, port), within so many seconds; raises OSError (TimeoutError among them)."""

MAX_URL_CHARS: Final = 4096
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# No user part, no fragment, no backslash, no character that two parsers take differently.
_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<target>(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?"
    r"(?:\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?)"
)
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?")
_READ_AS_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


_NEVER: Final = _networks(
    # this host, link-local, cloud metadata, multicast, reserved
    "0.0.0.0/8", "169.254.0.0/16", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.0/24", "224.0.0.0/4",
    "240.0.0.0/4", "::/128", "fe80::/10", "fec0::/10", "fd00:ec2::254/128", "fd20:ce::254/128", "ff00::/8",
    # an IPv4 address in disguise: compatible, mapped, translated, NAT64, Teredo, 6to4
    "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16",
)  # fmt: skip
_LOOPBACK: Final = _networks("127.0.0.0/8", "::1/128")
_NOT_PUBLIC: Final = _networks(
    # what `is_global` of Python 3.11 does not know yet: documentation, 6to4 relays, SRv6, AS112, ORCHID
    "192.88.99.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24", "3fff::/20", "5f00::/16", "2001::/23",
    "2001:db8::/32", "2620:4f:8000::/48",
)  # fmt: skip
_PUBLIC_V6: Final = ip_network("2000::/3")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing is sent there. Codes: callback_url_malformed, callback_origin_not_allowed,
    callback_address_not_allowed, callback_host_unknown (the last may mend itself)."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class CallbackUrl:
    """A URL that may be called: `host` without brackets, `target` the path and query exactly as given."""

    scheme: Literal["http", "https"]
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port, without the default port; the only part of a callback that is ever shown."""
        return f"{self.scheme}://{self.authority}"


@dataclass(frozen=True, slots=True)
class PinnedTarget:
    """Where one request goes: addresses that were judged, in the order to try, and the name that TLS must prove."""

    url: CallbackUrl
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """HANDOFF_MODE, HANDOFF_CALLBACK_ORIGINS (spelled as `CallbackUrl.origin`) and HANDOFF_CALLBACK_NETWORKS."""

    mode: Literal["local", "production"]
    origins: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()

    def check(self, url: str) -> str | None:
        """Why `url` is refused, in a sentence, or None."""
        judged = check_url(url, self)
        return judged.detail if isinstance(judged, Refused) else None


def check_url(url: str, policy: Policy) -> CallbackUrl | Refused:
    """Judge the text of a callback URL. Nothing is looked up."""
    match = _URL.fullmatch(url) if len(url) <= MAX_URL_CHARS else None
    host = _host(match["host"]) if match is not None else None
    if match is None or host is None or int(match["port"] or 1) > 65535:
        return Refused(
            "callback_url_malformed",
            "callback_url must be a plain http or https address: host in lower case and in its usual spelling, no user "
            "name, no fragment, other characters percent-encoded; its origin must stand in HANDOFF_CALLBACK_ORIGINS.",
        )
    scheme: Literal["http", "https"] = "https" if match["scheme"] == "https" else "http"
    target = match["target"] if match["target"].startswith("/") else "/" + match["target"]
    parsed = CallbackUrl(scheme, host, int(match["port"] or _DEFAULT_PORTS[scheme]), target)
    if parsed.origin in policy.origins or (policy.mode == "local" and _is_loopback_host(host)):
        return parsed
    local = " In local mode loopback addresses are allowed without it." if policy.mode == "local" else ""
    return Refused(
        "callback_origin_not_allowed",
        f"Callbacks to {parsed.origin} are not allowed. Add it to HANDOFF_CALLBACK_ORIGINS.{local}",
    )


def resolve_and_pin(url: CallbackUrl, policy: Policy, resolver: Resolver, timeout_s: float) -> PinnedTarget | Refused:
    """Look the host up once and judge every address. One address outside the rule refuses them all."""
    if policy.mode == "local" and url.host == "localhost":
        # Never asked of a name server, which could answer anything (RFC 6761).
        return PinnedTarget(url, ("127.0.0.1", "::1"))
    try:
        found = [url.host] if _literal(url.host) else resolver(url.host, url.port, timeout_s)
        addresses = [_address(text) for text in found]
    except (OSError, ValueError):
        addresses = []
    if not addresses:
        return Refused("callback_host_unknown", f"The host of {url.origin} has no address. Check its name.")
    outside = [address for address in addresses if not _may_connect(address, url, policy)]
    if outside:
        return Refused(
            "callback_address_not_allowed",
            f"{url.origin} leads to {outside[0]}. Callbacks into a private network need it in "
            "HANDOFF_CALLBACK_NETWORKS beside the origin in HANDOFF_CALLBACK_ORIGINS; link-local, metadata and "
            "translated addresses are never allowed.",
        )
    return PinnedTarget(url, tuple(dict.fromkeys(str(address) for address in addresses)))


def system_resolver(host: str, port: int, timeout_s: float) -> list[str]:
    """The resolver of this machine. It runs in a thread of its own, because getaddrinfo knows no time-out."""
    answer: list[list[str] | OSError] = []

    def look_up() -> None:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.append([str(entry[4][0]) for entry in entries])
        except (OSError, UnicodeError) as error:
            answer.append(error if isinstance(error, OSError) else OSError("no host name"))

    thread = Thread(target=look_up, name="look-up", daemon=True)
    thread.start()
    thread.join(timeout_s)
    if not answer:
        raise TimeoutError("the name server did not answer")
    if isinstance(answer[0], OSError):
        raise answer[0]
    return answer[0]


def _host(text: str) -> str | None:
    """A host in the one spelling of it, else None: no 127.1, 0x7f000001, 2130706433, long IPv6, trailing dot."""
    if text.startswith("["):
        address = _literal(text[1:-1])
        return text[1:-1] if isinstance(address, IPv6Address) and str(address) == text[1:-1] else None
    labels = text.split(".")
    if _READ_AS_NUMBER.fullmatch(labels[-1]):
        return text if isinstance(_literal(text), IPv4Address) else None
    return text if all(_LABEL.fullmatch(label) for label in labels) else None


@lru_cache(maxsize=1024)
def _literal(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _address(text: str) -> Address:
    """One answer of the resolver. A zone makes it link-local, which is refused later in any case."""
    return ip_address(text.partition("%")[0])


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)


def _is_loopback_host(host: str) -> bool:
    address = _literal(host)
    return host == "localhost" or (address is not None and _within(address, _LOOPBACK))


def _may_connect(address: Address, url: CallbackUrl, policy: Policy) -> bool:
    """The rule for one address. A name is never a reason to reach loopback; only the literal in local mode is."""
    loopback = _within(address, _LOOPBACK)
    if _within(address, _NEVER) and not loopback:
        return False
    if _within(address, policy.networks):
        return True
    if loopback:
        return policy.mode == "local" and _is_loopback_host(url.host)
    public = address.is_global and not _within(address, _NOT_PUBLIC)
    return public and (address.version == 4 or address in _PUBLIC_V6)
