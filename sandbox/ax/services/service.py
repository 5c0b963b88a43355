"""A document service: the eight operations over the records of one table."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from lxml import etree

from sandbox.ax.company import Company, digest_parts
from sandbox.ax.errors import UPDATE_CONFLICT, AifError, Code, schema_error
from sandbox.ax.profile import PortProfile
from sandbox.ax.rows import CHANGED
from sandbox.ax.schema import HASH, Document, Row
from sandbox.ax.services.criteria import read_criteria, select
from sandbox.ax.services.keys import (
    failed_page,
    key_list,
    key_page,
    read_keys,
    read_paging,
    require,
)
from sandbox.ax.wire.envelope import Element
from sandbox.ax.wire.reading import Node, Sent, read_document
from sandbox.ax.wire.values import moment
from sandbox.ax.wire.writing import write_document


class Writer(Protocol):
    """What makes new records of a document."""

    def insert(self, company: Company, node: Node) -> Row:
        """Make a record; raises AifError with nothing changed."""
        ...


class Updater(Protocol):
    """What changes and removes records of a document."""

    def update(self, company: Company, row: Row, node: Node, sent: Sent) -> Row:
        """Change a record."""
        ...

    def delete(self, company: Company, row: Row) -> None:
        """Remove a record."""
        ...


def document_hash(document: Document, row: Row) -> str:
    """The hash over RecId and RecVersion of every record of a document."""
    joined = "|".join(digest_parts(document, row))
    return hashlib.md5(joined.encode(), usedforsecurity=False).hexdigest()


class DocumentService:
    """The operations of one document service.

    `accepts` says which records of the table belong to the document, where two share a table.
    """

    def __init__(
        self,
        document: Document,
        profile: PortProfile,
        writer: Writer | None = None,
        updater: Updater | None = None,
        accepts: Callable[[Row], bool] = lambda row: True,
    ) -> None:
        self.document = document
        self._table = document.root.name
        self._profile = profile
        self._writer = writer
        self._updater = updater
        self._accepts = accepts

    def call(self, company: Company, operation: str, request: Element) -> list[Element]:
        """Carry out an operation; returns the parts of its answer. Raises AifError."""
        parts = {etree.QName(child).localname: child for child in request}
        with company.database.transaction():
            answer = _OPERATIONS[operation](self, company, parts)
        return [answer] if answer is not None else []

    def _create(self, company: Company, parts: dict[str, Element]) -> Element:
        writer = self._writer
        if writer is None:
            raise LookupError(f"{self.document.name} cannot be created")
        rows = [writer.insert(company, node) for node in self._sent(parts).roots]
        return key_list(self.document, rows)

    def _read(self, company: Company, parts: dict[str, Element]) -> Element:
        values = read_keys(self.document, parts.get("EntityKeyList"))
        return self._answer([self._require(company, value) for value in values])

    def _find(self, company: Company, parts: dict[str, Element]) -> Element:
        return self._answer(self._selected(company, parts))

    def _find_keys(self, company: Company, parts: dict[str, Element]) -> Element:
        return key_list(self.document, self._selected(company, parts))

    def _update(self, company: Company, parts: dict[str, Element]) -> None:
        updater = self._updater
        if updater is None:
            raise LookupError(f"{self.document.name} cannot be updated")
        keys = read_keys(self.document, parts.get("EntityKeyList"))
        sent = self._sent(parts)
        if not keys or len(keys) != len(sent.roots):
            raise AifError("IndexInvalid", Code.REQUEST, at="EntityKeyList")
        for value, node in zip(keys, sent.roots, strict=True):
            row = self._require(company, value)
            self._check_version(row, node)
            updater.update(company, row, node, sent)

    def _delete(self, company: Company, parts: dict[str, Element]) -> None:
        updater = self._updater
        if updater is None:
            raise LookupError(f"{self.document.name} cannot be deleted")
        for value in read_keys(self.document, parts.get("EntityKeyList")):
            updater.delete(company, self._require(company, value))

    def _get_keys(self, company: Company, parts: dict[str, Element]) -> Element:
        paging = read_paging(parts.get("DocumentPaging"))
        rows = list(self._rows(company)) if self._profile.document_filter else []
        return key_page(self.document, rows, paging)

    def _get_changed_keys(self, company: Company, parts: dict[str, Element]) -> Element:
        paging = read_paging(parts.get("DocumentPaging"))
        changed = parts.get("_changedDateTime")
        try:
            since = moment((changed.text or "").strip() if changed is not None else "")
        except ValueError as error:
            detail = "The '_changedDateTime' element is not a valid DateTime value."
            raise schema_error(detail, "/_changedDateTime", 0) from error
        if not self._profile.change_tracking:
            return failed_page("ChangeTrackingDisabled")
        kept = timedelta(days=self._profile.retention_days)
        if since < moment(company.now()) - kept:
            return failed_page("ChangedDateTimeOutOfRange")
        if not self._profile.document_filter:
            return key_page(self.document, [], paging)
        first = since.isoformat()
        rows = [row for row in self._rows(company) if row[CHANGED] >= first]
        return key_page(self.document, rows, paging)

    def _sent(self, parts: dict[str, Element]) -> Sent:
        element = parts.get(self.document.name)
        if element is None or element.tag != f"{{{self.document.namespace}}}{self.document.name}":
            detail = f"The element '{self.document.name}' is missing from the request."
            raise schema_error(detail, f"/{self.document.name}", 0)
        sent = read_document(self.document, element)
        if not sent.roots:
            detail = f"The element '{self.document.name}' has incomplete content."
            raise schema_error(detail, f"/{self.document.name}", element.sourceline or 0)
        return sent

    def _rows(self, company: Company) -> list[Row]:
        return [row for row in company[self._table].all() if self._accepts(row)]

    def _require(self, company: Company, value: str) -> Row:
        row = require(self.document, company, self._table, value)
        if not self._accepts(row):
            raise AifError(
                "NoRecord",
                Code.KEY,
                at=self.document.key,
                field=self.document.key,
                value=value,
                table=self._table,
            )
        return row

    def _selected(self, company: Company, parts: dict[str, Element]) -> list[Row]:
        criteria = read_criteria(self.document, parts.get("QueryCriteria"))
        found = select(self.document, company[self._table], criteria)
        return [row for row in found if self._accepts(row)][: self._profile.document_limit]

    def _answer(self, rows: list[Row]) -> Element:
        return write_document(
            self.document, [(row, document_hash(self.document, row)) for row in rows]
        )

    def _check_version(self, row: Row, node: Node) -> None:
        given = node.values.get(HASH, "")
        if given:
            if given.lower() != document_hash(self.document, row):
                raise self._conflict("HashMismatch", row[self.document.key])
            return
        versions = {record["RecId"]: record for record in _versions(row)}
        self._check_records(node, versions)

    def _check_records(self, node: Node, versions: dict[int, Row]) -> None:
        """Without the hash every record that is no new one must say its RecId and RecVersion."""
        versioned = "RecVersion" in node.entity.fields
        if node.action != "create" and versioned:
            rec_id, version = node.values.get("RecId", 0), node.values.get("RecVersion", 0)
            if not rec_id or not version:
                raise AifError("HashMissing", Code.HASH, at=HASH, xpath=node.xpath)
            known = versions.get(rec_id, {}).get("RecVersion")
            if known != version:
                raise self._conflict("VersionMismatch", rec_id, node.entity.name)
        for children in node.children.values():
            for child in children:
                self._check_records(child, versions)

    def _conflict(self, label: str, value: object, table: str = "") -> AifError:
        return AifError(
            label,
            Code.HASH,
            at=HASH if label == "HashMismatch" else "RecVersion",
            exception=UPDATE_CONFLICT,
            table=table or self._table,
            value=value,
        )


def _versions(row: Row) -> list[Row]:
    found = [row]
    for value in row.values():
        if isinstance(value, list):
            for item in value:
                found += _versions(item)
    return found


_OPERATIONS: dict[str, Callable[[DocumentService, Company, dict[str, Element]], Element | None]] = {
    "create": DocumentService._create,
    "read": DocumentService._read,
    "find": DocumentService._find,
    "findKeys": DocumentService._find_keys,
    "update": DocumentService._update,
    "delete": DocumentService._delete,
    "getKeys": DocumentService._get_keys,
    "getChangedKeys": DocumentService._get_changed_keys,
}
