"""Encryption at rest: AES-256-GCM with key ids, so that keys can be rotated.

    version (1 byte, always 1)
    flags   (1 byte, 1: compressed before encryption)
    length of the key id (1 byte), the key id in ASCII
    nonce   (12 bytes, random)
    ciphertext and tag

The header and the context are authenticated with the content. Random nonces are safe for four
billion contents per key (NIST SP 800-38D, 8.3); rotate long before.
"""

from __future__ import annotations

import os
import zlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store.errors import Tampered, UnknownKey
from store.keyring import KeyRing

_VERSION = 1
_COMPRESSED = 1
_NONCE_BYTES = 12
_TAG_BYTES = 16


class Cipher:
    """Encrypts and decrypts with the keys of a ring."""

    def __init__(self, ring: KeyRing) -> None:
        self.use(ring)

    @property
    def ring(self) -> KeyRing:
        return self._ring

    def use(self, ring: KeyRing) -> None:
        """Work with another ring from now on (key rotation)."""
        self._ring = ring
        self._ciphers = {key_id: AESGCM(key) for key_id, key in ring.keys.items()}

    def encrypt(self, plaintext: bytes, context: str, *, compress: bool = False) -> bytes:
        """Encrypt under the current key. Only the same context can decrypt it."""
        key_id = self._ring.current.encode("ascii")
        header = bytes((_VERSION, _COMPRESSED if compress else 0, len(key_id))) + key_id
        nonce = os.urandom(_NONCE_BYTES)
        content = zlib.compress(plaintext) if compress else plaintext
        bound = header + context.encode()
        return header + nonce + self._ciphers[self._ring.current].encrypt(nonce, content, bound)

    def decrypt(self, blob: bytes, context: str) -> bytes:
        """The plaintext again.

        UnknownKey when its key is not in the ring; Tampered when the blob or the context is not
        the one it was made with (or the key of that id is another one).
        """
        key_id, body = _split(blob, context)
        if key_id not in self._ciphers:
            raise UnknownKey(key_id)
        header, nonce, sealed = (
            blob[:body],
            blob[body : body + _NONCE_BYTES],
            blob[body + _NONCE_BYTES :],
        )
        try:
            content = self._ciphers[key_id].decrypt(nonce, sealed, header + context.encode())
        except InvalidTag:
            raise Tampered(context) from None
        return zlib.decompress(content) if header[1] & _COMPRESSED else content

    def is_current(self, blob: bytes) -> bool:
        """Whether a blob was encrypted with the current key already."""
        return key_id_of(blob) == self._ring.current

    def renew(self, blob: bytes, context: str) -> bytes:
        """The same content under the current key, compressed if it was."""
        plaintext = self.decrypt(blob, context)
        return self.encrypt(plaintext, context, compress=bool(blob[1] & _COMPRESSED))


def key_id_of(blob: bytes) -> str:
    """The id of the key that a blob was encrypted with. Tampered when it has no such header."""
    return _split(blob, "an unreadable header")[0]


def key_id_in(header: bytes) -> str:
    """The same from the beginning of a blob: 35 bytes are always enough."""
    if len(header) < 3 or header[0] != _VERSION or len(header) < 3 + header[2]:
        raise Tampered("an unreadable header")
    return header[3 : 3 + header[2]].decode("ascii", errors="replace")


def _split(blob: bytes, context: str) -> tuple[str, int]:
    """The key id, and where the nonce starts."""
    if len(blob) < 3 or blob[0] != _VERSION:
        raise Tampered(context)
    start = 3 + blob[2]
    name = blob[3:start]
    if len(blob) < start + _NONCE_BYTES + _TAG_BYTES or not name.isascii():
        raise Tampered(context)
    return name.decode("ascii"), start
