"""Customer ledger entries: what is posted, how much of it is open, what it settles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.errors import Rejected, Unavailable
from connectors.nav.company import Company
from connectors.nav.errors import SYSTEM, rejected
from connectors.nav.odata import Entity
from connectors.nav.values import equals, option
from connectors.spans import shifted
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState
from documents.record import Figures

DOCUMENT_KINDS = {
    "Payment": Kind.PAYMENT,
    "Invoice": Kind.INVOICE,
    "Credit Memo": Kind.CREDIT_NOTE,
    "Refund": Kind.REFUND,
}
"""What an entry that we did not make stands for; others count as invoices by their sign."""

_TYPES = {
    Kind.PAYMENT: "Payment",
    Kind.PAYMENT_REVERSAL: "Payment",
    Kind.PREPAYMENT: "Payment",
    Kind.PREPAYMENT_REVERSAL: "Payment",
    Kind.REFUND: "Refund",
    Kind.REFUND_REVERSAL: "Refund",
    Kind.CREDIT_NOTE: "Credit Memo",
    Kind.INVOICE_REVERSAL: "Credit Memo",
    Kind.DUPLICATE_REVERSAL: "Credit Memo",
    Kind.LATE_FEE_REVERSAL: "Credit Memo",
}
"""Document type in the ledger of what we make; everything else is an invoice."""

_FIELDS = (
    "Entry_No",
    "Customer_No",
    "Document_Type",
    "Document_No",
    "Currency_Code",
    "Amount",
    "Remaining_Amount",
    "Posting_Date",
    "Reversed",
)


@dataclass(frozen=True)
class Application:
    """What settles what: the entry on the other side, how much (in the entry's currency), and
    the number of its latest detailed entry, which tells applications apart in time."""

    other: Entity
    amount: Decimal
    order: int


class Ledger:
    """Reads the customer ledger of one company.

    Amounts leave here as positive magnitudes in the entry's own currency: NAV writes a payment
    as a negative amount, and the kind of a posting says the direction already.
    """

    def __init__(self, company: Company) -> None:
        self._company = company
        self._names = company.settings.services
        self._key_field = company.settings.ledger_key_field

    async def by_key(self, key: Key) -> list[Entity]:
        """Entries with our key, oldest first, reversed ones included."""
        return await self._find("read ledger by key", **{self._key_field: key.text()})

    async def by_document(self, number: str, document_type: str) -> Entity | None:
        """The entry of a posted document."""
        found = await self._find("read ledger by document", Document_No=number)
        typed = [e for e in found if option(e["Document_Type"]) == document_type]
        return typed[0] if typed else None

    async def lookup(self, key: Key) -> Posting:
        """The posting that an entry with our key stands for; absent when there is none.

        Several entries with the key that are not reversed are held. An entry that takes another
        back is marked reversed by NAV too, and is a posting all the same.
        """
        entries = await self.by_key(key)
        live = [e for e in entries if e["Reversed"] is not True]
        if len(live) > 1:
            raise duplicate("look up in ledger", key, (e.text("Document_No") for e in live))
        if not entries:
            return Posting(key=key.text(), kind=key.kind, state=PostingState.ABSENT)
        reversing = key.kind.value.endswith("_reversal")
        state = PostingState.POSTED if live or reversing else PostingState.REVERSED
        return await self._posting(key, (live or entries)[0], state)

    async def by_number(self, key: Key, number: str) -> Posting:
        """The posting under NAV's own document number, for a document of the key's kind.

        People post without a document type too: the only entry of the number counts then.
        """
        entry = await self._numbered(key, number)
        if entry is None:
            return Posting(key=key.text(), kind=key.kind, state=PostingState.ABSENT)
        state = PostingState.REVERSED if entry["Reversed"] is True else PostingState.POSTED
        return await self._posting(key, entry, state)

    async def reference_of(self, key: Key, number: str) -> str:
        """The reference by which the entry under NAV's own number is found alone; empty when it
        bears none, or not alone."""
        entry = await self._numbered(key, number)
        reference = self.reference(entry) if entry else ""
        if not reference:
            return ""
        found = await self._find("read ledger by reference", **{self._key_field: reference})
        return reference if len(found) == 1 else ""

    async def _numbered(self, key: Key, number: str) -> Entity | None:
        found = await self._find("read ledger by number", Document_No=number)
        typed = [e for e in found if option(e["Document_Type"]) == document_type(key.kind)]
        untyped = [e for e in found if not option(e["Document_Type"])]
        return next(iter(typed), untyped[0] if len(untyped) == 1 else None)

    async def _posting(self, key: Key, entry: Entity, state: PostingState) -> Posting:
        total = await self.magnitude(entry, "Amount")
        applied = await self.applications(entry)
        return Posting(
            key=key.text(),
            kind=key.kind,
            state=state,
            number=entry.text("Document_No"),
            party=entry.text("Customer_No"),
            figures=Figures(net=total, tax=Money.zero(total.currency), total=total),
            remaining=await self.remaining(entry),
            posting_date=entry.day("Posting_Date"),
            applied_to=tuple(each.other.text("Document_No") for each in applied),
            applied_amounts=tuple(Money.of(each.amount, total.currency) for each in applied),
        )

    async def magnitude(self, entry: Entity, field: str) -> Money:
        """An amount of an entry without its sign."""
        currency = await self._company.iso_currency(entry.text("Currency_Code"))
        return Money.of(abs(entry.number(field)), currency)

    def reference(self, entry: Entity) -> str:
        """The field of an entry that carries our key, whatever it holds."""
        return entry.text(self._key_field)

    async def remaining(self, entry: Entity) -> Money:
        """What is still open on an entry."""
        return await self.magnitude(entry, "Remaining_Amount")

    async def applied_to(self, entry: Entity) -> tuple[str, ...]:
        """Numbers of the documents an entry is applied to, in either direction."""
        applied = await self.applications(entry)
        return tuple(each.other.text("Document_No") for each in applied)

    async def applications(self, entry: Entity) -> list[Application]:
        """What an entry is applied to, in the order of its other sides.

        The detailed entry of the newer side names itself as the applied entry, that of the
        older side names the newer one; NAV's own page of applied entries reads them so.
        """
        if entry.number("Amount") == entry.number("Remaining_Amount"):
            return []
        own = int(entry.number("Entry_No"))
        amounts: dict[int, Decimal] = defaultdict(Decimal)
        latest: dict[int, int] = {}
        rows = await self._applications("Cust_Ledger_Entry_No", own)
        if any(row.number("Applied_Cust_Ledger_Entry_No") == own for row in rows):
            rows += await self._applications("Applied_Cust_Ledger_Entry_No", own)
        for row in rows:
            sides = (row.number("Applied_Cust_Ledger_Entry_No"), row.number("Cust_Ledger_Entry_No"))
            others = [int(side) for side in sides if side not in (own, 0)]
            if others:
                amounts[others[0]] += abs(row.number("Amount"))
                latest[others[0]] = max(latest.get(others[0], 0), int(row.number("Entry_No")))
        return [
            Application(await self._entry(other), amounts[other], latest[other])
            for other in sorted(amounts)
        ]

    async def applied_later(self, entry: Entity) -> list[Entity]:
        """Entries that were applied to a document of this entry after it was: NAV unapplies the
        latest application first and refuses any other order."""
        found: list[Entity] = []
        for mine in await self.applications(entry):
            found += [
                theirs.other
                for theirs in await self.applications(mine.other)
                if theirs.order > mine.order and not _is_same(theirs.other, entry)
            ]
        return found

    async def similar(self, party: str, amount: Money, on: date, days: int) -> list[Posting]:
        """Entries of a customer near a date with this amount and currency and without our key."""
        code = await self._company.nav_currency(amount.currency)
        filters = [
            equals("Customer_No", party),
            equals("Currency_Code", code),
            f"Posting_Date ge {shifted(on, -days)}",
            f"Posting_Date le {shifted(on, days)}",
        ]
        await self._page()
        found = await self._company.odata.find(
            self._names.customer_ledger_entries,
            operation="find similar entries",
            filters=filters,
            orderby="Entry_No",
        )
        wanted = abs(amount.amount)
        return [await self._foreign(e) for e in found if self._resembles(e, party, code, wanted)]

    def _resembles(self, entry: Entity, party: str, code: str, amount: Decimal) -> bool:
        return (
            entry["Reversed"] is not True
            and entry.text("Customer_No").upper() == party.strip().upper()
            and entry.text("Currency_Code").strip().upper() == code.upper()
            and abs(entry.number("Amount")) == amount
            and not is_our_key(entry.text(self._key_field))
        )

    async def _foreign(self, entry: Entity) -> Posting:
        total = await self.magnitude(entry, "Amount")
        by_sign = Kind.INVOICE if entry.number("Amount") >= 0 else Kind.PAYMENT
        return Posting(
            key=entry.text(self._key_field),
            kind=DOCUMENT_KINDS.get(option(entry["Document_Type"]), by_sign),
            state=PostingState.POSTED,
            number=entry.text("Document_No"),
            party=entry.text("Customer_No"),
            figures=Figures(net=total, tax=Money.zero(total.currency), total=total),
            remaining=await self.remaining(entry),
            posting_date=entry.day("Posting_Date"),
        )

    async def _applications(self, field: str, number: int) -> list[Entity]:
        service = self._names.detailed_customer_ledger_entries
        (await self._company.model()).require(
            service,
            "Cust_Ledger_Entry_No",
            "Applied_Cust_Ledger_Entry_No",
            "Entry_No",
            "Entry_Type",
            "Unapplied",
        )
        rows = await self._company.odata.find(
            service, operation="read applications", filters=[equals(field, number)]
        )
        return [
            row
            for row in rows
            if option(row["Entry_Type"]) == "Application" and row["Unapplied"] is not True
        ]

    async def _entry(self, number: int) -> Entity:
        found = await self._find("read applied entry", Entry_No=number)
        if not found:
            raise Unavailable(SYSTEM, "read applied entry", "an applied entry is not to be seen")
        return found[0]

    async def _find(self, operation: str, **values: object) -> list[Entity]:
        await self._page()
        found = await self._company.odata.find_equal(
            self._names.customer_ledger_entries, operation=operation, **values
        )
        return sorted(found, key=lambda entry: entry.number("Entry_No"))

    async def _page(self) -> None:
        model = await self._company.model()
        model.require(self._names.customer_ledger_entries, *_FIELDS, self._key_field)


def _is_same(one: Entity, other: Entity) -> bool:
    return one.number("Entry_No") == other.number("Entry_No")


def document_type(kind: Kind) -> str:
    """The ledger's document type of a posting of this kind."""
    return _TYPES.get(kind, "Invoice")


def is_our_key(text: str) -> bool:
    """Whether a reference was written by us."""
    return Key.read(text) is not None


def duplicate(operation: str, key: Key, numbers: Iterable[str]) -> Rejected:
    """The hold for several documents with one key; it lists their numbers."""
    return rejected(
        operation, "duplicate-in-target", key=key.text(), numbers=", ".join(sorted(numbers))
    )
