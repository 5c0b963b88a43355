"""A small difference is written off once, within its limits, and can be taken back."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import pytest_asyncio

from documents.key import Kind
from documents.posting import PostingState
from documents.sign_off import SignOff, SignOffState
from documents.tieout import Break, BreakState, BreakType
from policies.tieout.settings import TieOutPolicy
from tests.bookkeeper import Row
from tests.core.decided import PERIOD, Decided
from tests.core.desk import TODAY, Desk, advice
from workers.refusal import Refusal

POLICY = TieOutPolicy(write_off_account="6500", write_off_period_limit=Decimal("1.50"))


@pytest_asyncio.fixture
async def people(desk: Desk) -> Decided:
    desk.site.connection.tie_out = POLICY
    return Decided.beside(desk)


async def apart(desk: Desk, amount: str, paid: str = "", day: date = TODAY) -> tuple[int, Row]:
    """An invoice that was posted over 100.00 and is over another amount at the source since."""
    invoice = await desk.sent()
    if paid:
        await desk.site.clerk.enter_payment(invoice, Decimal(paid), "USD", day)
    await desk.driver.invoice(invoice)
    await desk.site.clerk.change_lines(invoice, "USD", advice(amount))
    number = (await desk.row(invoice)).target_number
    (entry,) = await desk.site.books.rows("CustomerLedgerEntries", Document_No=number)
    return invoice, entry


async def written_off(desk: Desk, generation: int = 1, invoice: int = 0) -> list[Row]:
    key = desk.key(Kind.WRITE_OFF, invoice, generation).text()
    return await desk.site.books.rows("CustomerLedgerEntries", External_Document_No=key)


async def bad_debts(desk: Desk) -> Decimal:
    found = await desk.site.books.rows("GLEntries", G_L_Account_No="6500")
    return sum((row["Amount"] for row in found), Decimal(0))


async def test_what_the_target_has_too_much_is_credited_and_settles_the_invoice(
    desk: Desk, people: Decided
) -> None:
    invoice, entry = await apart(desk, "99.60")
    found = await people.differs(invoice, entry, "99.60")
    await people.written_off(found)
    done = await people.carried_out(found)
    assert "written off by" in done.how
    now = await people.read(found)
    assert (now.state, now.booked_as) == (
        BreakState.CLOSED,
        desk.key(Kind.WRITE_OFF, invoice).text(),
    )
    assert "proposed by Ada: a rounding; approved by Ben" in now.how
    (line,) = await written_off(desk, invoice=invoice)
    assert (line["Amount"], line["Remaining_Amount"]) == (Decimal("-0.40"), 0)
    (original,) = await desk.site.books.rows("CustomerLedgerEntries", Entry_No=entry["Entry_No"])
    assert original["Remaining_Amount"] == Decimal("99.60")
    assert await bad_debts(desk) == Decimal("0.40")
    journal = await desk.site.store.audit.of_document(found.connection, Kind.INVOICE, str(invoice))
    told = [e.what for e in journal if e.what.startswith("break")]
    assert told == [
        "break amount: write-off proposed",
        "break amount: write-off approved",
        f"break amount: written off by {now.booked_as}",
    ]


async def test_what_the_target_lacks_is_debited_and_settled_with_what_was_paid_too_much(
    desk: Desk, people: Decided
) -> None:
    """The client paid what the source says now: what is left of it in the target has its debit."""
    invoice, entry = await apart(desk, "100.40", paid="100.40")
    paid = {"Customer_No": entry["Customer_No"], "Document_Type": "Payment"}
    (payment,) = await desk.site.books.rows("CustomerLedgerEntries", **paid)
    assert payment["Remaining_Amount"] == Decimal("-0.40")
    found = await people.differs(invoice, entry, "100.40")
    await people.written_off(found)
    await people.carried_out(found)
    (line,) = await written_off(desk, invoice=invoice)
    assert (line["Amount"], line["Remaining_Amount"]) == (Decimal("0.40"), 0)
    (payment,) = await desk.site.books.rows("CustomerLedgerEntries", **paid)
    assert payment["Remaining_Amount"] == 0
    assert await bad_debts(desk) == Decimal("-0.40")


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        (TieOutPolicy(), "not set up"),
        (TieOutPolicy(write_off_account="6500"), "not set up"),
        (POLICY.model_copy(update={"write_off_limit": Decimal("0.39")}), "above the limit of 0.39"),
        (POLICY.model_copy(update={"write_off_period_limit": Decimal("0.39")}), "limit of 0.39"),
    ],
)
async def test_a_write_off_needs_an_account_and_limits(
    desk: Desk, people: Decided, policy: TieOutPolicy, why: str
) -> None:
    """When it is proposed, and again when it is carried out: the settings may have changed."""
    invoice, entry = await apart(desk, "99.60")
    found = await people.differs(invoice, entry, "99.60")
    with pytest.raises(Refusal, match=why):
        await people.proposed_to_write_off(found, policy)
    await people.written_off(found)
    desk.site.connection.tie_out = policy
    assert why in (await people.carried_out(found)).how
    await _nothing_is_left(desk, people, invoice, found)


async def _nothing_is_left(desk: Desk, people: Decided, invoice: int, found: Break) -> None:
    assert (await people.read(found)).state is BreakState.OPEN
    assert await written_off(desk, invoice=invoice) == []
    assert await desk.site.books.rows("GeneralJournal", Journal_Batch_Name="TIEOUT") == []
    row = await desk.site.store.postings.get(desk.key(Kind.WRITE_OFF, invoice).text())
    assert row is None or (row.state, row.record) == (PostingState.ABSENT, None)


async def test_the_limit_of_a_period_counts_every_write_off_in_it(
    desk: Desk, people: Decided
) -> None:
    for _ in range(2):
        invoice, entry = await apart(desk, "99.30")
        found = await people.differs(invoice, entry, "99.30")
        await people.written_off(found)
        assert "written off by" in (await people.carried_out(found)).how
    invoice, entry = await apart(desk, "100.20")
    found = await people.differs(invoice, entry, "100.20")
    with pytest.raises(Refusal, match=r"1\.40 USD were written off"):
        await people.written_off(found)


async def test_the_limit_counts_what_was_booked_and_not_what_was_refused_before(
    desk: Desk, people: Decided
) -> None:
    """The second write-off takes the key that the first one was refused under."""
    invoice, entry = await apart(desk, "99.90")
    found = await people.differs(invoice, entry, "99.90")
    await people.written_off(found)
    desk.site.connection.tie_out = POLICY.model_copy(update={"write_off_period_limit": Decimal(0)})
    assert "not written off" in (await people.carried_out(found)).how
    desk.site.connection.tie_out = POLICY
    await desk.site.clerk.change_lines(invoice, "USD", advice("99.10"))
    found = await people.differs(invoice, entry, "99.10")
    await people.written_off(found)
    assert "written off by" in (await people.carried_out(found)).how
    other, entry = await apart(desk, "99.30")
    with pytest.raises(Refusal, match=r"0\.90 USD were written off"):
        await people.written_off(await people.differs(other, entry, "99.30"))


async def test_nothing_is_written_off_in_a_closed_period(desk: Desk, people: Decided) -> None:
    invoice, entry = await apart(desk, "99.60")
    found = await people.differs(invoice, entry, "99.60")
    await people.written_off(found)
    await desk.site.books.allow_posting(TODAY + timedelta(days=1))
    assert "is closed in the target" in (await people.carried_out(found)).how
    await _nothing_is_left(desk, people, invoice, found)


async def test_nothing_is_written_off_in_a_period_that_was_signed_off(
    desk: Desk, people: Decided
) -> None:
    invoice, entry = await apart(desk, "99.60")
    found = await people.differs(invoice, entry, "99.60")
    signed = SignOff(
        connection=found.connection, period=PERIOD, state=SignOffState.SIGNED_OFF, digest="",
        preparer="Ada", prepared_at=people.now,
    )  # fmt: skip
    await desk.site.store.sign_offs.add(signed)
    with pytest.raises(Refusal, match="is signed off"):
        await people.written_off(found)


@pytest.mark.parametrize("where", ["source", "target"])
async def test_a_difference_that_moved_since_it_was_approved_is_not_written_off(
    desk: Desk, people: Decided, where: str
) -> None:
    invoice, entry = await apart(desk, "99.60")
    seen = entry if where == "source" else {**entry, "Amount": Decimal("100.10")}
    found = await people.differs(invoice, seen, "99.60")
    await people.written_off(found)
    if where == "source":
        await desk.site.clerk.change_lines(invoice, "USD", advice("99.50"))
    done = await people.carried_out(found)
    assert "not written off" in done.how
    await _nothing_is_left(desk, people, invoice, found)


async def test_nothing_is_written_off_in_another_currency_than_the_documents(
    desk: Desk, people: Decided
) -> None:
    """As when the mapping converts: the difference is one of the posting's currency."""
    invoice, entry = await apart(desk, "99.60")
    found = await people.differs(invoice, entry, "99.60", currency="EUR")
    await people.written_off(found)
    assert "in another currency than that of the document" in (await people.carried_out(found)).how
    await _nothing_is_left(desk, people, invoice, found)


