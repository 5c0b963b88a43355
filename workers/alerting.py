"""Settings of the alerts, and the channels that are made of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from connectors.network import Network, is_clear_text
from connectors.notices.mail import MailChannel, MailServer, Security
from connectors.notices.ports import Channel
from connectors.notices.slack import SlackChannel
from policies.alerting import AlertPolicy
from workers.doors import is_loopback

Address = Annotated[str, StringConstraints(pattern=r"^[^\s@<>,;:\"]+@[^\s@<>,;:\"]+$")]
_HOUR = 3600


class MailSettings(BaseModel):
    """How alerts become e-mail. The password comes by an environment variable
    (TIEOUT_ALERTS__EMAIL__PASSWORD) rather than in a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    security: Security = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    sender: Address
    recipients: tuple[Address, ...] = Field(min_length=1, max_length=50)
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _nothing_in_clear(self) -> MailSettings:
        if self.security == "none" and not is_loopback(self.host):
            raise ValueError("security none is for a relay on this machine: say starttls or tls")
        return self

    @property
    def server(self) -> MailServer:
        """Where mail is handed in."""
        password = self.password.get_secret_value()
        return MailServer(
            self.host, self.port, self.security, self.username, password, self.ca_file
        )


class AlertSettings(BaseModel):
    """Who is told of trouble, and when. Without a channel nobody is, and nothing runs.

    `slack_url` is a Slack-compatible incoming webhook, a secret: give it by the environment
    variable TIEOUT_ALERTS__SLACK_URL; `network` says where it and people's own webhooks may be.
    Times in seconds; `silent_after_seconds` 0 never minds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    network: Network = Network()
    slack_url: SecretStr = SecretStr("")
    email: MailSettings | None = None
    every_seconds: int = Field(default=300, ge=10, le=86_400)
    held_after_seconds: int = Field(default=900, ge=0)
    repeat_seconds: int = Field(default=24 * _HOUR, ge=60)
    settled_seconds: int = Field(default=600, ge=0)
    silent_after_seconds: int = Field(default=72 * _HOUR, ge=0)
    stuck_after_seconds: int = Field(default=_HOUR, ge=60)

    @field_validator("slack_url")
    @classmethod
    def _is_private(cls, url: SecretStr, info: ValidationInfo) -> SecretStr:
        text = url.get_secret_value()
        parts = urlsplit(text)
        if text and (not parts.hostname or parts.scheme not in ("http", "https")):
            raise ValueError("must be the address of a webhook")
        if is_clear_text(text, info.data.get("network", Network())):
            raise ValueError("must begin with https://")
        return url

    @property
    def channels(self) -> list[Channel]:
        """The channels that are set."""
        found: list[Channel] = []
        if self.slack_url.get_secret_value():
            found.append(SlackChannel(self.slack_url.get_secret_value(), self.network))
        if self.email:
            found.append(MailChannel(self.email.server, self.email.sender, self.email.recipients))
        return found

    @property
    def policy(self) -> AlertPolicy:
        """When people are told."""
        return AlertPolicy(
            held_after=timedelta(seconds=self.held_after_seconds),
            repeat=timedelta(seconds=self.repeat_seconds),
            settled=timedelta(seconds=self.settled_seconds),
            silent_after=timedelta(seconds=self.silent_after_seconds),
            stuck_after=timedelta(seconds=self.stuck_after_seconds),
        )
