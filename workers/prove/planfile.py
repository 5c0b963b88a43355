"""A fault plan of one's own: one fault per row of a CSV file.

Columns: `fault` (a name of workers.prove.faults), `system`, and optionally `method` and `path`
(regular expressions that must match the whole; the path within a lane), `skip` and `times`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workers.prove.faults import FAULTS, Planned, faults_of
from workers.yamlfile import Problem, SettingsError

_REQUIRED = ("fault", "system")
_COLUMNS = (*_REQUIRED, "method", "path", "skip", "times")
_SYSTEMS = ("freshbooks", "nav", "ax")
_MOST = 1_000_000


@dataclass(frozen=True)
class _Row:
    """A row of the file, counted from 1 with the heading as the first."""

    file: Path
    number: int
    values: dict[str, str]

    def problem(self, field: str, remedy: str) -> Problem:
        value = self.values.get(field, "")
        where = f"{self.file}: row {self.number}"
        return Problem(where, field, repr(value) if value else "", remedy)

    def get(self, field: str, default: str = "") -> str:
        return self.values.get(field, "").strip() or default

    def problems(self) -> Iterator[Problem]:
        fault, system = self.get("fault"), self.get("system")
        if system not in _SYSTEMS:
            yield self.problem("system", f"must be one of {', '.join(_SYSTEMS)}")
        elif fault not in faults_of(system):
            yield self.problem("fault", f"must be one of {', '.join(faults_of(system))}")
        if system not in _SYSTEMS and fault not in FAULTS:
            yield self.problem("fault", f"must be one of {', '.join(FAULTS)}")
        for field in ("method", "path"):
            if (wrong := _not_a_pattern(self.get(field))) is not None:
                yield self.problem(field, f"must be a regular expression: {wrong}")
        for field, least in (("skip", 0), ("times", 1)):
            if not _is_number(self.get(field, str(least)), least):
                yield self.problem(field, f"must be a whole number from {least} to {_MOST}")

    def planned(self) -> Planned:
        return Planned(
            self.get("fault"),
            self.get("system"),
            self.get("path", ".*"),
            self.get("method", ".*"),
            int(self.get("skip", "0")),
            int(self.get("times", "1")),
        )


def read_plan(path: Path) -> list[Planned]:
    """The faults of a file, in order. SettingsError naming every wrong row and field."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _check_heading(path, reader.fieldnames or ())
            rows = [_row(path, number, found) for number, found in enumerate(reader, start=2)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problem = Problem(str(path), "the file", "", f"cannot be read ({type(error).__name__})")
        raise SettingsError(problem) from error
    problems = [problem for row in rows for problem in row.problems()]
    if not rows:
        problems = [Problem(f"{path}: row 2", "the file", "", "must hold at least one fault")]
    if problems:
        raise SettingsError(*problems)
    return [row.planned() for row in rows]


def _check_heading(path: Path, names: object) -> None:
    given = [str(name).strip() for name in names] if isinstance(names, list | tuple) else []
    problems = [
        Problem(f"{path}: row 1", name, "", "this column is missing")
        for name in _REQUIRED
        if name not in given
    ] + [
        Problem(f"{path}: row 1", name, "", f"is not a column; there are {', '.join(_COLUMNS)}")
        for name in given
        if name not in _COLUMNS
    ]
    if problems:
        raise SettingsError(*problems)


def _row(path: Path, number: int, found: dict[str, str]) -> _Row:
    values = {str(k).strip(): v or "" for k, v in found.items() if isinstance(v, str | None)}
    if None in found:
        too_many = Problem(f"{path}: row {number}", "the row", "", "has more fields than columns")
        raise SettingsError(too_many)
    return _Row(path, number, values)


def _not_a_pattern(text: str) -> str | None:
    try:
        re.compile(text)
    except re.error as error:
        return str(error)
    return None


def _is_number(text: str, least: int) -> bool:
    return text.isascii() and text.isdigit() and least <= int(text) <= _MOST
