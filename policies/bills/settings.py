"""How a connection handles the bills of vendors."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from documents.bill import BillVendor


class BillPolicy(BaseModel):
    """The first value of each choice is the default.

    `payments` says who pays bills: what FreshBooks says was paid is posted and applied, or the
    target pays them itself and FreshBooks' payments are ignored. `vendors` gives the vendor
    number of the target by the name or id of a bill vendor; one that is not in it is known by
    the account number that stands with it in FreshBooks. Bills dated before `cut_over_date` are
    never posted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    payments: Literal["freshbooks", "target"] = "freshbooks"
    edits: Literal["hold", "reverse and repost"] = "hold"
    vendors: dict[str, str] = {}
    cut_over_date: date | None = None

    def vendor_number(self, vendor: BillVendor) -> str:
        """The vendor's number in the target; empty when nobody has said it."""
        by_name = {name.strip().casefold(): number for name, number in self.vendors.items()}
        found = by_name.get(vendor.source_id) or by_name.get(vendor.name.casefold())
        return found or vendor.account_number
