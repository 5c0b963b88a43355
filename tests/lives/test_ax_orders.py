"""Invoices as sales orders of AX, by the mapping that is shipped for them."""

from __future__ import annotations

import shutil
from pathlib import Path

from documents.key import Kind
from documents.row import Action
from tests.lives.ax_site import AX_SPEC, AxDesk
from tests.lives.desk import ADVICE
from workers.demo.people import Line

ORDERS = AX_SPEC.with_name("freshbooks-ax-orders.yaml")

PORTS = {"sales_order": "SalesOrderService"}


async def test_an_order_is_invoiced_paid_and_taken_back_by_an_order_that_settles_it(
    ax: AxDesk,
) -> None:
    """A reversal of an order stayed open beside the invoice: AX settles corrections of free text
    invoices only."""
    async with ax.books.target(posting="service", document="sales_order", ports=PORTS) as target:
        assert await target.check() == []
        await ax.begin(target, ORDERS)
        invoice = await ax.posted(ADVICE, Line("More", "2", "10.00"))
        found = await ax.row(Kind.INVOICE, invoice)
        assert (found["kind"], found["amount"], found["state"]) == ("invoice", "133.00", "posted")
        assert (await ax.paid(invoice, "33.00")).stage == "posted"
        assert (await ax.paid(invoice, "100.00")).stage == "closed"
        voided = await ax.posted()
        await ax.clerk.void_invoice(voided)
        assert (await ax.driver.invoice(voided)).stage == "closed"
        for kind in (Kind.INVOICE, Kind.INVOICE_REVERSAL):
            assert (await ax.row(kind, voided))["remaining"] == "0.00"
        assert not await ax.books.journal(kind="order")


async def test_with_the_custom_service_the_ports_that_read_the_ledger_may_be_missing(
    ax: AxDesk,
) -> None:
    """Only the tie-out needs them; an invoice that was paid in full was held for want of them."""
    ports = {"posted_invoice": "", "customer_transaction": ""}
    async with ax.books.target(posting="service", ports=ports) as target:
        assert await target.check() == []
        await ax.begin(target)
        invoice = await ax.posted()
        status = await ax.paid(invoice, "113.00")
        assert status.stage == "closed", status


async def test_without_the_custom_service_people_post_and_what_they_posted_is_followed(
    ax: AxDesk,
) -> None:
    """The shipped mapping did not load there: it wants the port of general journals."""
    async with ax.books.target(service=False) as target:
        await ax.begin(target, AX_SPEC.with_name("freshbooks-ax-no-journals.yaml"), clerk=0.0)
        invoice = await ax.posted()
        assert (await ax.paid(invoice, "113.00")).stage == "closed"


async def test_without_the_custom_service_people_settle_the_reversal_of_an_order(
    ax: AxDesk, tmp_path: Path
) -> None:
    spec = shutil.copytree(AX_SPEC.parent, tmp_path / "mappings") / "orders.yaml"
    sections = (ORDERS.read_text("utf-8").partition("extends: freshbooks-ax.yaml")[2]).strip()
    spec.write_text(f"name: orders\nextends: freshbooks-ax-no-journals.yaml\n{sections}\n", "utf-8")
    async with ax.books.target(service=False, document="sales_order", ports=PORTS) as target:
        await ax.begin(target, spec, clerk=0.0)
        invoice = await ax.posted()
        await ax.clerk.void_invoice(invoice)
        status = await ax.driver.invoice(invoice)
        assert status.cause == "settle-by-hand", status
        one, other = (ax.key(kind, invoice) for kind in (Kind.INVOICE, Kind.INVOICE_REVERSAL))
        await ax.books.person("settle", one=one, other=other)
        status = await ax.driver.decide(Kind.INVOICE, invoice, Action.RETRY)
        assert status.stage == "closed", status
        assert (await ax.row(Kind.INVOICE, invoice))["remaining"] == "0.00"
