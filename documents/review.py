"""The review of an expense: which version of it was asked about, and what people answered."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Answer(StrEnum):
    """What an approver says."""

    APPROVE = "approve"
    REJECT = "reject"


class Verdict(BaseModel):
    """What one approver said of one version. `proof` is the seal of the door at which the person
    was recognised (operator interface, command line, signed link); `level` counts from 1. `but`
    are expenses of a claim that an approval rejects: the rest of the claim is approved."""

    model_config = ConfigDict(frozen=True)

    answer: Answer
    who: str
    version: str
    at: AwareDatetime
    comment: str = ""
    level: int = 1
    proof: str = ""
    but: tuple[str, ...] = ()


class Asked(BaseModel):
    """That people were asked about a version: who, for which level, when, how many times.
    `told` are those who have their letter (or have no address for one), `unreachable` those whose
    address the mail server refuses."""

    model_config = ConfigDict(frozen=True)

    version: str
    level: int
    who: tuple[str, ...]
    at: AwareDatetime
    times: int = 1
    told: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()

    def is_same_round(self, other: Asked | None) -> bool:
        """Whether another record is about the same asking of the same people."""
        mine = (self.version, self.level, self.times, self.at)
        return other is not None and mine == (other.version, other.level, other.times, other.at)


class Review(BaseModel):
    """All verdicts of an expense, those on older versions too, and who was asked last.

    `cleared` are other expenses that a person looked at and that a version is no duplicate of.
    `told` is the last thing the claimant was told, so that nobody is told twice.
    """

    model_config = ConfigDict(frozen=True)

    verdicts: tuple[Verdict, ...] = ()
    asked: Asked | None = None
    told: str = ""
    cleared: tuple[str, ...] = ()

    def clear(self, version: str, others: Iterable[str]) -> Review:
        """With these others looked at, for this version only."""
        seen = (*self.cleared, *(f"{version}:{other}" for other in others))
        return self.model_copy(update={"cleared": tuple(dict.fromkeys(seen))})

    def is_cleared(self, version: str, other: str) -> bool:
        return f"{version}:{other}" in self.cleared

    def of(self, version: str) -> tuple[Verdict, ...]:
        """The verdicts on one version, in the order in which they came."""
        return tuple(v for v in self.verdicts if v.version == version)


class ApprovalNeed(BaseModel):
    """What a process waits for: a verdict on this version, at this level, by one of these.

    `claimant` and `correctors` are never among the approvers. `until` is when people are reminded
    or somebody else is asked (aware UTC).
    """

    model_config = ConfigDict(frozen=True)

    version: str
    level: int
    levels: int
    approvers: tuple[str, ...]
    claimant: str
    correctors: tuple[str, ...] = ()
    until: AwareDatetime | None = None


def verdict_text(connection: str, source_id: str, verdict: Verdict) -> str:
    """What the seal of a verdict is made of: who says what of which version of which expense
    or claim.
    `at` is not part of it, because the process sets it."""
    parts = ["verdict", connection, source_id, verdict.version, verdict.answer.value, verdict.who]
    return "\x1f".join([*parts, verdict.comment, *sorted(verdict.but)])
