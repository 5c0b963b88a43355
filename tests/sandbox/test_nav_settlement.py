"""Settlement in the NAV stand-in: applying, taking back, reversing, crediting."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from urllib.parse import quote

import pytest

from tests.sandbox.nav_company import COMPANY, Fault, House, open_house, revenue

BATCH = {"templateName": "CASHRCPT", "batchName": "TIEOUT"}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as found:
        yield found


async def apply(house: House, key: str, number: str, kind: str = "Invoice") -> dict[str, str]:
    target = {"appliesToDocType": kind, "appliesToDocNo": number}
    return await house.call("ApplyEntry", externalKey=key, **target)


async def test_applying_again_is_success_and_applying_to_a_closed_entry_is_not(
    house: House,
) -> None:
    customer = await house.customer()
    invoice = await house.invoice("K1", customer, revenue(10))
    await house.payment("P1", customer, -10)
    await house.payment("P2", customer, -10)
    assert await apply(house, "P1", invoice) == {"return_value": "true"}
    assert await apply(house, "p1", invoice.lower()) == {"return_value": "true"}
    assert (await house.entry("K1"))["Open"] is False
    with pytest.raises(Fault, match=r"There is no Cust. Ledger Entry within the filter"):
        await apply(house, "P2", invoice)
    with pytest.raises(Fault, match="Open must be equal to 'Yes'"):
        await apply(house, "P1", await house.invoice("K2", customer, revenue(5)))


async def test_entries_of_other_currencies_customers_and_signs_do_not_settle(house: House) -> None:
    customer, other = await house.customer(), await house.customer(Name="Beta")
    foreign = await house.invoice("K1", customer, revenue(10), Currency_Code="CAD")
    strange = await house.invoice("K2", other, revenue(10))
    await house.payment("P1", customer, -10)
    with pytest.raises(Fault, match="in the same currency"):
        await apply(house, "P1", foreign)
    with pytest.raises(Fault, match=r"There is no Cust. Ledger Entry within the filter"):
        await apply(house, "P1", strange)
    with pytest.raises(Fault, match="same sign"):
        await apply(house, "P1", await house.payment("P2", customer, -10), "Payment")


async def test_an_overpayment_leaves_cash_that_settles_a_later_invoice(house: House) -> None:
    customer = await house.customer()
    first = await house.invoice("K1", customer, revenue(10))
    applied = {"Applies_to_Doc_Type": "Invoice", "Applies_to_Doc_No": first}
    await house.payment("P1", customer, -25, **applied)
    assert (await house.entry("P1"))["Remaining_Amount"] == -15
    await apply(house, "P1", await house.invoice("K2", customer, revenue(20)))
    assert (await house.entry("P1"))["Open"] is False
    assert (await house.entry("K2"))["Remaining_Amount"] == 5


async def test_an_amount_is_applied_exactly_as_asked(house: House) -> None:
    customer = await house.customer()
    invoice = await house.invoice("K1", customer, revenue(100))
    await house.payment("P1", customer, -80)
    target = {"externalKey": "P1", "appliesToDocType": "Invoice", "appliesToDocNo": invoice}
    for amount, rest in (("30", 70), ("30", 70), ("50.5", Decimal("49.5"))):
        await house.call("ApplyAmount", **target, amount=amount)
        assert (await house.entry("K1"))["Remaining_Amount"] == rest
    for amount, words in (
        ("0", "must have a value"),
        ("60.005", "must be a multiple of 0.01"),
        ("80.01", "must not be larger than Remaining Amount"),
    ):
        with pytest.raises(Fault, match=words):
            await house.call("ApplyAmount", **target, amount=amount)


async def test_unapplying_opens_both_sides_and_again_is_success(house: House) -> None:
    customer = await house.customer()
    invoice = await house.invoice("K1", customer, revenue(10))
    await house.payment("P1", customer, -4)
    await house.payment("P2", customer, -6)
    await apply(house, "P1", invoice)
    await apply(house, "P2", invoice)
    for _ in range(2):
        assert await house.call("UnapplyEntry", externalKey="K1") == {"return_value": "true"}
    rests = [(await house.entry(key))["Remaining_Amount"] for key in ("K1", "P1", "P2")]
    assert rests == [10, -4, -6]
    details = await house.records("DetailedCustLedgEntries", filter="Entry_Type eq 'Application'")
    assert len(details) == 8
    assert all(row["Unapplied"] for row in details)


async def test_unapplying_goes_backwards_in_time_only(house: House) -> None:
    customer = await house.customer()
    first = await house.invoice("K1", customer, revenue(10))
    second = await house.invoice("K2", customer, revenue(10))
    await house.payment("P1", customer, -20)
    await apply(house, "P1", first)
    await apply(house, "P1", second)
    with pytest.raises(Fault, match="you must first unapply all application entries"):
        await house.call("UnapplyEntry", externalKey="K1")
    await house.call("UnapplyEntry", externalKey="P1")
    assert (await house.entry("P1"))["Remaining_Amount"] == -20


async def test_unapplying_in_a_closed_period_moves_to_today(house: House) -> None:
    customer = await house.customer()
    invoice = await house.invoice("K1", customer, revenue(10), Posting_Date="2024-02-10")
    await house.payment("P1", customer, -10, Posting_Date="2024-02-11")
    await apply(house, "P1", invoice)
    await house.change("AccountingPeriods(2024-02-01)", Closed=True)
    await house.call("UnapplyEntry", externalKey="P1")
    details = await house.records("DetailedCustLedgEntries", filter="Entry_Type eq 'Application'")
    assert details[0]["Posting_Date"] == "2024-02-11"
    assert details[-1]["Posting_Date"] > "2024-03-01"


async def reverse(house: House, key: str, reversal: str, day: str = "0001-01-01") -> str:
    sent = {"externalKey": key, "reversalKey": reversal, "postingDate": day}
    return (await house.call("ReversePayment", **sent))["return_value"]


async def test_a_payment_is_reversed_once_and_leaves_no_balance(house: House) -> None:
    customer = await house.customer()
    await house.payment("P1", customer, -10, Currency_Code="CAD", Bal_Account_No="BANK-CAD")
    assert [await reverse(house, "P1", "P1R") for _ in range(2)] == ["P1R", "P1R"]
    assert set((await house.ledger()).values()) == {Decimal(0)}
    entries = await house.records("CustomerLedgerEntries")
    assert [(row["Reversed"], row["Open"]) for row in entries] == [(True, False), (True, False)]
    banked = await house.records("BankAccountLedgerEntries")
    assert [(row["Amount"], row["Reversed"]) for row in banked] == [(10, True), (-10, True)]
    assert {row.state for row in house.rows("payment")} == {"reversed"}
    with pytest.raises(Fault, match="has already been reversed"):
        await reverse(house, "P1", "P1S")
    assert await house.call("UnapplyEntry", externalKey="P1") == {"return_value": "true"}
    assert len(await house.records("CustomerLedgerEntries")) == 2


async def test_an_applied_payment_is_not_reversed_until_it_is_unapplied(house: House) -> None:
    customer = await house.customer()
    invoice = await house.invoice("K1", customer, revenue(10))
    await house.payment("P1", customer, -10)
    await apply(house, "P1", invoice)
    with pytest.raises(Fault, match="is either applied to an entry"):
        await reverse(house, "P1", "P1R")
    await house.call("UnapplyEntry", externalKey="P1")
    assert await reverse(house, "P1", "P1R") == "P1R"
    assert (await house.entry("K1"))["Remaining_Amount"] == 10


async def test_what_the_bank_reconciliation_matched_is_left_alone(house: House) -> None:
    customer = await house.customer()
    invoice = await house.invoice("K1", customer, revenue(10))
    await house.payment("P1", customer, -10)
    await apply(house, "P1", invoice)
    entry = (await house.records("BankAccountLedgerEntries"))[0]["Entry_No"]
    record = f"BankAccountLedgerEntries({entry})"
    await house.change(record, Statement_Status="Closed", Statement_No="S1")
    for key in ("P1", "K1"):
        with pytest.raises(Fault, match="is closed by a bank reconciliation"):
            await house.call("UnapplyEntry", externalKey=key)
    await house.change(record, Statement_Status="Open")
    await house.call("UnapplyEntry", externalKey="P1")
    await house.change(record, Statement_Status="Bank Acc. Entry Applied")
    with pytest.raises(Fault, match="is closed by a bank reconciliation"):
        await reverse(house, "P1", "P1R")
    assert (await house.refused("PATCH", record, Amount=1))[1] == "BadRequest_InvalidOperation"


async def test_a_reversal_has_a_posting_date_of_its_own(house: House) -> None:
    customer = await house.customer()
    await house.payment("P1", customer, -10, Posting_Date="2026-02-10")
    with pytest.raises(Fault, match="must not be before the Posting Date"):
        await reverse(house, "P1", "P1R", "2026-02-09")
    await house.change("AccountingPeriods(2026-02-01)", Closed=True)
    with pytest.raises(Fault, match="allowed posting dates"):
        await reverse(house, "P1", "P1R")
    await reverse(house, "P1", "P1R", "2026-03-01")
    assert (await house.entry("P1R"))["Posting_Date"] == "2026-03-01"


async def test_a_sales_document_is_credited_and_not_reversed(house: House) -> None:
    customer = await house.customer()
    invoice = await house.invoice("K1", customer, revenue(10))
    with pytest.raises(Fault, match="posted from a sales document"):
        await reverse(house, "K1", "K1R")
    applied = {"Applies_to_Doc_Type": "Invoice", "Applies_to_Doc_No": invoice}
    await house.invoice("K1C", customer, revenue(10), kind="Credit Memo", **applied)
    assert (await house.one(f"PostedSalesInvoice('{invoice}')"))["Cancelled"] is True
    states = [(row.kind, row.state) for row in house.system.journal()][1:]
    assert states == [("invoice", "reversed"), ("credit_memo", "posted")]


async def test_a_journal_invoice_is_reversed_with_all_its_accounts(house: House) -> None:
    customer = await house.customer()
    batch = {"Journal_Template_Name": "CASHRCPT", "Journal_Batch_Name": "TIEOUT"}
    document = {"Document_Type": "Invoice", "Document_No": "J1", "External_Document_No": "J1"}
    for kind, number, amount in (
        ("Customer", customer, "11.3"),
        ("G/L Account", "4000", -10),
        ("G/L Account", "2200", "-1.3"),
    ):
        line = {"Account_Type": kind, "Account_No": number, "Amount": amount}
        await house.add("CashReceiptJournal", **batch, **document, **line)
    await house.post_line("J1")
    await reverse(house, "J1", "J1R")
    assert await house.ledger() == {"1300": 0, "4000": 0, "2200": 0}


async def test_an_invoice_of_zero_counts_as_reversed_by_a_credit_memo_that_names_it(
    house: House,
) -> None:
    customer = await house.customer()
    free = revenue(10, Line_Discount_Percent=100)
    invoice = await house.invoice("K1", customer, free)
    assert house.rows("invoice")[0].state == "posted"
    applied = {"Applies_to_Doc_Type": "Invoice", "Applies_to_Doc_No": invoice}
    await house.invoice("K1C", customer, free, kind="Credit Memo", **applied)
    assert house.rows("invoice")[0].state == "reversed"


async def test_whoever_renames_a_customer_renames_it_everywhere(house: House) -> None:
    customer = await house.customer()
    await house.invoice("K1", customer, revenue(10))
    place = f"/person/{quote(COMPANY, safe='')}"
    reply = await house.http.post(f"{place}/rename", json={"customer": customer, "as": "NEW"})
    assert reply.status_code == 200, reply.text
    assert (await house.entry("K1"))["Customer_No"] == "NEW"
    assert (await house.one("Customer('NEW')"))["Name"] == "Acme"
    assert await house.records("Customer", filter=f"No eq '{customer}'") == []
    await house.invoice("K2", "NEW", revenue(5))
    again = await house.http.post(f"{place}/rename", json={"customer": customer, "as": "X"})
    assert again.status_code == 400
    assert (await house.http.post(f"{place}/dance", json={})).status_code == 404
