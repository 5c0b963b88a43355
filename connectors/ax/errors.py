"""What an answer of AX means: tables, and one function that reads them in order.

AIF answers a SOAP 1.1 fault whose detail, an AifFault, may list codes with fields and the lines
of the infolog. A code that says all decides first; then the X++ exception kind; then the text,
in English, for the many refusals of business rules; then the field; then the HTTP status.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from connectors.ax.causes import CAUSES
from connectors.ax.meanings import (
    ACCOUNT_FIELDS,
    AIF_IS_SILENT,
    CODES,
    EXCEPTIONS,
    FIELDS,
    OTHER_TABLE,
    QUOTED,
    ROUTED,
    SENTENCES,
    SIGN_IN,
    STATUSES,
    TEXTS,
    VAGUE,
    Meaning,
    Row,
    Setup,
)
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


_HRESULT = re.compile(r"0x([0-9a-fA-F]{8})")


@dataclass(frozen=True)
class Answer:
    """A refusal as AX or IIS gave it.

    `code` is the AifFault's or the SOAP fault's, `field` the field or XPath it names, `exception`
    the X++ exception kind, `text` the infolog. `fault` marks a SOAP fault: the operation ran, and
    was rolled back, although the HTTP status is 500. `detailed` says that the fault had lists.
    `routed` says that it had no AifFault: then it may be the word of IIS, which only passes calls
    on to AX.
    """

    status: int
    code: str = ""
    text: str = ""
    field: str = ""
    exception: int | None = None
    retry_after: float | None = None
    fault: bool = False
    detailed: bool = False
    routed: bool = False
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
    if answer.routed:
        return _routed(answer)
    if answer.code in CODES:
        return CODES[answer.code]
    if answer.exception in EXCEPTIONS:
        return EXCEPTIONS[answer.exception]
    if answer.code == "SchemaValidation":
        return _schema(answer)
    return _text(answer)


def _routed(answer: Answer) -> Row:
    """IIS passes calls on to AX: what it says by itself is certain only if AX cannot have seen
    the call. When its channel is cut, AX may have committed."""
    if answer.code == "EndpointNotFound" and "net.tcp" in answer.words:
        return Meaning.UNAVAILABLE
    if answer.code in ROUTED:
        return ROUTED[answer.code]
    if AIF_IS_SILENT.search(answer.words):
        return "target-silent"
    return Meaning.LOST


def _schema(answer: Answer) -> Row:
    for pattern, row in (
        (r"length|too long", "text-too-long"),
        (r"enum|value", "value-not-allowed"),
    ):
        if re.search(pattern, answer.words, re.IGNORECASE):
            return row
    return "schema-refused"


def _text(answer: Answer) -> Row:
    for pattern, row in SENTENCES:
        if any(re.match(pattern, said, re.IGNORECASE) for said in answer.text.split("; ")):
            return row
    words, found = QUOTED.sub("''", answer.words), _unknown(answer)
    for pattern, cause in TEXTS:
        if re.search(pattern, words, re.IGNORECASE):
            found = cause
            break
    if found in VAGUE and answer.field in ACCOUNT_FIELDS and OTHER_TABLE.search(answer.words):
        return "dimension-missing"
    if found in VAGUE and answer.field in FIELDS:
        return FIELDS[answer.field]
    return found


def _unknown(answer: Answer) -> str:
    return "target-refused" if answer.detailed else "target-silent"


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


def rejected(
    operation: str, cause: str, answer: Answer | None = None, *, said: str = "", **values: str
) -> Rejected:
    """A refusal with the hold of a cause, and what AX said of it; `values` are shown beside it."""
    if answer is None:
        return Rejected(SYSTEM, operation, CAUSES[cause].hold(said, **values))
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
    waits = row in (Meaning.UNAVAILABLE, Meaning.LOST) and answer.retry_after is not None
    if row is Meaning.THROTTLED or waits:
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
    known = next((SIGN_IN[code] for code in codes if code in SIGN_IN), "")
    return known or "IIS refused the Windows user"


def _with_detail(
    kind: type[ConnectorError], operation: str, message: str, answer: Answer
) -> ConnectorError:
    return kind(SYSTEM, operation, message, status=answer.status, code=answer.code)
