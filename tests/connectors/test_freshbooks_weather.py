"""Wrong accounts, tokens that end, and a line that fails, against the stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from connectors.errors import (
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
)
from connectors.freshbooks.adapter import FreshBooksSource
from connectors.freshbooks.discovery import identity, time_zone
from connectors.freshbooks.families import (
    CLIENTS,
    INVOICES,
)
from tests.connectors.freshbooks_house import (
    GUEST,
    OWNER,
    House,
    MemoryVault,
    open_house,
    stale,
    the_invoice,
)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as opened:
        yield opened


@pytest.mark.parametrize("api_version", ["", "2023-02-20"])
async def test_an_invoice_for_an_unknown_client_is_rejected_in_both_error_shapes(
    house: House, api_version: str
) -> None:
    client, _ = house.connect(OWNER, house.vault, api_version=api_version)
    with pytest.raises(Rejected) as rejected:
        await client.create(INVOICES, {"customerid": 9999999, "create_date": "2026-02-01"})
    assert rejected.value.hold.cause == "unknown-client"
    assert await client.read(INVOICES, "9999999") is None


async def test_a_wrong_account_is_a_wrong_set_up_and_not_a_missing_invoice(house: House) -> None:
    wrong = OWNER.model_copy(update={"account_id": "XXXXX"})
    client, _ = house.connect(wrong, house.vault)
    with pytest.raises(Misconfigured):
        await FreshBooksSource(client).invoice("2000001")
    with pytest.raises(Misconfigured):
        await FreshBooksSource(client).callbacks()


async def test_a_user_who_is_only_a_client_reads_and_is_denied_every_write(house: House) -> None:
    client, _ = house.connect(GUEST, MemoryVault(stale(GUEST)))
    assert await FreshBooksSource(client).customer("1000001") is None
    with pytest.raises(Misconfigured, match="role"):
        await client.create(CLIENTS, {"organization": "x"})
    with pytest.raises(Misconfigured, match="only a client"):
        (await identity(client)).choose()


async def test_the_business_is_discovered_and_one_without_an_account_is_passed_over(
    house: House,
) -> None:
    found = await identity(house.client)
    assert {b.business_id for b in found.businesses} == {"1234567", "1234568"}
    chosen = found.choose()
    assert (chosen.account_id, chosen.business_uuid) == (OWNER.account_id, OWNER.business_uuid)
    with pytest.raises(Misconfigured, match="no accounting account"):
        found.choose(business_id="1234568")
    assert await time_zone(house.client, chosen.business_id) == "America/New_York"


async def test_two_workers_with_an_expired_token_make_exactly_one_refresh(house: House) -> None:
    workers = [FreshBooksSource(house.connect(OWNER, house.vault)[0]) for _ in range(2)]
    await asyncio.gather(*(worker.callbacks() for worker in workers for _ in range(4)))
    assert len(await house.requests("/auth/oauth/token")) == 1
    assert house.vault.tokens is not None
    assert house.vault.tokens.refresh_token != OWNER.refresh_token


async def test_a_token_that_freshbooks_let_expire_is_refreshed_once(house: House) -> None:
    assert await house.source.callbacks() == []
    await house.advance("PT2H")
    assert await house.source.callbacks() == []
    assert len(await house.requests("/auth/oauth/token")) == 2


async def test_a_refresh_whose_answer_was_lost_ends_in_a_clear_demand_for_consent(
    house: House,
) -> None:
    await house.fault("reset_after", "/auth/oauth/token", times=1)
    with pytest.raises(Unavailable, match="answer was lost"):
        await house.source.callbacks()
    with pytest.raises(Unauthorized, match="tieout connect freshbooks"):
        await house.source.callbacks()
    async with httpx.AsyncClient() as browser:
        page = await browser.get(house.auth.authorize_url("state-1"))
    answer = parse_qs(urlsplit(page.headers["location"]).query)
    assert answer["state"] == ["state-1"]
    await house.auth.exchange_code(answer["code"][0])
    assert await house.source.callbacks() == []


async def test_a_refresh_that_never_arrived_needs_nobody(house: House) -> None:
    await house.fault("reset_before", "/auth/oauth/token", times=1)
    with pytest.raises(Unavailable):
        await house.source.callbacks()
    assert await house.source.callbacks() == []


async def test_a_revoked_token_is_replaced_by_a_refresh(house: House) -> None:
    assert await house.source.callbacks() == []
    await house.auth.revoke()
    assert await house.source.callbacks() == []


async def test_faults_of_the_line_have_the_meaning_of_the_call(house: House) -> None:
    invoice_id = await house.new_invoice(await house.new_client())
    path = f".*/invoices/{invoice_id}"
    for fault in ("reset_before", "reset_after", "malformed"):
        await house.fault(fault, path, "GET", times=1)
        with pytest.raises(Unavailable):
            await house.source.invoice(invoice_id)
    await house.fault("reset_before", path, "PUT", times=1)
    with pytest.raises(OutcomeUnknown):
        await house.client.update(INVOICES, invoice_id, {"po_number": "1"})
    await house.fault("status", path, "GET", status=429, retry_after=7, times=1)
    with pytest.raises(Throttled) as throttled:
        await house.source.invoice(invoice_id)
    assert throttled.value.retry_after == 7.0
    await house.fault("status", path, "GET", status=200, times=1)
    with pytest.raises(Unavailable):
        await house.source.invoice(invoice_id)
    await house.fault("status", path, "PUT", status=502, times=1)
    with pytest.raises(OutcomeUnknown):
        await house.client.update(INVOICES, invoice_id, {"po_number": "1"})
    assert (await the_invoice(house, invoice_id)).po_number == ""


async def test_a_hanging_answer_is_given_up_within_the_timeout(house: House) -> None:
    invoice_id = await house.new_invoice(await house.new_client())
    await house.fault("hang_after", f".*/invoices/{invoice_id}", "PUT", times=1, delay=30)
    with pytest.raises(OutcomeUnknown):
        await house.client.update(INVOICES, invoice_id, {"po_number": "late"})
    assert (await the_invoice(house, invoice_id)).po_number == "late"
