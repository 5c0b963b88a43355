"""Which events concern which process."""

from __future__ import annotations

import pytest

from documents.key import Kind
from workers.gateway.events import DOCUMENTED, Concern, concern_of


@pytest.mark.parametrize("verb", ["create", "update", "delete", "sendByEmail"])
def test_an_invoice_event_concerns_its_own_process(verb: str) -> None:
    assert concern_of(f"invoice.{verb}") == Concern("invoice", Kind.INVOICE)


@pytest.mark.parametrize("kind", [Kind.BILL, Kind.EXPENSE])
@pytest.mark.parametrize("verb", ["create", "update", "delete"])
def test_a_payable_is_looked_at_by_its_own_process(kind: Kind, verb: str) -> None:
    assert concern_of(f"{kind.value}.{verb}") == Concern(kind.value, kind)


@pytest.mark.parametrize("noun", ["payment", "credit_note", "client"])
@pytest.mark.parametrize("verb", ["create", "update", "delete"])
def test_an_event_of_another_object_is_a_hint(noun: str, verb: str) -> None:
    assert concern_of(f"{noun}.{verb}") == Concern(noun)


@pytest.mark.parametrize(
    "event", ["estimate.create", "invoice", "invoice.", "invoice.explode", "INVOICE.create", ""]
)
def test_every_other_name_concerns_nobody(event: str) -> None:
    assert concern_of(event) is None


def test_the_documented_names_are_those_of_the_reference() -> None:
    assert len(DOCUMENTED) == 15 * 3 + 2
    assert {"time_entry.delete", "estimate.sendByEmail"} <= DOCUMENTED
