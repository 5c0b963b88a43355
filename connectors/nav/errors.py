"""What an answer of NAV means: four tables, and one function that reads them in order.

A code or exception class that says all decides first; then the text, in English, for the many
refusals that share one code; then the general meaning of code and class; then the HTTP status.
Codes: Microsoft's table of OData error codes. Exception classes: seen in SOAP clients for the
dialog and record-not-found classes, unverified for the others. Texts: labels of the base
application; those of locks are unverified.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from connectors.errors import (
    Conflict,
    ConnectorError,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
)
from connectors.nav.causes import CAUSES

SYSTEM = "nav"
SAME_KEY = "Internal_EntityWithSameKeyExists"
_TEXT_LIMIT = 400


class Meaning(Enum):
    """What an answer means when it is not the refusal of a document."""

    CONFLICT = auto()
    UNAVAILABLE = auto()
    LOST = auto()  # it may have been carried out: unknown for a write, unavailable for a read
    THROTTLED = auto()
    UNAUTHORIZED = auto()
    MISCONFIGURED = auto()


@dataclass(frozen=True)
class Setup:
    """A wrong set-up of the connection, in a sentence for its administrator."""

    sentence: str


Row = str | Meaning | Setup
"""A cause code of a hold, a meaning, or a wrong set-up."""

_PUBLISH = Setup(
    "NAV does not know the web service; publish the page (or the codeunit) on NAV's Web Services "
    "page under the name that the connection's services setting gives"
)
_VERB = Setup("NAV's web service does not allow this call; is the right page published?")
_COMPANY = Setup("NAV does not know the company; its name is case-sensitive")
_PERMISSION = Setup("the NAV user lacks a permission that the connection needs")
_CALLBACK = Setup(
    "the posting codeunit asked a question, which no web service can answer; it must call a "
    "codeunit without confirmation (80, 12)"
)
_CLIENT = Setup("NAV could not read a value as it was sent; the mapping does not fit the page")

DECISIVE: dict[str, Row] = {
    "Request_EntityChanged": Meaning.CONFLICT,
    "BadRequest_InvalidToken": Meaning.CONFLICT,
    "NavRecordChangedException": Meaning.CONFLICT,
    "Authentication_InvalidCredentials": Meaning.UNAUTHORIZED,
    "Internal_CompanyNotFound": _COMPANY,
    "NavCompanyNotFoundException": _COMPANY,
    "BadRequest_ResourceNotFound": _PUBLISH,
    "BadRequest_MethodNotAllowed": _VERB,
    "BadRequest_InvalidOperation": "field-read-only",
    "NavPermissionException": _PERMISSION,
    "Application_CallbackNotAllowed": _CALLBACK,
    "NavNCLCallbackNotAllowedException": _CALLBACK,
    "Application_StringExceededLength": "text-too-long",
    "NavNCLStringLengthExceededException": "text-too-long",
    "Internal_TenantUnavailable": Meaning.UNAVAILABLE,
    SAME_KEY: "already-exists",
    "NavCSideDuplicateKeyException": "already-exists",
}
"""OData codes and SOAP exception classes that leave nothing open."""

TEXTS: tuple[tuple[str, Row], ...] = (
    (r"locked by another user|deadlocked with|deadlock victim|lock time-?out", Meaning.UNAVAILABLE),
    (r"There is more than one .* with External Document No", "duplicate-in-target"),
    (r"There is no .* with External Document No", Meaning.CONFLICT),
    (r"(another|other) user has (already )?(changed|modified)", Meaning.CONFLICT),
    (r"do not have the following permissions|lack.*permission", _PERMISSION),
    (r"^(the )?company .* does not exist|^.{0,20}cannot find the company", _COMPANY),
    (r"range of allowed posting dates", "period-closed"),
    (r"accounting period .* closed|is a closed (date|period)", "period-closed"),
    (r"customer .*is blocked|blocked .*in Customer", "customer-blocked"),
    (r"Blocked must be .*G/L Account|Direct Posting must|account .*is blocked", "account-blocked"),
    (r"Blocked must be .*Bank Account|Blocked must be .*Item", "account-blocked"),
    (r"earlier posting date", "applies-to-later"),
    (r"must not be before the Posting Date", "date-not-allowed"),
    (r"either applied to an entry|must first unapply", "still-applied"),
    (r"must be in the same currency", "currency-differs"),
    (r"already (been )?reversed|Reversed must be", "already-reversed"),
    (r"bank (account )?reconciliation|bank account statement", "bank-reconciled"),
    (
        r"Open must be .*(Ledger Entr|Cust\.)|is not open|is already closed|no open .*entr"
        r"|no Cust\. Ledger Entry within the filter|same sign or nothing remains"
        r"|larger than Remaining Amount|more than the remaining|exceeds? the remaining",
        "applies-to-closed",
    ),
    (r"appl(ies|y|ied).* (must be|has not been|is not) posted", "applies-to-absent"),
    (r"already (been )?posted", "already-posted"),
    (r"(has not been|is not|not yet) posted", "not-posted"),
    (r"related table \(Customer\)", "customer-unknown"),
    (r"related table \((G/L Account|Bank Account|Item|Resource)\)", "account-unknown"),
    (r"related table \(Currency\)", "currency-unknown"),
    (r"related table \(Dimension( Value)?\)", "dimension-missing"),
    (r"related table \(VAT", "vat-setup-missing"),
    (r"related table \([^)]*Posting Group\)", "posting-group-missing"),
    (r"related table \(", "value-unknown"),
    (r"VAT Posting Setup", "vat-setup-missing"),
    (r"General Posting Setup|Posting Group must have a value", "posting-group-missing"),
    (r"Receivables Account must|Posting Group .*does not exist", "posting-group-missing"),
    (r"Currency Exchange Rate|exchange rate .*(missing|does not exist)", "exchange-rate-missing"),
    (r"Exchange Rate Amount must", "exchange-rate-missing"),
    (r"dimension", "dimension-missing"),
    (r"number series|numbers? manually|No\. Series", "number-series-exhausted"),
    (r"out of balance", "out-of-balance"),
    (r"nothing to post", "nothing-to-post"),
    (r"length of the string is", "text-too-long"),
    (r"The (G/L Account|Bank Account) does not exist", "account-unknown"),
    (r"The Customer does not exist", "customer-unknown"),
    (r"The Currency does not exist", "currency-unknown"),
    (r"(Sales|Purchase) .*already exists|already exists", "already-exists"),
    (r"must have a value|must be filled", "value-missing"),
    (r"must be equal to|must not be|must be one of", "value-not-allowed"),
)
"""Texts of NAV (English services language), first match wins; no case is looked at."""

GENERAL: dict[str, Row] = {
    "Application_FieldValidationException": "value-not-allowed",
    "NavTestFieldException": "value-missing",
    "NavFieldValidationException": "value-not-allowed",
    "Application_EvaluateException": _CLIENT,
    "NavNCLEvaluateException": _CLIENT,
    "Application_FilterErrorException": _CLIENT,
    "NavFilterErrorException": _CLIENT,
    "Internal_InvalidTableRelation": "value-unknown",
    "NavCSideValidateTableRelationException": "value-unknown",
    "Internal_RecordNotFound": "record-missing",
    "NavCSideRecordNotFoundException": "record-missing",
    "BadRequest_NotFound": _PUBLISH,
    "BadRequest": _CLIENT,
    "Internal_ServerError": Meaning.LOST,
    "NavCSideException": Meaning.LOST,
    "NavSqlException": Meaning.LOST,
}
"""What a code or class means when its text says nothing that we know."""

STATUSES: dict[int, Row] = {
    400: "target-refused",
    401: Meaning.UNAUTHORIZED,
    403: _PERMISSION,
    404: _PUBLISH,
    405: _VERB,
    408: Meaning.LOST,
    409: Meaning.CONFLICT,
    412: Meaning.CONFLICT,
    413: "too-large",
    429: Meaning.THROTTLED,
    503: Meaning.UNAVAILABLE,
}
"""What an HTTP status means by itself; other 5xx leave a write unknown, other 4xx refuse."""

_FINAL_STATUSES = frozenset({401, 408, 413, 429, 502, 503, 504})
"""Statuses that say more than any body: they come from the server around the application."""

_CORRELATION = re.compile(r"\s*CorrelationId:\s*([0-9a-fA-F-]{8,})\.?\s*")


@dataclass(frozen=True)
class Answer:
    """A refusal as NAV gave it: `code` is the OData code or the SOAP exception class.

    `fault` marks a SOAP fault: the function ran and refused, although the HTTP status is 500.
    """

    status: int
    code: str = ""
    text: str = ""
    retry_after: float | None = None
    address: str = ""
    fault: bool = False

    @property
    def correlation(self) -> str:
        found = _CORRELATION.search(self.text)
        return found[1] if found else ""

    @property
    def words(self) -> str:
        """NAV's text for people: without the correlation id, on one line, not too long."""
        plain = " ".join(_CORRELATION.sub(" ", self.text).split())
        return plain if len(plain) <= _TEXT_LIMIT else plain[: _TEXT_LIMIT - 1] + "…"


