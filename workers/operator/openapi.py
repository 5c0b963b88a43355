"""The OpenAPI description of the operator interface, made from its models."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from documents.key import Kind
from workers.access.problems import MEDIA_TYPE
from workers.operator.decisions import Processes
from workers.operator.models import (
    AnswerBody,
    ApprovalQuery,
    ApprovalTaken,
    ApprovalView,
    DocumentQuery,
    Found,
    Holds,
    HoldsQuery,
    Problem,
    ResolveBody,
    Resolved,
    Taken,
)
from workers.operator.tie_out_models import (
    PERIOD,
    Breaks,
    BreaksQuery,
    BreakView,
    DecideBody,
    SignOffBody,
    SignOffView,
    TieOutQuery,
    TieOutView,
)

_REFUSALS = {
    400: "Malformed",
    401: "No valid token",
    403: "The role does not suffice",
    404: "No such document",
    408: "The body came too slowly",
    413: "The body is too large",
    415: "Not JSON",
    422: "Fields are wrong",
    429: "Too often: wait for Retry-After",
    431: "Too many headers",
    503: "The store or Temporal does not answer",
}


_SCHEMA = "#/components/schemas/{model}"


def description() -> dict[str, Any]:
    """The whole document, OpenAPI 3.1."""
    models: list[type[BaseModel]] = [
        Holds,
        Found,
        Resolved,
        ResolveBody,
        ApprovalView,
        ApprovalTaken,
        AnswerBody,
        TieOutView,
        Breaks,
        BreaksQuery,
        BreakView,
        DecideBody,
        SignOffBody,
        SignOffView,
        Problem,
    ]
    _, schemas = models_json_schema(
        [(model, _mode(model)) for model in models], ref_template=_SCHEMA
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tieout operator interface", "version": "1"},
        "security": [{"bearer": []}],
        "paths": _paths(),
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "`tieout person add`, or a token of the sign-in provider.",
                }
            },
        },
    }


def _paths() -> dict[str, Any]:
    return {
        "/operator/holds": {
            "get": _operation("List held documents (viewer)", Holds, _query(HoldsQuery))
        },
        "/operator/documents/{number}": {
            "get": _operation(
                "Find a document by its number at the source or in the target (viewer)",
                Found,
                [_in_path("number", _NUMBER), *_query(DocumentQuery)],
            )
        },
        "/operator/documents/{kind}/{id}/resolve": {"post": _resolve()},
        "/operator/expenses/{id}": {
            "get": _operation(
                "What waits for an approval, of an expense or claim (viewer)",
                ApprovalView,
                [_in_path("id", _EXPENSE), *_query(ApprovalQuery, required=("connection",))],
            )
        },
        "/operator/expenses/{id}/approve": {"post": _answer("Approve an expense or claim")},
        "/operator/expenses/{id}/reject": {"post": _answer("Reject an expense or claim")},
        **_tie_outs(),
        "/operator/openapi.json": {
            "get": {
                "summary": "This description",
                "security": [],
                "responses": {"200": {"description": "OpenAPI"}},
            }
        },
    }


_NUMBER = {"type": "string", "maxLength": 60, "examples": ["INV-0001", "103001"]}
_ID = {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,60}$", "examples": ["2000001"]}


_PERIOD = {"type": "string", "pattern": PERIOD, "examples": ["2026-11"]}
_EXPENSE = {"type": "string", "pattern": "^[0-9A-Z-]{1,30}$", "examples": ["5000001"]}


def _resolve() -> dict[str, Any]:
    kinds = [kind.value for kind in Kind if Processes.has_own(kind)]
    key = {"type": "string", "pattern": "^[A-Za-z0-9-]{0,64}$"}
    parameters = [
        _in_path("kind", {"type": "string", "enum": kinds}),
        _in_path("id", _ID),
        {"name": "Idempotency-Key", "in": "header", "required": False, "schema": key},
    ]
    operation = _operation("Decide about a held document (operator)", Resolved, parameters)
    operation["requestBody"] = {"required": True, "content": _content(ResolveBody)}
    refused = {"description": "The process refused it", "content": _problem()}
    operation["responses"]["409"] = refused
    return operation


def _tie_outs() -> dict[str, Any]:
    place, period = "/operator/tie-outs/{period}", _in_path("period", _PERIOD)
    required = ("connection",)
    return {
        place: {
            "get": _operation(
                "What the last tie-out of a period came to, and its sign-off (viewer)",
                TieOutView,
                [period, *_query(TieOutQuery, required)],
            )
        },
        f"{place}/breaks": {
            "get": _operation(
                "List the breaks of a period (viewer)",
                Breaks,
                [period, *_query(BreaksQuery, required)],
            )
        },
        f"{place}/decide": {
            "post": _decision(
                "Propose what becomes of a break (operator), or approve it (approver)",
                BreakView,
                period,
                DecideBody,
            )
        },
        f"{place}/sign-off": {
            "post": _decision(
                "Prepare the sign-off of a period (operator), or approve it (approver)",
                SignOffView,
                period,
                SignOffBody,
            )
        },
    }


def _decision(
    summary: str, answer: type[BaseModel], place: dict[str, Any], body: type[BaseModel]
) -> dict[str, Any]:
    operation = _operation(summary, answer, [place])
    operation["requestBody"] = {"required": True, "content": _content(body)}
    refused = {"description": "It cannot count: the reason is given", "content": _problem()}
    operation["responses"]["409"] = refused
    return operation


def _answer(summary: str) -> dict[str, Any]:
    place = _in_path("id", _EXPENSE)
    return _decision(f"{summary} (approver)", ApprovalTaken, place, AnswerBody)


def _operation(
    summary: str, answer: type[BaseModel], parameters: list[dict[str, Any]]
) -> dict[str, Any]:
    refusals = {
        str(status): {"description": text, "content": _problem()}
        for status, text in _REFUSALS.items()
    }
    return {
        "summary": summary,
        "parameters": parameters,
        "responses": {"200": {"description": "Done", "content": _content(answer)}, **refusals},
    }


def _query(model: type[BaseModel], required: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    properties: dict[str, Any] = model.model_json_schema(ref_template=_SCHEMA)["properties"]
    return [
        {"name": name, "in": "query", "required": name in required, "schema": schema}
        for name, schema in properties.items()
    ]


def _in_path(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _content(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": _ref(model)}}


def _problem() -> dict[str, Any]:
    return {MEDIA_TYPE: {"schema": _ref(Problem)}}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _mode(model: type[BaseModel]) -> Any:
    return "validation" if issubclass(model, Taken) else "serialization"
