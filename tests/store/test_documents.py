from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.key import Kind
from documents.money import Money
from documents.row import DocumentRow, DocumentState
from store.cipher import Cipher
from store.columns import from_millionths, to_millionths
from store.documents import Documents
from store.errors import AmountOutOfRange, NumberTaken, StaleRow, Unstorable
from store.keyring import KeyRing
from store.store import Store
from tests.store.samples import CONNECTION, NOW, full_row, hold, row


async def test_a_document_that_was_never_seen_has_no_row(store: Store) -> None:
    assert await store.documents.get(CONNECTION, Kind.INVOICE, "1") is None


async def test_a_row_is_read_back_as_it_was_saved(store: Store) -> None:
    saved = await store.documents.save(full_row())
    found = await store.documents.get(CONNECTION, Kind.INVOICE, "1000001")
    assert found == saved
    unchanged = full_row().model_copy(
        update={
            "version": 1,
            "received_at": saved.received_at,
            "updated_at": saved.updated_at,
        }
    )
    assert found == unchanged


async def test_every_save_raises_the_version_and_keeps_when_it_was_received(
    url: str, ring: KeyRing
) -> None:
    moments = iter([NOW, NOW + timedelta(hours=1)])
    async with await Store.open(url, Cipher(ring), migrate=True, now=lambda: next(moments)) as s:
        first = await s.documents.save(row())
        second = await s.documents.save(first.model_copy(update={"received_at": None}))
    assert (first.version, first.received_at, first.updated_at) == (1, NOW, NOW)
    assert (second.version, second.received_at) == (2, NOW)
    assert second.updated_at == NOW + timedelta(hours=1)


async def test_a_row_is_inserted_once(store: Store) -> None:
    await store.documents.save(row())
    with pytest.raises(StaleRow, match="1000001"):
        await store.documents.save(row())


async def test_a_stale_row_is_not_saved(store: Store) -> None:
    first = await store.documents.save(row())
    await store.documents.save(first.model_copy(update={"target_number": "103001"}))
    with pytest.raises(StaleRow):
        await store.documents.save(first.model_copy(update={"target_number": "103002"}))
    found = await store.documents.get(CONNECTION, Kind.INVOICE, "1000001")
    assert found is not None
    assert found.target_number == "103001"


async def test_of_many_saves_of_one_version_exactly_one_wins(store: Store) -> None:
    first = await store.documents.save(row())

    async def attempt(number: int) -> bool:
        try:
            await store.documents.save(first.model_copy(update={"target_number": str(number)}))
        except StaleRow:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(n) for n in range(20)))) == 1


async def test_a_document_is_held_whether_it_has_a_row_or_not(store: Store) -> None:
    amount = Money.of("5.00", "USD")
    defaults = row(source_number="INV-7", amount=amount, party_id="9")
    held = await store.documents.hold(
        CONNECTION, Kind.INVOICE, "1000001", hold(), defaults=defaults
    )
    assert (held.state, held.hold, held.amount) == (DocumentState.HELD, hold(), amount)
    assert (held.source_number, held.party_id, held.version) == ("INV-7", "9", 1)
    again = await store.documents.hold(CONNECTION, Kind.INVOICE, "1000001", hold("blocked"))
    assert (again.version, again.amount, again.hold) == (2, amount, hold("blocked"))


async def test_an_amount_of_zero_is_known(store: Store) -> None:
    nothing, something = Money.zero("EUR"), Money.of("5.00", "USD")
    await store.documents.save(row(amount=nothing))
    held = await store.documents.hold(
        CONNECTION, Kind.INVOICE, "1000001", hold(), defaults=row(amount=something)
    )
    assert held.amount == nothing


async def test_the_age_of_a_hold_counts_from_the_first_time_of_its_cause(
    url: str, ring: KeyRing
) -> None:
    hours = iter(range(100))
    opened = await Store.open(
        url, Cipher(ring), migrate=True, now=lambda: NOW + timedelta(hours=next(hours))
    )
    async with opened as s:
        first = await s.documents.hold(CONNECTION, Kind.INVOICE, "1", hold("a", "one"))
        same = await s.documents.hold(CONNECTION, Kind.INVOICE, "1", hold("a", "two"))
        other = await s.documents.hold(CONNECTION, Kind.INVOICE, "1", hold("b"))
    assert same.held_since == first.held_since
    assert same.hold == hold("a", "two")
    assert other.held_since is not None
    assert first.held_since is not None
    assert other.held_since > first.held_since


async def test_holding_wins_against_savers_of_the_same_row(store: Store) -> None:
    await store.documents.save(row())
    await asyncio.gather(
        *(store.documents.hold(CONNECTION, Kind.INVOICE, "1000001", hold(str(n))) for n in range(4))
    )
    found = await store.documents.get(CONNECTION, Kind.INVOICE, "1000001")
    assert found is not None
    assert (found.version, found.state) == (5, DocumentState.HELD)


