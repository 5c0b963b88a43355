"""Ledgers of NAV page by page, in the order of their entry numbers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date

from connectors.errors import Misconfigured
from connectors.listings import Scope
from connectors.nav.errors import SYSTEM
from connectors.nav.ledger import is_our_key
from connectors.nav.odata import Entity, ODataClient
from documents.key import Key
from documents.ledger import Mark
from documents.ledger_keys import marks_of_key


async def walk(
    odata: ODataClient,
    service: str,
    filters: Sequence[str],
    operation: str,
    after: str,
    fields: Sequence[str] = (),
) -> AsyncIterator[tuple[list[Entity], str]]:
    """Pages behind a cursor, with the cursor behind each; `fields` as in `ODataClient.pages`.
    Misconfigured for a service that does not keep to the order it was asked for: whoever goes on
    from a cursor would skip entries."""
    greatest = int(after or 0)
    wanted = [*filters, f"Entry_No gt {greatest}"]
    pages = odata.pages(
        service, operation=operation, filters=wanted, orderby="Entry_No", fields=fields
    )
    async for page in pages:
        numbers = [int(entry.number("Entry_No")) for entry in page]
        if numbers != sorted(numbers) or min(numbers, default=greatest + 1) <= greatest:
            raise Misconfigured(SYSTEM, operation, f"{service} does not list by Entry_No")
        greatest = max(numbers, default=greatest)
        yield page, str(greatest)


def between(first: date | None, last: date) -> list[str]:
    """Filters for posting dates, both ends included."""
    bounds = [f"Posting_Date le {last}"]
    return bounds if first is None else [f"Posting_Date ge {first}", *bounds]


def key_of(text: str, scope: Scope) -> Key | None:
    """Our key in a reference; None for what carries none with the scope's tag."""
    if not is_our_key(text):
        return None
    key = Key.parse(text)
    return key if key.tag == scope.tag else None


def marks_of(entry: Entity, key: Key | None) -> Mark:
    """Whether an entry takes back another one, or was taken back."""
    told = marks_of_key(key)
    if told & Mark.REVERSAL or entry["Reversed"] is not True:
        return told
    return told | Mark.REVERSED
