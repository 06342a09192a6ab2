"""Sends callbacks as Standard Webhooks 1.0 says (row W1): a stable id, a new timestamp and signatures for each attempt.

Nothing here logs a URL's query, which holds n8n's own signature, or a body.
"""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from typing import Final

from requests import RequestException

from companion.adapters.clock import Clock
from companion.adapters.connection import AnswerLost, NotSent
from companion.adapters.egress import Policy, Refused, Resolver, check_url, resolve_and_pin, system_resolver
from companion.adapters.pinned import PinnedAdapter, PinnedRequest
from companion.core.delivery import Attempt, Transport
from companion.core.links import webhook_key

TOTAL_TIMEOUT_S: Final = 15.0
"""For look-up, connection, sending and the whole answer together (row W2)."""

_EXCERPT_BYTES: Final = 16 * 1024
_LONGEST_RETRY_AFTER_S: Final = 24 * 60 * 60


class WebhookSender:
    """One for a process; its threads share the connections that it keeps alive."""

    def __init__(
        self,
        policy: Policy,
        clock: Clock,
        resolver: Resolver = system_resolver,
        total_timeout_s: float = TOTAL_TIMEOUT_S,
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._resolver = resolver
        self._total_timeout_s = total_timeout_s
        self._adapter = PinnedAdapter(clock)

    def send(self, target_url: str, webhook_id: str, secrets: Sequence[str], body_bytes: bytes, now_ms: int) -> Attempt:
        """One attempt. `secrets` are `whsec_…` texts, two while they rotate; each adds a signature.

        Whatever the receiver does is an Attempt. Raises ValueError for a secret that is none.
        """
        began_ms = self._clock.monotonic_ms()
        headers = {
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            "User-Agent": "handoff-companion",
            **signed_headers(webhook_id, secrets, body_bytes, now_ms),
        }

        def ended(outcome: Transport, detail: str, status_code: int | None = None) -> Attempt:
            return Attempt(status_code, outcome, None, "", detail, self._clock.monotonic_ms() - began_ms)

        url = check_url(target_url, self._policy)
        if isinstance(url, Refused):
            return ended("not_allowed", url.detail)
        target = resolve_and_pin(url, self._policy, self._resolver, self._total_timeout_s)
        if isinstance(target, Refused):
            return ended("not_sent" if target.code == "callback_host_unknown" else "not_allowed", target.detail)
        request = PinnedRequest(target, headers, body_bytes, began_ms + round(self._total_timeout_s * 1000))
        try:
            response = self._adapter.send(request, stream=True, proxies={})
            content = response.content[:_EXCERPT_BYTES]
        except NotSent as error:
            return ended("not_sent", f"{error}")
        except AnswerLost as error:
            return ended("timed_out" if error.timed_out else "lost", f"{error}", error.status)
        except RequestException as error:
            return ended("lost", f"the exchange failed: {type(error).__name__}")
        return Attempt(
            response.status_code,
            "answered",
            _retry_after_s(response.headers.get("Retry-After"), now_ms),
            content.decode(errors="replace"),
            "",
            self._clock.monotonic_ms() - began_ms,
        )

    def close(self) -> None:
        """Close the connections that are kept alive."""
        self._adapter.close()


def signed_headers(webhook_id: str, secrets: Sequence[str], body: bytes, now_ms: int) -> dict[str, str]:
    """webhook-id, webhook-timestamp and webhook-signature. Raises ValueError for a secret that is none."""
    timestamp = str(now_ms // 1000)
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    signatures = []
    for secret in secrets:
        key = webhook_key(secret)
        if key is None:
            raise ValueError("A signing secret is whsec_ and base64 of 24 to 64 bytes.")
        signatures.append("v1," + b64encode(hmac.digest(key, signed, "sha256")).decode())
    if not signatures:
        raise ValueError("A callback needs at least one signing secret.")
    return {"webhook-id": webhook_id, "webhook-timestamp": timestamp, "webhook-signature": " ".join(signatures)}


def _retry_after_s(header: str | None, now_ms: int) -> int | None:
    """Retry-After (RFC 9110 section 10.2.3) as seconds from now, at most a day; None when absent or unreadable."""
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        return min(int(header[:9]), _LONGEST_RETRY_AFTER_S)
    try:
        at_s = parsedate_to_datetime(header).timestamp()
    except (ValueError, OverflowError):
        return None
    return max(0, min(round(at_s - now_ms / 1000), _LONGEST_RETRY_AFTER_S))
