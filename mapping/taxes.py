"""Taxes: from a line's full combination to a code of the target or a line of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from documents.invoice import InvoiceLine, LineTax
from documents.money import Money
from documents.record import TaxTotal
from mapping.amounts import share
from mapping.errors import held
from mapping.names import plain
from mapping.sections import TaxName, TaxRow

_REMEDY = "map the combination in the taxes of the mapping, or correct the line at the source"


@dataclass(frozen=True)
class Treatment:
    """What becomes of the taxes of one line: the code it carries, and for taxes with a line of
    their own the account of each. No accounts: the target computes the tax from the code."""

    code: str
    accounts: dict[str, str]
    rule: str
    combination: str

    def account(self, tax: str) -> str:
        """The account of a tax's own line; empty when the target computes it."""
        return self.accounts.get(tax, "")


@dataclass(frozen=True)
class TaxShare:
    """An amount of one tax that goes to one account, or (account empty) to what the target
    computes by itself from the lines of one code."""

    tax: TaxTotal
    account: str
    code: str
    amount: Money


def described(taxes: Sequence[LineTax]) -> str:
    """A combination as people read it: `GST 5 % + PST 7 % (compound)`."""
    texts = (f"{t.name} {plain(t.percent)} %{' (compound)' if t.compound else ''}" for t in taxes)
    return " + ".join(texts)


def treatment(line: InvoiceLine, rows: Sequence[TaxRow], zero_code: str) -> Treatment:
    """The first row that fits a line's taxes. HoldRequired (tax-unmapped) when none does."""
    combination = described(line.taxes)
    for number, row in enumerate(rows, 1):
        if _fits(row, line.taxes):
            return _treated(row, line.taxes, zero_code, f"taxes row {number}", combination)
    raise held(
        "tax-unmapped",
        f"the taxes {combination} of line {line.line_id} have no tax code in the mapping",
        _REMEDY,
        combination=combination,
        line=line.line_id,
    )


def _treated(
    row: TaxRow, taxes: Sequence[LineTax], zero_code: str, rule: str, combination: str
) -> Treatment:
    if row.line is None:
        return Treatment(row.code or "", {}, rule, combination)
    accounts = {t.name: row.line.accounts.get(t.name, row.line.account) for t in taxes}
    code = zero_code if row.line.code is None else row.line.code
    return Treatment(code, accounts, rule, combination)


def _fits(row: TaxRow, taxes: Sequence[LineTax]) -> bool:
    if isinstance(row.taxes, str):
        return True
    return len(row.taxes) == len(taxes) and all(
        _is(name, tax) for name, tax in zip(row.taxes, taxes, strict=True)
    )


def _is(name: TaxName, tax: LineTax) -> bool:
    return (
        name.name in ("*", tax.name)
        and name.percent in ("*", tax.percent)
        and name.compound in (None, tax.compound)
    )


def tax_shares(
    totals: Sequence[TaxTotal],
    lines: Sequence[tuple[InvoiceLine, Money, Treatment]],
) -> Iterator[TaxShare]:
    """Each tax total of the document, divided over the accounts and codes its lines lead to.

    Lines come with their discounted net. A tax whose lines all lead to one place goes there
    whole, so nothing is ever rounded; otherwise it is divided by what it was computed on.
    HoldRequired (tax-unmapped) for a tax that no line carries.
    """
    for total in totals:
        weights: dict[tuple[str, str], Decimal] = {}
        for line, net, treated in lines:
            if _carries(line, total):
                account = treated.account(total.name)
                place = (account, "" if account else treated.code)
                weights[place] = weights.get(place, Decimal(0)) + _basis(line, total, net)
        if not weights and total.amount:
            raise _carried_by_none(total)
        if weights:
            parts = share(total.amount, list(weights.values()))
            for (account, code), part in zip(weights, parts, strict=True):
                yield TaxShare(total, account, code, part)


def _carries(line: InvoiceLine, total: TaxTotal) -> bool:
    return any(t.name == total.name and t.percent == total.percent for t in line.taxes)


def _basis(line: InvoiceLine, total: TaxTotal, net: Money) -> Decimal:
    first, *rest = line.taxes
    compound = any(t.compound and (t.name, t.percent) == (total.name, total.percent) for t in rest)
    return net.amount * (100 + first.percent) / 100 if compound else net.amount


def _carried_by_none(total: TaxTotal) -> Exception:
    name = f"{total.name} {plain(total.percent)} %"
    return held(
        "tax-unmapped",
        f"the document states {name} of {total.amount}, but no line carries that tax",
        "correct the taxes of the lines at the source",
        combination=name,
    )
