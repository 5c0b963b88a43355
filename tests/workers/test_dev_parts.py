"""The pieces of which `tieout dev` is made, each with real processes and files."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.settings import SandboxSettings
from store.keyring import KeyRing
from workers.connections import load_connections
from workers.dev.identity import keep_identity
from workers.dev.keeper import Keeper
from workers.dev.logs import FileLog
from workers.dev.parts import Child, Part, PartDied
from workers.dev.plan import draw_up
from workers.dev.ports import LOOPBACK, Ports, claimed_ports
from workers.dev.state import StateFolder, opened_state
from workers.dev.surroundings import environment
from workers.dev.temporal import find_temporal, temporal_part
from workers.refusal import Refusal
from workers.settings import load_settings

READY = "import os, sys, time; os.write(int(sys.argv[2]), b'x'); "


def python(name: str, code: str, *, keeps_state: bool = True, announces: bool = True) -> Part:
    command = (sys.executable, "-I", "-c", code)
    return Part(name, command, dict(os.environ), announces=announces, keeps_state=keeps_state)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_a_part_tells_when_it_is_ready_and_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    child = await Child.start(python("one", READY + "time.sleep(60)"), FileLog(tmp_path / "l.log"))
    assert await child.ready()
    await child.stop()
    assert (await child.ended()).exit_code == -15


async def test_a_part_that_ignores_the_request_to_end_is_ended_all_the_same(tmp_path: Path) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + READY
    part = Part(
        "deaf", (sys.executable, "-c", deaf + "time.sleep(60)"), dict(os.environ), grace=0.2
    )
    child = await Child.start(part, FileLog(tmp_path / "l.log"))
    assert await child.ready()
    await child.stop()
    assert (await child.ended()).exit_code == -9


async def test_a_part_that_dies_young_shows_its_last_words(tmp_path: Path) -> None:
    part = python("sick", "import sys; sys.exit('the cellar is flooded')")
    keeper = Keeper(part, FileLog(tmp_path / "l.log"))
    with pytest.raises(PartDied, match="sick ended with code 1\n  the cellar is flooded"):
        await keeper.keep()


async def test_a_part_that_is_killed_is_started_again_at_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    keeper = Keeper(python("one", READY + "time.sleep(60)"), FileLog(tmp_path / "l.log"))
    keeping = asyncio.create_task(keeper.keep())
    await asyncio.wait_for(keeper.ready.wait(), 20)
    assert keeper.child
    first = keeper.child.pid
    keeper.kill()
    await until(lambda: keeper.child is not None and keeper.child.pid != first)
    keeping.cancel()
    await keeper.stop()
    assert "one was ended by SIGKILL\none is started again\n" in capfd.readouterr().err


async def test_a_part_that_keeps_dying_in_its_start_is_given_time(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    once = tmp_path / "once"
    code = (
        "import os, sys\n"
        f"if os.path.exists({str(once)!r}): sys.exit('not this time')\n"
        f"open({str(once)!r}, 'w').close()\n"
        "os.write(int(sys.argv[2]), b'x')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    keeper = Keeper(python("weak", code), FileLog(tmp_path / "l.log"))
    keeping = asyncio.create_task(keeper.keep())
    told = ""

    def has_waited() -> bool:
        nonlocal told
        told += capfd.readouterr().err
        return "started again in 0.4 s" in told

    await until(has_waited)
    keeping.cancel()
    await keeper.stop()
    assert "weak was ended by SIGKILL\nweak is started again\n" in told
    assert "weak ended with code 1\n  not this time\nweak is started again in 0.2 s" in told


async def test_a_part_that_lost_what_it_remembered_is_not_started_again(tmp_path: Path) -> None:
    part = python("memory", READY + "time.sleep(60)", keeps_state=False)
    keeper = Keeper(part, FileLog(tmp_path / "l.log"))
    keeping = asyncio.create_task(keeper.keep())
    await asyncio.wait_for(keeper.ready.wait(), 20)
    keeper.kill()
    with pytest.raises(PartDied, match="SIGKILL"):
        await keeping


async def test_children_die_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import asyncio, os, sys, time\n"
        "from pathlib import Path\n"
        "from workers.dev.logs import FileLog\n"
        "from workers.dev.parts import Child, Part\n"
        "async def main():\n"
        "    part = Part('x', (sys.executable, '-c', 'import time; time.sleep(60)'),\n"
        "                dict(os.environ), announces=False)\n"
        f"    child = await Child.start(part, FileLog(Path({str(tmp_path / 'l.log')!r})))\n"
        "    print(child.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    assert supervisor.stdout
    child = int(await supervisor.stdout.readline())
    assert alive(child)
    supervisor.kill()
    await supervisor.wait()
    await until(lambda: not alive(child))


def test_a_part_does_not_start_for_a_supervisor_that_is_gone_already() -> None:
    tether = Path(__file__).parents[2] / "workers/dev/tether.py"
    gone = subprocess.run(
        [sys.executable, str(tether), "1", sys.executable, "-c", "print('started')"],
        capture_output=True,
        check=False,
    )
    assert gone.returncode == 1
    assert gone.stdout == b""


def test_two_supervisors_never_choose_the_same_free_ports() -> None:
    with claimed_ports(0, None) as one, claimed_ports(0, None) as other:
        assert set(one.model_dump().values()).isdisjoint(other.model_dump().values())


def test_chosen_ports_are_kept_and_found_again(tmp_path: Path) -> None:
    kept = tmp_path / "ports.json"
    with claimed_ports(0, kept) as first:
        pass
    with claimed_ports(0, kept) as second:
        assert second == first


def test_ports_that_are_given_override_those_that_were_kept(tmp_path: Path) -> None:
    kept = tmp_path / "ports.json"
    with claimed_ports(0, kept) as free:
        pass
    with claimed_ports(free.temporal, None) as given:
        assert list(given.model_dump().values()) == list(
            range(free.temporal, free.temporal + len(Ports.model_fields))
        )
    assert given.temporal_ui == given.temporal + 1


def test_a_port_that_is_taken_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setattr("workers.dev.ports.PATIENCE", 0.0)
        with pytest.raises(Refusal, match=rf"{port} \(temporal\)"), claimed_ports(port, None):
            pass


def test_ports_beyond_the_last_one_are_refused() -> None:
    with pytest.raises(Refusal, match="does not leave room"), claimed_ports(65535, None):
        pass


def test_identities_are_kept_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "dev.json"
    first = keep_identity(file, ["demo-nav"])
    grown = keep_identity(file, ["demo-nav", "demo-ax"])
    assert grown.connections["demo-nav"] == first.connections["demo-nav"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_every_connection_has_an_account_and_tokens_of_its_own(tmp_path: Path) -> None:
    house = keep_identity(tmp_path / "dev.json", ["one", "two"])
    one, two = (house.connections[name].source for name in ("one", "two"))
    assert one.account_id != two.account_id
    assert one.access_token != two.access_token
    assert one.business_id >= 1_000_000


def test_an_identity_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dev.json").write_text("[1, 2]", encoding="utf-8")
    with pytest.raises(Refusal, match="not readable by this version"):
        keep_identity(tmp_path / "dev.json", ["demo-nav"])


def test_a_state_folder_serves_one_supervisor_at_a_time(tmp_path: Path) -> None:
    with (
        opened_state(tmp_path),
        pytest.raises(Refusal, match="in use by another"),
        opened_state(tmp_path),
    ):
        pass
    with opened_state(tmp_path) as again:
        assert again.lasting


def test_without_a_state_folder_nothing_is_left_behind() -> None:
    with opened_state(None) as folder:
        assert folder.path.is_dir()
        assert folder.kept is None
    assert not folder.path.exists()


@pytest.fixture
def drawn(tmp_path: Path) -> StateFolder:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with opened_state(tmp_path) as folder:
        draw_up(folder, Ports.consecutive(21_000))
    return folder


def test_the_written_settings_are_what_the_parts_read(drawn: StateFolder) -> None:
    settings = load_settings(drawn.settings)
    connection = load_connections(settings.connections)["demo-nav"]
    stand_ins = SandboxSettings.load(drawn.sandbox)
    assert stand_ins.freshbooks
    assert stand_ins.nav
    assert connection.source.base_url == f"http://{LOOPBACK}:{stand_ins.freshbooks.port}"
    assert connection.source.account_id == stand_ins.freshbooks.accounts[0].account_id
    assert connection.target.base_url == f"http://{LOOPBACK}:{stand_ins.nav.port}"
    assert connection.target.company == stand_ins.nav.companies[0].name
    assert connection.target.settle_seconds == 2.0
    assert connection.policy.write_reference == "po_number"
    assert (settings.mappings / connection.mapping).is_file()


def test_no_connection_file_holds_a_secret(drawn: StateFolder) -> None:
    stand_ins = SandboxSettings.load(drawn.sandbox)
    assert stand_ins.freshbooks
    assert stand_ins.nav
    account, company = stand_ins.freshbooks.accounts[0], stand_ins.nav.companies[0]
    secrets = [account.client_secret, account.refresh_token, account.access_token, company.password]
    for file in (drawn.settings, *drawn.connections.iterdir()):
        text = file.read_text(encoding="utf-8")
        assert not [secret for secret in secrets if secret in text]


def test_files_with_secrets_are_for_their_owner_only(drawn: StateFolder) -> None:
    for file in (drawn.sandbox, drawn.identity, drawn.vault_key):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_drawing_up_again_changes_no_key_and_no_other_file(drawn: StateFolder) -> None:
    key, accounts = drawn.vault_key.read_text(encoding="ascii"), drawn.identity.read_bytes()
    draw_up(drawn, Ports.consecutive(22_000))
    assert drawn.vault_key.read_text(encoding="ascii") == key
    assert drawn.identity.read_bytes() == accounts
    assert (drawn.path / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert KeyRing.from_source(f"file:{drawn.vault_key}").current


def test_parts_are_not_misled_by_what_is_set_outside() -> None:
    outside = {
        "TEMPORAL_API_KEY": "cloud",
        "TEMPORAL_TLS": "true",
        "TIEOUT_GATEWAY__PORT": "1",
        "TIEOUT_LOG__LEVEL": "debug",
        "NO_PROXY": "example.com",
        "PATH": "/bin",
    }
    inside = environment("worker", outside, Ports.consecutive(21_000))
    assert inside["TEMPORAL_ADDRESS"] == f"{LOOPBACK}:21000"
    assert inside["NO_PROXY"].split(",") == [LOOPBACK, "localhost", "example.com"]
    assert inside["TIEOUT_LOG__LEVEL"] == "debug"
    assert not {"TEMPORAL_API_KEY", "TEMPORAL_TLS", "TIEOUT_GATEWAY__PORT"} & inside.keys()


def test_gateway_and_worker_show_their_metrics_on_different_ports() -> None:
    ports = Ports.consecutive(21_000)
    name = "TIEOUT_TELEMETRY__PROMETHEUS_BIND"
    binds = {environment(part, {}, ports)[name] for part in ("gateway", "worker")}
    assert binds == {f"{LOOPBACK}:{ports.gateway_metrics}", f"{LOOPBACK}:{ports.worker_metrics}"}


def test_temporal_listens_on_loopback_and_loads_tasks_fast(tmp_path: Path) -> None:
    ports, codec = Ports.consecutive(21_000), "http://127.0.0.1:21008/token"
    part = temporal_part(Path("/t"), ports, None, {"TieoutStage": "Keyword"}, codec)
    assert part.command[part.command.index("--ip") + 1] == LOOPBACK
    assert "history.transferProcessorMaxPollRPS=2000" in part.command
    assert "history.timerProcessorMaxPollRPS=2000" in part.command
    assert "TieoutStage=Keyword" in part.command
    assert part.command[part.command.index("--ui-codec-endpoint") + 1] == codec
    assert "--db-filename" not in part.command
    assert not part.keeps_state
    kept = temporal_part(Path("/t"), ports, tmp_path / "t.sqlite", {}, codec)
    assert kept.command[kept.command.index("--db-filename") + 1] == str(tmp_path / "t.sqlite")
    assert kept.keeps_state


def test_a_temporal_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="is not a program"):
        find_temporal(tmp_path / "temporal")
    assert find_temporal(None).name == "temporal"
