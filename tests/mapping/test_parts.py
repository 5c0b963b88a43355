"""The parts under the engine: expressions, value maps, texts."""

from __future__ import annotations

import logging
import threading
from typing import Any

import celpy
import pytest
from celpy.adapter import json_to_cel
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.expression import Expression, ExpressionError, ExpressionFailed, Wants
from mapping.names import Names
from mapping.sections import ValueMap
from mapping.tables import ValueTable, loosely
from mapping.texts import cut, printable, width

_NAMES: Names = {
    "line.name": "text",
    "line.position": "number",
    "line.taxes": "list",
    "record.currency": "text",
    "customer.address.city": "text",
}
_EXPRESSIONS = [
    'line.name.startsWith("Hard")',
    'line.name == "a" || line.position > 2 && customer.address.city in ["Ulm", ""]',
    'line.taxes.exists(t, t.name == "VAT" && t.percent == "20")',
    "line.taxes.all(t, t.compound) ? record.currency : line.name",
    'line.name + " é€ " + string(line.position)',
    'line.name.matches("^[A-Z]+$")',
    "size(line.taxes.filter(t, !t.compound)) == 1",
    "line.taxes.map(t, t.name)[0]",
    "has(line.name) && !(line.name.contains('\"'))",
]


def _values(name: str, city: str, position: int) -> dict[str, Any]:
    taxes = [{"name": "VAT", "percent": "20", "compound": position % 2 == 0, "number": ""}]
    return {
        "line.name": name,
        "line.position": position,
        "line.taxes": taxes,
        "record.currency": "EUR",
        "customer.address.city": city,
    }


@pytest.mark.parametrize("text", _EXPRESSIONS)
@settings(deadline=None)
@given(name=st.text(max_size=8), city=st.sampled_from(["Ulm", "Bonn", ""]), n=st.integers(0, 5))
def test_compiled_expressions_agree_with_the_interpreter(
    text: str, name: str, city: str, n: int
) -> None:
    values = _values(name, city, n)
    interpreter = celpy.Environment()
    nested = json_to_cel(
        {
            "line": {"name": name, "position": n, "taxes": values["line.taxes"]},
            "record": {"currency": "EUR"},
            "customer": {"address": {"city": city}},
        }
    )
    meant = interpreter.program(interpreter.compile(text)).evaluate(nested)  # type: ignore[arg-type]
    wants: Wants = "condition" if isinstance(meant, bool | celpy.celtypes.BoolType) else "text"
    made = Expression(text, _NAMES, wants)
    if wants == "condition":
        assert made.holds(values) == bool(meant)
    else:
        assert made.result(values) == str(meant)


def test_an_expression_reads_only_what_it_names() -> None:
    made = Expression(_EXPRESSIONS[1], _NAMES, "condition")
    assert made.paths == ("line.name", "line.position", "customer.address.city")
    assert made.holds({"line.name": "a", "line.position": 1, "customer.address.city": ""})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("line", "there is no 'line' here"),
        ("line.name.first", "there is no 'line.name.first' here"),
        ("t.name == 'x'", "there is no 't.name' here"),
        ("line.taxes.exists(t, u.name == 'x')", "there is no 'u.name' here"),
        ("shout(line.name)", "there is no function 'shout'"),
        ("line.name ==", "cannot read on"),
        ("'unfinished", "is not a CEL expression"),
    ],
)
def test_a_wrong_expression_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message.replace("(", r"\(")):
        Expression(text, _NAMES, "condition")


def test_a_failing_expression_logs_nothing_of_the_document(
    caplog: pytest.LogCaptureFixture,
) -> None:
    made = Expression("int(line.name) > 1", _NAMES, "condition")
    with caplog.at_level(logging.DEBUG), pytest.raises(ExpressionFailed) as failed:
        made.holds(_values("Private Person", "", 1))
    assert "Private" not in str(failed.value) + caplog.text


def test_expressions_can_be_used_from_several_threads() -> None:
    made = [Expression(f'line.name == "{n}"', _NAMES, "condition") for n in range(4)]
    wrong: list[str] = []

    def work(number: int) -> None:
        for turn in range(100):
            name = str((number + turn) % 4)
            if not made[int(name)].holds({"line.name": name}):
                wrong.append(name)
            if made[number].holds({"line.name": f"{turn}x"}):
                wrong.append(f"{turn}x")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("a", "b"), "both"),
        (("a", "x"), "first"),
        (("x", "b"), "second"),
        (("x", "y"), "none"),
        (("A", " b "), "both"),
    ],
)
def test_a_row_with_fewer_wildcards_goes_first(keys: tuple[str, str], value: str) -> None:
    rows = {"*|*": "none", "*|b": "second", "a|*": "first", "a|b": "both"}
    spec = ValueMap.model_validate({"parts": 2, "match": "ignore-case", "rows": rows})
    found = ValueTable("m", spec).find(keys)
    assert found is not None
    assert found[0] == value


def test_a_map_without_a_row_of_a_star_has_no_default() -> None:
    table = ValueTable("m", ValueMap.model_validate({"rows": {"a": "1"}}))
    assert table.find(("a",)) == ("1", "a")
    assert table.find(("A",)) is None
    assert table.find(("*",)) is None


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("U.S.A.", "usa"),
        ("Côte d’Ivoire", "Cote d'Ivoire"),
        ("Antigua & Barbuda", "antigua and  barbuda"),
        ("Congo (Dem. Rep.)", "congo dem rep"),
        ("ÅLAND", "aland"),
    ],
)
def test_loose_comparison_ignores_case_accents_and_punctuation(left: str, right: str) -> None:
    assert loosely(left) == loosely(right)


def test_width_counts_as_the_databases_of_the_targets_do() -> None:
    assert (width("abc"), width("é"), width("😀a")) == (3, 1, 3)


@pytest.mark.parametrize(
    ("text", "limit", "head"),
    [
        ("abcdef", 3, "abc"),
        ("ab cdef", 3, "ab"),
        ("a😀b", 2, "a"),
        ("a😀b", 3, "a😀"),
        ("cafe\u0301s", 4, "caf"),
        ("abc", 3, "abc"),
    ],
)
def test_a_cut_splits_no_letter(text: str, limit: int, head: str) -> None:
    assert cut(text, limit) == head


def test_what_cannot_stand_in_a_field_becomes_a_blank_or_a_mark() -> None:
    assert printable(" a\r\nb\x00c\ud800 ") == "a b c\ufffd"
