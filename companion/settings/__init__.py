"""Settings from the environment. Every problem is reported at once, and no secret is ever printed (R-SEC-15)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Literal

from companion.settings import values
from companion.settings.reading import Reader, SettingsError
from companion.settings.values import Network

__all__ = ["VARIABLES", "Mode", "Oidc", "Settings", "SettingsError"]

Mode = Literal["local", "production"]
RedisNetwork = Literal["shared", "private"]
LogLevel = Literal["debug", "info", "warning", "error"]

VARIABLES: Final[Mapping[str, str]] = {
    "HANDOFF_MODE": "local (one machine, everything has a default) or production",
    "HANDOFF_PUBLIC_URL": "address of this service as browsers and n8n reach it, https:// outside local mode",
    "HANDOFF_PAGE_URL": "address of the approvers' page; the public address when left out",
    "HANDOFF_REDIS_URL": "redis://, unix://, redis+sentinel:// or redis+cluster:// address of the store; rediss is TLS",
    "HANDOFF_REDIS_NETWORK": "shared or private: where nobody else is on the way to the store, it needs no TLS",
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
    "HANDOFF_OIDC_ISSUER": "address of the identity provider (OpenID Connect) that people sign in with",
    "HANDOFF_OIDC_CLIENT_ID": "the name under which the identity provider knows this companion",
    "HANDOFF_OIDC_CLIENT_SECRET": "the secret that the identity provider gave for it; none for a public client",
    "HANDOFF_OIDC_SCOPES": "what is asked of the identity provider",
    "HANDOFF_OIDC_ROLES_CLAIM": "the claim that lists a person's groups, such as groups",
    "HANDOFF_OIDC_ROLES": "which group gives which role, such as handoff-approvers=approver, comma separated",
    "HANDOFF_OIDC_ADD_PEOPLE": "on or off: add whoever signs in and has a role by their groups",
    "HANDOFF_IDENTITY_HEADER": "the header in which a trusted proxy tells the email address of who is signed in there",
    "HANDOFF_RATE_PER_MINUTE": "requests a minute that each web process takes from one credential; 0 for any number",
    "HANDOFF_SIGN_IN_RATE_PER_MINUTE": "attempts to sign in that one address has in a minute; 0 for any number",
}
"""Every variable and what it is for, in the order of the documentation."""

MODES: Final[tuple[Mode, ...]] = ("local", "production")
REDIS_NETWORKS: Final[tuple[RedisNetwork, ...]] = ("shared", "private")
LOG_LEVELS: Final[tuple[LogLevel, ...]] = ("debug", "info", "warning", "error")
ON_OR_OFF: Final = values.one_of(("on", "off"))
DEFAULT_SCOPES: Final = "openid email profile"
LOOPBACK_HOSTS: Final = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Oidc:
    """An identity provider, and what its groups mean here."""

    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    scopes: str = DEFAULT_SCOPES
    roles_claim: str | None = None
    roles: tuple[tuple[str, str], ...] = ()
    """Pairs of group and role."""
    add_people: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this process runs. Addresses have no trailing slash; `secret`, `redis_url` and `oidc` are confidential."""

    secret: str = field(repr=False)
    redis_url: str = field(repr=False)
    redis_network: RedisNetwork = "shared"
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
    oidc: Oidc | None = None
    identity_header: str | None = None
    rate_per_minute: int = 6000
    sign_in_rate_per_minute: int = 120

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Settings":
        """Read and check `HANDOFF_*`. Raises SettingsError with everything that is wrong, not only the first."""
        read = Reader(environment)
        mode: Mode = read.parsed("HANDOFF_MODE", values.one_of(MODES), "local")
        local = mode == "local"
        port = read.parsed("HANDOFF_PORT", values.port, 8700)
        public_url = read.address("HANDOFF_PUBLIC_URL", f"http://localhost:{port}" if local else None, https=not local)
        settings = cls(
            mode=mode,
            secret=read.parsed("HANDOFF_SECRET", partial(values.secret, strict=not local), "", confidential=True),
            redis_url=read.parsed("HANDOFF_REDIS_URL", values.redis_url, "", confidential=True),
            redis_network=read.parsed("HANDOFF_REDIS_NETWORK", values.one_of(REDIS_NETWORKS), "shared"),
            public_url=public_url,
            page_url=read.address("HANDOFF_PAGE_URL", public_url, https=not local),
            callback_origins=read.each("HANDOFF_CALLBACK_ORIGINS", values.origin),
            callback_networks=read.each("HANDOFF_CALLBACK_NETWORKS", values.callback_network),
            trusted_proxies=read.each("HANDOFF_TRUSTED_PROXIES", values.network),
            # In production a proxy or a container's network stands in front.
            host=read.parsed("HANDOFF_HOST", str, "127.0.0.1" if local else "0.0.0.0"),  # noqa: S104
            port=port,
            workers=read.parsed("HANDOFF_WORKERS", values.whole(1, 64), 2),
            threads=read.parsed("HANDOFF_THREADS", values.whole(1, 256), 8),
            log_level=read.parsed("HANDOFF_LOG_LEVEL", values.one_of(LOG_LEVELS), "info"),
            retention_days=read.parsed("HANDOFF_RETENTION_DAYS", values.whole(1, 3650), 30),
            page_dir=read.parsed("HANDOFF_PAGE_DIR", values.page_dir, None),
            default_expires_in_s=read.parsed("HANDOFF_DEFAULT_EXPIRES_IN_S", values.whole(60, 366 * 86_400), None),
            detection=read.parsed("HANDOFF_DETECTION", ON_OR_OFF, "on") == "on",
            oidc=_oidc(read, https=not local),
            identity_header=read.parsed("HANDOFF_IDENTITY_HEADER", values.header, None),
            rate_per_minute=read.parsed("HANDOFF_RATE_PER_MINUTE", values.whole(0, 10_000_000), 6000),
            sign_in_rate_per_minute=read.parsed("HANDOFF_SIGN_IN_RATE_PER_MINUTE", values.whole(0, 10_000_000), 120),
        )
        if settings.identity_header and not settings.trusted_proxies:
            remedy = "is believed from trusted proxies only; name them in HANDOFF_TRUSTED_PROXIES."
            read.problem("HANDOFF_IDENTITY_HEADER", remedy)
        if local and settings.host not in LOOPBACK_HOSTS and not read.has("HANDOFF_PUBLIC_URL"):
            remedy = (
                f"{settings.host!r} can be reached from other machines. Set HANDOFF_MODE=production, leave this out, "
                "or (in a container) say in HANDOFF_PUBLIC_URL under which address the service is reached."
            )
            read.problem("HANDOFF_HOST", remedy)
        read.finish(VARIABLES)
        return settings


