"""Records of the spec in AX's own books: what AX computes is what the record expects."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from connectors.ax.adapter import AxTarget
from documents.cash import CreditNote, CreditType, Payment
from documents.customer import Address, Customer
from documents.invoice import Invoice
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState
from mapping.loading import load_schema
from mapping.mapper import Mapper
from tests.connectors.ax_books import Books, ax_books
from tests.mapping.specs import CONFIG, invoice, line, tax, total

SPEC: Path = CONFIG / "mappings" / "freshbooks-ax.yaml"
_CLIENT = Customer(
    source_id="7654321",
    organization="Müller & Söhne " * 5,
    email="buch@example.com",
    phone="+49 221 1",
    address=Address(street="Domstraße 1", city="Köln", postal_code="d 50667", country="germany"),
    currency="EUR",
)
_ON = date(2024, 5, 7)
_INVOICE = Key(tag="T", kind=Kind.INVOICE, source_id="1234567")


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with ax_books(posting_after=3600.0) as found:
        yield found


@pytest.fixture
async def ax(books: Books) -> AsyncIterator[AxTarget]:
    async with books.target(posting="service") as target:
        yield target


async def _mapper(ax: AxTarget) -> Mapper:
    return Mapper.load(SPEC, await ax.schema())


async def _customer(ax: AxTarget, client: Customer = _CLIENT) -> str:
    key = Key(tag="T", kind=Kind.CUSTOMER, source_id=client.source_id)
    return (await ax.create_customer(key, (await _mapper(ax)).map_customer(client, key))).number


def _discounted(currency: str) -> Invoice:
    """1/3 off, so that no line keeps its price, with two taxes that AX is not asked to know."""
    goods = [
        line(1, "33.33", tax("GST", "5"), tax("PST", "7", compound=True), currency=currency),
        line(2, "66.67", currency=currency),
        line(3, "-10.00", tax("GST", "5"), currency=currency),
    ]
    taxes = (total("GST", "5", "0.78", currency), total("PST", "7", "1.63", currency))
    return invoice(*goods, taxes=taxes, discount="30.01", number="0000013")


async def _posted(ax: AxTarget, document: Invoice, key: Key = _INVOICE) -> Posting:
    number = await _customer(ax)
    record = (await _mapper(ax)).map_invoice(document, _CLIENT, number, key, _ON)
    assert (await ax.create(key, record)).figures == record.expected
    return await ax.post(key)


async def test_the_recorded_schema_is_what_the_ports_say(ax: AxTarget) -> None:
    recorded = load_schema(SPEC.parent / "schemas" / "ax-2012.yaml").entities
    described = (await ax.schema()).entities
    for name, entity in described.items():
        for field in recorded[name].fields.values():
            assert field == entity.fields[field.name], f"{name}.{field.name}"
    assert Mapper.load(SPEC).identity == (await _mapper(ax)).identity


@pytest.mark.parametrize("currency", ["USD", "EUR"])
async def test_an_invoice_is_posted_to_the_cent(ax: AxTarget, currency: str) -> None:
    document = _discounted(currency)
    posted = await _posted(ax, document)
    assert posted.state is PostingState.POSTED
    assert posted.remaining == document.total
    assert posted.posting_date == _ON


@pytest.mark.parametrize("kind", [Kind.INVOICE, Kind.LATE_FEE])
async def test_a_payment_settles_it_and_a_reversal_takes_back_what_is_left(
    ax: AxTarget, kind: Kind
) -> None:
    document, mapper, own = _discounted("EUR"), await _mapper(ax), _INVOICE.of_kind(kind)
    posted = await _posted(ax, document, own)
    party, number = posted.party or "", posted.number or ""
    key = Key(tag="T", kind=Kind.PAYMENT, source_id="5550001")
    half = Money.of("30.00", "EUR")
    paid = Payment(source_id="5550001", invoice_id="1234567", amount=half, date=_ON, type="VISA")
    await ax.create(key, mapper.map_payment(paid, party, key, _ON, number))
    assert (await ax.post(key)).applied_to == (number,)
    assert (await ax.lookup(own)).remaining == document.total - half
    await ax.unapply(key)
    record = mapper.map_invoice(document, _CLIENT, party, own, _ON)
    reversal = own.of_kind(kind.reversal)
    await ax.create(reversal, mapper.map_reversal(record, reversal, _ON, number))
    credited = await ax.post(reversal)
    assert credited.figures == record.expected
    assert credited.is_settled
    assert (await ax.lookup(own)).state is PostingState.REVERSED


async def test_a_goodwill_credit_note_is_posted_as_a_credit(ax: AxTarget) -> None:
    note = CreditNote(
        source_id="4440001",
        number="C1",
        type=CreditType.GOODWILL,
        party_id="7654321",
        currency="EUR",
        document_date=_ON,
        lines=(line(1, "12.00", currency="EUR"), line(2, "-2.00", currency="EUR")),
        net=Money.of("10.00", "EUR"),
        total=Money.of("10.00", "EUR"),
    )
    key = Key(tag="T", kind=Kind.CREDIT_NOTE, source_id="4440001")
    record = (await _mapper(ax)).map_credit_note(note, _CLIENT, await _customer(ax), key, _ON)
    assert (await ax.create(key, record)).figures == record.expected
    posted = await ax.post(key)
    assert posted.remaining == Money.of("10.00", "EUR")
    assert posted.state is PostingState.POSTED


async def test_a_refund_is_a_debit_that_a_payment_can_be_settled_with(ax: AxTarget) -> None:
    mapper, party = await _mapper(ax), await _customer(ax)
    amount = Money.of("30.00", "EUR")
    paid = Payment(source_id="5550001", invoice_id="1234567", amount=amount, date=_ON, type="VISA")
    back = paid.model_copy(update={"source_id": "5550002", "amount": -amount})
    receipt = Key(tag="T", kind=Kind.PAYMENT, source_id="5550001")
    refund = Key(tag="T", kind=Kind.REFUND, source_id="5550002")
    for key, payment in ((receipt, paid), (refund, back)):
        await ax.create(key, mapper.map_payment(payment, party, key, _ON, None))
        assert (await ax.post(key)).remaining == amount
    voucher = (await ax.lookup(refund)).number or ""
    settled = await ax.apply(receipt, voucher, amount, Kind.REFUND)
    assert settled.is_settled
    assert settled.applied_to == (voucher,)


async def test_an_update_changes_nothing_that_ax_has_already(ax: AxTarget) -> None:
    mapper, number = await _mapper(ax), await _customer(ax)
    (there,) = await ax.find_customers(number=number)
    assert mapper.map_customer_update(_CLIENT, there) is None
    moved = _CLIENT.model_copy(update={"address": Address(city="Bonn", country="DE")})
    record = mapper.map_customer_update(moved, there)
    assert record is not None
    assert record.header == {"DirParty.DirPartyPostalAddressView.City": "Bonn"}
    await ax.update_customer(number, record)
    (there,) = await ax.find_customers(number=number)
    assert mapper.map_customer_update(moved, there) is None


async def test_a_client_without_an_address_and_without_contacts_is_a_customer_too(
    ax: AxTarget,
) -> None:
    bare = Customer(source_id="7654322", first_name="Ada", last_name="L")
    (there,) = await ax.find_customers(number=await _customer(ax, bare))
    assert there.name == "Ada L"
    assert there.email == ""
    assert not any("PostalAddress" in name for name in there.fields)


async def test_a_rounding_line_is_added_to_the_draft(ax: AxTarget, tmp_path: Path) -> None:
    mapper = await _mapper(ax)
    record = mapper.map_invoice(_discounted("EUR"), _CLIENT, await _customer(ax), _INVOICE, _ON)
    assert record.expected is not None
    drafted = await ax.create(_INVOICE, record)
    assert drafted.figures is not None
    more = record.expected.model_copy(
        update={
            "net": record.expected.net + Money.of("0.01", "EUR"),
            "total": record.expected.total + Money.of("0.01", "EUR"),
        }
    )
    settled = mapper.settle_rounding(record.model_copy(update={"expected": more}), drafted.figures)
    assert len(settled.lines) == len(record.lines) + 1
    again = await ax.create(_INVOICE, settled)
    assert again.figures == settled.expected
    posted = await ax.post(_INVOICE)
    assert posted.figures is not None
    assert posted.figures.total == more.total
