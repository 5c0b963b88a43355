"""The tour of an expense: claimed, edited, paid out and withdrawn; and one withdrawn in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from documents.key import Key, Kind
from documents.naming import hint_id, process_id
from workers.demo.payables_clerk import Accounts
from workers.prove.lane import VENDOR, insist
from workers.prove.payables import ERIN, accounts_of
from workers.prove.tour import Act, Tour, today
from workers.refusal import Refusal

_CLAIMED, _CORRECTED, _SECOND = "18.00", "19.50", "23.40"
_CURRENCY = "USD"


@dataclass
class ExpenseTour(Tour):
    """Two expenses of one person, below what anybody has to approve."""

    STAGES: ClassVar[tuple[str, ...]] = (
        "claim",
        "edit",
        "pay out",
        "withdraw after payment",
        "claim again",
        "withdraw in time",
    )

    expense: int = 0

    async def prepared(self) -> None:
        """A vendor account of the claimant."""
        await self.person.knows_the_account()
        await (await self._accounts()).add_vendor(VENDOR, "Erin")

    async def ready(self, stage: str) -> None:
        """Accounts pays in the target before the stage begins: it ends when that is seen."""
        if stage == "pay out":
            # A fault that met nobody yet may meet them.
            await insist(self._pay)

    def acts(self) -> Mapping[str, Act]:
        acts = (
            self._claim, self._edit, self._look_again, self._withdraw, self._claim_again,
            self._withdraw,
        )  # fmt: skip
        return dict(zip(self.STAGES, acts, strict=True))

    def process(self) -> str:
        return process_id(self.lane.name, Kind.EXPENSE, str(self.expense))

    def hints(self) -> list[str]:
        return [hint_id(self.lane.name, "expense", str(self.expense))]

    async def _accounts(self) -> Accounts:
        return await accounts_of(self.tower.house, self.tower.store, self.lane)

    async def _pay(self) -> None:
        """Pay what stands, unless it is paid."""
        rows = (await self.tower.house.journals()).of(self.lane).target
        place = (Kind.EXPENSE, str(self.expense))
        for row in rows:
            key = Key.read(row["key"])
            if key and (key.kind, key.source_id, row["state"]) == (*place, "posted"):
                if Decimal(row["remaining"]):
                    await (await self._accounts()).pay(key.text())
                return
        raise Refusal(f"expense {self.expense} should be owed by now")

    async def _claim(self) -> None:
        self.expense = await self.person.enter_expense(
            _CLAIMED, today(), "Travel", _CURRENCY, staff=ERIN, vendor=f"Taxi {self.name}"
        )

    async def _claim_again(self) -> None:
        self.expense = await self.person.enter_expense(
            _SECOND, today(), "Travel", _CURRENCY, staff=ERIN, vendor=f"Train {self.name}"
        )

    async def _edit(self) -> None:
        """Posted and unpaid: reversed and posted again."""
        amount = {"amount": _CORRECTED, "code": _CURRENCY}
        await self.person.change_expense(self.expense, amount=amount)

    async def _look_again(self) -> None:
        await self.tower.house.client.get_workflow_handle(self.process()).signal("look_again")

    async def _withdraw(self) -> None:
        await self.person.change_expense(self.expense, vis_state=1)
