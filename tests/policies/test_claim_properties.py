"""Whatever people do with the expenses of a claim, and in which order: never twice, never
unapproved, never by oneself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.claim import ClaimId, PartState, Period
from documents.key import Kind
from documents.plan import Outcome, StepName
from documents.review import Answer, Verdict
from documents.row import DocumentRow
from policies.expenses import claims
from tests.policies.expense_model import (
    ERIN,
    NOOR,
    OWEN,
    PEOPLE,
    ZOE,
    ClaimBook,
    Posted,
    World,
    expense,
    policy,
)

_IDS = ("5000001", "5000002", "5000003")
_AFTER = datetime(2026, 4, 1, 1, tzinfo=UTC)
_AMOUNTS = ("20", "40", "300")
_ACTS = st.one_of(
    st.tuples(st.just("edit"), st.integers(0, 2), st.sampled_from(_AMOUNTS)),
    st.tuples(st.just("withdraw"), st.integers(0, 2), st.booleans()),
    st.tuples(st.just("answer"), st.sampled_from(PEOPLE), st.sampled_from(list(Answer))),
    st.tuples(st.just("late"), st.sampled_from(PEOPLE), st.integers(0, 5)),
    st.tuples(st.just("correct"), st.integers(0, 2), st.sampled_from(PEOPLE)),
    st.tuples(st.just("look"), st.integers(0, 3)),
    st.tuples(st.just("die"), st.integers(0, 2)),
    st.tuples(st.just("pay"), st.integers(0, 2)),
)


class Together:
    """Three expenses of Erin's in one month."""

    def __init__(self, amounts: tuple[str, str, str], **changes: Any) -> None:
        rules = policy(claims="month", **changes)
        self.book = ClaimBook(rules, ClaimId.of("1", date(2026, 3, 2), Period.MONTH))
        self.worlds = [
            World(
                rules,
                expense(amount, source_id=each),
                now=_AFTER,
                row=DocumentRow(connection="c", kind=Kind.EXPENSE, source_id=each),
                book=self.book,
            )
            for each, amount in zip(_IDS, amounts, strict=True)
        ]
        self.seen: set[int] = set()

    def gather(self) -> None:
        """All are looked at while the period lasts, and then it is over."""
        for world in self.worlds:
            world.now = _AFTER - timedelta(days=1)
        self.look()
        for world in self.worlds:
            world.now = _AFTER

    def look(self) -> None:
        """All are looked at, then their claim, then all again: what one brings may change how
        another stands."""
        for _ in range(2):
            for world in self.worlds:
                world.look()
                self.check()
            self.book.tell(self.worlds[0].now)

    def answer(self, who: str, answer: Answer = Answer.APPROVE, version: str = "") -> str:
        return self.book.answer(who, answer, self.worlds[0].now, version)

    def standing(self) -> list[Posted]:
        return [p for w in self.worlds for p in w.target.values() if not p.reversed]

    def check(self) -> None:
        """What must hold after each act, said without the product's rules."""
        for world in self.worlds:
            mine = [p for p in world.target.values() if not p.reversed]
            assert len(mine) <= 1, "two postings of one expense stand at the same time"
            paid = [p for p in world.target.values() if p.open < p.content.gross.amount]
            assert len(paid) <= 1, "an expense was paid twice"
            for posted in world.target.values():
                self._check_approval(world, posted)

    def _check_approval(self, world: World, posted: Posted) -> None:
        if id(posted) in self.seen:
            return
        self.seen.add(id(posted))
        owed = sum((p.content.gross.amount for p in self.standing()), Decimal(0))
        needed = len([n for n in (50, 500) if owed > n])
        wanted = (world.content.source_id, str(posted.content.gross))
        said = [(who, a) for who, a, saw in self.book.heard if wanted in saw.items()]
        yes = {who for who, answer in said if answer is Answer.APPROVE}
        assert len(yes) >= needed, "posted without the approval of what it is"
        assert set(posted.approved_by) <= yes, "an approval of something else counted"
        barred = {ERIN, *world.correctors}
        assert not set(posted.approved_by) & barred, "who may not answer was heard"


