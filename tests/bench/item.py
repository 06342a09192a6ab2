"""The item that is opened again and again: an email of about a kilobyte and its summary."""

ITEM = {
    "workflow_id": "summarize-email",
    "task_id": "bench",
    "title": "Summary of a support email",
    "request": {
        "from": "customer@example.com",
        "subject": "Invoice 4711 shows the wrong amount",
        "body": "Hello, the invoice that I received yesterday shows 480 instead of 408. Could you correct it? " * 8,
    },
    "model_output": {
        "summary": "The customer says that invoice 4711 shows 480 instead of 408, and asks for a correction."
    },
    "confidence": 0.61,
    "risk_score": 0.2,
    "flags": ["pii"],
    "model": {"name": "bart-large-cnn", "version": "3", "hash": "sha256:0", "retrained_at": "2026-10-01T00:00:00Z"},
}
