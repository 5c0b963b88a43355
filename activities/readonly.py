"""Ports that only read: what a rehearsal works with, so that it can post nowhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from activities.context import Connection
from connectors.ports import SourcePort, TargetPort

_SOURCE_READS = frozenset(
    {
        *("system", "invoice", "payments", "payment", "customer", "credit_note"),
        *("bill", "bill_payments", "expense", "receipt", "changes", "dated"),
    }
)
_TARGET_READS = frozenset(
    {
        "system",
        "safety",
        "schema",
        "find_customers",
        "lookup",
        "shows_drafts",
        "lookup_number",
        "open_day",
        "find_similar",
        "find_similar_payables",
        "find_vendor_document",
    }
)


class WouldWrite(RuntimeError):
    """A rehearsal called something that may change an outside system: a bug, and stopped here."""


class ReadOnly:
    """Lets through the named reads of a port. Everything else is refused, also what the port
    learns later: nobody has to remember to forbid it."""

    def __init__(self, port: object, reads: frozenset[str]) -> None:
        self._port = port
        self._reads = reads

    def __getattr__(self, name: str) -> Any:
        if name not in self._reads:
            raise WouldWrite(f"a rehearsal must not call {name}")
        return getattr(self._port, name)


def read_only(connection: Connection) -> Connection:
    """The connection with both ports reduced to their reads."""
    return replace(
        connection,
        source=cast(SourcePort, ReadOnly(connection.source, _SOURCE_READS)),
        target=cast(TargetPort, ReadOnly(connection.target, _TARGET_READS)),
    )
