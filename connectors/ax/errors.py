"""What an answer of AX means: tables, and one function that reads them in order.

AIF answers a SOAP 1.1 fault whose detail, an AifFault, may list codes with fields and the lines
of the infolog. A code that says all decides first; then the X++ exception kind; then the text,
in English, for the many refusals of business rules; then the HTTP status. Codes and shape:
Microsoft's documentation of AIF and real service descriptions; the numbers of X++ exceptions
and the texts of business errors are unverified.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from connectors.ax.causes import CAUSES
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

SYSTEM = "ax"
_TEXT_LIMIT = 400


class DuplicateMessage(Conflict):
    """AIF has seen this MessageId before and does not say what came of it.

    The document was possibly created: whoever sends one looks it up by our key.
    """


class KeyNotFound(Conflict):
    """The record with this entity key is gone."""


class Meaning(Enum):
    """What an answer means when it is not the refusal of a document."""

    DUPLICATE = auto()
    GONE = auto()
    CONFLICT = auto()
    UNAVAILABLE = auto()
    LOST = auto()  # it may have been carried out: unknown for a write, unavailable for a read
    THROTTLED = auto()
    UNAUTHORIZED = auto()


@dataclass(frozen=True)
class Setup:
    """A wrong set-up of the connection, in a sentence for its administrator."""

    sentence: str


Row = str | Meaning | Setup
"""A cause code of a hold, a meaning, or a wrong set-up."""

_COMPANY = Setup("AX does not know the company, or the port is restricted to another one")
_ACCESS = Setup(
    "the AX user lacks the privilege of this service operation, or the port does not list the user"
)
_OPERATION = Setup(
    "the inbound port does not offer this operation; select it on the port and activate it again"
)
_PORT = Setup(
    "AX's web site has no such port; activate the inbound port, or correct its name in the "
    "connection's ports"
)

CODES: dict[str, Row] = {
    "DuplicateMessage": Meaning.DUPLICATE,
    "KeyNotFound": Meaning.GONE,
    "DocumentHashMismatch": Meaning.CONFLICT,
    "Deadlock": Meaning.UNAVAILABLE,
    "UpdateConflict": Meaning.UNAVAILABLE,
    "CompanyNotFound": _COMPANY,
    "AccessDenied": _ACCESS,
    "ActionNotSupported": _OPERATION,
    "EndpointNotFound": _PORT,
    "ServerTooBusy": Meaning.UNAVAILABLE,
}
"""Codes of an AifFault, or of a plain SOAP fault, that leave nothing open."""

EXCEPTIONS: dict[int, Row] = {
    2: Meaning.UNAVAILABLE,  # Deadlock
    11: Meaning.UNAVAILABLE,  # UpdateConflict
    12: Meaning.UNAVAILABLE,  # UpdateConflictNotRecovered
    13: Meaning.UNAVAILABLE,  # DuplicateKeyException
    14: Meaning.UNAVAILABLE,  # DuplicateKeyExceptionNotRecovered
}
"""Kinds of X++ exceptions after which the transaction was rolled back and may be tried again."""

TEXTS: tuple[tuple[str, Row], ...] = (
    (r"message has already been processed|duplicate message", Meaning.DUPLICATE),
    (r"deadlock|another user.*(changed|modified|updated)|update conflict", Meaning.UNAVAILABLE),
    (r"document hash|RecVersion", Meaning.CONFLICT),
    (r"not authori[sz]ed|insufficient rights|access denied", _ACCESS),
    (r"(company|legal entity) .*does(n't| not) exist|company .*not found", _COMPANY),
    (r"period .*(closed|on hold|not open|stopped)|not .*open period", "period-closed"),
    (r"fiscal (calendar|period|year) .*(not|closed)", "period-closed"),
    (
        r"customer .*(blocked|stopped|on hold)|(blocked|stopped|on hold) .*customer",
        "customer-blocked",
    ),
    (r"(earlier|before) .*(transaction|posting) date", "date-not-allowed"),
    (r"already (been )?reversed|has been reversed", "already-reversed"),
    (r"bank reconciliation|been reconciled|bank statement", "bank-reconciled"),
    (r"already (been )?posted", "already-posted"),
    (r"settled|settlement", "applies-to-closed"),
    (r"already (fully )?(closed|paid)|not open|no open .*transaction", "applies-to-closed"),
    (r"marked .*invoice|invoice .*(marked|cannot be found|not posted)", "applies-to-absent"),
    (r"(is not|has not been|not yet) posted", "not-posted"),
    (r"more than one .*(key|document)", "duplicate-in-target"),
    (r"(suspended|blocked for manual|not .*manual entry)", "account-blocked"),
    (r"dimension", "dimension-missing"),
    (r"exchange rate", "exchange-rate-missing"),
    (r"sales tax", "vat-setup-missing"),
    (r"number sequence|manually|must not be supplied", "number-series-exhausted"),
    (r"posting profile|customer group", "posting-group-missing"),
    (r"(does not|not) balance|out of balance", "out-of-balance"),
    (r"nothing to post|no lines", "nothing-to-post"),
    (r"(main account|bank account|ledger account|item) .*(not|unknown|invalid)", "account-unknown"),
    (r"customer .*(not found|does not exist|unknown|invalid|cannot be found)", "customer-unknown"),
    (r"currenc\w+ .*(not|unknown|invalid)", "currency-unknown"),
    (r"already exists", "already-exists"),
    (r"must be (filled|specified|entered)|mandatory|is required", "value-missing"),
    (r"too long|maximum length|exceeds .*length", "text-too-long"),
    (r"not found in (the )?related table|does not exist|cannot be found", "value-unknown"),
)
"""Texts of the infolog in en-us, first match wins; no case is looked at."""

FIELDS: dict[str, str] = {
    "OrderAccount": "customer-unknown",
    "CustAccount": "customer-unknown",
    "InvoiceAccount": "customer-unknown",
    "CurrencyCode": "currency-unknown",
    "Currency": "currency-unknown",
    "LedgerDimension": "account-unknown",
    "OffsetLedgerDimension": "account-unknown",
    "MainAccount": "account-unknown",
    "DefaultDimension": "dimension-missing",
    "OffsetDefaultDimension": "dimension-missing",
    "TaxGroup": "vat-setup-missing",
    "TaxItemGroup": "vat-setup-missing",
    "CustGroup": "posting-group-missing",
    "PostingProfile": "posting-group-missing",
    "MarkedInvoice": "applies-to-absent",
}
"""What the refusal of a field's value means when its text says only that it does not exist."""

