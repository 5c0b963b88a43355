"""The rules of the expense policy: which rule, which value, what would be right."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from documents.expense import Expense, Payer, Receipt, ReceiptRef, Staff
from documents.invoice import DoesNotAddUp
from documents.money import Money
from policies.expenses.facts import ExpenseFacts, Like, Likeness
from policies.expenses.payer import who_paid
from policies.expenses.rules import DUPLICATE, findings
from policies.expenses.settings import ExpensePolicy
from tests.policies.expense_model import START, World, expense, policy

_PNG = ReceiptRef(attachment_id="1", media_type="image/png", reference="jwt")


def _found(content: Expense, rules: ExpensePolicy, **changes: Any) -> list[str]:
    facts: ExpenseFacts = World(rules, content).facts().model_copy(update=changes)
    return [f"{f.severity.value}: {f}" for f in findings(facts, rules)]


@pytest.mark.parametrize(
    ("settings", "content", "said"),
    [
        (
            {"limits": [{"category": "Travel", "currency": "USD", "most": "90"}]},
            {},
            "approval: limit for Travel per expense: 100.00 USD; right would be at most 90.00 USD",
        ),
        (
            {"receipts": [{"above": {"USD": "75"}}]},
            {},
            "correction: receipt required: no receipt for 100.00 USD; right would be a receipt "
            "above 75 USD",
        ),
        (
            {"max_age_days": 30},
            {"document_date": START.date() - timedelta(days=31)},
            "approval: age of the expense: 31 days; right would be at most 30 days",
        ),
        (
            {},
            {"document_date": START.date() + timedelta(days=3)},
            "correction: date in the future: 2026-03-05; right would be 2026-03-02 or before",
        ),
        (
            {"weekends": "correction"},
            {"document_date": date(2026, 3, 1)},
            "correction: weekend: Sunday 2026-03-01; right would be a working day",
        ),
        (
            {"holidays": ["2026-03-02"]},
            {},
            "approval: holiday: 2026-03-02; right would be a working day",
        ),
        (
            {"currencies": ["CAD"]},
            {},
            "refused: currency: USD; right would be one of CAD",
        ),
    ],
)
def test_a_rule_says_what_is_wrong_and_what_would_be_right(
    settings: dict[str, Any], content: dict[str, Any], said: str
) -> None:
    assert _found(expense(**content), policy(**settings)) == [said]


@pytest.mark.parametrize(
    ("tags", "amount", "is_right"),
    [({"miles": "100"}, "67", True), ({"miles": "100"}, "70", False), ({}, "67", False)],
)
def test_mileage_is_the_number_of_miles_times_the_rate_of_the_date(
    tags: dict[str, str], amount: str, is_right: bool
) -> None:
    rates = [
        {"category": "Travel", "unit": "miles", "since": s, "rate": r, "currency": "USD"}
        for s, r in (("2020-01-01", "0.50"), ("2026-01-01", "0.67"), ("2027-01-01", "0.99"))
    ]
    assert (_found(expense(amount, tags=tags), policy(rates=rates)) == []) is is_right


def test_a_limit_per_day_counts_what_was_spent_before() -> None:
    limits = [{"category": "Travel", "currency": "USD", "per": "day", "most": "150"}]
    before = {"Travel": Money.of("60", "USD")}
    assert _found(expense(), policy(limits=limits)) == []
    (said,) = _found(expense(), policy(limits=limits), spent=before)
    assert "160.00 USD" in said


@pytest.mark.parametrize(
    ("receipt", "complaint"),
    [
        (None, "cannot be found"),
        (Receipt(size=0, digest="", kind=""), "is an empty file"),
        (Receipt(size=9, digest="x", kind=""), "is neither a picture nor a PDF"),
        (Receipt(size=11, digest="x", kind="pdf"), "has 11 bytes"),
    ],
)
def test_a_receipt_that_is_none_is_found(receipt: Receipt | None, complaint: str) -> None:
    (said,) = _found(expense(receipt=_PNG), policy(receipt_bytes=10), receipt=receipt)
    assert complaint in said


def test_a_possible_duplicate_names_the_other_expense() -> None:
    like = Like(source_id="5000000", likeness=Likeness.RECEIPT)
    (said,) = _found(expense(), policy(), alike=(like,))
    assert "same receipt as expense 5000000" in said


@pytest.mark.parametrize(
    ("content", "payer"),
    [
        ({}, Payer.PERSON),
        ({"account_name": "card"}, Payer.COMPANY),
        ({"bank_imported": True}, Payer.FEED),
        ({"bill_matched": True}, Payer.FEED),
    ],
)
def test_who_paid_follows_from_the_rules(content: dict[str, Any], payer: Payer) -> None:
    assert who_paid(expense(**content), policy()) is payer


def test_without_a_rule_nobody_knows_who_paid() -> None:
    assert who_paid(expense(), policy(who_paid=())) is Payer.UNDECIDED


def test_a_claimant_who_is_nobody_of_ours_is_held() -> None:
    world = World(policy(), expense(staff=Staff(source_id="99")))
    hold = world.look().plan.hold
    assert hold is not None
    assert hold.cause == "claimant-unknown"


def test_an_expense_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(ValidationError) as refused:
        expense(net=Money.of("90", "USD"))
    assert isinstance(refused.value.errors()[0]["ctx"]["error"], DoesNotAddUp)


def test_an_approver_who_is_not_listed_is_refused_when_the_settings_are_read() -> None:
    with pytest.raises(ValidationError, match="Nobody approve and are not listed"):
        policy(escalate_to=("Nobody",))


def test_a_release_is_about_this_version_and_these_others_only() -> None:
    like = Like(source_id="5000000", likeness=Likeness.RECEIPT)
    facts = World(policy(), expense()).facts().model_copy(update={"alike": (like,)})
    cleared = facts.reviewed(facts.review.clear(facts.version, ["5000000"]))
    assert not findings(cleared, policy())
    edited = cleared.model_copy(update={"expense": expense("120")})
    assert [f.rule for f in findings(edited, policy())] == [DUPLICATE]
    another = like.model_copy(update={"source_id": "4999999"})
    others = cleared.model_copy(update={"alike": (like, another)})
    assert ["4999999" in str(f) for f in findings(others, policy())] == [True]
