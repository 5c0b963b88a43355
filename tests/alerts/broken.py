"""Two workflows that go wrong: one fails for good, one can never finish its first task."""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import ApplicationError


@workflow.defn(name="Fails", sandboxed=False)
class Fails:
    @workflow.run
    async def run(self) -> None:
        raise ApplicationError("this process is over", non_retryable=True)


@workflow.defn(name="Broken", sandboxed=False)
class Broken:
    @workflow.run
    async def run(self) -> None:
        raise KeyError("a bug in a workflow")
