"""Requests as XML: written in one pass, elements in the order of the description.

Everything is deterministic: the same content gives the same bytes, so that a retry sends what
was sent before.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from connectors.ax.content import TYPE, XSI, Content
from connectors.ax.markup import attribute, escape, parse_xml
from connectors.ax.models import Node, Operation, Shape
from connectors.ax.settings import AxSettings

if TYPE_CHECKING:
    from lxml.etree import _Element

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


class Envelopes:
    """Writes the requests of one operation. The header's fixed part is prepared once. `lacking`
    names what its context cannot say: a call without company or message id is not to be sent."""

    def __init__(self, operation: Operation, settings: AxSettings) -> None:
        self._operation = operation
        self.lacking = _lacking(operation.context, settings)
        self._before, self._after = _context(operation.context, settings)
        self.headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{operation.action}"',
        }

    def write(self, content: Content, message_id: str = "") -> bytes:
        """The request of this content. `message_id` makes AX refuse the same call again."""
        parts = [
            f'<s:Envelope xmlns:s="{SOAP}" xmlns:i="{XSI}"><s:Header>',
            self._before,
            f"<MessageId>{message_id}</MessageId>" if message_id and self._before else "",
            self._after,
            "</s:Header><s:Body>",
        ]
        _element(parts, self._operation.request, content, "")
        parts.append("</s:Body></s:Envelope>")
        return "".join(parts).encode()


def _context(node: Node | None, settings: AxSettings) -> tuple[str, str]:
    """The CallContext before and after the MessageId; nothing where the port declares none."""
    if node is None or node.shape is None:
        return "", ""
    known = node.shape.nodes
    before = {"Company": settings.company, "Language": settings.language}
    after = {"PartitionKey": settings.partition}
    return (
        f'<{node.name} xmlns="{attribute(node.namespace)}">' + _present(before, known),
        _present(after, known) + f"</{node.name}>",
    )


def _lacking(node: Node | None, settings: AxSettings) -> tuple[str, ...]:
    """What the operation's context has no place for, and must be said in every call."""
    known = node.shape.nodes if node is not None and node.shape is not None else {}
    wanted = ("Company", "MessageId", *(("PartitionKey",) if settings.partition else ()))
    return tuple(name for name in wanted if name not in known)


def _present(values: dict[str, str], known: dict[str, Node]) -> str:
    return "".join(
        f"<{name}>{escape(text)}</{name}>"
        for name, text in values.items()
        if text and name in known
    )


def _element(parts: list[str], node: Node, content: Content, outer: str) -> None:
    assert node.shape is not None, f"{node.name} has no elements"
    shape = node.shape.concrete(str(content.get(TYPE, "")))
    parts.append(f"<{node.name}{_space(node, outer)}{_attributes(shape, content)}>")
    for name, start, end, child in _in_order(shape, tuple(content), node.namespace):
        found = content[name]
        if isinstance(found, str):
            parts.append(f"{start}{escape(found)}{end}")
            continue
        for one in found if isinstance(found, list) else (found,):
            _element(parts, child, one, node.namespace)
    parts.append(f"</{node.name}>")


@lru_cache(maxsize=1024)
def _in_order(
    shape: Shape, names: tuple[str, ...], outer: str
) -> tuple[tuple[str, str, str, Node], ...]:
    """The elements of a content in the order of the description, with their tags: a mapping
    fills the same ones in every record."""
    present = sorted((name for name in names if name[0] != "@"), key=shape.places.__getitem__)
    nodes = [shape.nodes[name] for name in present]
    return tuple((n.name, f"<{n.name}{_space(n, outer)}>", f"</{n.name}>", n) for n in nodes)


def _space(node: Node, outer: str) -> str:
    return f' xmlns="{attribute(node.namespace)}"' if node.namespace != outer else ""


def _attributes(shape: Shape, content: Content) -> str:
    text = ' class="entity"' if shape.is_entity else ""
    if TYPE in content:
        text += f' xmlns:t="{attribute(shape.namespace)}" i:type="t:{shape.name}"'
    for name in ("action", "updateMode"):
        if f"@{name}" in content and name in shape.attributes:
            text += f' {name}="{content[f"@{name}"]}"'
    return text


def body_of(content: bytes) -> _Element | None:
    """The one element in the body of a reply; None when the reply is no SOAP envelope."""
    try:
        root = parse_xml(content)
    except ValueError:
        return None
    if root.tag != f"{{{SOAP}}}Envelope":
        return None
    body = root.find(f"{{{SOAP}}}Body")
    return body[0] if body is not None and len(body) else None
