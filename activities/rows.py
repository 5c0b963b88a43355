"""How a look and its steps change the rows of our store: one row per source document."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from connectors.ports import Unreadable
from documents.cash import CreditNote, Payment
from documents.invoice import Invoice
from documents.key import Key, Kind
from documents.plan import Outcome, Plan
from documents.posting import Posting
from documents.row import Action, Decision, DocumentRow, DocumentState, PostingRow
from policies.facts import Record
from policies.settings import OrderToCashPolicy

_TO_BE_DONE = (Action.SKIP, Action.ABANDON, Action.ADOPT)


def seen(row: DocumentRow, found: Invoice | CreditNote | Unreadable | None) -> DocumentRow:
    """The row with what the source now says of number, party and amount. What a document was
    posted with stays until the next posting, so an edit never changes the books unseen."""
    if found is None:
        return row
    if row.fingerprint:
        # Another number is no edit: people find the document by the one it has now.
        return row.model_copy(update={"source_number": found.number})
    if isinstance(found, Unreadable):
        return row.model_copy(update={"source_number": found.number, "amount": found.amount})
    return row.model_copy(
        update={
            "source_number": found.number,
            "party_id": found.party_id,
            "amount": found.total,
        }
    )


def decided(row: DocumentRow, decision: Decision | None) -> DocumentRow:
    """The row with a person's decision. Corrections add up; a retry keeps them and lifts only
    what gave the document up. A release says what somebody saw in the target, and takes nothing
    back of what was decided to be done with the document."""
    if decision is None:
        return row
    before = row.decision
    if decision.action is Action.RETRY:
        gave_up = before is not None and before.action in (Action.SKIP, Action.ABANDON)
        return row.model_copy(update={"decision": None}) if gave_up else row
    if decision.action is Action.RELEASE and before and before.action in _TO_BE_DONE:
        return row.model_copy(update={"decision": before.model_copy(update={"released": True})})
    values = {**(before.values if before else {}), **decision.values}
    released = decision.action is Action.RELEASE or (before is not None and before.released)
    correctors = (
        *(before.correctors if before else ()),
        *((decision.who,) if decision.values else ()),
    )
    kept = decision.model_copy(
        update={
            "values": values,
            "released": released,
            "correctors": tuple(dict.fromkeys(correctors)),
        }
    )
    return row.model_copy(update={"decision": kept})


def decided_about(
    row: DocumentRow, children: dict[str, DocumentRow], decision: Decision | None
) -> tuple[DocumentRow, dict[str, DocumentRow]]:
    """A decision about a hold that names a payment is one about that payment."""
    if decision is None:
        return row, children
    payment_id = decision.payment_id
    if payment_id is None:
        payment_id = row.hold.values.get("payment_id", "") if row.hold else ""
    if payment_id not in children:
        return decided(row, decision), children
    return row, {**children, payment_id: decided(children[payment_id], decision)}


def planned(row: DocumentRow, plan: Plan, *, live: bool, now: datetime) -> DocumentRow:
    """The row as the plan leaves it: its state, the reason, and the hold if there is one."""
    held = plan.outcome is Outcome.HELD
    same = held and row.hold is not None and plan.hold is not None
    same = (
        same
        and row.hold is not None
        and plan.hold is not None
        and row.hold.cause == plan.hold.cause
    )
    return row.model_copy(
        update={
            "state": _state(row, plan, live=live),
            "reason": plan.reason,
            "hold": plan.hold,
            "held_since": (row.held_since if same else now) if held else _still(row, plan),
            "closed": plan.outcome in (Outcome.CLOSED, Outcome.IGNORED) and not plan.steps,
        }
    )


def _still(row: DocumentRow, plan: Plan) -> datetime | None:
    """Another try of what was held: if it is held again, then since the first time."""
    return row.held_since if plan.steps else None


def _state(row: DocumentRow, plan: Plan, *, live: bool) -> DocumentState:
    if plan.outcome is Outcome.HELD:
        return DocumentState.HELD
    if plan.outcome is Outcome.IGNORED and not live:
        return DocumentState.IGNORED
    return DocumentState.POSTED if live or row.reversed_count else DocumentState.IN_FLIGHT


def payment_rows(
    row: DocumentRow, payments: Iterable[Payment], record: Record, policy: OrderToCashPolicy
) -> list[DocumentRow]:
    """A row for each payment of the invoice, in its present state; deleted ones included."""
    present = list(payments)
    gone = record.payments.keys() - {payment.source_id for payment in present}
    rows = [_payment_row(row, payment, record, policy) for payment in present]
    return rows + [withdrawn(record.payments[each], record) for each in sorted(gone)]


def _payment_row(
    invoice: DocumentRow, payment: Payment, record: Record, policy: OrderToCashPolicy
) -> DocumentRow:
    row = record.payments.get(payment.source_id) or DocumentRow(
        connection=invoice.connection, kind=Kind.PAYMENT, source_id=payment.source_id
    )
    live = record.is_live(record.cash_key(payment))
    state = DocumentState.POSTED if live else follows(invoice)
    reason = "" if live else invoice.reason
    if not live and (ignored := _never_posted(payment, record, policy)):
        state, reason = DocumentState.IGNORED, ignored
    is_held = state is DocumentState.HELD
    return row.model_copy(
        update={
            "source_number": invoice.source_number,
            "party_id": invoice.party_id,
            "parent_id": invoice.source_id,
            # What it was posted with stays until it is taken back and posted again.
            "amount": row.amount if live and row.fingerprint else payment.amount,
            "state": state,
            "reason": reason,
            "hold": invoice.hold if is_held else None,
            "held_since": invoice.held_since if is_held else None,
        }
    )


def _never_posted(payment: Payment, record: Record, policy: OrderToCashPolicy) -> str:
    """Why a payment is none of ours to post, if it is not."""
    decision = record.decision(payment.source_id)
    if decision and record.is_given_up(payment.source_id):
        return f"{decision.action.value} decided by {decision.who}"
    if policy.cut_over_date and payment.date < policy.cut_over_date:
        return "dated before the cut-over: the opening balance contains it"
    ours = payment.from_credit and payment.credit_id in record.credits
    if policy.cash_owner == "bank feed" and not ours:
        return "the target's bank feed owns cash: compared, never posted"
    return ""


def follows(invoice: DocumentRow) -> DocumentState:
    """A payment that is not posted shares its invoice's fate."""
    if invoice.state in (DocumentState.HELD, DocumentState.IGNORED):
        return invoice.state
    return DocumentState.IN_FLIGHT


