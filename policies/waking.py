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

TRACKED = timedelta(hours=6)
"""How often all the same is looked at what the target itself tells of: that whoever posts has
refused or deleted what was created there is no change of the ledger."""

_GROWTH = 1.25
_STEPS = math.floor(math.log(LONGEST / (_GROWTH - 1) / FIRST, _GROWTH))
_STEADY = FIRST * _GROWTH**_STEPS
"""The age of the last moment that growth made: from it on they are LONGEST apart."""

_CLASSES = (HoldClass.SETUP, HoldClass.IN_DOUBT, HoldClass.UNREACHABLE)
_CAUSES = ("period-closed", "application-signed-off", "apply-by-hand", "unapply-by-hand")


def waits_for_target(state: DocumentState, cause: str, hold_class: HoldClass | None) -> bool:
    """Whether something in the target can end the wait without anybody telling us. A document
    in flight may have been created there, and be posted by others; a posted one that is asked
    about is a payable that may have been settled. What the source or a person has to change
    tells us by itself."""
    if state in (DocumentState.IN_FLIGHT, DocumentState.POSTED):
        return True
    return hold_class in _CLASSES or cause in _CAUSES


def is_due(
    since: datetime, before: datetime | None, now: datetime, *, tracked: bool = False
) -> bool:
    """Whether a wait that began at `since` has a moment after `before` and not after `now` (all
    aware UTC); without a `before`, any moment up to now. `tracked`: the target tells by itself
    when it is over."""
    moments = _tracked_moments if tracked else _moments
    earlier = moments(before - since) if before else 0
    return moments(now - since) > earlier


def changes_are_trusted(told: datetime | None, lost: datetime | None) -> bool:
    """Whether a target that is asked what changed may be relied on: it has told of something of
    ours, and did so when everything that it may have missed before had been looked at. One that
    is not set up for it may say for ever that nothing changed."""
    return told is not None and lost is not None and told > lost + LONGEST


def is_woken_by_change(
    state: DocumentState, cause: str, hold_class: HoldClass | None, *, settled: bool
) -> bool:
    """Whether a change of a document's entry in the target is worth a look: an entry that our own
    posting made is not, unless nothing is open of it any more."""
    if state is DocumentState.POSTED:
        return settled
    return waits_for_target(state, cause, hold_class)


def _tracked_moments(age: timedelta) -> int:
    return max(age // TRACKED, 0)


def _moments(age: timedelta) -> int:
    """How many moments a wait of this age has had."""
    if age < FIRST:
        return 0
    if age < _STEADY:
        return 1 + math.floor(math.log(age / FIRST, _GROWTH))
    return 1 + _STEPS + math.floor((age - _STEADY) / LONGEST)
