"""The gateway as a process of its own, and its bind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import ssl
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from store.keyring import KeyRing
from workers.gateway.serve import serve
from workers.settings import GatewaySettings, SettingsError

_PROGRAM = """
import asyncio, os, sys
from pathlib import Path
from workers.gateway.run import run_gateway
from workers.settings import load_settings
asyncio.run(run_gateway(load_settings(Path(sys.argv[1])), lambda: None))
sys.stderr.flush()
os._exit(0)
"""


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    (tmp_path / "connections").mkdir()
    (tmp_path / "connections" / "demo.yaml").write_text(
        "name: demo\ntag: DEMO\nmapping: x.yaml\n"
        "source: {system: freshbooks, account_id: a, business_id: 1, client_id: c,"
        " redirect_uri: https://localhost}\n"
        "target: {system: nav, base_url: https://nav.invalid, instance: i, company: c,"
        " username: u, secret: nav-key}\n"
    )
    keys = tmp_path / "keys"
    keys.write_text(KeyRing.generate().text())
    keys.chmod(0o600)
    path = tmp_path / "tieout.yaml"
    path.write_text(
        f"store_url: sqlite:///{tmp_path / 'store.db'}\nkeys: file:{keys}\n"
        f"connections: {tmp_path / 'connections'}\ngateway: {{port: 0}}\noperator: {{port: 0}}\n"
    )
    return path


async def test_it_serves_while_temporal_is_away_and_ends_in_order(settings_file: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PROGRAM, str(settings_file)),
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "TEMPORAL_ADDRESS": "127.0.0.1:1"},
    )
    assert process.stderr is not None
    listening = await _line(process.stderr, "the gateway listens")
    async with httpx.AsyncClient(base_url=listening["url"]) as http:
        assert (await http.get("/health")).status_code == 200
        assert (await http.get("/ready")).json()["temporal"] is False
    process.send_signal(signal.SIGTERM)
    await _line(process.stderr, "the gateway has stopped")
    assert await asyncio.wait_for(process.wait(), 20) == 0


async def _line(stream: asyncio.StreamReader, event: str) -> dict[str, Any]:
    """The first log line that says this; every line before it is JSON too."""
    while line := await asyncio.wait_for(stream.readline(), 30):
        said: dict[str, Any] = json.loads(line)
        if said["event"] == event:
            return said
    raise AssertionError(f"the process ended without saying {event!r}")


async def _nothing(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def test_it_refuses_to_listen_in_clear_text_beyond_this_machine() -> None:
    with pytest.raises(SettingsError, match="trusted_proxy"):
        await serve(_nothing, GatewaySettings(host="0.0.0.0"), lambda _: None, asyncio.Event())


async def test_with_a_certificate_it_speaks_tls(tmp_path: Path) -> None:
    certificate, key = _self_signed(tmp_path)
    settings = GatewaySettings(port=0, tls_certificate=certificate, tls_private_key=key)
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    stopped = asyncio.Event()
    serving = asyncio.create_task(serve(_nothing, settings, address.set_result, stopped))
    url = await asyncio.wait_for(address, 10)
    trusting = ssl.create_default_context(cafile=str(certificate))
    async with httpx.AsyncClient(base_url=url, verify=trusting) as http:
        assert (await http.get("/")).status_code == 204
    stopped.set()
    await serving
    assert url.startswith("https://127.0.0.1:")


def _self_signed(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    address = x509.IPAddress(ip_address("127.0.0.1"))
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return public, private
