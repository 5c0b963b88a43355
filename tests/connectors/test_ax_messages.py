"""Message ids, field paths and values, before anything is sent."""

from __future__ import annotations

import uuid

import pytest

from connectors.ax.content import build, flatten
from connectors.ax.envelope import Envelopes
from connectors.ax.ids import MessageIds, seed
from connectors.ax.markup import parse_xml
from connectors.ax.models import Node, NotFitting, Operation, Shape, Value
from connectors.ax.paths import entity_schema, source_of, steps
from connectors.ax.settings import AxSettings
from connectors.errors import OutcomeUnknown, Unavailable
from documents.key import Key, Kind
from documents.record import FieldValue, MappedRecord

KEY = Key(tag="FB", kind=Kind.INVOICE, source_id="1000001")
RECORD = MappedRecord(kind=Kind.INVOICE, entity="free_text_invoice", header={"A": "1"})


def text(name: str, length: int | None = 10, *options: str) -> Node:
    return Node(name, "urn:d", Value("string", length, options))


def shape(name: str, *nodes: Node, attributes: frozenset[str] = frozenset()) -> Shape:
    return Shape(name, "urn:d", {node.name: node for node in nodes}, attributes)


def entity() -> Node:
    """A root with a polymorphic child that has contacts, an account and a set of dimensions."""
    marks = frozenset({"class", "action"})
    pair = shape("Value", text("Name"), text("Value", 30))
    values = Node("Values", "urn:d", shape=shape("Values", Node("Value", "urn:d", shape=pair)))
    account = shape("Acc", text("DisplayValue"), text("MainAccount"), values)
    kind, primary = text("Type", None, "Phone", "Email"), text("IsPrimary", None, "No", "Yes")
    contact = shape("Contact", kind, text("Locator"), primary, attributes=marks)
    contacts = Node("Contact", "urn:d", shape=contact, many=True)
    party = shape("Party", text("Name"), contacts, attributes=marks)
    born = Node("Born", "urn:d", Value("date"))
    party.derived["Person"] = Shape("Person", "urn:d", {**party.nodes, "Born": born}, marks)
    return Node(
        "Root",
        "urn:d",
        shape=shape(
            "Root",
            text("Code", 5),
            Node("Amount", "urn:d", Value("decimal")),
            text("Ready", None, "No", "Yes"),
            Node("Account", "urn:d", shape=account),
            Node("Set", "urn:d", shape=shape("Set", values)),
            Node("Party", "urn:d", shape=party, many=True),
            attributes=marks,
        ),
    )


RECORD_FIELDS: dict[str, FieldValue] = {
    "Party.Contact[Type=Email].Locator": "a@b.c",
    "Party.Contact[Type=Phone].Locator": "1 & 2",
    "Party.Name": "Ö",
    "Party": "Person",
    "Party.Born": "2000-01-31",
    "Account.Dep": "S",
    "Account": "4000",
    "Set.Dep": "S",
    "Set.Cost": "",
    "Ready": True,
    "Amount": "-1.50",
    "Code": "x",
}  # fmt: skip


def written(content: dict[str, FieldValue]) -> bytes:
    request = Node("Req", "urn:s", shape=Shape("Req", "urn:s", {"Root": entity()}))
    operation = Operation("create", "urn:s/create", request, request, None)
    settings = AxSettings(base_url="http://ax", company="USMF")
    return Envelopes(operation, settings).write({"Root": [build(entity(), content)]})


def test_a_flat_record_becomes_nested_in_the_order_of_the_description_and_reads_back() -> None:
    message = written(RECORD_FIELDS)
    assert message == written(dict(reversed(RECORD_FIELDS.items())))
    root = parse_xml(message)[1][0][0]
    assert [str(e.tag).rpartition("}")[2] for e in root] == [
        "Code", "Amount", "Ready", "Account", "Set", "Party",
    ]  # fmt: skip
    assert root.get("class") == "entity"
    read = flatten(root, entity())
    wanted = {name: "Yes" if value is True else value for name, value in RECORD_FIELDS.items()}
    del wanted["Set.Cost"]
    assert {name: read[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("field", "value", "cause"),
    [
        ("Code", "toolong", "text-too-long"),
        ("Amount", "1e3", "value-not-allowed"),
        ("Amount", "NaN", "value-not-allowed"),
        ("Ready", "Maybe", "value-not-allowed"),
        ("Party.Born", "31.1.2000", "value-not-allowed"),
        ("Account.Dep.More", "x", "field-unknown"),
        ("Set", "x", "field-unknown"),
        ("Code.More", "x", "field-unknown"),
        ("Nothing", "x", "field-unknown"),
        ("a path", "x", "field-unknown"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_field(field: str, value: str, cause: str) -> None:
    with pytest.raises(NotFitting) as caught:
        build(entity(), {"Party": "Person", field: value})
    assert caught.value.cause == cause
    assert caught.value.values["field"] == field


def test_a_child_of_several_types_needs_to_say_which() -> None:
    with pytest.raises(NotFitting, match="value-missing"):
        build(entity(), {"Party.Name": "x"})


def test_a_schema_offers_every_field_by_its_path() -> None:
    fields = entity_schema("thing", entity(), ("Dep",)).fields
    assert {"Code", "Party", "Party.Born", "Account", "Account.Dep", "Set.Dep"} <= set(fields)
    assert fields["Party.Contact[Type=Email].Locator"].max_length == 10
    assert fields["Party"].options == ("Person",)
    assert source_of("Party.Contact[Type=Email].Locator", "Root") == ("Contact", "Locator")
    assert source_of("Code", "Root") == ("Root", "Code")
    assert steps("not a path") == ()


def test_the_message_id_belongs_to_key_record_port_and_company() -> None:
    ids = MessageIds(5.0)
    same = ids.of(seed("usmf", "Port", KEY, RECORD))
    assert uuid.UUID(same).version == 5
    assert same == MessageIds(1.0).of(seed("USMF", "Port", KEY, RECORD))
    other = RECORD.model_copy(update={"header": {"A": "2"}})
    again = KEY.model_copy(update={"generation": 2})
    different = {
        ids.of(text)
        for text in (
            seed("usmf", "Port", KEY, other),
            seed("usmf", "Port", again, RECORD),
            seed("usmf", "Other", KEY, RECORD),
            seed("dat", "Port", KEY, RECORD),
        )
    }
    assert len(different | {same}) == 5
    traced = RECORD.model_copy(update={"spec": "another spec"})
    assert ids.of(seed("usmf", "Port", KEY, traced)) == same


def test_a_refused_id_is_given_up_only_after_the_refused_call_must_have_ended() -> None:
    now = [100.0]
    ids = MessageIds(10.0, clock=lambda: now[0])
    first = ids.of("s")
    with pytest.raises(Unavailable), ids.sending("s"):
        raise Unavailable("ax", "create", "Deadlock")
    assert not ids.give_up("s")
    now[0] += 9.9
    assert not ids.give_up("s")
    assert ids.of("s") == first
    now[0] += 0.2
    assert ids.give_up("s")
    second = ids.of("s")
    assert second != first
    assert not ids.give_up("s")


def test_an_id_whose_answer_was_lost_or_that_nobody_saw_refused_is_never_given_up() -> None:
    now = [0.0]
    ids = MessageIds(10.0, clock=lambda: now[0])
    with pytest.raises(OutcomeUnknown), ids.sending("lost"):
        raise OutcomeUnknown("ax", "create", "no reply")
    now[0] = 1000.0
    assert not ids.give_up("lost")
    assert not ids.give_up("never sent by this process")
