"""Rows and records that the tests of the store use."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from documents.hold import Hold, HoldClass
from documents.key import Key, Kind
from documents.ledger import BookKind
from documents.money import Money
from documents.posting import Posting, PostingState
from documents.record import Figures, MappedRecord, TraceEntry
from documents.row import Action, Decision, DocumentRow, DocumentState
from documents.tieout import Break, BreakState, BreakType

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CONNECTION = "demo-nav"
KEY = Key(tag="D", kind=Kind.INVOICE, source_id="1000001")

PLANTED = {
    "person": "Wilhelmina Featherstonehaugh",
    "email": "wilhelmina@planted.example",
    "iban": "DE89370400440532013000",
    "token": "planted-refresh-token-7d1f",
    "secret": "planted-client-secret-93ab",
    "verifier": "planted-verifier-55c0",
    "why": "planted reason of a decision",
    "seal": "k1:planted-seal-of-a-decision",
}


def row(**fields: Any) -> DocumentRow:
    return DocumentRow(
        **{"connection": CONNECTION, "kind": Kind.INVOICE, "source_id": "1000001", **fields}
    )


def hold(cause: str = "unknown-account", reason: str = "") -> Hold:
    return Hold(
        cause=cause,
        hold_class=HoldClass.SETUP,
        reason=reason or f"{PLANTED['person']} has no account",
        remedy="map it",
        values={"email": PLANTED["email"], "total": "10.00"},
    )


def decision() -> Decision:
    return Decision(
        action=Action.CORRECT,
        who=PLANTED["email"],
        why=PLANTED["why"],
        at=NOW,
        values={"account": PLANTED["iban"]},
    )


def full_row() -> DocumentRow:
    """A row with something in every field."""
    return row(
        source_number="INV-0001",
        party_id="2000002",
        parent_id="3000003",
        state=DocumentState.HELD,
        reason=f"waits for {PLANTED['person']}",
        amount=Money.of("1234.50", "EUR"),
        generation=2,
        fingerprint="f" * 64,
        target_number="103001",
        target_party="C0001",
        reversed_count=1,
        hold=hold(),
        held_since=NOW,
        decision=decision(),
        closed=True,
    )


def record(total: str = "110.00") -> MappedRecord:
    amount = Money.of(total, "EUR")
    net = Money.of(Decimal(total) - 10, "EUR")
    return MappedRecord(
        kind=Kind.INVOICE,
        entity="salesInvoice",
        header={"customerName": PLANTED["person"], "iban": PLANTED["iban"], "open": True},
        lines=({"description": "true", "amount": total}, {"description": "ünï ☃", "x": False}),
        expected=Figures(net=net, tax=Money.of("10.00", "EUR"), total=amount),
        tolerance=Decimal("0.010"),
        trace=(TraceEntry(field="customerName", rule="copy", source="name", value="x"),),
        spec="nav@1",
    )


def proposed_break(match: str = "invoice/1000001") -> Break:
    return Break(
        connection=CONNECTION,
        period="2026-02",
        type=BreakType.AMOUNT,
        kind=BookKind.INVOICE,
        match=match,
        currency="EUR",
        difference=Decimal("0.01"),
        state=BreakState.PROPOSED,
        how=f"proposed by {PLANTED['person']}: {PLANTED['why']}",
        proposer=PLANTED["person"],
        proof=PLANTED["seal"],
    )


def posting(state: PostingState, number: str | None = None, key: Key = KEY) -> Posting:
    return Posting(key=key.text(), kind=key.kind, state=state, number=number)
