"""From what was sent to a record: creating, full and partial update of a tree of records."""

from __future__ import annotations

from typing import Any

from sandbox.ax.company import Company
from sandbox.ax.errors import AifError, Code
from sandbox.ax.schema import HASH, Entity, Row
from sandbox.ax.wire.reading import Node
from sandbox.ax.wire.values import FOREVER

_SYSTEM = (HASH, "RecId", "RecVersion")


def created(company: Company, node: Node) -> Row:
    """A new record with the records below it; refuses fields that do not allow edit."""
    row = _blank(node.entity)
    for name, value in node.values.items():
        field = node.entity.fields[name]
        if field.output and value not in ("", 0, "0", {}):
            raise AifError("NotEditable", at=name, field=name, xpath=node.xpath)
        if name not in _SYSTEM:
            row[name] = value
    row["RecId"], row["RecVersion"] = company.database.rec_id(), 1
    if node.entity.dated:
        row["ValidFrom"] = row["ValidFrom"] or company.now()
        row["ValidTo"] = row["ValidTo"] or FOREVER
    for name, nodes in node.children.items():
        row[name] = [created(company, one) for one in nodes]
    return row


def _blank(entity: Entity) -> Row:
    row = entity.blank()
    if entity.variants or entity.type_name:
        row["$type"] = entity.schema_type
    return row


class Merger:
    """Applies an update to a record; `clears_nil` empties what was sent as nil."""

    def __init__(self, company: Company, *, clears_nil: bool) -> None:
        self._company = company
        self._clears_nil = clears_nil

    def merged(self, row: Row, node: Node, *, partial: bool) -> Row:
        """The record after the update.

        A full update empties the fields that were not sent and deletes the records below that
        were not sent; a partial one touches only what was sent.
        """
        result = dict(row)
        for name, field in node.entity.fields.items():
            if field.output or name in _SYSTEM:
                continue
            if name in node.values:
                result[name] = node.values[name]
            elif self._is_emptied(node, name, partial):
                result[name] = field.empty
        for name in node.entity.children:
            sent = node.children.get(name, [])
            result[name] = self._children(row.get(name, []), sent, partial=partial)
        if _differs(row, result):
            result["RecVersion"] = self._company.database.version()
        return result

    def _is_emptied(self, node: Node, name: str, partial: bool) -> bool:
        if name in node.nil:
            return self._clears_nil
        # A period belongs to the record: leaving it out does not end it.
        return not partial and not (node.entity.dated and name in ("ValidFrom", "ValidTo"))

    def _children(self, rows: list[Row], nodes: list[Node], *, partial: bool) -> list[Row]:
        known = {row["RecId"]: row for row in rows}
        touched: dict[int, list[Row]] = {}
        added: list[Row] = []
        for node in nodes:
            action = self._action(node, partial=partial)
            row = self._existing(known, node, action)
            if row is None:
                added.append(created(self._company, node))
            elif action == "delete":
                touched[row["RecId"]] = []
            else:
                touched[row["RecId"]] = [self._renewed(row, node, action)]
        kept: list[Row] = []
        for row in rows:
            left = [row] if partial or node_is_party(row) else []
            kept += touched.get(row["RecId"], left)
        if not partial and not nodes:
            kept = [self._stripped(row) for row in kept]
        return [*kept, *added]

    def _action(self, node: Node, *, partial: bool) -> str:
        if not partial:
            return "replace"
        if not node.action:
            raise AifError("ActionMissing", entity=node.entity.name, xpath=node.xpath)
        return node.action

    def _existing(self, known: dict[int, Row], node: Node, action: str) -> Row | None:
        if action == "create":
            return None
        rec_id = node.values.get("RecId", 0)
        if not rec_id and node.entity.name == "DirParty" and len(known) == 1:
            return next(iter(known.values()))
        if not rec_id and action == "replace":
            return None
        if rec_id not in known:
            raise AifError(
                "NoRecord",
                Code.KEY,
                at="RecId",
                field="RecId",
                value=rec_id,
                table=node.entity.name,
                xpath=node.xpath,
            )
        return known[rec_id]

    def _renewed(self, row: Row, node: Node, action: str) -> Row:
        result = self.merged(row, node, partial=action == "update")
        if node.entity.dated and node.update_mode != "Correction" and _differs(row, result):
            # A new period: the record of the old one stays behind in the past.
            result["RecId"] = self._company.database.rec_id()
            result["RecVersion"] = 1
            if result["ValidFrom"] == row["ValidFrom"]:
                result["ValidFrom"] = self._company.now()
        return result

    def _stripped(self, row: Row) -> Row:
        """A party of a full update that did not send it: nothing below it is left.

        The party itself cannot go, because the customer is one.
        """
        if not node_is_party(row):
            return row
        emptied: dict[str, Any] = {
            "DirPartyPostalAddressView": [],
            "DirPartyContactInfoView": [],
        }
        return {**row, **emptied, "RecVersion": self._company.database.version()}


def node_is_party(row: Row) -> bool:
    """Whether a record is a party."""
    return "PartyNumber" in row


def _differs(before: Row, after: Row) -> bool:
    return any(before.get(name) != value for name, value in after.items())
