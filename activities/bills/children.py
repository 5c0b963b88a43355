"""The rows of a bill's payments: each in its present state, deleted ones too."""

from __future__ import annotations

from activities import rows
from documents.bill import BillPayment
from documents.key import Kind
from documents.row import DocumentRow, DocumentState
from policies.bills.facts import BillFacts
from policies.bills.settings import BillPolicy


def payment_rows(bill: DocumentRow, facts: BillFacts, policy: BillPolicy) -> list[DocumentRow]:
    """One row for each payment that the source has or had."""
    known = facts.record.payments
    gone = known.keys() - {payment.source_id for payment in facts.payments}
    present = [_present(bill, payment, facts, policy) for payment in facts.payments]
    return present + [rows.withdrawn(known[each], facts.record) for each in sorted(gone)]


def _present(
    bill: DocumentRow, payment: BillPayment, facts: BillFacts, policy: BillPolicy
) -> DocumentRow:
    row = facts.record.payments.get(payment.source_id) or DocumentRow(
        connection=bill.connection, kind=Kind.BILL_PAYMENT, source_id=payment.source_id
    )
    live = facts.record.is_live(facts.payment_key(payment.source_id))
    state = DocumentState.POSTED if live else rows.follows(bill)
    reason = "" if live else bill.reason
    if not live and (ignored := _never_posted(payment, facts, policy)):
        state, reason = DocumentState.IGNORED, ignored
    is_held = state is DocumentState.HELD
    return row.model_copy(
        update={
            "source_number": bill.source_number,
            "party_id": bill.party_id,
            "parent_id": bill.source_id,
            # What it was posted with stays until it is taken back and posted again.
            "amount": row.amount if live and row.fingerprint else payment.amount,
            "state": state,
            "reason": reason,
            "hold": bill.hold if is_held else None,
            "held_since": bill.held_since if is_held else None,
        }
    )


def _never_posted(payment: BillPayment, facts: BillFacts, policy: BillPolicy) -> str:
    """Why a payment is none of ours to post, if it is not."""
    decision = facts.record.decision(payment.source_id)
    if decision and facts.record.is_given_up(payment.source_id):
        return f"{decision.action.value} decided by {decision.who}"
    if policy.payments == "target":
        return "the target pays its bills: compared, never posted"
    return ""
