"""Staged lines, runs and breaks, as both databases keep them."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from documents.key import Key, Kind
from documents.ledger import BookKind, BookRow, Mark, Side, in_millionths
from documents.money import Money
from documents.row import DocumentRow
from documents.tieout import Break, BreakState, BreakType, Tally, TieOutSummary
from policies.tieout.compare import live_rows
from store.store import Store
from tests.store.samples import record

CONNECTION, PERIOD = "demo-nav", "2026-11"
DAY = date(2026, 11, 12).toordinal()


CHANGES: list[dict[str, Any]] = [
    {}, {}, {"amount": -1}, {"tax": 7}, {"open": None}, {"marks": int(Mark.REVERSED)},
]  # fmt: skip


def line(match: str, **changes: Any) -> BookRow:
    row = BookRow(
        match=match, entry=match, kind="invoice", currency="USD", amount=113_000_000, tax=None,
        day=DAY, party="C1", applied="", rate=None, open=0, posted=DAY, number="1", reference="",
        base=None, generation=1, marks=0, changed=0,
    )  # fmt: skip
    return row._replace(**changes)


def disagreeing(source: list[BookRow], target: list[BookRow]) -> set[str]:
    """By hand: every match that is not one equal row on each side."""
    sides: tuple[dict[str, list[BookRow]], ...] = (defaultdict(list), defaultdict(list))
    for rows, groups in zip((source, target), sides, strict=True):
        for row in rows:
            groups[row.match].append(row)
    return {m for m in {*sides[0], *sides[1]} if not _agree(sides[0][m], sides[1][m])}


def _agree(source: list[BookRow], target: list[BookRow]) -> bool:
    if len(source) != 1 or len(target) != 1 or target[0].marks:
        return False
    names = ("kind", "currency", "amount", "tax", "day", "party", "applied", "rate", "open")
    return all(getattr(source[0], n) == getattr(target[0], n) for n in names)


def random_lines(chance: random.Random) -> tuple[list[BookRow], list[BookRow]]:
    source, target = [], []
    for n in range(120):
        row = line(f"invoice/{n}", tax=chance.choice([None, 13]), amount=n)
        if chance.random() < 0.9:
            source.append(row)
        for copy in range(chance.choice([0, 1, 1, 1, 1, 2])):
            changes = chance.choice(CHANGES)
            target.append(row._replace(entry=f"E{n}-{copy}", **changes))
    return source, target


@pytest.mark.parametrize("seed", range(4))
async def test_the_database_leaves_out_exactly_what_agrees(store: Store, seed: int) -> None:
    source, target = random_lines(random.Random(seed))
    await store.lines.put(1, Side.SOURCE, source)
    await store.lines.put(1, Side.TARGET, target)
    found: set[str] = set()
    for side in Side:
        place = ("", "")
        rows: list[BookRow] = []
        while page := await store.lines.differing(1, side, place, 7):
            rows += page
            place = (page[-1].match, page[-1].entry)
        assert rows == sorted(rows, key=lambda row: (row.match, row.entry))
        found |= {row.match for row in rows}
    assert found == disagreeing(source, target)


async def test_a_line_that_is_read_again_takes_the_new_reading(store: Store) -> None:
    await store.lines.put(1, Side.SOURCE, [line("invoice/1"), line("invoice/2")])
    await store.lines.put(1, Side.SOURCE, [line("invoice/1", amount=5)])
    (row,) = await store.lines.of_match(1, Side.SOURCE, ["invoice/1"])
    assert row.amount == 5
    (total,) = await store.lines.totals(1)
    assert total.source == Tally(count=2, amount=Decimal("113.000005"))


async def test_lines_are_in_the_order_of_code_points_in_every_database(store: Store) -> None:
    """As Python orders them: a merge would miss partners otherwise."""
    names = ["invoice/10", "invoice/9", "Invoice/1", "invoice-1", "invoice/é", "invoice_1"]
    await store.lines.put(1, Side.SOURCE, [line(name) for name in names])
    found = await store.lines.differing(1, Side.SOURCE, ("", ""), 100)
    assert [row.match for row in found] == sorted(names)


async def test_movements_add_up_on_both_sides_and_become_the_next_opening(store: Store) -> None:
    opening = int(Mark.OPENING)
    await store.lines.put(1, Side.SOURCE, [
        line("invoice/0", amount=100, marks=opening),
        line("invoice/1", amount=50),
        line("payment/2", kind="payment", amount=30),
        line("credit_note/3", kind="credit memo", amount=20),
    ])  # fmt: skip
    await store.lines.put(1, Side.TARGET, [
        line("invoice/1", entry="E1", amount=150),
        line("", entry="E2", kind="other", amount=-7),
        line("", entry="E3", amount=99, marks=int(Mark.OUTSIDE)),
    ])  # fmt: skip
    await store.lines.roll(1)
    (movement,) = await store.runs.movements(1)
    unit = Decimal(1_000_000)
    assert movement.source_closing * unit == 100
    assert movement.target_closing * unit == 143
    assert not movement.ties
    assert await store.runs.count_movements(1) == (1, 1)
    await store.lines.carry_forward(2, 1)
    await store.lines.carry_forward(2, 1)  # by an attempt after one whose reply was lost
    await store.lines.roll(2)
    (following,) = await store.runs.movements(2)
    assert following.source_opening * unit == 100
    assert following.target_opening * unit == 143


async def test_what_was_written_off_is_in_the_amount_and_no_document_by_itself(
    store: Store,
) -> None:
    """In the customer's movements it is an adjustment."""
    there = line("invoice/1", entry="E1", amount=112_600_000, account="DOMESTIC")
    written_off = line("invoice/1", entry="E2", amount=400_000, account="DOMESTIC", generation=-1)
    await store.lines.put(1, Side.SOURCE, [line("invoice/1")])
    rows = [there, written_off._replace(marks=int(Mark.WRITTEN_OFF))]
    await store.lines.put(1, Side.TARGET, rows)
    (total,) = await store.lines.totals(1)
    assert total.ties
    (account,) = await store.lines.accounts(1)
    assert account.source == account.target
    await store.lines.roll(1)
    (moved,) = await store.runs.movements(1)
    assert moved.ties
    assert (moved.target_invoices, moved.target_adjustments) == (Decimal("112.6"), Decimal("0.4"))


