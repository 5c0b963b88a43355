from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from documents.key import Key, Kind
from documents.money import Money
from documents.posting import PostingState
from store.errors import FenceLost, KeyClash, NumberTaken, RecordKept, UnknownPosting
from store.store import Store
from tests.store.samples import CONNECTION, KEY, NOW, posting, record

TEXT = KEY.text()
OTHER = Key(tag="D", kind=Kind.INVOICE, source_id="1000002")
AMOUNT = Money.of("110.00", "EUR")


async def _open(store: Store, key: Key = KEY) -> None:
    await store.postings.open(key, CONNECTION, record(), AMOUNT)


async def _fence(store: Store) -> str:
    return await store.postings.take_fence(
        TEXT, "create", NOW + timedelta(seconds=9), seen=None, settle_seconds=None, now=NOW
    )


async def test_a_key_that_was_never_opened_has_no_row(store: Store) -> None:
    assert await store.postings.get(TEXT) is None


async def test_a_posting_is_opened_absent_with_its_record(store: Store) -> None:
    row = await store.postings.open(KEY, CONNECTION, record(), AMOUNT)
    assert (row.key, row.connection, row.kind) == (TEXT, CONNECTION, Kind.INVOICE)
    assert (row.source_id, row.generation, row.state) == ("1000001", 1, PostingState.ABSENT)
    assert (row.record, row.amount, row.send) == (record(), AMOUNT, None)
    assert await store.postings.get(TEXT) == row


async def test_the_record_is_byte_for_byte_the_one_that_was_made(store: Store) -> None:
    row = await store.postings.open(KEY, CONNECTION, record(), AMOUNT)
    assert row.record is not None
    assert row.record.model_dump_json() == record().model_dump_json()


async def test_the_first_record_is_kept_for_good(store: Store) -> None:
    await _open(store)
    row = await store.postings.open(KEY, CONNECTION, record("999.00"), Money.of(1, "USD"))
    assert (row.record, row.amount) == (record(), AMOUNT)


async def test_a_posting_opened_without_a_record_takes_the_first_one(store: Store) -> None:
    await store.postings.open(KEY, CONNECTION, None, None)
    row = await store.postings.open(KEY, CONNECTION, record(), AMOUNT)
    assert (row.record, row.amount) == (record(), AMOUNT)
    again = await store.postings.open(KEY, CONNECTION, record("999.00"), None)
    assert (again.record, again.amount) == (record(), AMOUNT)


async def test_an_amount_of_zero_is_kept_like_any_other(store: Store) -> None:
    await store.postings.open(KEY, CONNECTION, None, None)
    row = await store.postings.open(KEY, CONNECTION, None, Money.zero("EUR"))
    assert row.amount == Money.zero("EUR")
    assert (await store.postings.open(KEY, CONNECTION, None, AMOUNT)).amount == row.amount


async def test_many_that_open_one_key_get_the_same_record(store: Store) -> None:
    rows = await asyncio.gather(
        *(store.postings.open(KEY, CONNECTION, record(f"{n}.00"), None) for n in range(20, 40))
    )
    assert len({row.record.model_dump_json() for row in rows if row.record}) == 1


async def test_two_connections_cannot_share_a_key(store: Store) -> None:
    await _open(store)
    with pytest.raises(KeyClash, match=f"{TEXT} belongs to connection {CONNECTION}"):
        await store.postings.open(KEY, "other", record(), AMOUNT)


async def test_a_changed_tag_does_not_post_a_document_again(store: Store) -> None:
    await _open(store)
    with pytest.raises(KeyClash):
        await store.postings.open(KEY.model_copy(update={"tag": "E"}), CONNECTION, record(), AMOUNT)


async def test_the_postings_of_a_document_come_oldest_first(store: Store) -> None:
    second = KEY.model_copy(update={"generation": 2})
    for key in (second, KEY, KEY.of_kind(Kind.INVOICE_REVERSAL), OTHER):
        await _open(store, key)
    found = await store.postings.of_document(CONNECTION, Kind.INVOICE, "1000001")
    assert [row.key for row in found] == [TEXT, second.text()]
    kinds = (Kind.INVOICE, Kind.INVOICE_REVERSAL)
    assert len(await store.postings.of_document(CONNECTION, kinds, "1000001")) == 3
    assert await store.postings.of_document("other", kinds, "1000001") == []


async def test_a_confirmed_posting_has_its_number_and_no_fence_and_no_doubt(store: Store) -> None:
    await _open(store)
    await _fence(store)
    await store.postings.mark_in_doubt(TEXT, NOW)
    row = await store.postings.confirm(TEXT, posting(PostingState.POSTED, "103001"))
    assert (row.state, row.number) == (PostingState.POSTED, "103001")
    assert (row.send, row.in_doubt_since, row.record) == (None, None, record())
    assert await store.postings.get(TEXT) == row


async def test_an_absent_posting_takes_down_no_fence(store: Store) -> None:
    await _open(store)
    send_id = await _fence(store)
    await store.postings.mark_in_doubt(TEXT, NOW)
    row = await store.postings.confirm(TEXT, posting(PostingState.ABSENT))
    assert row.send is not None
    assert (row.send.send_id, row.in_doubt_since) == (send_id, NOW)


async def test_a_discarded_draft_leaves_no_number(store: Store) -> None:
    await _open(store)
    await store.postings.confirm(TEXT, posting(PostingState.CREATED, "1001"))
    row = await store.postings.confirm(TEXT, posting(PostingState.ABSENT))
    assert (row.state, row.number) == (PostingState.ABSENT, "")


