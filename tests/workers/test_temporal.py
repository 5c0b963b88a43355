"""The connection to Temporal: where it is taken from, and what it needs there."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
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
from tests.security.certificates import Authority
from workers.keys_of_histories import keys_of_histories
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


@asynccontextmanager
async def _before(address: str, authority: Authority) -> AsyncIterator[int]:
    """A front of a Temporal that lets in who has a certificate of the authority."""
    certificate, key = authority.issue(["localhost"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(authority.ca_file)
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    host, _, port = address.rpartition(":")

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while content := await source.read(65536):
                sink.write(content)
                await sink.drain()
        sink.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside, outside = await asyncio.open_connection(host, int(port))
        await asyncio.gather(pump(reader, outside), pump(inside, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]
        server.close()


async def test_a_client_certificate_of_the_environment_opens_a_temporal_behind_mutual_tls(
    temporal_env: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.issue(["client"])
    settings = load_settings(keys=KeyRing.generate().text())
    address = temporal_env.client.service_client.config.target_host
    async with _before(address, authority) as port:
        monkeypatch.setenv("TEMPORAL_ADDRESS", f"localhost:{port}")
        monkeypatch.setenv("TEMPORAL_TLS_SERVER_CA_CERT_PATH", str(authority.ca_file))
        with pytest.raises(RuntimeError):
            await connect(settings)
        monkeypatch.setenv("TEMPORAL_TLS_CLIENT_CERT_PATH", str(certificate))
        monkeypatch.setenv("TEMPORAL_TLS_CLIENT_KEY_PATH", str(key))
        client = await connect(settings)
        assert await client.service_client.check_health()
        monkeypatch.delenv("TEMPORAL_TLS_SERVER_CA_CERT_PATH")
        with pytest.raises(RuntimeError):
            await connect(settings)


def test_a_certificate_that_is_not_there_is_told_by_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_TLS_CLIENT_CERT_PATH", "/nowhere/client.pem")
    monkeypatch.setenv("TEMPORAL_TLS_CLIENT_KEY_PATH", "/nowhere/client.key")
    with pytest.raises(SettingsError, match=r"TEMPORAL_TLS_CLIENT_CERT_PATH.*/nowhere/client\.pem"):
        connection_profile()


async def test_histories_are_counted_by_the_key_that_they_began_under(
    temporal_env: WorkflowEnvironment,
) -> None:
    address = temporal_env.client.service_client.config.target_host
    before = await keys_of_histories(temporal_env.client)
    for key_id in ("kA", "kA", "kB"):
        client = await connect(load_settings(keys=KeyRing.generate(key_id).text()), address=address)
        await client.start_workflow("Nobody", "x", id=f"keys-{uuid4()}", task_queue="nowhere")
    async with asyncio.timeout(20):
        while True:
            found = await keys_of_histories(temporal_env.client)
            new = {k: n - before.get(k, 0) for k, n in found.items()}
            if (new.get("kA"), new.get("kB")) == (2, 1):
                return
            await asyncio.sleep(0.2)
