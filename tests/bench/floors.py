"""The routes that our own are held against, in a bare Flask app beside the real one on the same server.

`/floor/empty` answers an empty JSON object. `/floor/script` runs one script in the store that writes what an opening
writes, and nothing else: no credential, no checks, no signature. Nothing of this is part of the product.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, request

from companion.bootstrap import build
from companion.commands.serve import give_way
from companion.core.commands import Open
from companion.core.decide import Accepted, decide
from companion.core.handoff import Actor
from companion.core.opening import open_one
from companion.settings import Settings
from companion.store.protocol import Group, Once
from companion.store.redis import RedisStore
from companion.web.wsgi import create as create_product

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]
TEMPLATE_ID = "ho_00" + "f" * 26
TEMPLATE_GROUP_ID = "gr_00" + "f" * 26


class PlanCatcher(RedisStore):
    """A store that keeps the plan of an opening in place of running it."""

    caught: tuple[int, list[Any]]

    def run(self, plan: Any) -> list[Any]:
        self.caught = plan.arguments()
        return [b"OK", 0]


def create() -> WsgiApp:
    """The real application, with the floors under `/floor/`."""
    give_way()
    product = create_product()
    floor = Flask(__name__)
    services = build(Settings.from_env(os.environ))
    count, arguments = _equivalent_plan()
    script = services.store._commit

    @floor.post("/floor/empty")
    def empty() -> Response:
        request.get_data()
        return Response(b"{}", content_type="application/json")

    @floor.post("/floor/script")
    def one_script() -> Response:
        request.get_data()
        fresh = services.clock.random_bytes(13).hex()
        filled = [value.replace("f" * 26, fresh) if isinstance(value, str) else value for value in arguments]
        script(keys=filled[:count], args=filled[count:])
        return Response(b"{}", 201, content_type="application/json")

    def dispatch(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        app = floor if environ["PATH_INFO"].startswith("/floor/") else product
        return app(environ, start_response)

    return dispatch


def _equivalent_plan() -> tuple[int, list[Any]]:
    """The very commands of one opening of the benchmark's item."""
    from tests.bench.item import ITEM

    store = PlanCatcher(os.environ["HANDOFF_REDIS_URL"], "00", 1000)
    handoff, package = open_one(
        ITEM,
        handoff_id=TEMPLATE_ID,
        group_id=TEMPLATE_GROUP_ID,
        index=0,
        salt="0" * 32,
        source=None,
        delivery_id="dl_00" + "f" * 26,
        now_ms=1_800_000_000_000,
    )
    opened = decide(None, Open(handoff, package, Actor("automation", "bench", "bench"), "0" * 36), 1_800_000_000_000)
    assert isinstance(opened, Accepted)
    group = Group(
        TEMPLATE_GROUP_ID,
        (TEMPLATE_ID,),
        handoff.workflow_id,
        "f" * 26,
        "bench",
        1_800_000_000_000,
        "http://127.0.0.1:1/",
        "2xx",
        handoff.delivery_id,
        None,
    )
    store.open(group, [opened], ["x" * 180], Once("f" * 26 + "0" * 38, "0" * 64))
    return store.caught
