"""Credit notes, corrections and drafts that are dropped."""

from __future__ import annotations

from decimal import Decimal

from tests.sandbox.ax_house import House, house, refused, running
from tests.sandbox.ax_values import line

__all__ = ["house", "running"]

D = Decimal


async def test_a_negative_invoice_is_a_credit_memo(house: House) -> None:
    number = await house.customer()
    posted = await house.posted(number, "K1", line("-40"))
    assert (posted["Amount"], posted["Remaining"]) == (-40, -40)
    (row,) = await house.journal("credit_memo")
    assert (row["amount"], row["state"]) == ("40.00", "posted")


async def test_a_correction_settles_and_reverses_what_it_names(house: House) -> None:
    number = await house.customer()
    first = await house.posted(number, "K1", line("100"))
    credit = await house.posted(number, "K2", line("-100"), CorrectedInvoiceId=first["InvoiceId"])
    assert (credit["State"], credit["Remaining"], credit["SettledWith"]["string"]) == (
        "Posted",
        0,
        ["K1"],
    )
    assert (await house.tieout("findByKey", "K1"))["State"] == "Reversed"
    assert (await house.journal("invoice"))[0]["state"] == "reversed"
    assert set((await house.balances()).values()) == {D(0)}


async def test_a_partial_credit_does_not_reverse(house: House) -> None:
    number = await house.customer()
    first = await house.posted(number, "K1", line("100"))
    await house.posted(number, "K2", line("-30"), CorrectedInvoiceId=first["InvoiceId"])
    found = await house.tieout("findByKey", "K1")
    assert (found["State"], found["Remaining"]) == ("Posted", 70)


async def test_the_custom_service_takes_an_invoice_back_once(house: House) -> None:
    number = await house.customer()
    first = await house.posted(number, "K1", line("100", TaxGroup="TAX", TaxItemGroup="VAT10"))
    await house.paid(number, "P1", "110", MarkedInvoice=first["InvoiceId"])
    back = await house.tieout("reverseFreeTextInvoice", "K1", "K1R", "2026-03-01")
    again = await house.tieout("reverseFreeTextInvoice", "K1", "K1R", "2026-03-01")
    assert back["Voucher"] == again["Voucher"]
    assert (back["Amount"], back["TaxAmount"], back["Key"]) == (-110, -10, "K1R")
    assert (await house.tieout("findByKey", "K1"))["State"] == "Reversed"
    assert (await house.tieout("findByKey", "P1"))["Remaining"] == -110
    refusal = await refused(house.tieout("reverseFreeTextInvoice", "K1", "K1S", "2026-03-01"))
    assert "already been reversed" in refusal.text


async def test_a_draft_can_be_discarded_but_nothing_posted(house: House) -> None:
    number = await house.customer()
    await house.invoice(number, "K1")
    assert await house.tieout("discard", "K1") is True
    assert await house.tieout("discard", "K1") is False
    assert (await house.tieout("findByKey", "K1"))["State"] == "Absent"
    await house.posted(number, "K2")
    assert "is posted" in (await refused(house.tieout("discard", "K2"))).text
