"""One company (legal entity): its tables, its set-up and its day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sandbox.ax.rows import CHANGED, Database, Keys, Rows
from sandbox.ax.schema import Document, Row, records
from sandbox.ax.setup import Setup
from sandbox.ax.wire.values import stamp
from sandbox.clock import Clock

OPEN = "$open"
"""Index of the documents that nobody has posted yet, under the value `open`."""
CREATED = "$created"
"""Where a document says when it was created, in real time (ISO 8601 in UTC)."""
REJECTED = "$rejected"
"""Where a document that could not be posted keeps the reason."""


def _on(*fields: str) -> dict[str, Keys]:
    def keys(field: str) -> Keys:
        return lambda row: (str(row[field]),)

    return {field: keys(field) for field in fields}


def _lines(name: str, field: str) -> Keys:
    return lambda row: [line[field] for line in row[name]]


def _while(field: str, value: str) -> Keys:
    return lambda row: ("open",) if row[field] == value else ()


_ORDER_OPEN: Keys = lambda row: (  # noqa: E731
    ("open",) if row["SalesStatus"] == "Backorder" and row["SalesType"] == "Sales" else ()
)

_TABLES: dict[str, dict[str, Keys]] = {
    "CustTable": _on("AccountNum", "OurAccountNum"),
    "CustInvoiceTable": _on("PurchOrderFormNum", "InvoiceId", "OrderAccount")
    | {OPEN: _while("Posted", "No")},
    "SalesTable": _on("SalesId", "PurchOrderFormNum") | {OPEN: _ORDER_OPEN},
    "LedgerJournalTable": _on("JournalNum")
    | {
        "LedgerJournalTrans.PaymReference": _lines("LedgerJournalTrans", "PaymReference"),
        "LedgerJournalTrans.DocumentNum": _lines("LedgerJournalTrans", "DocumentNum"),
        OPEN: _while("Posted", "No"),
    },
    "CustTrans": _on("AccountNum", "Voucher", "Invoice", "PaymReference", "DocumentNum"),
    "VendTable": _on("AccountNum"),
    "VendTrans": _on("AccountNum", "Voucher", "PaymReference", "DocumentNum"),
    "CustInvoiceJour": _on("InvoiceId", "PurchaseOrder", "OrderAccount", "LedgerVoucher")
    | _on("CustomerRef", "SalesId"),
    "GeneralJournalEntry": _on("SubledgerVoucher"),
    "BankAccountTrans": _on("AccountId", "Voucher"),
    "CustGroup": _on("CustGroup"),
    "PaymTerm": _on("PaymTermId"),
    "ExchangeRate": _on("FromCurrencyCode"),
}


class Company:
    """The books of one company; `area` is its data area id."""

    def __init__(self, area: str, database: Database, clock: Clock) -> None:
        self.area = area
        self.database = database
        self._clock = clock
        self._rows = {
            name: Rows(database.table(f"{area}/{name}"), database, indexes)
            for name, indexes in _TABLES.items()
        }
        self.setup = Setup(database.table(f"{area}/setup"), self._rows["ExchangeRate"])

    def __getitem__(self, table: str) -> Rows:
        return self._rows[table]

    @property
    def tables(self) -> Iterable[Rows]:
        """Every table."""
        return self._rows.values()

    def today(self) -> str:
        """The session date: the calendar day in UTC, ISO."""
        return self._clock.now().date().isoformat()

    def now(self) -> str:
        """The present moment in UTC."""
        return stamp(self._clock.now())

    def number(self, sequence: str, letters: str) -> str:
        """The next number of one of the company's sequences."""
        return self.database.number(f"{self.area}/{sequence}", letters)

    def insert(self, table: str, row: Row) -> Row:
        """Store a new record, with RecId and RecVersion for it and the records within it."""
        for record in _nested(row):
            record["RecId"] = record.get("RecId") or self.database.rec_id()
            record["RecVersion"] = 1
        row[CREATED] = datetime.now(UTC).isoformat()
        return self._put(table, row)

    def change(self, table: str, row: Row, **values: object) -> Row:
        """Store a record with some other values and a new RecVersion."""
        return self._put(table, {**row, **values, "RecVersion": self.database.version()})

    def mark(self, table: str, row: Row, **values: object) -> Row:
        """Store what the stand-in itself remembers; for callers the record stays the same."""
        return self._rows[table].put({**row, **values})

    def _put(self, table: str, row: Row) -> Row:
        return self._rows[table].put({**row, CHANGED: self._clock.now().isoformat()})


def _nested(row: Row) -> Iterable[Row]:
    yield row
    for value in row.values():
        if isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    yield from _nested(item)


def digest_parts(document: Document, row: Row) -> Iterable[str]:
    """RecId and RecVersion of every record of a document, in order."""
    for _, record in records(document.root, row):
        yield f"{record['RecId']}:{record['RecVersion']}"
