"""Who may call which endpoint, as data. What is not listed is refused; a test walks every role × endpoint pair."""

from dataclasses import dataclass
from typing import Final

from flask import g, request
from werkzeug.exceptions import MethodNotAllowed

from companion.web.callers import authenticate, caller
from companion.web.problems import Problem

SCOPES: Final = {
    "open": "open handoffs and revise them",
    "read": "read handoffs, decisions and deliveries",
    "withdraw": "withdraw handoffs",
    "replay": "send a callback again",
    "route": "have items routed",
}
ROLES: Final = {
    "approver": "decides",
    "auditor": "reads everything, decides nothing",
    "owner": "decides, and looks after deliveries and policies",
    "operator": "changes policies within the bounds that governance set, and pauses",
    "governance": "approves changes of policies, and resumes after a pause",
    "on_call": "pauses and resumes",
}
DECIDERS: Final = frozenset({"approver", "owner"})
READERS: Final = frozenset(ROLES)
EDITORS: Final = frozenset({"operator", "governance", "owner"})
"""Who may change a policy; what goes beyond its bounds waits for governance (R-ROLE-13)."""
PAUSERS: Final = frozenset({"operator", "governance", "owner", "on_call"})
RESUMERS: Final = frozenset({"governance", "owner", "on_call"})
GOVERNANCE: Final = frozenset({"governance"})


@dataclass(frozen=True, slots=True)
class Allowed:
    """Who may: anybody, API keys with a scope, people with one of some roles."""

    anybody: bool = False
    scope: str | None = None
    roles: frozenset[str] = frozenset()
    link: bool = False
    """Whether a personal link's session may, for its own handoff."""


PUBLIC: Final = Allowed(anybody=True)

