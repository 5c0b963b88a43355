"""Written-off differences in the comparison, and what may be written off at all."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from documents.key import Key, Kind
from documents.ledger import BookKind, LedgerLine, Mark, match_of_key
from documents.ledger_keys import generation_of, keys_of, marks_of_key
from documents.tieout import Break, BreakType
from policies.tieout.settings import TieOutPolicy
from policies.tieout.write_offs import on_customer, why_not
from tests.policies.test_tieout import INVOICE, found, types

KEY = Key(tag="T", kind=Kind.WRITE_OFF, source_id="1", generation=2)
BACK = KEY.of_kind(Kind.WRITE_OFF_REVERSAL)
POLICY = TieOutPolicy(write_off_account="6500", write_off_period_limit=Decimal(2))


def entry(key: Key, amount: str, **changes: Any) -> LedgerLine:
    """A write-off as a target lists it."""
    line = INVOICE._replace(
        entry=f"E {key}",
        number=key.text(),
        amount=Decimal(amount),
        open_amount=Decimal(amount),
        tax=None,
        rate=None,
        generation=generation_of(key),
        marks=marks_of_key(key),
    )
    return line._replace(**changes)


def posted(amount: str) -> LedgerLine:
    return INVOICE._replace(
        entry="E1", number="1001", amount=Decimal(amount), open_amount=Decimal(amount)
    )


def test_the_key_of_a_write_off_tells_its_document_and_what_it_is() -> None:
    assert match_of_key(KEY) == match_of_key(BACK) == "invoice/1"
    assert marks_of_key(KEY) == Mark.WRITTEN_OFF
    assert marks_of_key(BACK) == Mark.WRITTEN_OFF | Mark.REVERSAL
    assert {KEY, BACK} <= set(keys_of("T", "invoice/1", 1))
    assert KEY not in keys_of("T", "payment/1", 1)


@pytest.mark.parametrize(("there", "written_off"), [("112.60", "0.40"), ("113.40", "-0.40")])
def test_a_posting_agrees_with_what_was_written_off_of_it(there: str, written_off: str) -> None:
    assert types(INVOICE, posted(there)) == [BreakType.AMOUNT]
    assert found(INVOICE, posted(there), entry(KEY, written_off)) == []
    (left,) = found(INVOICE, posted(there), entry(KEY, "0.10"))
    assert left.type is BreakType.AMOUNT


def test_a_write_off_that_was_taken_back_does_not_count() -> None:
    gone = entry(KEY, "0.40", marks=Mark.WRITTEN_OFF | Mark.REVERSED)
    (difference,) = found(INVOICE, posted("112.60"), gone, entry(BACK, "-0.40"))
    assert difference.difference == -400_000
    another = entry(KEY.model_copy(update={"generation": 3}), "0.40")
    assert found(INVOICE, posted("112.60"), gone, entry(BACK, "-0.40"), another) == []


@pytest.mark.parametrize(
    ("source", "target", "more"),
    [
        (None, [], []),
        (INVOICE, [posted("113.00")], []),
        (INVOICE, [], [BreakType.STATUS]),
    ],
    ids=["the document is gone", "it agrees without that", "its posting is gone"],
)
def test_a_write_off_of_nothing_is_a_break_by_itself(
    source: LedgerLine | None, target: list[LedgerLine], more: list[BreakType]
) -> None:
    differences = found(source, *target, entry(KEY, "0.40"))
    assert [each.type for each in differences] == [BreakType.ORPHAN, *more]
    assert differences[0].cause == "written-off-alone"


def a_break(**changes: Any) -> Break:
    fields: dict[str, Any] = {
        "connection": "c",
        "period": "2026-11",
        "type": BreakType.AMOUNT,
        "kind": BookKind.INVOICE,
        "cause": "other-amount",
        "currency": "USD",
        "difference": Decimal("-0.40"),
    }
    return Break.model_validate({**fields, **changes})


def test_a_small_difference_of_an_invoice_may_be_written_off() -> None:
    assert why_not(a_break(), POLICY, Decimal("1.60")) == ""
    altered = a_break(type=BreakType.ALTERED, cause="altered-amount")
    assert why_not(altered, POLICY, Decimal(0)) == ""
    assert on_customer(a_break()) == Decimal("0.40")


@pytest.mark.parametrize(
    ("changes", "so_far", "why"),
    [
        ({"kind": BookKind.PAYMENT}, "0", "a break of type amount (payment)"),
        ({"type": BreakType.TAX, "cause": "other-tax"}, "0", "a break of type tax (invoice)"),
        ({"type": BreakType.CURRENCY, "cause": "other-currency"}, "0", "a break of type currency"),
        ({"type": BreakType.DATE, "cause": "edited-at-source"}, "0", "a break of type date"),
        ({"difference": Decimal("1.01")}, "0", "above the limit of 1.00"),
        ({}, "1.61", "above the limit of 2"),
    ],
)
def test_nothing_else_is_written_off(changes: dict[str, Any], so_far: str, why: str) -> None:
    assert why in why_not(a_break(**changes), POLICY, Decimal(so_far))


@pytest.mark.parametrize(
    "policy", [TieOutPolicy(write_off_account="6500"), TieOutPolicy(write_off_period_limit=1)]
)
def test_without_an_account_or_a_limit_differences_are_only_accepted(policy: TieOutPolicy) -> None:
    assert "accept the difference, which books nothing" in why_not(a_break(), policy, Decimal(0))
