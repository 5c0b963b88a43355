"""The bookkeeping choices of a connection. The first value of each is the default."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator


class OrderToCashPolicy(BaseModel):
    """How one connection keeps its books where the rules leave a choice (docs/accounting.md).

    Durations in seconds, days in calendar days; `cut_over_date` is a civil date: documents
    dated before it are never posted. `possible_duplicate_days` is how near in time a posting
    that people made must be to be suspected, 0 switches that off. `prepayment_type` is the
    payment type under which the mapping finds the account of a prepayment, because FreshBooks
    does not say how that money came in. `second_person` off is for a company too small for two
    people; every use is in the audit trail. `approval_limit`, in the document's own currency, is
    the amount above which adopting, skipping and abandoning need a second person; a correction
    always does. `late_fee_names` are the beginnings of the names of the lines that the source
    adds as late fees; case does not count. `late_fees` says what becomes of those that are added
    to a posted invoice. `time_zone` (IANA) is where the days of the books begin:
    a moment, such as that of a void, falls on the civil day it has there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    write_reference: Literal["cross-reference", "po_number"] = "cross-reference"
    edits: Literal["hold", "reverse and repost"] = "hold"
    cash_owner: Literal["freshbooks", "bank feed"] = "freshbooks"
    closed_period: Literal["hold", "first open day"] = "hold"
    possible_duplicate_days: int = Field(default=7, ge=0, le=366)
    second_person: Literal["required", "off"] = "required"
    approval_limit: Decimal = Field(default=Decimal(1000), ge=0)
    prepayment_type: str = "Prepayment"
    late_fees: Literal["hold", "supplementary invoice"] = "hold"
    late_fee_names: tuple[str, ...] = ("Late fee",)
    time_zone: str = "UTC"
    cut_over_date: date | None = None
    in_doubt_patience_seconds: float = Field(default=900, gt=0)
    send_timeout_seconds: float = Field(default=45, gt=0, le=75)

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{name} is no time zone, such as America/Toronto") from error
        return name

    def day_of(self, moment: datetime) -> date:
        """The civil day of the books on which an aware moment falls."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()
