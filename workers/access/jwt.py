"""Signed JSON Web Tokens (RFC 7515, 7517, 7518), as far as sign-in needs them and no further.

Only signatures by asymmetric keys of the provider are known: RS256, PS256 (RSA of 2048 bits or
more) and ES256. `none` and the symmetric algorithms do not exist here, and the algorithm must fit
the key, so that a public key cannot be passed off as a shared secret.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

MOST_CHARACTERS = 16 * 1024
_SMALLEST_RSA = 2048
_P256_BYTES = 32

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class BadToken(Exception):
    """Not a token we can trust. The text says why, without any of its content."""


@dataclass(frozen=True)
class SignedToken:
    """A token that was taken apart; nothing in it is to be believed before `verify`."""

    algorithm: str
    key_id: str
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes

    @classmethod
    def read(cls, token: str) -> SignedToken:
        """Take a compact token apart. Raises BadToken."""
        parts = token.split(".")
        if len(parts) != 3 or len(token) > MOST_CHARACTERS:
            raise BadToken("it is not a signed token")
        header, claims = _json(parts[0]), _json(parts[1])
        if "crit" in header:
            raise BadToken("it demands an extension")
        return cls(
            str(header.get("alg", "")),
            str(header.get("kid", "")),
            claims,
            f"{parts[0]}.{parts[1]}".encode(),
            _bytes(parts[2]),
        )

    def verify(self, key: PublicKey) -> None:
        """Raises BadToken unless this key made the signature by an algorithm that fits it."""
        try:
            if isinstance(key, rsa.RSAPublicKey) and self.algorithm == "RS256":
                key.verify(self.signature, self.signed, padding.PKCS1v15(), SHA256())
            elif isinstance(key, rsa.RSAPublicKey) and self.algorithm == "PS256":
                # RFC 7518, 3.5: the salt is as long as the digest.
                salted = padding.PSS(padding.MGF1(SHA256()), SHA256.digest_size)
                key.verify(self.signature, self.signed, salted, SHA256())
            elif isinstance(key, ec.EllipticCurvePublicKey) and self.algorithm == "ES256":
                key.verify(_der(self.signature), self.signed, ec.ECDSA(SHA256()))
            else:
                raise BadToken("its algorithm is not one that the key is for")
        except InvalidSignature:
            raise BadToken("its signature is wrong") from None


def public_keys(key_set: Mapping[str, Any]) -> dict[str, PublicKey]:
    """The signing keys of a JSON Web Key Set by id; those of kinds we do not use are left out.

    Raises BadToken for a set that is none.
    """
    found = key_set.get("keys")
    if not isinstance(found, list):
        raise BadToken("the provider's keys cannot be read")
    keys: dict[str, PublicKey] = {}
    for entry in found:
        if isinstance(entry, dict) and entry.get("use", "sig") == "sig":
            key = _public_key(entry)
            if key is not None:
                keys[str(entry.get("kid", ""))] = key
    return keys


def _public_key(entry: Mapping[str, Any]) -> PublicKey | None:
    try:
        if entry.get("kty") == "RSA":
            key = rsa.RSAPublicNumbers(_number(entry["e"]), _number(entry["n"])).public_key()
            return key if key.key_size >= _SMALLEST_RSA else None
        if entry.get("kty") == "EC" and entry.get("crv") == "P-256":
            x, y = _number(entry["x"]), _number(entry["y"])
            return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    except (KeyError, ValueError) as error:
        raise BadToken("the provider's keys cannot be read") from error
    return None


def _der(signature: bytes) -> bytes:
    """RFC 7518, 3.4: the two numbers one after the other, where the library wants DER."""
    if len(signature) != 2 * _P256_BYTES:
        raise BadToken("its signature is wrong")
    r, s = signature[:_P256_BYTES], signature[_P256_BYTES:]
    return encode_dss_signature(int.from_bytes(r), int.from_bytes(s))


def _json(part: str) -> Mapping[str, Any]:
    try:
        content = json.loads(_bytes(part))
    except (ValueError, RecursionError):
        raise BadToken("it is not a signed token") from None
    if not isinstance(content, dict):
        raise BadToken("it is not a signed token")
    return content


def _number(text: object) -> int:
    return int.from_bytes(_bytes(str(text)))


def _bytes(part: str) -> bytes:
    try:
        padded = part + "=" * (-len(part) % 4)
        return base64.b64decode(padded.translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        raise BadToken("it is not a signed token") from None
