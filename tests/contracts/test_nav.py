"""Dynamics NAV keeps the contract of a target, against its stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest_asyncio

from documents.key import Key
from documents.record import MappedRecord
from tests.connectors.nav_books import (
    Books,
    connected,
    customer_record,
    figures,
    line,
    nav_books,
    payment_record,
    sales_record,
)
from tests.contracts.target import AMOUNT, CALL_SECONDS, DAY, Subject, TargetContract


@dataclass
class NavSubject(Subject):
    """NAV's connector over a stand-in with one company."""

    books: Books | None = None

    @property
    def _books(self) -> Books:
        assert self.books is not None
        return self.books

    def customer_record(self, name: str) -> MappedRecord:
        return customer_record(name)

    def invoice_record(self, customer: str) -> MappedRecord:
        record = sales_record(customer, (line("100.00"),), figures("100.00", "19.00"))
        assert record.header["Posting_Date"] == DAY.isoformat()
        return record

    def payment_record(self, customer: str, invoice_number: str) -> MappedRecord:
        return payment_record(customer, AMOUNT, invoice_number)

    async def journal(self, key: Key) -> list[dict[str, Any]]:
        return await self._books.journal(key=key.text())

    async def plan(self, **plan: Any) -> None:
        if plan:
            await self._books.fault(**plan)
        else:
            await self._books.forget_faults()

    async def fault_hits(self) -> int:
        return await self._books.fault_hits()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def nav_subject() -> AsyncIterator[Subject]:
    async with (
        nav_books() as books,
        connected(books) as patient,
        connected(books, timeout=CALL_SECONDS) as hurried,
    ):
        await patient.check()
        yield NavSubject(patient, hurried, books=books)


@pytest_asyncio.fixture(loop_scope="session")
async def subject(nav_subject: Subject) -> AsyncIterator[Subject]:
    yield nav_subject
    await nav_subject.forget_faults()


class TestNav(TargetContract):
    """Every demand of the contract."""
