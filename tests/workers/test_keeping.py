"""The commands that keep keys, persons and privacy, as a person at the terminal meets them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from documents.key import Kind
from documents.row import DocumentRow, DocumentState
from store.cipher import Cipher
from store.keyring import KeyRing
from store.store import Store
from workers import cli
from workers.access.callers import Concierge, Role, Unauthenticated
from workers.access.tokens import PersonalTokens
from workers.settings import load_settings

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def config(tmp_path: Path) -> str:
    (tmp_path / "connections").mkdir()
    (tmp_path / "connections" / "demo.yaml").write_text(
        "name: demo\ntag: DEMO\nmapping: x.yaml\n"
        "source: {system: freshbooks, account_id: a, business_id: 1, client_id: c,"
        " redirect_uri: https://localhost}\n"
        "target: {system: nav, base_url: https://nav.invalid, instance: i, company: c,"
        " username: u, secret: nav-key}\n",
        encoding="utf-8",
    )
    _write_keys(tmp_path, KeyRing.generate())
    path = tmp_path / "tieout.yaml"
    path.write_text(
        f"store_url: sqlite:///{tmp_path}/store.sqlite\nconnections: {tmp_path}/connections\n"
        f"keys: file:{tmp_path}/keys\noperator: {{port: 1}}\n",
        encoding="utf-8",
    )
    return str(path)


def _write_keys(folder: Path, ring: KeyRing) -> None:
    (folder / "keys").write_text(ring.text(), encoding="ascii")
    (folder / "keys").chmod(0o600)


def test_a_token_is_shown_once_and_opens_the_doors_until_it_is_revoked(
    config: str, capsys: Captured
) -> None:
    assert cli.run(["person", "add", "Ada", "--role", "operator", "--config", config]) == 0
    token = capsys.readouterr().out.strip()
    assert cli.run(["person", "list", "--config", config]) == 0
    listed = capsys.readouterr().out
    assert "Ada" in listed
    assert "operator" in listed
    assert token.split("_", 2)[2] not in listed
    assert asyncio.run(_admitted(config, token)) == "Ada"
    assert cli.run(["person", "revoke", "Ada", "--config", config]) == 0
    with pytest.raises(Unauthenticated):
        asyncio.run(_admitted(config, token))


async def _admitted(config: str, token: str) -> str:
    settings = load_settings(Path(config))
    ring = KeyRing.from_source(settings.keys.get_secret_value())
    async with await Store.open(settings.store_url, Cipher(ring)) as store:
        concierge = Concierge(PersonalTokens(store.persons))
        return (await concierge.admit(f"Bearer {token}", Role.OPERATOR)).name


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "Ada\nBob"])
def test_a_name_that_would_spoil_a_list_is_refused(
    config: str, capsys: Captured, name: str
) -> None:
    assert cli.run(["person", "add", name, "--role", "viewer", "--config", config]) == 1
    assert "printable characters" in capsys.readouterr().err


def test_a_role_that_does_not_exist_is_refused(config: str) -> None:
    assert cli.run(["person", "add", "Ada", "--role", "root", "--config", config]) == 2


def test_a_person_who_has_no_token_cannot_lose_one(config: str, capsys: Captured) -> None:
    assert cli.run(["person", "revoke", "Ada", "--config", config]) == 1
    assert "tieout person list" in capsys.readouterr().err


def test_keys_are_rotated_in_three_steps(config: str, tmp_path: Path, capsys: Captured) -> None:
    cli.run(["person", "add", "Ada", "--role", "viewer", "--config", config])
    capsys.readouterr()
    assert cli.run(["keys", "add", "--config", config]) == 0
    newer = KeyRing.from_source(capsys.readouterr().out.strip())
    assert (newer.current, sorted(newer.keys)) == ("k2", ["k1", "k2"])
    _write_keys(tmp_path, newer)
    assert cli.run(["vault", "status", "--config", config]) == 0
    assert "k1" in capsys.readouterr().out
    assert cli.run(["vault", "rotate", "--config", config]) == 0
    assert "under the key k2" in capsys.readouterr().out
    _write_keys(tmp_path, KeyRing({"k2": newer.keys["k2"]}, "k2"))
    assert cli.run(["vault", "status", "--config", config]) == 0
    assert "k1" not in capsys.readouterr().out
    assert cli.run(["person", "list", "--config", config]) == 0
    assert "Ada" in capsys.readouterr().out


def test_a_key_that_was_taken_away_too_early_is_asked_for(
    config: str, tmp_path: Path, capsys: Captured
) -> None:
    cli.run(["person", "add", "Ada", "--role", "viewer", "--config", config])
    _write_keys(tmp_path, KeyRing.generate("k2"))
    capsys.readouterr()
    assert cli.run(["vault", "rotate", "--config", config]) == 1
    assert "encrypted with the key 'k1', which is not in the key ring" in capsys.readouterr().err


def test_a_forgotten_client_is_told_with_what_remains(config: str, capsys: Captured) -> None:
    asyncio.run(_save(config, closed=True))
    arguments = ["forget", "--connection", "demo", "--client", "7", "--config", config]
    assert cli.run(arguments) == 0
    told = capsys.readouterr().out
    assert "Erased from our store: 2 texts" in told
    assert "Remains in freshbooks, the system of record: client 7" in told
    assert "Remains in nav: 1 posted documents" in told
    assert "Remain in Temporal, encrypted" in told


def test_a_client_with_open_documents_is_not_forgotten(config: str, capsys: Captured) -> None:
    asyncio.run(_save(config, closed=False))
    assert cli.run(["forget", "--connection", "demo", "--client", "7", "--config", config]) == 1
    assert "1 documents of this client are not settled" in capsys.readouterr().err


async def _save(config: str, *, closed: bool) -> None:
    settings = load_settings(Path(config))
    ring = KeyRing.from_source(settings.keys.get_secret_value())
    async with await Store.open(settings.store_url, Cipher(ring), migrate=True) as store:
        row = DocumentRow(
            connection="demo",
            kind=Kind.INVOICE,
            source_id="1000001",
            party_id="7",
            reason="paid by Wilhelmina",
            state=DocumentState.POSTED,
            target_number="PSI1",
            closed=closed,
        )
        await store.documents.save(row)


def test_an_account_of_the_provider_is_bound_to_a_name_that_nobody_else_has(
    config: str, tmp_path: Path, capsys: Captured
) -> None:
    bind = ["person", "bind", "Ada", "--subject", "google|123", "--config", config]
    assert cli.run(bind) == 1
    assert "no sign-in provider is set" in capsys.readouterr().err
    with Path(config).open("a", encoding="utf-8") as file:
        file.write("sign_in: {issuer: 'https://login.example.com', audience: tieout}\n")
    assert cli.run(bind) == 0
    assert cli.run(bind) == 1
    assert cli.run(["person", "add", "sub:google|123", "--role", "viewer", "--config", config]) == 1
    capsys.readouterr()
    assert cli.run(["person", "list", "--config", config]) == 0
    told = capsys.readouterr().out
    assert "by the provider" in told
    assert "google" not in told
