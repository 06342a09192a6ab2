"""Where requests are counted, and what is answered when there are too many (R-SEC-08, row A4)."""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from flask import g, request

from companion.identity.credentials import Caller
from companion.web.callers import services
from companion.web.problems import Problem

SIGN_INS: Final = frozenset(
    {
        ("POST", "/v1/enrolments"),
        ("POST", "/v1/sessions"),
        ("POST", "/v1/sessions/exchange"),
        ("POST", "/v1/sign-ins/passkey/options"),
        ("POST", "/v1/sign-ins/passkey"),
        ("POST", "/v1/sign-ins/proxy"),
        ("GET", "/v1/sign-ins/oidc"),
        ("GET", "/v1/sign-ins/oidc/callback"),
    }
)
"""Where somebody without any credential may write into the store, or guess."""
WITH_A_WORD: Final = ("/decision", "/complete")


def before_anybody_is_known() -> None:
    """Hold up whoever signs in too often from one address."""
    # Whatever answers a GET answers a HEAD, and does the same.
    method = "GET" if request.method == "HEAD" else request.method
    if (method, request.path) in SIGN_INS:
        _refuse_after(services().limits.sign_in(address_of_client()))


def once_somebody_is_known() -> None:
    """Hold up whoever asks too often, and whoever tries words."""
    who = g.get("caller")
    if not isinstance(who, Caller):
        return
    _refuse_after(services().limits.request(who.actor.id))
    if who.only_handoff_id is not None and request.method == "POST" and request.path.endswith(WITH_A_WORD):
        _refuse_after(services().limits.before_a_word(who.actor.id, who.only_handoff_id))


def after(refused: Problem) -> Problem:
    """Count what was refused; too many wrong credentials from one address get another answer."""
    who = g.get("caller")
    if refused.code == "credential_invalid":
        wait_s = services().limits.wrong_credential(address_of_client())
        return refused if wait_s is None else _too_many(wait_s)
    if refused.code == "confirmation_required" and isinstance(who, Caller) and who.only_handoff_id is not None:
        services().limits.wrong_word(who.actor.id, who.only_handoff_id)
    return refused


def address_of_client() -> str:
    """The address that the nearest trusted proxy saw; of IPv6 the network, for one client has all of it."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
    return str(address)


def _refuse_after(wait_s: int | None) -> None:
    if wait_s is not None:
        raise _too_many(wait_s)


def _too_many(wait_s: int) -> Problem:
    return Problem("too_many_requests", f"That is too often; try again in {wait_s} s.", retry_after_s=wait_s)
