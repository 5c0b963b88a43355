"""Settings of the sign-in provider."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.network import Network
from workers.access.callers import Role
from workers.doors import is_loopback


class SignInSettings(BaseModel):
    """An OpenID Connect provider whose tokens open the doors for people. Empty: none.

    `issuer` exactly as its tokens say it; `audience` is what they must be made for. `role_claim`
    holds the names of roles or groups, `viewers`, `operators` and `approvers` are those that give
    the role. Who somebody is, their `sub` says, which `tieout person bind` gives a name: claims
    with names can be changed by people themselves.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(default="", pattern=r"^(https?://[^/\s?#@]+(/[^\s?#]*)?)?$")
    audience: str = ""
    role_claim: str = "roles"
    viewers: tuple[str, ...] = ("tieout-viewer",)
    operators: tuple[str, ...] = ("tieout-operator",)
    approvers: tuple[str, ...] = ("tieout-approver",)
    network: Network = Network()

    @model_validator(mode="after")
    def _whole(self) -> SignInSettings:
        parts = urlsplit(self.issuer)
        if self.issuer and not self.audience:
            raise ValueError("give the audience too: a token made for another application is none")
        if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            raise ValueError("the issuer must be reached over https")
        return self

    def names_of(self, role: Role) -> tuple[str, ...]:
        """The claim's values that give a role."""
        return {
            Role.VIEWER: self.viewers,
            Role.OPERATOR: self.operators,
            Role.APPROVER: self.approvers,
        }[role]
