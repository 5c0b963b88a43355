"""Settling customer transactions with each other, and taking that back.

Only transactions of one customer in one currency with opposite signs settle. A difference between
their accounting values is a realised exchange gain or loss on a voucher of its own.
"""

from __future__ import annotations

from decimal import Decimal

from sandbox.ax import chart
from sandbox.ax.company import Company
from sandbox.ax.documents.transaction import SETTLEMENT
from sandbox.ax.errors import AifError
from sandbox.ax.posting.money import ZERO, to_base
from sandbox.ax.posting.voucher import SUMMARY, TABLE, Voucher
from sandbox.ax.schema import Row
from sandbox.ax.wire.values import plain

_DIFFERENCE = "$difference"
_CHILD = "CustSettlement"


def _table(trans: Row) -> str:
    return str(trans.get(TABLE, "CustTrans"))


def remaining(trans: Row) -> Decimal:
    """What is open of a transaction, in its currency, signed."""
    return Decimal(trans["AmountCur"]) - Decimal(trans["SettleAmountCur"])


def open_invoice(company: Company, invoice: str, account: str, currency: str) -> Row:
    """The open transaction of an invoice; raises AifError if there is none."""
    for trans in company["CustTrans"].find("Invoice", invoice):
        same = trans["AccountNum"] == account and trans["CurrencyCode"] == currency
        if same and trans["TransType"] == "Sales" and remaining(trans):
            return trans
    raise AifError(
        "NoMarkedInvoice",
        at="MarkedInvoice",
        invoice=invoice,
        account=account,
        currency=currency,
    )


def settled_amount(one: Row, other: Row) -> Decimal:
    """How much two transactions settle of each other; never negative."""
    found = (line for line in one[_CHILD] if line["OffsetRecId"] == other["RecId"])
    return sum((abs(Decimal(line["SettleAmountCur"])) for line in found), ZERO)


def settle(company: Company, one: Row, other: Row, limit: Decimal | None = None) -> Decimal:
    """Settle two transactions as far as both reach, at most `limit`; returns the amount.

    Raises AifError where they cannot be settled.
    """
    _check(one, other)
    amount = min(abs(remaining(one)), abs(remaining(other)))
    if limit is not None:
        amount = min(amount, limit)
    if amount <= 0:
        raise AifError(
            "NothingToSettle",
            one=one["Voucher"],
            other=other["Voucher"],
            reason=f"the amount {amount} is not positive",
        )
    with company.database.transaction():
        day = settlement_day(company, one, other)
        parts = {row["RecId"]: _value_of(row, amount) for row in (one, other)}
        difference = sum(parts.values(), ZERO)
        number = company.number("SETT", "SETT")
        if difference:
            _book_difference(company, number, day, one, difference, _account_for(difference))
        for row, offset in ((one, other), (other, one)):
            share = amount if remaining(row) > 0 else -amount
            _enter(company, row, offset, share, parts[row["RecId"]], number, day, difference)
    return amount


def _check(one: Row, other: Row) -> None:
    reason = ""
    if one["AccountNum"] != other["AccountNum"]:
        reason = "they belong to different customers"
    elif one["CurrencyCode"] != other["CurrencyCode"]:
        reason = "their currencies differ"
    elif not remaining(one) or not remaining(other):
        reason = "one of them is closed"
    elif (remaining(one) > 0) == (remaining(other) > 0):
        reason = "both are on the same side"
    if reason:
        raise AifError("NothingToSettle", one=one["Voucher"], other=other["Voucher"], reason=reason)


def settlement_day(company: Company, one: Row, other: Row) -> str:
    """The later transaction's day, or the session date if its period is closed."""
    day = max(one["TransDate"], other["TransDate"])
    try:
        company.setup.check_period(day)
    except AifError:
        day = max(day, company.today())
        company.setup.check_period(day)
    return str(day)


