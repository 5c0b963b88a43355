"""Who is who in an embedded house: accounts, users and secrets, made once and kept."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workers.dev.files import write_durably
from workers.refusal import Refusal

_ACCOUNT_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"


class _Identity(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _account_id() -> str:
    """Shaped like FreshBooks' own (`6BApk`), long enough never to meet another."""
    return "".join(secrets.choice(_ACCOUNT_ALPHABET) for _ in range(8))


def _number() -> int:
    """Seven digits, as ids of the stand-ins have."""
    return 1_000_000 + secrets.randbelow(9_000_000)


class FreshBooksIdentity(_Identity):
    """One FreshBooks account, its owner and the application registered with it.

    `access_token` is what a test uses and does not expire; the product has a pair of its own,
    which begins with `refresh_token`.
    """

    account_id: str = Field(default_factory=_account_id)
    business_id: int = Field(default_factory=_number)
    business_uuid: str = Field(default_factory=lambda: str(uuid.uuid4()))
    identity_id: int = Field(default_factory=_number)
    email: str = "owner@example.com"
    client_id: str = Field(default_factory=lambda: secrets.token_hex(32))
    client_secret: str = Field(default_factory=lambda: secrets.token_hex(32))
    redirect_uri: str = "https://tieout.example.com/freshbooks"
    refresh_token: str = Field(default_factory=lambda: secrets.token_hex(32))
    access_token: str = Field(default_factory=lambda: secrets.token_urlsafe(48))


class TargetIdentity(_Identity):
    """A user of a target with its secret: in NAV a web service access key. Each connection has one
    of its own: a Windows account has one password, whatever company of AX it works in."""

    username: str = Field(default_factory=lambda: f"TIEOUT{secrets.token_hex(4).upper()}")
    secret: str = Field(default_factory=lambda: secrets.token_urlsafe(33))


class ConnectionIdentity(_Identity):
    """Both ends of one connection."""

    source: FreshBooksIdentity = Field(default_factory=FreshBooksIdentity)
    target: TargetIdentity = Field(default_factory=TargetIdentity)


class HouseIdentity(_Identity):
    """All connections by name, and the token in the address of the codec."""

    codec_token: str = Field(default_factory=lambda: secrets.token_urlsafe(32))
    connections: dict[str, ConnectionIdentity] = Field(default_factory=dict)


def keep_identity(path: Path, connections: Iterable[str]) -> HouseIdentity:
    """Read the identities from a file, make those that are missing, write them back.

    The file is readable by its owner only. Raises Refusal when it is not one of ours.
    """
    before = _read(path)
    made = {name: ConnectionIdentity() for name in connections if name not in before.connections}
    house = before.model_copy(update={"connections": {**before.connections, **made}})
    write_durably(path, house.model_dump_json(indent=2))
    return house


def _read(path: Path) -> HouseIdentity:
    try:
        return HouseIdentity.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return HouseIdentity()
    except ValidationError as error:
        raise Refusal(f"{path} is not readable by this version; use another folder") from error
