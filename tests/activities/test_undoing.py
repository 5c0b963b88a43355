"""What a reversal of a duplicate comes to when it is not done."""

from __future__ import annotations

from activities.posting_holds import in_doubt
from activities.undoing import refused, told_of
from documents.key import Kind
from documents.row import PostingRow
from tests.connectors.nav_books import key


def test_a_reversal_in_doubt_is_not_told_as_not_done() -> None:
    text = key(Kind.DUPLICATE_REVERSAL).text()
    row = PostingRow(
        key=text, connection="demo-nav", kind=Kind.DUPLICATE_REVERSAL, source_id="1", generation=1
    )
    how, done = told_of(in_doubt(row))
    assert "not known" in how
    assert done == "reversal in doubt"


def test_what_is_refused_was_not_taken_back() -> None:
    assert told_of(refused("it has other amounts").hold) == ("not taken back", "reversal refused")
