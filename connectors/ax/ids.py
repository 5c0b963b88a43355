"""Message ids: made from our key and the record, so that AX itself refuses the same send twice.

A corrected record of the same generation is another message, and so is one that a person let
through after looking. AX does not say whether a call that
failed uses its id up, so an id that is refused although nothing was ever created is given up for
the next one, but only once the refused call can no longer be under way.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from documents.key import Key
from documents.record import MappedRecord

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:tieout:ax:message")


def seed(company: str, port: str, key: Key, record: MappedRecord) -> str:
    """What a message stands for: this record, under this key, in this company."""
    material = record.model_dump_json(include={"kind", "entity", "header", "lines"})
    digest = hashlib.sha256(material.encode()).hexdigest()
    again = (str(record.resend),) if record.resend else ()
    return "/".join((company.upper(), port, key.text(), digest, *again))


@dataclass
class _Refusal:
    attempt: int
    since: float


class MessageIds:
    """The id to send next for each seed; remembers refusals for the life of the process.

    `settle` in seconds is how long a call can still commit after it was refused as a duplicate.
    """

    def __init__(self, settle: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settle = settle
        self._clock = clock
        self._refused: dict[str, _Refusal] = {}

    def of(self, text: str) -> str:
        """The id of a seed: always the same until it is given up."""
        refusal = self._refused.get(text)
        suffix = f"/{refusal.attempt}" if refusal and refusal.attempt else ""
        return str(uuid.uuid5(_NAMESPACE, text + suffix))

    def give_up(self, text: str) -> bool:
        """AX refused the id and nothing was created: whether the next one may be used now.

        False until the settle time has passed since the first refusal.
        """
        refusal = self._refused.setdefault(text, _Refusal(0, self._clock()))
        if self._clock() - refusal.since < self._settle:
            return False
        self._refused[text] = _Refusal(refusal.attempt + 1, self._clock())
        return True

    def done(self, text: str) -> None:
        """Nothing has to be remembered any more: the document is there."""
        self._refused.pop(text, None)
