"""Taking posted things back: the form function "Reverse transaction", and correcting invoices."""

from __future__ import annotations

from decimal import Decimal

from sandbox.ax.company import CREATED, Company
from sandbox.ax.errors import AifError
from sandbox.ax.posting.invoice import post_free_text
from sandbox.ax.posting.settlement import reverse_settlement, settle
from sandbox.ax.posting.voucher import Voucher
from sandbox.ax.rows import CHANGED
from sandbox.ax.schema import Row
from sandbox.ax.wire.values import plain

_RECONCILED = "it is matched with a bank statement"


def reverse_transaction(company: Company, trans: Row, key: str, day: str) -> Row:
    """Book the contra of a receipt's voucher under `key`, and settle both; returns the contra.

    What the receipt settles is taken back first. Raises AifError for an invoice, for what was
    reversed already, and for what is matched with a bank statement; nothing is changed then.
    """
    if trans["Reversed"] == "Yes":
        raise AifError("AlreadyReversed", voucher=trans["Voucher"])
    if trans["TransType"] != "Payment":
        reason = "only payments can be reversed"
        raise AifError("NothingToSettle", one=trans["Voucher"], other=key, reason=reason)
    company.setup.check_period(day)
    with company.database.transaction():
        reverse_settlement(company, trans)
        contra = _contra(company, trans, key, day)
        settle(company, contra, _present(company, trans))
        for row in (trans, contra):
            company.change("CustTrans", _present(company, row), Reversed="Yes")
        return _present(company, contra)


def _present(company: Company, trans: Row) -> Row:
    row = company["CustTrans"].get(trans["RecId"])
    if row is None:
        raise LookupError(f"no transaction {trans['RecId']}")
    return row


def _contra(company: Company, trans: Row, key: str, day: str) -> Row:
    customer = company["CustTable"].first("AccountNum", trans["AccountNum"])
    if customer is None:
        raise LookupError(f"no customer {trans['AccountNum']}")
    number = company.number("REV", "REV")
    text = f"Reversal of {trans['Voucher']}"
    voucher = Voucher(company, number, day, trans["CurrencyCode"], text)
    cur, mst = -Decimal(trans["AmountCur"]), -Decimal(trans["AmountMST"])
    contra = voucher.customer(
        customer,
        cur,
        mst,
        DocumentDate=day,
        DocumentNum=trans["DocumentNum"],
        DueDate=day,
        ExchRate=trans["ExchRate"],
        PaymMode=trans["PaymMode"],
        PaymReference=key,
        PostingProfile=trans["PostingProfile"],
        TransType="Payment",
    )
    _contra_rest(company, voucher, trans, cur, mst)
    voucher.finish()
    return contra


def _contra_rest(
    company: Company, voucher: Voucher, trans: Row, cur: Decimal, mst: Decimal
) -> None:
    """The other side: the bank of the voucher, or whatever accounts it had."""
    banks = company["BankAccountTrans"].find("Voucher", trans["Voucher"])
    if any(row["Reconciled"] == "Yes" for row in banks):
        raise AifError(
            "NothingToSettle", one=trans["Voucher"], other=voucher.number, reason=_RECONCILED
        )
    if banks:
        voucher.bank(banks[0]["AccountId"], -cur, -mst, PaymReference=trans["PaymReference"])
        return
    entry = company["GeneralJournalEntry"].first("SubledgerVoucher", trans["Voucher"])
    for line in entry["Lines"] if entry else ():
        if line["PostingType"] != "CustBalance":
            amounts = [-Decimal(line[f"{one}CurrencyAmount"]) for one in _AMOUNTS]
            voucher.ledger(line["MainAccount"], amounts[0], amounts[1], line["Values"])


_AMOUNTS = ("Transaction", "Accounting")


def reverse_free_text(company: Company, row: Row, key: str, day: str) -> Row:
    """Post a free text invoice that takes a posted one back in full; returns its CustInvoiceJour.

    What the invoice settles is taken back first, so that both close each other.
    """
    original = _invoice_transaction(company, row["InvoiceId"])
    if is_reversed(company, original):
        raise AifError("AlreadyReversed", voucher=original["Voucher"])
    with company.database.transaction():
        reverse_settlement(company, original)
        credit = company.insert("CustInvoiceTable", _credit_of(row, key, day))
        return post_free_text(company, credit)


def _credit_of(row: Row, key: str, day: str) -> Row:
    lines = []
    for line in row["CustInvoiceLine"]:
        amounts = {name: plain(-Decimal(line[name])) for name in ("AmountCur", "Quantity")}
        lines.append({**line, **amounts, "RecId": 0})
    dropped = {CREATED, CHANGED}
    kept = {name: value for name, value in row.items() if name not in dropped}
    return {
        **kept,
        "RecId": 0,
        "Posted": "No",
        "InvoiceId": "",
        "CorrectedInvoiceId": row["InvoiceId"],
        "PurchOrderFormNum": key,
        "InvoiceDate": day,
        "DocumentDate": day,
        "DueDate": day,
        "CustInvoiceLine": lines,
    }


def _invoice_transaction(company: Company, invoice: str) -> Row:
    for trans in company["CustTrans"].find("Invoice", invoice):
        if trans["TransType"] == "Sales":
            return trans
    raise AifError("NotFoundByKey", kind="posted invoice", key=invoice)


def is_reversed(company: Company, trans: Row) -> bool:
    """Whether an invoice is closed in full by one document that corrects it."""
    for line in trans["CustSettlement"]:
        offset = company["CustTrans"].get(line["OffsetRecId"])
        whole = abs(Decimal(line["SettleAmountCur"])) == abs(Decimal(trans["AmountCur"]))
        if offset is not None and whole and _corrects(company, offset, trans):
            return True
    return False


def _corrects(company: Company, one: Row, other: Row) -> bool:
    """Whether one of two invoices names the other as the invoice it corrects."""
    if not one["Invoice"] or not other["Invoice"]:
        return False
    for later, earlier in ((one, other), (other, one)):
        row = company["CustInvoiceTable"].first("InvoiceId", later["Invoice"])
        if row is not None and row["CorrectedInvoiceId"] == earlier["Invoice"]:
            return abs(Decimal(one["AmountCur"])) == abs(Decimal(other["AmountCur"]))
    return False
