"""The decision of a credit note: which credits are documents of their own, and when they end."""

from __future__ import annotations

from datetime import date

from documents.cash import CreditNote, CreditType
from documents.customer import Existence
from documents.hold import Hold
from documents.key import Key, Kind
from documents.plan import Outcome, Plan, Step, StepName
from documents.posting import PostingState
from documents.row import Action, Decision
from policies import holds, opening
from policies.facts import Record
from policies.settings import OrderToCashPolicy

_KINDS = {CreditType.GOODWILL: Kind.CREDIT_NOTE, CreditType.PREPAYMENT: Kind.PREPAYMENT}


def entry_key(note: CreditNote, record: Record) -> Key | None:
    """The key of what a credit note becomes: a goodwill one a credit memo, a prepayment a
    receipt; None for an over-payment, whose money came in with its payment."""
    kind = _KINDS.get(note.type)
    return record.key(kind, note.source_id, record.row.generation) if kind else None


def present_key(note: CreditNote, record: Record, policy: OrderToCashPolicy) -> Key | None:
    """The key of the entry that stands for a credit: posted by us, or of the opening balance."""
    if opening.is_before(note.document_date, policy):
        return opening.entry_key(note, record)
    return entry_key(note, record)


def decide(
    note: CreditNote | None, unreadable: Hold | None, record: Record, policy: OrderToCashPolicy
) -> Plan:
    """The next steps of one credit note, with reasons."""
    decision = record.row.decision
    if decision and decision.action in (Action.SKIP, Action.ABANDON):
        return _given_up(note, record, decision)
    if unreadable:
        return Plan.held(unreadable)
    if note is None:
        return Plan(outcome=Outcome.IGNORED, reason="not known at the source")
    if opening.is_before(note.document_date, policy) and note.existence is not Existence.DELETED:
        return _adopted(note, opening.entry_key(note, record), record) or opening.link_credit(
            note, record
        )
    key = entry_key(note, record)
    if key is None:
        return Plan(
            outcome=Outcome.IGNORED,
            reason="credit of an over-payment: money that came in with its payment",
        )
    if key.kind is Kind.PREPAYMENT and policy.cash_owner == "bank feed":
        return Plan(
            outcome=Outcome.IGNORED, reason="a prepayment is cash, which the bank feed owns"
        )
    return _adopted(note, key, record) or _own_document(note, key, record, policy)


def _adopted(note: CreditNote, key: Key, record: Record) -> Plan | None:
    """A person says which posting of the target is this credit."""
    decision = record.row.decision
    gone = note.existence is Existence.DELETED
    if gone or record.is_live(key) or decision is None or decision.action is not Action.ADOPT:
        return None
    why = f"a person says that {decision.number} in the target is credit {note.number}"
    return _step(StepName.ADOPT_CREDIT_NOTE, key, "", why, decision.number)


def _given_up(note: CreditNote | None, record: Record, decision: Decision) -> Plan:
    """Abandoned: what was posted is taken back first. What is not posted yet never comes."""
    why = f"{decision.action.value} decided by {decision.who}"
    key = entry_key(note, record) if note else None
    if note and key and decision.action is Action.ABANDON and record.is_live(key):
        return _in_use(note) if note.used else _reverse(key, why)
    if key and record.is_under_way(key):
        return _step(StepName.DISCARD_DRAFT, key, "", why)
    is_abandoned = decision.action is Action.ABANDON
    unsettled = _unsettled_reversal(key, record) if key and is_abandoned else None
    return unsettled or Plan(outcome=Outcome.IGNORED, reason=why)


def _in_use(note: CreditNote) -> Plan:
    return Plan.held(holds.credit_in_use(note))


def _own_document(note: CreditNote, key: Key, record: Record, policy: OrderToCashPolicy) -> Plan:
    live = record.is_live(key)
    if unsettled := _unsettled_reversal(key, record):
        return unsettled
    if record.state(key) is PostingState.REVERSED and note.existence is not Existence.DELETED:
        return Plan.held(holds.reversed_there("Credit", note.number))
    if note.existence is Existence.DELETED:
        if live and note.used:
            return _in_use(note)
        deleted = "the credit was deleted at the source"
        return _reverse(key, deleted) if live else _over(key, record)
    if live and _is_changed(note, key, record):
        return _edited(note, key, record, policy)
    if live and record.row.target_number:
        return Plan(outcome=Outcome.CLOSED, reason=f"posted as {record.row.target_number}")
    why = f"credit {note.number} over {note.total} is not posted"
    return _step(StepName.POST_CREDIT_NOTE, key, "", why)


def _is_changed(note: CreditNote, key: Key, record: Record) -> bool:
    posted_as = record.row.fingerprint or record.made_of(key)
    return bool(posted_as) and posted_as != note.fingerprint()


def _edited(note: CreditNote, key: Key, record: Record, policy: OrderToCashPolicy) -> Plan:
    """What invoices use of it would have to be taken from them first: that people decide."""
    if policy.edits == "hold" or note.used:
        return Plan.held(holds.credit_edited(note, record))
    why, on = "the credit was edited after posting", record.posted_on(key)
    prepare = Step(
        name=StepName.PREPARE_CREDIT_NOTE_AGAIN,
        key=key.model_copy(update={"generation": key.generation + 1}).text(),
        target_key=key.text(),
        source_id=key.source_id,
        posting_date=on,
        why=f"{why}: before it is taken back it must be certain that it can be posted anew",
    )
    plan = _reverse(key, why, on)
    return plan.model_copy(update={"steps": (prepare, *plan.steps)})


def _reverse(key: Key, why: str, on: date | None = None) -> Plan:
    reversal = key.of_kind(key.kind.reversal)
    return _step(StepName.REVERSE_CREDIT_NOTE, reversal, key.text(), why, on=on)


def _unsettled_reversal(key: Key, record: Record) -> Plan | None:
    """The last credit memo that was taken back and the document that did it, both open: the
    customer owes the one and is owed the other."""
    if key.kind is not Kind.CREDIT_NOTE or key.generation == 1:
        return None
    last = key.model_copy(update={"generation": key.generation - 1})
    back = last.of_kind(last.kind.reversal)
    found = [record.target.get(each.text()) for each in (last, back)]
    if not all(each and each.state is PostingState.POSTED and each.remaining for each in found):
        return None
    why = "the credit and the document that took it back are both open"
    return _step(StepName.SETTLE_REVERSAL, back, last.text(), why)


def _over(key: Key, record: Record) -> Plan:
    if record.is_under_way(key):
        why = "the credit was deleted before its draft was posted"
        return _step(StepName.DISCARD_DRAFT, key, "", why)
    if record.row.reversed_count:
        return Plan(outcome=Outcome.CLOSED, reason="deleted at the source, reversed in the target")
    return Plan(outcome=Outcome.IGNORED, reason="deleted before it was posted")


def _step(
    name: StepName,
    key: Key,
    target_key: str,
    why: str,
    number: str = "",
    on: date | None = None,
) -> Plan:
    step = Step(
        name=name, key=key.text(), target_key=target_key, source_id=key.source_id, why=why,
        number=number, posting_date=on,
    )  # fmt: skip
    return Plan.doing(why, step)
