"""The books are compared with what was posted, not with what was last read."""

from __future__ import annotations

from documents.money import Money
from tests.core.desk import Desk, advice


async def test_an_edit_while_the_outcome_was_unknown_is_noticed(desk: Desk) -> None:
    """NAV posted 100; before we learned of it somebody made it 120 in FreshBooks."""
    invoice = await desk.sent("100.00")
    key = await desk.drafted(invoice)
    await desk.site.target.post(key)
    await desk.site.clerk.change_lines(invoice, "USD", advice("120.00"))
    await desk.driver.invoice(invoice)
    status = await desk.driver.invoice(invoice)
    assert (status.stage, status.cause) == ("held", "edited-after-posting")
    assert status.hold is not None
    assert status.hold.values == {"posted": "100.00 USD", "source": "120.00 USD"}
    assert (await desk.row(invoice)).amount == Money.of("100.00", "USD")
