"""The postman: delivers what is in the outbox, soon after the change that caused it."""

from __future__ import annotations

import asyncio
import logging
from itertools import takewhile
from urllib.parse import urlencode

import httpx

from sandbox.freshbooks.books import Books
from sandbox.freshbooks.callbacks import Callbacks
from sandbox.freshbooks.outbox import sign

SIGNATURE_HEADER = "X-FreshBooks-Hmac-SHA256"
_CONCURRENT = 16
_FORM = "application/x-www-form-urlencoded"

log = logging.getLogger(__name__)


class Postman:
    """Sends deliveries concurrently, tries failed ones again, and gives up in the end.

    A failure is no answer within the timeout, or a status other than 2xx, redirects included. The
    real policy is unknown; the number of attempts and the pauses are settings. What is undelivered
    when the stand-in stops is delivered after the next start, perhaps once more.
    """

    def __init__(self, books: Books, callbacks: Callbacks) -> None:
        self._books = books
        self._callbacks = callbacks
        self._outbox = books.outbox
        self._taken: dict[str, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(_CONCURRENT)
        self._http: httpx.AsyncClient | None = None
        books.on_commit(self.wake)

    async def start(self) -> None:
        """Begin, with what is left from before."""
        timeout = httpx.Timeout(self._books.settings.delivery_timeout)
        limits = httpx.Limits(max_connections=_CONCURRENT)
        self._http = httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=False)
        self.wake()

    async def stop(self) -> None:
        """End; what is not delivered stays in the outbox."""
        tasks = list(self._taken.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._taken.clear()
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    def wake(self) -> None:
        """Take up whatever is new in the outbox."""
        if self._http is None:
            return
        fresh = list(takewhile(lambda key: key not in self._taken, reversed(self._outbox.waiting)))
        for key in reversed(fresh):
            task = asyncio.get_running_loop().create_task(self._deliver(key, self._http))
            self._taken[key] = task

    def forget(self) -> None:
        """Drop every event that was not delivered yet."""
        for key in self._outbox.drop_events():
            task = self._taken.pop(key, None)
            if task is not None:
                task.cancel()

    async def _deliver(self, key: str, http: httpx.AsyncClient) -> None:
        copies = self._outbox.plan(key)
        results = await asyncio.gather(*(self._send(key, delay, http) for delay in copies))
        delivery = self._outbox.waiting[key]
        with self._books.storage.transaction():
            if copies:
                self._callbacks.key_failure(delivery["callback"], not any(results))
            del self._outbox.waiting[key]
        del self._taken[key]

    async def _send(self, key: str, delay: float, http: httpx.AsyncClient) -> bool:
        await asyncio.sleep(delay)
        delivery = self._outbox.waiting[key]
        callback = self._callbacks.table.get(delivery["callback"])
        if callback is None:
            return False
        body = urlencode(delivery["fields"]).encode()
        signature = sign(delivery["fields"], callback["_verifier"])
        headers = {"Content-Type": _FORM, SIGNATURE_HEADER: signature}
        for attempt in range(self._books.settings.delivery_attempts):
            if attempt:
                await asyncio.sleep(self._books.settings.delivery_pause * 2 ** (attempt - 1))
            async with self._slots:
                if await _posted(http, delivery["uri"], body, headers):
                    return True
        log.warning("delivery %s was given up", key)
        return False


async def _posted(http: httpx.AsyncClient, uri: str, body: bytes, headers: dict[str, str]) -> bool:
    try:
        response = await http.post(uri, content=body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return response.is_success
