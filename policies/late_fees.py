"""Late fees that the source adds to an invoice which is in the books already.

By policy such a fee is an invoice of its own beside the posted one, under a key of its own that is
made of the invoice's id: looks find it again. What is paid settles the invoice before the fee.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from documents.hold import Hold
from documents.invoice import Invoice, InvoiceLine
from documents.key import Key, Kind
from documents.money import Money
from documents.plan import Outcome, Plan, Step, StepName
from documents.posting import Posting, PostingState
from documents.row import Action
from policies import late_fee_holds, opening
from policies.facts import Record, Source
from policies.settings import OrderToCashPolicy
from policies.settling import Shares, entered


def fee_key(record: Record) -> Key:
    """The key of the fee's present or next posting."""
    return record.next_key(Kind.LATE_FEE, record.row.source_id)


def lines_of(invoice: Invoice, policy: OrderToCashPolicy) -> list[InvoiceLine]:
    """The fees on an invoice; none on one of nothing but fees, which a person billed."""
    names = tuple(name.casefold() for name in policy.late_fee_names)
    fees = [line for line in invoice.lines if line.name.casefold().startswith(names)]
    return fees if len(fees) < len(invoice.lines) else []


def apart(source: Source, record: Record, policy: OrderToCashPolicy) -> Source:
    """The source with the fee beside its invoice, where it was added after the posting or stands
    in the books beside it already. Where what else was edited makes that uncertain, as it is."""
    invoice, key = source.invoice, fee_key(record)
    if invoice is None or source.late_fee or invoice.fingerprint() == record.row.fingerprint:
        return source
    ours, is_live = policy.late_fees == "supplementary invoice", record.is_live(key)
    is_opening = opening.is_before(invoice.document_date, policy)
    if record.exchange is not None or is_opening or not (ours or is_live):
        return source
    ways = list(_ways(invoice, policy))
    posted = [way for way in ways if way[0].fingerprint() == record.row.fingerprint]
    beside = [way for way in ways if is_live and way[1].fingerprint() == record.made_of(key)]
    for base, fee in [*posted, *beside][:1]:
        return source.model_copy(update={"invoice": base, "late_fee": fee})
    return source


def _ways(invoice: Invoice, policy: OrderToCashPolicy) -> Iterator[tuple[Invoice, Invoice]]:
    """Fees were posted with the invoice up to one of them, and all after it were added."""
    fees = lines_of(invoice, policy)
    for first in range(len(fees)):
        parts = invoice.apart(fees[first:])
        if parts:
            yield parts


def plan(source: Source, record: Record) -> Plan | None:
    """What is to be done about the fee of a posted invoice; None when it stands as it should."""
    fee, key = source.late_fee, fee_key(record)
    if record.is_live(key):
        if fee is None:
            return _taken_back(record, "the late fee was taken off the invoice")
        return _posted_anew(record, key) if _is_changed(record, key, fee) else None
    if fee is None:
        return _discarded(record, key) if record.is_under_way(key) else None
    if _is_reversed_by_people(record, key):
        hold = late_fee_holds.reversed_there(fee)
        return Plan(outcome=Outcome.HELD, reason=hold.reason, hold=hold)
    return None if is_waiting(source, record) else _posted(fee, record, key)


def is_waiting(source: Source, record: Record) -> bool:
    """Whether the fee as it is now waits in the target for somebody there to post it."""
    fee, key = source.late_fee, fee_key(record)
    is_created = record.state(key) is PostingState.CREATED
    return fee is not None and is_created and record.made_of(key) == fee.fingerprint()


def is_unclear(source: Source, record: Record) -> bool:
    """Whether it takes the postings of the payments to know what of the fee is paid."""
    fee, found = source.late_fee, posting(record)
    if found is None or found.state is not PostingState.POSTED:
        return False
    return fee is None or found.remaining != fee.owed or _is_changed(record, fee_key(record), fee)


def posting(record: Record) -> Posting | None:
    """What the target says of the fee."""
    return record.target.get(fee_key(record).text())


def is_settled(source: Source, record: Record) -> bool:
    """Whether nothing is open of the fee; also when there is none."""
    found = posting(record)
    return source.late_fee is None or (found is not None and found.is_settled)


