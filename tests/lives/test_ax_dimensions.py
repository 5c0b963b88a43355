"""Financial dimensions in AX's books: of the item, the client and the project of each line, on a
credit note as on an invoice and an order, and on what takes it back."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from documents.key import Kind
from documents.row import Action
from tests.lives.ax_site import AX_SPEC, AxDesk
from tests.lives.desk import TODAY
from workers.demo.people import Line

LINES = (Line("Advice", "1", "10.00", project=77), Line("Travel", "2", "3.00"))
CODED = [
    {"Department": "SALES", "CostCenter": "100", "Project": "P1"},
    {"Department": "ADM", "CostCenter": "100"},
]
BASES = {"free_text_invoice": AX_SPEC.name, "sales_order": "freshbooks-ax-orders.yaml"}


@asynccontextmanager
async def _open(ax: AxDesk, folder: Path, document: str) -> AsyncIterator[AxDesk]:
    """A connection whose mapping knows dimensions of items, of the client and of a project."""
    path = shutil.copytree(AX_SPEC.parent, folder / "mappings") / "with-dimensions.yaml"
    ports = {"sales_order": "SalesOrderService"}
    async with ax.books.target(posting="service", document=document, ports=ports) as target:
        await ax.begin(target, path)
        maps: dict[str, Any] = {
            "departments": {"rows": {"Advice": "SALES", "Travel": "ADM", "*": ""}},
            "cost_centers": {"rows": {str(ax.client): "100", "*": ""}},
            "projects": {"rows": {"77": "P1", "*": ""}},
        }
        spec = {"name": path.stem, "extends": BASES[document], "maps": maps}
        path.write_text(json.dumps(spec), "utf-8")
        yield ax


async def _credited(ax: AxDesk, *lines: Line) -> int:
    return await ax.clerk.write_credit(ax.client, "USD", TODAY, "goodwill", "", lines)


@pytest.mark.parametrize("document", BASES)
async def test_an_invoice_and_what_takes_it_back_carry_the_dimensions_of_each_line(
    ax: AxDesk, tmp_path: Path, document: str
) -> None:
    async with _open(ax, tmp_path, document):
        invoice = await ax.posted(*LINES)
        await ax.clerk.void_invoice(invoice)
        assert (await ax.driver.invoice(invoice)).stage == "closed"
        for kind in (Kind.INVOICE, Kind.INVOICE_REVERSAL):
            assert await ax.dimensions(kind, invoice) == CODED, kind


async def test_a_credit_note_and_what_takes_it_back_carry_the_dimensions_of_each_line(
    ax: AxDesk, tmp_path: Path
) -> None:
    async with _open(ax, tmp_path, "free_text_invoice"):
        credit = await _credited(ax, *LINES)
        assert (await ax.driver.credit(credit)).stage == "closed"
        await ax.clerk.delete_credit(credit)
        assert (await ax.driver.credit(credit)).stage == "closed"
        for kind in (Kind.CREDIT_NOTE, Kind.CREDIT_NOTE_REVERSAL):
            assert await ax.dimensions(kind, credit) == CODED, kind
            assert (await ax.row(kind, credit))["remaining"] == "0.00"


async def test_a_credit_note_without_a_dimension_that_its_account_demands_is_held_and_corrected(
    ax: AxDesk, tmp_path: Path
) -> None:
    async with _open(ax, tmp_path, "free_text_invoice"):
        await ax.books.person("require", number="4000", dimension="Project", required=True)
        credit = await _credited(ax, *LINES)
        status = await ax.driver.credit(credit)
        assert status.cause == "dimension-missing", status
        assert "Project" in status.reason, status
        assert "4000" in status.reason, status
        assert not await ax.books.journal(kind="credit_memo"), "AX refused to create it"
        values = {"dimension:project": "P2"}
        status = await ax.driver.decide(Kind.CREDIT_NOTE, credit, Action.CORRECT, "", values)
        assert status.stage == "closed", status
        found = await ax.dimensions(Kind.CREDIT_NOTE, credit)
        assert [line["Project"] for line in found] == ["P2", "P2"]
