"""What was created in the target and never posted does not stay there unowned."""

from __future__ import annotations

from documents.key import Kind
from documents.posting import PostingState
from documents.record import MappedRecord
from documents.row import Action
from tests.core.desk import TODAY, Desk


async def test_the_draft_of_a_refused_posting_goes_with_the_deleted_invoice(desk: Desk) -> None:
    invoice = await desk.sent()
    key = await desk.drafted(invoice)
    await desk.site.clerk.void_invoice(invoice)
    status = await desk.driver.invoice(invoice)
    assert status.stage == "ignored"
    assert (await desk.in_nav(key)).state is PostingState.ABSENT


async def test_what_was_posted_unseen_is_taken_back_when_the_invoice_is_deleted(
    desk: Desk,
) -> None:
    """The worker died between the reply of NAV and the line that writes it down."""
    invoice = await desk.sent()
    key = await desk.drafted(invoice)
    await desk.site.target.post(key)
    await desk.site.clerk.void_invoice(invoice)
    status = await desk.driver.invoice(invoice)
    assert status.stage == "closed"
    reversal = await desk.in_nav(key.of_kind(Kind.INVOICE_REVERSAL))
    assert reversal.state is PostingState.POSTED


async def test_the_journal_line_of_a_refused_payment_goes_with_the_deleted_payment(
    desk: Desk,
) -> None:
    invoice = await desk.sent()
    await desk.driver.invoice(invoice)
    payment = await desk.paid(invoice, "40.00")
    key = desk.key(Kind.PAYMENT, payment)
    record = await _payment_record(desk, invoice)
    await desk.site.target.create(key, record)
    await desk.site.clerk.delete_payment(payment)
    await desk.driver.invoice(invoice)
    assert (await desk.in_nav(key)).state is PostingState.ABSENT


async def test_a_draft_of_ours_goes_when_people_say_that_it_is_posted_already(desk: Desk) -> None:
    invoice = await desk.sent()
    key = await desk.drafted(invoice)
    party = (await desk.in_nav(key)).party or ""
    number = await desk.site.books.invoice(party, "100.00", TODAY)
    await desk.site.clerk.change_invoice(invoice, notes="as entered by hand")
    status = await desk.driver.decide(Kind.INVOICE, invoice, Action.ADOPT, number=number)
    assert (status.stage, (await desk.row(invoice)).target_number) == ("posted", number)
    assert (await desk.in_nav(key)).state is PostingState.ABSENT
    await desk.paid(invoice, "100.00")
    status = await desk.driver.invoice(invoice)
    assert (status.stage, status.hold) == ("closed", None)


async def test_people_cannot_adopt_a_second_posting_of_what_stands_under_our_key(
    desk: Desk,
) -> None:
    invoice = await desk.sent()
    key = await desk.drafted(invoice)
    party = (await desk.in_nav(key)).party or ""
    await desk.site.target.post(key)
    number = await desk.site.books.invoice(party, "100.00", TODAY)
    status = await desk.driver.decide(Kind.INVOICE, invoice, Action.ADOPT, number=number)
    assert (status.stage, status.cause) == ("held", "adopted-differs")


async def _payment_record(desk: Desk, invoice: int) -> MappedRecord:
    """What the payment step prepares before it sends."""
    from activities.signatures import StepRequest
    from documents.key import Key

    look = await desk.look(invoice)
    (step,) = look.plan.steps
    request = StepRequest(
        document=desk.document(invoice),
        key=step.key,
        target_key=step.target_key,
        payment=step.payment,
    )
    assert step.payment is not None
    receipts, row = await desk.steps._receipts(request, step.payment.source_id)
    number = receipts.invoice.target_number if step.target_key else None
    record = await receipts.record(row, step.payment, Key.parse(step.key), number)
    return await receipts.poster.prepare(Key.parse(step.key), record)
