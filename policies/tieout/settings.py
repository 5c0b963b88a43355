"""What counts as equal, what belongs to the tie-out, and what may be accepted."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field


class ExchangeRates(BaseModel):
    """A file of rates in the folder of the mappings, and the local `currency` of the target's
    books. A rate that is older than `max_age_days` says nothing of a document."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str = Field(min_length=1)
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    max_age_days: int = Field(default=7, ge=0, le=31)


class TieOutPolicy(BaseModel):
    """Tolerances and scope of one connection's tie-out.

    `amount_tolerance`, in the document's currency, is how far an amount may differ without being
    a break, and `tax_tolerance` likewise: both zero, because both systems count in cents.
    `rate_tolerance` is relative; `exchange_rates` are what the target's rates are compared with,
    None: with nothing. `date_tolerance_days` bounds how far the document dates may be
    apart, and how far a posting made by hand may be from the document that it is taken for.
    `write_off_limit`, in the document's currency, is the largest difference that two people may
    accept or write off. What is written off is booked to the `write_off_account` of the target, in
    a period and currency no more than `write_off_period_limit` (without signs); while one of the
    two is not set nothing is, and differences are only accepted. `control_accounts` are the
    receivables accounts of the target's general ledger.
    What others posted belongs to the
    tie-out only for customers that a client is linked to, of one of the `customer_groups` (their
    posting group), under a number that begins with one of `number_prefixes` (a number series);
    empty means any. `settle_seconds` is how long a change takes to go through the house: what
    changed less long ago is a timing difference. One that is older than `timing_days` is a break.
    `compare_customers` compares the linked customers' name, currency and block with their clients.
    `repairs` lets the house start the processes of documents that are missing or not applied, up
    to `most_repairs` documents that a side lacks or 5 % of the other: more are a wrong company or
    a lost right. `watch_months` is how many past months the schedule looks at again, signed off
    or not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount_tolerance: Decimal = Field(default=Decimal(0), ge=0)
    tax_tolerance: Decimal = Field(default=Decimal(0), ge=0)
    rate_tolerance: Decimal = Field(default=Decimal("0.0001"), ge=0)
    exchange_rates: ExchangeRates | None = None
    date_tolerance_days: int = Field(default=0, ge=0, le=31)
    suggestion_days: int = Field(default=7, ge=0, le=366)
    write_off_limit: Decimal = Field(default=Decimal("1.00"), ge=0)
    write_off_account: str | None = Field(default=None, min_length=1, max_length=20)
    write_off_period_limit: Decimal | None = Field(default=None, ge=0)
    control_accounts: tuple[str, ...] = ()
    number_prefixes: tuple[str, ...] = ()
    customer_groups: tuple[str, ...] = ()
    settle_seconds: float = Field(default=60, ge=0)
    compare_customers: bool = True
    timing_days: int = Field(default=3, ge=0, le=31)
    repairs: bool = True
    most_repairs: int = Field(default=50, ge=0)
    watch_months: int = Field(default=3, ge=1, le=24)
