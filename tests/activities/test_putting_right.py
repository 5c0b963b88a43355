"""What a decision about a break comes to when it is not carried out."""

from __future__ import annotations

import pytest

from activities.posting_holds import in_doubt, not_done
from activities.putting_right import next_of, told_of
from documents.key import Kind
from documents.ledger import BookKind
from documents.row import PostingRow
from documents.tieout import Break, BreakAction, BreakType
from tests.connectors.nav_books import key


@pytest.mark.parametrize(
    ("action", "what"), [(BreakAction.REVERSE, "reversal"), (BreakAction.WRITE_OFF, "write-off")]
)
def test_what_is_in_doubt_is_not_told_as_not_done(action: BreakAction, what: str) -> None:
    text = key(Kind.DUPLICATE_REVERSAL).text()
    row = PostingRow(
        key=text, connection="demo-nav", kind=Kind.DUPLICATE_REVERSAL, source_id="1", generation=1
    )
    how, done = told_of(in_doubt(row), action)
    assert "not known" in how
    assert done == f"{what} in doubt"


def test_what_is_refused_was_not_done() -> None:
    hold = not_done("it has other amounts").hold
    assert told_of(hold, BreakAction.REVERSE) == ("not taken back", "reversal refused")
    assert told_of(hold, BreakAction.WRITE_OFF) == ("not written off", "write-off refused")


def duplicate(number: str) -> Break:
    return Break(
        connection="demo-nav",
        period="2026-11",
        type=BreakType.DUPLICATE_IN_TARGET,
        kind=BookKind.INVOICE,
        match="invoice/1",
        entry=number,
        target_number=number,
    )


def test_a_duplicate_approved_while_another_waits_in_the_target_is_not_taken_for_that_one() -> None:
    first, second = sorted((duplicate("1"), duplicate("2")), key=lambda found: found.break_id)
    assert next_of([first, second], second.break_id) == second
    assert next_of([first, second], "") == first
