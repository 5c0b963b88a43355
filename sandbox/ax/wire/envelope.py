"""SOAP 1.1 envelopes: taking requests apart, and putting answers and faults together."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from sandbox.ax.errors import AifError, BadRequestError, SoapError
from sandbox.ax.wire import namespaces as ns
from sandbox.ax.wire.labels import DEFAULT_LANGUAGE, text
from sandbox.ax.wire.plumbing import CONTEXT_FIELDS

_ENVELOPE = f"{{{ns.ENVELOPE}}}Envelope"
_HEADER = f"{{{ns.ENVELOPE}}}Header"
_BODY = f"{{{ns.ENVELOPE}}}Body"
_CONTEXT = f"{{{ns.CONTEXT}}}CallContext"
_MUST = f"{{{ns.ENVELOPE}}}mustUnderstand"
NIL = f"{{{ns.XSI}}}nil"
_GUID = re.compile(r"\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?", re.IGNORECASE)

Element = etree._Element


@dataclass(frozen=True)
class CallContext:
    """The header of a call; what was not given is empty."""

    company: str = ""
    language: str = DEFAULT_LANGUAGE
    user: str = ""
    message_id: str = ""
    partition: str = ""


@dataclass(frozen=True)
class Envelope:
    """A request: its call context and the element in its body."""

    context: CallContext
    body: Element


def parse(content: bytes) -> Envelope:
    """Take a request apart; raises BadRequestError or SoapError for what is no SOAP 1.1."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise BadRequestError(400, f"Bad Request: {error.msg}") from error
    if root.getroottree().docinfo.doctype:
        raise BadRequestError(400, "Bad Request: a DTD is prohibited")
    if root.tag != _ENVELOPE:
        raise SoapError(
            "VersionMismatch", "The message version is not SOAP 1.1.", namespace=ns.ENVELOPE
        )
    body = root.find(_BODY)
    if body is None or len(body) != 1:
        raise BadRequestError(400, "Bad Request: the body must hold one element")
    return Envelope(_context(root.find(_HEADER)), body[0])


def _context(header: Element | None) -> CallContext:
    if header is None:
        return CallContext()
    found = None
    for entry in header:
        if entry.tag == _CONTEXT:
            found = entry
        elif entry.get(_MUST) == "1":
            message = f"The header '{etree.QName(entry).localname}' was not understood."
            raise SoapError("MustUnderstand", message, namespace=ns.ENVELOPE)
    if found is None or found.get(NIL) in ("true", "1"):
        return CallContext()
    values = _fields(found)
    return CallContext(
        company=values.get("Company", ""),
        language=values.get("Language") or DEFAULT_LANGUAGE,
        user=values.get("LogonAsUser", ""),
        message_id=values.get("MessageId", ""),
        partition=values.get("PartitionKey", ""),
    )


def _fields(context: Element) -> dict[str, str]:
    # The serializer of data contracts wants the members in order and skips those out of order.
    order = (*CONTEXT_FIELDS, "PropertyBag")
    values: dict[str, str] = {}
    place = -1
    for entry in context:
        name = etree.QName(entry).localname
        if name in order and order.index(name) > place:
            place = order.index(name)
            values[name] = (entry.text or "").strip()
    return values


def folded_message_id(context: CallContext) -> str:
    """The message id without braces and in lower case; empty when none was given.

    Raises AifError for what is not a GUID.
    """
    if not context.message_id:
        return ""
    if not _GUID.fullmatch(context.message_id):
        raise AifError("MessageId", at="MessageId", value=context.message_id)
    return context.message_id.strip("{}").lower()


def envelope(content: Element) -> bytes:
    """An envelope around an answer."""
    root = etree.Element(_ENVELOPE, nsmap={"s": ns.ENVELOPE})
    etree.SubElement(root, _BODY).append(content)
    return bytes(etree.tostring(root, encoding="utf-8"))


@dataclass(frozen=True)
class Origin:
    """Where a fault comes from, as it stands in the fault: empty where it is not known."""

    document: str = ""
    service: str = ""
    operation: str = ""


def aif_fault(error: AifError, origin: Origin, language: str, *, detailed: bool) -> bytes:
    """The fault of an application error.

    Without `detailed` (the port option "Include exceptions in fault" is off) it says nothing but
    that the request failed.
    """
    message = error.message(language) if detailed else text("Hidden", language)
    detail = etree.Element(f"{{{ns.FAULT}}}AifFault", nsmap={None: ns.FAULT, "i": ns.XSI})
    _nil(detail, "CustomDetailXml")
    lists = etree.SubElement(detail, f"{{{ns.FAULT}}}FaultMessageListArray")
    entry = etree.SubElement(lists, f"{{{ns.FAULT}}}FaultMessageList")
    _message_list(entry, error, origin, message, detailed)
    if detailed:
        _infolog(detail, message)
    else:
        _nil(detail, "InfologMessageList")
    _nil(detail, "StackTrace")
    number = etree.SubElement(detail, f"{{{ns.FAULT}}}XppExceptionType")
    number.text = str(error.exception if detailed else 0)
    return _fault("s:Client", message, detail, {})


def _message_list(
    entry: Element, error: AifError, origin: Origin, message: str, detailed: bool
) -> None:
    _nil(entry, "Document", origin.document)
    _nil(entry, "DocumentOperation", origin.operation)
    array = etree.SubElement(entry, f"{{{ns.FAULT}}}FaultMessageArray")
    one = etree.SubElement(array, f"{{{ns.FAULT}}}FaultMessage")
    _nil(one, "Code", str(error.code) if detailed else "")
    _nil(one, "Message", message)
    _nil(entry, "Field", error.field if detailed else "")
    _nil(entry, "Service", origin.service)
    _nil(entry, "ServiceOperation", origin.operation)
    _nil(entry, "ServiceOperationParameter")
    _nil(entry, "XPath", error.xpath if detailed else "")
    _nil(entry, "XmlLine", str(error.line) if detailed and error.line else "")
    _nil(entry, "XmlPosition")


def _infolog(detail: Element, message: str) -> None:
    entries = etree.SubElement(detail, f"{{{ns.FAULT}}}InfologMessageList", nsmap={"a": ns.INFOLOG})
    one = etree.SubElement(entries, f"{{{ns.INFOLOG}}}InfologMessage")
    etree.SubElement(one, f"{{{ns.INFOLOG}}}InfologMessageType").text = "Error"
    etree.SubElement(one, f"{{{ns.INFOLOG}}}Message").text = message


def soap_fault(error: SoapError) -> bytes:
    """A fault of WCF itself."""
    uri = error.namespace or ns.NO_ADDRESSING
    if uri == ns.ENVELOPE:
        return _fault(f"s:{error.subcode}", error.message, None, {})
    return _fault(f"a:{error.subcode}", error.message, None, {"a": uri})


def _fault(
    code: str, message: str, detail: Element | None, prefixes: dict[str | None, str]
) -> bytes:
    fault = etree.Element(f"{{{ns.ENVELOPE}}}Fault", nsmap={"s": ns.ENVELOPE, **prefixes})
    etree.SubElement(fault, "faultcode").text = code
    string = etree.SubElement(fault, "faultstring")
    string.set("{http://www.w3.org/XML/1998/namespace}lang", "en-US")
    string.text = message
    if detail is not None:
        etree.SubElement(fault, "detail").append(detail)
    return envelope(fault)


def _nil(parent: Element, name: str, value: str = "") -> None:
    entry = etree.SubElement(parent, f"{{{ns.FAULT}}}{name}")
    if value:
        entry.text = value
    else:
        entry.set(NIL, "true")
