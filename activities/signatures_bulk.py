"""What a bulk retry's one step takes and gives. Imports nothing but documents."""

from __future__ import annotations

from abc import ABC, abstractmethod

from temporalio import activity

from activities.signatures import Contract

BULK_PAGE = 50
"""Documents that one step tells."""


class BulkRetryInput(Contract):
    """Retry every document of a connection that is held for one cause. `per_second` bounds how
    many are told in a second; `source` names the system whose task queue carries the step."""

    connection: str
    cause: str
    who: str
    why: str
    per_second: float = 5.0
    source: str = "freshbooks"


class RetryPageRequest(Contract):
    """One page of a bulk retry, after the cursor of the page before."""

    bulk: BulkRetryInput
    after: str = ""


class RetriedPage(Contract):
    """What became of a page: how many were told to retry, how many were not held any more, and
    the cursor of the next page (empty: that was the last)."""

    retried: int = 0
    gone: int = 0
    after: str = ""


class BulkProgress(Contract):
    """Where a bulk retry stands."""

    retried: int = 0
    gone: int = 0
    done: bool = False


class BulkSteps(ABC):
    """The one step of a bulk retry."""

    @activity.defn(name="retry a page of holds")
    @abstractmethod
    async def retry_page(self, request: RetryPageRequest) -> RetriedPage: ...
