"""One receipt is paid once: in whichever order it is claimed, and after a withdrawal too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from activities.context import Connection
from activities.expenses.evidence import evidence_of
from documents.expense import Expense, ExpenseStage
from documents.key import Kind
from documents.row import DocumentRow
from store.cipher import Cipher
from store.keyring import KeyRing
from store.store import Store
from tests.fresh import fresh_database
from tests.policies.expense_model import expense, policy


@dataclass(frozen=True)
class Desk:
    """What a look learns of an expense, with a store of its own and no receipts."""

    store: Store

    async def alike(self, found: Expense) -> list[str]:
        row = await self.store.documents.get("c", Kind.EXPENSE, found.source_id)
        row = row or self._row(found)
        connection = cast("Connection", _Named())
        evidence = await evidence_of(connection, self.store, found, policy(), row)
        return [each.source_id for each in evidence.alike]

    async def posted(self, found: Expense) -> None:
        row = self._row(found)
        await self.store.documents.save(row.model_copy(update={"fingerprint": "posted"}))

    @staticmethod
    def _row(found: Expense) -> DocumentRow:
        return DocumentRow(connection="c", kind=Kind.EXPENSE, source_id=found.source_id)


class _Named:
    name = "c"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    cipher = Cipher(KeyRing.generate("k"))
    async with await Store.open(await fresh_database(tmp_path / "t.db"), cipher) as store:
        yield Desk(store)


def _claim(number: int, amount: str = "50", **changes: Any) -> Expense:
    return expense(amount, source_id=str(number), **changes)


async def test_the_later_of_two_claims_is_the_duplicate(desk: Desk) -> None:
    assert await desk.alike(_claim(1)) == []
    assert await desk.alike(_claim(2)) == ["1"]
    assert await desk.alike(_claim(1)) == []


async def test_an_older_claim_edited_into_a_posted_one_is_the_duplicate(desk: Desk) -> None:
    await desk.alike(_claim(1, "60"))
    await desk.alike(_claim(2))
    await desk.posted(_claim(2))
    assert await desk.alike(_claim(1)) == ["2"]


async def test_what_is_withdrawn_unposted_is_nobodys_duplicate(desk: Desk) -> None:
    await desk.alike(_claim(1))
    await desk.alike(_claim(1, stage=ExpenseStage.DELETED))
    assert await desk.alike(_claim(2)) == []


async def test_what_was_posted_and_withdrawn_cannot_be_claimed_anew(desk: Desk) -> None:
    await desk.alike(_claim(1))
    await desk.posted(_claim(1))
    await desk.alike(_claim(1, stage=ExpenseStage.DELETED))
    assert await desk.alike(_claim(2)) == ["1"]
