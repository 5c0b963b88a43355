"""Inserting, changing and deleting records the way a page does: field by field, with its code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.nav.company import Company
from sandbox.nav.errors import not_related
from sandbox.nav.schema import Field, Row, Table
from sandbox.nav.triggers import trigger_of
from sandbox.nav.values import admit


def create(company: Company, table: Table, start: Row, values: Mapping[str, Any]) -> Row:
    """Insert a record: `start` holds what the page dictates, `values` what the caller sends.

    Key fields are taken first, because the defaults of a new record depend on them; the others are
    validated in their order. Raises NavError.
    """
    trigger = trigger_of(table)
    with company.transaction():
        row = {**table.blank(), **start}
        _take_key(company, table, row, values)
        trigger.new(company, row)
        assign_all(company, table, row, {k: v for k, v in values.items() if k not in table.key})
        trigger.insert(company, row)
        return company[table.name].insert(row)


def modify(company: Company, table: Table, before: Row, values: Mapping[str, Any]) -> Row:
    """Change a record; the values are validated in their order. Raises NavError."""
    with company.transaction():
        row = dict(before)
        assign_all(company, table, row, values)
        trigger_of(table).modify(company, before, row)
        return company[table.name].put(row)


def delete(company: Company, table: Table, row: Row) -> None:
    """Delete a record with what belongs to it; raises NavError where that is refused."""
    with company.transaction():
        trigger_of(table).delete(company, row)
        company[table.name].delete(row)


def assign_all(company: Company, table: Table, row: Row, values: Mapping[str, Any]) -> None:
    """Validate one field after the other."""
    for name, value in values.items():
        assign(company, table, row, name, value)


def assign(company: Company, table: Table, row: Row, name: str, value: Any) -> None:
    """Set one field of a working copy and run the code behind it."""
    field = table.fields[name]
    admitted = admit(field, value)
    _check_relation(company, table, field, admitted)
    old = row[name]
    row[name] = admitted
    trigger_of(table).validate(company, row, name, old)


def _take_key(company: Company, table: Table, row: Row, values: Mapping[str, Any]) -> None:
    for name in table.key:
        if name in values:
            field = table.fields[name]
            row[name] = admit(field, values[name])
            _check_relation(company, table, field, row[name])


def _check_relation(company: Company, table: Table, field: Field, value: Any) -> None:
    if not field.relation or not value:
        return
    if company[field.relation].get(value) is None:
        raise not_related(field.caption, table.name, value, field.relation)
