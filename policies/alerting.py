"""What people are told, and when: every cause once, again while it lasts, and when it is over.

A cause is told of as one, however many documents it holds, and everything of a round goes into
one message: a thousand held documents are one line, and ten causes are one message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from documents.alert import AlertState, Finding


class AlertPolicy(BaseModel):
    """When people are told. A document is `held_after` old before it is trouble; a cause that
    lasts is told again every `repeat`; one that went away is solved when it stayed away for
    `settled`, so that what comes and goes is one trouble and not many. A source that brought
    nothing for `silent_after` (zero: never) is trouble, and so are documents that are in flight
    for `stuck_after`."""

    model_config = ConfigDict(frozen=True)

    held_after: timedelta = timedelta(minutes=15)
    repeat: timedelta = timedelta(hours=24)
    settled: timedelta = timedelta(minutes=10)
    silent_after: timedelta = timedelta(hours=72)
    stuck_after: timedelta = timedelta(hours=1)


class Notice(BaseModel):
    """What one channel is to be told now, and what it knows afterwards. Nothing to tell has no
    lines; the states are to be saved all the same."""

    model_config = ConfigDict(frozen=True)

    first: tuple[Finding, ...] = ()
    still: tuple[Finding, ...] = ()
    solved: tuple[AlertState, ...] = ()
    states: tuple[AlertState, ...] = ()

    @property
    def is_news(self) -> bool:
        return bool(self.first or self.still or self.solved)


def decide(
    findings: Sequence[Finding],
    known: Mapping[str, AlertState],
    policy: AlertPolicy,
    now: datetime,
) -> Notice:
    """What a channel that knows these causes is told of these findings."""
    first = tuple(f for f in findings if f.cause not in known)
    present = [(f, known[f.cause]) for f in findings if f.cause in known]
    still = tuple(f for f, state in present if now - state.told_at >= policy.repeat)
    told = {f.cause for f in (*first, *still)}
    found = {f.cause for f in findings}
    gone = [state for cause, state in known.items() if cause not in found]
    return Notice(
        first=first,
        still=still,
        solved=tuple(s for s in gone if now - s.seen_at >= policy.settled),
        states=tuple(_state(f, known.get(f.cause), now, told=f.cause in told) for f in findings),
    )


def _state(finding: Finding, before: AlertState | None, now: datetime, *, told: bool) -> AlertState:
    if before is None:
        return AlertState(
            cause=finding.cause,
            first_at=finding.since,
            seen_at=now,
            told_at=now,
            number=finding.number,
        )
    if not told:
        return before.model_copy(update={"seen_at": now})
    return before.model_copy(
        update={
            "seen_at": now,
            "told_at": now,
            "times": before.times + 1,
            "number": finding.number,
        }
    )


def subject(connection: str, notice: Notice) -> str:
    """The message in one line."""
    parts = [
        f"{len(found)} {word}"
        for word, found in (
            ("new", notice.first),
            ("still there", notice.still),
            ("solved", notice.solved),
        )
        if found
    ]
    return f"Tieout {connection}: {', '.join(parts)}"


def text(connection: str, notice: Notice) -> str:
    """The whole message, a line or two for each cause."""
    lines = [subject(connection, notice)]
    lines += [line for f in notice.first for line in _lines("NEW", f)]
    lines += [line for f in notice.still for line in _lines("STILL", f)]
    lines += [f"SOLVED {s.cause}, since {_moment(s.first_at)}" for s in notice.solved]
    return "\n".join(lines)


def _lines(word: str, finding: Finding) -> list[str]:
    first = f"{word} {finding.cause}: {finding.what} (since {_moment(finding.since)})"
    return [first, f"  {finding.remedy}"] if finding.remedy else [first]


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
