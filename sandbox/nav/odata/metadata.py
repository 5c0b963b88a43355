"""The service document and the CSDL of `$metadata`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from sandbox.nav.schema import Field, Page
from sandbox.nav.values import EDM

_OPENING = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">'
    "<edmx:DataServices>"
    '<Schema Namespace="NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
)
_CLOSING = "</Schema></edmx:DataServices></edmx:Edmx>"


def metadata(pages: Mapping[str, Page]) -> bytes:
    """The CSDL 4.0 document of the published pages."""
    types = "".join(_entity_type(name, page) for name, page in pages.items())
    return (_OPENING + _company(pages) + types + _container(pages) + _CLOSING).encode()


def service_document(root: str, pages: Mapping[str, Page]) -> bytes:
    """The list of entity sets; `root` is the address of the service."""
    sets = [{"name": name, "kind": "EntitySet", "url": name} for name in ("Company", *pages)]
    return json.dumps({"@odata.context": f"{root}/$metadata", "value": sets}).encode()


def _entity_type(name: str, page: Page) -> str:
    key = "".join(f"<PropertyRef Name={quoteattr(column)}/>" for column in page.table.key)
    properties = "".join(
        _property(field, field.id in page.table.key) for field in page.fields.values()
    )
    parts = "".join(_navigation(part.name) for part in page.parts)
    opening = f"<EntityType Name={quoteattr(name)}><Key>{key}</Key>"
    return f"{opening}{properties}{parts}</EntityType>"


def _property(field: Field, key: bool) -> str:
    attributes = {"Name": field.id, "Type": EDM[field.kind]}
    if key:
        attributes["Nullable"] = "false"
    if field.length:
        attributes["MaxLength"] = str(field.length)
    if field.kind == "decimal":
        attributes["Scale"] = "Variable"
    return _element("Property", attributes)


def _navigation(name: str) -> str:
    return _element(
        "NavigationProperty",
        {"Name": name, "Type": f"Collection(NAV.{name})", "ContainsTarget": "true"},
    )


def _company(pages: Mapping[str, Page]) -> str:
    return (
        '<EntityType Name="Company"><Key><PropertyRef Name="Name"/></Key>'
        '<Property Name="Name" Type="Edm.String" Nullable="false" MaxLength="30"/>'
        + "".join(_navigation(name) for name in pages)
        + "</EntityType>"
    )


def _container(pages: Mapping[str, Page]) -> str:
    sets = _entity_set("Company", list(pages))
    for name, page in pages.items():
        sets += _entity_set(name, [part.name for part in page.parts])
    return f'<EntityContainer Name="NAV">{sets}</EntityContainer>'


def _entity_set(name: str, parts: list[str]) -> str:
    bindings = "".join(
        _element("NavigationPropertyBinding", {"Path": part, "Target": part}) for part in parts
    )
    return f'<EntitySet Name="{name}" EntityType="NAV.{name}">{bindings}</EntitySet>'


def _element(tag: str, attributes: Mapping[str, str]) -> str:
    written = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<{tag} {written}/>"
