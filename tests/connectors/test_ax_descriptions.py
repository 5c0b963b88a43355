"""The plumbing against real service descriptions of an AX 2012 R3 site.

They are customers' own documents; everything around them is the framework's. Where the folder is
not there the same statements are made of nothing, and the stand-in's descriptions remain.
"""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from connectors.ax.content import ACTION, Content, build
from connectors.ax.envelope import SOAP, Envelopes
from connectors.ax.models import FRAMEWORK, Node, NotFitting, Value
from connectors.ax.paths import entity_schema
from connectors.ax.settings import AxSettings
from documents.schema import FieldType
from tests.connectors.ax_descriptions import PORTS, schema, service

SETTINGS = AxSettings(base_url="http://ax.example.invalid", company="CEU", partition="initial")
MESSAGE = "5c5f3a57-6a52-5d0f-8c1e-0f7a3b0c2d11"
SAMPLES = {
    FieldType.DECIMAL: "12.50",
    FieldType.DATE: "2024-03-01",
    FieldType.DATETIME: "2024-03-01T00:00:00",
    FieldType.INTEGER: "7",
    FieldType.BOOLEAN: "true",
}


def sample(value: Value) -> str:
    """A value that fills a field to its limit."""
    if value.options:
        return value.options[-1]
    longest = min(value.max_length or 12, 40)
    return SAMPLES.get(value.type, ("<Ä&ö> " * 8)[:longest])


def record(entity: Node) -> dict[str, str]:
    """Every field of an entity that a mapping may write, filled to its limit. Times of day are
    left out: their pattern has the anchors of .NET, which XML Schema reads as characters."""
    assert entity.shape is not None
    return {
        node.name: sample(node.value)
        for node in entity.shape.nodes.values()
        if node.value and node.value.base != "time" and node.name not in FRAMEWORK
    }


def full(entity: Node) -> Content:
    content = build(entity, record(entity))
    assert entity.shape is not None
    for name, node in entity.shape.entities().items():
        content[name] = [full(node), full(node)]
    return content


async def requests(port: str) -> list[tuple[str, Any]]:
    """One request of every operation that a port offers."""
    described = await service(port)
    root = described.root
    assert root is not None
    document, entity = root
    key: Content = {"EntityKey": [{"KeyData": {"KeyField": [{"Field": "RecId", "Value": "1"}]}}]}
    query: Content = {"DataSourceName": entity.name, "FieldName": "RecId"}
    query |= {"Operator": "Range", "Value1": "1", "Value2": "9"}
    changed = {**full(entity), ACTION: "update", "_DocumentHash": "0" * 32}
    contents: dict[str, Content] = {
        "create": {document.name: {entity.name: [full(entity)]}},
        "update": {"EntityKeyList": key, document.name: {entity.name: [changed]}},
        "read": {"EntityKeyList": key},
        "delete": {"EntityKeyList": key},
        "find": {"QueryCriteria": {"CriteriaElement": [query, query]}},
        "findKeys": {"QueryCriteria": {"CriteriaElement": [query]}},
        "getKeys": {"DocumentPaging": {"PageSize": "100"}},
        "getChangedKeys": {
            "DocumentPaging": {"PageSize": "100", "Bookmark": "b"},
            "_changedDateTime": "2024-03-01T00:00:00Z",
        },
    }
    return [
        (name, Envelopes(operation, SETTINGS).write(contents[name], MESSAGE))
        for name, operation in described.operations.items()
    ]


@pytest.mark.parametrize("port", PORTS)
async def test_every_request_of_every_port_is_valid_by_its_own_schema(port: str) -> None:
    rules = schema(port)
    written = await requests(port)
    assert len(written) >= 4
    for name, message in written:
        envelope = etree.fromstring(message)
        body, header = envelope.find(f"{{{SOAP}}}Body"), envelope.find(f"{{{SOAP}}}Header")
        assert body is not None and header is not None, name
        rules.assertValid(body[0])
        rules.assertValid(header[0])
        assert [str(e.text) for e in header[0]] == ["CEU", "en-us", MESSAGE, "initial"]


@pytest.mark.parametrize("port", PORTS)
async def test_the_binding_behind_the_router_port_is_used_with_its_own_names(port: str) -> None:
    described = await service(port)
    create = described.operations["create"]
    space = create.request.namespace
    external = create.request.name.removesuffix("CreateRequest")
    assert create.action == f"{space}/{external}/create"
    assert create.response.name == f"{external}CreateResponse"


@pytest.mark.parametrize("port", PORTS)
async def test_lengths_and_enumerations_of_a_port_are_known_before_anything_is_sent(
    port: str,
) -> None:
    root = (await service(port)).root
    assert root is not None
    fields = entity_schema("document", root[1], ("Department",)).fields
    assert not FRAMEWORK & set(fields)
    assert any(field.options for field in fields.values())
    limited = next(f for f in fields.values() if f.max_length and not f.options)
    assert limited.max_length is not None
    with pytest.raises(NotFitting, match="text-too-long"):
        build(root[1], {limited.name: "x" * (limited.max_length + 1)})
    chosen = next(f for f in fields.values() if f.options)
    with pytest.raises(NotFitting, match="value-not-allowed"):
        build(root[1], {chosen.name: "no such option"})


@pytest.mark.parametrize("port", PORTS)
async def test_the_same_content_gives_the_same_bytes(port: str) -> None:
    assert await requests(port) == await requests(port)
