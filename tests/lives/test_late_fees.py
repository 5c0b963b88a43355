"""Late fees of posted invoices, each as a supplementary invoice beside its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.listings import Scope
from documents.key import Kind
from documents.ledger import match_of, row_of
from documents.row import Action
from policies.tieout.compare import Tolerances, compare
from policies.tieout.settings import TieOutPolicy
from tests.bookkeeper import BANKS, RECEIVABLES, TAX
from tests.lives.desk import ADVICE, HST, TODAY, Desk, begin
from tests.lives.site import Site
from workers.account.law import law_findings
from workers.demo.people import Line

FEE = Line("Late fee", "1", "15.00")
STAGES = ("", "13.00", "113.00", "120.00", "128.00", "150.00")
"""Of 113.00 and a fee of 15.00: nothing, a part, the invoice, a part of the fee, all, too much."""


async def charged(site: Site, *, paid: str = "", **policy: Any) -> tuple[Desk, int]:
    """A posted invoice that a late fee was added to, and what is paid of both."""
    desk = await begin(site, late_fees="supplementary invoice", **policy)
    invoice = await desk.posted()
    await desk.clerk.change_lines(invoice, "USD", [ADVICE, FEE])
    if paid:
        await desk.pay(invoice, paid)
    return desk, invoice


async def is_as_the_source_says(desk: Desk, invoice: int, paid: str) -> None:
    """To the cent: what is open of both, what is owed, what came in."""
    owed = await desk.clerk.outstanding(invoice)
    both = [await desk.open_amount(kind, invoice) for kind in (Kind.INVOICE, Kind.LATE_FEE)]
    assert sum(map(Decimal, both)) == owed
    assert Decimal(await desk.balance(*BANKS)) == Decimal(paid or 0)
    assert Decimal(await desk.balance(*RECEIVABLES)) == Decimal("128.00") - Decimal(paid or 0)


@pytest.mark.parametrize("paid", STAGES)
async def test_a_late_fee_is_a_supplementary_invoice_that_payments_settle_last(
    site: Site, paid: str
) -> None:
    desk, invoice = await charged(site, paid=paid)
    status = await desk.look(invoice)
    assert status.stage == ("closed" if paid in STAGES[4:] else "posted"), status
    await is_as_the_source_says(desk, invoice, paid)
    beyond = min(max(Decimal(paid or 0) - Decimal("113.00"), Decimal(0)), Decimal("15.00"))
    assert Decimal(await desk.open_amount(Kind.LATE_FEE, invoice)) == Decimal("15.00") - beyond
    assert str((await desk.row(Kind.INVOICE, invoice)).amount) == "128.00 USD"


@pytest.mark.parametrize("dies_after", [0, 1, 2])
async def test_a_late_fee_is_posted_once_however_often_it_is_looked_at(
    site: Site, dies_after: int
) -> None:
    desk, invoice = await charged(site, paid="128.00")
    await desk.look(invoice, dies_after=dies_after)
    for _ in range(3):
        assert (await desk.look(invoice)).stage == "closed"
    assert len(await desk.entries(Kind.LATE_FEE, invoice)) == 1
    await is_as_the_source_says(desk, invoice, "128.00")


@pytest.mark.parametrize("paid", STAGES[1::2])
async def test_a_late_fee_that_is_taken_back_leaves_the_books_and_its_money_is_unapplied(
    site: Site, paid: str
) -> None:
    desk, invoice = await charged(site, paid=paid)
    await desk.look(invoice)
    await desk.clerk.change_lines(invoice, "USD", [ADVICE])
    status = await desk.look(invoice)
    assert status.stage == ("closed" if paid in STAGES[2:] else "posted"), status
    assert await desk.open_amount(Kind.LATE_FEE, invoice) == "0.00"
    assert Decimal(await desk.open_amount(Kind.INVOICE, invoice)) == max(
        Decimal("113.00") - Decimal(paid or 0), Decimal(0)
    )
    assert Decimal(await desk.balance(*RECEIVABLES)) == Decimal("113.00") - Decimal(paid or 0)
    assert str((await desk.row(Kind.INVOICE, invoice)).amount) == "113.00 USD"
    again = [ADVICE, FEE]
    await desk.clerk.change_lines(invoice, "USD", again)
    await desk.look(invoice)
    assert Decimal(await desk.balance(*RECEIVABLES)) == Decimal("128.00") - Decimal(paid or 0)
    assert len(await desk.entries(Kind.LATE_FEE, invoice, 2)) == 1


@pytest.mark.parametrize("paid", STAGES[1::2])
async def test_a_void_takes_the_late_fee_back_with_its_invoice(site: Site, paid: str) -> None:
    desk, invoice = await charged(site, paid=paid)
    await desk.look(invoice)
    await desk.clerk.void_invoice(invoice)
    status = await desk.look(invoice)
    assert status.reason == "voided at the source, reversed in the target"
    assert [await desk.open_amount(k, invoice) for k in (Kind.INVOICE, Kind.LATE_FEE)] == [
        "0.00"
    ] * 2
    assert Decimal(await desk.balance(*RECEIVABLES)) == -Decimal(paid or 0)
    assert await desk.balance(*TAX) == "0.00"


@pytest.mark.parametrize("paid", STAGES[1::2])
async def test_another_late_fee_replaces_the_supplementary_invoice(site: Site, paid: str) -> None:
    desk, invoice = await charged(site, paid=paid)
    await desk.look(invoice)
    await desk.clerk.change_lines(invoice, "USD", [ADVICE, FEE, Line("Late fee", "1", "5.00")])
    status = await desk.look(invoice)
    assert status.stage in ("posted", "closed"), status
    assert (await desk.entry(Kind.LATE_FEE, invoice, 2))["Amount"] == Decimal("20.00")
    assert await desk.open_amount(Kind.LATE_FEE, invoice, 1) == "0.00"
    assert Decimal(await desk.balance(*RECEIVABLES)) == Decimal("133.00") - Decimal(paid or 0)


async def test_an_edit_of_the_invoice_leaves_its_late_fee_alone(site: Site) -> None:
    desk, invoice = await charged(site, paid="120.00", edits="reverse and repost")
    await desk.look(invoice)
    more = Line("Advice", "2", "100.00", HST)
    await desk.clerk.change_lines(invoice, "USD", [more, FEE])
    status = await desk.look(invoice)
    assert status.reason == "waits for payment of 121.00 USD", status
    assert await desk.open_amount(Kind.INVOICE, invoice, 2) == "106.00"
    assert await desk.open_amount(Kind.LATE_FEE, invoice) == "15.00"
    assert str((await desk.row(Kind.INVOICE, invoice)).amount) == "241.00 USD"


@pytest.mark.parametrize("refund", ["3.00", "10.00", "40.00"])
async def test_a_refund_of_an_invoice_with_a_late_fee_opens_the_fee_first(
    site: Site, refund: str
) -> None:
    desk, invoice = await charged(site, paid="100.00")
    await desk.pay(invoice, "28.00")
    await desk.look(invoice)
    await desk.pay(invoice, f"-{refund}")
    status = await desk.look(invoice)
    assert status.reason == f"waits for payment of {refund} USD", status
    assert Decimal(await desk.balance(*RECEIVABLES)) == Decimal(refund)
    fee = min(Decimal(refund), Decimal("15.00"))
    assert Decimal(await desk.open_amount(Kind.LATE_FEE, invoice)) == fee
    assert Decimal(await desk.open_amount(Kind.INVOICE, invoice)) == Decimal(refund) - fee


async def test_a_late_fee_that_is_there_before_the_first_posting_is_a_line_like_any(
    site: Site,
) -> None:
    desk = await begin(site, late_fees="supplementary invoice")
    invoice = await desk.posted(ADVICE, FEE)
    assert await desk.entries(Kind.LATE_FEE, invoice) == []
    await desk.clerk.change_lines(invoice, "USD", [ADVICE, FEE, FEE])
    assert (await desk.look(invoice)).stage == "posted"
    assert (await desk.entry(Kind.LATE_FEE, invoice))["Amount"] == Decimal("15.00")
    assert await desk.balance(*RECEIVABLES) == "143.00"


async def test_a_use_of_credit_that_reaches_the_late_fee_is_held(site: Site) -> None:
    desk, invoice = await charged(site)
    credit = await desk.clerk.write_credit(desk.client, "USD", TODAY, "goodwill", "120.00")
    await desk.look_at_credit(credit)
    await desk.use_credit(invoice, "120.00", credit)
    status = await desk.look(invoice)
    assert status.cause == "late-fee-credit", status
    assert await desk.open_amount(Kind.CREDIT_NOTE, credit) == "120.00"


async def test_a_late_fee_that_people_posted_is_held_and_can_be_adopted(site: Site) -> None:
    desk, invoice = await charged(site, paid="128.00")
    number = await desk.books.invoice(await desk.customer(), "15.00", TODAY)
    assert (await desk.look(invoice)).cause == "possible-duplicate"
    status = await desk.decide(invoice, Action.ADOPT, number)
    assert status.stage == "closed", status
    assert await desk.entries(Kind.LATE_FEE, invoice) == []
    assert await desk.balance(*RECEIVABLES) == "0.00"


async def test_a_tie_out_and_the_account_see_one_document(site: Site) -> None:
    desk, invoice = await charged(site, paid="120.00")
    await desk.look(invoice)
    name, match = site.connection.name, match_of(Kind.INVOICE, str(invoice))
    (known,) = (await site.store.known.by_match(name, [match])).values()
    generations = max(known.generation, known.late_fees)
    source = await site.source.ledger.line(match)
    target = await site.target.ledger.entries_of(Scope(site.connection.tag), match, generations)
    assert source is not None
    assert sorted(line.amount for line in target) == [Decimal("15.00"), Decimal("113.00")]
    left, right = row_of(source._replace(party="")), [row_of(line) for line in target]
    assert compare([left], right, Tolerances.of(TieOutPolicy())) == []
    assert known.posted_amount == left.amount
    assert await law_findings(site.store, name) == []
