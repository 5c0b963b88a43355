"""What the NAV stand-in refuses in a journal, and what it takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.nav_company import Fault, House, open_house, revenue


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as found:
        yield found


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"Amount": 0}, "Amount must have a value in Gen. Journal Line"),
        ({"Account_No": ""}, "out of balance by 5"),
        ({"Bal_Account_No": ""}, "out of balance by -5"),
        ({"Document_No": ""}, "Document No. must have a value"),
        ({"Bal_Account_No": "BANK-CAD", "Currency_Code": "EUR"}, "Currency Code must be equal to"),
        ({"Bal_Account_No": "BANK-CAD", "Currency_Code": ""}, "Currency Code must be equal to ''"),
        ({"Document_Type": "Invoice"}, "Amount must be positive"),
        ({"Document_Type": "Credit Memo", "Amount": 5}, "Amount must be negative"),
        ({"Applies_to_Doc_Type": "Invoice", "Applies_to_Doc_No": "X"}, "Open: Yes"),
    ],
)
async def test_a_wrong_journal_line_stays_in_its_batch(
    house: House, values: dict[str, Any], words: str
) -> None:
    await house.line("P1", await house.customer(), -5, **values)
    with pytest.raises(Fault) as caught:
        await house.post_line("P1")
    assert words in caught.value.text
    assert len(await house.records("CashReceiptJournal")) == 1
    assert await house.records("GLEntries") == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"Account_Type": "Customer", "Bal_Account_Type": "Vendor"}, "must be G/L Account or Bank"),
        ({"Account_Type": "Customer", "Account_No": "C0"}, "in the related table (Customer)"),
        ({"Account_Type": "Employee", "Currency_Code": "CAD"}, "Currency Code must be equal to ''"),
        ({"Journal_Batch_Name": "NONE"}, "in the related table (Gen. Journal Batch)"),
        ({"Currency_Code": "XXX"}, "in the related table (Currency)"),
    ],
)
async def test_a_journal_line_is_validated_field_by_field(
    house: House, values: dict[str, Any], words: str
) -> None:
    batch = {"Journal_Template_Name": "CASHRCPT", "Journal_Batch_Name": "TIEOUT"}
    refusal = await house.refused("POST", "CashReceiptJournal", **{**batch, **values})
    assert words in refusal[2]


async def test_a_payment_may_not_be_dated_before_what_it_settles(house: House) -> None:
    customer = await house.customer()
    invoice = await house.invoice("K1", customer, revenue(10), Posting_Date="2026-03-10")
    applied = {"Applies_to_Doc_Type": "Invoice", "Applies_to_Doc_No": invoice}
    with pytest.raises(Fault, match="to an entry with an earlier posting date"):
        await house.payment("P1", customer, -10, **applied, Posting_Date="2026-03-09")
    await house.payment("P2", customer, -10, Posting_Date="2026-03-09")
    await house.call(
        "ApplyEntry", externalKey="P2", appliesToDocType="Invoice", appliesToDocNo=invoice
    )
    assert (await house.entry("K1"))["Closed_at_Date"] == "2026-03-10"


async def test_the_number_of_a_journal_invoice_is_unique_over_all_customers(house: House) -> None:
    first, second = await house.customer(), await house.customer(Name="Beta")
    invoice = {"Document_Type": "Invoice", "Bal_Account_Type": "G/L Account"}
    invoice |= {"Bal_Account_No": "4000", "Document_No": "F-1"}
    await house.payment("J1", first, 10, **invoice)
    with pytest.raises(Fault, match="Sales Invoice F-1 already exists"):
        await house.payment("J2", second, 10, **invoice)


async def test_the_same_payment_is_taken_twice_and_the_same_sales_number_too(house: House) -> None:
    customer = await house.customer()
    await house.payment("P1", customer, -10, Document_No="SAME")
    await house.payment("P2", customer, -10, Document_No="SAME")
    for _ in range(2):
        await house.add("SalesInvoice", Sell_to_Customer_No=customer, External_Document_No="SAME")
    assert len(await house.records("SalesInvoice", filter="External_Document_No eq 'SAME'")) == 2
    with pytest.raises(Fault, match="There is more than one Invoice"):
        await house.post("SAME")


async def test_a_vendors_invoice_number_is_taken_once(house: House) -> None:
    vendor = (await house.add("Vendors", Name="Shop", Vendor_Posting_Group="VENDORS"))["No"]
    bill = {"Account_Type": "Vendor", "Bal_Account_Type": "G/L Account", "Document_Type": "Invoice"}
    bill |= {"Bal_Account_No": "6000"}
    await house.payment("V1", vendor, -10, **bill)
    with pytest.raises(Fault, match="Purchase Invoice V1 already exists"):
        await house.payment("V2", vendor, -10, **bill, Document_No="V1")
    assert [row.amount for row in house.rows("expense")] == ["10.00"]


async def test_an_employee_is_owed_through_a_journal(house: House) -> None:
    employee = await house.add(
        "Employees", First_Name="Ann", Last_Name="Lee", Employee_Posting_Group="EMPLOYEES"
    )
    claim = {"Account_Type": "Employee", "Bal_Account_Type": "G/L Account", "Document_Type": " "}
    await house.payment("E1", employee["No"], "-12.5", **claim, Bal_Account_No="6100")
    assert await house.ledger() == {"2100": Decimal("-12.5"), "6100": Decimal("12.5")}


async def test_journal_lines_without_balancing_account_post_as_one_document(house: House) -> None:
    customer = await house.customer()
    batch = {"Journal_Template_Name": "CASHRCPT", "Journal_Batch_Name": "TIEOUT"}
    document = {"Document_Type": "Invoice", "Document_No": "J1", "External_Document_No": "J1"}
    lines: list[dict[str, Any]] = [
        {"Account_Type": "Customer", "Account_No": customer, "Amount": "11.3"},
        {"Account_Type": "G/L Account", "Account_No": "4000", "Amount": -10},
        {"Account_Type": "G/L Account", "Account_No": "2200", "Amount": "-1.2"},
    ]
    for line in lines:
        await house.add("CashReceiptJournal", **batch, **document, **line)
    with pytest.raises(Fault, match=r"Document No. J1 is out of balance by 0.1"):
        await house.post_line("J1")
    last = "Journal_Template_Name='CASHRCPT',Journal_Batch_Name='TIEOUT',Line_No=30000"
    await house.change(f"CashReceiptJournal({last})", Amount="-1.3")
    assert await house.post_line("J1") == "J1"
    assert await house.records("CashReceiptJournal") == []
    assert (await house.ledger())["1300"] == Decimal("11.3")
