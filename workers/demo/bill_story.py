"""The story of a vendor's bill: entered and paid in FreshBooks, owed and settled in the ERP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date

from workers.demo.payables_clerk import Accounts
from workers.demo.people import BillLine, Clerk

_LINES = (BillLine("Supplies", "100.00", "HST", "13"), BillLine("Travel", "12.50"))


@dataclass(frozen=True)
class BillStory:
    """Plays the one scene; `wait` waits until the process of a bill is at a stage."""

    clerk: Clerk
    accounts: Accounts
    wait: Callable[[int, str], Awaitable[None]]
    tell: Callable[[str], None]
    today: date

    async def play(self) -> None:
        """Ends when the bill is settled on both sides."""
        self.tell("Harbour Paper bills 125.50 USD, paid by check: posted with its tax and settled")
        await self.accounts.add_vendor("V-PAPER", "Harbour Paper")
        vendor = await self.clerk.enter_vendor("Harbour Paper", "V-PAPER")
        bill = await self.clerk.enter_bill(vendor, "HP-778", self.today, _LINES)
        await self.clerk.pay_bill(bill, "125.50", self.today)
        await self.wait(bill, "closed")
