"""Gen. Jnl.-Post Line (codeunit 12): the lines of one document become ledger entries."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.nav.checks import check_account
from sandbox.nav.company import Company
from sandbox.nav.errors import must_have_value
from sandbox.nav.money import LocalAmounts, Rate, precision_of, rate_of, rounded
from sandbox.nav.posting.application import settle
from sandbox.nav.posting.journalcheck import TABLE, Side, check_document, find_target, sides_of
from sandbox.nav.posting.payables import open_payable, settle_payable
from sandbox.nav.posting.register import Document, Money, Register
from sandbox.nav.schema import Row
from sandbox.nav.values import amount

_HUNDRED = Decimal(100)


def post_journal(company: Company, lines: list[Row]) -> str:
    """Post lines that make one document, remove them from the batch, return the document number.

    Raises NavError with nothing posted.
    """
    with company.transaction():
        check_document(company, lines)
        register = Register(company)
        converted: dict[tuple[str, str], LocalAmounts] = {}
        for line in lines:
            _post_line(register, line, converted)
        register.finish()
        for line in lines:
            company[TABLE].delete(line)
        return str(lines[0]["Document_No"])


def _post_line(
    register: Register, line: Row, converted: dict[tuple[str, str], LocalAmounts]
) -> None:
    company = register.company
    rate = rate_of(company, line["Currency_Code"], line["Posting_Date"])
    running = converted.setdefault(
        (line["Currency_Code"], line["Posting_Date"]), LocalAmounts(company, rate)
    )
    document = _document(company, line)
    for side in sides_of(line):
        money = Money(line["Currency_Code"], side.value, running.next(side.value), rate.factor)
        _post_side(register, document, side, money, rate)


def _document(company: Company, line: Row) -> Document:
    template = company["Gen. Journal Template"].require(line["Journal_Template_Name"])
    return Document(
        posting_date=line["Posting_Date"],
        document_date=line["Document_Date"],
        type=line["Document_Type"],
        number=line["Document_No"],
        external=line["External_Document_No"],
        description=line["Description"],
        source_code=template["Source_Code"],
        dimensions=(line["Shortcut_Dimension_1_Code"], line["Shortcut_Dimension_2_Code"]),
        batch=line["Journal_Batch_Name"],
    )


def _post_side(
    register: Register, document: Document, side: Side, money: Money, rate: Rate
) -> None:
    company = register.company
    match side.kind:
        case "Customer":
            _post_customer(register, document, side, money)
        case "Bank Account":
            bank = company["Bank Account"].require(side.number)
            register.bank(document, bank, money, **_balancing(side))
        case "Vendor" | "Employee":
            party = company[side.kind].require(side.number)
            entry = register.creditor(side.kind, document, party, money, **_balancing(side))
            _pay(register, document, side, entry)
        case _:
            _post_account(register, document, side, money)


def _pay(register: Register, document: Document, side: Side, entry: Row) -> None:
    """Settle what a line of a vendor applies to."""
    line = side.line
    if side.kind == "Vendor" and line["Applies_to_Doc_No"]:
        asked = line["Applies_to_Doc_Type"], line["Applies_to_Doc_No"]
        target = open_payable(register.company, side.number, *asked)
        settle_payable(register, document, entry, target)


def _balancing(side: Side) -> dict[str, Any]:
    other = "" if side.prefix else "Bal_"
    return {
        "Bal_Account_Type": side.line[f"{other}Account_Type"],
        "Bal_Account_No": side.line[f"{other}Account_No"],
    }


def _post_customer(register: Register, document: Document, side: Side, money: Money) -> None:
    line = side.line
    customer = register.company["Customer"].require(side.number)
    target = find_target(register.company, side)
    entry = register.customer(
        document,
        customer,
        money,
        Due_Date=line["Due_Date"],
        Your_Reference=line["Your_Reference"],
        Comment=line["Comment"],
        Message_to_Recipient=line["Message_to_Recipient"],
        Payment_Method_Code=line["Payment_Method_Code"],
        Applies_to_Doc_Type=line["Applies_to_Doc_Type"],
        Applies_to_Doc_No=line["Applies_to_Doc_No"],
        **_balancing(side),
    )
    if target is not None:
        settle(register, document, entry, target)


def _post_account(register: Register, document: Document, side: Side, money: Money) -> None:
    """A G/L account; with a general posting type its amount includes VAT, which is split off."""
    kind = side.field("Gen_Posting_Type")
    if kind not in ("Sale", "Purchase"):
        register.ledger(document, side.number, money.local, **_balancing(side))
        return
    records = register.company["VAT Posting Setup"]
    setup = records.require(
        side.field("VAT_Bus_Posting_Group"), side.field("VAT_Prod_Posting_Group")
    )
    tax = _tax_in(register.company, setup, money.local)
    groups = _groups(side)
    register.ledger(document, side.number, money.local - tax, **groups, **_balancing(side))
    if tax:
        field = "Sales VAT Account" if kind == "Sale" else "Purchase VAT Account"
        account = setup[field.replace(" ", "_")]
        if not account:
            raise must_have_value(field, records.describe(setup))
        check_account(register.company, account, direct=False)
        register.ledger(document, account, tax)


def _tax_in(company: Company, setup: Row, local: Decimal) -> Decimal:
    match setup["VAT_Calculation_Type"]:
        case "Full VAT":
            return local
        case "Reverse Charge VAT":
            return Decimal(0)
    percent = amount(setup, "VAT_Percent")
    return local - rounded(local * _HUNDRED / (_HUNDRED + percent), precision_of(company, ""))


def _groups(side: Side) -> dict[str, Any]:
    names = (
        "Gen_Posting_Type",
        "Gen_Bus_Posting_Group",
        "Gen_Prod_Posting_Group",
        "VAT_Bus_Posting_Group",
        "VAT_Prod_Posting_Group",
    )
    return {name: side.field(name) for name in names}
