"""The contract of the custom service, and its messages as data contracts.

Custom services are serialized by WCF's data contract serializer, under http://tempuri.org, which is
why they stand on a port of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from lxml import etree

from sandbox.ax.edt import Simple
from sandbox.ax.errors import SoapError
from sandbox.ax.view import DocumentView
from sandbox.ax.wire import namespaces as ns
from sandbox.ax.wire.contract import Contract, DataContract, Operation, Parameter
from sandbox.ax.wire.envelope import NIL, Element
from sandbox.ax.wire.values import ValueProblem, parse, plain

SERVICE = "TieoutService"

_DOCUMENT = DataContract(
    "TieoutDocument",
    (
        ("AccountNum", "xs:string"),
        ("Amount", "xs:decimal"),
        ("CurrencyCode", "xs:string"),
        ("CustTransRecId", "xs:long"),
        ("DocumentNum", "xs:string"),
        ("InvoiceId", "xs:string"),
        ("Key", "xs:string"),
        ("Kind", "xs:string"),
        ("Number", "xs:string"),
        ("Reason", "xs:string"),
        ("Remaining", "xs:decimal"),
        ("SettledWith", "arr:ArrayOfstring"),
        ("State", "xs:string"),
        ("TaxAmount", "xs:decimal"),
        ("TransDate", "xs:date"),
        ("Voucher", "xs:string"),
    ),
)
_TAX_LINE = DataContract(
    "TieoutTaxLine",
    (
        ("TaxAmount", "xs:decimal"),
        ("TaxBase", "xs:decimal"),
        ("TaxCode", "xs:string"),
        ("TaxItemGroup", "xs:string"),
        ("TaxPercent", "xs:decimal"),
    ),
)
_TOTALS = DataContract(
    "TieoutTotals",
    (
        ("CurrencyCode", "xs:string"),
        ("InvoiceAmount", "xs:decimal"),
        ("NetAmount", "xs:decimal"),
        ("TaxAmount", "xs:decimal"),
        ("TaxLines", "tns:ArrayOfTieoutTaxLine"),
    ),
)
_VALUE = DataContract(
    "TieoutSetupValue",
    (("Blocked", "xs:boolean"), ("Code", "xs:string"), ("Name", "xs:string")),
)

_KEY = Parameter("_key", type="xs:string", nillable=True)
_AGAINST = Parameter("_againstKey", type="xs:string", nillable=True)
_REVERSAL = Parameter("_reversalKey", type="xs:string", nillable=True)
_AMOUNT = Parameter("_amount", type="xs:decimal")


def _text(name: str) -> Parameter:
    return Parameter(name, type="xs:string", nillable=True)


def _day(name: str) -> Parameter:
    return Parameter(name, type="xs:date")


def _operation(name: str, *inputs: Parameter, answer: str = "dc:TieoutDocument") -> Operation:
    nillable = not answer.startswith("xs:")
    return Operation(name, inputs, (Parameter("response", type=answer, nillable=nillable),))


CONTRACT = Contract(
    SERVICE,
    SERVICE,
    ns.CUSTOM,
    (
        _operation("findByKey", _KEY),
        _operation("postFreeTextInvoice", _KEY),
        _operation("postSalesOrder", _KEY),
        _operation("postPaymentJournal", _KEY),
        _operation("discard", _KEY, answer="xs:boolean"),
        _operation("settleTransactions", _KEY, _AGAINST, _AMOUNT),
        _operation("reverseSettlement", _KEY, _AGAINST),
        _operation("reverseTransaction", _KEY, _REVERSAL, _day("_transDate")),
        _operation("reverseFreeTextInvoice", _KEY, _REVERSAL, _day("_transDate")),
        _operation("getInvoiceTotals", _KEY, answer="dc:TieoutTotals"),
        _operation(
            "findTransactions",
            _text("_accountNum"),
            _text("_currencyCode"),
            _AMOUNT,
            _day("_fromDate"),
            _day("_toDate"),
            answer="dc:ArrayOfTieoutDocument",
        ),
        _operation("settlePayable", _KEY, _AGAINST),
        _operation(
            "findVendorDocuments",
            _text("_accountNum"),
            _text("_documentNum"),
            answer="dc:ArrayOfTieoutDocument",
        ),
        _operation(
            "findVendorTransactions",
            _text("_accountNum"),
            _text("_currencyCode"),
            _AMOUNT,
            _day("_fromDate"),
            _day("_toDate"),
            answer="dc:ArrayOfTieoutDocument",
        ),
        _operation("findVendorVoucher", _text("_voucher"), answer="dc:ArrayOfTieoutDocument"),
        _operation("getSetup", _text("_name"), answer="dc:ArrayOfTieoutSetupValue"),
    ),
    types=(_DOCUMENT, _TAX_LINE, _TOTALS, _VALUE),
)

_TYPES: dict[str, tuple[Simple, Callable[[Any], Any]]] = {
    "xs:string": (Simple("string"), str),
    "xs:decimal": (Simple("decimal", "decimal"), Decimal),
    "xs:date": (Simple("date", "date"), str),
}


def read_parameters(operation: Operation, request: Element) -> dict[str, Any]:
    """The parameters of a request; what was not sent has the value of nothing.

    Raises SoapError, as the serializer does, for a value that is not of its type.
    """
    sent = {
        etree.QName(child).localname: child.text or ""
        for child in request
        if child.get(NIL) not in ("true", "1")
    }
    values = {}
    for one in operation.inputs:
        kind, make = _TYPES[one.type]
        text = sent.get(one.name, "")
        try:
            value = parse(kind, text) if text or kind.base == "string" else kind.empty
        except ValueProblem as problem:
            message = f"The formatter threw an exception: {one.name}: {problem}"
            raise SoapError("DeserializationFailed", message, namespace=_DISPATCHER) from problem
        values[one.name] = make(value)
    return values


_DISPATCHER = "http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher"


def write_response(operation: Operation, answer: Any) -> Element:
    """The `response` element of an answer."""
    root = etree.Element(f"{{{ns.CUSTOM}}}response", nsmap={"a": ns.CUSTOM_TYPES, "i": ns.XSI})
    kind = operation.outputs[0].type
    if kind == "xs:boolean":
        root.text = "true" if answer else "false"
    elif kind.startswith("dc:ArrayOf"):
        name = kind.removeprefix("dc:ArrayOf")
        for item in answer:
            _members(etree.SubElement(root, f"{{{ns.CUSTOM_TYPES}}}{name}"), _record(item))
    else:
        _members(root, _record(answer))
    return root


def _record(answer: Any) -> dict[str, Any]:
    return _document(answer) if isinstance(answer, DocumentView) else answer


def _document(view: DocumentView) -> dict[str, Any]:
    return {
        "AccountNum": view.account,
        "Amount": plain(view.amount),
        "CurrencyCode": view.currency,
        "CustTransRecId": view.trans,
        "DocumentNum": view.reference,
        "InvoiceId": view.invoice_id,
        "Key": view.key,
        "Kind": view.kind,
        "Number": view.number,
        "Reason": view.reason,
        "Remaining": plain(view.remaining),
        "SettledWith": view.settled_with,
        "State": view.state,
        "TaxAmount": plain(view.tax),
        "TransDate": view.day or "1900-01-01",
        "Voucher": view.voucher,
    }


def _members(parent: Element, record: dict[str, Any]) -> None:
    for name, value in record.items():
        entry = etree.SubElement(parent, f"{{{ns.CUSTOM_TYPES}}}{name}")
        if name == "TaxLines":
            for line in value:
                _members(etree.SubElement(entry, f"{{{ns.CUSTOM_TYPES}}}TieoutTaxLine"), line)
        elif isinstance(value, tuple):
            for text in value:
                etree.SubElement(entry, f"{{{ns.ARRAYS}}}string").text = text
        else:
            entry.text = str(value).lower() if isinstance(value, bool) else str(value)
