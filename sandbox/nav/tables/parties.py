"""Customers, vendors, employees and items."""

from __future__ import annotations

from sandbox.nav.schema import (
    Field,
    Table,
    boolean,
    code,
    date,
    decimal,
    moment,
    option,
    text,
)
from sandbox.nav.tables.options import CUSTOMER_BLOCKS, VENDOR_BLOCKS


def _address() -> tuple[Field, ...]:
    return (
        text("Name", 50),
        code("Search Name", 50),
        text("Name 2", 50),
        text("Address", 50),
        text("Address 2", 50),
        text("City", 30),
        text("Contact", 50),
        text("Phone No.", 30),
        text("Fax No.", 30),
        code("Post Code", 20),
        text("County", 30),
        code("Country/Region Code", 10, relation="Country/Region"),
        text("E-Mail", 80),
        text("Home Page", 80),
        text("VAT Registration No.", 20),
        text("Our Account No.", 20),
    )


def _terms() -> tuple[Field, ...]:
    return (
        code("Currency Code", 10, relation="Currency"),
        code("Payment Terms Code", 10, relation="Payment Terms"),
        code("Payment Method Code", 10, relation="Payment Method"),
        code("Gen. Bus. Posting Group", 20, relation="Gen. Business Posting Group"),
        code("VAT Bus. Posting Group", 20, relation="VAT Business Posting Group"),
        code("Global Dimension 1 Code", 20),
        code("Global Dimension 2 Code", 20),
    )


CUSTOMER = Table(
    18,
    "Customer",
    ("No",),
    (
        code("No.", 20),
        *_address(),
        *_terms(),
        code("Customer Posting Group", 20, relation="Customer Posting Group"),
        code("Bill-to Customer No.", 20, relation="Customer"),
        code("Salesperson Code", 20),
        code("Language Code", 10),
        boolean("Prices Including VAT"),
        option("Blocked", CUSTOMER_BLOCKS),
        decimal("Credit Limit (LCY)"),
        decimal("Balance (LCY)", flow=True),
        date("Last Date Modified", editable=False),
        moment("Last Modified Date Time", editable=False),
    ),
    (("E_Mail",), ("Name",), ("Our_Account_No",)),
)

VENDOR = Table(
    23,
    "Vendor",
    ("No",),
    (
        code("No.", 20),
        *_address(),
        *_terms(),
        code("Vendor Posting Group", 20, relation="Vendor Posting Group"),
        option("Blocked", VENDOR_BLOCKS),
        date("Last Date Modified", editable=False),
    ),
    (("E_Mail",), ("Name",), ("Our_Account_No",)),
)

EMPLOYEE = Table(
    5200,
    "Employee",
    ("No",),
    (
        code("No.", 20),
        text("First Name", 30),
        text("Middle Name", 30),
        text("Last Name", 30),
        text("Company E-Mail", 80),
        text("E-Mail", 80),
        code("Employee Posting Group", 20, relation="Employee Posting Group"),
        option("Status", ("Active", "Inactive", "Terminated")),
        code("Global Dimension 1 Code", 20),
        code("Global Dimension 2 Code", 20),
    ),
    (("Company_E_Mail",),),
)

ITEM = Table(
    27,
    "Item",
    ("No",),
    (
        code("No.", 20),
        text("Description", 50),
        option("Type", ("Inventory", "Service")),
        code("Base Unit of Measure", 10),
        decimal("Unit Price"),
        code("Gen. Prod. Posting Group", 20, relation="Gen. Product Posting Group"),
        code("VAT Prod. Posting Group", 20, relation="VAT Product Posting Group"),
        boolean("Blocked"),
        date("Last Date Modified", editable=False),
    ),
)

PARTY_TABLES = (CUSTOMER, VENDOR, EMPLOYEE, ITEM)
