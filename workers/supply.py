"""`make audit`: are the installed packages the ones that were locked, byte for byte?

The first part works without a network. It verifies that every installed package is in the lock with
that very version, that nothing else is installed, that every locked package carries SHA-256 hashes,
and that the files on the disk are those that each package's own record lists. Then it asks the
advisory database about the versions of every lock, which does need one.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PackagePath, distributions
from pathlib import Path

from workers.advisories import DatabaseAway, known_vulnerabilities

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(.*)$")
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")
_BUILT_IN = frozenset(("pip", "setuptools", "tieout", "wheel"))
"""Made with the virtual environment, or this project itself."""


@dataclass(frozen=True)
class Pin:
    """A locked package."""

    version: str
    hashes: int


def read_lock(text: str) -> dict[str, Pin]:
    """The locked packages by their normalized names."""
    pins: dict[str, Pin] = {}
    for entry in text.replace("\\\n", " ").splitlines():
        pin = _PIN.match(entry.strip())
        if pin:
            name, version, rest = pin.groups()
            pins[normalized(name)] = Pin(version, len(_HASH.findall(rest)))
    return pins


def problems(pins: Mapping[str, Pin], installed: Mapping[str, Distribution]) -> list[str]:
    """Everything that is not as it was locked, a sentence each."""
    found = [f"{name} is locked without a hash" for name, pin in pins.items() if not pin.hashes]
    for name, package in sorted(installed.items()):
        pin = pins.get(name)
        if pin is None:
            found += [] if name in _BUILT_IN else [f"{name} is installed and not locked"]
        elif pin.version != package.version:
            found.append(f"{name} is locked at {pin.version}, {package.version} is installed")
        found += [f"{name}: {each}" for each in changed_files(package)]
    return found


def changed_files(package: Distribution) -> Iterator[str]:
    """The files of a package that are gone, or are not what its record says."""
    for path in package.files or ():
        if path.hash is None or path.suffix == ".pyc":
            continue
        located = Path(str(path.locate()))
        if not located.exists():
            yield f"{path} is missing"
        elif not _is_unchanged(path, located):
            yield f"{path} was changed after it was installed"


def everything_installed() -> dict[str, Distribution]:
    """The packages of this environment by their normalized names."""
    return {normalized(each.metadata["Name"]): each for each in distributions()}


def normalized(name: str) -> str:
    """A package's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def main(arguments: list[str]) -> int:
    """Check what is installed against the first lock, and all locks against the advisories. The
    exit code is 1 if something is wrong, 2 if the advisories could not be asked."""
    locks = [read_lock(Path(name).read_text(encoding="utf-8")) for name in arguments]
    found = problems(locks[0], everything_installed())
    _tell(found, f"{len(locks[0])} locked packages", "as locked, every file as recorded")
    versions = {name: pin.version for lock in reversed(locks) for name, pin in lock.items()}
    try:
        known = asyncio.run(known_vulnerabilities(versions))
    except DatabaseAway as error:
        sys.stdout.write(f"known vulnerabilities were NOT looked for: {error}\n")
        return 1 if found else 2
    _tell(known, f"{len(versions)} packages", "no known vulnerabilities")
    return 1 if found or known else 0


def _tell(found: list[str], what: str, well: str) -> None:
    for problem in found:
        sys.stdout.write(f"{problem}\n")
    sys.stdout.write(f"{what}: {f'{len(found)} problems' if found else well}\n")


def _is_unchanged(path: PackagePath, located: Path) -> bool:
    assert path.hash is not None, "asked for files with a hash only"
    digest = hashlib.new(path.hash.mode, located.read_bytes()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == path.hash.value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
