"""The folder in which an embedded house keeps what must outlive it."""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from workers.refusal import Refusal


@dataclass(frozen=True)
class StateFolder:
    """Where everything lies. Other files in the folder are left alone.

    `lasting` says whether the folder outlives us; if not, the parts that can do so keep their
    state in memory.
    """

    path: Path
    lasting: bool

    @property
    def kept(self) -> Path | None:
        """The folder for a part's own files; None when it should use memory."""
        return self.path if self.lasting else None

    @property
    def ports(self) -> Path:
        return self.path / "ports.json"

    @property
    def temporal(self) -> Path | None:
        return self.path / "temporal.sqlite" if self.lasting else None

    @property
    def store(self) -> Path:
        return self.path / "tieout.sqlite"

    @property
    def identity(self) -> Path:
        return self.path / "dev.json"

    @property
    def vault_key(self) -> Path:
        return self.path / "vault.key"

    @property
    def sandbox(self) -> Path:
        return self.path / "sandbox.json"

    @property
    def settings(self) -> Path:
        return self.path / "tieout.yaml"

    @property
    def connections(self) -> Path:
        return self.path / "connections"

    def log(self, part: str) -> Path:
        """Where a part's output goes."""
        return self.path / "logs" / f"{part}.log"


@contextmanager
def opened_state(path: Path | None, *, lasting: bool = True) -> Iterator[StateFolder]:
    """The folder `path`, made if need be, for us alone; without it, one that is removed at the end.
    Whoever removes it themselves says that it is not `lasting`.

    Raises Refusal when another supervisor uses it or it is not a folder.
    """
    if path is None:
        with tempfile.TemporaryDirectory(prefix="tieout-dev-") as folder:
            yield StateFolder(Path(folder), lasting=False)
        return
    if path.exists() and not path.is_dir():
        raise Refusal(f"{path} is not a folder")
    path.mkdir(parents=True, exist_ok=True)
    folder_path = path.resolve()
    with (folder_path / ".tieout-dev.lock").open("w") as lock:
        _hold(lock, folder_path)
        yield StateFolder(folder_path, lasting=lasting)


def _hold(lock: IO[str], path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Refusal(f"{path} is in use by another `tieout dev` or `tieout sandbox`") from error
