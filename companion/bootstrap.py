"""The only place where real adapters are built."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from companion.adapters.clock import Clock, SystemClock
from companion.adapters.detection import Detector, NullDetector
from companion.adapters.egress import Policy as EgressPolicy
from companion.adapters.oidc import Provider
from companion.adapters.passkeys import Ceremonies
from companion.adapters.webhook import WebhookSender
from companion.adapters.windows import InMemory
from companion.core.sealing import derive_key
from companion.identity.credentials import ALL_ROLES
from companion.identity.directory import Directory
from companion.identity.federation import Federation
from companion.identity.passkeys import Passkeys
from companion.identity.rate_limits import RateLimits
from companion.identity.step_up import StepUps
from companion.service.absences import Absences
from companion.service.batches import Batches
from companion.service.handoffs import Service
from companion.service.judge import Judge
from companion.service.openings import Openings
from companion.service.pauses import Pauses
from companion.service.policies import Policies
from companion.service.routing import Routing
from companion.service.samples import Samples
from companion.service.signing import Signer
from companion.settings import Settings, SettingsError
from companion.settings.reading import Problem
from companion.settings.values import origin
from companion.store.attempts import Attempts
from companion.store.batches import BatchStore
from companion.store.deliveries import Deliveries
from companion.store.directory import DirectoryStore
from companion.store.pauses import PauseStore
from companion.store.policies import PolicyStore
from companion.store.redis import RedisStore
from companion.store.windows import Shared

PARTITION = "00"
DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a shell needs, built once per process."""

    settings: Settings
    clock: Clock
    store: RedisStore
    deliveries: Deliveries
    directory: Directory
    attempts: Attempts
    passkeys: Passkeys
    step_ups: StepUps
    federation: Federation
    absences: Absences
    limits: RateLimits
    signer: Signer
    service: Service
    policies: Policies
    pauses: Pauses
    routing: Routing
    samples: Samples
    batches: Batches
    egress: EgressPolicy
    webhooks: WebhookSender

    @property
    def own_origin(self) -> str:
        """The only origin from which requests with a cookie are taken: that of this service (security row L9)."""
        return origin_of(self.settings.public_url)

    @property
    def page_elsewhere(self) -> str | None:
        """The origin of a page that is served somewhere else; None where this service has it too."""
        of_page = origin_of(self.settings.page_url)
        return None if of_page == self.own_origin else of_page

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies travel over TLS only: everywhere but on plain http, which only local mode allows."""
        return self.settings.public_url.startswith("https:")

    @property
    def page_folder(self) -> Path | None:
        """Where the built page lies; None when it was not built."""
        return built_page(self.settings.page_dir)


def built_page(configured: Path | None) -> Path | None:
    """The folder with the built page: the one that is named, the package's own, or this checkout's."""
    here = Path(__file__).resolve().parent
    candidates = [configured] if configured else [here / "page", here.parent / "handoff_ui" / "dist"]
    return next((path for path in candidates if (path / "index.html").is_file()), None)


def build(settings: Settings, clock: Clock | None = None) -> Services:
    """Connect the parts; nothing is asked of the store yet, so that a process can start before it."""
    clock = clock or SystemClock()
    private = settings.redis_network == "private"
    store = RedisStore(settings.redis_url, PARTITION, settings.retention_days * DAY_MS, private=private)
    secret = settings.secret.encode()
    records = DirectoryStore(store)
    signer = Signer(records, clock, secret, settings.public_url)
    egress = EgressPolicy(settings.mode, settings.callback_origins, settings.callback_networks)
    sampling_key = derive_key(secret, "sampling")
    policy_store = PolicyStore(store)
    policies = Policies(policy_store, store, clock)
    judge = Judge(policy_store, policies, Detector() if settings.detection else NullDetector(), sampling_key)
    openings = Openings(store, signer, clock, settings.page_url, settings.default_expires_in_s)
    pauses = Pauses(PauseStore(store), policy_store, store, openings, clock)
    service = Service(store, openings, judge, pauses, clock, settings.page_url)
    directory = Directory(records, clock, secret)
    own = urlsplit(settings.public_url).hostname or "localhost"
    origins = list(dict.fromkeys(origin_of(url) for url in (settings.public_url, settings.page_url)))
    passkeys = Passkeys(records, clock, Ceremonies(own, origins))
    limits = RateLimits(
        clock, InMemory(clock), Shared(store, clock.monotonic_ms), settings.rate_per_minute,
        settings.sign_in_rate_per_minute,
    )  # fmt: skip
    return Services(
        settings=settings,
        clock=clock,
        store=store,
        deliveries=Deliveries(store),
        directory=directory,
        attempts=Attempts(store),
        passkeys=passkeys,
        step_ups=StepUps(records, clock, passkeys),
        federation=Federation(records, directory, clock, _provider(settings, clock), settings.oidc),
        absences=Absences(records, directory, service, clock),
        limits=limits,
        signer=signer,
        service=service,
        policies=policies,
        pauses=pauses,
        routing=Routing(policy_store, store, judge, openings, pauses, clock),
        samples=Samples(store, policy_store, openings, clock, sampling_key),
        batches=Batches(store, BatchStore(store), service, clock),
        egress=egress,
        webhooks=WebhookSender(egress, clock),
    )


def _provider(settings: Settings, clock: Clock) -> Provider | None:
    oidc = settings.oidc
    if oidc is None:
        return None
    unknown = [role for _, role in oidc.roles if role not in ALL_ROLES]
    if unknown:
        remedy = f"{unknown[0]!r} is no role; there are {', '.join(ALL_ROLES)}."
        raise SettingsError((Problem("HANDOFF_OIDC_ROLES", remedy),))
    back = f"{settings.public_url}/v1/sign-ins/oidc/callback"
    return Provider(oidc.issuer, oidc.client_id, oidc.client_secret, oidc.scopes, back, clock)


def origin_of(url: str) -> str:
    """Scheme, host and port of an address of ours, as browsers spell them."""
    parts = urlsplit(url)
    return origin(f"{parts.scheme}://{parts.netloc}")
