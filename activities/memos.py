"""What must not be forgotten between two calls of a target, kept in our store."""

from __future__ import annotations

from dataclasses import dataclass

from activities.context import Connection
from documents.key import Key, Kind
from store.store import Store


@dataclass(frozen=True)
class EntryMemo:
    """The connectors' `Memo` about one entry: what was taken back with it and is to be settled
    again. Not written down anywhere else, so that a killed worker would forget it."""

    connection: Connection
    store: Store
    entry: Key

    async def read(self) -> str:
        reference = await self.store.references.get(*self._name)
        return reference.target_number if reference else ""

    async def write(self, text: str) -> None:
        await self.store.references.put(*self._name, "", text)

    @property
    def _name(self) -> tuple[str, Kind, str]:
        return self.connection.name, Kind.CREDIT_APPLICATION, f"again/{self.entry.text()}"
