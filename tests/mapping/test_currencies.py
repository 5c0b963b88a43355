"""Currencies: codes of the target, dated rates, and conversion without losing a cent."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from ruamel.yaml import YAML

from documents.cash import Payment
from documents.exchange import Rate
from documents.expense import Expense, ExpenseStage, Payer, Staff
from documents.invoice import Invoice
from documents.key import Key, Kind
from documents.money import Money
from mapping.mapper import Mapper
from mapping.rates import RateFile, RatesUnreadable, RateTable
from tests.lives.specs import variant
from tests.mapping.specs import (
    NAV_SPEC,
    by_role,
    held,
    invoice,
    line,
    map_invoice,
    mapper,
    net_of,
    tax,
    total,
)
from tests.strategies import invoices

_ECB = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
 <gesmes:subject>Reference rates</gesmes:subject>
 <Cube>
  <Cube time="2024-05-06"><Cube currency="USD" rate="1.0774"/><Cube currency="CAD" rate="1.4725"/>
  </Cube>
  <Cube time="2024-05-03"><Cube currency="USD" rate="1.0744"/></Cube>
 </Cube>
</gesmes:Envelope>
"""
_CONVERT = {
    "to": "USD",
    "rates": "rates.csv",
    "max_age_days": "5",
    "difference_account": "4910",
}


def _rate(base: str, quote: str, on: date, rate: str, source: str = "test") -> Rate:
    return Rate(base=base, quote=quote, date=on, rate=Decimal(rate), source=source)


def _converting(folder: Path, rates: list[Rate], **changed: str) -> Mapper:
    (folder / "rates.csv").write_text("base,quote,date,rate,source\n")
    changes = {"currency.convert": {**_CONVERT, **changed}}
    return mapper(folder, changes, RateTable(rates))


@pytest.mark.parametrize(("currency", "code"), [("USD", ""), ("EUR", "EUR"), ("JPY", "JPY")])
def test_the_local_currency_is_sent_blank_and_others_by_their_code(
    tmp_path: Path, currency: str, code: str
) -> None:
    record = map_invoice(mapper(tmp_path), invoice(line(1, "10", currency=currency)))
    assert record.header["Currency"] == code


def test_an_unknown_currency_is_held(tmp_path: Path) -> None:
    hold = held(map_invoice, mapper(tmp_path), invoice(line(1, "10.00", currency="CHF")))
    assert (hold.cause, hold.values["key"]) == ("currency-unmapped", "CHF")


@pytest.mark.parametrize(
    ("currency", "price"), [("JPY", "1000"), ("KWD", "10.125"), ("USD", "10.10")]
)
def test_amounts_keep_the_decimals_of_their_currency(
    tmp_path: Path, currency: str, price: str
) -> None:
    record = map_invoice(mapper(tmp_path), invoice(line(1, price, currency=currency)))
    assert record.lines[0]["Price"] == price


def test_a_converted_invoice_names_rate_date_source_and_difference(tmp_path: Path) -> None:
    made = _converting(tmp_path, [_rate("EUR", "USD", date(2024, 5, 3), "1.1115", "desk")])
    things = [line(n, "0.33", tax("VAT", "20"), currency="EUR") for n in (1, 2, 3)]
    record = map_invoice(made, invoice(*things, taxes=(total("VAT", "20", "0.20", "EUR"),)))
    assert by_role(record, "revenue") == [("4000", Decimal("0.37"))] * 3
    assert by_role(record, "tax") == [("2200", Decimal("0.22"))]
    assert by_role(record, "difference") == [("4910", Decimal("-0.01"))]
    assert record.header["Currency"] == ""
    assert record.expected is not None
    assert record.expected.total == Money.of("1.32", "USD")
    entry = next(e for e in record.trace if e.rule == "converted at a dated rate")
    assert (entry.source, entry.value) == ("1.19 EUR", "1.32 USD")
    assert entry.note == "1 EUR = 1.1115 USD of 2024-05-03 (desk)"
    assert any(e.field == "difference line: 4910" and e.value == "-0.01" for e in record.trace)


def test_a_document_in_the_posting_currency_is_not_converted(tmp_path: Path) -> None:
    record = map_invoice(_converting(tmp_path, []), invoice(line(1, "10.00")))
    assert net_of(record) == Decimal("10.00")
    assert not [e for e in record.trace if e.rule == "converted at a dated rate"]


