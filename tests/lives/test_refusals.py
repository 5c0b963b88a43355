"""What NAV refuses and what people type at the source: posted right, or held with a reason and
nothing of it in the books."""

from __future__ import annotations

from decimal import Decimal

import pytest

from documents.hold import HoldClass
from documents.key import Kind
from documents.row import Action
from tests.bookkeeper import BANKS, RECEIVABLES, TAX
from tests.lives.desk import ADVICE, HST, Desk, begin
from tests.lives.driver import Status
from tests.lives.site import Site
from workers.demo.people import Line


async def held(desk: Desk, invoice: int, cause: str) -> Status:
    """Held for that cause, with something to do about it, and nothing of it in the books."""
    before = await desk.books.rows("GLEntries")
    status = await desk.look(invoice)
    assert status.hold is not None, status
    assert (status.cause, bool(status.hold.remedy)) == (cause, True), status
    assert await desk.books.rows("GLEntries") == before
    return status


async def test_a_customer_without_a_posting_group_is_held(site: Site) -> None:
    desk = await begin(site)
    await desk.posted()
    customer = await desk.customer()
    await desk.books.change("Customer", f"'{customer}'", Customer_Posting_Group="")
    invoice = await desk.sent(Line("More", "1", "20.00"))
    status = await held(desk, invoice, "posting-group-missing")
    assert status.hold is not None
    assert status.hold.hold_class is HoldClass.SETUP
    await desk.books.change("Customer", f"'{customer}'", Customer_Posting_Group="DOMESTIC")
    assert (await desk.look(invoice)).stage == "posted"


async def test_a_missing_vat_set_up_is_held(site: Site) -> None:
    desk = await begin(site)
    (setup,) = await desk.books.rows(
        "VATPostingSetup", VAT_Bus_Posting_Group="DOMESTIC", VAT_Prod_Posting_Group="NOVAT"
    )
    await desk.books.remove("VATPostingSetup", "'DOMESTIC','NOVAT'")
    invoice = await desk.sent()
    await held(desk, invoice, "vat-setup-missing")
    await desk.books.add(
        "VATPostingSetup", **{n: v for n, v in setup.items() if not n.startswith("@")}
    )
    assert (await desk.look(invoice)).stage == "posted"


async def test_a_missing_general_posting_set_up_is_held(site: Site) -> None:
    desk = await begin(site)
    await desk.books.remove("GeneralPostingSetup", "'DOMESTIC','SERVICES'")
    await held(desk, await desk.sent(), "posting-group-missing")


async def test_a_blocked_account_is_held_and_goes_on_after_a_correction(site: Site) -> None:
    desk = await begin(site)
    await desk.books.change("GLAccounts", "'4000'", Blocked=True)
    invoice = await desk.sent()
    await held(desk, invoice, "account-blocked")
    status = await desk.decide(invoice, Action.CORRECT, **{"account:4000": "4050"})
    assert status.stage == "posted", status
    assert await desk.balance("4050") == "-100.00"


async def test_a_blocked_bank_account_holds_the_payment_only(site: Site) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    await desk.books.change("BankAccounts", "'BANK-USD'", Blocked=True)
    await desk.pay(invoice, "113.00")
    status = await held(desk, invoice, "account-blocked")
    assert status.hold is not None
    status = await desk.decide(invoice, Action.CORRECT, bank_account="CHEQUES")
    assert status.stage == "closed", status
    assert await desk.balance("1250") == "113.00"


async def test_an_exhausted_number_series_is_held(site: Site) -> None:
    desk = await begin(site)
    await desk.posted()
    (series,) = await desk.books.rows("NoSeries", Code="S-INV+")
    await desk.books.change("NoSeries", "'S-INV+'", Ending_No=series["Last_No_Used"])
    invoice = await desk.sent(Line("More", "1", "20.00"))
    await held(desk, invoice, "number-series-exhausted")
    await desk.books.change("NoSeries", "'S-INV+'", Ending_No=series["Ending_No"])
    assert (await desk.look(invoice)).stage == "posted"