async def test_a_lost_reply_writes_nothing_off_twice(desk: Desk, people: Decided) -> None:
    """The worker dies after NAV posted, and another one finds what was posted."""
    invoice, entry = await apart(desk, "99.60")
    found = await people.differs(invoice, entry, "99.60")
    approved = await people.written_off(found)
    await people.carried_out(found)
    again = await people.read(found)
    await desk.site.store.breaks.save(approved, was=again)
    assert "written off by" in (await people.carried_out(found)).how
    assert len(await written_off(desk, invoice=invoice)) == 1
    assert await written_off(desk, 2, invoice=invoice) == []


async def test_a_write_off_is_taken_back_and_the_difference_can_be_written_off_anew(
    desk: Desk, people: Decided
) -> None:
    invoice, entry = await apart(desk, "99.60")
    found = await people.differs(invoice, entry, "99.60")
    await people.written_off(found)
    await people.carried_out(found)
    await people.reversed(found)
    key = desk.key(Kind.WRITE_OFF, invoice)
    reversal = key.of_kind(Kind.WRITE_OFF_REVERSAL)
    done = await people.carried_out(found)
    assert done.how.startswith(f"write-off {key} reversed by {reversal}; proposed by Ada")
    now = await people.read(found)
    assert (now.state, now.booked_as, now.proposer) == (BreakState.OPEN, "", "")
    assert await bad_debts(desk) == 0
    (original,) = await desk.site.books.rows("CustomerLedgerEntries", Entry_No=entry["Entry_No"])
    assert original["Remaining_Amount"] == 100
    await people.written_off(found)
    assert "written off by" in (await people.carried_out(found)).how
    (line,) = await written_off(desk, 2, invoice=invoice)
    assert line["Amount"] == Decimal("-0.40")
    assert await bad_debts(desk) == Decimal("0.40")


