"""Conditions and computed texts in CEL, the Common Expression Language.

CEL has no decimal type: an amount enters an expression as text, and arithmetic or comparison of
money is done by rules of its own, never here.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Literal, cast

import celpy
from celpy.adapter import json_to_cel
from celpy.celparser import CELParseError, CELParser
from celpy.celtypes import BoolType, DoubleType, MapType, StringType
from celpy.evaluation import CELEvalError, Context, base_functions
from lark import Token, Tree

from mapping.names import Names, Value, sample

# The library logs the reason of a failed evaluation at error level, and the reason quotes values
# of the document: personal data that must not reach a log.
logging.getLogger("celpy").setLevel(logging.CRITICAL)

# Compiled programs evaluate in the globals of a module of the library, one at a time.
_ONE_AT_A_TIME = threading.Lock()

_MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})
_FUNCTIONS = frozenset({*base_functions, *_MACROS, "has", "dyn"})
_REMEMBERED = 4096
Wants = Literal["condition", "text"]


class ExpressionError(ValueError):
    """An expression does not parse, or names what is not there. Says what would be right."""


class ExpressionFailed(ValueError):
    """An expression has no value for this document. Holds no values of the document."""


class Expression:
    """A compiled expression. Results are remembered by the values that it reads."""

    def __init__(self, text: str, names: Names, wants: Wants) -> None:
        """Raises ExpressionError."""
        self.text = text
        self._wants = wants
        tree = _parse(text)
        self.paths = tuple(dict.fromkeys(_resolve(c, names) for c in _chains(tree, frozenset())))
        _check_functions(tree)
        self._program = _environment().program(tree)
        self._known: dict[tuple[object, ...], str | bool] = {}
        self._try_out(names)

    def holds(self, values: Mapping[str, Value]) -> bool:
        """The value of a condition. Raises ExpressionFailed."""
        return bool(self._evaluate(values))

    def result(self, values: Mapping[str, Value]) -> str:
        """The value of a computed text. Raises ExpressionFailed."""
        result = self._evaluate(values)
        return str(result).lower() if isinstance(result, bool) else result

    def _evaluate(self, values: Mapping[str, Value]) -> str | bool:
        used = {path: values[path] for path in self.paths}
        key = tuple(repr(v) if isinstance(v, list) else v for v in used.values())
        if key not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = self._compute(used)
        return self._known[key]

    def _compute(self, used: Mapping[str, Value]) -> str | bool:
        try:
            with _ONE_AT_A_TIME:
                found = self._program.evaluate(_context(used))
        except CELEvalError:
            # The library's own reason quotes values of the document, so it is not passed on.
            raise ExpressionFailed(f"the expression {self.text!r} has no value here") from None
        return self._typed(found)

    def _typed(self, found: object) -> str | bool:
        boolean = isinstance(found, bool | BoolType)
        if self._wants == "condition" and not boolean:
            raise ExpressionFailed(f"the expression {self.text!r} is not true or false")
        if boolean:
            return bool(found)
        if isinstance(found, DoubleType) or not isinstance(found, str | int):
            raise ExpressionFailed(f"the expression {self.text!r} does not give a text")
        return str(found)

    def _try_out(self, names: Names) -> None:
        used = {path: sample(names[path]) for path in self.paths}
        try:
            with _ONE_AT_A_TIME:
                found = self._program.evaluate(_context(used))
        except CELEvalError:
            return  # it may still have a value for real ones: int("x") fails, int("4") does not
        try:
            self._typed(found)
        except ExpressionFailed as error:
            raise ExpressionError(str(error)) from error


@cache
def _environment() -> celpy.Environment:
    """Made for the first expression: reading CEL's grammar takes longer than most imports."""
    # The library has one parser for all environments, made for the runner of the first of them.
    CELParser.CEL_PARSER = None
    return celpy.Environment(runner_class=celpy.CompiledRunner)


def _parse(text: str) -> Tree[Token]:
    try:
        tree: Tree[Token] = _environment().compile(text)
    except CELParseError as error:
        at = f" at character {error.column}" if getattr(error, "column", None) else ""
        raise ExpressionError(f"{text!r} is not a CEL expression: cannot read on{at}") from error
    return tree


def _context(flat: Mapping[str, Value]) -> Context:
    """The values by their first names, nested as the dots of the paths say."""
    top: dict[str, MapType] = {}
    for path, value in flat.items():
        first, *rest = path.split(".")
        branch = top.setdefault(first, MapType())
        for part in rest[:-1]:
            branch = cast(MapType, branch.setdefault(StringType(part), MapType()))
        branch[StringType(rest[-1])] = json_to_cel(value)
    return cast(Context, top)


def _trees(tree: Tree[Token]) -> list[Tree[Token]]:
    return [child for child in tree.children if isinstance(child, Tree)]


def _chain(tree: Tree[Token]) -> tuple[str, ...] | None:
    """The dotted name a tree stands for, or None when it is something else."""
    if tree.data in ("member", "primary") and len(tree.children) == 1:
        child = tree.children[0]
        return _chain(child) if isinstance(child, Tree) else None
    if tree.data == "ident":
        return (str(tree.children[0]),)
    if tree.data == "member_dot":
        head = _chain(_trees(tree)[0])
        return None if head is None else (*head, str(tree.children[1]))
    return None


def _chains(tree: Tree[Token], bound: frozenset[str]) -> Iterator[tuple[str, ...]]:
    chain = _chain(tree)
    if chain is not None:
        if chain[0] not in bound:
            yield chain
        return
    inner = bound | _bound_by(tree)
    for number, child in enumerate(_trees(tree)):
        yield from _chains(child, bound if number == 0 else inner)


def _bound_by(tree: Tree[Token]) -> frozenset[str]:
    """The variable that a macro such as exists(t, ...) binds in its arguments."""
    if tree.data != "member_dot_arg" or str(tree.children[1]) not in _MACROS:
        return frozenset()
    variable = next(_trees(_trees(tree)[1])[0].find_data("ident"), None)
    return frozenset() if variable is None else frozenset({str(variable.children[0])})


def _resolve(chain: tuple[str, ...], names: Names) -> str:
    for length in range(len(chain), 0, -1):
        name = ".".join(chain[:length])
        if name in names and (length == len(chain) or names[name] == "list"):
            return name
    wanted = ".".join(chain)
    close = get_close_matches(wanted, names, n=1) or get_close_matches(chain[0], names, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    raise ExpressionError(f"there is no {wanted!r} here{hint}")


def _check_functions(tree: Tree[Token]) -> None:
    for node in tree.iter_subtrees():
        position = {"ident_arg": 0, "member_dot_arg": 1}.get(str(node.data))
        if position is not None and str(node.children[position]) not in _FUNCTIONS:
            raise ExpressionError(f"there is no function {str(node.children[position])!r} in CEL")
