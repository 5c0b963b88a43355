"""Documents read from the FreshBooks stand-in over real connections."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from connectors.freshbooks.adapter import FreshBooksSource
from connectors.freshbooks.families import (
    CLIENTS,
    CREDIT_NOTES,
    INVOICES,
    PAYMENTS,
)
from connectors.ports import Unreadable
from documents.cash import CreditType
from documents.customer import Existence
from documents.invoice import InvoiceStage
from tests.connectors.freshbooks_house import (
    OWNER,
    House,
    line,
    open_house,
    the_invoice,
)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as opened:
        yield opened


async def test_an_invoice_with_two_taxes_and_a_discount_is_read_as_it_was_billed(
    house: House,
) -> None:
    client = await house.new_client(currency_code="CAD", email="zoe@example.test", fname="Zoë")
    gst = {"taxName1": "GST", "taxAmount1": "5"}
    qst = {"taxName2": "QST", "taxAmount2": "9.975", "compounded_tax": True}
    lines = (
        line("33.33", "3", "CAD", **gst, **qst),
        line("19.99", "1.5", "CAD", **gst),
        line("7.77", "1", "CAD"),
    )
    invoice_id = await house.new_invoice(
        client, *lines, sent=False, currency_code="CAD", discount_value="7.5", po_number=None
    )
    draft = await the_invoice(house, invoice_id)
    assert draft.stage is InvoiceStage.DRAFT
    await house.client.update(INVOICES, invoice_id, {"action_mark_as_sent": True})
    found = await the_invoice(house, invoice_id)
    assert found.stage is InvoiceStage.FINAL
    assert (found.party_id, found.currency) == (client, "CAD")
    assert str(found.subtotal) == "137.75 CAD"
    assert str(found.discount) == "10.33 CAD"
    assert found.net + found.tax == found.total == found.outstanding
    assert [(t.name, t.percent) for t in found.taxes] == [
        ("GST", Decimal(5)),
        ("QST", Decimal("9.975")),
    ]


@pytest.mark.parametrize("discount", ["0", "3.3", "10", "33.333"])
@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
async def test_whatever_the_stand_in_computes_adds_up_here(
    house: House, discount: str, currency: str
) -> None:
    client = await house.new_client()
    lines = [
        line(
            f"{n * 37 % 101}.{n * 13 % 100:02d}",
            str(1 + n % 4),
            currency,
            taxName1=f"T{n % 3}",
            taxAmount1=str(5 + n % 3 * 4),
            taxName2="X" if n % 2 else None,
            taxAmount2="2.5" if n % 2 else "0",
        )
        for n in range(1, 20)
    ]
    invoice_id = await house.new_invoice(
        client, *lines, currency_code=currency, discount_value=discount
    )
    found = await the_invoice(house, invoice_id)
    assert len(found.lines) == 19
    assert found.net + found.tax == found.total


async def test_a_deleted_invoice_is_still_read_and_an_unknown_one_is_none(house: House) -> None:
    invoice_id = await house.new_invoice(await house.new_client())
    await house.client.delete(INVOICES, invoice_id)
    assert (await the_invoice(house, invoice_id)).stage is InvoiceStage.DELETED
    assert await house.source.invoice("9999999") is None
    assert await house.source.payment("9999999") is None
    assert await house.source.customer("9999999") is None
    assert await house.source.credit_note("9999999") is None


async def test_an_invoice_without_lines_is_unreadable_with_its_number(house: House) -> None:
    invoice_id = await house.new_invoice(await house.new_client(), sent=False)
    await house.client.update(INVOICES, invoice_id, {"lines": []})
    await house.client.update(INVOICES, invoice_id, {"action_mark_as_sent": True})
    found = await house.source.invoice(invoice_id)
    assert isinstance(found, Unreadable)
    assert (found.hold.cause, found.number) == ("no-lines", "0000001")


async def test_a_client_is_read_active_and_deleted(house: House) -> None:
    client_id = await house.new_client(
        email="zoe@example.test", p_city="Québec", currency_code="CAD"
    )
    found = await house.source.customer(client_id)
    assert found is not None
    assert (found.name, found.email, found.address.city) == (
        "Zoë & Sons",
        "zoe@example.test",
        "Québec",
    )
    await house.client.update(CLIENTS, client_id, {"vis_state": 1})
    found = await house.source.customer(client_id)
    assert found is not None
    assert found.existence is Existence.DELETED


async def test_payments_are_listed_oldest_first_over_all_pages_without_deleted_ones(
    house: House,
) -> None:
    client, _ = house.connect(OWNER, house.vault, per_page=2)
    source = FreshBooksSource(client)
    client_id = await house.new_client()
    invoice_id = await house.new_invoice(client_id)
    other = await house.new_invoice(client_id)
    days = ["2026-02-12", "2026-02-10", "2026-02-11", "2026-02-10", "2026-02-09"]
    made = [await house.pay(invoice_id, "10.00", day) for day in days]
    await house.pay(other, "5.00")
    await house.client.update(PAYMENTS, made[4], {"vis_state": 1})
    found = await source.payments(invoice_id)
    assert [p.source_id for p in found] == [made[1], made[3], made[2], made[0]]
    assert {str(p.amount) for p in found} == {"10.00 USD"}
    gone = await source.payment(made[4])
    assert gone is not None
    assert (gone.existence, gone.invoice_id) == (Existence.DELETED, invoice_id)
    assert str((await the_invoice(house, invoice_id)).outstanding) == "60.00 USD"


async def test_the_credit_of_an_overpayment_is_known_from_the_payment(house: House) -> None:
    invoice_id = await house.new_invoice(await house.new_client())
    payment_id = await house.pay(invoice_id, "120.00")
    payment = await house.source.payment(payment_id)
    assert payment is not None
    assert payment.overpayment_id is not None
    credit = await house.source.credit_note(payment.overpayment_id)
    assert credit is not None
    assert not isinstance(credit, Unreadable)
    assert (credit.type, str(credit.total)) == (CreditType.OVERPAYMENT, "20.00 USD")


async def test_a_goodwill_credit_note_is_read(house: House) -> None:
    client_id = await house.new_client()
    fields = {
        "clientid": int(client_id),
        "create_date": "2026-02-01",
        "credit_type": "goodwill",
        "currency_code": "USD",
        "lines": [line("40.00", taxName1="HST", taxAmount1="13")],
    }
    row = await house.client.create(CREDIT_NOTES, fields)
    credit = await house.source.credit_note(str(row["id"]))
    assert credit is not None
    assert not isinstance(credit, Unreadable)
    assert (str(credit.net), str(credit.total)) == ("40.00 USD", "45.20 USD")
