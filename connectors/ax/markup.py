"""XML from and to AX: no external entities, no network, no document type at all."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from lxml.etree import _Element

_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
)


def parse_xml(content: bytes) -> _Element:
    """The root of an XML document; ValueError if it is not XML or declares a document type."""
    try:
        root = etree.fromstring(content, _PARSER)
    except etree.XMLSyntaxError as error:
        raise ValueError("not well-formed XML") from error
    if root.getroottree().docinfo.doctype:
        raise ValueError("a document type is not accepted")
    return root


def escape(text: str) -> str:
    """Text as element content. A carriage return is written as a reference, or it would be
    read as a line feed."""
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    )


@lru_cache(maxsize=512)
def attribute(text: str) -> str:
    """Text as an attribute value in double quotes."""
    return escape(text).replace('"', "&quot;")
