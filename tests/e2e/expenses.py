"""The people of the expense tests: who claims, who approves, who pays in NAV."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio.client import WorkflowHandle
from temporalio.service import RPCError

from activities.reconciling import TieOutInput, TieOutResult
from documents.key import Kind
from documents.naming import TIE_OUT, WORKFLOW_TASK_QUEUE, process_id, tie_out_id
from documents.review import Answer, Verdict, verdict_text
from documents.tieout import Break, BreakState, TieOutSummary
from store.keyring import KeyRing
from store.seal import Seal
from tests.e2e.house import CONNECTION, TODAY, House
from workers.connections import NavTarget, load_connections
from workers.demo.payables_clerk import PayablesClerk
from workers.opening import open_store
from workflows.approval import Approval
from workflows.status import Status

ERIN, NOOR = "erin@team.example", "noor@team.example"
PNG = b"\x89PNG\r\n\x1a\n" + b"a picture of a receipt"


@dataclass
class Claims:
    """What people do with expenses in one house."""

    house: House
    payables: PayablesClerk
    seal: Seal

    async def enter(
        self, amount: str, category: str = "Travel", currency: str = "USD", **fields: Any
    ) -> int:
        """An expense of Erin's with a receipt of its own, unless told otherwise."""
        content = fields.pop("receipt", PNG + str(asyncio.get_running_loop().time()).encode())
        if content is not None:
            media = fields.pop("media", "image/png")
            fields["attachment"] = await self.house.clerk.upload_receipt(content, media)
        day = fields.pop("day", TODAY)
        fields = {"staff": ERIN, "vendor": f"Shop {id(fields)}", **fields}
        return await self.house.clerk.enter_expense(amount, day, category, currency, **fields)

    def _handle(self, expense: int) -> WorkflowHandle[Any, Any]:
        name = process_id(CONNECTION, Kind.EXPENSE, str(expense))
        return self.house.client.get_workflow_handle(name)

    async def status(self, expense: int) -> Status | None:
        handle = self.house.client.get_workflow_handle(
            process_id(CONNECTION, Kind.EXPENSE, str(expense))
        )
        try:
            found: Status = await handle.query("status", result_type=Status)
        except RPCError:
            return None
        return found

    async def wait(self, expense: int, stage: str, seconds: float = 40) -> Status:
        """Until the process of an expense is at a stage."""
        status = None
        try:
            async with asyncio.timeout(seconds):
                while True:
                    status = await self.status(expense)
                    if status and status.stage == stage:
                        return status
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"expense {expense} is not {stage}: {status}") from None

    async def until(self, is_true: Callable[[], Awaitable[bool]], seconds: float = 40) -> None:
        """Until something is true."""
        async with asyncio.timeout(seconds):
            while not await is_true():  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.1)

    async def approval(self, expense: int) -> Approval:
        handle = self.house.client.get_workflow_handle(
            process_id(CONNECTION, Kind.EXPENSE, str(expense))
        )
        found: Approval = await handle.query("approval", result_type=Approval)
        return found

    async def answer(
        self, expense: int, who: str, answer: str = "approve", comment: str = "", version: str = ""
    ) -> Any:
        """Answer as a recognised person would: with a seal."""
        need = (await self.approval(expense)).need
        version = version or (need.version if need else "none")
        verdict = Verdict(
            answer=Answer(answer),
            who=who,
            version=version,
            at=datetime.now(UTC),
            comment=comment,
        )
        proof = self.seal.sign(verdict_text(CONNECTION, str(expense), verdict))
        handle = self.house.client.get_workflow_handle(
            process_id(CONNECTION, Kind.EXPENSE, str(expense))
        )
        request = {"who": who, "version": version, "comment": comment, "proof": proof}
        return await handle.execute_update(answer, request)

    async def look_again(self, expense: int) -> None:
        handle = self.house.client.get_workflow_handle(
            process_id(CONNECTION, Kind.EXPENSE, str(expense))
        )
        await handle.signal("look_again")

    async def tie_out(self) -> TieOutSummary:
        """A tie-out of the month, of expenses only."""
        result: TieOutResult = await self.house.client.execute_workflow(
            TIE_OUT,
            TieOutInput(connection=CONNECTION, period=f"{TODAY:%Y-%m}", kinds=("expense",)),
            id=tie_out_id(CONNECTION, f"{TODAY:%Y-%m}"),
            task_queue=WORKFLOW_TASK_QUEUE,
            result_type=TieOutResult,
        )
        return result.summaries[-1]

    async def breaks(self) -> list[Break]:
        """What the last one found and is not closed."""
        states = [state for state in BreakState if state is not BreakState.CLOSED]
        async with open_store(self.house.settings) as store:
            return await store.breaks.page(CONNECTION, f"{TODAY:%Y-%m}", states=states)

    async def posted(self, expense: int) -> list[dict[str, Any]]:
        return await self.house.posted("expense", expense)

    async def pay(self, expense: int) -> None:
        """Accounts pays what is owed, in NAV."""
        (row,) = await self.posted(expense)
        await self.payables.pay(row["key"], f"BANK-{row['currency']}")
        await self.look_again(expense)


async def open_claims(house: House) -> Claims:
    """People with their vendor cards in NAV."""
    target = load_connections(house.settings.connections)[CONNECTION].target
    async with open_store(house.settings) as store:
        secret = await store.credentials.get(CONNECTION, target.secret_name)
    assert isinstance(target, NavTarget)
    payables = PayablesClerk(house.http, target, secret or "")
    for name in ("ERIN", "NOOR", "OWEN"):
        await payables.add_vendor(f"V-{name}", name.title())
    seal = Seal(KeyRing.from_source(house.settings.keys.get_secret_value()))
    return Claims(house, payables, seal)
