"""Workflows whose policy asks more of their reviewers than the default: for tests of the desk."""

from typing import Any, Final

from tests.application import Agent, World
from tests.policies import document, save, settle

ITEM: Final = {"id": "amount", "title": "Amount", "criterion": "The amount equals the invoice's", "check": "pass_fail"}
SECOND_ITEM: Final = {
    "id": "payee", "title": "Payee", "criterion": "The payee is in the register", "check": "pass_fail",
    "not_applicable": True,
}  # fmt: skip
GATE: Final[dict[str, Any]] = {"id": "invoice", "title": "Invoice", "items": [ITEM, SECOND_ITEM]}
LATER: Final[dict[str, Any]] = {
    "id": "payment",
    "title": "Payment",
    "items": [{"id": "day", "title": "Day", "criterion": "The day is a working day", "check": "pass_fail"}],
}
NUMBER: Final = "4556-7375-8689-9855"
HIDDEN: Final = [
    {"path": "/request/card", "label": "Card number", "visible_to": ["compliance"]},
    {"path": "/model_output/card", "label": "Card number", "visible_to": ["compliance"]},
]
CARD: Final[dict[str, Any]] = {
    "title": "Refund to a card",
    "request": {"card": NUMBER, "text": "Please pay me back."},
    "model_output": {"card": NUMBER, "amount": 12},
}


def governed(world: World, workflow_id: str = "tickets", **fields: Any) -> Agent:
    """A workflow with a policy of its own in force; its governor."""
    governor = world.person(f"Gov-{workflow_id}", roles=["owner", "governance"])
    answer = save(governor, document(workflow_id, **fields))
    assert answer.status_code in (200, 202), answer.text
    settle(world, workflow_id)
    return governor


def ask(world: World, robot: Agent, **fields: Any) -> Any:
    """A case of the workflow `tickets`."""
    return world.open(robot, **{"workflow_id": "tickets", **fields})


def passed(*places: str, result: str = "pass", **more: Any) -> list[dict[str, Any]]:
    """Answers to checks, each named `gate/item`."""
    return [{"gate": gate, "item": item, "result": result, **more} for gate, item in (p.split("/") for p in places)]


def verify(by: Agent, live: Any, answers: list[dict[str, Any]], **more: Any) -> Any:
    """Answers to checks about the case as `live` shows it."""
    body = {"package_digest": live["package_digest"], "answers": answers, **more}
    return by.send("POST", f"/v1/handoffs/{live['id']}/verifications", body, {"If-Match": f'"{live["version"]}"'})
