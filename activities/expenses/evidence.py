"""What beside the expense itself speaks for or against it: its receipt, and other claims."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from activities.context import Connection
from connectors.ports import Unreadable
from documents.expense import Expense, ExpenseStage, Receipt, ReceiptRef
from documents.key import Kind
from documents.money import Money
from documents.row import DocumentRow
from policies.expenses.facts import Like, Likeness
from policies.expenses.settings import ANY, ExpensePolicy
from store.claims import Claim, digest_of, order_of
from store.store import Store


@dataclass(frozen=True)
class Evidence:
    """The receipt as it was found, earlier claims that look alike, and what was spent before."""

    receipt: Receipt | None = None
    alike: tuple[Like, ...] = ()
    spent: dict[str, Money] = field(default_factory=dict)


async def evidence_of(
    connection: Connection,
    store: Store,
    found: Expense | Unreadable | None,
    policy: ExpensePolicy,
    row: DocumentRow,
) -> Evidence:
    """Fetch a receipt that was not seen before, remember the claim, compare it with others. What
    is withdrawn is nobody's duplicate, unless it was posted and stands: it may be paid."""
    if not isinstance(found, Expense):
        return Evidence()
    if found.stage is ExpenseStage.DELETED:
        if not row.fingerprint:
            await store.claims.forget(connection.name, found.source_id)
        return Evidence()
    claim, receipt, known = await _claimed(connection, store, found)
    if claim != known:
        await store.claims.put(connection.name, claim)
    return await _weighed(connection, store, claim, receipt, policy)


async def foreseen(
    connection: Connection, store: Store, found: Expense | Unreadable | None, policy: ExpensePolicy
) -> Evidence:
    """The evidence as far as it is known before the claim is remembered. Nothing is written."""
    if not isinstance(found, Expense) or found.stage is ExpenseStage.DELETED:
        return Evidence()
    claim, receipt, _ = await _claimed(connection, store, found)
    return await _weighed(connection, store, claim, receipt, policy)


async def _claimed(
    connection: Connection, store: Store, found: Expense
) -> tuple[Claim, Receipt | None, Claim | None]:
    """The claim as it is now, its receipt, and the claim as it was remembered."""
    known = await store.claims.get(connection.name, found.source_id)
    receipt = await _receipt(connection, found.receipt, known)
    return _claim(found, receipt), receipt, known


async def _weighed(
    connection: Connection,
    store: Store,
    claim: Claim,
    receipt: Receipt | None,
    policy: ExpensePolicy,
) -> Evidence:
    alike = await store.claims.alike(connection.name, claim, policy.duplicate_days)
    others = [each for each in alike if await _stands_before(each, claim, connection, store)]
    before = await store.claims.same_day(connection.name, claim)
    return Evidence(receipt, tuple(_like(claim, each) for each in others), _spent(claim, before))


async def _stands_before(other: Claim, claim: Claim, connection: Connection, store: Store) -> bool:
    """Of two that are alike the later one is held; one that was edited into a later one that is
    posted is the second of the two all the same."""
    if order_of(other) < order_of(claim):
        return True
    row = await store.documents.get(connection.name, Kind.EXPENSE, other.source_id)
    return row is not None and bool(row.fingerprint)


async def _receipt(
    connection: Connection, reference: ReceiptRef | None, known: Claim | None
) -> Receipt | None:
    """A file under a reference never changes, so it is fetched once. One that could not be
    found is asked for again."""
    if reference is None:
        return None
    if known and known.receipt_digest and known.receipt_reference == _digest(reference):
        return Receipt(
            size=known.receipt_size, digest=known.receipt_digest, kind=known.receipt_kind
        )
    return await connection.source.receipt(reference)


def _claim(expense: Expense, receipt: Receipt | None) -> Claim:
    return Claim(
        source_id=expense.source_id,
        person=expense.staff.source_id,
        day=expense.document_date,
        category=expense.category,
        vendor_digest=digest_of(expense.vendor),
        amount=expense.gross,
        receipt_reference=_digest(expense.receipt) if expense.receipt else "",
        receipt_digest=receipt.digest if receipt else "",
        receipt_size=receipt.size if receipt else 0,
        receipt_kind=receipt.kind if receipt else "",
    )


def _digest(reference: ReceiptRef) -> str:
    """A reference opens the file, so that only its digest is kept."""
    return hashlib.sha256(reference.reference.encode()).hexdigest()


def _like(claim: Claim, other: Claim) -> Like:
    same_receipt = claim.receipt_digest and claim.receipt_digest == other.receipt_digest
    likeness = Likeness.RECEIPT if same_receipt else Likeness.CONTENT
    return Like(source_id=other.source_id, likeness=likeness)


def _spent(claim: Claim, before: list[Claim]) -> dict[str, Money]:
    currency = claim.amount.currency
    same = [each.amount for each in before if each.category == claim.category]
    return {
        ANY: Money.total((each.amount for each in before), currency),
        claim.category: Money.total(same, currency),
    }
