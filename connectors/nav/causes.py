"""What NAV's refusals mean for a bookkeeper: one row per cause of a hold."""

from __future__ import annotations

from connectors.causes import Cause, causes_of
from documents.hold import HoldClass

DATA, SETUP = HoldClass.DATA, HoldClass.SETUP


CAUSES = causes_of(
    "NAV",
    Cause(
        "customer-blocked",
        SETUP,
        "The customer is blocked in NAV.",
        "Unblock the customer in NAV, or skip the document.",
    ),
    Cause(
        "customer-unknown",
        SETUP,
        "The customer does not exist in NAV.",
        "Create the customer in NAV or match the client to an existing one.",
    ),
    Cause(
        "period-closed",
        SETUP,
        "The posting date lies outside the dates that NAV allows.",
        "Open the period in NAV (General Ledger Setup or User Setup), or correct the posting date.",
    ),
    Cause(
        "date-not-allowed",
        DATA,
        "A document cannot be taken back on a day before its own posting date.",
        "Correct the posting date.",
    ),
    Cause(
        "still-applied",
        DATA,
        "The entry is still applied to another one, or a batch job changed it.",
        "Unapply the entry in NAV.",
    ),
    Cause(
        "account-blocked",
        SETUP,
        "An account is blocked in NAV or does not allow direct posting.",
        "Unblock the account in NAV, or correct the account.",
    ),
    Cause(
        "account-unknown",
        SETUP,
        "An account does not exist in NAV.",
        "Create the account in NAV, or correct the mapping.",
    ),
    Cause(
        "value-unknown",
        SETUP,
        "A value of the document does not exist in NAV.",
        "Create the value in NAV, or correct the mapping.",
    ),
    Cause(
        "currency-unknown",
        SETUP,
        "The currency does not exist in NAV.",
        "Create the currency in NAV, or map it to an existing one.",
    ),
    Cause(
        "exchange-rate-missing",
        SETUP,
        "NAV has no exchange rate for the currency on the posting date.",
        "Enter the exchange rate in NAV.",
    ),
    Cause(
        "posting-group-missing",
        SETUP,
        "A posting group or its set-up is missing in NAV.",
        "Complete the posting groups of the customer or account, or the General Posting Setup.",
    ),
    Cause(
        "vat-setup-missing",
        SETUP,
        "NAV's VAT Posting Setup has no line for this combination of VAT groups.",
        "Complete the VAT Posting Setup in NAV, or map the tax to another VAT group.",
    ),
    Cause(
        "dimension-missing",
        SETUP,
        "A dimension value is missing, unknown, or not allowed in this combination.",
        "Correct the dimension of the document, the mapping, or the default dimensions in NAV.",
    ),
    Cause(
        "number-series-exhausted",
        SETUP,
        "A number series of NAV has no number left for this date, or wants a number by hand.",
        "Extend the number series in NAV and allow default numbers.",
    ),
    Cause(
        "applies-to-closed",
        DATA,
        "The entry that should be settled is already closed in NAV, or less is open on it.",
        "Look at the entry in NAV: somebody may have settled it there.",
    ),
    Cause(
        "applies-to-absent",
        DATA,
        "The document that should be settled is not posted in NAV.",
        "Post the document first.",
    ),
    Cause(
        "applies-to-later",
        DATA,
        "NAV does not apply an entry to one with a later date while it is posted.",
        "Post the payment unapplied and apply it afterwards, or correct the posting date.",
    ),
    Cause(
        "currency-differs",
        DATA,
        "An entry cannot settle a document in another currency.",
        "Correct the currency at the source, or apply the entries by hand in NAV.",
    ),
    Cause(
        "text-too-long",
        DATA,
        "A text is longer than NAV's field.",
        "Shorten the text at the source, or truncate it in the mapping.",
    ),
    Cause(
        "value-missing",
        SETUP,
        "NAV wants a value in a field that is empty.",
        "Fill the field in the mapping, or complete the set-up in NAV.",
    ),
    Cause(
        "value-not-allowed",
        SETUP,
        "NAV does not accept the value of a field.",
        "Correct the mapping.",
    ),
    Cause(
        "field-unknown",
        SETUP,
        "The mapping writes a field that is not on NAV's page.",
        "Show the field on the page and publish it again, or remove it from the mapping.",
    ),
    Cause(
        "field-read-only",
        SETUP,
        "The mapping writes a field that NAV does not let anyone write.",
        "Remove the field from the mapping.",
    ),
    Cause(
        "key-overwritten",
        SETUP,
        "The mapping writes the field that carries our key, which keeps documents from doubling.",
        "Remove the field from the mapping.",
    ),
    Cause(
        "out-of-balance",
        DATA,
        "The lines do not balance.",
        "Compare the lines with the source; correct the mapping.",
    ),
    Cause(
        "nothing-to-post",
        DATA,
        "NAV has nothing to post for this document.",
        "Look at the draft in NAV: its lines or quantities are empty.",
    ),
    Cause(
        "already-exists",
        DATA,
        "NAV already has a record with this number.",
        "Look for the record in NAV; adopt it or remove it.",
    ),
    Cause(
        "duplicate-in-target",
        DATA,
        "NAV has more than one document with our key.",
        "Reverse or delete all but one of them in NAV.",
    ),
    Cause(
        "already-posted",
        DATA,
        "The document is posted in NAV already and cannot be changed.",
        "Look again: the posted document is taken as it is, or reversed.",
    ),
    Cause(
        "not-posted",
        DATA,
        "The document is not posted in NAV.",
        "Look again at the document.",
    ),
    Cause(
        "reverse-by-hand",
        DATA,
        "The entry has no external document number of its own, by which the codeunit finds it.",
        "Reverse the entry in NAV (Customer Ledger Entries, Reverse Transaction).",
    ),
    Cause(
        "correct-by-hand",
        DATA,
        "It was posted as a sales credit memo, which NAV cannot reverse.",
        "Correct the credit memo in NAV: post an invoice of the same lines and apply both.",
    ),
    Cause(
        "already-reversed",
        DATA,
        "The entry has been reversed in NAV.",
        "Look at the entry in NAV.",
    ),
    Cause(
        "bank-reconciled",
        HoldClass.POLICY,
        "The payment is matched by the bank reconciliation and cannot be taken back.",
        "Undo the bank reconciliation in NAV, or book the correction there.",
    ),
    Cause(
        "record-missing",
        SETUP,
        "NAV misses a record it needs.",
        "Create the record in NAV, or correct the mapping.",
    ),
    Cause(
        "target-refused",
        DATA,
        "NAV refused the document.",
        "Read NAV's own words, correct the document or the set-up, and retry.",
    ),
    Cause(
        "too-large",
        DATA,
        "The document is larger than NAV accepts.",
        "Aggregate the lines in the mapping.",
    ),
)
