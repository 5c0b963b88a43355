"""Message ids: made from our key and the record, so that AX itself refuses the same send twice.

A corrected record of the same generation is another message, and so is one that a person let
through after looking. AX does not say whether a call that failed uses its id up, so an id that is
refused as seen before is given up for the next one if all we ever sent under it was refused, and
only once that call can no longer be under way. An id that AX acknowledged, or whose answer we
never saw, is never given up.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from connectors.ax.errors import DuplicateMessage
from connectors.errors import ConnectorError, OutcomeUnknown
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
        self._open: set[str] = set()

    def of(self, text: str) -> str:
        """The id of a seed: always the same until it is given up."""
        refusal = self._refused.get(text)
        suffix = f"/{refusal.attempt}" if refusal and refusal.attempt else ""
        return str(uuid.uuid5(_NAMESPACE, text + suffix))

    @contextmanager
    def sending(self, text: str) -> Iterator[None]:
        """Around a send under the id of a seed: remembers whether something may have been
        created, because AX said so or its answer was lost, or AX refused it."""
        try:
            yield
        except DuplicateMessage:
            raise
        except OutcomeUnknown:
            self._open.add(text)
            raise
        except ConnectorError:
            self._refused.setdefault(text, _Refusal(0, self._clock()))
            raise
        self._open.add(text)

    def give_up(self, text: str) -> bool:
        """AX has seen the id before and shows nothing: whether the next one may be used now.

        Only if all that was sent under it is known to have been refused, and once the settle time
        has passed since.
        """
        refusal = self._refused.get(text)
        if text in self._open or refusal is None:
            return False
        if self._clock() - refusal.since < self._settle:
            return False
        self._refused[text] = _Refusal(refusal.attempt + 1, self._clock())
        return True

    def removed(self, key: Key) -> None:
        """What was created under the ids of a key is deleted: they are as good as refused."""
        for text in [one for one in self._open if f"/{key.text()}/" in one]:
            self._open.discard(text)
            attempt = self._refused[text].attempt if text in self._refused else 0
            self._refused[text] = _Refusal(attempt, self._clock())
