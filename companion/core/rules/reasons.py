"""Why somebody does it: a reason code that the policy of the case has, and a sentence (R-ACT-09, X-07)."""

from companion.core.result import Refused
from companion.core.terms import Terms


def unknown_reason(terms: Terms, code: str | None) -> Refused | None:
    """A reason code that the policy of the case does not have; none at all is another matter."""
    if code is None or code in terms.reason_codes:
        return None
    return Refused("unknown_reason_code", f"Use one of: {', '.join(terms.reason_codes)}.", "/reason_code")


def without_words(rationale: str | None) -> Refused | None:
    """A code alone tells whoever reads it later too little."""
    return None if (rationale or "").strip() else Refused("rationale_required", "Say why in a sentence.", "/rationale")
