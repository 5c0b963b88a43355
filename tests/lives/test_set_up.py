"""A set-up that was wrong and is corrected while the worker runs: the next look sees it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from documents.row import Action
from sandbox.nav.schema import Page
from sandbox.nav.system import Nav
from tests.lives.desk import begin
from tests.lives.site import Site
from tests.lives.specs import variant
from tests.mapping.specs import NAV_SPEC

_WHOLE = NAV_SPEC.read_text(encoding="utf-8")


async def test_a_corrected_mapping_is_seen_without_a_restart(site: Site, tmp_path: Path) -> None:
    spec = variant(tmp_path, {})
    spec.write_text(_WHOLE.replace("EUR: EUR, GBP", "GBP"), encoding="utf-8")
    desk = await begin(site, spec)
    invoice = await desk.sent(currency="EUR")
    assert (await desk.look(invoice)).cause == "currency-unmapped"
    spec.write_text(_WHOLE, encoding="utf-8")
    status = await desk.decide(invoice, Action.RETRY)
    assert status.stage == "posted", status


async def test_a_corrected_included_map_is_seen_without_a_restart(
    site: Site, tmp_path: Path
) -> None:
    spec = variant(tmp_path, {})
    spec.write_text(_WHOLE, encoding="utf-8")
    countries = spec.parent / "maps" / "countries.yaml"
    whole = countries.read_text(encoding="utf-8")
    countries.write_text(whole.replace("Norway", "Elsewhere"), encoding="utf-8")
    desk = await begin(site, spec)
    client = await desk.clerk.add_client("Fjord AS", "ap@fjord.example", p_country="Norway")
    invoice = await desk.sent(client=client)
    assert (await desk.look(invoice)).stage == "held"
    countries.write_text(whole, encoding="utf-8")
    status = await desk.decide(invoice, Action.RETRY)
    assert status.stage == "posted", status


async def test_a_mapping_that_no_longer_loads_holds_with_its_problems(
    site: Site, tmp_path: Path
) -> None:
    spec = variant(tmp_path, {})
    desk = await begin(site, spec)
    await desk.posted()
    written = spec.read_text(encoding="utf-8")
    spec.write_text(_WHOLE.replace("customer:", "custommer:", 1), encoding="utf-8")
    invoice = await desk.sent()
    status = await desk.look(invoice)
    assert status.cause == "misconfigured", status
    assert "did you mean customer?" in status.reason
    spec.write_text(written, encoding="utf-8")
    assert (await desk.decide(invoice, Action.RETRY)).stage == "posted"


@pytest.mark.parametrize("page", ["PostedSalesInvoice", "SalesInvoice", "Customer"])
async def test_a_page_that_is_published_later_is_seen_without_a_restart(
    site: Site, page: str
) -> None:
    desk = await begin(site)
    await site.target.refresh()
    pages = _pages(site)
    taken_off = pages.pop(page)
    try:
        invoice = await desk.sent()
        status = await desk.look(invoice)
        assert (status.cause, page in status.reason) == ("misconfigured", True), status
    finally:
        pages[page] = taken_off
    status = await desk.decide(invoice, Action.RETRY)
    assert status.stage == "posted", status


def _pages(site: Site) -> dict[str, Page]:
    """What the administrator of NAV publishes."""
    return cast(dict[str, Page], cast(Nav, site.nav)._odata._pages)
