"""What Temporal keeps of ours is encrypted before it leaves the process.

A payload is serialized whole (its type and encoding too), compressed when that pays, and
encrypted by AES-256-GCM. Its key id stands in the metadata, where people and tools see it, and in
the authenticated header of the content, which is what decides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from store.cipher import Cipher
from store.errors import Tampered
from store.keyring import KEY_BYTES, KeyRing
from workers.settings import AppSettings
from workers.yamlfile import Problem, SettingsError

ENCODING: Final = b"binary/encrypted"
"""The name under which Temporal's Web UI and command line know encrypted payloads."""

KEY_ID: Final = "encryption-key-id"

_CONTEXT = "temporal payload"
_WORTH_COMPRESSING = 200
"""Bytes below which compression saves nothing."""
_LONG = 256 * 1024
"""Bytes in one call from which a thread does the work, so that the event loop turns on."""


class EncryptingCodec(PayloadCodec):
    """Encrypts under the current key of a ring and decrypts under any key of it.

    What was written before encryption was on is read as it is. `encrypts` False only reads:
    for a deployment that turned encryption off and still has encrypted histories.
    """

    def __init__(self, ring: KeyRing, *, encrypts: bool = True) -> None:
        self._cipher = Cipher(payload_keys(ring))
        self._encrypts = encrypts

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt each payload; one that is encrypted already stays as it is."""
        if not self._encrypts:
            return list(payloads)
        return await _each(self._encrypted, payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt each payload; one that was never encrypted stays as it is.

        UnknownKey names the key id that is not in the ring; Tampered is raised for content that
        was not encrypted here, or was changed since.
        """
        return await _each(self._decrypted, payloads)

    def _encrypted(self, payload: Payload) -> Payload:
        if is_encrypted(payload):
            return payload
        plaintext = payload.SerializeToString()
        compress = len(plaintext) >= _WORTH_COMPRESSING
        return Payload(
            metadata={"encoding": ENCODING, KEY_ID: self._cipher.ring.current.encode("ascii")},
            data=self._cipher.encrypt(plaintext, _CONTEXT, compress=compress),
        )

    def _decrypted(self, payload: Payload) -> Payload:
        if not is_encrypted(payload):
            return payload
        try:
            return Payload.FromString(self._cipher.decrypt(payload.data, _CONTEXT))
        except DecodeError:
            raise Tampered(_CONTEXT) from None


def payload_codec(settings: AppSettings) -> PayloadCodec | None:
    """The one codec of an installation: worker, gateway, command line, replayer, codec server.

    None only where encryption is off and there are no keys. Raises SettingsError when it is on
    and there are none, BadKeySource for keys that cannot be read.
    """
    source = settings.keys.get_secret_value()
    if source:
        return EncryptingCodec(KeyRing.from_source(source), encrypts=settings.encryption)
    if not settings.encryption:
        return None
    raise SettingsError(
        Problem(
            "settings",
            "keys",
            "",
            "is needed to encrypt what Temporal keeps: `tieout keys new` makes keys; name the "
            "place where you keep them (file:/path or command:program), or set encryption: false",
        )
    )


def is_encrypted(payload: Payload) -> bool:
    """Whether a payload says that it is encrypted."""
    return payload.metadata.get("encoding") == ENCODING


def payload_keys(ring: KeyRing) -> KeyRing:
    """Keys of their own, derived from the ring's under the same ids.

    So neither the store's content nor the number of its encryptions has anything to do with
    those of payloads, which are far more.
    """
    return KeyRing({key_id: _derived(key) for key_id, key in ring.keys.items()}, ring.current)


def _derived(key: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"tieout temporal payloads").derive(key)


async def _each(work: Callable[[Payload], Payload], payloads: Sequence[Payload]) -> list[Payload]:
    if sum(len(payload.data) for payload in payloads) < _LONG:
        return [work(payload) for payload in payloads]
    return await asyncio.to_thread(lambda: [work(payload) for payload in payloads])
