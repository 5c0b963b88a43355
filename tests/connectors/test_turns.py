"""What somebody waits for goes before what is done in the background."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from connectors.transport import Transport
from connectors.turns import BACKGROUND, Gate, InTurn

BASE = "https://api.example.test"


class _Slow(httpx.AsyncBaseTransport):
    """Answers when it is told to, and remembers what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers = asyncio.Semaphore(0)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        await self.answers.acquire()
        return httpx.Response(200)


@asynccontextmanager
async def slow(places: int) -> AsyncIterator[tuple[Transport, _Slow]]:
    system = _Slow()
    async with Transport("demo", BASE, max_concurrency=places, transport=system) as transport:
        yield transport, system


def ask(transport: Transport, path: str, *, background: bool = False) -> asyncio.Task[object]:
    async def asking() -> object:
        BACKGROUND.set(background)
        return await transport.send("GET", path, operation="read")

    return asyncio.create_task(asking())


async def test_the_background_leaves_a_slot_to_the_traffic_of_the_day() -> None:
    async with slow(3) as (transport, system):
        tasks = [ask(transport, f"/page/{n}", background=True) for n in range(4)]
        await asyncio.sleep(0.01)
        assert system.asked == ["/page/0", "/page/1"]
        tasks.append(ask(transport, "/posting"))
        await asyncio.sleep(0.01)
        assert system.asked[2:] == ["/posting"]
        for _ in tasks:
            system.answers.release()
        await asyncio.gather(*tasks)


async def test_a_call_that_somebody_waits_for_goes_before_pages_that_came_earlier() -> None:
    async with slow(1) as (transport, system):
        tasks = [ask(transport, f"/page/{n}", background=True) for n in range(3)]
        await asyncio.sleep(0.01)
        tasks.append(ask(transport, "/posting"))
        for _ in tasks:
            await asyncio.sleep(0.01)
            system.answers.release()
        await asyncio.gather(*tasks)
        assert system.asked == ["/page/0", "/posting", "/page/1", "/page/2"]


class _Rate:
    """Lets a call pass whenever it is told to."""

    def __init__(self) -> None:
        self.tokens = asyncio.Semaphore(0)

    async def acquire(self) -> None:
        await self.tokens.acquire()


async def test_of_a_rate_limit_the_background_gets_what_is_left() -> None:
    rate, passed = _Rate(), list[str]()
    limiter = InTurn(rate)

    async def call(name: str, *, background: bool) -> None:
        BACKGROUND.set(background)
        await limiter.acquire()
        passed.append(name)

    tasks = [asyncio.create_task(call(f"page {n}", background=True)) for n in range(3)]
    await asyncio.sleep(0)
    tasks.append(asyncio.create_task(call("posting", background=False)))
    for _ in tasks:
        await asyncio.sleep(0.01)
        rate.tokens.release()
    await asyncio.gather(*tasks)
    assert passed == ["page 0", "posting", "page 1", "page 2"]


@pytest.mark.parametrize("background", [False, True])
async def test_who_gives_up_waiting_keeps_no_place(background: bool) -> None:
    gate = Gate(1)

    async def enter() -> None:
        BACKGROUND.set(background)
        async with gate:
            pass

    async with gate:
        waiting = [asyncio.create_task(enter()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
    # The second was let in this moment; it gives up before it knows.
    waiting[1].cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert [task.cancelled() for task in waiting] == [True, True, False]
    async with asyncio.timeout(1), gate:
        pass