def _value_of(trans: Row, amount: Decimal) -> Decimal:
    """The accounting value of a part of a transaction; the last part takes what is left."""
    left = remaining(trans)
    value = Decimal(trans["AmountMST"])
    if amount == abs(left):
        return value - Decimal(trans["SettleAmountMST"])
    share = amount if left > 0 else -amount
    return to_base(share * value / Decimal(trans["AmountCur"]), Decimal(100))


def _account_for(difference: Decimal) -> str:
    return chart.LOSSES_ACCOUNT if difference > 0 else chart.GAINS_ACCOUNT


def _book_difference(
    company: Company, number: str, day: str, trans: Row, difference: Decimal, account: str
) -> None:
    voucher = Voucher(company, number, day, trans["CurrencyCode"], "Exchange adjustment")
    voucher.ledger(account, ZERO, difference, kind="ExchAdjustment")
    kind = "CustBalance" if _table(trans) == "CustTrans" else "VendBalance"
    voucher.ledger(trans[SUMMARY], ZERO, -difference, kind=kind)
    voucher.finish()


def _enter(
    company: Company,
    trans: Row,
    offset: Row,
    amount: Decimal,
    value: Decimal,
    number: str,
    day: str,
    difference: Decimal,
) -> None:
    line = {
        **SETTLEMENT.blank(),
        "CanBeReversed": "Yes",
        "OffsetRecId": offset["RecId"],
        "OffsetTransVoucher": offset["Voucher"],
        "RecId": company.database.rec_id(),
        "RecVersion": 1,
        "SettleAmountCur": plain(amount),
        "SettleAmountMST": plain(value),
        "SettlementVoucher": number,
        "TransDate": day,
        "TransRecId": trans["RecId"],
        _DIFFERENCE: plain(difference),
    }
    _refresh(company, trans, [*trans[_CHILD], line])


def _refresh(company: Company, trans: Row, lines: list[Row]) -> Row:
    settled = sum((Decimal(line["SettleAmountCur"]) for line in lines), ZERO)
    last = lines[-1] if lines else SETTLEMENT.blank()
    closed = settled == Decimal(trans["AmountCur"])
    return company.change(
        _table(trans),
        trans,
        **{_CHILD: lines},
        SettleAmountCur=plain(settled),
        SettleAmountMST=plain(sum((Decimal(line["SettleAmountMST"]) for line in lines), ZERO)),
        Closed=last["TransDate"] if closed else "",
        LastSettleDate=last["TransDate"],
        LastSettleVoucher=last["SettlementVoucher"],
    )


def reverse_settlement(company: Company, trans: Row, other: Row | None = None) -> int:
    """Take back what settles a transaction (only with `other`, if given); returns how many.

    Raises AifError, with nothing changed, where the periods are closed.
    """
    rows = company[_table(trans)]
    lines = [
        line for line in trans[_CHILD] if other is None or line["OffsetRecId"] == other["RecId"]
    ]
    with company.database.transaction():
        for line in lines:
            one, offset = _present(company, trans), rows.get(line["OffsetRecId"])
            if offset is None:
                raise LookupError(f"no transaction {line['OffsetRecId']}")
            _take_back(company, one, offset, line)
    return len(lines)


def _present(company: Company, trans: Row) -> Row:
    row = company[_table(trans)].get(trans["RecId"])
    if row is None:
        raise LookupError(f"no transaction {trans['RecId']}")
    return row


def _take_back(company: Company, one: Row, offset: Row, line: Row) -> None:
    difference = Decimal(line[_DIFFERENCE])
    if difference:
        day = settlement_day(company, one, offset)
        number = company.number("SETT", "SETT")
        account = _account_for(difference)
        _book_difference(company, number, day, one, -difference, account)
    number = line["SettlementVoucher"]
    for row in (one, offset):
        kept = [item for item in row[_CHILD] if item["SettlementVoucher"] != number]
        _refresh(company, row, kept)
