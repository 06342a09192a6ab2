"""A page on another origin: exactly that one may call, with a bearer and never with a cookie (security row L9)."""

from typing import Final

from flask import Response, request

from companion.web.callers import from_the_page_elsewhere, services

PREFLIGHT: Final[dict[str, str]] = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key",
    "Access-Control-Max-Age": "600",
}
EXPOSED: Final = "ETag, Date, Retry-After, Location, Idempotency-Replayed"


def answer_preflight() -> Response | None:
    """What a browser asks before it lets the page elsewhere send a request; nobody else is answered."""
    asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    return Response(status=204, headers=PREFLIGHT) if asks and from_the_page_elsewhere() else None


def open_to_the_page(answer: Response) -> Response:
    """Let the page elsewhere read this answer. Never `*`, never with credentials."""
    if services().page_elsewhere is None:
        return answer
    answer.vary.add("Origin")
    if from_the_page_elsewhere():
        answer.headers["Access-Control-Allow-Origin"] = services().page_elsewhere
        answer.headers["Access-Control-Expose-Headers"] = EXPOSED
    return answer
