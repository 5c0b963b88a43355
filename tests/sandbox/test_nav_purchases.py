"""Purchases of the stand-in: double entry, payment, credit memos, and what NAV refuses."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.sandbox.nav_company import Fault, cost, open_house


async def test_a_purchase_invoice_is_cost_tax_and_a_payable() -> None:
    async with open_house() as house:
        vendor = await house.vendor()
        await house.purchase("K1", vendor, cost(100, VAT_Prod_Posting_Group="VAT20"))
        assert await house.ledger() == {"6000": 100, "2310": 20, "2000": -120}
        entry = await house.owed("K1")
        assert (entry["Amount"], entry["Remaining_Amount"], entry["Open"]) == (-120, -120, True)


async def test_the_same_key_gives_the_same_document() -> None:
    async with open_house() as house:
        vendor = await house.vendor()
        number = await house.purchase("K1", vendor, cost(100))
        again = await house.call("PostPurchaseDocument", documentType="Invoice", externalKey="K1")
        assert again["return_value"] == number
        made = await house.call(
            "CreatePurchaseDocument",
            documentType="Invoice",
            externalKey="K1",
            vendorNo=vendor,
            state="",
        )
        assert (made["return_value"], made["state"]) == (number, "Posted")


async def test_a_payment_of_a_foreign_payable_realises_the_exchange_difference() -> None:
    async with open_house() as house:
        vendor = await house.vendor()
        await house.add(
            "CurrencyExchangeRates",
            Currency_Code="EUR",
            Starting_Date="2024-02-01",
            Exchange_Rate_Amount=1,
            Relational_Exch_Rate_Amount=1.2,
        )
        await house.purchase(
            "K1", vendor, cost(100), Posting_Date="2024-01-10", Currency_Code="EUR"
        )
        number = (await house.owed("K1"))["Document_No"]
        await house.payment(
            "P1",
            vendor,
            100,
            Posting_Date="2024-02-10",
            Account_Type="Vendor",
            Bal_Account_No="BANK-EUR",
            Currency_Code="EUR",
            Applies_to_Doc_Type="Invoice",
            Applies_to_Doc_No=number,
        )
        entry = await house.owed("K1")
        assert (entry["Remaining_Amount"], entry["Open"]) == (0, False)
        ledger = await house.ledger()
        assert (ledger["2000"], ledger["8200"]) == (Decimal(0), Decimal("10.00"))


async def test_a_credit_memo_takes_a_purchase_invoice_back() -> None:
    async with open_house() as house:
        vendor = await house.vendor()
        number = await house.purchase("K1", vendor, cost(100), Your_Reference="5000001")
        await house.purchase(
            "K2",
            vendor,
            cost(100),
            kind="Credit Memo",
            Applies_to_Doc_Type="Invoice",
            Applies_to_Doc_No=number,
        )
        assert not any((await house.ledger()).values())
        (row,) = house.rows("expense")
        assert (row.state, row.document, row.extra["remaining"]) == ("reversed", "5000001", "0.00")


async def test_a_journal_without_a_party_is_reversed_as_a_whole() -> None:
    async with open_house() as house:
        values = {"Account_Type": "G/L Account", "Document_Type": " "}
        await house.payment("J1", "6000", 50, **values)
        made = await house.call(
            "ReverseJournal", externalKey="J1", reversalKey="R1", postingDate="0001-01-01"
        )
        assert made["return_value"] == "R1"
        assert not any((await house.ledger()).values())
        assert all(entry["Reversed"] for entry in await house.records("GLEntries"))
        with pytest.raises(Fault, match="already been reversed"):
            await house.call(
                "ReverseJournal", externalKey="J1", reversalKey="R2", postingDate="0001-01-01"
            )


@pytest.mark.parametrize(
    ("change", "complaint"),
    [({"Blocked": "All"}, "is blocked with type All"), ({"Gen_Bus_Posting_Group": ""}, "Gen. Bus")],
)
async def test_a_vendor_that_cannot_be_posted_to_is_refused(
    change: dict[str, str], complaint: str
) -> None:
    async with open_house() as house:
        vendor = await house.vendor()
        await house.change(f"Vendors('{vendor}')", **change)
        with pytest.raises(Fault, match=complaint):
            await house.purchase_draft("K1", vendor, cost(5))


async def test_nothing_is_posted_without_lines() -> None:
    async with open_house() as house:
        await house.purchase_draft("K1", await house.vendor())
        with pytest.raises(Fault, match="nothing to post"):
            await house.call("PostPurchaseDocument", documentType="Invoice", externalKey="K1")
