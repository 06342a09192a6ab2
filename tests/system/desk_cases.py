"""What lies on the desk when its pictures are taken: rules of six workflows, and cases as such workflows ask them."""

from typing import Any, Final

Json = dict[str, Any]

MODEL: Final[Json] = {"name": "bart-large-cnn", "version": "3", "retrained_at": "2026-10-01T00:00:00Z"}

POLICIES: Final[dict[str, Json]] = {
    "card-refunds": {
        "title": "Card refunds",
        "undo_window_s": 900,
        "instructions": ["Compare the amount with the order.", "If you are unsure, escalate rather than guess."],
        "redaction": [{"path": "/request/card", "label": "Card number", "visible_to": ["compliance"]}],
        "gates": [
            {
                "id": "facts",
                "title": "The facts",
                "items": [
                    {
                        "id": "order",
                        "title": "Order found",
                        "criterion": "The order number of the mail exists, and belongs to this customer",
                        "check": "pass_fail",
                    },
                    {
                        "id": "amount",
                        "title": "Amount",
                        "criterion": "It is not above what was paid",
                        "check": "pass_fail",
                    },
                    {
                        "id": "rules",
                        "title": "Same rules",
                        "criterion": "The rules are still those of the opening",
                        "check": "policy_version",
                    },
                ],
            },
            {
                "id": "tone",
                "title": "The reply",
                "items": [
                    {
                        "id": "language",
                        "title": "Language approved",
                        "criterion": "It promises nothing beyond the terms",
                        "check": "pass_fail",
                        "not_applicable": True,
                    }
                ],
            },
        ],
    },
    "contract-replies": {"title": "Contract replies", "pattern": "dual_review"},
    "incident-reports": {
        "title": "Incident reports",
        "triage": "required",
        "queues": {"safety": {"title": "Safety"}, "it": {"title": "IT operations"}},
    },
    "payout-changes": {"title": "Payout changes", "undo_window_s": 900},
}

REFUND: Final[Json] = {
    "workflow_id": "card-refunds",
    "title": "Order 4711, J. Petersen",
    "question": "Refund 129.00 EUR to this customer?",
    "request": {
        "from": "jana.petersen@nordlicht.example",
        "order": "4711",
        "card": "4929 1234 5678 9012",
        "message": "The scanner of order 4711 arrived with a broken display. Please refund it to my card.",
    },
    "model_output": {"amount_eur": 129, "reply": "We are sorry about the broken display and refund 129.00 EUR today."},
    "confidence": 0.71,
    "confidence_kind": "calibrated",
    "risk_tier": "medium",
    "category": "damage",
    "impact": "129 EUR leave the account.",
    "reversible": True,
    "model": MODEL,
    "features": [
        {"name": "Amount against the order", "value": "1.0 ×", "weight": 0.34},
        {"name": "Refunds of this customer", "value": "0", "weight": 0.21},
        {"name": "Age of the order", "value": "26 days", "weight": -0.17},
    ],
    "sources": [{"name": "Order system", "as_of": "2026-11-21T07:40:00Z"}],
}

CONTRACT: Final[Json] = {
    "workflow_id": "contract-replies",
    "title": "Hansa Werkzeug KG, price clause",
    "question": "Send this reply about the price clause?",
    "request": {"from": "einkauf@hansa.example", "body": "Please confirm that prices stay fixed until June."},
    "model_output": {"reply": "We keep the prices until 30 June, as section 4 of our contract says."},
    "confidence": 0.66,
    "risk_tier": "high",
    "category": "contract",
    "impact": "It binds us for seven months.",
    "flags": ["legal_contract"],
    "model": MODEL,
}

INCIDENT: Final[Json] = {
    "workflow_id": "incident-reports",
    "title": "Report of line 3",
    "question": "Pass this report on?",
    "request": {
        "from": "line3@plant.example",
        "body": "Smoke at the charger of station 12, nobody hurt, power off.",
    },
    "model_output": {"summary": "Smoke at charger 12; power is off; nobody was hurt.", "urgency": "high"},
    "confidence": 0.58,
    "risk_tier": "high",
    "urgency": "The station stands still.",
    "time_sensitive": True,
    "model": MODEL,
}

SUMMARY: Final[Json] = {
    "workflow_id": "support-summaries",
    "title": "Scanners lose their connection",
    "question": "Send this summary to #support?",
    "request": {
        "from": "jana.petersen@nordlicht.example",
        "subject": "Scanners lose connection since Monday",
        "body": "Since the update on Monday our eleven scanners lose the stock service every 20 to 30 minutes. "
        "We have the quarterly stocktake on Thursday. Please call me: 030 555 0199.",
    },
    "model_output": {
        "summary": "Eleven scanners lose the stock service since Monday's update. A fix is needed before Thursday. "
        "Contact: Jana Petersen, 030 555 0199.",
        "priority": "high",
    },
    "confidence": 0.62,
    "risk_tier": "medium",
    "flags": ["pii"],
    "category": "outage",
    "model": MODEL,
}

PAYOUT: Final[Json] = {
    "workflow_id": "payout-changes",
    "title": "Bürobedarf Nord",
    "question": "Change the account that Bürobedarf Nord is paid to?",
    "request": {"from": "buchhaltung@buero-nord.example", "body": "Please use our new account from December on."},
    "model_output": {"account": "DE12 5001 0517 0648 4898 90", "from": "2026-12-01"},
    "confidence": 0.74,
    "risk_tier": "medium",
    "category": "master data",
    "model": MODEL,
}

REPLIES: Final[tuple[tuple[str, str], ...]] = (
    ("Where is my parcel?", "Your parcel left our warehouse this morning and should be with you tomorrow."),
    ("Can I change the address?", "Yes. Open the order in your account and choose “Change address” until 18:00 today."),
    ("Is the blue one back?", "The blue one is back in stock since Thursday."),
    ("I need an invoice.", "You find the invoice of order 4711 in your account, under “Documents”."),
    ("Do you deliver to Denmark?", "Yes, to all of Denmark, within three working days."),
    ("How do I reset my password?", "Choose “Forgot password” on the sign-in page; we send you a link."),
    ("When do you open on Monday?", "On Monday we open at nine."),
)


def replies() -> list[Json]:
    """Drafts that are alike, and last one that is not."""
    common: Json = {
        "workflow_id": "reply-drafts",
        "question": "Send this reply to the customer?",
        "risk_tier": "low",
        "category": "delivery",
        "reversible": True,
        "model": MODEL,
    }
    usual = [
        common
        | {
            "title": asked,
            "request": {"message": asked},
            "model_output": {"reply": said},
            "confidence": 0.79 + at / 200,
        }
        for at, (asked, said) in enumerate(REPLIES)
    ]
    asked, said = "The box was damaged.", "We are sorry. We refund 40 EUR to your card today, no return needed."
    odd = common | {"title": asked, "request": {"message": asked}, "model_output": {"reply": said}, "confidence": 0.61}
    return [*usual, odd]
