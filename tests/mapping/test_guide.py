"""What docs/mapping.md shows is true: its rules load, its causes and names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mapping.names import CREDIT_NOTE, CUSTOMER, INVOICE, PAYMENT, SOURCE_LINE
from mapping.rule import SOURCES, Rule
from mapping.source import read_yaml

_ROOT = Path(__file__).parents[2]
_GUIDE = (_ROOT / "docs" / "mapping.md").read_text("utf-8")
_RULES = re.findall(r"```yaml rule\n(.*?)```", _GUIDE, re.DOTALL)


@pytest.mark.parametrize("text", _RULES, ids=[text.split(":")[0] for text in _RULES])
def test_each_rule_of_the_guide_is_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(text, "utf-8")
    source = read_yaml(path, path.name)
    assert source.problems == []
    for rule in source.data.values():
        assert Rule.model_validate(rule)


def test_the_guide_shows_every_kind_of_rule() -> None:
    shown = "".join(_RULES)
    changes = ("negate", "split", "skip", "format", "default", "truncate", "blank")
    missing = [name for name in (*SOURCES, *changes) if f"{name}:" not in shown]
    assert missing == []


def test_the_guide_lists_every_name_of_a_document() -> None:
    paths = _GUIDE.split("## Paths")[1].split("## Value maps")[0]
    named = set(re.findall(r"[a-z][a-z_0-9]*", paths))
    for table in (INVOICE, CREDIT_NOTE, CUSTOMER, PAYMENT, SOURCE_LINE):
        assert {name.split(".")[-1] for name in table} <= named


def test_the_guide_lists_every_cause_of_a_hold() -> None:
    code = "".join(path.read_text("utf-8") for path in (_ROOT / "mapping").glob("*.py"))
    causes = set(re.findall(r"held\(\s*\"([a-z-]+)\"", code)) | {"currency-unmapped"}
    assert len(causes) > 10
    assert [cause for cause in sorted(causes) if f"`{cause}`" not in _GUIDE] == []
