"""An invoice as a sales order, and as lines of the general journal, by the mappings that are
shipped for them: posted, paid, taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.key import Kind
from tests.lives.desk import ADVICE, Desk, begin
from tests.lives.site import open_site
from tests.mapping.specs import NAV_SPEC
from workers.demo.people import Line

_ENTITIES = {
    "order": {"invoice": "order"},
    "journal": {"invoice": "journal", "invoice_reversal": "journal"},
}


def _spec(document: str) -> Path:
    names = {"order": "freshbooks-nav-orders.yaml", "journal": "freshbooks-nav-journal.yaml"}
    return NAV_SPEC.with_name(names[document])


@pytest.mark.parametrize("document", ["order", "journal"])
async def test_an_invoice_is_posted_paid_and_taken_back_as(tmp_path: Path, document: str) -> None:
    async with open_site(tmp_path, entities=_ENTITIES[document]) as site:
        desk = await begin(site, _spec(document), late_fees="supplementary invoice")
        await _is_paid_in_two_parts(desk)
        await _is_taken_back(desk)
        await _bears_a_late_fee(desk)
        await _is_posted_in_euro(desk)
        assert not await desk.books.rows("GeneralJournal")
        assert not await desk.books.rows("SalesOrder")


async def _is_paid_in_two_parts(desk: Desk) -> None:
    invoice = await desk.posted(ADVICE, Line("More", "2", "10.00"))
    assert (await desk.entry(Kind.INVOICE, invoice))["Amount"] == 133
    assert await desk.balance("4000") == "-120.00"
    assert await desk.balance("2200") == "-13.00"
    await desk.pay(invoice, "33.00")
    assert (await desk.look(invoice)).stage == "posted"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "100.00"
    await desk.pay(invoice, "100.00")
    assert (await desk.look(invoice)).stage == "closed"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "0.00"


async def _is_taken_back(desk: Desk) -> None:
    before = await desk.balance("4000", "2200")
    invoice = await desk.posted()
    await desk.clerk.void_invoice(invoice)
    assert (await desk.look(invoice)).stage == "closed"
    assert await desk.balance("4000", "2200") == before
    assert await desk.open_amount(Kind.INVOICE, invoice) == "0.00"
    assert await desk.open_amount(Kind.INVOICE_REVERSAL, invoice) == "0.00"


async def _bears_a_late_fee(desk: Desk) -> None:
    """Which is the same kind of document, and taken back like one."""
    invoice = await desk.posted()
    await desk.clerk.change_lines(invoice, "USD", [ADVICE, Line("Late fee", "1", "15.00")])
    await desk.pay(invoice, "120.00")
    assert (await desk.look(invoice)).reason == "waits for payment of 8.00 USD"
    assert await desk.open_amount(Kind.LATE_FEE, invoice) == "8.00"
    await desk.clerk.change_lines(invoice, "USD", [ADVICE])
    assert (await desk.look(invoice)).stage == "closed"
    assert await desk.open_amount(Kind.LATE_FEE, invoice) == "0.00"
    assert await desk.open_amount(Kind.LATE_FEE_REVERSAL, invoice) == "0.00"


async def _is_posted_in_euro(desk: Desk) -> None:
    invoice = await desk.posted(currency="EUR")
    entry = await desk.entry(Kind.INVOICE, invoice)
    assert (entry["Currency_Code"], entry["Amount"]) == ("EUR", 113)


@pytest.mark.parametrize("made", [1, 2])
async def test_a_journal_that_was_left_half_done_is_posted_whole(tmp_path: Path, made: int) -> None:
    async with open_site(tmp_path, entities=_ENTITIES["journal"]) as site:
        desk = await begin(site, _spec("journal"))
        await desk.books.change("GLAccounts", "'4000'", Blocked=True)
        invoice = await desk.sent()
        assert (await desk.look(invoice)).stage == "held"
        lines = await desk.books.rows("GeneralJournal")
        for line in lines[made:]:
            key = ",".join(
                f"'{line[name]}'" for name in ("Journal_Template_Name", "Journal_Batch_Name")
            )
            await desk.books.remove("GeneralJournal", f"{key},{line['Line_No']}")
        await desk.books.change("GLAccounts", "'4000'", Blocked=False)
        status = await desk.look(invoice)
        assert status.stage == "posted", status
        assert (await desk.entry(Kind.INVOICE, invoice))["Amount"] == 113
        assert await desk.balance("4000") == "-100.00"