async def test_held_documents_come_in_pages_longest_held_first(store: Store) -> None:
    for n in range(7):
        since = NOW - timedelta(days=n // 2)
        held = row(source_id=str(n), state=DocumentState.HELD, hold=hold(), held_since=since)
        await store.documents.save(held)
    await store.documents.save(row(source_id="8", connection="other"))
    seen: list[DocumentRow] = []
    after = ""
    while page := await store.documents.held(CONNECTION, after=after, limit=2):
        assert len(page) <= 2
        seen += page
        after = Documents.cursor(page[-1])
    assert [r.source_id for r in seen] == ["6", "4", "5", "2", "3", "0", "1"]


async def test_a_held_row_without_a_moment_is_listed_like_the_others(store: Store) -> None:
    saved = await store.documents.save(row(state=DocumentState.HELD, hold=hold()))
    assert saved.held_since is not None
    assert await store.documents.held() == [saved]


async def test_held_documents_are_found_by_connection_and_cause(store: Store) -> None:
    await store.documents.hold("a", Kind.INVOICE, "1", hold("x"))
    await store.documents.hold("a", Kind.INVOICE, "2", hold("y"))
    await store.documents.hold("b", Kind.INVOICE, "3", hold("x"))

    async def ids(connection: str | None, cause: str | None) -> set[str]:
        return {r.source_id for r in await store.documents.held(connection, cause)}

    assert await ids(None, None) == {"1", "2", "3"}
    assert await ids("a", None) == {"1", "2"}
    assert await ids(None, "x") == {"1", "3"}
    assert await ids("b", "y") == set()


async def test_only_a_held_row_has_a_place_in_the_listing() -> None:
    with pytest.raises(ValueError, match="not held"):
        Documents.cursor(row())


async def test_documents_are_found_by_either_number_or_their_id(store: Store) -> None:
    saved = await store.documents.save(row(source_number="INV-1", target_number="103001"))
    for text in ("INV-1", " 103001 ", "1000001"):
        assert await store.documents.find_by_number(CONNECTION, text) == [saved]
    assert await store.documents.find_by_number("other", "INV-1") == []
    assert await store.documents.find_by_number(CONNECTION, " ") == []


async def test_the_open_documents_of_a_party_are_concerned(store: Store) -> None:
    open_one = await store.documents.save(row(source_id="1", party_id="9"))
    await store.documents.save(row(source_id="2", party_id="9", closed=True))
    await store.documents.save(row(source_id="3", party_id="8"))
    assert await store.documents.concerned(CONNECTION, "9") == [open_one]


async def test_the_payments_of_an_invoice_are_its_children(store: Store) -> None:
    payment = await store.documents.save(row(kind=Kind.PAYMENT, source_id="5", parent_id="1000001"))
    await store.documents.save(row(kind=Kind.PAYMENT, source_id="6", parent_id="1000002"))
    assert await store.documents.children(CONNECTION, Kind.PAYMENT, "1000001") == [payment]
    assert await store.documents.children(CONNECTION, Kind.REFUND, "1000001") == []


async def test_a_target_number_belongs_to_one_document(store: Store) -> None:
    await store.documents.claim_number(CONNECTION, Kind.INVOICE, "103001", "1")
    await store.documents.claim_number(CONNECTION, Kind.INVOICE, "103001", "1")
    with pytest.raises(NumberTaken, match="invoice 103001"):
        await store.documents.claim_number(CONNECTION, Kind.INVOICE, "103001", "2")
    await store.documents.claim_number(CONNECTION, Kind.PAYMENT, "103001", "2")
    await store.documents.claim_number("other", Kind.INVOICE, "103001", "2")


async def test_a_number_claimed_by_mistake_is_given_back_by_its_owner_only(store: Store) -> None:
    await store.documents.claim_number(CONNECTION, Kind.INVOICE, "103001", "1")
    assert not await store.documents.release_number(CONNECTION, Kind.INVOICE, "103001", "2")
    assert await store.documents.release_number(CONNECTION, Kind.INVOICE, "103001", "1")
    await store.documents.claim_number(CONNECTION, Kind.INVOICE, "103001", "2")


async def test_of_many_claims_of_one_number_exactly_one_wins(store: Store) -> None:
    async def attempt(source_id: str) -> bool:
        try:
            await store.documents.claim_number(CONNECTION, Kind.INVOICE, "1", source_id)
        except NumberTaken:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(str(n)) for n in range(20)))) == 1


@pytest.mark.parametrize("amount", ["0.0000001", "9300000000000", "1E+30", "1E-400000"])
async def test_an_amount_that_cannot_be_kept_exactly_is_refused(store: Store, amount: str) -> None:
    with pytest.raises(AmountOutOfRange, match="cannot be stored"):
        await store.documents.save(row(amount=Money.of(amount, "EUR")))
    assert await store.documents.get(CONNECTION, Kind.INVOICE, "1000001") is None


async def test_text_that_one_database_cannot_keep_is_refused_by_both(store: Store) -> None:
    with pytest.raises(Unstorable, match="NUL"):
        await store.documents.save(row(source_number="INV\x00"))


async def test_a_moment_without_a_time_zone_is_refused(store: Store) -> None:
    naive = datetime(2026, 3, 1, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(Unstorable, match="time zone"):
        await store.documents.save(row(held_since=naive))


@given(st.decimals("-9000000000000", "9000000000000", places=6))
def test_an_amount_is_the_same_after_storing(amount: Decimal) -> None:
    assert from_millionths(to_millionths(amount), "EUR") == amount


@pytest.mark.parametrize(
    ("text", "currency", "shown"),
    [
        ("10", "EUR", "10.00"),
        ("10.5", "EUR", "10.50"),
        ("10.505", "EUR", "10.505"),
        ("-0.01", "USD", "-0.01"),
        ("100", "JPY", "100"),
        ("1.5", "KWD", "1.500"),
        ("0", "EUR", "0.00"),
    ],
)
def test_an_amount_is_shown_with_the_decimals_of_its_currency(
    text: str, currency: str, shown: str
) -> None:
    assert str(from_millionths(to_millionths(Decimal(text)), currency)) == shown
