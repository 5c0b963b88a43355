"""The posting buffer of a sales document: its lines gathered into general ledger entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.nav.calculation import Figures, LineFigures
from sandbox.nav.checks import check_account
from sandbox.nav.company import Company
from sandbox.nav.posting.salescheck import dimensions_of, vat_account
from sandbox.nav.schema import Row

_ZERO = Decimal(0)


@dataclass(frozen=True)
class Slot:
    """What lines must share to be posted as one entry. `deferral` is a template or blank."""

    account: str
    dimensions: tuple[str, str]
    groups: tuple[str, str, str, str]
    deferral: str = ""
    tax: bool = False

    def values(self) -> dict[str, Any]:
        """The posting groups as an entry shows them."""
        return {
            "Gen_Posting_Type": " " if self.tax else "Sale",
            "Gen_Bus_Posting_Group": self.groups[0],
            "Gen_Prod_Posting_Group": self.groups[1],
            "VAT_Bus_Posting_Group": self.groups[2],
            "VAT_Prod_Posting_Group": self.groups[3],
            "System_Created_Entry": True,
        }


def gather(
    company: Company, credit: bool, lines: list[Row], figures: Figures
) -> dict[Slot, Decimal]:
    """Amounts in document currency by slot, income positive; tax comes last."""
    slots: dict[Slot, Decimal] = {}
    taxes: dict[Slot, Decimal] = {}
    for line, figure in _charged(lines, figures):
        slot = _net_slot(company, credit, line)
        slots[slot] = slots.get(slot, _ZERO) + figure.net
        if figure.vat:
            tax = _tax_slot(company, line)
            taxes[tax] = taxes.get(tax, _ZERO) + figure.vat
    return {**slots, **taxes}


def _charged(lines: list[Row], figures: Figures) -> Iterable[tuple[Row, LineFigures]]:
    pairs = zip(lines, figures.lines, strict=True)
    return (pair for pair in pairs if pair[0]["Type"] != " " and Decimal(pair[0]["Quantity"]))


def _groups(line: Row) -> tuple[str, str, str, str]:
    return (
        line["Gen_Bus_Posting_Group"],
        line["Gen_Prod_Posting_Group"],
        line["VAT_Bus_Posting_Group"],
        line["VAT_Prod_Posting_Group"],
    )


def _net_slot(company: Company, credit: bool, line: Row) -> Slot:
    account = line["No"]
    if line["Type"] == "Item":
        setup = company["General Posting Setup"].require(
            line["Gen_Bus_Posting_Group"], line["Gen_Prod_Posting_Group"]
        )
        account = setup["Sales_Credit_Memo_Account" if credit else "Sales_Account"]
        check_account(company, account, direct=False)
    return Slot(account, dimensions_of(line), _groups(line), line["Deferral_Code"])


def _tax_slot(company: Company, line: Row) -> Slot:
    records = company["VAT Posting Setup"]
    setup = records.require(line["VAT_Bus_Posting_Group"], line["VAT_Prod_Posting_Group"])
    account = vat_account(setup, records.describe(setup))
    check_account(company, account, direct=False)
    return Slot(account, dimensions_of(line), _groups(line), tax=True)
