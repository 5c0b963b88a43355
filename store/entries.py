"""What stands in the audit journal: entries, and the facts they are made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

HOUSE = "tieout"
"""Who did what nobody decided: the house itself, by its rules."""

FORGOTTEN = "forgotten"
"""What an entry is called that names the entries whose reasons were erased with a client."""

START = "0" * 64
"""What stands in the place of a hash before the first entry."""


@dataclass(frozen=True)
class Occasion:
    """On what occasion rows change: the step, its workflow and run."""

    step: str = ""
    workflow_id: str = ""
    run_id: str = ""


NOWHERE = Occasion()
OCCASION: ContextVar[Occasion] = ContextVar("occasion", default=NOWHERE)
"""Set around every step, so that what is written in it need not be told."""


class Entry(BaseModel):
    """What was done about a document: who, what, when, before and after, why, and where it ran.

    `seq` counts the entries of the connection from 1, `previous` is the hash of the one before,
    `words` the digest of `why`, which is not part of the hashed text.
    """

    model_config = ConfigDict(frozen=True)

    connection: str
    seq: int
    at: AwareDatetime
    kind: str
    source_id: str
    number: str = ""
    target_number: str = ""
    what: str
    who: str = HOUSE
    why: str = Field(default="", exclude=True)
    words: str = ""
    before: Mapping[str, str] = {}
    after: Mapping[str, str] = {}
    step: str = ""
    workflow_id: str = ""
    run_id: str = ""
    previous: str = START

    def text(self) -> str:
        """The canonical text that is hashed: sorted names, no blanks, UTC."""
        fields = self.model_dump(mode="json")
        fields["at"] = self.at.astimezone(UTC).isoformat()
        return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def hash(self) -> str:
        return hashlib.sha256(self.text().encode()).hexdigest()


@dataclass(frozen=True)
class Fact:
    """What is to be journalled; the journal adds number, occasion and chain, and the
    time where it is not given."""

    connection: str
    kind: str
    source_id: str
    what: str
    number: str = ""
    target_number: str = ""
    who: str = HOUSE
    why: str = ""
    before: Mapping[str, str] | None = None
    after: Mapping[str, str] | None = None
    at: datetime | None = None
