"""The description of the ports, as a stranger's zeep reads it."""

from __future__ import annotations

import httpx
import pytest
from lxml import etree

from tests.sandbox.ax_house import House, house, ntlm, opened, running

__all__ = ["house", "running"]

_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
_SERVICES = "http://schemas.microsoft.com/dynamics/2008/01/services"
_OPERATIONS = {
    "CustomerService": {
        "create",
        "read",
        "update",
        "delete",
        "find",
        "findKeys",
        "getKeys",
        "getChangedKeys",
    },
    "FreeTextInvoiceService": {"create", "read", "find", "findKeys", "getChangedKeys"},
    "SalesOrderService": {"create", "read", "find", "findKeys", "getChangedKeys"},
    "CustomerPaymentJournalService": {"create", "read", "find", "findKeys", "getChangedKeys"},
    "GeneralJournalService": {"create", "read", "find", "findKeys"},
    "CustomerTransactionService": {"read", "find", "findKeys", "getChangedKeys"},
    "SalesInvoiceService": {"read", "find", "findKeys", "getChangedKeys"},
    "CustomerGroupsService": {"read", "find", "findKeys"},
    "PaymentTermsService": {"read", "find", "findKeys"},
    "ExchangeRatesService": {"create", "read", "find", "findKeys"},
}


async def _page(house: House, port: str, query: str = "wsdl") -> etree._Element:
    reply = await house.http.get(f"{house.base}/{port}/xppservice.svc?{query}")
    assert reply.status_code == 200, reply.text
    return etree.fromstring(reply.content)


@pytest.mark.parametrize("port", [*_OPERATIONS, "TieoutService"])
async def test_zeep_loads_every_port_and_finds_its_operations(house: House, port: str) -> None:
    service = await house.service(port)
    binding = service.client.wsdl.services["RoutingService"].ports[f"BasicHttpBinding_{port}"]
    found = set(binding.binding._operations)
    assert found == _OPERATIONS.get(port, found)
    assert found


async def test_the_port_of_the_router_comes_first_and_has_no_operations(house: House) -> None:
    service = await house.service("CustomerService")
    ports = service.client.wsdl.services["RoutingService"].ports
    assert list(ports) == ["serviceEndpoint", "BasicHttpBinding_CustomerService"]
    with pytest.raises(AttributeError):
        _ = service.client.service.find


async def test_actions_and_wrappers_follow_the_external_name(house: House) -> None:
    service = await house.service("FreeTextInvoiceService")
    port = service.client.wsdl.services["RoutingService"].ports
    operation = port["BasicHttpBinding_FreeTextInvoiceService"].binding.get("findKeys")
    assert operation.soapaction == f"{_SERVICES}/FreeTextInvoiceService/findKeys"
    element = operation.input.body
    assert element.qname.text == f"{{{_SERVICES}}}FreeTextInvoiceServiceFindKeysRequest"
    assert "CallContext" in str(operation.input.header.signature())


async def test_the_binding_asks_for_negotiate_and_declares_header_and_fault(house: House) -> None:
    root = await _page(house, "CustomerService")
    assert b"NegotiateAuthentication" in etree.tostring(root)
    operation = root.findall(f".//{_WSDL}binding")[1].find(f"{_WSDL}operation")
    assert operation is not None
    header = operation.find(f"{_WSDL}input")
    assert header is not None
    assert header[0].get("part") == "context"
    fault = operation.find(f"{_WSDL}fault")
    assert fault is not None
    assert fault.get("name") == "AifFaultFault"


async def test_every_schema_is_valid_and_every_entity_is_a_fixed_class(house: House) -> None:
    types = await _page(house, "CustomerService", "wsdl=wsdl1")
    places = [one.get("schemaLocation") for one in types.iter("{*}import") if one.get("namespace")]
    assert len(places) >= 10
    seen = []
    for place in places:
        reply = await house.http.get(str(place))
        schema = etree.fromstring(reply.content)
        seen.append(schema.get("targetNamespace"))
        for declared in schema.iter("{*}attribute"):
            if declared.get("name") == "class":
                assert declared.get("fixed") == "entity"
                assert declared.get("use") == "required"
    assert "http://schemas.microsoft.com/dynamics/2008/01/documents/Customer" in seen
    assert len(seen) == len(set(seen))


async def test_lengths_and_symbols_stand_in_the_schema(house: House) -> None:
    service = await house.service("CustomerService")
    shared = await _page(house, "CustomerService", "wsdl=wsdl1")
    place = next(
        one.get("schemaLocation")
        for one in shared.iter("{*}import")
        if str(one.get("namespace")).endswith("sharedtypes")
    )
    schema = etree.fromstring((await house.http.get(str(place))).content)
    kinds = {one.get("name"): one for one in schema.iter("{*}simpleType")}
    length = kinds["AxdExtType_CustAccountExt"].find(".//{*}maxLength")
    assert length is not None
    assert length.get("value") == "20"
    blocked = [
        one.get("value") for one in kinds["AxdEnum_CustVendorBlocked"].iter("{*}enumeration")
    ]
    assert blocked[:3] == ["No", "Invoice", "All"]
    union = kinds["AxdUnion_AxdExtType_CustAccount_AxdType_ExtCodeValue"].find("{*}union")
    assert union is not None
    assert service.type("AxdEntity_CustTable") is not None


async def test_operations_that_were_not_selected_are_absent() -> None:
    selected = {"FreeTextInvoiceService": ["create"], "SalesOrderService": []}
    async with opened(operations=selected) as house:
        service = await house.service("FreeTextInvoiceService")
        ports = service.client.wsdl.services["RoutingService"].ports
        binding = ports["BasicHttpBinding_FreeTextInvoiceService"].binding
        assert set(binding._operations) == {"create"}
        gone = await house.http.get(f"{house.base}/SalesOrderService/xppservice.svc?wsdl")
        assert gone.status_code == 404


async def test_the_custom_service_may_not_be_installed() -> None:
    async with opened(custom_service=False) as house:
        gone = await house.http.get(f"{house.base}/TieoutService/xppservice.svc?wsdl")
        assert gone.status_code == 404


async def test_addresses_follow_the_host_that_was_asked(house: House) -> None:
    port = house.server.ports["ax"]
    async with httpx.AsyncClient(auth=ntlm(), trust_env=False) as http:
        base = f"http://localhost:{port}/MicrosoftDynamicsAXAif60"
        reply = await http.get(f"{base}/CustomerService/xppservice.svc?wsdl")
    assert f"{base}/CustomerService/xppservice.svc?wsdl=wsdl1".encode() in reply.content
