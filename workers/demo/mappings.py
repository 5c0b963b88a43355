"""The mapping specs of the demo: a copy of its own, which somebody edits while everything runs."""

from __future__ import annotations

import shutil
from pathlib import Path

from workers.dev.files import write_durably
from workers.dev.plan import PACKAGED_MAPPINGS

_ANY_TAX = """    - taxes: "*"
      line: {account: "2200"}
"""
_CHARGED = (
    "{name: HST, percent: 13}",
    "{name: GST, percent: 5}",
    "{name: GST, percent: 5}, {name: QST, percent: 9.975, compound: true}",
)


def own_mappings(folder: Path) -> Path:
    """A copy in a folder, with a row for each tax of the story and none for whatever else: as in
    real books, a tax that nobody has mapped holds its document."""
    copy = shutil.copytree(PACKAGED_MAPPINGS, folder / "mappings")
    for spec in copy.glob("freshbooks-*.yaml"):
        text = spec.read_text(encoding="utf-8")
        write_durably(spec, text.replace(_ANY_TAX, "".join(map(_row, _CHARGED))))
    return copy


def add_tax_row(spec: Path, name: str, percent: str) -> None:
    """What an operator does about `tax-unmapped`; a worker reads the file again by itself."""
    before, section, after = spec.read_text(encoding="utf-8").partition("\ntaxes:\n")
    settings, rows, others = after.partition("  rows:\n")
    added = _row(f"{{name: {name}, percent: {percent}}}")
    write_durably(spec, before + section + settings + rows + added + others)


def _row(taxes: str) -> str:
    return f'    - {{taxes: [{taxes}], line: {{account: "2200"}}}}\n'
