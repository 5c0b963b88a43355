"""One document on both sides: what differs, and which kind of break it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from documents.ledger import (
    RATE_SCALE,
    BookKind,
    BookRow,
    Mark,
    from_millionths,
    in_millionths,
)
from documents.tieout import BreakType
from policies.tieout.beside import together, with_fees
from policies.tieout.customers import compare_customers
from policies.tieout.differences import Difference
from policies.tieout.settings import TieOutPolicy

_CENT = 10_000
"""What rounding an amount in local currency may make of a rate, in millionths."""

_GONE = int(Mark.REVERSED | Mark.REVERSAL)


@dataclass(frozen=True)
class Known:
    """What our own store says of a document: what was posted for it (with which tax and under
    which document date), and where it stands."""

    amount: int | None = None
    currency: str = ""
    tax: int | None = None
    day: int | None = None
    state: str = ""
    cause: str = ""
    target_number: str = ""
    target_party: str = ""
    parent: str = ""


@dataclass(frozen=True)
class Tolerances:
    """The policy's tolerances in the units of the rows."""

    amount: int
    tax: int
    rate: Decimal
    days: int

    @classmethod
    def of(cls, policy: TieOutPolicy) -> Tolerances:
        return cls(
            in_millionths(policy.amount_tolerance),
            in_millionths(policy.tax_tolerance),
            policy.rate_tolerance,
            policy.date_tolerance_days,
        )


def compare(
    source: Sequence[BookRow], target: Sequence[BookRow], tolerances: Tolerances
) -> list[Difference]:
    """Everything that is wrong with one document; nothing when both sides agree."""
    if (source or target)[0].kind == BookKind.CUSTOMER.value:
        return list(compare_customers(source, target))
    posted = [row for row in target if not row.marks & Mark.UNPOSTED]
    live = live_rows(posted)
    if not source:
        return [_orphan(row) for row in live]
    row, written_off = source[0], [each for each in live if each.marks & Mark.WRITTEN_OFF]
    live = [each for each in live if each not in written_off]
    fees = [each for each in live if each.generation < 0]
    live = with_fees(live, fees)
    if not live:
        return [*map(_orphan, written_off), _absent(row, target)]
    original = _original(row, live)
    found = [_duplicate(row, extra) for extra in live if extra is not original]
    if original.amount == row.amount:
        found += [_orphan(each) for each in written_off]
    else:
        original = together(original, written_off)
    moved = [_in_other_period(row, fee) for fee in fees if _is_apart(row, fee)]
    return [*found, *_fields(row, original, tolerances), *moved[: not found]]


def live_rows(target: Sequence[BookRow]) -> list[BookRow]:
    """Postings that were not taken back: a reversal takes back its own generation."""
    if len(target) == 1 and not target[0].marks & _GONE:
        return list(target)
    taken_back = {row.generation for row in target if row.marks & Mark.REVERSAL}
    return [row for row in target if not row.marks & _GONE and row.generation not in taken_back]


def _original(source: BookRow, live: Sequence[BookRow]) -> BookRow:
    """Of several postings the one that is most like the document; the others are duplicates."""
    return min(live, key=lambda row: (abs(row.amount - source.amount), row.generation, row.posted))


def _orphan(row: BookRow) -> Difference:
    shown = shown_money(row.amount, row.currency)
    cause = "written-off-alone" if row.marks & Mark.WRITTEN_OFF else "source-gone"
    return Difference(
        BreakType.ORPHAN, target=row, target_value=shown, difference=row.amount, cause=cause
    )


def _absent(source: BookRow, target: Sequence[BookRow]) -> Difference:
    """Nothing live in the target: never posted, created only, or taken back by somebody."""
    shown = shown_money(source.amount, source.currency)
    unposted = [row for row in target if row.marks & Mark.UNPOSTED]
    if unposted:
        return Difference(
            BreakType.STATUS, source, unposted[0], "final", "created, not posted",
            -source.amount, "not-posted-yet",
        )  # fmt: skip
    if target:
        return Difference(
            BreakType.STATUS, source, target[-1], "final", "reversed", -source.amount,
            "reversed-in-target",
        )  # fmt: skip
    cause = "unreadable" if source.marks & Mark.UNREADABLE else "never-posted"
    return Difference(BreakType.MISSING_IN_TARGET, source, None, shown, "", -source.amount, cause)


