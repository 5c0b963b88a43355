"""AxdCustPaymJournal, AxdLedgerGeneralJournal and AxdExchangeRates: creating journals and rates."""

from __future__ import annotations

from decimal import Decimal

from sandbox.ax import chart
from sandbox.ax.company import Company
from sandbox.ax.documents import CUST_PAYM_JOURNAL, EXCHANGE_RATES, GENERAL_JOURNAL
from sandbox.ax.errors import AifError
from sandbox.ax.posting.draft import dimension_values
from sandbox.ax.posting.money import ZERO, rounded
from sandbox.ax.posting.settlement import open_invoice
from sandbox.ax.posting.tax import Taxable
from sandbox.ax.schema import Document, Row
from sandbox.ax.services.checks import (
    check_account,
    check_mandatory,
    check_no_number,
    check_not_stopped,
    check_relations,
    not_in_table,
)
from sandbox.ax.services.filling import created
from sandbox.ax.wire.reading import Node
from sandbox.ax.wire.values import plain


class JournalAxd:
    """How journals are written; there is no update and no delete."""

    table = "LedgerJournalTable"

    def __init__(self, document: Document) -> None:
        self.document = document
        self._receipts = document is CUST_PAYM_JOURNAL

    def insert(self, company: Company, node: Node) -> Row:
        """Make an unposted journal."""
        row = created(company, node)
        check_no_number(row, "JournalNum", "Ledger_Journal")
        check_mandatory(row, "JournalName")
        check_relations(company, row)
        row["JournalType"] = chart.JOURNAL_NAMES[row["JournalName"]]
        if (row["JournalType"] == "CustPayment") is not self._receipts:
            raise not_in_table("JournalName", row["JournalName"], "LedgerJournalName")
        row["WorkflowApprovalStatus"] = "None"
        row["JournalNum"] = company.number("JNL", "J")
        if not row["LedgerJournalTrans"]:
            raise AifError("NoLines", document="Journal", number=row["JournalNum"])
        nodes = node.children["LedgerJournalTrans"]
        pairs = zip(row["LedgerJournalTrans"], nodes, strict=True)
        for place, (line, sent) in enumerate(pairs, 1):
            self._default(company, row, line, sent, place)
            self._check(company, row, line, place)
        self._total(row)
        return company.insert(self.table, row)

    def _default(self, company: Company, row: Row, line: Row, node: Node, place: int) -> None:
        """Take from the journal what was not sent with the line."""
        offset = row["OffsetLedgerDimension"]
        defaults = {
            "AccountType": "Cust" if self._receipts else "Ledger",
            "Company": company.area,
            "CurrencyCode": row["CurrencyCode"] or company.setup.base,
            "LineNum": str(place),
            "OffsetAccountType": row["OffsetAccountType"],
            "OffsetCompany": company.area,
            "OffsetLedgerDimension": {**offset, "Values": {}} if offset else {},
            "PostingProfile": "GEN",
            "TransDate": company.today(),
        }
        for field, value in defaults.items():
            if not node.sent(field):
                line[field] = value
        line["JournalNum"] = row["JournalNum"]

    def _check(self, company: Company, row: Row, line: Row, place: int) -> None:
        check_mandatory(line, "LedgerDimension", "CurrencyCode", "TransDate")
        check_relations(company, line)
        for field in ("Company", "OffsetCompany"):
            if line[field].lower() not in ("", company.area.lower()):
                raise AifError("OtherCompany", at=field, company=company.area, other=line[field])
        for field in ("AmountCurDebit", "AmountCurCredit"):
            line[field] = plain(rounded(Decimal(line[field]), line["CurrencyCode"]))
        if bool(Decimal(line["AmountCurDebit"])) is bool(Decimal(line["AmountCurCredit"])):
            raise AifError("DebitOrCredit", at="AmountCurDebit", number=place)
        group, items = line["TaxGroup"], line["TaxItemGroup"]
        if any(chart.TAX_RATES[code] != "0" for code in Taxable(ZERO, group, items).codes):
            raise AifError("NoJournalTax", at="TaxItemGroup")
        self._accounts(company, row, line)

    def _accounts(self, company: Company, row: Row, line: Row) -> None:
        journal, kind = row["JournalName"], line["AccountType"]
        if self._receipts and kind != "Cust":
            raise AifError("AccountType", at="AccountType", type=kind, journal=journal)
        account = line["LedgerDimension"]
        check_account(company, kind, account, "LedgerDimension", journal)
        if kind == "Ledger":
            values = dimension_values(row["DefaultDimension"], line["DefaultDimension"], account)
            company.setup.check_structure(account["Account"], values)
        offset, field = line["OffsetLedgerDimension"], "OffsetLedgerDimension"
        if offset.get("Account"):
            check_account(company, line["OffsetAccountType"], offset, field, journal)
        if kind != "Cust":
            return
        number = account["Account"]
        customer = company["CustTable"].first("AccountNum", number)
        if customer is not None:
            check_not_stopped(customer, "All", "Payment")
        if line["MarkedInvoice"]:
            open_invoice(company, line["MarkedInvoice"], number, line["CurrencyCode"])

    def _total(self, row: Row) -> None:
        for total, field in (
            ("JournalTotalDebit", "AmountCurDebit"),
            ("JournalTotalCredit", "AmountCurCredit"),
        ):
            amounts = (Decimal(line[field]) for line in row["LedgerJournalTrans"])
            row[total] = plain(sum(amounts, ZERO))


class ExchangeRateAxd:
    """How exchange rates are written: straight into the rate table."""

    document = EXCHANGE_RATES
    table = "ExchangeRate"

    def insert(self, company: Company, node: Node) -> Row:
        """Add a dated rate per 100 units."""
        row = created(company, node)
        check_relations(company, row)
        fields = ("FromCurrencyCode", "ToCurrencyCode", "ValidFrom", "ExchangeRate")
        check_mandatory(row, *fields)
        if Decimal(row["ExchangeRate"]) < 0:
            raise AifError("Mandatory", at="ExchangeRate", field="ExchangeRate")
        return company.insert(self.table, row)


PAYMENTS = JournalAxd(CUST_PAYM_JOURNAL)
GENERAL = JournalAxd(GENERAL_JOURNAL)