def test_a_converted_payment_is_in_the_posting_currency(tmp_path: Path) -> None:
    made = _converting(tmp_path, [_rate("EUR", "USD", date(2024, 5, 6), "1.1")])
    paid = Payment(
        source_id="5",
        invoice_id="1",
        amount=Money.of("10.05", "EUR"),
        date=date(2024, 5, 6),
        type="Check",
        gateway="Stripe",
    )
    key = Key(tag="T", kind=Kind.PAYMENT, source_id="5")
    record = made.map_payment(paid, "C1", key, paid.date, None)
    assert record.header["Amount"] == "-11.06"
    assert record.header["Bank"] == "B3"


@pytest.mark.parametrize("on", [date(2024, 4, 30), date(2024, 5, 7)])
def test_a_rate_that_is_too_old_or_of_a_later_day_holds(tmp_path: Path, on: date) -> None:
    made = _converting(tmp_path, [_rate("EUR", "USD", on, "1.1")])
    hold = held(map_invoice, made, invoice(line(1, "1.00", currency="EUR")))
    assert hold.cause == "rate-missing"
    assert "from EUR to USD between 2024-05-01 and 2024-05-06" in hold.reason


@pytest.fixture(scope="module")
def converting(tmp_path_factory: pytest.TempPathFactory) -> Mapper:
    first = date(1900, 1, 1)
    rates = [
        _rate("EUR", "USD", first, "1.0774"),
        _rate("EUR", "JPY", first, "166.13"),
        _rate("KWD", "USD", first, "3.2519"),
    ]
    return _converting(tmp_path_factory.mktemp("converting"), rates, max_age_days="200000")


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(document=invoices(currencies=("EUR", "JPY", "KWD")))
def test_a_converted_invoice_adds_up_to_its_converted_total(
    converting: Mapper, document: Invoice
) -> None:
    record = map_invoice(converting, document)
    assert record.expected is not None
    assert net_of(record) == record.expected.net.amount
    assert record.expected.total.is_exact


def test_the_latest_rate_on_or_before_the_day_is_used() -> None:
    days = [date(2024, 5, 1), date(2024, 5, 3), date(2024, 5, 6)]
    table = RateTable(_rate("EUR", "USD", on, f"1.{on.day}") for on in days)
    assert table.find("EUR", "USD", date(2024, 5, 5), 7).rate == Decimal("1.3")


def test_a_pair_is_turned_round_and_crossed_on_one_day() -> None:
    on = date(2024, 5, 6)
    table = RateTable([_rate("EUR", "USD", on, "1.25"), _rate("EUR", "GBP", on, "0.8")])
    assert table.find("USD", "EUR", on, 0).rate == Decimal("0.8")
    crossed = table.find("USD", "GBP", on, 0)
    assert (crossed.base, crossed.quote, crossed.rate) == ("USD", "GBP", Decimal("0.64"))


def test_a_cross_rate_never_mixes_days() -> None:
    table = RateTable(
        [
            _rate("EUR", "USD", date(2024, 5, 6), "1.25"),
            _rate("EUR", "GBP", date(2024, 5, 3), "0.8"),
        ]
    )
    assert held(table.find, "USD", "GBP", date(2024, 5, 6), 9).cause == "rate-missing"


_FILES: dict[str, str] = {
    "rates.xml": _ECB,
    "rates.csv": (
        "base,quote,date,rate,source\nEUR,USD,2024-05-06,1.0774,ECB\nEUR,CAD,2024-05-06,1.4725,ECB"
    ),
    "rates.yaml": (
        "rates:\n"
        "  - {base: EUR, quote: USD, date: 2024-05-06, rate: 1.0774, source: ECB}\n"
        "  - {base: EUR, quote: CAD, date: 2024-05-06, rate: 1.4725, source: ECB}\n"
    ),
}


