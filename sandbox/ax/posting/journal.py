"""Posting journals (LedgerJournalCheckPost): all lines or none.

A line with an offset account is a voucher of its own, unless several lines name the same voucher;
lines without one must balance together within their voucher and day.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.ax import chart
from sandbox.ax.company import Company
from sandbox.ax.errors import AifError
from sandbox.ax.posting.money import ZERO, to_base
from sandbox.ax.posting.settlement import open_invoice, settle
from sandbox.ax.posting.voucher import Voucher
from sandbox.ax.schema import Row
from sandbox.ax.wire.values import plain

_STOPPED = ("All", "Payment")


def post_journal(company: Company, row: Row) -> Row:
    """Post a journal; returns it as stored. Raises AifError with nothing posted."""
    with company.database.transaction():
        if not row["LedgerJournalTrans"]:
            raise AifError("NoLines", document="Journal", number=row["JournalNum"])
        vouchers: dict[tuple[str, str], list[Row]] = {}
        for place, line in enumerate(row["LedgerJournalTrans"]):
            alone = _has_offset(line) and not line["Voucher"]
            group = f"#{place}" if alone else line["Voucher"]
            vouchers.setdefault((group, _day(company, line)), []).append(line)
        numbers: dict[int, str] = {}
        for (group, day), lines in vouchers.items():
            number = _post_voucher(company, row, group, day, lines)
            numbers |= {line["RecId"]: number for line in lines}
        lines = [{**one, "Voucher": numbers[one["RecId"]]} for one in row["LedgerJournalTrans"]]
        return company.change(
            "LedgerJournalTable",
            row,
            LedgerJournalTrans=lines,
            Posted="Yes",
            **{"$rejected": ""},
        )


def _has_offset(line: Row) -> bool:
    return bool(line["OffsetLedgerDimension"].get("Account"))


def _day(company: Company, line: Row) -> str:
    return line["TransDate"] or company.today()


def _amount(line: Row) -> Decimal:
    return Decimal(line["AmountCurDebit"]) - Decimal(line["AmountCurCredit"])


def _post_voucher(company: Company, row: Row, group: str, day: str, lines: list[Row]) -> str:
    company.setup.check_period(day)
    letters = "CPV" if row["JournalType"] == "CustPayment" else "GNJ"
    given = group and not group.startswith("#")
    number = group if given else company.number(letters, letters)
    first = lines[0]
    text = first["Txt"] or row["Name"] or f"Journal {row['JournalNum']}"
    voucher = Voucher(company, number, day, first["CurrencyCode"], text)
    receipts, total = [], ZERO
    for line in lines:
        voucher.currency, voucher.text = line["CurrencyCode"], line["Txt"] or text
        cur = _amount(line)
        mst = to_base(cur, _rate(company, line, day))
        receipt = _book(company, voucher, row, line, "", cur, mst)
        receipts.append((line, receipt))
        if _has_offset(line):
            _book(company, voucher, row, line, "Offset", -cur, -mst)
        else:
            total += mst
    if total:
        raise AifError("OutOfBalance", voucher=number, date=day, amount=plain(total))
    voucher.finish()
    for line, receipt in receipts:
        if receipt is not None and line["MarkedInvoice"]:
            _mark(company, line, receipt)
    return number


def _rate(company: Company, line: Row, day: str) -> Decimal:
    given = Decimal(line["ExchRate"])
    if given and line["CurrencyCode"] != company.setup.base:
        return given
    return company.setup.rate(line["CurrencyCode"], day)


def _book(
    company: Company,
    voucher: Voucher,
    row: Row,
    line: Row,
    side: str,
    cur: Decimal,
    mst: Decimal,
) -> Row | None:
    """One side of a line; a customer's side returns its transaction."""
    kind = line[f"{side}AccountType"]
    account = line[f"{side}LedgerDimension"]
    number = str(account.get("Account", ""))
    if kind == "Ledger":
        values = _values(row, line, side, account)
        company.setup.check_postable(number, values, manual=True)
        company.setup.check_values(values, f"{side}LedgerDimension")
        voucher.ledger(number, cur, mst, values, "LedgerJournal")
    elif kind == "Bank":
        _book_bank(voucher, line, number, cur, mst)
    elif kind == "Vend":
        _book_vendor(company, voucher, line, number, cur, mst)
    elif kind == "Cust":
        return _book_customer(company, voucher, line, number, cur, mst)
    else:
        raise AifError(
            "AccountType", at=f"{side}AccountType", type=kind, journal=row["JournalName"]
        )
    return None


def _values(row: Row, line: Row, side: str, account: dict[str, Any]) -> dict[str, str]:
    own = line[f"{side}DefaultDimension"] or (line["DefaultDimension"] if side else {})
    merged = {**row["DefaultDimension"], **own, **account.get("Values", {})}
    return {name: value for name, value in merged.items() if value}


def _book_bank(voucher: Voucher, line: Row, number: str, cur: Decimal, mst: Decimal) -> None:
    bank = chart.BANKS[number]
    if bank.currency and bank.currency != line["CurrencyCode"]:
        raise AifError("BankCurrency", at="CurrencyCode", bank=number, currency=bank.currency)
    voucher.bank(number, cur, mst, PaymReference=line["PaymReference"])


def _book_vendor(
    company: Company, voucher: Voucher, line: Row, number: str, cur: Decimal, mst: Decimal
) -> None:
    vendor = company["VendTable"].first("AccountNum", number)
    if vendor is None:
        field = "LedgerDimension"
        raise AifError("NotInTable", at=field, value=number, field=field, table="VendTable")
    voucher.vendor(
        vendor, cur, mst, PaymReference=line["PaymReference"], DocumentNum=line["DocumentNum"]
    )


def _book_customer(
    company: Company, voucher: Voucher, line: Row, number: str, cur: Decimal, mst: Decimal
) -> Row:
    customer = company["CustTable"].first("AccountNum", number)
    if customer is None:
        raise AifError(
            "NotInTable",
            at="LedgerDimension",
            value=number,
            field="LedgerDimension",
            table="CustTable",
        )
    if customer["Blocked"] in _STOPPED:
        raise AifError("CustomerBlocked", account=number, blocked=customer["Blocked"])
    day = voucher.day
    return voucher.customer(
        customer,
        cur,
        mst,
        DocumentDate=line["DocumentDate"] or day,
        DocumentNum=line["DocumentNum"],
        DueDate=line["Due"] or day,
        ExchRate=plain(_rate(company, line, day)),
        Invoice=line["Invoice"],
        PaymMode=line["PaymMode"],
        PaymReference=line["PaymReference"],
        PostingProfile=line["PostingProfile"],
        TransType="Sales" if line["Invoice"] else "Payment",
    )


def _mark(company: Company, line: Row, receipt: Row) -> None:
    invoice = open_invoice(
        company, line["MarkedInvoice"], receipt["AccountNum"], receipt["CurrencyCode"]
    )
    settle(company, receipt, invoice)
