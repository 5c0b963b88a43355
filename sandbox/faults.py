"""Planned misfortune: which requests go wrong, and in what way."""

from __future__ import annotations

import random
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sandbox.storage import Storage

FaultKind = Literal[
    "reset_before",
    "reset_after",
    "hang_before",
    "hang_after",
    "commit_late",
    "status",
    "status_after",
    "malformed",
    "delay",
]

_FIRST_ID = 1_000_001


class UnknownSystemError(Exception):
    """A plan names a system that this sandbox does not run."""


class FaultPlan(BaseModel):
    """One fault: which requests it meets, how often, and what happens to them.

    `method` and `path` are regular expressions that must match the whole method and the whole URL
    path (decoded, without the query); `action` likewise the SOAPAction, empty where there is none.
    The first `skip` matching requests pass; then at most `times` are met, each with `probability`,
    which is decided by `seed` and the number of the request.
    `delay` is in real seconds: how long `delay` waits, `commit_late` waits before it commits, and
    how long a hang lasts at most (without it, until the caller goes).
    `status_after` commits and then answers `status` all the same, as a server in front does that
    lost the one behind it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: str
    method: str = ".*"
    path: str = ".*"
    action: str = ".*"
    fault: FaultKind
    status: int | None = Field(default=None, ge=200, le=599)
    retry_after: int | str | None = None
    delay: float | None = Field(default=None, ge=0, le=3600)
    skip: int = Field(default=0, ge=0)
    times: int | None = Field(default=None, ge=1)
    probability: float = Field(default=1.0, ge=0, le=1)
    seed: int = 0

    @field_validator("method", "path", "action")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return value

    @model_validator(mode="after")
    def _complete(self) -> FaultPlan:
        if self.fault in ("status", "status_after") and self.status is None:
            raise ValueError(f"status: the fault `{self.fault}` needs one")
        if self.fault in ("delay", "commit_late") and self.delay is None:
            raise ValueError(f"delay: the fault `{self.fault}` needs one")
        return self


@dataclass
class Fault:
    """A plan under its id, with how often it matched (`seen`) and was carried out (`hits`)."""

    id: str
    plan: FaultPlan
    seen: int = 0
    hits: int = 0

    def matches(self, system: str, method: str, path: str, action: str = "") -> bool:
        """Whether the plan speaks of this request at all."""
        plan = self.plan
        return (
            plan.system == system
            and re.fullmatch(plan.method, method) is not None
            and re.fullmatch(plan.path, path) is not None
            and re.fullmatch(plan.action, action) is not None
        )

    @property
    def exhausted(self) -> bool:
        """Whether it was carried out as often as planned."""
        return self.plan.times is not None and self.hits >= self.plan.times

    def strikes(self) -> bool:
        """Count one matching request and say whether the fault is carried out on it."""
        self.seen += 1
        if self.seen <= self.plan.skip:
            return False
        # A generator per request, so that the decisions survive a restart.
        if random.Random(f"{self.plan.seed}:{self.seen}").random() >= self.plan.probability:
            return False
        self.hits += 1
        return True

    def to_json(self) -> dict[str, Any]:
        """The plan with id and counts, flat."""
        return {"id": self.id, **self.plan.model_dump(), "hits": self.hits, "seen": self.seen}


class FaultBook:
    """All faults in the order they were added, kept with their counts over a restart."""

    def __init__(self, storage: Storage, systems: Collection[str]) -> None:
        self._storage = storage
        self._table = storage.table("faults")
        self._systems = systems
        self._faults = {key: _from_row(key, row) for key, row in self._table.items()}

    def add(self, plan: FaultPlan) -> str:
        """Add a fault at the end and return its id; raises UnknownSystemError."""
        if plan.system not in self._systems:
            raise UnknownSystemError(plan.system)
        with self._storage.transaction():
            fault = Fault(str(self._storage.counter("fault", _FIRST_ID)), plan)
            self._save(fault)
        self._faults[fault.id] = fault
        return fault.id

    def all(self) -> list[Fault]:
        """Every fault, exhausted ones too."""
        return list(self._faults.values())

    def clear(self) -> None:
        """Remove all faults."""
        self._table.clear()
        self._faults.clear()

    def strike(self, system: str, method: str, path: str, action: str = "") -> FaultPlan | None:
        """The plan to carry out on this request: of those that match, the first active one.

        The counts are durable before it is carried out.
        """
        for fault in self._faults.values():
            if fault.exhausted or not fault.matches(system, method, path, action):
                continue
            struck = fault.strikes()
            self._save(fault)
            if struck:
                return fault.plan
        return None

    def _save(self, fault: Fault) -> None:
        self._table[fault.id] = {
            "plan": fault.plan.model_dump(),
            "seen": fault.seen,
            "hits": fault.hits,
        }


def _from_row(key: str, row: dict[str, Any]) -> Fault:
    return Fault(key, FaultPlan.model_validate(row["plan"]), row["seen"], row["hits"])
