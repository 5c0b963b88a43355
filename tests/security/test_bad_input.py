"""What people and systems outside may type, refused or made harmless where it leaves us."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.ax import markup as ax_markup
from connectors.nav import markup as nav_markup
from store.cipher import Cipher
from store.errors import BadKeySource, StoreDamaged, UnknownKey, WrongKey
from store.keyring import KeyRing
from store.store import Store
from workers.csvsafe import safe_cell, write_csv

FORMULAS = [
    '=HYPERLINK("http://evil.example","x")', "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)",
    "\t=1+1", "\r=1+1", " =1+1", '"=1+1', "'=1+1", "＝1+1", "﻿=1+1", "\u200b=1+1",
    "\u2003=1+1", "\u00ad=1+1", "\u2060=1+1", "\u3000=1+1",
]  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_becomes_text(formula: str) -> None:
    assert safe_cell(formula).startswith("'")


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("Northwind Traders", "Northwind Traders"),
        ("-12.30", "-12.30"),
        (Decimal("-12.30"), "-12.30"),
        (Decimal("1E+3"), "1000"),
        (-5, "-5"),
        (date(2026, 3, 1), "2026-03-01"),
        (True, "yes"),
        (None, ""),
    ],
)
def test_numbers_dates_and_usual_text_stay_what_they_are(value: object, cell: str) -> None:
    assert safe_cell(value) == cell  # type: ignore[arg-type]


@given(st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=2), max_size=4))
def test_a_file_has_as_many_cells_as_were_written_and_none_is_a_formula(
    rows: list[list[str]],
) -> None:
    file = io.StringIO(newline="")
    write_csv(file, ["a", "b"], rows)
    read = list(csv.reader(io.StringIO(file.getvalue(), newline="")))
    assert [len(row) for row in read] == [2] * (len(rows) + 1)
    for cell in (cell for row in read for cell in row):
        first = unicodedata.normalize("NFKC", cell.strip()[:1])
        assert not first.startswith(("=", "+", "@")), cell
        assert "\n" not in cell
        assert "\r" not in cell


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(
        f'<!ENTITY {after} "{f"&{name};" * 10}">'.encode()
        for name, after in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + b"]><x>&i;</x>"
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><x>&f;</x>'
REMOTE = b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><x/>'


@pytest.mark.parametrize("parse_xml", [nav_markup.parse_xml, ax_markup.parse_xml])
@pytest.mark.parametrize("content", [BOMB, OUTSIDE, REMOTE, b"<x>", b"", b"\xff\xfe<"])
def test_xml_with_a_document_type_or_without_an_end_is_refused(
    parse_xml: Callable[[bytes], object], content: bytes
) -> None:
    with pytest.raises(ValueError, match=r"document type|well-formed"):
        parse_xml(content)


async def test_a_truncated_database_is_told_from_a_wrong_key(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    ring = KeyRing.generate()
    async with await Store.open(f"sqlite:///{path}", Cipher(ring), migrate=True) as store:
        await store.credentials.put("demo", "secret", "s" * 5000)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StoreDamaged, match="restore it from a backup"):
        await _read(path, ring)
    path.write_bytes(whole)
    with pytest.raises(WrongKey, match="'k1' is not the one"):
        await _read(path, KeyRing.generate())
    with pytest.raises(UnknownKey, match="'k1', which is not in the key ring"):
        await _read(path, KeyRing.generate("k2"))
    assert await _read(path, ring) == "s" * 5000


async def _read(path: Path, ring: KeyRing) -> str | None:
    async with await Store.open(f"sqlite:///{path}", Cipher(ring), migrate=True) as store:
        return await store.credentials.get("demo", "secret")


@pytest.mark.parametrize("source", ["", "k1", "k1:short", "k1:%%%", "file:/nowhere/key"])
def test_keys_that_are_missing_or_none_are_refused_without_being_shown(source: str) -> None:
    with pytest.raises(BadKeySource) as refused:
        KeyRing.from_source(source)
    assert "short" not in str(refused.value)
