"""The sheet of held documents: what it carries, and what it refuses when it comes back."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from workers.holds import sheet
from workers.operator.models import DocumentView
from workers.refusal import Refusal


def _view(**fields: Any) -> DocumentView:
    given = {
        "connection": "demo-nav",
        "kind": "invoice",
        "id": "1000001",
        "number": "INV-0001",
        "state": "held",
        "reason": "",
        "amount": "10.00",
        "currency": "USD",
        "target_number": "",
        "hold_cause": "account-unknown",
        "hold_class": "set-up",
        "hold_reason": "account 4999 is not in NAV",
        "hold_remedy": "map it",
        "hold_values": {"account": "4999"},
        "held_since": None,
        "updated_at": None,
    }
    return DocumentView.model_validate(given | fields)


def _filled(*documents: DocumentView, **fields: str) -> io.StringIO:
    out, back = io.StringIO(), io.StringIO()
    sheet.write(documents, out)
    out.seek(0)
    writer = csv.DictWriter(back, sheet.COLUMNS)
    writer.writeheader()
    for row in csv.DictReader(out):
        writer.writerow(row | {"action": "skip", "why": "entered by hand"} | fields)
    back.seek(0)
    return back


def _held(*documents: DocumentView) -> dict[sheet.Place, DocumentView]:
    return {sheet.place(each): each for each in documents}


def test_a_decision_about_other_values_than_those_of_today_is_refused() -> None:
    monday, tuesday = _view(), _view(hold_values={"account": "5000"})
    with pytest.raises(Refusal, match="row 2: version: what it is held for has changed"):
        sheet.read(_filled(monday), _held(tuesday))
    (row,) = sheet.read(_filled(monday), _held(_view())).decided
    assert (row.row, row.document.id) == (2, "1000001")


def test_a_payment_is_not_in_the_sheet_and_refused_in_it() -> None:
    payment = _view(kind="payment", id="2000001")
    assert len(_filled(payment).read().splitlines()) == 1
    lines = io.StringIO(_filled(_view()).read().replace("invoice,1000001", "payment,2000001"))
    with pytest.raises(Refusal, match="row 2: kind: a payment is decided about with"):
        sheet.read(lines, _held(payment))


def test_two_rows_about_one_document_are_refused() -> None:
    with pytest.raises(Refusal, match="row 3: id: row 2 is about the same document"):
        sheet.read(_filled(_view(), _view()), _held(_view()))


def test_the_same_row_is_the_same_decision_and_another_is_not() -> None:
    keys = [
        sheet.read(_filled(_view(), **fields), _held(_view())).decided[0].key
        for fields in ({}, {}, {"why": "another"}, {"action": "abandon"})
    ]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
    assert len(keys[0]) <= 64


def test_after_a_break_the_rest_is_carried_out_and_what_was_done_is_passed_over() -> None:
    done, left = _view(), _view(id="1000002", number="INV-0002")
    with pytest.raises(Refusal, match=r"row 2: id: invoice 1000001 is not held \(any more\)"):
        sheet.read(_filled(done, left), _held(left))
    checked = sheet.read(_filled(done, left), _held(left), pass_over=True)
    assert [row.document.id for row in checked.decided] == ["1000002"]
    assert checked.passed_over == ["row 2: id: invoice 1000001 is not held (any more)"]


def test_going_on_passes_over_no_mistake() -> None:
    with pytest.raises(Refusal, match="row 2: why: must not be empty"):
        sheet.read(_filled(_view(), why=""), _held(_view()), pass_over=True)
