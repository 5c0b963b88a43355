"""What whoever posts in AX has refused stands there unposted, and may still be posted."""

from __future__ import annotations

from datetime import timedelta

from documents.key import Kind
from documents.row import Action
from tests.lives.ax_site import AxDesk
from tests.lives.desk import TODAY
from tests.lives.driver import Status


async def _refused(ax: AxDesk) -> tuple[int, Status]:
    """An invoice that the clerk of AX would not post, because its period was closed."""
    await ax.books.person("period", month=f"{TODAY:%Y-%m}", status="Closed")
    invoice = await ax.sent()
    return invoice, await ax.driver.invoice(invoice)


async def test_an_invoice_that_was_refused_and_then_voided_is_removed_from_ax(ax: AxDesk) -> None:
    """It was ignored, and stayed in AX where a clerk could post it later."""
    async with ax.books.target(posting="service") as target:
        await ax.begin(target, clerk=0.0)
        invoice, status = await _refused(ax)
        assert status.cause == "period-closed", status
        await ax.clerk.void_invoice(invoice)
        status = await ax.driver.invoice(invoice)
        assert (status.stage, status.steps) == ("ignored", ["discard draft"]), status
        assert not await ax.books.journal(key=ax.key(Kind.INVOICE, invoice))


async def test_an_invoice_that_was_refused_is_posted_on_the_day_that_a_person_names(
    ax: AxDesk,
) -> None:
    """A correction after a refusal ended as a failure nobody foresaw: the first record was kept."""
    async with ax.books.target(posting="service") as target:
        await ax.begin(target, clerk=0.0)
        invoice, status = await _refused(ax)
        assert status.cause == "period-closed", status
        last_month = TODAY.replace(day=1) - timedelta(days=1)
        values = {"posting_date": last_month.isoformat()}
        status = await ax.driver.decide(Kind.INVOICE, invoice, Action.CORRECT, "", values)
        assert status.stage == "posted", status
        found = await target.lookup(ax.connection.key(Kind.INVOICE, str(invoice)))
        assert found.posting_date == last_month
