"""Cash of a posted invoice: what is to be posted, applied, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from documents.cash import Payment
from documents.hold import Hold
from documents.invoice import Invoice
from documents.key import Key
from documents.money import Money
from documents.plan import Step, StepName
from documents.posting import Posting, PostingState
from documents.row import Action
from policies import conversion_holds, converting, holds, late_fees, refunds
from policies.facts import Record, Source
from policies.settings import OrderToCashPolicy
from policies.settling import Shares, beyond, shares
from policies.withdrawals import kept_invoice, withdrawn


def problem(
    source: Source, invoice: Invoice, record: Record, policy: OrderToCashPolicy
) -> Hold | None:
    """What no rule can decide about the payments of an invoice."""
    for payment in source.payments:
        if record.is_given_up(payment.source_id):
            continue
        if payment.amount.currency != invoice.currency:
            return holds.other_currency(invoice.number, invoice.currency, payment)
        key = record.cash_key(payment)
        if policy.edits == "hold" and record.is_live(key) and record.is_changed(payment):
            rates = record.rates_apart(key)
            return (
                conversion_holds.other_rate(payment, *rates)
                if rates
                else holds.payment_edited(invoice, payment)
            )
        if record.is_reversed_by_people(payment):
            return holds.reversed_there("Payment", payment.source_id, payment.source_id)
        if record.is_open_and_not_ours(key):
            certain = payment.is_refund and refunds.is_certain(source, invoice, record, payment)
            number = record.postings[key.text()].number
            if not certain:
                return holds.apply_by_hand(payment.source_id, number, refund=payment.is_refund)
    return (
        converting.problem(source, record)
        or late_fees.problem(source, record)
        or converting.nothing_left(source, record)
        or refunds.problem(source, invoice, record)
    )


def steps(source: Source, invoice: Invoice, record: Record) -> tuple[Step, ...]:
    """Taken back first, then posted, then applied: no money is on two entries at any time."""
    desk = _Desk(source, invoice, record, shares(invoice, source.payments), record.invoice_key)
    found = (
        *withdrawn(source, record),
        *kept_invoice(record),
        *desk.new(),
        *refunds.settled(source, record, desk.shares),
        *desk.unapplied(),
    )
    found = found or tuple(_on_late_fee(source, record, desk.shares))
    return found or tuple(refunds.left_over(source, invoice, record, desk.shares))


def _on_late_fee(source: Source, record: Record, before: Shares) -> Iterator[Step]:
    """What is open of payments beyond the invoice settles its late fee, and no more than that."""
    fee, key = source.late_fee, late_fees.fee_key(record)
    if fee is None:
        return
    left = shares(fee, beyond(before, source.payments))
    too_much = tuple(late_fees.settled_too_much(source, record, left))
    yield from too_much or _Desk(source, fee, record, left, key).unapplied()


def credit_steps(source: Source, invoice: Invoice, record: Record) -> tuple[Step, ...]:
    """Where the bank feed owns cash: only uses of credits that are documents of ours."""
    ours = [p for p in source.payments if p.from_credit and p.credit_id in record.credits]
    uses = source.model_copy(update={"payments": tuple(ours)})
    desk = _Desk(uses, invoice, record, Shares({}), record.invoice_key)
    return (*withdrawn(source, record), *kept_invoice(record), *desk.new())


def on_account(source: Source, record: Record) -> Iterator[Step]:
    """Money for an invoice that was taken back: it came in all the same, and settles nothing."""
    yield from withdrawn(source, record)
    for payment in source.payments:
        key = record.cash_key(payment)
        if payment.from_credit or record.is_live(key) or record.is_given_up(payment.source_id):
            continue
        yield _post(payment, key, "")


def _post(payment: Payment, key: Key, invoice_key: str) -> Step:
    what = "refund" if payment.is_refund else "payment"
    return Step(
        name=StepName.POST_PAYMENT,
        key=key.text(),
        target_key=invoice_key,
        source_id=payment.source_id,
        payment=payment,
        why=f"{what} {payment.source_id} over {payment.amount} is not posted",
    )


@dataclass(frozen=True)
class _Desk:
    """Posts and applies the payments of one invoice, whose posting has the `key`; `shares` is how
    much of each settles it."""

    source: Source
    invoice: Invoice
    record: Record
    shares: Shares
    key: Key

    @property
    def _posted(self) -> Posting | None:
        return self.record.target.get(self.key.text())

    def new(self) -> Iterator[Step]:
        for payment in self.source.payments:
            key = self.record.cash_key(payment)
            if self.record.is_given_up(payment.source_id):
                continue
            if self.record.is_live(key):
                if self._is_news(payment, key):
                    yield _post(payment, key, "")
                continue
            if payment.from_credit and not payment.is_refund:
                yield self._apply_credit(payment, key)
                continue
            yield from self._receipt(payment, key)

    def _receipt(self, payment: Payment, key: Key) -> Iterator[Step]:
        decision = self.record.decision(payment.source_id)
        if decision and decision.action is Action.ADOPT:
            yield self._adopt(payment, key, decision.number)
            return
        at_once = self._settles_at_once(payment)
        yield _post(payment, key, self.record.invoice_key.text() if at_once else "")
        if not at_once and self.shares.of(payment):
            yield self._apply(payment, key, self.shares.of(payment), "settles it afterwards")

    def _is_news(self, payment: Payment, key: Key) -> bool:
        """In the ledger, and not written down here: posted by a clerk, or by a step that could
        not say so. Posting it again finds it, and takes its number over."""
        row, ours = self.record.payments.get(payment.source_id), self.record.postings[key.text()]
        if payment.from_credit or self.record.is_changed(payment) or (row and row.target_number):
            return False
        return bool(ours.number) or ours.state is not PostingState.POSTED

    def _settles_at_once(self, payment: Payment) -> bool:
        """The target applies while it posts as far as both reach, and nothing before the day of
        what is settled."""
        early = payment.date < max(self.invoice.document_date, self._posted_on())
        share = self.shares.of(payment)
        is_all = share == min(payment.amount, self._open_before(payment))
        is_back = payment.source_id in self.shares.given_back
        return bool(share) and is_all and not early and not is_back

    def _open_before(self, payment: Payment) -> Money:
        """What the payments before it leave open of the invoice."""
        before = self.source.payments[: self.source.payments.index(payment)]
        return self.invoice.total - self.shares.together(before, self.invoice.currency)

    def _posted_on(self) -> date:
        found = self._posted
        return (found and found.posting_date) or self.invoice.document_date

    def unapplied(self) -> Iterator[Step]:
        """Posted money that is open although the source counts it on this invoice."""
        invoice = self._posted
        if invoice is None or not invoice.remaining:
            return
        for payment in self.source.payments:
            key, share = self.record.cash_key(payment), self._settles(payment)
            found = self.record.target.get(key.text())
            if self._is_left_alone(payment) or not share or not _is_open(found):
                continue
            if self.record.is_changed(payment):
                continue  # taken back first, and posted anew
            assert found is not None, "what is open was found"
            assert found.remaining is not None, "what is open says how much"
            so_far = found.applied(invoice.number, share)
            if so_far < share:
                more = min(share - so_far, found.remaining, invoice.remaining)
                yield self._apply(payment, key, so_far + more, "is posted and not applied")

    def _settles(self, payment: Payment) -> Money:
        """Its own share, and what this invoice has used of the credit that was made of it."""
        uses = [p for p in self.source.payments if p.uses(payment)]
        live = [p for p in uses if self.record.is_live(self.record.cash_key(p))]
        return self.shares.together([payment, *live], payment.amount.currency)

    def _is_left_alone(self, payment: Payment) -> bool:
        """Not to be applied: a use of credit, what a person gave up, what is taken back now."""
        record, each = self.record, payment.source_id
        is_going = record.is_of_other_customer(each)
        return payment.from_credit or record.is_given_up(each) or is_going

    def _adopt(self, payment: Payment, key: Key, number: str) -> Step:
        return Step(
            name=StepName.ADOPT_PAYMENT,
            key=key.text(),
            source_id=payment.source_id,
            payment=payment,
            number=number,
            why=f"a person says that {number} in the target is payment {payment.source_id}",
        )

    def _apply(self, payment: Payment, key: Key, amount: Money, why: str) -> Step:
        return Step(
            name=StepName.APPLY_PAYMENT,
            key=key.text(),
            target_key=self.key.text(),
            source_id=payment.source_id,
            payment=payment,
            amount=amount,
            why=f"payment {payment.source_id} {why}",
        )

    def _apply_credit(self, payment: Payment, key: Key) -> Step:
        """All that this invoice took of the credit so far: the target counts it as one, together
        with what the payment settled itself, if the credit is of one on this invoice."""
        payments = self.source.payments
        so_far = [p for p in payments if p.from_credit and p.credit_id == payment.credit_id]
        until = Money.total(
            (p.amount for p in so_far[: so_far.index(payment) + 1]), payment.amount.currency
        )
        own = (p for p in payments if payment.uses(p))
        return Step(
            name=StepName.APPLY_CREDIT,
            key=key.text(),
            target_key=self.record.invoice_key.text(),
            source_id=payment.source_id,
            payment=payment,
            amount=until + self.shares.together(own, until.currency),
            why=f"payment {payment.source_id} uses credit: an application, never a receipt",
        )


def _is_open(found: Posting | None) -> bool:
    return found is not None and found.state is PostingState.POSTED and bool(found.remaining)
