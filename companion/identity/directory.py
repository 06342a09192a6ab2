"""People, API keys, tokens, sessions and links: who may come in, and as whom (design section 7)."""

from companion.identity.api_keys import ApiKeys
from companion.identity.base import DirectoryProblem
from companion.identity.lookup import CACHE_ENTRIES, CACHE_MS, Lookup
from companion.identity.page_sessions import PageSessions
from companion.identity.people import ENROLMENT_TTL_MS
from companion.identity.sessions import LINK_TTL_MS, SIGNED_IN_TTL_MS, NewSession
from companion.identity.tokens import Tokens

__all__ = [
    "CACHE_ENTRIES",
    "CACHE_MS",
    "ENROLMENT_TTL_MS",
    "LINK_TTL_MS",
    "SIGNED_IN_TTL_MS",
    "Directory",
    "DirectoryProblem",
    "NewSession",
]


class Directory(ApiKeys, Tokens, PageSessions, Lookup):
    """Makes, finds and ends credentials."""