def _act(claim: Together, act: tuple[Any, ...]) -> None:
    match act:
        case ("edit", index, amount):
            claim.worlds[index].edit(amount)
        case ("withdraw", index, back):
            claim.worlds[index].withdraw(back=back)
        case ("answer", who, answer):
            claim.answer(who, answer)
        case ("late", who, index):
            seen = claim.book.versions or ["none"]
            claim.answer(who, version=seen[index % len(seen)])
        case ("correct", index, who):
            claim.worlds[index].correct(who)
        case ("look", 3):
            claim.book.tell(_AFTER)
        case ("look", index):
            claim.worlds[index].look()
        case ("die", index):
            _look_once_and_die(claim.worlds[index])
        case ("pay", index):
            claim.worlds[index].pay()


def _look_once_and_die(world: World) -> None:
    try:
        world.look(dies_after_posting=True)
    except AssertionError as error:
        assert "no end of looking" in str(error)


@settings(max_examples=100, deadline=None)
@given(
    acts=st.lists(_ACTS, max_size=25),
    amounts=st.tuples(*[st.sampled_from(_AMOUNTS)] * 3),
    edits=st.sampled_from(["hold", "reverse and repost"]),
    gathered=st.booleans(),
)
def test_no_order_of_events_pays_a_claim_twice_or_unapproved(
    acts: list[tuple[Any, ...]], amounts: tuple[str, str, str], edits: str, gathered: bool
) -> None:
    claim = Together(amounts, edits=edits)
    if gathered:
        claim.gather()
    for act in acts:
        _act(claim, act)
        claim.check()
    claim.look()


def test_the_total_decides_the_level_and_one_answer_covers_all() -> None:
    claim = Together(("20", "20", "20"))
    claim.gather()
    claim.look()
    planned = claims.decide(claim.book.claim(_AFTER), claim.book.policy)
    assert [step.name for step in planned.plan.steps] == [StepName.ASK_APPROVAL]
    assert planned.need is not None
    assert (planned.need.approvers, len(planned.shown)) == ((NOOR,), 3)
    assert claim.answer(NOOR) == ""
    claim.look()
    assert len(claim.standing()) == 3


def test_expenses_that_come_together_are_not_posted_before_their_total_is_known() -> None:
    claim = Together(("30", "30", "30"))
    for world in claim.worlds:
        plan = world.look().plan
        assert plan.outcome is Outcome.WAITING
    assert claim.standing() == []
    claim.look()
    assert claim.standing() == []


def test_a_claim_below_all_levels_is_asked_of_nobody() -> None:
    claim = Together(("20", "20", "5"))
    claim.gather()
    claim.look()
    assert len(claim.standing()) == 3


def test_nothing_is_posted_or_asked_while_the_period_lasts() -> None:
    claim = Together(("20", "20", "300"))
    for world in claim.worlds:
        world.now = _AFTER - timedelta(days=1)
    claim.look()
    assert claim.standing() == []
    planned = claims.decide(claim.book.claim(claim.worlds[0].now), claim.book.policy)
    assert (planned.plan.stage, planned.plan.steps) == (claims.GATHERS, ())
    assert "until 2026-04-01" in planned.plan.reason


def test_an_edit_asks_anew_about_that_expense_only() -> None:
    claim = Together(("300", "40", "20"))
    claim.gather()
    claim.look()
    claim.answer(NOOR)
    claim.worlds[1].edit("20")
    claim.look()
    assert {p.content.source_id for p in claim.standing()} == {"5000001", "5000003"}
    asked = claims.batch(claim.book.claim(_AFTER), claim.book.policy)
    assert [part.source_id for part in asked] == ["5000002"]


def test_a_late_expense_does_not_come_below_the_level_of_its_claim() -> None:
    claim = Together(("300", "300", "20"))
    claim.worlds[2].withdraw()
    claim.gather()
    claim.look()
    for who in (NOOR, OWEN):
        assert claim.answer(who) == ""
    claim.look()
    claim.worlds[2].withdraw(back=True)
    claim.look()
    assert len(claim.standing()) == 2
    need = claims.need_of(claim.book.claim(_AFTER), claim.book.policy)
    assert need is not None
    assert need.levels == 2


