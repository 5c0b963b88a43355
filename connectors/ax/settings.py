"""How one connection reaches one company of Dynamics AX 2012.

Whatever differs between two AX sites is a field here: the ports and their names, the fields that
carry our key and the source's number, how users sign in, who posts, how long a lost call lives.
Namespaces, external names and operations are never settings: a port's WSDL says them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.network import Network
from documents.key import Kind

FREE_TEXT_INVOICE = "free_text_invoice"
SALES_ORDER = "sales_order"
PAYMENT = "payment"
GENERAL_JOURNAL = "general_journal"
CUSTOMER = "customer"

DOCUMENTS = (FREE_TEXT_INVOICE, SALES_ORDER, PAYMENT, GENERAL_JOURNAL)
"""What a document of the source can become; the customer is no document."""
JOURNALS_NEED_THE_SERVICE = (
    "expenses, bills and write-offs need the custom service: no standard service of AX tells what "
    "became of a general journal"
)
_CHOICES = (FREE_TEXT_INVOICE, SALES_ORDER)
"""Only between these is there a choice: each is found again as a posted invoice."""


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SignIn(StrEnum):
    """How the Windows user signs in: Kerberos if possible and else NTLM, or only one of them."""

    NEGOTIATE = "negotiate"
    NTLM = "ntlm"
    KERBEROS = "kerberos"


class Ports(_Settings):
    """Names of the enhanced inbound ports, chosen by the AX administrator; empty means none.

    Without `free_text_invoice`, `sales_order`, `payment` or `general_journal` (expenses, bills,
    write-offs) the connection cannot make that document; without `custom_service` nobody but people
    and AX's own jobs posts and settles.
    """

    customer: str = "CustomerService"
    free_text_invoice: str = "FreeTextInvoiceService"
    sales_order: str = ""
    payment: str = "CustomerPaymentJournalService"
    general_journal: str = ""
    posted_invoice: str = "SalesInvoiceService"
    customer_transaction: str = "CustomerTransactionService"
    custom_service: str = ""


class Fields(_Settings):
    """Which fields carry our key, and where facts stand that a lookup reads.

    A dot leads into a child entity, `[Type=Email]` to the child whose field has that value. The
    last entity of a path is the data source that AX searches.
    """

    customer_key: str = "OurAccountNum"
    customer_number: str = "AccountNum"
    customer_name: str = "DirParty.Name"
    customer_email: str = "DirParty.DirPartyContactInfoView[Type=Email].Locator"
    free_text_invoice_key: str = "PurchOrderFormNum"
    sales_order_key: str = "PurchOrderFormNum"
    payment_key: str = "LedgerJournalTrans.PaymReference"
    general_journal_key: str = "LedgerJournalTrans.PaymReference"
    posted_invoice_key: str = "PurchaseOrder"
    posted_payment_key: str = "PaymReference"


_ENTITIES = {
    Kind.INVOICE: FREE_TEXT_INVOICE,
    Kind.CREDIT_NOTE: FREE_TEXT_INVOICE,
    Kind.CREDIT_NOTE_REVERSAL: FREE_TEXT_INVOICE,
    Kind.PAYMENT: PAYMENT,
    Kind.PAYMENT_REVERSAL: PAYMENT,
    Kind.PREPAYMENT: PAYMENT,
    Kind.PREPAYMENT_REVERSAL: PAYMENT,
    Kind.REFUND: PAYMENT,
    Kind.REFUND_REVERSAL: PAYMENT,
    Kind.ORDER: SALES_ORDER,
    Kind.EXPENSE: GENERAL_JOURNAL,
    Kind.EXPENSE_REVERSAL: GENERAL_JOURNAL,
    Kind.BILL: GENERAL_JOURNAL,
    Kind.BILL_REVERSAL: GENERAL_JOURNAL,
    Kind.BILL_PAYMENT: GENERAL_JOURNAL,
    Kind.BILL_PAYMENT_REVERSAL: GENERAL_JOURNAL,
    Kind.WRITE_OFF: GENERAL_JOURNAL,
    Kind.WRITE_OFF_REVERSAL: GENERAL_JOURNAL,
    Kind.ENTRY_REVERSAL: PAYMENT,
}


_AS_INVOICE = (
    Kind.INVOICE,
    Kind.INVOICE_REVERSAL,
    Kind.DUPLICATE_REVERSAL,
    Kind.LATE_FEE,
    Kind.LATE_FEE_REVERSAL,
)


class AxSettings(_Settings):
    """One company of one AX installation, reached through the HTTP adapter on IIS.

    `base_url` is the site, `path` the virtual directory of the adapter. `username` may be
    `DOMAIN\\user`, or `domain` names the domain; empty means the ticket of the account that runs
    the worker (Kerberos). `document` is what an invoice becomes; `entities` overrides single
    kinds. `posting` says who posts what was created: people and AX's batch jobs, or the custom
    service. `lines` names the line entity of each document, `dimensions` the financial
    dimensions that a mapping may fill, `address_update` what becomes of a changed address: a new
    one from today, or a correction of the present one. `tax_by_code` compares AX's tax for each
    tax code before anything is posted, which the custom service tells. Times are in seconds.

    Unverified on a real AX, hence settings: `settle_seconds` (how long after its deadline a lost
    call can still commit), `sign_in_pause` (how long a refused password is not tried again, so
    that Active Directory does not lock the account), `ask_privileges` (whether the check calls
    operations that write with a request that names no document, to learn whether it may: that
    AX looks at the privilege first).
    """

    base_url: str
    path: str = "/MicrosoftDynamicsAXAif60"
    company: str = Field(min_length=1, max_length=4)
    partition: str = ""
    language: str = "en-us"
    domain: str = ""
    username: str = ""
    secret: SecretStr = SecretStr("")
    sign_in: SignIn = SignIn.NEGOTIATE
    ports: Ports = Ports()
    fields: Fields = Fields()
    document: Literal["free_text_invoice", "sales_order"] = "free_text_invoice"
    entities: dict[Kind, str] = Field(default_factory=dict)
    posting: Literal["operator", "service"] = "operator"
    lines: dict[str, str] = Field(
        default_factory=lambda: {
            FREE_TEXT_INVOICE: "CustInvoiceLine",
            SALES_ORDER: "SalesLine",
            GENERAL_JOURNAL: "LedgerJournalTrans",
        }
    )
    dimensions: tuple[str, ...] = ("Department", "CostCenter", "Project")
    address_update: Literal["CreateNewTimePeriod", "Correction"] = "CreateNewTimePeriod"
    page_size: int = Field(default=100, ge=1, le=1000)
    settle_seconds: float = Field(default=180.0, ge=0)
    sign_in_pause: float = Field(default=300.0, ge=0)
    timeout: float = Field(default=40.0, gt=0)
    max_concurrency: int = Field(default=4, ge=1)
    tax_by_code: bool = True
    ask_privileges: bool = True
    requests_per_second: float | None = Field(default=None, gt=0)
    network: Network = Network()

    @field_validator("entities")
    @classmethod
    def _known(cls, value: dict[Kind, str]) -> dict[Kind, str]:
        for kind, entity in value.items():
            default = _ENTITIES.get(kind, FREE_TEXT_INVOICE)
            known = _CHOICES if default in _CHOICES else (default,)
            if entity not in known:
                raise ValueError(f"{kind}: {entity!r} is not one of {', '.join(known)}")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> AxSettings:
        for name in ("base_url", "company"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name} must not be empty")
        if self.sign_in is SignIn.NTLM and not self.username:
            raise ValueError("NTLM needs a username and a password")
        if self.posting == "service" and not self.ports.custom_service:
            raise ValueError("posting by service needs the port of the custom service")
        return self

    @property
    def account(self) -> str:
        """The Windows user as it signs in, with its domain."""
        if not self.domain or not self.username or "\\" in self.username or "@" in self.username:
            return self.username
        return f"{self.domain}\\{self.username}"

    def entity(self, kind: Kind) -> str | None:
        """The AX document that a kind becomes; None when the connection makes none of it."""
        if kind in self.entities:
            return self.entities[kind]
        if kind in _AS_INVOICE:
            # A reversal is a copy of the record it takes back, with its fields.
            return self.document
        return _ENTITIES.get(kind)

    def port(self, entity: str) -> str:
        """The port that an entity of a mapping is written to; empty when there is none."""
        return str(getattr(self.ports, entity, ""))
