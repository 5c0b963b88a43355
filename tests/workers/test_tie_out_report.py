"""The report of a tie-out in all its shapes, and who may sign it."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import openpyxl  # type: ignore[import-untyped]  # it has no hints
import pytest
from rich.console import Console
from sqlalchemy import update

from activities.context import Connection, Workplace
from activities.putting_right import PutRightActivities
from activities.signatures_breaks import PutRightInput
from documents.key import Kind
from documents.ledger import BookKind, BookRow, Mark, Side
from documents.sign_off import SignOffState
from documents.tieout import (
    Break,
    BreakAction,
    BreakCount,
    BreakState,
    BreakType,
    Check,
    ControlTotal,
    Listed,
    Movement,
    Remedy,
    Tally,
    TieOutSummary,
)
from policies.tieout.settings import TieOutPolicy
from policies.tieout.verdict import verdict
from store.cipher import Cipher
from store.keyring import KeyRing
from store.seal import Seal
from store.store import Store
from store.tieout_tables import sign_offs
from tests.contracts.posting_desk import Desk
from tests.fresh import fresh_database
from workers.access.callers import Caller, Concierge, Role
from workers.access.tokens import PersonalTokens, mint
from workers.refusal import Refusal
from workers.tieout.chart import totals_chart
from workers.tieout.files import write_breaks_csv, write_xlsx
from workers.tieout.page import html
from workers.tieout.report import BREAK_HEADER, Report, age_cells, load, written_off_cells
from workers.tieout.signing import SigningDesk, somebody
from workers.tieout.streams import Streams, streams_of
from workers.tieout.table import show

NOW = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
CONNECTION, PERIOD = "demo-nav", "2026-11"
EVIL = "=HYPERLINK(\"http://x\")<script>alert('1')</script>"
ADA = Caller("p1", "Ada", Role.OPERATOR)
BEN = Caller("p2", "Ben", Role.APPROVER)
RING = KeyRing.generate("k1")
Row = TypeVar("Row", Break, BookRow, Movement)


def a_break(**changes: object) -> Break:
    fields = {
        "connection": CONNECTION, "period": PERIOD, "type": BreakType.AMOUNT,
        "kind": BookKind.INVOICE, "match": "invoice/7", "number": EVIL, "target_number": "1001",
        "party": "C1", "currency": "USD", "amount": Decimal("113.00"),
        "difference": Decimal("-0.50"), "source_value": "113.00 USD",
        "target_value": "112.50 USD", "cause": "other-amount", "remedy": Remedy.PROPOSAL,
        "first_seen": NOW - timedelta(days=9),
    }  # fmt: skip
    return Break.model_validate({**fields, **changes})


def summary(**changes: object) -> TieOutSummary:
    both = Tally(count=1_000, amount=Decimal("123456.78"))
    fields = {
        "connection": CONNECTION, "period": PERIOD, "run": 1, "started_at": NOW,
        "finished_at": NOW, "source_read": 1_000, "target_read": 1_000,
        "totals": (
            ControlTotal(kind=BookKind.INVOICE, currency="USD", source=both, target=both),
            ControlTotal(
                kind=BookKind.PAYMENT, currency="JPY", source=Tally(count=2, amount=Decimal(900)),
                target=Tally(count=2, amount=Decimal(900)),
            ),
        ),
        "checks": (
            Check(
                name="credit and unapplied cash", currency="USD", left_name="credit",
                right_name="unapplied", left=Decimal(5), right=Decimal(5),
            ),
        ),
    }  # fmt: skip
    return TieOutSummary.model_validate({**fields, **changes})


def a_report(*breaks: Break, unshown: int = 0) -> Report:
    counts = tuple(
        BreakCount(type=b.type, state=b.state, count=1, oldest=b.first_seen)
        for b in (*breaks, *breaks[:1] * unshown)
    )
    movement = Movement(party="C1", currency="USD", source_invoices=Decimal(113))
    return Report(summary(breaks=counts), breaks, (), (movement,), None, NOW)


def test_a_period_without_breaks_ties_to_the_cent() -> None:
    assert a_report().verdict == "ties to the cent"
    assert a_report(a_break()).verdict == "does not tie: 1 break open"
    accepted = a_report(a_break(state=BreakState.ACCEPTED))
    assert (accepted.is_tied, accepted.verdict) == (True, "ties, with 1 explained difference")


def total_of(source: str, target: str) -> ControlTotal:
    return ControlTotal(
        kind=BookKind.INVOICE, currency="USD", source=Tally(count=1, amount=Decimal(source)),
        target=Tally(count=1, amount=Decimal(target)),
    )  # fmt: skip


def accepted(amount: str) -> dict[str, object]:
    count = BreakCount(type=BreakType.AMOUNT, state=BreakState.ACCEPTED, count=1)
    listed = Listed(kind=BookKind.INVOICE, currency="USD", amount=Decimal(amount))
    return {"breaks": (count,), "listed": (listed,)}


def test_control_totals_may_differ_by_what_is_listed_and_by_nothing_else() -> None:
    totals = (total_of("5", "3"),)
    assert not verdict(summary(totals=totals)).is_tied
    assert not verdict(summary(totals=totals, **accepted("-0.01"))).is_tied
    assert verdict(summary(totals=totals, **accepted("-2"))).is_tied
    assert not verdict(summary(totals=(total_of("5", "5"),), **accepted("-2"))).is_tied


def test_customers_are_counted_and_have_no_bar() -> None:
    cards = ControlTotal(kind=BookKind.CUSTOMER, currency="", source=Tally(count=2))
    assert totals_chart([cards]) == ""
    assert str(verdict(summary(totals=(cards,)))) == (
        "does not tie: the numbers of customer differ and nothing says why"
    )


def test_customers_that_differ_without_a_reason_do_not_tie() -> None:
    found = verdict(summary(movements=5, movements_that_differ=5, movements_unexplained=4))
    assert str(found) == "does not tie: 4 customers differ by what is in no break"
    assert verdict(summary(movements=5, movements_that_differ=5)).is_tied


def test_the_digest_has_what_checks_and_customers_differ_by_and_not_what_others_post() -> None:
    plain = summary()
    check = plain.checks[0]
    other = check.model_copy(update={"right": Decimal(6)})
    today = other.model_copy(update={"is_of_today": True})
    both = check.model_copy(update={"left": Decimal(9), "right": Decimal(9)})
    outside = plain.totals[0].model_copy(update={"outside": Tally(count=1)})
    assert summary(checks=(other,)).digest() != plain.digest()
    assert summary(movements_that_differ=1).digest() != plain.digest()
    assert summary(checks=(both,)).digest() == plain.digest()
    assert summary(checks=(today,)).digest() == summary(checks=()).digest()
    assert summary(totals=(outside, *plain.totals[1:])).digest() == plain.digest()


def _shown(report: Report) -> str:
    out = io.StringIO()
    show(report, Console(file=out, width=200), everything=True)
    return out.getvalue()


def test_the_table_shows_totals_breaks_and_what_to_do() -> None:
    text = _shown(a_report(a_break()))
    for wanted in (
        "does not tie",
        "123,456.78",
        "900",
        "The amounts differ",
        "not signed off",
        "C1",
    ):
        assert wanted in text


def test_amounts_in_every_table_have_the_decimals_of_their_currency() -> None:
    text = _shown(a_report())
    assert re.search(r"credit\W+5\.00\W+unapplied\W+5\.00", text), text
    assert re.search(r"C1\W+USD\W+source\W+0\.00\W+113\.00", text), text


async def _these(*rows: Row) -> AsyncIterator[Row]:
    for each in rows:
        yield each


def _only(*breaks: Break) -> Streams:
    return Streams(_these(*breaks), _these(), _these())


async def test_the_csv_shows_no_formula_and_every_column(tmp_path: Path) -> None:
    path = tmp_path / "breaks.csv"
    await write_breaks_csv(path, a_report(a_break()), _only(a_break()))
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert tuple(rows[0]) == BREAK_HEADER
    cells = dict(zip(rows[0], rows[1], strict=True))
    assert cells["number"].startswith("'=")
    assert (cells["difference"], cells["age in days"]) == ("-0.50", "9")


async def test_an_export_has_every_break_and_a_page_says_how_many_it_leaves_out(
    tmp_path: Path,
) -> None:
    found = [a_break(match=f"invoice/{n}") for n in range(3_000)]
    report = a_report(*found[:1_000], unshown=2_000)
    await write_breaks_csv(tmp_path / "breaks.csv", report, _only(*found))
    await write_xlsx(tmp_path / "report.xlsx", report, _only(*found))
    rows = list(csv.reader(io.StringIO((tmp_path / "breaks.csv").read_text("utf-8-sig"))))
    assert len(rows) == 1 + 3_000
    book = openpyxl.load_workbook(tmp_path / "report.xlsx", read_only=True)
    assert book["Breaks"].max_row == 1 + 3_000
    assert "The first 1,000 of 3,000" in html(report)
    assert "and 2,000 more" in _shown(report)


def test_what_a_client_typed_is_not_taken_for_markup() -> None:
    assert "INV[/x] [draft] 1" in _shown(a_report(a_break(number="INV[/x] [draft] 1")))


async def test_the_workbook_has_numbers_that_add_up_and_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    await write_xlsx(path, a_report(a_break()), _only(a_break()))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [
        "Summary", "Control totals", "Accounts", "Checks", "Breaks", "Breaks by age",
        "Written off", "Reconciling items", "Customers",
    ]  # fmt: skip
    totals = list(book["Control totals"].values)
    assert totals[1][3] == 123456.78
    cells = [cell for row in book["Breaks"].iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)


def test_the_page_keeps_the_names_of_currencies_in_its_verdict() -> None:
    differing = summary(totals=(total_of("5", "3"),))
    page = html(replace(a_report(), summary=differing))
    assert "Does not tie: control totals of invoice in USD differ" in page


def test_the_page_needs_nothing_else_and_runs_nothing() -> None:
    page = html(a_report(a_break()))
    assert "<script" not in page
    assert "http" not in page.replace("http://x", "")
    assert "<svg" in page
    assert "&lt;script&gt;" in page


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_browser_shows_the_page_with_its_chart(tmp_path: Path) -> None:
    assert CHROMIUM is not None
    page = tmp_path / "report.html"
    page.write_text(html(a_report(a_break())), encoding="utf-8")
    picture = tmp_path / "report.png"
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/p",
        "--window-size=1200,1400", f"--screenshot={picture}", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    shown = subprocess.run(command, capture_output=True, timeout=90, check=True, text=True)
    assert "Does not tie: 1 break open" in shown.stdout
    assert shown.stdout.count("<rect") >= 6
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 20_000


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    url = await fresh_database(tmp_path / "tieout.db")
    async with await Store.open(url, Cipher(RING)) as opened:
        yield opened


async def finished(store: Store, **changes: object) -> Report:
    """A run that came to what `summary` says."""
    run = await store.runs.begin(CONNECTION, PERIOD, f"run {datetime.now(UTC)}")
    await store.runs.finish(summary(run=run.run, **changes))
    return await load(store, CONNECTION, PERIOD, NOW)


def desk(store: Store, *, alone: bool = False) -> SigningDesk:
    return SigningDesk(store, Seal(RING), NOW, alone)


async def test_two_people_sign_off_a_period_that_ties(store: Store) -> None:
    prepared = await desk(store).sign(await finished(store), ADA)
    assert prepared.state is SignOffState.PREPARED
    assert not await store.sign_offs.is_signed_off(CONNECTION, date(2026, 11, 5))
    signed = await desk(store).sign(await load(store, CONNECTION, PERIOD, NOW), BEN)
    assert (signed.state, signed.preparer, signed.approver) == (
        SignOffState.SIGNED_OFF, "Ada", "Ben",
    )  # fmt: skip
    assert await store.sign_offs.is_signed_off(CONNECTION, date(2026, 11, 5))
    assert not await store.sign_offs.is_signed_off(CONNECTION, date(2026, 12, 1))
    assert (await store.audit.verify(CONNECTION)).entries == 2


async def test_a_changed_column_opens_no_period_that_was_signed_off(store: Store) -> None:
    await desk(store).sign(await finished(store), ADA)
    await desk(store).sign(await load(store, CONNECTION, PERIOD, NOW), BEN)
    await store._database.change(update(sign_offs).values(state="re-opened"))
    assert await store.sign_offs.is_signed_off(CONNECTION, date(2026, 11, 5))


async def test_one_person_cannot_do_both(store: Store) -> None:
    await desk(store).sign(await finished(store), BEN)
    again = await load(store, CONNECTION, PERIOD, NOW)
    with pytest.raises(Refusal, match="somebody else has to approve"):
        await desk(store).sign(again, BEN)
    alone = await desk(store, alone=True).sign(again, BEN)
    assert alone.reason == "signed off by one person alone"


async def test_an_operator_cannot_approve(store: Store) -> None:
    await desk(store).sign(await finished(store), ADA)
    with pytest.raises(Refusal, match="role approver"):
        await desk(store).sign(
            await load(store, CONNECTION, PERIOD, NOW), Caller("p3", "Cas", Role.OPERATOR)
        )


async def test_a_preparation_that_was_not_sealed_is_not_approved(store: Store) -> None:
    prepared = await desk(store).sign(await finished(store), ADA)
    await store.sign_offs.add(prepared.model_copy(update={"preparer": "Eve"}))
    with pytest.raises(Refusal, match="does not bear the seal"):
        await desk(store).sign(await load(store, CONNECTION, PERIOD, NOW), BEN)


async def test_other_figures_have_to_be_prepared_again(store: Store) -> None:
    await desk(store).sign(await finished(store), ADA)
    other = await finished(store, totals=())
    signed = await desk(store).sign(other, BEN)
    assert (signed.state, signed.preparer) == (SignOffState.PREPARED, "Ben")


async def test_an_unfinished_period_and_one_with_breaks_cannot_be_signed(store: Store) -> None:
    provisional = await finished(store, is_provisional=True, note="the period is not over")
    with pytest.raises(Refusal, match="the period is not over"):
        await desk(store).sign(provisional, ADA)
    await store.breaks.found(1, [a_break()])
    with pytest.raises(Refusal, match="1 break open"):
        await desk(store).sign(await finished(store), ADA)


async def test_what_is_on_its_way_keeps_a_period_from_being_signed(store: Store) -> None:
    await store.breaks.found(1, [a_break(state=BreakState.TIMING, difference=Decimal(-1))])
    report = await finished(store, totals=(total_of("113", "112"),))
    assert report.verdict == "ties, with 1 difference of timing"
    with pytest.raises(Refusal, match="cannot be signed off"):
        await desk(store).sign(report, ADA)


async def test_a_period_whose_control_account_differs_is_not_signed(store: Store) -> None:
    check = summary().checks[0].model_copy(update={"right": Decimal(1_000_000)})
    with pytest.raises(Refusal, match="differ in USD: it cannot be signed off"):
        await desk(store).sign(await finished(store, checks=(check,)), ADA)


async def test_the_report_lists_ages_what_was_written_off_and_what_others_posted(
    store: Store, tmp_path: Path
) -> None:
    run = (await finished(store)).summary.run
    ages = [0, 3, 3, 20, 90]
    found = [
        a_break(match=f"invoice/{n}", first_seen=NOW - timedelta(days=days))
        for n, days in enumerate(ages)
    ]
    accepted = {"state": BreakState.ACCEPTED, "how": "proposed by Ada: a cent; approved by Ben"}
    by_rule = {"state": BreakState.ACCEPTED, "cause": "within-tolerance"}
    booked = {"state": BreakState.CLOSED, "booked_as": "N-H1-1", "difference": Decimal("0.40")}
    found += [a_break(match="invoice/7", **accepted), a_break(match="invoice/8", **by_rule)]
    found.append(a_break(match="invoice/9", **booked))
    await store.breaks.found(run, found)
    others = [
        foreign("1", "FIN-1", kind="other", amount=2_500_000),
        foreign("2", "HAND-2", marks=int(Mark.OUTSIDE)),
        foreign("3", "HAND-3"),
        foreign("4", "HAND-4", marks=int(Mark.OUTSIDE | Mark.OPENING)),
    ]
    await store.lines.put(run, Side.TARGET, others)
    report = await load(store, CONNECTION, PERIOD, NOW)
    assert age_cells(report) == [["amount", 1, 2, 1, 1, 5]]
    assert written_off_cells(report) == [
        ["USD", "accepted, nothing booked", 1, Decimal("-0.50")],
        ["USD", "booked as a write-off", 1, Decimal("0.40")],
    ]
    assert [row.number for row in report.reconciling] == ["FIN-1", "HAND-2"]
    for shown in (_shown(report), html(report)):
        for wanted in ("1 to 7 days", "Written off by two people", "FIN-1", "other entry"):
            assert wanted in shown, wanted
    path = tmp_path / "report.xlsx"
    await write_xlsx(path, report, streams_of(store, report.summary))
    book = openpyxl.load_workbook(path)
    assert [row[1] for row in book["Reconciling items"].values] == ["number", "FIN-1", "HAND-2"]


async def test_an_export_has_every_customer_that_differs(store: Store, tmp_path: Path) -> None:
    run = (await store.runs.begin(CONNECTION, PERIOD, "run")).run
    parties = [f"C{n:04d}" for n in range(1_203)]
    bought = [foreign(party, party, party=party, match=f"invoice/{party}") for party in parties]
    await store.lines.put(run, Side.SOURCE, bought)
    await store.lines.roll(run)
    await store.runs.finish(summary(run=run, movements_that_differ=1_203))
    report = await load(store, CONNECTION, PERIOD, NOW)
    await write_xlsx(tmp_path / "report.xlsx", report, streams_of(store, report.summary))
    book = openpyxl.load_workbook(tmp_path / "report.xlsx", read_only=True)
    told = [row[0] for row in book["Customers"].values if row[2] == "source"]
    assert told == parties
    assert "the first 1,000 of 1,203: the XLSX export has all of them" in html(report)


def foreign(entry: str, number: str, **changes: Any) -> BookRow:
    """An entry of the target that carries no key of ours."""
    day = date(2026, 11, 5).toordinal()
    row = BookRow(
        match="", entry=entry, kind="invoice", currency="USD", amount=7_000_000, tax=None,
        day=day, party="C9", applied="", rate=None, open=None, posted=day, number=number,
        reference="", base=None, generation=1, marks=0, changed=0,
    )  # fmt: skip
    return row._replace(**changes)


async def test_two_people_accept_a_small_difference(store: Store) -> None:
    report = await finished(store, totals=(total_of("113.00", "112.50"),))
    await store.breaks.found(report.summary.run, [a_break()])
    (found,) = await store.breaks.page(CONNECTION, PERIOD)
    policy = TieOutPolicy()
    proposed = await desk(store).propose(
        found, BreakAction.ACCEPT, ADA, "rounding of the bank", policy
    )
    assert proposed.state is BreakState.PROPOSED
    with pytest.raises(Refusal, match="changed meanwhile"):
        await desk(store).propose(found, BreakAction.ACCEPT, BEN, "I was faster", policy)
    (proposed,) = await store.breaks.page(CONNECTION, PERIOD)
    with pytest.raises(Refusal, match="somebody else"):
        await desk(store).approve(proposed, ADA)
    accepted = await desk(store).approve(proposed, BEN)
    assert (accepted.state, accepted.how) == (
        BreakState.ACCEPTED, "proposed by Ada: rounding of the bank; approved by Ben",
    )  # fmt: skip
    # The next run finds the same difference: what people decided stays.
    await store.breaks.found(report.summary.run + 1, [a_break()])
    assert (await load(store, CONNECTION, PERIOD, NOW)).is_tied
    await store.breaks.found(report.summary.run + 2, [a_break(difference=Decimal(-1))])
    assert not (await load(store, CONNECTION, PERIOD, NOW)).is_tied


async def test_a_large_difference_cannot_be_accepted(store: Store) -> None:
    large = a_break(difference=Decimal(-50), remedy=Remedy.PERSON)
    with pytest.raises(Refusal, match="above the limit"):
        await desk(store).propose(large, BreakAction.ACCEPT, ADA, "because", TieOutPolicy())
    with pytest.raises(Refusal, match="a reason is required"):
        await desk(store).propose(a_break(), BreakAction.ACCEPT, ADA, " ", TieOutPolicy())


async def test_a_duplicate_is_put_right_and_not_accepted(store: Store) -> None:
    twice = a_break(
        type=BreakType.DUPLICATE_IN_TARGET, cause="posted-twice", difference=Decimal(113)
    )
    with pytest.raises(Refusal, match="above the limit"):
        await desk(store).propose(twice, BreakAction.ACCEPT, ADA, "because", TieOutPolicy())
    currency = a_break(type=BreakType.CURRENCY, cause="other-currency", difference=Decimal(0))
    with pytest.raises(Refusal, match="two currencies"):
        await desk(store).propose(currency, BreakAction.ACCEPT, ADA, "because", TieOutPolicy())


async def test_a_duplicate_is_reversed_after_two_people_said_so(store: Store) -> None:
    await store.breaks.found(1, [twice()])
    (found,) = await store.breaks.page(CONNECTION, PERIOD)
    proposed = await desk(store).propose(
        found, BreakAction.REVERSE, ADA, "entered by hand too", TieOutPolicy()
    )
    with pytest.raises(Refusal, match="Ada proposed to reverse it"):
        await desk(store).propose(proposed, BreakAction.ACCEPT, BEN, "", TieOutPolicy())
    (proposed,) = await store.breaks.page(CONNECTION, PERIOD)
    with pytest.raises(Refusal, match="somebody else"):
        await desk(store).approve(proposed, ADA)
    approved = await desk(store).approve(proposed, BEN)
    assert (approved.state, approved.approver) == (BreakState.APPROVED, "Ben")
    with pytest.raises(Refusal, match="is approved: there is nothing to approve"):
        await desk(store).approve(approved, BEN)
    entries = [e.what for e in await store.audit.of_document(CONNECTION, Kind.INVOICE, "7")]
    assert entries == [
        "break duplicate in target: reversal proposed",
        "break duplicate in target: reversal approved",
    ]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"type": BreakType.AMOUNT, "cause": "other-amount"}, "only a duplicate is reversed"),
        ({"kind": BookKind.EXPENSE}, "only invoices, receipts and credits are reversed"),
        ({"target_number": ""}, "only invoices, receipts and credits are reversed"),
    ],
)
async def test_what_does_not_stand_twice_is_not_reversed(
    store: Store, changes: dict[str, object], why: str
) -> None:
    with pytest.raises(Refusal, match=why):
        await desk(store).propose(
            twice(**changes), BreakAction.REVERSE, ADA, "because", TieOutPolicy()
        )


def twice(**changes: object) -> Break:
    fields = {
        "type": BreakType.DUPLICATE_IN_TARGET, "cause": "posted-by-hand-too", "entry": "E2",
        "difference": Decimal(113),
    }  # fmt: skip
    return a_break(**{**fields, **changes})


async def test_an_approval_without_the_seals_of_two_people_posts_nothing(store: Store) -> None:
    """Who may write to the store alone makes nobody post; the break is open again, with why."""
    await store.breaks.found(1, [twice()])
    (found,) = await store.breaks.page(CONNECTION, PERIOD)
    await desk(store).propose(
        found, BreakAction.REVERSE, ADA, "entered by hand too", TieOutPolicy()
    )
    (proposed,) = await store.breaks.page(CONNECTION, PERIOD)
    update = {"state": BreakState.APPROVED, "approver": "Ben", "approval": proposed.proof}
    await store.breaks.save(proposed.model_copy(update=update), was=proposed)
    connection = replace(Desk(store).poster.connection, name=CONNECTION)
    place = Workplace({CONNECTION: connection}, store, Seal(RING))
    asked = PutRightInput(connection=CONNECTION, period=PERIOD, match=found.match, queue="")
    done = await PutRightActivities(place, _told).put_right(asked)
    assert "does not bear the seals" in done.how
    (now,) = await store.breaks.page(CONNECTION, PERIOD)
    assert (now.state, now.proposer) == (BreakState.OPEN, "")


async def _told(connection: Connection, kind: Kind, source_id: str) -> None:
    raise AssertionError("nothing was done of which a process has to hear")


async def test_a_posting_of_another_month_is_accepted_whatever_its_amount(store: Store) -> None:
    late = a_break(type=BreakType.DATE, cause="other-period", difference=Decimal(-113))
    await store.breaks.found(1, [late])
    (late,) = await store.breaks.page(CONNECTION, PERIOD)
    proposed = await desk(store).propose(
        late, BreakAction.ACCEPT, ADA, "the month was closed", TieOutPolicy()
    )
    assert proposed.state is BreakState.PROPOSED


async def test_only_who_has_a_token_signs(store: Store) -> None:
    new = mint()
    await store.persons.add(new.person_id, "Ada", Role.VIEWER.value, new.digest)
    doors = Concierge(PersonalTokens(store.persons))
    with pytest.raises(Refusal, match="needs the role operator"):
        await somebody(doors, new.token, Role.OPERATOR)
    with pytest.raises(Refusal):
        await somebody(doors, "nonsense", Role.VIEWER)
    assert (await somebody(doors, new.token, Role.VIEWER)).name == "Ada"


async def test_a_period_that_was_never_tied_out_is_refused_with_those_that_were(
    store: Store,
) -> None:
    await finished(store)
    with pytest.raises(Refusal, match="periods that were: 2026-11"):
        await load(store, CONNECTION, "2026-10", NOW)


async def test_what_moved_after_the_signature_is_named(store: Store) -> None:
    line = BookRow(
        "invoice/7", "invoice/7", "invoice", "USD", 113_000_000, None, 739_000, "C1", "", None,
        None, 739_000, "INV-7", "", None, 1, 0, 0,
    )  # fmt: skip
    await store.lines.put(1, Side.SOURCE, [line])
    new = line._replace(match="invoice/8", entry="invoice/8", number="INV-8")
    await store.lines.put(2, Side.SOURCE, [line._replace(amount=1), new])
    moved = await store.lines.moved(2, 1)
    assert {(row.number, word) for word, row in moved} == {
        ("INV-7", "has changed"), ("INV-8", "is new"),
    }  # fmt: skip
    assert [(w, r.number) for w, r in await store.lines.moved(1, 2) if w == "is gone"] == [
        ("is gone", "INV-8")
    ]
