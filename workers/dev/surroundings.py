"""The environment in which the parts run, and the command that starts them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from workers.dev.ports import LOOPBACK, Ports
from workers.dev.temporal import NAMESPACE

# What the house decides must not be overruled by what happens to be set outside.
_OURS = (
    "TEMPORAL_",
    "TIEOUT_CONFIG",
    "TIEOUT_STORE_URL",
    "TIEOUT_CONNECTIONS",
    "TIEOUT_MAPPINGS",
    "TIEOUT_KEYS",
    "TIEOUT_GATEWAY__HOST",
    "TIEOUT_GATEWAY__PORT",
    "TIEOUT_GATEWAY__PUBLIC_URL",
    "TIEOUT_GATEWAY__TLS",
    "TIEOUT_OPERATOR__",
    "TIEOUT_CODEC__",
    "TIEOUT_TELEMETRY__PROMETHEUS_BIND",
)


# One settings file serves all parts, but each shows its metrics on a port of its own.
_METRICS = {"gateway": "gateway_metrics", "worker": "worker_metrics"}


def environment(part: str, outside: Mapping[str, str], ports: Ports) -> dict[str, str]:
    """The variables for a part: Temporal's standard ones, and no proxy for this machine."""
    kept = {name: value for name, value in outside.items() if not name.upper().startswith(_OURS)}
    direct = ",".join(filter(None, (LOOPBACK, "localhost", outside.get("NO_PROXY"))))
    return {
        **kept,
        "TEMPORAL_ADDRESS": f"{LOOPBACK}:{ports.temporal}",
        "TEMPORAL_NAMESPACE": NAMESPACE,
        # A profile in the home directory may name another server or demand TLS.
        "TEMPORAL_CONFIG_FILE": "/dev/null",
        "NO_PROXY": direct,
        "no_proxy": direct,
        **_metrics(part, ports),
    }


def _metrics(part: str, ports: Ports) -> dict[str, str]:
    if part not in _METRICS:
        return {}
    bind = f"{LOOPBACK}:{getattr(ports, _METRICS[part])}"
    return {"TIEOUT_TELEMETRY__PROMETHEUS_BIND": bind}


def own_command() -> tuple[str, ...]:
    """How to run `tieout` again: the script beside our interpreter, which reads well in a list of
    processes, else the module."""
    script = Path(sys.executable).with_name("tieout")
    if script.exists():
        return (sys.executable, str(script))
    return (sys.executable, "-P", "-m", "workers.cli")


def tethered(command: tuple[str, ...]) -> tuple[str, ...]:
    """The command so that it ends with us, however we end (Linux; elsewhere only in order)."""
    tether = Path(__file__).with_name("tether.py")
    return (sys.executable, "-I", "-S", str(tether), str(os.getpid()), *command)
