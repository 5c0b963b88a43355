"""The description of one port, split as WCF splits it.

`?wsdl` has the service with its bindings, `?wsdl=wsdl0` the empty port type of the routing
service in front, `?wsdl=wsdl1` messages and port type, and `?xsd=xsdN` one schema per namespace.
The port of the router comes first, which a client that takes the first port trips over.
"""

from __future__ import annotations

from sandbox.ax.wire import namespaces as ns
from sandbox.ax.wire.contract import Contract, Operation
from sandbox.ax.wire.markup import schema, tag
from sandbox.ax.wire.plumbing import COMMON, DOCUMENT_SERVICES, Parts, unqualified
from sandbox.ax.wire.xsd import (
    contract_schema,
    document_schema,
    message_schema,
    shared_schema,
)

_NAMESPACES = {
    "wsdl": "http://schemas.xmlsoap.org/wsdl/",
    "soap": "http://schemas.xmlsoap.org/wsdl/soap/",
    "wsp": "http://schemas.xmlsoap.org/ws/2004/09/policy",
    "wsaw": "http://www.w3.org/2006/05/addressing/wsdl",
    "wsu": ("http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"),
    "xsd": "http://www.w3.org/2001/XMLSchema",
}
_NEGOTIATE = "http://schemas.microsoft.com/ws/06/2004/policy/http"
_HTTP = "http://schemas.xmlsoap.org/soap/http"
_ROUTER = "serviceEndpoint"
_FAULT = "AifFaultFault"


class Description:
    """All documents of a port's description; `address` is the URL of the port."""

    def __init__(self, contract: Contract, address: str) -> None:
        self._contract = contract
        self._address = address
        parts = _schemas(contract)
        self._places = {uri: f"{address}?xsd=xsd{place}" for place, uri in enumerate(parts)}
        self._pages: dict[str, bytes] = {
            f"xsd=xsd{place}": self._schema(uri, content)
            for place, (uri, content) in enumerate(parts.items())
        }
        self._pages["wsdl"] = self._service()
        self._pages["wsdl=wsdl0"] = self._router()
        self._pages["wsdl=wsdl1"] = self._port_type()

    def page(self, query: str) -> bytes | None:
        """The document that a query string asks for."""
        return self._pages.get(query)

    def _schema(self, uri: str, parts: Parts) -> bytes:
        imports = {one: self._places[one] for one in parts[0]}
        document = self._contract.document
        return schema(uri, imports, parts[1], document.namespace if document else "")

    def _service(self) -> bytes:
        binding = f"BasicHttpBinding_{self._contract.service}"
        content = _policy(_ROUTER) + _policy(binding)
        content += tag("wsdl:import", namespace=ns.ROUTER, location=f"{self._address}?wsdl=wsdl0")
        content += tag(
            "wsdl:import",
            namespace=self._contract.namespace,
            location=f"{self._address}?wsdl=wsdl1",
        )
        content += tag("wsdl:types")
        content += _binding(_ROUTER, "i0:IRequestReplyRouter", "")
        operations = "".join(self._bound(one) for one in self._contract.operations)
        content += _binding(binding, f"i1:{self._contract.service}", operations)
        ports = self._port(_ROUTER) + self._port(binding)
        content += tag("wsdl:service", ports, name="RoutingService")
        declared = {"i0": ns.ROUTER, "i1": self._contract.namespace}
        return _definitions(ns.ROUTING_SERVICE, content, declared, name="RoutingService")

    def _router(self) -> bytes:
        content = tag("wsdl:types") + tag("wsdl:portType", name="IRequestReplyRouter")
        return _definitions(ns.ROUTER, content, {})

    def _port_type(self) -> bytes:
        contract = self._contract
        imports = "".join(
            tag("xsd:import", schemaLocation=place, **({"namespace": uri} if uri else {}))
            for uri, place in self._places.items()
        )
        types = tag("xsd:schema", imports, targetNamespace=f"{contract.namespace}/Imports")
        content = tag("wsdl:types", types)
        content += "".join(self._messages(one) for one in contract.operations)
        operations = "".join(self._operation(one) for one in contract.operations)
        content += tag("wsdl:portType", operations, name=contract.service)
        return _definitions(contract.namespace, content, {"ctx": ns.CONTEXT, "f": ns.FAULT})

    def _port(self, name: str) -> str:
        address = tag("soap:address", location=self._address)
        return tag("wsdl:port", address, name=name, binding=f"tns:{name}")

    def _bound(self, operation: Operation) -> str:
        contract = self._contract
        request, body = contract.request(operation), tag("soap:body", use="literal")
        header = tag("soap:header", message=f"i1:{request}_Headers", part="context", use="literal")
        fault = tag("soap:fault", use="literal", name=_FAULT, namespace="")
        content = tag("soap:operation", soapAction=contract.action(operation), style="document")
        content += tag("wsdl:input", header + body, name=request)
        content += tag("wsdl:output", body, name=contract.response(operation))
        content += tag("wsdl:fault", fault, name=_FAULT)
        return tag("wsdl:operation", content, name=operation.name)

    def _fault_message(self, operation: Operation) -> str:
        return f"{self._contract.service}_{operation.name}_{_FAULT}_FaultMessage"

    def _messages(self, operation: Operation) -> str:
        contract = self._contract
        request, response = contract.request(operation), contract.response(operation)
        content = ""
        for message, part, element in (
            (request, "parameters", f"tns:{request}"),
            (f"{request}_Headers", "context", "ctx:CallContext"),
            (response, "parameters", f"tns:{response}"),
            (self._fault_message(operation), "detail", "f:AifFault"),
        ):
            content += tag(
                "wsdl:message", tag("wsdl:part", name=part, element=element), name=message
            )
        return content

    def _operation(self, operation: Operation) -> str:
        contract, action = self._contract, self._contract.action(operation)
        request, response = contract.request(operation), contract.response(operation)
        content = ""
        for kind, name, message, its_action in (
            ("input", request, request, action),
            ("output", response, response, f"{action}Response"),
            ("fault", _FAULT, self._fault_message(operation), f"{action}{_FAULT}"),
        ):
            attributes = {"wsaw:Action": its_action, "name": name, "message": f"tns:{message}"}
            content += tag(f"wsdl:{kind}", **attributes)
        return tag("wsdl:operation", content, name=operation.name)