@pytest.mark.parametrize("late", [PostingState.ABSENT, PostingState.CREATED, PostingState.REJECTED])
async def test_a_late_answer_takes_nothing_out_of_the_ledger(
    store: Store, late: PostingState
) -> None:
    await _open(store)
    posted = await store.postings.confirm(TEXT, posting(PostingState.POSTED, "103001"))
    with pytest.raises(FenceLost):
        await store.postings.confirm(TEXT, posting(late, "1001"))
    assert await store.postings.get(TEXT) == posted


async def test_a_posted_document_can_become_reversed(store: Store) -> None:
    await _open(store)
    await store.postings.confirm(TEXT, posting(PostingState.POSTED, "103001"))
    row = await store.postings.confirm(TEXT, posting(PostingState.REVERSED, "103001"))
    assert row.state is PostingState.REVERSED


async def test_with_the_version_an_answer_to_an_older_row_is_refused(store: Store) -> None:
    await _open(store)
    before = await store.postings.get(TEXT)
    assert before is not None
    await _fence(store)
    with pytest.raises(FenceLost):
        await store.postings.confirm(
            TEXT, posting(PostingState.CREATED, "1001"), version=before.version
        )


async def test_confirming_needs_an_opened_posting(store: Store) -> None:
    with pytest.raises(UnknownPosting):
        await store.postings.confirm(TEXT, posting(PostingState.POSTED, "1"))


async def test_one_number_of_the_target_belongs_to_one_key(store: Store) -> None:
    await _open(store)
    await _open(store, OTHER)
    await store.postings.confirm(TEXT, posting(PostingState.POSTED, "103001"))
    with pytest.raises(NumberTaken):
        await store.postings.confirm(OTHER.text(), posting(PostingState.POSTED, "103001", OTHER))
    row = await store.postings.get(OTHER.text())
    assert row is not None
    assert (row.state, row.number) == (PostingState.ABSENT, "")
    await store.postings.confirm(TEXT, posting(PostingState.POSTED, "103001"))


async def test_two_generations_of_a_document_do_not_share_a_number(store: Store) -> None:
    second = KEY.model_copy(update={"generation": 2})
    await _open(store)
    await _open(store, second)
    await store.postings.confirm(TEXT, posting(PostingState.REVERSED, "103001"))
    with pytest.raises(NumberTaken):
        await store.postings.confirm(second.text(), posting(PostingState.POSTED, "103001", second))


async def test_numbers_of_different_kinds_of_documents_may_be_equal(store: Store) -> None:
    payment = Key(tag="D", kind=Kind.PAYMENT, source_id="5")
    reversal = payment.of_kind(Kind.PAYMENT_REVERSAL)
    for key in (KEY, payment, reversal):
        await _open(store, key)
        row = await store.postings.confirm(key.text(), posting(PostingState.POSTED, "1", key))
        assert row.number == "1"


async def test_drafts_are_numbered_apart_from_posted_documents(store: Store) -> None:
    await _open(store)
    await _open(store, OTHER)
    await store.postings.confirm(TEXT, posting(PostingState.POSTED, "1001"))
    row = await store.postings.confirm(OTHER.text(), posting(PostingState.CREATED, "1001", OTHER))
    assert row.number == "1001"


async def test_an_adopted_number_is_confirmed_by_its_own_document_only(store: Store) -> None:
    await _open(store)
    await _open(store, OTHER)
    await store.documents.claim_number(CONNECTION, Kind.INVOICE, "103001", "1000001")
    with pytest.raises(NumberTaken):
        await store.postings.confirm(OTHER.text(), posting(PostingState.POSTED, "103001", OTHER))
    await store.postings.confirm(TEXT, posting(PostingState.POSTED, "103001"))
    assert not await store.documents.release_number(CONNECTION, Kind.INVOICE, "103001", "1000001")


async def test_of_many_that_confirm_one_number_exactly_one_wins(store: Store) -> None:
    keys = [Key(tag="D", kind=Kind.INVOICE, source_id=str(n)) for n in range(10)]
    for key in keys:
        await _open(store, key)

    async def attempt(key: Key) -> bool:
        try:
            await store.postings.confirm(key.text(), posting(PostingState.POSTED, "7", key))
        except NumberTaken:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(key) for key in keys))) == 1


async def test_a_corrected_record_replaces_one_that_was_never_sent(store: Store) -> None:
    await _open(store)
    row = await store.postings.replace_record(TEXT, record("220.00"))
    assert (row.record, row.amount) == (record("220.00"), Money.of("220.00", "EUR"))
    assert await store.postings.get(TEXT) == row


async def test_a_record_that_may_be_under_way_is_kept(store: Store) -> None:
    await _open(store)
    await _fence(store)
    with pytest.raises(RecordKept, match="under way"):
        await store.postings.replace_record(TEXT, record("220.00"))


async def test_a_record_that_arrived_is_kept(store: Store) -> None:
    await _open(store)
    await store.postings.confirm(TEXT, posting(PostingState.CREATED, "1001"))
    with pytest.raises(RecordKept, match="created"):
        await store.postings.replace_record(TEXT, record("220.00"))


async def test_replacing_needs_an_opened_posting(store: Store) -> None:
    with pytest.raises(UnknownPosting):
        await store.postings.replace_record(TEXT, record())
