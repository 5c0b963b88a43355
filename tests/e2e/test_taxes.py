"""Taxes and discounts, through the whole house."""

from __future__ import annotations

import pytest

from tests.e2e.house import House
from workers.demo.people import Line

GST, QST, HST = ("GST", "5"), ("QST", "9.975"), ("HST", "13")


@pytest.mark.parametrize(
    ("line", "currency", "total"),
    [
        (Line("Two taxes", "3", "33.33", (GST, QST)), "USD", "114.96"),
        (Line("Compound", "3", "33.33", (GST, QST), compound=True), "EUR", "115.46"),
        (Line("Yen", "3", "333", (HST,)), "JPY", "1129"),
        (Line("Zero", "1", "10.00", (("VAT", "0"),)), "GBP", "10.00"),
        (Line("Untaxed", "0.5", "10.01"), "CAD", "5.01"),
    ],
)  # fmt: skip
async def test_any_taxes_are_posted_to_the_cent_in_the_documents_currency(
    house: House, line: Line, currency: str, total: str
) -> None:
    invoice = await house.sent_invoice([line], currency=currency)
    await house.watch.wait(invoice, "posted")
    row = await house.entry("invoice", await house.number(invoice))
    source = await house.source_row("invoice", invoice)
    assert (row["currency"], row["amount"], source["amount"]) == (currency, total, total)


async def test_a_tax_that_nav_does_not_know_is_held_and_goes_on_after_a_correction(
    house: House,
) -> None:
    invoice = await house.sent_invoice([Line("Books", "1", "10.00", (("Unknown tax", "4"),))])
    await house.watch.wait(invoice, "held")
    assert await house.posted("invoice", await house.number(invoice)) == []
    await house.clerk.change_lines(invoice, "USD", [Line("Books", "1", "10.00", (HST,))])
    await house.watch.wait(invoice, "posted")
    assert (await house.entry("invoice", await house.number(invoice)))["amount"] == "11.30"
