"""The installation's seal: a key pair of its own, and what it signs.

The private key is derived from the installation's secret (HKDF with SHA-256, RFC 5869), so that all instances over one
database sign alike, a restored copy signs as before, and nothing further has to be kept. Signatures are Ed25519 (RFC
8032).
"""

import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE = b"helpdesk certificates 1"
SIGNED_AS = b"helpdesk deadline certificate 1\n"
"""Stands before the signed bytes, so that no signature made for another purpose fits."""


class Seal:
    """Signs documents. Its representation shows no key."""

    def __init__(self, secret: bytes) -> None:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret)
        self._key = Ed25519PrivateKey.from_private_bytes(derived)
        self.public_key: str = self._key.public_key().public_bytes_raw().hex()
        """What others check signatures with: 32 bytes in hexadecimal."""

    @property
    def fingerprint(self) -> str:
        """The beginning of the public key's SHA-256, in groups, for people to compare."""
        digest = hashlib.sha256(bytes.fromhex(self.public_key)).hexdigest()[:32]
        return ":".join(digest[at : at + 4] for at in range(0, 32, 4))

    def sealed(self, document: dict[str, Any], signed_as: bytes = SIGNED_AS) -> dict[str, Any]:
        """Return the document with its key, its hash and its signature.

        Both are over the canonical form. ``signed_as`` names the purpose: each has its own, so that none stands in for
        another.
        """
        signed = {**document, "key": self.public_key}
        text = canonical(signed)
        return {**signed, "hash": hashlib.sha256(text).hexdigest(), "signature": self._key.sign(signed_as + text).hex()}


def canonical(document: dict[str, Any]) -> bytes:
    """Return the one way to write a document down: JSON with sorted keys, no spaces, UTF-8."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
