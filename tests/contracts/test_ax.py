"""Dynamics AX keeps the contract of a target, against its stand-in: with the custom service, and as
most sites have it, with ports that only create and a clerk who posts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest_asyncio

from documents.key import Key, Kind
from documents.record import MappedRecord
from tests.connectors.ax_books import (
    Books,
    ax_books,
    customer_record,
    figures,
    invoice_record,
    line,
    payment_record,
)
from tests.connectors.test_ax_possibly_created import ONLY_CREATE
from tests.contracts.target import AMOUNT, DAY, ESSENTIAL, PostingContract, Subject, TargetContract

ROUTER = [{"fault": "status_after", "status": status} for status in (500, 503)]
"""AX has committed, and what stands before it says that something went wrong."""


@dataclass
class AxSubject(Subject):
    """AX's connector over a stand-in with one company."""

    books: Books | None = None

    @property
    def _books(self) -> Books:
        assert self.books is not None
        return self.books

    def customer_record(self, name: str) -> MappedRecord:
        return customer_record(name)

    def invoice_record(self, customer: str) -> MappedRecord:
        record = invoice_record(customer, (line("100.00", "VAT19"),), figures("100.00", "19.00"))
        assert record.header["InvoiceDate"] == DAY.isoformat()
        return record

    def payment_record(self, customer: str, invoice_number: str) -> MappedRecord:
        return payment_record(customer, AMOUNT, invoice_number)

    async def journal(self, key: Key) -> list[dict[str, Any]]:
        return await self._books.journal(key=key.text())

    async def plan(self, **plan: Any) -> None:
        if plan:
            await self._books.fault(**{"method": "POST", **plan})
        else:
            await self._books.forget_faults()

    async def fault_hits(self) -> int:
        return await self._books.fault_hits()


@asynccontextmanager
async def _subject(books: Books, **changes: Any) -> AsyncIterator[Subject]:
    async with (
        books.target(settle_seconds=0.3, **changes) as patient,
        books.target(settle_seconds=0.3, timeout=0.3, **changes) as hurried,
    ):
        assert await patient.check() == []
        yield AxSubject(patient, hurried, books=books)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ax_subject() -> AsyncIterator[Subject]:
    async with ax_books(posting_after=3600.0) as books, _subject(books, posting="service") as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def subject(ax_subject: Subject) -> AsyncIterator[Subject]:
    yield ax_subject
    await ax_subject.forget_faults()


class TestAx(TargetContract):
    """Every demand of the contract."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def create_only() -> AsyncIterator[Subject]:
    async with (
        ax_books(operations=ONLY_CREATE, custom_service=False) as books,
        _subject(books, service=False) as found,
    ):
        await books.operator("auto", after=0.05)
        yield found


class TestAxCreateOnly(PostingContract):
    """What a target must do that shows no draft. The clerk comes a moment later."""

    faults: ClassVar[list[dict[str, Any]]] = [*ESSENTIAL, *ROUTER]

    @pytest_asyncio.fixture(loop_scope="session")
    async def subject(self, create_only: Subject) -> AsyncIterator[Subject]:
        yield create_only
        await create_only.forget_faults()

    async def test_it_says_that_it_shows_no_drafts(self, subject: Subject) -> None:
        assert not await subject.target.shows_drafts(subject.key(Kind.INVOICE))
        assert not await subject.target.shows_drafts(subject.key(Kind.PAYMENT))
        assert await subject.target.shows_drafts(subject.key(Kind.CUSTOMER))
