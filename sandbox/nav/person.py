"""A person at the NAV client: what is done there and by no page or codeunit.

`POST /person/<company>/<action>` with a JSON object, on loopback and without sign-in. It is part of
the stand-in, like the control port, and no part of NAV: the product never calls it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from starlette.responses import JSONResponse, Response

from sandbox.nav.company import Company
from sandbox.nav.errors import NavError
from sandbox.nav.schema import Row

_ROOT = "/person/"
_NAMES = ("Customer_No", "Sell_to_Customer_No", "Bill_to_Customer_No")
_TYPED = {
    "Source_No": "Source_Type",
    "Account_No": "Account_Type",
    "Bal_Account_No": "Bal_Account_Type",
}


def _rename(company: Company, given: Mapping[str, str]) -> None:
    """Give a customer another number; whatever names it, posted or not, follows."""
    old, new = given["customer"], given["as"]
    customer = company["Customer"].require(old)
    company["Customer"].insert({**customer, "No": new})
    company["Customer"].delete(customer)
    for records in company.database:
        for row in list(records.all()):
            if changed := {name: new for name in row if _is_named(row, name, old)}:
                records.change(row, **changed)


def _is_named(row: Row, name: str, customer: str) -> bool:
    kind = _TYPED.get(name)
    named = name in _NAMES or (kind is not None and row.get(kind) == "Customer")
    return named and bool(row[name] == customer)


ACTIONS: dict[str, Callable[[Company, Mapping[str, str]], None]] = {"rename": _rename}
"""`rename` {customer, as}."""


def asked(path: str) -> bool:
    """Whether a path leads to a person."""
    return path.startswith(_ROOT)


def answer(companies: Mapping[str, Company], path: str, body: bytes) -> Response:
    """Have somebody do what is asked for: all of it or nothing."""
    name, _, action = path.removeprefix(_ROOT).rpartition("/")
    company, act = companies.get(unquote(name)), ACTIONS.get(action)
    if company is None or act is None:
        return JSONResponse({"error": f"nobody does {action} in {name}"}, 404)
    try:
        with company.transaction():
            act(company, json.loads(body))
    except (NavError, LookupError, ValueError) as error:
        return JSONResponse({"error": str(error)}, 400)
    return JSONResponse({})
