"""Bad input ends in a clear message and a held document: nothing is posted in part."""

from __future__ import annotations

from documents.hold import HoldClass
from tests.e2e.house import TODAY, House


async def _held(house: House, invoice: int) -> tuple[str, str]:
    """Cause and reason of a hold, after making sure that nothing of it is in the books."""
    await house.watch.wait(invoice, "held")
    status = await house.watch.status(invoice)
    assert status is not None
    assert status.hold is not None
    assert status.hold.remedy
    assert isinstance(status.hold.hold_class, HoldClass)
    assert await house.posted("invoice", await house.number(invoice)) == []
    return status.hold.cause, status.hold.reason


async def test_an_unknown_currency_is_held(house: House) -> None:
    invoice = await house.sent_invoice(currency="SEK")
    cause, reason = await _held(house, invoice)
    assert cause == "currency-unmapped"
    assert "SEK" in reason


async def test_an_invoice_without_lines_is_held(house: House) -> None:
    client = await house.new_client()
    invoice = await house.clerk.write_invoice(client, "USD", TODAY, [])
    await house.clerk.send_invoice(invoice)
    cause, reason = await _held(house, invoice)
    assert (cause, "has no lines" in reason) == ("no-lines", True)


async def test_an_invoice_of_a_deleted_client_is_held_and_goes_on_when_it_is_restored(
    house: House,
) -> None:
    client = await house.new_client()
    invoice = await house.invoice(client=client)
    await house.watch.wait(invoice, "ignored")
    await house.clerk.change_client(client, vis_state=1)
    await house.clerk.send_invoice(invoice)
    cause, _ = await _held(house, invoice)
    assert cause == "client-deleted"
    await house.clerk.change_client(client, vis_state=0)
    await house.watch.wait(invoice, "posted")
    assert len(await house.posted("invoice", await house.number(invoice))) == 1


async def test_a_customer_blocked_in_nav_is_held_with_its_number(house: House) -> None:
    client = await house.new_client("Blocked Ltd")
    await house.watch.wait(await house.sent_invoice(client=client), "posted")
    await house.block_customer("Blocked Ltd", "Invoice")
    cause, reason = await _held(house, await house.sent_invoice(client=client))
    assert cause == "customer-blocked"
    assert "Invoice" in reason


async def test_nav_without_the_published_service_stops_the_connection_with_the_reason(
    house: House,
) -> None:
    await house.fault(
        system="nav", method="POST", path=".*TieoutPosting", fault="status", status=404
    )
    cause, reason = await _held(house, await house.sent_invoice())
    assert cause == "misconfigured"
    assert "TieoutPosting" in reason


async def test_an_expired_access_token_needs_no_person(house: House) -> None:
    response = await house.http.post(f"{house.ready.control}/clock", json={"advance": "PT13H"})
    assert response.status_code < 300
    invoice = await house.sent_invoice()
    await house.watch.wait(invoice, "posted")
    assert len(await house.posted("invoice", await house.number(invoice))) == 1
