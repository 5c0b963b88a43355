"""A wrong spec is refused when it is loaded, naming file, line and field."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from mapping.errors import SpecError
from mapping.loading import load_spec
from mapping.mapper import Mapper
from tests.mapping.specs import NAV_SPEC, changed, mapper, problems, written
from tests.mapping.wrong_names import NAMES
from tests.mapping.wrong_specs import SHAPE, TARGET

_CASES = [*SHAPE, *TARGET, *NAMES]


@pytest.mark.parametrize(
    ("changes", "field", "message"), [c[1:] for c in _CASES], ids=[c[0] for c in _CASES]
)
def test_a_wrong_spec_names_file_line_and_field(
    tmp_path: Path, changes: dict[str, Any], field: str, message: str
) -> None:
    found = [p for p in problems(tmp_path, changes) if p.field == field]
    assert found, f"nothing about {field}"
    assert any(message in p.message for p in found), [p.message for p in found]
    assert {p.file for p in found} == {"small.yaml"}
    assert all(_names(tmp_path, p.line, field) for p in found)


def _names(folder: Path, number: int, field: str) -> bool:
    """Whether the line holds the last part of the field, or an enclosing one that is written."""
    text = (folder / "small.yaml").read_text().splitlines()[number - 1]
    keys = [key for key in field.replace("[", ".[").split(".") if not key.startswith("[")]
    return number == 1 or any(f'"{key}"' in text for key in keys) or field.endswith("]")


def test_all_problems_are_listed_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    changes = {
        "invoice.header.Number": {"from": "invoice.numbr"},
        "payment.header.Bank": {"value": "B" * 11},
        "customer.updates": ["Currency"],
    }
    found = problems(tmp_path, changes)
    assert len(found) == 3
    assert [p.line for p in found] == sorted(p.line for p in found)


def test_a_problem_reads_file_line_field_message(tmp_path: Path) -> None:
    folder = shutil.copytree(NAV_SPEC.parent, tmp_path / "mappings")
    text = NAV_SPEC.read_text().replace("Due_Date:", "Due_Dat:")
    number = text.splitlines().index("    Due_Dat: {from: invoice.due_date}") + 1
    (folder / NAV_SPEC.name).write_text(text)
    with pytest.raises(SpecError) as refused:
        Mapper.load(folder / NAV_SPEC.name)
    expected = (
        f"freshbooks-nav.yaml:{number}: invoice.header.Due_Dat: invoice has no such field; "
        "did you mean Due_Date?"
    )
    assert str(refused.value) == expected


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("name: [", 1, ""),
        ("- a\n- b\n", 1, "must be a mapping"),
        ("name: a\nname: b\n", 2, "is given twice"),
        ("name: &x a\n", 1, "anchors are not read"),
        ("a: 1\n? [b]\n: 2\n", 2, "a key must be plain text"),
    ],
)
def test_a_file_that_is_not_a_spec_says_where(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    with pytest.raises(SpecError) as refused:
        Mapper.load(path)
    assert any(p.line == line and message in p.message for p in refused.value.problems)
    assert {p.file for p in refused.value.problems} == {"broken.yaml"}


def test_a_missing_or_unreadable_file_is_a_problem_too(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"nowhere\.yaml:1: \(file\): No such file"):
        Mapper.load(tmp_path / "nowhere.yaml")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(SpecError, match="is not UTF-8 text"):
        Mapper.load(tmp_path / "binary.yaml")


def test_a_problem_in_an_included_map_names_the_included_file(tmp_path: Path) -> None:
    included = tmp_path / "banks.yaml"
    included.write_text('maps:\n  towns:\n    rows:\n      Bonn: "Bonn am Rhein"\n')
    changes = {
        "include": ["banks.yaml"],
        "customer.header.City": {"lookup": "towns", "key": "customer.address.city"},
    }
    (found,) = problems(tmp_path, changes)
    assert (found.file, found.line, found.field) == ("banks.yaml", 4, "maps.towns.rows.Bonn")


def test_an_included_file_holds_only_maps_and_no_map_twice(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("taxes: {}\n")
    (found,) = problems(tmp_path, {"include": ["more.yaml"]})
    assert found.message == "an included file holds only `maps:`"
    (tmp_path / "more.yaml").write_text("maps:\n  accounts:\n    rows: {a: b}\n")
    (found,) = problems(tmp_path, {"include": ["more.yaml"]})
    assert (found.file, found.line, found.message) == ("more.yaml", 2, "is defined twice")


def test_the_identity_changes_with_any_file_of_the_spec(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("maps:\n  towns:\n    rows: {a: b}\n")
    first = mapper(tmp_path, {"include": ["more.yaml"]}).identity
    (tmp_path / "more.yaml").write_text("maps:\n  towns:\n    rows: {a: c}\n")
    second = mapper(tmp_path, {"include": ["more.yaml"]}).identity
    assert first.startswith("small@")
    assert first != second


def test_without_a_schema_the_spec_is_checked_by_itself(tmp_path: Path) -> None:
    path = written(tmp_path, changed({"schema": None, "invoice.header.Whatever": {"value": "x"}}))
    assert Mapper.load(path).target_document == "invoice"


_MORE = """\
name: more
extends: small.yaml
maps:
  accounts:
    rows: {Desk: "4200", "*": "4000"}
credit_note:
"""


def _extended(folder: Path, text: str) -> Path:
    written(folder, changed({}))
    path = folder / "more.yaml"
    path.write_text(text)
    return path


def test_a_spec_extends_another_by_sections_and_single_maps(tmp_path: Path) -> None:
    path = _extended(tmp_path, _MORE)
    spec = load_spec(path)[0]
    assert spec.maps["accounts"].rows["Desk"] == "4200"
    assert spec.maps["banks"] and spec.invoice.header
    assert spec.credit_note is None
    found = Mapper.load(path)
    assert found.identity.startswith("more@")
    (tmp_path / "small.yaml").touch()
    assert not found.is_current


def test_problems_of_what_a_spec_extends_name_the_file_they_are_in(tmp_path: Path) -> None:
    path = _extended(tmp_path, _MORE)
    spec = changed({"payment.header.Bank": {"value": "B" * 11}, "credit_note.lines.Colour": {}})
    written(tmp_path, spec)
    with pytest.raises(SpecError) as refused:
        Mapper.load(path)
    (found,) = refused.value.problems
    assert (found.file, found.field) == ("small.yaml", "payment.header.Bank.value")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("extends: small.yaml\n", "needs a name of its own"),
        ("name: more\nextends: more.yaml\n", "comes back to itself"),
        ("name: more\nextends: nowhere.yaml\n", "No such file"),
    ],
)
def test_a_spec_that_extends_wrongly_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        Mapper.load(_extended(tmp_path, text))


def test_every_shipped_mapping_fits_the_schema_it_names() -> None:
    shipped = sorted(NAV_SPEC.parent.glob("*.yaml"))
    documents = {path.stem: Mapper.load(path).target_document for path in shipped}
    assert documents == {
        "freshbooks-ax": "invoice",
        "freshbooks-ax-no-journals": "invoice",
        "freshbooks-ax-orders": "order",
        "freshbooks-nav": "invoice",
        "freshbooks-nav-journal": "journal",
        "freshbooks-nav-orders": "order",
    }
