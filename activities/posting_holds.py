"""The holds of posting and adopting, with the differing values."""

from __future__ import annotations

from datetime import datetime

from documents.hold import Hold, HoldClass, HoldRequired
from documents.money import Money
from documents.posting import Posting
from documents.record import CodeTax, Figures
from documents.row import PostingRow


def differs(expected: Figures, found: Figures, posted: str = "") -> Hold:
    """`posted` is the number under which it stands in the ledger already, if it does."""
    stands = f" It is posted there as {posted}." if posted else ""
    return Hold(
        cause="totals-differ",
        hold_class=HoldClass.SETUP,
        reason=(
            f"The target computes net {found.net}, tax {found.tax}, total {found.total}; the "
            f"source says net {expected.net}, tax {expected.tax}, total {expected.total}.{stands}"
        ),
        remedy=(
            "Take it back in the target, or skip it here; then check the tax codes in the mapping."
            if posted
            else "Check the tax codes in the mapping and the tax set-up of the target, then retry."
        ),
        values={"source": str(expected.total), "target": str(found.total)},
    )


def tax_differs(expected: CodeTax, found: Money) -> Hold:
    """The total may agree all the same: too much under one code hides too little under another."""
    return Hold(
        cause="tax-differs",
        hold_class=HoldClass.SETUP,
        reason=(
            f"The target computes a tax of {found} on the lines of tax code "
            f"{expected.code or '(none)'}; the source says {expected.tax}."
        ),
        remedy="Check the tax codes in the mapping and the tax set-up of the target, then retry.",
        values={"code": expected.code, "source": str(expected.tax), "target": str(found)},
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
    if row.is_unshown and row.send:
        return _created_not_shown(row.key, row.send.acknowledged or "")
    return Hold(
        cause=IN_DOUBT,
        hold_class=HoldClass.IN_DOUBT,
        reason=(
            f"The target gave no answer when {row.key} was sent, and the document was not found "
            "there since; it may still appear."
        ),
        remedy=(
            f"Search the target for {row.key}, among what is not posted too. Posted: resolve with "
            "retry, or with adopt and its number. Not posted: post it there. Not there, or "
            "deleted: resolve with release, which sends it again if it is still wanted."
        ),
        values={"key": row.key},
    )


def _created_not_shown(key: str, number: str) -> Hold:
    return Hold(
        cause=CREATED_NOT_SHOWN,
        hold_class=HoldClass.IN_DOUBT,
        reason=(
            f"The target said that it created {number or 'a document'} for {key}, and a search for "
            "that key has not found it since."
        ),
        remedy=(
            "Look in the target: a filter or mapping there may hide our key. When the key can be "
            "found, resolve with retry. Not there, or deleted: resolve with release, which sends "
            "it again if it is still wanted."
        ),
        values={"key": key, "document": number},
    )


def too_early(row: PostingRow, until: datetime) -> Hold:
    held = in_doubt(row)
    when = until.strftime("%Y-%m-%d %H:%M:%S UTC")
    reason = f"{row.key} was sent, and could still appear in the target until {when}."
    return held.model_copy(update={"reason": reason, "remedy": f"After that: {held.remedy}"})


def created_unseen(row: PostingRow) -> Hold:
    """Of what only people can delete."""
    number = row.number or row.key
    return Hold(
        cause=DISCARD_BY_HAND,
        hold_class=HoldClass.DATA,
        reason=(
            f"{number} was created in the target for {row.key} and waits there to be posted; it is "
            "not wanted any more as it is, and the target lets nobody but people find or delete it."
        ),
        remedy=(
            "Delete it in the target, then resolve with release. If it was posted meanwhile, "
            "resolve with retry."
        ),
        values={"key": row.key, "number": row.number},
    )


def not_done(reason: str) -> HoldRequired:
    """Why something that two people approved is not done."""
    hold = Hold(cause="not-reversible", hold_class=HoldClass.POLICY, reason=reason)
    return HoldRequired(hold)


IN_DOUBT = "in-doubt"
DISCARD_BY_HAND = "discard-by-hand"
CREATED_NOT_SHOWN = "created-not-shown"
RELEASED = (IN_DOUBT, DISCARD_BY_HAND, CREATED_NOT_SHOWN)
"""Causes about something of ours in the target that only a person can look for."""