def taken_back(record: Record, why: str, on: date | None, gone: Collection[str] = ()) -> list[Step]:
    """The fee out of the books, if it is there: its payments become unapplied cash first, but for
    those of the keys that go themselves."""
    key, found = fee_key(record), posting(record)
    if not record.is_live(key):
        return []
    settling = [
        row
        for row in record.live(Kind.PAYMENT)
        if row.key not in gone
        and (paid := record.target.get(row.key))
        and found
        and found.number in paid.applied_to
    ]
    unapply = [
        _unapply(record, row.key, f"{why}: its payment becomes unapplied cash first")
        for row in settling
    ]
    reverse = Step(
        name=StepName.REVERSE_INVOICE,
        key=key.of_kind(key.kind.reversal).text(),
        target_key=key.text(),
        source_id=record.row.source_id,
        posting_date=on,
        why=why,
    )
    return [*unapply, reverse]


def settled_too_much(source: Source, record: Record, left: Shares) -> Iterator[Step]:
    """Payments that settle more of the fee than the invoice leaves of them: it was edited, say."""
    found = posting(record)
    for payment in source.payments:
        key, share = record.cash_key(payment).text(), left.of(payment)
        paid = record.target.get(key)
        is_on_fee = found and paid and found.number in paid.applied_to
        if found and paid and is_on_fee and paid.applied(found.number, share) > share:
            yield _unapply(record, key, f"payment {payment.source_id} pays the invoice first")


def problem(source: Source, record: Record) -> Hold | None:
    """A use of credit that reaches the fee: what of it settles which is for people to say."""
    invoice, fee = source.invoice, source.late_fee
    if invoice is None or fee is None:
        return None
    covered = Money.zero(invoice.currency)
    for payment in sorted(source.payments, key=entered):
        if payment.is_refund or payment.amount.currency != invoice.currency:
            continue
        is_left = record.is_given_up(payment.source_id)
        covered += payment.amount
        if payment.from_credit and not is_left and covered.amount > invoice.total.amount:
            return late_fee_holds.paid_with_credit(payment, fee)
    return None


def _is_changed(record: Record, key: Key, fee: Invoice) -> bool:
    made = record.made_of(key)
    return made != fee.fingerprint() if made else record.postings[key.text()].amount != fee.total


def _is_reversed_by_people(record: Record, key: Key) -> bool:
    """Taken out of the books by no reversal of ours: not put back unasked."""
    decision = record.row.decision
    if key.generation == 1 or (decision and decision.released):
        return False
    last = key.model_copy(update={"generation": key.generation - 1})
    return not record.is_posted(last.of_kind(last.kind.reversal))


def _posted(fee: Invoice, record: Record, key: Key) -> Plan:
    """Posted by us, or a person said under which number people did."""
    decision, why = record.row.decision, f"a late fee of {fee.total} was added after posting"
    adopts = decision is not None and decision.action is Action.ADOPT
    number = decision.number if decision and adopts else ""
    adopts = adopts and number != record.row.target_number
    step = Step(
        name=StepName.ADOPT_INVOICE if adopts else StepName.POST_INVOICE,
        key=key.text(),
        source_id=fee.source_id,
        number=number if adopts else "",
        why=why,
    )
    return _plan(why, [step])


def _unapply(record: Record, payment: str, why: str) -> Step:
    return Step(
        name=StepName.UNAPPLY_PAYMENT,
        key=payment,
        target_key=fee_key(record).text(),
        source_id=Key.parse(payment).source_id,
        why=why,
    )


def _posted_anew(record: Record, key: Key) -> Plan:
    why, on = "the late fee was changed after posting", record.posted_on(key)
    prepare = Step(
        name=StepName.PREPARE_AGAIN,
        key=key.model_copy(update={"generation": key.generation + 1}).text(),
        target_key=key.text(),
        source_id=record.row.source_id,
        posting_date=on,
        why=f"{why}: before it is taken back it must be certain that it can be posted anew",
    )
    return _plan(why, [prepare, *taken_back(record, why, on)])


def _taken_back(record: Record, why: str) -> Plan:
    """Like an edit: in the month in which it was posted."""
    return _plan(why, taken_back(record, why, record.posted_on(fee_key(record))))


def _discarded(record: Record, key: Key) -> Plan:
    why = "the late fee was taken off the invoice before it was posted"
    source_id = record.row.source_id
    step = Step(name=StepName.DISCARD_DRAFT, key=key.text(), source_id=source_id, why=why)
    return _plan(why, [step])


def _plan(why: str, steps: Sequence[Step]) -> Plan:
    return Plan(outcome=Outcome.WAITING, reason=why, steps=tuple(steps), look_again=True)
