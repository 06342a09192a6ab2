"""Who comes in and who they are: people and their credentials, sessions, links, passkeys and tokens."""
