"""Where the store is: a database URL, checked and completed with the asynchronous driver."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from store.errors import BadStoreUrl, StoreUnavailable

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
_STATED_MODES = ("verify-full", "verify-ca", "disable")
Synchronous = Literal["FULL", "NORMAL"]


@dataclass(frozen=True)
class Address:
    """A usable database URL. `path` is the file of SQLite, None for a server."""

    url: URL
    path: Path | None
    synchronous: Synchronous

    @classmethod
    def parse(cls, text: str, synchronous: str | None = None) -> Self:
        """Read `sqlite:///file`, or `postgresql://user@host/name`, with or without its driver.

        `?synchronous=NORMAL` (or the argument) gives up the last commits in a power cut for
        speed; it is for throw-away data. BadStoreUrl says what is wrong without the password; also
        when a server beyond this machine would be believed without verified TLS.
        """
        url = _url(text)
        name = url.get_backend_name()
        if name not in _DRIVERS:
            raise BadStoreUrl(f"the store cannot be kept in {name}: use sqlite or postgresql")
        level = synchronous or url.query.get("synchronous", "FULL")
        url = url.set(drivername=_DRIVERS[name]).difference_update_query(["synchronous"])
        path = _sqlite_path(url) if name == "sqlite" else None
        if path is None:
            _check_tls(url)
        return cls(url, path, _synchronous(level))

    def create_private_file(self) -> None:
        """Make the file, and its folder if need be, readable by their owner only, before SQLite
        makes the file by the umask."""
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise StoreUnavailable(
                f"the store file {self.path} cannot be opened: {error.strerror}"
            ) from error


def _url(text: str) -> URL:
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        # From None: the reason would quote the whole address with its password.
        raise BadStoreUrl("the store's address is not a database URL") from None


def _sqlite_path(url: URL) -> Path:
    if not url.database or ":memory:" in url.database or url.database.startswith("file:"):
        raise BadStoreUrl(
            "the store needs a database file: several connections and processes share it, "
            "which memory cannot do; use a temporary folder for throw-away data"
        )
    return Path(url.database)


def _check_tls(url: URL) -> None:
    """libpq's default takes any certificate, or none at all (PostgreSQL manual, 34.19)."""
    hosts = [url.host or "", *_texts(url.query.get("host", ""))]
    mode = url.query.get("sslmode") or os.environ.get("PGSSLMODE", "")
    if mode in _STATED_MODES or all(not h or h.startswith("/") or _is_here(h) for h in hosts):
        return
    raise BadStoreUrl(
        "a database beyond this machine needs ?sslmode=verify-full (and sslrootcert=FILE for a "
        "private authority); say ?sslmode=disable if the network to it is yours alone"
    )


def _texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _synchronous(level: object) -> Synchronous:
    match str(level).upper():
        case "FULL":
            return "FULL"
        case "NORMAL":
            return "NORMAL"
    raise BadStoreUrl("synchronous must be FULL or NORMAL")
