"""What carrying out decisions about breaks takes and gives: all that its workflow knows of it."""

from __future__ import annotations

from abc import ABC, abstractmethod

from temporalio import activity

from activities.signatures import Contract


class PutRightInput(Contract):
    """The document, by its match, about whose breaks two people decided, and the period whose
    tie-out found them. `queue` is where its target is reached;
    `waits_for` is the break for which the step before created what waits to be posted there."""

    connection: str
    period: str
    match: str
    queue: str
    waits_for: str = ""


class PutRightResult(Contract):
    """What one step came to, in words. `again` when there is another one, `waits` when somebody
    has to post in the target first, for the break `waits_for`."""

    how: str = ""
    again: bool = False
    waits: bool = False
    waits_for: str = ""


class PutRightSteps(ABC):
    @activity.defn(name="put right")
    @abstractmethod
    async def put_right(self, request: PutRightInput) -> PutRightResult: ...
