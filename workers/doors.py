"""Settings of everything that listens, and who may be let in from where."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from workers.yamlfile import Problem, SettingsError

Origin = Annotated[str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.\-\[\]:]+$")]
"""A web origin as browsers send it: scheme, host and port, nothing behind them."""


class DoorSettings(BaseModel):
    """A port of ours. Sizes in bytes, times in seconds, rates per second and source.

    `trusted_proxy` states that a proxy of ours ends TLS in front of the door and appends the
    caller's address to X-Forwarded-For.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    max_body: int = Field(default=65536, ge=1024, le=16 * 1024 * 1024)
    max_header_bytes: int = Field(default=16384, ge=1024, le=1024 * 1024)
    max_headers: int = Field(default=64, ge=8, le=1000)
    header_seconds: float = Field(default=10.0, gt=0)
    body_seconds: float = Field(default=10.0, gt=0)
    rate_per_source: float = Field(default=500.0, gt=0)
    burst_per_source: int = Field(default=1000, ge=1)
    max_connections: int = Field(default=1000, ge=1)
    shutdown_seconds: int = Field(default=10, ge=1)
    trusted_proxy: bool = False
    tls_certificate: Path | None = None
    tls_private_key: Path | None = None

    @model_validator(mode="after")
    def _whole_pair(self) -> DoorSettings:
        if (self.tls_certificate is None) != (self.tls_private_key is None):
            raise ValueError("give tls_certificate and tls_private_key together, or neither")
        return self

    @property
    def tls(self) -> bool:
        return self.tls_certificate is not None


class GatewaySettings(DoorSettings):
    """The door for webhooks. `public_url` is the address under which FreshBooks reaches us,
    without a path of its own; `temporal_seconds` bounds the one call a webhook causes."""

    public_url: str = Field(default="", pattern=r"^(https?://[^/\s?#]+[^\s?#]*)?$")
    temporal_seconds: float = Field(default=5.0, gt=0)


class OperatorSettings(DoorSettings):
    """The door for people and their tools: holds, documents, decisions. Each call needs a token
    of `tieout person add`, or one of the `sign_in` provider."""

    port: int = Field(default=8082, ge=0, le=65535)
    rate_per_source: float = Field(default=20.0, gt=0)
    burst_per_source: int = Field(default=60, ge=1)
    max_connections: int = Field(default=100, ge=1)
    temporal_seconds: float = Field(default=20.0, gt=0)


class CodecSettings(DoorSettings):
    """The codec server, by which Temporal's Web UI and command line read payloads.

    `ui_origins` are the origins that the Web UI is opened under; browsers elsewhere are refused.
    `path_token` opens it for whoever knows the address `/{path_token}`: for development, where
    the UI cannot sign in; refused beyond loopback.
    """

    port: int = Field(default=8081, ge=0, le=65535)
    max_body: int = Field(default=8 * 1024 * 1024, ge=1024, le=16 * 1024 * 1024)
    rate_per_source: float = Field(default=100.0, gt=0)
    ui_origins: tuple[Origin, ...] = ()
    path_token: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _path_token_stays_here(self) -> CodecSettings:
        token = self.path_token.get_secret_value()
        if token and not is_loopback(self.host):
            raise ValueError("path_token is for loopback only: remove it, people have tokens")
        if token and (len(token) < 32 or not token.replace("-", "").replace("_", "").isalnum()):
            raise ValueError("path_token must be 32 or more letters, digits, dashes, underscores")
        return self


def check_bind(door: DoorSettings, section: str = "gateway") -> None:
    """Refuse to listen beyond this machine in clear text. Raises SettingsError."""
    if is_loopback(door.host) or door.tls or door.trusted_proxy:
        return
    raise SettingsError(
        Problem(
            "settings",
            f"{section}.host",
            repr(door.host),
            f"listening beyond loopback needs {section}.tls_certificate and tls_private_key, or "
            f"{section}.trusted_proxy: true where a proxy of yours ends TLS in front of it",
        )
    )


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be reached from this machine."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
