"""Hints travel by signal-with-start: one call, durable even when no worker runs."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError

from activities.telling import Messenger
from workers.gateway.events import Concern

CALLBACK = Concern("callback")
"""Tells a worker to confirm a webhook registration."""


class TemporalAway(Exception):
    """Temporal did not take the hint in time: the sender must try again."""


class Hints:
    """Tells the processes of a source to look again. `seconds` bounds each call as a whole."""

    def __init__(self, client: Client, source: str, seconds: float) -> None:
        self._client = client
        self._source = source
        self._seconds = seconds

    async def send(self, connection: str, concern: Concern, object_id: str) -> None:
        """One signal-with-start; raises TemporalAway when it was not acknowledged in time."""
        patience = timedelta(seconds=self._seconds)
        messenger = Messenger(self._client, connection, self._source, patience=patience)
        try:
            async with asyncio.timeout(self._seconds):
                if concern.document:
                    await messenger.tell(concern.document, object_id)
                else:
                    await messenger.hint(concern.noun, object_id)
        except (TimeoutError, ConnectionError) as error:
            raise TemporalAway(f"no answer within {self._seconds:g} s") from error
        except RPCError as error:
            # Whatever the reason, the hint was not taken: the sender must keep it.
            raise TemporalAway(error.status.name) from error
        except RuntimeError as error:
            # What the SDK raises while a lazy client cannot connect.
            raise TemporalAway("not connected") from error
