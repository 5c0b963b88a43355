"""Edits and voids after posting, at every stage of payment, under each policy."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from documents.key import Kind
from documents.row import Action
from tests.bookkeeper import BANKS, RECEIVABLES, TAX
from tests.lives.desk import ADVICE, HST, TODAY, Desk, begin
from tests.lives.site import Site
from tests.lives.specs import CODES, variant
from workers.demo.people import Line

STAGES = ("", "13.00", "113.00", "150.00")
"""Nothing, a part, all, and more than that is paid of 113.00."""

MORE = Line("Advice", "2", "100.00", (("HST", "13"),))
"""226.00 with its tax."""


async def paid(desk: Desk, amount: str) -> tuple[int, list[int]]:
    """A posted invoice with a posted payment."""
    invoice = await desk.posted()
    payments = [await desk.pay(invoice, amount)] if amount else []
    await desk.look(invoice)
    return invoice, payments


@pytest.mark.parametrize("amount", STAGES)
async def test_an_edit_is_held_with_both_amounts_and_goes_on_when_it_is_undone(
    site: Site, amount: str
) -> None:
    desk = await begin(site)
    invoice, payments = await paid(desk, amount)
    before = await desk.balance(*RECEIVABLES)
    await desk.clerk.change_lines(invoice, "USD", [MORE])
    status = await desk.look(invoice)
    assert status.hold is not None
    assert status.cause == "edited-after-posting"
    assert status.hold.values == {"posted": "113.00 USD", "source": "226.00 USD"}
    assert await desk.balance(*RECEIVABLES) == before
    await desk.clerk.change_lines(invoice, "USD", [ADVICE])
    assert (await desk.look(invoice)).stage == ("closed" if amount in STAGES[2:] else "posted")
    assert await desk.balance(*RECEIVABLES) == before
    assert len(payments) == bool(amount)


@pytest.mark.parametrize("amount", STAGES)
@pytest.mark.parametrize(
    ("line", "total"), [(MORE, "226.00"), (Line("Less", "1", "20.00"), "20.00")]
)
async def test_an_edit_is_reversed_and_reposted_and_its_money_is_applied_again(
    site: Site, amount: str, line: Line, total: str
) -> None:
    desk = await begin(site, edits="reverse and repost")
    invoice, payments = await paid(desk, amount)
    await desk.clerk.change_lines(invoice, "USD", [line])
    status = await desk.look(invoice)
    assert status.stage in ("posted", "closed"), status
    assert await desk.open_amount(Kind.INVOICE, invoice, 1) == "0.00"
    owed = max(await desk.clerk.outstanding(invoice), Decimal(0))
    assert Decimal(await desk.open_amount(Kind.INVOICE, invoice, 2)) == owed
    received = Decimal(amount or 0)
    assert Decimal(await desk.balance(*BANKS)) == received
    assert Decimal(await desk.balance(*RECEIVABLES)) == Decimal(total) - received
    assert all([(await desk.entry(Kind.PAYMENT, p))["Reversed"] is False for p in payments])


@pytest.mark.parametrize("amount", STAGES)
@pytest.mark.parametrize("policy", ["hold", "reverse and repost"])
async def test_a_void_takes_the_invoice_back_and_its_money_becomes_unapplied_cash(
    site: Site, amount: str, policy: str
) -> None:
    desk = await begin(site, edits=policy)
    invoice, payments = await paid(desk, amount)
    await desk.clerk.void_invoice(invoice)
    status = await desk.look(invoice)
    assert status.reason == "voided at the source, reversed in the target"
    assert await desk.balance(*TAX) == "0.00"
    received = Decimal(amount or 0)
    assert Decimal(await desk.balance(*RECEIVABLES)) == -received
    for payment in payments:
        assert Decimal(await desk.open_amount(Kind.PAYMENT, payment)) == received
        await desk.clerk.delete_payment(payment)
    assert (await desk.look(invoice)).stage == "closed"
    assert await desk.balance(*BANKS) == "0.00"


async def test_a_restored_invoice_is_posted_again_with_its_money(site: Site) -> None:
    desk = await begin(site)
    invoice, _ = await paid(desk, "113.00")
    await desk.clerk.void_invoice(invoice)
    await desk.look(invoice)
    await desk.clerk.restore_invoice(invoice)
    assert (await desk.look(invoice)).stage == "closed"
    assert await desk.open_amount(Kind.INVOICE, invoice, 2) == "0.00"
    assert await desk.balance(*RECEIVABLES) == "0.00"


async def test_money_entered_and_the_invoice_voided_before_a_look_is_unapplied_cash(
    site: Site,
) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    payment = await desk.pay(invoice, "50.00")
    await desk.clerk.void_invoice(invoice)
    await desk.look(invoice)
    assert await desk.open_amount(Kind.PAYMENT, payment) == "50.00"


async def test_money_for_an_invoice_that_was_never_posted_is_held(site: Site) -> None:
    desk = await begin(site)
    invoice = await desk.sent()
    payment = await desk.pay(invoice, "50.00")
    await desk.clerk.void_invoice(invoice)
    status = await desk.look(invoice)
    assert status.cause == "paid-without-invoice"
    await desk.clerk.delete_payment(payment)
    assert (await desk.look(invoice)).reason == "deleted before it was posted"


async def test_a_credit_on_an_edited_invoice_is_applied_again(site: Site) -> None:
    desk = await begin(site, edits="reverse and repost")
    credit = await desk.clerk.write_credit(desk.client, "USD", TODAY, "goodwill", "40.00")
    await desk.look_at_credit(credit)
    invoice = await desk.sent()
    await desk.use_credit(invoice, "40.00", credit)
    await desk.look(invoice)
    await desk.clerk.change_lines(invoice, "USD", [MORE])
    await desk.look(invoice)
    assert await desk.open_amount(Kind.INVOICE, invoice, 2) == "186.00"
    assert await desk.open_amount(Kind.CREDIT_NOTE, credit) == "0.00"


@pytest.mark.parametrize("policy", ["hold", "reverse and repost"])
async def test_a_payment_that_is_deleted_after_the_invoice_was_edited(
    site: Site, policy: str
) -> None:
    desk = await begin(site, edits=policy)
    invoice, (payment,) = await paid(desk, "113.00")
    await desk.clerk.change_lines(invoice, "USD", [MORE])
    await desk.clerk.delete_payment(payment)
    status = await desk.look(invoice)
    if policy == "hold":
        assert status.cause == "edited-after-posting"
        await desk.clerk.change_lines(invoice, "USD", [ADVICE])
        await desk.look(invoice)
        assert await desk.balance(*RECEIVABLES) == "113.00"
    else:
        assert status.reason == "waits for payment of 226.00 USD"
        assert await desk.balance(*RECEIVABLES) == "226.00"
    assert await desk.balance(*BANKS) == "0.00"


@pytest.mark.parametrize("policy", ["hold", "reverse and repost"])
async def test_a_payment_that_is_changed_after_posting(site: Site, policy: str) -> None:
    desk = await begin(site, edits=policy)
    invoice, (payment,) = await paid(desk, "50.00")
    await desk.clerk.change_payment(payment, amount={"amount": "60.00", "code": "USD"})
    status = await desk.look(invoice)
    if policy == "hold":
        assert status.cause == "payment-edited-after-posting"
        assert await desk.balance(*BANKS) == "50.00"
    else:
        assert status.reason == "waits for payment of 53.00 USD"
        assert await desk.balance(*BANKS) == "60.00"
        assert await desk.open_amount(Kind.PAYMENT, payment, 2) == "0.00"


@pytest.mark.parametrize("policy", ["hold", "reverse and repost"])
async def test_a_late_fee_is_held_with_its_amount(site: Site, policy: str) -> None:
    desk = await begin(site, edits=policy)
    invoice = await desk.posted()
    await desk.clerk.change_lines(invoice, "USD", [ADVICE, Line("Late fee", "1", "15.00")])
    status = await desk.look(invoice)
    assert status.hold is not None
    assert (status.cause, status.hold.values["fee"]) == ("late-fee", "15.00 USD")
    assert await desk.balance(*RECEIVABLES) == "113.00"


async def test_a_renumbered_invoice_is_no_edit_and_keeps_its_posting(site: Site) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    await desk.clerk.change_invoice(invoice, invoice_number="RENUMBERED-1")
    assert (await desk.look(invoice)).stage == "posted"
    assert (await desk.row(Kind.INVOICE, invoice)).source_number == "RENUMBERED-1"
    assert await desk.balance(*RECEIVABLES) == "113.00"


async def test_a_reused_number_is_another_invoice(site: Site) -> None:
    desk = await begin(site, possible_duplicate_days=0)
    first = await desk.posted(invoice_number="2026-1")
    second = await desk.posted(invoice_number="2026-1")
    assert await desk.balance(*RECEIVABLES) == "226.00"
    assert (await desk.entry(Kind.INVOICE, first))["Document_No"] != (
        await desk.entry(Kind.INVOICE, second)
    )["Document_No"]


async def test_an_invoice_of_a_recurring_profile_is_posted_like_any_other(site: Site) -> None:
    desk = await begin(site)
    await desk.posted(generation_date=TODAY.isoformat(), parent=700001)
    assert await desk.balance(*RECEIVABLES) == "113.00"


async def test_an_invoice_given_to_another_client_is_an_edit(site: Site) -> None:
    desk = await begin(site, edits="reverse and repost")
    invoice = await desk.posted()
    other = await desk.clerk.add_client("Merged Ltd", "merged@example.com")
    await desk.clerk.change_invoice(invoice, customerid=other)
    assert (await desk.look(invoice)).stage == "posted"
    old = await desk.entry(Kind.INVOICE, invoice, 1)
    new = await desk.entry(Kind.INVOICE, invoice, 2)
    assert old["Customer_No"] != new["Customer_No"]
    assert (old["Remaining_Amount"], new["Remaining_Amount"]) == (0, 113)


async def test_a_posted_invoice_of_a_deleted_client_is_still_paid_and_voided(site: Site) -> None:
    desk = await begin(site)
    first, second = await desk.posted(), await desk.posted(Line("More", "1", "20.00"))
    await desk.clerk.change_client(desk.client, vis_state=1)
    await desk.pay(first, "113.00")
    assert (await desk.look(first)).stage == "closed"
    await desk.clerk.void_invoice(second)
    assert (await desk.look(second)).stage == "closed"
    assert await desk.balance(*RECEIVABLES) == "0.00"


async def test_a_changed_client_updates_only_what_the_mapping_lists(site: Site) -> None:
    desk = await begin(site)
    await desk.posted()
    customer = await desk.customer()
    await desk.books.change("Customer", f"'{customer}'", Payment_Terms_Code="14D", Name="Ours")
    await desk.clerk.change_client(desk.client, organization="New name", p_city="Halifax")
    await desk.posted(Line("More", "1", "20.00"))
    (card,) = await desk.books.rows("Customer")
    assert (card["Name"], card["Payment_Terms_Code"], card["City"]) == ("Ours", "14D", "Halifax")


async def test_a_date_changed_after_posting_is_an_edit(site: Site) -> None:
    desk = await begin(site, edits="reverse and repost")
    invoice = await desk.posted()
    earlier = TODAY - timedelta(days=3)
    await desk.clerk.change_invoice(invoice, create_date=earlier.isoformat())
    await desk.look(invoice)
    assert (await desk.entry(Kind.INVOICE, invoice, 2))["Posting_Date"] == earlier.isoformat()


async def test_a_held_edit_that_people_give_up_stays_as_it_was_posted(site: Site) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    await desk.clerk.change_lines(invoice, "USD", [MORE])
    await desk.look(invoice)
    assert (await desk.decide(invoice, Action.SKIP)).stage == "ignored"
    assert await desk.balance(*RECEIVABLES) == "113.00"


@pytest.mark.parametrize(
    ("discount", "lines"),
    [
        ("10", [ADVICE, Line("Late fee", "1", "15.00")]),
        ("0", [ADVICE, Line("Late fee", "1", "15.00", HST)]),
        ("0", [Line("Other", "1", "90.00", HST), Line("Late fee", "1", "15.00")]),
    ],
    ids=["discounted", "taxed", "with another edit"],
)
async def test_a_late_fee_is_held_whatever_else_the_invoice_has(
    site: Site, discount: str, lines: list[Line]
) -> None:
    desk = await begin(site, edits="reverse and repost")
    invoice = await desk.posted(discount=discount)
    before = await desk.balance(*RECEIVABLES)
    await desk.clerk.change_lines(invoice, "USD", lines)
    assert (await desk.look(invoice)).cause == "late-fee"
    assert await desk.balance(*RECEIVABLES) == before


@pytest.mark.parametrize("amount", STAGES[1:])
async def test_money_of_an_invoice_given_to_another_client_moves_with_it(
    site: Site, amount: str
) -> None:
    desk = await begin(site, edits="reverse and repost")
    invoice, (payment,) = await paid(desk, amount)
    other = await desk.clerk.add_client("Merged Ltd", "merged@example.com")
    await desk.clerk.change_invoice(invoice, customerid=other)
    status = await desk.look(invoice)
    assert status.stage == ("posted" if amount == "13.00" else "closed"), status
    new, old = await desk.entry(Kind.INVOICE, invoice, 2), await desk.entry(Kind.PAYMENT, payment)
    again = await desk.entry(Kind.PAYMENT, payment, 2)
    assert old["Remaining_Amount"] == 0
    assert again["Customer_No"] == new["Customer_No"] != old["Customer_No"]
    assert new["Remaining_Amount"] == max(Decimal(113) - Decimal(amount), Decimal(0))
    assert await desk.balance(*BANKS) == amount
    assert (await desk.look(invoice)).steps == []


async def test_a_credit_on_an_invoice_given_to_another_client_is_held_until_it_is_skipped(
    site: Site,
) -> None:
    desk = await begin(site, edits="reverse and repost")
    credit = await desk.clerk.write_credit(desk.client, "USD", TODAY, "goodwill", "40.00")
    await desk.look_at_credit(credit)
    invoice = await desk.posted()
    await desk.use_credit(invoice, "40.00", credit)
    await desk.look(invoice)
    other = await desk.clerk.add_client("Merged Ltd", "merged@example.com")
    await desk.clerk.change_invoice(invoice, customerid=other)
    status = await desk.look(invoice)
    assert status.cause == "credit-of-other-customer", status
    assert (await desk.decide(invoice, Action.SKIP)).stage == "posted"
    assert await desk.open_amount(Kind.INVOICE, invoice, 2) == "113.00"
    assert await desk.open_amount(Kind.CREDIT_NOTE, credit) == "40.00"


async def refused(desk: Desk, invoice: int, cause: str) -> None:
    """An edit that cannot be posted anew is held, and nothing was taken back for it."""
    await desk.pay(invoice, "13.00")
    await desk.look(invoice)
    await desk.clerk.change_lines(invoice, "USD", [MORE])
    before = await desk.books.rows("CustomerLedgerEntries")
    status = await desk.look(invoice)
    assert (status.cause, status.steps) == (cause, []), status
    assert await desk.books.rows("CustomerLedgerEntries") == before
    assert await desk.books.rows("SalesInvoice") == []


async def test_an_edit_whose_tax_nav_computes_otherwise_takes_nothing_back(
    site: Site, tmp_path: Path
) -> None:
    spec = variant(tmp_path, {"taxes": CODES})
    desk = await begin(site, spec, edits="reverse and repost")
    invoice = await desk.posted()
    await desk.books.change("VATPostingSetup", "'DOMESTIC','VAT13'", VAT_Percent=20)
    await refused(desk, invoice, "totals-differ")
    await desk.books.change("VATPostingSetup", "'DOMESTIC','VAT13'", VAT_Percent=13)
    assert (await desk.look(invoice)).stage == "posted"
    assert await desk.open_amount(Kind.INVOICE, invoice, 2) == "213.00"


async def test_an_edit_to_an_account_that_nav_does_not_know_takes_nothing_back(site: Site) -> None:
    desk = await begin(site, edits="reverse and repost")
    invoice = await desk.posted()
    await desk.clerk.change_lines(invoice, "USD", [Line("Hardware", "1", "50.00")])
    status = await desk.look(invoice)
    assert (status.stage, status.steps) == ("held", []), status
    assert await desk.open_amount(Kind.INVOICE, invoice) == "113.00"
    assert await desk.entries(Kind.INVOICE_REVERSAL, invoice) == []
    assert await desk.books.rows("SalesInvoice") == []


async def test_an_edit_in_a_closed_period_takes_nothing_back(site: Site) -> None:
    desk = await begin(site, edits="reverse and repost")
    invoice = await desk.posted(day=TODAY - timedelta(days=40))
    await desk.books.allow_posting(TODAY - timedelta(days=10))
    await refused(desk, invoice, "period-closed")


async def test_an_edit_of_an_adopted_invoice_takes_nothing_back(site: Site) -> None:
    desk = await begin(site, edits="reverse and repost")
    await desk.posted(Line("Other", "1", "20.00"))
    number = await desk.books.invoice(await desk.customer(), "113.00", TODAY)
    invoice = await desk.sent()
    await desk.look(invoice)
    assert (await desk.decide(invoice, Action.ADOPT, number)).stage == "posted"
    await refused(desk, invoice, "adopted-reversal")


async def test_an_edit_is_taken_back_in_the_month_it_was_posted_in(site: Site) -> None:
    desk = await begin(site, edits="reverse and repost")
    day = TODAY - timedelta(days=40)
    invoice = await desk.posted(day=day)
    payment = await desk.pay(invoice, "13.00", day=day)
    await desk.look(invoice)
    await desk.clerk.change_lines(invoice, "USD", [MORE])
    await desk.clerk.change_payment(payment, amount={"amount": "15.00", "code": "USD"})
    await desk.look(invoice)
    entries = [
        await desk.entry(Kind.INVOICE_REVERSAL, invoice),
        await desk.entry(Kind.INVOICE, invoice, 2),
        await desk.entry(Kind.PAYMENT_REVERSAL, payment),
        await desk.entry(Kind.PAYMENT, payment, 2),
    ]
    assert {str(entry["Posting_Date"]) for entry in entries} == {str(day)}


@pytest.mark.parametrize("change", ["edit", "void"])
async def test_an_invoice_that_people_settled_is_not_taken_back_before_they_made_it_loose(
    site: Site, change: str
) -> None:
    desk = await begin(site, edits="reverse and repost")
    invoice = await desk.posted()
    await desk.pay(invoice, "13.00")
    await desk.look(invoice)
    number = (await desk.entry(Kind.INVOICE, invoice))["Document_No"]
    receipt = await desk.books.receipt(await desk.customer(), "100.00", TODAY, settles=number)
    before = await desk.books.rows("GLEntries")
    if change == "edit":
        await desk.clerk.change_lines(invoice, "USD", [Line("Advice", "1", "200.00")])
    else:
        await desk.clerk.void_invoice(invoice)
    status = await desk.look(invoice)
    assert (status.cause, status.steps) == ("applies-to-closed", []), status
    assert f"100.00 USD of {number} was settled in the target" in status.reason
    assert await desk.books.rows("SalesCreditMemo") == []
    assert await desk.books.rows("GLEntries") == before
    await desk.books.unapply(receipt)
    status = await desk.decide(invoice, Action.RETRY)
    assert status.stage == ("posted" if change == "edit" else "closed"), status
