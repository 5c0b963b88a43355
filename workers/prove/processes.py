"""What must hold of the processes: none failed, none hangs, each document has its own."""

from __future__ import annotations

from temporalio.client import Client

_ENDED_BADLY = "ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated')"


async def process_findings(client: Client, connection: str) -> list[str]:
    """A sentence for each process of a connection that did not end in order."""
    return [
        f"process {run.id} ended as {run.status.name if run.status else 'unknown'}"
        async for run in client.list_workflows(_ENDED_BADLY)
        if connection in run.id.split("/")
    ]