async def test_old_lines_are_forgotten_and_others_stay(store: Store) -> None:
    for run in (1, 2):
        await store.lines.put(run, Side.SOURCE, [line(f"invoice/{n}") for n in range(10)])
    await store.lines.forget([1])
    assert await store.lines.totals(1) == ()
    assert (await store.lines.totals(2))[0].source.count == 10


@pytest.mark.parametrize("seed", range(3))
async def test_each_side_is_added_up_from_its_own_lines(store: Store, seed: int) -> None:
    """As the rules of one document say which of its postings are live."""
    chance = random.Random(seed)
    source, target = random_lines(chance)
    opening = [line("invoice/0", marks=int(Mark.OPENING)), *source[1:]]
    target += [
        row._replace(entry=f"R{row.entry}", amount=-row.amount, marks=int(Mark.REVERSAL))
        for row in target
        if chance.random() < 0.2
    ]
    foreign = [line("", entry=f"F{n}", amount=n) for n in range(5)]
    await store.lines.put(1, Side.SOURCE, opening)
    await store.lines.put(1, Side.TARGET, [*target, *foreign])
    (total,) = await store.lines.totals(1)
    groups = defaultdict(list)
    for row in target:
        groups[row.match].append(row)
    live = [row for rows in groups.values() for row in live_rows(rows)]
    gone = Decimal(sum(row.amount for row in target) - sum(row.amount for row in live))
    assert (total.source.count, total.target.count) == (len(source) - 1, len(live))
    unit = Decimal(1_000_000)
    assert total.target.amount * unit == sum(row.amount for row in live)
    assert (total.reversed.count, total.reversed.amount * unit) == (len(target) - len(live), gone)
    assert (total.outside.count, total.outside.amount * unit) == (5, Decimal(10))


async def test_a_posting_of_the_period_counts_although_its_document_is_of_the_one_before(
    store: Store,
) -> None:
    await store.lines.put(1, Side.SOURCE, [line("invoice/1", marks=int(Mark.OPENING))])
    await store.lines.put(1, Side.TARGET, [line("invoice/1", entry="E1")])
    (found,) = await store.lines.differing(1, Side.TARGET, ("", ""), 10)
    assert found.entry == "E1"
    (total,) = await store.lines.totals(1)
    assert (total.source.count, total.target.count) == (0, 1)


