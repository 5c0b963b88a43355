"""The set-up of a new company: enough of everything to invoice, be paid and be refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sandbox.nav import chart
from sandbox.nav.company import Company
from sandbox.nav.countries import COUNTRY_CODES, EU_CODES
from sandbox.nav.database import VERSION, Key, Records
from sandbox.nav.schema import Row
from sandbox.nav.tables import BOOKS, SETUP, TABLES

_EPOCH = "2000-01-01"
_LAST_YEAR = 2099
_Record = tuple[str, Row]


def ensure_set_up(company: Company) -> None:
    """Give the company its set-up if it has none."""
    # A company that was set up before purchases existed is brought up to date.
    if len(company["Purchases & Payables Setup"]) == 0:
        with company.transaction():
            _restore(company)


def reset_company(company: Company) -> None:
    """Empty the books and put the set-up back to its beginnings.

    Number series go on where they were, so that no number is ever given twice.
    """
    with company.transaction():
        used = {row["Code"]: row["Last_No_Used"] for row in company["No. Series"].all()}
        for table in BOOKS:
            company[table.name].clear()
        _restore(company)
        for row in list(company["No. Series"].all()):
            company["No. Series"].change(row, Last_No_Used=used.get(row["Code"], ""))


def _restore(company: Company) -> None:
    """Make the set-up what a new company has, touching only what differs."""
    wanted: dict[str, dict[Key, Row]] = {table.name: {} for table in SETUP}
    for part in _PARTS:
        for name, values in part():
            row = {**TABLES[name].blank(), **values}
            wanted[name][TABLES[name].key_of(row)] = row
    for name, rows in wanted.items():
        _replace(company[name], rows)


def _replace(records: Records, rows: dict[Key, Row]) -> None:
    for present in list(records.all()):
        if records.table.key_of(present) not in rows:
            records.delete(present)
    for key, row in rows.items():
        present_row = records.get(*key)
        if present_row is None or {**row, VERSION: present_row[VERSION]} != present_row:
            records.put(row)


def _ledger() -> Iterator[_Record]:
    yield (
        "General Ledger Setup",
        {
            "LCY_Code": "USD",
            "Global_Dimension_1_Code": "DEPARTMENT",
            "Global_Dimension_2_Code": "PROJECT",
            "Amount_Rounding_Precision": "0.01",
            "Unit_Amount_Rounding_Precision": "0.00001",
        },
    )
    yield (
        "Sales & Receivables Setup",
        {
            "Customer_Nos": "CUST",
            "Order_Nos": "S-ORD",
            "Invoice_Nos": "S-INV",
            "Posted_Invoice_Nos": "S-INV+",
            "Credit_Memo_Nos": "S-CR",
            "Posted_Credit_Memo_Nos": "S-CR+",
        },
    )
    yield (
        "Purchases & Payables Setup",
        {
            "Ext_Doc_No_Mandatory": True,
            "Invoice_Nos": "P-INV",
            "Posted_Invoice_Nos": "P-INV+",
            "Credit_Memo_Nos": "P-CR",
            "Posted_Credit_Memo_Nos": "P-CR+",
        },
    )


def _accounts() -> Iterator[_Record]:
    for account in chart.ACCOUNTS:
        yield (
            "G/L Account",
            {
                "No": account.number,
                "Name": account.name,
                "Account_Type": "Posting",
                "Income_Balance": "Income Statement" if account.income else "Balance Sheet",
                "Direct_Posting": account.direct,
                "Blocked": account.number == chart.BLOCKED_ACCOUNT,
                "Gen_Posting_Type": "Sale" if account.number.startswith("4") else " ",
                "Gen_Prod_Posting_Group": account.product,
                "VAT_Prod_Posting_Group": "NOVAT" if account.product else "",
            },
        )


def _periods() -> Iterator[_Record]:
    for year in range(date.fromisoformat(_EPOCH).year, _LAST_YEAR + 1):
        for month in range(1, 13):
            start = date(year, month, 1)
            yield (
                "Accounting Period",
                {
                    "Starting_Date": start.isoformat(),
                    "Name": start.strftime("%B"),
                    "New_Fiscal_Year": month == 1,
                },
            )


def _currencies() -> Iterator[_Record]:
    for foreign in chart.CURRENCIES:
        yield (
            "Currency",
            {
                "Code": foreign.code,
                "Description": foreign.name,
                "Realized_Gains_Acc": "8100",
                "Realized_Losses_Acc": "8200",
                "Amount_Rounding_Precision": foreign.precision,
                "Unit_Amount_Rounding_Precision": "0.00001",
            },
        )
        yield (
            "Currency Exchange Rate",
            {
                "Currency_Code": foreign.code,
                "Starting_Date": _EPOCH,
                "Exchange_Rate_Amount": "1",
                "Relational_Exch_Rate_Amount": foreign.rate,
            },
        )


def _groups() -> Iterator[_Record]:
    for product, tax in chart.PRODUCT_GROUPS.items():
        values = {"Code": product, "Description": product, "Def_VAT_Prod_Posting_Group": tax}
        yield "Gen. Product Posting Group", values
    for tax in chart.VAT_RATES:
        yield "VAT Product Posting Group", {"Code": tax, "Description": tax}
    for business in chart.BUSINESS_GROUPS:
        named = {"Code": business, "Description": business}
        yield "VAT Business Posting Group", named
        yield "Gen. Business Posting Group", {**named, "Def_VAT_Bus_Posting_Group": business}
        yield "Customer Posting Group", {**named, **_customer_accounts(business)}
        yield from _posting_setup(business)
        yield from _vat_setup(business)
    yield "Vendor Posting Group", {"Code": "VENDORS", "Payables_Account": "2000"}
    yield "Employee Posting Group", {"Code": "EMPLOYEES", "Payables_Account": "2100"}


def _customer_accounts(business: str) -> Row:
    return {
        "Receivables_Account": chart.RECEIVABLES[business],
        "Invoice_Rounding_Account": "4900",
        "Debit_Rounding_Account": "4900",
        "Credit_Rounding_Account": "4900",
    }


def _posting_setup(business: str) -> Iterator[_Record]:
    for product in chart.PRODUCT_GROUPS:
        revenue = "4050" if product == "RETAIL" else "4000"
        yield (
            "General Posting Setup",
            {
                "Gen_Bus_Posting_Group": business,
                "Gen_Prod_Posting_Group": product,
                "Sales_Account": revenue,
                "Sales_Credit_Memo_Account": revenue,
                "Sales_Line_Disc_Account": "4200",
                "Sales_Inv_Disc_Account": "4200",
                "Purch_Account": "5000",
            },
        )


def _vat_setup(business: str) -> Iterator[_Record]:
    for product, percent in chart.VAT_RATES.items():
        yield (
            "VAT Posting Setup",
            {
                "VAT_Bus_Posting_Group": business,
                "VAT_Prod_Posting_Group": product,
                "VAT_Identifier": product,
                "VAT_Percent": percent,
                "VAT_Calculation_Type": "Full VAT" if product == "FULLVAT" else "Normal VAT",
                "Sales_VAT_Account": "2200" if product == "FULLVAT" else "2300",
                "Purchase_VAT_Account": "2310",
            },
        )


def _banks() -> Iterator[_Record]:
    yield from _bank("BANK-USD", "Bank USD", "", chart.LOCAL_BANK_ACCOUNT)
    for foreign in chart.CURRENCIES:
        name = f"Bank {foreign.code}"
        yield from _bank(f"BANK-{foreign.code}", name, foreign.code, foreign.account)
    yield (
        "Bank Account Posting Group",
        {"Code": "CLEARING", "G_L_Bank_Account_No": chart.CLEARING_ACCOUNT},
    )
    for name in chart.CLEARING_BANKS:
        yield (
            "Bank Account",
            {"No": name, "Name": name.title(), "Bank_Acc_Posting_Group": "CLEARING"},
        )


def _bank(number: str, name: str, currency: str, account: str) -> Iterator[_Record]:
    yield "Bank Account Posting Group", {"Code": number, "G_L_Bank_Account_No": account}
    yield (
        "Bank Account",
        {
            "No": number,
            "Name": name,
            "Currency_Code": currency,
            "Bank_Acc_Posting_Group": number,
        },
    )


def _journals() -> Iterator[_Record]:
    for name, (kind, source) in chart.TEMPLATES.items():
        yield "Gen. Journal Template", {"Name": name, "Type": kind, "Source_Code": source}
        for batch in chart.BATCHES:
            yield "Gen. Journal Batch", {"Journal_Template_Name": name, "Name": batch}


def _numbers() -> Iterator[_Record]:
    for series, (description, letters, manual) in chart.SERIES.items():
        yield (
            "No. Series",
            {
                "Code": series,
                "Description": description,
                "Manual_Nos": manual,
                "Starting_No": f"{letters}1000001",
                "Ending_No": f"{letters}9999999",
                "Increment_by_No": 1,
            },
        )


def _lists() -> Iterator[_Record]:
    for country in COUNTRY_CODES:
        union = country if country in EU_CODES else ""
        yield (
            "Country/Region",
            {"Code": country, "Name": country, "EU_Country_Region_Code": union},
        )
    for terms, formula in chart.TERMS.items():
        yield (
            "Payment Terms",
            {"Code": terms, "Due_Date_Calculation": formula, "Description": f"Net {formula}"},
        )
    for method in chart.METHODS:
        yield "Payment Method", {"Code": method, "Description": method.title()}
    for template, months in chart.DEFERRALS.items():
        yield (
            "Deferral Template",
            {"Deferral_Code": template, "Deferral_Account": "2500", "No_of_Periods": months},
        )


def _dimensions() -> Iterator[_Record]:
    for dimension, values in chart.DIMENSIONS.items():
        yield "Dimension", {"Code": dimension, "Name": dimension.title()}
        for value in values:
            yield "Dimension Value", {"Dimension_Code": dimension, "Code": value, "Name": value}


_PARTS = (
    _ledger,
    _accounts,
    _periods,
    _currencies,
    _groups,
    _banks,
    _journals,
    _numbers,
    _lists,
    _dimensions,
)
