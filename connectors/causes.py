"""What a refusal of a target means for a bookkeeper: one row per cause of a hold."""

from __future__ import annotations

from dataclasses import dataclass, replace

from documents.hold import Hold, HoldClass


@dataclass(frozen=True)
class Cause:
    """A stable code, who must act, what happened, and what to do about it. `speaker` is the
    target whose words may be quoted."""

    code: str
    hold_class: HoldClass
    sentence: str
    remedy: str
    speaker: str = ""

    def hold(self, text: str = "", **values: str) -> Hold:
        """A hold for this cause with the target's own words, if it said any."""
        said = f' {self.speaker} says: "{text}"' if text else ""
        return Hold(
            cause=self.code,
            hold_class=self.hold_class,
            reason=self.sentence + said,
            remedy=self.remedy,
            values={name: value for name, value in values.items() if value},
        )


def causes_of(speaker: str, *rows: Cause) -> dict[str, Cause]:
    """The causes of one target by their codes."""
    return {row.code: replace(row, speaker=speaker) for row in rows}
