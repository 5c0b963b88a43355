"""The guide that a controller signs names every policy of a connection, with its default."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import Enum
from pathlib import Path

import pytest
from pydantic import BaseModel

from policies.bills.settings import BillPolicy
from policies.expenses.settings import ExpensePolicy
from policies.settings import OrderToCashPolicy
from policies.tieout.settings import TieOutPolicy
from workers.connections import ConnectionSettings

_GUIDE = Path(__file__).parents[2] / "docs" / "accounting.md"
_ROW = re.compile(r"^\| `(\w+)` \| `?([^|`]+)`? \| (.+) \|$", re.MULTILINE)
_SECTIONS: dict[str, type[BaseModel]] = {
    "policy": OrderToCashPolicy,
    "expenses": ExpensePolicy,
    "bills": BillPolicy,
    "tie_out": TieOutPolicy,
}


def _told(section: str) -> dict[str, str]:
    text = _GUIDE.read_text(encoding="utf-8")
    _, found, rest = text.partition(f"### `{section}`")
    assert found, f"{_GUIDE.name} has no section on {section}"
    return {name: default.strip() for name, default, _ in _ROW.findall(rest.split("\n### ")[0])}


def _shown(default: object) -> str:
    match default:
        case None | () | {}:
            return "none"
        case bool():
            return "yes" if default else "no"
        case Enum():
            return str(default.value)
        case tuple():
            return ", ".join(map(str, default))
        case Decimal() | float():
            return f"{default:f}".removesuffix(".000000")
    return str(default)


@pytest.mark.parametrize("section", _SECTIONS)
def test_every_policy_is_told_with_its_default(section: str) -> None:
    fields = _SECTIONS[section].model_fields
    kept = {n: _shown(f.get_default(call_default_factory=True)) for n, f in fields.items()}
    assert _told(section) == kept


def test_no_section_of_policies_is_left_out() -> None:
    annotations = " ".join(str(f.annotation) for f in ConnectionSettings.model_fields.values())
    found = set(re.findall(r"policies\.[\w.]+\.(\w+Policy)", annotations))
    assert found == {model.__name__ for model in _SECTIONS.values()}
