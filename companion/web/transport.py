"""Plain http is for local mode, and for programs inside one's own network (R-SEC-02)."""

from flask import Response, redirect, request

from companion.web.callers import VIA_PROXY, services
from companion.web.problems import Problem


def refuse_plain_http() -> Response | None:
    """Send a browser that came by plain http on to https, and refuse whatever else came so.

    The proxy in front says how a request came. A program that talks to this process itself, as n8n does inside its
    network, meets no proxy.
    """
    if not services().secure_cookies or not request.environ.get(VIA_PROXY) or request.is_secure:
        return None
    if request.method in ("GET", "HEAD") and not request.path.startswith("/v1/"):
        # 308 would be remembered for ever, HSTS does that for those who have been here.
        return redirect(services().own_origin + request.full_path.rstrip("?"), 307)  # type: ignore[return-value]
    raise Problem("https_required", "This came by plain http, where others can read and change it; use https.")
