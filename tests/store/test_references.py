from __future__ import annotations

from documents.key import Kind
from store.store import Store
from tests.store.samples import CONNECTION


async def test_the_partner_of_a_document_is_found_from_both_sides(store: Store) -> None:
    made = await store.references.put(CONNECTION, Kind.INVOICE, "1", "INV-1", "103001")
    assert await store.references.get(CONNECTION, Kind.INVOICE, "1") == made
    assert await store.references.by_target(CONNECTION, Kind.INVOICE, "103001") == [made]
    assert (made.source_number, made.target_number) == ("INV-1", "103001")


async def test_what_has_no_partner_is_not_found(store: Store) -> None:
    await store.references.put(CONNECTION, Kind.INVOICE, "1", "INV-1", "103001")
    assert await store.references.get("other", Kind.INVOICE, "1") is None
    assert await store.references.get(CONNECTION, Kind.PAYMENT, "1") is None
    assert await store.references.by_target(CONNECTION, Kind.PAYMENT, "103001") == []


async def test_the_latest_partner_counts(store: Store) -> None:
    await store.references.put(CONNECTION, Kind.CUSTOMER, "1", "", "C1")
    latest = await store.references.put(CONNECTION, Kind.CUSTOMER, "1", "", "C2")
    assert await store.references.get(CONNECTION, Kind.CUSTOMER, "1") == latest
    assert await store.references.by_target(CONNECTION, Kind.CUSTOMER, "C1") == []


async def test_several_clients_may_share_one_customer(store: Store) -> None:
    for source_id in ("2", "1"):
        await store.references.put(CONNECTION, Kind.CUSTOMER, source_id, "", "C1")
    found = await store.references.by_target(CONNECTION, Kind.CUSTOMER, "C1")
    assert [reference.source_id for reference in found] == ["1", "2"]
