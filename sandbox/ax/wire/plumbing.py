"""The schemas that every port carries: call context, keys, criteria, paging, faults.

Elements, order, nillability and enumerations are those of the captured descriptions of an R3 site.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.ax.schema import Document
from sandbox.ax.wire import namespaces as ns
from sandbox.ax.wire.markup import complex_type, element, enumerated, tag

CONTEXT_FIELDS = ("Company", "Language", "LogonAsUser", "MessageId", "PartitionKey")
OPERATORS = ("Equal", "NotEqual", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Range")
PAGE_STATUS = ("Success", "Failure")
PAGE_DETAILS = (
    "None",
    "DocumentFiltersChanged",
    "ChangeTrackingDisabled",
    "ChangedDateTimeOutOfRange",
)
_FAULT_LIST = (
    "Document",
    "DocumentOperation",
    "FaultMessageArray",
    "Field",
    "Service",
    "ServiceOperation",
    "ServiceOperationParameter",
    "XPath",
    "XmlLine",
    "XmlPosition",
)

Parts = tuple[tuple[str, ...], list[str]]
"""The namespaces a schema imports, and its content."""


def _texts(*names: str) -> list[str]:
    return [element(name, "xs:string") for name in names]


def _plain(name: str, type_: str = "xs:string", *, optional: bool = False) -> str:
    return element(name, type_, optional=optional, nillable=False)


def _top(name: str, type_: str, *, nillable: bool = True) -> str:
    return element(name, type_, optional=False, nillable=nillable)


def _array(name: str, item: str, type_: str) -> list[str]:
    return [complex_type(name, [element(item, type_, many=True)]), _top(name, f"tns:{name}")]


def _context() -> Parts:
    members = _texts(*CONTEXT_FIELDS)
    members.append(element("PropertyBag", "arr:ArrayOfKeyValueOfstringstring"))
    return (ns.ARRAYS,), [
        complex_type("CallContext", members),
        _top("CallContext", "tns:CallContext"),
    ]


def _arrays() -> Parts:
    pair = "".join(_top(name, "xs:string") for name in ("Key", "Value"))
    inner = tag("xs:complexType", tag("xs:sequence", pair))
    entry = tag(
        "xs:element", inner, minOccurs="0", maxOccurs="unbounded", name="KeyValueOfstringstring"
    )
    name = "ArrayOfKeyValueOfstringstring"
    return (), [
        complex_type(name, [entry]),
        _top(name, f"tns:{name}"),
        *_array("ArrayOfstring", "string", "xs:string"),
    ]


def _fault() -> Parts:
    members = [
        *_texts("CustomDetailXml"),
        element("FaultMessageListArray", "tns:ArrayOfFaultMessageList"),
        element("InfologMessageList", "info:ArrayOfInfologMessage"),
        *_texts("StackTrace"),
        _plain("XppExceptionType", "xs:int", optional=True),
    ]
    lists = [
        element(name, "tns:ArrayOfFaultMessage" if name == "FaultMessageArray" else "xs:string")
        for name in _FAULT_LIST
    ]
    return (ns.INFOLOG,), [
        complex_type("AifFault", members),
        _top("AifFault", "tns:AifFault"),
        *_array("ArrayOfFaultMessageList", "FaultMessageList", "tns:FaultMessageList"),
        complex_type("FaultMessageList", lists),
        _top("FaultMessageList", "tns:FaultMessageList"),
        *_array("ArrayOfFaultMessage", "FaultMessage", "tns:FaultMessage"),
        complex_type("FaultMessage", _texts("Code", "Message")),
        _top("FaultMessage", "tns:FaultMessage"),
    ]


def _infolog() -> Parts:
    kind = _plain("InfologMessageType", "tns:InfologMessageType", optional=True)
    return (), [
        *_array("ArrayOfInfologMessage", "InfologMessage", "tns:InfologMessage"),
        complex_type("InfologMessage", [kind, *_texts("Message")]),
        _top("InfologMessage", "tns:InfologMessage"),
        _top("InfologMessageType", "tns:InfologMessageType"),
        enumerated("InfologMessageType", ("Info", "Warning", "Error")),
    ]


def _key() -> Parts:
    fields = [element("KeyField", "tns:KeyField", optional=False, nillable=False, many=True)]
    return (), [
        _top("EntityKey", "tns:EntityKey", nillable=False),
        complex_type("EntityKey", [_plain("KeyData", "tns:KeyData")]),
        complex_type("KeyData", fields),
        complex_type("KeyField", [_plain("Field"), _plain("Value")]),
    ]


def _key_list() -> Parts:
    keys = tag("xs:element", minOccurs="0", maxOccurs="unbounded", ref="ek:EntityKey")
    return (ns.KEY,), [
        _top("EntityKeyList", "tns:EntityKeyList", nillable=False),
        complex_type("EntityKeyList", [keys]),
    ]


def _key_page() -> Parts:
    references = [
        tag("xs:element", minOccurs="0", ref=one)
        for one in ("ekl:EntityKeyList", "dp:DocumentPaging")
    ]
    states = [
        _plain("PageStatus", "tns:EntityKeyPageStatus"),
        _plain("PageStatusDetails", "tns:EntityKeyPageStatusDetails"),
    ]
    return (ns.KEY_LIST, ns.PAGING), [
        _top("EntityKeyPage", "tns:EntityKeyPage", nillable=False),
        complex_type("EntityKeyPage", [*references, *states]),
        enumerated("EntityKeyPageStatus", PAGE_STATUS),
        enumerated("EntityKeyPageStatusDetails", PAGE_DETAILS),
    ]


def _paging() -> Parts:
    members = [*_texts("Bookmark"), _plain("PageSize", "xs:int")]
    return (), [
        _top("DocumentPaging", "tns:DocumentPaging", nillable=False),
        complex_type("DocumentPaging", members),
    ]


def _criteria() -> Parts:
    one = _plain("CriteriaElement", "tns:CriteriaElement")
    # The repetition is that of the sequence, not of the element, which clients feel.
    repeated = tag("xs:sequence", one, minOccurs="1", maxOccurs="unbounded")
    members = [
        _plain("DataSourceName"),
        _plain("FieldName"),
        _plain("Operator", "tns:Operator"),
        _plain("Value1"),
        _plain("Value2", optional=True),
    ]
    return (), [
        _top("QueryCriteria", "tns:QueryCriteria", nillable=False),
        tag("xs:complexType", repeated, name="QueryCriteria"),
        complex_type("CriteriaElement", members),
        enumerated("Operator", OPERATORS),
    ]


def _serialization() -> Parts:
    simple = ("anyType", "boolean", "dateTime", "decimal", "int", "long", "string")
    return (), [_top(name, f"xs:{name}") for name in simple]


def unqualified(document: Document) -> Parts:
    """The schema without a namespace, in which WCF names the types again as elements."""
    types = {
        "DocumentPaging": "dp:DocumentPaging",
        "EntityKeyList": "ekl:EntityKeyList",
        "EntityKeyPage": "ekp:EntityKeyPage",
        "QueryCriteria": "qc:QueryCriteria",
        f"Axd{document.name}": f"doc:Axd{document.name}",
    }
    needed = (ns.PAGING, ns.KEY_LIST, ns.KEY_PAGE, ns.CRITERIA, document.namespace)
    return needed, [_top(name, type_, nillable=False) for name, type_ in types.items()]


COMMON: dict[str, Callable[[], Parts]] = {
    ns.CONTEXT: _context,
    ns.ARRAYS: _arrays,
    ns.FAULT: _fault,
    ns.INFOLOG: _infolog,
    ns.SERIALIZATION: _serialization,
}
"""The schemas of every port."""

DOCUMENT_SERVICES: dict[str, Callable[[], Parts]] = {
    ns.KEY: _key,
    ns.KEY_LIST: _key_list,
    ns.KEY_PAGE: _key_page,
    ns.PAGING: _paging,
    ns.CRITERIA: _criteria,
}
"""The schemas of every port with a document service."""
