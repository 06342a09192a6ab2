"""The only place where real adapters are built."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from companion.adapters.clock import Clock, SystemClock
from companion.adapters.detection import Detector, NullDetector
from companion.adapters.egress import Policy as EgressPolicy
from companion.adapters.webhook import WebhookSender
from companion.core.sealing import derive_key
from companion.directory import Directory
from companion.judge import Judge
from companion.openings import Openings
from companion.pauses import Pauses
from companion.policies import Policies
from companion.routing import Routing
from companion.samples import Samples
from companion.service import Service
from companion.settings import Settings
from companion.signing import Signer
from companion.store.attempts import Attempts
from companion.store.deliveries import Deliveries
from companion.store.directory import DirectoryStore
from companion.store.pauses import PauseStore
from companion.store.policies import PolicyStore
from companion.store.redis import RedisStore

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
    ring: Signer
    service: Service
    policies: Policies
    pauses: Pauses
    routing: Routing
    samples: Samples
    egress: EgressPolicy
    webhooks: WebhookSender

    @property
    def page_origins(self) -> frozenset[str]:
        """The origins from which the page may send requests with a cookie: exactly these (security row L9)."""
        return frozenset(_origin(url) for url in (self.settings.page_url, self.settings.public_url))

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies travel over TLS only: everywhere but on plain http, which only local mode allows."""
        return self.settings.public_url.startswith("https:")

    @property
    def page_folder(self) -> Path | None:
        """Where the built page lies; None when it was not built."""
        configured = self.settings.page_dir
        here = Path(__file__).resolve().parent
        candidates = [configured] if configured else [here / "page", here.parent / "handoff_ui" / "dist"]
        return next((path for path in candidates if (path / "index.html").is_file()), None)


def build(settings: Settings, clock: Clock | None = None) -> Services:
    """Connect the parts; nothing is asked of the store yet, so that a process can start before it."""
    clock = clock or SystemClock()
    store = RedisStore(settings.redis_url, PARTITION, settings.retention_days * DAY_MS)
    secret = settings.secret.encode()
    records = DirectoryStore(store)
    ring = Signer(records, clock, secret, settings.public_url)
    egress = EgressPolicy(settings.mode, settings.callback_origins, settings.callback_networks)
    sampling_key = derive_key(secret, "sampling")
    policy_store = PolicyStore(store)
    policies = Policies(policy_store, store, clock)
    judge = Judge(policy_store, policies, Detector() if settings.detection else NullDetector(), sampling_key)
    openings = Openings(store, ring, clock, settings.page_url, settings.default_expires_in_s)
    pauses = Pauses(PauseStore(store), policy_store, store, openings, clock)
    return Services(
        settings=settings,
        clock=clock,
        store=store,
        deliveries=Deliveries(store),
        directory=Directory(records, clock, secret),
        attempts=Attempts(store),
        ring=ring,
        service=Service(store, openings, judge, pauses, clock, settings.page_url),
        policies=policies,
        pauses=pauses,
        routing=Routing(policy_store, store, judge, openings, pauses, clock),
        samples=Samples(store, policy_store, openings, clock, sampling_key),
        egress=egress,
        webhooks=WebhookSender(egress, clock),
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
