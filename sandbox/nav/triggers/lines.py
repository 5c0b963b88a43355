"""The code behind sales lines (table 37)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from sandbox.nav.checks import check_account, require_filled
from sandbox.nav.company import Company
from sandbox.nav.dimensions import Bearer, check_value, defaults
from sandbox.nav.errors import FIELD, NavError, must_equal, must_have_value, not_related
from sandbox.nav.money import precision_of, rounded
from sandbox.nav.schema import Row
from sandbox.nav.tables.sales import SALES_LINE
from sandbox.nav.triggers.base import Trigger
from sandbox.nav.values import amount, plain

_STEP = 10_000
_FIVE_PLACES = Decimal("0.00001")
_HUNDRED = Decimal(100)

_OF_THE_TYPE = (
    "No",
    "Description",
    "Quantity",
    "Unit_of_Measure_Code",
    "Unit_Price",
    "Line_Discount_Percent",
    "Line_Discount_Amount",
    "Line_Amount",
    "Gen_Prod_Posting_Group",
    "VAT_Prod_Posting_Group",
    "VAT_Percent",
    "Deferral_Code",
)
"""What a new type wipes out."""


class LineTrigger(Trigger):
    """Lines take groups and dimensions from their header, texts and prices from their number."""

    def new(self, company: Company, row: Row) -> None:
        header = company["Sales Header"].require(row["Document_Type"], row["Document_No"])
        require_filled(company, "Sales Header", header, "Sell_to_Customer_No")
        for name in (
            "Gen_Bus_Posting_Group",
            "VAT_Bus_Posting_Group",
            "Shortcut_Dimension_1_Code",
            "Shortcut_Dimension_2_Code",
        ):
            row[name] = header[name]

    def validate(self, company: Company, row: Row, name: str, old: object) -> None:
        check = _VALIDATIONS.get(name)
        if check is not None:
            check(company, row)

    def insert(self, company: Company, row: Row) -> None:
        if not row["Line_No"]:
            row["Line_No"] = _next_line(company, row)


def _next_line(company: Company, row: Row) -> int:
    keys = company["Sales Line"].keys_within((row["Document_Type"], row["Document_No"]))
    return int(keys[-1][2]) + _STEP if keys else _STEP


def _type(company: Company, row: Row) -> None:
    row.update({name: SALES_LINE.fields[name].blank for name in _OF_THE_TYPE})
    row["Allow_Invoice_Disc"] = row["Type"] == "Item"


def _number(company: Company, row: Row) -> None:
    if not row["No"]:
        return
    match row["Type"]:
        case "G/L Account":
            _from_account(company, row)
        case "Item":
            _from_item(company, row)
        case other:
            related = "Standard Text" if other == " " else other
            raise not_related("No.", "Sales Line", row["No"], related)
    if row["VAT_Prod_Posting_Group"]:
        _vat(company, row)


def _from_account(company: Company, row: Row) -> None:
    if company["G/L Account"].get(row["No"]) is None:
        raise not_related("No.", "Sales Line", row["No"], "G/L Account")
    account = check_account(company, row["No"], direct=True)
    row["Description"] = account["Name"]
    row["Gen_Prod_Posting_Group"] = account["Gen_Prod_Posting_Group"]
    row["VAT_Prod_Posting_Group"] = account["VAT_Prod_Posting_Group"]
    row["Deferral_Code"] = account["Default_Deferral_Template_Code"]
    _propose_dimensions(company, row, Bearer("G/L Account", row["No"]))


def _from_item(company: Company, row: Row) -> None:
    item = company["Item"].get(row["No"])
    if item is None:
        raise not_related("No.", "Sales Line", row["No"], "Item")
    if item["Blocked"]:
        raise must_equal("Blocked", "No", company["Item"].describe(item), "Yes")
    row["Description"] = item["Description"]
    row["Unit_of_Measure_Code"] = item["Base_Unit_of_Measure"]
    row["Unit_Price"] = item["Unit_Price"]
    row["Gen_Prod_Posting_Group"] = item["Gen_Prod_Posting_Group"]
    row["VAT_Prod_Posting_Group"] = item["VAT_Prod_Posting_Group"]
    _propose_dimensions(company, row, Bearer("Item", row["No"]))


def _propose_dimensions(company: Company, row: Row, bearer: Bearer) -> None:
    for place, value in enumerate(defaults(company, bearer), 1):
        if value:
            row[f"Shortcut_Dimension_{place}_Code"] = value


def _product_group(company: Company, row: Row) -> None:
    if not row["Gen_Prod_Posting_Group"]:
        return
    group = company["Gen. Product Posting Group"].require(row["Gen_Prod_Posting_Group"])
    if group["Def_VAT_Prod_Posting_Group"]:
        row["VAT_Prod_Posting_Group"] = group["Def_VAT_Prod_Posting_Group"]
        _vat(company, row)


def _vat(company: Company, row: Row) -> None:
    setup = company["VAT Posting Setup"].require(
        row["VAT_Bus_Posting_Group"], row["VAT_Prod_Posting_Group"]
    )
    charged = setup["VAT_Calculation_Type"] in ("Normal VAT", "Sales Tax")
    row["VAT_Percent"] = setup["VAT_Percent"] if charged else "0"


def _priced(company: Company, row: Row) -> Decimal:
    if row["Type"] == " " and (row["Quantity"] != "0" or row["Unit_Price"] != "0"):
        raise must_have_value("Type", company["Sales Line"].describe(row))
    return rounded(amount(row, "Quantity") * amount(row, "Unit_Price"), _precision(company, row))


def _precision(company: Company, row: Row) -> Decimal:
    header = company["Sales Header"].require(row["Document_Type"], row["Document_No"])
    return precision_of(company, header["Currency_Code"])


def _quantity(company: Company, row: Row) -> None:
    row["Quantity"] = plain(rounded(amount(row, "Quantity"), _FIVE_PLACES))
    _percent(company, row)


def _percent(company: Company, row: Row) -> None:
    percent = rounded(amount(row, "Line_Discount_Percent"), _FIVE_PLACES)
    _check_percent(percent)
    full = _priced(company, row)
    discount = rounded(full * percent / _HUNDRED, _precision(company, row))
    row.update(
        Line_Discount_Percent=plain(percent),
        Line_Discount_Amount=plain(discount),
        Line_Amount=plain(full - discount),
    )


def _discount(company: Company, row: Row) -> None:
    full = _priced(company, row)
    discount = rounded(amount(row, "Line_Discount_Amount"), _precision(company, row))
    percent = rounded(discount / full * _HUNDRED, _FIVE_PLACES) if full else Decimal(0)
    _check_percent(percent)
    row.update(
        Line_Discount_Percent=plain(percent),
        Line_Discount_Amount=plain(discount if full else Decimal(0)),
        Line_Amount=plain(full - discount if full else Decimal(0)),
    )


def _line_amount(company: Company, row: Row) -> None:
    row["Line_Discount_Amount"] = plain(_priced(company, row) - amount(row, "Line_Amount"))
    _discount(company, row)


def _check_percent(percent: Decimal) -> None:
    for wrong, words in (
        (percent < 0, "greater than or equal to 0"),
        (percent > 100, "less than or equal to 100"),
    ):
        if wrong:
            raise NavError(FIELD, f"The value must be {words}. Value: {plain(percent)}.")


def _first_dimension(company: Company, row: Row) -> None:
    value = row["Shortcut_Dimension_1_Code"]
    check_value(company, "Shortcut Dimension 1 Code", "Sales Line", 0, value)


def _second_dimension(company: Company, row: Row) -> None:
    value = row["Shortcut_Dimension_2_Code"]
    check_value(company, "Shortcut Dimension 2 Code", "Sales Line", 1, value)


def _vat_if_known(company: Company, row: Row) -> None:
    if row["VAT_Prod_Posting_Group"]:
        _vat(company, row)


_VALIDATIONS: Mapping[str, Callable[[Company, Row], None]] = {
    "Type": _type,
    "No": _number,
    "Quantity": _quantity,
    "Unit_Price": _percent,
    "Line_Discount_Percent": _percent,
    "Line_Discount_Amount": _discount,
    "Line_Amount": _line_amount,
    "Gen_Prod_Posting_Group": _product_group,
    "VAT_Prod_Posting_Group": _vat_if_known,
    "VAT_Bus_Posting_Group": _vat_if_known,
    "Shortcut_Dimension_1_Code": _first_dimension,
    "Shortcut_Dimension_2_Code": _second_dimension,
}