def _duplicate(source: BookRow, extra: BookRow) -> Difference:
    return Difference(
        BreakType.DUPLICATE_IN_TARGET,
        source,
        extra,
        shown_money(source.amount, source.currency),
        f"{extra.number}: {shown_money(extra.amount, extra.currency)}",
        extra.amount,
        "posted-twice",
    )


def _fields(s: BookRow, t: BookRow, tolerances: Tolerances) -> Iterator[Difference]:
    if s.marks & Mark.UNREADABLE:
        return
    if s.currency != t.currency:
        yield Difference(BreakType.CURRENCY, s, t, s.currency, t.currency, 0, "other-currency")
        return
    yield from _amounts(s, t, tolerances)
    yield from _days(s, t, tolerances)
    if s.party and t.party and s.party != t.party:
        yield Difference(BreakType.PARTY, s, t, s.party, t.party, 0, "other-customer")
    yield from _settlement(s, t)


def _amounts(s: BookRow, t: BookRow, tolerances: Tolerances) -> Iterator[Difference]:
    if abs(s.amount - t.amount) > tolerances.amount:
        yield _of_amount(BreakType.AMOUNT, s, t, s.amount, t.amount, "other-amount")
    elif s.amount != t.amount:
        yield _of_amount(BreakType.AMOUNT, s, t, s.amount, t.amount, "within-tolerance")
    if abs(s.amount - t.amount) <= tolerances.amount:
        yield from _taxes(s, t, tolerances)
    yield from _rates(s, t, tolerances)


def _rates(s: BookRow, t: BookRow, tolerances: Tolerances) -> Iterator[Difference]:
    """What the target states as its rate, else what it made of the amount, to the cent."""
    if not s.rate:
        return
    due = abs(t.amount) * s.rate // RATE_SCALE
    booked = abs(t.amount) * t.rate // RATE_SCALE if t.rate else abs(t.base or 0)
    if booked and abs(booked - due) > due * tolerances.rate + (0 if t.rate else _CENT):
        there = t.rate or booked * RATE_SCALE // abs(t.amount)
        shown = (_rate(s.rate), _rate(there))
        yield Difference(BreakType.EXCHANGE_RATE, s, t, *shown, booked - due, "other-rate")


def _taxes(s: BookRow, t: BookRow, tolerances: Tolerances) -> Iterator[Difference]:
    if s.tax is not None and t.tax is not None and abs(s.tax - t.tax) > tolerances.tax:
        yield _of_amount(BreakType.TAX, s, t, s.tax, t.tax, "other-tax")


def _days(s: BookRow, t: BookRow, tolerances: Tolerances) -> Iterator[Difference]:
    if t.day and abs(s.day - t.day) > tolerances.days:
        yield Difference(BreakType.DATE, s, t, _day(s.day), _day(t.day), 0, "other-date")
    elif _is_apart(s, t):
        yield _in_other_period(s, t)


def _is_apart(s: BookRow, t: BookRow) -> bool:
    return period_of(s.day) != period_of(t.posted)


def _in_other_period(s: BookRow, t: BookRow) -> Difference:
    return Difference(BreakType.DATE, s, t, _day(s.day), _day(t.posted), 0, "other-period")


