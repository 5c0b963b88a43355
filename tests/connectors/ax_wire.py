"""Answers as AX and IIS give them, and a port on a wire that a test controls."""

from __future__ import annotations

from collections.abc import Callable

import httpx
from pydantic import SecretStr

from connectors.ax.client import AxClient
from connectors.ax.lanes import Lanes
from connectors.ax.settings import AxSettings

HOST = "http://ax.example.invalid"
SERVICES = "http://schemas.microsoft.com/dynamics/2008/01/services"
FAULT = "http://schemas.microsoft.com/dynamics/2008/01/documents/Fault"
INFOLOG = "http://schemas.datacontract.org/2004/07/Microsoft.Dynamics.AX.Framework.Services"

WSDL = f"""<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"
    xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:t="{SERVICES}" xmlns:c="http://schemas.microsoft.com/dynamics/2010/01/datacontracts"
    targetNamespace="{SERVICES}">
  <wsdl:types>
    <xs:schema targetNamespace="http://schemas.microsoft.com/dynamics/2010/01/datacontracts"
        elementFormDefault="qualified">
      <xs:element name="CallContext" nillable="true"><xs:complexType><xs:sequence>
        <xs:element name="Company" type="xs:string" minOccurs="0"/>
        <xs:element name="Language" type="xs:string" minOccurs="0"/>
        <xs:element name="MessageId" type="xs:string" minOccurs="0"/>
      </xs:sequence></xs:complexType></xs:element>
    </xs:schema>
    <xs:schema targetNamespace="{SERVICES}" elementFormDefault="qualified">
      <xs:element name="ThingServiceCreateRequest"><xs:complexType><xs:sequence>
        <xs:element name="Name" type="xs:string" minOccurs="0"/>
      </xs:sequence></xs:complexType></xs:element>
      <xs:element name="ThingServiceCreateResponse"><xs:complexType><xs:sequence>
        <xs:element name="Number" type="xs:string" minOccurs="0"/>
      </xs:sequence></xs:complexType></xs:element>
    </xs:schema>
  </wsdl:types>
  <wsdl:message name="In">
    <wsdl:part name="p" element="t:ThingServiceCreateRequest"/></wsdl:message>
  <wsdl:message name="Head"><wsdl:part name="context" element="c:CallContext"/></wsdl:message>
  <wsdl:message name="Out">
    <wsdl:part name="p" element="t:ThingServiceCreateResponse"/></wsdl:message>
  <wsdl:portType name="IRequestReplyRouter"/>
  <wsdl:portType name="ThingService"><wsdl:operation name="create">
    <wsdl:input message="t:In"/><wsdl:output message="t:Out"/>
  </wsdl:operation></wsdl:portType>
  <wsdl:binding name="serviceEndpoint" type="t:IRequestReplyRouter">
    <soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
  </wsdl:binding>
  <wsdl:binding name="BasicHttpBinding_ThingService" type="t:ThingService">
    <soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="create">
      <soap:operation soapAction="{SERVICES}/ThingService/create" style="document"/>
      <wsdl:input><soap:header message="t:Head" part="context" use="literal"/>
        <soap:body use="literal"/></wsdl:input>
      <wsdl:output><soap:body use="literal"/></wsdl:output>
    </wsdl:operation>
  </wsdl:binding>
  <wsdl:service name="RoutingService">
    <wsdl:port name="serviceEndpoint" binding="t:serviceEndpoint">
      <soap:address location="http://inside/x.svc"/></wsdl:port>
    <wsdl:port name="BasicHttpBinding_ThingService" binding="t:BasicHttpBinding_ThingService">
      <soap:address location="http://inside/x.svc"/></wsdl:port>
  </wsdl:service>
</wsdl:definitions>"""

Respond = Callable[[httpx.Request], httpx.Response]


def client(respond: Respond, wsdl: Respond | None = None, **settings: object) -> AxClient:
    """A client whose port `Things` is described as above and answers as the test says."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return wsdl(request) if wsdl else httpx.Response(200, text=WSDL)
        return respond(request)

    values = {
        "base_url": HOST,
        "company": "CEU",
        "username": "TIEOUT",
        "domain": "CONTOSO",
        "secret": SecretStr("a password"),
        "settle_seconds": 7.0,
        **settings,
    }
    configured = AxSettings.model_validate(values)
    return AxClient(configured, Lanes(configured, transport=httpx.MockTransport(handle)))


def envelope(body: str) -> str:
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f"{body}</s:Body></s:Envelope>"
    )


def created(number: str = "1001") -> httpx.Response:
    """The answer of the port's one operation."""
    name = "ThingServiceCreateResponse"
    body = f'<{name} xmlns="{SERVICES}"><Number>{number}</Number></{name}>'
    return httpx.Response(200, text=envelope(body))


def aif_fault(
    *infolog: str, code: str = "", field: str = "", exception: int = 3, xpath: str = ""
) -> httpx.Response:
    """A fault as AIF gives it; without infolog and code, one that hides everything."""
    said = "".join(
        f"<i:InfologMessage><i:InfologMessageType>Error</i:InfologMessageType>"
        f"<i:Message>{text}</i:Message></i:InfologMessage>"
        for text in infolog
    )
    messages = (
        "<f:FaultMessageListArray><f:FaultMessageList><f:FaultMessageArray><f:FaultMessage>"
        f"<f:Code>{code}</f:Code><f:Message>{' '.join(infolog)}</f:Message></f:FaultMessage>"
        f"</f:FaultMessageArray><f:Field>{field}</f:Field><f:XPath>{xpath}</f:XPath>"
        "</f:FaultMessageList></f:FaultMessageListArray>"
        f"<f:InfologMessageList>{said}</f:InfologMessageList>"
        if infolog or code
        else ""
    )
    detail = (
        f'<f:AifFault xmlns:f="{FAULT}" xmlns:i="{INFOLOG}">{messages}'
        f"<f:XppExceptionType>{exception}</f:XppExceptionType></f:AifFault>"
    )
    return soap_fault("s:Server", "Request Failed. See the Exception Log for details.", detail)


def soap_fault(code: str, text: str, detail: str = "") -> httpx.Response:
    """A SOAP 1.1 fault with the HTTP status that WCF gives it."""
    inside = f"<detail>{detail}</detail>" if detail else ""
    fault = f"<faultcode>{code}</faultcode><faultstring>{text}</faultstring>{inside}"
    return httpx.Response(500, text=envelope(f"<s:Fault>{fault}</s:Fault>"))


def iis_page(status: int, text: str = "") -> httpx.Response:
    """An error page of IIS."""
    page = f"<!DOCTYPE html PUBLIC><html><head><title>{status}</title></head>{text}</html>"
    return httpx.Response(status, html=page)
