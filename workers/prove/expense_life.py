"""The lives of expenses: what a person does with a claim, decided by a seed."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from workers.prove.lane import Person
from workers.prove.payables import ERIN

_CURRENCY = "USD"
_CATEGORIES = ("Travel", "Education and Training", "Office Expenses & Postage")
_MOST_CENTS, _LONGEST_PAUSE = 5000, 1.5
_EDITED, _MOST_EDITS, _WITHDRAWN = 0.4, 2, 0.3


@dataclass
class ExpenseLife:
    """One claim below what anybody has to approve: entered, perhaps edited, perhaps withdrawn,
    while it may or may not be posted already."""

    seed: str
    person: Person
    today: date

    async def live(self) -> None:
        """Live it through. Raises httpx.HTTPError when FreshBooks never lets a person do it."""
        chance = random.Random(self.seed)
        expense = await self.person.enter_expense(
            str(_amount(chance)), self.today, chance.choice(_CATEGORIES), _CURRENCY,
            staff=ERIN, vendor=f"Shop {self.seed}",
        )  # fmt: skip
        for _ in range(chance.randint(1, _MOST_EDITS) if chance.random() < _EDITED else 0):
            await asyncio.sleep(chance.uniform(0, _LONGEST_PAUSE))
            amount = {"amount": str(_amount(chance)), "code": _CURRENCY}
            await self.person.change_expense(expense, amount=amount)
        if chance.random() < _WITHDRAWN:
            await asyncio.sleep(chance.uniform(0, _LONGEST_PAUSE))
            await self.person.change_expense(expense, vis_state=1)


def _amount(chance: random.Random) -> Decimal:
    return Decimal(chance.randint(1, _MOST_CENTS)).scaleb(-2)
