"""The outside world, started for real: n8n, a proxy in front of Slack and Cloudflare, a bucket, a mailbox, a browser.

Tests and `./dev up` use the same classes. Each is a context manager that owns one process and one folder, listens on
loopback only, and writes a log into its folder.
"""
