"""Handoff: a workflow asks a person, and goes on with the answer."""
