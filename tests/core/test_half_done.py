"""A draft that an earlier attempt left half done is made equal to the record, then posted."""

from __future__ import annotations

import pytest

from documents.key import Kind
from tests.core.desk import TODAY, Desk
from workers.demo.people import Line

_ADVICE = Line("Advice", "1", "100.00")
_INCLUDED = Line("Licence key 4711, included", "1", "0.00")
_THERE, _BACK = Line("Moved to support", "1", "40.00"), Line("Support", "-1", "40.00")


@pytest.mark.parametrize(
    ("lines", "made"),
    [
        ((_ADVICE, _INCLUDED), 1),
        ((_ADVICE, _THERE, _BACK), 1),
        ((_INCLUDED, _INCLUDED), 0),
    ],
    ids=["a line without amount", "lines that cancel", "no line yet"],
)
async def test_a_line_that_no_figure_shows_is_there_after_an_interruption(
    desk: Desk, lines: tuple[Line, ...], made: int
) -> None:
    clerk = desk.site.clerk
    client = await clerk.add_client("Northwind", "ap@northwind.example")
    invoice = await clerk.write_invoice(client, "USD", TODAY, list(lines))
    await clerk.send_invoice(invoice)
    record, key = await desk.prepared(invoice), desk.key(Kind.INVOICE, invoice)
    half = record.model_copy(update={"lines": record.lines[:made]})
    assert (await desk.site.target.create(key, half)).figures == record.expected
    status = await desk.driver.invoice(invoice)
    assert status.stage in ("posted", "closed"), status
    number = (await desk.row(invoice)).target_number
    posted = await desk.site.books.rows(
        f"PostedSalesInvoice('{number}')/PostedSalesInvoiceSalesLines"
    )
    assert [line["Description"] for line in posted] == [
        line["Description"] for line in record.lines
    ]


async def test_a_clerks_edit_of_a_draft_is_not_posted_as_ours(desk: Desk) -> None:
    invoice = await desk.sent()
    key = await desk.drafted(invoice)
    number = (await desk.in_nav(key)).number
    books = desk.site.books
    draft = f"'Invoice','{number}'"
    await books.change(f"SalesInvoice({draft})/SalesInvoiceSalesLines", f"{draft},10000", No="4050")
    assert (await desk.driver.invoice(invoice)).stage == "posted"
    revenue = {e["G_L_Account_No"]: e["Amount"] for e in await books.rows("GLEntries")}
    assert (revenue.get("4000"), revenue.get("4050")) == (-100, None)
