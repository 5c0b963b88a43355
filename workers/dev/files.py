"""Files that are complete or absent, also after a power cut."""

from __future__ import annotations

import os
from pathlib import Path

_OWNER_ONLY = 0o600


def write_durably(path: Path, text: str) -> None:
    """Replace a file in one step; only its owner can read it. On the disk before this returns."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """The new name of a file is durable only with its folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
