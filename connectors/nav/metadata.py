"""NAV's own description of its published pages: `$metadata`, in CSDL 4.0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.errors import Misconfigured, Unavailable
from connectors.nav.errors import SYSTEM
from connectors.nav.markup import parse_xml
from connectors.nav.values import Json, key_predicate, to_edm
from documents.record import FieldValue

if TYPE_CHECKING:
    from lxml.etree import _Element

_EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
_COMPUTED = "Org.OData.Core.V1.Computed"
_PERMISSIONS = "Org.OData.Core.V1.Permissions"


@dataclass(frozen=True)
class Property:
    """A field of a page. `edm` is its EDM type, `max_length` counts characters."""

    name: str
    edm: str
    max_length: int | None
    nullable: bool
    read_only: bool

    def value(self, text: FieldValue) -> Json:
        """Our text as this field's JSON value. Raises NotConvertible."""
        return to_edm(self.edm, text)


@dataclass(frozen=True)
class PageType:
    """The record type of a page: key fields in order, fields, sub-pages by name."""

    name: str
    keys: tuple[str, ...]
    properties: Mapping[str, Property]
    parts: Mapping[str, str]

    def address(self, service: str, values: Mapping[str, object]) -> str:
        """The path of one record below its collection, from values as they were read."""
        return service + key_predicate(self.keys, values)

    def require(self, service: str, *fields: str) -> None:
        """Raises Misconfigured naming the fields that the page does not show."""
        missing = [name for name in fields if name not in self.properties]
        if missing:
            raise Misconfigured(
                SYSTEM,
                "read metadata",
                f"the web service {service} does not show {', '.join(missing)}; put the field "
                "on the page in NAV and publish the page again",
            )


class Model:
    """The published pages of a server instance by service name."""

    def __init__(self, types: Mapping[str, PageType], sets: Mapping[str, str]) -> None:
        self._types = types
        self._sets = sets

    def page(self, service: str) -> PageType:
        """The type of a published page. Raises Misconfigured when it is not published."""
        if service not in self._sets:
            raise Misconfigured(SYSTEM, "read metadata", not_published(service))
        return self._types[self._sets[service]]

    def part(self, service: str, name: str) -> PageType:
        """The type of a sub-page. Raises Misconfigured when the page does not have it."""
        page = self.page(service)
        if name not in page.parts:
            raise Misconfigured(
                SYSTEM,
                "read metadata",
                f"the web service {service} has no lines called {name}; set the name of its "
                "lines in the connection's services",
            )
        return self._types[page.parts[name]]

    def publishes(self, service: str) -> bool:
        """Whether a page is published under this name."""
        return service in self._sets

    def require(self, service: str, *fields: str) -> PageType:
        """A page with these fields on it. Raises Misconfigured naming what is missing."""
        page = self.page(service)
        page.require(service, *fields)
        return page


def not_published(service: str) -> str:
    """What to tell the administrator about a missing web service."""
    return (
        f"NAV does not publish a web service {service}; publish the page on NAV's Web Services "
        "page under this name, or set the name used there in the connection's services"
    )


def parse_metadata(content: bytes) -> Model:
    """Read CSDL without entities and without network. Raises Unavailable if it is not CSDL."""
    try:
        root = parse_xml(content)
    except ValueError as error:
        raise Unavailable(SYSTEM, "read metadata", str(error)) from error
    types = dict(_named_type(node) for node in root.iter(f"{_EDM}EntityType"))
    if not types:
        raise Unavailable(SYSTEM, "read metadata", "the reply describes no pages")
    sets = {
        str(node.get("Name")): _unqualified(str(node.get("EntityType")))
        for node in root.iter(f"{_EDM}EntitySet")
    }
    return Model(types, {name: kind for name, kind in sets.items() if kind in types})


def _named_type(node: _Element) -> tuple[str, PageType]:
    name = str(node.get("Name"))
    properties = (_property(child) for child in node.findall(f"{_EDM}Property"))
    parts = {
        str(child.get("Name")): _unqualified(str(child.get("Type")))
        for child in node.findall(f"{_EDM}NavigationProperty")
        if child.get("ContainsTarget") == "true"
        or str(child.get("Type", "")).startswith("Collection(")
    }
    keys = tuple(str(child.get("Name")) for child in node.iterfind(f"{_EDM}Key/{_EDM}PropertyRef"))
    return name, PageType(name, keys, {p.name: p for p in properties}, parts)


def _property(node: _Element) -> Property:
    limit = str(node.get("MaxLength", ""))
    return Property(
        name=str(node.get("Name")),
        edm=str(node.get("Type")),
        max_length=int(limit) if limit.isdigit() else None,
        nullable=node.get("Nullable") != "false",
        read_only=_is_read_only(node),
    )


def _is_read_only(node: _Element) -> bool:
    for note in node.findall(f"{_EDM}Annotation"):
        if note.get("Term") == _COMPUTED and note.get("Bool", "true") == "true":
            return True
        members = str(note.get("EnumMember", ""))
        if note.get("Term") == _PERMISSIONS and members.endswith("/Read"):
            return True
    return False


def _unqualified(type_name: str) -> str:
    inner = type_name.removeprefix("Collection(").removesuffix(")")
    return inner.rsplit(".", 1)[-1]
