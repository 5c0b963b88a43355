"""The bookkeeping choices of a connection. The first value of each is the default."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class OrderToCashPolicy(BaseModel):
    """How one connection keeps its books where the rules leave a choice (docs/accounting.md).

    Durations in seconds, days in calendar days; `cut_over_date` is a civil date: documents
    dated before it are never posted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    write_reference: Literal["cross-reference", "po_number"] = "cross-reference"
    edits: Literal["hold", "reverse and repost"] = "hold"
    cash_owner: Literal["freshbooks", "bank feed"] = "freshbooks"
    cut_over_date: date | None = None
    in_doubt_patience_seconds: float = Field(default=900, gt=0)
    send_timeout_seconds: float = Field(default=45, gt=0, le=75)
