"""The app factory: strict JSON in, problem+json out, the permission check before every handler."""

from contextlib import nullcontext
from functools import cached_property
from ipaddress import ip_address
from threading import BoundedSemaphore
from typing import Any, Final

import structlog
from flask import Flask, Request, Response, request
from flask_openapi3 import APIBlueprint, Info, OpenAPI
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from companion.bootstrap import Services
from companion.core.strict_json import Limits, MalformedJson, parse_strict
from companion.identity.directory import DirectoryProblem
from companion.store.protocol import StoreUnavailable
from companion.web import (
    acts,
    attempts,
    batches,
    completion,
    cross_origin,
    deciding,
    decisions,
    deliveries,
    desk,
    events,
    handoffs,
    operations,
    page,
    passkeys,
    pauses,
    permissions,
    policies,
    rate_limits,
    reading,
    reviewers,
    routes,
    samples,
    sessions,
    sign_in,
    step_up,
    tokens,
    transport,
)
from companion.web.callers import VIA_PROXY
from companion.web.headers import secure
from companion.web.problems import RETRY_AFTER_S, Problem, not_found

LIMITS = Limits(body_bytes=8 * 1024 * 1024, depth=30, string_chars=1_400_000)
"""Below the token's own depth of 32, so that whatever is accepted can be signed; long strings are attachments."""

LARGE_BYTES: Final = 1024 * 1024
LARGE_AT_ONCE: Final = BoundedSemaphore(2)
"""Reading a large body takes several times its length for a moment. One thread runs at a time whatever they read: so
waiting here costs no time, and a process needs that much for two bodies, not for each of its threads (row A4)."""

log = structlog.get_logger("handoff.web")


class StrictRequest(Request):
    """A request whose JSON has one reading (security rows A4, A6)."""

    max_content_length = LIMITS.body_bytes

    @cached_property
    def strict_json(self) -> dict[str, Any]:
        """The body as an object. Raises Problem."""
        if self.mimetype != "application/json":
            raise Problem("not_json", "Send the body as JSON with Content-Type: application/json.")
        # Received before: whoever sends slowly must not hold others up.
        body = self.get_data()
        try:
            with LARGE_AT_ONCE if len(body) > LARGE_BYTES else nullcontext():
                value = parse_strict(body, LIMITS)
        except MalformedJson as error:
            raise Problem(error.code, error.detail, field=error.pointer or None) from None
        if not isinstance(value, dict):
            raise Problem("not_an_object", "The body must be a JSON object.")
        return value

    def get_json(self, *_: Any, **__: Any) -> Any:
        """What flask-openapi3 validates."""
        return self.strict_json


class StrictApp(OpenAPI):
    """The OpenAPI app with our request class."""

    request_class = StrictRequest

    def register_api(self, api: APIBlueprint, **options: Any) -> None:
        """Register a resource; the library would forget what another one already takes at the same path."""
        known = {path: self.paths[path] for path in api.paths if path in self.paths}
        super().register_api(api, **options)
        for path, taken in known.items():
            added = self.paths[path]
            more = {method: getattr(added, method) for method in added.model_fields_set}
            self.paths[path] = taken.model_copy(update=more)


