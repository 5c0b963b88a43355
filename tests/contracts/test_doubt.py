"""What is sent and not seen: the doubt ends by time, by the target's word, or by a person's."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from connectors.errors import OutcomeUnknown, Unavailable
from documents.hold import Hold, HoldClass, HoldRequired
from documents.key import Key
from documents.posting import Posting, PostingState
from documents.row import Action, Decision
from store.errors import FenceHeld, FenceLost
from store.posting_columns import StoredPosting
from store.postings import Postings
from tests.contracts.ledger import Ledger
from tests.contracts.posting_desk import PATIENCE, Desk, invoice, new_key


@pytest.fixture
def blind(desk: Desk) -> Desk:
    """A ledger that shows nobody a document before a clerk posts it, and refuses nothing."""
    desk.ledger.hides_drafts = True
    return desk


async def _row(desk: Desk, key: Key) -> StoredPosting:
    row = await desk.store.postings.get(key.text())
    assert row is not None
    return row


async def _lost(desk: Desk, *, committed: bool) -> Key:
    """A document whose creation got no answer, long ago."""
    key = await desk.prepared(new_key())
    desk.ledger.forecast("create", "lost after" if committed else "lost before")
    with pytest.raises(OutcomeUnknown):
        await desk.attempt(key)
    desk.settle()
    return key


async def _created(desk: Desk) -> Key:
    """A document that was created and waits for the clerk, who has not come yet."""
    key = await desk.prepared(new_key())
    desk.ledger.forecast("post", "unavailable")
    with pytest.raises(Unavailable):
        await desk.attempt(key)
    return key


async def _release(desk: Desk, hold: Hold, action: Action = Action.RELEASE) -> None:
    at = desk.clock.now
    decision = Decision(action=action, who="Ada", why="looked, it is not there", at=at)
    await desk.poster.doubt.release(hold, decision)


class _Killed(BaseException):
    """The worker is gone between two lines."""


@pytest.mark.parametrize("dies_after", ["create", "post"])
async def test_a_worker_killed_before_it_wrote_the_answer_down_leaves_a_doubt(
    desk: Desk, dies_after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, confirm = await desk.prepared(new_key()), Postings.confirm

    async def killed(self: Postings, *args: Any, **more: Any) -> StoredPosting:
        if desk.ledger.calls[-1] == dies_after:
            raise _Killed
        return await confirm(self, *args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Postings, "confirm", killed)
        with pytest.raises(_Killed):
            await desk.attempt(key)
    assert (await _row(desk, key)).send is not None
    desk.ledger.forecast("lookup", "lagging")
    await desk.posted(key)
    desk.settle()
    assert len(desk.ledger.posted(key)) == 1
    assert desk.ledger.calls.count(dies_after) == 1


async def test_a_refusal_of_the_second_send_leaves_the_doubt_about_the_first(desk: Desk) -> None:
    desk.ledger.safety = replace(desk.ledger.safety, refuses_duplicates=True)
    key = await desk.prepared(new_key())
    desk.ledger.forecast("create", "late", "unavailable")
    with pytest.raises(OutcomeUnknown):
        await desk.attempt(key)
    first = await _row(desk, key)
    with pytest.raises(Unavailable):
        await desk.attempt(key)
    row = await _row(desk, key)
    assert first.send is not None
    assert row.send is not None
    assert row.send.deadline == first.send.deadline
    assert row.in_doubt_since is not None
    with pytest.raises(OutcomeUnknown, match="may commit"):
        await desk.poster.prepare(key, invoice("120.00"))


class Drifting(Ledger):
    """Somebody changes the draft between the last look at it and its posting."""

    async def post(self, key: Key) -> Posting:
        self.drafts[0].record = invoice("150.00")
        return await super().post(key)


async def test_what_was_posted_with_other_figures_is_noticed_at_once(desk: Desk) -> None:
    desk.ledger = Drifting(desk.clock)
    key = await desk.prepared(new_key())
    with pytest.raises(HoldRequired) as held:
        await desk.attempt(key)
    assert held.value.hold.cause == "totals-differ"
    row = await _row(desk, key)
    assert row.state is PostingState.POSTED
    assert row.number in held.value.hold.reason


async def test_nobody_posts_a_draft_while_another_worker_discards_it(desk: Desk) -> None:
    key = await _created(desk)
    gate = desk.ledger.gates["discard"] = asyncio.Event()
    editing = asyncio.create_task(desk.poster.prepare(key, invoice("150.00")))
    while "discard" not in desk.ledger.calls:  # noqa: ASYNC110 - the ledger's own list
        await asyncio.sleep(0)
    with pytest.raises((FenceHeld, FenceLost)):
        await desk.attempt(key)
    assert desk.ledger.posted(key) == []
    gate.set()
    await editing
    await desk.posted(key)
    assert [e.record for e in desk.ledger.posted(key)] == [invoice("150.00")]


async def test_what_a_clerk_posted_while_it_was_discarded_stays_posted(desk: Desk) -> None:
    key = await _created(desk)
    gate = desk.ledger.gates["discard"] = asyncio.Event()
    discarding = asyncio.create_task(desk.poster.discard(key))
    while "discard" not in desk.ledger.calls:  # noqa: ASYNC110 - the ledger's own list
        await asyncio.sleep(0)
    await desk.ledger.post(key)
    gate.set()
    await discarding
    row = await _row(desk, key)
    assert row.state is PostingState.POSTED
    assert row.number == desk.ledger.posted(key)[0].number


async def test_what_nobody_can_see_is_never_sent_again_unasked(blind: Desk) -> None:
    key = await _lost(blind, committed=True)
    with pytest.raises(OutcomeUnknown, match="not to be seen"):
        await blind.attempt(key)
    blind.clock.advance(PATIENCE + 1)
    with pytest.raises(HoldRequired) as held:
        await blind.attempt(key)
    assert held.value.hold.cause == "in-doubt"
    await blind.ledger.post(key)
    await blind.posted(key)
    assert blind.ledger.calls.count("create") == 1
    assert len(blind.ledger.posted(key)) == 1


async def test_another_record_waits_for_a_person_while_the_first_may_be_out_of_sight(
    blind: Desk,
) -> None:
    key = await _lost(blind, committed=True)
    for _ in range(2):
        with pytest.raises(HoldRequired) as held:
            await blind.poster.prepare(key, invoice("150.00"))
        assert held.value.hold.cause == "in-doubt"
    await blind.ledger.post(key)
    kept = await blind.poster.prepare(key, invoice("150.00"))
    assert kept == invoice()
    assert len(blind.ledger.drafts) == 0


@pytest.mark.parametrize("step", ["discard", "adopt"])
async def test_nothing_is_given_up_or_adopted_while_ours_may_be_out_of_sight(
    blind: Desk, step: str
) -> None:
    key, others = await _lost(blind, committed=True), new_key()
    made = await blind.ledger.create(others, invoice())
    number = str((await blind.ledger.post(others)).number)
    assert made.figures is not None
    for again in (False, True):
        with pytest.raises(HoldRequired) as held:
            if step == "discard":
                await blind.poster.discard(key)
            else:
                await blind.poster.adopt(key, number, made.figures, "C1")
        assert held.value.hold.cause == "in-doubt", again


async def test_a_person_who_looked_lets_it_be_sent_again(blind: Desk) -> None:
    key = await _lost(blind, committed=False)
    with pytest.raises(HoldRequired) as held:
        await blind.poster.prepare(key, invoice("150.00"))
    await _release(blind, held.value.hold, Action.RETRY)
    assert (await _row(blind, key)).send is not None
    await _release(blind, held.value.hold)
    await _release(blind, held.value.hold)
    row = await _row(blind, key)
    assert (row.state, row.send, row.in_doubt_since) == (PostingState.ABSENT, None, None)
    assert row.record is not None
    assert row.record.resend >= 1
    await blind.poster.prepare(key, invoice("150.00"))
    await blind.posted(key)
    assert [e.record.expected for e in blind.ledger.posted(key)] == [invoice("150.00").expected]


async def test_a_word_given_while_it_could_still_commit_proves_nothing(blind: Desk) -> None:
    key = await blind.prepared(new_key())
    blind.ledger.forecast("create", "late")
    with pytest.raises(OutcomeUnknown):
        await blind.attempt(key)
    hold = Hold(
        cause="in-doubt", hold_class=HoldClass.IN_DOUBT, reason="", values={"key": key.text()}
    )
    early = blind.clock.now
    blind.settle()
    word = Decision(action=Action.RELEASE, who="Ada", why="not there", at=early)
    with pytest.raises(HoldRequired, match="could still appear"):
        await blind.poster.doubt.release(hold, word)
    assert (await _row(blind, key)).send is not None


async def test_a_word_against_what_was_posted_meanwhile_changes_nothing(blind: Desk) -> None:
    key = await _lost(blind, committed=True)
    with pytest.raises(HoldRequired) as held:
        await blind.poster.prepare(key, invoice("150.00"))
    await blind.ledger.post(key)
    await _release(blind, held.value.hold)
    assert await blind.poster.prepare(key, invoice("150.00")) == invoice()
    await blind.posted(key)
    assert len(blind.ledger.posted(key)) == 1


async def test_what_was_created_out_of_sight_is_replaced_only_after_a_person_deleted_it(
    blind: Desk,
) -> None:
    key = await _created(blind)
    row = await _row(blind, key)
    assert (row.state, row.send) == (PostingState.CREATED, None)
    with pytest.raises(HoldRequired) as held:
        await blind.poster.prepare(key, invoice("150.00"))
    assert held.value.hold.cause == "discard-by-hand"
    assert row.number in held.value.hold.reason
    blind.ledger.drafts.clear()
    await _release(blind, held.value.hold)
    await blind.poster.prepare(key, invoice("150.00"))
    await blind.posted(key)
    assert [e.record.expected for e in blind.ledger.posted(key)] == [invoice("150.00").expected]


async def test_a_draft_that_people_deleted_is_created_anew_after_the_search_had_its_time(
    desk: Desk,
) -> None:
    key = await _created(desk)
    desk.ledger.drafts.clear()
    row = await _row(desk, key)
    assert (await desk.poster.doubt.ask(row)).state is PostingState.CREATED
    desk.settle()
    assert (await desk.poster.doubt.ask(await _row(desk, key))).state is PostingState.ABSENT
    await desk.posted(key)
    assert len(desk.ledger.posted(key)) == 1
