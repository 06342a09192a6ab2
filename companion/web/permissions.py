"""Who may call which endpoint, as data. What is not listed is refused; a test walks every role × endpoint pair."""

from dataclasses import dataclass
from typing import Final

from flask import g, request
from werkzeug.exceptions import MethodNotAllowed

from companion.core.duties import roles_with
from companion.web.callers import authenticate, caller
from companion.web.problems import Problem

SCOPES: Final = {
    "open": "open handoffs and revise them",
    "read": "read handoffs, decisions and deliveries",
    "withdraw": "withdraw handoffs",
    "execute": "carry out what was approved",
    "replay": "send a callback again",
    "route": "have items routed",
}
ROLES: Final = {
    "approver": "decides",
    "auditor": "reads everything, decides nothing",
    "owner": "decides, assigns, and looks after deliveries and policies",
    "operator": "changes policies within the bounds that governance set, and pauses",
    "governance": "approves changes of policies, and resumes after a pause",
    "on_call": "decides emergencies, pauses and resumes",
    "triager": "sorts cases before anybody decides them",
    "verifier": "answers checks, and decides nothing",
    "compliance": "reads everything, and what is hidden after saying why",
    "sre": "reads events, attempts and deliveries, and no case",
}
PEOPLE: Final = frozenset(ROLES)
READERS: Final = PEOPLE - {"sre"}
"""Who reads cases; which of them, and how much of each, is asked case by case."""
DECIDERS: Final = roles_with("decide")
AUDITS: Final = frozenset({"auditor", "owner", "compliance", "sre"})
"""Who reads what was tried and what was changed (R-ROLE-09)."""
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
MOST_OF_NOBODY: Final = 64 * 1024
"""Bytes of a body from somebody who is not known yet: a code, a link, or what a passkey says."""

TABLE: Final[dict[tuple[str, str], Allowed]] = {
    ("POST", "/v1/handoffs"): Allowed(scope="open"),
    ("GET", "/v1/handoffs"): Allowed(scope="read", roles=READERS),
    ("GET", "/v1/handoffs/{id}"): Allowed(scope="read", roles=READERS, link=True),
    ("PATCH", "/v1/handoffs/{id}"): Allowed(scope="open"),
    ("GET", "/v1/handoffs/{id}/package"): Allowed(scope="read", roles=READERS, link=True),
    ("GET", "/v1/handoffs/{id}/blobs/{sha256}"): Allowed(scope="read", roles=READERS, link=True),
    ("POST", "/v1/handoffs/{id}/decision"): Allowed(roles=DECIDERS, link=True),
    ("DELETE", "/v1/handoffs/{id}/decision"): Allowed(roles=roles_with("undo")),
    ("POST", "/v1/handoffs/{id}/verifications"): Allowed(roles=roles_with("verify")),
    ("POST", "/v1/handoffs/{id}/edit-checks"): Allowed(roles=DECIDERS, link=True),
    ("POST", "/v1/handoffs/{id}/triage"): Allowed(roles=roles_with("triage")),
    ("PUT", "/v1/handoffs/{id}/claim"): Allowed(roles=roles_with("claim"), link=True),
    ("DELETE", "/v1/handoffs/{id}/claim"): Allowed(roles=roles_with("claim"), link=True),
    ("PUT", "/v1/handoffs/{id}/acknowledgement"): Allowed(roles=roles_with("claim")),
    ("PUT", "/v1/handoffs/{id}/assignee"): Allowed(roles=roles_with("assign")),
    ("POST", "/v1/handoffs/{id}/escalations"): Allowed(roles=roles_with("escalate"), link=True),
    ("POST", "/v1/handoffs/{id}/annotations"): Allowed(roles=roles_with("annotate"), link=True),
    ("POST", "/v1/handoffs/{id}/questions"): Allowed(roles=roles_with("ask"), link=True),
    ("POST", "/v1/handoffs/{id}/answers"): Allowed(roles=roles_with("answer")),
    ("POST", "/v1/handoffs/{id}/withdrawal"): Allowed(scope="withdraw", roles=roles_with("withdraw")),
    ("POST", "/v1/handoffs/{id}/rollback"): Allowed(roles=roles_with("roll_back")),
    ("POST", "/v1/handoffs/{id}/disclosures"): Allowed(roles=roles_with("disclose")),
    ("POST", "/v1/handoffs/{id}/execution"): Allowed(scope="execute"),
    ("GET", "/v1/reviewers"): Allowed(roles=PEOPLE),
    ("POST", "/v1/batches"): Allowed(roles=DECIDERS),
    ("GET", "/v1/batches/{id}"): Allowed(roles=DECIDERS),
    ("POST", "/v1/batches/{id}/decision"): Allowed(roles=DECIDERS),
    ("DELETE", "/v1/batches/{id}"): Allowed(roles=DECIDERS),
    ("POST", "/v1/groups"): Allowed(scope="open"),
    ("GET", "/v1/groups/{id}"): Allowed(scope="read", roles=READERS),
    ("POST", "/handoff/complete"): Allowed(roles=DECIDERS, link=True),
    ("GET", "/v1/decisions"): Allowed(scope="read", roles=READERS),
    ("GET", "/v1/attempts"): Allowed(roles=AUDITS),
    ("GET", "/v1/events"): Allowed(roles=AUDITS | GOVERNANCE),
    ("GET", "/v1/deliveries"): Allowed(scope="read", roles=PEOPLE),
    ("GET", "/v1/deliveries/{id}"): Allowed(scope="read", roles=PEOPLE),
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
    ("GET", "/v1/sessions"): Allowed(roles=PEOPLE),
    ("GET", "/v1/sessions/current"): Allowed(roles=PEOPLE, link=True),
    ("DELETE", "/v1/sessions/current"): Allowed(roles=PEOPLE, link=True),
    ("DELETE", "/v1/sessions/{id}"): Allowed(roles=PEOPLE),
    ("POST", "/v1/sessions/exchange"): PUBLIC,
    ("POST", "/v1/sign-in-codes"): Allowed(roles=PEOPLE),
    ("POST", "/v1/sign-ins/passkey/options"): PUBLIC,
    ("POST", "/v1/sign-ins/passkey"): PUBLIC,
    ("POST", "/v1/sign-ins/proxy"): PUBLIC,
    ("GET", "/v1/sign-ins/oidc"): PUBLIC,
    ("GET", "/v1/sign-ins/oidc/callback"): PUBLIC,
    ("POST", "/v1/passkeys/options"): Allowed(roles=PEOPLE),
    ("POST", "/v1/passkeys"): Allowed(roles=PEOPLE),
    ("GET", "/v1/passkeys"): Allowed(roles=PEOPLE),
    ("DELETE", "/v1/passkeys/{id}"): Allowed(roles=PEOPLE),
    ("GET", "/v1/tokens"): Allowed(roles=PEOPLE),
    ("POST", "/v1/tokens"): Allowed(roles=PEOPLE),
    ("DELETE", "/v1/tokens/{id}"): Allowed(roles=PEOPLE),
    ("PUT", "/v1/reviewers/{id}/absence"): Allowed(roles=PEOPLE),
    ("DELETE", "/v1/reviewers/{id}/absence"): Allowed(roles=PEOPLE),
    ("POST", "/v1/handoffs/{id}/challenges"): Allowed(roles=READERS),
    ("GET", "/.well-known/jwks.json"): PUBLIC,
    ("GET", "/.well-known/webauthn"): PUBLIC,
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
        request.max_content_length = MOST_OF_NOBODY
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
