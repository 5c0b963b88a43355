"""Zeep loads every WSDL of the NAV stand-in as it is, and works with what it finds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import pytest
from requests import Session
from requests.auth import HTTPBasicAuth
from zeep import Client
from zeep.exceptions import Fault
from zeep.transports import Transport

from sandbox.server import SandboxServer
from sandbox.settings import SandboxSettings
from tests.sandbox.nav_company import COMPANY, PASSWORD, SETTINGS, SOAP, USER

Result = TypeVar("Result")


class Services:
    """Zeep clients of one stand-in; zeep blocks, so each call runs in a thread."""

    def __init__(self, base: str) -> None:
        self.base = f"{base}{SOAP}"
        self.home = f"{self.base}/{quote(COMPANY, safe='')}"
        self._session = Session()
        self._session.trust_env = False
        self._session.auth = HTTPBasicAuth(USER, PASSWORD)

    async def client(self, address: str) -> Client:
        """A client from the WSDL at an address."""
        transport: Any = Transport
        client: Any = Client
        session = transport(session=self._session)
        return await run(lambda: client(address, transport=session))

    async def page(self, name: str) -> Any:
        """The operations of a page."""
        return (await self.client(f"{self.home}/Page/{name}")).service

    def close(self) -> None:
        self._session.close()


async def run(call: Callable[[], Result]) -> Result:
    return await asyncio.to_thread(call)


@pytest.fixture
async def services() -> AsyncIterator[Services]:
    server = SandboxServer(SandboxSettings(nav=SETTINGS))
    await server.start()
    found = Services(f"http://127.0.0.1:{server.ports['nav']}")
    yield found
    found.close()
    await server.stop()


async def test_zeep_calls_every_function_of_the_codeunit(services: Services) -> None:
    unit = (await services.client(f"{services.home}/Codeunit/TieoutPosting?wsdl")).service
    customers = await services.page("Customer")
    groups = {"Customer_Posting_Group": "DOMESTIC", "Gen_Bus_Posting_Group": "DOMESTIC"}
    customer = (await run(lambda: customers.Create({"Name": "Acme", **groups}))).No
    draft = await run(lambda: unit.CreateSalesDocument("Invoice", "K1", customer, ""))
    assert (draft.return_value, draft.state) == ("SI1000001", "Draft")
    lines = await services.page("SalesInvoiceSalesLines")
    line = {"Document_No": draft.return_value, "Type": "G_L_Account", "No": "4000"}
    made = await run(lambda: lines.Create({**line, "Quantity": 1, "Unit_Price": Decimal("9.5")}))
    assert made.Line_Amount == Decimal("9.5")
    assert await run(lambda: unit.PostSalesDocument("Invoice", "K1")) == "PSI1000001"
    reserved = await run(lambda: unit.ReserveJournalLine("CASHRCPT", "TIEOUT", "P1", ""))
    assert (reserved.return_value, reserved.state) == (10000, "Draft")
    journal = await services.page("CashReceiptJournal")
    row = await run(lambda: journal.Read("TIEOUT", 10000))
    update = {
        "Key": row.Key,
        "Document_Type": "Payment",
        "Account_Type": "Customer",
        "Account_No": customer,
        "Bal_Account_Type": "Bank_Account",
        "Bal_Account_No": "BANK-USD",
        "Amount": Decimal(-9),
    }
    await run(lambda: journal.Update("TIEOUT", update))
    assert await run(lambda: unit.PostJournalLine("CASHRCPT", "TIEOUT", "P1")) == "P1"
    assert await run(lambda: unit.ApplyAmount("P1", "Invoice", "PSI1000001", Decimal(2))) is True
    assert await run(lambda: unit.ApplyEntry("P1", "Invoice", "PSI1000001")) is True
    assert await run(lambda: unit.UnapplyEntry("P1")) is True
    assert await run(lambda: unit.ReversePayment("P1", "P1R", date(2090, 1, 1))) == "P1R"


async def test_a_refusal_is_a_fault_with_the_class_of_the_exception(services: Services) -> None:
    unit = (await services.client(f"{services.home}/Codeunit/TieoutPosting")).service
    with pytest.raises(Fault) as caught:
        await run(lambda: unit.PostSalesDocument("Invoice", "K1"))
    assert caught.value.code == "a:Microsoft.Dynamics.Nav.Types.Exceptions.NavNCLDialogException"
    assert caught.value.message == "There is no Invoice with External Document No. K1."


async def test_zeep_loads_the_wsdl_of_every_service_that_is_listed(services: Services) -> None:
    auth = httpx.BasicAuth(USER, PASSWORD)
    async with httpx.AsyncClient(auth=auth, trust_env=False) as http:
        listed = (await http.get(f"{services.home}/services")).text
    addresses = [part.split('"')[0] for part in listed.split('ref="')[1:]]
    assert len(addresses) > 40
    for address in addresses:
        client = await services.client(address.replace("&amp;", "&"))
        assert client.service is not None


async def test_the_companies_of_a_user_are_listed(services: Services) -> None:
    system = (await services.client(f"{services.base}/SystemService")).service
    assert await run(lambda: system.Companies()) == [COMPANY]


async def test_a_page_service_reads_writes_and_deletes(services: Services) -> None:
    page = await services.page("Customer")
    first = await run(lambda: page.Create({"Name": "Alpha & <Co>", "Blocked": "_blank_"}))
    assert (first.Name, first.Blocked, first.City) == ("Alpha & <Co>", "_blank_", None)
    await run(lambda: page.CreateMultiple({"Customer": [{"Name": "Beta"}, {"Name": "Gamma"}]}))
    changed = await run(lambda: page.Update({"Key": first.Key, "City": "Bonn"}))
    assert (changed.Name, changed.City) == ("Alpha & <Co>", "Bonn")
    assert await run(lambda: page.IsUpdated(first.Key)) is True
    assert await run(lambda: page.IsUpdated(changed.Key)) is False
    with pytest.raises(Fault, match="Other user has modified Customer"):
        await run(lambda: page.Update({"Key": first.Key, "City": "Ulm"}))
    identity = await run(lambda: page.GetRecIdFromKey(changed.Key))
    assert (await run(lambda: page.ReadByRecId(identity))).No == first.No
    assert await run(lambda: page.Delete(changed.Key)) is True
    assert await run(lambda: page.Read(first.No)) is None


@pytest.mark.parametrize(
    ("field", "criteria", "names"),
    [
        ("Name", "Alpha|Gamma", ["Alpha", "Gamma"]),
        ("Name", "<>Beta", ["Alpha", "Gamma", "A|B"]),
        ("Name", "'A|B'", ["A|B"]),
        ("Name", "?eta|G*", ["Beta", "Gamma"]),
        ("Name", "@*PH*", ["Alpha"]),
        ("No", "c1000002..C1000003", ["Beta", "Gamma"]),
        ("Credit_Limit_LCY", ">=2&<4", ["Beta", "Gamma"]),
        ("Credit_Limit_LCY", "..1.5", ["Alpha"]),
        ("Blocked", "<>_blank_", ["Beta"]),
        ("City", "''", ["Alpha", "Beta", "Gamma", "A|B"]),
        ("Name", "", ["Alpha", "Beta", "Gamma", "A|B"]),
    ],
)
async def test_criteria_find_what_they_say(
    services: Services, field: str, criteria: str, names: list[str]
) -> None:
    page = await services.page("Customer")
    for limit, name in enumerate(("Alpha", "Beta", "Gamma", "A|B"), 1):
        blocked = "All" if name == "Beta" else "_blank_"
        record = {"Name": name, "Credit_Limit_LCY": limit, "Blocked": blocked}
        await run(lambda record=record: page.Create(record))  # type: ignore[misc]
    wanted = [{"Field": field, "Criteria": criteria}]
    found = await run(lambda: page.ReadMultiple(wanted, None, 0))
    assert [row.Name for row in found] == names


async def test_records_are_read_in_portions_from_a_bookmark(services: Services) -> None:
    page = await services.page("Customer")
    for name in "ABCDE":
        await run(lambda name=name: page.Create({"Name": name}))  # type: ignore[misc]
    everything = [{"Field": "No", "Criteria": ""}]
    seen, bookmark = [], None
    while found := await run(lambda at=bookmark: page.ReadMultiple(everything, at, 2)):  # type: ignore[misc]
        seen.append([row.Name for row in found])
        bookmark = found[-1].Key
    assert seen == [["A", "B"], ["C", "D"], ["E"]]
    last = await run(lambda: page.ReadMultiple(everything, None, -2))
    assert [row.Name for row in last] == ["E", "D"]
