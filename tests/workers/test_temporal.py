"""The connection to Temporal: where it is taken from, and what it needs there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.converter import PayloadCodec
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from activities.signatures import DocumentRef
from documents.key import Kind
from store.keyring import KeyRing
from workers.settings import SettingsError, load_settings
from workers.temporal import connect, connection_profile, data_converter, ensure_search_attributes
from workflows.attributes import SEARCH_ATTRIBUTES


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "temporal.toml"))
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_PROFILE", "TEMPORAL_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def _toml(folder: Path, text: str) -> None:
    (folder / "temporal.toml").write_text(text)


def test_file_and_environment_say_where_temporal_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _toml(tmp_path, '[profile.default]\naddress = "one:7233"\nnamespace = "books"\n')
    monkeypatch.setenv("TEMPORAL_ADDRESS", "two:7233")
    profile = connection_profile()
    assert (profile["target_host"], profile["namespace"]) == ("two:7233", "books")


def test_an_api_key_turns_tls_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_API_KEY", "the-key")
    assert connection_profile()["tls"] is True


def test_a_broken_profile_is_told_without_its_content(tmp_path: Path) -> None:
    _toml(tmp_path, 'api_key = "the-secret-key\n')
    with pytest.raises(SettingsError, match="TEMPORAL_ADDRESS") as caught:
        connection_profile()
    assert "the-secret-key" not in str(caught.value)


async def test_a_client_says_who_it_is_and_speaks_pydantic(
    temporal_env: WorkflowEnvironment,
) -> None:
    address = temporal_env.client.service_client.config.target_host
    client = await connect(load_settings(keys=KeyRing.generate().text()), address=address)
    assert client.identity.startswith("tieout ")
    assert await client.service_client.check_health()


async def test_a_lazy_client_needs_no_temporal_to_start() -> None:
    settings = load_settings(keys=KeyRing.generate().text())
    client = await connect(settings, address="127.0.0.1:1", namespace="books", lazy=True)
    assert client.namespace == "books"


async def test_nothing_connects_in_clear_because_the_keys_are_missing() -> None:
    with pytest.raises(SettingsError, match=r"keys: .*encryption: false"):
        await connect(load_settings(), address="127.0.0.1:1", lazy=True)


async def test_missing_search_attributes_are_registered_once(
    temporal_env: WorkflowEnvironment,
) -> None:
    client = temporal_env.client
    namespace = f"books-{uuid4().hex[:8]}"
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(
            namespace=namespace, workflow_execution_retention_period=Duration(seconds=86400)
        )
    )
    config = client.config()
    config["namespace"] = namespace
    there = Client(**config)
    assert await ensure_search_attributes(there) == list(SEARCH_ATTRIBUTES)
    assert await ensure_search_attributes(there) == []


class Reversing(PayloadCodec):
    """A codec one can see: it turns the bytes of every payload round."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        turned = [p.SerializeToString()[::-1] for p in payloads]
        return [Payload(metadata={"encoding": b"turned"}, data=data) for data in turned]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [Payload.FromString(p.data[::-1]) for p in payloads]


async def test_with_a_codec_contents_and_failures_are_encoded() -> None:
    converter = data_converter(Reversing())
    document = DocumentRef(connection="demo", kind=Kind.INVOICE, source_id="7")
    (payload,) = await converter.encode([document])
    assert b"invoice" not in payload.data
    assert await converter.decode([payload], [DocumentRef]) == [document]
    failure = Failure()
    await converter.encode_failure(ApplicationError("Ada Lovelace is blocked"), failure)
    assert b"Lovelace" not in failure.SerializeToString()


async def test_without_a_codec_models_are_plain_json() -> None:
    document = DocumentRef(connection="demo", kind=Kind.INVOICE, source_id="7")
    (payload,) = await data_converter().encode([document])
    assert payload.data == b'{"connection":"demo","kind":"invoice","source_id":"7"}'
