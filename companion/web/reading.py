"""Reading one case: as it stands, its package, its large values, and the group it came in."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from companion.core.ids import is_id
from companion.core.similar import known_here
from companion.web import models
from companion.web.answers import identified, json_answer
from companion.web.callers import caller, services
from companion.web.case import live, visible
from companion.web.problems import not_found
from companion.web.views.redacted import as_seen, blobs_shown, something_hidden
from companion.web.views.rows import delivery_summary, row

api = APIBlueprint("reading", __name__, abp_tags=[Tag(name="Handoffs")])


@api.get("/v1/groups/<string:id>", summary="One group")
def read_group(path: models.ById) -> Response:
    """A group, its handoffs and what became of its callback."""
    store, who = services().store, caller()
    group = store.load_group(path.id) if is_id(path.id, "gr") else None
    handoffs = [h for h in store.load_many(group.handoff_ids) if who.may_see(h)] if group else []
    if group is None or not handoffs:
        raise not_found()
    now_ms = services().clock.now_ms()
    return identified(
        {
            "id": group.id,
            "workflow_id": group.workflow_id,
            "handoffs": [row(h, who, now_ms, services().service.review_url(h.id)) for h in handoffs],
            "delivery": delivery_summary(services().deliveries.load(group.delivery_id)) if group.delivery_id else None,
        }
    )


@api.get("/v1/handoffs/<string:id>", summary="One handoff as it stands")
def read_handoff(path: models.ById) -> Response:
    """State, what the caller may do, notes and history. Supports If-None-Match, so that a page can watch it cheaply."""
    stored = visible(path.id)
    return identified(live(stored.handoff, stored.package))


@api.get("/v1/handoffs/<string:id>/package", summary="The signed context package")
def read_package(path: models.ById) -> Response:
    """The package as a token: whole for the automation that opened it, as a reviewer may see it for a person."""
    stored, who = visible(path.id), caller()
    handoff, signer = stored.handoff, services().signer
    if who.kind == "automation":
        seen = as_seen(handoff, who)
        package = stored.package
        if seen.package_version != handoff.package_version:
            package = services().store.older_package(handoff.id, seen.package_version) or package
        token, _ = signer.mint("n8n", path.id, package)
    else:
        package = known_here(stored.package, handoff)
        token = signer.mint_view(path.id, package, handoff.package_digest, handoff.terms.redactions, who.roles)
    return json_answer({"package_token": token})


@api.get("/v1/handoffs/<string:id>/blobs/<string:sha256>", summary="A large value or an attachment")
def read_blob(path: models.ByBlob) -> Response:
    """The bytes, never as something a browser would run; the page checks the hash."""
    stored, who = visible(path.id), caller()
    handoff = stored.handoff
    there = path.sha256 in handoff.blobs and (
        # What an older version held is hidden as well: nobody looks for hidden places in it any more.
        path.sha256 in blobs_shown(stored.package, handoff, who) if something_hidden(handoff, who) else True
    )
    content = services().store.blob(handoff.id, path.sha256) if there else None
    if content is None:
        raise not_found()
    answer = Response(content, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = "attachment"
    return answer
