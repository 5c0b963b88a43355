"""A world for the decision of bills: a source, a target, and people in any order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from activities import rows
from activities.observing import past_reversals
from documents.bill import Bill, BillLine, BillPayment, BillVendor
from documents.customer import Existence
from documents.key import Key, Kind
from documents.money import Money
from documents.plan import Plan, Step, StepName
from documents.posting import Posting, PostingState
from documents.record import Figures, MappedRecord
from documents.row import Action, Decision, DocumentRow, PostingRow
from policies.bills.decide import decide
from policies.bills.facts import BillFacts
from policies.bills.settings import BillPolicy
from policies.facts import Record

ON = date(2026, 3, 2)
VENDOR = BillVendor(source_id="7100001", name="Harbour Paper", account_number="V-PAPER")
_BILLS = (Kind.BILL, Kind.BILL_REVERSAL)


def usd(amount: Decimal | str) -> Money:
    return Money.of(amount, "USD")


def bill(amount: str = "100") -> Bill:
    line = BillLine(line_id="1", category_id="1", category="Travel", net=usd(amount))
    return Bill(
        source_id="7000001",
        number="HP-778",
        vendor=VENDOR,
        document_date=ON,
        lines=(line,),
        total=usd(amount),
        outstanding=usd(amount),
    )


@dataclass
class Posted:
    """One posting of the target: of what content, whether it stands."""

    key: Key
    made_of: str
    amount: Decimal
    stands: bool = True
    applied: bool = False


@dataclass
class World:
    """Everything that is outside of the decision. `look` carries out one whole look. `applies`
    says that the target applies a payment by itself as it posts it."""

    policy: BillPolicy = field(default_factory=BillPolicy)
    content: Bill = field(default_factory=bill)
    applies: bool = True
    payments: dict[str, BillPayment] = field(default_factory=dict)
    alike: tuple[str, ...] = ()
    target: dict[str, Posted] = field(default_factory=dict)
    by_others: Decimal = Decimal(0)
    last: Plan | None = None
    row: DocumentRow = field(
        default_factory=lambda: DocumentRow(connection="c", kind=Kind.BILL, source_id="7000001")
    )

    def edit(self, amount: str) -> None:
        self.content = bill(amount).model_copy(update={"existence": self.content.existence})

    def withdraw(self, *, back: bool = False) -> None:
        existence = Existence.ACTIVE if back else Existence.DELETED
        self.content = self.content.model_copy(update={"existence": existence})

    def pay(self, payment_id: str, amount: str, day: date = ON) -> None:
        self.payments[payment_id] = BillPayment(
            source_id=payment_id, bill_id="7000001", amount=usd(amount), date=day, type="Check"
        )

    def unpay(self, payment_id: str) -> None:
        self.payments.pop(payment_id, None)

    def decide(self, action: Action, **more: Any) -> None:
        at = datetime(2026, 3, 2, tzinfo=UTC)
        self.row = rows.decided(
            self.row, Decision(action=action, who="Pat", why="x", at=at, **more)
        )

    def standing(self, *kinds: Kind) -> list[Posted]:
        return [p for p in self.target.values() if p.key.kind in kinds and p.stands]

    def facts(self) -> BillFacts:
        postings = {text: _row(posted) for text, posted in self.target.items()}
        target = {text: self._posting(posted) for text, posted in self.target.items()}
        record = Record(tag="T", row=self.row, postings=postings, target=target)
        record = past_reversals(record, Kind.BILL)
        self.row = record.row
        paid = sum((p.amount.amount for p in self.payments.values()), Decimal(0))
        content = self.content.model_copy(update={"outstanding": self.content.total - usd(paid)})
        return BillFacts(
            bill=content,
            payments=tuple(self.payments.values()),
            alike=self.alike,
            record=record,
        )

    def look(self, *, dies: bool = False) -> Plan:
        """One look with its steps; one that dies does the first step and can say nothing of it."""
        plan = self.last = decide(self.facts(), self.policy)
        for step in plan.steps:
            self.carry_out(step, remembers=not dies)
            if dies:
                return plan
        live = self.facts().record.is_live(self.facts().key)
        self.row = rows.planned(self.row, plan, live=live, now=datetime(2026, 3, 2, tzinfo=UTC))
        return plan

    def rest(self, looks: int = 30) -> Plan:
        """Looks until nothing is to be done any more."""
        for _ in range(looks):
            plan = self.look()
            if not plan.steps:
                return plan
        raise AssertionError(f"no rest after {looks} looks: {self.last}")

    def carry_out(self, step: Step, *, remembers: bool) -> None:
        key = Key.parse(step.key)
        match step.name:
            case StepName.POST_BILL | StepName.ADOPT_BILL:
                self._post(key, self.content.fingerprint(), self.content.total.amount)
                if remembers:
                    self.row = rows.posted(
                        self.row, key, self._posting(self.target[key.text()]), self._made_of(key)
                    )
            case StepName.POST_BILL_PAYMENT:
                assert step.bill_payment is not None
                payment = step.bill_payment
                self._post(key, payment.fingerprint(), payment.amount.amount, self.applies)
            case StepName.APPLY_BILL_PAYMENT:
                self.target[step.key].applied = True
            case StepName.REVERSE_BILL | StepName.REVERSE_BILL_PAYMENT:
                self._reverse(key, Key.parse(step.target_key), remembers=remembers)
            case _:
                raise AssertionError(f"unexpected step {step}")

    def _post(self, key: Key, made_of: str, amount: Decimal, applied: bool = False) -> None:
        """The target refuses a second posting with the key: the first one stands."""
        self.target.setdefault(key.text(), Posted(key, made_of, amount, applied=applied))

    def _reverse(self, key: Key, original: Key, *, remembers: bool) -> None:
        posted = self.target[original.text()]
        assert posted.stands, "taken back twice"
        if original.kind is Kind.BILL:
            assert not self.paid, "what is paid was taken back"
            if remembers:
                self.row = rows.reversed_once_more(self.row, original)
        posted.stands = False
        self._post(key, "", posted.amount)

    def _made_of(self, key: Key) -> str:
        return self.target[key.text()].made_of

    @property
    def paid(self) -> Decimal:
        ours = (p.amount for p in self.standing(Kind.BILL_PAYMENT) if p.applied)
        return self.by_others + sum(ours, Decimal(0))

    def _posting(self, posted: Posted) -> Posting:
        total = usd(posted.amount)
        left = posted.amount - self.paid
        if posted.key.kind is not Kind.BILL:
            left = Decimal(0) if posted.applied else posted.amount
        return Posting(
            key=posted.key.text(),
            kind=posted.key.kind,
            state=PostingState.POSTED,
            number=f"N-{posted.key.text()}",
            figures=Figures(net=total, tax=usd("0"), total=total),
            remaining=usd(left),
        )


def _row(posted: Posted) -> PostingRow:
    key = posted.key
    record = MappedRecord(kind=key.kind, entity="x", header={}, made_of=posted.made_of)
    return PostingRow(
        key=key.text(),
        connection="c",
        kind=key.kind,
        source_id=key.source_id,
        generation=key.generation,
        state=PostingState.POSTED,
        number=f"N-{key.text()}",
        record=record,
    )
