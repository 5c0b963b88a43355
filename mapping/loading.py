"""From a YAML file to a spec, or to the list of everything that is wrong with its shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from documents.schema import TargetSchema
from mapping.errors import SpecError, SpecProblem
from mapping.source import SpecPath, SpecSource, read_spec, read_yaml
from mapping.spec import Spec

M = TypeVar("M", bound=BaseModel)


def load_spec(path: Path) -> tuple[Spec, SpecSource]:
    """Read a spec and check its shape. Raises SpecError."""
    source = read_spec(path)
    return _validated(Spec, source), source


def load_schema(path: Path) -> TargetSchema:
    """A recorded schema of a target: `system`, and `entities` with their `fields`, where names
    are given once, as keys. Raises SpecError."""
    source = read_yaml(path, path.name)
    entities = source.data.get("entities")
    for name, entity in _items(entities):
        entity.setdefault("name", name)
        for field_name, field in _items(entity.get("fields")):
            field.setdefault("name", field_name)
    return _validated(TargetSchema, source)


def _items(value: object) -> Iterator[tuple[str, dict[str, object]]]:
    if isinstance(value, dict):
        yield from ((name, inner) for name, inner in value.items() if isinstance(inner, dict))


def _validated(model: type[M], source: SpecSource) -> M:
    problems = list(source.problems)
    try:
        result = model.model_validate(source.data)
    except ValidationError as error:
        raise SpecError([*problems, *_problems(model, source, error)]) from error
    if problems:
        raise SpecError(problems)
    return result


def _problems(
    model: type[BaseModel], source: SpecSource, error: ValidationError
) -> Iterator[SpecProblem]:
    messages: dict[SpecPath, list[str]] = {}
    for detail in error.errors():
        path = _written(source, detail)
        messages.setdefault(path, []).append(_message(model, path, detail))
    for path, texts in messages.items():
        if not any(_is_within(other, path) for other in messages):
            yield source.problem(path, " or ".join(dict.fromkeys(texts)))


def _is_within(inner: SpecPath, outer: SpecPath) -> bool:
    """A union reports its other branches too; what is wrong deeper inside says more."""
    return len(inner) > len(outer) and inner[: len(outer)] == outer


def _written(source: SpecSource, detail: ErrorDetails) -> SpecPath:
    """The path as it is written: without the parts that name a branch of a union."""
    path: SpecPath = ()
    for part in detail["loc"]:
        if (*path, part) in source.places:
            path = (*path, part)
    return (*path, detail["loc"][-1]) if detail["type"] == "missing" else path


def _message(model: type[BaseModel], path: SpecPath, detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        known = sorted(_settings(model, path[:-1]))
        close = get_close_matches(str(path[-1]), known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
        return f"is not a setting here; {hint}"
    if detail["type"] == "missing":
        return "is missing"
    text = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return text[:1].lower() + text[1:]


def _settings(model: type[BaseModel], path: SpecPath) -> set[str]:
    """The names of the settings at a path: those of every model that can stand there."""
    here: list[object] = [model]
    for part in path:
        here = [inner for kind in here for inner in _inside(kind, part)]
    return {name for kind in here for name in _fields(kind)}


def _inside(kind: object, part: str | int) -> Sequence[object]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _alternatives(_fields(kind).get(str(part)))
    return [option for inner in get_args(kind)[-1:] for option in _alternatives(inner)]


def _alternatives(annotation: object) -> list[object]:
    """A type itself and, of a union, each of its branches."""
    return [annotation, *(o for arg in get_args(annotation) for o in _alternatives(arg))]


def _fields(kind: object) -> dict[str, object]:
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return {}
    return {f.alias or name: f.annotation for name, f in kind.model_fields.items()}
