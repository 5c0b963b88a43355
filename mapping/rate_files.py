"""Readers of rate files: the ECB's daily XML, a CSV table, a YAML table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path

from lxml import etree
from pydantic import ValidationError

from documents.exchange import Rate
from mapping.errors import SpecError
from mapping.source import read_yaml


class RatesUnreadable(ValueError):
    """A rate file is not what its name says. Names the file and what is wrong with it."""


_ECB = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
_COLUMNS = ("base", "quote", "date", "rate", "source")


def read_rates(path: Path) -> list[Rate]:
    """The rates of a file, by its ending: .xml, .csv, .yaml. Raises RatesUnreadable."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise RatesUnreadable(f"{path.name}: a rate file ends in {', '.join(sorted(_READERS))}")
    try:
        return reader(path)
    except OSError as error:
        raise RatesUnreadable(f"{path.name}: {error.strerror}") from error


def read_ecb(path: Path) -> list[Rate]:
    """The European Central Bank's reference rates (eurofxref-daily.xml, eurofxref-hist.xml).

    A `Cube` with a time holds one `Cube` per currency: 1 EUR is `rate` of it. The feed comes
    from outside, so neither entities nor a document type are read.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        tree = etree.fromstring(path.read_bytes(), parser)
    except etree.XMLSyntaxError as error:
        raise RatesUnreadable(f"{path.name}: is not XML, line {error.lineno}") from error
    if tree.getroottree().docinfo.doctype:
        raise RatesUnreadable(f"{path.name}: has a document type, which the ECB's file has not")
    rates = [_ecb_rate(path, cube) for cube in tree.iter(_ECB) if cube.get("currency")]
    if not rates:
        raise RatesUnreadable(f"{path.name}: holds no rates of the ECB's form")
    return rates


def _ecb_rate(path: Path, cube: etree._Element) -> Rate:
    parent = cube.getparent()
    when = parent.get("time") if parent is not None else None
    values = {"base": "EUR", "quote": cube.get("currency"), "date": when, "source": "ECB"}
    return _rate(f"{path.name}: line {cube.sourceline}", {**values, "rate": cube.get("rate")})


def read_csv(path: Path) -> list[Rate]:
    """A table with the columns base, quote, date, rate, source (source may be missing)."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RatesUnreadable(f"{path.name}: is not UTF-8 text") from error
    reader = csv.DictReader(io.StringIO(text))
    missing = [name for name in _COLUMNS[:4] if name not in (reader.fieldnames or ())]
    if missing:
        raise RatesUnreadable(f"{path.name}: has no column {', '.join(missing)}")
    return [_rate(f"{path.name}: line {reader.line_num}", row, path.name) for row in reader]


def read_yaml_table(path: Path) -> list[Rate]:
    """A list `rates` of entries with base, quote, date, rate, source (source may be missing)."""
    try:
        source = read_yaml(path, path.name)
    except SpecError as error:
        raise RatesUnreadable(str(error)) from error
    entries = source.data.get("rates")
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise RatesUnreadable(f"{path.name}: must hold a list `rates`")
    return [
        _rate(f"{path.name}: line {source.place(('rates', n)).line}", entry, path.name)
        for n, entry in enumerate(entries)
    ]


def _rate(where: str, values: Mapping[str, object], source: str = "") -> Rate:
    known = {name: values.get(name) for name in _COLUMNS}
    try:
        return Rate.model_validate({**known, "source": known["source"] or source})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise RatesUnreadable(f"{where}: {field}: {first['msg']}") from error


_READERS: dict[str, Callable[[Path], list[Rate]]] = {
    ".xml": read_ecb,
    ".csv": read_csv,
    ".yaml": read_yaml_table,
    ".yml": read_yaml_table,
}
