"""`mail-devel`, with one fault of its IMAP part mended.

A mail that arrives between a client's SELECT and its IDLE is never announced: the server waits for the next change
first. n8n goes idle 15 s after its last command, so it would miss every mail of those 15 s.
"""

from typing import Any

from mail_devel.__main__ import main
from pymap.backend.dict.mailbox import MailboxData

_after_the_next_change = MailboxData.update_selected


async def _at_once_when_behind(self: MailboxData, selected: Any, *, wait_on: Any = None) -> Any:
    seen = selected.mod_sequence
    is_behind = seen is not None and seen < self._mod_sequences.highest
    return await _after_the_next_change(self, selected, wait_on=None if is_behind else wait_on)


if __name__ == "__main__":
    MailboxData.update_selected = _at_once_when_behind  # type: ignore[method-assign]
    main()
