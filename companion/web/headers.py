"""The security headers of every answer, errors too, from one table (security rows L7, L8)."""

from typing import Final

from flask import Response

PAGE_CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; "
    "connect-src {connect}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
API_CSP: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
DOCS_CSP: Final = API_CSP.replace("default-src 'none'", "default-src 'none'; style-src 'self'")

EVERYWHERE: Final[dict[str, str]] = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
"""Browsers ignore HSTS over plain http: sent always, it does no harm in local mode and is forgotten nowhere."""

NO_STORE: Final = "no-store"
IMMUTABLE: Final = "public, max-age=31536000, immutable"


def page_headers(connect: str = "'self'") -> dict[str, str]:
    """Headers of the page. `connect` is where its script may send requests."""
    return EVERYWHERE | {"Content-Security-Policy": PAGE_CSP.format(connect=connect)}


_API: Final = tuple({**EVERYWHERE, "Content-Security-Policy": API_CSP, "Cache-Control": NO_STORE}.items())


def secure(answer: Response) -> Response:
    """Add what a handler has not set itself."""
    headers = answer.headers
    missing = [item for item in _API if item[0] not in headers] if len(headers) > 2 else _API
    headers.extend(missing)
    return answer
