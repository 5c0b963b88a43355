"""An invoice as a sales order, and as lines of the general journal: posted, paid, taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from documents.key import Kind
from tests.lives.desk import ADVICE, Desk, begin
from tests.lives.site import open_site
from tests.lives.specs import variant
from tests.mapping.specs import NAV_SPEC
from workers.demo.people import Line

_COMMON: dict[str, Any] = {
    "Posting_Date": {"from": "record.posting_date"},
    "Document_No": {"from": "record.key"},
    "Document_Type": {"value": "Invoice"},
    "Currency_Code": {"from": "record.currency", "blank": "send"},
}
_JOURNAL: dict[str, Any] = {
    "invoice": {
        "document": "journal",
        "entity": "journal",
        "header": _COMMON,
        "party_line": {
            "Account_Type": {"value": "Customer"},
            "Account_No": {"from": "record.customer"},
            "Amount": {"from": "line.net"},
        },
        "lines": {
            "Account_Type": {"value": "G/L Account"},
            "Account_No": {"from": "line.account"},
            "Description": {"from": "line.name", "truncate": True},
            "Amount": {"from": "line.net", "negate": True},
        },
    },
    "invoice_reversal": {
        "entity": "journal",
        "header": {
            "Posting_Date": {"from": "record.posting_date"},
            "Document_No": {"from": "record.key"},
            "Document_Type": {"value": "Credit Memo"},
            "Applies_to_Doc_Type": {"value": "Invoice"},
            "Applies_to_Doc_No": {"from": "record.reverses"},
        },
        "lines": {
            "copy": ["Account_Type", "Account_No", "Description", "Currency_Code", "Amount"],
            "negate": ["Amount"],
        },
    },
}
_ENTITIES = {
    "order": {"invoice": "order"},
    "journal": {"invoice": "journal", "invoice_reversal": "journal"},
}


def _spec(folder: Path, document: str) -> Path:
    if document == "journal":
        return variant(folder, _JOURNAL)
    spec = YAML(typ="safe", pure=True).load(NAV_SPEC.read_text(encoding="utf-8"))
    return variant(
        folder, {"invoice": {**spec["invoice"], "document": document, "entity": document}}
    )


@pytest.mark.parametrize("document", ["order", "journal"])
async def test_an_invoice_is_posted_paid_and_taken_back_as(tmp_path: Path, document: str) -> None:
    spec = _spec(tmp_path, document)
    async with open_site(tmp_path, entities=_ENTITIES[document]) as site:
        desk = await begin(site, spec)
        await _is_paid_in_two_parts(desk)
        await _is_taken_back(desk)
        await _is_posted_in_euro(desk)
        assert not await desk.books.rows("GeneralJournal")
        assert not await desk.books.rows("SalesOrder")


async def _is_paid_in_two_parts(desk: Desk) -> None:
    invoice = await desk.posted(ADVICE, Line("More", "2", "10.00"))
    assert (await desk.entry(Kind.INVOICE, invoice))["Amount"] == 133
    assert await desk.balance("4000") == "-120.00"
    assert await desk.balance("2200") == "-13.00"
    await desk.pay(invoice, "33.00")
    assert (await desk.look(invoice)).stage == "posted"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "100.00"
    await desk.pay(invoice, "100.00")
    assert (await desk.look(invoice)).stage == "closed"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "0.00"


async def _is_taken_back(desk: Desk) -> None:
    before = await desk.balance("4000", "2200")
    invoice = await desk.posted()
    await desk.clerk.void_invoice(invoice)
    assert (await desk.look(invoice)).stage == "closed"
    assert await desk.balance("4000", "2200") == before
    assert await desk.open_amount(Kind.INVOICE, invoice) == "0.00"
    assert await desk.open_amount(Kind.INVOICE_REVERSAL, invoice) == "0.00"


async def _is_posted_in_euro(desk: Desk) -> None:
    invoice = await desk.posted(currency="EUR")
    entry = await desk.entry(Kind.INVOICE, invoice)
    assert (entry["Currency_Code"], entry["Amount"]) == ("EUR", 113)


@pytest.mark.parametrize("made", [1, 2])
async def test_a_journal_that_was_left_half_done_is_posted_whole(tmp_path: Path, made: int) -> None:
    spec = _spec(tmp_path, "journal")
    async with open_site(tmp_path, entities=_ENTITIES["journal"]) as site:
        desk = await begin(site, spec)
        await desk.books.change("GLAccounts", "'4000'", Blocked=True)
        invoice = await desk.sent()
        assert (await desk.look(invoice)).stage == "held"
        lines = await desk.books.rows("GeneralJournal")
        for line in lines[made:]:
            key = ",".join(
                f"'{line[name]}'" for name in ("Journal_Template_Name", "Journal_Batch_Name")
            )
            await desk.books.remove("GeneralJournal", f"{key},{line['Line_No']}")
        await desk.books.change("GLAccounts", "'4000'", Blocked=False)
        status = await desk.look(invoice)
        assert status.stage == "posted", status
        assert (await desk.entry(Kind.INVOICE, invoice))["Amount"] == 113
        assert await desk.balance("4000") == "-100.00"
