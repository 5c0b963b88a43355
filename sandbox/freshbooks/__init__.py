"""A stand-in for FreshBooks that satisfies its official Python SDK."""

from sandbox.freshbooks.app import FreshBooks, build

__all__ = ["FreshBooks", "build"]