def meaning(answer: Answer) -> Row:
    """The row of the tables that an answer falls under."""
    if answer.status in _FINAL_STATUSES:
        return _status(answer.status)
    if answer.code in DECISIVE:
        return DECISIVE[answer.code]
    for pattern, row in TEXTS:
        if re.search(pattern, answer.words, re.IGNORECASE):
            return row
    return GENERAL.get(answer.code) or _fallback(answer)


def _fallback(answer: Answer) -> Row:
    return "target-refused" if answer.fault else _status(answer.status)


def _status(status: int) -> Row:
    if status in STATUSES:
        return STATUSES[status]
    if status >= 500:
        return Meaning.LOST
    return "target-refused" if status >= 400 else _CLIENT


def failure(operation: str, answer: Answer, *, writes: bool, settle: float) -> ConnectorError:
    """The error an answer stands for. `settle` is how long a lost write can still commit."""
    row = meaning(answer)
    if isinstance(row, Setup):
        where = f" [{answer.address}]" if answer.address else ""
        return _with_detail(Misconfigured, operation, row.sentence + where, answer)
    if isinstance(row, Meaning):
        return _system_failure(operation, answer, row, writes=writes, settle=settle)
    return rejected(operation, row, answer)


def rejected(operation: str, cause: str, answer: Answer | None = None, **values: str) -> Rejected:
    """A refusal with the hold of a cause; `values` are shown beside the reason."""
    if answer is None:
        return Rejected(SYSTEM, operation, CAUSES[cause].hold(**values))
    hold = CAUSES[cause].hold(answer.words, nav_code=answer.code, **values)
    return Rejected(
        SYSTEM,
        operation,
        hold,
        status=answer.status,
        code=answer.code,
        correlation=answer.correlation,
    )


def _system_failure(
    operation: str, answer: Answer, row: Meaning, *, writes: bool, settle: float
) -> ConnectorError:
    message = f"HTTP {answer.status} {answer.code}".rstrip()
    if row is Meaning.LOST and writes:
        return OutcomeUnknown(SYSTEM, operation, message, settle)
    if row is Meaning.THROTTLED or (row is Meaning.UNAVAILABLE and answer.retry_after is not None):
        return Throttled(
            SYSTEM,
            operation,
            message,
            answer.retry_after,
            status=answer.status,
            code=answer.code,
        )
    kinds: dict[Meaning, type[ConnectorError]] = {
        Meaning.CONFLICT: Conflict,
        Meaning.UNAUTHORIZED: Unauthorized,
    }
    return _with_detail(kinds.get(row, Unavailable), operation, message, answer)


def _with_detail(
    kind: type[ConnectorError], operation: str, message: str, answer: Answer
) -> ConnectorError:
    return kind(
        SYSTEM,
        operation,
        message,
        status=answer.status,
        code=answer.code,
        correlation=answer.correlation,
    )
