from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import count
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from documents.key import Key, Kind
from documents.money import Money
from documents.posting import PostingState
from documents.row import DocumentRow, DocumentState
from store.columns import money_columns
from store.conservation import ConservationRow, Tally, law_holds
from store.store import Store
from store.tables import documents, postings
from tests.store.samples import CONNECTION, KEY, hold, posting, row

_amounts = st.one_of(
    st.none(),
    st.builds(
        Money,
        amount=st.decimals(-10_000_000, 8_000_000_000_000, places=6),
        currency=st.sampled_from(["EUR", "USD", "JPY"]),
    ),
)
_saves = st.lists(
    st.tuples(
        st.sampled_from([Kind.INVOICE, Kind.PAYMENT]),
        st.sampled_from(["1", "2", "3", "4"]),
        st.sampled_from(list(DocumentState)),
        _amounts,
        st.booleans(),
    ),
    max_size=12,
)
Save = tuple[Kind, str, DocumentState, Money | None, bool]
_NUMBERS = count()


def _law(rows: list[ConservationRow]) -> bool:
    """The law once more, from its words: every count and every amount by itself."""
    for r in rows:
        parts = (r.posted, r.in_flight, r.held, r.ignored)
        if r.received.count != sum(part.count for part in parts):
            return False
        if r.received.amount != sum((part.amount for part in parts), Decimal(0)):
            return False
    return True


async def _save(store: Store, connection: str, save: Save) -> None:
    kind, source_id, state, amount, by_hold = save
    found = await store.documents.get(connection, kind, source_id)
    base = found or DocumentRow(connection=connection, kind=kind, source_id=source_id)
    by_hold = by_hold or state is DocumentState.HELD
    if state is DocumentState.POSTED:
        await _in_ledger(store, base, amount)
    if by_hold:
        await store.documents.hold(
            connection, kind, source_id, hold(), defaults=base.model_copy(update={"amount": amount})
        )
    else:
        await store.documents.save(base.model_copy(update={"state": state, "amount": amount}))


@cache
def _tag(connection: str) -> str:
    """A tag that no other connection of the same store has: keys are the store's own."""
    return f"{next(_NUMBERS):04}"


async def _in_ledger(store: Store, document: DocumentRow, amount: Money | None) -> None:
    """Put its posting into our record of the ledger, over this amount."""
    key = Key(tag=_tag(document.connection), kind=document.kind, source_id=document.source_id)
    posting_row = await store.postings.open(key, document.connection, None, None)
    await store._database.change(
        update(postings)
        .where(postings.c.key == posting_row.key)
        .values(state=PostingState.POSTED.value, **money_columns(amount))
    )


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(saves=_saves)
async def test_the_law_holds_after_any_sequence_of_saves(store: Store, saves: list[Save]) -> None:
    connection = uuid4().hex
    for save in saves:
        await _save(store, connection, save)
    table = await store.conservation.totals(connection)
    assert law_holds(table)
    assert _law(table)
    assert sum(r.received.count for r in table) == len({(kind, i) for kind, i, *_ in saves})
    await _assert_counted_by_hand(store, connection, table)


async def _assert_counted_by_hand(
    store: Store, connection: str, table: list[ConservationRow]
) -> None:
    expected: dict[tuple[Kind, str], Tally] = defaultdict(Tally)
    for kind in (Kind.INVOICE, Kind.PAYMENT):
        for document in await store.documents.children(connection, kind, ""):
            currency, amount = "", Decimal(0)
            if document.amount is not None:
                currency, amount = document.amount.currency, document.amount.amount
            expected[kind, currency] += Tally(1, amount)
    assert {(r.kind, r.currency): r.received for r in table} == expected


async def test_sums_are_exact_where_binary_fractions_and_integers_of_64_bits_are_not(
    store: Store,
) -> None:
    amounts = [Decimal("0.1"), Decimal("0.2"), *[Decimal("9000000000000.000001")] * 4]
    for n, amount in enumerate(amounts):
        await store.documents.save(row(source_id=str(n), amount=Money.of(amount, "EUR")))
    (only,) = await store.conservation.totals(CONNECTION)
    assert only.in_flight == Tally(6, Decimal("36000000000000.300004"))
    assert only.received == only.in_flight


