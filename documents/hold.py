"""A hold: why a document cannot go on, in words a bookkeeper understands."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

UNPROVEN = "decision-unproven"
"""The cause of a hold that only a decision can have: it lacks the proof of who took it."""


class HoldClass(StrEnum):
    """Who has to do something about a held document."""

    DATA = "data"  # the document itself: corrected at the source
    SETUP = "set-up"  # mapping or target set-up: corrected by an administrator
    IN_DOUBT = "in doubt"  # an outcome is unknown: a person looks into the target
    UNREACHABLE = "unreachable"  # an outside system stayed away past the patience
    POLICY = "policy"  # a rule of the connection wants a decision

    @property
    def owner(self) -> str:
        """Whose turn it is."""
        return _OWNERS[self]


_OWNERS = {
    HoldClass.DATA: "billing",
    HoldClass.SETUP: "administrator",
    HoldClass.IN_DOUBT: "controller",
    HoldClass.UNREACHABLE: "administrator",
    HoldClass.POLICY: "controller",
}


class Hold(BaseModel):
    """A document waits for a person.

    `cause` is a stable code (no personal data; it becomes a search attribute and a failure
    type), `reason` a sentence with the differing values, `remedy` what to do about it.
    """

    model_config = ConfigDict(frozen=True)

    cause: str
    hold_class: HoldClass
    reason: str
    remedy: str = ""
    values: dict[str, str] = {}


class HoldRequired(Exception):
    """A document cannot go on without a person. Carries the hold; never retried by itself."""

    def __init__(self, hold: Hold) -> None:
        super().__init__(hold.reason)
        self.hold = hold
