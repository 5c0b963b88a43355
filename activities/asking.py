"""The books of the target as they are staged: listed, or asked for by the keys that we have."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from activities.books import scope_of, target_ledger
from activities.context import Connection
from activities.reconciling import Begun, StageRequest
from connectors.listings import BY_KEY, LINKED, LedgerPage
from documents.customer import TargetCustomer
from documents.key import Kind
from documents.ledger import BOUGHT, BookKind, LedgerLine, Mark, document_of, match_of
from store.store import Store

_PAGE = 20
_CUSTOMERS = 200
_LATE = timedelta(days=62)
"""How long after its own date a document may have been posted: into the first open period."""


def target_pages(
    connection: Connection, store: Store, request: StageRequest, after: str
) -> AsyncIterator[LedgerPage]:
    """Pages of a listing of the target, whether it lists by itself or is asked by our keys."""
    begun = request.begun
    if request.listing == BY_KEY:
        return _asked_by_key(connection, store, begun, after)
    if request.listing == LINKED:
        return _linked(connection, store, after)
    return target_ledger(connection).entries(
        request.listing, scope_of(connection), begun.since, begun.last, after
    )


async def _asked_by_key(
    connection: Connection, store: Store, begun: Begun, after: str
) -> AsyncIterator[LedgerPage]:
    """Pages of what stands in the target of the expenses and bills that were ever prepared for it;
    the cursor is the match of the last one."""
    ledger, scope = target_ledger(connection), scope_of(connection)
    first = begun.since - _LATE if begun.since else None
    kind, source_id = document_of(after) if after else (BOUGHT[0], "")
    for each in BOUGHT[BOUGHT.index(kind) :]:
        place = source_id if each is kind else ""
        while page := await store.known.generations(
            begun.connection, each, first, begun.last, place, _PAGE
        ):
            place = page[-1][0]
            lines: list[LedgerLine] = []
            for found, generation in page:
                match = match_of(each, found)
                lines += await ledger.entries_of(scope, match, generation)
                if not any(line.match == match for line in lines):
                    lines += await _adopted(connection, store, match)
            near = [
                line
                for line in lines
                if line.posted <= begun.last and (begun.since is None or line.posted >= begun.since)
            ]
            yield LedgerPage(tuple(near), match_of(each, place))
    yield LedgerPage(())


async def _adopted(connection: Connection, store: Store, match: str) -> list[LedgerLine]:
    known = (await store.known.by_match(connection.name, [match])).get(match)
    if known is None or known.state != "posted" or not known.target_number:
        return []
    return await target_ledger(connection).adopted(scope_of(connection), match, known.target_number)


async def _linked(connection: Connection, store: Store, after: str) -> AsyncIterator[LedgerPage]:
    """Pages of the customers that clients are linked to."""
    while page := await store.references.page(connection.name, Kind.CUSTOMER, after, _CUSTOMERS):
        after = page[-1][0]
        yield LedgerPage(tuple(await customer_lines(connection, page)), after)
    yield LedgerPage(())


async def customer_lines(
    connection: Connection, linked: Sequence[tuple[str, str]]
) -> list[LedgerLine]:
    """The customers behind pairs of a client and a customer's number, a line for each client."""
    numbers = list(dict.fromkeys(number for _, number in linked))
    found = {card.number: card for card in await target_ledger(connection).customers(numbers)}
    return [_card(client, found[number]) for client, number in linked if number in found]


def _card(client: str, card: TargetCustomer) -> LedgerLine:
    return LedgerLine(
        kind=BookKind.CUSTOMER,
        match=match_of(Kind.CUSTOMER, client),
        entry=card.number,
        number=card.number,
        reference="",
        party=card.number,
        currency=card.currency or "",
        amount=Decimal(0),
        tax=None,
        open_amount=None,
        day=date.min,
        posted=date.min,
        marks=Mark.BLOCKED if card.blocked.strip() else Mark.NONE,
        name=card.name,
    )
