"""`python -m companion`, which is how `handoff up` starts its children."""

from companion.cli import main

main()
