"""YAML files whose every value can be traced to its line, and the one error for wrong settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

Location = Sequence[int | str]

_SECRET_WORDS = ("key", "secret", "token", "password", "credential", "header", "slack")


@dataclass(frozen=True)
class Problem:
    """One wrong setting: where it stands, its name, what was found, what would be right.

    `where` is a file with its line, or the name of an environment variable. `value` is empty
    for what is missing and for fields that may hold a secret.
    """

    where: str
    field: str
    value: str
    remedy: str

    def __str__(self) -> str:
        found = f" is {self.value}" if self.value else ""
        return f"{self.where}: {self.field}{found}: {self.remedy}"


class SettingsError(ValueError):
    """Settings that cannot be used. `problems` lists all of them, the text one on each line."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class YamlFile:
    """A file that was read: plain data, and the lines that it came from."""

    path: Path
    data: dict[str, Any]
    _nodes: Any

    def written(self, location: Location) -> Location:
        """The location as it stands in the file: pydantic adds the tag of a union (`target.nav`
        for a target whose system is nav), which nobody wrote there."""
        data: Any = self.data
        steps: list[int | str] = []
        for step in location:
            if isinstance(data, dict) and step not in data and step in data.values():
                continue
            steps.append(step)
            data = data.get(step) if isinstance(data, dict) else None
        return tuple(steps)

    def line_of(self, location: Location) -> int:
        """The line of a value, or of the nearest parent that is there. Counted from 1."""
        node, line = self._nodes, 1
        for step in location:
            found = _line(node, step)
            if found is not None:
                line, node = found, node[step]
        return line


def read_yaml(path: Path) -> YamlFile:
    """Read one mapping from a YAML 1.2 file.

    Raises SettingsError when the file is absent or unreadable, is not YAML, repeats a key, or
    is not a mapping.
    """
    try:
        nodes = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(path, f"cannot be read ({type(error).__name__})") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _unusable(path, f"line {line}: {error.problem}") from error
    except YAMLError as error:
        raise _unusable(path, "is not YAML") from error
    if nodes is not None and not isinstance(nodes, CommentedMap):
        raise _unusable(path, "must be a mapping of names to values")
    return YamlFile(path, _plain(nodes) if nodes else {}, nodes)


def problems_of(
    error: ValidationError, file: YamlFile | None, *, environment: Mapping[str, str] | None = None
) -> tuple[Problem, ...]:
    """Each failure of a validation, placed in the file or the environment it came from.

    `environment` maps dotted field names to the variables that set them.
    """
    return tuple(
        _problem(detail, file, environment or {})
        for detail in error.errors(include_url=False, include_context=False)
    )


def _problem(
    detail: ErrorDetails, file: YamlFile | None, environment: Mapping[str, str]
) -> Problem:
    location = file.written(detail["loc"]) if file else detail["loc"]
    field = ".".join(str(step) for step in location)
    where = environment.get(field)
    if where is None and file is not None:
        where = f"{file.path}:{file.line_of(location)}"
    message = detail["msg"].removeprefix("Value error, ")
    return Problem(where or "settings", field or "the file", _shown(field, detail), message)


def _shown(field: str, detail: ErrorDetails) -> str:
    value = detail["input"]
    names_a_secret = any(word in field.rsplit(".", 1)[-1].lower() for word in _SECRET_WORDS)
    if names_a_secret or detail["type"] == "missing" or isinstance(value, dict | list):
        return ""
    return repr(value)[:80]


def _unusable(path: Path, remedy: str) -> SettingsError:
    return SettingsError(Problem(str(path), "the file", "", remedy))


def _line(node: Any, step: int | str) -> int | None:
    if isinstance(node, CommentedMap) and step in node:
        return int(node.lc.key(step)[0]) + 1
    if isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
        return int(node.lc.item(step)[0]) + 1
    return None


def _plain(node: Any) -> Any:
    if isinstance(node, CommentedMap):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    # The round-trip loader hands out subclasses that remember how a number was written.
    for base in (int, float, str):
        if isinstance(node, base):
            return base(node)
    return node
