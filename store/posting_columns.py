"""A posting row as the database keeps it, and back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from documents.key import Key, Kind
from documents.money import Money
from documents.posting import PostingState
from documents.record import MappedRecord
from documents.row import PostingRow, Send
from store.cipher import Cipher
from store.columns import money_columns, money_of, to_millionths
from store.tables import POSTING_RECORD


class StoredPosting(PostingRow):
    """A posting row with the version that it was read at. Every change of the row raises it, so
    that a compare-and-swap sees a fence that was taken and cleared meanwhile."""

    version: int


def new_columns(key: Key, connection: str, amount: Money | None) -> dict[str, Any]:
    return {
        "key": key.text(),
        "connection": connection,
        "kind": key.kind.value,
        "source_id": key.source_id,
        "generation": key.generation,
        "state": PostingState.ABSENT.value,
        "number": "",
        **money_columns(amount),
        "forgotten": False,
        "version": 1,
    }


def record_columns(record: MappedRecord | None, key: str, cipher: Cipher) -> dict[str, Any]:
    """The record, and what a tie-out compares of it, in clear as amounts are: the tax that the
    target was to compute, and the document date (an ordinal)."""
    expected, on = (record.expected, record.document_date) if record else (None, None)
    return {
        "record": encrypt_record(record, key, cipher),
        "tax_millionths": to_millionths(expected.tax.amount) if expected else None,
        "document_day": on.toordinal() if on else None,
    }


def encrypt_record(record: MappedRecord | None, key: str, cipher: Cipher) -> bytes | None:
    if record is None:
        return None
    content = record.model_dump_json().encode()
    return cipher.encrypt(content, POSTING_RECORD.context((key,)), compress=True)


def from_columns(row: Row[Any], cipher: Cipher) -> StoredPosting:
    return StoredPosting(
        key=row.key,
        connection=row.connection,
        kind=Kind(row.kind),
        source_id=row.source_id,
        generation=row.generation,
        state=PostingState(row.state),
        number=row.number,
        amount=money_of(row),
        record=_decrypt_record(row, cipher),
        forgotten=row.forgotten,
        send=_send(row),
        in_doubt_since=row.in_doubt_since,
        version=row.version,
    )


def _decrypt_record(row: Row[Any], cipher: Cipher) -> MappedRecord | None:
    if row.record is None:
        return None
    content = cipher.decrypt(row.record, POSTING_RECORD.context((row.key,)))
    return MappedRecord.model_validate_json(content)


def _send(row: Row[Any]) -> Send | None:
    if row.send_id is None:
        return None
    return Send(
        send_id=row.send_id,
        operation=row.send_operation,
        sent_at=row.send_at,
        deadline=row.send_deadline,
        acknowledged=row.send_acknowledged,
    )
