"""YAML read so that every value knows the file and line it stands on.

Scalars stay the text they were written as (`4000`, `0010`, `1.50`), except plain `true`, `false`
and nothing: an account number must not become a number, nor an amount a float.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from mapping.errors import SpecError, SpecProblem

SpecPath = tuple[str | int, ...]
"""Keys and list positions from the top of a spec to one value."""

_BOOL = "tag:yaml.org,2002:bool"
_NULL = "tag:yaml.org,2002:null"


Stamp = tuple[int, int] | None
"""When a file was written (nanoseconds) and its size in bytes: whether it changed since."""


def stamp(path: Path) -> Stamp:
    """The stamp of a file as it is now; None for one that cannot be reached."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


@dataclass(frozen=True)
class Place:
    """Where a value stands: a file and a line counted from 1."""

    file: str
    line: int


@dataclass
class SpecSource:
    """Plain data of a spec with the place of each value, a digest of all files read, and the
    stamp that each had before it was read."""

    data: dict[str, object]
    places: dict[SpecPath, Place]
    digest: str
    stamps: dict[Path, Stamp]
    problems: list[SpecProblem] = field(default_factory=list)

    def place(self, path: SpecPath) -> Place:
        """The place of a value, or of the nearest enclosing one that is written down."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return next(iter(self.places.values()))

    def problem(self, path: SpecPath, message: str) -> SpecProblem:
        place = self.place(path)
        return SpecProblem(place.file, place.line, dotted(path), message)


def dotted(path: SpecPath) -> str:
    """`invoice.lines.No` or `taxes.rows[2].code`; list positions count from 1."""
    text = "".join(f"[{p + 1}]" if isinstance(p, int) else f".{p}" for p in path)
    return text.lstrip(".") or "(top)"


def read_spec(path: Path) -> SpecSource:
    """Read a spec, the value maps it includes and the spec it extends. Raises SpecError when a
    file is not readable.

    An included file holds only `maps:`. Of an extended one each section counts that the spec does
    not give itself, of `maps` each map. Names are relative to the folder of the spec.
    """
    return _read(path, path.name, ())


def _read(path: Path, name: str, extending: tuple[Path, ...]) -> SpecSource:
    source = read_yaml(path, name)
    names = source.data.get("include") or []
    for included in names if isinstance(names, list) else []:
        _include(source, path.parent / str(included), str(included))
    extends, chain = source.data.get("extends"), (*extending, path.resolve())
    if isinstance(extends, str):
        base = path.parent / extends
        if base.resolve() in chain:
            source.problems.append(source.problem(("extends",), "comes back to itself"))
        else:
            _extend(source, _read(base, extends, chain))
    return source


def read_yaml(path: Path, name: str) -> SpecSource:
    """Read one YAML file whose top is a mapping. `name` is what problems call it."""
    before = stamp(path)
    try:
        content = path.read_bytes()
        node = _composed(content.decode("utf-8"))
    except OSError as error:
        raise _unreadable(name, 1, error.strerror or "cannot be read") from error
    except UnicodeDecodeError as error:
        raise _unreadable(name, 1, "is not UTF-8 text") from error
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        text = getattr(error, "problem", None) or "is not YAML"
        raise _unreadable(name, mark.line + 1 if mark else 1, str(text)) from error
    if not isinstance(node, MappingNode):
        raise _unreadable(name, 1, "must be a mapping of settings")
    return _Reader(name).read(node, hashlib.sha256(content).hexdigest(), {path: before})


@lru_cache(maxsize=64)
def _composed(text: str) -> Node | None:
    """The nodes of a file, which nobody changes. Connections mostly share their files, and reading
    one takes longer than all the rest of loading a mapping."""
    found: Node | None = YAML(typ="safe", pure=True).compose(text)
    return found


def _unreadable(name: str, line: int, message: str) -> SpecError:
    return SpecError([SpecProblem(name, line, "(file)", message)])


def _include(source: SpecSource, path: Path, name: str) -> None:
    included = read_yaml(path, name)
    source.problems += included.problems
    maps = source.data.setdefault("maps", {})
    found = included.data.get("maps")
    if set(included.data) != {"maps"} or not isinstance(found, dict) or not isinstance(maps, dict):
        source.problems.append(included.problem((), "an included file holds only `maps:`"))
        return
    for key, value in found.items():
        if key in maps:
            source.problems.append(included.problem(("maps", key), "is defined twice"))
        maps[key] = value
    source.places.update({p: place for p, place in included.places.items() if len(p) > 1})
    _read_too(source, included)


def _extend(source: SpecSource, base: SpecSource) -> None:
    own, maps, theirs = source.data, source.data.get("maps", {}), base.data.get("maps", {})
    if "name" not in own:
        source.problems.append(source.problem(("extends",), "needs a name of its own"))
    source.problems += base.problems
    given: set[SpecPath] = {(name,) for name in own if name != "maps"}
    source.data = {**base.data, **own}
    if isinstance(maps, dict) and isinstance(theirs, dict):
        given |= {("maps", name) for name in maps}
        source.data["maps"] = {**theirs, **maps}
    kept = {p: where for p, where in base.places.items() if given.isdisjoint((p[:1], p[:2]))}
    source.places = {**kept, **source.places}
    _read_too(source, base)


def _read_too(source: SpecSource, other: SpecSource) -> None:
    source.stamps.update(other.stamps)
    source.digest = hashlib.sha256((source.digest + other.digest).encode()).hexdigest()


class _Reader:
    """Turns composed nodes into plain data, noting places and problems."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._places: dict[SpecPath, Place] = {(): Place(file, 1)}
        self._problems: list[SpecProblem] = []

    def read(self, node: MappingNode, digest: str, stamps: dict[Path, Stamp]) -> SpecSource:
        data = self._mapping(node, ())
        return SpecSource(data, self._places, digest, stamps, self._problems)

    def _value(self, node: Node, path: SpecPath) -> object:
        if node.anchor:
            self._refuse(node, path, "anchors are not read: write the value out or use a map")
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return self._sequence(node, path)
        return self._scalar(node)

    def _mapping(self, node: MappingNode, path: SpecPath) -> dict[str, object]:
        result: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._refuse(key_node, path, "a key must be plain text")
                continue
            key = str(key_node.value)
            inner = (*path, key)
            if key in result:
                self._refuse(key_node, inner, "is given twice")
            self._places[inner] = Place(self._file, key_node.start_mark.line + 1)
            result[key] = self._value(value_node, inner)
        return result

    def _sequence(self, node: SequenceNode, path: SpecPath) -> list[object]:
        for position, item in enumerate(node.value):
            self._places[(*path, position)] = Place(self._file, item.start_mark.line + 1)
        return [self._value(item, (*path, n)) for n, item in enumerate(node.value)]

    def _scalar(self, node: Node) -> object:
        if node.tag == _NULL:
            return None
        if node.tag == _BOOL:
            return str(node.value).lower() == "true"
        return str(node.value)

    def _refuse(self, node: Node, path: SpecPath, message: str) -> None:
        line = node.start_mark.line + 1
        self._problems.append(SpecProblem(self._file, line, dotted(path), message))
