"""Documents that the mapping converts, on AX: settled at the invoice's own rate, or held."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from documents.key import Kind
from tests.lives.ax_site import AX_SPEC, AxDesk
from tests.lives.desk import TODAY
from workers.demo.people import Line

PLAIN = Line("Advice", "1", "100.00")


@dataclass
class Converting:
    """A connection whose mapping converts to the currency of the books, and its file of rates."""

    ax: AxDesk
    spec: Path

    def write(self, *, convert: bool = True) -> None:
        """The mapping, as it is or as it was before it converted."""
        codes: dict[str, Any] = {"local": "USD", "local_code": "USD", "codes": "currencies"}
        codes |= {"convert": _CONVERT} if convert else {}
        banks = {"parts": "3", "rows": {"*|*|*": "BANK-USD" if convert else "BANK-EUR"}}
        spec = {
            "name": "converting",
            "extends": AX_SPEC.name,
            "currency": codes,
            "maps": {"bank_accounts": banks},
        }
        self.spec.write_text(json.dumps(spec), "utf-8")

    def rate(self, currency: str, rate: str) -> None:
        """What one unit is worth today."""
        text = f"base,quote,date,rate,source\n{currency},USD,{TODAY},{rate},ECB\n"
        (self.spec.parent / _CONVERT["rates"]).write_text(text, "utf-8")


_CONVERT = {
    "to": "USD",
    "rates": "rates.csv",
    "max_age_days": "0",
    "difference_account": "4900",
}


@asynccontextmanager
async def _open(ax: AxDesk, folder: Path, **policy: Any) -> AsyncIterator[Converting]:
    spec = shutil.copytree(AX_SPEC.parent, folder / "mappings") / "converting.yaml"
    async with ax.books.target(posting="service") as target:
        await ax.begin(target, spec, **policy)
        made = Converting(ax, spec)
        made.rate("EUR", "1.1037")
        made.write()
        yield made


async def test_parts_of_an_invoice_settle_it_to_the_cent_and_a_void_takes_back_as_much(
    ax: AxDesk, tmp_path: Path
) -> None:
    async with _open(ax, tmp_path) as converting:
        goods = Line("Advice", "3", "33.33", (("HST", "13"),))
        invoice, voided = (
            await ax.posted(PLAIN, currency="EUR"),
            await ax.posted(goods, currency="EUR"),
        )
        found = await ax.row(Kind.INVOICE, invoice)
        assert (found["amount"], found["currency"]) == ("110.37", "USD")
        # What the file says later is not what they were posted at.
        converting.rate("EUR", "9.9")
        for part in ("33.33", "33.33", "33.34"):
            status = await ax.paid(invoice, part, "EUR")
        assert status.stage == "closed", status
        await ax.clerk.void_invoice(voided)
        assert (await ax.driver.invoice(voided)).stage == "closed"
        for kind in (Kind.INVOICE, Kind.INVOICE_REVERSAL):
            row = await ax.row(kind, voided)
            assert (row["amount"], row["remaining"]) == ("124.71", "0.00")
        receipts = await ax.books.journal(kind="payment")
        assert [row["amount"] for row in receipts] == ["36.79", "36.78", "36.80"]


async def test_money_for_an_invoice_that_was_posted_before_the_mapping_converted_is_held(
    ax: AxDesk, tmp_path: Path
) -> None:
    async with _open(ax, tmp_path) as converting:
        converting.write(convert=False)
        invoice = await ax.posted(PLAIN, currency="EUR")
        assert (await ax.row(Kind.INVOICE, invoice))["currency"] == "EUR"
        converting.write()
        status = await ax.paid(invoice, "40.00", "EUR")
        assert status.cause == "rate-unknown", status
        assert not await ax.books.journal(kind="payment")


async def test_a_payment_that_is_worth_nothing_in_the_books_is_held_until_it_is_worth_more(
    ax: AxDesk, tmp_path: Path
) -> None:
    async with _open(ax, tmp_path) as converting:
        converting.rate("JPY", "0.004")
        invoice = await ax.posted(Line("Advice", "1", "10000"), currency="JPY")
        status = await ax.paid(invoice, "1", "JPY")
        assert status.cause == "converts-to-nothing", status
        assert "1 JPY" in status.reason and "0.00 USD" in status.reason
        assert not await ax.books.journal(kind="payment")
        (payment,) = await ax.source.payments(str(invoice))
        await ax.clerk.delete_payment(int(payment.source_id))
        assert (await ax.paid(invoice, "1001", "JPY")).stage == "posted"
        (receipt,) = await ax.books.journal(kind="payment")
        assert (receipt["amount"], receipt["currency"]) == ("4.00", "USD")


async def test_a_cent_that_rounding_leaves_open_is_held(ax: AxDesk, tmp_path: Path) -> None:
    async with _open(ax, tmp_path, edits="reverse and repost"):
        invoice = await ax.posted(PLAIN, currency="EUR")
        await ax.paid(invoice, "33.33", "EUR")
        first = (await ax.books.journal(kind="payment"))[0]["document"]
        await ax.paid(invoice, "33.33", "EUR")
        await ax.clerk.delete_payment(int(first))
        await ax.clerk.change_lines(invoice, "EUR", [Line("Advice", "1", "33.33")])
        status = await ax.driver.invoice(invoice)
        assert status.cause == "conversion-remainder", status
        assert "0.01 USD" in status.reason
        assert (await ax.row(Kind.INVOICE, invoice, 2))["remaining"] == "0.01"
