"""Settings of the sandbox, read from one JSON file."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

_Port = Field(default=0, ge=0, le=65535)


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FreshBooksAccount(_Settings):
    """One FreshBooks business with one owner and one registered application.

    `access_token` is public and never expires. `refresh_token` is the first one of the pair that
    the product uses; once it was rotated, the state counts and this value is dead.
    """

    connection: str
    account_id: str
    business_id: int = Field(ge=1_000_000)
    business_uuid: str
    identity_id: int = Field(ge=1_000_000)
    email: str
    client_id: str
    client_secret: str
    redirect_uri: str
    refresh_token: str
    access_token: str


class FreshBooksSettings(_Settings):
    """The FreshBooks stand-in; port 0 takes a free one."""

    port: int = _Port
    accounts: list[FreshBooksAccount]


class NavCompany(_Settings):
    """One NAV company and the user with a web service key that may enter it."""

    connection: str
    name: str
    username: str
    password: str


class NavSettings(_Settings):
    """The Dynamics NAV stand-in; port 0 takes a free one."""

    port: int = _Port
    instance: str = "DynamicsNAV110"
    companies: list[NavCompany]


class SandboxSettings(_Settings):
    """The whole sandbox; without `state` everything is in memory."""

    state: Path | None = None
    control_port: int = _Port
    freshbooks: FreshBooksSettings | None = None
    nav: NavSettings | None = None

    @classmethod
    def load(cls, path: Path) -> SandboxSettings:
        """Read a JSON file; raises pydantic.ValidationError with the names of wrong fields."""
        return cls.model_validate_json(path.read_bytes())
