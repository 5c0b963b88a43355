"""Settings of the processes we run: one YAML file, every value overridable by environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableVariable

from connectors.network import Network, is_clear_text
from workers.access.signin import SignInSettings
from workers.alerting import AlertSettings
from workers.doors import (
    CodecSettings,
    GatewaySettings,
    OperatorSettings,
    check_bind,
    is_loopback,
)
from workers.yamlfile import Problem, SettingsError, problems_of, read_yaml

__all__ = [
    "AlertSettings",
    "AppSettings",
    "CodecSettings",
    "GatewaySettings",
    "LogSettings",
    "OperatorSettings",
    "SettingsError",
    "SignInSettings",
    "TelemetrySettings",
    "WorkerSettings",
    "check_bind",
    "check_metrics_bind",
    "is_loopback",
    "load_settings",
]

PREFIX = "TIEOUT_"
DELIMITER = "__"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TelemetrySettings(_Section):
    """What leaves the process for monitoring. Metrics go to Prometheus where it is set,
    otherwise to the OTLP endpoint; traces always go to the OTLP endpoint (HTTP, its base URL).

    The metrics page has no sign-in of its own: beyond loopback it needs `trusted_network`, and so
    does an endpoint without TLS.
    """

    prometheus_bind: str | None = Field(default=None, pattern=r"^[^\s:]+:\d{1,5}$|^\[.+\]:\d{1,5}$")
    otlp_endpoint: str | None = Field(default=None, pattern=r"^https?://\S+$")
    service_name: str = "tieout"
    trusted_network: bool = False

    @model_validator(mode="after")
    def _in_secret(self) -> TelemetrySettings:
        network = Network(allow_clear_text=self.trusted_network)
        if self.otlp_endpoint and is_clear_text(self.otlp_endpoint, network):
            raise ValueError(
                "otlp_endpoint must begin with https://; http needs trusted_network: true, and a "
                "network that you vouch for"
            )
        return self


class LogSettings(_Section):
    """How much is logged and in which shape: JSON lines for machines, console for people."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "console"] = "json"


def _environment(name: str) -> Any:
    return Field(default_factory=lambda: os.environ.get(name, ""))


class WorkerSettings(_Section):
    """One worker process. Deployment name and build id come from the variables that the
    Temporal worker controller sets; both empty means an unversioned worker."""

    max_concurrent_workflow_tasks: int = Field(default=100, ge=2)
    max_concurrent_activities: int = Field(default=100, ge=1)
    graceful_shutdown_seconds: float = Field(default=60.0, ge=0)
    deployment_name: str = _environment("TEMPORAL_DEPLOYMENT_NAME")
    build_id: str = _environment("TEMPORAL_WORKER_BUILD_ID")

    @model_validator(mode="after")
    def _whole_pair(self) -> WorkerSettings:
        if bool(self.deployment_name) != bool(self.build_id):
            raise ValueError(
                "deployment_name and build_id belong together (TEMPORAL_DEPLOYMENT_NAME and "
                "TEMPORAL_WORKER_BUILD_ID): give both or neither"
            )
        return self


class AppSettings(BaseSettings):
    """Everything a process of ours is told. Environment variables win over the file.

    A variable is the field's path in upper case: `TIEOUT_GATEWAY__PORT` is `gateway.port`.
    `keys` are the encryption keys of the store as `store.keyring` reads them: `file:/path`,
    `command:program arguments`, or the keys themselves; empty means that none were given. A
    worker and a gateway on one store need the same ones. `encryption` is that of everything we
    write into Temporal, under keys derived from these; turned off, what was encrypted stays
    readable while its keys are given. `store_url` is a database URL.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=DELIMITER, extra="forbid", frozen=True
    )

    store_url: str = Field(default="sqlite:///.tieout/tieout.db", repr=False)
    connections: Path = Path("config/connections")
    mappings: Path = Path("config/mappings")
    keys: SecretStr = SecretStr("")
    encryption: bool = True
    gateway: GatewaySettings = GatewaySettings()
    operator: OperatorSettings = OperatorSettings()
    codec: CodecSettings = CodecSettings()
    sign_in: SignInSettings = SignInSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    log: LogSettings = LogSettings()
    worker: WorkerSettings = Field(default_factory=WorkerSettings)
    alerts: AlertSettings = AlertSettings()


def load_settings(path: Path | None = None, **overrides: Any) -> AppSettings:
    """Read the settings: `path`, else the file named by TIEOUT_CONFIG, else defaults only.

    `overrides` are fields, sections as dictionaries, that win over everything (command line
    options). Raises SettingsError naming file and line or variable, field, value and what
    would be right.
    """
    named = path or (Path(os.environ["TIEOUT_CONFIG"]) if os.environ.get("TIEOUT_CONFIG") else None)
    file = read_yaml(named) if named is not None else None
    try:
        # Read here, because what is passed by name wins over the class's own sources.
        environment = EnvSettingsSource(AppSettings)()
        data = _merged(_merged(file.data if file else {}, environment), overrides)
        return AppSettings(**data)
    except ValidationError as error:
        raise SettingsError(*problems_of(error, file, environment=_variables())) from error
    except UnreadableVariable as error:
        problem = Problem(
            "environment",
            str(error),
            "",
            "a section needs JSON, or one variable "
            f"for each field: {PREFIX}SECTION{DELIMITER}FIELD",
        )
        raise SettingsError(problem) from error


def check_metrics_bind(telemetry: TelemetrySettings) -> None:
    """Refuse a metrics page beyond this machine that nobody vouched for. Raises SettingsError."""
    bind = telemetry.prometheus_bind
    if bind is None or telemetry.trusted_network or is_loopback(bind.rpartition(":")[0]):
        return
    raise SettingsError(
        Problem(
            "settings",
            "telemetry.prometheus_bind",
            repr(bind),
            "the metrics page has no sign-in: bind it to loopback, or state "
            "telemetry.trusted_network: true where only your monitoring reaches it",
        )
    )


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for name, value in over.items():
        below = result.get(name)
        if isinstance(below, dict) and isinstance(value, dict):
            result[name] = _merged(below, value)
        else:
            result[name] = value
    return result


def _variables() -> dict[str, str]:
    """Dotted field names to the environment variables that set them."""
    return {
        name[len(PREFIX) :].lower().replace(DELIMITER, "."): f"environment variable {name}"
        for name in os.environ
        if name.upper().startswith(PREFIX)
    }
