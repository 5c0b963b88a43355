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
        Problem,
    ]
    _, schemas = models_json_schema(
        [(model, _mode(model)) for model in models], ref_template="#/components/schemas/{model}"
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


def _answer(summary: str) -> dict[str, Any]:
    operation = _operation(f"{summary} (approver)", ApprovalTaken, [_in_path("id", _EXPENSE)])
    operation["requestBody"] = {"required": True, "content": _content(AnswerBody)}
    refused = {"description": "It cannot count: the reason is given", "content": _problem()}
    operation["responses"]["409"] = refused
    return operation


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
    properties: dict[str, Any] = model.model_json_schema()["properties"]
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
    return "validation" if model in (ResolveBody, AnswerBody) else "serialization"
