"""A throw-away PostgreSQL of the test run, reached by a socket that nobody else can open."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import psycopg

_START_SECONDS = 60.0


def programs() -> Path | None:
    """Where initdb and postgres are, if they are and can be run here (never as root)."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    usable = [f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()]
    return usable[0] if usable and _account() is not None else None


def _account() -> str | None:
    """Who runs the server: ourselves, or somebody harmless when we are root."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid()).pw_name
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return None


class Cluster:
    """A running server. Schemas are made on request (a database each would be a thousand files
    each); everything goes at the end."""

    def __init__(self, folder: Path) -> None:
        account = _account()
        assert account is not None
        self._account = account
        self._programs = folder
        self._home = Path(tempfile.mkdtemp(prefix="tieout-pg-"))
        if os.getuid() == 0:
            shutil.chown(self._home, account)
        self._run("initdb", "--auth=trust", "--username=tieout", "--encoding=UTF8", "--no-sync")
        self._server = self._start()

    def new_schema(self) -> str:
        """The URL of an empty schema: what belongs to it is all that a connection sees."""
        name = f"t{uuid4().hex}"
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        path = f"options=-csearch_path%3D{name}"
        return f"postgresql://tieout@/postgres?host={self._home}&{path}"

    def stop(self) -> None:
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(timeout=_START_SECONDS)
        shutil.rmtree(self._home)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), "-D", str(self._home / "data"), *arguments]
        subprocess.run(
            command, check=True, capture_output=True, user=self._user, cwd=self._home, timeout=60
        )

    def _start(self) -> subprocess.Popen[bytes]:
        server = subprocess.Popen(
            [
                str(self._programs / "postgres"),
                *("-D", str(self._home / "data"), "-k", str(self._home)),
                *("-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self._user,
            cwd=self._home,
        )
        self._wait_until_up(server)
        return server

    @property
    def _user(self) -> str | None:
        return self._account if os.getuid() == 0 else None

    def _wait_until_up(self, server: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(self._dsn).close()
                return
            except psycopg.OperationalError:
                if server.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.05)

    @property
    def _dsn(self) -> str:
        return f"host={self._home} user=tieout dbname=postgres"
