"""Payments of a converted invoice: together they are worth what the invoice was posted over."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from documents.cash import Payment
from documents.exchange import Exchange, Rate
from documents.invoice import Invoice, InvoiceLine, InvoiceStage
from documents.key import Key, Kind
from documents.money import Money, smallest_unit
from documents.posting import Posting, PostingState
from documents.record import Figures, MappedRecord
from documents.row import DocumentRow, PostingRow
from policies.converting import in_books, nothing_left, problem, remainder
from policies.facts import Record, Source
from policies.settling import shares

_DAY = date(2026, 5, 4)
_INVOICE = Key(tag="T", kind=Kind.INVOICE, source_id="1")

rates = st.builds(
    lambda pair, rate: Rate(base=pair[0], quote=pair[1], date=_DAY, source="ECB", rate=rate),
    st.permutations(("EUR", "JPY", "KWD", "USD")).map(lambda p: (p[0], p[1])),
    st.decimals("0.001", "500", places=6),
)
units = st.lists(st.integers(1, 200_000), min_size=1, max_size=6)


def _payment(number: int, amount: Money) -> Payment:
    return Payment(source_id=str(number), invoice_id="1", amount=amount, date=_DAY, type="Cash")


def _invoice(total: Money, paid: Money) -> Invoice:
    line = InvoiceLine(line_id="1", quantity=Decimal(1), unit_price=total, amount=total)
    nothing = Money.zero(total.currency)
    return Invoice(
        source_id="1", number="A1", stage=InvoiceStage.FINAL, party_id="7",
        currency=total.currency, document_date=_DAY, lines=(line,), subtotal=total,
        discount=nothing, net=total, total=total, paid=paid, outstanding=total - paid,
    )  # fmt: skip


def _posted(key: Key, made: Exchange) -> PostingRow:
    record = MappedRecord(kind=key.kind, entity="x", header={}, exchange=made)
    return PostingRow(
        key=key.text(), connection="c", kind=key.kind, source_id=key.source_id, generation=1,
        state=PostingState.POSTED, number=key.text(), amount=made.booked, record=record,
    )  # fmt: skip


def _record(total: Money, rate: Rate, posted: list[Payment]) -> Record:
    made = Exchange(amount=total, booked=rate.convert(total), rate=rate)
    rows = [_posted(_INVOICE, made)]
    for payment in posted:
        assert payment.exchange
        rows.append(_posted(_INVOICE.of_kind(Kind.PAYMENT).model_copy(
            update={"source_id": payment.source_id}), payment.exchange))  # fmt: skip
    row = DocumentRow(connection="c", kind=Kind.INVOICE, source_id="1")
    return Record(tag="T", row=row, postings={r.key: r for r in rows})


@given(rate=rates, parts=units, at_once=st.booleans())
def test_what_is_paid_in_full_is_settled_in_full(
    rate: Rate, parts: list[int], at_once: bool
) -> None:
    unit = smallest_unit(rate.base)
    amounts = [Money(amount=n * unit, currency=rate.base) for n in parts]
    total = Money.total(amounts, rate.base)
    paid = [_payment(n, amount) for n, amount in enumerate(amounts, 10)]
    posted: list[Payment] = []
    for until in [len(paid)] if at_once else range(1, len(paid) + 1):
        so_far = Money.total(amounts[:until], rate.base)
        source = Source(invoice=_invoice(total, so_far), payments=tuple(paid[:until]))
        booked = in_books(source, _record(total, rate, posted))
        posted = list(booked.payments)
        assert booked.invoice
        found = shares(booked.invoice, booked.payments)
        assert Money.total(found.amounts.values(), rate.quote) == rate.convert(so_far)
    assert Money.total((p.amount for p in posted), rate.quote) == rate.convert(total)
    assert booked.invoice and not booked.invoice.owed
    assert [p.fingerprint() for p in posted] == [p.fingerprint() for p in paid]


@given(rate=rates, parts=units)
def test_what_is_posted_keeps_its_amount_whatever_comes_or_goes(
    rate: Rate, parts: list[int]
) -> None:
    unit = smallest_unit(rate.base)
    amounts = [Money(amount=n * unit, currency=rate.base) for n in parts]
    total = Money.total(amounts, rate.base)
    paid = [_payment(n, amount) for n, amount in enumerate(amounts, 10)]
    source = Source(invoice=_invoice(total, total), payments=tuple(paid))
    first = in_books(source, _record(total, rate, []))
    record = _record(total, rate, list(first.payments))
    without = source.model_copy(update={"payments": source.payments[1:]})
    for again in (in_books(source, record), in_books(without, record)):
        kept = {p.source_id: p.amount for p in again.payments}
        assert kept.items() <= {p.source_id: p.amount for p in first.payments}.items()


@given(rate=rates, parts=units, share=st.integers(1, 99), over=st.booleans())
def test_what_is_paid_in_part_or_too_much_settles_what_it_is_worth(
    rate: Rate, parts: list[int], share: int, over: bool
) -> None:
    unit = smallest_unit(rate.base)
    amounts = [Money(amount=n * unit, currency=rate.base) for n in parts]
    paid = Money.total(amounts, rate.base)
    units_of_total = max(1, sum(parts) * share // 100) if over else sum(parts) + share
    total = Money(amount=units_of_total * unit, currency=rate.base)
    payments = tuple(_payment(n, amount) for n, amount in enumerate(amounts, 10))
    invoice = _invoice(total, min(total, paid))
    booked = in_books(Source(invoice=invoice, payments=payments), _record(total, rate, []))
    assert booked.invoice
    settled = shares(booked.invoice, booked.payments)
    assert not any(settled.given_back.values())
    assert Money.total(settled.amounts.values(), rate.quote) == rate.convert(min(total, paid))
    assert Money.total((p.amount for p in booked.payments), rate.quote) == rate.convert(paid)


def test_what_was_not_converted_stays_as_it_is() -> None:
    total = Money.of("10.00", "EUR")
    source = Source(invoice=_invoice(total, total), payments=(_payment(10, total),))
    row = DocumentRow(connection="c", kind=Kind.INVOICE, source_id="1")
    assert in_books(source, Record(tag="T", row=row)) == source


_EURO = Rate(base="EUR", quote="USD", date=_DAY, source="ECB", rate=Decimal("1.1"))


def _in_target(amount: Money, remaining: Money) -> Posting:
    figures = Figures(net=amount, tax=Money.zero(amount.currency), total=amount)
    return Posting(
        key=_INVOICE.text(), kind=Kind.INVOICE, state=PostingState.POSTED, number="SI1",
        figures=figures, remaining=remaining,
    )  # fmt: skip


def test_money_for_a_posting_in_another_currency_whose_rate_nobody_kept_is_held() -> None:
    total, booked = Money.of("10.00", "EUR"), Money.of("11.00", "USD")
    row = DocumentRow(connection="c", kind=Kind.INVOICE, source_id="1")
    found = {_INVOICE.text(): _in_target(booked, booked)}
    record = Record(tag="T", row=row, target=found)
    source = Source(invoice=_invoice(total, total), payments=(_payment(10, total),))
    held = problem(source, record)
    assert held and held.cause == "rate-unknown"
    assert held.values == {"source": "10.00 EUR", "target": "11.00 USD", "number": "SI1"}
    assert problem(source.model_copy(update={"payments": ()}), record) is None
    same = found | {_INVOICE.text(): _in_target(total, total)}
    assert problem(source, record.model_copy(update={"target": same})) is None


@given(rate=rates, parts=units)
def test_only_a_payment_that_is_worth_nothing_is_held_for_it(rate: Rate, parts: list[int]) -> None:
    unit = smallest_unit(rate.base)
    amounts = [Money(amount=n * unit, currency=rate.base) for n in parts]
    total = Money.total(amounts, rate.base)
    paid = tuple(_payment(n, amount) for n, amount in enumerate(amounts, 10))
    source, record = Source(invoice=_invoice(total, total), payments=paid), _record(total, rate, [])
    worthless = [p.source_id for p in in_books(source, record).payments if not p.amount]
    held = nothing_left(source, record)
    assert (held.values["payment_id"] if held else None) == next(iter(worthless), None)
    assert held is None or held.cause == "converts-to-nothing"


def test_a_payment_below_the_smallest_unit_of_the_books_is_worth_nothing() -> None:
    yen = Rate(base="JPY", quote="USD", date=_DAY, source="ECB", rate=Decimal("0.004"))
    total, one = Money.of("1000", "JPY"), Money.of("1", "JPY")
    source = Source(invoice=_invoice(total, one), payments=(_payment(10, one),))
    held = nothing_left(source, _record(total, yen, []))
    assert held and (held.cause, held.values["source"]) == ("converts-to-nothing", "1 JPY")


def test_what_rounding_leaves_open_of_a_paid_invoice_is_held_and_nothing_else() -> None:
    total, booked = Money.of("10.00", "EUR"), Money.of("11.00", "USD")
    parts = tuple(_payment(n, Money.of("5.00", "EUR")) for n in (10, 11))
    source, record = (
        Source(invoice=_invoice(total, total), payments=parts),
        _record(total, _EURO, []),
    )
    cents = {"0.01": True, "0.02": True, "0.03": False, "0.00": False}
    for left, is_held in cents.items():
        held = remainder(source, record, _in_target(booked, Money.of(left, "USD")))
        assert (held is not None) == is_held, left
        assert held is None or (held.cause, held.values["open"]) == (
            "conversion-remainder",
            f"{left} USD",
        )
    owed = source.model_copy(update={"invoice": _invoice(total, Money.of("9.99", "EUR"))})
    assert remainder(owed, record, _in_target(booked, Money.of("0.01", "USD"))) is None
