"""Who is connected and which business: the traps are told before anything is set up."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from connectors.errors import Misconfigured
from connectors.freshbooks.client import FreshBooksClient
from connectors.freshbooks.discovery import Identity, identity, time_zone
from connectors.freshbooks.families import Account
from connectors.transport import Transport


def person(*businesses: tuple[int, str | None, str], **more: Any) -> dict[str, Any]:
    """Businesses as (id, account id, role on the accounting account)."""
    return {
        "identity_id": 5000001,
        "email": "owner@example.test",
        "business_memberships": [
            {
                "id": number,
                "role": "owner",
                "business": {
                    "id": number,
                    "business_uuid": f"uuid-{number}",
                    "account_id": account,
                    "name": f"Shop {number}",
                },
            }
            for number, account, _ in businesses
        ],
        "roles": [
            {"role": role, "accountid": account, "userid": 1}
            for _, account, role in businesses
            if account
        ],
        "subscription_statuses": {account: "active" for _, account, _ in businesses if account},
        **more,
    }


class Tokens:
    """One token for good."""

    async def token(self) -> str:
        return "t"

    def invalidate(self, access_token: str) -> None:
        raise AssertionError("no 401 is expected")


def client(body: Any) -> FreshBooksClient:
    transport = Transport(
        "freshbooks",
        "https://api.example.test",
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json=body)),
    )
    return FreshBooksClient(transport, Tokens(), Account(""))


async def known(*businesses: tuple[int, str | None, str], **more: Any) -> Identity:
    return await identity(client({"response": person(*businesses, **more)}))


async def test_the_only_business_is_chosen_without_being_named() -> None:
    chosen = (await known((1000001, "6BApk", "admin"))).choose()
    assert (chosen.business_id, chosen.business_uuid, chosen.account_id, chosen.name) == (
        "1000001",
        "uuid-1000001",
        "6BApk",
        "Shop 1000001",
    )


async def test_of_several_businesses_one_must_be_named() -> None:
    found = await known((1000001, "6BApk", "admin"), (1000002, "7CBql", "admin"))
    with pytest.raises(Misconfigured, match=r"Shop 1000001 \(6BApk\), Shop 1000002 \(7CBql\)"):
        found.choose()
    assert found.choose(account_id="7CBql").business_id == "1000002"
    assert found.choose(business_id="1000001").account_id == "6BApk"


async def test_a_business_without_an_accounting_account_is_refused() -> None:
    found = await known((1000001, None, "admin"))
    with pytest.raises(Misconfigured, match="no accounting account"):
        found.choose()


async def test_an_unusable_business_beside_a_usable_one_is_passed_over() -> None:
    found = await known((1000001, None, "admin"), (1000002, "7CBql", "admin"))
    assert found.choose().account_id == "7CBql"


async def test_an_owner_who_is_only_a_client_of_the_account_is_refused() -> None:
    found = await known((1000001, "6BApk", "client"))
    with pytest.raises(Misconfigured, match="only a client on the accounting account"):
        found.choose(account_id="6BApk")


async def test_a_cancelled_subscription_is_refused() -> None:
    found = await known((1000001, "6BApk", "admin"), subscription_statuses={"6BApk": "cancelled"})
    with pytest.raises(Misconfigured, match="was cancelled"):
        found.choose()


async def test_an_unknown_account_is_told_with_what_there_is() -> None:
    found = await known((1000001, "6BApk", "admin"))
    with pytest.raises(Misconfigured, match=r"no such business; it has: Shop 1000001 \(6BApk\)"):
        found.choose(account_id="nope")


async def test_a_person_without_any_business_is_refused() -> None:
    found = await known(business_memberships=None, roles=None)
    with pytest.raises(Misconfigured, match="it has: none"):
        found.choose()


async def test_the_zone_of_a_business_is_read() -> None:
    zone = await time_zone(client({"response": {"timezone": "America/Toronto"}}), "1000001")
    assert zone == "America/Toronto"
    assert await time_zone(client({"response": {}}), "1000001") == ""


@pytest.mark.parametrize("body", [{"result": {}}, {"response": {"roles": "none"}}])
async def test_an_identity_that_is_not_understood_is_said_so(body: Any) -> None:
    with pytest.raises(Misconfigured, match="not what FreshBooks documents"):
        await identity(client(body))
