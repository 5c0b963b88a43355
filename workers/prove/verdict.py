"""What came of a proof."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path


@dataclass
class Verdict:
    """What was done to find out, and what was found: `findings` by seed (or number of a case)."""

    schedules: int = 0
    documents: int = 0
    faults: int = 0
    kills: int = 0
    seconds: float = 0.0
    findings: dict[int, list[str]] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Nothing was posted twice and nothing lost."""
        return not self.findings

    def found(self, seed: int, findings: Iterable[str]) -> None:
        """Add what was found under a seed."""
        if sentences := list(findings):
            self.findings.setdefault(seed, []).extend(sentences)

    def keep(self, file: Path) -> None:
        """Add the failed seeds to a file of regressions: a seed per line, with its first finding
        and the day as a comment."""
        known = set(kept_seeds(file)) if file.exists() else set()
        day = datetime.now(UTC).date()
        with file.open("a", encoding="utf-8") as out:
            for seed, findings in sorted(self.findings.items()):
                if seed not in known:
                    out.write(f"{seed}  # {day}: {findings[0]}\n")

    def __str__(self) -> str:
        verdict = "never twice, never lost" if self.holds else f"{len(self.findings)} FAILED"
        return (
            f"{verdict}: {self.schedules} schedules, {self.documents} documents, "
            f"{self.faults} calls gone wrong, {self.kills} workers killed, {self.seconds:.0f} s"
        )


def kept_seeds(file: Path) -> list[int]:
    """The seeds of a file of regressions. ValueError for a line that begins with none."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [int(text) for line in lines if (text := line.partition("#")[0].strip())]
