"""Which rules a workflow runs under."""
