"""Bills in AX: posted, settled with what is paid, taken back, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.ax.adapter import AxTarget
from connectors.ax.content import Content, text_of
from connectors.errors import Rejected
from connectors.listings import Scope
from documents.hold import HoldRequired
from documents.key import Key, Kind
from documents.ledger import BookKind, Mark
from documents.money import Money
from documents.posting import Posting, PostingState
from documents.record import Figures
from mapping.mapper import Mapper
from store.cipher import Cipher
from store.keyring import KeyRing
from store.store import Store
from tests.connectors.ax_books import Books, ax_books
from tests.connectors.ax_posting import poster_of
from tests.connectors.test_ax_mapping import SPEC
from tests.mapping.test_bills import KEY, ON, PAID, bill, line, paid

BACK = PAID.of_kind(Kind.BILL_PAYMENT_REVERSAL)


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with ax_books(posting_after=3600.0) as found:
        await found.person("vendor", account="V-PAPER", name="Harbour Paper", group="VEND")
        yield found


@pytest.fixture
async def ax(books: Books) -> AsyncIterator[AxTarget]:
    async with books.target(posting="service") as target:
        yield target


async def _bill(ax: AxTarget, key: Key = KEY) -> Posting:
    mapper = Mapper.load(SPEC, await ax.schema())
    found = bill(line("Supplies", "100.00", "13.00"))
    await ax.create(key, mapper.map_bill(found, "V-PAPER", key, ON))
    return await ax.post(key)


class _ByHand(Key):
    """What a clerk types where we write our key, who knows nothing of keys."""

    typed: str = ""

    def text(self) -> str:
        return self.typed


async def _by_hand(ax: AxTarget, voucher: str = "GJ-77", net: str = "100.00") -> None:
    """A clerk enters a bill over 113.00, as a journal of their own."""
    mapper = Mapper.load(SPEC, await ax.schema())
    record = mapper.map_bill(bill(line("Supplies", net, "13.00")), "V-PAPER", KEY, ON)
    key = _ByHand.model_construct(**KEY.model_dump(), typed=f"paper for {net}")
    reference = {"PaymReference": key.text()}
    lines = tuple(
        {**each, **(reference if "PaymReference" in each else {}), "Voucher": voucher}
        for each in record.lines
    )
    await ax.create(key, record.model_copy(update={"lines": lines}))
    assert (await ax.post(key)).state is PostingState.POSTED


async def test_a_bill_that_a_clerk_posted_is_found_by_its_voucher_and_adopted(
    ax: AxTarget, tmp_path: Path
) -> None:
    """Adopting a cost on AX always ended as not found."""
    await _by_hand(ax)
    found = bill(line("Supplies", "100.00", "13.00"))
    total = Figures(net=found.total, tax=Money.zero("USD"), total=found.total)
    cipher = Cipher(KeyRing.generate("k"))
    async with await Store.open(f"sqlite:///{tmp_path}/t.db", cipher, migrate=True) as store:
        poster = poster_of(ax, store, 60)
        with pytest.raises(HoldRequired, match="GJ-78"):
            await poster.adopt(KEY, "GJ-78", total, "V-PAPER")
        with pytest.raises(HoldRequired, match="GJ-77"):
            await poster.adopt(KEY, "GJ-77", total, "V-OTHER")
        adopted = await poster.adopt(KEY, "GJ-77", total, "V-PAPER")
        assert (adopted.number, adopted.remaining) == ("GJ-77", found.total)
    scope = Scope(tag="T")
    assert await ax.ledger.entries_of(scope, "bill/7000001", 1) == []
    (told,) = await ax.ledger.adopted(scope, "bill/7000001", "GJ-77")
    assert (told.amount, told.marks, told.party) == (Decimal(113), Mark.ADOPTED, "V-PAPER")
    # What was adopted is looked up by its number, and paid like any other.
    await _pay(ax, "113.00", "GJ-77")
    settled = await ax.apply(PAID, "GJ-77", None, Kind.BILL)
    assert settled.remaining == Money.zero("USD")
    assert (await ax.lookup_number(KEY, "GJ-77")).remaining == Money.zero("USD")
    paid_by = (await ax.lookup(PAID)).number or ""
    assert (await ax.lookup_number(PAID, paid_by)).state is PostingState.POSTED


async def test_what_a_clerk_owes_a_vendor_over_an_amount_is_found_without_what_is_ours(
    ax: AxTarget,
) -> None:
    await _bill(ax)
    amount = Money.of("113.00", "USD")
    assert await ax.find_similar_payables("V-PAPER", amount, ON, 3) == []
    await _by_hand(ax)
    (found,) = await ax.find_similar_payables("V-PAPER", amount, ON + timedelta(days=3), 3)
    assert (found.number, found.party, found.remaining) == ("GJ-77", "V-PAPER", amount)
    assert await ax.find_similar_payables("V-PAPER", amount, ON + timedelta(days=4), 3) == []
    assert await ax.find_similar_payables("V-OTHER", amount, ON, 3) == []
    assert await ax.find_similar_payables("V-PAPER", Money.of("113.00", "EUR"), ON, 3) == []


async def test_a_voucher_of_several_debts_is_a_hold(ax: AxTarget) -> None:
    """Which of them is meant nobody can tell."""
    await _by_hand(ax)
    await _by_hand(ax, net="20.00")
    with pytest.raises(Rejected, match="duplicate-in-target"):
        await ax.lookup_number(KEY, "GJ-77")
    # A tie-out goes on: the bill is missing, and a person looks.
    assert await ax.ledger.adopted(Scope(tag="T"), "bill/7000001", "GJ-77") == []


async def _pay(ax: AxTarget, amount: str, number: str) -> Posting:
    mapper = Mapper.load(SPEC, await ax.schema())
    record = mapper.map_bill_payment(paid(amount), "HP-778", "V-PAPER", PAID, ON, number)
    await ax.create(PAID, record)
    return await ax.post(PAID)


async def test_a_payment_is_settled_with_its_bill_once_and_taken_back_leaves_it_open(
    ax: AxTarget,
) -> None:
    posted = await _bill(ax)
    assert posted.remaining == Money.of("113.00", "USD")
    assert (await _pay(ax, "13.00", posted.number or "")).remaining == Money.of("13.00", "USD")
    for _ in range(2):
        settled = await ax.apply(PAID, posted.number or "", None, Kind.BILL)
        assert settled.remaining == Money.zero("USD")
    assert (await ax.lookup(KEY)).remaining == Money.of("100.00", "USD")
    scope = Scope(tag="T")
    (owed,) = await ax.ledger.entries_of(scope, "bill/7000001", 1)
    (given,) = await ax.ledger.entries_of(scope, "bill_payment/7200001", 1)
    assert (owed.kind, owed.amount, owed.open_amount) == (BookKind.BILL, Decimal(113), Decimal(100))
    assert (given.kind, given.amount) == (BookKind.BILL_PAYMENT, Decimal(13))
    for _ in range(2):
        assert (await ax.reverse(PAID, BACK, ON)).state is PostingState.POSTED
    assert (await ax.lookup(PAID)).state is PostingState.REVERSED
    both = await ax.ledger.entries_of(scope, "bill_payment/7200001", 1)
    assert sum(line.amount for line in both) == 0
    assert (await ax.lookup(KEY)).remaining == Money.of("113.00", "USD")


async def test_a_payment_of_a_bill_that_is_not_there_is_a_hold(ax: AxTarget) -> None:
    await _pay(ax, "13.00", "NO-SUCH")
    with pytest.raises(Rejected, match="applies-to-absent"):
        await ax.apply(PAID, "NO-SUCH", None, Kind.BILL)


async def test_what_a_vendor_is_owed_under_a_number_is_found_without_what_is_ours(
    ax: AxTarget,
) -> None:
    posted = await _bill(ax)
    assert await ax.find_vendor_document("V-PAPER", "HP-778") == []
    asked: Content = {"_accountNum": "V-PAPER", "_documentNum": "HP-778"}
    answer = await ax._custom._call("findVendorDocuments", asked, writes=False)
    assert [text_of(one, "Voucher") for one in answer] == [posted.number]
