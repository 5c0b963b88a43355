"""The `$filter` language, as far as NAV speaks it.

A parsed filter is a tree of small nodes. NAV's own limits are kept: `or` joins comparisons of one
field only, lambda operators are ignored (the filter then lets everything through), and a value
longer than its field is an error instead of an empty result.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.nav.errors import NavError
from sandbox.nav.odata.literals import literal_value, syntax_error
from sandbox.nav.schema import Field, Page, Row

Reader = Callable[[Row, Field], Any]

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')"
    r"|(?P<moment>\d{4}-\d\d-\d\d(?:T[0-9:.]+(?:Z|[+-]\d\d:\d\d)?)?)"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_][\w./]*)"
    r"|(?P<mark>[(),:]))"
)
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "contains": lambda value, part: part in value,
    "startswith": str.startswith,
    "endswith": str.endswith,
}


@dataclass(frozen=True)
class Operand:
    """A field, possibly through `tolower`, `toupper` or `substring`."""

    field: Field
    function: str = ""
    start: int = 0
    length: int | None = None

    def value(self, row: Row, read: Reader) -> Any:
        """The operand's value in a record."""
        value = read(row, self.field)
        match self.function:
            case "tolower":
                return value.lower()
            case "toupper":
                return value.upper()
            case "substring":
                end = None if self.length is None else self.start + self.length
                return value[self.start : end]
        return value


@dataclass(frozen=True)
class Comparison:
    """`operand eq literal`, or `contains(operand, literal)`."""

    operand: Operand
    verb: str
    literal: Any

    def holds(self, row: Row, read: Reader) -> bool:
        """True if the record passes."""
        value = self.operand.value(row, read)
        test = _COMPARISONS.get(self.verb) or _TESTS[self.verb]
        return bool(test(value, self.literal))


@dataclass(frozen=True)
class Both:
    """`a and b`, or `a or b` when `either`."""

    left: Node
    right: Node
    either: bool

    def holds(self, row: Row, read: Reader) -> bool:
        """True if the record passes."""
        if self.either:
            return self.left.holds(row, read) or self.right.holds(row, read)
        return self.left.holds(row, read) and self.right.holds(row, read)


@dataclass(frozen=True)
class Everything:
    """What a lambda operator is worth in NAV."""

    def holds(self, row: Row, read: Reader) -> bool:
        """Always true."""
        return True


Node = Comparison | Both | Everything


def parse_filter(text: str, page: Page) -> Node:
    """Read a filter over a page's fields; raises NavError."""
    parser = _Parser(_tokens(text), page)
    node = parser.disjunction()
    if parser.peek():
        raise syntax_error(f"unexpected '{parser.peek()}'")
    return node


def conjuncts(node: Node) -> list[Comparison]:
    """The comparisons that every passing record satisfies."""
    if isinstance(node, Comparison):
        return [node]
    if isinstance(node, Both) and not node.either:
        return [*conjuncts(node.left), *conjuncts(node.right)]
    return []


def choices(node: Node) -> list[list[Comparison]]:
    """Of the parts that every passing record satisfies, those that join comparisons by `or`."""
    if not isinstance(node, Both):
        return []
    if not node.either:
        return [*choices(node.left), *choices(node.right)]
    found = [*_joined(node.left), *_joined(node.right)]
    return [[each for each in found if each]] if all(found) else []


def _joined(node: Node) -> list[Comparison | None]:
    """The comparisons that `or` joins; None for a part that is something else."""
    if isinstance(node, Both) and node.either:
        return [*_joined(node.left), *_joined(node.right)]
    return [node if isinstance(node, Comparison) else None]


def _tokens(text: str) -> list[tuple[str, str]]:
    found, place = [], 0
    while place < len(text.rstrip()):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise syntax_error(f"at position {place}")
        found.append((match.lastgroup, match.group(match.lastgroup)))
        place = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], page: Page) -> None:
        self._tokens = tokens
        self._page = page
        self._place = 0

    def peek(self) -> str:
        return self._tokens[self._place][1] if self._place < len(self._tokens) else ""

    def _next(self, kind: str = "") -> str:
        if self._place >= len(self._tokens):
            raise syntax_error("expression expected at the end")
        found, text = self._tokens[self._place]
        if kind and found != kind:
            raise syntax_error(f"{kind} expected instead of '{text}'")
        self._place += 1
        return text

    def _expect(self, mark: str) -> None:
        if self._next() != mark:
            raise syntax_error(f"'{mark}' expected")

    def disjunction(self) -> Node:
        node = self._conjunction()
        while self.peek() == "or":
            self._next()
            node = Both(node, self._conjunction(), either=True)
            if len(_fields(node)) > 1:
                raise NavError(
                    "BadRequest_InvalidOperation",
                    "The 'OR' operator is not supported on distinct fields on an OData filter.",
                )
        return node

    def _conjunction(self) -> Node:
        node = self._term()
        while self.peek() == "and":
            self._next()
            node = Both(node, self._term(), either=False)
        return node

    def _term(self) -> Node:
        if self.peek() == "(":
            self._next()
            node = self.disjunction()
            self._expect(")")
            return node
        if self.peek().endswith(("/any", "/all")):
            return self._skip_lambda()
        if self.peek() in _TESTS:
            return self._test()
        operand = self._operand()
        verb = self._next("word")
        if verb not in _COMPARISONS:
            raise syntax_error(f"'{verb}' is no operator")
        return Comparison(operand, verb, self._literal(operand, verb))

    def _skip_lambda(self) -> Node:
        self._next()
        depth = 0
        while True:
            mark = self._next()
            depth += {"(": 1, ")": -1}.get(mark, 0)
            if depth == 0:
                return Everything()

    def _test(self) -> Node:
        verb = self._next()
        self._expect("(")
        operand = self._operand()
        self._expect(",")
        literal = self._literal(operand, verb)
        self._expect(")")
        return Comparison(operand, verb, literal)

    def _operand(self) -> Operand:
        name = self._next("word")
        if name in ("tolower", "toupper"):
            self._expect("(")
            inner = self._operand()
            self._expect(")")
            return Operand(inner.field, name)
        if name == "substring":
            return self._substring()
        field = self._page.fields.get(name)
        if field is None:
            raise NavError(
                "BadRequest_NotFound",
                f"Could not find a property named '{name}' on type 'NAV.{self._page.name}'.",
            )
        return Operand(field)

    def _substring(self) -> Operand:
        self._expect("(")
        inner = self._operand()
        self._expect(",")
        start, length = self._whole(), None
        if self.peek() == ",":
            self._next()
            length = self._whole()
        self._expect(")")
        return Operand(inner.field, "substring", start, length)

    def _whole(self) -> int:
        text = self._next("number")
        if not text.isdigit():
            raise syntax_error(f"'{text}' is not a whole number")
        return int(text)

    def _literal(self, operand: Operand, verb: str) -> Any:
        kind = self._tokens[self._place][0] if self._place < len(self._tokens) else ""
        text = self._next()
        if text == "null":
            return operand.field.blank
        return literal_value(operand.field, bool(operand.function), kind, text, self._page)


def _fields(node: Node) -> set[str]:
    if isinstance(node, Comparison):
        return {node.operand.field.id}
    if isinstance(node, Both):
        return _fields(node.left) | _fields(node.right)
    return set()
