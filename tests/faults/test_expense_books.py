"""The judge of the proofs finds every way in which expenses can differ between two books."""

from __future__ import annotations

from typing import Any

import pytest

from workers.prove.books import Books
from workers.prove.lane import VENDOR, Journals

Row = dict[str, Any]


def _source() -> list[Row]:
    """An expense that was paid out, and one that is owed."""
    same = {"kind": "expense", "state": "internal", "currency": "USD"}
    return [
        {**same, "document": "1", "amount": "18.00", "key": "lunch [Tieout: paid as PPI2]"},
        {**same, "document": "2", "amount": "23.40", "key": ""},
    ]


def _target() -> list[Row]:
    """The same in NAV: the first was posted, edited, posted again and paid by accounts."""
    same = {"currency": "USD", "party": VENDOR, "state": "posted", "remaining": "0.00"}
    first = {**same, "kind": "expense", "document": "1"}
    memo = {**same, "kind": "credit_memo", "document": "1"}
    return [
        {**first, "key": "L1-X1-1", "number": "PPI1", "state": "reversed", "amount": "17.00"},
        {**memo, "key": "L1-Y1-1", "number": "PPC1", "amount": "17.00"},
        {**first, "key": "L1-X1-2", "number": "PPI2", "amount": "18.00"},
        {**same, "kind": "payment", "key": "PAY-3", "number": "PAY-3", "amount": "18.00"},
        {**first, "key": "L1-X2-1", "number": "PPI3", "amount": "-23.40", "remaining": "-23.40"},
    ]


def _findings(source: list[Row], target: list[Row], *held: str) -> list[str]:
    return Books.of(Journals(source, target), held).findings()


def test_expenses_that_agree_have_no_findings() -> None:
    assert _findings(_source(), _target()) == []


@pytest.mark.parametrize(
    ("place", "change", "sentence"),
    [
        (0, {"state": "posted"}, "expense 1 is posted 2 times"),
        (1, {"state": "reversed"}, "expense 1: 0 reversals of 1 reversed postings"),
        (2, {"amount": "18.01"}, "expense 1: amount 18.00 at the source, 18.01"),
        (2, {"currency": "CAD"}, "expense 1: currency USD at the source, CAD"),
        (2, {"remaining": "18.00"}, "expense 1: 18.00 remaining"),
        (2, {"number": "PPI9"}, "expense 1: 0.00 remaining"),
        (4, {"remaining": "0.00"}, "expense 2: 0.00 remaining, its notes say ''"),
        (4, {"state": "created"}, "expense 2 is not posted"),
        (4, {"key": "L1-X9-1"}, "expense PPI3 has no document at the source"),
        (3, {"party": "C1"}, "payment PAY-3 has no document at the source"),
    ],
)
def test_what_differs_in_the_target_is_found(place: int, change: Row, sentence: str) -> None:
    target = _target()
    target[place] |= change
    assert any(found.startswith(sentence) for found in _findings(_source(), target))


def test_an_expense_that_was_lost_is_found() -> None:
    assert _findings(_source(), _target()[:-1]) == ["expense 2 is not posted"]


def test_an_expense_that_was_withdrawn_at_the_source_only_is_found() -> None:
    source = _source()
    source[1]["state"] = "deleted"
    told = ["expense 2 is withdrawn at the source and posted in the target"]
    assert _findings(source, _target()) == told
    assert _findings(source, _target(), "2") == []


def test_an_expense_that_stands_twice_is_found_even_where_a_person_must_decide() -> None:
    target = [*_target(), {**_target()[-1], "number": "PPI4"}]
    assert _findings(_source(), target, "2") == ["expense 2 is posted 2 times"]
