"""Comparing what is staged: breaks, rules, totals, and going on after a kill."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from activities.comparing import Comparer, Comparison
from activities.concluding import Conclusion
from activities.reconciling import Begun, ConcludeRequest, LookedAgain
from documents.key import Kind
from documents.ledger import BookRow, Mark, Side
from documents.money import Money
from documents.row import DocumentRow, DocumentState
from documents.sign_off import SignOff, SignOffState
from documents.tieout import Break, BreakState, BreakType, Check, TieOutSummary
from policies.tieout.causes import judged
from policies.tieout.compare import Tolerances, compare
from policies.tieout.settings import TieOutPolicy
from policies.tieout.verdict import verdict
from store.cipher import Cipher
from store.keyring import KeyRing
from store.store import Store
from tests.fresh import fresh_database
from workflows.checks import looked_at

PATIENCE = timedelta(days=3)
CONNECTION, PERIOD = "demo-nav", "2026-11"
DAY = date(2026, 11, 12).toordinal()
BEGUN = Begun(
    connection=CONNECTION, period=PERIOD, run=1, first=date(2026, 11, 1), last=date(2026, 11, 30),
    started_at=datetime(2026, 11, 20, tzinfo=UTC), target_queue="", source_listings=(),
    target_listings=(),
)  # fmt: skip


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    url = await fresh_database(tmp_path / "tieout.db")
    cipher = Cipher(KeyRing.generate("k1"))
    async with await Store.open(url, cipher) as opened:
        yield opened


def line(match: str, **changes: Any) -> BookRow:
    row = BookRow(
        match=match, entry=match, kind="invoice", currency="USD", amount=113_000_000, tax=None,
        day=DAY, party="C1", applied="", rate=None, open=None, posted=DAY, number="INV-1",
        reference="", base=None, generation=1, marks=0, changed=0,
    )  # fmt: skip
    return row._replace(**changes)


async def compared(store: Store, source: list[BookRow], target: list[BookRow]) -> list[Break]:
    await store.lines.put(1, Side.SOURCE, source)
    await store.lines.put(1, Side.TARGET, target)
    await Comparer(store, TieOutPolicy(), BEGUN).compare(Comparison())
    return await store.breaks.page(CONNECTION, PERIOD)


async def concluded(store: Store, *checks: Check) -> TieOutSummary:
    now = datetime(2026, 12, 2, tzinfo=UTC)
    request = ConcludeRequest(begun=BEGUN, checks=checks)
    return await Conclusion(store, request, PATIENCE, now).conclude()


def by_hand(entry: str, **changes: Any) -> BookRow:
    return line("", entry=entry, number="HAND-1", **changes)


async def test_many_documents_on_one_side_and_none_on_the_other(store: Store) -> None:
    await store.lines.put(1, Side.SOURCE, [line(f"invoice/{n:05d}") for n in range(6_000)])
    done = await Comparer(store, TieOutPolicy(), BEGUN).compare(Comparison())
    assert done.found == 6_000
    (count,) = await store.breaks.counts(CONNECTION, PERIOD)
    assert (count.type, count.count) == (BreakType.MISSING_IN_TARGET, 6_000)
    summary = await concluded(store)
    assert (summary.source_read, summary.target_read) == (6_000, 0)
    (total,) = summary.totals
    assert (total.source.count, total.target.count) == (6_000, 0)
    assert str(verdict(summary)) == "does not tie: 6000 breaks open"


async def test_two_empty_sides_tie(store: Store) -> None:
    assert await compared(store, [], []) == []


async def test_the_number_pairs_an_entry_by_hand_with_its_document(store: Store) -> None:
    found = await compared(store, [line("invoice/1")], [by_hand("E1", reference="inv-1")])
    assert {b.state for b in found} == {BreakState.ACCEPTED}
    assert all("same number, amount, date and customer" in b.how for b in found)


async def test_without_the_number_the_entry_is_suggested_on_both_sides(store: Store) -> None:
    found = await compared(store, [line("invoice/1")], [by_hand("E1")])
    assert {b.state for b in found} == {BreakState.OPEN}
    assert {b.suggestion.split(" ")[0] for b in found} == {"HAND-1", "INV-1"}


async def test_a_pair_that_is_no_longer_one_is_open_again(store: Store) -> None:
    await compared(store, [line("invoice/1")], [by_hand("E1", reference="INV-1")])
    second = BEGUN.model_copy(update={"run": 2})
    await store.lines.put(2, Side.SOURCE, [line("invoice/1")])
    await Comparer(store, TieOutPolicy(), second).compare(Comparison())
    (found,) = await store.breaks.page(CONNECTION, PERIOD, run=2)
    assert (found.state, found.cause) == (BreakState.OPEN, "never-posted")


async def test_what_is_outside_of_the_scope_or_reversed_is_no_break(store: Store) -> None:
    outside = by_hand("E1", marks=int(Mark.OUTSIDE))
    undone = by_hand("E2", marks=int(Mark.REVERSED))
    charge = by_hand("E3", kind="other")
    assert await compared(store, [], [outside, undone, charge]) == []


async def test_the_number_of_a_posted_document_again_by_hand_is_a_duplicate(store: Store) -> None:
    row = DocumentRow(
        connection=CONNECTION, kind=Kind.INVOICE, source_id="1", source_number="INV-1",
        target_number="1001", state=DocumentState.POSTED, amount=Money.of("113.00", "USD"),
    )  # fmt: skip
    await store.documents.save(row)
    ours = line("invoice/1", entry="E1", number="1001")
    (found,) = await compared(store, [line("invoice/1")], [ours, by_hand("E2", reference="INV-1")])
    assert (found.type, found.match) == (BreakType.DUPLICATE_IN_TARGET, "invoice/1")
    again = by_hand("E3", reference="INV-1", amount=7)
    found_types = {b.type for b in await compared(store, [], [again])}
    assert BreakType.MISSING_IN_SOURCE in found_types


async def test_what_is_on_its_way_is_a_timing_difference(store: Store) -> None:
    row = DocumentRow(connection=CONNECTION, kind=Kind.INVOICE, source_id="1")
    await store.documents.save(row)
    (found,) = await compared(store, [line("invoice/1")], [])
    assert (found.state, found.cause) == (BreakState.TIMING, "in-flight")


async def test_a_comparison_that_was_killed_goes_on_to_the_same_end(store: Store) -> None:
    source = [line(f"invoice/{n:03d}", amount=n) for n in range(200)]
    target = [row._replace(entry=f"E{row.match}") for row in source if row.amount % 7]
    await store.lines.put(1, Side.SOURCE, source)
    await store.lines.put(1, Side.TARGET, target)
    states: list[str] = []
    comparer = Comparer(
        store, TieOutPolicy(), BEGUN, lambda state: states.append(state.model_dump_json())
    )
    whole = await comparer.compare(Comparison())
    before = await store.breaks.page(CONNECTION, PERIOD, limit=1000)
    for text in states:
        state = Comparison.model_validate_json(text)
        assert await Comparer(store, TieOutPolicy(), BEGUN).compare(state) == whole
    assert [b.break_id for b in await store.breaks.page(CONNECTION, PERIOD, limit=1000)] == [
        b.break_id for b in before
    ]


async def test_every_difference_of_the_totals_is_that_of_a_listed_break(store: Store) -> None:
    """Of each kind of break that moves a total, on one run."""
    source = [line(f"invoice/{n}", amount=n * 1_000_000) for n in range(1, 6)]
    target = [
        line("invoice/1", entry="E1", amount=1_500_000),  # another amount
        line("invoice/2", entry="E2", amount=2_000_000),
        line("invoice/2", entry="E2b", amount=2_000_000, generation=2),  # twice
        line("invoice/3", entry="E3", amount=3_000_000, marks=int(Mark.REVERSED)),
        line("invoice/9", entry="E9", amount=9_000_000),  # gone at the source
        line("invoice/5", entry="E5", amount=5_000_000),
        by_hand("E6", amount=77_000_000),
    ]
    await compared(store, source, target)
    found = verdict(await concluded(store))
    assert [reason for reason in found.reasons if "totals" in reason] == []
    assert found.reasons == ("6 breaks open",)


async def test_a_posting_in_the_month_after_explains_the_totals_of_both(store: Store) -> None:
    late = line("invoice/1", entry="E1", posted=DAY + 30)
    differences = compare([line("invoice/1")], [late], Tolerances.of(TieOutPolicy()))
    (here,) = (judged(d, None, TieOutPolicy(), CONNECTION, "2026-11") for d in differences)
    (there,) = (judged(d, None, TieOutPolicy(), CONNECTION, "2026-12") for d in differences)
    assert (here.difference, there.difference) == (Decimal(-113), Decimal(113))


async def test_a_check_that_fails_keeps_the_period_from_tying(store: Store) -> None:
    await compared(store, [line("invoice/1")], [line("invoice/1", entry="E1")])
    assert verdict(await concluded(store)).is_tied
    check = Check(
        name="subledger and control account", currency="USD", left_name="subledger",
        right_name="account", left=Decimal(5), right=Decimal(6),
    )  # fmt: skip
    assert "subledger and control account differ in USD" in str(
        verdict(await concluded(store, check))
    )


async def test_a_run_of_some_kinds_closes_no_break_of_the_others(store: Store) -> None:
    await compared(store, [line("invoice/1"), line("payment/2", kind="payment")], [])
    second = BEGUN.model_copy(update={"run": 2, "kinds": ("payment",)})
    now = datetime(2026, 12, 2, tzinfo=UTC)
    await Conclusion(store, ConcludeRequest(begun=second), PATIENCE, now).conclude()
    left = {b.match: b.state for b in await store.breaks.page(CONNECTION, PERIOD)}
    assert left == {"invoice/1": BreakState.OPEN, "payment/2": BreakState.CLOSED}


async def test_a_run_of_some_kinds_opens_no_period_that_is_signed_off(store: Store) -> None:
    await compared(store, [line("invoice/1")], [line("invoice/1")])
    summary = await concluded(store)
    signed = SignOff(
        connection=CONNECTION, period=PERIOD, state=SignOffState.SIGNED_OFF,
        digest=summary.digest(), run=1, preparer="Ada", prepared_at=BEGUN.started_at,
    )  # fmt: skip
    await store.sign_offs.add(signed)
    second = BEGUN.model_copy(update={"run": 2, "kinds": ("payment",)})
    now = datetime(2026, 12, 3, tzinfo=UTC)
    await Conclusion(store, ConcludeRequest(begun=second), PATIENCE, now).conclude()
    found = await store.sign_offs.get(CONNECTION, PERIOD)
    assert found is not None
    assert found.state is SignOffState.SIGNED_OFF


@pytest.mark.parametrize(
    ("patience", "state"), [(3, BreakState.TIMING), (0, BreakState.OPEN)], ids=["young", "old"]
)
async def test_a_timing_difference_that_does_not_go_away_is_a_break(
    store: Store, patience: int, state: BreakState
) -> None:
    row = DocumentRow(
        connection=CONNECTION, kind=Kind.INVOICE, source_id="1", state=DocumentState.IN_FLIGHT
    )
    await store.documents.save(row)
    (found,) = await compared(store, [line("invoice/1")], [])
    assert found.state is BreakState.TIMING
    assert found.first_seen is not None
    request, days = ConcludeRequest(begun=BEGUN), timedelta(days=patience)
    now = found.first_seen + timedelta(days=1)
    summary = await Conclusion(store, request, days, now).conclude()
    (found,) = await store.breaks.page(CONNECTION, PERIOD)
    assert (found.state, found.cause) == (state, "in-flight")
    assert verdict(summary).is_tied is (state is BreakState.TIMING)


async def unexplained(
    store: Store, source: list[BookRow], target: list[BookRow]
) -> dict[str, Decimal]:
    await compared(store, source, target)
    summary = await concluded(store)
    found = await store.runs.movements(1, differing=True)
    assert summary.movements_unexplained == len([m for m in found if m.unexplained])
    return {each.party: each.unexplained for each in found}


async def test_a_customer_differs_by_what_the_listed_breaks_explain(store: Store) -> None:
    """Each in another way: amount, customer, missing, twice, by hand, credit."""
    source = [
        line("invoice/1", amount=10_000_000),
        line("invoice/2", amount=20_000_000, party="C2"),
        line("invoice/3", amount=30_000_000, party="C3"),
        line("invoice/4", amount=40_000_000, party="C4"),
        line("credit_note/5", amount=50_000_000, party="C5", kind="credit memo"),
    ]
    target = [
        line("invoice/1", entry="E1", amount=11_000_000),
        line("invoice/2", entry="E2", amount=20_000_000, party="C9"),
        line("invoice/4", entry="E4", amount=40_000_000, party="C4"),
        line("invoice/4", entry="E4b", amount=40_000_000, party="C4", generation=2),
        by_hand("E6", amount=7_000_000, party="C6"),
    ]
    found = await unexplained(store, source, target)
    assert found == dict.fromkeys(("C1", "C2", "C3", "C4", "C5", "C6", "C9"), Decimal(0))


async def test_a_break_of_one_customer_excuses_no_other(store: Store) -> None:
    """The document of C2 is lost from the lines, as by a fault of our own."""
    await compared(store, [line("invoice/1")], [line("invoice/1", entry="E1", amount=1_000_000)])
    await store.lines.put(1, Side.TARGET, [line("invoice/8", entry="E8", party="C2", amount=5)])
    summary = await concluded(store)
    assert (summary.movements_that_differ, summary.movements_unexplained) == (2, 1)
    assert "1 customer differs by what is in no break" in str(verdict(summary))


OPENING = int(Mark.OPENING)


async def test_an_opening_balance_is_explained_by_the_breaks_of_earlier_months(
    store: Store,
) -> None:
    old = line("invoice/1", marks=OPENING)
    assert await unexplained(store, [old], []) == {"C1": Decimal(-113)}
    (found,) = await compared_as(store, "2026-10", [line("invoice/1")])
    assert found.match == "invoice/1"
    assert await unexplained(store, [old], []) == {"C1": Decimal(0)}


async def compared_as(store: Store, period: str, source: list[BookRow]) -> list[Break]:
    begun = BEGUN.model_copy(update={"period": period, "run": 9})
    await store.lines.put(9, Side.SOURCE, source)
    await Comparer(store, TieOutPolicy(), begun).compare(Comparison())
    return await store.breaks.page(CONNECTION, period)


async def test_balances_that_were_signed_off_explain_themselves(store: Store) -> None:
    await compared(store, [line("invoice/1")], [])
    await concluded(store)
    await store.lines.carry_forward(2, 1)
    await store.lines.roll(2)
    assert await store.runs.count_movements(2) == (1, 1)
    assert await store.explanations.explain(2, CONNECTION, "2026-12") == 0


async def test_an_opening_entry_may_stand_for_the_documents_of_the_source(store: Store) -> None:
    source = [line("invoice/1", marks=OPENING), line("invoice/2")]
    entry = by_hand("E1", kind="other", amount=113_000_000, marks=OPENING)
    assert await unexplained(store, source, [entry]) == {"C1": Decimal(0)}
    charge = by_hand("E2", kind="other", amount=4_000_000)
    found = await unexplained(store, source, [charge])
    assert found == {"C1": Decimal(0)}


def test_a_run_says_when_not_everything_was_looked_at_again() -> None:
    assert looked_at(BEGUN, LookedAgain(looked=5)) == BEGUN
    noted = BEGUN.model_copy(update={"note": "the period is not over"})
    found = looked_at(noted, LookedAgain(most=2_000, looked=2_000)).note
    assert found.startswith("the period is not over; only the first 2,000 documents")
    assert "tieout tie-out export" in found
