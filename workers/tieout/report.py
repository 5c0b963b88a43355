"""What a report of a tie-out is made of, whatever it looks like."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from documents.ledger import BookKind, BookRow, from_millionths
from documents.money import Money
from documents.sign_off import SignOff, SignOffState
from documents.tieout import Break, BreakState, ControlTotal, Movement, TieOutSummary
from policies.tieout.causes import cause_of
from policies.tieout.verdict import COUNTED, verdict
from store.store import Store
from store.tieout_figures import AGES, Aged, WrittenOff
from workers.csvsafe import Cell
from workers.refusal import Refusal

SHOWN = (*COUNTED, BreakState.TIMING, BreakState.ACCEPTED)
_MOST = 1_000


@dataclass(frozen=True)
class Report:
    """One period of one connection: the last run's figures, the breaks that are not closed, the
    customers that differ and the reconciling items (the first thousand of each), and how the
    sign-off stands. `repaired` is how many of the closed breaks the house mended itself, `ages`
    and `written_off` are of all breaks."""

    summary: TieOutSummary
    breaks: Sequence[Break]
    closed: Sequence[Break]
    movements: Sequence[Movement]
    sign_off: SignOff | None
    made_at: datetime
    repaired: int = 0
    ages: Sequence[Aged] = ()
    written_off: Sequence[WrittenOff] = ()
    reconciling: Sequence[BookRow] = ()

    @property
    def unshown(self) -> int:
        """Breaks that are not closed and not among `breaks`."""
        return self.summary.count(*SHOWN) - len(self.breaks)

    @property
    def verdict(self) -> str:
        """The one sentence that people read first."""
        return str(verdict(self.summary))

    @property
    def is_tied(self) -> bool:
        return verdict(self.summary).is_tied


async def load(store: Store, connection: str, period: str, now: datetime) -> Report:
    """The report of a period. Refusal when it was never tied out."""
    summary = await store.runs.latest(connection, period)
    if summary is None:
        known = ", ".join(await store.runs.periods(connection)) or "none"
        raise Refusal(
            f"{connection} was not tied out for {period} yet (tieout tie-out run); "
            f"periods that were: {known}"
        )
    repaired, booked = await _closed(store, connection, period)
    return Report(
        # What people decided since the run counts too.
        summary=await store.breaks.counted(summary),
        breaks=await _first(store, connection, period, SHOWN),
        closed=await _first(store, connection, period, (BreakState.CLOSED,)),
        movements=await store.runs.movements(summary.run, differing=True, limit=_MOST),
        sign_off=await store.sign_offs.get(connection, period),
        made_at=now,
        repaired=repaired,
        ages=await store.figures.ages(connection, period, now),
        written_off=[*await store.figures.written_off(connection, period), *booked],
        reconciling=[row async for row in store.figures.reconciling(summary.run, _MOST)],
    )


async def _first(
    store: Store, connection: str, period: str, states: Sequence[BreakState]
) -> list[Break]:
    found = await store.breaks.page(connection, period, states=states, limit=_MOST)
    return sorted(found, key=lambda b: (b.state.value, b.type.value, b.number))


async def _closed(store: Store, connection: str, period: str) -> tuple[int, list[WrittenOff]]:
    """How many of the closed breaks the house mended, and what was booked as written off."""
    repaired, after, sums = 0, "", defaultdict[str, list[Decimal]](list)
    states = (BreakState.CLOSED,)
    while page := await store.breaks.page(connection, period, states=states, after=after):
        repaired, after = repaired + sum(bool(b.repaired_at) for b in page), page[-1].break_id
        for each in page:
            if each.booked_as:
                sums[each.currency].append(each.difference)
    booked = [
        WrittenOff(currency, len(found), sum(found, Decimal(0)), is_booked=True)
        for currency, found in sorted(sums.items())
    ]
    return repaired, booked


def shown(amount: Decimal, currency: str) -> str:
    """An amount with its currency's decimals and thousands, as statements show it."""
    rounded = Money.of(amount, currency).rounded().amount if currency else amount
    return f"{rounded:,}"


def age(found: Break, now: datetime) -> int:
    """Whole days since a break was seen first."""
    return (now - found.first_seen).days if found.first_seen else 0


BREAK_HEADER = (
    "state", "type", "kind", "number", "target number", "customer", "currency", "amount",
    "difference", "at the source", "in the target", "age in days", "cause", "remedy", "to do",
    "suggestion", "how", "id",
)  # fmt: skip


def break_cells(found: Break, now: datetime) -> list[Cell]:
    """A break as the cells of BREAK_HEADER."""
    cause = cause_of(found.cause)
    return [
        found.state.value, found.type.value, found.kind.value, found.number, found.target_number,
        found.party, found.currency, found.amount, found.difference, found.source_value,
        found.target_value, age(found, now), cause.words, found.remedy.value, cause.advice,
        found.suggestion, found.how, found.break_id,
    ]  # fmt: skip


