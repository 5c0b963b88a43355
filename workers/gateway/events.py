"""What the events of FreshBooks mean to us: which process looks again at what."""

from __future__ import annotations

from dataclasses import dataclass

from documents.key import Kind

_NOUNS = (
    "bill", "bill_vendor", "category", "client", "credit_note", "estimate", "expense", "invoice",
    "item", "payment", "project", "recurring", "service", "tax", "time_entry",
)  # fmt: skip
_VERBS = ("create", "update", "delete")
_SENT = ("estimate.sendByEmail", "invoice.sendByEmail")

DOCUMENTED = frozenset(f"{noun}.{verb}" for noun in _NOUNS for verb in _VERBS) | frozenset(_SENT)
"""Every event FreshBooks documents (its webhook page; reference section 7)."""

_DOCUMENTS = {kind.value: kind for kind in (Kind.INVOICE, Kind.EXPENSE, Kind.BILL)}
_HINTED = ("payment", "credit_note", "client")


@dataclass(frozen=True)
class Concern:
    """Who looks at an object: the process of this document, or a hint that finds the documents
    which another object concerns."""

    noun: str
    document: Kind | None = None


def concern_of(event: str) -> Concern | None:
    """Who must look again after an event; None when it concerns no process of ours.

    Names are matched as documented, letter case included: what is not documented is ignored,
    because nobody says what its object id would mean.
    """
    noun = event.partition(".")[0]
    if event not in DOCUMENTED or noun not in (*_DOCUMENTS, *_HINTED):
        return None
    return Concern(noun, _DOCUMENTS.get(noun))
