"""A schedule: lives of documents, faults, kills and misbehaving webhooks, all from one seed.

Several schedules run side by side, one in each lane; what cannot be kept apart by lane (killed
workers, how webhooks are delivered) belongs to the round that they share. A seed names its round,
so that a replay runs the same neighbours.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from workers.prove.faults import Planned, faults_of
from workers.prove.lane import Lane

NAV_LANES, AX_LANES = 7, 1
LANES = NAV_LANES + AX_LANES
_MOST_FAULTS = 8
_MOST_SKIPPED, _MOST_WRITES_SKIPPED = 40, 10
_WRITES = "POST|PUT|PATCH|DELETE"


@dataclass(frozen=True)
class Schedule:
    """What happens in one lane."""

    seed: int

    def lives(self) -> list[str]:
        """The seeds of the invoices' lives."""
        return [f"{self.seed}:{n}" for n in range(self._chance("lives").randint(1, 2))]

    def expenses(self) -> list[str]:
        """The seeds of the expenses' lives."""
        return [f"{self.seed}:x{n}" for n in range(self._chance("expenses").randint(0, 1))]

    def shares_client(self) -> bool:
        """Whether all documents are of one client, who is new to the target."""
        return self._chance("client").random() < 0.5

    def faults(self, lane: Lane) -> list[Planned]:
        """Which calls of the lane go wrong, and how."""
        chance = self._chance("faults")
        return [_fault(chance, lane) for _ in range(chance.randint(2, _MOST_FAULTS))]

    def _chance(self, what: str) -> random.Random:
        return random.Random(f"{self.seed}/{what}")


@dataclass(frozen=True)
class Kill:
    """A worker killed: seconds after the beginning, and which of the two."""

    at: float
    which: int


@dataclass(frozen=True)
class Round:
    """The schedules that run side by side."""

    number: int

    @classmethod
    def of(cls, seed: int) -> Round:
        """The round that a seed belongs to."""
        return cls(seed // LANES)

    @property
    def schedules(self) -> list[Schedule]:
        """One for each lane, in order."""
        return [Schedule(self.number * LANES + lane) for lane in range(LANES)]

    def webhooks(self) -> dict[str, Any]:
        """How deliveries misbehave: lost, up to five copies within 150 ms, out of order, late."""
        chance = random.Random(f"{self.number}/webhooks")
        return {
            "drop": chance.choice((0.0, 0.1, 0.3)),
            "duplicate": chance.randint(1, 5),
            "reorder": chance.choice((0, 3, 10)),
            "delay": chance.choice((0.0, 0.0, 1.0)),
            "seed": self.number,
        }

    def kills(self) -> list[Kill]:
        """When which worker dies."""
        chance = random.Random(f"{self.number}/kills")
        moments = sorted(chance.uniform(0.1, 4.0) for _ in range(chance.choice((0, 1, 1, 2))))
        return [Kill(moment, chance.randrange(2)) for moment in moments]


def _fault(chance: random.Random, lane: Lane) -> Planned:
    system = "freshbooks" if chance.random() < 0.3 else lane.template.target
    any_call = chance.random() < 0.5
    method = ".*" if any_call else _WRITES
    if system == "freshbooks":
        # A person's new document is not ours to disturb: they would make it twice.
        method = "GET|PUT" if any_call else "PUT"
    return Planned(
        chance.choice(faults_of(system)),
        system,
        lane.path(system),
        method,
        skip=int(chance.triangular(0, _MOST_SKIPPED if any_call else _MOST_WRITES_SKIPPED, 0)),
        times=chance.choice((1, 1, 1, 2, 3)),
    )
