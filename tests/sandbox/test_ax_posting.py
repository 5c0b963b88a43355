"""Free text invoices: created, then posted into balanced vouchers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.ax_house import House, house, refused, running
from tests.sandbox.ax_values import free_text, keys, line, where

__all__ = ["house", "running"]

D = Decimal


async def _read(house: House, rec_id: str) -> Any:
    found = await house.call("FreeTextInvoiceService", "read", EntityKeyList=keys("RecId", rec_id))
    return found["CustInvoiceTable"][0]


async def _jour(house: House, key: str) -> Any:
    criteria = where("CustInvoiceJour", "PurchaseOrder", "Equal", key)
    found = await house.call("SalesInvoiceService", "find", QueryCriteria=criteria)
    (jour,) = found["CustInvoiceJour"]
    return jour


async def test_created_is_not_posted(house: House) -> None:
    number = await house.customer(PaymTermId="14D")
    rec_id = await house.invoice(
        number, "K1", line("100.00"), InvoiceDate="2026-03-02", CurrencyCode="EUR"
    )
    invoice = await _read(house, rec_id)
    assert (invoice["Posted"], invoice["InvoiceId"]) == ("No", None)
    assert str(invoice["DueDate"]) == "2026-03-16"
    assert await house.balances() == {}
    (row,) = await house.journal("invoice")
    assert (row["state"], row["key"], row["document"]) == ("created", "K1", "ref of K1")
    assert (row["amount"], row["currency"], row["number"]) == ("100.00", "EUR", rec_id)


async def test_a_posted_invoice_has_number_voucher_transaction_and_balanced_books(
    house: House,
) -> None:
    number = await house.customer()
    taxed = line("100", TaxGroup="TAX", TaxItemGroup="VAT20")
    posted = await house.posted(number, "K1", taxed, line("50", "4100"))
    assert (posted["State"], posted["Amount"], posted["TaxAmount"]) == ("Posted", 170, 20)
    jour = await _jour(house, "K1")
    assert jour["InvoiceId"] == posted["InvoiceId"]
    assert jour["LedgerVoucher"] == posted["Voucher"]
    assert (jour["InvoiceAmount"], jour["SalesBalance"], jour["SumTax"]) == (170, 150, 20)
    assert [(one["TaxCode"], one["SourceTaxAmountCur"]) for one in jour["TaxTrans"]] == [
        ("VAT20", 20)
    ]
    balances = await house.balances()
    assert balances == {"4000": D(-100), "4100": D(-50), "2300": D(-20), "1300": D(170)}
    found = await house.call(
        "FreeTextInvoiceService",
        "find",
        QueryCriteria=where("CustInvoiceTable", "InvoiceId", "Equal", posted["InvoiceId"]),
    )
    assert found["CustInvoiceTable"][0]["Posted"] == "Yes"


async def test_a_second_posting_by_key_gives_the_first(house: House) -> None:
    number = await house.customer()
    first = await house.posted(number, "K1")
    again = await house.tieout("postFreeTextInvoice", "K1")
    assert again["Voucher"] == first["Voucher"]
    assert len(await house.journal("invoice")) == 1


async def test_amounts_come_from_quantity_and_price(house: House) -> None:
    number = await house.customer()
    dimension = {"DisplayValue": "4000", "MainAccount": "4000"}
    priced = {
        "class": "entity",
        "LedgerDimension": dimension,
        "Quantity": "3",
        "UnitPrice": "3.335",
    }
    posted = await house.posted(number, "K1", priced)
    assert posted["Amount"] == D("10.01")


async def test_prices_may_include_tax(house: House) -> None:
    number = await house.customer()
    taxed = line("119", TaxGroup="TAX", TaxItemGroup="VAT19")
    await house.invoice(number, "K1", taxed, InclTax="Yes")
    totals = await house.tieout("getInvoiceTotals", "K1")
    assert (totals["NetAmount"], totals["TaxAmount"], totals["InvoiceAmount"]) == (100, 19, 119)
    posted = await house.tieout("postFreeTextInvoice", "K1")
    assert (posted["Amount"], posted["TaxAmount"]) == (119, 19)


async def test_tax_is_rounded_once_per_combination(house: House) -> None:
    number = await house.customer()
    lines = [line("0.05", TaxGroup="TAX", TaxItemGroup="VAT10") for _ in range(3)]
    totals = None
    await house.invoice(number, "K1", *lines)
    totals = await house.tieout("getInvoiceTotals", "K1")
    assert totals["TaxAmount"] == D("0.02")
    assert totals["TaxLines"]["TieoutTaxLine"][0]["TaxBase"] == D("0.15")


async def test_groups_without_a_code_in_common_are_untaxed(house: House) -> None:
    number = await house.customer()
    exempt = line("100", TaxGroup="EXEMPT", TaxItemGroup="VAT20")
    assert (await house.posted(number, "K1", exempt))["TaxAmount"] == 0
    assert (await _jour(house, "K1"))["TaxTrans"] == []


async def test_foreign_currency_is_kept_and_valued_at_the_rate_of_the_day(house: House) -> None:
    number = await house.customer(Currency="EUR", CustGroup="EU")
    await house.person("rate", currency="EUR", rate="120", **{"from": "2026-02-01"})
    early = await house.posted(number, "K1", line("100"), InvoiceDate="2026-01-31")
    late = await house.posted(number, "K2", line("100"), InvoiceDate="2026-02-01")
    assert (early["CurrencyCode"], early["Amount"], late["Amount"]) == ("EUR", 100, 100)
    assert (await _jour(house, "K1"))["InvoiceAmountMST"] == 110
    assert (await _jour(house, "K2"))["InvoiceAmountMST"] == 120
    assert (await house.balances())["1310"] == 230


async def test_yen_have_no_decimals(house: House) -> None:
    number = await house.customer(Currency="JPY")
    posted = await house.posted(number, "K1", line("100.4", TaxGroup="TAX", TaxItemGroup="VAT5"))
    assert (posted["Amount"], posted["TaxAmount"]) == (105, 5)


async def test_an_amount_that_no_ledger_holds_is_refused(house: House) -> None:
    number = await house.customer()
    huge = line("0", Quantity="9" * 20, UnitPrice="9" * 20)
    del huge["AmountCur"]
    assert "too large" in (await refused(house.invoice(number, "K1", huge))).text
    assert "too large" in (await refused(house.invoice(number, "K1", line("9" * 28)))).text
    assert await house.journal("invoice") == []


async def test_a_currency_without_a_rate_cannot_be_posted(house: House) -> None:
    number = await house.customer()
    for row in list(house.books()["ExchangeRate"].find("FromCurrencyCode", "EUR")):
        house.books()["ExchangeRate"].delete(row)
    await house.invoice(number, "K1", InvoiceDate="2026-03-01", CurrencyCode="EUR")
    refusal = await refused(house.tieout("postFreeTextInvoice", "K1"))
    assert refusal.text == "There is no exchange rate from EUR to USD on 2026-03-01."
    await house.person("rate", currency="EUR", rate="111", **{"from": "2026-03-01"})
    assert (await house.tieout("postFreeTextInvoice", "K1"))["State"] == "Posted"


async def test_a_day_outside_of_the_fiscal_calendar_cannot_be_posted(house: House) -> None:
    number = await house.customer()
    await house.invoice(number, "K1", InvoiceDate="1999-12-31")
    refusal = await refused(house.tieout("postFreeTextInvoice", "K1"))
    assert "no fiscal period" in refusal.text


async def test_a_closed_period_refuses_until_it_is_opened(house: House) -> None:
    number = await house.customer()
    await house.person("period", month="2026-02", status="Closed")
    await house.invoice(number, "K1", InvoiceDate="2026-02-10")
    refusal = await refused(house.tieout("postFreeTextInvoice", "K1"))
    assert refusal.text == "The ledger period for 2026-02-10 is not open (Closed)."
    assert await house.balances() == {}
    await house.person("period", month="2026-02", status="Open")
    assert (await house.tieout("postFreeTextInvoice", "K1"))["State"] == "Posted"


async def test_suspended_and_closed_accounts_refuse(house: House) -> None:
    number = await house.customer()
    await house.invoice(number, "K1", line("1", "9999"))
    assert "suspended" in (await refused(house.tieout("postFreeTextInvoice", "K1"))).text
    await house.invoice(number, "K2", line("1", "1300"))
    assert "manual entry" in (await refused(house.tieout("postFreeTextInvoice", "K2"))).text
    call = house.invoice(number, "K3", line("1", "7777"))
    assert (await refused(call)).field == "LedgerDimension"


def _with(values: dict[str, str], **fields: Any) -> dict[str, Any]:
    listed = [{"Name": name, "Value": value} for name, value in values.items()]
    return line("1", DefaultDimension={"Values": {"Value": listed}}, **fields)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"Department": "MOON"}, "The value 'MOON' in field 'Department'"),
        ({"Colour": "RED"}, "related table 'DimensionAttribute'"),
    ],
)
async def test_dimensions_must_exist(house: House, values: dict[str, str], text: str) -> None:
    number = await house.customer()
    refusal = await refused(house.invoice(number, "K1", _with(values)))
    assert text in refusal.text


async def test_dimensions_reach_the_ledger_the_line_winning(house: House) -> None:
    number = await house.customer()
    header = {"Values": {"Value": [{"Name": "Department", "Value": "ADM"}]}}
    lines = (_with({"Project": "P1"}), _with({"Department": "SALES"}))
    await house.posted(number, "K1", *lines, DefaultDimension=header)
    entry = next(house.books()["GeneralJournalEntry"].all())
    found = [row["Values"] for row in entry["Lines"] if row["MainAccount"] == "4000"]
    assert found == [{"Department": "ADM", "Project": "P1"}, {"Department": "SALES"}]


async def test_the_account_structure_may_demand_a_dimension(house: House) -> None:
    number = await house.customer()
    await house.invoice(number, "K1")
    await house.person("require", number="4000", dimension="Project", required=True)
    for refusal in (house.tieout("postFreeTextInvoice", "K1"), house.invoice(number, "K3")):
        told = (await refused(refusal)).text
        assert "a value for dimension 'Project' must be specified" in told
    await house.invoice(number, "K2", _with({"Project": "P2"}))
    assert (await house.tieout("postFreeTextInvoice", "K2"))["State"] == "Posted"


async def test_a_suspended_dimension_value_is_refused_and_a_new_one_is_known(
    house: House,
) -> None:
    number = await house.customer()
    await house.person("value", dimension="Project", value="P1", suspended=True)
    await house.person("value", dimension="Project", value="P9", suspended=False)
    assert (
        "suspended" in (await refused(house.invoice(number, "K1", _with({"Project": "P1"})))).text
    )
    assert await house.invoice(number, "K2", _with({"Project": "P9"}))


@pytest.mark.parametrize(("blocked", "stopped"), [("Invoice", True), ("All", True), ("No", False)])
async def test_a_stopped_customer_gets_no_invoice(
    house: House, blocked: str, stopped: bool
) -> None:
    number = await house.customer()
    await house.invoice(number, "K1")
    await house.person("block", account=number, blocked=blocked)
    if stopped:
        refusal = await refused(house.tieout("postFreeTextInvoice", "K1"))
        assert refusal.text == f"Customer {number} is on hold for '{blocked}'."
        await refused(house.invoice(number, "K2"))
    else:
        assert (await house.tieout("postFreeTextInvoice", "K1"))["State"] == "Posted"


async def test_an_unknown_customer_gets_no_invoice(house: House) -> None:
    refusal = await refused(house.invoice("C42", "K1"))
    assert (refusal.code, refusal.field) == ("BusinessRule", "OrderAccount")


async def test_an_invoice_needs_lines(house: House) -> None:
    number = await house.customer()
    document = free_text(number, "K1")
    del document["CustInvoiceTable"][0]["CustInvoiceLine"]
    call = house.call("FreeTextInvoiceService", "create", FreeTextInvoice=document)
    assert "has no lines" in (await refused(call)).text
