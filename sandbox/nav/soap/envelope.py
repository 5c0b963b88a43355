"""SOAP 1.1 envelopes: what is in a call, and what an answer or a fault looks like on the wire."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree
from starlette.responses import Response

from sandbox.nav.errors import NavError

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_ERRORS = "urn:microsoft-dynamics-schemas/error"
_XML = "text/xml; charset=utf-8"
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def read_call(body: bytes) -> etree._Element:
    """The element in the body of an envelope; raises NavError for anything else."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        envelope = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        raise NavError("BadRequest", "The request is not well-formed XML.") from None
    found = envelope.find(f"{{{_SOAP}}}Body")
    if found is None or len(found) != 1:
        raise NavError("BadRequest", "The request has no SOAP body with one element.")
    return found[0]


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return etree.QName(element).localname


def children(element: etree._Element) -> dict[str, str]:
    """The texts of the elements directly inside, by name; nil counts as absent."""
    nil = "{http://www.w3.org/2001/XMLSchema-instance}nil"
    return {local_name(child): child.text or "" for child in element if child.get(nil) != "true"}


def element(namespace: str, name: str, text: str | None = None) -> etree._Element:
    """A new element in a namespace."""
    made = etree.Element(f"{{{namespace}}}{name}", nsmap={None: namespace})
    made.text = None if text is None else _legal(text)
    return made


def _legal(text: str) -> str:
    """Text without the control characters that XML 1.0 cannot carry."""
    return _CONTROLS.sub("?", text)


def grown(parent: etree._Element, parts: Iterable[etree._Element]) -> etree._Element:
    """The element with parts put into it."""
    parent.extend(list(parts))
    return parent


def reply(content: etree._Element, status: int = 200) -> Response:
    """An envelope around one element."""
    envelope = etree.Element(f"{{{_SOAP}}}Envelope", nsmap={"Soap": _SOAP})
    etree.SubElement(envelope, f"{{{_SOAP}}}Body").append(content)
    written = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
    return Response(written, status, media_type=_XML)


def fault(error: NavError) -> Response:
    """A fault whose code is the class of the exception, with HTTP status 500."""
    made = etree.Element(f"{{{_SOAP}}}Fault")
    code = etree.SubElement(made, "faultcode", nsmap={"a": _ERRORS})
    code.text = f"a:{error.exception}"
    text = etree.SubElement(made, "faultstring")
    text.set("{http://www.w3.org/XML/1998/namespace}lang", "en-US")
    text.text = _legal(error.message)
    detail = etree.SubElement(etree.SubElement(made, "detail"), "string")
    detail.text = _legal(error.message)
    return reply(made, 500)
