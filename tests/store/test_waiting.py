"""Which documents in flight are stuck, and which only wait for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from documents.key import Key, Kind
from documents.posting import Posting, PostingState
from documents.row import DocumentRow
from store.store import Store

_CONNECTION = "demo-nav"
_LATER = datetime.now(UTC) + timedelta(hours=2)


async def _in_flight(store: Store, kind: Kind, source_id: str, parent: str = "") -> None:
    row = DocumentRow(connection=_CONNECTION, kind=kind, source_id=source_id, parent_id=parent)
    await store.documents.save(row)


async def _posting(store: Store, kind: Kind, source_id: str, state: PostingState) -> None:
    key = Key(tag="D", kind=kind, source_id=source_id)
    await store.postings.open(key, _CONNECTION, None, None)
    found = Posting(key=key.text(), kind=kind, state=state, number=f"N{source_id}")
    await store.postings.confirm(key.text(), found)


@pytest.mark.parametrize(
    ("kind", "posting"),
    [
        (Kind.INVOICE, Kind.INVOICE),
        (Kind.PAYMENT, Kind.REFUND),
        (Kind.CREDIT_NOTE, Kind.PREPAYMENT),
    ],
)
async def test_what_waits_for_a_clerk_of_the_target_is_not_stuck(
    store: Store, kind: Kind, posting: Kind
) -> None:
    await _in_flight(store, kind, "1000001")
    assert (await store.waiting.stuck(_CONNECTION, _LATER))[0] == 1
    await _posting(store, posting, "1000001", PostingState.CREATED)
    assert (await store.waiting.stuck(_CONNECTION, _LATER))[0] == 0


async def test_money_of_an_invoice_that_waits_for_a_clerk_is_not_stuck(store: Store) -> None:
    await _in_flight(store, Kind.PAYMENT, "5000001", parent="1000001")
    await _posting(store, Kind.INVOICE, "1000001", PostingState.CREATED)
    assert (await store.waiting.stuck(_CONNECTION, _LATER))[0] == 0


async def test_a_draft_of_another_document_excuses_nobody(store: Store) -> None:
    await _in_flight(store, Kind.PAYMENT, "1000001")
    await _posting(store, Kind.INVOICE, "1000001", PostingState.CREATED)
    await _posting(store, Kind.PAYMENT, "1000002", PostingState.CREATED)
    assert (await store.waiting.stuck(_CONNECTION, _LATER))[0] == 1
