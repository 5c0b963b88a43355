"""Random calls made from our own description: every answer is one that the description states."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents.key import Kind
from tests.operator.conftest import CONNECTION, Office
from workers.access.callers import Role
from workers.operator.models import Found, Holds, Problem, Resolved
from workers.operator.openapi import description
from workers.operator.tie_out_models import Breaks, TieOutView

OPERATIONS = [
    (path, method, operation)
    for path, methods in description()["paths"].items()
    for method, operation in methods.items()
    if operation.get("security") != []
]
_ODD = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=30)
_USUAL = st.sampled_from(["invoice", "credit_note", "payment", "1000001", "demo", "1", "-1", "",
                          "..", "%2e%2e", "'", '"', "0" * 70, "true", "null"])  # fmt: skip
WORDS = _USUAL | _ODD
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
ACTIONS = st.sampled_from(["retry", "correct", "adopt", "release", "skip", "abandon", "x"])
BODIES = JSON | st.fixed_dictionaries(
    {"connection": st.just(CONNECTION) | WORDS, "action": ACTIONS, "why": WORDS},
    optional={
        "version": JSON,
        "number": WORDS,
        "values": st.dictionaries(WORDS, WORDS, max_size=2) | JSON,
        "who": WORDS,
    },
)


async def _call(
    office: Office, data: st.DataObject, path: str, method: str, operation: dict[str, Any]
) -> Any:
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            word = data.draw(WORDS, parameter["name"])
            path = path.replace("{" + parameter["name"] + "}", _quoted(word) or "x")
        elif data.draw(st.booleans()):
            kind = query if parameter["in"] == "query" else headers
            text = data.draw(WORDS, parameter["name"])
            kind[parameter["name"]] = text if kind is query else _header(text)
    body = data.draw(BODIES, "body") if "requestBody" in operation else None
    return await office.ask(
        method.upper(), path, Role.OPERATOR, params=query, headers=headers, json=_finite(body)
    )


@given(st.data())
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_every_answer_is_a_described_one(office: Office, data: st.DataObject) -> None:
    if await office.store.documents.get(CONNECTION, Kind.INVOICE, "1000001") is None:
        await _some_document(office)
    path, method, operation = data.draw(st.sampled_from(OPERATIONS))
    answer = await _call(office, data, path, method, operation)
    # A path may come out as another one that does not exist, or only for another method.
    assert str(answer.status_code) in {*operation["responses"], "404", "405"}, answer.text
    if answer.status_code == 200:
        model = next(
            m
            for m in (Holds, Found, Resolved, TieOutView, Breaks)
            if _named(operation) == m.__name__
        )
        model.model_validate_json(answer.content)
    else:
        problem = Problem.model_validate_json(answer.content)
        assert problem.status == answer.status_code
        assert "Traceback" not in answer.text


def test_the_description_is_whole() -> None:
    text = str(description())
    schemas = description()["components"]["schemas"]
    for name in _references(description()):
        assert name in schemas, name
    assert "$defs" not in text


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        here = {node["$ref"].rpartition("/")[2]} if isinstance(node.get("$ref"), str) else set()
        return here.union(*(_references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_references(value) for value in node))
    return set()


async def _some_document(office: Office) -> None:
    from documents.hold import Hold, HoldClass

    hold = Hold(cause="c", hold_class=HoldClass.DATA, reason="r")
    await office.store.documents.hold(CONNECTION, Kind.INVOICE, "1000001", hold)


def _named(operation: dict[str, Any]) -> str:
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return str(schema["$ref"].rpartition("/")[2])


def _quoted(word: str) -> str:
    from urllib.parse import quote

    return quote(word, safe="")


def _header(text: str) -> str:
    return "".join(c for c in text if 0x20 <= ord(c) < 0x7F).strip()


def _finite(value: Any) -> Any:
    """JSON as the client library can send it."""
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else "NaN"
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, list) else value
