"""CPU of one SOAP call to AX: the connector, the bare zeep client, and httpx posting ready XML.

The stand-in runs in a process of its own, so that only the caller's work is counted. All three
talk over one signed-in connection, in turns, and only ratios from one run are worth comparing.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from typing import Any

import httpx
import zeep
import zeep.transports
from httpx_ntlm import HttpNtlmAuth
from pydantic import SecretStr

from connectors.ax.aif import Criterion, DocumentPort
from connectors.ax.client import AxClient
from connectors.ax.content import flatten
from connectors.ax.envelope import Envelopes
from connectors.ax.ids import MessageIds, seed
from connectors.ax.lanes import Lanes
from connectors.ax.records import Records
from connectors.ax.settings import AxSettings
from connectors.network import Network
from documents.key import Kind
from documents.record import FieldValue, MappedRecord
from sandbox.server import SandboxServer
from sandbox.settings import AxCompany, SandboxSettings
from sandbox.settings import AxSettings as StandInSettings
from tests.connectors.ax_books import (
    COMPANY,
    PASSWORD,
    USER,
    customer_record,
    figures,
    invoice_record,
    key,
    line,
)

_CREATE, _FIND = "FreeTextInvoiceService", "CustomerService"
_BUDGET = 1.5
_BATCH = 25
_PATIENCE = 60.0

# zeep carries no annotations for what is called here.
_zeep_transport: Any = zeep.transports.AsyncTransport
_zeep_client: Any = zeep.AsyncClient

Call = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Caller:
    """One way of making a call."""

    name: str
    call: Call


async def _serve(pipe: Connection) -> None:
    company = AxCompany(connection="bench", company=COMPANY, username=USER, password=PASSWORD)
    settings = StandInSettings(companies=[company], posting_after=3600.0)
    server = SandboxServer(SandboxSettings(ax=settings))
    await server.start()
    pipe.send(server.ports["ax"])
    with suppress(EOFError):
        await asyncio.to_thread(pipe.recv)
    await server.stop()


def serve(pipe: Connection) -> None:
    """The stand-in, until the other end of the pipe says stop."""
    asyncio.run(_serve(pipe))


def _invoice(customer: str, lines: int) -> MappedRecord:
    goods = tuple(line("12.50", Description=f"Beratung {n}") for n in range(lines))
    return invoice_record(customer, goods, figures(f"{12.5 * lines:.2f}"))


class Bench:
    """The same two calls in three ways, against one stand-in."""

    def __init__(self, url: str, lines: int) -> None:
        self._settings = AxSettings(
            base_url=url,
            company=COMPANY,
            domain="CONTOSO",
            username=USER,
            secret=SecretStr(PASSWORD),
            max_concurrency=1,
            network=Network(allow_private=True),
        )
        self._lanes = Lanes(self._settings)
        self._client = AxClient(self._settings, self._lanes)
        self._records = Records(self._client)
        self._lines = lines
        self._auth = HttpNtlmAuth(f"CONTOSO\\{USER}", PASSWORD)
        self._http = httpx.AsyncClient(auth=self._auth, limits=httpx.Limits(max_connections=1))
        self._number = ""

    async def prepare(self) -> None:
        """A customer to find and to invoice."""
        record, name = customer_record(), key(Kind.CUSTOMER).text()
        content = await self._records.content(record, "customer", "OurAccountNum", name, "bench")
        created = await DocumentPort(self._client, _FIND).create(content, "")
        self._number = created[0][1]

    async def aclose(self) -> None:
        await self._http.aclose()
        await self._lanes.aclose()

    async def creates(self) -> list[Caller]:
        """An invoice from the mapped record to its entity key, with its message id; the others
        send none, so that the same XML can be sent again."""
        record = _invoice(self._number, self._lines)
        port, ids = DocumentPort(self._client, _CREATE), MessageIds(self._settings.settle_seconds)
        numbers = count(1)

        async def ours() -> object:
            content = await self._content(record)
            # AX refuses an id that it has seen.
            one = key(Kind.INVOICE, str(next(numbers)))
            return await port.create(content, ids.of(seed(COMPANY, _CREATE, one, record)))

        document, root = await port.root()
        request = {document.name: {root.name: [await self._content(record)]}}
        xml, headers = await self._prepared(_CREATE, "create", request)
        service = await self._zeep(_CREATE)
        sent = _for_zeep(record)

        async def bare() -> object:
            return await service.create(FreeTextInvoice={"CustInvoiceTable": [sent]}, **_context())

        return [
            Caller("connector", ours),
            Caller("bare zeep", bare),
            Caller("bare httpx", lambda: self._post(_CREATE, xml, headers)),
        ]

    async def finds(self) -> list[Caller]:
        """A customer by our key, to its flat fields."""
        port = DocumentPort(self._client, _FIND)
        text = key(Kind.CUSTOMER).text()

        async def ours() -> object:
            _, root = await port.root()
            found = await port.find(Criterion(root.name, "OurAccountNum", text))
            return [flatten(one, root) for one in found]

        criterion = Criterion("CustTable", "OurAccountNum", text).content()
        request = {"QueryCriteria": {"CriteriaElement": [criterion]}}
        xml, headers = await self._prepared(_FIND, "find", request)
        service = await self._zeep(_FIND)
        query = {"_value_1": [{"CriteriaElement": criterion}]}

        async def bare() -> object:
            return await service.find(QueryCriteria=query, **_context())

        return [
            Caller("connector", ours),
            Caller("bare zeep", bare),
            Caller("bare httpx", lambda: self._post(_FIND, xml, headers)),
        ]

    async def _content(self, record: MappedRecord) -> Any:
        return await self._records.content(
            record, "free_text_invoice", "PurchOrderFormNum", "FB-I1-1", "bench"
        )

    async def _prepared(
        self, port: str, name: str, content: Any
    ) -> tuple[bytes, Mapping[str, str]]:
        envelopes = Envelopes(await self._client.operation(port, name), self._settings)
        return envelopes.write(content), envelopes.headers

    async def _post(self, port: str, xml: bytes, headers: Mapping[str, str]) -> object:
        response = await self._http.post(self._url(port), content=xml, headers=headers)
        response.raise_for_status()
        return response

    async def _zeep(self, port: str) -> Any:
        """zeep's own asynchronous client; the description is read by its blocking one, as zeep
        does it."""
        client = await asyncio.to_thread(self._load, port)
        return client.bind("RoutingService", f"BasicHttpBinding_{port}")

    def _load(self, port: str) -> Any:
        with httpx.Client(auth=HttpNtlmAuth(f"CONTOSO\\{USER}", PASSWORD)) as blocking:
            transport = _zeep_transport(client=self._http, wsdl_client=blocking)
            return _zeep_client(f"{self._url(port)}?wsdl", transport=transport)

    def _url(self, port: str) -> str:
        return f"{self._settings.base_url}{self._settings.path}/{port}/xppservice.svc"


def _context() -> dict[str, Any]:
    return {"_soapheaders": {"context": {"Company": COMPANY, "Language": "en-us"}}}


def _for_zeep(record: MappedRecord) -> dict[str, Any]:
    def account(one: Mapping[str, FieldValue]) -> dict[str, Any]:
        number = one["LedgerDimension"]
        return {"DisplayValue": number, "MainAccount": number}

    lines = [{**one, "class": "entity", "LedgerDimension": account(one)} for one in record.lines]
    header = {**record.header, "PurchOrderFormNum": "FB-I1-1"}
    return {"class": "entity", **header, "CustInvoiceLine": lines}


async def _cpu(call: Call, calls: int) -> float:
    """Seconds of CPU of this process for one call, on average of several."""
    began = time.process_time()
    for _ in range(calls):
        await call()
    return (time.process_time() - began) / calls


async def _compare(what: str, callers: Sequence[Caller], rounds: int) -> float:
    """Print what each caller takes beside httpx: the median over rounds, in each of which all take
    their turn, and the worst round; the connector's median. A machine that is busy for a while
    is busy for all."""
    found: dict[str, list[float]] = {caller.name: [] for caller in callers}
    for caller in callers:
        await _cpu(caller.call, _BATCH)
    for _ in range(rounds):
        for caller in callers:
            found[caller.name].append(await _cpu(caller.call, _BATCH))
    floor = found.pop("bare httpx")
    medians: dict[str, float] = {}
    for name, values in found.items():
        ratios = [seconds / least for seconds, least in zip(values, floor, strict=True)]
        medians[name] = statistics.median(ratios)
        print(f"{what:<34} {name:<12} {medians[name]:5.2f} x httpx (worst {max(ratios):.2f})")
    return medians["connector"]


async def main(rounds: int, lines: int) -> bool:
    """Measure; whether the connector keeps within its budget."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    process.start()
    # Only the child keeps its end: when ours is closed, it notices and stops.
    theirs.close()
    try:
        if not await asyncio.to_thread(ours.poll, _PATIENCE):
            raise TimeoutError("the stand-in did not start")
        url = f"http://127.0.0.1:{ours.recv()}"
        bench = Bench(url, lines)
        await bench.prepare()
        ratios = [
            await _compare(f"create, {lines} lines", await bench.creates(), rounds),
            await _compare("find and read a customer", await bench.finds(), rounds),
        ]
        await bench.aclose()
    finally:
        ours.close()
        process.join()
    worst = max(ratios)
    verdict = "within" if worst <= _BUDGET else "over"
    print(f"worst ratio to posting the same XML with httpx: {worst:.2f}, {verdict} {_BUDGET}")
    return worst <= _BUDGET


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=12, help="batches of 25 calls per caller")
    parser.add_argument("--lines", type=int, default=5, help="lines of the invoice")
    given = parser.parse_args()
    sys.exit(not asyncio.run(main(given.rounds, given.lines)))
