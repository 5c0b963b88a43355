"""Webhook registrations of the stand-in: handshake, deliveries, refusals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from connectors.errors import (
    Rejected,
)
from connectors.freshbooks import webhooks
from connectors.freshbooks.adapter import FreshBooksSource
from tests.connectors.freshbooks_house import (
    OWNER,
    House,
    open_house,
)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as opened:
        yield opened


@asynccontextmanager
async def receiver() -> AsyncIterator[tuple[str, asyncio.Queue[tuple[str, bytes]]]]:
    """A tiny web server that answers 200 and hands out signature and body of each POST."""
    got: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = httpx.Headers(dict(h.split(": ", 1) for h in head[1:] if ": " in h))
        body = await reader.readexactly(int(headers["content-length"]))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        got.put_nowait((headers.get(webhooks.SIGNATURE_HEADER, ""), body))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/webhooks", got
    server.close()
    await server.wait_closed()


async def test_a_callback_is_registered_confirmed_and_ended(house: House) -> None:
    async with receiver() as (uri, got):
        made = await house.source.register_callback("invoice", uri)
        assert (made.event, made.uri, made.verified) == ("invoice", uri, False)
        _, body = await asyncio.wait_for(got.get(), 10)
        handshake = webhooks.Delivery.read(webhooks.parse(body))
        assert handshake.is_verification
        assert handshake.object_id == made.callback_id

        with pytest.raises(Rejected):
            await house.source.confirm_callback(made.callback_id, "not it")
        await house.source.resend_verification(made.callback_id)
        _, again = await asyncio.wait_for(got.get(), 10)
        verifier = webhooks.Delivery.read(webhooks.parse(again)).verifier
        assert await house.source.confirm_callback(made.callback_id, verifier) is True
        (listed,) = await house.source.callbacks()
        assert (listed.callback_id, listed.verified) == (made.callback_id, True)

        invoice_id = await house.new_invoice(await house.new_client(), sent=False)
        signature, body = await asyncio.wait_for(got.get(), 10)
        fields = webhooks.parse(body)
        assert webhooks.verify(fields, signature, verifier)
        delivery = webhooks.Delivery.read(fields)
        assert (delivery.event, delivery.object_id) == ("invoice.create", invoice_id)
        assert delivery.account_id == OWNER.account_id
        source = FreshBooksSource(house.client)
        await source.delete_callback(made.callback_id)
        await source.delete_callback(made.callback_id)
        assert await house.source.callbacks() == []


async def test_an_unknown_event_is_rejected_in_plain_words(house: House) -> None:
    with pytest.raises(Rejected) as rejected:
        await house.source.register_callback("invoice.explode", "https://example.test/x")
    assert rejected.value.hold.cause == "value-refused"
    assert "Unrecognized event" in rejected.value.hold.reason
