"""The books as the control port shows them: one row per document in its present state."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sandbox.nav.company import Company
from sandbox.nav.flows import Flows, cancelled
from sandbox.nav.money import precision_of
from sandbox.nav.posting.application import applications
from sandbox.nav.posting.purchases import external_number
from sandbox.nav.posting.register import POSTED_AT
from sandbox.nav.schema import Row
from sandbox.nav.tables.purchases import PURCHASE_HEADER
from sandbox.system import JournalRow, Kind

_DRAFTS: dict[str, Kind] = {"Invoice": "invoice", "Order": "order", "Credit Memo": "credit_memo"}
_ENTRIES: dict[str, Kind] = {"Invoice": "invoice", "Credit Memo": "credit_memo"}
_PAYABLES: dict[str, Kind] = {"Invoice": "expense", "Credit Memo": "credit_memo"}
_PARTIES = ("Customer", "Vendor", "Employee")
_SALES = "SALES"


class CompanyRows:
    """Reads the rows of one company."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._flows = Flows(company)

    def all(self) -> Iterator[JournalRow]:
        """Customers, drafts, journal lines that wait, and everything posted."""
        for customer in self._company["Customer"].all():
            yield self._customer(customer)
        for header in self._company["Sales Header"].all():
            yield self._draft(header)
        yield from self._waiting()
        for entry in self._company["Cust. Ledger Entry"].all():
            yield self._entry(entry)
        yield from self._purchases()
        yield from self._expenses()

    def _customer(self, row: Row) -> JournalRow:
        return JournalRow(
            kind="customer",
            key=row["Our_Account_No"],
            number=row["No"],
            state="created",
            currency=self._currency(row["Currency_Code"]),
            amount=self._shown(Decimal(0), row["Currency_Code"]),
            party=row["No"],
            document=row["Our_Account_No"],
            at=row["Last_Modified_Date_Time"],
            extra={"company": self._company.name, "name": row["Name"], "blocked": row["Blocked"]},
        )

    def _draft(self, row: Row) -> JournalRow:
        total = self._flows.draft(row["Document_Type"], row["No"])[0]["Amount_Including_VAT"]
        return self._row(
            _DRAFTS[row["Document_Type"]],
            row,
            number=row["No"],
            state="created",
            value=total,
            party=row["Sell_to_Customer_No"],
            document=row["Your_Reference"],
            applies_to=[row["Applies_to_Doc_No"]] if row["Applies_to_Doc_No"] else [],
            remaining=total,
        )

    def _waiting(self) -> Iterator[JournalRow]:
        """Lines in journal batches; those that share a document are one row."""
        documents: dict[tuple[str, str, str], Row] = {}
        for line in self._company["Gen. Journal Line"].all():
            batch = (line["Journal_Template_Name"], line["Journal_Batch_Name"])
            place = (*batch, line["Document_No"] or str(line["Line_No"]))
            if place not in documents or line["Account_Type"] == "Customer":
                documents[place] = line
        for (template, batch_name, _), line in documents.items():
            yield self._line(line, f"{template}/{batch_name}/{line['Line_No']}")

    def _line(self, row: Row, number: str) -> JournalRow:
        return self._row(
            _ENTRIES.get(row["Document_Type"], "payment"),
            row,
            number=number,
            state="created",
            value=row["Amount"],
            party=row["Account_No"] if row["Account_Type"] == "Customer" else "",
            document=row["Comment"] or row["Message_to_Recipient"],
            applies_to=[row["Applies_to_Doc_No"]] if row["Applies_to_Doc_No"] else [],
            remaining=row["Amount"],
        )

    def _entry(self, row: Row) -> JournalRow:
        kind = _ENTRIES.get(row["Document_Type"], "payment")
        sales = row["Source_Code"] == _SALES
        taken_back = cancelled(self._company, row) if kind == "invoice" else row["Reversed"]
        return self._row(
            kind,
            row,
            number=row["Document_No"],
            state="reversed" if taken_back else "posted",
            value=row["Amount"],
            party=row["Customer_No"],
            document=row["Your_Reference"]
            if sales
            else row["Comment"] or row["Message_to_Recipient"],
            applies_to=self._applied_to(row),
            remaining=row["Remaining_Amount"],
        )

    def _purchases(self) -> Iterator[JournalRow]:
        """Purchase documents that wait to be posted."""
        for row in self._company["Purchase Header"].all():
            total = self._flows.of(PURCHASE_HEADER, row)["Amount_Including_VAT"]
            yield self._row(
                _PAYABLES.get(row["Document_Type"], "payment"),
                {**row, "External_Document_No": external_number(row)},
                number=row["No"],
                state="created",
                value=total,
                party=row["Buy_from_Vendor_No"],
                document=row["Your_Reference"],
                applies_to=[row["Applies_to_Doc_No"]] if row["Applies_to_Doc_No"] else [],
                remaining=total,
            )

    def _expenses(self) -> Iterator[JournalRow]:
        """What is owed to vendors and employees, and what settles it."""
        for table, party in (
            ("Vendor Ledger Entry", "Vendor_No"),
            ("Employee Ledger Entry", "Employee_No"),
        ):
            for row in self._company[table].all():
                yield self._row(
                    _PAYABLES.get(row["Document_Type"], "payment")
                    if row["Document_Type"] != " "
                    else "expense",
                    row,
                    number=row["Document_No"],
                    state="reversed" if row["Reversed"] or self._credited(row) else "posted",
                    value=row["Amount"],
                    party=row[party],
                    document=self._reference(row),
                    applies_to=[row["Applies_to_Doc_No"]] if row["Applies_to_Doc_No"] else [],
                    remaining=row["Remaining_Amount"],
                )
        yield from self._company_paid()

    def _credited(self, row: Row) -> bool:
        """Whether a credit memo took back all of an invoice that is owed."""
        if row["Document_Type"] != "Invoice" or not row["Closed_by_Entry_No"]:
            return False
        other = self._company["Vendor Ledger Entry"].get(row["Closed_by_Entry_No"])
        return other is not None and other["Document_Type"] == "Credit Memo"

    def _reference(self, row: Row) -> str:
        """What the document stands for: its Your Reference, else the entry's description."""
        for table in ("Purch. Inv. Header", "Purch. Cr. Memo Hdr."):
            header = self._company[table].get(row["Document_No"])
            if header is not None and header["Your_Reference"]:
                return str(header["Your_Reference"])
        return str(row["Description"])

    def _company_paid(self) -> Iterator[JournalRow]:
        """Journal documents without a party: cost against a bank or clearing account."""
        found: dict[int, list[Row]] = {}
        for row in self._company["G/L Entry"].all():
            if row["Journal_Batch_Name"] and row["External_Document_No"]:
                found.setdefault(row["Transaction_No"], []).append(row)
        for entries in found.values():
            if any(row["Source_Type"] in _PARTIES for row in entries):
                continue
            total = sum((max(Decimal(row["Amount"]), Decimal(0)) for row in entries), Decimal(0))
            yield self._row(
                "expense",
                {**entries[0], "Currency_Code": ""},
                number=entries[0]["Document_No"],
                state="reversed" if entries[0]["Reversed"] else "posted",
                value=str(total),
                party="",
                document=entries[0]["Description"].partition(" ")[0],
                applies_to=[],
                remaining="0",
            )

    def _applied_to(self, entry: Row) -> list[str]:
        records = self._company["Cust. Ledger Entry"]
        others = (
            records.require(row["Applied_Cust_Ledger_Entry_No"])
            for row in applications(self._company, entry)
        )
        return [other["Document_No"] for other in others]

    def _row(self, kind: Kind, row: Row, *, value: str, remaining: str, **rest: Any) -> JournalRow:
        currency = row["Currency_Code"]
        applies_to = rest.pop("applies_to")
        return JournalRow(
            kind=kind,
            key=row["External_Document_No"],
            currency=self._currency(currency),
            amount=self._shown(abs(Decimal(value)), currency),
            at=row.get(POSTED_AT) or f"{row['Posting_Date']}T00:00:00+00:00",
            extra={
                "company": self._company.name,
                "remaining": self._shown(abs(Decimal(remaining)), currency),
                "applies_to": applies_to,
                "document_type": row["Document_Type"],
            },
            **rest,
        )

    def _currency(self, code: str) -> str:
        return code or self._company.local_currency

    def _shown(self, value: Decimal, currency: str) -> str:
        return str(value.quantize(precision_of(self._company, currency)))
