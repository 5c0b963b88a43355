"""A stand-in for Microsoft Dynamics NAV 2018: OData V4 pages, SOAP codeunit, double-entry books."""

from __future__ import annotations

from sandbox.clock import Clock
from sandbox.nav.profile import NavProfile
from sandbox.nav.system import Nav
from sandbox.settings import NavSettings
from sandbox.storage import Storage
from sandbox.system import System

__all__ = ["NavProfile", "build"]


def build(
    settings: NavSettings, storage: Storage, clock: Clock, profile: NavProfile | None = None
) -> System:
    """The stand-in over a storage of its own; `profile` is how this installation differs."""
    return Nav(settings, storage, clock, profile or NavProfile())
