"""Bills and their payments as records of NAV and AX, by the shipped mappings."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.bill import Bill, BillLine, BillPayment, BillVendor
from documents.hold import HoldRequired
from documents.key import Key, Kind
from documents.money import Money
from documents.record import MappedRecord, TaxTotal
from mapping.mapper import Mapper
from tests.mapping.specs import CONFIG

ON = date(2026, 2, 3)
KEY = Key(tag="T", kind=Kind.BILL, source_id="7000001")
PAID = Key(tag="T", kind=Kind.BILL_PAYMENT, source_id="7200001")
MAPPERS = {
    name: Mapper.load(CONFIG / "mappings" / f"freshbooks-{name}.yaml") for name in ("nav", "ax")
}
CATEGORIES = ("Supplies", "Travel", "Meals & Entertainment")


def line(
    category: str, net: str, tax: str = "0", currency: str = "USD", number: int = 1
) -> BillLine:
    basis, amount = Money.of(net, currency), Money.of(tax, currency)
    found = TaxTotal(name="HST", percent=Decimal(13), basis=basis, amount=amount)
    taxes = (found,) if amount else ()
    return BillLine(line_id=str(number), category_id="1", category=category, net=basis, taxes=taxes)


def bill(*lines: BillLine) -> Bill:
    total = Money.total((each.gross for each in lines), lines[0].net.currency)
    return Bill(
        source_id="7000001",
        number="HP-778",
        vendor=BillVendor(source_id="7100001", name="Harbour Paper", account_number="V-PAPER"),
        document_date=ON,
        lines=lines,
        total=total,
        outstanding=total,
    )


def nav(found: Bill, corrections: dict[str, str] | None = None) -> MappedRecord:
    return MAPPERS["nav"].map_bill(found, "V-PAPER", KEY, ON, corrections)


def _accounts(record: MappedRecord) -> list[tuple[object, object]]:
    return [(n["No"], n["Direct_Unit_Cost"]) for n in record.lines]


def test_in_nav_a_bill_is_a_purchase_invoice_with_recovered_tax_on_lines_of_its_own() -> None:
    record = nav(bill(line("Supplies", "100.00", "13.00"), line("Travel", "12.50", number=2)))
    assert (record.entity, record.header["Vendor_Invoice_No"], record.header["Your_Reference"]) == (
        *("purchase_invoice", "T-B7000001-1"),
        "HP-778",
    )
    assert _accounts(record) == [("6200", "100.00"), ("6000", "12.50"), ("1400", "13.00")]
    assert record.expected is not None
    assert str(record.expected.total) == "125.50 USD"


def test_tax_of_a_category_that_does_not_recover_it_is_cost() -> None:
    record = nav(
        bill(line("Meals & Entertainment", "100.00", "13.00"), line("Travel", "10", "1.3"))
    )
    assert _accounts(record) == [("6100", "113.00"), ("6000", "10.00"), ("1400", "1.30")]


def test_one_line_of_a_bill_is_corrected_and_the_others_stay() -> None:
    lines = (line("Supplies", "1.00"), line("Supplies", "2.00", number=2))
    record = nav(bill(*lines), {"account:2": "6900"})
    assert _accounts(record) == [("6200", "1.00"), ("6900", "2.00")]


def test_a_category_without_an_account_holds_the_bill() -> None:
    with pytest.raises(HoldRequired) as caught:
        nav(bill(line("Yachts", "1.00")))
    assert caught.value.hold.cause == "account-unmapped"


def test_in_ax_a_bill_owes_the_vendor_in_a_journal_that_balances() -> None:
    found = bill(line("Supplies", "100.00", "13.00"))
    party, *rest = MAPPERS["ax"].map_bill(found, "V-PAPER", KEY, ON).lines
    assert (party["AccountType"], party["LedgerDimension"], party["PaymReference"]) == (
        *("Vend", "V-PAPER"),
        "T-B7000001-1",
    )
    assert (party["AmountCurCredit"], party["DocumentNum"]) == ("113.00", "HP-778")
    assert [(n["LedgerDimension"], n["AmountCurDebit"]) for n in rest] == [
        ("6200", "100.00"),
        ("1290", "13.00"),
    ]


def paid(amount: str, currency: str = "USD") -> BillPayment:
    return BillPayment(
        source_id="7200001",
        bill_id="7000001",
        amount=Money.of(amount, currency),
        date=ON,
        type="Check",
    )


def test_in_nav_a_payment_settles_the_bill_from_the_bank_account_of_its_currency() -> None:
    mapper = MAPPERS["nav"]
    record = mapper.map_bill_payment(paid("25.50", "EUR"), "HP-778", "V-PAPER", PAID, ON, "PPI-1")
    vendor, bank = record.lines
    assert (vendor["Account_No"], vendor["Amount"], vendor["Applies_to_Doc_No"]) == (
        *("V-PAPER", "25.50"),
        "PPI-1",
    )
    assert (bank["Account_No"], bank["Amount"]) == ("BANK-EUR", "-25.50")
    assert mapper.is_journal(record)


def test_in_ax_a_payment_is_a_journal_of_vendor_and_bank() -> None:
    mapper = MAPPERS["ax"]
    record = mapper.map_bill_payment(paid("25.50"), "HP-778", "V-PAPER", PAID, ON, "GNJ-1")
    vendor, bank = record.lines
    assert (vendor["AmountCurDebit"], vendor["PaymReference"]) == ("25.50", "T-V7200001-1")
    assert (bank["LedgerDimension"], bank["AmountCurCredit"]) == ("BANK-USD", "25.50")


def test_a_currency_without_a_bank_account_holds_the_payment() -> None:
    with pytest.raises(HoldRequired) as caught:
        MAPPERS["nav"].map_bill_payment(paid("1.00", "CHF"), "HP-778", "V-PAPER", PAID, ON, "P")
    assert caught.value.hold.cause in ("bank-account-unmapped", "currency-unmapped")


def test_what_a_mapping_lacks_for_bills_is_told(tmp_path: Path) -> None:
    folder = shutil.copytree(CONFIG / "mappings", tmp_path / "mappings")
    spec = folder / "freshbooks-nav.yaml"
    spec.write_text(spec.read_text().partition("\nbill_payment:")[0])
    assert Mapper.load(spec).missing_for_bills == ("bill_payment",)
    assert MAPPERS["nav"].missing_for_bills == ()


_CENTS = st.integers(1, 10**7).map(lambda cents: str(Decimal(cents) / 100))
_LINES = st.lists(st.tuples(st.sampled_from(CATEGORIES), _CENTS, _CENTS), min_size=1, max_size=6)


@given(_LINES)
def test_the_lines_of_every_bill_add_up_to_its_total_on_both_targets(
    given_lines: list[tuple[str, str, str]],
) -> None:
    lines = [line(c, net, tax, number=n) for n, (c, net, tax) in enumerate(given_lines, 1)]
    found = bill(*lines)
    total = sum(Decimal(str(amount)) for _, amount in _accounts(nav(found)))
    assert total == found.total.amount
    party, *rest = MAPPERS["ax"].map_bill(found, "V-PAPER", KEY, ON).lines
    debits = sum(Decimal(str(n["AmountCurDebit"])) for n in rest)
    assert Decimal(str(party["AmountCurCredit"])) == debits == found.total.amount
