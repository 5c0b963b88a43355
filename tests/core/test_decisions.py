"""A decision is about what was held when it was taken, however often it is carried out."""

from __future__ import annotations

from datetime import UTC, datetime

from activities.signatures import LookRequest
from documents.row import Action, Decision, decision_text
from tests.core.desk import Desk


async def test_a_decision_about_a_payment_never_becomes_one_about_its_invoice(desk: Desk) -> None:
    """The step that carries it out is tried again after its answer was lost."""
    invoice = await desk.sent()
    await desk.driver.invoice(invoice)
    payment = await desk.paid(invoice, "40.00")
    await desk.driver.invoice(invoice)
    await desk.site.clerk.change_payment(payment, amount={"amount": "50.00", "code": "USD"})
    held = await desk.driver.invoice(invoice)
    assert held.cause == "payment-edited-after-posting"
    assert held.hold is not None
    skip = Decision(
        action=Action.SKIP,
        who="Ada",
        why="a bank charge",
        at=datetime.now(UTC),
        payment_id=held.hold.values["payment_id"],
    )
    document = desk.document(invoice)
    text = decision_text(document.connection, document.kind, document.source_id, skip)
    proved = skip.model_copy(update={"proof": desk.site.seal.sign(text)})
    request = LookRequest(document=document, decision=proved)
    for _ in range(2):
        await desk.steps.look(request)
    assert (await desk.row(invoice)).decision is None
