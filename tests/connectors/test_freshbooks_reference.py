"""Writing the target's number back, and listing what changed, against the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import (
    OutcomeUnknown,
    Rejected,
)
from connectors.freshbooks.adapter import FreshBooksSource
from connectors.freshbooks.families import (
    INVOICES,
    PAYMENTS,
)
from connectors.ports import Changed
from tests.connectors.freshbooks_house import (
    OWNER,
    House,
    open_house,
    the_invoice,
)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as opened:
        yield opened


async def test_a_reference_is_written_once_and_never_over_something_else(house: House) -> None:
    client_id = await house.new_client()
    mine = await house.new_invoice(client_id)
    theirs = await house.new_invoice(client_id, po_number="PO-7")
    before = await the_invoice(house, mine)
    assert await house.source.write_reference(mine, "PSI-0001") is True
    assert await house.source.write_reference(mine, "PSI-0001") is True
    assert await house.source.write_reference(mine, "PSI-0002") is False
    assert await house.source.write_reference(theirs, "PSI-0001") is False
    after = await the_invoice(house, mine)
    assert (after.po_number, (await the_invoice(house, theirs)).po_number) == ("PSI-0001", "PO-7")
    assert after.fingerprint() == before.fingerprint()
    path = f"/accounting/account/6BApk/invoices/invoices/{mine}"
    writes = [r for r in await house.requests(path) if r["method"] == "PUT"]
    assert len(writes) == 2, "one marks the invoice as sent, one writes the reference"


async def test_no_reference_is_written_to_an_invoice_that_is_gone(house: House) -> None:
    invoice_id = await house.new_invoice(await house.new_client())
    await house.client.delete(INVOICES, invoice_id)
    assert await house.source.write_reference(invoice_id, "PSI-1") is False
    assert await house.source.write_reference("9999999", "PSI-1") is False


async def test_a_reference_whose_answer_was_lost_is_found_by_the_next_attempt(
    house: House,
) -> None:
    invoice_id = await house.new_invoice(await house.new_client())
    path = f".*/invoices/{invoice_id}"
    await house.fault("reset_after", path, "PUT", times=1)
    with pytest.raises(OutcomeUnknown):
        await house.source.write_reference(invoice_id, "PSI-1")
    assert await house.source.write_reference(invoice_id, "PSI-1") is True
    assert (await the_invoice(house, invoice_id)).po_number == "PSI-1"


async def test_a_reference_that_is_too_long_is_rejected() -> None:
    async with open_house(lengths={"invoice.po_number": 5}) as house:
        invoice_id = await house.new_invoice(await house.new_client())
        with pytest.raises(Rejected) as rejected:
            await house.source.write_reference(invoice_id, "PSI-0001")
    assert rejected.value.hold.cause == "value-too-long"


async def collected(house: House, kind: str, since: datetime, per_page: int = 2) -> list[Changed]:
    client, _ = house.connect(OWNER, house.vault, per_page=per_page)
    pages = [page async for page in FreshBooksSource(client).changes(kind, since)]
    assert all(len(page.rows) <= per_page for page in pages)
    assert [bool(page.after) for page in pages] == [True] * (len(pages) - 1) + [False]
    return [row for page in pages for row in page.rows]


async def test_changes_name_what_changed_and_what_was_deleted(house: House) -> None:
    old = await house.new_invoice(await house.new_client())
    await house.advance("P5D")
    since = datetime.now(UTC) + timedelta(days=5)
    client_id = await house.new_client()
    made = [await house.new_invoice(client_id) for _ in range(5)]
    payment = await house.pay(made[0], "10.00")
    await house.client.delete(INVOICES, made[4])
    await house.client.update(PAYMENTS, payment, {"vis_state": 1})

    invoices = await collected(house, "invoice", since)
    assert {c.source_id for c in invoices} == set(made)
    assert old not in {c.source_id for c in invoices}
    assert {c.source_id for c in invoices if c.deleted} == {made[4]}
    assert all(c.changed_at >= since - timedelta(days=2) for c in invoices)
    (paid,) = await collected(house, "payment", since)
    assert (paid.source_id, paid.document_id, paid.deleted) == (payment, made[0], True)
    assert {c.source_id for c in await collected(house, "client", since)} == {client_id}
    assert await collected(house, "credit_note", since) == []


async def test_the_day_of_a_change_is_never_missed_around_midnight(house: House) -> None:
    invoice_id = await house.new_invoice(await house.new_client())
    for hours in (0, 5, 12, 23):
        since = datetime.now(UTC) - timedelta(hours=hours)
        assert {c.source_id for c in await collected(house, "invoice", since)} == {invoice_id}


async def test_an_unknown_kind_of_change_is_refused(house: House) -> None:
    with pytest.raises(ValueError, match="no listing of 'estimate'"):
        await collected(house, "estimate", datetime.now(UTC))