def _settlement(s: BookRow, t: BookRow) -> Iterator[Difference]:
    """What a payment settles, and what is open of an invoice or a credit."""
    if s.kind == BookKind.PAYMENT.value:
        yield from _application(s, t)
    elif s.kind == BookKind.EXPENSE.value:
        yield from _payment_of(s, t)
    elif s.open is not None and t.open is not None and _differs_beyond_amount(s, t):
        owed = s.kind in (BookKind.INVOICE.value, BookKind.BILL.value)
        kind = BreakType.STATUS if owed else BreakType.APPLICATION
        cause = "settled-in-target" if abs(t.open) < abs(s.open) else "open-in-target"
        yield _of_amount(kind, s, t, s.open, t.open, cause)


def _payment_of(s: BookRow, t: BookRow) -> Iterator[Difference]:
    """The source knows whether a claim was paid, not how much of it: a part waits for the rest."""
    if s.open is None or t.open is None or bool(s.open) == bool(t.open):
        return
    cause = "paid-not-told" if s.open else "payment-taken-back"
    yield _of_amount(BreakType.STATUS, s, t, s.open, t.open, cause)


def _differs_beyond_amount(s: BookRow, t: BookRow) -> bool:
    """Whether what is open differs by more than the documents themselves do."""
    return (s.open or 0) - (t.open or 0) not in (0, s.amount - t.amount)


def _application(s: BookRow, t: BookRow) -> Iterator[Difference]:
    """A payment settles the invoice that the source says, wholly unless a part became credit."""
    if s.applied and s.applied not in t.applied.split():
        cause = "applied-elsewhere" if t.applied else "not-applied"
        where = t.applied or f"unapplied, {shown_money(t.open or 0, t.currency)} open"
        yield Difference(BreakType.APPLICATION, s, t, s.applied, where, t.open or 0, cause)
    elif s.open is not None and t.open is not None and s.open != t.open:
        yield _of_amount(BreakType.APPLICATION, s, t, s.open, t.open, "partly-applied")


def _of_amount(
    kind: BreakType, s: BookRow, t: BookRow, left: int, right: int, cause: str
) -> Difference:
    shown = (shown_money(left, s.currency), shown_money(right, t.currency))
    return Difference(kind, s, t, *shown, right - left, cause)


def explained(found: Difference, known: Known | None) -> Difference:
    """The same difference with what our own record adds: a posting that no longer is what we
    posted was altered in the target; a document that is not was edited at the source."""
    if known is None or found.target is None or found.source is None:
        return found
    if found.cause == "within-tolerance":
        return found
    ours, here, there = _as_posted(found, known)
    if ours is None or here == there:
        return found
    if ours == here:
        return _altered(found)
    return replace(found, cause="edited-at-source") if ours == there else found


def _as_posted(
    found: Difference, known: Known
) -> tuple[int | str | None, int | str | None, int | str | None]:
    """What we posted in the column that differs, and what both sides say now."""
    source, target = found.source, found.target
    assert source is not None and target is not None, "asked only when both are there"
    match found.type:
        case BreakType.AMOUNT:
            return known.amount, source.amount, target.amount
        case BreakType.TAX:
            return known.tax, source.tax, target.tax
        case BreakType.DATE if found.cause == "other-date":
            return known.day, source.day, target.day
        case BreakType.CURRENCY:
            return known.currency or None, source.currency, target.currency
        case BreakType.PARTY:
            return known.target_party or None, source.party, target.party
    return None, None, None


def _altered(found: Difference) -> Difference:
    cause = f"altered-{found.type.value.replace(' ', '-')}"
    return replace(found, type=BreakType.ALTERED, cause=cause)


def period_of(ordinal: int) -> tuple[int, int]:
    """Year and month of a day."""
    day = date.fromordinal(ordinal)
    return day.year, day.month


def shown_money(units: int, currency: str) -> str:
    """An amount for people: at least two decimals where it has a fraction at all."""
    amount = from_millionths(units).normalize()
    if amount == amount.to_integral_value() or amount.as_tuple().exponent == -1:
        amount = amount.quantize(Decimal("0.01"))
    return f"{amount:f} {currency}"


def _rate(units: int) -> str:
    return f"{(Decimal(units) / RATE_SCALE).normalize():f}"


def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()