_VAGUE = frozenset({"value-unknown", "target-refused"})

STATUSES: dict[int, Row] = {
    400: Setup("IIS could not read the request; is the port's address right?"),
    401: Meaning.UNAUTHORIZED,
    403: _ACCESS,
    404: _PORT,
    405: _PORT,
    408: Meaning.LOST,
    413: "too-large",
    415: Setup("the port does not speak SOAP 1.1 (basicHttpBinding); correct its adapter in AX"),
    429: Meaning.THROTTLED,
    503: Meaning.UNAVAILABLE,
}
"""What an HTTP status means by itself; other 5xx leave a write unknown, other 4xx refuse."""

_SIGN_IN = {
    "80070532": "the password of the Windows account has expired",
    "80070773": "the Windows account must change its password first",
    "80070533": "the Windows account is disabled",
    "80070775": "the Windows account is locked out",
    "80070569": "the Windows account may not log on to the web server over the network",
    "8007052e": "the user name or the password of the Windows account is wrong",
}
"""Error codes that IIS writes on its 401 page (Win32 logon errors as HRESULT)."""

_HRESULT = re.compile(r"0x([0-9a-fA-F]{8})")


@dataclass(frozen=True)
class Answer:
    """A refusal as AX or IIS gave it.

    `code` is the AifFault's or the SOAP fault's, `field` the field or XPath it names, `exception`
    the X++ exception kind, `text` the infolog. `fault` marks a SOAP fault: the operation ran, and
    was rolled back, although the HTTP status is 500. `detailed` says that the fault had lists.
    """

    status: int
    code: str = ""
    text: str = ""
    field: str = ""
    exception: int | None = None
    retry_after: float | None = None
    fault: bool = False
    detailed: bool = False
    page: str = ""

    @property
    def words(self) -> str:
        """AX's text for people: on one line, not too long."""
        plain = " ".join(self.text.split())
        return plain if len(plain) <= _TEXT_LIMIT else plain[: _TEXT_LIMIT - 1] + "…"


