"""All measurements, one after the other: `make bench`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_NOT_MEASUREMENTS = {"__init__", "__main__", "empty"}


def main() -> int:
    """Run every module of this folder by itself; the exit code is that of the worst."""
    worst = 0
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem in _NOT_MEASUREMENTS:
            continue
        print(f"\n== {path.stem} ==", flush=True)
        worst = max(worst, subprocess.call([sys.executable, "-m", f"bench.{path.stem}"]))
    return worst


if __name__ == "__main__":
    sys.exit(main())