TOTAL_HEADER = (
    "kind", "currency", "source count", "source amount", "target count", "target amount",
    "difference", "reversed count", "reversed amount", "outside count", "outside amount", "ties",
)  # fmt: skip


def total_cells(total: ControlTotal) -> list[Cell]:
    """Control totals of a kind and currency as the cells of TOTAL_HEADER."""
    return [
        total.kind.value, total.currency, total.source.count, total.source.amount,
        total.target.count, total.target.amount, total.target.amount - total.source.amount,
        total.reversed.count, total.reversed.amount, total.outside.count, total.outside.amount,
        total.ties,
    ]  # fmt: skip


AGES_HEADER = ("type", *AGES, "all")


def age_cells(report: Report) -> list[list[Cell]]:
    """Breaks by kind and age as the cells of AGES_HEADER, with their sum."""
    rows: list[list[Cell]] = [
        [each.type.value, *each.counts, sum(each.counts)] for each in report.ages
    ]
    if len(rows) > 1:
        columns = zip(*(each.counts for each in report.ages), strict=True)
        sums = [sum(column) for column in columns]
        rows.append(["all", *sums, sum(sums)])
    return rows


WRITTEN_OFF_HEADER = ("currency", "how", "differences", "sum, target less source")


def written_off_cells(report: Report) -> list[list[Cell]]:
    """What two people accepted or had booked as the cells of WRITTEN_OFF_HEADER."""
    hows = {False: "accepted, nothing booked", True: "booked as a write-off"}
    return [[w.currency, hows[w.is_booked], w.count, w.amount] for w in report.written_off]


RECONCILING_HEADER = ("kind", "number", "reference", "customer", "currency", "amount", "posted")


def reconciling_cells(row: BookRow) -> list[Cell]:
    """An entry of others as the cells of RECONCILING_HEADER."""
    kind = "other entry" if row.kind == BookKind.OTHER.value else row.kind
    posted = date.fromordinal(row.posted).isoformat()
    amount = from_millionths(row.amount)
    return [kind, row.number, row.reference, row.party, row.currency, amount, posted]


CHECK_HEADER = ("check", "currency", "of", "amount", "against", "amount", "ties", "note")


def check_cells(summary: TieOutSummary) -> list[list[Cell]]:
    """The sums that must be equal."""
    return [
        [c.name, c.currency, c.left_name, c.left, c.right_name, c.right, c.ties, c.note]
        for c in summary.checks
    ]


ACCOUNT_HEADER = (
    "kind", "currency", "account", "at the source", "amount", "in the target", "amount there",
    "difference",
)  # fmt: skip


def account_cells(summary: TieOutSummary) -> list[list[Cell]]:
    """The control totals by account, a row each; they foot to those by kind and currency."""
    return [
        [
            t.kind.value, t.currency, t.account or "none told", t.source.count, t.source.amount,
            t.target.count, t.target.amount, t.target.amount - t.source.amount,
        ]
        for t in summary.accounts
    ]  # fmt: skip


MOVEMENT_HEADER = (
    "customer", "currency", "side", "opening", "invoices", "credits", "receipts", "adjustments",
    "closing", "in no break",
)  # fmt: skip


def customers_title(report: Report) -> str:
    """What the table of customers shows, and of how many."""
    number, here = report.summary.movements_that_differ, len(report.movements)
    return f"Customers that differ{left_out(here, number)}"


def left_out(here: int, number: int) -> str:
    """What a title adds when not everything is below it."""
    if here >= number:
        return ""
    return f" (the first {here:,} of {number:,}: the XLSX export has all of them)"


def movement_cells(movement: Movement) -> list[list[Cell]]:
    """A customer on both sides, a row each."""
    m = movement
    source: list[Cell] = [
        m.party, m.currency, "source", m.source_opening, m.source_invoices, m.source_credits,
        m.source_receipts, m.source_adjustments, m.source_closing, None,
    ]  # fmt: skip
    target: list[Cell] = [
        m.party, m.currency, "target", m.target_opening, m.target_invoices, m.target_credits,
        m.target_receipts, m.target_adjustments, m.target_closing, m.unexplained,
    ]  # fmt: skip
    return [source, target]


def signature(sign_off: SignOff | None) -> str:
    """How the sign-off of a period stands, in one line."""
    if sign_off is None:
        return "not signed off"
    prepared = f"prepared by {sign_off.preparer} on {sign_off.prepared_at:%Y-%m-%d %H:%M} UTC"
    if sign_off.state is SignOffState.PREPARED:
        return f"{prepared}, waits for an approver"
    approved = f"{prepared}, approved by {sign_off.approver}"
    if sign_off.approved_at:
        approved += f" on {sign_off.approved_at:%Y-%m-%d %H:%M} UTC"
    if sign_off.state is SignOffState.SIGNED_OFF:
        return f"signed off: {approved}"
    return f"RE-OPENED, because figures moved: {sign_off.reason} (was {approved})"
