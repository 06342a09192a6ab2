"""Answers: JSON, ETags, and refusals turned into problems."""

from hashlib import sha256
from typing import Any

from flask import Response, request

from companion.core.decide import Refused
from companion.store.records import dumps
from companion.web.problems import RETRY_AFTER_S, STATUS, Problem


def json_answer(document: Any, status: int = 200) -> Response:
    """A JSON answer; the same document gives the same bytes."""
    return Response(dumps(document), status, content_type="application/json")


def identified(document: dict[str, Any]) -> Response:
    """A JSON answer with an ETag, or 304 when the caller has it already. The tag begins with the version, if any."""
    answer = json_answer(document)
    mark = sha256(answer.get_data()).hexdigest()[:16]
    answer.set_etag(f"{document['version']}-{mark}" if "version" in document else mark)
    if request.if_none_match.contains(answer.get_etag()[0] or ""):
        answer.status_code = 304
        answer.set_data(b"")
    return answer


def problem_of(refused: Refused, current: dict[str, Any] | None = None) -> Problem:
    """The problem document of a refusal, with the handoff as it stands where that helps."""
    again_s = RETRY_AFTER_S if STATUS[refused.code] == 503 else None
    return Problem(refused.code, refused.detail, field=refused.field, current=current, retry_after_s=again_s)
