"""What can be wrong with a mapping, and what makes a document wait for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from documents.hold import Hold, HoldClass, HoldRequired


@dataclass(frozen=True)
class SpecProblem:
    """One thing that is wrong in a spec, where, and what would be right."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.message}"


class SpecError(ValueError):
    """A spec is refused. Lists every problem, each as `file:line: field: what is wrong`."""

    def __init__(self, problems: Sequence[SpecProblem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.file, p.line, p.field)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class CorrectionRefused(ValueError):
    """A correction names something that is corrected at the source, or says nothing usable."""


def held(
    cause: str,
    reason: str,
    remedy: str = "",
    hold_class: HoldClass = HoldClass.SETUP,
    **values: str,
) -> HoldRequired:
    """The exception that holds a document; `cause` is the code that lists are grouped by."""
    return HoldRequired(
        Hold(cause=cause, hold_class=hold_class, reason=reason, remedy=remedy, values=values)
    )
