"""The posting codeunit over SOAP: envelopes, results, faults, and what is no answer at all."""

from __future__ import annotations

import httpx
import pytest
from lxml import etree
from pydantic import SecretStr

from connectors.errors import (
    ConnectorError,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
)
from connectors.nav.settings import NavSettings
from connectors.nav.soap import CodeunitClient
from connectors.transport import Transport

_NS = "urn:microsoft-dynamics-schemas/codeunit/TieoutPosting"
_WSDL = f"""<?xml version="1.0" encoding="utf-8"?>
<definitions targetNamespace="{_NS}" xmlns:tns="{_NS}"
    xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/">
  <types>
    <schema elementFormDefault="qualified" targetNamespace="{_NS}"
        xmlns="http://www.w3.org/2001/XMLSchema">
      <element name="CreateSalesDocument"><complexType><sequence>
        <element minOccurs="1" maxOccurs="1" name="documentType" type="string"/>
        <element minOccurs="1" maxOccurs="1" name="externalKey" type="string"/>
        <element minOccurs="1" maxOccurs="1" name="customerNo" type="string"/>
        <element minOccurs="1" maxOccurs="1" name="state" type="string"/>
      </sequence></complexType></element>
      <element name="CreateSalesDocument_Result"><complexType><sequence>
        <element minOccurs="1" maxOccurs="1" name="return_value" type="string"/>
        <element minOccurs="1" maxOccurs="1" name="state" type="string"/>
      </sequence></complexType></element>
    </schema>
  </types>
  <message name="Create">
    <part name="parameters" element="tns:CreateSalesDocument"/>
  </message>
  <message name="Create_Result">
    <part name="parameters" element="tns:CreateSalesDocument_Result"/>
  </message>
  <portType name="TieoutPosting_Port">
    <operation name="CreateSalesDocument">
      <input name="CreateSalesDocument" message="tns:Create"/>
      <output name="CreateSalesDocument_Result" message="tns:Create_Result"/>
    </operation>
  </portType>
  <binding name="TieoutPosting_Binding" type="tns:TieoutPosting_Port">
    <soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="CreateSalesDocument">
      <soap:operation soapAction="{_NS}:CreateSalesDocument" style="document"/>
      <input name="CreateSalesDocument"><soap:body use="literal"/></input>
      <output name="CreateSalesDocument_Result"><soap:body use="literal"/></output>
    </operation>
  </binding>
  <service name="TieoutPosting">
    <port name="TieoutPosting_Port" binding="tns:TieoutPosting_Binding">
      <soap:address location="http://inside.lan:7047/NAV/WS/CRONUS/Codeunit/TieoutPosting"/>
    </port>
  </service>
</definitions>"""
_SETTINGS = NavSettings(
    base_url="http://nav.test",
    instance="NAV",
    company="CRONUS Ltd.",
    username="tieout",
    secret=SecretStr("key"),
    settle_seconds=9,
)


class _Server:
    """Gives the WSDL, then the scripted answers to calls."""

    def __init__(self, *answers: httpx.Response | Exception, wsdl: httpx.Response | None) -> None:
        self._answers = list(answers)
        self._wsdl = wsdl or httpx.Response(200, text=_WSDL)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.method == "GET":
            return self._wsdl
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def _client(server: _Server) -> CodeunitClient:
    transport = Transport("nav", "http://nav.test", transport=httpx.MockTransport(server))
    return CodeunitClient(transport, _SETTINGS, httpx.BasicAuth("tieout", "key"))


async def _call(server: _Server) -> dict[str, str]:
    return await _client(server).call(
        "CreateSalesDocument",
        "create invoice",
        documentType="Credit Memo",
        externalKey="FB-I1-1",
        customerNo="Ä<&>1",
        state="",
    )


def _envelope(body: str, status: int = 200) -> httpx.Response:
    text = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    )
    return httpx.Response(status, text=text, headers={"Content-Type": "text/xml"})


def _result(values: str) -> httpx.Response:
    return _envelope(
        f'<CreateSalesDocument_Result xmlns="{_NS}">{values}</CreateSalesDocument_Result>'
    )


def _fault(exception: str, text: str, status: int = 500) -> httpx.Response:
    return _envelope(
        '<s:Fault><faultcode xmlns:a="urn:microsoft-dynamics-schemas/error">'
        f"a:Microsoft.Dynamics.Nav.Types.Exceptions.{exception}</faultcode>"
        f'<faultstring xml:lang="en-US">{text}</faultstring></s:Fault>',
        status,
    )


async def test_the_result_has_the_return_value_and_the_var_parameters() -> None:
    values = "<return_value>SI1001</return_value><state>Draft</state>"
    assert await _call(_Server(_result(values), wsdl=None)) == {
        "return_value": "SI1001",
        "state": "Draft",
    }


