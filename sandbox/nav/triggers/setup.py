"""The code behind set-up tables."""

from __future__ import annotations

from decimal import Decimal

from sandbox.nav.company import Company
from sandbox.nav.dimensions import TABLE_IDS, global_dimensions
from sandbox.nav.errors import must_have_value, not_related
from sandbox.nav.schema import Row
from sandbox.nav.triggers.base import Trigger


class DefaultDimensionTrigger(Trigger):
    """Default dimensions; those of customers show on the customer card as well."""

    def validate(self, company: Company, row: Row, name: str, old: object) -> None:
        value = row["Dimension_Value_Code"]
        if name != "Dimension_Value_Code" or not value:
            return
        if company["Dimension Value"].get(row["Dimension_Code"], value) is None:
            raise not_related("Dimension Value Code", "Default Dimension", value, "Dimension Value")

    def insert(self, company: Company, row: Row) -> None:
        _show_on_customer(company, row, row["Dimension_Value_Code"])

    def modify(self, company: Company, before: Row, row: Row) -> None:
        _show_on_customer(company, row, row["Dimension_Value_Code"])

    def delete(self, company: Company, row: Row) -> None:
        _show_on_customer(company, row, "")


class RateTrigger(Trigger):
    """Exchange rates: neither side may be zero."""

    def insert(self, company: Company, row: Row) -> None:
        _check_rate(company, row)

    def modify(self, company: Company, before: Row, row: Row) -> None:
        _check_rate(company, row)


def _check_rate(company: Company, row: Row) -> None:
    records = company["Currency Exchange Rate"]
    for name in ("Exchange_Rate_Amount", "Relational_Exch_Rate_Amount"):
        if Decimal(row[name]) <= 0:
            raise must_have_value(records.table.fields[name].caption, records.describe(row))


def _show_on_customer(company: Company, row: Row, value: str) -> None:
    if row["Table_ID"] != TABLE_IDS["Customer"]:
        return
    customer = company["Customer"].get(row["No"])
    if customer is None or row["Dimension_Code"] not in global_dimensions(company):
        return
    place = global_dimensions(company).index(row["Dimension_Code"]) + 1
    company["Customer"].put({**customer, f"Global_Dimension_{place}_Code": value})