def create_app(services: Services) -> Flask:
    """The whole HTTP shell around `services`."""
    info = Info(
        title="Handoff",
        version="1",
        description="How an automation asks a person, and gets an answer that can be trusted.",
    )
    app = StrictApp(
        __name__,
        info=info,
        doc_ui=False,
        static_folder=None,
        validation_error_callback=_invalid,
        security_schemes={"bearer": {"type": "http", "scheme": "bearer"}},
    )
    app.extensions["handoff"] = services
    app.json.sort_keys = False  # type: ignore[attr-defined]
    for before in (
        transport.refuse_plain_http, cross_origin.answer_preflight, rate_limits.before_anybody_is_known,
        permissions.check, rate_limits.once_somebody_is_known,
    ):  # fmt: skip
        app.before_request(before)
    for after in (secure, cross_origin.open_to_the_page, sessions.carry_new_session):
        app.after_request(after)
    app.register_error_handler(Problem, _refused)
    app.register_error_handler(StoreUnavailable, _store_unavailable)
    app.register_error_handler(DirectoryProblem, _gone)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Exception, _unexpected)
    resources = (
        handoffs, desk, reading, acts, deciding, batches, completion, decisions, deliveries, routes, samples, policies,
        pauses, events, sessions, sign_in, passkeys, tokens, step_up, reviewers, attempts, operations,
    )  # fmt: skip
    for resource in resources:
        app.register_api(resource.api)
    app.register_blueprint(page.page)
    if services.settings.trusted_proxies:
        app.wsgi_app = OnlyFromProxies(app.wsgi_app, services.settings.trusted_proxies)  # type: ignore[method-assign]
    return app


class OnlyFromProxies:
    """Believe X-Forwarded headers from the proxies that the settings list, and from nobody else."""

    def __init__(self, app: Any, networks: Any) -> None:
        self._plain = app
        self._behind_proxy = ProxyFix(app, x_for=1, x_proto=1, x_host=1)
        self._networks = networks

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        try:
            peer = ip_address(environ.get("REMOTE_ADDR", ""))
        except ValueError:
            return self._plain(environ, start_response)
        trusted = any(peer in network for network in self._networks)
        environ[VIA_PROXY] = trusted
        return (self._behind_proxy if trusted else self._plain)(environ, start_response)


def _invalid(error: ValidationError) -> Response:
    """A body or query that does not fit its model: each field by its JSON pointer, with what would fit."""
    errors = []
    for found in error.errors(include_url=False, include_context=False, include_input=False)[:20]:
        pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in found["loc"])
        errors.append({"field": pointer, "detail": found["msg"]})
    first = errors[0]
    detail = f"{first['field'] or 'The body'}: {first['detail']}."
    if len(error.errors()) > 1:
        detail += f" {len(error.errors()) - 1} more below."
    answer = Problem("invalid_field", detail, field=first["field"], errors=errors).response()
    return secure(answer)


def _refused(error: Problem) -> Response:
    answered = rate_limits.after(error)
    attempts.note(answered)
    return answered.response()


def _gone(_: DirectoryProblem) -> Response:
    """Somebody, or what they had, was removed between the look at it and the change."""
    return not_found().response()


def _store_unavailable(error: StoreUnavailable) -> Response:
    log.warning("store_unavailable", detail=str(error))
    detail = "The store cannot be reached or written just now. Send the same request again."
    return Problem("store_unavailable", detail, retry_after_s=RETRY_AFTER_S).response()


def _http_problem(error: HTTPException) -> Response:
    if isinstance(error, RequestEntityTooLarge):
        return Problem("body_too_large", f"The body may have {request.max_content_length} bytes. Send less.").response()
    if error.response is not None:
        # flask-openapi3 aborts with a response that is a problem document already.
        return error.response  # type: ignore[return-value]
    if isinstance(error, MethodNotAllowed):
        answer = Problem("method_not_allowed", f"{request.path} does not take {request.method}.").response()
        taken = {*(error.valid_methods or ()), *(("HEAD",) if "GET" in (error.valid_methods or ()) else ())} - {
            "OPTIONS"
        }
        answer.headers["Allow"] = ", ".join(sorted(taken))  # RFC 9110 section 15.5.6
        return answer
    if error.code == 404:
        return not_found().response()
    return Problem("request_unreadable", error.description or "This request cannot be read.").response()


def _unexpected(error: Exception) -> Response:
    """A bug of ours. The log has the trace; the answer has nothing of it (security row A5)."""
    log.error("unexpected_error", path=request.path, method=request.method, exc_info=error)
    return Problem(
        "internal_error", "Something went wrong on our side. Look at the case before you try again."
    ).response()
