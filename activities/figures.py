"""What the target says of a document, held against what was sent."""

from __future__ import annotations

from activities import posting_holds
from activities.doubt import Seen
from documents.hold import HoldRequired
from documents.money import Money, smallest_unit
from documents.posting import LEDGERED, Posting
from documents.record import CodeTax, Figures


def is_in_ledger(posting: Posting) -> bool:
    """Posted, whatever happened to it afterwards. Created is not: others may post it later."""
    return posting.state in LEDGERED


def agrees(seen: Seen) -> bool:
    """Whether the target computed what the record expects, to the cent."""
    record, figures = seen.row.record, seen.found.figures
    return record is not None and record.expected is not None and figures == record.expected


def compare(seen: Seen) -> None:
    """The target's own net, tax and total against the source's, before anything is posted and
    of what was. HoldRequired when they differ."""
    record, found = seen.row.record, seen.found
    if record is None or record.expected is None or found.figures is None or agrees(seen):
        return
    number = (found.number or "") if is_in_ledger(found) else ""
    raise HoldRequired(posting_holds.differs(record.expected, found.figures, number))


def tax_apart(seen: Seen) -> tuple[CodeTax, Money] | None:
    """The first tax code for which the target computed another tax than the source says, and that
    tax. The source states a tax by its name: where one is on lines of several codes, its
    share is known to the smallest unit only."""
    record = seen.row.record
    if record is None:
        return None
    for each in record.taxes:
        limit = max(record.tolerance, smallest_unit(each.tax.currency))
        computed = seen.found.taxes.get(each.code, each.tax)
        if abs((computed - each.tax).amount) > limit:
            return each, computed
    return None


def compare_taxes(seen: Seen) -> None:
    """The tax of each code, before anything is posted. HoldRequired when one differs."""
    apart = tax_apart(seen)
    if apart is not None:
        raise HoldRequired(posting_holds.tax_differs(*apart))


def is_same_document(found: Figures | None, expected: Figures) -> bool:
    """Totals agree, and tax where the target states any: an entry without a sales document, or
    with the tax as a line of its own, states none."""
    if found is None or found.total != expected.total:
        return False
    return not found.tax or found.tax == expected.tax