@pytest.mark.parametrize("blocked", ["Invoice", "All"])
async def test_a_blocked_customer_is_held(site: Site, blocked: str) -> None:
    desk = await begin(site)
    await desk.posted()
    await desk.books.change("Customer", f"'{await desk.customer()}'", Blocked=blocked)
    await held(desk, await desk.sent(Line("More", "1", "20.00")), "customer-blocked")


async def test_several_matching_customers_are_listed_and_one_is_named_by_a_person(
    site: Site,
) -> None:
    desk = await begin(site)
    for number in ("T1", "T2"):
        await desk.books.add(
            "Customer", No=number, Name="Twin", E_Mail="ap@northwind.example",
            Customer_Posting_Group="DOMESTIC", Gen_Bus_Posting_Group="DOMESTIC",
            VAT_Bus_Posting_Group="DOMESTIC",
        )  # fmt: skip
    invoice = await desk.sent()
    status = await held(desk, invoice, "customer-ambiguous")
    assert status.hold is not None
    assert status.hold.values["customers"] == "T1, T2"
    status = await desk.decide(invoice, Action.CORRECT, customer="T2")
    assert status.stage == "posted", status
    assert (await desk.entry(Kind.INVOICE, invoice))["Customer_No"] == "T2"


async def test_a_person_who_names_an_unknown_customer_is_told(site: Site) -> None:
    desk = await begin(site)
    await desk.books.change("GLAccounts", "'4000'", Blocked=True)
    invoice = await desk.sent()
    await desk.look(invoice)
    status = await desk.decide(invoice, Action.CORRECT, customer="NOBODY")
    assert status.cause == "customer-unknown"


async def test_a_customer_in_another_currency_gets_the_documents_own(site: Site) -> None:
    desk = await begin(site)
    await desk.books.add(
        "Customer", No="EURO", Name="Northwind Traders", E_Mail="ap@northwind.example",
        Currency_Code="EUR", Customer_Posting_Group="FOREIGN", Gen_Bus_Posting_Group="FOREIGN",
        VAT_Bus_Posting_Group="FOREIGN",
    )  # fmt: skip
    invoice = await desk.posted()
    entry = await desk.entry(Kind.INVOICE, invoice)
    assert (entry["Customer_No"], entry["Currency_Code"], entry["Amount"]) == ("EURO", "", 113)
    (card,) = await desk.books.rows("Customer")
    assert (card["Currency_Code"], card["Customer_Posting_Group"]) == ("EUR", "FOREIGN")


GST, PST, QST = ("GST", "5"), ("PST", "7"), ("QST", "9.975")
ODDITIES = {
    "a negative line": ([ADVICE, Line("Rebate", "1", "-20.00", HST)], "0", "90.40", "10.40"),
    "a quantity of zero": ([ADVICE, Line("Nothing", "0", "50.00", HST)], "0", "113.00", "13.00"),
    "a tax of 0 %": ([Line("Zero", "1", "50.00", (("VAT", "0"),))], "0", "50.00", "0.00"),
    "a third": ([Line("A third", "0.333333", "9.99", (GST, QST))], "0", "3.83", "0.50"),
    "compound": ([Line("C", "3", "33.33", (GST, PST), compound=True)], "0", "112.34", "12.35"),
    "discounted": ([ADVICE, Line("Untaxed", "3", "0.33")], "33.33", "76.00", "8.67"),
}


@pytest.mark.parametrize("oddity", ODDITIES)
async def test_an_odd_invoice_is_posted_to_the_cent(site: Site, oddity: str) -> None:
    lines, discount, total, tax = ODDITIES[oddity]
    desk = await begin(site)
    await desk.posted(*lines, discount=discount)
    assert (await desk.balance(*RECEIVABLES), await desk.balance(*TAX)) == (
        total,
        str(-Decimal(tax)),
    )


