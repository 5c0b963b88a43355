"""Money and credits that were edited: nothing is taken back of which it is foreseeable that it
cannot be posted anew."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from activities.settling import SettlingDesk
from connectors.errors import Unavailable
from documents.key import Kind
from documents.row import Action
from tests.bookkeeper import BANKS
from tests.lives.desk import HST, TODAY, Desk, begin
from tests.lives.site import Site
from tests.lives.specs import variant
from workers.demo.people import Line

LONG_AGO = TODAY - timedelta(days=400)


async def ready(site: Site, folder: Path, *, lists_types: bool) -> Desk:
    changes = {"maps": _only_checks()} if lists_types else {}
    return await begin(site, variant(folder, changes), edits="reverse and repost")


def _only_checks() -> dict[str, Any]:
    from ruamel.yaml import YAML

    from tests.mapping.specs import NAV_SPEC

    maps: dict[str, Any] = YAML(typ="safe", pure=True).load(NAV_SPEC.read_text("utf-8"))["maps"]
    rows = {"Check|*|USD": "BANK-USD", "Prepayment|*|USD": "BANK-USD"}
    return {**maps, "bank_accounts": {**maps["bank_accounts"], "rows": rows}}


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("bank-account-unmapped", {"type": "Cash"}),
    ("period-closed", {"date": LONG_AGO.isoformat()}),
    ("customer-blocked", {"amount": {"amount": "60.00", "code": "USD"}}),
]


@pytest.mark.parametrize(("cause", "change"), CHANGES, ids=[cause for cause, _ in CHANGES])
async def test_an_edited_payment_that_cannot_be_posted_anew_stays_as_it_was(
    site: Site, tmp_path: Path, cause: str, change: dict[str, Any]
) -> None:
    desk = await ready(site, tmp_path, lists_types=True)
    invoice = await desk.posted()
    payment = await desk.pay(invoice, "50.00", kind="Check")
    await desk.look(invoice)
    await desk.books.allow_posting(TODAY - timedelta(days=60))
    if cause == "customer-blocked":
        await desk.books.change("Customer", f"'{await desk.customer()}'", Blocked="All")
    await desk.clerk.change_payment(payment, **change)
    status = await desk.look(invoice)
    assert status.cause == cause, status
    assert await desk.entries(Kind.PAYMENT_REVERSAL, payment) == []
    assert await desk.open_amount(Kind.PAYMENT, payment) == "0.00"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "63.00"
    assert await desk.balance(*BANKS) == "50.00"
    assert await desk.books.rows("CashReceiptJournal") == []


@pytest.mark.parametrize("kind", ["goodwill", "prepayment"])
@pytest.mark.parametrize("cause", ["period-closed", "customer-blocked"])
async def test_an_edited_credit_that_cannot_be_posted_anew_stays_as_it_was(
    site: Site, cause: str, kind: str
) -> None:
    desk = await begin(site, edits="reverse and repost")
    credit = await desk.clerk.write_credit(desk.client, "USD", TODAY, kind, "40.00")
    await desk.look_at_credit(credit)
    day = TODAY
    if cause == "customer-blocked":
        await desk.books.change("Customer", f"'{await desk.customer()}'", Blocked="All")
    else:
        day = LONG_AGO
        await desk.books.allow_posting(TODAY - timedelta(days=60))
    await desk.clerk.change_credit(credit, "USD", "45.00", create_date=day.isoformat())
    status = await desk.look_at_credit(credit)
    assert status.cause == cause, status
    own = Kind.CREDIT_NOTE if kind == "goodwill" else Kind.PREPAYMENT
    assert await desk.entries(own.reversal, credit) == []
    assert Decimal(await desk.open_amount(own, credit)) == Decimal("40.00")


async def test_a_credit_that_cannot_be_taken_back_today_keeps_what_people_applied_it_to(
    site: Site,
) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    credit = await desk.clerk.write_credit(desk.client, "USD", TODAY, "goodwill", "40.00")
    await desk.look_at_credit(credit)
    memo = await desk.entry(Kind.CREDIT_NOTE, credit)
    await desk.books.apply(
        memo["Document_No"], (await desk.entry(Kind.INVOICE, invoice))["Document_No"]
    )
    await desk.books.allow_posting(None, TODAY - timedelta(days=1))
    await desk.clerk.delete_credit(credit)
    assert (await desk.look_at_credit(credit)).cause == "period-closed"
    assert await desk.open_amount(Kind.CREDIT_NOTE, credit) == "0.00"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "73.00"


@pytest.mark.parametrize("cause", ["period-closed", "customer-blocked", "adopted-reversal"])
async def test_a_void_that_cannot_be_posted_leaves_the_money_where_it_is(
    site: Site, cause: str
) -> None:
    """It was made loose first: the invoice was open in NAV, for a client who had paid it."""
    desk = await begin(site)
    await desk.posted(Line("Known", "1", "1.00"))
    if cause == "adopted-reversal":
        invoice = await desk.sent()
        number = await desk.books.invoice(await desk.customer(), "113.00", TODAY)
        await desk.look(invoice)
        await desk.decide(invoice, Action.ADOPT, number)
    else:
        invoice = await desk.posted()
    payment = await desk.pay(invoice, "50.00")
    await desk.look(invoice)
    assert await desk.open_amount(Kind.PAYMENT, payment) == "0.00"
    if cause == "customer-blocked":
        await desk.books.change("Customer", f"'{await desk.customer()}'", Blocked="All")
    if cause == "period-closed":
        await desk.books.allow_posting(None, TODAY - timedelta(days=1))
    await desk.clerk.void_invoice(invoice)
    status = await desk.look(invoice)
    assert (status.cause, status.steps) == (cause, []), status
    assert await desk.open_amount(Kind.PAYMENT, payment) == "0.00"


async def test_a_payment_that_is_in_another_currency_now_stays_although_its_invoice_is_voided(
    site: Site,
) -> None:
    """It was reversed with the invoice, and held only when it was to be posted anew."""
    desk = await begin(site, edits="reverse and repost")
    invoice = await desk.posted()
    payment = await desk.pay(invoice, "50.00")
    await desk.look(invoice)
    await desk.clerk.change_payment(payment, amount={"amount": "50.00", "code": "EUR"})
    await desk.clerk.void_invoice(invoice)
    status = await desk.look(invoice)
    assert (status.cause, status.steps) == ("payment-currency", ["prepare reversal"]), status
    assert await desk.open_amount(Kind.INVOICE, invoice) == "63.00"
    assert await desk.balance(*BANKS) == "50.00"


async def test_an_entry_that_the_target_does_not_show_is_asked_for_again(site: Site) -> None:
    """Taken for a draft that waits to be posted, it kept its process waiting without a word."""
    await begin(site)
    settling = SettlingDesk(site.connection, site.store)
    with pytest.raises(Unavailable):
        await settling.unapply(site.connection.key(Kind.PAYMENT, "3999999"))


async def test_an_invoice_whose_credit_went_with_an_edited_payment_is_looked_at_again(
    site: Site,
) -> None:
    """Nothing told it: it stayed open in NAV, and paid in FreshBooks, until a tie-out."""
    desk = await begin(site, edits="reverse and repost", possible_duplicate_days=0)
    first, second = await desk.posted(), await desk.posted()
    payment = await desk.pay(first, "226.00")
    await desk.look(first)
    await desk.use_credit(second, "113.00", await desk.credit_of())
    assert (await desk.look(second)).stage == "closed"
    await desk.clerk.change_payment(payment, amount={"amount": "230.00", "code": "USD"})
    await desk.look(first)
    assert await desk.open_amount(Kind.INVOICE, second) == "113.00"
    waiting = site.store.waiting
    (found,) = await waiting.page(site.connection.name, [Kind.INVOICE])
    assert found.source_id == str(second)
    assert (await desk.look(second)).stage == "closed"
    assert await desk.open_amount(Kind.INVOICE, second) == "0.00"
    assert await waiting.page(site.connection.name, [Kind.INVOICE]) == []


async def test_all_that_is_posted_anew_is_tried_before_anything_is_taken_back(
    site: Site, tmp_path: Path
) -> None:
    """An edit of the invoice and of one of its two payments."""
    desk = await ready(site, tmp_path, lists_types=True)
    invoice = await desk.posted()
    first, second = [await desk.pay(invoice, each, kind="Check") for each in ("50.00", "20.00")]
    await desk.look(invoice)
    await desk.clerk.change_lines(invoice, "USD", [Line("Advice", "2", "100.00", HST)])
    await desk.clerk.change_payment(first, amount={"amount": "60.00", "code": "USD"})
    await desk.clerk.change_payment(second, type="Cash")
    status = await desk.look(invoice)
    assert status.cause == "bank-account-unmapped", status
    for kind, each in ((Kind.INVOICE, invoice), (Kind.PAYMENT, first), (Kind.PAYMENT, second)):
        assert await desk.entries(kind.reversal, each) == []
    assert await desk.open_amount(Kind.INVOICE, invoice) == "43.00"
    await desk.clerk.change_payment(second, type="Check")
    assert (await desk.look(invoice)).reason == "waits for payment of 146.00 USD"
    assert await desk.balance(*BANKS) == "80.00"
