"""A dry run says what would become of everything, and sends nothing anywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from temporalio.testing import ActivityEnvironment

from activities.backfill import BackfillActivities
from activities.errands import BackfillPage, BackfillRequest, Opening
from activities.readonly import ReadOnly, WouldWrite, read_only
from activities.telling import Messengers
from documents.key import Kind
from documents.money import Money
from tests.opening.history import History
from workers.demo.people import Line


async def _rehearsed(history: History, kind: str = "invoice") -> BackfillPage:
    def no_client() -> None:
        raise AssertionError("a dry run starts nothing")

    steps = BackfillActivities(history.site.place, Messengers(no_client))  # type: ignore[arg-type]
    request = BackfillRequest(
        connection=history.site.connection.name,
        source="freshbooks",
        kind=kind,
        since=history.before - timedelta(days=1),
        dry_run=True,
    )
    page: BackfillPage = await ActivityEnvironment().run(steps.rehearse_page, request)
    return page


def _lines(page: BackfillPage) -> dict[tuple[str, str], tuple[int, str]]:
    """Number and amounts by kind and outcome."""
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for line in page.lines:
        number, amounts = found.get((line.kind, line.outcome), (0, ""))
        shown = ", ".join(filter(None, (amounts, str(line.amount))))
        found[line.kind, line.outcome] = (number + line.number, shown)
    return found


async def test_it_says_what_would_be_posted_linked_held_and_ignored(history: History) -> None:
    linked = await history.invoice("250.00", history.before)
    await history.site.books.invoice(
        history.customer, "250.00", history.before, await history.number(linked)
    )
    await history.pay(linked, "20.00", history.after)
    await history.invoice("99.00", history.before)
    await history.invoice("40.00", history.after)
    advice = [Line("Advice", "1", "5.00")]
    unmapped = await history.site.clerk.write_invoice(history.client, "SEK", history.after, advice)
    await history.site.clerk.send_invoice(unmapped)
    settled = await history.invoice("60.00", history.before)
    await history.pay(settled, "60.00", history.before)

    page = await _rehearsed(history)
    assert _lines(page) == {
        ("invoice", "in the books"): (1, "10.00 USD"),
        ("invoice", "link"): (1, "250.00 USD"),
        ("invoice", "hold"): (2, "5.00 SEK, 99.00 USD"),
        ("invoice", "post"): (1, "40.00 USD"),
        ("invoice", "ignore"): (1, "60.00 USD"),
        ("payment", "in the books"): (1, "10.00 USD"),
        ("payment", "post"): (1, "20.00 USD"),
        ("payment", "ignore"): (1, "60.00 USD"),
    }
    assert len(page.examples) == 2
    assert any("99.00 USD" in example.reason for example in page.examples)


async def test_it_says_what_would_become_of_credits(history: History) -> None:
    await history.site.books.receipt(history.customer, "70.00", history.before)
    await history.credit("70.00", history.before, "prepayment")
    await history.credit("30.00", history.before, "goodwill")
    await history.credit("15.00", history.after, "goodwill")
    page = await _rehearsed(history, "credit_note")
    assert _lines(page) == {
        ("credit note", "hold"): (1, "30.00 USD"),
        ("credit note", "link"): (1, "70.00 USD"),
        ("credit note", "post"): (1, "15.00 USD"),
    }


async def test_it_writes_nothing_anywhere(history: History) -> None:
    await history.invoice("250.00", history.before)
    await history.invoice("40.00", history.after)
    new = await history.site.clerk.add_client("Nobody Yet", "ap@nobody.example")
    draft = await history.site.clerk.write_invoice(
        new, "USD", history.after, [Line("Advice", "1", "1.00")]
    )
    await history.site.clerk.send_invoice(draft)
    ledger, customers = await history.entries(), await history.site.books.rows("Customer")
    name = history.site.connection.name
    documents = await history.site.store.conservation.totals(name)

    sent = await _methods(history, lambda: _rehearsed(history))
    assert sent <= {"GET"}
    assert await history.entries() == ledger
    assert await history.site.books.rows("Customer") == customers
    assert await history.site.store.conservation.totals(name) == documents
    assert await history.site.store.postings.of_document(name, Kind.INVOICE, str(draft)) == []


async def _methods(history: History, work: object) -> set[str]:
    """The HTTP methods with which both systems were called during some work."""
    seen: set[str] = set()

    async def note(request: httpx.Request) -> None:
        seen.add(request.method)

    clients = [
        history.site.source._client._transport._client,
        history.site.target._transports[0]._client,
    ]
    for client in clients:
        client.event_hooks["request"].append(note)
    try:
        await work()  # type: ignore[operator]
    finally:
        for client in clients:
            client.event_hooks["request"].remove(note)
    return seen


async def test_its_ports_refuse_whatever_may_change_something(history: History) -> None:
    connection = read_only(history.site.connection)
    for write in ("create", "post", "reverse", "apply", "unapply", "discard", "create_customer"):
        with pytest.raises(WouldWrite):
            getattr(connection.target, write)
    for write in ("write_reference", "register_callback", "something of next year"):
        with pytest.raises(WouldWrite):
            getattr(connection.source, write)
    assert isinstance(connection.target, ReadOnly)


async def test_opening_balances_are_compared_per_currency(history: History) -> None:
    tied = await history.invoice("250.00", history.before)
    await history.site.books.invoice(
        history.customer, "250.00", history.before, await history.number(tied)
    )
    await history.invoice("99.00", history.before)
    await history.credit("30.00", history.before, "prepayment")
    await history.site.books.receipt(history.customer, "30.00", history.before)
    (usd,) = await _opening(history)
    assert usd.source == Money.of("319.00", "USD")
    assert usd.target == Money.of("220.00", "USD")
    assert not usd.ties


async def test_what_came_since_the_cut_over_does_not_count_until_it_is_posted(
    history: History,
) -> None:
    old = await history.invoice("250.00", history.before)
    number = await history.number(old)
    await history.site.books.invoice(history.customer, "250.00", history.before, number)
    credit = await history.credit("30.00", history.before, "prepayment")
    await history.site.books.receipt(history.customer, "30.00", history.before)
    (usd,) = await _opening(history)
    assert (usd.ties, usd.source) == (True, Money.of("220.00", "USD"))
    await history.pay(old, "100.00", history.after)
    new = await history.invoice("40.00", history.after)
    clerk = history.site.clerk
    await clerk.enter_payment(new, Decimal(20), "USD", history.after, "Credit", creditid=credit)
    await clerk.enter_payment(old, Decimal(10), "USD", history.after, "Credit", creditid=credit)
    (usd,) = await _opening(history)
    assert (usd.ties, usd.source) == (True, Money.of("220.00", "USD"))
    assert (await history.driver.invoice(old)).stage in ("posted", "held")
    (usd,) = await _opening(history)
    assert usd.ties, usd


async def _opening(history: History) -> tuple[Opening, ...]:
    steps = BackfillActivities(history.site.place, Messengers(lambda: None))  # type: ignore[arg-type, return-value]
    request = BackfillRequest(
        connection=history.site.connection.name,
        source="freshbooks",
        kind="invoice",
        since=datetime.now(UTC).date(),
        dry_run=True,
    )
    page: BackfillPage = await ActivityEnvironment().run(steps.opening_balances, request)
    return page.opening