def _oidc(read: Reader, *, https: bool) -> Oidc | None:
    """The identity provider; None where none is named."""
    given = [name for name in VARIABLES if name.startswith("HANDOFF_OIDC_") and read.has(name)]
    if not given:
        return None
    for name in ("HANDOFF_OIDC_ISSUER", "HANDOFF_OIDC_CLIENT_ID"):
        if not read.has(name):
            read.problem(name, f"is missing, and {given[0]} needs it.")
    roles_claim = read.parsed("HANDOFF_OIDC_ROLES_CLAIM", str, None)
    roles = read.each("HANDOFF_OIDC_ROLES", values.pair)
    if (roles_claim is None) != (not roles):
        name = "HANDOFF_OIDC_ROLES" if roles_claim else "HANDOFF_OIDC_ROLES_CLAIM"
        read.problem(name, "is missing: roles come from a claim and from what its groups mean, both together.")
    add_people = read.parsed("HANDOFF_OIDC_ADD_PEOPLE", ON_OR_OFF, "off") == "on"
    if add_people and not roles:
        read.problem("HANDOFF_OIDC_ADD_PEOPLE", "gives people roles by their groups; set HANDOFF_OIDC_ROLES as well.")
    return Oidc(
        issuer=read.parsed("HANDOFF_OIDC_ISSUER", partial(values.issuer, https=https), ""),
        client_id=read.parsed("HANDOFF_OIDC_CLIENT_ID", str, ""),
        client_secret=read.parsed("HANDOFF_OIDC_CLIENT_SECRET", str, None),
        scopes=read.parsed("HANDOFF_OIDC_SCOPES", values.scopes, DEFAULT_SCOPES),
        roles_claim=roles_claim,
        roles=roles,
        add_people=add_people,
    )
