"""The codeunit as a SOAP service. Variable parameters go in and come back beside the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from sandbox.nav.codeunit import TieoutPosting
from sandbox.nav.errors import NavError, cannot_evaluate
from sandbox.nav.soap.envelope import children, element, grown, local_name
from sandbox.nav.soap.wsdl import Operation, Parameter, wsdl

_Result = tuple[Any, Mapping[str, Any]]
_RESULT = "return_value"


@dataclass(frozen=True)
class _Function:
    """One function: its parameters with their XSD types, those that come back, its result."""

    name: str
    parameters: Mapping[str, str]
    result: str
    call: Callable[[TieoutPosting, Mapping[str, Any]], _Result]
    var: tuple[str, ...] = ()

    @property
    def operation(self) -> Operation:
        """The function as the WSDL describes it."""
        request = tuple(Parameter(name, kind) for name, kind in self.parameters.items())
        back = tuple(Parameter(name, self.parameters[name]) for name in self.var)
        return Operation(self.name, request, (Parameter(_RESULT, self.result), *back))


def _create(unit: TieoutPosting, sent: Mapping[str, Any]) -> _Result:
    made = unit.create_sales_document(sent["documentType"], sent["externalKey"], sent["customerNo"])
    return made.number, {"state": made.state}


def _post(unit: TieoutPosting, sent: Mapping[str, Any]) -> _Result:
    return unit.post_sales_document(sent["documentType"], sent["externalKey"]), {}


def _create_purchase(unit: TieoutPosting, sent: Mapping[str, Any]) -> _Result:
    made = unit.create_purchase_document(
        sent["documentType"], sent["externalKey"], sent["vendorNo"]
    )
    return made.number, {"state": made.state}


def _post_purchase(unit: TieoutPosting, sent: Mapping[str, Any]) -> _Result:
    return unit.post_purchase_document(sent["documentType"], sent["externalKey"]), {}


def _reverse_journal(unit: TieoutPosting, sent: Mapping[str, Any]) -> _Result:
    number = unit.reverse_journal(sent["externalKey"], sent["reversalKey"], sent["postingDate"])
    return number, {}


def _reserve(unit: TieoutPosting, sent: Mapping[str, Any]) -> _Result:
    made = unit.reserve_journal_line(sent["templateName"], sent["batchName"], sent["externalKey"])
    return made.number, {"state": made.state}


def _post_line(unit: TieoutPosting, sent: Mapping[str, Any]) -> _Result:
    number = unit.post_journal_line(sent["templateName"], sent["batchName"], sent["externalKey"])
    return number, {}


def _apply(unit: TieoutPosting, sent: Mapping[str, Any]) -> _Result:
    target = sent["appliesToDocType"], sent["appliesToDocNo"]
    return unit.apply_entry(sent["externalKey"], *target), {}


def _apply_amount(unit: TieoutPosting, sent: Mapping[str, Any]) -> _Result:
    target = sent["appliesToDocType"], sent["appliesToDocNo"]
    return unit.apply_amount(sent["externalKey"], *target, sent["amount"]), {}


def _unapply(unit: TieoutPosting, sent: Mapping[str, Any]) -> _Result:
    return unit.unapply_entry(sent["externalKey"]), {}


def _reverse(unit: TieoutPosting, sent: Mapping[str, Any]) -> _Result:
    number = unit.reverse_payment(sent["externalKey"], sent["reversalKey"], sent["postingDate"])
    return number, {}


def _strings(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "string")


_TARGET = ("externalKey", "appliesToDocType", "appliesToDocNo")
_BATCH = ("templateName", "batchName", "externalKey")

_FUNCTIONS = {
    function.name: function
    for function in (
        _Function(
            "CreateSalesDocument",
            _strings("documentType", "externalKey", "customerNo", "state"),
            "string",
            _create,
            ("state",),
        ),
        _Function("PostSalesDocument", _strings("documentType", "externalKey"), "string", _post),
        _Function(
            "CreatePurchaseDocument",
            _strings("documentType", "externalKey", "vendorNo", "state"),
            "string",
            _create_purchase,
            ("state",),
        ),
        _Function(
            "PostPurchaseDocument",
            _strings("documentType", "externalKey"),
            "string",
            _post_purchase,
        ),
        _Function(
            "ReverseJournal",
            {**_strings("externalKey", "reversalKey"), "postingDate": "date"},
            "string",
            _reverse_journal,
        ),
        _Function("ReserveJournalLine", _strings(*_BATCH, "state"), "int", _reserve, ("state",)),
        _Function("PostJournalLine", _strings(*_BATCH), "string", _post_line),
        _Function("ApplyEntry", _strings(*_TARGET), "boolean", _apply),
        _Function(
            "ApplyAmount", {**_strings(*_TARGET), "amount": "decimal"}, "boolean", _apply_amount
        ),
        _Function("UnapplyEntry", _strings("externalKey"), "boolean", _unapply),
        _Function(
            "ReversePayment",
            {**_strings("externalKey", "reversalKey"), "postingDate": "date"},
            "string",
            _reverse,
        ),
    )
}


def namespace_of(name: str) -> str:
    """The target namespace of a codeunit service."""
    return f"urn:microsoft-dynamics-schemas/codeunit/{name}"


def codeunit_wsdl(name: str, address: str) -> bytes:
    """The WSDL of the codeunit."""
    operations = [function.operation for function in _FUNCTIONS.values()]
    return wsdl(namespace_of(name), name, address, operations)


def call_codeunit(name: str, unit: TieoutPosting, call: etree._Element) -> etree._Element:
    """Run one function; raises NavError."""
    function = _FUNCTIONS.get(local_name(call))
    namespace = namespace_of(name)
    if function is None or etree.QName(call).namespace != namespace:
        raise NavError("BadRequest", f"The method {local_name(call)} does not exist.")
    sent = children(call)
    arguments = {
        parameter: _argument(name, function, parameter, sent)
        for parameter in function.parameters
        if parameter not in function.var or parameter in sent
    }
    result, back = function.call(unit, arguments)
    answer = element(namespace, f"{function.name}_Result")
    values = {_RESULT: result, **back}
    return grown(answer, (element(namespace, key, _shown(item)) for key, item in values.items()))


def _argument(service: str, function: _Function, name: str, sent: Mapping[str, str]) -> Any:
    if name not in sent:
        raise NavError(
            "BadRequest",
            f"Parameter {name} in method {function.name} in service {service} is null!",
        )
    text = sent[name]
    if function.parameters[name] != "decimal":
        # An XSD date may carry a time zone, which a NAV date has not.
        return text[:10] if function.parameters[name] == "date" else text
    try:
        return Decimal(text)
    except InvalidOperation:
        raise cannot_evaluate(text, "Decimal") from None


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
