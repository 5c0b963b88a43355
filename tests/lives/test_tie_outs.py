"""Breaks that only a target's own figures show: found on NAV and on AX, and nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from activities.rates import Rates
from documents.bill import Bill
from documents.key import Kind
from documents.tieout import BreakType
from mapping.rates import RateFile
from policies.bills.settings import BillPolicy
from policies.tieout.settings import TieOutPolicy
from tests.lives.ax_site import AX_SPEC, AxDesk
from tests.lives.desk import ADVICE, TODAY, begin
from tests.lives.driver import Driver
from tests.lives.site import COMPANY, Business, Site
from tests.lives.tying import tied_out
from tests.mapping.specs import NAV_SPEC
from workers.demo.people import BillLine, Line

_LEVIED = Line("Advice", "1", "100.00", (("Levy", "13"),))
_PAPER = BillLine("Supplies", "100.00", "HST", "13")
_UNTAXED = Line("Advice", "1", "113.00")


@dataclass(frozen=True)
class Trade:
    """A business, and what people do at the client of its target."""

    business: Business
    driver: Driver
    rate: Callable[[str], Awaitable[None]]
    rename: Callable[[str, str], Awaitable[None]]

    async def posted(self, *lines: Line, currency: str = "USD") -> tuple[int, int]:
        """A client and an invoice of theirs that is in the target's books."""
        clerk = self.business.clerk
        client = await clerk.add_client(f"Client {currency} {lines}"[:40], "")
        invoice = await clerk.write_invoice(client, currency, TODAY, list(lines) or [ADVICE])
        await clerk.send_invoice(invoice)
        status = await self.driver.invoice(invoice)
        assert status.stage == "posted", status
        return client, invoice


def _spec(folder: Path, shipped: Path) -> Path:
    """The shipped mapping, with a tax that the target computes."""
    spec = shutil.copytree(shipped.parent, folder / "mappings") / "levied.yaml"
    none = "NOVAT" if shipped == NAV_SPEC else "NONE"
    rows = [
        {"taxes": [{"name": "Levy", "percent": "13"}], "code": "VAT13"},
        {"taxes": "*", "line": {"account": "2200"}},
    ]
    taxes = {"untaxed": {"value": none}, "zero_code": none, "rows": rows}
    content = {"name": "levied", "extends": shipped.name, "taxes": taxes}
    spec.write_text(json.dumps(content), "utf-8")
    return spec


@pytest.fixture
async def nav(site: Site, tmp_path: Path) -> Trade:
    desk = await begin(site, _spec(tmp_path, NAV_SPEC))

    async def rate(worth: str) -> None:
        fields = {"Currency_Code": "GBP", "Starting_Date": str(TODAY), "Exchange_Rate_Amount": 1}
        await site.books.add(
            "CurrencyExchangeRates", **fields, Relational_Exch_Rate_Amount=float(worth)
        )

    async def rename(customer: str, to: str) -> None:
        url = str(httpx.URL("http://nav.test").copy_with(path=f"/person/{COMPANY}/rename"))
        response = await site.books._http.post(url, json={"customer": customer, "as": to})
        assert response.status_code == 200, response.text

    return Trade(site, desk.driver, rate, rename)


@pytest.fixture
async def ax_trade(ax: AxDesk, tmp_path: Path) -> AsyncIterator[Trade]:
    async def rate(worth: str) -> None:
        per_100 = str(float(worth) * 100)
        await ax.books.person("rate", currency="GBP", rate=per_100, **{"from": str(TODAY)})

    async def rename(customer: str, to: str) -> None:
        await ax.books.person("rename", account=customer, **{"as": to})

    async with ax.books.target(posting="service") as target:
        await ax.begin(target, _spec(tmp_path, AX_SPEC))
        yield Trade(ax, ax.driver, rate, rename)


async def _planted(trade: Trade, folder: Path) -> None:
    business = trade.business
    rates = folder / "rates.csv"
    rates.write_text(f"base,quote,date,rate,source\nGBP,USD,{TODAY},1.25,the bank\n")
    business.connection.tie_out = TieOutPolicy()
    business.connection.rates = Rates(RateFile(rates), "USD", 31)
    for line in (ADVICE, _LEVIED):
        await trade.posted(line, currency="EUR")
    await trade.posted(ADVICE, currency="GBP")
    before = await tied_out(business)
    assert (before.told, before.verdict) == (set(), "ties to the cent")
    await trade.rate("1.3")
    _, dear = await trade.posted(ADVICE, currency="GBP")
    _, levied = await trade.posted(_LEVIED)
    client, renamed = await trade.posted(ADVICE)
    await business.clerk.change_lines(levied, "USD", [_UNTAXED])
    customer = await _customer(business, client)
    await trade.rename(customer, "NEW-1")
    found = await tied_out(business)
    assert found.told == {
        (BreakType.EXCHANGE_RATE, f"invoice/{dear}"),
        (BreakType.TAX, f"invoice/{levied}"),
        (BreakType.ALTERED, f"invoice/{renamed}"),
        (BreakType.MISSING_IN_TARGET, f"customer/{client}"),
    }
    await trade.rename("NEW-1", customer)
    await business.clerk.change_lines(levied, "USD", [_LEVIED])
    await business.clerk.void_invoice(dear)
    await trade.driver.invoice(dear)
    after = await tied_out(business)
    assert (after.told, after.verdict) == (set(), "ties to the cent")


async def _customer(business: Business, client: int) -> str:
    references = business.store.references
    found = await references.get(business.connection.name, Kind.CUSTOMER, str(client))
    assert found is not None
    return found.target_number


async def test_rate_tax_and_what_was_altered_are_found_on_nav(nav: Trade, tmp_path: Path) -> None:
    await _planted(nav, tmp_path)


async def test_rate_tax_and_what_was_altered_are_found_on_ax(
    ax_trade: Trade, tmp_path: Path
) -> None:
    await _planted(ax_trade, tmp_path)


async def test_bills_are_asked_for_by_their_keys_on_ax(ax_trade: Trade) -> None:
    """What was posted and adopted is found, and a bill that AX does not have is missing."""
    business = ax_trade.business
    business.connection.tie_out, business.connection.bills = TieOutPolicy(), BillPolicy()
    assert isinstance(business, AxDesk)
    await business.books.person("vendor", account="V-PAPER", name="Harbour Paper", group="VEND")
    vendor = await business.clerk.enter_vendor("Harbour Paper", "V-PAPER")
    bills = [await business.clerk.enter_bill(vendor, f"HP-{n}", TODAY, [_PAPER]) for n in (1, 2, 3)]
    for bill in bills[:2]:
        await _posted_bill(business, bill)
    found = await tied_out(business)
    assert found.told == {(BreakType.MISSING_IN_TARGET, f"bill/{bills[2]}")}
    counts = {each.kind.value: each.target.count for each in found.summary.totals}
    assert counts["bill"] == 2


async def _posted_bill(business: Business, source_id: int) -> None:
    """As the process of a bill does it."""
    connection, store = business.connection, business.store
    found = await connection.source.bill(str(source_id))
    assert isinstance(found, Bill)
    key = connection.key(Kind.BILL, str(source_id))
    mapper = await connection.mapper()
    await store.postings.open(key, connection.name, None, found.total)
    await connection.target.create(key, mapper.map_bill(found, "V-PAPER", key, TODAY))
    await connection.target.post(key)
