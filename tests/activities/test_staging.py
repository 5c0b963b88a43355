"""Staging: whose customer a line of the source is, over many pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from activities.staging import Stager
from connectors.errors import Misconfigured
from documents.bill import BillVendor
from documents.key import Key, Kind
from documents.ledger import Billed, BookKind, LedgerLine, Mark, Side
from documents.money import Money
from documents.row import DocumentRow, DocumentState
from mapping.mapper import Mapper
from policies.bills.settings import BillPolicy
from policies.expenses.settings import ExpensePolicy, Level, PersonLink
from policies.tieout.settings import TieOutPolicy
from store.cipher import Cipher
from store.keyring import KeyRing
from store.store import Store
from tests.fresh import fresh_database
from tests.mapping.specs import mapper
from workers.wiring import rates_of

CONNECTION = "demo-nav"
DAY = date(2026, 11, 12)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    url = await fresh_database(tmp_path / "tieout.db")
    cipher = Cipher(KeyRing.generate("k1"))
    async with await Store.open(url, cipher) as opened:
        yield opened


def line(client: str) -> LedgerLine:
    return LedgerLine(
        kind=BookKind.INVOICE, match="invoice/1", entry="invoice/1", number="INV-1", reference="",
        party=client, currency="USD", amount=Decimal(113), tax=None, open_amount=None, day=DAY,
        posted=DAY,
    )  # fmt: skip


async def test_every_page_names_customers_also_one_linked_since_the_page_before(
    store: Store,
) -> None:
    stager = Stager(CONNECTION, TieOutPolicy(), store, DAY)
    await store.references.put(CONNECTION, Kind.CUSTOMER, "501", "", "C501")
    for linked in ("client 502", "C502"):
        rows = await stager.source_rows([line("501"), line("502"), line("501")])
        assert [row.party for row in rows] == ["C501", linked, "C501"]
        await store.references.put(CONNECTION, Kind.CUSTOMER, "502", "", "C502")


def claim(match: str, **changes: Any) -> LedgerLine:
    spent = line("3")._replace(kind=BookKind.EXPENSE, match=match, entry=match or "E1", party="V1")
    return spent._replace(**changes)


async def test_expenses_are_of_persons_and_no_movement_of_a_customer(store: Store) -> None:
    policy = ExpensePolicy(
        levels=(Level(above={}, approvers=("a",)),), people=(PersonLink(name="a"),)
    )
    await store.references.put(CONNECTION, Kind.CUSTOMER, "V1", "", "C501")
    stager = Stager(CONNECTION, TieOutPolicy(), store, DAY, policy)
    await stager.stage(1, Side.SOURCE, [line("501"), claim("expense/7")])
    await stager.stage(1, Side.TARGET, [claim("", number="PPI-1"), claim("", entry="E2")])
    assert {row.match for row in await store.lines.of_match(1, Side.SOURCE, ["expense/7"])}
    unkeyed = await store.lines.without_match(1, "", 10)
    assert [Mark(row.marks) for row in unkeyed] == [Mark.NONE, Mark.NONE]
    await store.lines.roll(1)
    assert [movement.party for movement in await store.runs.movements(1)] == ["client 501"]
    none = Stager(CONNECTION, TieOutPolicy(), store, DAY)
    assert await none.source_rows([claim("expense/7")]) == []


def bill(match: str, **changes: Any) -> LedgerLine:
    owed = line("3")._replace(kind=BookKind.BILL, match=match, entry=match or "E1", party="V1")
    return owed._replace(**changes)


async def test_bills_of_others_are_no_concern_but_those_that_were_adopted(store: Store) -> None:
    adopted = DocumentRow(
        connection=CONNECTION, kind=Kind.BILL, source_id="7", target_number="PI-7",
        state=DocumentState.POSTED,
    )  # fmt: skip
    await store.documents.save(adopted)
    stager = Stager(CONNECTION, TieOutPolicy(), store, DAY, bills=BillPolicy())
    there = [bill("", number="PI-7"), bill("", number="PI-8", entry="E2"), bill("bill/9")]
    rows = await stager.target_rows(there)
    assert [(row.match, Mark(row.marks)) for row in rows] == [
        ("bill/7", Mark.ADOPTED), ("bill/9", Mark.NONE),
    ]  # fmt: skip
    none = Stager(CONNECTION, TieOutPolicy(), store, DAY)
    assert await none.target_rows(there) == []
    assert await none.source_rows([bill("bill/9")]) == []


async def test_a_bill_is_its_vendors_and_before_the_cut_over_nobodys(store: Store) -> None:
    vendor = BillVendor(source_id="55", name="Harbour Paper", account_number="V-9")
    said = bill("bill/1", billed=Billed(vendor, DAY), open_amount=Decimal(5))
    paid = said._replace(kind=BookKind.BILL_PAYMENT, match="bill_payment/2")
    policies: tuple[tuple[BillPolicy, list[tuple[str, int | None]]], ...] = (
        (BillPolicy(), [("V-9", 5_000_000), ("V-9", 5_000_000)]),
        (BillPolicy(vendors={"55": "V-PAPER"}, payments="target"), [("V-PAPER", None)]),
        (BillPolicy(cut_over_date=DAY + timedelta(days=1)), []),
    )
    for policy, wanted in policies:
        stager = Stager(CONNECTION, TieOutPolicy(), store, DAY, bills=policy)
        rows = await stager.source_rows([said, paid])
        assert [(row.party, row.open) for row in rows] == wanted


async def test_only_linked_customers_are_compared_and_no_name_is_staged(store: Store) -> None:
    await store.references.put(CONNECTION, Kind.CUSTOMER, "501", "", "C501")
    client = line("501")._replace(
        kind=BookKind.CUSTOMER, match="customer/501", entry="customer/501", amount=Decimal(0),
        name="Acme  Advisory and Sons", posted=date.min,
    )  # fmt: skip
    other = client._replace(party="502", match="customer/502", entry="customer/502")
    card = client._replace(party="C501", entry="C501", name="ACME Advisory and Sons, London")
    stager = Stager(CONNECTION, TieOutPolicy(), store, DAY)
    (left,), (right,) = await stager.source_rows([client, other]), await stager.target_rows([card])
    assert left._replace(entry="", number="") == right._replace(entry="", number="")
    assert left.applied.startswith("USD ")
    assert "cme" not in left.applied
    await stager.stage(1, Side.SOURCE, [client])
    await stager.stage(1, Side.TARGET, [card])
    await store.lines.roll(1)
    assert await store.runs.movements(1) == []
    assert await store.lines.differing(1, Side.SOURCE, ("", ""), 9) == []
    await stager.stage(1, Side.TARGET, [card._replace(marks=Mark.BLOCKED)])
    assert len(await store.lines.differing(1, Side.SOURCE, ("", ""), 9)) == 1
    assert await store.references.page(CONNECTION, Kind.CUSTOMER, "", 9) == [("501", "C501")]
    assert await store.references.page(CONNECTION, Kind.CUSTOMER, "501", 9) == []


async def test_the_rates_of_a_file_stand_beside_amounts_in_other_currencies(
    store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("base,quote,date,rate,source\nEUR,USD,2026-11-10,1.25,the bank\n")
    policy = TieOutPolicy.model_validate(
        {"exchange_rates": {"file": "rates.csv", "currency": "USD", "max_age_days": 2}}
    )
    rates = rates_of(policy, tmp_path)
    stager = Stager(CONNECTION, TieOutPolicy(), store, DAY, rates=rates)
    late = date(2026, 11, 13)
    lines = [
        line("501"), line("501")._replace(currency="EUR"),
        line("501")._replace(currency="EUR", day=late, posted=late),
    ]  # fmt: skip
    rows = await stager.source_rows(lines)
    assert [row.rate for row in rows] == [None, 1_250_000_000, None]
    assert rates_of(TieOutPolicy(), tmp_path) is None
    file.unlink()
    with pytest.raises(Misconfigured, match=r"exchange rates"):
        await stager.source_rows(lines[1:])


async def test_what_is_converted_is_compared_as_it_was_posted_and_no_card_is(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "rates.csv").write_text("base,quote,date,rate,source\n")
    convert = {"to": "USD", "rates": "rates.csv", "difference_account": "4910"}
    converting = mapper(tmp_path, {"currency.convert": convert})

    async def loaded() -> Mapper:
        return converting

    amount, posted = Money.of("113", "EUR"), Money.of("141.25", "USD")
    row = DocumentRow(connection=CONNECTION, kind=Kind.EXPENSE, source_id="7", amount=amount)
    await store.documents.save(row)
    key = Key(tag="T", kind=Kind.EXPENSE, source_id="7")
    await store.postings.open(key, CONNECTION, None, posted)
    await store.references.put(CONNECTION, Kind.CUSTOMER, "501", "", "C501")
    policy = ExpensePolicy(levels=(Level(above={}, approvers=("a",)),), people=(ANYBODY,))
    stager = Stager(CONNECTION, TieOutPolicy(), store, DAY, policy, mapper=loaded)
    card = line("501")._replace(kind=BookKind.CUSTOMER, match="customer/501", currency="EUR")
    (client, spent) = await stager.source_rows([card, claim("expense/7", currency="EUR")])
    assert client.applied.startswith(" ")
    assert (spent.currency, spent.amount) == ("USD", 141_250_000)


ANYBODY = PersonLink(name="a")
