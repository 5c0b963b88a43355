"""Forgetting a client, as both databases do it."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.key import Kind
from documents.posting import PostingState
from documents.row import DocumentState
from store.cipher import Cipher
from store.errors import ClientInUse
from store.keyring import KeyRing
from store.store import Store
from tests.store.samples import CONNECTION, KEY, PLANTED, full_row, posting, record, row

CLIENT = "2000002"


async def _settled(store: Store) -> None:
    """A closed invoice with a posting and a payment, its customer, and somebody else's invoice."""
    await store.documents.save(full_row())
    reason = PLANTED["why"]
    paid = row(kind=Kind.PAYMENT, source_id="5", parent_id="1000001", reason=reason, closed=True)
    await store.documents.save(paid)
    await store.documents.save(row(source_id="9", party_id="other", reason=reason, closed=True))
    await store.postings.open(KEY, CONNECTION, record(), None)
    await store.postings.confirm(KEY.text(), posting(PostingState.POSTED, "103001"))
    await store.references.put(CONNECTION, Kind.CUSTOMER, CLIENT, CLIENT, "C0001")


async def test_what_names_a_client_is_erased_and_the_books_stay(store: Store) -> None:
    await _settled(store)
    forgotten = await store.forgetting.client(CONNECTION, CLIENT)
    assert (forgotten.texts, forgotten.records) == (2, 1)
    assert forgotten.customer_number == "C0001"
    assert {each.source_id for each in forgotten.documents} == {"1000001", "5"}
    kept = await store.documents.get(CONNECTION, Kind.INVOICE, "1000001")
    assert kept is not None
    assert (kept.reason, kept.hold, kept.decision) == ("", None, None)
    assert (kept.source_number, kept.target_number) == ("INV-0001", "103001")
    assert kept.amount == full_row().amount
    sent = await store.postings.get(KEY.text())
    assert sent is not None
    assert (sent.record, sent.number) == (None, "103001")


async def test_nobody_else_is_forgotten(store: Store) -> None:
    await _settled(store)
    await store.forgetting.client(CONNECTION, CLIENT)
    other = await store.documents.get(CONNECTION, Kind.INVOICE, "9")
    assert other is not None
    assert other.reason == PLANTED["why"]
    assert (await store.forgetting.client("elsewhere", CLIENT)).documents == ()


async def test_a_client_is_forgotten_again_without_harm(store: Store) -> None:
    await _settled(store)
    await store.forgetting.client(CONNECTION, CLIENT)
    again = await store.forgetting.client(CONNECTION, CLIENT)
    assert (again.texts, again.records, len(again.documents)) == (0, 0, 2)


@pytest.mark.parametrize("state", [DocumentState.IN_FLIGHT, DocumentState.HELD])
async def test_a_client_with_a_document_under_way_is_refused_and_nothing_is_erased(
    store: Store, state: DocumentState
) -> None:
    await _settled(store)
    await store.documents.save(row(source_id="7", party_id=CLIENT, state=state))
    with pytest.raises(ClientInUse, match="1 documents"):
        await store.forgetting.client(CONNECTION, CLIENT)
    kept = await store.documents.get(CONNECTION, Kind.INVOICE, "1000001")
    assert kept is not None
    assert kept.decision is not None


async def test_who_read_the_text_before_cannot_save_it_again(store: Store) -> None:
    await _settled(store)
    before = await store.documents.get(CONNECTION, Kind.INVOICE, "1000001")
    assert before is not None
    await store.forgetting.client(CONNECTION, CLIENT)
    with pytest.raises(Exception, match="no longer at version"):
        await store.documents.save(before)


async def test_with_the_key_nothing_of_the_client_can_be_read_any_more(
    store: Store, url: str, ring: KeyRing
) -> None:
    await _settled(store)
    await store.forgetting.client(CONNECTION, CLIENT)
    assert await store.credentials.keys_in_use() == {
        ("documents.details", "k1"): 1,
        ("key_checks.content", "k1"): 1,
        ("audit_entries.content", "k1"): 5,
        ("audit_entries.words", "k1"): 1,
        ("audit_heads.seal", "k1"): 1,
    }
    if url.startswith("sqlite"):
        await store.close()
        path = Path(url.removeprefix("sqlite:///"))
        content = b"".join(f.read_bytes() for f in path.parent.glob(f"{path.name}*"))
        cipher = Cipher(ring)
        assert PLANTED["person"].encode() not in content
        assert cipher.ring.current == "k1"
