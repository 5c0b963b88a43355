"""Payments, settlement, exchange differences and taking payments back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.ax_house import House, house, refused, running
from tests.sandbox.ax_values import account, keys, line, receipt, where

__all__ = ["house", "running"]

D = Decimal


async def _trans(house: House, reference: str) -> Any:
    criteria = where("CustTrans", "PaymReference", "Equal", reference)
    found = await house.call("CustomerTransactionService", "find", QueryCriteria=criteria)
    (trans,) = found["CustTrans"]
    return trans


async def test_a_payment_is_created_then_posted_against_the_marked_invoice(
    house: House,
) -> None:
    number = await house.customer()
    invoice = await house.posted(number, "K1", line("100"))
    journal = await house.payment(number, "P1", "60", MarkedInvoice=invoice["InvoiceId"])
    (row,) = await house.journal("payment")
    assert (row["state"], row["number"], row["amount"]) == ("created", journal, "60.00")
    assert (row["key"], row["document"]) == ("P1", "doc P1")
    posted = await house.tieout("postPaymentJournal", "P1")
    assert (posted["State"], posted["Remaining"]) == ("Posted", 0)
    assert (await house.tieout("findByKey", "K1"))["Remaining"] == 40
    trans = await _trans(house, "P1")
    assert (trans["AmountCur"], trans["DocumentNum"], trans["TransType"]) == (
        -60,
        "doc P1",
        "Payment",
    )
    (settlement,) = trans["CustSettlement"]
    assert settlement["OffsetTransVoucher"] == invoice["Voucher"]
    assert (await house.balances()) == {"4000": D(-100), "1300": D(40), "1100": D(60)}


async def test_a_journal_tells_that_it_was_posted_and_its_vouchers(house: House) -> None:
    number = await house.customer()
    journal = await house.payment(number, "P1", "60")
    criteria = where("LedgerJournalTrans", "PaymReference", "Equal", "P1")
    service = "CustomerPaymentJournalService"
    found = await house.call(service, "find", QueryCriteria=criteria)
    before = found["LedgerJournalTable"][0]
    assert (before["JournalNum"], before["Posted"]) == (journal, "No")
    assert before["JournalTotalCredit"] == 60
    posted = await house.tieout("postPaymentJournal", "P1")
    after = await house.call(service, "read", EntityKeyList=keys("JournalNum", journal))
    table = after["LedgerJournalTable"][0]
    assert table["Posted"] == "Yes"
    assert table["LedgerJournalTrans"][0]["Voucher"] == posted["Voucher"]


async def test_an_overpayment_stays_open_and_can_be_settled_later(house: House) -> None:
    number = await house.customer()
    first = await house.posted(number, "K1", line("100"))
    await house.paid(number, "P1", "130", MarkedInvoice=first["InvoiceId"])
    assert (await house.tieout("findByKey", "P1"))["Remaining"] == -30
    await house.posted(number, "K2", line("50"))
    settled = await house.tieout("settleTransactions", "P1", "K2", 0)
    assert settled["Remaining"] == 0
    assert settled["SettledWith"]["string"] == ["K1", "K2"]
    again = await house.tieout("settleTransactions", "P1", "K2", 0)
    assert again["Remaining"] == 0
    assert (await house.tieout("findByKey", "K2"))["Remaining"] == 20


async def test_an_amount_to_settle_is_reached_once(house: House) -> None:
    number = await house.customer()
    await house.posted(number, "K1", line("100"))
    await house.paid(number, "P1", "100")
    for _ in range(2):
        await house.tieout("settleTransactions", "P1", "K1", "25")
        assert (await house.tieout("findByKey", "K1"))["Remaining"] == 75
    await house.tieout("settleTransactions", "P1", "K1", "40")
    assert (await house.tieout("findByKey", "K1"))["Remaining"] == 60
    await refused(house.tieout("settleTransactions", "P1", "K1", "-1"))


async def test_settlement_takes_numbers_of_the_system_too(house: House) -> None:
    number = await house.customer()
    invoice = await house.posted(number, "K1", line("100"))
    payment = await house.paid(number, "P1", "100")
    done = await house.tieout("settleTransactions", payment["Voucher"], invoice["InvoiceId"], 0)
    assert done["Remaining"] == 0


async def test_a_settlement_can_be_taken_back_and_made_again(house: House) -> None:
    number = await house.customer()
    await house.posted(number, "K1", line("100"))
    await house.posted(number, "K2", line("100"))
    await house.paid(number, "P1", "150")
    await house.tieout("settleTransactions", "P1", "K1", 0)
    await house.tieout("settleTransactions", "P1", "K2", 0)
    await house.tieout("reverseSettlement", "P1", "K2")
    assert (await house.tieout("findByKey", "P1"))["Remaining"] == -50
    await house.tieout("reverseSettlement", "P1", "")
    assert (await house.tieout("findByKey", "P1"))["Remaining"] == -150
    again = await house.tieout("reverseSettlement", "P1", "")
    assert again["SettledWith"] is None
    await house.tieout("settleTransactions", "P1", "K1", 0)
    assert (await house.tieout("findByKey", "K1"))["Remaining"] == 0


async def test_an_exchange_difference_is_booked_and_taken_back(house: House) -> None:
    number = await house.customer(Currency="EUR", CustGroup="EU")
    await house.person("rate", currency="EUR", rate="120", **{"from": "2026-02-01"})
    await house.posted(number, "K1", line("100"), InvoiceDate="2026-01-10")
    bank = {"OffsetLedgerDimension": account("BANK-EUR"), "CurrencyCode": "EUR"}
    await house.paid(number, "P1", "100", TransDate="2026-02-10", **bank)
    await house.tieout("settleTransactions", "P1", "K1", 0)
    balances = await house.balances()
    assert [balances[one] for one in ("1310", "8100", "1120")] == [0, -10, 120]
    await house.tieout("reverseSettlement", "P1", "K1")
    balances = await house.balances()
    assert [balances[one] for one in ("1310", "8100")] == [-10, 0]


async def test_only_one_customer_one_currency_and_opposite_sides_settle(house: House) -> None:
    one, other = await house.customer(), await house.customer()
    await house.posted(one, "K1", line("100"))
    await house.posted(one, "K2", line("100"))
    await house.posted(one, "K3", line("100"), CurrencyCode="EUR")
    await house.paid(other, "P1", "100")
    await house.paid(one, "P2", "100")
    for left, right, reason in (
        ("P1", "K1", "different customers"),
        ("P2", "K3", "currencies differ"),
        ("K1", "K2", "same side"),
    ):
        refusal = await refused(house.tieout("settleTransactions", left, right, 0))
        assert reason in refusal.text
    refusal = await refused(house.tieout("settleTransactions", "P2", "NONE", 0))
    assert refusal.code == "KeyNotFound"


async def test_a_payment_is_taken_back_once_under_a_key_of_its_own(house: House) -> None:
    number = await house.customer()
    await house.posted(number, "K1", line("100"))
    await house.paid(number, "P1", "100")
    await house.tieout("settleTransactions", "P1", "K1", 0)
    back = await house.tieout("reverseTransaction", "P1", "P1R", "2026-03-01")
    again = await house.tieout("reverseTransaction", "P1", "P1R", "2026-03-01")
    assert back["Voucher"] == again["Voucher"]
    assert (back["Amount"], back["Key"], back["DocumentNum"]) == (100, "P1R", "doc P1")
    assert (await house.tieout("findByKey", "P1"))["State"] == "Reversed"
    assert (await house.tieout("findByKey", "K1"))["Remaining"] == 100
    assert (await house.balances())["1100"] == 0
    refusal = await refused(house.tieout("reverseTransaction", "P1", "P1S", "2026-03-01"))
    assert "already been reversed" in refusal.text
    states = [(row["key"], row["state"]) for row in await house.journal("payment")]
    assert states == [("P1", "reversed"), ("P1R", "reversed")]


async def test_what_the_bank_has_matched_is_not_taken_back(house: House) -> None:
    number = await house.customer()
    posted = await house.paid(number, "P1", "100")
    await house.person("reconcile", voucher=posted["Voucher"])
    refusal = await refused(house.tieout("reverseTransaction", "P1", "P1R", "2026-03-01"))
    assert "bank statement" in refusal.text
    assert (await house.tieout("findByKey", "P1"))["State"] == "Posted"


async def test_a_payment_is_not_taken_back_into_a_closed_period(house: House) -> None:
    number = await house.customer()
    await house.paid(number, "P1", "100")
    await house.person("period", month="2026-03", status="On hold")
    refusal = await refused(house.tieout("reverseTransaction", "P1", "P1R", "2026-03-01"))
    assert "On hold" in refusal.text


async def test_an_invoice_is_no_payment(house: House) -> None:
    number = await house.customer()
    await house.posted(number, "K1")
    refusal = await refused(house.tieout("reverseTransaction", "K1", "K1R", "2026-03-01"))
    assert "only payments" in refusal.text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"OffsetLedgerDimension": account("BANK-XXX")}, "OffsetLedgerDimension"),
        ({"LedgerDimension": account("C9")}, "LedgerDimension"),
        ({"AccountType": "Ledger", "LedgerDimension": account("4000")}, "AccountType"),
        ({"OffsetAccountType": "Vend"}, "OffsetLedgerDimension"),
        ({"MarkedInvoice": "INV9"}, "MarkedInvoice"),
        ({"PaymMode": "BARTER"}, "PaymMode"),
        ({"CurrencyCode": "XXX"}, "CurrencyCode"),
    ],
)
async def test_payment_lines_are_validated(
    house: House, fields: dict[str, Any], field: str
) -> None:
    number = await house.customer()
    refusal = await refused(house.payment(number, "P1", "10", **fields))
    assert (refusal.code, refusal.field) == ("BusinessRule", field)
    assert await house.journal("payment") == []


async def test_journals_are_validated(house: House) -> None:
    number = await house.customer()
    for changed, field in (
        ({"JournalName": ""}, "JournalName"),
        ({"JournalName": "GenJrn"}, "JournalName"),
        ({"JournalNum": "J1"}, "JournalNum"),
    ):
        journal = receipt(number, "P1", "10")
        journal["LedgerJournalTable"][0].update(changed)
        call = house.call("CustomerPaymentJournalService", "create", CustPaymJournal=journal)
        assert (await refused(call)).field == field


async def test_a_bank_account_takes_its_own_currency_and_clearing_takes_all(
    house: House,
) -> None:
    number = await house.customer()
    await house.payment(number, "P1", "10", CurrencyCode="EUR")
    refusal = await refused(house.tieout("postPaymentJournal", "P1"))
    assert refusal.text == "Bank account BANK-USD allows currency USD only."
    clearing = {"OffsetLedgerDimension": account("STRIPE")}
    await house.paid(number, "P2", "10", CurrencyCode="EUR", **clearing)
    assert await house.balances() == {"1300": D(-11), "1250": D(11)}


async def test_one_bad_line_blocks_its_journal(house: House) -> None:
    number = await house.customer()
    journal = receipt(number, "P1", "10")
    rows = journal["LedgerJournalTable"][0]["LedgerJournalTrans"]
    rows.append({**rows[0], "PaymReference": "P2", "CurrencyCode": "EUR"})
    await house.call("CustomerPaymentJournalService", "create", CustPaymJournal=journal)
    await refused(house.tieout("postPaymentJournal", "P1"))
    assert await house.balances() == {}
    assert await house.tieout("discard", "P2") is True
    assert (await house.tieout("postPaymentJournal", "P1"))["State"] == "Posted"


async def test_a_stopped_customer_pays_nothing_unless_only_invoices_are_stopped(
    house: House,
) -> None:
    number = await house.customer()
    await house.person("block", account=number, blocked="Invoice")
    assert (await house.paid(number, "P1", "10"))["State"] == "Posted"
    await house.person("block", account=number, blocked="All")
    assert "on hold" in (await refused(house.payment(number, "P2", "10"))).text


async def test_postings_of_people_are_found_by_customer_amount_and_day(house: House) -> None:
    number = await house.customer()
    await house.payment(number, "", "10", TransDate="2026-03-10")
    await house.operator(posting="auto", after=0)
    await house.until("", "posted")
    window = ("2026-03-08", "2026-03-12")
    (found,) = await house.tieout("findTransactions", number, "USD", "-10", *window)
    assert (found["Key"], found["Amount"]) == (None, -10)
    for other in (("USD", "10", *window), ("USD", "-10", "2026-03-11", "2026-03-12")):
        assert not await house.tieout("findTransactions", number, *other)


async def test_people_settle_at_the_client(house: House) -> None:
    number = await house.customer()
    invoice = await house.posted(number, "K1", line("100"))
    await house.paid(number, "P1", "100")
    reply = await house.person("settle", one="P1", other=invoice["InvoiceId"])
    assert reply.status_code == 200
    assert (await house.tieout("findByKey", "K1"))["Remaining"] == 0
    reply = await house.person("settle", one="P1", other="NONE")
    assert reply.status_code == 400
    assert (await house.person("unsettle", one="P1")).status_code == 200
    assert (await house.tieout("findByKey", "K1"))["Remaining"] == 100
    assert (await house.person("reverse", one="P1", **{"as": "UNDO"})).status_code == 200
    assert (await house.person("reverse", one="P1", **{"as": "AGAIN"})).status_code == 400


async def test_whoever_renames_a_customer_renames_it_everywhere(house: House) -> None:
    number = await house.customer()
    await house.posted(number, "K1", line("100"))
    assert (await house.person("rename", account=number, **{"as": "NEW"})).status_code == 200
    (row,) = await house.journal("invoice")
    assert (row["party"], row["state"]) == ("NEW", "posted")
    await house.posted("NEW", "K2", line("5"))
