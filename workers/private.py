"""Files that hold what clients and colleagues entrusted to the company."""

from __future__ import annotations

import os
from pathlib import Path


def make_private(path: Path) -> None:
    """Make an empty file that only its owner reads, whatever the umask; what is there already
    keeps its owner's choice. Raises OSError."""
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
