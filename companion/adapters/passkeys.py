"""Passkeys (WebAuthn Level 3): what a browser is asked, and whether its answer is one. Nothing is stored here."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from companion.core.sealing import b64url, from_b64url

CHALLENGE_BYTES: Final = 32
TIMEOUT_MS: Final = 300_000
ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
"""What authenticators in use sign with; Windows Hello still knows the last one only."""


@dataclass(frozen=True, slots=True)
class Known:
    """A passkey as it was registered."""

    id: str
    """The credential's id, in base64url."""
    public_key: str
    sign_count: int
    backed_up: bool


class Ceremonies:
    """Options for browsers, and checks of their answers, for one relying party."""

    def __init__(self, rp_id: str, origins: Sequence[str]) -> None:
        self._rp_id = rp_id
        self._origins = list(origins)

    def registration(
        self, challenge: bytes, user: bytes, name: str, display_name: str, known: Sequence[str]
    ) -> dict[str, Any]:
        """What to ask of a browser that makes a passkey: one that needs no user name, and asks for finger or PIN."""
        options = generate_registration_options(
            rp_id=self._rp_id,
            rp_name="Handoff",
            user_id=user,
            user_name=name,
            user_display_name=display_name,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=_descriptors(known),
            supported_pub_key_algs=ALGORITHMS,
        )
        return dict(json.loads(options_to_json(options)))

    def assertion(self, challenge: bytes, allowed: Sequence[str] = ()) -> dict[str, Any]:
        """What to ask of a browser that uses a passkey: one of those allowed, or any that it has for us."""
        options = generate_authentication_options(
            rp_id=self._rp_id,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            allow_credentials=_descriptors(allowed),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return dict(json.loads(options_to_json(options)))

    def registered(self, credential: Mapping[str, Any], challenge: bytes) -> Known | None:
        """The passkey that a browser made for this challenge; None for any other answer."""
        try:
            found = verify_registration_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origins,
                require_user_verification=True,
                supported_pub_key_algs=ALGORITHMS,
            )
        except Exception:  # whatever the library makes of an answer that anybody may write, it is no passkey
            return None
        return Known(
            b64url(found.credential_id),
            b64url(found.credential_public_key),
            found.sign_count,
            found.credential_backed_up,
        )

    def asserted(self, credential: Mapping[str, Any], challenge: bytes, known: Known) -> Known | None:
        """The passkey as it stands after it signed this challenge; None when it did not."""
        try:
            found = verify_authentication_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origins,
                credential_public_key=from_b64url(known.public_key) or b"",
                credential_current_sign_count=known.sign_count,
                require_user_verification=True,
            )
        except Exception:  # as above
            return None
        if b64url(found.credential_id) != known.id:
            return None
        return Known(known.id, known.public_key, found.new_sign_count, found.credential_backed_up)


def _descriptors(identifiers: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=data) for each in identifiers if (data := from_b64url(each))]
