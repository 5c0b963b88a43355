"""The stand-in as the sandbox sees it: IIS with the ports of AIF behind it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.ax.clerk import Clerk
from sandbox.ax.company import Company
from sandbox.ax.errors import DEADLOCK, ROUTER_FAULT, AifError, BadRequestError, Code
from sandbox.ax.journal import journal_rows
from sandbox.ax.pages import NOT_SIGNED_IN, page, service_page
from sandbox.ax.person import ACTIONS
from sandbox.ax.profile import PortProfile
from sandbox.ax.rows import Database
from sandbox.ax.seed import ensure_set_up, reset_company
from sandbox.ax.services.gateway import Gateway
from sandbox.ax.services.ports import document_ports
from sandbox.ax.signin import SignIn, User
from sandbox.ax.wire.envelope import Origin, aif_fault, soap_fault
from sandbox.ax.wire.labels import DEFAULT_LANGUAGE
from sandbox.ax.wire.wsdl import Description
from sandbox.clock import Clock
from sandbox.settings import AxSettings
from sandbox.storage import Storage
from sandbox.system import JournalRow, OperatorSettings

_PATH = re.compile(r"/MicrosoftDynamicsAXAif60/([^/]+)/xppservice\.svc", re.IGNORECASE)
_PERSON = re.compile(r"/person/([^/]+)/([^/]+)")
_XML = "text/xml; charset=utf-8"


class Ax:
    """Dynamics AX 2012: companies with their books behind AIF."""

    name = "ax"

    def __init__(self, settings: AxSettings, storage: Storage, clock: Clock) -> None:
        database = Database(storage)
        self._companies = {
            one.company.lower(): Company(one.company.lower(), database, clock)
            for one in settings.companies
        }
        for company in self._companies.values():
            ensure_set_up(company)
        self._messages = [storage.table(f"{area}/AifMessages") for area in self._companies]
        self._profile = _profile(settings)
        self._operator = storage.table("operator")
        self._clerk = Clerk(self._companies.values(), self._operator, settings.posting_after)
        ports = document_ports(self._profile, settings.operations)
        self._gateway = Gateway(
            self._companies, ports, self._profile, self._clerk, custom=settings.custom_service
        )
        self._sign_in = SignIn(settings.companies)
        self._descriptions: dict[str, Description] = {}
        self.app: ASGIApp = self._serve

    def journal(self) -> list[JournalRow]:
        """Everything committed in every company."""
        return [row for one in self._companies.values() for row in journal_rows(one)]

    def operator(self, settings: OperatorSettings) -> None:
        """Let the clerk post after a while, refuse with a reason, or stay away."""
        self._clerk.tell(settings)

    def reset(self) -> None:
        """Empty the books of every company and put its set-up back to its beginnings."""
        self._operator.clear()
        for messages in self._messages:
            messages.clear()
        for company in self._companies.values():
            reset_company(company)
        self._clerk.wake()

    def error(self, status: int, request: Request) -> Response:
        """What answers with a status: 500 is a deadlock in AX, everything else comes from IIS."""
        if status == 500 and request.method == "POST":
            error = AifError("Deadlock", Code.DEADLOCK, exception=DEADLOCK)
            detailed = self._profile.detailed_faults
            content = aif_fault(error, Origin(), DEFAULT_LANGUAGE, detailed=detailed)
            return Response(content, status, headers={"content-type": _XML})
        response = page(status, NOT_SIGNED_IN if status == 401 else "")
        if status == 401:
            response.headers.append("WWW-Authenticate", "Negotiate")
            response.headers.append("WWW-Authenticate", "NTLM")
        return response

    def cut_off(self, status: int, request: Request) -> Response:
        """The router in IIS when its channel to AX breaks: a fault of WCF itself, or a page."""
        if status == 500 and request.method == "POST":
            return Response(soap_fault(ROUTER_FAULT), status, headers={"content-type": _XML})
        return page(status)

    async def start(self) -> None:
        """Let the clerk work."""
        await self._clerk.start()

    async def stop(self) -> None:
        """Send the clerk home."""
        await self._clerk.stop()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        await self._answer(request, body)(scope, receive, send)

    def _answer(self, request: Request, body: bytes) -> Response:
        person = _PERSON.fullmatch(request.url.path)
        if person is not None:
            return self._person(person.group(1), person.group(2), body)
        user = self._sign_in.user(request)
        if not isinstance(user, User):
            return user
        path = _PATH.fullmatch(request.url.path)
        port = path.group(1) if path is not None else ""
        if self._gateway.contract(port) is None:
            return page(404)
        if request.method == "GET":
            return self._describe(request, port)
        if request.method != "POST":
            return page(405)
        return self._soap(request, port, body, user)

    def _soap(self, request: Request, port: str, body: bytes, user: User) -> Response:
        kind = request.headers.get("content-type", "")
        if kind.partition(";")[0].strip().lower() != "text/xml":
            return Response(status_code=415)
        action = request.headers.get("soapaction", "")
        try:
            status, content = self._gateway.answer(port, action, body, user)
        except BadRequestError as error:
            return Response(status_code=error.status)
        return Response(content, status, headers={"content-type": _XML})

    def _describe(self, request: Request, port: str) -> Response:
        address = f"{request.url.scheme}://{request.url.netloc}{request.url.path}"
        contract = self._gateway.contract(port)
        if address not in self._descriptions and contract is not None:
            self._descriptions[address] = Description(contract, address)
        query = request.url.query
        if not query:
            return service_page(port)
        content = self._descriptions[address].page(query)
        return page(404) if content is None else Response(content, headers={"content-type": _XML})

    def _person(self, area: str, action: str, body: bytes) -> Response:
        company = self._companies.get(area.lower())
        act: Callable[..., None] | None = ACTIONS.get(action)
        if company is None or act is None:
            return page(404)
        try:
            with company.database.transaction():
                act(company, json.loads(body))
        except (AifError, ArithmeticError, LookupError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        self._clerk.wake()
        return JSONResponse({})


def _profile(settings: AxSettings) -> PortProfile:
    return PortProfile(
        detailed_faults=settings.detailed_faults,
        document_filter=settings.document_filter,
        change_tracking=settings.change_tracking,
        retention_days=settings.change_retention_days,
        document_limit=settings.document_limit,
        keeps_failed_ids=settings.keep_failed_message_ids,
    )


def build(settings: AxSettings, storage: Storage, clock: Clock) -> Ax:
    """The stand-in for the companies of its settings."""
    return Ax(settings, storage, clock)
