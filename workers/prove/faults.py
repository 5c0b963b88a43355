"""The faults that every step must survive, as the stand-ins are told to carry them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

CALL_SECONDS = 2.5
"""How long a caller of a lane waits for a reply (see workers.dev.templates)."""

# Later than the caller gives up and has looked again, sooner than the stand-in's settle time.
_LATE_SECONDS = CALL_SECONDS + 0.8

FAULTS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "reset_before": {"fault": "reset_before"},
        "reset_after": {"fault": "reset_after"},
        "hang_before": {"fault": "hang_before"},
        "hang_after": {"fault": "hang_after"},
        "commit_late": {"fault": "commit_late", "delay": _LATE_SECONDS},
        "429": {"fault": "status", "status": 429},
        "429 retry-after": {"fault": "status", "status": 429, "retry_after": 1},
        "500": {"fault": "status", "status": 500},
        "502": {"fault": "status", "status": 502},
        "503": {"fault": "status", "status": 503},
        "503 after commit": {"fault": "status_after", "status": 503},
        "router fault after commit": {"fault": "status_after", "status": 500},
        "malformed": {"fault": "malformed"},
        "expired token": {"fault": "status", "status": 401},
    }
)

_ONLY_OF = {
    "expired token": ("freshbooks",),
    "503 after commit": ("ax",),
    "router fault after commit": ("ax",),
}
"""Where a password is refused instead of a token, a person is needed; only AX is reached through a
router."""


_ALIKE = (
    ("reset_before",),
    ("reset_after",),
    ("hang_before",),
    ("hang_after",),
    ("commit_late",),
    ("malformed",),
)
_ALIKE_TO_A_READER = (
    ("reset_before", "reset_after"),
    ("hang_before", "hang_after", "commit_late"),
    ("malformed",),
)
_STATUSES = 2


def some_faults(system: str, turn: int, *, writes: bool) -> list[str]:
    """One fault of each sort, and two of the error answers, in turn: whoever only reads cannot
    tell what was carried out from what was not."""
    sorts = _ALIKE if writes else _ALIKE_TO_A_READER
    alike = {name for sort in _ALIKE for name in sort}
    answers = [name for name in faults_of(system) if name not in alike]
    chosen = [answers[(turn * _STATUSES + n) % len(answers)] for n in range(_STATUSES)]
    return [*(sort[turn % len(sort)] for sort in sorts), *chosen]


def faults_of(system: str) -> list[str]:
    """The names of the faults that a system must survive without a person."""
    return [name for name in FAULTS if system in _ONLY_OF.get(name, (system,))]


@dataclass(frozen=True)
class Planned:
    """A fault at one place: which requests of a system it meets. `method` and `path` are regular
    expressions; the first `skip` matching requests pass, then `times` are met."""

    name: str
    system: str
    path: str
    method: str = ".*"
    skip: int = 0
    times: int = 1

    def within(self, path: str) -> Planned:
        """The same where a path must match another expression, too."""
        return replace(self, path=f"(?={path}$)(?:{self.path})")

    def body(self) -> dict[str, Any]:
        """What the control interface is told."""
        place = {"system": self.system, "path": self.path, "method": self.method}
        return {**FAULTS[self.name], **place, "skip": self.skip, "times": self.times}

    def __str__(self) -> str:
        return f"{self.name} at {self.system} call {self.skip + 1} of {self.method} x{self.times}"
