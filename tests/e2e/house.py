"""The embedded house as a test sees it: from outside, through everybody's own interfaces."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from temporalio.client import Client

from tests.bookkeeper import Bookkeeper, bookkeeper
from workers import temporal
from workers.access.callers import Role
from workers.access.tokens import mint
from workers.connections import NavTarget, load_connections
from workers.demo.people import Clerk, Line
from workers.demo.watch import Watch
from workers.dev.announcement import Announcement
from workers.opening import open_store
from workers.settings import AppSettings, load_settings

CONNECTION = "demo-nav"
TODAY = datetime.now(UTC).date()


@dataclass
class House:
    """One running `tieout dev`, with people and tools at hand."""

    ready: Announcement
    process: asyncio.subprocess.Process
    state: Path
    http: httpx.AsyncClient
    client: Client
    settings: AppSettings
    connection: str = CONNECTION
    tokens: list[str] = field(default_factory=list)

    def on(self, connection: str) -> House:
        """The same house, looked at through another of its connections."""
        return replace(self, connection=connection)

    @property
    def clerk(self) -> Clerk:
        source = self.ready.connections[self.connection].source
        return Clerk(self.http, self.ready.sandbox["freshbooks"], source)

    @property
    def watch(self) -> Watch:
        return Watch(self.client, self.connection)

    async def journal(self, system: str = "") -> list[dict[str, Any]]:
        """What a system committed; the target of the connection unless another is named."""
        system = system or self.ready.connections[self.connection].target.system
        response = await self.http.get(f"{self.ready.control}/journal/{system}")
        found: list[dict[str, Any]] = response.json()
        return found

    async def posted(self, kind: str, document: object) -> list[dict[str, Any]]:
        """Unreversed postings of a kind in the target's books for a FreshBooks number or id, in
        the connection's own company: invoice numbers are alike in all of them."""
        company = self.ready.connections[self.connection].target.company
        wanted = (company, kind, "posted", str(document))
        rows = await self.journal()
        return [r for r in rows if (r["company"], r["kind"], r["state"], r["document"]) == wanted]

    async def fault(self, **plan: Any) -> None:
        response = await self.http.post(f"{self.ready.control}/faults", json=plan)
        assert response.status_code < 300, response.text

    async def fault_hits(self) -> int:
        rows = (await self.http.get(f"{self.ready.control}/faults")).json()
        return sum(row["hits"] for row in rows)

    async def no_faults(self) -> None:
        await self.http.delete(f"{self.ready.control}/faults")

    async def invoice(
        self, lines: list[Line] | None = None, currency: str = "USD", client: int | None = None
    ) -> int:
        """A draft of one taxed line over 113.00, for a new client unless one is given."""
        client = client or await self.new_client()
        lines = lines or [Line("Advice", "1", "100.00", (("HST", "13"),))]
        return await self.clerk.write_invoice(client, currency, TODAY, lines)

    async def new_client(self, name: str = "Northwind Traders", **fields: str) -> int:
        email = f"ap{id(object())}{datetime.now(UTC).timestamp()}@example.com"
        return await self.clerk.add_client(name, email, **fields)

    async def sent_invoice(self, *args: Any, **kwargs: Any) -> int:
        invoice = await self.invoice(*args, **kwargs)
        await self.clerk.send_invoice(invoice)
        return invoice

    async def number(self, invoice: int) -> str:
        """The invoice number people see."""
        row = await self.source_row("invoice", invoice)
        return str(row["number"])

    async def source_row(self, kind: str, document: int) -> dict[str, Any]:
        """The FreshBooks side's row of an object, by its id."""
        rows = await self.journal("freshbooks")
        return next(r for r in rows if (r["kind"], r["document"]) == (kind, str(document)))

    async def block_customer(self, name: str, blocked: str) -> None:
        """What a person does on NAV's customer card."""
        async with self.books() as books:
            for customer in await books.rows("Customer", Name=name):
                await books.change("Customer", f"'{customer['No']}'", Blocked=blocked)

    @asynccontextmanager
    async def books(self) -> AsyncIterator[Bookkeeper]:
        """Somebody at work in the NAV company of the connection."""
        target = load_connections(self.settings.connections)[self.connection].target
        assert isinstance(target, NavTarget)
        async with open_store(self.settings) as store:
            secret = await store.credentials.get(self.connection, target.secret_name) or ""
        async with bookkeeper(self.http, target.settings(secret), secret) as found:
            yield found

    async def entry(self, kind: str, document: object) -> dict[str, Any]:
        """The only unreversed posting of a kind, waited for."""
        async with asyncio.timeout(30):
            while len(found := await self.posted(kind, document)) != 1:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        return found[0]

    async def settled(self, kind: str, document: object, remaining: str) -> dict[str, Any]:
        """The same, once so much is open on it."""
        async with asyncio.timeout(30):
            while (found := await self.entry(kind, document))["remaining"] != remaining:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        return found

    async def posting_date(self, row: dict[str, Any]) -> date:
        """The posting date of a row of NAV's journal, from the customer ledger."""
        async with self.books() as books:
            (entry,) = await books.rows("CustomerLedgerEntries", Document_No=row["number"])
        return date.fromisoformat(entry["Posting_Date"])

    async def posted_again(self, invoice: int, generation: int) -> dict[str, Any]:
        """The unreversed posting of a generation of an invoice, waited for."""
        number = await self.number(invoice)
        async with asyncio.timeout(30):
            while not (found := await self.entry("invoice", number))["key"].endswith(  # noqa: ASYNC110
                f"-{generation}"
            ):
                await asyncio.sleep(0.1)
        return found

    async def gone(self, kind: str, document: object) -> None:
        """Wait until no unreversed posting of it is left."""
        async with asyncio.timeout(30):
            while await self.posted(kind, document):  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    async def pay(self, invoice: int, amount: str, day: date = TODAY, currency: str = "USD") -> int:
        return await self.clerk.enter_payment(invoice, Decimal(amount), currency, day)

    def part(self, name: str) -> int:
        """The process id of a part that the supervisor keeps running."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent == self.process.pid and name.encode() in words:
                return int(folder.name)
        raise LookupError(f"{name} is not running")

    def kill(self, name: str) -> None:
        """SIGKILL a part, as a power cut or an impatient operator would."""
        with suppress(LookupError):
            os.kill(self.part(name), signal.SIGKILL)

    async def decide(
        self,
        invoice: int,
        *,
        name: str = "",
        role: Role = Role.OPERATOR,
        kind: str = "invoice",
        **body: Any,
    ) -> str:
        """Somebody new signs in and decides at the operator interface; returns their name."""
        name, new = name or f"Ada {uuid4().hex[:6]}", mint()
        self.tokens.append(new.token)
        async with open_store(self.settings) as store:
            await store.persons.add(new.person_id, name, role.value, new.digest)
        path = f"{self.ready.operator}/operator/documents/{kind}/{invoice}/resolve"
        request = {"connection": self.connection, "why": "looked at it", **body}
        headers = {"Authorization": f"Bearer {new.token}"}
        answer = await self.http.post(path, json=request, headers=headers)
        assert answer.status_code == 200, answer.text
        return name

    async def resolve(self, invoice: int, **request: Any) -> Any:
        """Somebody who may write to the namespace sends the update."""
        handle = self.client.get_workflow_handle(f"order-to-cash/{self.connection}/{invoice}")
        return await handle.execute_update("resolve", request)


@asynccontextmanager
async def open_house(state: Path, lanes: int = 0) -> AsyncIterator[House]:
    """Start `tieout dev` in a folder and stop it at the end; with those of sales orders and lanes
    beside the demo's connections, every second lane posts edits again."""
    script = Path(sys.executable).with_name("tieout")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), "dev", "--json", "--state", str(state),
        "--orders", "--lanes", str(lanes), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        ready = Announcement.model_validate_json(await process.stdout.readline())
        settings = load_settings(state / "tieout.yaml")
        client = await temporal.connect(
            settings, address=ready.temporal, namespace=ready.namespace, interceptors=()
        )
        async with httpx.AsyncClient(timeout=30) as http:
            yield House(ready, process, state, http, client, settings)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
