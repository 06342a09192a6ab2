"""The commands of `handoff`, one file a group."""
