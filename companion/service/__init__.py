"""The use cases: what a shell may ask for. Each loads, has the core decide, and commits once."""