def _schemas(contract: Contract) -> dict[str, Parts]:
    parts: dict[str, Parts] = {contract.namespace: message_schema(contract)}
    parts |= {uri: build() for uri, build in COMMON.items()}
    document = contract.document
    if document is not None:
        parts |= {uri: build() for uri, build in DOCUMENT_SERVICES.items()}
        parts[document.namespace] = document_schema(document)
        parts[ns.SHARED] = shared_schema(document)
        parts[""] = unqualified(document)
    if contract.types:
        parts[ns.CUSTOM_TYPES] = contract_schema(contract.types)
    return parts


def _policy(name: str) -> str:
    negotiate = f'<http:NegotiateAuthentication xmlns:http="{_NEGOTIATE}"/>'
    content = tag("wsp:ExactlyOne", tag("wsp:All", negotiate))
    return tag("wsp:Policy", content, **{"wsu:Id": f"{name}_policy"})


def _binding(name: str, port_type: str, operations: str) -> str:
    content = tag("wsp:PolicyReference", URI=f"#{name}_policy")
    content += tag("soap:binding", transport=_HTTP) + operations
    return tag("wsdl:binding", content, name=name, type=port_type)


def _definitions(
    namespace: str, content: str, declared: dict[str, str], **attributes: str
) -> bytes:
    prefixes = {**_NAMESPACES, "tns": namespace, **declared}
    names = {f"xmlns:{prefix}": uri for prefix, uri in prefixes.items()}
    text = tag("wsdl:definitions", content, targetNamespace=namespace, **attributes, **names)
    return f'<?xml version="1.0" encoding="utf-8"?>{text}'.encode()
