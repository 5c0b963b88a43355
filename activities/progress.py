"""How far a long step has come: kept with its heartbeats, and given to the attempt after it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel
from temporalio import activity

_M = TypeVar("_M", bound=BaseModel)


@dataclass
class Progress:
    """What the heartbeats of one attempt carry. It begins with what the attempt before left, so
    that an attempt which dies early does not erase it."""

    details: tuple[object, ...] = ()

    def beat(self) -> None:
        activity.heartbeat(*self.details)


_PRESENT: ContextVar[Progress | None] = ContextVar("progress", default=None)


def begin() -> Progress:
    """The progress of the present attempt. Call once, before its first heartbeat."""
    progress = Progress(tuple(activity.info().heartbeat_details))
    _PRESENT.set(progress)
    return progress


def report(state: BaseModel) -> None:
    """This far: the next attempt goes on from here if this one dies."""
    progress = _PRESENT.get() or begin()
    progress.details = (state.model_dump(mode="json"),)
    progress.beat()


def resumed(model: type[_M]) -> _M | None:
    """Where the attempt before came to; None for the first attempt."""
    details = activity.info().heartbeat_details
    return model.model_validate(details[0]) if details else None
