"""The HTTP shell: one module a resource; no rule of the business stands here."""