async def test_a_discount_of_100_percent_is_posted_as_zero_and_voided(site: Site) -> None:
    desk = await begin(site)
    invoice = await desk.sent(discount="100")
    assert (await desk.look(invoice)).stage == "closed"
    assert (await desk.entry(Kind.INVOICE, invoice))["Amount"] == 0
    await desk.clerk.void_invoice(invoice)
    assert (await desk.look(invoice)).stage == "closed"
    assert await desk.balance(*RECEIVABLES) == "0.00"


async def test_an_invoice_that_is_negative_as_a_whole_is_held(site: Site) -> None:
    desk = await begin(site)
    status = await held(desk, await desk.sent(Line("Back", "1", "-20.00")), "target-refused")
    assert "must be 0 or greater" in status.reason, "NAV's own words"
    assert await desk.books.rows("GLEntries") == []


async def test_a_payment_larger_than_all_invoices_is_received_in_full(site: Site) -> None:
    desk = await begin(site)
    first, second = await desk.posted(), await desk.posted(Line("More", "1", "20.00"))
    payment = await desk.pay(first, "1000000.00")
    assert (await desk.look(first)).stage == "closed"
    await desk.use_credit(second, "20.00", await desk.credit_of())
    assert (await desk.look(second)).stage == "closed"
    assert await desk.balance(*BANKS) == "1000000.00"
    assert await desk.open_amount(Kind.PAYMENT, payment) == "999867.00"


@pytest.mark.parametrize(
    ("currency", "price", "open_"), [("JPY", "1133", "1133.00"), ("EUR", "99.99", "99.99")]
)
async def test_a_document_in_its_own_currency_is_paid_in_it(
    site: Site, currency: str, price: str, open_: str
) -> None:
    desk = await begin(site)
    invoice = await desk.posted(Line("Advice", "1", price), currency=currency)
    entry = await desk.entry(Kind.INVOICE, invoice)
    assert (entry["Currency_Code"], entry["Amount"]) == (currency, Decimal(price))
    assert await desk.open_amount(Kind.INVOICE, invoice) == open_
    await desk.pay(invoice, price, currency=currency)
    assert (await desk.look(invoice)).stage == "closed"


async def test_a_name_of_300_characters_is_cut_with_a_trace_and_posted_once(site: Site) -> None:
    desk = await begin(site)
    name = "Ærøskøbing " * 27 + "end"
    client = await desk.clerk.add_client(name, "long@northwind.example")
    invoice = await desk.posted(client=client)
    (card,) = await desk.books.rows("Customer")
    assert card["Name"] == name[:50].strip()
    key = site.connection.key(Kind.CUSTOMER, str(client)).text()
    kept = await site.store.postings.get(key)
    assert kept and kept.record
    assert "cut from 300 to 50 characters" in [entry.note for entry in kept.record.trace]
    assert len(await desk.entries(Kind.INVOICE, invoice)) == 1


async def test_text_in_any_script_arrives_as_it_was_written(site: Site) -> None:
    desk = await begin(site)
    name = "株式会社 タイアウト Ω≈ç√∫"
    client = await desk.clerk.add_client(name, "any@northwind.example")
    invoice = await desk.posted(Line("подписка ☕", "1", "10.00"), client=client)
    (card,) = await desk.books.rows("Customer")
    assert card["Name"] == name
    number = (await desk.entry(Kind.INVOICE, invoice))["Document_No"]
    (line,) = await desk.books.rows("PostedSalesInvoiceSalesLines", Document_No=number)
    assert (line["Description"], line["Amount"]) == ("подписка ☕", Decimal("10.00"))


async def test_nav_that_refuses_to_post_is_held_in_its_own_words(site: Site) -> None:
    from sandbox.system import OperatorSettings

    desk = await begin(site)
    site.nav.operator(OperatorSettings(posting="refuse", reason="The auditors are here."))
    status = await held(desk, await desk.sent(), "target-refused")
    assert "The auditors are here." in status.reason
