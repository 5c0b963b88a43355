"""The code behind customers, vendors and employees."""

from __future__ import annotations

from sandbox.nav.company import Company
from sandbox.nav.dimensions import TABLE_IDS, check_value, global_dimensions
from sandbox.nav.errors import dialog
from sandbox.nav.numbers import check_manual, next_number
from sandbox.nav.schema import Row
from sandbox.nav.tables.finance import DEFAULT_DIMENSION
from sandbox.nav.triggers.base import Trigger


class _PartyTrigger(Trigger):
    table = ""
    series = ""

    def validate(self, company: Company, row: Row, name: str, old: object) -> None:
        if name == "Name":
            _propose_search_name(row, str(old))
        elif name == "Gen_Bus_Posting_Group" and row[name]:
            _propose_vat_group(company, row)
        elif name in ("Global_Dimension_1_Code", "Global_Dimension_2_Code"):
            self._check_dimension(company, row, name)

    def insert(self, company: Company, row: Row) -> None:
        series = self._series(company)
        if row["No"]:
            check_manual(company, series)
        else:
            row["No"] = next_number(company, series)
        self._touch(company, row)
        self._save_dimensions(company, self._nothing(row), row)

    def modify(self, company: Company, before: Row, row: Row) -> None:
        self._touch(company, row)
        self._save_dimensions(company, before, row)

    def delete(self, company: Company, row: Row) -> None:
        for rule in company["Default Dimension"].within((TABLE_IDS[self.table], row["No"])):
            company["Default Dimension"].delete(rule)

    def _series(self, company: Company) -> str:
        return self.series

    def _touch(self, company: Company, row: Row) -> None:
        if "Last_Date_Modified" in row:
            row["Last_Date_Modified"] = company.today()
        if "Last_Modified_Date_Time" in row:
            row["Last_Modified_Date_Time"] = company.now()

    def _check_dimension(self, company: Company, row: Row, name: str) -> None:
        place = 0 if name.startswith("Global_Dimension_1") else 1
        check_value(company, name.replace("_", " "), self.table, place, row[name])

    def _nothing(self, row: Row) -> Row:
        return {**row, "Global_Dimension_1_Code": "", "Global_Dimension_2_Code": ""}

    def _save_dimensions(self, company: Company, before: Row, row: Row) -> None:
        for place, dimension in enumerate(global_dimensions(company), 1):
            name = f"Global_Dimension_{place}_Code"
            if row[name] != before[name]:
                _save_default(company, TABLE_IDS[self.table], row["No"], dimension, row[name])


class CustomerTrigger(_PartyTrigger):
    """Customers: numbered by series, stamped with the moment of change."""

    table = "Customer"

    def _series(self, company: Company) -> str:
        return str(company.sales_setup["Customer_Nos"])

    def delete(self, company: Company, row: Row) -> None:
        if company["Cust. Ledger Entry"].first(Customer_No=row["No"]):
            raise dialog(
                f"You cannot delete Customer {row['No']} because there are ledger entries for it."
            )
        if company["Sales Header"].first(Sell_to_Customer_No=row["No"]):
            raise dialog(
                f"You cannot delete Customer {row['No']} because there is at least one "
                "outstanding Sales Document for this customer."
            )
        super().delete(company, row)


class VendorTrigger(_PartyTrigger):
    """Vendors."""

    table = "Vendor"
    series = "VEND"


class EmployeeTrigger(_PartyTrigger):
    """Employees."""

    table = "Employee"
    series = "EMPL"


def _propose_search_name(row: Row, old: str) -> None:
    if row["Search_Name"] in ("", old.upper()):
        row["Search_Name"] = row["Name"].upper()


def _propose_vat_group(company: Company, row: Row) -> None:
    group = company["Gen. Business Posting Group"].require(row["Gen_Bus_Posting_Group"])
    if group["Def_VAT_Bus_Posting_Group"]:
        row["VAT_Bus_Posting_Group"] = group["Def_VAT_Bus_Posting_Group"]


def _save_default(company: Company, table: int, number: str, dimension: str, value: str) -> None:
    records = company["Default Dimension"]
    present = records.get(table, number, dimension)
    if present is not None:
        records.change(present, Dimension_Value_Code=value)
    elif value:
        key = {"Table_ID": table, "No": number, "Dimension_Code": dimension}
        records.insert({**DEFAULT_DIMENSION.blank(), **key, "Dimension_Value_Code": value})
