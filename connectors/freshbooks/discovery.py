"""Who is connected, and which business: read at consent, with the traps named in plain words."""

from __future__ import annotations

from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from connectors.errors import Misconfigured
from connectors.freshbooks.client import FreshBooksClient
from connectors.freshbooks.errors import SYSTEM
from connectors.freshbooks.models import Id, Text

_PATH = "/auth/api/v1/users"


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Business(_Wire):
    """A business of the person. `account_id` is empty when it has no accounting account."""

    business_id: Id = Field(validation_alias=AliasChoices("id", "business_id"))
    business_uuid: Text = ""
    account_id: Text = ""
    name: Text = ""


class Membership(_Wire):
    """A person's part in a business: owner, manager, contractor and the like."""

    role: Text = ""
    business: Business


class Role(_Wire):
    """A person's part on an accounting account, which is not the one in the business."""

    role: Text = ""
    account_id: Text = Field("", validation_alias=AliasChoices("accountid", "account_id"))


class Identity(_Wire):
    """The person who gave consent, with every business they belong to."""

    identity_id: Id = Field(validation_alias=AliasChoices("identity_id", "id"))
    business_memberships: tuple[Membership, ...] = ()
    roles: tuple[Role, ...] = ()
    subscription_statuses: dict[str, Text] = {}

    @property
    def businesses(self) -> list[Business]:
        return [m.business for m in self.business_memberships]

    def problems(self, business: Business) -> list[str]:
        """Why this business cannot be connected, in plain words; empty when it can."""
        if not business.account_id:
            return [
                f"the business {business.name!r} has no accounting account: open it in FreshBooks "
                "and finish its set-up"
            ]
        found = []
        roles = {r.role for r in self.roles if r.account_id == business.account_id}
        if roles == {"client"}:
            found.append(
                f"the connected user is only a client on the accounting account of "
                f"{business.name!r}: FreshBooks would let it read and refuse every change. "
                "Connect with the user who owns the account"
            )
        if self.subscription_statuses.get(business.account_id) == "cancelled":
            found.append(f"the FreshBooks subscription of {business.name!r} was cancelled")
        return found

    def choose(self, *, account_id: str = "", business_id: str = "") -> Business:
        """The business with one of these ids, or the only usable one when none is given.

        Misconfigured when there is no such business, when it cannot be connected, or when
        several could be meant; the message lists what there is.
        """
        named = [b for b in self.businesses if _is_meant(b, account_id, business_id)]
        usable = [b for b in named if not self.problems(b)]
        if len(usable) == 1:
            return usable[0]
        raise Misconfigured(SYSTEM, "discover", self._why(named, usable))

    def _why(self, named: list[Business], usable: list[Business]) -> str:
        if usable:
            listed = ", ".join(f"{b.name} ({b.account_id})" for b in usable)
            return f"several businesses could be meant, name one account id: {listed}"
        if named:
            return "; ".join(problem for b in named for problem in self.problems(b))
        listed = ", ".join(f"{b.name} ({b.account_id or 'no account'})" for b in self.businesses)
        return f"the connected user has no such business; it has: {listed or 'none'}"


async def identity(client: FreshBooksClient) -> Identity:
    """The connected person, their businesses and roles (`users/me`)."""
    body = await client.get(f"{_PATH}/me", "identity")
    response = {k: v for k, v in _response(body, "identity").items() if v is not None}
    try:
        return Identity.model_validate(response)
    except ValidationError:
        raise _not_understood("identity") from None


async def time_zone(client: FreshBooksClient, business_id: str) -> str:
    """The IANA zone of a business, empty when FreshBooks names none.

    It is the zone of the business's civil days; it does not govern the API's time stamps.
    """
    body = await client.get(f"{_PATH}/business/{business_id}", "time zone")
    zone = _response(body, "time zone").get("timezone")
    return zone if isinstance(zone, str) else ""


def _is_meant(business: Business, account_id: str, business_id: str) -> bool:
    return account_id in ("", business.account_id) and business_id in ("", business.business_id)


def _response(body: Any, operation: str) -> dict[str, Any]:
    response = body.get("response")
    if not isinstance(response, dict):
        raise _not_understood(operation)
    return response


def _not_understood(operation: str) -> Misconfigured:
    return Misconfigured(SYSTEM, operation, "the reply is not what FreshBooks documents")
