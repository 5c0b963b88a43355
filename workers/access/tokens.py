"""Tokens of persons: `tieout_{person id}_{secret}`. The store has the id and a digest only."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from typing import Protocol

from store.persons import Person
from workers.access.callers import Caller, Role, Unauthenticated

_PREFIX = "tieout_"
_SHAPE = re.compile(r"tieout_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NOBODY = hashlib.sha256(b"nobody").hexdigest()


class PersonStore(Protocol):
    """What is needed of our store."""

    async def find(self, person_id: str) -> Person | None:
        """The person of this id whose token was not revoked."""
        ...


@dataclass(frozen=True)
class NewToken:
    """A token that was just made: shown once, then only its digest is left."""

    person_id: str
    token: str = field(repr=False)
    digest: str


def mint() -> NewToken:
    """A new random token. Its secret has 256 bits, so that a plain SHA-256 keeps it safe."""
    person_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return NewToken(person_id, f"{_PREFIX}{person_id}_{secret}", _digest(secret))


class PersonalTokens:
    """The tokens that `tieout person add` makes."""

    def __init__(self, persons: PersonStore) -> None:
        self._persons = persons

    async def caller(self, token: str) -> Caller | None:
        """The person; None for a token that is not shaped like ours. Raises StoreError."""
        if not token.startswith(_PREFIX):
            return None
        shape = _SHAPE.fullmatch(token)
        if shape is None:
            raise Unauthenticated("this token is not valid")
        person_id, secret = shape.groups()
        person = await self._persons.find(person_id)
        # Compared whoever it is, so that timing does not tell which ids exist.
        known = hmac.compare_digest(_digest(secret), person.digest if person else _NOBODY)
        if person is None or not known:
            raise Unauthenticated("this token is not valid")
        return Caller(person.person_id, person.name, Role(person.role))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
