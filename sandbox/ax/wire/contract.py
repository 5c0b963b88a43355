"""What a port offers: operations with their parameters, as its description tells it."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.ax.schema import Document
from sandbox.ax.wire import namespaces as ns


@dataclass(frozen=True)
class Parameter:
    """A part of a request or response: an element of another namespace, or one of its own type.

    `type` is a qualified name with a prefix of `namespaces.PREFIXES`, or of `xs`; without it the
    parameter refers to the element `name` of `namespace`.
    """

    name: str
    namespace: str = ""
    type: str = ""
    nillable: bool = False


@dataclass(frozen=True)
class Operation:
    """One operation; `writes` says whether a repeated MessageId is refused."""

    name: str
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]
    writes: bool = False

    @property
    def title(self) -> str:
        """Its name as it stands in element names."""
        return self.name[0].upper() + self.name[1:]


@dataclass(frozen=True)
class DataContract:
    """A class of a custom service: its members in alphabetical order, as name and type."""

    name: str
    members: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Contract:
    """A port with its service.

    `service` is the external name, `class_name` the name in the application object tree.
    """

    service: str
    class_name: str
    namespace: str
    operations: tuple[Operation, ...]
    document: Document | None = None
    types: tuple[DataContract, ...] = ()

    def request(self, operation: Operation) -> str:
        """The name of a request element."""
        return f"{self.service}{operation.title}Request"

    def response(self, operation: Operation) -> str:
        """The name of a response element."""
        return f"{self.service}{operation.title}Response"

    def action(self, operation: Operation) -> str:
        """The SOAPAction of an operation."""
        return f"{self.namespace}/{self.service}/{operation.name}"

    def operation(self, name: str) -> Operation | None:
        """The operation of that name, if the port offers it."""
        return next((one for one in self.operations if one.name == name), None)


_KEYS = Parameter("EntityKeyList", ns.KEY_LIST)
_CRITERIA = Parameter("QueryCriteria", ns.CRITERIA)
_PAGING = Parameter("DocumentPaging", ns.PAGING)
_PAGE = Parameter("EntityKeyPage", ns.KEY_PAGE)
_CHANGED = Parameter("_changedDateTime", type="xs:dateTime")


def document_contract(
    service: str, class_name: str, document: Document, names: tuple[str, ...]
) -> Contract:
    """The contract of a document service with the operations that were selected on its port."""
    body = Parameter(document.name, document.namespace)
    known = {
        "create": Operation("create", (body,), (_KEYS,), writes=True),
        "delete": Operation("delete", (_KEYS,), (), writes=True),
        "find": Operation("find", (_CRITERIA,), (body,)),
        "findKeys": Operation("findKeys", (_CRITERIA,), (_KEYS,)),
        "getChangedKeys": Operation("getChangedKeys", (_PAGING, _CHANGED), (_PAGE,)),
        "getKeys": Operation("getKeys", (_PAGING,), (_PAGE,)),
        "read": Operation("read", (_KEYS,), (body,)),
        "update": Operation("update", (_KEYS, body), (), writes=True),
    }
    operations = tuple(known[name] for name in names)
    return Contract(service, class_name, ns.SERVICES, operations, document)
