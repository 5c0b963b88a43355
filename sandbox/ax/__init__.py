"""A stand-in for Dynamics AX 2012 and its Application Integration Framework."""

from sandbox.ax.system import Ax, build

__all__ = ["Ax", "build"]
