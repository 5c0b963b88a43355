"""Documents that the mapping converts: settled to the cent at the invoice's rate, or held."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from activities.books import source_ledger
from activities.staging import Stager
from documents.key import Kind
from documents.ledger import SCALE, match_of
from documents.row import Action
from policies.tieout.settings import TieOutPolicy
from tests.bookkeeper import BANKS, RECEIVABLES
from tests.lives.desk import TODAY, Desk, begin
from tests.lives.site import Site
from tests.lives.specs import variant
from tests.mapping.specs import NAV_SPEC
from workers.demo.people import Line

EARLIER = TODAY - timedelta(days=1)
PLAIN = Line("Advice", "1", "100.00")
_RATES: dict[tuple[str, date], str] = {("EUR", TODAY): "1.1037", ("EUR", EARLIER): "1.25"}


def _spec(folder: Path, rates: Mapping[tuple[str, date], str] = _RATES) -> Path:
    whole = YAML(typ="safe", pure=True).load(NAV_SPEC.read_text(encoding="utf-8"))
    currency, maps = whole["currency"], whole["maps"]
    # NAV takes no money of one currency into a bank account of another.
    maps["bank_accounts"]["rows"] = {"*|*|*": "BANK-USD"}
    convert = {"to": "USD", "rates": "rates.csv", "max_age_days": 0, "difference_account": "4910"}
    found = variant(folder, {"currency": {**currency, "convert": convert}, "maps": maps})
    _write(found, rates)
    return found


def _write(spec: Path, rates: Mapping[tuple[str, date], str]) -> None:
    lines = [f"{base},USD,{on},{rate},ECB" for (base, on), rate in rates.items()]
    text = "\n".join(["base,quote,date,rate,source", *lines]) + "\n"
    (spec.parent / "rates.csv").write_text(text, encoding="utf-8")


async def _sent(desk: Desk, *lines: Line, **more: Any) -> int:
    invoice = await desk.sent(*lines, currency="EUR", **more)
    status = await desk.look(invoice)
    assert status.stage in ("posted", "closed"), status
    return invoice


async def test_parts_of_a_converted_invoice_settle_it_to_the_cent_at_its_own_rate(
    site: Site, tmp_path: Path
) -> None:
    spec = _spec(tmp_path)
    desk = await begin(site, spec)
    invoice = await _sent(desk, PLAIN)
    assert (await desk.entry(Kind.INVOICE, invoice))["Amount"] == Decimal("110.37")
    # What the file says later is not what the invoice was posted at.
    _write(spec, {("EUR", TODAY): "9.9", ("EUR", EARLIER): "9.9"})
    for part in ("33.33", "33.33", "33.34"):
        await desk.pay(invoice, part, currency="EUR")
        status = await desk.look(invoice)
    assert status.stage == "closed", status
    assert (await desk.balance(*RECEIVABLES), await desk.balance(*BANKS)) == ("0.00", "110.37")


async def test_the_audit_journal_tells_the_rate_its_day_and_its_source(
    site: Site, tmp_path: Path
) -> None:
    desk = await begin(site, _spec(tmp_path))
    invoice = await _sent(desk, PLAIN)
    payment = await desk.pay(invoice, "100.00", currency="EUR")
    await desk.look(invoice)
    told = f"100.00 EUR is 110.37 USD at 1 EUR = 1.1037 USD of {TODAY} (ECB)"
    for kind, source_id in ((Kind.INVOICE, invoice), (Kind.PAYMENT, payment)):
        row = await desk.row(kind, source_id)
        assert row.amount and str(row.amount) == "100.00 EUR"
        journal = await site.store.audit.of_document(site.connection.name, kind, str(source_id))
        assert told in [entry.why for entry in journal]


async def test_a_void_takes_back_exactly_what_was_converted(site: Site, tmp_path: Path) -> None:
    spec = _spec(tmp_path)
    desk = await begin(site, spec)
    invoice = await _sent(desk, Line("Advice", "3", "33.33", (("HST", "13"),)))
    _write(spec, {})
    await desk.clerk.void_invoice(invoice)
    assert (await desk.look(invoice)).stage == "closed"
    found = await desk.books.rows("GLEntries")
    sums: dict[str, Decimal] = {}
    for entry in found:
        account = str(entry["G_L_Account_No"])
        sums[account] = sums.get(account, Decimal(0)) + entry["Amount"]
    assert found and not any(sums.values()), sums


async def test_a_deleted_payment_and_a_refund_are_at_the_rate_of_the_invoice(
    site: Site, tmp_path: Path
) -> None:
    desk = await begin(site, _spec(tmp_path))
    invoice = await _sent(desk, PLAIN, day=EARLIER)
    payment = await desk.pay(invoice, "100.00", currency="EUR")
    assert (await desk.look(invoice)).stage == "closed"
    refund = await desk.pay(invoice, "-40.00", currency="EUR")
    await desk.look(invoice)
    assert await desk.balance(*BANKS) == "75.00"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "50.00"
    await desk.clerk.delete_payment(refund)
    await desk.clerk.delete_payment(payment)
    await desk.look(invoice)
    assert await desk.balance(*BANKS) == "0.00"
    assert await desk.open_amount(Kind.INVOICE, invoice) == "125.00"


async def test_credit_of_one_rate_is_used_and_of_another_is_held_with_both(
    site: Site, tmp_path: Path
) -> None:
    desk = await begin(site, _spec(tmp_path))
    first = await _sent(desk, PLAIN)
    await desk.pay(first, "150.00", currency="EUR")
    await desk.look(first)
    credit = await desk.credit_of()
    same, other = await _sent(desk, Line("Help", "1", "20.00")), await _sent(desk, day=EARLIER)
    use: dict[str, Any] = {"kind": "Credit", "creditid": credit, "currency": "EUR"}
    await desk.pay(same, "20.00", **use)
    assert (await desk.look(same)).stage == "closed"
    assert await desk.open_amount(Kind.INVOICE, same) == "0.00"
    await desk.pay(other, "30.00", **use)
    status = await desk.look(other)
    assert status.cause == "rates-differ", status
    assert "1.1037" in status.reason and "1.25" in status.reason


async def test_an_edit_to_another_day_is_posted_anew_at_the_rate_of_that_day_with_its_money(
    site: Site, tmp_path: Path
) -> None:
    desk = await begin(site, _spec(tmp_path), edits="reverse and repost")
    invoice = await _sent(desk, PLAIN)
    await desk.pay(invoice, "100.00", currency="EUR")
    assert (await desk.look(invoice)).stage == "closed"
    await desk.clerk.change_invoice(invoice, create_date=EARLIER.isoformat())
    status = await desk.look(invoice)
    assert status.stage == "closed", status
    assert (await desk.balance(*RECEIVABLES), await desk.balance(*BANKS)) == ("0.00", "125.00")


async def test_money_of_an_invoice_that_came_back_at_another_rate_is_held_with_both(
    site: Site, tmp_path: Path
) -> None:
    spec = _spec(tmp_path)
    desk = await begin(site, spec)
    invoice = await _sent(desk, PLAIN)
    await desk.pay(invoice, "40.00", currency="EUR")
    await desk.look(invoice)
    await desk.clerk.void_invoice(invoice)
    await desk.look(invoice)
    _write(spec, {("EUR", TODAY): "1.2"})
    await desk.clerk.restore_invoice(invoice)
    status = await desk.look(invoice)
    assert status.cause == "rates-differ", status
    assert "1.1037" in status.reason and "1.2 USD" in status.reason
    assert await desk.balance(*BANKS) == "44.15"


async def test_a_day_without_a_rate_holds_until_there_is_one(site: Site, tmp_path: Path) -> None:
    spec = _spec(tmp_path, {})
    desk = await begin(site, spec)
    invoice = await desk.sent(PLAIN, currency="EUR")
    status = await desk.look(invoice)
    assert (status.cause, f"from EUR to USD between {TODAY}" in status.reason) == (
        "rate-missing",
        True,
    ), status
    assert await desk.books.rows("GLEntries") == []
    _write(spec, _RATES)
    assert (await desk.decide(invoice, Action.RETRY)).stage == "posted"


async def test_currencies_without_and_with_three_decimals_are_converted_both(
    site: Site, tmp_path: Path
) -> None:
    desk = await begin(site, _spec(tmp_path, {("JPY", TODAY): "0.0067", ("GBP", TODAY): "1.3"}))
    invoice = await desk.sent(Line("Advice", "1", "10007"), currency="JPY")
    await desk.look(invoice)
    for part in ("3335", "3336", "3336"):
        await desk.pay(invoice, part, currency="JPY")
        status = await desk.look(invoice)
    assert status.stage == "closed", status
    assert await desk.balance(*BANKS) == "67.05"


async def test_a_tie_out_compares_what_was_converted_over_what_was_posted(
    site: Site, tmp_path: Path
) -> None:
    desk = await begin(site, _spec(tmp_path))
    invoice = await _sent(desk, PLAIN)
    payment = await desk.pay(invoice, "40.00", currency="EUR")
    await desk.look(invoice)
    connection = site.connection
    stager = Stager(connection.name, TieOutPolicy(), site.store, TODAY, mapper=connection.mapper)
    matches = [match_of(Kind.INVOICE, str(invoice)), match_of(Kind.PAYMENT, str(payment))]
    lines = [line for match in matches if (line := await source_ledger(connection).line(match))]
    rows = await stager.source_rows(lines)
    shown = [(row.currency, row.amount / SCALE) for row in rows]
    assert shown == [("USD", 110.37), ("USD", 44.15)]
    edited = [line._replace(amount=line.amount + 1) for line in lines]
    assert {row.currency for row in await stager.source_rows(edited)} == {"EUR"}


_deeds = st.lists(
    st.tuples(st.sampled_from(["pay", "refund", "delete", "edit", "day"]), st.integers(1, 20_000)),
    min_size=2,
    max_size=6,
)


async def _do(desk: Desk, invoice: int, payments: list[int], deed: str, n: int) -> None:
    """A deed; what FreshBooks does not let people do is not done."""
    amount = str(Decimal(n) / 100)
    with suppress(httpx.HTTPStatusError):
        match deed:
            case "pay":
                payments.append(await desk.pay(invoice, amount, currency="EUR"))
            case "refund" if payments:
                payments.append(await desk.pay(invoice, f"-{amount}", currency="EUR"))
            case "delete" if payments:
                await desk.clerk.delete_payment(payments[n % len(payments)])
            case "edit":
                await desk.clerk.change_lines(invoice, "EUR", [Line("Advice", "1", amount)])
            case "day":
                day = (TODAY, EARLIER)[n % 2]
                await desk.clerk.change_invoice(invoice, create_date=day.isoformat())


@settings(
    max_examples=3,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example([("pay", 17_000), ("refund", 6_000), ("day", 1)])
@given(story=_deeds)
async def test_after_any_life_the_books_are_worth_what_freshbooks_says(
    site: Site, tmp_path_factory: pytest.TempPathFactory, story: list[tuple[str, int]]
) -> None:
    """To a unit for each posting, which rounding of what was taken back may leave."""
    spec = _spec(tmp_path_factory.mktemp("life"))
    desk = await begin(site, spec, edits="reverse and repost")
    invoice, payments = await _sent(desk, PLAIN), list[int]()
    for deed, n in story:
        await _do(desk, invoice, payments, deed, n)
        await desk.look(invoice)
    status = await desk.look(invoice)
    if status.stage == "held":
        assert status.cause == "conversion-remainder", status
    posted = await site.store.postings.of_document(site.connection.name, Kind.INVOICE, str(invoice))
    made = posted[-1].exchange
    assert made is not None
    unit = Decimal("0.01") * (len(story) + 1)
    open_ = Decimal(await desk.open_amount(Kind.INVOICE, invoice, posted[-1].generation))
    owed = max(await desk.clerk.outstanding(invoice), Decimal(0))
    assert abs(open_ - owed * made.rate.rate) < unit, (status, open_, owed)
    found = await site.source.payments(str(invoice))
    money = sum((payment.amount.amount for payment in found), Decimal(0))
    assert abs(Decimal(await desk.balance(*BANKS)) - money * made.rate.rate) < unit, (status, money)
