"""Purch.-Post (codeunit 90): a draft becomes a posted document with ledger entries."""

from __future__ import annotations

from decimal import Decimal

from sandbox.nav.calculation import Figures, calculate
from sandbox.nav.checks import (
    check_account,
    check_posting_date,
    check_vendor,
    keyed,
    require_filled,
)
from sandbox.nav.company import Company
from sandbox.nav.dimensions import Bearer, check_posting
from sandbox.nav.errors import dialog, must_have_value
from sandbox.nav.money import LocalAmounts, rate_of
from sandbox.nav.numbers import next_number
from sandbox.nav.posting.payables import check_unused, open_payable, settle_payable
from sandbox.nav.posting.register import Document, Money, Register
from sandbox.nav.posting.salescheck import dimensions_of
from sandbox.nav.schema import Row, Table
from sandbox.nav.tables.purchases import (
    POSTED_PURCHASE,
    POSTED_PURCHASE_CREDIT,
    POSTED_PURCHASE_CREDIT_LINE,
    POSTED_PURCHASE_LINE,
)
from sandbox.nav.triggers import trigger_of
from sandbox.nav.values import plain

_HEADER, _LINE = "Purchase Header", "Purchase Line"
_Slot = tuple[str, tuple[str, str]]
"""An account and the dimensions of what is posted to it."""


def external_number(header: Row) -> str:
    """The vendor's own number of the document, which NAV copies into the ledger."""
    name = "Vendor_Cr_Memo_No" if _is_credit(header) else "Vendor_Invoice_No"
    return str(header[name])


def post_purchase(company: Company, header: Row) -> str:
    """Post a draft and return the posted number. Raises NavError with nothing posted."""
    with company.transaction():
        lines = company[_LINE].within((header["Document_Type"], header["No"]))
        _check_header(company, header)
        for line in _charged(company, lines):
            _check_line(company, header, line)
        figures = calculate(company, header, lines)
        if figures.gross < 0:
            raise dialog("The total amount for the document must be 0 or greater.")
        number = _posted_number(company, header)
        entry = _post_entries(company, header, lines, figures, number)
        _store(company, header, lines, figures, number, entry)
        records = company[_HEADER]
        trigger_of(records.table).delete(company, header)
        records.delete(header)
        return number


def _is_credit(header: Row) -> bool:
    return bool(header["Document_Type"] == "Credit Memo")


def _posted_number(company: Company, header: Row) -> str:
    name = "Posted_Credit_Memo_Nos" if _is_credit(header) else "Posted_Invoice_Nos"
    return next_number(company, company.purchase_setup[name])


def _check_header(company: Company, header: Row) -> None:
    require_filled(company, _HEADER, header, "Buy_from_Vendor_No", "Document_Date")
    check_posting_date(company, header["Posting_Date"], keyed(company, _HEADER, header))
    if company.purchase_setup["Ext_Doc_No_Mandatory"] and not external_number(header):
        field = "Vendor Cr. Memo No." if _is_credit(header) else "Vendor Invoice No."
        raise must_have_value(field, company[_HEADER].describe(header))
    vendor = check_vendor(company, header["Pay_to_Vendor_No"], "post")
    check_unused(company, vendor["No"], header["Document_Type"], external_number(header))
    where = f"{header['Document_Type']} {header['No']}"
    check_posting(company, where, dimensions_of(header), [Bearer("Vendor", vendor["No"])])


def _charged(company: Company, lines: list[Row]) -> list[Row]:
    charged = [line for line in lines if line["Type"] != " " and Decimal(line["Quantity"])]
    if not charged:
        raise dialog("There is nothing to post.")
    return charged


def _check_line(company: Company, header: Row, line: Row) -> None:
    require_filled(company, _LINE, line, "No")
    check_account(company, line["No"], direct=True)
    groups = (line["Gen_Bus_Posting_Group"], line["Gen_Prod_Posting_Group"])
    company["General Posting Setup"].require(*groups)
    taxes = (line["VAT_Bus_Posting_Group"], line["VAT_Prod_Posting_Group"])
    company["VAT Posting Setup"].require(*taxes)
    bearers = [
        Bearer("Vendor", header["Pay_to_Vendor_No"]),
        Bearer("G/L Account", line["No"]),
    ]
    where = f"{header['Document_Type']} {header['No']}, line no. {line['Line_No']}"
    check_posting(company, where, dimensions_of(line), bearers)