async def test_what_was_looked_at_again_takes_the_place_of_what_was_listed(store: Store) -> None:
    adopted = line("invoice/1", entry="HAND", marks=int(Mark.ADOPTED))
    await store.lines.put(1, Side.TARGET, [line("invoice/1", entry="E1"), adopted])
    await store.lines.replace(1, Side.TARGET, "invoice/1", [line("invoice/1", entry="E2")])
    rows = await store.lines.of_match(1, Side.TARGET, ["invoice/1"])
    assert {row.entry for row in rows} == {"E2", "HAND"}
    await store.lines.replace(1, Side.TARGET, "invoice/1", [])
    assert await store.lines.of_match(1, Side.TARGET, ["invoice/1"]) == [adopted]


def a_break(**changes: Any) -> Break:
    fields = {
        "connection": CONNECTION, "period": PERIOD, "type": BreakType.MISSING_IN_TARGET,
        "kind": BookKind.INVOICE, "match": "invoice/7", "currency": "USD",
        "amount": Decimal("113.00"), "difference": Decimal("-113.00"), "cause": "never-posted",
    }  # fmt: skip
    return Break.model_validate({**fields, **changes})


async def test_a_break_keeps_its_age_until_it_is_closed(store: Store) -> None:
    await store.breaks.found(1, [a_break()])
    (first,) = await store.breaks.page(CONNECTION, PERIOD)
    await store.breaks.found(2, [a_break()])
    (second,) = await store.breaks.page(CONNECTION, PERIOD, run=2)
    assert second.first_seen == first.first_seen
    assert await store.breaks.save(
        second.model_copy(update={"state": BreakState.CLOSED}), was=second
    )
    assert await store.breaks.page(CONNECTION, PERIOD, states=[BreakState.OPEN]) == []
    await store.breaks.found(3, [a_break()])
    (again,) = await store.breaks.page(CONNECTION, PERIOD, states=[BreakState.OPEN])
    assert again.first_seen is not None
    assert first.first_seen is not None
    assert again.first_seen > first.first_seen


async def test_breaks_of_earlier_runs_are_told_apart(store: Store) -> None:
    await store.breaks.found(1, [a_break(), a_break(match="invoice/8")])
    await store.breaks.found(2, [a_break()])
    older = await store.breaks.page(CONNECTION, PERIOD, before=2)
    assert [found.match for found in older] == ["invoice/8"]


async def test_a_late_attempt_of_an_older_run_does_not_take_a_break_back(store: Store) -> None:
    await store.breaks.found(2, [a_break()])
    await store.breaks.found(1, [a_break()])
    assert await store.breaks.page(CONNECTION, PERIOD, before=2) == []


async def test_counts_name_the_oldest_of_each_type_and_state(store: Store) -> None:
    await store.breaks.found(1, [a_break(match=f"invoice/{n}") for n in range(3)])
    (count,) = await store.breaks.counts(CONNECTION, PERIOD)
    assert (count.type, count.state, count.count) == (
        BreakType.MISSING_IN_TARGET, BreakState.OPEN, 3,
    )  # fmt: skip
    assert count.oldest is not None


async def test_the_same_workflow_gets_the_same_run(store: Store) -> None:
    first = await store.runs.begin(CONNECTION, PERIOD, "w1")
    assert (await store.runs.begin(CONNECTION, PERIOD, "w1")).run == first.run
    other = await store.runs.begin(CONNECTION, PERIOD, "w2")
    assert other.run > first.run
    assert await store.runs.latest(CONNECTION, PERIOD) is None
    done = TieOutSummary(
        connection=CONNECTION, period=PERIOD, run=other.run, started_at=other.started_at,
        finished_at=other.started_at,
    )  # fmt: skip
    await store.runs.finish(done)
    assert await store.runs.latest(CONNECTION, PERIOD) == done
    assert await store.runs.older(CONNECTION, PERIOD, other.run) == [first.run]