@pytest.mark.parametrize("amount", ["99.60", "100.40"], ids=["a credit", "a debit"])
async def test_an_edit_that_is_written_off_is_none_any_more_and_its_payment_goes_on(
    desk: Desk, people: Decided, amount: str
) -> None:
    """It was held as edited; now the client pays what the source says, and nothing is open."""
    invoice, entry = await apart(desk, amount)
    assert (await desk.driver.invoice(invoice)).cause == "edited-after-posting"
    found = await people.differs(invoice, entry, amount)
    await people.written_off(found)
    await people.carried_out(found)
    assert people.status is not None
    assert (people.status.stage, people.status.cause) == ("posted", "")
    payment = await desk.paid(invoice, amount)
    assert (await desk.driver.invoice(invoice)).stage == "closed"
    entries = await desk.site.books.rows("CustomerLedgerEntries")
    assert [row["Remaining_Amount"] for row in entries] == [0, 0, 0]
    assert (await desk.row(payment, Kind.PAYMENT)).target_number


async def test_an_edit_is_held_again_when_its_write_off_is_taken_back(
    desk: Desk, people: Decided
) -> None:
    invoice, entry = await apart(desk, "99.60")
    found = await people.differs(invoice, entry, "99.60")
    await people.written_off(found)
    await people.carried_out(found)
    await people.reversed(found)
    await people.carried_out(found)
    assert people.status is not None
    assert people.status.cause == "edited-after-posting"


async def test_an_edit_of_more_than_the_amount_stays_held(desk: Desk, people: Decided) -> None:
    """What else differs is listed by itself, and is not written off with it."""
    invoice, entry = await apart(desk, "99.60")
    found = await people.differs(invoice, entry, "99.60")
    other = found.model_copy(update={"type": BreakType.DATE, "cause": "other-date"})
    await desk.site.store.breaks.found(1, [other])
    await people.written_off(found)
    assert "written off by" in (await people.carried_out(found)).how
    assert people.status is not None
    assert people.status.cause == "edited-after-posting"


async def test_what_is_written_off_and_cannot_be_settled_is_written_off_and_told_as_open(
    desk: Desk, people: Decided
) -> None:
    """The receipt is dated later than the last day that NAV allows by now."""
    invoice, entry = await apart(desk, "100.40", "100.40", TODAY + timedelta(days=3))
    found = await people.differs(invoice, entry, "100.40")
    await people.written_off(found)
    await desk.site.books.allow_posting(None, TODAY)
    done = await people.carried_out(found)
    assert "written off by" in done.how
    assert "which is open: " in done.how
    assert (await people.read(found)).state is BreakState.CLOSED
    (line,) = await written_off(desk, invoice=invoice)
    assert (line["Amount"], line["Remaining_Amount"]) == (Decimal("0.40"), Decimal("0.40"))
