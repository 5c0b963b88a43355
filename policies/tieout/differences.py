"""A difference between both sides, before anybody asked why."""

from __future__ import annotations

from dataclasses import dataclass

from documents.ledger import BookRow
from documents.tieout import BreakType


@dataclass(frozen=True)
class Difference:
    """A break of one document, before anybody asked why. `source` and `target` are the rows that
    were compared; `difference` is target less source in millionths of the currency."""

    type: BreakType
    source: BookRow | None = None
    target: BookRow | None = None
    source_value: str = ""
    target_value: str = ""
    difference: int = 0
    cause: str = ""

    @property
    def row(self) -> BookRow:
        """The row that names the document: the source's where there is one."""
        row = self.source or self.target
        assert row is not None, "a difference is about a row"
        return row
