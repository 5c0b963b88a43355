"""The story of the expenses: what Erin claims, who approves it, and who pays it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from documents.review import Answer
from workers.answers import Answers
from workers.demo.payables_clerk import Accounts
from workers.demo.people import Clerk
from workers.refusal import Refusal

ERIN = "erin@team.example"
_PICTURE = b"\x89PNG\r\n\x1a\n"
_PATIENCE_SECONDS = 60.0


@dataclass
class ExpensesStory:
    """Plays the scenes. `stages` is what each expense must end as; `left` waits for an answer."""

    clerk: Clerk
    payables: Accounts
    answers: Answers
    tell: Callable[[str], None]
    today: date
    stages: dict[int, str] = field(default_factory=dict)
    left: int = 0

    async def play(self) -> None:
        """All scenes in order; each waits for the books before it goes on."""
        for name in ("Erin", "Noor", "Owen"):
            await self.payables.add_vendor(f"V-{name.upper()}", name)
        for scene in (
            self.a_claim_that_passes,
            self.the_company_card,
            self.one_that_needs_approval,
            self.the_same_again,
            self.without_a_receipt,
            self.in_a_foreign_currency,
            self.withdrawn_after_posting,
            self.one_left_to_approve,
        ):
            await scene()

    async def a_claim_that_passes(self) -> None:
        self.tell("Erin claims a taxi over 18.00 USD: within the policy, nobody is asked; paid")
        expense = await self._claim("18.00", "Travel", vendor="Harbour Taxi")
        await self.wait(expense, "posted")
        await self._paid(expense)

    async def the_company_card(self) -> None:
        self.tell("a hotel goes on the company card: posted against the card, never reimbursed")
        receipt = await self._receipt(b"hotel")
        expense = await self._claim(
            "339.00",
            "Travel",
            account_name="Company card",
            vendor="Hotel Anchor",
            attachment=receipt,
            taxName1="HST",
            taxPercent1="13",
        )
        await self._ends(expense, "closed")

    async def one_that_needs_approval(self) -> None:
        self.tell("a course over 565.00 USD waits for Noor, who approves it; accounts pays it")
        receipt = await self._receipt(b"course")
        expense = await self._claim(
            "565.00", "Education and Training", vendor="Course Ltd", attachment=receipt,
            taxName1="HST", taxPercent1="13",
        )  # fmt: skip
        await self.wait(expense, "approval")
        await self._answer(expense, "Noor", Answer.APPROVE)
        await self.wait(expense, "posted")
        await self._paid(expense)

    async def the_same_again(self) -> None:
        self.tell("the taxi is claimed once more: held as a duplicate, and withdrawn")
        expense = await self._claim("18.00", "Travel", vendor="Harbour Taxi")
        await self.wait(expense, "held")
        await self.clerk.change_expense(expense, vis_state=1)
        await self._ends(expense, "ignored")

    async def without_a_receipt(self) -> None:
        self.tell("a printer over 120.00 USD has no receipt: held until there is one, then paid")
        expense = await self._claim("120.00", "Office Expenses & Postage", vendor="Paper & Co")
        await self.wait(expense, "held")
        receipt = await self._receipt(b"printer")
        await self.clerk.change_expense(expense, attachment=receipt)
        await self.wait(expense, "approval")
        await self._answer(expense, "Noor", Answer.APPROVE)
        await self.wait(expense, "posted")
        await self._paid(expense)

    async def in_a_foreign_currency(self) -> None:
        self.tell("a train in Sweden over 45.50 EUR is posted and paid in EUR")
        expense = await self._claim("45.50", "Travel", "EUR", vendor="SJ")
        await self.wait(expense, "posted")
        await self._paid(expense, "BANK-EUR")

    async def withdrawn_after_posting(self) -> None:
        self.tell("a lunch is posted and then withdrawn: what was posted is taken back")
        expense = await self._claim("23.40", "Meals & Entertainment", vendor="Bistro")
        await self.wait(expense, "posted")
        await self.clerk.change_expense(expense, vis_state=1)
        await self._ends(expense, "closed")

    async def one_left_to_approve(self) -> None:
        self.tell("a conference over 240.00 USD is left to you: approve it by the command line")
        receipt = await self._receipt(b"conference")
        self.left = await self._claim(
            "240.00", "Education and Training", vendor="Fair Ltd", attachment=receipt
        )
        await self._ends(self.left, "approval")

    async def wait(self, expense: int, stage: str) -> None:
        """Until the process of an expense is at a stage. Refusal when it never gets there."""
        now = "none"
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while now != stage:
                    await asyncio.sleep(0.1)
                    now = await self.stage(expense)
        except TimeoutError:
            raise Refusal(f"expense {expense} should be {stage} by now, it is {now}") from None

    async def stage(self, expense: int) -> str:
        """The stage an expense's process shows; `none` before it was started."""
        view = await self.answers.view(str(expense))
        return view.status.stage if view else "none"

    async def _claim(self, amount: str, category: str, currency: str = "USD", **fields: Any) -> int:
        return await self.clerk.enter_expense(
            amount, self.today, category, currency, staff=ERIN, **fields
        )

    async def _receipt(self, content: bytes) -> dict[str, str]:
        return await self.clerk.upload_receipt(_PICTURE + content, "image/png")

    async def _answer(self, expense: int, who: str, answer: Answer) -> None:
        view = await self.answers.view(str(expense))
        if view is None or view.approval.need is None:
            raise Refusal(f"expense {expense} does not wait for an approval")
        await self.answers.give(str(expense), answer, who, view.approval.need.version)

    async def _paid(self, expense: int, bank: str = "BANK-USD") -> None:
        """Accounts pays; the target sweep notices within seconds to minutes."""
        await self.payables.reimburse(expense, bank)
        await self.answers.look_again(str(expense))
        await self._ends(expense, "closed")

    async def _ends(self, expense: int, stage: str) -> None:
        self.stages[expense] = stage
        await self.wait(expense, stage)

    async def is_as_told(self) -> bool:
        """Whether every expense ended where it should."""
        ended = {expense: await self.stage(expense) for expense in self.stages}
        return ended == self.stages
