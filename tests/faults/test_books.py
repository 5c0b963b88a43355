"""The judge of the proofs finds every way in which two books can differ."""

from __future__ import annotations

from typing import Any

import pytest

from workers.prove.books import Books
from workers.prove.lane import Journals

Row = dict[str, Any]


def _source() -> list[Row]:
    """An invoice over 113.00 with a payment of 13.00, as FreshBooks shows them."""
    return [
        {"kind": "customer", "document": "1000001", "state": "active"},
        {
            "kind": "invoice", "document": "2000001", "number": "0000001", "state": "partial",
            "amount": "113.00", "currency": "USD", "outstanding": "100.00", "key": "PSI1",
        },
        {
            "kind": "payment", "document": "3000001", "number": "3000001", "state": "posted",
            "amount": "13.00", "currency": "USD", "invoice": "2000001", "key": "",
        },
    ]  # fmt: skip


def _target() -> list[Row]:
    """The same as NAV shows them."""
    return [
        {"kind": "customer", "key": "L1-C1000001-1", "number": "C1", "state": "created"},
        {
            "kind": "invoice", "key": "L1-I2000001-1", "number": "PSI1", "state": "posted",
            "amount": "113.00", "currency": "USD", "remaining": "100.00", "document": "0000001",
        },
        {
            "kind": "payment", "key": "L1-P3000001-1", "number": "P1", "state": "posted",
            "amount": "13.00", "currency": "USD", "remaining": "0.00", "document": "3000001",
        },
    ]  # fmt: skip


def _findings(source: list[Row], target: list[Row], *held: str) -> list[str]:
    return Books.of(Journals(source, target), held).findings()


def test_books_that_agree_have_no_findings() -> None:
    assert _findings(_source(), _target()) == []


@pytest.mark.parametrize(
    ("place", "change", "sentence"),
    [
        (1, {"amount": "113.01"}, "invoice 2000001: amount 113.00 at the source, 113.01"),
        (1, {"currency": "CAD"}, "invoice 2000001: currency USD at the source, CAD"),
        (1, {"remaining": "113.00"}, "100.00 outstanding, 113.00 remaining"),
        (1, {"document": "0000009"}, "posted for 0000009, it is 0000001"),
        (1, {"state": "created"}, "draft PSI1 of L1-I2000001-1 was left"),
        (1, {"state": "reversed"}, "0 credit memos for 1 reversed postings"),
        (1, {"key": "by hand"}, "invoice PSI1 has no document at the source"),
        (2, {"amount": "14.00"}, "payment 3000001: amount 13.00 at the source, 14.00"),
        (2, {"state": "created"}, "draft P1 of L1-P3000001-1 was left"),
        (2, {"state": "reversed"}, "payment 3000001 is not posted"),
    ],
)
def test_what_differs_in_the_target_is_found(place: int, change: Row, sentence: str) -> None:
    target = _target()
    target[place] |= change
    assert any(sentence in found for found in _findings(_source(), target))


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        (0, "2 customers have the key L1-C1000001-1"),
        (1, "invoice 2000001 is posted 2 times"),
        (2, "payment 3000001 is posted 2 times"),
    ],
)
def test_what_stands_twice_is_found(place: int, sentence: str) -> None:
    target = _target()
    target.append({**target[place], "number": "another"})
    assert sentence in _findings(_source(), target)


def test_what_stands_twice_is_found_even_where_a_person_must_decide() -> None:
    target = _target()
    target += [{**row, "number": "another"} for row in target[1:]]
    found = _findings(_source(), target, "2000001")
    assert "invoice 2000001 is posted 2 times" in found
    assert "payment 3000001 is posted 2 times" in found


@pytest.mark.parametrize(("place", "noun"), [(1, "invoice 2000001"), (2, "payment 3000001")])
def test_what_was_lost_is_found(place: int, noun: str) -> None:
    target = _target()
    del target[place]
    assert any(found.startswith(noun) and "not posted" in found for found in _findings(
        _source(), target
    ))  # fmt: skip


@pytest.mark.parametrize(("place", "noun"), [(1, "invoice 2000001"), (2, "payment 3000001")])
def test_what_was_taken_back_at_the_source_only_is_found(place: int, noun: str) -> None:
    source = _source()
    source[place]["state"] = "deleted"
    found = _findings(source, _target())
    assert any(f"{noun} is deleted at the source and posted" in each for each in found)


def test_a_reference_that_was_not_written_back_is_found() -> None:
    source = _source()
    source[1]["key"] = ""
    assert any("PO number" in found for found in _findings(source, _target()))


def test_a_credit_memo_too_many_is_found() -> None:
    memo = {**_target()[1], "kind": "credit_memo", "key": "L1-R2000001-1", "number": "PSC1"}
    found = _findings(_source(), [*_target(), memo])
    assert "invoice 2000001: 1 credit memos for 0 reversed postings" in found
