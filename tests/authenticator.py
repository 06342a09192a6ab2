"""An authenticator in software: makes passkeys and signs with them, as a phone or a security key does (WebAuthn)."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

from companion.core.sealing import b64url, from_b64url
from tests.application import ORIGIN

PRESENT, VERIFIED, WITH_CREDENTIAL = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One device of one person, in a browser that shows a page of `origin`."""

    origin: str = ORIGIN
    verifies: bool = True
    """Whether it asks for a finger or a PIN."""
    keys: dict[str, tuple[ec.EllipticCurvePrivateKey, str]] = field(default_factory=dict)
    """Credential id -> private key, user handle."""
    count: int = 0

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """What navigator.credentials.create() gives, as JSON."""
        key = ec.generate_private_key(ec.SECP256R1())
        identifier = b64url(sha256(f"{len(self.keys)}{id(self)}".encode()).digest())
        self.keys[identifier] = (key, options["user"]["id"])
        point = key.public_key().public_numbers()
        cose = encode_cbor({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})
        raw_id = from_b64url(identifier) or b""
        attested = bytes(16) + len(raw_id).to_bytes(2, "big") + raw_id + cose
        data = self._authenticator_data(options["rp"]["id"], WITH_CREDENTIAL) + attested
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        client_data = self._client_data("webauthn.create", options["challenge"])
        response = {"clientDataJSON": b64url(client_data), "attestationObject": b64url(attestation)}
        return self._credential(identifier, response)

    def get(self, options: dict[str, Any], identifier: str | None = None) -> dict[str, Any]:
        """What navigator.credentials.get() gives, as JSON; with the first passkey that fits."""
        allowed = [each["id"] for each in options.get("allowCredentials", [])]
        mine = [each for each in self.keys if each in allowed or not allowed]
        identifier = identifier or mine[0]
        key, user = self.keys[identifier]
        self.count += 1
        data = self._authenticator_data(options["rpId"], 0)
        client_data = self._client_data("webauthn.get", options["challenge"])
        signature = key.sign(data + sha256(client_data).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": b64url(client_data), "authenticatorData": b64url(data), "signature": b64url(signature),
            "userHandle": user,
        }  # fmt: skip
        return self._credential(identifier, response)

    def _authenticator_data(self, rp_id: str, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return sha256(rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _credential(self, identifier: str, response: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": identifier, "rawId": identifier, "type": "public-key", "response": response,
            "clientExtensionResults": {}, "authenticatorAttachment": "platform",
        }  # fmt: skip
