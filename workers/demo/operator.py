"""Who works the exceptions of one connection in the story."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client, WorkflowUpdateFailedError

from documents.key import Kind
from documents.naming import process_id
from documents.row import Action
from workers.demo.mappings import add_tax_row
from workflows.resolution import ResolveRequest


@dataclass(frozen=True)
class Operator:
    """Edits the mapping and has held documents tried again."""

    client: Client
    connection: str
    spec: Path

    def map_tax(self, name: str, percent: str) -> None:
        """A row for a tax that had none, in the mapping of the connection."""
        add_tax_row(self.spec, name, percent)

    async def retry(self, invoice: int, why: str) -> None:
        """Have a held invoice tried again, unless the sweep came first."""
        name = process_id(self.connection, Kind.INVOICE, str(invoice))
        request = ResolveRequest(action=Action.RETRY, who="Ada", why=why)
        with suppress(WorkflowUpdateFailedError):
            await self.client.get_workflow_handle(name).execute_update("resolve", request)
