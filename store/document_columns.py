"""A document row as the database keeps it, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Row

from documents.hold import Hold
from documents.key import Kind
from documents.review import Review
from documents.row import Decision, DocumentRow, DocumentState
from store.cipher import Cipher
from store.columns import money_columns, money_of
from store.tables import DOCUMENT_DETAILS


class _Details(BaseModel):
    """What may name a person or tell a reason: encrypted as one piece."""

    reason: str = ""
    hold: Hold | None = None
    decision: Decision | None = None
    review: Review = Review()


def identity(connection: str, kind: Kind, source_id: str) -> tuple[str, str, str]:
    return connection, kind.value, source_id


def to_columns(row: DocumentRow, cipher: Cipher) -> dict[str, Any]:
    """Everything that a save writes, apart from identity, version and the store's own times."""
    return {
        "source_number": row.source_number,
        "party_id": row.party_id,
        "parent_id": row.parent_id,
        "state": row.state.value,
        **money_columns(row.amount),
        "generation": row.generation,
        "fingerprint": row.fingerprint,
        "target_number": row.target_number,
        "target_party": row.target_party,
        "reversed_count": row.reversed_count,
        "hold_cause": row.hold.cause if row.hold else None,
        "hold_class": row.hold.hold_class.value if row.hold else None,
        "held_since": row.held_since,
        "details": _encrypt(row, cipher),
        "closed": row.closed,
    }


def from_columns(row: Row[Any], cipher: Cipher) -> DocumentRow:
    details = _decrypt(row, cipher)
    return DocumentRow(
        connection=row.connection,
        kind=Kind(row.kind),
        source_id=row.source_id,
        amount=money_of(row),
        reason=details.reason,
        hold=details.hold,
        decision=details.decision,
        review=details.review,
        state=DocumentState(row.state),
        **_as_they_are(row._mapping),
    )


_PLAIN = (
    "source_number", "party_id", "parent_id", "generation", "fingerprint", "target_number",
    "target_party", "reversed_count", "held_since", "closed", "received_at", "updated_at",
    "version",
)  # fmt: skip


def _as_they_are(columns: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: columns[name] for name in _PLAIN}


def _context(connection: str, kind: str, source_id: str) -> str:
    return DOCUMENT_DETAILS.context((connection, kind, source_id))


def _encrypt(row: DocumentRow, cipher: Cipher) -> bytes | None:
    details = _Details(reason=row.reason, hold=row.hold, decision=row.decision, review=row.review)
    if details == _Details():
        return None
    context = _context(row.connection, row.kind.value, row.source_id)
    return cipher.encrypt(details.model_dump_json().encode(), context)


def _decrypt(row: Row[Any], cipher: Cipher) -> _Details:
    if row.details is None:
        return _Details()
    context = _context(row.connection, row.kind, row.source_id)
    return _Details.model_validate_json(cipher.decrypt(row.details, context))