async def test_the_envelope_goes_to_our_address_with_the_action_of_the_wsdl() -> None:
    server = _Server(_result("<return_value>1</return_value>"), wsdl=None)
    await _call(server)
    sent = server.requests[1]
    assert str(sent.url) == "http://nav.test/NAV/WS/CRONUS%20Ltd./Codeunit/TieoutPosting"
    assert sent.headers["SOAPAction"] == f'"{_NS}:CreateSalesDocument"'
    body = etree.fromstring(sent.content)
    texts = [e.text for e in body.iterfind(f".//{{{_NS}}}CreateSalesDocument/*")]
    assert texts == ["Credit Memo", "FB-I1-1", "Ä<&>1", None]


async def test_the_wsdl_is_read_once() -> None:
    result = "<return_value>1</return_value>"
    server = _Server(_result(result), _result(result), wsdl=None)
    client = _client(server)
    for _ in range(2):
        await client.call(
            "CreateSalesDocument", "c", documentType="", externalKey="", customerNo="", state=""
        )
    assert [request.method for request in server.requests] == ["GET", "POST", "POST"]


async def test_a_fault_is_held_with_nav_s_own_words() -> None:
    text = "You cannot Post this type of document when Customer C1 is blocked with type All"
    with pytest.raises(Rejected) as raised:
        await _call(_Server(_fault("NavNCLDialogException", text), wsdl=None))
    assert raised.value.hold.cause == "customer-blocked"
    assert raised.value.code == "NavNCLDialogException"
    assert text in raised.value.hold.reason


async def test_a_fault_with_status_200_is_a_fault_all_the_same() -> None:
    answer = _fault("NavTestFieldException", "VAT Posting Setup ...", status=200)
    with pytest.raises(Rejected):
        await _call(_Server(answer, wsdl=None))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(401), Unauthorized),
        (httpx.Response(405), Misconfigured),
        (httpx.Response(408), OutcomeUnknown),
        (httpx.Response(429, headers={"Retry-After": "2"}), Throttled),
        (httpx.Response(500, text="<html>oops</html>"), OutcomeUnknown),
        (httpx.Response(502), OutcomeUnknown),
        (httpx.Response(503), Unavailable),
        (httpx.Response(200, text=""), OutcomeUnknown),
        (httpx.Response(200, text="<html/>"), OutcomeUnknown),
        (_envelope("<Other_Result/>"), OutcomeUnknown),
        (httpx.ReadError("reset"), OutcomeUnknown),
        (httpx.ConnectError("refused"), Unavailable),
        (_fault("NavException", "too many requests", status=429), Throttled),
        (_fault("NavException", "not now", status=503), Unavailable),
        (_fault("NavPermissionException", "no"), Misconfigured),
        (_fault("NavNCLDialogException", "deadlocked with another user"), Unavailable),
    ],
)
async def test_every_other_answer_is_classified(
    answer: httpx.Response | Exception, error: type[ConnectorError]
) -> None:
    with pytest.raises(error) as raised:
        await _call(_Server(answer, wsdl=None))
    assert type(raised.value) is error
    if isinstance(raised.value, OutcomeUnknown):
        assert raised.value.settle == 9


async def test_a_codeunit_that_is_not_published_is_a_wrong_set_up() -> None:
    with pytest.raises(Misconfigured, match="Web Services page"):
        await _call(_Server(wsdl=httpx.Response(404)))


async def test_a_codeunit_without_the_function_is_a_wrong_set_up() -> None:
    with pytest.raises(Misconfigured, match="no such function"):
        await _client(_Server(wsdl=None)).call("PostEverything", "post")


async def test_a_function_with_other_parameters_is_a_wrong_set_up() -> None:
    with pytest.raises(Misconfigured, match="install"):
        await _client(_Server(wsdl=None)).call("CreateSalesDocument", "create", colour="red")


@pytest.mark.parametrize(
    "text", ["", "<html", "<html/>", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>']
)
async def test_a_reply_that_is_no_wsdl_is_unavailable(text: str) -> None:
    with pytest.raises(Unavailable):
        await _call(_Server(wsdl=httpx.Response(200, text=text)))


async def test_a_wsdl_that_imports_from_elsewhere_is_not_followed() -> None:
    imported = _WSDL.replace(
        "<types>", '<import namespace="urn:x" location="http://elsewhere.test/x.wsdl"/><types>'
    )
    server = _Server(wsdl=httpx.Response(200, text=imported))
    with pytest.raises(Unavailable):
        await _call(server)
    assert [request.url.host for request in server.requests] == ["nav.test"]
