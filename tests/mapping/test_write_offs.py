"""Records of write-offs, for both targets."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from documents.hold import HoldRequired
from documents.key import Key, Kind
from documents.money import Money
from documents.record import FieldValue
from documents.write_off import WriteOff
from mapping.mapper import Mapper
from tests.mapping.specs import CONFIG

DAY = date(2026, 11, 30)
KEY = Key(tag="T", kind=Kind.WRITE_OFF, source_id="7")


def line(spec: str, amount: str, applies_to: str = "") -> dict[str, FieldValue]:
    made = WriteOff(
        number="INV-7", account="6500", amount=Money.of(amount, "EUR"), made_of="a decision"
    )
    record = MAPPERS[spec].map_write_off(made, "C1", KEY, DAY, applies_to)
    assert record.expected is not None
    assert record.expected.total == Money.of("0.40", "EUR")
    assert (record.made_of, record.posting_date) == ("a decision", DAY)
    (found,) = record.lines
    return found


MAPPERS = {
    name: Mapper.load(CONFIG / "mappings" / f"freshbooks-{name}.yaml") for name in ("nav", "ax")
}


def test_nav_takes_a_signed_amount_against_the_account_of_the_settings() -> None:
    debit = line("nav", "0.40")
    assert (debit["Amount"], debit["Bal_Account_No"], debit["Account_No"]) == ("0.40", "6500", "C1")
    assert "Applies_to_Doc_No" not in debit
    credit = line("nav", "-0.40", "1001")
    assert (credit["Amount"], credit["Applies_to_Doc_No"]) == ("-0.40", "1001")


def test_ax_takes_a_debit_or_a_credit() -> None:
    debit, credit = line("ax", "0.40"), line("ax", "-0.40", "1001")
    assert (debit["AmountCurDebit"], debit.get("AmountCurCredit")) == ("0.40", None)
    assert (credit["AmountCurCredit"], credit.get("AmountCurDebit")) == ("0.40", None)
    assert credit["MarkedInvoice"] == "1001"


def test_a_mapping_without_the_section_writes_nothing_off(tmp_path: Path) -> None:
    folder = shutil.copytree(CONFIG / "mappings", tmp_path / "mappings")
    spec = folder / "freshbooks-nav.yaml"
    spec.write_text(spec.read_text().partition("\nwrite_off:")[0])
    mapper = Mapper.load(spec)
    assert (mapper.writes_off, MAPPERS["nav"].writes_off) == (False, True)
    made = WriteOff(number="7", account="6500", amount=Money.of("1", "EUR"), made_of="")
    with pytest.raises(HoldRequired) as caught:
        mapper.map_write_off(made, "C1", KEY, DAY, "")
    assert caught.value.hold.cause == "not-mapped"