def test_an_approval_may_reject_one_of_the_expenses() -> None:
    claim = Together(("300", "40", "20"))
    claim.gather()
    claim.look()
    view = claim.book.claim(_AFTER)
    need = claims.need_of(view, claim.book.policy)
    assert need is not None
    said = Verdict(answer=Answer.APPROVE, who=NOOR, version=need.version, at=_AFTER, comment="why?")
    given_, _ = claims.heard(view, said.model_copy(update={"but": ("5000002",)}), claim.book.policy)
    assert [(v.answer, len(v.covers)) for v in given_] == [(Answer.APPROVE, 2), (Answer.REJECT, 1)]
    unknown = said.model_copy(update={"but": ("77",)})
    assert "is not asked about" in claims.heard(view, unknown, claim.book.policy)[1]


def test_a_claim_is_closed_when_all_of_it_is_paid() -> None:
    claim = Together(("20", "20", "5"))
    claim.gather()
    claim.look()
    for world in claim.worlds[:2]:
        world.pay()
    claim.look()
    plan = claims.decide(claim.book.claim(_AFTER), claim.book.policy).plan
    assert (plan.outcome, plan.reason) == (Outcome.WAITING, "2 of 3 expenses are paid")
    claim.worlds[2].pay()
    claim.look()
    assert all(p.state is PartState.DONE for p in claim.book.parts.values())
    assert claims.decide(claim.book.claim(_AFTER), claim.book.policy).plan.outcome is Outcome.CLOSED


def test_what_was_rejected_with_its_claim_is_held_although_the_level_falls() -> None:
    claim = Together(("300", "300", "20"))
    claim.gather()
    claim.look()
    claim.answer(NOOR)
    claim.answer(OWEN, Answer.REJECT)
    claim.worlds[0].withdraw()
    claim.look()
    held = claim.worlds[1].look().plan.hold
    assert held is not None
    assert (held.cause, claim.standing()) == ("rejected", [])


def test_who_corrected_one_expense_does_not_answer_about_the_claim() -> None:
    claim = Together(("300", "40", "20"))
    claim.worlds[0].correct(NOOR)
    claim.gather()
    claim.look()
    assert "corrected" in claim.answer(NOOR) or "not among" in claim.answer(NOOR)
    held = claim.worlds[0].look().plan.hold
    assert held is not None
    assert held.cause == "no-approver"


@pytest.mark.parametrize(
    ("day", "period", "text", "end"),
    [
        (date(2026, 3, 31), Period.MONTH, "17-2026M03", date(2026, 4, 1)),
        (date(2025, 12, 31), Period.MONTH, "17-2025M12", date(2026, 1, 1)),
        (date(2025, 12, 30), Period.WEEK, "17-2026W01", date(2026, 1, 5)),
    ],
)
def test_a_claim_has_one_name(day: date, period: Period, text: str, end: date) -> None:
    claim = ClaimId.of("17", day, period)
    assert (claim.text(), claim.end, ClaimId.parse(text)) == (text, end, claim)


@pytest.mark.parametrize("text", ["17-2026M13", "17-2026W54", "017-2026M03", "17-2026X03", ""])
def test_what_is_no_claim_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ClaimId.parse(text)


def test_the_escalation_reaches_a_claim() -> None:
    claim = Together(("300", "40", "20"))
    claim.gather()
    claim.look()
    for _ in range(4):
        planned = claims.decide(claim.book.claim(claim.worlds[0].now), claim.book.policy)
        claim.book.review = claim.book.review.model_copy(
            update={"asked": planned.asking or claim.book.review.asked}
        )
        for world in claim.worlds:
            world.wait(30)
    need = claims.need_of(claim.book.claim(claim.worlds[0].now), claim.book.policy)
    assert need is not None
    assert need.approvers == (NOOR, ZOE)
