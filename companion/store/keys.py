"""The key schema, in prose; the only place that spells a key.

Everything of one handoff lies in one partition, whose tag in braces puts it in one slot of a cluster, so that one
script can write it all. `PP` is the partition, two hex digits; it is part of each id (`ho_PP…`).

key                              type    life              holds
{pPP}:handoff:ID                 hash    R                 version, written, record, package, package:N (older), token
{pPP}:history:ID                 list    R                 audit events of the handoff, oldest first
{pPP}:blob:ID:SHA256             string  R                 a value or attachment too large for the package
{pPP}:group:ID                   hash    R                 record (JSON), remaining (handoffs without an outcome)
{pPP}:once:HASH                  string  a week at least   what an Idempotency-Key made, and the body's hash
{pPP}:did:HASH                   string  a day             event made under an act's Idempotency-Key, body's hash
{pPP}:wait:HASH                  string  a week at least   newest group of an execution and node: retry no older one
{pPP}:claims:REVIEWER            zset    as its longest    cases that one person holds, by the end of their lease (ms)
{pPP}:batch:ID                   string  a day             cases that one reviewer took together, and outliers
{pPP}:jti:JTI                    string  15 min            a package token that gave a command already
{pPP}:open                       zset    permanent         undecided handoffs by rank, the first to serve first
{pPP}:open:WORKFLOW              zset    while not empty   the same for one workflow
{pPP}:open#SKILLS, …:WORKFLOW    zset    while not empty   the same for cases that ask for skills of a reviewer
{pPP}:skillsets                  set     permanent         each SKILLS (names joined by +) that was ever asked for
{pPP}:undoable                   zset    while not empty   decided ones that can still be taken back, by rank
{pPP}:undoable:WORKFLOW          zset    while not empty   the same for one workflow
{pPP}:decided                    zset    permanent         ID@WORKFLOW with an outcome, by commit sequence; pruned
{pPP}:decided:WORKFLOW           zset    while not empty   the same for one workflow
{pPP}:decided_on:DATE            set     two days          handoffs that people decided on that day (UTC)
{pPP}:decided_on:DATE:WORKFLOW   set     two days          the same for one workflow
{pPP}:sequence                   string  permanent         the commit sequence of outcomes
{pPP}:timers                     zset    permanent         KIND:ID by due time (ms); claiming moves it on by a lease
{pPP}:outbox                     stream  permanent         deliveries to attempt now; consumer group `deliveries`
{pPP}:delivery:ID                hash    R                 version, record (JSON) with all attempts
{pPP}:deliveries                 zset    permanent         deliveries by creation (ms); pruned like `decided`
{pPP}:policies                   set     permanent         workflows with a policy of their own, or a proposed one
{pPP}:in_force                   hash    permanent         workflow -> where its policy stands; *pauses -> pauses
{pPP}:policy:WORKFLOW            hash    permanent         version (counts changes), v:N (never changes)
{pPP}:governance                 stream  permanent         events of policies and pauses, the newest 10,000
{pPP}:facts:WORKFLOW             stream  35 days           facts of the newest 50,000 cases; squeezed
{pPP}:routed:ID                  string  retention time    a routed item: facts, evaluation, events; squeezed
{pPP}:pauses                     hash    permanent         version (counts changes of the pauses in in_force)
{pPP}:held                       zset    permanent         deliveries that a pause holds back, since when (ms)
{pPP}:proof                      string  one script        written and removed by /readyz
{directory}:api_keys             hash    permanent         id -> API key (secret as SHA-256, signing secrets sealed)
{directory}:reviewers            hash    permanent         id -> reviewer (JSON)
{directory}:people               hash    permanent         version (counts changes of the people; 0 without it)
{directory}:events               stream  permanent         events of people and credentials, the newest 10,000
{directory}:tokens               hash    permanent         id -> personal token (secret as SHA-256)
{directory}:keyring              hash    permanent         kid -> signing key (private part sealed)
{directory}:passkeys             hash    permanent         credential id -> passkey (its public key)
{directory}:session:ID           string  its session's     a session (JSON), with the SHA-256 of its secret
{directory}:sessions_of:ID       set     as its longest    ids of one reviewer's sessions
{directory}:page_session:ID      string  12 hours          a session of a page elsewhere, and whose it is
{directory}:rotated:ID           string  a minute          a session whose secret was replaced just now
{directory}:code:HASH            string  a minute          a sign-in on its way to the page elsewhere
{directory}:ceremony:NONCE       string  5 minutes         what a browser was asked to do with a passkey
{directory}:trip:HASH            string  10 minutes        a sign-in on its way at the identity provider
{directory}:enrolment:HASH       string  7 days            the reviewer whom a one-time link enrols
{directory}:handed_over:…        string  as the absence    an absence whose cases were handed over
{directory}:rate:…               string  its window        how often somebody tried something
{directory}:attempts             stream  90 days           refused attempts to act; the newest few thousand

R: without end while undecided; the retention time (30 days by default) from the outcome on.
"""

from typing import Final

from companion.core.handoff import Handoff
from companion.core.times import iso

PERMANENT: Final = frozenset(
    {
        "open",
        "decided",
        "sequence",
        "timers",
        "outbox",
        "deliveries",
        "api_keys",
        "reviewers",
        "people",
        "events",
        "tokens",
        "keyring",
        "passkeys",
        "policies",
        "in_force",
        "policy",
        "governance",
        "pauses",
        "held",
        "skillsets",
    }
)
"""Names behind the tag of keys that may live for ever; a test fails on any other without a TTL once all is closed."""

UNDOABLE: Final = "undoable"
PAUSES: Final = "*pauses"
"""The field of `in_force` with the pauses; no workflow can have that name."""

ONCE_TTL_MS: Final = 7 * 24 * 3600 * 1000
DECIDED_ON_TTL_MS: Final = 48 * 3600 * 1000
DID_TTL_MS: Final = 24 * 3600 * 1000


def open_list(skills: tuple[str, ...]) -> str:
    """The name of the list of undecided cases that ask for exactly these skills, in any order."""
    return "open" if not skills else "open#" + skillset(skills)


def skillset(skills: tuple[str, ...]) -> str:
    """Skills as one word."""
    return "+".join(sorted(skills))


def partition_of(identifier: str) -> str:
    """The two hex digits of an id's partition: `ho_00abc…` -> `00`."""
    return identifier[3:5]


def tag(partition: str) -> str:
    """The hash tag of a partition."""
    return "{p" + partition + "}"


def of(identifier: str, kind: str, *rest: str) -> str:
    """The key of `kind` for something whose id names the partition."""
    return ":".join((tag(partition_of(identifier)), kind, identifier, *rest))


def shared(partition: str, *names: str) -> str:
    """A key that a whole partition shares."""
    return ":".join((tag(partition), *names))


def decided_on(partition: str, at_ms: int, workflow_id: str | None) -> str:
    """The key of a day's decisions, of one workflow or of all (None)."""
    return shared(partition, "decided_on", iso(at_ms)[:10], *(() if workflow_id is None else (workflow_id,)))


def directory(*names: str) -> str:
    """A key of the directory of people, keys and sessions."""
    return ":".join(("{directory}", *names))


PATTERNS: Final = (tag("[0-9a-f][0-9a-f]") + ":*", directory("*"))
"""Every key, as the server's own patterns name them."""


def of_handoff(handoff: Handoff, blobs: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Every key that holds a part of one handoff."""
    return (
        of(handoff.id, "handoff"),
        of(handoff.id, "history"),
        *(of(handoff.id, "blob", name) for name in blobs),
    )
