"""NAV's own arithmetic: VAT by group, prices that include it, discounts, currencies, deferrals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.nav_company import House, open_house, revenue


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as found:
        yield found


async def figures(house: House, *lines: dict[str, Any], **header: Any) -> list[Decimal]:
    """Net and gross of a draft, which posting must reproduce."""
    customer = await house.customer()
    number = await house.draft("K1", customer, *lines, **header)
    draft = await house.one(f"SalesInvoice('Invoice','{number}')")
    posted = await house.one(f"PostedSalesInvoice('{await house.post('K1')}')")
    assert posted["Amount"] == draft["Amount"]
    assert posted["Amount_Including_VAT"] == draft["Amount_Including_VAT"]
    assert sum((await house.ledger()).values()) == 0
    return [Decimal(draft["Amount"]), Decimal(draft["Amount_Including_VAT"])]


def taxed(price: Any, group: str, quantity: Any = 1, **values: Any) -> dict[str, Any]:
    return revenue(price, quantity, VAT_Prod_Posting_Group=group, **values)


async def test_vat_is_rounded_once_per_group_and_not_per_line(house: House) -> None:
    lines = [taxed("0.33", "VAT20") for _ in range(3)]
    assert await figures(house, *lines) == [Decimal("0.99"), Decimal("1.19")]
    shown = await house.records("PostedSalesInvoiceSalesLines")
    assert [row["Amount_Including_VAT"] for row in shown] == [
        Decimal("0.40"),
        Decimal("0.39"),
        Decimal("0.40"),
    ]


async def test_each_rate_is_a_group_of_its_own(house: House) -> None:
    lines = [taxed(100, "VAT5"), taxed(100, "VAT13"), taxed(100, "EXEMPT")]
    assert await figures(house, *lines) == [300, 318]
    ledger = await house.ledger()
    assert ledger == {"4000": -300, "2300": -18, "1300": 318}


async def test_prices_can_include_vat(house: House) -> None:
    lines = [taxed("9.99", "VAT20"), taxed("9.99", "VAT20")]
    wanted = [Decimal("16.65"), Decimal("19.98")]
    assert await figures(house, *lines, Prices_Including_VAT=True) == wanted


async def test_a_tax_amount_can_be_dictated_as_a_line_of_its_own(house: House) -> None:
    tax = {"Type": "G/L Account", "No": "2200", "Quantity": 1, "Unit_Price": "13.01"}
    assert await figures(house, revenue(100), tax) == [Decimal("113.01"), Decimal("113.01")]
    assert (await house.ledger())["2200"] == Decimal("-13.01")


async def test_full_vat_makes_a_line_all_tax(house: House) -> None:
    line = taxed("13.01", "FULLVAT", No="2200")
    assert await figures(house, revenue(100), line) == [100, Decimal("113.01")]


async def test_a_line_discount_is_rounded_to_the_currency(house: House) -> None:
    line = taxed("3.35", "VAT10", 3, Line_Discount_Percent="33.333")
    assert await figures(house, line) == [Decimal("6.70"), Decimal("7.37")]
    posted = (await house.records("PostedSalesInvoiceSalesLines"))[0]
    assert posted["Line_Discount_Amount"] == Decimal("3.35")


async def test_a_line_amount_implies_its_discount(house: House) -> None:
    assert (await figures(house, revenue(10, 3, Line_Amount=27)))[0] == 27
    posted = (await house.records("PostedSalesInvoiceSalesLines"))[0]
    assert (posted["Line_Discount_Amount"], posted["Line_Discount_Percent"]) == (3, 10)


@pytest.mark.parametrize("percent", ["100.1", "-1"])
async def test_a_line_discount_beyond_all_is_refused(house: House, percent: str) -> None:
    number = await house.draft("K1", await house.customer())
    record = f"SalesInvoice('Invoice','{number}')/SalesInvoiceSalesLines"
    line = revenue(10, Line_Discount_Percent=percent)
    assert "The value must be" in (await house.refused("POST", record, **line))[2]


async def test_a_discount_of_all_posts_a_document_of_zero(house: House) -> None:
    assert await figures(house, taxed(10, "VAT20", Line_Discount_Percent=100)) == [0, 0]
    entry = await house.entry("K1")
    assert (entry["Open"], entry["Remaining_Amount"]) == (False, 0)


async def test_an_invoice_discount_is_spread_without_losing_a_cent(house: House) -> None:
    lines = [revenue(10, Allow_Invoice_Disc=True) for _ in range(3)]
    wanted = Decimal("20")
    assert await figures(house, *lines, Invoice_Discount_Amount=10) == [wanted, wanted]
    posted = await house.records("PostedSalesInvoiceSalesLines")
    cuts = [row["Inv_Discount_Amount"] for row in posted]
    assert cuts == [Decimal("3.33"), Decimal("3.34"), Decimal("3.33")]


async def test_lines_on_accounts_take_no_invoice_discount_of_themselves(house: House) -> None:
    assert (await figures(house, revenue(10), Invoice_Discount_Amount=3))[0] == 10


async def test_negative_lines_lower_net_and_tax(house: House) -> None:
    lines = [taxed(100, "VAT20"), taxed(30, "VAT20", -1)]
    assert await figures(house, *lines) == [70, 84]


@pytest.mark.parametrize(
    ("currency", "price", "gross"),
    [("JPY", "333", "366"), ("KWD", "1.2345", "1.359"), ("CAD", "1.005", "1.11")],
)
async def test_amounts_round_to_the_unit_of_the_currency(
    house: House, currency: str, price: str, gross: str
) -> None:
    shown = await figures(house, taxed(price, "VAT10"), Currency_Code=currency)
    assert shown[1] == Decimal(gross)
    row = house.rows("invoice")[0]
    assert (row.currency, row.amount) == (currency, gross)


async def test_foreign_documents_balance_in_local_currency(house: House) -> None:
    lines = [taxed("0.07", "VAT7", No=account) for account in ("4000", "4100", "4200")]
    net, gross = await figures(house, *lines, Currency_Code="EUR")
    entry = await house.entry("K1")
    assert [net, gross] == [Decimal("0.21"), Decimal("0.22")]
    assert entry["Amount_LCY"] == Decimal("0.24")


async def test_a_gain_on_the_exchange_rate_is_booked_on_settlement(house: House) -> None:
    customer = await house.customer()
    rate = {"Currency_Code": "CAD", "Exchange_Rate_Amount": 1}
    await house.add(
        "CurrencyExchangeRates",
        **rate,
        Starting_Date="2026-06-01",
        Relational_Exch_Rate_Amount="0.8",
    )
    header = {"Currency_Code": "CAD", "Posting_Date": "2026-05-01"}
    invoice = await house.invoice("K1", customer, revenue(100), **header)
    await house.payment(
        "P1",
        customer,
        -100,
        Posting_Date="2026-06-02",
        Bal_Account_No="BANK-CAD",
        Applies_to_Doc_Type="Invoice",
        Applies_to_Doc_No=invoice,
    )
    assert await house.ledger() == {"4000": -75, "1300": 0, "1110": 80, "8100": -5}
    await house.call("UnapplyEntry", externalKey="P1")
    assert await house.ledger() == {"4000": -75, "1300": -5, "1110": 80, "8100": 0}
    assert (await house.entry("K1"))["Remaining_Amt_LCY"] == 75


async def test_a_clearing_account_takes_every_currency_at_its_local_value(house: House) -> None:
    customer = await house.customer()
    paid = {"Bal_Account_No": "STRIPE", "Currency_Code": "EUR"}
    await house.payment("P1", customer, -10, **paid)
    entry = (await house.records("BankAccountLedgerEntries"))[0]
    assert (entry["Currency_Code"], entry["Amount"]) == ("", 11)
    assert (await house.entry("P1"))["Amount"] == -10


async def test_deferred_income_is_released_month_by_month(house: House) -> None:
    line = revenue(100, Deferral_Code="3M")
    await house.invoice("K1", await house.customer(), line, Posting_Date="2026-01-31")
    entries = await house.records("GLEntries", filter="G_L_Account_No eq '2500'")
    shown = [(entry["Posting_Date"], entry["Amount"]) for entry in entries]
    assert shown == [
        ("2026-01-31", Decimal(-100)),
        ("2026-01-31", Decimal("33.33")),
        ("2026-02-28", Decimal("33.34")),
        ("2026-03-31", Decimal("33.33")),
    ]
    assert (await house.ledger())["2500"] == 0


async def test_a_journal_line_can_contain_vat(house: House) -> None:
    customer = await house.customer()
    await house.payment(
        "J1",
        customer,
        120,
        Document_Type="Invoice",
        Bal_Account_Type="G/L Account",
        Bal_Account_No="4000",
        Bal_Gen_Posting_Type="Sale",
        Bal_VAT_Bus_Posting_Group="DOMESTIC",
        Bal_VAT_Prod_Posting_Group="VAT20",
    )
    assert await house.ledger() == {"1300": 120, "4000": -100, "2300": -20}


async def test_an_item_posts_to_the_account_of_its_groups(house: House) -> None:
    await house.add(
        "Items",
        No="BOOK",
        Description="A book",
        Unit_Price="12.5",
        Gen_Prod_Posting_Group="RETAIL",
        VAT_Prod_Posting_Group="VAT7",
    )
    net, gross = await figures(house, {"Type": "Item", "No": "BOOK", "Quantity": 2})
    assert [net, gross] == [25, Decimal("26.75")]
    assert (await house.ledger())["4050"] == -25
