"""Calculated fields (FlowFields): what NAV works out when a record is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from sandbox.nav.calculation import calculate, draft_figures
from sandbox.nav.company import Company
from sandbox.nav.posting.application import applications
from sandbox.nav.schema import Row, Table
from sandbox.nav.values import amount, plain

_Flow = Callable[["Flows", Row], dict[str, Any]]


class Flows:
    """Reads calculated fields; within one request a document is calculated once."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self._drafts: dict[tuple[str, str], tuple[dict[str, Any], dict[int, dict[str, Any]]]] = {}

    def of(self, table: Table, row: Row) -> dict[str, Any]:
        """All calculated fields of a record by name, as they would be stored."""
        flow = _FLOWS.get(table.name)
        return flow(self, row) if flow else {}

    def draft(self, document: str, number: str) -> tuple[dict[str, Any], dict[int, dict[str, Any]]]:
        """The calculated fields of a draft's header, and of its lines by line number."""
        known = self._drafts.get((document, number))
        if known is None:
            known = self._drafts[document, number] = self._calculate(document, number)
        return known

    def _calculate(
        self, document: str, number: str
    ) -> tuple[dict[str, Any], dict[int, dict[str, Any]]]:
        lines, figures = draft_figures(self.company, document, number)
        header = {"Amount": plain(figures.net), "Amount_Including_VAT": plain(figures.gross)}
        return header, {
            line["Line_No"]: {
                "Inv_Discount_Amount": plain(figure.discount),
                "Amount": plain(figure.net),
                "Amount_Including_VAT": plain(figure.gross),
            }
            for line, figure in zip(lines, figures.lines, strict=True)
        }


def cancelled(company: Company, entry: Row) -> bool:
    """True if credit memos that were applied to an invoice take back all of it.

    An invoice of zero cannot be applied to; it counts when a credit memo of zero names it.
    """
    if entry["Reversed"]:
        return True
    if entry["Amount"] == "0":
        return _named_by_zero_credit(company, entry)
    records = company["Cust. Ledger Entry"]
    credited = Decimal(0)
    for row in applications(company, entry):
        other = records.require(row["Applied_Cust_Ledger_Entry_No"])
        if other["Document_Type"] == "Credit Memo":
            credited += amount(row, "Amount")
    return credited == -amount(entry, "Amount")


def _named_by_zero_credit(company: Company, entry: Row) -> bool:
    return any(
        other["Document_Type"] == "Credit Memo"
        and other["Amount"] == "0"
        and other["Applies_to_Doc_No"] == entry["Document_No"]
        for other in company["Cust. Ledger Entry"].find(Customer_No=entry["Customer_No"])
    )


def _total(rows: Iterable[Row], name: str) -> str:
    return plain(sum((amount(row, name) for row in rows), Decimal(0)))


def _customer(flows: Flows, row: Row) -> dict[str, Any]:
    entries = flows.company["Cust. Ledger Entry"].find(Customer_No=row["No"], Open=True)
    return {"Balance_LCY": _total(entries, "Remaining_Amt_LCY")}


def _header(flows: Flows, row: Row) -> dict[str, Any]:
    return flows.draft(row["Document_Type"], row["No"])[0]


def _line(flows: Flows, row: Row) -> dict[str, Any]:
    return flows.draft(row["Document_Type"], row["Document_No"])[1][row["Line_No"]]


def _purchase_header(flows: Flows, row: Row) -> dict[str, Any]:
    lines = flows.company["Purchase Line"].within((row["Document_Type"], row["No"]))
    figures = calculate(flows.company, row, lines)
    return {"Amount": plain(figures.net), "Amount_Including_VAT": plain(figures.gross)}


def _purchase_line(flows: Flows, row: Row) -> dict[str, Any]:
    document = (row["Document_Type"], row["Document_No"])
    header = flows.company["Purchase Header"].require(*document)
    lines = flows.company["Purchase Line"].within(document)
    figures = calculate(flows.company, header, lines)
    for line, figure in zip(lines, figures.lines, strict=True):
        if line["Line_No"] == row["Line_No"]:
            return {"Amount": plain(figure.net), "Amount_Including_VAT": plain(figure.gross)}
    return {}


def _posted(closed: str) -> _Flow:
    def posted(flows: Flows, row: Row) -> dict[str, Any]:
        entry = flows.company["Cust. Ledger Entry"].require(row["Cust_Ledger_Entry_No"])
        return {
            "Remaining_Amount": entry["Remaining_Amount"],
            closed: not entry["Open"],
            "Cancelled": closed == "Closed" and cancelled(flows.company, entry),
        }

    return posted


def _account(flows: Flows, row: Row) -> dict[str, Any]:
    entries = flows.company["G/L Entry"].find(G_L_Account_No=row["No"])
    return {"Balance": _total(entries, "Amount")}


def _bank(flows: Flows, row: Row) -> dict[str, Any]:
    entries = flows.company["Bank Account Ledger Entry"].find(Bank_Account_No=row["No"])
    return {"Balance": _total(entries, "Amount"), "Balance_LCY": _total(entries, "Amount_LCY")}


_FLOWS: Mapping[str, _Flow] = {
    "Customer": _customer,
    "Sales Header": _header,
    "Sales Line": _line,
    "Purchase Header": _purchase_header,
    "Purchase Line": _purchase_line,
    "Sales Invoice Header": _posted("Closed"),
    "Sales Cr.Memo Header": _posted("Paid"),
    "G/L Account": _account,
    "Bank Account": _bank,
}
