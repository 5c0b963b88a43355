"""One document has one id: what the source answers to another spelling of it is refused."""

from __future__ import annotations

from typing import Protocol

from temporalio.exceptions import ApplicationError


class _Identified(Protocol):
    @property
    def source_id(self) -> str: ...


def refuse_alias(asked: str, found: _Identified | None) -> None:
    """End the run when the source means another id than the one that was asked for: two
    spellings would be two documents to us, with two keys, and be posted twice."""
    if found is not None and found.source_id != asked:
        raise ApplicationError(
            f"the source knows {asked} as {found.source_id}: start the process of that id",
            type="alias",
            non_retryable=True,
        )
