"""What a process may be started with: people start them by hand too, and people mistype."""

from __future__ import annotations

import re

from temporalio.exceptions import ApplicationError

from documents.claim import kind_of
from documents.key import Kind

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
_ID = re.compile(r"[1-9][0-9]{0,10}")


def check_start(connection: str, source: str, what: str, source_id: str) -> None:
    """Fail the run with a sentence for a start that nothing can come of.

    An id has one spelling only: `007` and `7` would be two documents to us and one at the source.
    """
    _check_names(connection, source)
    if not _ID.fullmatch(source_id):
        raise _refused(f"{what} {source_id!r} is no id: digits only, not beginning with a zero")


def check_claim_start(connection: str, source: str, claim_id: str) -> None:
    """Fail the run with a sentence for a claim that nobody can have made."""
    _check_names(connection, source)
    if kind_of(claim_id) is not Kind.EXPENSE_CLAIM:
        raise _refused(f"claim_id {claim_id!r} is no claim: PERSON-YEARmonth or PERSON-YEARWweek")


def _check_names(connection: str, source: str) -> None:
    for name, value in (("connection", connection), ("source", source)):
        if not _NAME.fullmatch(value):
            raise _refused(f"{name} {value!r} is no name: lower-case letters, digits and dashes")


def _refused(why: str) -> ApplicationError:
    return ApplicationError(f"not started: {why}", type="bad-start", non_retryable=True)
