"""What a tie-out needs of a source and of a target: listings of their books, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Protocol, runtime_checkable

from documents.customer import TargetCustomer
from documents.ledger import LedgerLine


@dataclass(frozen=True)
class Scope:
    """What of a target's ledger belongs to a connection's tie-out: what carries keys with its
    `tag`, and what others posted for customers of these posting groups (empty: any group).
    `vendors` are the accounts of those who claim expenses; with `bills` what others posted on the
    accounts of other vendors is told too, of which some may have been adopted."""

    tag: str
    groups: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    bills: bool = False


@dataclass(frozen=True)
class LedgerPage:
    """A page of a listing of the books, and the cursor behind it: empty after the last page.
    Memory of a tie-out is one page, whatever the total."""

    lines: tuple[LedgerLine, ...]
    after: str = ""


@dataclass(frozen=True)
class SumPage:
    """Sums over a page, by currency, and the cursor behind it: empty after the last page."""

    sums: Mapping[str, Decimal]
    count: int
    after: str = ""


class OpenCredit(NamedTuple):
    """What is open of a payment or a credit memo, as a positive amount; `ours` bears a key of the
    scope's tag."""

    party: str
    number: str
    currency: str
    amount: Decimal
    ours: bool


@dataclass(frozen=True)
class CreditPage:
    """A page of open credits, and the cursor behind it: empty after the last page."""

    credits: tuple[OpenCredit, ...]
    after: str = ""


@runtime_checkable
class SourceLedger(Protocol):
    """What a source lists of its final documents. Days are civil, both ends included; without a
    first day everything up to the last one. Deleted documents and drafts are left out."""

    listings: tuple[str, ...]

    def lines(
        self, listing: str, first: date | None, last: date, after: str = ""
    ) -> AsyncIterator[LedgerPage]:
        """Pages of the documents of a listing by their own date; on from behind a page when its
        cursor is given. A document may come twice, none is skipped."""
        ...

    async def line(self, match: str) -> LedgerLine | None:
        """One document as it is now; None when it is no final document (any more)."""
        ...

    def credit(self, last: date, after: str = "") -> AsyncIterator[SumPage]:
        """What clients have left of credits dated up to a day."""
        ...


BY_KEY = "expenses by key"
"""The listing of what a target only tells when it is asked for our keys, one by one."""

LINKED = "customers by number"
"""The listing of the customers that clients are linked to."""


@runtime_checkable
class TargetLedger(Protocol):
    """What a target lists of its ledgers, by posting date; as for the source otherwise.
    `expense_listings` are those of what persons paid and vendors are owed, `cost_listings` of what
    the company paid by itself."""

    listings: tuple[str, ...]
    expense_listings: tuple[str, ...]
    cost_listings: tuple[str, ...]

    def entries(
        self, listing: str, scope: Scope, first: date | None, last: date, after: str = ""
    ) -> AsyncIterator[LedgerPage]:
        """Pages of entries. What carries no key of the scope has no match; what is outside of
        the scope is left out."""
        ...

    async def entries_of(self, scope: Scope, match: str, generations: int) -> list[LedgerLine]:
        """Everything posted for one document as it is now, reversals included; its keys count
        up to this generation."""
        ...

    async def adopted(self, scope: Scope, match: str, number: str) -> list[LedgerLine]:
        """What stands under the target's own number for an adopted document of what is bought;
        nothing where a listing tells of it."""
        ...

    async def customers(self, numbers: Sequence[str]) -> list[TargetCustomer]:
        """The customers of these numbers, with their currency; those that are gone are left
        out."""
        ...

    def unapplied(self, scope: Scope, last: date, after: str = "") -> AsyncIterator[CreditPage]:
        """What is open of payments and credit memos up to a day, of the scope only."""
        ...

    def control_account(
        self, account: str, first: date | None, last: date, after: str = ""
    ) -> AsyncIterator[SumPage]:
        """Movements of an account of the general ledger, in base currency."""
        ...

    def subledger(self, first: date | None, last: date, after: str = "") -> AsyncIterator[SumPage]:
        """Movements of the customer ledger, in base currency."""
        ...
