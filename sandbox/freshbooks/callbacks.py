"""Webhook callbacks: registration and the verification handshake (freshbooks.md, section 7)."""

from __future__ import annotations

import hmac
import secrets
from typing import Any, ClassVar
from urllib.parse import urlsplit

from sandbox.freshbooks import times
from sandbox.freshbooks.books import Books
from sandbox.freshbooks.errors import ApiError
from sandbox.freshbooks.fields import Fields
from sandbox.freshbooks.kind import ACTIVE, Filters, Kind
from sandbox.freshbooks.query import Filter
from sandbox.storage import Row

NOUNS = (
    *("bill", "bill_vendor", "category", "client", "credit_note", "estimate", "expense", "invoice"),
    *("item", "payment", "project", "recurring", "service", "tax", "time_entry"),
)
EVENTS = frozenset(
    {f"{noun}.{verb}" for noun in NOUNS for verb in ("create", "update", "delete")}
    | {"estimate.sendByEmail", "invoice.sendByEmail"}
    | set(NOUNS)
)


class Callbacks(Kind):
    """One registration per event; a bare noun listens to all its verbs.

    No event is delivered before the verifier was brought back. The verifier stays the key of every
    signature of that callback.
    """

    path, singular, plural = "events/callbacks", "callback", "callbacks"
    aliases = ("id", "callbackid")
    first_id = 8_000_001
    http_delete, hard_delete = True, True
    stamps = ("updated_at",)
    writable: ClassVar[Fields] = {"event": "", "uri": ""}
    readonly: ClassVar[Fields] = {"verified": False, "_failures": 0}
    hidden = frozenset({"vis_state", "accounting_systemid"})
    filters: ClassVar[Filters] = {"event": Filter("equal"), "uri": Filter("equal")}

    def __init__(self, books: Books) -> None:
        super().__init__(books)

    def create(self, account_id: str, body: Row) -> Row:
        """Register, and send the verifier right away."""
        _check(body)
        with self.books.change():
            row = self._blank(account_id) | self.accept(account_id, body, creating=True)
            row = self.save(row | {"_verifier": secrets.token_hex(24)})
            self._send_verifier(row)
        return row

    def update(self, account_id: str, object_id: str, body: Row) -> Row:
        """Take the verifier back, send it again, or change event and address (then unverified)."""
        row = self.get(account_id, object_id)
        with self.books.change():
            if body.get("verifier") is not None:
                return self._verify(row, str(body["verifier"]))
            changes = self.accept(account_id, body, creating=False)
            if changes:
                _check(row | changes)
                row = self.save(row | changes | {"verified": False})
            if changes or body.get("resend"):
                self._send_verifier(row)
        return row

    def key_failure(self, key: str, failed: bool) -> None:
        """Count deliveries given up in a row; too many disable the callback, if so configured."""
        row = self.table.get(key)
        if row is None or (not failed and not row["_failures"]):
            return
        failures = row["_failures"] + 1 if failed else 0
        limit = self.books.settings.disable_after
        disabled = limit is not None and failures >= limit
        verified = row["verified"] and not disabled
        self.table[key] = row | {"_failures": failures, "verified": verified}

    def stamp(self, moment: Any) -> str:
        """UTC with a Z."""
        return times.zulu(moment)

    def save(self, row: Row) -> Row:
        """Store without posting."""
        return super().save(row | {"vis_state": ACTIVE})

    def _verify(self, row: Row, verifier: str) -> Row:
        if not hmac.compare_digest(verifier.encode(), row["_verifier"].encode()):
            raise _refused("verifier", "Value error, Verifier does not match.", verifier)
        return self.save(row | {"verified": True, "_failures": 0})

    def _send_verifier(self, row: Row) -> None:
        self.books.outbox.add_verification(self.books.accounts[row["_account"]], row)


def _check(body: Row) -> None:
    if body.get("event") not in EVENTS:
        raise _refused("event", "Value error, Unrecognized event.", body.get("event"))
    parts = urlsplit(str(body.get("uri") or ""))
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise _refused("uri", "Value error, Not an absolute URI.", body.get("uri"))


def _refused(field: str, message: str, value: object) -> ApiError:
    return ApiError(422, message, field=field, entity="callback", value=value)
