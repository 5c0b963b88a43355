"""Documents, keys and criteria for the tests of the AX stand-in."""

from __future__ import annotations

import uuid
from typing import Any


def free_text(account: str, key: str, *lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A free text invoice document."""
    rows = lines or (line("100"),)
    header = {
        "class": "entity",
        "OrderAccount": account,
        "PurchOrderFormNum": key,
        "CustomerRef": f"ref of {key}",
        **{name: value for name, value in fields.items() if name != "context"},
        "CustInvoiceLine": list(rows),
    }
    return {"CustInvoiceTable": [header]}


def line(amount: str, account: str = "4000", **fields: Any) -> dict[str, Any]:
    """A line of a free text invoice."""
    dimension = {"DisplayValue": account, "MainAccount": account}
    return {"class": "entity", "AmountCur": amount, "LedgerDimension": dimension, **fields}


def account(number: str) -> dict[str, Any]:
    """An account of a journal line."""
    return {"DisplayValue": number, "Account": number}


def receipt(customer: str, key: str, amount: str, **fields: Any) -> dict[str, Any]:
    """A customer payment journal with one line."""
    row = {
        "class": "entity",
        "AccountType": "Cust",
        "AmountCurCredit": amount,
        "CurrencyCode": "USD",
        "DocumentNum": f"doc {key}"[:20],
        "LedgerDimension": account(customer),
        "OffsetAccountType": "Bank",
        "OffsetLedgerDimension": account("BANK-USD"),
        "PaymReference": key,
        "Txt": "Receipt",
        **fields,
    }
    header = {"class": "entity", "JournalName": "CustPay", "LedgerJournalTrans": [row]}
    return {"LedgerJournalTable": [header]}


def key_of(keys: Any) -> str:
    """The value of the only key of a list."""
    (value,) = values_of(keys)
    return value


def values_of(keys: Any) -> list[str]:
    """The values of the keys of a list, which zeep unwraps."""
    return [str(one["KeyData"]["KeyField"][0]["Value"]) for one in keys or ()]


def keys(field: str, *values: str) -> dict[str, Any]:
    """An entity key list."""
    return {
        "EntityKey": [
            {"KeyData": {"KeyField": [{"Field": field, "Value": value}]}} for value in values
        ]
    }


def where(source: str, field: str, operator: str, low: str, high: str = "") -> dict[str, Any]:
    """Query criteria with one element."""
    return any_of((source, field, operator, low, high))


def any_of(*elements: tuple[str, str, str, str, str]) -> dict[str, Any]:
    """Query criteria: any of the elements."""
    names = ("DataSourceName", "FieldName", "Operator", "Value1", "Value2")
    shown = []
    for one in elements:
        values = dict(zip(names, one, strict=True))
        shown.append({name: text for name, text in values.items() if text or name != "Value2"})
    return {"_value_1": [{"CriteriaElement": one} for one in shown]}


def message_id() -> dict[str, str]:
    """A call context with a new message id."""
    return {"MessageId": str(uuid.uuid4())}
