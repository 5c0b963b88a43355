"""People's decisions: which need a second person, and the proof of who took them."""

from __future__ import annotations

from documents.hold import UNPROVEN, Hold, HoldClass, HoldRequired
from documents.row import Action, Decision, DocumentRow, approval_text, decision_text
from policies.settings import OrderToCashPolicy
from store.seal import Seal

_ABOVE_THE_LIMIT = (Action.ADOPT, Action.RELEASE, Action.SKIP, Action.ABANDON)


def second_person_for(row: DocumentRow, policy: OrderToCashPolicy) -> tuple[Action, ...]:
    """The actions on this document that somebody else has to approve."""
    if policy.second_person == "off":
        return ()
    large = row.amount is None or abs(row.amount.amount) > policy.approval_limit
    return (Action.CORRECT, *(_ABOVE_THE_LIMIT if large else ()))


def require_proof(
    row: DocumentRow, decision: Decision | None, policy: OrderToCashPolicy, seal: Seal
) -> None:
    """HoldRequired when a decision lacks the proof of who took it, or of who approved it where
    that is needed: the process believes who sends an update, this does not. A retry needs none:
    it does what would be done anyway."""
    if decision is None or decision.action is Action.RETRY:
        return
    if not _is_proved(row, decision, seal):
        raise HoldRequired(_unproven(decision, "made"))
    needs_two = decision.action in second_person_for(row, policy)
    if needs_two and not _is_approved(row, decision, seal):
        raise HoldRequired(_unproven(decision, "approved"))


def _is_proved(row: DocumentRow, decision: Decision, seal: Seal) -> bool:
    text = decision_text(row.connection, row.kind, row.source_id, decision)
    return seal.verify(text, decision.proof)


def _is_approved(row: DocumentRow, decision: Decision, seal: Seal) -> bool:
    approver = decision.approved_by
    text = approval_text(row.connection, row.kind, row.source_id, decision, approver)
    return bool(approver) and approver != decision.who and seal.verify(text, decision.approval)


def _unproven(decision: Decision, what: str) -> Hold:
    return Hold(
        cause=UNPROVEN,
        hold_class=HoldClass.POLICY,
        reason=(
            f"The decision to {decision.action.value} was not {what} by a person who had signed "
            "in, so it was not carried out."
        ),
        remedy="Take the decision again with `tieout holds resolve`, and have it approved there.",
        values={"payment_id": decision.payment_id} if decision.payment_id else {},
    )
