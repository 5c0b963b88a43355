"""What is installed is compared with what was locked."""

from __future__ import annotations

import base64
import hashlib
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

import pytest

from workers.supply import Pin, everything_installed, problems, read_lock

LOCK = Path(__file__).parents[2] / "requirements.lock"


@pytest.fixture
def package(tmp_path: Path) -> Distribution:
    """A package `demo` 1.0 of one file, as an installer leaves it."""
    code = b"answer = 42\n"
    (tmp_path / "demo.py").write_bytes(code)
    digest = base64.urlsafe_b64encode(hashlib.sha256(code).digest()).rstrip(b"=").decode()
    info = tmp_path / "demo-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
    (info / "RECORD").write_text(f"demo.py,sha256={digest},{len(code)}\nRECORD,,\n")
    return PathDistribution(info)


def test_a_package_as_it_was_locked_raises_no_question(package: Distribution) -> None:
    assert problems({"demo": Pin("1.0", 1)}, {"demo": package}) == []


def test_another_version_or_a_package_that_was_not_locked_is_named(package: Distribution) -> None:
    installed = {"demo": package}
    assert problems({"demo": Pin("1.1", 1)}, installed) == [
        "demo is locked at 1.1, 1.0 is installed"
    ]
    assert problems({}, installed) == ["demo is installed and not locked"]


def test_a_changed_or_missing_file_is_named(package: Distribution, tmp_path: Path) -> None:
    pins, installed = {"demo": Pin("1.0", 1)}, {"demo": package}
    (tmp_path / "demo.py").write_text("answer = 43\n")
    assert problems(pins, installed) == ["demo: demo.py was changed after it was installed"]
    (tmp_path / "demo.py").unlink()
    assert problems(pins, installed) == ["demo: demo.py is missing"]


def test_a_lock_is_read_with_its_hashes_and_a_missing_one_is_named() -> None:
    digest = "a" * 64
    pins = read_lock(f"Demo_x==1.0 \\\n    --hash=sha256:{digest}\nbare==2.0\n# comment\n")
    assert pins == {"demo-x": Pin("1.0", 1), "bare": Pin("2.0", 0)}
    assert problems(pins, {}) == ["bare is locked without a hash"]


def test_our_own_lock_pins_what_runs_these_tests() -> None:
    pins, installed = read_lock(LOCK.read_text(encoding="utf-8")), everything_installed()
    for name in ("temporalio", "cryptography", "httpx", "starlette"):
        assert pins[name].version == installed[name].version
        assert pins[name].hashes >= 1
