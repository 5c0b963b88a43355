"""What NAV demands of dimensions is known before anything is written, whoever bears the demand."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from documents.key import Kind
from documents.row import Action
from sandbox.nav.schema import Page
from sandbox.nav.system import Nav
from tests.lives.desk import Desk, begin
from tests.lives.driver import Status
from tests.lives.site import Site
from tests.lives.specs import CODES, variant
from tests.mapping.specs import NAV_SPEC
from workers.demo.people import Line

_SALES = {"dimension:department": "SALES"}
_ACCOUNT, _CUSTOMER, _BANK = 15, 18, 270


async def demand(desk: Desk, table: int, number: str, posting: str = "Code Mandatory") -> None:
    await desk.books.add(
        "DefaultDimensions",
        Table_ID=table,
        No=number,
        Dimension_Code="DEPARTMENT",
        Value_Posting=posting,
    )


def told(status: Status, bearer: str) -> None:
    """Held, naming the dimension and who demands it."""
    assert status.cause == "dimension-missing", status
    assert status.hold is not None
    named = status.hold.values["dimension"], status.hold.values["account"]
    assert named == ("DEPARTMENT", bearer)
    assert f"{bearer} " in status.reason
    assert "NAV says" not in status.reason, "it was known before NAV was asked to post"


async def unwritten(desk: Desk) -> None:
    assert await desk.books.rows("SalesInvoice") == []
    assert await desk.books.rows("CashReceiptJournal") == []


@pytest.mark.parametrize("account", ["4000", "2200"])
async def test_a_dimension_that_revenue_or_the_line_of_a_tax_lacks_is_told_and_corrected(
    site: Site, account: str
) -> None:
    desk = await begin(site)
    await demand(desk, _ACCOUNT, account)
    invoice = await desk.sent()
    told(await desk.look(invoice), f"G/L Account {account}")
    await unwritten(desk)
    status = await desk.decide(invoice, Action.CORRECT, **_SALES)
    assert status.stage == "posted", status
    entries = await desk.books.rows("GLEntries", G_L_Account_No=account)
    assert [e["Global_Dimension_1_Code"] for e in entries] == ["SALES"]


async def test_a_dimension_that_the_customer_demands_is_told_for_invoice_and_payment(
    site: Site,
) -> None:
    desk = await begin(site)
    await desk.posted()
    customer = await desk.customer()
    await demand(desk, _CUSTOMER, customer)
    invoice = await desk.sent()
    told(await desk.look(invoice), f"Customer {customer}")
    await unwritten(desk)
    assert (await desk.decide(invoice, Action.CORRECT, **_SALES)).stage == "posted"
    entry = await desk.entry(Kind.INVOICE, invoice)
    assert entry["Global_Dimension_1_Code"] == "SALES"
    await desk.pay(invoice, "113.00")
    told(await desk.look(invoice), f"Customer {customer}")
    await unwritten(desk)
    place = f"{_CUSTOMER},'{customer}','DEPARTMENT'"
    await desk.books.change("DefaultDimensions", place, Dimension_Value_Code="SALES")
    assert (await desk.look(invoice)).stage == "closed"


@pytest.mark.parametrize("account", ["2300", "1300"])
async def test_a_dimension_that_an_account_of_navs_set_up_lacks_is_told_and_corrected(
    site: Site, tmp_path: Path, account: str
) -> None:
    """Output tax that NAV computes by a code, and the control account of the customer."""
    desk = await begin(site, variant(tmp_path, {"taxes": CODES}))
    await demand(desk, _ACCOUNT, account)
    invoice = await desk.sent()
    told(await desk.look(invoice), f"G/L Account {account}")
    await unwritten(desk)
    assert (await desk.decide(invoice, Action.CORRECT, **_SALES)).stage == "posted"
    entries = await desk.books.rows("GLEntries", G_L_Account_No=account)
    assert [e["Global_Dimension_1_Code"] for e in entries] == ["SALES"]


async def test_a_default_dimension_of_the_customer_meets_every_demand(site: Site) -> None:
    desk = await begin(site)
    await desk.posted()
    for account in ("4000", "2200", "1300"):
        await demand(desk, _ACCOUNT, account)
    await desk.books.add(
        "DefaultDimensions", Table_ID=_CUSTOMER, No=await desk.customer(),
        Dimension_Code="DEPARTMENT", Dimension_Value_Code="SALES",
    )  # fmt: skip
    await desk.posted(Line("More", "1", "20.00", (("HST", "13"),)))


async def test_a_value_that_an_account_does_not_allow_is_told(site: Site) -> None:
    desk = await begin(site)
    await demand(desk, _ACCOUNT, "4000", "No Code")
    await desk.books.change("GLAccounts", "'4000'", Blocked=True)
    invoice = await desk.sent()
    await desk.look(invoice)
    status = await desk.decide(invoice, Action.CORRECT, **_SALES)
    told(status, "G/L Account 4000")
    assert "allows no value, not SALES" in status.reason


async def test_a_dimension_that_the_bank_account_demands_is_told_before_money_is_written(
    site: Site,
) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    await demand(desk, _BANK, "BANK-USD")
    await desk.pay(invoice, "113.00")
    told(await desk.look(invoice), "Bank Account BANK-USD")
    await unwritten(desk)


async def test_an_edit_that_lacks_a_dimension_is_held_and_what_was_posted_stands(
    site: Site,
) -> None:
    desk = await begin(site, NAV_SPEC, edits="reverse and repost")
    invoice = await desk.posted()
    before = await desk.books.rows("GLEntries")
    await demand(desk, _ACCOUNT, "4100")
    await desk.clerk.change_lines(invoice, "USD", [Line("Support", "1", "10.00")])
    told(await desk.look(invoice), "G/L Account 4100")
    assert await desk.books.rows("GLEntries") == before


async def test_where_default_dimensions_are_not_published_nav_refuses_and_the_check_says_so(
    site: Site,
) -> None:
    desk = await begin(site)
    await demand(desk, _ACCOUNT, "4000")
    await site.target.refresh()
    pages = cast(dict[str, Page], cast(Nav, site.nav)._odata._pages)
    taken_off = pages.pop("DefaultDimensions")
    try:
        (lacking,) = await site.target.check()
        assert "does not publish DefaultDimensions" in lacking
        status = await desk.look(await desk.sent())
        assert (status.cause, "NAV says" in status.reason) == ("dimension-missing", True)
    finally:
        pages["DefaultDimensions"] = taken_off
        await site.target.refresh()
