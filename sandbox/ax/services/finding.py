"""Finding documents by our reference, wherever their tables keep it."""

from __future__ import annotations

from sandbox.ax.company import Company
from sandbox.ax.errors import AifError, Code
from sandbox.ax.schema import Row

_INDEXES = {
    "CustInvoiceTable": "PurchOrderFormNum",
    "SalesTable": "PurchOrderFormNum",
    "LedgerJournalTable": "LedgerJournalTrans.PaymReference",
}
_KINDS = {
    "CustInvoiceTable": "free text invoice",
    "SalesTable": "sales order",
    "LedgerJournalTable": "journal",
}


class Finder:
    """Looks into the tables of one company."""

    def __init__(self, company: Company) -> None:
        self._company = company

    def rows(self, table: str, key: str) -> list[Row]:
        """Everything with the reference in a table; journal orders do not count."""
        found = self._company[table].find(_INDEXES[table], key) if key else []
        return [row for row in found if row.get("SalesType", "Sales") == "Sales"]

    def single(self, table: str, key: str) -> Row | None:
        """The record with the reference; raises AifError if there are several."""
        found = self.rows(table, key)
        if len(found) > 1:
            raise AifError("Ambiguous", kind=_KINDS[table], key=key)
        return found[0] if found else None

    def only(self, table: str, key: str) -> Row:
        """The record with the reference; raises AifError unless there is exactly one."""
        row = self.single(table, key)
        if row is None:
            raise AifError("NotFoundByKey", Code.KEY, kind=_KINDS[table], key=key)
        return row

    def transaction(self, key: str) -> Row | None:
        """The posted customer transaction with the reference."""
        if not key:
            return None
        company = self._company
        for jour in company["CustInvoiceJour"].find("PurchaseOrder", key):
            for trans in company["CustTrans"].find("Invoice", jour["InvoiceId"]):
                if trans["TransType"] == "Sales":
                    return trans
        return company["CustTrans"].first("PaymReference", key)

    def require_transaction(self, key: str) -> Row:
        """The posted transaction with the reference, else with that invoice or voucher number."""
        trans = self.transaction(key)
        for index in ("Invoice", "Voucher"):
            trans = trans or (self._company["CustTrans"].first(index, key) if key else None)
        if trans is None:
            raise AifError("NotFoundByKey", Code.KEY, kind="posted transaction", key=key)
        return trans
