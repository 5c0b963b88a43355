"""The sign-off of a period, by who prepares it and who approves it."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict

PREPARER, APPROVER = "preparer", "approver"
"""The two roles of whatever two people decide."""


class SignOffState(StrEnum):
    PREPARED = "prepared"
    SIGNED_OFF = "signed off"
    REOPENED = "re-opened"


class SignOff(BaseModel):
    """The sign-off of a period by two people; `digest` is that of the figures they saw, which
    `run` came to, the proofs are the seals of who signed in. `reason` says why it is open again."""

    model_config = ConfigDict(frozen=True)

    connection: str
    period: str
    state: SignOffState
    digest: str
    run: int = 0
    preparer: str
    prepared_at: AwareDatetime
    preparer_proof: str = ""
    approver: str = ""
    approved_at: AwareDatetime | None = None
    approver_proof: str = ""
    reason: str = ""
    reopened_at: AwareDatetime | None = None


def sign_off_text(connection: str, period: str, digest: str, role: str, who: str) -> str:
    """What the seal of a preparer or an approver is made of: these figures and no others."""
    return "\x1f".join(["tie-out sign-off", connection, period, digest, role, who])
