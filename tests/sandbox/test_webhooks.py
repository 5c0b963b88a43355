"""Deliveries: who gets them, retries, and misbehaviour on demand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from sandbox.freshbooks.outbox import sign
from sandbox.server import SandboxServer
from sandbox.settings import FreshBooksAccount, FreshBooksSettings, SandboxSettings
from sandbox.wire import Listener

CALLBACKS = "/events/account/6BApk01/events/callbacks"
CLIENTS = "/accounting/account/6BApk01/users/clients"


class Receiver:
    """Answers deliveries with the next of `answers`, 204 when there is none left."""

    def __init__(self) -> None:
        self.got: list[dict[str, str]] = []
        self.answers: list[int] = []
        self.uri = ""
        self._news = asyncio.Condition()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = (await Request(scope, receive).body()).decode()
        self.got.append({name: values[0] for name, values in parse_qs(body).items()})
        status = self.answers.pop(0) if self.answers else 204
        await Response(status_code=status)(scope, receive, send)
        async with self._news:
            self._news.notify_all()

    async def until(self, enough: Callable[[list[dict[str, str]]], bool]) -> None:
        """Wait until the deliveries are enough."""
        async with asyncio.timeout(10), self._news:
            await self._news.wait_for(lambda: enough(self.got))


@asynccontextmanager
async def listening() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    listener = Listener(receiver)
    receiver.uri = f"http://127.0.0.1:{await listener.start(0)}/hook"
    yield receiver
    await listener.stop()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as made:
        yield made


async def subscribe(http: httpx.AsyncClient, receiver: Receiver, event: str) -> dict[str, Any]:
    answer = await http.post(CALLBACKS, json={"callback": {"event": event, "uri": receiver.uri}})
    hook: dict[str, Any] = answer.json()["response"]["result"]["callback"]
    await receiver.until(lambda got: len(got) >= 1)
    verifier = receiver.got.pop(0)["verifier"]
    url = f"{CALLBACKS}/{hook['callbackid']}"
    answer = await http.put(url, json={"callback": {"verifier": verifier}})
    assert answer.json()["response"]["result"]["callback"]["verified"] is True
    return hook


async def create(http: httpx.AsyncClient, count: int) -> list[str]:
    ids = []
    for number in range(count):
        answer = await http.post(CLIENTS, json={"client": {"organization": f"No {number}"}})
        ids.append(str(answer.json()["response"]["result"]["client"]["id"]))
    return ids


def test_the_signature_is_over_json_with_escapes_and_separators() -> None:
    fields = {"name": "invoice.create", "object_id": "Zoë: a, b"}
    assert sign(fields, "clef") == "Cxh+s05pbz6mqji4y5rwd8N1fHeBlIQQtQbe/aPh5bs="


async def test_no_event_is_delivered_before_the_verifier_was_brought_back(
    freshbooks: httpx.AsyncClient, receiver: Receiver
) -> None:
    body = {"callback": {"event": "client.create", "uri": receiver.uri}}
    await freshbooks.post(CALLBACKS, json=body)
    await create(freshbooks, 1)
    await receiver.until(lambda got: len(got) == 1)
    await asyncio.sleep(0.05)
    assert [delivery["name"] for delivery in receiver.got] == ["callback.verify"]


async def test_a_verb_listens_to_itself_only(
    freshbooks: httpx.AsyncClient, receiver: Receiver
) -> None:
    await subscribe(freshbooks, receiver, "client.update")
    ids = await create(freshbooks, 2)
    await freshbooks.put(f"{CLIENTS}/{ids[1]}", json={"client": {"note": "x"}})
    await receiver.until(lambda got: len(got) == 1)
    assert receiver.got[0]["object_id"] == ids[1]


async def test_a_payment_tells_of_its_invoice_too(
    freshbooks: httpx.AsyncClient, receiver: Receiver
) -> None:
    await subscribe(freshbooks, receiver, "invoice.update")
    root = "/accounting/account/6BApk01"
    client = (await create(freshbooks, 1))[0]
    bill = {"customerid": client, "create_date": "2026-01-05", "status": 2}
    line = {"qty": 1, "unit_cost": {"amount": "10"}}
    answer = await freshbooks.post(
        f"{root}/invoices/invoices", json={"invoice": {**bill, "lines": [line]}}
    )
    invoice = answer.json()["response"]["result"]["invoice"]["id"]
    paid = {"invoiceid": invoice, "amount": {"amount": "10"}, "date": "2026-01-06"}
    await freshbooks.post(f"{root}/payments/payments", json={"payment": paid})
    await receiver.until(lambda got: len(got) == 1)
    assert receiver.got[0]["object_id"] == str(invoice)


async def test_a_refused_delivery_is_tried_again_and_then_given_up(
    freshbooks: httpx.AsyncClient, receiver: Receiver
) -> None:
    await subscribe(freshbooks, receiver, "client.create")
    receiver.answers = [500, 302, 204, 500, 500, 500]
    first = await create(freshbooks, 1)
    await receiver.until(lambda got: len(got) == 3)
    second = await create(freshbooks, 1)
    await receiver.until(lambda got: len(got) == 6)
    await asyncio.sleep(0.1)
    assert [delivery["object_id"] for delivery in receiver.got] == first * 3 + second * 3


async def test_deliveries_are_lost_on_demand(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient, receiver: Receiver
) -> None:
    await subscribe(freshbooks, receiver, "client.create")
    await control.post("/webhooks", json={"system": "freshbooks", "drop": 1})
    await create(freshbooks, 2)
    await control.post("/webhooks", json={"system": "freshbooks"})
    ids = await create(freshbooks, 1)
    await receiver.until(lambda got: len(got) == 1)
    assert receiver.got[0]["object_id"] == ids[0]


async def test_deliveries_are_doubled_reordered_and_late_on_demand(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient, receiver: Receiver
) -> None:
    await subscribe(freshbooks, receiver, "client.create")
    plan = {"system": "freshbooks", "duplicate": 3, "reorder": True, "delay": 0.1, "seed": 5}
    await control.post("/webhooks", json=plan)
    ids = await create(freshbooks, 20)
    await receiver.until(lambda got: {item["object_id"] for item in got} == set(ids))
    await asyncio.sleep(0.7)
    order = [delivery["object_id"] for delivery in receiver.got]
    assert len(ids) < len(order) <= 3 * len(ids)
    assert list(dict.fromkeys(order)) != ids


async def test_an_undelivered_event_is_delivered_after_a_restart(
    account: FreshBooksAccount, receiver: Receiver, tmp_path: Path
) -> None:
    patient = FreshBooksSettings(accounts=[account], delivery_pause=3600)
    settings = SandboxSettings(state=tmp_path, freshbooks=patient)
    headers = {"Authorization": f"Bearer {account.access_token}"}
    ids: list[str] = []
    for _ in range(2):
        server = SandboxServer(settings)
        await server.start()
        base = f"http://127.0.0.1:{server.ports['freshbooks']}"
        async with httpx.AsyncClient(base_url=base, headers=headers) as http:
            if not ids:
                await subscribe(http, receiver, "client.create")
                receiver.answers = [500]
                ids = await create(http, 1)
                await receiver.until(lambda got: len(got) == 1)
            else:
                await receiver.until(lambda got: len(got) == 2)
        await server.stop()
    assert [delivery["object_id"] for delivery in receiver.got] == ids * 2


class TestThatAreDisabled:
    """A callback that is disabled after too many deliveries were given up."""

    @pytest.fixture
    def freshbooks_settings(self, account: FreshBooksAccount) -> FreshBooksSettings:
        return FreshBooksSettings(accounts=[account], delivery_attempts=1, disable_after=2)

    async def test_a_disabled_callback_is_unverified_and_silent(
        self, freshbooks: httpx.AsyncClient, receiver: Receiver
    ) -> None:
        hook = await subscribe(freshbooks, receiver, "client.create")
        receiver.answers = [500, 500]
        await create(freshbooks, 2)
        await receiver.until(lambda got: len(got) == 2)
        await asyncio.sleep(0.05)
        answer = await freshbooks.get(f"{CALLBACKS}/{hook['callbackid']}")
        assert answer.json()["response"]["result"]["callback"]["verified"] is False
        await create(freshbooks, 1)
        await asyncio.sleep(0.05)
        assert len(receiver.got) == 2
