"""Runs inside mitmproxy: records each request, answers it from a rule or from the tables below, refuses all others."""

import asyncio
import json
import os
from fnmatch import fnmatchcase
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs

from mitmproxy import http, tcp
from mitmproxy.proxy import server_hooks

RECORD = Path(os.environ["HANDOFF_PROXY_RECORD"])
RULES = Path(os.environ["HANDOFF_PROXY_RULES"])

CHANNEL = {"id": "C0HANDOFF", "name": "support", "is_channel": True, "is_member": True}
USER = {"id": "U0APPROVER", "name": "ada", "real_name": "Ada Approver", "profile": {"email": "ada@example.com"}}

SLACK = {
    "/api/auth.test": {"user_id": "U0BOT", "team_id": "T0HANDOFF", "team": "Handoff", "user": "handoff"},
    "/api/chat.update": {"channel": CHANNEL["id"], "ts": "1700000000.000001"},
    "/api/conversations.list": {"channels": [CHANNEL], "response_metadata": {"next_cursor": ""}},
    "/api/conversations.open": {"channel": {"id": "D0APPROVER"}},
    "/api/users.info": {"user": USER},
    "/api/users.list": {"members": [USER], "response_metadata": {"next_cursor": ""}},
    "/api/users.lookupByEmail": {"user": USER},
    "/api/views.open": {"view": {"id": "V0HANDOFF"}},
}

WORKERS_AI = {
    "result": {"summary": "The customer asks for a refund of a duplicate charge.", "confidence": 0.61},
    "success": True,
    "errors": [],
    "messages": [],
}

_message_numbers = count(1)


class StandIns:
    """The addon. Its method names are mitmproxy's."""

    async def request(self, flow: http.HTTPFlow) -> None:
        request = flow.request
        body = _body(request)
        rule = _rule_for(request) or _default_for(request, body)
        _record(request, body, rule["status"] if rule else None)
        if rule is None:
            refusal = json.dumps({"error": f"Nobody stands in for {request.pretty_host} here."})
            flow.response = http.Response.make(403, refusal, {"content-type": "application/json"})
            return
        if rule["delay_s"]:
            await asyncio.sleep(rule["delay_s"])
        text = rule["body"] if isinstance(rule["body"], str) else json.dumps(rule["body"])
        flow.response = http.Response.make(
            rule["status"], text.encode(), {"content-type": "application/json", **rule["headers"]}
        )

    def server_connect(self, data: server_hooks.ServerConnectionHookData) -> None:
        data.server.error = "This proxy never connects to anybody."

    def tcp_start(self, flow: tcp.TCPFlow) -> None:
        flow.kill()


addons = [StandIns()]


def _rule_for(request: http.Request) -> dict | None:
    for rule in json.loads(RULES.read_text()):
        fits = rule["host"] == request.pretty_host and fnmatchcase(_path(request), rule["path"])
        if fits and rule["about"] in (request.get_text(strict=False) or ""):
            return rule
    return None


def _default_for(request: http.Request, body: object) -> dict | None:
    path = _path(request)
    if request.pretty_host == "slack.com":
        if path == "/api/chat.postMessage":
            return _rule({"ok": True, **_posted(body if isinstance(body, dict) else {})})
        if path in SLACK:
            return _rule({"ok": True, **SLACK[path]})
        return _rule({"ok": False, "error": "unknown_method"})
    if request.pretty_host == "api.cloudflare.com" and fnmatchcase(path, "/client/v4/accounts/*/ai/run/*"):
        return _rule(WORKERS_AI)
    return None


def _posted(message: dict) -> dict:
    return {
        "channel": message.get("channel", CHANNEL["id"]),
        "ts": f"1700000000.{next(_message_numbers):06}",
        "message": message,
    }


def _rule(body: dict) -> dict:
    return {"status": 200, "body": body, "headers": {}, "delay_s": 0}


def _path(request: http.Request) -> str:
    return request.path.split("?")[0]


def _body(request: http.Request) -> object:
    text = request.get_text(strict=False) or ""
    if "form-urlencoded" in request.headers.get("content-type", ""):
        return {name: values[0] for name, values in parse_qs(text).items()}
    try:
        return json.loads(text)
    except ValueError:
        return text


def _record(request: http.Request, body: object, status: int | None) -> None:
    entry = {
        "host": request.pretty_host,
        "method": request.method,
        "path": _path(request),
        "query": dict(request.query),
        "headers": dict(request.headers),
        "body": body,
        "answered": status,
    }
    with RECORD.open("a") as record:
        record.write(json.dumps(entry) + "\n")
