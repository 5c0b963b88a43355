"""Faults as AX gives them: an AifFault in the detail, or a plain SOAP fault of WCF."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx

from connectors.ax.content import children, name_of, text_of
from connectors.ax.envelope import SOAP
from connectors.ax.errors import Answer

if TYPE_CHECKING:
    from lxml.etree import _Element

_WORST_FIRST = {"Error": 0, "Warning": 1, "Info": 2}
_PAGE = re.compile(rb"<\s*(!doctype\s+html|html)", re.IGNORECASE)
_PAGE_LIMIT = 4000


def is_fault(body: _Element | None) -> bool:
    """Whether the body of a reply is a SOAP fault."""
    return body is not None and body.tag == f"{{{SOAP}}}Fault"


def fault_answer(response: httpx.Response, fault: _Element) -> Answer:
    """What a SOAP fault says: codes and fields of the AifFault, the infolog, worst first."""
    detail = next((child for child in fault if name_of(child) == "detail"), None)
    aif = (
        next((child for child in detail if name_of(child) == "AifFault"), None)
        if (detail is not None)
        else None
    )
    if aif is None:
        return Answer(
            response.status_code,
            code=text_of(fault, "faultcode").rpartition(":")[2],
            text=text_of(fault, "faultstring"),
            fault=True,
            routed=True,
        )
    return _aif_answer(response.status_code, fault, aif)


def _aif_answer(status: int, fault: _Element, aif: _Element) -> Answer:
    lists = [m for array in children(aif, "FaultMessageListArray") for m in array]
    messages = [m for one in lists for array in children(one, "FaultMessageArray") for m in array]
    infolog = [m for log in children(aif, "InfologMessageList") for m in log]
    infolog.sort(key=lambda m: _WORST_FIRST.get(text_of(m, "InfologMessageType"), 1))
    texts = [text_of(m, "Message") for m in [*infolog, *messages]]
    kind = text_of(aif, "XppExceptionType").strip()
    return Answer(
        status,
        code=next(filter(None, (text_of(m, "Code") for m in messages)), ""),
        text="; ".join(dict.fromkeys(filter(None, texts))) or text_of(fault, "faultstring"),
        field=next(filter(None, map(_place, lists)), ""),
        exception=int(kind) if kind.lstrip("-").isdecimal() else None,
        fault=True,
        detailed=bool(texts),
    )


def _place(message_list: _Element) -> str:
    """The field that a list of messages is about; of a path its last element."""
    named = text_of(message_list, "Field")
    path = text_of(message_list, "XPath").rstrip("/").rpartition("/")[2]
    return named or re.sub(r"^\w+:|\[.*$", "", path)


def other_answer(response: httpx.Response) -> Answer:
    """What an answer says that is no SOAP: the status, and the web page of IIS if it is one."""
    start = response.content[:_PAGE_LIMIT]
    wait = response.headers.get("Retry-After", "")
    return Answer(
        response.status_code,
        retry_after=float(wait) if wait.isdecimal() else None,
        page=start.decode("utf-8", "replace") if _PAGE.search(start) else "",
    )
