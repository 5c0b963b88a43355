"""What AX's refusals mean for a bookkeeper: one row per cause of a hold.

The codes are those of the other targets wherever the meaning is the same, so that lists, rules
and habits of people do not depend on the system.
"""

from __future__ import annotations

from connectors.causes import Cause, causes_of
from documents.hold import HoldClass

DATA, SETUP = HoldClass.DATA, HoldClass.SETUP
CREATED_NOT_SHOWN = "created-not-shown"


CAUSES = causes_of(
    "AX",
    Cause(
        "customer-blocked",
        SETUP,
        "The customer is stopped in AX (Invoicing and delivery on hold).",
        "Lift the hold on the customer in AX, or skip the document.",
    ),
    Cause(
        "customer-unknown",
        SETUP,
        "The customer does not exist in this company of AX.",
        "Create the customer in AX or match the client to an existing one.",
    ),
    Cause(
        "account-blocked",
        SETUP,
        "A main account is suspended in AX or does not allow manual entry.",
        "Activate the account in AX, or correct the account.",
    ),
    Cause(
        "account-unknown",
        SETUP,
        "An account does not exist in AX.",
        "Create the account in AX, or correct the mapping.",
    ),
    Cause(
        "dimension-missing",
        SETUP,
        "A financial dimension value is missing, unknown, or not allowed in this combination.",
        "Correct the dimensions in the mapping, or the dimension values and account structures "
        "in AX.",
    ),
    Cause(
        "currency-unknown",
        SETUP,
        "The currency does not exist in AX.",
        "Create the currency in AX, or map it to an existing one.",
    ),
    Cause(
        "exchange-rate-missing",
        SETUP,
        "AX has no exchange rate for the currency on the posting date.",
        "Enter the exchange rate in AX.",
    ),
    Cause(
        "posting-group-missing",
        SETUP,
        "A customer group or posting profile is missing in AX or not complete.",
        "Complete the customer group and the customer posting profile in AX.",
    ),
    Cause(
        "vat-setup-missing",
        SETUP,
        "A sales tax group, or the sales tax of this combination of groups, is missing in AX.",
        "Complete the sales tax groups in AX, or map the tax to other groups.",
    ),
    Cause(
        "number-series-exhausted",
        SETUP,
        "A number sequence of AX has no number left, or does not take a number by hand.",
        "Extend the number sequence in AX, or leave the number to AX.",
    ),
    Cause(
        "value-unknown",
        SETUP,
        "A value of the document does not exist in AX.",
        "Create the value in AX, or correct the mapping.",
    ),
    Cause(
        "text-too-long",
        DATA,
        "A text is longer than AX's field.",
        "Shorten the text at the source, or truncate it in the mapping.",
    ),
    Cause(
        "value-missing",
        SETUP,
        "AX wants a value in a field that is empty.",
        "Fill the field in the mapping, or complete the set-up in AX.",
    ),
    Cause(
        "value-not-allowed",
        SETUP,
        "AX does not accept the value of a field.",
        "Correct the mapping.",
    ),
    Cause(
        "field-unknown",
        SETUP,
        "The mapping writes a field that the document of AX's port does not have.",
        "Enable the field in the data policy of the port, or remove it from the mapping.",
    ),
    Cause(
        "field-read-only",
        SETUP,
        "The mapping writes a field that AX fills by itself.",
        "Remove the field from the mapping.",
    ),
    Cause(
        "key-overwritten",
        SETUP,
        "The mapping writes the field that carries our key, which keeps documents from doubling.",
        "Remove the field from the mapping.",
    ),
    Cause(
        "schema-refused",
        SETUP,
        "AX did not accept the form of the document.",
        "Compare the mapping with the port's data policy; the field is named below.",
    ),
    Cause(
        "period-closed",
        SETUP,
        "The posting date lies in a period that is closed or on hold in AX.",
        "Open the period in AX (Ledger calendar), or correct the posting date.",
    ),
    Cause(
        "date-not-allowed",
        DATA,
        "A document cannot be taken back on a day before its own posting date.",
        "Correct the posting date.",
    ),
    Cause(
        "applies-to-closed",
        DATA,
        "The transaction that should be settled is already closed in AX, or less is open on it.",
        "Look at the customer's transactions in AX: somebody may have settled it there.",
    ),
    Cause(
        "applies-to-absent",
        DATA,
        "The document that should be settled is not posted in AX.",
        "Post the document first.",
    ),
    Cause(
        "currency-differs",
        DATA,
        "A transaction cannot settle a document in another currency here.",
        "Correct the currency at the source, or settle by hand in AX.",
    ),
    Cause(
        "out-of-balance",
        DATA,
        "The voucher does not balance.",
        "Compare the lines with the source; correct the mapping.",
    ),
    Cause(
        "nothing-to-post",
        DATA,
        "AX has nothing to post for this document.",
        "Look at the draft in AX: its lines are empty.",
    ),
    Cause(
        "already-exists",
        DATA,
        "AX already has a record with this number.",
        "Look for the record in AX; adopt it or remove it.",
    ),
    Cause(
        "duplicate-in-target",
        DATA,
        "AX has more than one document with our key.",
        "Reverse or delete all but one of them in AX.",
    ),
    Cause(
        "already-posted",
        DATA,
        "The document is posted in AX already and cannot be changed.",
        "Look again: the posted document is taken as it is, or reversed.",
    ),
    Cause(
        "not-posted",
        DATA,
        "The document is not posted in AX.",
        "Look again at the document.",
    ),
    Cause(
        "already-reversed",
        DATA,
        "The transaction has been reversed in AX.",
        "Look at the transaction in AX.",
    ),
    Cause(
        "bank-reconciled",
        HoldClass.POLICY,
        "The payment is matched by the bank reconciliation and cannot be taken back.",
        "Undo the reconciliation in AX, or book the correction there.",
    ),
    Cause(
        "posting-refused",
        DATA,
        "Whoever posts in AX refused the document.",
        "Read the reason, correct the document or the set-up, post it in AX or retry.",
    ),
    Cause(
        CREATED_NOT_SHOWN,
        HoldClass.IN_DOUBT,
        "AX says that it created the document, and a search for our key does not find it.",
        "Look in AX: a filter or mapping of the port may hide our key. Not there: release it.",
    ),
    Cause(
        "wrong-direction",
        SETUP,
        "The document has the wrong sign in AX: an invoice that credits, or the other way round.",
        "Delete it in AX, or take it back there; correct the signs in the mapping, then retry.",
    ),
    Cause(
        "journal-order",
        DATA,
        "AX made a journal order of the sales order, because customer and purchase order number "
        "were there already.",
        "Delete the order of type Journal in AX, then retry.",
    ),
    Cause(
        "draft-differs",
        DATA,
        "AX has an unposted document with our key whose content is not the record's, and no "
        "service to change or delete it.",
        "Delete the unposted document in AX, then retry.",
    ),
    Cause(
        "discard-by-hand",
        DATA,
        "The document was created in AX and is no longer wanted; AX's services cannot delete an "
        "unposted document of this kind.",
        "Delete the unposted document in AX, then resolve with release.",
    ),
    Cause(
        "settle-by-hand",
        HoldClass.POLICY,
        "AX has no service that settles or unsettles transactions; the connection names no "
        "custom service.",
        "Settle the transactions in AX by hand, or install the custom service, then retry.",
    ),
    Cause(
        "reverse-by-hand",
        HoldClass.POLICY,
        "AX has no service that takes back a posted payment; the connection names no custom "
        "service.",
        "Reverse the payment in AX by hand, or install the custom service, then retry.",
    ),
    Cause(
        "correct-by-hand",
        HoldClass.POLICY,
        "AX reverses payments only, and this is a credit note.",
        "Correct it in AX: post a free text invoice of the same lines, and settle both.",
    ),
    Cause(
        "target-silent",
        SETUP,
        "AX refused the document without saying why.",
        "Read System administration > Periodic > Services and AIF > Exceptions in AX; turn on "
        "'Include exceptions in fault' on the inbound port, then retry.",
    ),
    Cause(
        "target-refused",
        DATA,
        "AX refused the document.",
        "Read AX's own words, correct the document or the set-up, and retry.",
    ),
    Cause(
        "too-large",
        DATA,
        "The document is larger than AX's web server accepts.",
        "Split the document at the source, or raise the request limit of IIS and the port.",
    ),
)
