"""The code behind purchase headers and lines (tables 38 and 39)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from sandbox.nav.checks import check_account, check_vendor, require_filled
from sandbox.nav.company import Company
from sandbox.nav.dimensions import Bearer, check_value, defaults
from sandbox.nav.errors import callback_not_allowed, not_related
from sandbox.nav.money import precision_of, rate_of, rounded
from sandbox.nav.numbers import check_manual, next_number
from sandbox.nav.schema import BLANK_DATE, Row
from sandbox.nav.tables.purchases import PURCHASE_LINE
from sandbox.nav.terms import due_date
from sandbox.nav.triggers.base import Trigger
from sandbox.nav.values import amount, plain

_STEP = 10_000
_FIVE_PLACES = Decimal("0.00001")
_SERIES = {"Invoice": "Invoice_Nos", "Credit Memo": "Credit_Memo_Nos"}
_FROM_VENDOR = {
    "Buy_from_Vendor_Name": "Name",
    "Pay_to_Vendor_No": "No",
    "Pay_to_Name": "Name",
    "Currency_Code": "Currency_Code",
    "Payment_Terms_Code": "Payment_Terms_Code",
    "Payment_Method_Code": "Payment_Method_Code",
    "Vendor_Posting_Group": "Vendor_Posting_Group",
    "Gen_Bus_Posting_Group": "Gen_Bus_Posting_Group",
    "VAT_Bus_Posting_Group": "VAT_Bus_Posting_Group",
}
_ASKS_WITH_LINES = {"Buy_from_Vendor_No", "Currency_Code", "Prices_Including_VAT"}
_OF_THE_TYPE = (
    "No",
    "Description",
    "Quantity",
    "Direct_Unit_Cost",
    "Line_Discount_Percent",
    "Line_Discount_Amount",
    "Line_Amount",
    "Gen_Prod_Posting_Group",
    "VAT_Prod_Posting_Group",
    "VAT_Percent",
)


class PurchaseHeaderTrigger(Trigger):
    """Purchase invoices and credit memos before posting."""

    def new(self, company: Company, row: Row) -> None:
        today = company.today()
        row.update(Posting_Date=today, Document_Date=today, Due_Date=today)

    def validate(self, company: Company, row: Row, name: str, old: object) -> None:
        if name in _ASKS_WITH_LINES and row[name] != old and _lines(company, row):
            raise callback_not_allowed()
        check = _OF_HEADERS.get(name)
        if check is not None:
            check(company, row)

    def insert(self, company: Company, row: Row) -> None:
        series = company.purchase_setup[_SERIES[row["Document_Type"]]]
        if row["No"]:
            check_manual(company, series)
        else:
            row["No"] = next_number(company, series)
        if not row["Posting_Description"]:
            row["Posting_Description"] = f"{row['Document_Type']} {row['No']}"

    def delete(self, company: Company, row: Row) -> None:
        for line in _lines(company, row):
            company["Purchase Line"].delete(line)


class PurchaseLineTrigger(Trigger):
    """Lines take groups and dimensions from their header, texts from their account."""

    def new(self, company: Company, row: Row) -> None:
        header = company["Purchase Header"].require(row["Document_Type"], row["Document_No"])
        require_filled(company, "Purchase Header", header, "Buy_from_Vendor_No")
        for name in (
            "Gen_Bus_Posting_Group",
            "VAT_Bus_Posting_Group",
            "Shortcut_Dimension_1_Code",
            "Shortcut_Dimension_2_Code",
        ):
            row[name] = header[name]

    def validate(self, company: Company, row: Row, name: str, old: object) -> None:
        check = _OF_LINES.get(name)
        if check is not None:
            check(company, row)

    def insert(self, company: Company, row: Row) -> None:
        if not row["Line_No"]:
            keys = company["Purchase Line"].keys_within((row["Document_Type"], row["Document_No"]))
            row["Line_No"] = int(keys[-1][2]) + _STEP if keys else _STEP


def _lines(company: Company, row: Row) -> list[Row]:
    if not row["No"]:
        return []
    return company["Purchase Line"].within((row["Document_Type"], row["No"]))


def _vendor(company: Company, row: Row) -> None:
    if not row["Buy_from_Vendor_No"]:
        return
    vendor = check_vendor(company, row["Buy_from_Vendor_No"], "create")
    require_filled(company, "Vendor", vendor, "Vendor_Posting_Group", "Gen_Bus_Posting_Group")
    row.update({mine: vendor[theirs] for mine, theirs in _FROM_VENDOR.items()})
    first, second = defaults(company, Bearer("Vendor", vendor["No"]))
    row.update(Shortcut_Dimension_1_Code=first, Shortcut_Dimension_2_Code=second)
    _due(company, row)
    _rate(company, row)


def _posting_date(company: Company, row: Row) -> None:
    row["Document_Date"] = row["Posting_Date"]
    _due(company, row)
    _rate(company, row)


def _due(company: Company, row: Row) -> None:
    row["Due_Date"] = due_date(company, row["Payment_Terms_Code"], row["Document_Date"])


def _rate(company: Company, row: Row) -> None:
    if row["Posting_Date"] != BLANK_DATE:
        rate_of(company, row["Currency_Code"], row["Posting_Date"])


def _type(company: Company, row: Row) -> None:
    row.update({name: PURCHASE_LINE.fields[name].blank for name in _OF_THE_TYPE})


def _number(company: Company, row: Row) -> None:
    if not row["No"]:
        return
    if row["Type"] != "G/L Account" or company["G/L Account"].get(row["No"]) is None:
        raise not_related("No.", "Purchase Line", row["No"], row["Type"])
    account = check_account(company, row["No"], direct=True)
    row["Description"] = account["Name"]
    row["Gen_Prod_Posting_Group"] = account["Gen_Prod_Posting_Group"]
    row["VAT_Prod_Posting_Group"] = account["VAT_Prod_Posting_Group"]
    for place, value in enumerate(defaults(company, Bearer("G/L Account", row["No"])), 1):
        if value:
            row[f"Shortcut_Dimension_{place}_Code"] = value
    _vat(company, row)


def _vat(company: Company, row: Row) -> None:
    if not row["VAT_Prod_Posting_Group"]:
        return
    setup = company["VAT Posting Setup"].require(
        row["VAT_Bus_Posting_Group"], row["VAT_Prod_Posting_Group"]
    )
    charged = setup["VAT_Calculation_Type"] in ("Normal VAT", "Sales Tax")
    row["VAT_Percent"] = setup["VAT_Percent"] if charged else "0"


def _priced(company: Company, row: Row) -> None:
    header = company["Purchase Header"].require(row["Document_Type"], row["Document_No"])
    precision = precision_of(company, header["Currency_Code"])
    row["Quantity"] = plain(rounded(amount(row, "Quantity"), _FIVE_PLACES))
    full = rounded(amount(row, "Quantity") * amount(row, "Direct_Unit_Cost"), precision)
    cut = rounded(full * amount(row, "Line_Discount_Percent") / 100, precision)
    row.update(Line_Discount_Amount=plain(cut), Line_Amount=plain(full - cut))


def _first_dimension(company: Company, row: Row) -> None:
    value = row["Shortcut_Dimension_1_Code"]
    check_value(company, "Shortcut Dimension 1 Code", "Purchase Line", 0, value)


def _second_dimension(company: Company, row: Row) -> None:
    value = row["Shortcut_Dimension_2_Code"]
    check_value(company, "Shortcut Dimension 2 Code", "Purchase Line", 1, value)


_OF_HEADERS: Mapping[str, Callable[[Company, Row], None]] = {
    "Buy_from_Vendor_No": _vendor,
    "Posting_Date": _posting_date,
    "Document_Date": _due,
    "Payment_Terms_Code": _due,
    "Currency_Code": _rate,
    "Shortcut_Dimension_1_Code": _first_dimension,
    "Shortcut_Dimension_2_Code": _second_dimension,
}
_OF_LINES: Mapping[str, Callable[[Company, Row], None]] = {
    "Type": _type,
    "No": _number,
    "Quantity": _priced,
    "Direct_Unit_Cost": _priced,
    "Line_Discount_Percent": _priced,
    "VAT_Prod_Posting_Group": _vat,
    "VAT_Bus_Posting_Group": _vat,
    "Shortcut_Dimension_1_Code": _first_dimension,
    "Shortcut_Dimension_2_Code": _second_dimension,
}