TABLE: Final[dict[tuple[str, str], Allowed]] = {
    ("POST", "/v1/handoffs"): Allowed(scope="open"),
    ("GET", "/v1/handoffs"): Allowed(scope="read", roles=READERS),
    ("GET", "/v1/handoffs/{id}"): Allowed(scope="read", roles=READERS, link=True),
    ("PATCH", "/v1/handoffs/{id}"): Allowed(scope="open"),
    ("GET", "/v1/handoffs/{id}/package"): Allowed(scope="read", roles=READERS, link=True),
    ("GET", "/v1/handoffs/{id}/blobs/{sha256}"): Allowed(scope="read", roles=READERS, link=True),
    ("POST", "/v1/handoffs/{id}/decision"): Allowed(roles=DECIDERS, link=True),
    ("PUT", "/v1/handoffs/{id}/claim"): Allowed(roles=DECIDERS, link=True),
    ("DELETE", "/v1/handoffs/{id}/claim"): Allowed(roles=DECIDERS, link=True),
    ("POST", "/v1/handoffs/{id}/escalations"): Allowed(roles=DECIDERS, link=True),
    ("POST", "/v1/handoffs/{id}/annotations"): Allowed(roles=READERS, link=True),
    ("POST", "/v1/handoffs/{id}/questions"): Allowed(roles=DECIDERS, link=True),
    ("POST", "/v1/handoffs/{id}/answers"): Allowed(roles=DECIDERS),
    ("POST", "/v1/handoffs/{id}/withdrawal"): Allowed(scope="withdraw", roles=frozenset({"owner"})),
    ("POST", "/v1/handoffs/{id}/rollback"): Allowed(roles=DECIDERS),
    ("POST", "/v1/groups"): Allowed(scope="open"),
    ("GET", "/v1/groups/{id}"): Allowed(scope="read", roles=READERS),
    ("POST", "/handoff/complete"): Allowed(roles=DECIDERS, link=True),
    ("GET", "/v1/decisions"): Allowed(scope="read", roles=READERS),
    ("GET", "/v1/attempts"): Allowed(roles=frozenset({"auditor", "owner"})),
    ("GET", "/v1/events"): Allowed(roles=frozenset({"auditor", "owner", "governance"})),
    ("GET", "/v1/deliveries"): Allowed(scope="read", roles=READERS),
    ("GET", "/v1/deliveries/{id}"): Allowed(scope="read", roles=READERS),
    ("POST", "/v1/deliveries/{id}/replay"): Allowed(scope="replay", roles=frozenset({"owner"})),
    ("POST", "/v1/routes"): Allowed(scope="route"),
    ("GET", "/v1/routes/{id}"): Allowed(scope="route", roles=READERS),
    ("POST", "/v1/routes/{id}/review"): Allowed(scope="route", roles=READERS),
    ("POST", "/v1/samples"): Allowed(roles=frozenset({"auditor", "owner"})),
    ("GET", "/v1/policies"): Allowed(scope="route", roles=READERS),
    ("GET", "/v1/policies/{workflow_id}"): Allowed(scope="route", roles=READERS),
    ("PUT", "/v1/policies/{workflow_id}"): Allowed(roles=EDITORS),
    ("GET", "/v1/policies/{workflow_id}/versions"): Allowed(roles=READERS),
    ("GET", "/v1/policies/{workflow_id}/versions/{version}"): Allowed(roles=READERS),
    ("POST", "/v1/policies/{workflow_id}/simulations"): Allowed(roles=READERS),
    ("POST", "/v1/policies/{workflow_id}/approvals"): Allowed(roles=GOVERNANCE),
    ("GET", "/v1/policy-presets"): Allowed(scope="route", roles=READERS),
    ("GET", "/policy.schema.json"): PUBLIC,
    ("GET", "/v1/pauses"): Allowed(scope="read", roles=READERS),
    ("POST", "/v1/pauses"): Allowed(roles=PAUSERS),
    ("POST", "/v1/pauses/{id}/resumption"): Allowed(roles=RESUMERS),
    ("POST", "/v1/enrolments"): PUBLIC,
    ("POST", "/v1/sessions"): PUBLIC,
    ("GET", "/v1/sessions"): Allowed(roles=READERS),
    ("GET", "/v1/sessions/current"): Allowed(roles=READERS, link=True),
    ("DELETE", "/v1/sessions/current"): Allowed(roles=READERS, link=True),
    ("DELETE", "/v1/sessions/{id}"): Allowed(roles=READERS),
    ("GET", "/.well-known/jwks.json"): PUBLIC,
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/openapi.json"): PUBLIC,
    ("GET", "/docs"): PUBLIC,
    ("GET", "/docs.css"): PUBLIC,
    ("GET", "/config.json"): PUBLIC,
    ("GET", "/"): PUBLIC,
    ("GET", "/{path}"): PUBLIC,
}


def check() -> None:
    """Before every handler: establish the caller and hold the request against the table."""
    if request.url_rule is None:
        return
    template = request.url_rule.rule.replace("<string:", "<").replace("<path:", "<").replace("<", "{").replace(">", "}")
    method = "GET" if request.method == "HEAD" else request.method
    allowed = TABLE.get((method, template))
    if allowed is None:
        raise MethodNotAllowed([known for known, path in TABLE if path == template])
    if allowed.anybody:
        return
    found = authenticate()
    if found is None:
        raise Problem(
            "credential_missing",
            "Send an API key or a personal token as: Authorization: Bearer …, or sign in on the page.",
        )
    g.caller = found
    if found.kind == "automation":
        if allowed.scope is None:
            raise Problem(
                "automation_cannot_decide", "An API key belongs to an automation; this needs a person's credential."
            )
        if allowed.scope not in found.scopes:
            raise Problem("scope_missing", f"This API key lacks the scope “{allowed.scope}”.")
    elif found.assurance == "link" and not allowed.link:
        raise Problem("assurance_too_low", "A personal link opens its own case only; sign in for this.")
    elif not allowed.roles & found.roles:
        needed = " or ".join(sorted(allowed.roles)) or "an API key"
        raise Problem("role_missing", f"This needs: {needed}.")


def workflows_seen() -> tuple[str, ...] | None:
    """The workflows whose handoffs the caller may list; None for all."""
    return caller().workflows