async def test_documents_are_counted_by_kind_currency_and_state(store: Store) -> None:
    states = [DocumentState.POSTED, DocumentState.HELD, DocumentState.IGNORED]
    for n, state in enumerate(states):
        amount = Money.of(f"{n + 1}.50", "EUR")
        held = hold() if state is DocumentState.HELD else None
        await store.documents.save(row(source_id=str(n), state=state, amount=amount, hold=held))
    await _post(store, Key(tag="D", kind=Kind.INVOICE, source_id="0"), Money.of("1.50", "EUR"), "1")
    await store.documents.save(row(source_id="8", amount=Money.of("7", "JPY")))
    await store.documents.save(row(source_id="9", kind=Kind.PAYMENT))
    euro, yen, payments = await store.conservation.totals(CONNECTION)
    assert (euro.kind, euro.currency) == (Kind.INVOICE, "EUR")
    assert euro.received == Tally(3, Decimal("7.50"))
    assert euro.posted == Tally(1, Decimal("1.50"))
    assert euro.held == Tally(1, Decimal("2.50"))
    assert euro.ignored == Tally(1, Decimal("3.50"))
    assert euro.in_flight == Tally()
    assert (yen.currency, yen.in_flight) == ("JPY", Tally(1, Decimal(7)))
    assert (payments.kind, payments.currency) == (Kind.PAYMENT, "")
    assert payments.in_flight == Tally(1)


async def test_cents_of_several_postings_are_not_counted_twice(store: Store) -> None:
    """PostgreSQL's quotients of sums have decimals, of which whole units were made once more."""
    for n in ("1", "2"):
        await store.documents.save(
            row(source_id=n, state=DocumentState.POSTED, amount=Money.of("0.60", "EUR"))
        )
        key = Key(tag="D", kind=Kind.INVOICE, source_id=n)
        await _post(store, key, Money.of("0.60", "EUR"), n)
    (only,) = await store.conservation.totals(CONNECTION)
    assert only.posted == only.received == Tally(2, Decimal("1.20"))


async def test_a_document_in_a_state_that_nobody_counts_breaks_the_law(store: Store) -> None:
    await store.documents.save(row(amount=Money.of("1", "EUR")))
    await store._database.change(update(documents).values(state="forgotten"))
    table = await store.conservation.totals()
    assert table[0].received == Tally(1, Decimal(1))
    assert not law_holds(table)
    assert not _law(table)


async def test_one_connection_or_all_of_them_are_counted(store: Store) -> None:
    for connection in ("a", "b"):
        await store.documents.save(row(connection=connection, amount=Money.of("1", "EUR")))
    assert (await store.conservation.totals("a"))[0].received == Tally(1, Decimal(1))
    assert (await store.conservation.totals())[0].received == Tally(2, Decimal(2))
    assert await store.conservation.totals("c") == []


