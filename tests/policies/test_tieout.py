"""The engine of the tie-out by example and by property."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.expense import Expense, ExpenseStage, Payer, Staff
from documents.key import Key, Kind
from documents.ledger import (
    BookKind,
    LedgerLine,
    Mark,
    Side,
    document_of,
    match_of,
    match_of_key,
    row_of,
)
from documents.listings import listing_of
from documents.money import Money
from documents.tieout import (
    Break,
    BreakCount,
    BreakState,
    BreakType,
    ControlTotal,
    Remedy,
    Tally,
)
from policies.expenses.settings import ExpensePolicy, Level, PayerRule, PersonLink
from policies.tieout.causes import CAUSES, cause_of, judged
from policies.tieout.claims import claimed
from policies.tieout.compare import Known, Tolerances, compare, explained
from policies.tieout.differences import Difference
from policies.tieout.merge import Merge, OutOfOrder
from policies.tieout.periods import Period
from policies.tieout.repairs import is_repairable, looks_empty, process_of
from policies.tieout.rules import MOST_CANDIDATES, pairings
from policies.tieout.settings import TieOutPolicy

DAY = date(2026, 11, 12)
EXACT = Tolerances.of(TieOutPolicy())
INVOICE = LedgerLine(
    kind=BookKind.INVOICE,
    match="invoice/1",
    entry="invoice/1",
    number="INV-1",
    reference="",
    party="C1",
    currency="USD",
    amount=Decimal("113.00"),
    tax=Decimal("13.00"),
    open_amount=Decimal("113.00"),
    day=DAY,
    posted=DAY,
    rate=Decimal("1.25"),
    base_amount=Decimal("141.25"),
)
PAYMENT = INVOICE._replace(
    kind=BookKind.PAYMENT, match="payment/2", entry="payment/2", number="2", tax=None,
    open_amount=Decimal(0), applied_to="invoice/1", rate=None, base_amount=None,
)  # fmt: skip


def found(source: LedgerLine | None, *target: LedgerLine) -> list[Difference]:
    left = [row_of(source)] if source else []
    return compare(left, [row_of(line) for line in target], EXACT)


def types(source: LedgerLine | None, *target: LedgerLine) -> list[BreakType]:
    return [difference.type for difference in found(source, *target)]


def test_two_documents_that_agree_are_no_break() -> None:
    assert types(INVOICE, INVOICE._replace(entry="E1", number="1001")) == []


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ({"amount": Decimal("113.01")}, BreakType.AMOUNT),
        ({"tax": Decimal("12.99")}, BreakType.TAX),
        ({"currency": "EUR"}, BreakType.CURRENCY),
        ({"rate": Decimal("1.26")}, BreakType.EXCHANGE_RATE),
        ({"day": date(2026, 11, 13)}, BreakType.DATE),
        ({"posted": date(2026, 12, 1)}, BreakType.DATE),
        ({"party": "C2"}, BreakType.PARTY),
        ({"open_amount": Decimal("100")}, BreakType.STATUS),
        ({"marks": Mark.REVERSED}, BreakType.STATUS),
        ({"marks": Mark.UNPOSTED}, BreakType.STATUS),
    ],
)
def test_what_differs_has_its_type(there: dict[str, Any], expected: BreakType) -> None:
    assert types(INVOICE, INVOICE._replace(**there)) == [expected]


@pytest.mark.parametrize("there", [{"tax": None}, {"rate": None}, {"open_amount": None}])
def test_what_a_system_does_not_say_is_no_break(there: dict[str, Any]) -> None:
    assert types(INVOICE, INVOICE._replace(**there)) == []


def test_a_document_of_one_side_is_missing_or_an_orphan() -> None:
    assert types(INVOICE) == [BreakType.MISSING_IN_TARGET]
    assert types(None, INVOICE) == [BreakType.ORPHAN]


def test_a_second_posting_is_a_duplicate_and_the_better_one_the_original() -> None:
    other = INVOICE._replace(entry="E2", amount=Decimal("100"), generation=2)
    (duplicate,) = found(INVOICE, other, INVOICE._replace(entry="E1"))
    assert duplicate.type is BreakType.DUPLICATE_IN_TARGET
    assert duplicate.target is not None
    assert duplicate.target.entry == "E2"


FEE = INVOICE._replace(
    entry="E2", amount=Decimal("15.00"), tax=None, open_amount=Decimal("15.00"),
    base_amount=Decimal("18.75"), generation=-1,
)  # fmt: skip
WITH_FEE = INVOICE._replace(amount=Decimal("128.00"), open_amount=Decimal("128.00"))


def test_an_invoice_and_its_late_fee_are_one_document() -> None:
    assert types(WITH_FEE, INVOICE._replace(entry="E1"), FEE) == []
    assert types(INVOICE, INVOICE._replace(entry="E1"), FEE) == [BreakType.AMOUNT]
    assert types(WITH_FEE, INVOICE._replace(entry="E1")) == [BreakType.AMOUNT]


def test_a_late_fee_that_was_taken_back_takes_nothing_else_with_it() -> None:
    back = FEE._replace(entry="E3", amount=Decimal("-15.00"), marks=Mark.REVERSAL)
    assert types(INVOICE, INVOICE._replace(entry="E1"), FEE, back) == []


def test_a_late_fee_in_another_month_is_told() -> None:
    later = FEE._replace(posted=date(2026, 12, 1))
    (moved,) = found(WITH_FEE, INVOICE._replace(entry="E1"), later)
    assert (moved.type, moved.cause) == (BreakType.DATE, "other-period")


def test_what_was_taken_back_and_posted_again_is_no_duplicate() -> None:
    first = INVOICE._replace(entry="E1")
    memo = first._replace(entry="E2", amount=Decimal("-113"), marks=Mark.REVERSAL)
    again = first._replace(entry="E3", generation=2)
    assert types(INVOICE, first, memo, again) == []
    assert types(None, first, memo) == []


@pytest.mark.parametrize(
    ("there", "cause"),
    [
        ({"applied_to": "", "open_amount": Decimal("113")}, "not-applied"),
        ({"applied_to": "invoice/9"}, "applied-elsewhere"),
        ({"open_amount": Decimal("13")}, "partly-applied"),
    ],
)
def test_a_payment_settles_what_the_source_says(there: dict[str, Any], cause: str) -> None:
    (difference,) = found(PAYMENT, PAYMENT._replace(entry="E2", **there))
    assert (difference.type, difference.cause) == (BreakType.APPLICATION, cause)


def test_an_open_amount_that_follows_from_the_amount_is_not_told_twice() -> None:
    edited = INVOICE._replace(amount=Decimal("100"), tax=None, open_amount=Decimal("100"))
    assert types(edited, INVOICE) == [BreakType.AMOUNT]


EXPENSE = INVOICE._replace(
    kind=BookKind.EXPENSE, match="expense/7", entry="expense/7", number="7", party="V1", tax=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("here", "there", "cause"),
    [
        (113, 113, ""), (0, 0, ""), (113, 50, ""),
        (113, 0, "paid-not-told"), (0, 113, "payment-taken-back"),
    ],
)  # fmt: skip
def test_a_claim_is_paid_on_both_sides_or_on_neither(here: int, there: int, cause: str) -> None:
    source = EXPENSE._replace(open_amount=Decimal(here))
    differences = found(source, EXPENSE._replace(entry="E1", open_amount=Decimal(there)))
    assert [d.cause for d in differences] == [cause] * bool(cause)
    assert all(d.type is BreakType.STATUS for d in differences)


def test_a_held_claim_that_is_paid_waits_for_its_decision() -> None:
    (difference,) = found(EXPENSE, EXPENSE._replace(open_amount=Decimal(0)))
    assert _judge(difference, Known(state="posted")).remedy is Remedy.REPAIR
    held = _judge(difference, Known(state="held"))
    assert (held.cause, held.remedy) == ("held", Remedy.PERSON)


def test_what_is_gone_at_the_source_and_held_waits_for_its_decision() -> None:
    """As an expense that was withdrawn after it was paid."""
    (difference,) = found(None, EXPENSE)
    assert _judge(difference, Known(state="posted")).remedy is Remedy.REPAIR
    held = _judge(difference, Known(state="held"))
    assert (held.type, held.cause, held.remedy) == (BreakType.ORPHAN, "held", Remedy.PERSON)
    assert not is_repairable(held)


def test_a_date_that_a_system_does_not_tell_is_no_break() -> None:
    assert types(EXPENSE, EXPENSE._replace(day=None)) == []
    late = EXPENSE._replace(day=None, posted=date(2026, 12, 1))
    assert types(EXPENSE, late) == [BreakType.DATE]
    (orphan,) = found(None, EXPENSE._replace(day=None))
    assert _judge(orphan).day == DAY


def _expense(**fields: Any) -> LedgerLine:
    gross = Money.of("113.00", "USD")
    expense = Expense(
        source_id="7", stage=ExpenseStage.ENTERED, staff=Staff(source_id="3"), category_id="1",
        category="Travel", document_date=DAY, gross=gross, net=gross, **fields,
    )  # fmt: skip
    return EXPENSE._replace(party="3", expense=expense)


@pytest.mark.parametrize(
    ("fields", "party", "left"),
    [
        ({"tags": {"mine": ""}}, "V-ERIN", Decimal(113)),
        ({"tags": {"mine": ""}, "told": "paid as PPI-1"}, "V-ERIN", Decimal(0)),
        ({"tags": {"company": ""}}, "", Decimal(0)),
        ({}, "V-ERIN", Decimal(113)),
    ],
)
def test_the_policy_tells_who_is_owed_for_an_expense(
    fields: dict[str, Any], party: str, left: Decimal
) -> None:
    line = claimed(_expense(**fields), CLAIMS)
    assert line is not None
    assert (line.party, line.open_amount) == (party, left)


CLAIMS = ExpensePolicy(
    people=(PersonLink(name="Erin", staff_id="3", vendor="V-ERIN"),),
    who_paid=(
        PayerRule(payer=Payer.COMPANY, tags=("company",)),
        PayerRule(payer=Payer.PERSON, tags=("mine",)),
    ),
    levels=(Level(above={}, approvers=("Erin",)),),
)


def test_what_the_policy_leaves_to_others_is_no_part_of_the_books() -> None:
    company = _expense(tags={"company": ""})
    ignoring = CLAIMS.model_copy(update={"company_paid": "ignore"})
    later = CLAIMS.model_copy(update={"cut_over_date": date(2026, 11, 13)})
    assert claimed(_expense(bank_imported=True), CLAIMS) is None
    assert claimed(_expense(bill_matched=True), CLAIMS) is None
    assert claimed(company, ignoring) is None
    assert claimed(company, later) is None
    unreadable = claimed(EXPENSE, CLAIMS)
    assert unreadable is not None
    assert unreadable.party == ""


def test_tolerances_are_respected() -> None:
    wide = Tolerances.of(TieOutPolicy(amount_tolerance=Decimal("0.02"), date_tolerance_days=1))
    near = INVOICE._replace(amount=Decimal("113.02"), day=date(2026, 11, 13), open_amount=None)
    (small,) = compare([row_of(INVOICE)], [row_of(near)], wide)
    found = judged(small, Known(amount=113_000_000), TieOutPolicy(), "demo-nav", "2026-11")
    assert (small.cause, small.difference, found.state) == (
        "within-tolerance", 20_000, BreakState.ACCEPTED,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("known", "expected", "cause"),
    [
        (Known(amount=113_000_000), BreakType.ALTERED, "altered-amount"),
        (Known(amount=100_000_000), BreakType.AMOUNT, "edited-at-source"),
        (Known(amount=90_000_000), BreakType.AMOUNT, "other-amount"),
        (None, BreakType.AMOUNT, "other-amount"),
    ],
)
def test_our_record_tells_who_changed_a_document(
    known: Known | None, expected: BreakType, cause: str
) -> None:
    changed = INVOICE._replace(amount=Decimal("100"), open_amount=None)
    (difference,) = found(INVOICE, changed)
    told = explained(difference, known)
    assert (told.type, told.cause) == (expected, cause)


@pytest.mark.parametrize(
    ("there", "posted", "edited", "other", "altered"),
    [
        ({"tax": Decimal(12)}, {"tax": 13_000_000}, {"tax": 12_000_000}, {"tax": 1}, "altered-tax"),
        (
            {"day": date(2026, 11, 13)}, {"day": DAY.toordinal()}, {"day": DAY.toordinal() + 1},
            {"day": 1}, "altered-date-or-period",
        ),
    ],
)  # fmt: skip
def test_our_record_tells_who_changed_a_tax_or_a_date(
    there: dict[str, Any], posted: Any, edited: Any, other: Any, altered: str
) -> None:
    (difference,) = found(INVOICE, INVOICE._replace(**there))
    causes = [explained(difference, Known(**known)).cause for known in (posted, edited, other)]
    assert causes == [altered, "edited-at-source", difference.cause]
    assert explained(difference, Known(**posted)).type is BreakType.ALTERED


def test_a_posting_of_another_period_is_not_called_altered() -> None:
    (difference,) = found(INVOICE, INVOICE._replace(posted=date(2026, 12, 1)))
    assert explained(difference, Known(day=DAY.toordinal())) == difference


def _judge(difference: Difference, known: Known | None = None) -> Break:
    return judged(difference, known, TieOutPolicy(), "demo", "2026-11")


@pytest.mark.parametrize(
    ("state", "expected", "remedy"),
    [
        ("", BreakState.OPEN, Remedy.REPAIR),
        ("in flight", BreakState.TIMING, Remedy.REPAIR),
        ("held", BreakState.OPEN, Remedy.PERSON),
        ("ignored", BreakState.ACCEPTED, Remedy.PERSON),
    ],
)
def test_a_missing_document_is_judged_by_where_it_stands(
    state: str, expected: BreakState, remedy: Remedy
) -> None:
    judged_ = _judge(found(INVOICE)[0], Known(state=state))
    assert (judged_.state, judged_.remedy) == (expected, remedy)
    assert is_repairable(judged_) == (expected is BreakState.OPEN and remedy is Remedy.REPAIR)


def test_what_was_posted_and_is_gone_is_no_document_that_was_never_posted() -> None:
    (difference,) = found(INVOICE)
    judged_ = _judge(difference, Known(state="posted", target_number="1001"))
    assert (judged_.cause, judged_.remedy) == ("gone-from-target", Remedy.PERSON)
    assert not is_repairable(judged_)


def test_a_refund_without_its_document_starts_no_process() -> None:
    (difference,) = found(PAYMENT._replace(match="refund/5", applied_to=""))
    assert process_of(_judge(difference)) == ("refund", "5")
    assert not is_repairable(_judge(difference))


def test_a_refund_is_repaired_by_the_process_of_its_invoice() -> None:
    (difference,) = found(PAYMENT._replace(match="refund/5", applied_to="", reference="1"))
    assert process_of(_judge(difference)) == ("invoice", "1")
    assert is_repairable(_judge(difference))


def _counted(kind: BreakType, count: int) -> list[BreakCount]:
    return [BreakCount(type=kind, state=BreakState.OPEN, count=count)]


@pytest.mark.parametrize(
    ("source", "target", "kind", "count", "told"),
    [
        (1_000_000, 0, BreakType.MISSING_IN_TARGET, 1_000_000, "the target looks empty"),
        (0, 1_000, BreakType.ORPHAN, 1_000, "the source looks empty"),
        (10_000, 9_000, BreakType.MISSING_IN_TARGET, 501, "the target looks empty"),
        (10_000, 9_500, BreakType.MISSING_IN_TARGET, 500, ""),
        (50, 0, BreakType.MISSING_IN_TARGET, 50, ""),
        (1_000, 0, BreakType.APPLICATION, 1_000, ""),
    ],
)
def test_nothing_is_repaired_where_a_side_looks_empty(
    source: int, target: int, kind: BreakType, count: int, told: str
) -> None:
    total = ControlTotal(
        kind=BookKind.INVOICE, currency="USD", source=Tally(count=source),
        target=Tally(count=target),
    )  # fmt: skip
    why = looks_empty([total], _counted(kind, count), TieOutPolicy())
    assert why.startswith(told)
    assert bool(why) is bool(told)


def test_a_line_belongs_to_the_listing_of_its_document_or_its_book() -> None:
    assert listing_of("prepayment/3", BookKind.PAYMENT) == "credit_note"
    assert listing_of("refund/3", BookKind.PAYMENT) == "payment"
    assert listing_of("", BookKind.CREDIT_MEMO) == "credit_note"
    assert listing_of("", BookKind.OTHER) == ""


def test_a_payment_is_repaired_by_the_process_of_its_invoice() -> None:
    (difference,) = found(PAYMENT)
    assert process_of(_judge(difference)) == ("invoice", "1")


def test_a_small_difference_may_be_proposed_to_be_accepted() -> None:
    (difference,) = found(INVOICE, INVOICE._replace(amount=Decimal("113.01"), open_amount=None))
    assert _judge(difference).remedy is Remedy.PROPOSAL


def test_every_cause_has_words_and_advice() -> None:
    for code in [*CAUSES, "altered-amount"]:
        cause = cause_of(code)
        assert cause.words.endswith(".")
        assert cause.advice.endswith(".")


ROWS = st.lists(st.tuples(st.text("abc", max_size=3), st.integers(0, 3)), max_size=40)


@given(source=ROWS, target=ROWS, size=st.integers(1, 5))
def test_a_merge_pairs_what_has_the_same_match_whatever_the_pages(
    source: list[tuple[str, int]], target: list[tuple[str, int]], size: int
) -> None:
    merge: Merge[tuple[str, int]] = Merge(lambda row: row[0])
    pages = {
        side: [sorted(rows)[i : i + size] for i in range(0, len(rows), size)]
        for side, rows in ((Side.SOURCE, source), (Side.TARGET, target))
    }
    groups = []
    while (side := merge.needs()) is not None:
        merge.feed(side, pages[side].pop(0) if pages[side] else [])
        groups += list(merge.take())
    assert groups == _by_match(source, target)


def _by_match(
    source: Sequence[tuple[str, int]], target: Sequence[tuple[str, int]]
) -> list[tuple[list[tuple[str, int]], list[tuple[str, int]]]]:
    sides: list[dict[str, list[tuple[str, int]]]] = [defaultdict(list), defaultdict(list)]
    for rows, groups in zip((source, target), sides, strict=True):
        for row in sorted(rows):
            groups[row[0]].append(row)
    return [(sides[0][m], sides[1][m]) for m in sorted({*sides[0], *sides[1]})]


def test_a_page_out_of_order_is_refused() -> None:
    merge: Merge[str] = Merge(lambda row: row)
    merge.feed(Side.SOURCE, ["b"])
    with pytest.raises(OutOfOrder):
        merge.feed(Side.SOURCE, ["a"])


def _missing(kind: BreakType, number: str, **changes: Any) -> Break:
    fields = {
        "connection": "demo", "period": "2026-11", "type": kind, "kind": BookKind.INVOICE,
        "number": number, "party": "C1", "currency": "USD", "amount": Decimal(10), "day": DAY,
    }  # fmt: skip
    return Break.model_validate({**fields, **changes})


def test_the_same_number_amount_and_customer_pair_by_themselves() -> None:
    ours = _missing(BreakType.MISSING_IN_TARGET, "INV-1")
    theirs = _missing(BreakType.MISSING_IN_SOURCE, "inv-1", target_number="1001")
    (pair,) = pairings([ours], [theirs], 7)
    assert (pair.source, pair.target, pair.automatic) == (ours, theirs, True)


def test_without_the_number_a_pair_is_only_suggested() -> None:
    ours = _missing(BreakType.MISSING_IN_TARGET, "INV-1")
    theirs = _missing(BreakType.MISSING_IN_SOURCE, "", target_number="1001")
    (pair,) = pairings([ours], [theirs], 7)
    assert not pair.automatic


@pytest.mark.parametrize(
    "theirs",
    [
        [{"party": "C2"}],
        [{"day": date(2026, 11, 30)}],
        [{}, {"target_number": "1002"}],
        [{"party": ""}],
    ],
)
def test_what_is_ambiguous_or_unlike_is_not_paired(theirs: list[dict[str, Any]]) -> None:
    ours = _missing(BreakType.MISSING_IN_TARGET, "INV-1")
    others = [_missing(BreakType.MISSING_IN_SOURCE, "", **each) for each in theirs]
    assert list(pairings([ours], others, 7)) == []


def test_a_million_equal_amounts_are_not_compared_with_each_other() -> None:
    many = [_missing(BreakType.MISSING_IN_SOURCE, str(n)) for n in range(MOST_CANDIDATES + 1)]
    assert list(pairings(many[:1], many, 7)) == []


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "26-01", "2026-11-01", "", "0000-01"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a period"):
        Period.parse(text)


def test_a_period_knows_its_days() -> None:
    period = Period.parse("2024-02")
    assert (period.first, period.last) == (date(2024, 2, 1), date(2024, 2, 29))
    assert str(period.before) == "2024-01"
    assert [str(each) for each in period.past(3)] == ["2023-11", "2023-12", "2024-01"]
    assert not period.is_over(date(2024, 2, 29))
    assert period.is_over(date(2024, 3, 1))


def test_a_reversal_meets_its_original() -> None:
    key = Key(tag="T", kind=Kind.PAYMENT_REVERSAL, source_id="7", generation=2)
    assert match_of_key(key) == match_of(Kind.PAYMENT, "7")
    assert document_of("payment/7") == (Kind.PAYMENT, "7")


def test_an_amount_that_is_not_exact_is_refused() -> None:
    with pytest.raises(ValueError, match="more than six decimals"):
        row_of(INVOICE._replace(amount=Decimal("0.0000001")))


CLIENT = INVOICE._replace(
    kind=BookKind.CUSTOMER, match="customer/5", entry="customer/5", number="5", amount=Decimal(0),
    tax=None, open_amount=None, currency="", applied_to="USD abc", rate=None, base_amount=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("here", "there", "cause", "told"),
    [
        ({}, {}, "", ""),
        ({}, {"applied_to": "EUR abc"}, "customer-differs", "currency EUR"),
        ({}, {"applied_to": "EUR def"}, "customer-differs", "currency EUR, another name"),
        ({"applied_to": " abc"}, {}, "", ""),
        ({}, {"marks": Mark.BLOCKED}, "customer-blocked", "blocked"),
        ({"marks": Mark.BLOCKED}, {"marks": Mark.BLOCKED}, "", ""),
    ],
)
def test_a_client_and_its_customer_agree_or_not(
    here: dict[str, Any], there: dict[str, Any], cause: str, told: str
) -> None:
    differences = found(CLIENT._replace(**here), CLIENT._replace(entry="C5", **there))
    assert [(d.cause, d.target_value) for d in differences] == [(cause, told)] * bool(cause)
    assert all(_judge(d).remedy is Remedy.PROPOSAL for d in differences)


def test_a_link_of_which_one_end_is_gone_is_a_break_and_starts_no_process() -> None:
    (gone,), (deleted,) = found(CLIENT), found(None, CLIENT)
    assert (gone.type, gone.cause) == (BreakType.MISSING_IN_TARGET, "customer-gone")
    assert (deleted.type, deleted.cause) == (BreakType.ORPHAN, "client-gone")
    assert not is_repairable(_judge(gone))
    assert not is_repairable(_judge(deleted))


@pytest.mark.parametrize(
    ("amount", "base", "differs"),
    [
        ("113.00", "141.25", False),
        ("113.00", "-141.25", False),
        ("113.00", "141.26", False),
        ("113.00", "141.28", True),
        ("0.02", "0.03", False),
        ("113.00", None, False),
        ("113.00", "113.00", True),
    ],
)
def test_a_rate_is_what_the_target_made_of_the_amount(
    amount: str, base: str | None, differs: bool
) -> None:
    here = INVOICE._replace(amount=Decimal(amount), tax=None, open_amount=None)
    booked = Decimal(base) if base else None
    there = here._replace(entry="E1", rate=None, base_amount=booked)
    differences = found(here, there)
    assert [d.type for d in differences] == [BreakType.EXCHANGE_RATE] * differs


def test_a_rate_that_differs_is_told_on_both_sides() -> None:
    there = INVOICE._replace(entry="E1", rate=None, base_amount=Decimal("146.90"))
    (difference,) = found(INVOICE, there)
    assert (difference.source_value, difference.target_value) == ("1.25", "1.3")
    assert difference.difference == 5_650_000
