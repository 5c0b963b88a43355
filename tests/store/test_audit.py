"""The audit journal: what is written, and that nobody touches it unseen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, text, update

from documents.hold import Hold, HoldClass
from documents.key import Kind
from documents.review import Answer, Review, Verdict
from documents.row import DocumentRow, DocumentState
from store.audit_facts import fact_of
from store.entries import FORGOTTEN, HOUSE, OCCASION, Fact, Occasion
from store.store import Store
from store.tieout_tables import audit_entries, audit_heads
from tests.store.samples import CONNECTION, decision, row

_e = audit_entries.c


async def _journal(store: Store, number: int = 5) -> None:
    for n in range(number):
        await store.audit.append(Fact(CONNECTION, "invoice", str(n), "posted", why=f"reason {n}"))


async def _problems(store: Store) -> list[str]:
    verified = await store.audit.verify(CONNECTION)
    return [f"{damage.seq}: {damage.problem}" for damage in verified.damages]


async def test_an_untouched_journal_is_whole(store: Store) -> None:
    await _journal(store)
    verified = await store.audit.verify(CONNECTION)
    assert (verified.entries, verified.damages) == (5, ())
    assert await store.audit.head(CONNECTION) == (5, verified.head)
    assert await store.audit.connections() == [CONNECTION]


async def test_a_journal_that_was_never_written_is_whole(store: Store) -> None:
    verified = await store.audit.verify("elsewhere")
    assert (verified.entries, verified.damages) == (0, ())


async def _alter_beside(store: Store) -> None:
    await store._database.change(update(audit_entries).where(_e.seq == 3).values(what="held"))


async def _alter_content(store: Store) -> None:
    content = select(_e.content).where(_e.seq == 2).scalar_subquery()
    await store._database.change(update(audit_entries).where(_e.seq == 3).values(content=content))


async def _alter_hash(store: Store) -> None:
    await store._database.change(update(audit_entries).where(_e.seq == 3).values(hash="0" * 64))


async def _alter_words(store: Store) -> None:
    words = select(_e.words).where(_e.seq == 2).scalar_subquery()
    await store._database.change(update(audit_entries).where(_e.seq == 3).values(words=words))


async def _remove(store: Store) -> None:
    await store._database.change(delete(audit_entries).where(_e.seq == 3))


async def _remove_the_end(store: Store) -> None:
    await store._database.change(delete(audit_entries).where(_e.seq >= 4))


async def _remove_everything(store: Store) -> None:
    await store._database.change(delete(audit_entries))


async def _reorder(store: Store) -> None:
    for before, after in ((2, 99), (3, 2), (99, 3)):
        await store._database.change(
            update(audit_entries).where(_e.seq == before).values(seq=after)
        )


async def _shorten_with_its_head(store: Store) -> None:
    """Who knows the chain removes its end, and tells the head so; the seal is not theirs."""
    rows = await store._database.rows(select(_e.hash).where(_e.seq == 3))
    await store._database.change(delete(audit_entries).where(_e.seq > 3))
    await store._database.change(update(audit_heads).values(entries=3, hash=rows[0][0]))


async def _remove_the_head(store: Store) -> None:
    await store._database.change(delete(audit_heads))


@pytest.mark.parametrize(
    ("tamper", "problem"),
    [
        (_alter_beside, "3: it was altered"),
        (_alter_content, "3: its content was altered"),
        (_alter_hash, "3: it was altered"),
        (_alter_words, "3: its content was altered"),
        (_remove, "4: entries 3 to 3 are missing"),
        (_remove_the_end, "3: it ends here, and there should be 5 entries"),
        (_remove_everything, "0: it ends here, and there should be 5 entries"),
        (_reorder, "2: its content was altered"),
        (_shorten_with_its_head, "3: its head was altered"),
        (_remove_the_head, "5: its head was removed"),
    ],
)
async def test_whoever_touches_the_journal_is_found(
    store: Store, tamper: Callable[[Store], Awaitable[None]], problem: str
) -> None:
    await _journal(store)
    await tamper(store)
    assert problem in await _problems(store)


async def test_every_decision_about_a_document_is_journalled_with_its_occasion(
    store: Store,
) -> None:
    OCCASION.set(Occasion("post invoice", "order-to-cash/demo-nav/1000001", "run-1"))
    saved = await store.documents.save(row(state=DocumentState.IN_FLIGHT, source_id="1000001"))
    posted = saved.model_copy(update={"state": DocumentState.POSTED, "target_number": "103001"})
    saved = await store.documents.save(posted)
    await store.documents.save(saved.model_copy(update={"fingerprint": "another"}))
    found = await store.audit.of_document(CONNECTION, Kind.INVOICE, "1000001")
    assert [entry.what for entry in found] == ["received", "posted"]
    assert found[1].before == {"state": "in flight"}
    assert found[1].after == {"state": "posted", "target_number": "103001"}
    assert {(e.who, e.workflow_id, e.run_id) for e in found} == {
        (HOUSE, "order-to-cash/demo-nav/1000001", "run-1")
    }


async def test_a_persons_decision_names_them_and_why(store: Store) -> None:
    saved = await store.documents.save(row(state=DocumentState.HELD))
    decided = decision()
    await store.documents.save(saved.model_copy(update={"decision": decided}))
    entry = (await store.audit.of_document(CONNECTION, saved.kind, saved.source_id))[-1]
    assert entry.what == f"decided: {decided.action.value}"
    assert entry.who.startswith(decided.who)
    assert entry.why == f"{decided.why}; account={decided.values['account']}"
    beside = f"{entry.before}{entry.after}"
    assert decided.who not in beside
    assert decided.values["account"] not in beside


async def test_a_hold_is_journalled_with_its_reason(store: Store) -> None:
    hold = Hold(cause="c", hold_class=HoldClass.DATA, reason="The client has no country.")
    held = await store.documents.hold(CONNECTION, Kind.INVOICE, "77", hold)
    (entry,) = await store.audit.of_document(CONNECTION, Kind.INVOICE, "77")
    assert (entry.what, entry.why) == ("held", "The client has no country.")
    assert held.version == 1


async def test_a_save_that_fails_leaves_no_entry(store: Store) -> None:
    saved = await store.documents.save(row())
    with pytest.raises(Exception, match="no longer at version"):
        await store.documents.save(saved.model_copy(update={"version": 7, "closed": True}))
    assert (await store.audit.verify(CONNECTION)).entries == 1


async def test_many_writers_make_one_chain(store: Store) -> None:
    rows = [row(source_id=str(1_000_000 + n)) for n in range(20)]
    await asyncio.gather(*(store.documents.save(each) for each in rows))
    verified = await store.audit.verify(CONNECTION)
    assert (verified.entries, verified.damages) == (20, ())


async def test_a_reason_that_was_forgotten_by_an_entry_leaves_the_chain_whole(
    store: Store,
) -> None:
    saved = await store.documents.save(
        row(state=DocumentState.POSTED, party_id="5", closed=True, reason="for Mr Smith")
    )
    await store.forgetting.client(CONNECTION, "5")
    assert await _problems(store) == []
    entries = await store.audit.of_document(CONNECTION, saved.kind, saved.source_id)
    assert [(entry.what, entry.why) for entry in entries] == [("posted", ""), (FORGOTTEN, "")]


async def test_a_reason_that_was_removed_otherwise_is_found(store: Store) -> None:
    await _journal(store, 3)
    await store._database.change(update(audit_entries).where(_e.seq == 2).values(words=None))
    assert await _problems(store) == ["2: its reason was removed"]


async def test_a_journal_removed_with_its_head_is_found_by_the_documents_it_told_of(
    store: Store,
) -> None:
    saved = await store.documents.save(row())
    await _remove_everything(store)
    await _remove_the_head(store)
    assert await store.audit.connections() == [CONNECTION]
    assert await _problems(store) == [f"0: {saved.kind.value} {saved.source_id} has no entry"]


async def test_a_journal_without_its_head_is_not_passed_over(store: Store) -> None:
    await _journal(store)
    await _remove_the_head(store)
    assert await store.audit.connections() == [CONNECTION]


async def test_an_end_cut_off_together_with_an_old_head_is_found_by_the_head_kept_elsewhere(
    store: Store,
) -> None:
    await _journal(store, 3)
    (old,) = await store._database.rows(select(audit_heads))
    await _journal(store, 2)
    _, told = await store.audit.head(CONNECTION)
    assert (await store.audit.verify(CONNECTION, told)).damages == ()
    await store._database.change(delete(audit_entries).where(_e.seq > 3))
    await store._database.change(update(audit_heads).values(dict(old._mapping)))
    assert await _problems(store) == []
    (damage,) = (await store.audit.verify(CONNECTION, told)).damages
    assert damage.problem == f"the head {told} is not in it"


async def test_a_verification_beside_traffic_tells_of_no_damage(store: Store) -> None:
    await _journal(store, 20)
    writing = asyncio.create_task(_journal(store, 60))
    found = [await _problems(store) for _ in range(12)]
    await writing
    assert found == [[]] * 12


async def test_nothing_of_the_journal_can_be_read_without_the_keys(store: Store) -> None:
    await _journal(store, 1)
    rows = await store._database.rows(
        select(text("content"), text("words")).select_from(audit_entries)
    )
    assert all(b"reason" not in bytes(cell) for cell in rows[0])


def test_who_approved_an_expense_is_journalled_with_the_version() -> None:
    claim = DocumentRow(connection="c", kind=Kind.EXPENSE, source_id="5", reason="waits")
    verdict = Verdict(
        answer=Answer.APPROVE, who="Noor", version="abc", at=datetime.now(UTC), comment="agreed"
    )
    heard = claim.model_copy(update={"review": Review(verdicts=(verdict,))})
    fact = fact_of(claim, heard)
    assert fact is not None
    assert (fact.who, fact.what, fact.why) == ("Noor", "answered: approve", "agreed")
    assert "approve by Noor at level 1 of version abc" in (fact.after or {})["verdicts"]
    assert fact_of(heard, heard.model_copy(update={"reason": "another"})) is None
