"""Why a break probably is there, in words, and who puts it right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from documents.key import Kind
from documents.ledger import document_of, from_millionths, match_of
from documents.tieout import Break, BreakState, BreakType, Remedy
from policies.tieout.compare import Known
from policies.tieout.differences import Difference
from policies.tieout.settings import TieOutPolicy
from policies.tieout.write_offs import is_of_amount


@dataclass(frozen=True)
class Cause:
    """A sentence for a bookkeeper, who acts, and what is to be done."""

    words: str
    remedy: Remedy
    advice: str


_PERSON, _REPAIR, _PROPOSAL = Remedy.PERSON, Remedy.REPAIR, Remedy.PROPOSAL
_BOTH = "Correct the side that is wrong; the break closes by itself at the next run."

_OF_AMOUNT = (
    "Correct the side that is wrong; two people write off (tieout tie-out write-off) or accept a "
    "small difference of an invoice."
)

CAUSES: Mapping[str, Cause] = {
    "never-posted": Cause(
        "It is final at the source and was never posted, as after a webhook that was lost.",
        _REPAIR,
        "Its process is started and posts it.",
    ),
    "gone-from-target": Cause(
        "It was posted and the target has it no more, as after a backup that was restored.",
        _PERSON,
        "Find out what became of the books of the target before anything is posted again.",
    ),
    "held": Cause(
        "It is held and waits for a decision.", _PERSON, "Resolve the hold of the document."
    ),
    "ignored": Cause(
        "It is not posted on purpose.", _PERSON, "Nothing, unless the decision was wrong."
    ),
    "in-flight": Cause(
        "It is on its way into the target.", _REPAIR, "Nothing: it is looked at again."
    ),
    "unreadable": Cause(
        "Its parts do not add up at the source, so it cannot be posted.",
        _PERSON,
        "Correct the document at the source.",
    ),
    "source-gone": Cause(
        "It was posted for a document that has been voided or deleted at the source since.",
        _REPAIR,
        "Its process is started and takes the posting back.",
    ),
    "written-off-alone": Cause(
        "A part of it was written off, and it agrees without that, or was taken back since.",
        _PROPOSAL,
        "Reverse the write-off (tieout tie-out reverse); two people decide.",
    ),
    "posted-by-hand": Cause(
        "Somebody posted it in the target, and the source has nothing like it.",
        _PERSON,
        "Enter it at the source, reverse it, or take its customer out of the scope.",
    ),
    "paired-by-rule": Cause(
        "Somebody posted it by hand, under the same number, amount, date and customer.",
        _PERSON,
        "Nothing: both sides have it.",
    ),
    "posted-twice": Cause(
        "The document stands in the ledger more than once.",
        _PROPOSAL,
        "Reverse the entry that is too many; two people decide.",
    ),
    "posted-by-hand-too": Cause(
        "It was posted by us, and once more by hand under the same number.",
        _PROPOSAL,
        "Reverse the entry that was made by hand; two people decide.",
    ),
    "not-posted-yet": Cause(
        "It was created in the target and nobody has posted it there.",
        _PERSON,
        "Post it in the target.",
    ),
    "reversed-in-target": Cause(
        "Somebody took the posting back in the target; the source still has the document.",
        _PERSON,
        "Void the document at the source, or post it again.",
    ),
    "settled-in-target": Cause(
        "More was settled in the target than at the source: a write-off or a manual credit.",
        _PERSON,
        "Enter the payment or the write-off at the source.",
    ),
    "open-in-target": Cause(
        "It is settled at the source and open in the target.",
        _REPAIR,
        "Its process is started and applies what is not applied.",
    ),
    "paid-not-told": Cause(
        "The claim is paid in the target, and neither the source nor the claimant was told.",
        _REPAIR,
        "Its process is started and tells both.",
    ),
    "payment-taken-back": Cause(
        "The claimant was told that the claim is paid, and it is open in the target.",
        _PERSON,
        "Pay it, or find out who took the payment back.",
    ),
    "not-applied": Cause(
        "The payment is posted and not applied to its invoice.",
        _REPAIR,
        "The process of its invoice is started and applies it.",
    ),
    "partly-applied": Cause(
        "The payment is not applied as far as at the source.",
        _REPAIR,
        "The process of its invoice is started and applies the rest.",
    ),
    "applied-elsewhere": Cause(
        "The payment was applied to another document in the target.",
        _PERSON,
        "Unapply it in the target; it is applied to its invoice afterwards.",
    ),
    "edited-at-source": Cause(
        "The document was edited at the source after it was posted.",
        _PERSON,
        "Resolve the hold of the document, or undo the edit at the source; two people write off a "
        "small difference of an invoice.",
    ),
    "other-amount": Cause("The amounts differ.", _PERSON, _OF_AMOUNT),
    "within-tolerance": Cause(
        "The amounts differ by no more than the settings allow.", _PERSON, "Nothing."
    ),
    "other-tax": Cause(
        "The totals agree and the tax does not: a tax code or a rounding differs.", _PERSON, _BOTH
    ),
    "other-currency": Cause("The currencies differ.", _PERSON, _BOTH),
    "other-rate": Cause("The exchange rates differ by more than the tolerance.", _PERSON, _BOTH),
    "other-date": Cause("The document dates differ.", _PERSON, _BOTH),
    "other-period": Cause(
        "It was posted into another period than that of its date, as when a period is closed.",
        _PROPOSAL,
        "Nothing if it was meant so: two people accept it.",
    ),
    "customer-gone": Cause(
        "The customer that a client is linked to is not in the target any more.",
        _PERSON,
        "Restore the customer, or link the client to another one.",
    ),
    "client-gone": Cause(
        "The client that a customer is linked to was deleted at the source.",
        _PROPOSAL,
        "Restore the client, or two people accept that it is gone.",
    ),
    "customer-blocked": Cause(
        "The customer is blocked in the target and its client is active.",
        _PROPOSAL,
        "Unblock the customer, archive the client, or two people accept it.",
    ),
    "customer-differs": Cause(
        "The customer and its client have another name or currency: a wrong link, or a change.",
        _PROPOSAL,
        "Correct the card that is wrong or the link, or two people accept it.",
    ),
    "other-customer": Cause(
        "It stands on another customer than the one linked to its client.",
        _PERSON,
        "Correct the customer in the target, or the link of the client.",
    ),
}

_ALTERED = Cause(
    "It was posted as the source says and was changed in the target afterwards.",
    Remedy.PERSON,
    "Find out who changed it and why; restore it, or correct the source.",
)


def cause_of(code: str) -> Cause:
    """The cause behind a code."""
    return _ALTERED if code.startswith("altered-") else CAUSES[code]


def judged(
    found: Difference, known: Known | None, policy: TieOutPolicy, connection: str, period: str
) -> Break:
    """The break that a difference is: its cause, its remedy, and whether it counts yet."""
    row = found.row
    result = Break(
        connection=connection,
        period=period,
        type=found.type,
        kind=row.kind,
        match=found.source.match if found.source else row.match,
        entry=found.target.entry if found.target else row.entry,
        number=_number(found, known),
        target_number=found.target.number
        if found.target
        else (known.target_number if known else ""),
        party=row.party,
        currency=row.currency,
        amount=from_millionths(row.amount),
        difference=from_millionths(_difference(found, period)),
        day=date.fromordinal(row.day or row.posted),
        source_value=found.source_value,
        target_value=found.target_value,
        cause=found.cause,
        parent=_parent(found, known),
    )
    return _with_remedy(_with_state(result, found, known), policy)


def _difference(found: Difference, period: str) -> int:
    """A posting of another period is missing in the one and too much in the other."""
    if found.cause != "other-period" or found.source is None or found.target is None:
        return found.difference
    is_here = f"{date.fromordinal(found.source.day):%Y-%m}" == period
    return -found.source.amount if is_here else found.target.amount


def _number(found: Difference, known: Known | None) -> str:
    if found.source:
        return found.source.number
    return found.target.reference if found.target and found.target.reference else ""


def _parent(found: Difference, known: Known | None) -> str:
    source = found.source
    if source and source.applied:
        return source.applied
    if source and source.reference and document_of(source.match)[0] is Kind.REFUND:
        # It settles nothing, and names the invoice whose payment it gives back.
        return match_of(Kind.INVOICE, source.reference)
    return known.parent if known else ""


def _with_state(found: Break, difference: Difference, known: Known | None) -> Break:
    """What is under way is a timing difference; what was left out on purpose is accepted."""
    state = known.state if known else ""
    if found.cause == "within-tolerance":
        return found.model_copy(
            update={"state": BreakState.ACCEPTED, "how": "within the tolerance of the settings"}
        )
    if state == "in flight" and found.type is BreakType.STATUS:
        return found.model_copy(update={"state": BreakState.TIMING})
    if state == "in flight" and found.type is BreakType.MISSING_IN_TARGET:
        return found.model_copy(update={"state": BreakState.TIMING, "cause": "in-flight"})
    if state == "held" and found.cause in _FOR_A_PROCESS:
        return found.model_copy(update={"cause": "held"})
    if found.type is not BreakType.MISSING_IN_TARGET:
        return found
    if state == "ignored":
        return found.model_copy(
            update={
                "state": BreakState.ACCEPTED,
                "cause": "ignored",
                "how": "ignored with a reason",
            }
        )
    if state == "held":
        return found.model_copy(update={"cause": "held"})
    if known is not None and known.target_number and state == "posted":
        return found.model_copy(update={"cause": "gone-from-target"})
    return found


_FOR_A_PROCESS = ("paid-not-told", "source-gone")
"""What a process puts right, unless it waits for a person itself."""

_WITHIN_LIMIT = ("other-tax", "settled-in-target", "partly-applied")


def _with_remedy(found: Break, policy: TieOutPolicy) -> Break:
    remedy = cause_of(found.cause).remedy
    small = abs(found.difference) <= policy.write_off_limit
    is_small = small and (found.cause in _WITHIN_LIMIT or is_of_amount(found))
    if is_small and remedy is Remedy.PERSON:
        remedy = Remedy.PROPOSAL
    return found.model_copy(update={"remedy": remedy})