def meaning(answer: Answer) -> Row:
    """The row of the tables that an answer falls under."""
    if not answer.fault:
        return _status(answer.status)
    if answer.code in CODES:
        return CODES[answer.code]
    if answer.exception in EXCEPTIONS:
        return EXCEPTIONS[answer.exception]
    if answer.code == "SchemaValidation":
        return _schema(answer)
    return _text(answer)


def _schema(answer: Answer) -> Row:
    for pattern, row in (
        (r"length|too long", "text-too-long"),
        (r"enum|value", "value-not-allowed"),
    ):
        if re.search(pattern, answer.words, re.IGNORECASE):
            return row
    return "schema-refused"


def _text(answer: Answer) -> Row:
    found: Row = "target-refused" if answer.detailed else "target-silent"
    for pattern, row in TEXTS:
        if re.search(pattern, answer.words, re.IGNORECASE):
            found = row
            break
    if found in _VAGUE and answer.field in FIELDS:
        return FIELDS[answer.field]
    return found


def _status(status: int) -> Row:
    if status in STATUSES:
        return STATUSES[status]
    return Meaning.LOST if status >= 500 or status < 400 else "target-refused"


def failure(operation: str, answer: Answer, *, writes: bool, settle: float) -> ConnectorError:
    """The error an answer stands for. `settle` is how long a lost write can still commit."""
    row = meaning(answer)
    if isinstance(row, Setup):
        return _with_detail(Misconfigured, operation, _said(row.sentence, answer), answer)
    if isinstance(row, Meaning):
        return _system_failure(operation, answer, row, writes=writes, settle=settle)
    return rejected(operation, row, answer)


def rejected(operation: str, cause: str, answer: Answer | None = None, **values: str) -> Rejected:
    """A refusal with the hold of a cause; `values` are shown beside the reason."""
    if answer is None:
        return Rejected(SYSTEM, operation, CAUSES[cause].hold(**values))
    hold = CAUSES[cause].hold(answer.words, ax_code=answer.code, field=answer.field, **values)
    return Rejected(SYSTEM, operation, hold, status=answer.status, code=answer.code)


def _said(sentence: str, answer: Answer) -> str:
    return f'{sentence}. AX says: "{answer.words}"' if answer.words else sentence


_KINDS: dict[Meaning, type[ConnectorError]] = {
    Meaning.DUPLICATE: DuplicateMessage,
    Meaning.GONE: KeyNotFound,
    Meaning.CONFLICT: Conflict,
    Meaning.UNAUTHORIZED: Unauthorized,
}


def _system_failure(
    operation: str, answer: Answer, row: Meaning, *, writes: bool, settle: float
) -> ConnectorError:
    message = _message(answer, row)
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
    return _with_detail(_KINDS.get(row, Unavailable), operation, message, answer)


def _message(answer: Answer, row: Meaning) -> str:
    if row is Meaning.UNAUTHORIZED:
        return f"HTTP {answer.status}: {_why_refused(answer.page)}"
    what = "a web page instead of SOAP" if answer.page else answer.code
    return f"HTTP {answer.status} {what}".rstrip()


def _why_refused(page: str) -> str:
    codes = (found.lower() for found in _HRESULT.findall(page))
    known = next((_SIGN_IN[code] for code in codes if code in _SIGN_IN), "")
    return known or "IIS refused the Windows user"


def _with_detail(
    kind: type[ConnectorError], operation: str, message: str, answer: Answer
) -> ConnectorError:
    return kind(SYSTEM, operation, message, status=answer.status, code=answer.code)
