"""When a document that waits for the target is worth another look.

Nothing tells us that a customer was unblocked, a period opened or a batch job has posted, so
that what waits for such a thing is looked at again: often while the wait is young, seldom when
it is old. The moments follow from the beginning of the wait alone, and nobody has to remember
them: a sweep wakes what had a moment since the sweep before it.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from documents.hold import HoldClass
from documents.row import DocumentState

FIRST = timedelta(seconds=15)
"""The first moment after the beginning of a wait; each later one is a quarter further off."""

LONGEST = timedelta(hours=1)
"""No two moments are further apart than this."""

_GROWTH = 1.25
_STEPS = math.floor(math.log(LONGEST / (_GROWTH - 1) / FIRST, _GROWTH))
_STEADY = FIRST * _GROWTH**_STEPS
"""The age of the last moment that growth made: from it on they are LONGEST apart."""

_CLASSES = (HoldClass.SETUP, HoldClass.IN_DOUBT, HoldClass.UNREACHABLE)
_CAUSES = ("period-closed", "application-signed-off", "apply-by-hand")


def waits_for_target(state: DocumentState, cause: str, hold_class: HoldClass | None) -> bool:
    """Whether something in the target can end the wait without anybody telling us. A document
    in flight may have been created there, and be posted by others; a posted one that is asked
    about is a payable that may have been settled. What the source or a person has to change
    tells us by itself."""
    if state in (DocumentState.IN_FLIGHT, DocumentState.POSTED):
        return True
    return hold_class in _CLASSES or cause in _CAUSES


def is_due(since: datetime, before: datetime | None, now: datetime) -> bool:
    """Whether a wait that began at `since` has a moment after `before` and not after `now` (all
    aware UTC); without a `before`, any moment up to now."""
    earlier = _moments(before - since) if before else 0
    return _moments(now - since) > earlier


def _moments(age: timedelta) -> int:
    """How many moments a wait of this age has had."""
    if age < FIRST:
        return 0
    if age < _STEADY:
        return 1 + math.floor(math.log(age / FIRST, _GROWTH))
    return 1 + _STEPS + math.floor((age - _STEADY) / LONGEST)