@pytest.mark.parametrize("name", list(_FILES))
def test_rates_are_read_from_the_ecb_feed_and_from_tables(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(_FILES[name])
    found = RateFile(tmp_path / name).current().find("EUR", "USD", date(2024, 5, 7), 7)
    assert str(found) == "1 EUR = 1.0774 USD of 2024-05-06 (ECB)"
    cross = RateFile(tmp_path / name).current().find("USD", "CAD", date(2024, 5, 7), 7)
    assert cross.rate.quantize(Decimal("0.0001")) == Decimal("1.3667")


def test_a_feed_that_changes_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text("base,quote,date,rate\nEUR,USD,2024-05-06,1.1\n")
    file = RateFile(path)
    assert file.current().find("EUR", "USD", date(2024, 5, 6), 0).source == "rates.csv"
    path.write_text("base,quote,date,rate\nEUR,USD,2024-05-06,1.2\n")
    os.utime(path, (1, 1))
    assert file.current().find("EUR", "USD", date(2024, 5, 6), 0).rate == Decimal("1.2")


def test_an_entity_in_a_feed_is_never_expanded(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("1.5")
    bomb = _ECB.replace(
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>',
    )
    (tmp_path / "rates.xml").write_text(bomb.replace("Reference rates", "&e;"))
    with pytest.raises(RatesUnreadable, match="has a document type"):
        RateFile(tmp_path / "rates.xml").current()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("r.xml", "<x>", "is not XML, line 1"),
        ("r.xml", "<x/>", "holds no rates of the ECB's form"),
        ("r.xml", _ECB.replace("1.0774", "0"), "line 6: rate: Value error, a rate is above zero"),
        ("r.csv", "base,quote\nEUR,USD\n", "has no column date, rate"),
        ("r.csv", "base,quote,date,rate\nEUR,USD,2024-05-06,x\n", "line 2: rate"),
        ("r.csv", "base,quote,date,rate\nEUR,USD,6.5.24,1\n", "line 2: date"),
        ("r.yaml", "rates: no\n", "must hold a list `rates`"),
        ("r.yaml", "rates:\n  - {base: eur, quote: USD, date: 2024-05-06, rate: 1}\n", "base"),
        ("r.yaml", "rates: [", "r.yaml:1"),
        ("r.txt", "", "a rate file ends in .csv, .xml, .yaml, .yml"),
    ],
)
def test_a_rate_file_that_cannot_be_read_says_where(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(RatesUnreadable) as refused:
        RateFile(tmp_path / name).current()
    assert str(refused.value).startswith(name)
    assert message in str(refused.value)


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"\xff")])
def test_a_rate_file_that_goes_bad_later_holds_the_document(
    tmp_path: Path, spoil: Callable[[Path], Any]
) -> None:
    path = tmp_path / "rates.csv"
    path.write_text("base,quote,date,rate\nEUR,USD,2024-05-06,1.1\n")
    made = mapper(tmp_path, {"currency.convert": _CONVERT})
    document = invoice(line(1, "1.00", currency="EUR"))
    assert net_of(map_invoice(made, document)) == Decimal("1.10")
    spoil(path)
    hold = held(map_invoice, made, document)
    assert (hold.cause, "cannot be read" in hold.reason) == ("rate-missing", True)


def test_currencies_without_a_rate_of_the_day_are_named(tmp_path: Path) -> None:
    day = date(2024, 5, 6)
    made = _converting(tmp_path, [_rate("EUR", "USD", day, "1.1")])
    assert "EUR" not in made.without_rate(day) and "USD" not in made.without_rate(day)
    assert "JPY" in made.without_rate(day)
    assert "EUR" in made.without_rate(date(2024, 5, 5))
    assert mapper(tmp_path).without_rate(day) == []


def test_a_converted_expense_names_rate_date_and_source(tmp_path: Path) -> None:
    whole = YAML(typ="safe", pure=True).load(NAV_SPEC.read_text(encoding="utf-8"))
    path = variant(tmp_path, {"currency": {**whole["currency"], "convert": _CONVERT}})
    (path.parent / "rates.csv").write_text("base,quote,date,rate,source\n", encoding="utf-8")
    day = date(2024, 5, 6)
    made = Mapper.load(path, rates=RateTable([_rate("EUR", "USD", day, "1.1", "desk")]))
    taxi = Money.of("10.05", "EUR")
    expense = Expense(
        source_id="5", stage=ExpenseStage.ENTERED, staff=Staff(source_id="1"), category_id="7",
        category="Travel", document_date=day, gross=taxi, net=taxi, vendor="Harbour Taxi",
    )  # fmt: skip
    key = Key(tag="T", kind=Kind.EXPENSE, source_id="5")
    record = made.map_expense(expense, Payer.PERSON, "V1", key, day)
    (entry,) = [e for e in record.trace if e.rule == "converted at a dated rate"]
    assert (entry.source, entry.value) == ("10.05 EUR", "11.06 USD")
    assert entry.note == "1 EUR = 1.1 USD of 2024-05-06 (desk)"
