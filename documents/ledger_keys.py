"""Keys of ours in a ledger: all that stand for a document, and what each says of its posting."""

from __future__ import annotations

from documents.key import Key, Kind
from documents.ledger import Mark, document_of, family_of

_WRITE_OFFS = (Kind.WRITE_OFF, Kind.WRITE_OFF_REVERSAL)

MOST_DUPLICATES = 9
"""Postings too many of one document that are taken back, each under a key of its own."""

TAKEN_BACK_AS_ENTRIES = (Kind.PAYMENT, Kind.REFUND, Kind.PREPAYMENT, Kind.CREDIT_NOTE)
"""Documents of which a posting too many is an entry that the target reverses by itself."""

MOST_WRITE_OFFS = 9
"""Differences of one document that are written off, one after the other."""

_FIRST_WRITE_OFF = -100
"""Below every generation of a late fee."""

_MOST = {Kind.DUPLICATE_REVERSAL: MOST_DUPLICATES, **dict.fromkeys(_WRITE_OFFS, MOST_WRITE_OFFS)}


def keys_of(tag: str, match: str, generations: int) -> list[Key]:
    """Every key under which something may be posted for a document: those of its generations up
    to this one, of what takes them back or takes back duplicates of it, of its write-offs."""
    kind, source_id = document_of(match)
    kinds = [each for each in Kind if family_of(each) is kind]
    found = [
        Key(tag=tag, kind=each, source_id=source_id, generation=generation)
        for each in kinds
        for generation in range(1, _MOST.get(each, max(generations, 1)) + 1)
    ]
    if kind in TAKEN_BACK_AS_ENTRIES:
        own = Key(tag=tag, kind=kind, source_id=source_id)
        found += [own.taking_back(generation) for generation in range(1, MOST_DUPLICATES + 1)]
    return found


def generation_of(key: Key | None) -> int:
    """The generation that a posting belongs to; 0 for what takes back a duplicate, which is none
    of the document's own. A late fee counts its generations below zero, because it stands beside
    the invoice that it was added to; a write-off counts them further below."""
    if key is None:
        return 1
    if key.kind in _WRITE_OFFS:
        return _FIRST_WRITE_OFF - key.generation
    if key.kind in (Kind.LATE_FEE, Kind.LATE_FEE_REVERSAL):
        return -key.generation
    is_of_another = key.kind in (Kind.DUPLICATE_REVERSAL, Kind.ENTRY_REVERSAL)
    return 0 if is_of_another else key.generation


def marks_of_key(key: Key | None) -> Mark:
    """What our key says of a posting: that it takes back another one, that it is a write-off."""
    if key is None:
        return Mark.NONE
    written_off = Mark.WRITTEN_OFF if key.kind in _WRITE_OFFS else Mark.NONE
    return written_off | (Mark.REVERSAL if key.kind.value.endswith("_reversal") else Mark.NONE)
