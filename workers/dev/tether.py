"""`python tether.py PARENT COMMAND...` becomes COMMAND, and dies with the process PARENT.

A supervisor that is killed outright cannot stop anybody, so the kernel has to. The request is
made in the child itself, between fork and exec, in an interpreter of its own: `preexec_fn` would
run Python in a copy of a process whose other threads hold locks. Systems other than Linux have
no such request; there the children end only when the supervisor ends in order.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask the kernel for a SIGKILL at the death of PARENT, then run COMMAND in our place."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit("the supervisor has ended")  # before we asked, so no signal will come
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
