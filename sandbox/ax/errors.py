"""What goes wrong in a call, before it becomes a fault on the wire."""

from __future__ import annotations

from enum import StrEnum

from sandbox.ax.wire.labels import text

ERROR = 3
DEADLOCK = 2
UPDATE_CONFLICT = 11
"""Numbers of X++ exceptions; no source gives them, they are as commonly believed."""


class Code(StrEnum):
    """The code in a fault message; only DuplicateMessage is documented by name."""

    DUPLICATE = "DuplicateMessage"
    SCHEMA = "SchemaValidation"
    BUSINESS = "BusinessRule"
    HASH = "DocumentHashMismatch"
    COMPANY = "CompanyNotFound"
    ACCESS = "AccessDenied"
    KEY = "KeyNotFound"
    DEADLOCK = "Deadlock"
    REQUEST = "InvalidRequest"


class AifError(Exception):
    """A call that the application refuses, with nothing changed.

    `label` and `values` make the text in the caller's language; a `detail` is a text of the XML
    layer, which is always English. `field` names the field concerned, `xpath` and `line` the place.
    """

    def __init__(
        self,
        label: str,
        code: Code = Code.BUSINESS,
        *,
        detail: str = "",
        at: str = "",
        xpath: str = "",
        line: int = 0,
        exception: int = ERROR,
        **values: object,
    ) -> None:
        super().__init__(detail or text(label, "", **values))
        self.code = code
        self.field = at
        self.xpath = xpath
        self.line = line
        self.exception = exception
        self._label = label
        self._values = values
        self._detail = detail

    def message(self, language: str) -> str:
        """The text in a language."""
        return self._detail or text(self._label, language, **self._values)


def schema_error(detail: str, xpath: str, line: int) -> AifError:
    """The document does not match the schema."""
    return AifError("", Code.SCHEMA, detail=detail, xpath=xpath, line=line)


class SoapError(Exception):
    """A fault of WCF itself, without an AifFault."""

    def __init__(self, subcode: str, message: str, *, namespace: str = "") -> None:
        super().__init__(message)
        self.subcode = subcode
        self.message = message
        self.namespace = namespace


ROUTER_FAULT = SoapError(
    "InternalServiceFault",
    "The server was unable to process the request due to an internal error.",
    namespace="http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher",
)


class BadRequestError(Exception):
    """What IIS or WCF answers with a status and no envelope."""

    def __init__(self, status: int, message: str = "") -> None:
        super().__init__(message)
        self.status = status
