"""What codes, exceptions, texts, fields and statuses mean: the tables that errors are read by.

Codes and shape: Microsoft's documentation of AIF and real service descriptions. The numbers of
X++ exceptions and the texts of business errors are unverified on a real AX.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto


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
_QUERY = Setup(
    "the document of the port has no such data source or field to search by; correct the "
    "connection's fields"
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
}
"""Codes of an AifFault that leave nothing open."""

ROUTED: dict[str, Row] = {
    "AccessDenied": _ACCESS,
    "ActionNotSupported": _OPERATION,
    "EndpointNotFound": _PORT,
    "ServerTooBusy": Meaning.UNAVAILABLE,
    "DeserializationFailed": "schema-refused",
}
"""Codes of plain SOAP faults after which AX has certainly done nothing."""

AIF_IS_SILENT = re.compile(r"see the exception log", re.IGNORECASE)
"""What AIF says without details, after it rolled back."""

EXCEPTIONS: dict[int, Row] = {
    2: Meaning.UNAVAILABLE,  # Deadlock
    11: Meaning.UNAVAILABLE,  # UpdateConflict
    12: Meaning.UNAVAILABLE,  # UpdateConflictNotRecovered
    13: Meaning.UNAVAILABLE,  # DuplicateKeyException
    14: Meaning.UNAVAILABLE,  # DuplicateKeyExceptionNotRecovered
}
"""Kinds of X++ exceptions after which the transaction was rolled back and may be tried again."""

SENTENCES: tuple[tuple[str, Row], ...] = (
    (r"duplicate message(\.|$)|message has already been processed", Meaning.DUPLICATE),
    (r"(cannot \w+ a record in .*\. )?deadlock, where one or more users", Meaning.UNAVAILABLE),
    (r"update conflict due to|another user has (changed|modified|updated)", Meaning.UNAVAILABLE),
    (r"the update needs the _DocumentHash|document hash mismatch|the RecVersion", Meaning.CONFLICT),
    (r"access denied: |(you are|the user is|user \S+ is) not authori[sz]ed", _ACCESS),
    (r"(you have )?insufficient rights", _ACCESS),
    (
        r"(the )?(company|legal entity) \S{1,6} (does not exist|(is|was|could) not (be )?found)",
        _COMPANY,
    ),
    (r"(the )?data source or field \S+ is not in the query", _QUERY),
)
"""Sentences of AX itself, by how they begin: what concerns the connection, or is tried again, is
never decided by a word that may be the name of a client."""

TEXTS: tuple[tuple[str, str], ...] = (
    (r"see the exception log", "target-silent"),
    (r"period .*(closed|on hold|not open|stopped)|not .*open period", "period-closed"),
    (r"fiscal (calendar|period|year) .*(not|closed)|no fiscal period", "period-closed"),
    (
        r"customer .*(blocked|stopped|on hold)|(blocked|stopped|on hold) .*customer",
        "customer-blocked",
    ),
    (r"(earlier|before) .*(transaction|posting) date", "date-not-allowed"),
    (r"already (been )?reversed|has been reversed", "already-reversed"),
    (r"bank reconciliation|been reconciled|bank statement", "bank-reconciled"),
    (r"already (been )?posted|is posted and cannot", "already-posted"),
    (r"does not allow edit", "field-read-only"),
    (r"(cannot|already|been|is|are) (be )?settled|settlement (of|is|was|has)", "applies-to-closed"),
    (r"already (fully )?(closed|paid)|not open|no open .*transaction", "applies-to-closed"),
    (r"marked .*invoice|invoice .*(marked|cannot be found|not posted)", "applies-to-absent"),
    (r"(is not|has not been|not yet) posted|there is no .* with reference", "not-posted"),
    (r"more than one .*(key|document|reference)", "duplicate-in-target"),
    (r"(suspended|blocked for manual|not .*manual entry)", "account-blocked"),
    (r"\bdimension|DimensionAttribute", "dimension-missing"),
    (r"exchange rate", "exchange-rate-missing"),
    (r"sales tax", "vat-setup-missing"),
    (r"number sequence|manually|must not be supplied", "number-series-exhausted"),
    (r"posting profile|customer group", "posting-group-missing"),
    (r"(does not|not) balance|out of balance", "out-of-balance"),
    (r"nothing to post|no lines", "nothing-to-post"),
    (r"(main account|bank account|ledger account|item) .*(not|unknown|invalid)", "account-unknown"),
    (r"customer .*(not found|does not exist|unknown|invalid|cannot be found)", "customer-unknown"),
    (r"(different|another|same) currenc|allows currency", "currency-differs"),
    (r"currenc\w+ .*(not|unknown|invalid)", "currency-unknown"),
    (r"related table '(MainAccount|BankAccountTable|InventTable)'", "account-unknown"),
    (r"related table 'CustTable'", "customer-unknown"),
    (r"related table 'Currency'", "currency-unknown"),
    (r"already exists", "already-exists"),
    (r"must be (filled|specified|entered)|mandatory|is required", "value-missing"),
    (r"too long|maximum length|exceeds .*length", "text-too-long"),
    (r"not found in (the )?related table|does not exist|cannot be found", "value-unknown"),
)
"""Texts of the infolog in en-us, first match wins; no case is looked at, nor what stands in quotes
and is not the name of a table."""

QUOTED = re.compile(r"""(?<!table )'[^']*'|"[^"]*\"""")

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

OTHER_TABLE = re.compile(r"related table '")
ACCOUNT_FIELDS = frozenset({"LedgerDimension", "OffsetLedgerDimension"})
"""Fields of an account with its dimensions: a table other than those of accounts is a dimension."""

VAGUE = frozenset({"value-unknown", "target-refused"})

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
}
"""What an HTTP status means by itself; 5xx leave a write unknown, other 4xx refuse. A 503 too:
what stands between us and AX may say it of a call that AX has carried out."""

SIGN_IN = {
    "80070532": "the password of the Windows account has expired",
    "80070773": "the Windows account must change its password first",
    "80070533": "the Windows account is disabled",
    "80070775": "the Windows account is locked out",
    "80070569": "the Windows account may not log on to the web server over the network",
    "8007052e": "the user name or the password of the Windows account is wrong",
}
"""Error codes that IIS writes on its 401 page (Win32 logon errors as HRESULT)."""
