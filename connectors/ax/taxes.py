"""AX's own tax for each tax code of a document, before anybody posts it.

A tax code of the mapping is an item sales tax group of AX. Only the custom service tells what each
comes to; without it AX shows no tax before a document is posted, and that of a posted one as a sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from connectors.ax.postings import CREDITS
from documents.money import Money
from documents.record import MappedRecord

UNTOLD_TAXES = (
    "the custom service does not tell the tax of each item sales tax group (getInvoiceTotals): "
    "install it as it is now, or set target.tax_by_code to false, and only totals are compared"
)
_FIELD = "TaxItemGroup"


def groups_of(record: MappedRecord) -> dict[str, set[str]]:
    """The item sales tax groups of each code's lines; none when codes have one in common, so that
    AX cannot tell them apart."""
    found = {
        each.code: {str(record.lines[n - 1].get(_FIELD, "")).casefold() for n in each.lines}
        for each in record.taxes
    }
    distinct = len(set().union(*found.values())) == sum(map(len, found.values()))
    return found if distinct else {}


def taxes_of(record: MappedRecord, computed: Mapping[str, Decimal]) -> dict[str, Money]:
    """What AX computed for each code, from what it did for each group. AX writes the amounts of
    a credit note with a minus sign."""
    sign = -1 if record.kind in CREDITS else 1
    groups, none = groups_of(record), Decimal(0)
    return {
        each.code: Money.of(
            sign * sum((computed.get(name, none) for name in groups[each.code]), none),
            each.tax.currency,
        )
        for each in record.taxes
    }
