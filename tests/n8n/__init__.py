"""Tests against a real n8n."""
