"""The people of the bill tests: who enters and pays bills, who keeps the vendors in the ERP."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from temporalio.client import WorkflowHandle
from temporalio.service import RPCError

from documents.key import Kind
from documents.naming import process_id
from tests.e2e.house import TODAY, House
from workers.account.law import law_findings
from workers.connections import NavTarget, load_connections
from workers.demo.payables_clerk import AxPayablesClerk, PayablesClerk
from workers.demo.people import BillLine
from workers.opening import open_store
from workflows.status import Status

PAPER = BillLine("Supplies", "100.00", "HST", "13")
TAXI = BillLine("Travel", "12.50")


@dataclass
class Payables:
    """What people do with bills on one connection."""

    house: House

    async def enter(self, *lines: BillLine, number: str = "", currency: str = "USD") -> int:
        """A bill of a vendor whom the target knows as V-PAPER."""
        clerk = self.house.clerk
        vendor = await clerk.enter_vendor("Harbour Paper", "V-PAPER")
        number = number or f"HP-{uuid4().hex[:8]}"
        return await clerk.enter_bill(vendor, number, TODAY, lines or (PAPER, TAXI), currency)

    def _handle(self, bill: int) -> WorkflowHandle[Any, Any]:
        name = process_id(self.house.connection, Kind.BILL, str(bill))
        return self.house.client.get_workflow_handle(name)

    async def look_again(self, bill: int) -> None:
        """FreshBooks tells nobody of a payment of a bill: the sweep would, a little later."""
        await self._handle(bill).signal("look_again")

    async def pay(self, bill: int, amount: str, currency: str = "USD") -> int:
        payment = await self.house.clerk.pay_bill(bill, amount, TODAY, currency)
        await self.look_again(bill)
        return payment

    async def wait(self, bill: int, stage: str, words: str = "", seconds: float = 40) -> Status:
        """Until the process of a bill is at a stage, and says so in these words."""
        status = None
        try:
            async with asyncio.timeout(seconds):
                while True:
                    status = await self._status(bill)
                    if status and status.stage == stage and words in status.reason:
                        return status
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"bill {bill} is not {stage} {words!r}: {status}") from None

    async def _status(self, bill: int) -> Status | None:
        try:
            found: Status = await self._handle(bill).query("status", result_type=Status)
        except RPCError:
            return None
        return found

    async def held(self, bill: int) -> str:
        status = await self.wait(bill, "held")
        assert status.hold is not None
        return status.hold.cause

    async def law_findings(self) -> list[str]:
        """Everything of this connection's bills and payments that is not accounted for."""
        async with open_store(self.house.settings) as store:
            found = await law_findings(store, self.house.connection)
        return [sentence for sentence in found if sentence.startswith("bill")]

    async def rows(self, *ids: int) -> dict[str, str]:
        """The state of our rows of a bill and its payments, by kind and id."""
        async with open_store(self.house.settings) as store:
            found = [
                row
                for each in ids
                for row in await store.documents.find_by_number(self.house.connection, str(each))
            ]
        return {f"{row.kind.value}/{row.source_id}": row.state.value for row in found}


async def open_payables(house: House) -> Payables:
    """People of one connection, with the vendor's card in the ERP."""
    name = house.connection
    target = load_connections(house.settings.connections)[name].target
    async with open_store(house.settings) as store:
        secret = await store.credentials.get(name, target.secret_name) or ""
    if isinstance(target, NavTarget):
        await PayablesClerk(house.http, target, secret).add_vendor("V-PAPER", "Harbour Paper")
    else:
        await AxPayablesClerk(house.http, target).add_vendor("V-PAPER", "Harbour Paper")
    return Payables(house)