async def test_what_a_person_proposed_meanwhile_is_not_overwritten(store: Store) -> None:
    await store.breaks.found(1, [a_break()])
    (read,) = await store.breaks.page(CONNECTION, PERIOD)
    proposed = read.model_copy(update={"state": BreakState.PROPOSED, "how": "proposed by Ada"})
    assert await store.breaks.save(proposed, was=read)
    looked_at = read.model_copy(update={"state": BreakState.CLOSED})
    assert not await store.breaks.save(looked_at, was=read)
    (found,) = await store.breaks.page(CONNECTION, PERIOD)
    assert (found.state, found.how) == (BreakState.PROPOSED, "proposed by Ada")
    assert await store.breaks.save(found.model_copy(update={"how": "approved"}), was=found)


async def test_breaks_are_counted_of_one_run_too(store: Store) -> None:
    await store.breaks.found(1, [a_break(), a_break(match="invoice/8")])
    await store.breaks.found(2, [a_break()])
    (count,) = await store.breaks.counts(CONNECTION, PERIOD, 2)
    (every,) = await store.breaks.counts(CONNECTION, PERIOD)
    assert (count.count, every.count) == (1, 2)


async def test_a_tie_out_knows_the_tax_and_the_date_that_were_posted_first(store: Store) -> None:
    key = Key(tag="D", kind=Kind.INVOICE, source_id="1000001")
    await store.documents.save(
        DocumentRow(connection=CONNECTION, kind=key.kind, source_id="1000001")
    )
    await store.postings.open(key, CONNECTION, None, Money.of("110.00", "EUR"))
    for first, on in (("110.00", date(2026, 11, 12)), ("999.00", date(2026, 11, 13))):
        made = record(first).model_copy(update={"document_date": on})
        await store.postings.open(key, CONNECTION, made, None)
    (known,) = (await store.known.by_match(CONNECTION, ["invoice/1000001"])).values()
    expected = record().expected
    assert expected is not None
    assert known.posted_tax == in_millionths(expected.tax.amount)
    assert known.posted_day == DAY


async def test_expenses_are_asked_for_by_the_keys_that_were_prepared(store: Store) -> None:
    for number, generation, on in ((7, 1, 12), (7, 2, 12), (8, 1, 30), (9, 1, None)):
        key = Key(tag="D", kind=Kind.EXPENSE, source_id=f"{number}", generation=generation)
        day = date(2026, 11, on) if on else None
        made = record().model_copy(update={"kind": Kind.EXPENSE, "document_date": day})
        await store.postings.open(key, CONNECTION, made, None)
    first, last = date(2026, 11, 12), date(2026, 11, 29)
    found = store.known.generations
    assert await found(CONNECTION, Kind.EXPENSE, first, last, "", 9) == [("7", 2), ("9", 1)]
    assert await found(CONNECTION, Kind.EXPENSE, None, last, "7", 9) == [("9", 1)]
    assert await found(CONNECTION, Kind.EXPENSE, last, last, "", 1) == [("9", 1)]


async def test_control_totals_by_account_foot_to_those_by_kind(store: Store) -> None:
    source = [line(f"invoice/{n}", amount=n * 1_000_000) for n in range(1, 6)]
    gone = int(Mark.REVERSAL)
    target = [
        line("invoice/1", entry="E1", amount=1_000_000, account="HOME"),
        line("invoice/2", entry="E2", amount=3_000_000, account="ABROAD"),
        line("invoice/3", entry="E3", amount=3_000_000, account="HOME"),
        line("invoice/3", entry="E4", amount=-3_000_000, account="HOME", marks=gone),
        line("invoice/3", entry="E5", amount=3_000_000, account="ABROAD", generation=2),
        line("invoice/4", entry="E6", amount=4_000_000, account="HOME"),
        line("", entry="E7", amount=9_000_000, account="HOME"),
    ]
    await store.lines.put(1, Side.SOURCE, source)
    await store.lines.put(1, Side.TARGET, target)
    found = await store.lines.accounts(1)
    sums = {t.account: (t.source.count, t.source.amount, t.target.amount) for t in found}
    assert sums == {
        "": (1, Decimal(5), Decimal(0)),
        "ABROAD": (2, Decimal(5), Decimal(6)),
        "HOME": (2, Decimal(5), Decimal(5)),
    }
    (total,) = await store.lines.totals(1)
    for side in ("source", "target"):
        assert sum(getattr(t, side).count for t in found) == getattr(total, side).count
        assert sum(getattr(t, side).amount for t in found) == getattr(total, side).amount
