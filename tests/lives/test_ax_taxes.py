"""Taxes that AX computes by itself: compared for each tax code before anything is posted."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from documents.key import Kind
from documents.row import Action
from tests.lives.ax_site import AX_SPEC, AxDesk
from workers.demo.people import Line

LINES = (
    Line("Advice", "1", "100.00", (("HST", "13"),)),
    Line("Books", "1", "100.00", (("GST", "5"),)),
)


def _write(spec: Path, **codes: str) -> None:
    percents = {"HST": "13", "GST": "5"}
    rows = [
        {"taxes": [{"name": name, "percent": percents[name]}], "code": code}
        for name, code in codes.items()
    ]
    taxes = {"untaxed": {"value": "NONE"}, "zero_code": "NONE", "rows": rows}
    content = {"name": "codes", "extends": AX_SPEC.name, "taxes": taxes}
    spec.write_text(json.dumps(content), "utf-8")


async def test_too_much_under_one_code_hides_no_too_little_under_another(
    ax: AxDesk, tmp_path: Path
) -> None:
    """The total agrees: only the tax of each code shows that two codes are exchanged."""
    spec = shutil.copytree(AX_SPEC.parent, tmp_path / "mappings") / "codes.yaml"
    _write(spec, HST="VAT5", GST="VAT13")
    async with ax.books.target(posting="service") as target:
        await ax.begin(target, spec)
        invoice = await ax.sent(*LINES)
        status = await ax.driver.invoice(invoice)
        assert status.cause == "tax-differs", status
        assert all(text in status.reason for text in ("VAT5", "13.00", "5.00")), status.reason
        assert not await ax.books.journal(kind="invoice", state="posted")
        _write(spec, HST="VAT13", GST="VAT5")
        status = await ax.driver.decide(Kind.INVOICE, invoice, Action.RETRY)
        assert status.stage == "posted", status
        assert (await ax.row(Kind.INVOICE, invoice))["amount"] == "218.00"
