"""Health, readiness, public keys, the API's own description and its documentation page."""

import json
from html import escape
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app
from flask_openapi3 import APIBlueprint, Tag

from companion.store.protocol import StoreUnavailable
from companion.web.answers import json_answer
from companion.web.callers import services
from companion.web.description import described
from companion.web.headers import DOCS_CSP
from companion.web.problems import RETRY_AFTER_S, Problem

api = APIBlueprint(
    "operations", __name__, abp_tags=[Tag(name="Operations", description="Health, keys, documentation.")]
)


@api.get("/healthz", summary="Is the process alive")
def healthz() -> Response:
    """Always 200 while the process answers; it asks nobody else."""
    return json_answer({"status": "ok"})


@api.get("/readyz", summary="Can it do its work")
def readyz() -> Response:
    """200 when the store can be reached and written, with the durability class it runs in; 503 else."""
    try:
        services().store.prove_writable(services().clock.monotonic_ms())
        found = services().store.durability()
    except StoreUnavailable as error:
        raise Problem("store_unavailable", f"Not ready: {error}.", retry_after_s=RETRY_AFTER_S) from error
    store = {"reachable": True, "durability": found.name, "detail": found.detail, "problems": list(found.problems)}
    return json_answer({"status": "ready", "mode": services().settings.mode, "store": store})


@api.get("/.well-known/jwks.json", summary="Public keys of the package tokens")
def jwks() -> Response:
    """RFC 7517. A new key is published here before it signs."""
    answer = json_answer(services().signer.ring().jwks())
    answer.headers["Cache-Control"] = "public, max-age=30"
    return answer


@api.get("/config.json", summary="Where the page finds its API", doc_ui=False)
def config() -> Response:
    """Served beside the page; a page on another host has its own, which names this service as `api_base`."""
    found, oidc = services(), services().settings.oidc
    ways = {
        "passkey": _has_a_name(urlsplit(found.own_origin).hostname or ""),
        "oidc": None if oidc is None else {"label": urlsplit(oidc.issuer).hostname},
        "proxy": found.settings.identity_header is not None,
    }
    elsewhere = found.settings.page_url if found.page_elsewhere else None
    # A page that was opened under another name of this machine can say where it works (row L9 refuses it there).
    own = found.settings.public_url
    return json_answer({"api_base": "", "page_url": elsewhere, "public_url": own, "sign_in": ways})


def _has_a_name(host: str) -> bool:
    """Browsers make passkeys for names only, and never for an address of numbers."""
    try:
        ip_address(host)
    except ValueError:
        return True
    return False


@api.get("/openapi.json", summary="This API as OpenAPI 3.1")
def openapi() -> Response:
    """Machine-readable description."""
    return json_answer(described(current_app))


@api.get("/docs", summary="This API for people", doc_ui=False)
def docs() -> Response:
    """A page without script, made from the description."""
    answer = Response(_page(described(current_app)), content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = DOCS_CSP
    return answer


@api.get("/docs.css", summary="Style of the documentation page", doc_ui=False)
def docs_style() -> Response:
    """Its style sheet."""
    return Response(STYLE, content_type="text/css")


INTRODUCTION = (
    "<p>Send <code>Authorization: Bearer</code> with an API key (automations) or a personal token (people). "
    "Every answer that is not a success is <code>application/problem+json</code> with a <code>code</code>. "
    "The same as a file: <a href=openapi.json>openapi.json</a>.</p>"
)


def _page(document: dict[str, Any]) -> str:
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
        "<title>Handoff API</title><link rel=stylesheet href=docs.css><main><h1>Handoff API</h1>",
        INTRODUCTION,
    ]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if not isinstance(operation, dict) or "summary" not in operation:
                continue
            parts.append(f"<section><h2><b>{method.upper()}</b> <code>{escape(path)}</code></h2>")
            parts.append(f"<p>{escape(operation['summary'])}. {escape(operation.get('description') or '')}</p>")
            parts.append(_fields(document, operation))
            parts.append("</section>")
    return "".join(parts) + "</main></html>"


def _fields(document: dict[str, Any], operation: dict[str, Any]) -> str:
    """The body's fields as a table: name, type, whether it must be there."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    reference = content.get("schema", {}).get("$ref", "")
    schema = document.get("components", {}).get("schemas", {}).get(reference.rsplit("/", 1)[-1])
    if not schema:
        return ""
    required = schema.get("required", [])
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code><td>{escape(_type(field))}<td>{'required' if name in required else ''}"
        for name, field in schema.get("properties", {}).items()
    )
    return f"<table><thead><tr><th>Field<th>Type<th></thead><tbody>{rows}</tbody></table>"


def _type(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_type(one) for one in field["anyOf"])
    if "enum" in field:
        return " · ".join(json.dumps(value) for value in field["enum"])
    return str(field.get("type") or field.get("$ref", "any JSON").rsplit("/", 1)[-1])


STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
main { max-width: 56rem; margin: 2rem auto; padding: 0 1rem }
section { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: .5rem 0 }
h2 { font-size: 1rem; margin: .5rem 0 }
table { border-collapse: collapse; font-size: .85rem }
td, th { text-align: left; padding: .15rem 1rem .15rem 0; vertical-align: top }
"""
