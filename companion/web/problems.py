"""Every answer that is not a success: application/problem+json (RFC 9457), from one table of codes."""

import json
from http import HTTPStatus
from typing import Any, Final

from flask import Response

from companion.core.policy.document import UnusablePolicy
from companion.service.refusals import NOT_FOUND

STATUS: Final[dict[str, int]] = {
    # the body
    "not_utf8": 400,
    "invalid_json": 400,
    "too_deep": 400,
    "too_many_values": 400,
    "string_too_long": 400,
    "duplicate_member": 400,
    "lone_surrogate": 400,
    "number_too_long": 400,
    "number_not_finite": 400,
    "number_not_exact": 400,
    "not_an_object": 400,
    "request_unreadable": 400,
    "idempotency_key_missing": 400,
    "idempotency_key_malformed": 400,
    "cursor_malformed": 400,
    "version_malformed": 400,
    "body_too_large": 413,
    "not_json": 415,
    "invalid_field": 422,
    "package_unusable": 422,
    "callback_url_refused": 422,
    "idempotency_key_reused": 422,
    "reason_code_required": 422,
    "unknown_reason_code": 422,
    "rationale_required": 422,
    "edited_output_required": 422,
    "edited_output_unchanged": 422,
    "edited_output_unexpected": 422,
    "text_required": 422,
    "policy_unusable": 422,
    "settings_unusable": 422,
    "evidence_required": 422,
    "absence_unusable": 422,
    "evidence_missing": 422,
    "features_missing": 422,
    "urgency_missing": 422,
    "response_invalid": 422,
    "gate_results_missing": 422,
    "gate_failed": 422,
    "unknown_gate_item": 422,
    "unknown_queue": 422,
    "unknown_reviewer": 422,
    "edit_of_redacted": 422,
    "edit_refused_by_policy": 422,
    "revision_refused_by_policy": 422,
    "sorting_refused_by_policy": 422,
    "batch_not_possible": 422,
    "risk_only_rises": 422,
    "unknown_escalation_target": 422,
    "gate_answered_twice": 422,
    "response_differs": 422,
    "outliers_unconfirmed": 422,
    "not_in_batch": 422,
    # the caller
    "credential_missing": 401,
    "credential_invalid": 401,
    "package_token_refused": 401,
    "link_refused": 401,
    "enrolment_refused": 401,
    "oidc_no_role": 401,
    "oidc_person_unknown": 401,
    "oidc_email_unverified": 401,
    "oidc_token_refused": 401,
    "oidc_code_refused": 401,
    "oidc_denied": 401,
    "oidc_issuer_mismatch": 401,
    "oidc_state_unknown": 401,
    "proxy_person_unknown": 401,
    "proxy_identity_missing": 401,
    "code_refused": 401,
    "passkey_unknown": 401,
    "scope_missing": 403,
    "role_missing": 403,
    "workflow_not_yours": 403,
    "automation_cannot_decide": 403,
    "automation_only": 403,
    "self_approval": 403,
    "second_reviewer_must_differ": 403,
    "assurance_too_low": 403,
    "confirmation_required": 403,
    "action_not_permitted": 403,
    "override_not_permitted": 403,
    "skill_missing": 403,
    "step_up_required": 403,
    "step_up_mismatch": 403,
    "triager_cannot_approve": 403,
    "already_reviewed": 403,
    "not_your_decision": 403,
    "not_yours_to_change": 403,
    "scope_too_wide": 403,
    "origin_refused": 403,
    "step_up_refused": 403,
    "step_up_over": 403,
    "https_required": 403,
    "session_required": 403,
    "sign_in_again": 403,
    "passkey_refused": 403,
    # what stands there
    "not_found": 404,
    "method_not_allowed": 405,
    "already_decided": 409,
    "illegal_transition": 409,
    "claimed_by_other": 409,
    "claim_still_runs": 409,
    "package_digest_mismatch": 409,
    "package_token_used": 409,
    "no_higher_level": 409,
    "nothing_to_roll_back": 409,
    "expired": 409,
    "busy": 409,
    "delivery_under_way": 409,
    "delivery_held": 409,
    "proposal_gone": 409,
    "proposal_stale": 409,
    "fresh_review_missing": 409,
    "pause_over": 409,
    "paused": 409,
    "policy_unreadable": 409,
    "too_many_tokens": 409,
    "too_many_claims": 409,
    "too_many_notes": 409,
    "no_other_page": 409,
    "passkey_missing": 409,
    "passkey_known": 409,
    "not_due": 409,
    "triage_first": 409,
    "gate_not_open": 409,
    "gate_failure_sent": 409,
    "view_digest_mismatch": 409,
    "undo_over": 409,
    "undo_instead": 409,
    "not_approved": 409,
    "output_changed": 409,
    "executed_already": 409,
    "batch_over": 409,
    "batch_case_changed": 409,
    "rolled_back": 409,
    "nothing_to_settle": 409,
    "not_in_triage": 409,
    "lower_level": 409,
    "version_stale": 412,
    "version_required": 428,
    "too_many_requests": 429,
    # the service
    "internal_error": 500,
    "store_unavailable": 503,
    "policy_unavailable": 503,
    "oidc_unreachable": 503,
}
"""Code -> HTTP status. Codes are stable; a test holds that each code that can be given stands here."""


RETRY_AFTER_S: Final = 2
"""When to try again while the store is away, or the process that answers cannot do what another one may."""


SHOWN_PROBLEMS: Final = 50


class Problem(Exception):
    """Ends a request with a problem document."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        errors: list[dict[str, str]] | None = None,
        current: dict[str, Any] | None = None,
        problems: list[dict[str, str]] | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.field = field
        self.errors = errors
        self.current = current
        self.problems = problems
        self.retry_after_s = retry_after_s

    def response(self) -> Response:
        """The HTTP answer."""
        status = STATUS[self.code]
        document: dict[str, Any] = {
            "type": f"about:blank#{self.code}",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "code": self.code,
            "detail": self.detail,
        }
        for name in ("field", "errors", "problems", "current"):
            if getattr(self, name) is not None:
                document[name] = getattr(self, name)
        answer = Response(json.dumps(document, ensure_ascii=False), status, content_type="application/problem+json")
        if self.retry_after_s is not None:
            answer.headers["Retry-After"] = str(self.retry_after_s)
        if status == 401:
            answer.headers["WWW-Authenticate"] = "Bearer"
        return answer


def not_found() -> Problem:
    """One shape for what does not exist and what is not the caller's (security row A3)."""
    return Problem(NOT_FOUND.code, NOT_FOUND.detail)


def cursor_malformed() -> Problem:
    """A cursor that no answer of ours gave."""
    return Problem("cursor_malformed", "Use the cursor of the answer before, unchanged.", field="/cursor")


def policy_problem(code: str, error: UnusablePolicy, at: str) -> Problem:
    """A policy document, or settings, that cannot be used: every problem by its pointer, in plain words."""
    problems = [{"pointer": found.pointer, "sentence": found.sentence} for found in error.problems[:SHOWN_PROBLEMS]]
    first = problems[0]
    more = f" {len(error.problems) - 1} more below." if len(error.problems) > 1 else ""
    return Problem(code, first["sentence"] + more, field=at + first["pointer"], problems=problems)
