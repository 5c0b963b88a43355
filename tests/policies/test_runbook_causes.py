"""Every cause of a hold in the code has its row in the runbook, and no row is about a cause that
the code does not know."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from connectors.ax.causes import CAUSES as OF_AX
from connectors.freshbooks.errors import BY_ERRNO, BY_STATUS, Meaning, rule_for
from connectors.freshbooks.shapes import Fault
from connectors.nav.causes import CAUSES as OF_NAV
from mapping.sections import ValueMap

ROOT = Path(__file__).parents[2]
_ROOMS = ("policies", "activities", "mapping", "connectors", "workflows", "documents", "store")
_MAKERS = {"held": 0, "lookup": 2, "_of_payment": 0, "_missing": 2, "_invalid": 0}
"""Functions of ours that are given the cause of the hold that they make, and at which place."""

_IN_HAND = ("cause", "self.code", "rule.cause")
"""What a maker passes on, and rows of the tables of refusals."""

_OF_REFUSALS = (Meaning.REJECTED, Meaning.MISSING, Meaning.DELETED)
_CAUSE = re.compile(r"[a-z]+(-[a-z]+)*")


@cache
def causes() -> frozenset[str]:
    trees = [ast.parse(p.read_text("utf-8")) for r in _ROOMS for p in (ROOT / r).rglob("*.py")]
    named = {name: text for tree in trees for name, text in _constants(tree)}
    found = {named.get(each, each) for tree in trees for each in _of_module(tree)}
    rules = [*BY_ERRNO.values(), *BY_STATUS.values()]
    rules.append(rule_for(404, Fault(errno=1012, field="customerid")))
    found |= {rule.cause for rule in rules if rule.meaning in _OF_REFUSALS}
    found |= {*OF_AX, *OF_NAV, ValueMap.model_fields["cause"].default}
    return frozenset(found)


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str() as text)):
                yield name, text


def _of_module(tree: ast.Module) -> Iterator[str]:
    """Causes, and names of constants that are causes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for given in _given(node):
                yield from _texts(given)


def _given(call: ast.Call) -> Iterator[ast.expr]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
    if name == "Hold":
        yield from (each.value for each in call.keywords if each.arg == "cause")
    if name in _MAKERS and len(call.args) > _MAKERS[name]:
        given = call.args[_MAKERS[name]]
        yield from [given] if isinstance(given, ast.Constant | ast.IfExp) else []


def _texts(given: ast.expr) -> Iterator[str]:
    """The causes that an expression may come to, or the name of the constant that it is."""
    match given:
        case ast.Constant(value=str() as text) if _CAUSE.fullmatch(text):
            yield text
        case ast.IfExp():
            yield from (*_texts(given.body), *_texts(given.orelse))
        case ast.Name() if given.id.isupper():
            yield given.id
        case _:
            assert ast.unparse(given) in _IN_HAND, ast.unparse(given)


def rows() -> set[str]:
    page = (ROOT / "docs" / "runbook.md").read_text("utf-8")
    table = page.partition("## What each cause asks for")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {each for cell in cells for each in re.findall(r"`([a-z-]+)`", cell)}


def test_every_cause_of_a_hold_has_its_row_in_the_runbook() -> None:
    found = causes()
    assert {"late-fee", "draft-gone", "in-doubt", "policy-refused", "no-staff"} <= found
    assert found - rows() == set()


def test_every_row_of_the_runbook_is_about_a_cause_of_the_code() -> None:
    assert rows() - causes() == set()
