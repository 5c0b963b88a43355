"""A lane: one connection with businesses of its own, so that proofs run side by side."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import httpx

from workers.demo.people import Clerk
from workers.dev.announcement import SourceEnd
from workers.dev.templates import Template

Row = dict[str, Any]
Result = TypeVar("Result")

VENDOR = "V-ERIN"
"""The account of the person who claims expenses."""

_CLICKS = 12
_BETWEEN_CLICKS = 0.3


@dataclass(frozen=True)
class Lane:
    """One connection of the house under proof."""

    template: Template
    source: SourceEnd

    @property
    def name(self) -> str:
        return self.template.name

    def path(self, system: str) -> str:
        """A regular expression of the paths by which this lane alone is reached; there is only one
        lane in AX, where people do not come by the services."""
        if system == "ax":
            return "(?!/person/).*"
        mark = self.source.account_id if system == "freshbooks" else self.template.company
        return rf".*\b{re.escape(mark)}\b.*"


@dataclass(frozen=True)
class Journals:
    """Everything committed in both systems, of all lanes, at one moment."""

    source: list[Row]
    target: list[Row]

    def of(self, lane: Lane) -> Journals:
        """What belongs to one lane."""
        account, company = lane.source.account_id, lane.template.company
        return Journals(
            [row for row in self.source if row.get("account") == account],
            [row for row in self.target if row.get("company") == company],
        )


class Person(Clerk):
    """Somebody at work in a FreshBooks that does not always answer: they click again. What an
    account is set up with (categories, staff) they know by heart once they have looked."""

    def __init__(self, http: httpx.AsyncClient, url: str, account: SourceEnd) -> None:
        super().__init__(http, url, account)
        self._known: dict[str, list[Row]] = {}

    async def list_all(self, path: str, key: str) -> list[Row]:
        if path not in self._known:
            self._known[path] = await super().list_all(path, key)
        return self._known[path]

    async def knows_the_account(self) -> None:
        """Look at it before anything goes wrong."""
        await self.list_all("expenses/categories", "categories")
        await self.list_all("users/staffs", "staffs")

    async def enter(self, path: str, key: str, body: Row) -> Row:
        """Make something, and give back what FreshBooks shows of it."""
        return await self._send("POST", path, key, body)

    async def sent(self, invoice: int) -> Decimal:
        """Send an invoice; returns its total."""
        row = await self._send(
            "PUT", f"invoices/invoices/{invoice}", "invoice", {"action_mark_as_sent": True}
        )
        return Decimal(row["amount"]["amount"])

    async def edited(self, invoice: int, fields: Row) -> Decimal:
        """Change an invoice; returns its total."""
        row = await self._send("PUT", f"invoices/invoices/{invoice}", "invoice", fields)
        return Decimal(row["amount"]["amount"])

    async def _send(self, method: str, path: str, key: str, body: Row) -> Row:
        send = super()._send
        if method == "POST":
            # Nobody's faults meet a POST of a person: a second click would be a second document.
            return await send(method, path, key, body)
        return await insist(lambda: send(method, path, key, body))


async def insist(click: Callable[[], Awaitable[Result]]) -> Result:
    """Do it again until it works. Raises the last error when it never does."""
    for left in reversed(range(_CLICKS)):
        try:
            return await click()
        except (httpx.HTTPError, ValueError):
            if not left:
                raise
        await asyncio.sleep(_BETWEEN_CLICKS)
    raise AssertionError("unreachable: the last click returns or raises")
