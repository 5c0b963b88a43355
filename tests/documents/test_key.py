"""One function builds our key, one reads it back, and it fits every target's field."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from documents.key import MAX_KEY_LENGTH, Key, Kind
from documents.ledger import match_of_key

KEYS = st.builds(
    Key,
    tag=st.from_regex(r"[A-Z0-9]{1,4}", fullmatch=True),
    kind=st.sampled_from(Kind),
    source_id=st.from_regex(r"[A-Z0-9]{1,10}", fullmatch=True),
    generation=st.integers(1, 99),
)


@given(KEYS)
def test_a_key_reads_back_as_what_it_was_built_from(key: Key) -> None:
    assert Key.parse(key.text()) == key


@given(KEYS)
def test_a_key_fits_the_shortest_reference_field_in_upper_case(key: Key) -> None:
    assert len(key.text()) <= MAX_KEY_LENGTH
    assert key.text() == key.text().upper()


@given(KEYS, KEYS)
def test_different_documents_never_share_a_key(one: Key, other: Key) -> None:
    assert (one == other) == (one.text() == other.text())


def test_a_key_survives_a_target_that_pads_or_lowers_it() -> None:
    key = Key(tag="NAV1", kind=Kind.INVOICE, source_id="1234567")
    assert Key.parse(f"  {key.text().lower()} ") == key


@pytest.mark.parametrize(
    "fields",
    [
        {"tag": "TOOLONG"},
        {"tag": "nav"},
        {"source_id": "12 34"},
        {"source_id": "123456789012"},
        {"generation": 0},
        {"generation": 100},
    ],
)
def test_a_key_that_would_not_fit_is_refused(fields: dict[str, object]) -> None:
    good: dict[str, object] = {"tag": "NAV", "kind": Kind.PAYMENT, "source_id": "1234567"}
    with pytest.raises(ValidationError, match="at most 20 characters"):
        Key.model_validate({**good, **fields})


@pytest.mark.parametrize("text", ["", "INV-1001", "NAV-11234567-1", "NAV-I1234567", "NAV-I1-0"])
def test_somebody_elses_reference_is_not_one_of_our_keys(text: str) -> None:
    with pytest.raises(ValueError, match="is not one of our keys"):
        Key.parse(text)


def test_a_reversal_has_a_key_of_its_own() -> None:
    key = Key(tag="NAV", kind=Kind.INVOICE, source_id="1234567", generation=2)
    assert key.of_kind(key.kind.reversal).text() == "NAV-R1234567-2"
    with pytest.raises(ValueError, match="customer_reversal"):
        _ = Kind.CUSTOMER.reversal


def test_the_key_that_takes_back_an_entry_tells_of_which_document() -> None:
    own = Key(tag="NAV", kind=Kind.PAYMENT, source_id="1234567")
    key = Key.parse(own.taking_back(2).text())
    assert (key.kind, key.document) == (Kind.ENTRY_REVERSAL, (Kind.PAYMENT, "1234567"))
    assert own.document == (Kind.PAYMENT, "1234567")
    longest = Key(tag="LONG", kind=Kind.CREDIT_NOTE, source_id="12345678901")
    taking_back = Key.parse(longest.taking_back(9).text())
    assert taking_back.document == (Kind.CREDIT_NOTE, "12345678901")


@pytest.mark.parametrize("source_id", ["1", "12", "P"])
def test_what_people_typed_like_a_key_that_takes_back_an_entry_is_about_no_document(
    source_id: str,
) -> None:
    key = Key.parse(f"NAV-K{source_id}-1")
    assert key.document == (Kind.ENTRY_REVERSAL, source_id)
    assert match_of_key(key) == f"entry_reversal/{source_id}"
