"""A seal on what a person decided: made where they signed in, checked where it is carried out.

Anybody who reaches Temporal can send an update that names anybody. A decision that needs an
authenticated person therefore carries a seal, which only who has the vault's keys can make.
"""

from __future__ import annotations

import hashlib
import hmac

from store.keyring import KeyRing

_PURPOSE = b"tieout decision seal"


class Seal:
    """HMAC-SHA256 under keys derived from the vault's, with the key's id for rotation."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def sign(self, text: str) -> str:
        """The seal of a text, under the current key."""
        return f"{self._ring.current}:{self._mac(self._ring.current, text)}"

    def verify(self, text: str, seal: str) -> bool:
        """Whether one of our keys made this seal of this text. Constant time."""
        key_id, _, mac = seal.partition(":")
        if key_id not in self._ring.keys:
            return False
        return hmac.compare_digest(mac, self._mac(key_id, text))

    def _mac(self, key_id: str, text: str) -> str:
        key = hmac.digest(self._ring.keys[key_id], _PURPOSE, hashlib.sha256)
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
