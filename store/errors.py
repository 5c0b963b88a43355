"""What can go wrong with our own database.

    StoreError
    |-- StoreUnavailable   not reached, locked or full: retry
    |-- StoreDamaged       the file is not a database, or is cut short: restore it
    |-- NewerDatabase      written by a newer release: upgrade this one
    |-- OlderDatabase      not migrated yet
    |-- BadStoreUrl        an address that cannot serve
    |-- Unstorable         a value that the database cannot keep exactly
    |   `-- AmountOutOfRange
    |-- StaleRow           somebody saved the document meanwhile: read again
    |-- FenceHeld          an earlier send may still commit: wait until then
    |-- FenceLost          the posting moved on since it was read: look again
    |-- UnknownPosting     no posting was opened for the key
    |-- KeyClash           the key belongs to another connection
    |-- RecordKept         the mapped record may no longer be replaced
    |-- NumberTaken        the target number belongs to another document
    |-- RefreshInDoubt     a token refresh was begun and never finished: sign in again
    |-- LeaseHeld          somebody else holds the lease past our patience
    |-- LeaseLost          our lease expired while we worked
    |-- UnknownCallback    no such webhook registration
    |-- ClientInUse        documents of the client are not settled
    |-- NameTaken          somebody of this name has a valid token
    `-- CipherError
        |-- BadKeySource   the key could not be read
        |-- UnknownKey     encrypted with a key that is not in the ring
        |-- WrongKey       the key of that id is another one than the database was written with
        `-- Tampered       the content was changed, cut short, or moved from another row

Texts name ids and numbers, never secrets, keys or personal data. `retryable` says whether the
same call can succeed later without a person.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import DontWrapMixin


class StoreError(Exception):
    """Base of all failures of the store."""

    retryable = False


class StoreUnavailable(StoreError):
    """The database is not reached, locked by others, or its disk is full. Nothing was saved."""

    retryable = True


class StoreDamaged(StoreError):
    """The database file is not one, or is cut short."""

    def __init__(self) -> None:
        super().__init__(
            "the store's database file is damaged, cut short or not a database: "
            "stop all workers and restore it from a backup"
        )


class NewerDatabase(StoreError):
    """The schema was made by a newer release of this product."""

    def __init__(self, found: str, known: str) -> None:
        super().__init__(
            f"the store has schema revision {found}, this release knows up to {known}: "
            "upgrade this installation, or restore the backup made before the upgrade"
        )
        self.found = found


class OlderDatabase(StoreError):
    """The schema is older than this release needs, and migrating was not asked for."""

    def __init__(self, found: str, needed: str) -> None:
        super().__init__(
            f"the store has schema revision {found or 'none'}, this release needs {needed}: "
            "open it with migrations allowed"
        )


class BadStoreUrl(StoreError):
    """The address of the store cannot serve; the message says why, without the password."""


class Unstorable(StoreError, DontWrapMixin):
    """A value that the database cannot keep exactly, refused before anything is written."""


class AmountOutOfRange(Unstorable):
    """An amount with more than six decimals, or of more than nine trillion."""


class StaleRow(StoreError):
    """The stored version is not the one that was read (or the row exists, or is gone)."""

    retryable = True

    def __init__(self, connection: str, kind: str, source_id: str, version: int) -> None:
        super().__init__(
            f"{kind} {source_id} of {connection} is no longer at version {version}: read it again"
        )


class FenceHeld(StoreError):
    """An earlier send of this posting may still commit. `until` (UTC) is when it cannot."""

    retryable = True

    def __init__(self, key: str, until: datetime) -> None:
        super().__init__(f"an earlier send of {key} may still commit until {until.isoformat()}")
        self.key = key
        self.until = until


class FenceLost(StoreError):
    """The posting moved on since it was read: what was looked up proves nothing any more."""

    retryable = True

    def __init__(self, key: str) -> None:
        super().__init__(f"the posting {key} moved on since it was read: look again")
        self.key = key


class UnknownPosting(StoreError):
    """No posting was opened under this key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"no posting was opened under the key {key}")


class KeyClash(StoreError):
    """Two connections use the same tag, so that their keys are the same."""

    def __init__(self, key: str, owner: str, other: str) -> None:
        super().__init__(
            f"the key {key} belongs to connection {owner}; {other} must have a tag of its own"
        )


class RecordKept(StoreError):
    """The mapped record may have been sent already: every retry sends the same bytes."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__(f"the record of {key} is kept: {why}")


class NumberTaken(StoreError):
    """One target document belongs to one document of the source."""

    def __init__(self, connection: str, target_kind: str, number: str) -> None:
        super().__init__(
            f"{target_kind} {number} of {connection} belongs to another document already"
        )
        self.number = number


class RefreshInDoubt(StoreError):
    """A refresh token was used and what came of it was never stored. It works only once."""

    def __init__(self, connection: str, since: datetime | None) -> None:
        begun = f" begun at {since.isoformat()}" if since else ""
        super().__init__(
            f"the token refresh of {connection}{begun} did not finish: its single-use refresh "
            "token may be spent. Sign the connection in again"
        )
        self.since = since


class LeaseHeld(StoreError):
    """Somebody else held the lease for as long as we were willing to wait."""

    retryable = True

    def __init__(self, name: str) -> None:
        super().__init__(f"the lease {name} is held by somebody else")


class LeaseLost(StoreError):
    """The lease could not be renewed in time: another holder may be at work already."""

    retryable = True

    def __init__(self, name: str) -> None:
        super().__init__(f"the lease {name} expired while its holder worked")


class UnknownCallback(StoreError):
    """There is no pending webhook registration of this id."""

    def __init__(self, connection: str, callback_id: str) -> None:
        super().__init__(f"no verifier is pending for callback {callback_id} of {connection}")


class NameTaken(StoreError):
    """Somebody with a valid token has this name. The text leaves it out: it is personal."""

    def __init__(self) -> None:
        super().__init__("somebody of this name has a valid token: revoke it first")


class ClientInUse(StoreError):
    """A client whose documents are under way cannot be forgotten yet."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"{count} documents of this client are not settled: close, skip or abandon them first"
        )
        self.count = count


class CipherError(StoreError):
    """Base of all failures of encryption at rest."""


class BadKeySource(CipherError):
    """The keys could not be read from where they were said to be. Never shows key material."""


class UnknownKey(CipherError):
    """Something was encrypted with a key that is not in the ring."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"encrypted with the key {key_id!r}, which is not in the key ring: add it")
        self.key_id = key_id


class WrongKey(CipherError):
    """The key of this id is not the one that the database was written with."""

    def __init__(self, key_id: str) -> None:
        super().__init__(
            f"the key {key_id!r} is not the one this store was written with: give the right key; "
            "a new key needs a new id"
        )
        self.key_id = key_id


class Tampered(CipherError):
    """The content is not what was encrypted here: changed, cut short, or moved."""

    def __init__(self, context: str) -> None:
        super().__init__(f"encrypted content of {context} was changed, cut short or moved")