def _post_entries(
    company: Company, header: Row, lines: list[Row], figures: Figures, number: str
) -> Row:
    sign = -1 if _is_credit(header) else 1
    register, document = Register(company), _document(header, number)
    rate = rate_of(company, header["Currency_Code"], header["Posting_Date"])
    converted, local = LocalAmounts(company, rate), Decimal(0)
    for (account, dimensions), value in _slots(company, lines, figures).items():
        part = converted.next(value) * sign
        local += part
        slotted = _document(header, number, dimensions)
        register.ledger(slotted, account, part, Gen_Posting_Type="Purchase")
    vendor = company["Vendor"].require(header["Pay_to_Vendor_No"])
    money = Money(header["Currency_Code"], -figures.gross * sign, -local, rate.factor)
    entry = register.creditor("Vendor", document, vendor, money, Due_Date=header["Due_Date"])
    if header["Applies_to_Doc_No"] and figures.gross:
        asked = header["Applies_to_Doc_Type"], header["Applies_to_Doc_No"]
        settle_payable(register, document, entry, open_payable(company, vendor["No"], *asked))
    register.finish()
    return entry


def _slots(company: Company, lines: list[Row], figures: Figures) -> dict[_Slot, Decimal]:
    """Amounts in document currency by account and dimensions, cost positive; tax comes last."""
    costs: dict[_Slot, Decimal] = {}
    taxes: dict[_Slot, Decimal] = {}
    for line, figure in zip(lines, figures.lines, strict=True):
        if line["Type"] == " " or not Decimal(line["Quantity"]):
            continue
        slot = (line["No"], dimensions_of(line))
        costs[slot] = costs.get(slot, Decimal(0)) + figure.net
        if figure.vat:
            tax = (_vat_account(company, line), dimensions_of(line))
            taxes[tax] = taxes.get(tax, Decimal(0)) + figure.vat
    # An account of its own may also be the account of the tax.
    return costs | {slot: costs.get(slot, Decimal(0)) + value for slot, value in taxes.items()}


def _vat_account(company: Company, line: Row) -> str:
    records = company["VAT Posting Setup"]
    setup = records.require(line["VAT_Bus_Posting_Group"], line["VAT_Prod_Posting_Group"])
    if not setup["Purchase_VAT_Account"]:
        raise must_have_value("Purchase VAT Account", records.describe(setup))
    return str(setup["Purchase_VAT_Account"])


def _document(header: Row, number: str, dimensions: tuple[str, str] | None = None) -> Document:
    return Document(
        posting_date=header["Posting_Date"],
        document_date=header["Document_Date"],
        type=header["Document_Type"],
        number=number,
        external=external_number(header),
        description=header["Posting_Description"],
        source_code="PURCHASES",
        dimensions=dimensions or dimensions_of(header),
    )


def _store(
    company: Company, header: Row, lines: list[Row], figures: Figures, number: str, entry: Row
) -> None:
    credit = _is_credit(header)
    table = POSTED_PURCHASE_CREDIT if credit else POSTED_PURCHASE
    values = {
        "No": number,
        "Pre_Assigned_No": header["No"],
        "User_ID": company.user,
        "Currency_Factor": entry["Original_Currency_Factor"] if header["Currency_Code"] else "0",
        "Vendor_Ledger_Entry_No": entry["Entry_No"],
        "Amount": plain(figures.net),
        "Amount_Including_VAT": plain(figures.gross),
    }
    company[table.name].insert({**_copied(table, header), **values})
    of_lines = POSTED_PURCHASE_CREDIT_LINE if credit else POSTED_PURCHASE_LINE
    for line, figure in zip(lines, figures.lines, strict=True):
        shown = {"Amount": plain(figure.net), "Amount_Including_VAT": plain(figure.gross)}
        company[of_lines.name].insert({**_copied(of_lines, line), "Document_No": number, **shown})


def _copied(table: Table, row: Row) -> Row:
    return {name: row.get(name, value) for name, value in table.blank().items()}
