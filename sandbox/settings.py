"""Settings of the sandbox, read from one JSON file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

_Port = Field(default=0, ge=0, le=65535)


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FreshBooksAccount(_Settings):
    """One FreshBooks business with one owner and one registered application.

    `access_token` is public and never expires. `refresh_token` is the first one of the pair that
    the product uses; once it was rotated, the state counts and this value is dead. Accounts with
    the same `identity_id` belong to one person. With the role `client`, reads work and every write
    is denied; without `accounting`, the business has no accounting account (its id reads null).
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
    role: Literal["owner", "client"] = "owner"
    accounting: bool = True


class FreshBooksSettings(_Settings):
    """The FreshBooks stand-in; port 0 takes a free one.

    The rest chooses between behaviours of which no source says which one is real: the greatest
    lengths of fields (`{"client.organization": 255}`, none by default), whether an invoice number
    may be used twice, how long an access token lives, how often and how long (seconds) a delivery
    is tried, after how many deliveries given up in a row a callback is disabled (None: never), and
    how many rows are counted in `total` although they are never shown.
    """

    port: int = _Port
    accounts: list[FreshBooksAccount]
    lengths: dict[str, int] = {}
    unique_invoice_numbers: bool = False
    token_seconds: int = Field(default=43_200, ge=1)
    delivery_attempts: int = Field(default=3, ge=1)
    delivery_timeout: float = Field(default=10.0, gt=0)
    delivery_pause: float = Field(default=0.5, ge=0)
    disable_after: int | None = Field(default=None, ge=1)
    hidden_rows: int = Field(default=0, ge=0)


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


class AxCompany(_Settings):
    """One AX company (`company` is its data area id) and the Windows user that may enter it.

    A user with an expired password is refused at sign-in. `privileges` are names of service
    operations such as `CustCustomerServiceCreate`; without them the user may do everything.
    """

    connection: str
    company: str = Field(min_length=1, max_length=4)
    username: str = Field(pattern=r"^[^:\\]+$")
    domain: str = Field(default="CONTOSO", pattern=r"^[^:\\]*$")
    password: str = Field(pattern=r"^[^:]+$")
    password_expired: bool = False
    privileges: list[str] | None = None


class AxSettings(_Settings):
    """The Dynamics AX stand-in; port 0 takes a free one.

    `posting_after` is how long (real seconds) the clerk lets a document lie. `operations` cuts the
    operations of a port down (`{"FreeTextInvoiceService": ["create"]}`); an empty list removes the
    port. The rest are options of the ports: whether faults say why, whether a document filter and
    change tracking are set up and how far back (days) the latter reaches, how many documents `find`
    answers at most, and whether the message id of a failed call is used up.
    """

    port: int = _Port
    companies: list[AxCompany]
    posting_after: float = Field(default=1.0, ge=0)
    operations: dict[str, list[str]] = {}
    custom_service: bool = True
    detailed_faults: bool = True
    document_filter: bool = True
    change_tracking: bool = True
    change_retention_days: int = Field(default=14, ge=1)
    document_limit: int = Field(default=1000, ge=1)
    keep_failed_message_ids: bool = False


class SandboxSettings(_Settings):
    """The whole sandbox; without `state` everything is in memory."""

    state: Path | None = None
    control_port: int = _Port
    freshbooks: FreshBooksSettings | None = None
    nav: NavSettings | None = None
    ax: AxSettings | None = None

    @classmethod
    def load(cls, path: Path) -> SandboxSettings:
        """Read a JSON file; raises pydantic.ValidationError with the names of wrong fields."""
        return cls.model_validate_json(path.read_bytes())
