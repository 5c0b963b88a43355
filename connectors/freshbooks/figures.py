"""The figures of a document with lines: read as FreshBooks states them, proved to add up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.freshbooks import unreadable
from connectors.freshbooks.currencies import CURRENCIES
from connectors.freshbooks.models import WireDocument, WireLine, WireMoney
from connectors.freshbooks.taxes import TaxDiffers, TaxedLine, tax_totals
from documents.invoice import InvoiceLine, LineKind, LineTax
from documents.money import Money
from documents.record import TaxTotal

_REBILLED_EXPENSE = 1


@dataclass(frozen=True)
class Figures:
    """A proved document: `net` is `subtotal` less `discount`, taxes and net give `total`."""

    lines: tuple[InvoiceLine, ...]
    subtotal: Money
    discount: Money
    net: Money
    taxes: tuple[TaxTotal, ...]
    total: Money


def prove(what: str, document: WireDocument, others: Iterable[WireMoney | None] = ()) -> Figures:
    """Read and prove a document; `what` names it in reasons, `others` must be in its currency.

    Raises HoldRequired naming both figures when it does not add up, and for an unknown or a
    second currency, and for a total below the currency's smallest unit.
    """
    currency = _currency(what, document, others)
    total = _exact(what, Money.of(document.amount.amount, currency))
    lines = tuple(_line(line, currency) for line in document.lines)
    subtotal = Money.total((line.amount for line in lines), currency)
    discount = _discount(what, document, lines, subtotal)
    net = subtotal - discount
    taxes = _taxes(what, document, lines, discount, total - net)
    return Figures(lines, subtotal, discount, net, taxes, total)


def prove_bare(what: str, document: WireDocument) -> Figures:
    """A document without lines (the credit of an overpayment): its total, free of tax."""
    total = _exact(what, Money.of(document.amount.amount, _currency(what, document, ())))
    return Figures((), total, Money.zero(total.currency), total, (), total)


def _currency(what: str, document: WireDocument, others: Iterable[WireMoney | None]) -> str:
    currency = document.currency_code or document.amount.code
    if currency not in CURRENCIES:
        raise unreadable.unknown_currency(what, currency)
    for where, part in _parts(document, others):
        # A part without a code says nothing of its own; only a different one contradicts.
        if part is not None and part.code not in ("", currency):
            raise unreadable.mixed_currencies(what, currency, where, part.code)
    return currency


def _parts(
    document: WireDocument, others: Iterable[WireMoney | None]
) -> Iterator[tuple[str, WireMoney | None]]:
    yield "its total", document.amount
    yield "its discount", document.discount_total
    for part in others:
        yield "one of its amounts", part
    for number, line in enumerate(document.lines, start=1):
        yield f"line {number}", line.unit_cost
        yield f"line {number}", line.amount


def _exact(what: str, total: Money) -> Money:
    if not total.is_exact:
        raise unreadable.too_many_decimals(what, format(total.amount, "f"), total.currency)
    return total


def _line(line: WireLine, currency: str) -> InvoiceLine:
    price = Money.of(line.unit_cost.amount, currency)
    stated = None if line.amount is None else Money.of(line.amount.amount, currency)
    rebilled = line.type == _REBILLED_EXPENSE
    return InvoiceLine(
        line_id=line.line_id,
        name=line.name,
        description=line.description,
        quantity=line.qty,
        unit_price=price,
        amount=(price * line.qty).rounded() if stated is None else stated,
        taxes=_line_taxes(line),
        kind=LineKind.REBILLED_EXPENSE if rebilled else LineKind.NORMAL,
        expense_id=line.expenseid or None,
        project_id=line.modern_project_id or None,
    )


def _line_taxes(line: WireLine) -> tuple[LineTax, ...]:
    """The second tax is compound only if there is a first one for it to be computed on."""
    first = LineTax(name=line.tax_name1, percent=line.tax_percent1, number=line.tax_number1)
    second = LineTax(
        name=line.tax_name2,
        percent=line.tax_percent2,
        compound=line.compounded_tax and _is_tax(first),
        number=line.tax_number2,
    )
    return tuple(tax for tax in (first, second) if _is_tax(tax))


def _is_tax(tax: LineTax) -> bool:
    return bool(tax.name or tax.percent)


def _discount(
    what: str, document: WireDocument, lines: Sequence[InvoiceLine], subtotal: Money
) -> Money:
    stated = document.discount_total
    if stated is not None:
        discount = abs(Money.of(stated.amount, subtotal.currency))
    else:
        discount = (subtotal * (document.discount_value / 100)).rounded()
    if discount and _mixed(lines):
        raise unreadable.mixed_signs(what)
    return discount


def _mixed(lines: Iterable[InvoiceLine]) -> bool:
    signs = {line.amount.amount > 0 for line in lines if line.amount}
    return len(signs) > 1


def _taxes(
    what: str,
    document: WireDocument,
    lines: Sequence[InvoiceLine],
    discount: Money,
    tax: Money,
) -> tuple[TaxTotal, ...]:
    variants = [
        [TaxedLine(net, line.taxes) for net, line in zip(nets, lines, strict=True)]
        for nets in _spread(lines, discount, document.discount_value)
    ]
    try:
        return tax_totals(variants, tax)
    except TaxDiffers as error:
        stated = Money.of(document.amount.amount, tax.currency)
        raise unreadable.does_not_add_up(what, stated - tax + error.computed, stated) from error


def _spread(
    lines: Sequence[InvoiceLine], discount: Money, percent: Decimal
) -> Iterator[list[Decimal]]:
    """The discounted lines, as our postings spread the discount, then by the percentage, then
    in proportion: which of them FreshBooks computes its taxes on is not documented."""
    amounts = [line.amount.amount for line in lines]
    if not discount or not any(amounts):
        yield amounts
        return
    shares = discount.allocate(amounts)
    yield [amount - share.amount for amount, share in zip(amounts, shares, strict=True)]
    yield [amount * (1 - percent / 100) for amount in amounts]
    whole = sum(amounts, Decimal(0))
    yield [amount * (1 - discount.amount / whole) for amount in amounts]