def withdrawn(child: DocumentRow, record: Record) -> DocumentRow:
    """Deleted at the source: what was posted stays counted as posted, its reversal beside it."""
    if any(row.source_id == child.source_id and row.number for row in record.postings.values()):
        return child
    return child.model_copy(
        update={
            "state": DocumentState.IGNORED,
            "reason": "deleted before it was posted",
            "closed": True,
        }
    )


def posted(row: DocumentRow, key: Key, posting: Posting, fingerprint: str) -> DocumentRow:
    """The row of a document whose posting was confirmed; `fingerprint` digests what was sent."""
    return row.model_copy(
        update={
            "state": DocumentState.POSTED,
            "generation": key.generation,
            "fingerprint": fingerprint,
            "target_number": posting.number or "",
            "target_party": posting.party or "",
            "hold": None,
            "held_since": None,
        }
    )


def converted(row: DocumentRow, kept: PostingRow | None) -> DocumentRow:
    """The row with what its document was converted at as the reason: the audit journal tells it
    of the posting."""
    made = kept.exchange if kept else None
    if made is None:
        return row
    return row.model_copy(update={"reason": f"{made.amount} is {made.booked} at {made.rate}"})


def created(row: DocumentRow, posting: Posting, fingerprint: str) -> DocumentRow:
    """The row of a document that waits in the target for somebody there to post it."""
    return row.model_copy(
        update={
            "state": DocumentState.IN_FLIGHT,
            "reason": f"created as {posting.number or 'a draft'}, waits to be posted in the target",
            "fingerprint": fingerprint,
            "target_party": posting.party or "",
            "hold": None,
            "held_since": None,
        }
    )


def waits_for_late_fee(row: DocumentRow, posting: Posting) -> DocumentRow:
    """The row of a posted invoice whose late fee waits in the target for somebody to post it."""
    number = posting.number or "a draft"
    return row.model_copy(
        update={
            "state": DocumentState.IN_FLIGHT,
            "reason": f"its late fee was created as {number}, waits to be posted in the target",
        }
    )


def reversed_once_more(row: DocumentRow, key: Key) -> DocumentRow:
    """After a confirmed reversal of `key`'s generation: the next posting is a new generation."""
    if row.generation > key.generation:
        return row
    return row.model_copy(
        update={
            "generation": key.generation + 1,
            "reversed_count": row.reversed_count + 1,
            "fingerprint": "",
        }
    )
