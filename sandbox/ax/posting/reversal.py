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
_SHARED = "its voucher has transactions of several customers"


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
    _contra_rest(company, voucher, trans)
    voucher.finish()
    return contra


def _contra_rest(company: Company, voucher: Voucher, trans: Row) -> None:
    """The other side: the bank accounts of the voucher, and whatever else it had."""
    number = trans["Voucher"]
    banks = company["BankAccountTrans"].find("Voucher", number)
    if any(row["Reconciled"] == "Yes" for row in banks):
        raise AifError("NothingToSettle", one=number, other=voucher.number, reason=_RECONCILED)
    if len(company["CustTrans"].find("Voucher", number)) != 1:
        raise AifError("NothingToSettle", one=number, other=voucher.number, reason=_SHARED)
    for row in banks:
        cur, mst = -Decimal(row["AmountCur"]), -Decimal(row["AmountMST"])
        voucher.bank(row["AccountId"], cur, mst, PaymReference=trans["PaymReference"])
    entry = company["GeneralJournalEntry"].first("SubledgerVoucher", number)
    for line in entry["Lines"] if entry else ():
        if line["PostingType"] not in ("CustBalance", "Bank"):
            cur = -Decimal(line["TransactionCurrencyAmount"])
            mst = -Decimal(line["AccountingCurrencyAmount"])
            voucher.ledger(line["MainAccount"], cur, mst, line["Values"], line["PostingType"])


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


def _corrects(company: Company, later: Row, earlier: Row) -> bool:
    """Whether an invoice names another as the one it corrects, and takes all of it back."""
    if not (later["Invoice"] and earlier["Invoice"]):
        return False
    if Decimal(later["AmountCur"]) != -Decimal(earlier["AmountCur"]):
        return False
    row = company["CustInvoiceTable"].first("InvoiceId", later["Invoice"])
    return row is not None and bool(row["CorrectedInvoiceId"] == earlier["Invoice"])
