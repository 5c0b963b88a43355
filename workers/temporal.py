"""The connection to Temporal that worker, gateway, command line and tools share."""

from __future__ import annotations

import dataclasses
import logging
import os
import socket
from collections.abc import Sequence
from datetime import timedelta

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client, Interceptor
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.runtime import Runtime

from workers.codec import payload_codec
from workers.doors import is_loopback
from workers.settings import AppSettings
from workers.telemetry import tracing_interceptor
from workers.yamlfile import Problem, SettingsError
from workflows.attributes import SEARCH_ATTRIBUTES

_LOG = logging.getLogger("tieout.temporal")
_FILES = (
    "TEMPORAL_TLS_CLIENT_CERT_PATH",
    "TEMPORAL_TLS_CLIENT_KEY_PATH",
    "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
)
DEFAULT_ADDRESS = "127.0.0.1:7233"


def data_converter(codec: PayloadCodec | None = None) -> DataConverter:
    """How everything of ours is written into Temporal: JSON of pydantic models.

    With a codec, failures are encoded too; their type stays readable, so it must hold no
    personal data. Worker, gateway, command line, replayer and codec server use the same one.
    """
    if codec is None:
        return pydantic_data_converter
    return dataclasses.replace(
        pydantic_data_converter,
        payload_codec=codec,
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def connection_profile() -> ClientConnectConfig:
    """Where Temporal is, from the standard sources: the TEMPORAL_* variables and the profile of
    `temporal.toml`, the same that the `temporal` command reads.

    Raises SettingsError when they cannot be read.
    """
    _check_files()
    try:
        return ClientConfig.load_client_connect_config()
    except (RuntimeError, ValueError, OSError) as error:
        problem = Problem(
            "TEMPORAL_* variables or temporal.toml",
            "the profile",
            "",
            "must be a valid Temporal environment configuration "
            "(TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_TLS, TEMPORAL_API_KEY)",
        )
        raise SettingsError(problem) from error


def _check_files() -> None:
    """What the library says of a missing file names neither the file nor the variable."""
    for name in _FILES:
        path = os.environ.get(name, "")
        if path and not os.access(path, os.R_OK):
            raise SettingsError(Problem("environment", name, path, "must be a file we can read"))


async def connect(
    settings: AppSettings,
    *,
    runtime: Runtime | None = None,
    interceptors: Sequence[Interceptor] | None = None,
    address: str = "",
    namespace: str = "",
    lazy: bool = False,
) -> Client:
    """A client of the configured Temporal; `address` and `namespace` override the profile.

    Its identity, which Temporal shows as who did something, starts with the service's name.
    Everything it writes is encrypted as the settings say. `interceptors` default to tracing. A
    lazy one connects with its first call, so that a process can start before Temporal does.
    Raises RuntimeError when Temporal is not reached within ten seconds, SettingsError for a
    profile that cannot be read or missing keys, BadKeySource for keys that cannot be read.
    """
    profile = connection_profile()
    profile.setdefault("target_host", DEFAULT_ADDRESS)
    if address:
        profile["target_host"] = address
    if namespace:
        profile["namespace"] = namespace
    _remark_clear_text(profile)
    return await Client.connect(
        **profile,
        data_converter=data_converter(payload_codec(settings)),
        interceptors=[tracing_interceptor()] if interceptors is None else interceptors,
        runtime=runtime,
        identity=f"{settings.telemetry.service_name} {os.getpid()}@{socket.gethostname()}",
        lazy=lazy,
        connect_timeout=timedelta(seconds=10),
    )


def _remark_clear_text(profile: ClientConnectConfig) -> None:
    """Payloads are encrypted whatever the line; ids, and who may write to the namespace, not."""
    host = profile.get("target_host", "").rpartition(":")[0]
    if not profile.get("tls") and not profile.get("api_key") and not is_loopback(host):
        _LOG.warning("Temporal is reached without TLS: set TEMPORAL_TLS, or vouch for the network")


async def ensure_search_attributes(client: Client) -> list[str]:
    """Register the search attributes that the namespace lacks; returns the names it added.

    Needs the operator service: the role of a namespace administrator where roles are enforced.
    Raises temporalio.service.RPCError when that is refused.
    """
    service = client.operator_service
    listed = await service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    missing = [name for name in SEARCH_ATTRIBUTES if name not in listed.custom_attributes]
    if missing:
        types = {name: _indexed(SEARCH_ATTRIBUTES[name]) for name in missing}
        await service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=types)
        )
    return missing


def _indexed(kind: str) -> IndexedValueType.ValueType:
    return IndexedValueType.Value(f"INDEXED_VALUE_TYPE_{kind.upper()}")