async def test_a_period_has_its_first_and_its_last_day(store: Store) -> None:
    first, last = date(2026, 2, 1), date(2026, 2, 28)
    begin = datetime(2026, 2, 1, tzinfo=UTC)
    end = datetime(2026, 3, 1, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    for n, moment in enumerate([begin - tick, begin, end - tick, end]):
        await store.documents.save(row(source_id=str(n), received_at=moment))
    (only,) = await store.conservation.totals(CONNECTION, (first, last))
    assert only.received.count == 2


async def test_a_period_that_ends_before_it_begins_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        await store.conservation.totals(None, (date(2026, 2, 2), date(2026, 2, 1)))


async def _post(store: Store, key: Key, amount: Money | None, number: str) -> None:
    await store.postings.open(key, CONNECTION, None, amount)
    await store.postings.confirm(key.text(), posting(PostingState.POSTED, number, key))


async def test_reversals_are_shown_beside_and_never_netted_away(store: Store) -> None:
    await store.documents.save(
        row(state=DocumentState.POSTED, amount=Money.of("12.00", "EUR"), generation=2)
    )
    second = KEY.model_copy(update={"generation": 2})
    await _post(store, KEY, Money.of("10.00", "EUR"), "103001")
    await _post(store, KEY.of_kind(Kind.INVOICE_REVERSAL), None, "104001")
    await _post(store, second, Money.of("12.00", "EUR"), "103002")
    (only,) = await store.conservation.totals(CONNECTION)
    assert only.received == only.posted == Tally(1, Decimal("12.00"))
    assert only.reversed == Tally(1, Decimal("10.00"))
    assert only.law_holds


async def test_a_reversal_that_is_not_in_the_ledger_does_not_count(store: Store) -> None:
    await store.documents.save(row(amount=Money.of("10.00", "EUR")))
    await _post(store, KEY, Money.of("10.00", "EUR"), "103001")
    await store.postings.open(KEY.of_kind(Kind.INVOICE_REVERSAL), CONNECTION, None, None)
    (only,) = await store.conservation.totals(CONNECTION)
    assert only.reversed == Tally()


async def _posted(store: Store) -> None:
    await store.documents.save(row(state=DocumentState.POSTED, amount=Money.of("10.00", "EUR")))
    await _post(store, KEY, Money.of("10.00", "EUR"), "103001")
    assert law_holds(await store.conservation.totals(CONNECTION))
    assert await store.conservation.strays(CONNECTION) == []


async def test_a_posting_that_is_gone_breaks_the_law(store: Store) -> None:
    await _posted(store)
    await store._database.change(delete(postings))
    (only,) = await store.conservation.totals(CONNECTION)
    assert (only.received, only.posted) == (Tally(1, Decimal("10.00")), Tally())
    assert not only.law_holds
    (stray,) = await store.conservation.strays(CONNECTION)
    assert "no posting of it is in the ledger" in stray.what


async def test_a_posting_over_another_amount_breaks_the_law(store: Store) -> None:
    await _posted(store)
    await store._database.change(update(postings).values(amount_millionths=12_000_000))
    (only,) = await store.conservation.totals(CONNECTION)
    assert (only.received.amount, only.posted.amount) == (Decimal("10.00"), Decimal("12.00"))
    assert not only.law_holds
    (stray,) = await store.conservation.strays(CONNECTION)
    assert (str(stray.amount), str(stray.posted)) == ("10.00 EUR", "12.00 EUR")


async def test_two_postings_of_a_document_that_stand_are_named(store: Store) -> None:
    await _posted(store)
    await _post(store, KEY.model_copy(update={"generation": 2}), Money.of("10.00", "EUR"), "103002")
    (stray,) = await store.conservation.strays(CONNECTION)
    assert stray.what == "is in the ledger more than once"


async def test_what_was_looked_at_and_has_no_row_was_received(store: Store) -> None:
    await _posted(store)
    await store.sightings.looked(CONNECTION, "invoice", "1000001", "v1")
    await store.sightings.looked(CONNECTION, "invoice", "1000002", "v1")
    unknown, euro = await store.conservation.totals(CONNECTION)
    assert euro.law_holds
    assert (unknown.received, unknown.law_holds) == (Tally(1), False)
    (stray,) = await store.conservation.strays(CONNECTION)
    assert (stray.source_id, stray.what) == ("1000002", "was looked at, and there is no row of it")


async def test_a_row_that_is_gone_leaves_its_posting_behind(store: Store) -> None:
    await _posted(store)
    await store._database.change(delete(documents))
    (stray,) = await store.conservation.strays(CONNECTION)
    assert (stray.source_id, stray.what) == ("1000001", "is in the ledger, and has no row")


async def test_what_is_held_for_no_cause_is_not_accounted_for(store: Store) -> None:
    await store.documents.save(row(state=DocumentState.HELD, amount=Money.of("1", "EUR")))
    assert not law_holds(await store.conservation.totals(CONNECTION))
    (stray,) = await store.conservation.strays(CONNECTION)
    assert stray.what == "counts as held, and nothing says why"


async def test_a_refund_and_what_is_posted_in_another_currency_are_accounted_for(
    store: Store,
) -> None:
    refund = row(kind=Kind.PAYMENT, state=DocumentState.POSTED, amount=Money.of("-5", "EUR"))
    await store.documents.save(refund)
    await _post(store, KEY.of_kind(Kind.REFUND), Money.of("5", "EUR"), "9")
    other = Key(tag="D", kind=Kind.EXPENSE, source_id="7")
    claim = row(kind=Kind.EXPENSE, source_id="7", state=DocumentState.POSTED)
    await store.documents.save(claim.model_copy(update={"amount": Money.of("5", "USD")}))
    await _post(store, other, Money.of("4.60", "EUR"), "10")
    assert law_holds(await store.conservation.totals(CONNECTION))
    assert await store.conservation.strays(CONNECTION) == []


async def _claimed(store: Store) -> Key:
    """An expense over 18.00 that is in the ledger; returns its key."""
    key = Key(tag="D", kind=Kind.EXPENSE, source_id="5000001")
    amount = Money.of("18.00", "USD")
    claim = row(kind=Kind.EXPENSE, source_id="5000001", state=DocumentState.POSTED)
    await store.documents.save(claim.model_copy(update={"amount": amount}))
    await _post(store, key, amount, "PPI1")
    return key


async def test_an_expense_that_lost_its_posting_breaks_the_law(store: Store) -> None:
    await _claimed(store)
    assert law_holds(await store.conservation.totals(CONNECTION))
    await store._database.change(delete(postings))
    (claims,) = await store.conservation.totals(CONNECTION)
    assert (claims.kind, claims.law_holds) == (Kind.EXPENSE, False)
    (stray,) = await store.conservation.strays(CONNECTION)
    assert (stray.kind, stray.source_id) == (Kind.EXPENSE, "5000001")


async def test_an_expense_that_is_posted_twice_is_named(store: Store) -> None:
    key = await _claimed(store)
    again = key.model_copy(update={"generation": 2})
    await _post(store, again, Money.of("18.00", "USD"), "PPI2")
    (stray,) = await store.conservation.strays(CONNECTION)
    assert (stray.kind, stray.what) == (Kind.EXPENSE, "is in the ledger more than once")


async def test_an_expense_that_was_looked_at_and_has_no_row_was_received(store: Store) -> None:
    await store.sightings.looked(CONNECTION, "expense", "5000002", "v1")
    (claims,) = await store.conservation.totals(CONNECTION)
    assert (claims.kind, claims.received, claims.law_holds) == (Kind.EXPENSE, Tally(1), False)
