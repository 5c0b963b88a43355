"""Calls of service operations: one request, one reply, errors by table, nothing retried."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import httpx

from connectors.ax.content import Content, name_of
from connectors.ax.envelope import Envelopes, body_of
from connectors.ax.errors import SYSTEM, failure
from connectors.ax.faults import fault_answer, is_fault, other_answer
from connectors.ax.lanes import Lanes
from connectors.ax.models import Operation, Service
from connectors.ax.settings import AxSettings
from connectors.ax.wsdl import load_service
from connectors.errors import (
    ConnectorError,
    Misconfigured,
    OutcomeUnknown,
    Unavailable,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

_READ = "read WSDL"


class AxClient:
    """The ports of one company. Each port's description is read once, at its first use."""

    def __init__(self, settings: AxSettings, lanes: Lanes) -> None:
        self.settings = settings
        self._lanes = lanes
        self._services: dict[str, Service] = {}
        self._envelopes: dict[tuple[str, str], Envelopes] = {}
        self._paths: dict[str, str] = {}
        self._reading = asyncio.Lock()

    async def service(self, port: str) -> Service:
        """The described service of a port. Raises Misconfigured when it offers none."""
        found = self._services.get(port)
        if found is None:
            async with self._reading:
                found = self._services.get(port) or await self._load(port)
                self._services[port] = found
        return found

    async def offers(self, port: str, *operations: str) -> bool:
        """Whether a port is named in the settings and has these operations."""
        return bool(port) and set(operations) <= set((await self.service(port)).operations)

    async def operation(self, port: str, name: str) -> Operation:
        """An operation of a port. Raises Misconfigured when it is not selected there."""
        found = (await self.service(port)).operations.get(name)
        if found is None:
            raise Misconfigured(SYSTEM, f"{port}.{name}", missing_operation(port, name))
        return found

    async def call(
        self, port: str, name: str, content: Content, *, writes: bool, message_id: str = ""
    ) -> _Element:
        """Call an operation and return its response element.

        Raises the taxonomy of `connectors.errors`; OutcomeUnknown when a write may have been
        carried out, DuplicateMessage when AX has seen the message id before.
        """
        label = f"{port}.{name}"
        envelopes = self._envelopes.get((port, name))
        if envelopes is None:
            envelopes = Envelopes(await self.operation(port, name), self.settings)
            if envelopes.lacking:
                # AX would take the user's own company, and refuse no repetition.
                why = f"its CallContext has no {' and no '.join(envelopes.lacking)}"
                raise Misconfigured(SYSTEM, label, why)
            self._envelopes[port, name] = envelopes
        response = await self._send(
            "POST",
            self._path(port),
            label,
            writes=writes,
            content=envelopes.write(content, message_id),
            headers=envelopes.headers,
        )
        return self._result(response, label, writes)

    def forget(self) -> None:
        """Read every description again at its next use: ports may have been changed."""
        self._services.clear()
        self._envelopes.clear()

    async def _load(self, port: str) -> Service:
        async def fetch(url: str) -> bytes:
            parts = urlsplit(url)
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            response = await self._send("GET", path, _READ, writes=False)
            if not response.is_success:
                raise failure(_READ, other_answer(response), writes=False, settle=0)
            return response.content

        base = self.settings.base_url.rstrip("/")
        return await load_service(port, f"{base}{self._path(port)}?wsdl", fetch)

    def _path(self, port: str) -> str:
        path = self._paths.get(port)
        if path is None:
            path = f"{self.settings.path.rstrip('/')}/{quote(port, safe='')}/xppservice.svc"
            self._paths[port] = path
        return path

    async def _send(
        self,
        method: str,
        path: str,
        label: str,
        *,
        writes: bool,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        response = await self._lanes.send(
            method, path, operation=label, writes=writes, content=content, headers=headers
        )
        if response.status_code == httpx.codes.UNAUTHORIZED:
            raise failure(label, other_answer(response), writes=writes, settle=0)
        return response

    def _result(self, response: httpx.Response, label: str, writes: bool) -> _Element:
        body = body_of(response.content)
        if body is None or not (response.is_success or is_fault(body)):
            raise self._no_soap(response, label, writes)
        if is_fault(body):
            answer = fault_answer(response, body)
            raise failure(label, answer, writes=writes, settle=self.settings.settle_seconds)
        return body

    def _no_soap(self, response: httpx.Response, label: str, writes: bool) -> ConnectorError:
        settle = self.settings.settle_seconds
        answer = other_answer(response)
        if not response.is_success:
            return failure(label, answer, writes=writes, settle=settle)
        message = "a web page instead of SOAP" if answer.page else "the reply is no SOAP"
        if writes:
            return OutcomeUnknown(SYSTEM, label, message, settle)
        return Unavailable(SYSTEM, label, message)


def missing_operation(port: str, name: str) -> str:
    """What to tell the administrator about an operation that a port does not offer."""
    return (
        f"the inbound port {port} does not offer the operation {name}; select it on the port "
        "and activate the port again"
    )


def part(response: _Element, name: str) -> _Element | None:
    """A direct part of a response by name."""
    return next((child for child in response if name_of(child) == name), None)
