"""How NAV installations differ: names, tags, paging, journal pages."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import Conflict, Misconfigured
from connectors.nav.adapter import NavTarget
from connectors.nav.settings import JournalBatch
from documents.key import Kind
from documents.money import Money
from documents.posting import PostingState
from sandbox.nav import NavProfile
from tests.connectors.nav_books import (
    customer_record,
    figures,
    key,
    line,
    nav_site,
    payment_record,
    sales_record,
)

_INVOICE = key(Kind.INVOICE)
_PAYMENT = key(Kind.PAYMENT)
_EUR = Money.of("35.70", "EUR")


async def _paid(nav: NavTarget) -> None:
    """An invoice and its payment, from nothing to settled."""
    made = await nav.create_customer(key(Kind.CUSTOMER), customer_record())
    sale = sales_record(made.number, (line("10.00"), line("20.00")), figures("30.00", "5.70"))
    assert (await nav.create(_INVOICE, sale)).figures == sale.expected
    number = (await nav.post(_INVOICE)).number
    await nav.create(_PAYMENT, payment_record(made.number, _EUR, str(number)))
    assert (await nav.post(_PAYMENT)).applied_to == (number,)
    assert (await nav.lookup(_INVOICE)).is_settled


@pytest.mark.parametrize(
    ("profile", "changes"),
    [
        (NavProfile(flow_tags=True), {}),
        (NavProfile(page_size=1), {}),
        (NavProfile(), {"page_size": 1}),
        (NavProfile(codeunit_name="OurPosting"), {"codeunit": "OurPosting"}),
        (
            NavProfile(service_names={"Customer": "Kunden", "CashReceiptJournal": "Journal"}),
            {"services": {"customer": "Kunden", "cash_receipt_journal": "Journal"}},
        ),
        (
            NavProfile(journal_filter=True),
            {"payment_journal": JournalBatch(template="CASHRCPT", batch="DEFAULT")},
        ),
        (NavProfile(), {"soap_url": "http://nav.test:7047", "local_currency": "USD"}),
        (NavProfile(), {"tenant": "t1"}),
    ],
)
async def test_a_document_lives_its_life_on_every_site(
    profile: NavProfile, changes: dict[str, Any]
) -> None:
    async with nav_site(profile, **changes) as nav:
        await nav.check()
        await _paid(nav)


@pytest.mark.parametrize("status", [409, 412])
async def test_a_record_that_somebody_changed_meanwhile_is_a_conflict(status: Any) -> None:
    async with nav_site(NavProfile(stale_status=status)) as nav:
        made = await nav.create_customer(key(Kind.CUSTOMER), customer_record())
        odata = nav._company.odata
        address = f"Customer('{made.number}')"
        stale = (await odata.read(address, operation="read")).etag
        await odata.update(address, stale, {"City": "Bonn"}, operation="update")
        for attempt in (
            odata.update(address, stale, {"City": "Ulm"}, operation="update"),
            odata.delete(address, stale, operation="delete"),
        ):
            with pytest.raises(Conflict):
                await attempt
        assert (await odata.read(address, operation="read")).text("City") == "Bonn"


async def test_a_journal_page_that_hides_our_batch_is_a_wrong_set_up() -> None:
    async with nav_site(NavProfile(journal_filter=True)) as nav:
        made = await nav.create_customer(key(Kind.CUSTOMER), customer_record())
        with pytest.raises(Misconfigured, match="plain list page"):
            await nav.create(_PAYMENT, payment_record(made.number, _EUR))


@pytest.mark.parametrize(
    ("profile", "named"),
    [
        (NavProfile(service_names={"SalesInvoice": ""}), "SalesInvoice"),
        (NavProfile(service_names={"CashReceiptJournal": ""}), "CashReceiptJournal"),
        (NavProfile(odata_enabled=False), "does not allow"),
        (NavProfile(soap_enabled=False), "does not allow"),
    ],
)
async def test_a_service_that_is_off_is_named(profile: NavProfile, named: str) -> None:
    async with nav_site(profile) as nav:
        with pytest.raises(Misconfigured, match=named):
            await nav.check()


async def test_a_page_published_later_is_seen_after_a_refresh() -> None:
    async with nav_site(NavProfile()) as nav:
        before = await nav.schema()
        assert await nav.schema() is before
        await nav.refresh()
        assert await nav.schema() is not before
        assert await nav.schema() == before


async def test_an_invoice_through_the_general_journal_is_found_in_the_ledger() -> None:
    async with nav_site(NavProfile(), entities={Kind.INVOICE: "journal"}) as nav:
        made = await nav.create_customer(key(Kind.CUSTOMER), customer_record())
        record = payment_record(
            made.number,
            _EUR,
            Document_Type="Invoice",
            Amount="35.70",
            Bal_Account_Type="G/L Account",
            Bal_Account_No="4400",
        ).model_copy(update={"kind": Kind.INVOICE, "entity": "journal"})
        assert (await nav.create(_INVOICE, record)).figures == record.expected
        posted = await nav.post(_INVOICE)
        assert (posted.state, posted.remaining) == (PostingState.POSTED, _EUR)
        assert await nav.lookup(_INVOICE) == posted
