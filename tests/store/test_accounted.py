"""The rows as an auditor pages through them."""

from __future__ import annotations

from documents.key import Kind
from documents.row import DocumentState
from store.store import Store
from tests.store.samples import CONNECTION, row


async def _rows(store: Store) -> None:
    for number in range(5):
        closed = number % 2 == 1
        await store.documents.save(row(source_id=f"100000{number}", closed=closed))
    await store.documents.save(row(source_id="2000001", kind=Kind.PAYMENT))
    await store.documents.save(row(source_id="1000000", connection="another"))


async def test_open_documents_come_page_by_page_in_order(store: Store) -> None:
    await _rows(store)
    first = await store.accounted.open_page(CONNECTION, Kind.INVOICE, limit=2)
    assert [each.source_id for each in first] == ["1000000", "1000002"]
    rest = await store.accounted.open_page(CONNECTION, Kind.INVOICE, first[-1].source_id, limit=2)
    assert [each.source_id for each in rest] == ["1000004"]
    assert await store.accounted.open_page(CONNECTION, Kind.INVOICE, rest[-1].source_id) == []


async def test_open_documents_are_counted_per_kind_and_connection(store: Store) -> None:
    await _rows(store)
    assert await store.accounted.open_count(CONNECTION, Kind.INVOICE) == 3
    assert await store.accounted.open_count(CONNECTION, Kind.PAYMENT) == 1
    assert await store.accounted.open_count("another", Kind.INVOICE) == 1
    assert await store.accounted.open_count("nowhere", Kind.INVOICE) == 0


async def test_only_what_has_a_row_is_known(store: Store) -> None:
    await _rows(store)
    asked = ["1000001", "1000001", "9999999", "2000001"]
    known = await store.accounted.known(CONNECTION, Kind.INVOICE, asked)
    assert set(known) == {"1000001"}
    assert known["1000001"].closed
    assert known["1000001"].state is DocumentState.IN_FLIGHT
    assert await store.accounted.known(CONNECTION, Kind.INVOICE, []) == {}
