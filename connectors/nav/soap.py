"""The one SOAP codeunit a customer installs: it creates, posts and reverses under a lock.

Envelopes are built by zeep from the codeunit's own WSDL, which knows order and types of the
parameters; they travel over our transport, and answers are read without external entities.
"""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import httpx
import zeep
import zeep.exceptions
from lxml import etree

from connectors.errors import ConnectorError, Misconfigured, OutcomeUnknown, Unavailable
from connectors.nav.errors import SYSTEM, Answer, failure
from connectors.nav.markup import parse_xml
from connectors.nav.settings import NavSettings
from connectors.nav.values import query, segment
from connectors.nav.wire import exchange, retry_after
from connectors.transport import Transport

if TYPE_CHECKING:
    from lxml.etree import _Element

# zeep carries no annotations for what is called here.
_zeep_client: Any = zeep.Client
_zeep_transport_error: Any = zeep.exceptions.TransportError

_ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"


class _NoNetwork:
    """Stands where zeep expects a transport: nothing is fetched behind our back."""

    cache = None

    def load(self, url: str) -> bytes:
        """Refuse an import of the WSDL. Raises zeep.exceptions.TransportError."""
        raise _zeep_transport_error(f"the WSDL imports {url}, which is not followed")


class CodeunitClient:
    """Functions of the posting codeunit. The WSDL is read once."""

    def __init__(self, transport: Transport, settings: NavSettings, auth: httpx.Auth) -> None:
        self._transport = transport
        self._settings = settings
        self._auth = auth
        tenant = query({"tenant": settings.tenant})
        self._path = (
            f"/{segment(settings.instance)}/WS/{segment(settings.company)}"
            f"/Codeunit/{segment(settings.codeunit)}" + (f"?{tenant}" if tenant else "")
        )
        self._client: Any = None
        self._lock = asyncio.Lock()

    async def call(self, function: str, operation: str, **arguments: Any) -> dict[str, str]:
        """Call a function and return its return value and var parameters as texts.

        Raises ConnectorError; OutcomeUnknown when the call may have been carried out.
        """
        content, action = self._envelope(await self._service(), function, arguments)
        response = await self._send(
            "POST",
            operation,
            writes=True,
            content=content,
            headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'},
        )
        return self._result(response, function, operation)

    async def check(self) -> None:
        """Read the WSDL. Raises Misconfigured when the codeunit is not published."""
        await self._service()

    def forget(self) -> None:
        """Read the WSDL again at the next call: the codeunit may have been replaced."""
        self._client = None

    async def _service(self) -> Any:
        async with self._lock:
            if self._client is None:
                response = await self._send(
                    "GET", "read codeunit", writes=False, headers={"Accept": "text/xml"}
                )
                if not response.is_success:
                    raise self._refused(response, "read codeunit", writes=False)
                self._client = _parse_wsdl(response.content)
            return self._client

    def _envelope(self, client: Any, function: str, arguments: dict[str, Any]) -> tuple[bytes, str]:
        try:
            message = client.create_message(client.service, function, **arguments)
            action = client.service._binding.get(function).soapaction
        except (zeep.exceptions.Error, ValueError, TypeError) as error:
            raise Misconfigured(
                SYSTEM,
                f"call {function}",
                f"the published codeunit {self._settings.codeunit} has no such function; install "
                "the version that belongs to this connector",
            ) from error
        return etree.tostring(message, xml_declaration=True, encoding="utf-8"), str(action)

    async def _send(
        self,
        method: str,
        operation: str,
        *,
        writes: bool,
        headers: dict[str, str],
        content: bytes | None = None,
    ) -> httpx.Response:
        return await exchange(
            self._transport,
            self._settings,
            method,
            self._path,
            operation=operation,
            writes=writes,
            content=content,
            headers=headers,
            auth=self._auth,
        )

    def _result(self, response: httpx.Response, function: str, operation: str) -> dict[str, str]:
        body = _body(response.content)
        fault = body.find(f"{_ENVELOPE}Fault") if body is not None else None
        if fault is not None:
            raise self._fault(response, fault, operation)
        if not response.is_success:
            raise self._refused(response, operation, writes=True)
        found = body.find(f"{{*}}{function}_Result") if body is not None else None
        if found is None:
            message = f"HTTP {response.status_code} without the result of {function}"
            raise OutcomeUnknown(SYSTEM, operation, message, self._settings.settle_seconds)
        return {etree.QName(child).localname: child.text or "" for child in found}

    def _fault(self, response: httpx.Response, fault: _Element, operation: str) -> ConnectorError:
        answer = Answer(
            response.status_code,
            (fault.findtext("faultcode") or "").rpartition(".")[2],
            fault.findtext("faultstring") or "",
            retry_after(response),
            response.request.url.path,
            fault=True,
        )
        settle = self._settings.settle_seconds
        return failure(operation, answer, writes=True, settle=settle)

    def _refused(self, response: httpx.Response, operation: str, writes: bool) -> ConnectorError:
        answer = Answer(
            response.status_code,
            retry_after=retry_after(response),
            address=response.request.url.path,
        )
        settle = self._settings.settle_seconds
        return failure(operation, answer, writes=writes, settle=settle)


def _parse_wsdl(content: bytes) -> Any:
    settings = zeep.Settings(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        client = _zeep_client(io.BytesIO(content), transport=_NoNetwork(), settings=settings)
        # zeep looks for the service at first use: a document without one shall fail here.
        _ = client.service
    except (zeep.exceptions.Error, etree.LxmlError, ValueError) as error:
        raise Unavailable(SYSTEM, "read codeunit", "the reply is no usable WSDL") from error
    return client


def _body(content: bytes) -> _Element | None:
    try:
        root = parse_xml(content)
    except ValueError:
        return None
    return root.find(f"{_ENVELOPE}Body")
