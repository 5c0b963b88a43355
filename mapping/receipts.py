"""Records of receipts: the journal line of a payment."""

from __future__ import annotations

from dataclasses import replace

from documents.cash import Payment
from documents.exchange import Exchange
from documents.hold import HoldClass, HoldRequired
from documents.record import MappedRecord
from mapping.conversion import exchange_entry
from mapping.corrections import Corrections
from mapping.entity import Posting
from mapping.errors import held
from mapping.names import PAYMENT, values_of
from mapping.rules import Outcome, Values
from mapping.sales import Tools
from mapping.trace import entry, of_header


class ReceiptRecords:
    """Makes records of payments by one spec."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def record(self, payment: Payment, posting: Posting, fix: Corrections) -> MappedRecord:
        """The record of a payment. Raises HoldRequired, for a use of credit too: the money is in
        the books already, so it is applied and never received again."""
        if payment.from_credit:
            raise _not_cash(payment)
        tools, section = self._tools, self._tools.spec.payment
        currencies = tools.currencies
        currency = currencies.code(currencies.posting_currency(payment.amount.currency))
        payment = self._converted(payment)
        made = payment.exchange
        trace = [exchange_entry("amount", made)] if made else []
        values = values_of("payment", PAYMENT, payment)
        values.update(replace(posting, currency=currency.code).values())
        bank = self._bank_account(values, fix)
        values["record.bank_account"] = bank.value
        writer = tools.entities.header_writer(section.entity, tools.rules)
        header, filled = writer.write(section.header, values)
        return MappedRecord(
            kind=posting.key.kind,
            entity=section.entity,
            header=header,
            trace=(currency.trace, *trace, entry("bank account", bank), *of_header(filled)),
            spec=tools.identity,
            posting_date=posting.posting_date,
            exchange=made,
        )

    def _converted(self, payment: Payment) -> Payment:
        """What settles an invoice comes converted at the invoice's rate; money without an invoice
        is converted at the rate of its own day."""
        rate = self._tools.currencies.rate(payment.amount.currency, payment.date)
        if rate is None:
            return payment
        made = Exchange(amount=payment.amount, booked=rate.convert(payment.amount), rate=rate)
        return payment.model_copy(update={"amount": made.booked, "exchange": made})

    def _bank_account(self, values: Values, fix: Corrections) -> Outcome:
        if fix.bank_account:
            return Outcome(fix.bank_account, "correction", "")
        found = self._tools.rules.apply(self._tools.spec.payment.bank_account, values)
        if found.is_blank:
            raise held(
                "bank-account-unmapped",
                f"the payment type {values['payment.type']} has no bank account in the mapping",
                "map the payment type, or correct the bank account",
            )
        return found


def _not_cash(payment: Payment) -> HoldRequired:
    return held(
        "credit-not-cash",
        f"payment {payment.source_id} uses credit the client has: it is no receipt",
        "apply the credit instead",
        HoldClass.POLICY,
    )
