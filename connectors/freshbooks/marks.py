"""What every object of FreshBooks says of itself: its id, whether it is deleted, its version."""

from __future__ import annotations

import hashlib
import json

from connectors.freshbooks.models import Row

_DELETED = "1"


def is_deleted(row: Row) -> bool:
    """Whether FreshBooks keeps the object only as a deleted one."""
    return str(row.get("vis_state")) == _DELETED


def source_id(row: Row) -> str:
    """The id of an object under any of its names; empty when it has none."""
    names = ("id", "invoiceid", "logid", "creditid", "userid")
    return str(next((row[name] for name in names if row.get(name)), ""))


def version_of(row: Row) -> str:
    """A mark of the present state of an object, the same in a listing and read by itself.

    A digest of its fields rather than its stamp, which counts whole seconds. Sub-objects that
    are only there when asked for (lines) are left out: a change of them changes the stamp.
    """
    fields = {name: value for name, value in row.items() if not isinstance(value, list)}
    text = json.dumps(fields, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
