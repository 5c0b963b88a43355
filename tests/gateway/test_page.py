"""What approvers see: their browser lets the style count, and nothing that people wrote is HTML."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date
from decimal import Decimal

import pytest

from documents.claim import Shown
from documents.money import Money
from documents.review import ApprovalNeed
from workers.answers import ExpenseView
from workers.gateway.page import STYLE_SOURCE, asking
from workflows.approval import Approval
from workflows.status import Status

EVIL = "<script>alert(1)</script>"


def shown(**changes: object) -> Shown:
    facts = {
        "expense": "5000001", "day": date(2026, 3, 2), "category": "Travel", "vendor": EVIL,
        "amount": Money(amount=Decimal("18.00"), currency="USD"),
        "tax": Money(amount=Decimal("2.00"), currency="USD"), "receipt": True,
    }  # fmt: skip
    return Shown.model_validate({**facts, **changes})


def asked(source_id: str, *expenses: Shown) -> str:
    need = ApprovalNeed(
        version="v", claimant="Erin", approvers=("Noor",), level=1, levels=2, until=None
    )
    view = ExpenseView(
        source_id=source_id,
        status=Status(stage="approval", reason="", document_number=source_id, amount="18.00 USD"),
        approval=Approval(need=need, shown=expenses),
    )
    return bytes(asking(view, need, "Noor", "token").body).decode()


def test_the_style_is_the_one_that_the_policy_names() -> None:
    style = re.search(r"<style>(.*)</style>", asked("5000001", shown()), re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" == STYLE_SOURCE


@pytest.mark.parametrize("source_id", ["5000001", "17-2026M03"])
def test_what_people_wrote_is_text(source_id: str) -> None:
    page = asked(source_id, shown(notes=EVIL, findings=(EVIL,)))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_an_expense_is_told_once_and_without_what_is_empty() -> None:
    page = asked("5000001", shown())
    assert page.count("18.00 USD") == 1
    assert "Notes" not in page
    assert "not this one" not in page


def test_each_expense_of_a_claim_can_be_left_out() -> None:
    page = asked("17-2026M03", shown(), shown(expense="5000002"))
    assert re.findall(r'name="but" value="(\d+)"', page) == ["5000001", "5000002"]
