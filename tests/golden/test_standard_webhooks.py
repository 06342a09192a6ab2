"""Signatures of callbacks against the published example of Standard Webhooks."""

import pytest

from companion.adapters.webhook import signed_headers
from companion.core.links import webhook_key


@pytest.mark.req("W1")
def test_w1_the_published_example() -> None:
    """The example that every library of Standard Webhooks carries gives exactly its signature."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = signed_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", [secret], b'{"test": 2432232314}', 1_614_265_330_000)
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    assert len(webhook_key(secret) or b"") == 24
