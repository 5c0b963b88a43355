"""What the alerts need of a channel, whatever it is."""

from __future__ import annotations

from typing import Protocol


class Channel(Protocol):
    """One way to reach people. `name` is how our store tells channels apart."""

    name: str

    async def send(self, subject: str, text: str) -> None:
        """Tell people; `text` contains the subject. Raises a ConnectorError when it was not
        taken: what was not told is told again."""
        ...
