"""The holds of posting and adopting, with the differing values."""

from __future__ import annotations

from documents.hold import Hold, HoldClass
from documents.posting import Posting
from documents.record import Figures
from documents.row import PostingRow


def differs(expected: Figures, found: Figures) -> Hold:
    return Hold(
        cause="totals-differ",
        hold_class=HoldClass.SETUP,
        reason=(
            f"The target computes net {found.net}, tax {found.tax}, total {found.total}; the "
            f"source says net {expected.net}, tax {expected.tax}, total {expected.total}."
        ),
        remedy="Check the tax codes in the mapping and the tax set-up of the target, then retry.",
        values={"source": str(expected.total), "target": str(found.total)},
    )


def nothing_to_adopt(number: str) -> Hold:
    return Hold(
        cause="adopted-not-found",
        hold_class=HoldClass.DATA,
        reason=f"There is no posted document {number} in the target.",
        remedy="Resolve with adopt and the number of the posted document, or with retry.",
        values={"number": number},
    )


def stands_already(number: str, ours: Posting) -> Hold:
    return Hold(
        cause="adopted-differs",
        hold_class=HoldClass.DATA,
        reason=(
            f"This document stands in the target as {ours.number}, which was posted under our key: "
            f"it cannot stand for {number} too."
        ),
        remedy=f"Resolve with adopt and {ours.number}; take {number} back in the target.",
        values={"number": number, "ours": ours.number or ""},
    )


def adopts_another(number: str, expected: Figures, found: Posting) -> Hold:
    there = str(found.figures.total) if found.figures else "unknown"
    return Hold(
        cause="adopted-differs",
        hold_class=HoldClass.DATA,
        reason=(
            f"{number} of customer {found.party} over {there} is not this document over "
            f"{expected.total}: total, tax and customer must agree."
        ),
        remedy="Adopt the right number, or correct the document in the target, then retry.",
        values={"source": str(expected.total), "target": there, "customer": found.party or ""},
    )


def in_doubt(row: PostingRow) -> Hold:
    return Hold(
        cause="in-doubt",
        hold_class=HoldClass.IN_DOUBT,
        reason=(
            f"The target gave no answer when {row.key} was sent, and the document was not found "
            "there since; it may still appear."
        ),
        remedy=(
            f"Search the target for {row.key}. If it is there, resolve with adopt and its number; "
            "if it can no longer appear, resolve with retry."
        ),
        values={"key": row.key},
    )
