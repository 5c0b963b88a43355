"""A port's own description: fetched once with all it imports, read by zeep, then let go of.

zeep knows bindings, operations and the order of elements; it forgets the facets of simple types
(lengths, enumerations), so these are read from the schemas beside it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit, urlunsplit

import zeep
import zeep.exceptions
from lxml import etree
from zeep.wsdl.bindings.soap import Soap11Binding

from connectors.ax.errors import SYSTEM
from connectors.ax.facets import Facets
from connectors.ax.markup import parse_xml
from connectors.ax.models import Node, Operation, Service, Shape, Value
from connectors.errors import Misconfigured, Unavailable

if TYPE_CHECKING:
    from lxml.etree import _Element

Fetch = Callable[[str], Awaitable[bytes]]

_XSD = "http://www.w3.org/2001/XMLSchema"
_WSDL = "http://schemas.xmlsoap.org/wsdl/"
_IMPORTS = (f"{{{_WSDL}}}import", f"{{{_XSD}}}import", f"{{{_XSD}}}include")
_READ = "read WSDL"
_MAX_DOCUMENTS = 200

# zeep carries no annotations for what is called here.
_zeep_client: Any = zeep.Client
_zeep_transport_error: Any = zeep.exceptions.TransportError


async def load_service(port: str, url: str, fetch: Fetch) -> Service:
    """The service a WSDL describes. `fetch` gets absolute addresses on the host of `url`.

    Raises Misconfigured when there is no SOAP 1.1 binding with operations behind the router
    port, Unavailable when the description cannot be read, and what `fetch` raises.
    """
    documents = await _fetch_all(url, fetch)
    return Compiler(_client(url, documents), documents.values()).service(port)


async def _fetch_all(url: str, fetch: Fetch) -> dict[str, _Element]:
    """Every imported document, by address. AX may give its own internal host name in them."""
    documents: dict[str, _Element] = {}
    waiting = [url]
    while waiting:
        address = waiting.pop()
        if address in documents:
            continue
        if len(documents) == _MAX_DOCUMENTS:
            raise Unavailable(SYSTEM, _READ, "the WSDL imports more documents than any AX port")
        documents[address] = root = _parsed(await fetch(address))
        waiting += [_here(url, link) for link in _links(address, root)]
    return documents


def _parsed(content: bytes) -> _Element:
    try:
        return parse_xml(content)
    except ValueError as error:
        raise Unavailable(SYSTEM, _READ, f"the reply is no WSDL: {error}") from error


def _links(address: str, root: _Element) -> list[str]:
    found = [node.get("location") or node.get("schemaLocation") for node in root.iter(*_IMPORTS)]
    return [urljoin(address, link) for link in found if link]


def _here(url: str, link: str) -> str:
    """A link on the host that we reach, whatever name AX has for it."""
    home, there = urlsplit(url), urlsplit(link)
    return urlunsplit((home.scheme, home.netloc, there.path, there.query, ""))


class _Fetched:
    """Stands where zeep expects a transport: it gets what was fetched, and nothing else."""

    cache = None

    def __init__(self, url: str, documents: Mapping[str, _Element]) -> None:
        self._url = url
        self._documents = documents

    def load(self, url: str) -> bytes:
        """A fetched document. Raises zeep.exceptions.TransportError for any other."""
        found = self._documents.get(_here(self._url, url))
        if found is None:
            raise _zeep_transport_error(f"{url} is not imported by the WSDL")
        return etree.tostring(found)


def _client(url: str, documents: Mapping[str, _Element]) -> Any:
    settings = zeep.Settings(forbid_dtd=True, forbid_entities=True, forbid_external=False)
    try:
        return _zeep_client(url, transport=_Fetched(url, documents), settings=settings)
    except (zeep.exceptions.Error, etree.LxmlError, ValueError, LookupError) as error:
        raise Unavailable(SYSTEM, _READ, "the reply is no usable WSDL") from error


class Compiler:
    """Turns what zeep read into our shapes: everything the operations of one port reach."""

    def __init__(self, client: Any, documents: Collection[_Element]) -> None:
        self._client = client
        self._facets = Facets(documents)
        self._shapes: dict[str, Shape] = {}

    def service(self, port: str) -> Service:
        """The service behind the router port. Raises Misconfigured."""
        binding = self._binding(port)
        operations = {
            name: self._operation(name, operation)
            for name, operation in sorted(binding._operations.items())
        }
        return Service(port, operations)

    def _binding(self, port: str) -> Any:
        bindings = [
            end.binding
            for service in self._client.wsdl.services.values()
            for end in service.ports.values()
        ]
        for binding in bindings:
            if isinstance(binding, Soap11Binding) and binding._operations:
                return binding
        raise Misconfigured(
            SYSTEM,
            _READ,
            f"the port {port} offers no operation over HTTP; host it with the HTTP adapter and "
            "select its service operations",
        )

    def _operation(self, name: str, operation: Any) -> Operation:
        header = operation.input.header
        contexts = [e for _, e in header.type.elements] if header is not None else []
        return Operation(
            name=name,
            action=str(operation.soapaction),
            request=self._node(operation.input.body),
            response=self._node(operation.output.body),
            context=self._node(contexts[0]) if contexts else None,
        )

    def _node(self, element: Any, owner: str = "") -> Node:
        kind = element.type
        value = self._facets.union(owner, element.qname.localname) or self._simple(kind)
        return Node(
            name=element.qname.localname,
            namespace=element.qname.namespace or "",
            value=value,
            shape=None if value is not None else self._shape(kind),
            required=element.min_occurs != 0 and not getattr(element, "nillable", False),
            many=element.accepts_multiple,
        )

    def _simple(self, kind: Any) -> Value | None:
        if not hasattr(kind, "elements"):
            return self._facets.value(str(kind.qname.text) if kind.qname is not None else "")
        inner = [element for name, element in kind.elements if name == "_value_1"]
        content = inner[0].type if inner and hasattr(inner[0], "type") else None
        if content is not None and not hasattr(content, "elements"):
            return self._facets.value(str(content.qname.text))
        return None

    def _shape(self, kind: Any) -> Shape:
        name = str(kind.qname.text) if kind.qname is not None else f"anonymous {id(kind)}"
        if name not in self._shapes:
            local = kind.qname.localname if kind.qname is not None else ""
            space = (kind.qname.namespace or "") if kind.qname is not None else ""
            # Known before its elements are: a type may contain itself.
            shape = self._shapes[name] = Shape(local, space)
            nodes = [self._node(e, name) for _, e in kind.elements if getattr(e, "qname", None)]
            shape.nodes.update({node.name: node for node in nodes})
            shape.attributes = frozenset(str(a.name) for _, a in kind.attributes)
            shape.derived.update(
                {d.localname: self._shape(self._client.get_type(d)) for d in self._derived(name)}
            )
        return self._shapes[name]

    def _derived(self, name: str) -> list[etree.QName]:
        return [etree.QName(other) for other in self._facets.derived(name)]
