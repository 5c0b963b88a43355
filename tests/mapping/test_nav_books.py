"""Records of the spec in NAV's own books: what NAV computes is what the record expects."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from connectors.nav.adapter import NavTarget
from documents.cash import Payment
from documents.customer import Address, Customer
from documents.invoice import Invoice
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting
from mapping.mapper import Mapper
from sandbox.nav import NavProfile
from tests.connectors.nav_books import nav_site
from tests.mapping.specs import NAV_SPEC, invoice, line, tax, total

_CLIENT = Customer(
    source_id="7654321",
    organization="Müller & Söhne " * 5,
    email="buch@example.com",
    address=Address(street="Domstraße 1", city="Köln", postal_code="d 50667", country="germany"),
    currency="EUR",
)
_ON = date(2024, 5, 7)


@pytest.fixture
async def site() -> AsyncIterator[NavTarget]:
    async with nav_site(NavProfile()) as target:
        yield target


def _key(kind: Kind, source_id: str = "1234567") -> Key:
    return Key(tag="T", kind=kind, source_id=source_id)


async def _customer(site: NavTarget, mapper: Mapper) -> str:
    key = _key(Kind.CUSTOMER, _CLIENT.source_id)
    return (await site.create_customer(key, mapper.map_customer(_CLIENT, key))).number


async def _posted(site: NavTarget, mapper: Mapper, document: Invoice) -> Posting:
    key = _key(Kind.INVOICE)
    number = await _customer(site, mapper)
    record = mapper.map_invoice(document, _CLIENT, number, key, _ON)
    created = await site.create(key, record)
    assert created.figures == record.expected
    return await site.post(key)


def _discounted(currency: str) -> Invoice:
    """1/3 off, so that no line keeps its price, with two taxes that NAV is not asked to know."""
    goods = [
        line(1, "33.33", tax("GST", "5"), tax("PST", "7", compound=True), currency=currency),
        line(2, "66.67", currency=currency),
        line(3, "-10.00", tax("GST", "5"), currency=currency),
    ]
    taxes = (total("GST", "5", "0.78", currency), total("PST", "7", "1.63", currency))
    return invoice(*goods, taxes=taxes, discount="30.01", number="0000013")


@pytest.mark.parametrize("currency", ["USD", "EUR"])
async def test_an_invoice_is_posted_to_the_cent(site: NavTarget, currency: str) -> None:
    mapper = Mapper.load(NAV_SPEC, await site.schema())
    document = _discounted(currency)
    posted = await _posted(site, mapper, document)
    assert posted.figures is not None
    assert posted.figures.total == document.total
    assert posted.remaining == document.total


async def test_a_payment_settles_it_and_a_reversal_takes_it_back(site: NavTarget) -> None:
    mapper = Mapper.load(NAV_SPEC, await site.schema())
    document = _discounted("EUR")
    number = (await _posted(site, mapper, document)).number or ""
    key = _key(Kind.PAYMENT, "5550001")
    half = Money.of("30.00", "EUR")
    paid = Payment(source_id="5550001", invoice_id="1234567", amount=half, date=_ON, type="VISA")
    party = (await site.lookup(_key(Kind.INVOICE))).party or ""
    await site.create(key, mapper.map_payment(paid, party, key, _ON, number))
    await site.post(key)
    assert (await site.lookup(_key(Kind.INVOICE))).remaining == document.total - half
    record = mapper.map_invoice(document, _CLIENT, party, _key(Kind.INVOICE), _ON)
    reversal = _key(Kind.INVOICE_REVERSAL)
    await site.create(reversal, mapper.map_reversal(record, reversal, _ON, number))
    assert (await site.post(reversal)).figures == record.expected


async def test_an_update_changes_nothing_that_nav_has_already(site: NavTarget) -> None:
    mapper = Mapper.load(NAV_SPEC, await site.schema())
    number = await _customer(site, mapper)
    (there,) = await site.find_customers(number=number)
    assert mapper.map_customer_update(_CLIENT, there) is None
    moved = _CLIENT.model_copy(update={"address": Address(city="Bonn", country="DE")})
    record = mapper.map_customer_update(moved, there)
    assert record is not None
    assert record.header == {"City": "Bonn"}
    await site.update_customer(number, record)
    (there,) = await site.find_customers(number=number)
    assert mapper.map_customer_update(moved, there) is None


async def test_a_tax_that_nav_rounds_otherwise_goes_to_the_rounding_account(
    site: NavTarget, tmp_path: Path
) -> None:
    folder = shutil.copytree(NAV_SPEC.parent, tmp_path / "mappings")
    spec = folder / NAV_SPEC.name
    row = '    - {taxes: [{name: VAT, percent: 20}], code: VAT20}\n    - taxes: "*"'
    spec.write_text(spec.read_text().replace('    - taxes: "*"', row))
    mapper = Mapper.load(spec, await site.schema())
    goods = [line(n, "0.33", tax("VAT", "20")) for n in (1, 2)]
    # 20 % of 0.66 is 0.13; a source that rounds each line says 0.14.
    document = invoice(*goods, taxes=(total("VAT", "20", "0.14"),))
    key, number = _key(Kind.INVOICE), await _customer(site, mapper)
    record = mapper.map_invoice(document, _CLIENT, number, key, _ON)
    drafted = await site.create(key, record)
    assert drafted.figures is not None
    assert drafted.figures != record.expected
    settled = mapper.settle_rounding(record, drafted.figures)
    again = await site.create(key, settled)
    assert again.figures == settled.expected
    posted = await site.post(key)
    assert posted.figures is not None
    assert posted.figures.total == document.total
