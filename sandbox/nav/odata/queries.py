"""Finding the records of a request: the shortest way to them, and server paging."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from sandbox.nav.company import Company
from sandbox.nav.database import Key, Records
from sandbox.nav.flows import Flows
from sandbox.nav.odata.filters import Comparison, Node, conjuncts
from sandbox.nav.odata.literals import syntax_error
from sandbox.nav.odata.options import Options
from sandbox.nav.odata.shortcuts import by_choice, by_range
from sandbox.nav.schema import Field, Page, Row, Table

_NUMBERS = ("decimal",)


@dataclass(frozen=True)
class Found:
    """One page of records; `token` leads to the next one, `total` is only counted on demand."""

    rows: list[Row]
    token: str
    total: int | None


class Search:
    """Reads a page's records in one company; `fixed` are values they must have."""

    def __init__(self, company: Company, page: Page, fixed: Mapping[str, Any]) -> None:
        self._company = company
        self._page = page
        self._fixed = {**page.fixed, **fixed}
        self._records = company[page.table.name]
        self.flows = Flows(company)

    def find(self, options: Options) -> Found:
        """One page of the records that pass, in order."""
        if options.order or options.count:
            return self._from_list(options)
        return self._from_stream(options)

    def get(self, key: Key) -> Row | None:
        """The record with that key, if it is on this page."""
        row = self._records.get(*key)
        return row if row is not None and self._belongs(row) else None

    def count(self, options: Options) -> int:
        """How many records pass."""
        return sum(1 for _ in self._passing(options, None))

    def _from_stream(self, options: Options) -> Found:
        after = _key_from(self._records.table, options.token) if options.token else None
        skip = 0 if options.token else options.skip
        wanted = options.limit if options.top is None else min(options.limit, options.top)
        rows: list[Row] = []
        for row in self._passing(options, after):
            if skip:
                skip -= 1
                continue
            if len(rows) == wanted:
                more = options.top is None or options.top > wanted
                return Found(rows, self._token(rows) if more and rows else "", None)
            rows.append(row)
        return Found(rows, "", None)

    def _token(self, rows: list[Row]) -> str:
        return _encoded(list(self._records.table.key_of(rows[-1])))

    def _from_list(self, options: Options) -> Found:
        rows = list(self._passing(options, None))
        total = len(rows)
        for name, descending in reversed(options.order):
            rows.sort(key=partial(self._read, field=self._page.fields[name]), reverse=descending)
        start = _offset_from(options.token) if options.token else options.skip
        end = start + options.limit
        if options.top is not None:
            end = min(end, start + options.top)
        more = end < total and (options.top is None or options.top > options.limit)
        token = _encoded(end) if more else ""
        return Found(rows[start:end], token, total if options.count else None)

    def _passing(self, options: Options, after: Key | None) -> Iterator[Row]:
        for key in self._candidates(options.where, after):
            row = self._records.get(*key)
            if row is None or (after is not None and key <= after) or not self._belongs(row):
                continue
            if options.where is None or options.where.holds(row, self._read):
                yield row

    def _candidates(self, where: Node | None, after: Key | None) -> Iterable[Key]:
        known = [] if where is None else conjuncts(where)
        equal = {**_equalities(known), **self._fixed}
        indexed = self._by_index(equal, known)
        if indexed is not None:
            return indexed
        prefix = _prefix(self._records, equal)
        if prefix:
            return self._records.keys_within(prefix)
        named = by_choice(self._records, where) or by_range(self._records, known)
        if named is not None:
            return named
        return self._records.keys_after(_later(after, _lower_bound(self._records, known)))

    def _by_index(self, equal: Mapping[str, Any], known: list[Comparison]) -> list[Key] | None:
        loose = {
            item.operand.field.id: item.literal
            for item in known
            if item.verb == "eq" and item.operand.function in ("tolower", "toupper")
        }
        usable = {**loose, **equal}
        for names in sorted(self._records.table.indexes, key=len, reverse=True):
            if all(name in usable for name in names) and usable[names[0]] != "":
                return self._records.indexed(names, tuple(usable[name] for name in names))
        return None

    def _belongs(self, row: Row) -> bool:
        if any(row[name] != value for name, value in self._fixed.items()):
            return False
        return not self._page.scope or self._in_scope(row)

    def _in_scope(self, row: Row) -> bool:
        template = self._company["Gen. Journal Template"].get(row["Journal_Template_Name"])
        return template is not None and template["Type"] == self._page.scope

    def _read(self, row: Row, field: Field) -> Any:
        if field.flow:
            value = self.flows.of(self._page.table, row)[field.id]
        else:
            value = row[field.id]
        return Decimal(value) if field.kind in _NUMBERS else value


def _equalities(known: list[Comparison]) -> dict[str, Any]:
    return {
        item.operand.field.id: item.literal
        for item in known
        if item.verb == "eq" and not item.operand.function and item.operand.field.kind != "decimal"
    }


def _prefix(records: Records, equal: Mapping[str, Any]) -> Key:
    found: list[Any] = []
    for name in records.table.key:
        if name not in equal:
            break
        value = equal[name]
        found.append(int(value) if isinstance(value, Decimal) else value)
    return tuple(found)


def _lower_bound(records: Records, known: list[Comparison]) -> Key | None:
    """A key before which no record can pass, from `Entry_No gt n`."""
    first = records.table.key[0]
    for item in known:
        field = item.operand.field
        if field.id == first and item.verb in ("gt", "ge") and not item.operand.function:
            return _before(item)
    return None


def _before(item: Comparison) -> Key | None:
    if not isinstance(item.literal, Decimal):
        return None
    bound = int(item.literal)
    return (bound - 1,) if item.verb == "ge" else (bound,)


def _later(one: Key | None, other: Key | None) -> Key | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


def _encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def _decoded(token: str) -> Any:
    try:
        return json.loads(base64.urlsafe_b64decode(token))
    except (binascii.Error, ValueError):
        raise syntax_error(f"'{token}' is not a skip token") from None


def fits_key(table: Table, values: Any) -> bool:
    """True if a decoded value can be compared with the primary keys of a table."""
    if not isinstance(values, list) or len(values) != len(table.key):
        return False
    kinds = [int if table.fields[name].kind == "integer" else str for name in table.key]
    return all(type(value) is kind for value, kind in zip(values, kinds, strict=True))


def _key_from(table: Table, token: str) -> Key:
    value = _decoded(token)
    if not fits_key(table, value):
        raise syntax_error(f"'{token}' is not a skip token")
    return tuple(value)


def _offset_from(token: str) -> int:
    value = _decoded(token)
    if not isinstance(value, int) or value < 0:
        raise syntax_error(f"'{token}' is not a skip token")
    return value
