"""The SOAP services below `/<Instance>/WS`: codeunit, pages, list of services, SystemService."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote, unquote
from xml.sax.saxutils import quoteattr

from starlette.requests import Request
from starlette.responses import Response

from sandbox.nav.calls import Companies
from sandbox.nav.codeunit import TieoutPosting
from sandbox.nav.company import Company
from sandbox.nav.odata.paths import not_found
from sandbox.nav.schema import Page
from sandbox.nav.soap.codeunit import call_codeunit, codeunit_wsdl
from sandbox.nav.soap.envelope import element, grown, read_call, reply
from sandbox.nav.soap.pages import PageService
from sandbox.nav.soap.pagewsdl import page_wsdl
from sandbox.nav.soap.wsdl import Operation, Parameter, wsdl

_SYSTEM = "SystemService"
_SYSTEM_NAMESPACE = "urn:microsoft-dynamics-schemas/nav/system/"
_XML = "text/xml; charset=utf-8"


class SoapService:
    """Answers requests below the root; raises NavError for refusals."""

    def __init__(
        self,
        root: str,
        pages: Mapping[str, Page],
        codeunit: str,
        companies: Companies,
        gate: Callable[[], None],
    ) -> None:
        self._root = root
        self._pages = pages
        self._codeunit = codeunit
        self._companies = companies
        self._gate = gate
        self._wsdl: dict[str, bytes] = {}

    def answer(self, request: Request, path: str, body: bytes, user: str) -> Response:
        """The answer to one request; `path` is raw and relative to the root."""
        steps = [unquote(part) for part in path.split("/") if part]
        address = f"{request.url.scheme}://{request.url.netloc}{self._root}{path}"
        reading = request.method == "GET"
        match steps:
            case [system] if system == _SYSTEM:
                return self._describe(address, _system_wsdl) if reading else self._system(user)
            case [name, "services" | "Services"] if reading:
                return self._services(request, self._companies.enter(name, user))
            case [name, "Codeunit", service] if service == self._codeunit:
                company = self._companies.enter(name, user)
                if reading:
                    return self._describe(address, lambda at: codeunit_wsdl(service, at))
                unit = TieoutPosting(company, self._gate)
                return reply(call_codeunit(service, unit, read_call(body)))
            case [name, "Page", service] if service in self._pages:
                return self._page(
                    service, self._companies.enter(name, user), address, reading, body
                )
        raise not_found(steps[-1] if steps else "WS")

    def _page(
        self, name: str, company: Company, address: str, reading: bool, body: bytes
    ) -> Response:
        page = self._pages[name]
        if reading:
            return self._describe(address, lambda at: page_wsdl(name, page, at))
        return reply(PageService(name, page, company, read_call(body)).run())

    def _describe(self, address: str, write: Callable[[str], bytes]) -> Response:
        """A WSDL document, written once per address."""
        if address not in self._wsdl:
            self._wsdl[address] = write(address)
        return Response(self._wsdl[address], media_type=_XML)

    def _services(self, request: Request, company: Company) -> Response:
        base = f"{request.url.scheme}://{request.url.netloc}{self._root}"
        home = f"{base}/{quote(company.name, safe='')}"
        addresses = [f"{base}/{_SYSTEM}", f"{home}/Codeunit/{self._codeunit}"]
        addresses += [f"{home}/Page/{name}" for name in self._pages]
        listed = "".join(
            f'<contractRef ref={quoteattr(address)} xmlns="http://schemas.xmlsoap.org/disco/scl/"/>'
            for address in addresses
        )
        document = f'<discovery xmlns="http://schemas.xmlsoap.org/disco/">{listed}</discovery>'
        return Response(document.encode(), media_type=_XML)

    def _system(self, user: str) -> Response:
        made = element(_SYSTEM_NAMESPACE, "Companies_Result")
        names = self._companies.names(user)
        return reply(
            grown(made, (element(_SYSTEM_NAMESPACE, "return_value", name) for name in names))
        )


def _system_wsdl(address: str) -> bytes:
    answer = (Parameter("return_value", "string", 0, "unbounded"),)
    operation = Operation("Companies", (), answer)
    return wsdl(_SYSTEM_NAMESPACE, _SYSTEM, address, [operation])
