"""Trouble that people are told of: what was found, and what they know already."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Finding(BaseModel):
    """One kind of trouble of a connection, however many documents it concerns.

    `cause` is a stable code, `what` and `remedy` are sentences without personal data; `since`
    is when the oldest of it began (aware UTC).
    """

    model_config = ConfigDict(frozen=True)

    cause: str
    what: str
    remedy: str = ""
    number: int = 1
    since: AwareDatetime


class AlertState(BaseModel):
    """One cause as one channel knows it: when it began, was last there and last told of (aware
    UTC), how often it was told, and how many documents it concerned then."""

    model_config = ConfigDict(frozen=True)

    cause: str
    first_at: AwareDatetime
    seen_at: AwareDatetime
    told_at: AwareDatetime
    times: int = 1
    number: int = 1
