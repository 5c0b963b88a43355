"""The stand-in as the sandbox sees it: one port, OData and SOAP over the same companies."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.clock import Clock
from sandbox.nav import person
from sandbox.nav.authentication import Authenticator, BasicAuthenticator
from sandbox.nav.calls import Companies, rejected
from sandbox.nav.company import Company
from sandbox.nav.errors import NavError, dialog
from sandbox.nav.ntlm import NtlmAuthenticator
from sandbox.nav.odata.service import ODataService, error_response
from sandbox.nav.pages import published
from sandbox.nav.profile import NavProfile
from sandbox.nav.rows import CompanyRows
from sandbox.nav.seed import ensure_set_up, reset_company
from sandbox.nav.soap.envelope import fault
from sandbox.nav.soap.service import SoapService
from sandbox.settings import NavSettings
from sandbox.storage import Storage
from sandbox.system import JournalRow, OperatorSettings

_LOCKED = (
    "The operation could not complete because a record in the Cust. Ledger Entry table was "
    "locked by another user. Please retry the activity."
)
_DEADLOCKED = (
    "Your activity was deadlocked with another user modifying the Cust. Ledger Entry table. "
    "Start your activity again."
)
_STATUS_ERRORS = {
    401: ("Authentication_InvalidCredentials", "The server has rejected the client credentials."),
    404: ("BadRequest_ResourceNotFound", "Resource not found for the segment."),
    408: ("Internal_OperationTimeout", "The operation was cancelled because it took too long."),
    409: ("Request_EntityChanged", "Another user has already changed the record."),
    412: ("Request_EntityChanged", "Another user has already changed the record."),
    429: ("Application_TooManyRequests", "Too many requests reached. Try again later."),
    500: ("Internal_ServerError", _DEADLOCKED),
    503: ("Internal_TenantUnavailable", "The tenant is not accessible. Try again later."),
}


class _Application:
    """Reads a request to its end, then answers it without interruption."""

    def __init__(self, answer: Callable[[Request, bytes], Response]) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        await self._answer(request, body)(scope, receive, send)


class Nav:
    """Dynamics NAV: companies with their books behind OData V4 and SOAP."""

    name = "nav"

    def __init__(
        self, settings: NavSettings, storage: Storage, clock: Clock, profile: NavProfile
    ) -> None:
        self._operator = storage.table("operator")
        self._companies = {
            one.name: Company(one.name, storage, clock) for one in settings.companies
        }
        for company in self._companies.values():
            ensure_set_up(company)
        self._profile = profile
        self._calls = Companies(self._companies, settings.companies)
        self._authenticator = self._authentication()
        pages = published(profile.service_names)
        self._odata_root = f"/{settings.instance}/ODataV4"
        self._soap_root = f"/{settings.instance}/WS"
        self._odata = ODataService(self._odata_root, pages, self._calls, profile)
        self._soap = SoapService(
            self._soap_root, pages, profile.codeunit_name, self._calls, self._gate
        )
        self.app: ASGIApp = _Application(self._answer)

    def journal(self) -> list[JournalRow]:
        """Everything committed in every company."""
        return [row for one in self._companies.values() for row in CompanyRows(one).all()]

    def operator(self, settings: OperatorSettings) -> None:
        """Let posting through, refuse it with a reason, or keep it locked by another user.

        NAV posts within the call, so `after` has no meaning here.
        """
        self._operator["posting"] = settings.model_dump()

    def reset(self) -> None:
        """Empty the books of every company and put its set-up back to its beginnings."""
        self._operator.clear()
        for company in self._companies.values():
            reset_company(company)

    def error(self, status: int, request: Request) -> Response:
        """The body with which NAV answers a status, in the shape of the service called.

        Only a status of 500 carries a SOAP fault: the others come from the web server in front.
        """
        code, message = _STATUS_ERRORS.get(status, ("Unknown", "The request failed."))
        if status != 500 and request.url.path.startswith(self._soap_root):
            page = f"<html><body><h2>{message}</h2><p>HTTP Error {status}.</p></body></html>"
            return Response(page, status, media_type="text/html")
        response = self._refusal(request.url.path, NavError(code, message, status))
        response.status_code = status
        return response

    async def start(self) -> None:
        """Nothing runs in the background."""

    async def stop(self) -> None:
        """Nothing runs in the background."""

    def _authentication(self) -> Authenticator:
        if self._profile.authentication == "ntlm":
            return NtlmAuthenticator(self._calls)
        return BasicAuthenticator(self._calls)

    def _gate(self) -> None:
        present = OperatorSettings.model_validate(self._operator.get("posting", {}))
        if present.posting == "refuse":
            raise dialog(present.reason or "Posting was refused.")
        if present.posting == "wait":
            raise NavError("Internal_ServerError", f"{_LOCKED} {present.reason}".strip(), 500)

    def _answer(self, request: Request, body: bytes) -> Response:
        path = request.scope["raw_path"].decode("ascii").split("?")[0]
        if person.asked(path):
            return person.answer(self._companies, path, body)
        user = self._authenticator.user(request)
        if user is None:
            response = self._refusal(path, rejected())
            response.status_code = 401
            response.headers["WWW-Authenticate"] = self._authenticator.challenge(request)
            return response
        try:
            return self._route(request, path, body, user)
        except NavError as error:
            return self._refusal(path, error)

    def _route(self, request: Request, path: str, body: bytes, user: str) -> Response:
        for root, enabled, service in (
            (self._odata_root, self._profile.odata_enabled, self._odata),
            (self._soap_root, self._profile.soap_enabled, self._soap),
        ):
            if path == root or path.startswith(f"{root}/"):
                if not enabled:
                    raise NavError("BadRequest_MethodNotAllowed", "The service is disabled.", 405)
                return service.answer(request, path[len(root) :], body, user)
        raise NavError("BadRequest_NotFound", f"Resource not found for '{path}'.", 404)

    def _refusal(self, path: str, error: NavError) -> Response:
        if not path.startswith(self._soap_root):
            return error_response(error)
        response = fault(error)
        if error.status in (403, 404, 405):
            response.status_code = error.status
        return response
