"""Waking by what the target says has changed, and by looks where it cannot say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from activities.tracking import ASKED, LOST, OVERLAP, TOLD
from connectors.errors import ChangesLost, Misconfigured
from connectors.ports import LedgerChange
from documents.key import Key, Kind
from documents.posting import Posting, PostingState
from documents.row import DocumentRow, DocumentState
from policies.waking import LONGEST, TRACKED, changes_are_trusted, is_due
from store.store import Store
from tests.connectors.ax_books import (
    ax_books,
    customer_record,
    figures,
    invoice_record,
    key,
    line,
)
from tests.contracts.ledger import Clock, Ledger
from tests.sweep.conftest import NewBroom
from tests.sweep.world import NOON, Broom, ManyPages


@dataclass
class Tracking(Ledger):
    """A target that tells what changed, or fails to."""

    news: list[LedgerChange] = field(default_factory=list)
    failure: Exception | None = None
    asked: list[datetime] = field(default_factory=list)

    async def ledger_changes(self, since: datetime) -> AsyncIterator[Sequence[LedgerChange]]:
        self.asked.append(since)
        if self.failure:
            raise self.failure
        yield self.news

    async def untracked(self) -> str:
        return ""


def change(source_id: str, kind: Kind = Kind.INVOICE, *, settled: bool = False) -> LedgerChange:
    return LedgerChange(Key(tag="B", kind=kind, source_id=source_id, generation=1), settled)


@pytest.fixture
def target() -> Tracking:
    return Tracking(Clock())


@pytest.fixture
def broom(new_broom: NewBroom, target: Tracking) -> Broom:
    found = new_broom(ManyPages())
    found.target, found.now = target, datetime.now(UTC)
    return found


async def _document(
    store: Store, broom: Broom, number: str, state: DocumentState, *, closed: bool = False
) -> None:
    row = DocumentRow(
        connection=broom.name, kind=Kind.INVOICE, source_id=number, state=state, closed=closed
    )
    await store.documents.save(row)


async def _created(store: Store, broom: Broom, number: str) -> None:
    await _document(store, broom, number, DocumentState.IN_FLIGHT)
    posting = change(number).key
    await store.postings.open(posting, broom.name, None, None)
    state = PostingState.CREATED
    await store.postings.confirm(
        posting.text(), Posting(key=posting.text(), kind=Kind.INVOICE, state=state)
    )


async def test_a_change_wakes_who_waits_for_it_and_nobody_else(
    broom: Broom, target: Tracking, store: Store
) -> None:
    await _created(store, broom, "1")
    await _document(store, broom, "2", DocumentState.POSTED)
    await _document(store, broom, "3", DocumentState.POSTED)
    await _document(store, broom, "4", DocumentState.POSTED, closed=True)
    await _document(store, broom, "5", DocumentState.IGNORED)
    target.news = [change("1"), change("2"), *(change(n, settled=True) for n in "3456")]
    target.news.append(
        LedgerChange(Key(tag="X", kind=Kind.INVOICE, source_id="1", generation=1), is_settled=False)
    )
    woken = await broom.wake()
    assert (woken.changed, woken.told, woken.untracked) == (2, 0, "")
    assert broom.told == ["order-to-cash 1", "order-to-cash 3"]


async def test_what_happened_while_no_sweep_ran_is_asked_for_with_an_overlap(
    broom: Broom, target: Tracking, store: Store
) -> None:
    first = broom.now
    await broom.wake()
    broom.now += timedelta(days=2)
    await broom.wake()
    assert target.asked == [first - LONGEST - OVERLAP, first - OVERLAP]
    assert (await store.watermarks.all(broom.name))[ASKED] == broom.now


async def test_a_target_that_tells_is_not_looked_at_document_by_document(
    broom: Broom, target: Tracking, store: Store
) -> None:
    await _created(store, broom, "1")
    target.news = [change("9")]
    told = []
    for _ in range(24):
        broom.now += timedelta(minutes=15)
        told.append((await broom.wake()).told)
    assert sum(told[:4]) >= 3, "it is not relied on before it has told something"
    assert sum(told[6:]) <= 1, "a change or six hours wake it"


@pytest.mark.parametrize("told", [True, False])
async def test_a_target_that_is_not_set_up_to_tell_leaves_the_looks_as_they_are(
    broom: Broom, target: Tracking, store: Store, told: bool
) -> None:
    """Without a document filter AX says for ever that nothing changed."""
    await _created(store, broom, "1")
    target.failure = None if told else Misconfigured("ledger", "changes", "it is off")
    looks = 0
    for _ in range(8):
        broom.now += timedelta(hours=1)
        woken = await broom.wake()
        looks += woken.told
    assert looks == 8
    assert woken.untracked == ("" if told else "it is off")


async def test_a_target_that_lost_track_is_relied_on_only_after_everything_was_looked_at(
    broom: Broom, target: Tracking, store: Store
) -> None:
    target.news = [change("9")]
    await broom.wake()
    broom.now += timedelta(hours=2)
    await broom.wake()
    target.failure = ChangesLost("ledger", "changes", "too old")
    broom.now += timedelta(days=20)
    assert (await broom.wake()).untracked == "too old"
    marks = await store.watermarks.all(broom.name)
    assert marks[ASKED] == marks[LOST] == broom.now
    assert not changes_are_trusted(marks[TOLD], marks[LOST])


def test_trust_needs_a_word_an_hour_after_the_last_loss() -> None:
    assert not changes_are_trusted(None, NOON)
    assert not changes_are_trusted(NOON + LONGEST, NOON)
    assert changes_are_trusted(NOON + LONGEST + timedelta(seconds=1), NOON)


def test_what_the_target_tells_of_is_looked_at_seldom() -> None:
    assert not is_due(NOON, None, NOON + TRACKED / 2, tracked=True)
    assert is_due(NOON, None, NOON + TRACKED, tracked=True)
    assert is_due(NOON, NOON + TRACKED, NOON + 2 * TRACKED, tracked=True)


async def test_an_invoice_that_a_clerk_posts_in_ax_is_woken_by_its_change_tracking(
    broom: Broom, store: Store
) -> None:
    async with (
        ax_books(posting_after=3600.0) as books,
        books.target(service=False) as clerks,
        books.target(posting="service") as desk,
    ):
        broom.target = clerks
        posting = key(Kind.INVOICE).model_copy(update={"tag": "B"})
        number = (await clerks.create_customer(key(Kind.CUSTOMER), customer_record())).number
        record = invoice_record(number, (line("119.00"),), figures("119.00"))
        await _created(store, broom, posting.source_id)
        await clerks.create(posting, record)
        assert (await broom.wake()).changed == 0
        assert (await desk.post(posting)).state is PostingState.POSTED
        woken = await broom.wake()
        assert (woken.changed, woken.untracked) == (1, "")
        assert broom.told == [f"order-to-cash {posting.source_id}"]
