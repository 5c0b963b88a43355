"""How the ports of this installation are set up, between behaviours that no source settles."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PortProfile:
    """Options of the inbound ports; see `AxSettings` for their meaning."""

    detailed_faults: bool = True
    document_filter: bool = True
    change_tracking: bool = True
    retention_days: int = 14
    document_limit: int = 1000
    keeps_failed_ids: bool = False
    partitions: bool = True
