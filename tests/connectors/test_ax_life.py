"""Documents of AX from unsent to settled, with and without the custom service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from connectors.ax.adapter import AxTarget
from connectors.errors import OutcomeUnknown, Rejected
from documents.customer import TargetCustomer
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState
from documents.record import MappedRecord
from tests.connectors.ax_books import (
    DAY,
    Books,
    ax_books,
    customer_record,
    figures,
    invoice_record,
    key,
    line,
    payment_record,
)

INVOICE = key(Kind.INVOICE)
PAYMENT = key(Kind.PAYMENT, "5000001")
HALF = Money.of("50.00", "EUR")


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with ax_books() as found:
        await found.operator("wait")
        yield found


async def customer(ax: AxTarget) -> TargetCustomer:
    return await ax.create_customer(key(Kind.CUSTOMER), customer_record())


def invoice(number: str, amount: str = "119.00") -> MappedRecord:
    return invoice_record(number, (line(amount),), figures(amount))


async def until_posted(ax: AxTarget, posting: Key) -> Posting:
    """What a sweep does: look until somebody has posted."""
    for _ in range(100):
        found = await ax.post(posting)
        if found.state is PostingState.POSTED:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError("nobody posted it")


async def posted_invoice(ax: AxTarget, books: Books) -> Posting:
    number = (await customer(ax)).number
    await ax.create(INVOICE, invoice(number))
    await books.operator("auto")
    return await until_posted(ax, INVOICE)


@pytest.mark.parametrize("service", [True, False])
async def test_what_is_created_stays_created_until_a_clerk_posts_it(
    books: Books, service: bool
) -> None:
    async with books.target(service=service) as ax:
        number = (await customer(ax)).number
        created = await ax.create(INVOICE, invoice(number))
        assert created.state is PostingState.CREATED
        assert created.party == number
        assert created.number
        assert (await ax.post(INVOICE)).state is PostingState.CREATED
        assert (await ax.create(INVOICE, invoice(number))).number == created.number
        await books.operator("auto")
        posted = await until_posted(ax, INVOICE)
        assert posted.number is not None and posted.number.startswith("INV")
        assert posted.figures == figures("119.00")
        assert posted.remaining == Money.of("119.00", "EUR")
        assert posted.posting_date == DAY
        assert await ax.create(INVOICE, invoice(number)) == posted
    assert len(await books.journal(kind="invoice")) == 1


async def test_the_custom_service_posts_when_the_settings_say_so(books: Books) -> None:
    await books.operator("auto", after=3600)
    async with books.target(posting="service") as ax:
        number = (await customer(ax)).number
        record = invoice_record(number, (line("100.00", "VAT19"),), figures("100.00", "19.00"))
        created = await ax.create(INVOICE, record)
        assert created.figures == record.expected
        posted = await ax.post(INVOICE)
        assert posted.state is PostingState.POSTED
        assert await ax.post(INVOICE) == posted
        await ax.create(PAYMENT, payment_record(number, HALF, posted.number or ""))
        paid = await ax.post(PAYMENT)
        assert paid.is_settled
        assert paid.applied_to == (posted.number,)
        assert (await ax.lookup(INVOICE)).remaining == Money.of("69.00", "EUR")


async def test_standard_services_tell_the_same_as_the_custom_service(books: Books) -> None:
    async with books.target() as ax, books.target(service=False) as plain:
        posted = await posted_invoice(ax, books)
        await ax.create(PAYMENT, payment_record(posted.party or "", HALF, posted.number or ""))
        paid = await until_posted(ax, PAYMENT)
        assert await plain.lookup(PAYMENT) == paid
        assert await plain.lookup(INVOICE) == await ax.lookup(INVOICE)
        assert await ax.lookup_number(INVOICE, posted.number or "") == await ax.lookup(INVOICE)
        assert await ax.lookup_number(PAYMENT, paid.number or "") == paid
        assert (await ax.lookup_number(INVOICE, "NOSUCH")).state is PostingState.ABSENT
        reversal = key(Kind.PAYMENT_REVERSAL, "5000001")
        back = await ax.reverse(PAYMENT, reversal, DAY)
        assert back.state is PostingState.POSTED
        assert (await plain.lookup(reversal)).number == back.number
        assert (await plain.lookup(PAYMENT)).state is PostingState.REVERSED
        assert await ax.reverse(PAYMENT, reversal, DAY) == back
        assert (await plain.lookup(INVOICE)).remaining == Money.of("119.00", "EUR")


async def test_a_refusal_of_the_clerk_is_a_hold_with_the_reason_and_can_be_tried_again(
    books: Books,
) -> None:
    async with books.target() as ax:
        number = (await customer(ax)).number
        await ax.create(INVOICE, invoice(number))
        await books.operator("refuse", reason="wrong sales tax group")
        for _ in range(100):
            if (await ax.lookup(INVOICE)).state is PostingState.REJECTED:
                break
            await asyncio.sleep(0.02)
        with pytest.raises(Rejected) as caught:
            await ax.post(INVOICE)
        assert caught.value.hold.cause == "posting-refused"
        assert 'AX says: "wrong sales tax group"' in caught.value.hold.reason
        again = await ax.create(INVOICE, invoice(number))
        assert again.state is PostingState.CREATED
        await books.operator("auto")
        assert len(await books.journal(kind="invoice")) == 1


async def test_a_payment_posted_unapplied_is_settled_afterwards_and_unsettled_again(
    books: Books,
) -> None:
    async with books.target() as ax:
        posted = await posted_invoice(ax, books)
        await ax.create(PAYMENT, payment_record(posted.party or "", HALF))
        paid = await until_posted(ax, PAYMENT)
        assert paid.remaining == HALF
        number = posted.number or ""
        applied = await ax.apply(PAYMENT, number)
        assert applied.applied_to == (number,)
        assert await ax.apply(PAYMENT, number) == applied
        assert (await ax.unapply(PAYMENT, "ANOTHER")) == applied
        assert (await ax.unapply(PAYMENT, number)).remaining == HALF
        assert (await ax.unapply(PAYMENT)).applied_to == ()
        part = Money.of("20.00", "EUR")
        for _ in range(2):
            assert (await ax.apply(PAYMENT, number, part)).remaining == HALF - part
        with pytest.raises(Rejected, match="applies-to-absent"):
            await ax.apply(PAYMENT, "NOSUCH")
        with pytest.raises(Rejected, match="not-posted"):
            await ax.apply(key(Kind.PAYMENT, "5000002"), number)


async def test_without_a_service_for_it_people_settle_and_reverse_and_it_is_recognised(
    books: Books,
) -> None:
    async with books.target() as ax, books.target(service=False) as plain:
        posted = await posted_invoice(ax, books)
        await ax.create(PAYMENT, payment_record(posted.party or "", HALF))
        await until_posted(ax, PAYMENT)
        reversal = key(Kind.PAYMENT_REVERSAL, "5000001")
        number = posted.number or ""
        with pytest.raises(Rejected, match="settle-by-hand"):
            await plain.apply(PAYMENT, number)
        with pytest.raises(Rejected, match="reverse-by-hand"):
            await plain.reverse(PAYMENT, reversal, DAY)
        await ax.apply(PAYMENT, number)
        assert (await plain.apply(PAYMENT, number)).applied_to == (number,)
        with pytest.raises(Rejected, match="settle-by-hand"):
            await plain.unapply(PAYMENT)


async def test_a_reversal_is_a_negative_invoice_that_settles_what_it_takes_back(
    books: Books,
) -> None:
    async with books.target() as ax:
        posted = await posted_invoice(ax, books)
        reversal = key(Kind.INVOICE_REVERSAL)
        record = invoice_record(
            posted.party or "",
            (line("119.00", Quantity="-1"),),
            figures("119.00"),
            kind=Kind.INVOICE_REVERSAL,
            CorrectedInvoiceId=posted.number or "",
        )
        created = await ax.create(reversal, record)
        assert created.figures == record.expected
        credited = await until_posted(ax, reversal)
        assert credited.is_settled
        assert credited.applied_to == (posted.number,)
        assert (await ax.lookup(INVOICE)).state is PostingState.REVERSED


async def test_a_draft_with_other_amounts_gives_way_to_the_record(books: Books) -> None:
    async with books.target() as ax:
        number = (await customer(ax)).number
        first = await ax.create(INVOICE, invoice(number))
        lines = (line("119.00"), line("0.01", account="4900"))
        record = invoice_record(number, lines, figures("119.01"))
        second = await ax.create(INVOICE, record)
        assert second.figures == record.expected
        assert second.number != first.number
        assert len(await books.journal(kind="invoice", state="created")) == 1


async def test_without_a_service_to_delete_it_a_draft_that_differs_is_held(books: Books) -> None:
    async with books.target(service=False) as ax:
        number = (await customer(ax)).number
        await ax.create(INVOICE, invoice(number))
        with pytest.raises(Rejected, match="draft-differs"):
            await ax.create(INVOICE, invoice(number, "120.00"))
        with pytest.raises(Rejected, match="discard-by-hand"):
            await ax.discard(INVOICE)
        await ax.discard(key(Kind.INVOICE, "1000002"))


async def test_a_discarded_document_can_be_made_again_once_its_message_is_settled(
    books: Books,
) -> None:
    async with books.target(settle_seconds=0.1, timeout=0.5) as ax:
        number = (await customer(ax)).number
        await ax.create(INVOICE, invoice(number))
        await ax.discard(INVOICE)
        await ax.discard(INVOICE)
        assert (await ax.lookup(INVOICE)).state is PostingState.ABSENT
        with pytest.raises(OutcomeUnknown, match="seen this message"):
            await ax.create(INVOICE, invoice(number))
        await asyncio.sleep(0.7)
        assert (await ax.create(INVOICE, invoice(number))).state is PostingState.CREATED


async def test_postings_of_others_are_found_by_party_amount_and_date(books: Books) -> None:
    async with books.target() as ax, books.target(service=False) as plain:
        posted = await posted_invoice(ax, books)
        party, amount = posted.party or "", Money.of("119.00", "EUR")
        foreign = payment_record(party, amount)
        other = foreign.model_copy(
            update={"header": {**foreign.header, "LedgerJournalTrans.PaymReference": "THEIRS"}}
        )
        with pytest.raises(Rejected, match="key-overwritten"):
            await ax.create(PAYMENT, other)
        elsewhere = {
            "payment_key": "LedgerJournalTrans.DocumentNum",
            "posted_payment_key": "DocumentNum",
        }
        async with books.target(service=False, fields=elsewhere) as bank:
            record = payment_record(party, amount, DocumentNum="FB-P5000009-1")
            await bank.create(key(Kind.PAYMENT, "5000009"), record)
        for target in (ax, plain):
            for _ in range(50):
                found = await target.find_similar(party, amount, DAY + timedelta(3), 5)
                if found:
                    break
                await asyncio.sleep(0.02)
            assert [one.kind for one in found] == [Kind.PAYMENT]
            assert await target.find_similar(party, amount, DAY + timedelta(30), 5) == []
            assert await target.find_similar(party, HALF, DAY, 5) == []


async def test_one_lookup_of_a_posted_invoice_is_one_call(books: Books) -> None:
    async with books.target() as ax:
        await posted_invoice(ax, books)
        before = len(await books.requests())
        await ax.lookup(INVOICE)
        assert len(await books.requests()) == before + 1
