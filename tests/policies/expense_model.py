"""A world for the decision of expenses: a source, a review, a target, and people in any order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from activities import rows
from activities.expenses.claiming import state_of
from documents.claim import Claim, ClaimId, ClaimReview, Part
from documents.expense import Expense, ExpenseStage, Payer, Staff
from documents.key import Key, Kind
from documents.money import Money
from documents.plan import Outcome, Step, StepName
from documents.posting import Posting, PostingState
from documents.record import Figures, MappedRecord
from documents.review import Answer, Review, Verdict
from documents.row import Action, Decision, DocumentRow, PostingRow
from policies.expenses import approvals, claims, membership
from policies.expenses.decide import ExpensePlan, decide
from policies.expenses.facts import ExpenseFacts
from policies.expenses.settings import ExpensePolicy, Level, PayerRule, PersonLink
from policies.facts import Record

ERIN, NOOR, OWEN, ZOE = "Erin", "Noor", "Owen", "Zoe"
PEOPLE = (ERIN, NOOR, OWEN, ZOE)
_RECORD = MappedRecord(kind=Kind.EXPENSE, entity="invoice", header={})
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def policy(**changes: object) -> ExpensePolicy:
    """Two levels, of which the claimant is one of the approvers, on purpose."""
    found: dict[str, object] = {
        "people": tuple(
            PersonLink(name=name, staff_id=str(number), vendor=f"V-{name}")
            for number, name in enumerate(PEOPLE, 1)
        ),
        "who_paid": (
            PayerRule(payer=Payer.COMPANY, accounts=("Card",)),
            PayerRule(payer=Payer.PERSON),
        ),
        "levels": (
            Level(above={"USD": Decimal(50)}, approvers=(ERIN, NOOR)),
            Level(above={"USD": Decimal(500)}, approvers=(ERIN, OWEN, NOOR)),
        ),
        "escalate_to": (ZOE,),
        **changes,
    }
    return ExpensePolicy.model_validate(found)


def expense(amount: str = "100", **changes: object) -> Expense:
    gross = Money.of(amount, "USD")
    found: dict[str, object] = {
        "source_id": "5000001",
        "stage": ExpenseStage.ENTERED,
        "staff": Staff(source_id="1", name=ERIN),
        "category_id": "1",
        "category": "Travel",
        "document_date": date(2026, 3, 2),
        "gross": gross,
        "net": gross,
        **changes,
    }
    return Expense.model_validate(found)


@dataclass
class Posted:
    """One posting of the target: what it was made of, what is still open, whether it stands."""

    content: Expense
    version: str
    approved_by: tuple[str, ...]
    open: Decimal
    reversed: bool = False
    by_hand: bool = False
    credited: bool = False


@dataclass
class ClaimBook:
    """What the store remembers of one claim. `heard` is every answer that counted, with what
    whoever answered had before their eyes."""

    policy: ExpensePolicy
    id: ClaimId
    parts: dict[str, Part] = field(default_factory=dict)
    review: ClaimReview = field(default_factory=ClaimReview)
    heard: list[tuple[str, Answer, dict[str, str]]] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)

    def claim(self, now: datetime) -> Claim:
        return claims.claim_of(self.id, self.parts.values(), self.review, self.policy, now)

    def joined(self, facts: ExpenseFacts) -> ExpenseFacts:
        claim = self.claim(facts.now)
        return membership.with_answers(facts.model_copy(update={"claim": claim}))

    def note(self, facts: ExpenseFacts, planned: ExpensePlan) -> None:
        assert facts.expense is not None
        state = state_of(facts, planned)
        part = planned.part or membership.part_of(
            facts, facts.expense, planned.findings, self.policy, state
        )
        part = part.model_copy(update={"state": state})
        self.parts[facts.expense.source_id] = part

    def tell(self, now: datetime) -> None:
        """The claim is looked at, and tells its expenses what was decided."""
        settled = claims.decide(self.claim(now), self.policy).settled
        self.review = self.review.model_copy(update={"told": settled})

    def answer(self, who: str, answer: Answer, now: datetime, version: str = "") -> str:
        """An answer about what people see, or about a version that they saw before."""
        claim = self.claim(now)
        need, asked = claims.need_of(claim, self.policy), claims.batch(claim, self.policy)
        version = version or (need.version if need else "none")
        self.versions.append(version)
        verdict = Verdict(answer=answer, who=who, version=version, at=now)
        given, refused = claims.heard(claim, verdict, self.policy)
        if given:
            self.heard.append((who, answer, {p.source_id: str(p.amount) for p in asked}))
        self.review = self.review.model_copy(update={"verdicts": (*self.review.verdicts, *given)})
        return refused


@dataclass
class World:
    """Everything that is outside of the decision. `look` carries out one whole look."""

    policy: ExpensePolicy
    content: Expense
    now: datetime = START
    row: DocumentRow = field(
        default_factory=lambda: DocumentRow(connection="c", kind=Kind.EXPENSE, source_id="5000001")
    )
    target: dict[str, Posted] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    correctors: set[str] = field(default_factory=set)
    last: ExpensePlan | None = None
    book: ClaimBook | None = None

    def edit(self, amount: str) -> None:
        gross = Money.of(amount, "USD")
        self.content = self.content.model_copy(update={"gross": gross, "net": gross})

    def withdraw(self, *, back: bool = False) -> None:
        stage = ExpenseStage.ENTERED if back else ExpenseStage.DELETED
        self.content = self.content.model_copy(update={"stage": stage})

    def correct(self, who: str) -> None:
        """Somebody changes the coding, and may not approve from then on."""
        self.correctors.add(who)
        self.decide(Action.CORRECT, who, values={"account": f"6{len(who)}00"})

    def decide(self, action: Action, who: str = "Pat", **more: Any) -> None:
        """A person resolves a hold; decisions add up as they do in the product."""
        decision = Decision(action=action, who=who, why="x", at=self.now, **more)
        self.row = rows.decided(self.row, decision)

    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    def answer(self, who: str, answer: Answer, version: str = "") -> None:
        """A verdict on the version that people last saw, or on any other."""
        facts = self.facts()
        self.seen.append(facts.version)
        verdict = Verdict(answer=answer, who=who, version=version or facts.version, at=self.now)
        need = decide(facts, self.policy).need
        problem = approvals.refusal(verdict, need, facts.review.verdicts)
        if problem or need is None:
            self.refused.append(problem)
            return
        self._accepted(verdict, facts)
        given = verdict.model_copy(update={"level": need.level})
        self._review(verdicts=(*self.row.review.verdicts, given))

    def _accepted(self, verdict: Verdict, facts: ExpenseFacts) -> None:
        """What must be true of every answer that counts, said without the product's rules."""
        assert verdict.version == facts.version, "an answer about another version counted"
        assert verdict.who not in {ERIN, *self.correctors}, "who may not answer was heard"
        before = {v.who for v in self.row.review.of(facts.version)}
        assert verdict.who not in before, "one person answered twice"

    def pay(self, amount: str = "") -> None:
        """Accounts pays whatever is open and stands, or part of it."""
        for posted in self.target.values():
            if not posted.reversed:
                posted.open -= min(Decimal(amount), posted.open) if amount else posted.open

    def credit(self) -> None:
        """A clerk closes what is owed by a credit memo of their own."""
        for posted in self.target.values():
            if posted.open and not posted.reversed:
                posted.open, posted.credited = Decimal(0), True

    def look(self, *, dies_after_posting: bool = False) -> ExpensePlan:
        """Decide and carry out until nothing more is to be done at once."""
        for _ in range(10):
            facts = self.facts()
            self.row = facts.record.row
            self.last = planned = decide(facts, self.policy)
            if self.book is not None:
                self.book.note(facts, planned)
            for step in planned.plan.steps:
                self._do(step, planned, facts, dies=dies_after_posting)
            if not planned.plan.look_again or planned.plan.outcome is Outcome.HELD:
                return planned
        raise AssertionError(f"no end of looking: {planned.plan}")

    def facts(self) -> ExpenseFacts:
        row = self.row
        while (
            self._key(row, Kind.EXPENSE) in self.target
            and self.target[self._key(row, Kind.EXPENSE)].reversed
        ):
            row = row.model_copy(
                update={
                    "generation": row.generation + 1,
                    "reversed_count": row.reversed_count + 1,
                    "fingerprint": "",
                }
            )
        record = Record(tag="T", row=row, postings=self._rows(), target=self._answers())
        facts = ExpenseFacts(expense=self.content, record=record, review=row.review, now=self.now)
        return self.book.joined(facts) if self.book else facts

    def carry_out(self, step: Step, planned: ExpensePlan) -> None:
        self._do(step, planned, self.facts(), dies=False)

    def _do(self, step: Step, planned: ExpensePlan, facts: ExpenseFacts, *, dies: bool) -> None:
        match step.name:
            case StepName.POST_EXPENSE:
                self._post(step, planned, facts, dies=dies)
            case StepName.ADOPT_EXPENSE:
                self._adopt(step, facts)
            case StepName.REVERSE_EXPENSE:
                self.target[step.target_key].reversed = True
            case StepName.MARK_EXPENSE:
                self._review(told=step.number)
            case StepName.ASK_APPROVAL:
                self._review(asked=planned.asking)
            case _:
                raise AssertionError(f"unexpected step {step}")

    def _adopt(self, step: Step, facts: ExpenseFacts) -> None:
        posted = Posted(self.content, facts.version, (), self.content.gross.amount, by_hand=True)
        self.target.setdefault(step.key, posted)
        self._remember(step.key)

    def _post(self, step: Step, planned: ExpensePlan, facts: ExpenseFacts, *, dies: bool) -> None:
        """The target keeps one posting per key; a reply may be lost before it is remembered."""
        if step.key not in self.target:
            left = self.content.gross.amount if planned.payer is Payer.PERSON else Decimal(0)
            who = tuple(v.who for v in approvals.approved(facts))
            self.target[step.key] = Posted(self.content, facts.version, who, left)
        if dies:
            return
        self._remember(step.key)

    def _remember(self, key: str) -> None:
        posted = self.target[key].content
        self.row = self.row.model_copy(
            update={
                "fingerprint": posted.fingerprint(),
                "target_number": f"N-{key}",
                "amount": posted.gross,
            }
        )

    def _review(self, **changes: object) -> None:
        review: Review = self.row.review.model_copy(update=changes)
        self.row = self.row.model_copy(update={"review": review})

    @staticmethod
    def _key(row: DocumentRow, kind: Kind) -> str:
        return Key(tag="T", kind=kind, source_id=row.source_id, generation=row.generation).text()

    def _rows(self) -> dict[str, PostingRow]:
        found = {}
        for text, posted in self.target.items():
            keys = [Key.parse(text)]
            keys += [keys[0].of_kind(Kind.EXPENSE_REVERSAL)] if posted.reversed else []
            for key in keys:
                found[key.text()] = PostingRow(
                    key=key.text(),
                    connection="c",
                    kind=key.kind,
                    source_id=key.source_id,
                    generation=key.generation,
                    state=PostingState.POSTED,
                    number=f"N-{text}",
                    record=None if posted.by_hand else _RECORD,
                )
        return found

    def _answers(self) -> dict[str, Posting]:
        return {
            text: Posting(
                key=text,
                kind=Kind.EXPENSE,
                state=PostingState.POSTED,
                number=f"N-{text}",
                figures=_figures(posted.content),
                remaining=Money.of(posted.open, "USD"),
                unpaid=posted.credited,
            )
            for text, posted in self.target.items()
        }


def _figures(content: Expense) -> Figures:
    return Figures(net=content.gross, tax=Money.zero("USD"), total=content.gross)
