"""Entity keys and pages of them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

from lxml import etree

from sandbox.ax.company import Company
from sandbox.ax.errors import AifError, Code, schema_error
from sandbox.ax.schema import Document, Row
from sandbox.ax.wire import namespaces as ns
from sandbox.ax.wire.envelope import NIL, Element

_BOOKMARK = "AxBookmark:"


def read_keys(document: Document, element: Element | None) -> list[str]:
    """The values of the keys that were sent; raises AifError for another field."""
    values = []
    for key in element if element is not None else ():
        fields = key.findall(f"{{{ns.KEY}}}KeyData/{{{ns.KEY}}}KeyField")
        names = [one.findtext(f"{{{ns.KEY}}}Field") for one in fields]
        if names != [document.key]:
            detail = f"The key of {document.root.name} is {document.key}, not {names}."
            raise schema_error(detail, "/EntityKeyList/EntityKey", key.sourceline or 0)
        values.append(fields[0].findtext(f"{{{ns.KEY}}}Value") or "")
    return values


def require(document: Document, company: Company, table: str, value: str) -> Row:
    """The record of a key; raises AifError if there is none."""
    row = None
    if document.key != "RecId":
        row = company[table].first(document.key, value)
    elif value.isdigit():
        row = company[table].get(int(value))
    if row is None:
        raise AifError(
            "NoRecord",
            Code.KEY,
            at=document.key,
            field=document.key,
            value=value,
            table=document.root.name,
        )
    return row


def key_list(document: Document, rows: Iterable[Row]) -> Element:
    """The keys of records."""
    root = etree.Element(f"{{{ns.KEY_LIST}}}EntityKeyList", nsmap={None: ns.KEY_LIST})
    for row in rows:
        key = etree.SubElement(root, f"{{{ns.KEY}}}EntityKey", nsmap={None: ns.KEY})
        data = etree.SubElement(key, f"{{{ns.KEY}}}KeyData")
        field = etree.SubElement(data, f"{{{ns.KEY}}}KeyField")
        etree.SubElement(field, f"{{{ns.KEY}}}Field").text = document.key
        etree.SubElement(field, f"{{{ns.KEY}}}Value").text = str(row[document.key])
    return root


class Paging:
    """The page that a request asks for."""

    def __init__(self, size: int, after: int) -> None:
        self.size = size
        self.after = after


def read_paging(element: Element | None) -> Paging:
    """The page asked for; raises AifError for a size or bookmark that is none."""
    size = "" if element is None else element.findtext(f"{{{ns.PAGING}}}PageSize") or ""
    if not size.strip().isdigit() or int(size) < 1:
        detail = f"The 'PageSize' element is invalid - The value '{size}' is not a page size."
        raise schema_error(detail, "/DocumentPaging/PageSize", 0)
    mark = None if element is None else element.find(f"{{{ns.PAGING}}}Bookmark")
    if mark is None or mark.get(NIL) in ("true", "1") or not mark.text:
        return Paging(int(size), 0)
    return Paging(int(size), _decoded(mark.text.strip()))


def _decoded(bookmark: str) -> int:
    try:
        text = base64.b64decode(bookmark, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    number = text.removeprefix(_BOOKMARK)
    if not text.startswith(_BOOKMARK) or not number.isdigit():
        raise AifError("Bookmark", Code.REQUEST, at="Bookmark", value=bookmark)
    return int(number)


def key_page(document: Document, rows: list[Row], paging: Paging) -> Element:
    """One page of keys; it has a bookmark only while more pages follow."""
    rest = [row for row in rows if row["RecId"] > paging.after]
    shown = rest[: paging.size]
    root = etree.Element(f"{{{ns.KEY_PAGE}}}EntityKeyPage", nsmap={None: ns.KEY_PAGE})
    root.append(key_list(document, shown))
    if len(rest) > len(shown):
        next_ = etree.SubElement(root, f"{{{ns.PAGING}}}DocumentPaging", nsmap={None: ns.PAGING})
        mark = f"{_BOOKMARK}{shown[-1]['RecId']}".encode()
        etree.SubElement(next_, f"{{{ns.PAGING}}}Bookmark").text = base64.b64encode(mark).decode()
        etree.SubElement(next_, f"{{{ns.PAGING}}}PageSize").text = str(paging.size)
    _status(root, "Success", "None")
    return root


def failed_page(details: str) -> Element:
    """A page that could not be made: no fault, but a status."""
    root = etree.Element(f"{{{ns.KEY_PAGE}}}EntityKeyPage", nsmap={None: ns.KEY_PAGE})
    _status(root, "Failure", details)
    return root


def _status(root: Element, status: str, details: str) -> None:
    etree.SubElement(root, f"{{{ns.KEY_PAGE}}}PageStatus").text = status
    etree.SubElement(root, f"{{{ns.KEY_PAGE}}}PageStatusDetails").text = details
