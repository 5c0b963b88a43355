"""One line per use of a door that shows or changes something: who, what, how it ended."""

from __future__ import annotations

import logging
import re

_LOG = logging.getLogger("tieout.audit")
# Whatever level the process logs at: a trail with gaps is none.
_LOG.setLevel(logging.INFO)

_PLAIN = re.compile(r"[A-Za-z0-9._:/-]{0,100}")


def audit(action: str, caller: str, outcome: str, **details: str | int) -> None:
    """Write the line. `caller` is an id, never a name; details hold no content.

    Texts that came from outside are dropped unless they are plain, so that nobody writes lines
    of their own.
    """
    plain = {k: v if isinstance(v, int) else _checked(v) for k, v in details.items()}
    _LOG.info(action, extra={"caller": caller, "outcome": outcome, **plain})


def _checked(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else "[not shown]"
