"""The schemas of one port: of its document, of the types it uses, and of its messages."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.ax import edt
from sandbox.ax.edt import CODE_LENGTH, Simple
from sandbox.ax.schema import ENTITY, HASH, Document, Entity, Field, Structure
from sandbox.ax.wire import namespaces as ns
from sandbox.ax.wire.contract import Contract, DataContract, Operation, Parameter
from sandbox.ax.wire.markup import complex_type, element, enumerated, reference, sequence, tag
from sandbox.ax.wire.plumbing import Parts

_EXTERNAL = "AxdType_ExtCodeValue"
_VALUES = "AxdType_DimensionAttributeValues"


def type_name(kind: Simple | Structure) -> str:
    """The name of a field's type in the shared types schema."""
    if isinstance(kind, Simple) and kind.coded:
        return f"AxdUnion_{kind.name}_{_EXTERNAL}"
    return kind.name


def document_schema(document: Document) -> Parts:
    """The schema of a document."""
    name = f"Axd{document.name}"
    members = [_field(one) for one in document.header]
    members.append(_child(document.root))
    types = "".join(_entity(one, base) for one, base in _entities(document.root))
    top = element(document.name, f"tns:{name}", optional=False, nillable=False)
    return (ns.SHARED,), [top, complex_type(name, members), types]


def _entities(root: Entity) -> Iterator[tuple[Entity, Entity | None]]:
    """Every data source once, a variant with the data source it extends."""
    seen: set[str] = set()
    waiting: list[tuple[Entity, Entity | None]] = [(root, None)]
    while waiting:
        entity, base = waiting.pop(0)
        if entity.schema_type in seen:
            continue
        seen.add(entity.schema_type)
        yield entity, base
        waiting += [(one, None) for one in entity.children.values()]
        waiting += [(one, entity) for one in entity.variants]


def _field(one: Field) -> str:
    if one.name == HASH:
        return element(one.name, "xs:string")
    kind = f"st:{type_name(one.type)}"
    return element(one.name, kind, optional=not one.required, nillable=not one.required)


def _child(entity: Entity) -> str:
    kind = f"tns:{entity.schema_type}"
    return element(entity.name, kind, nillable=False, many=True)


def _entity(entity: Entity, base: Entity | None) -> str:
    members = [
        _field(part) if isinstance(part, Field) else _child(part)
        for part in entity.parts[len(base.parts) if base else 0 :]
    ]
    content = sequence(members)
    if base is None:
        content += _attributes(entity)
    else:
        extended = tag("xs:extension", content, base=f"tns:{base.schema_type}")
        content = tag("xs:complexContent", extended)
    return tag("xs:complexType", content, name=entity.schema_type)


def _attributes(entity: Entity) -> str:
    text = tag("xs:attribute", fixed=ENTITY, name="class", use="required")
    text += tag("xs:attribute", name="action", type=f"st:{edt.ENTITY_ACTION.name}")
    if entity.dated:
        text += tag("xs:attribute", name="updateMode", type=f"st:{edt.UPDATE_MODE.name}")
    return text


def shared_schema(document: Document) -> Parts:
    """The shared types that a document uses."""
    kinds: dict[str, Simple] = {one.name: one for one in (edt.ENTITY_ACTION, edt.UPDATE_MODE)}
    fields = [*document.header]
    for entity, _ in _entities(document.root):
        fields += [one for one in entity.fields.values() if one.name != HASH]
    for one in fields:
        if isinstance(one.type, Simple):
            kinds[type_name(one.type)] = one.type
    content = [_simple(kind) for kind in kinds.values()]
    return (), [*content, _external(), *_structures(), _date_time()]


def _simple(kind: Simple) -> str:
    if kind is edt.DATE_TIME:
        return ""
    if kind.symbols:
        return enumerated(kind.name, kind.symbols)
    limits = ""
    if kind.base == "string":
        limits = tag("xs:minLength", value="0")
        limits += tag("xs:maxLength", value=str(kind.length)) if kind.length else ""
    plain = tag(
        "xs:simpleType", tag("xs:restriction", limits, base=f"xs:{kind.base}"), name=kind.name
    )
    if not kind.coded:
        return plain
    members = f"tns:{kind.name} tns:{_EXTERNAL}"
    return plain + tag("xs:simpleType", tag("xs:union", memberTypes=members), name=type_name(kind))


def _external() -> str:
    limits = tag("xs:minLength", value="0") + tag("xs:maxLength", value=str(CODE_LENGTH))
    restriction = tag("xs:restriction", limits, base="xs:string")
    return tag("xs:simpleType", restriction, name=_EXTERNAL)


def _date_time() -> str:
    attributes = tag("xs:attribute", name="localDateTime", type="xs:dateTime")
    attributes += tag("xs:attribute", name="timezone", type="xs:string")
    extension = tag("xs:extension", attributes, base="xs:dateTime")
    return tag("xs:complexType", tag("xs:simpleContent", extension), name=edt.DATE_TIME.name)


def _structures() -> list[str]:
    def needed(name: str, kind: str = "xs:string") -> str:
        return element(name, kind, optional=False, nillable=False)

    values = element("Values", f"tns:{_VALUES}")
    one = "AxdType_DimensionAttributeValue"
    many = element("Value", f"tns:{one}", optional=False, nillable=False, many=True)
    display = needed("DisplayValue")
    return [
        complex_type(one, [needed("Name"), needed("Value")]),
        complex_type(_VALUES, [many]),
        complex_type("AxdType_DimensionAttributeValueSet", [needed("Values", f"tns:{_VALUES}")]),
        complex_type("AxdType_MultiTypeAccount", [display, needed("Account"), values]),
        complex_type("AxdType_LedgerAccount", [display, needed("MainAccount"), values]),
        complex_type("AxdType_MultiTypeDefaultAccount", [needed("Account")]),
    ]


def message_schema(contract: Contract) -> Parts:
    """The wrapper elements of all operations."""
    imports = {
        one.namespace: None
        for operation in contract.operations
        for one in (*operation.inputs, *operation.outputs)
        if one.namespace
    }
    if contract.types:
        imports[ns.CUSTOM_TYPES] = None
    content = []
    for operation in contract.operations:
        content += _wrappers(contract, operation)
    return tuple(imports), content


def _wrappers(contract: Contract, operation: Operation) -> list[str]:
    return [
        tag("xs:element", tag("xs:complexType", sequence(map(_part, parts))), name=name)
        for name, parts in (
            (contract.request(operation), operation.inputs),
            (contract.response(operation), operation.outputs),
        )
    ]


def _part(one: Parameter) -> str:
    if one.namespace:
        prefixes = {uri: prefix for prefix, uri in ns.PREFIXES.items()}
        return reference(f"{prefixes.get(one.namespace, 'doc')}:{one.name}")
    return element(one.name, one.type, nillable=one.nillable)


def contract_schema(contracts: tuple[DataContract, ...]) -> Parts:
    """The data contracts of a custom service, with an array of each."""
    content = []
    for one in contracts:
        members = [
            element(name, kind, nillable=not kind.startswith("xs:") or kind == "xs:string")
            for name, kind in one.members
        ]
        array = f"ArrayOf{one.name}"
        content += [
            complex_type(one.name, members),
            complex_type(array, [element(one.name, f"tns:{one.name}", many=True)]),
        ]
    return (ns.ARRAYS,), content
