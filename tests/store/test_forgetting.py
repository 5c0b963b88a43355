"""Forgetting a client, as both databases do it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from activities.posting import is_adopted
from documents.key import Key, Kind
from documents.posting import PostingState
from documents.row import DocumentState
from store.cipher import Cipher
from store.entries import Fact
from store.errors import ClientInUse
from store.keyring import KeyRing
from store.store import Store
from store.tables import ENCRYPTED
from tests.store.samples import (
    CONNECTION,
    KEY,
    PLANTED,
    decision,
    full_row,
    posting,
    proposed_break,
    record,
    row,
)

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
    for kind in (Kind.DUPLICATE_REVERSAL, Kind.WRITE_OFF):
        await store.postings.open(KEY.of_kind(kind), CONNECTION, record(), None)
    await store.references.put(CONNECTION, Kind.CUSTOMER, CLIENT, CLIENT, "C0001")


async def test_what_names_a_client_is_erased_and_the_books_stay(store: Store) -> None:
    await _settled(store)
    forgotten = await store.forgetting.client(CONNECTION, CLIENT)
    assert (forgotten.texts, forgotten.records) == (4, 3)
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


_BOOKS = {
    Kind.INVOICE: "1000001",
    Kind.INVOICE_REVERSAL: "1000001",
    Kind.PAYMENT: "5",
    Kind.PAYMENT_REVERSAL: "5",
    Kind.REFUND: "5",
    Kind.REFUND_REVERSAL: "5",
    Kind.CREDIT_APPLICATION: "5",
    Kind.CREDIT_NOTE: "6",
    Kind.CREDIT_NOTE_REVERSAL: "6",
    Kind.PREPAYMENT: "6",
    Kind.PREPAYMENT_REVERSAL: "6",
    Kind.CUSTOMER: CLIENT,
}
"""Everything that a client's documents become in the books, by source id."""


async def _lived(store: Store) -> None:
    """A client of whom the store knows all that it can know, everything settled."""
    await store.documents.save(full_row())
    for kind, source_id, parent in ((Kind.PAYMENT, "5", "1000001"), (Kind.CREDIT_NOTE, "6", "")):
        said = {"reason": PLANTED["why"], "decision": decision(), "closed": True}
        where = {"party_id": CLIENT, "parent_id": parent}
        await store.documents.save(row(kind=kind, source_id=source_id, **where, **said))
    for number, (kind, source_id) in enumerate(_BOOKS.items()):
        key = Key(tag="D", kind=kind, source_id=source_id)
        await store.postings.open(key, CONNECTION, record(), None)
        made = posting(PostingState.POSTED, f"N{number}", key)
        await store.postings.confirm(key.text(), made)
    await store.references.put(CONNECTION, Kind.CUSTOMER, CLIENT, CLIENT, "C0001")
    matches = [f"{kind.value}/{source_id}" for kind, source_id in _BOOKS.items()]
    by_party = proposed_break("").model_copy(update={"entry": "E1", "party": "C0001"})
    await store.breaks.found(1, [*(proposed_break(each) for each in matches), by_party])
    for what, which in (*((k.value, i) for k, i in _BOOKS.items()), ("break", "E1")):
        told = Fact(CONNECTION, what, which, "changed", why=PLANTED["why"])
        await store.audit.append(told)


async def _readable(store: Store, ring: KeyRing) -> str:
    """Everything that the keys open in any encrypted column."""
    cipher, found = Cipher(ring), list[bytes]()
    for column in ENCRYPTED:
        content = column.table.c[column.name]
        identity = [column.table.c[name] for name in column.identity]
        query = select(*identity, content).where(content.is_not(None))
        rows = await store._database.rows(query)
        found += [cipher.decrypt(r[-1], column.context(tuple(r[:-1]))) for r in rows]
    return b"\n".join(found).decode()


async def test_with_the_key_nothing_of_the_client_can_be_read_any_more(
    store: Store, ring: KeyRing
) -> None:
    await _lived(store)
    before = await _readable(store, ring)
    # Who decided is an employee: the journal without them would be none.
    planted = {text for what, text in PLANTED.items() if text in before and what != "email"}
    assert {PLANTED["person"], PLANTED["iban"], PLANTED["why"], PLANTED["seal"]} <= planted
    forgotten = await store.forgetting.client(CONNECTION, CLIENT)
    assert forgotten.records == len(_BOOKS)
    after = await _readable(store, ring)
    assert not [text for text in planted if text in after]
    assert (await store.audit.verify(CONNECTION)).damages == ()


async def test_a_forgotten_posting_is_still_ours(store: Store) -> None:
    await store.documents.save(
        full_row().model_copy(update={"state": DocumentState.POSTED, "hold": None})
    )
    await store.postings.open(KEY, CONNECTION, record(), None)
    await store.postings.confirm(KEY.text(), posting(PostingState.POSTED, "103001"))
    await store.forgetting.client(CONNECTION, CLIENT)
    sent = await store.postings.get(KEY.text())
    (outcome,) = await store.outcomes.of(CONNECTION, Kind.INVOICE, ["1000001"])
    assert sent is not None
    assert (sent.record, sent.was_sent, is_adopted(sent), outcome.linked) == (
        None, True, False, False,
    )  # fmt: skip
