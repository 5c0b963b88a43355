"""Signing off a period, and accepting a difference: two people, each proved by a token.

The seals are made here, where the person proved who they are; nobody else can make one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from documents.ledger import BookKind
from documents.sign_off import APPROVER, PREPARER, SignOff, SignOffState, sign_off_text
from documents.tieout import Break, BreakAction, BreakState, BreakType, decided_text
from policies.tieout.settings import TieOutPolicy
from policies.tieout.verdict import verdict
from policies.tieout.write_offs import why_not
from store.audit_facts import fact_of_break as fact_of
from store.seal import Seal
from store.store import Store
from store.written_off import written_off
from workers.access.callers import Caller, Concierge, Forbidden, Role, Unauthenticated
from workers.access.oidc import ProviderAway
from workers.refusal import Refusal
from workers.tieout.report import Report

_PROPOSED = "proposed by "


async def somebody(concierge: Concierge, token: str, needed: Role) -> Caller:
    """Who presents a token, ours or the sign-in provider's. Refusal when it is not valid, or the
    role does not reach."""
    try:
        return await concierge.admit(f"Bearer {token.strip()}", needed)
    except Unauthenticated as error:
        raise Refusal(f"{error}: tieout person add makes one") from error
    except (Forbidden, ProviderAway) as error:
        raise Refusal(str(error)) from error


@dataclass(frozen=True)
class SigningDesk:
    """Where people sign. `alone` is for a company too small for two people; each use of it is
    in the audit journal."""

    store: Store
    seal: Seal
    now: datetime
    alone: bool = False

    async def sign(self, report: Report, caller: Caller) -> SignOff:
        """Prepare the sign-off of a period, or approve what somebody else prepared.

        Refusal when the period does not tie, is not over, is signed off already, when the figures
        are not those that were prepared, or when one person does both.
        """
        self._check(report)
        present = report.sign_off
        digest = report.summary.digest()
        waits = present is not None and present.state is SignOffState.PREPARED
        if present is None or not waits or present.digest != digest:
            signed = self._prepared(report, caller, digest)
        else:
            signed = self._approved(present, caller)
        await self.store.sign_offs.add(signed)
        return signed

    def _check(self, report: Report) -> None:
        summary, present = report.summary, report.sign_off
        if present is not None and present.state is SignOffState.SIGNED_OFF:
            raise Refusal(f"{summary.period} is signed off already")
        if summary.is_provisional:
            raise Refusal(f"{summary.period} cannot be signed off: {summary.note}")
        found = verdict(summary)
        if not found.may_be_signed:
            raise Refusal(f"{summary.period} {found}: it cannot be signed off")

    def _prepared(self, report: Report, caller: Caller, digest: str) -> SignOff:
        summary = report.summary
        text = sign_off_text(summary.connection, summary.period, digest, PREPARER, caller.name)
        return SignOff(
            connection=summary.connection,
            period=summary.period,
            state=SignOffState.PREPARED,
            digest=digest,
            run=summary.run,
            preparer=caller.name,
            prepared_at=self.now,
            preparer_proof=self.seal.sign(text),
        )

    def _approved(self, present: SignOff, caller: Caller) -> SignOff:
        if caller.name == present.preparer and not self.alone:
            raise Refusal(f"{caller.name} prepared this: somebody else has to approve it")
        if not caller.role.includes(Role.APPROVER):
            raise Refusal(f"to approve needs the role approver, yours is {caller.role.value}")
        if not self._is_proved(present):
            raise Refusal("what was prepared does not bear the seal of who prepared it")
        place = (present.connection, present.period, present.digest)
        return present.model_copy(
            update={
                "state": SignOffState.SIGNED_OFF,
                "approver": caller.name,
                "approved_at": self.now,
                "approver_proof": self.seal.sign(sign_off_text(*place, APPROVER, caller.name)),
                "reason": "signed off by one person alone"
                if caller.name == present.preparer
                else "",
            }
        )

    def _is_proved(self, present: SignOff) -> bool:
        place = (present.connection, present.period, present.digest)
        text = sign_off_text(*place, PREPARER, present.preparer)
        return self.seal.verify(text, present.preparer_proof)

    async def propose(
        self, found: Break, action: BreakAction, caller: Caller, why: str, policy: TieOutPolicy
    ) -> Break:
        """Propose to accept a difference (nothing is booked), to book it to the account of
        write-offs, or to take back a posting that is too many, or a write-off.

        Refusal for a break that is not open, a difference above a limit, while nothing says where
        write-offs are booked, and for taking back what neither stands twice nor was
        written off.
        """
        if found.state is BreakState.PROPOSED:
            raise Refusal(f"{found.proposer} proposed to {found.action.value} it already")
        if found.state is not BreakState.OPEN and not _can_be_taken_back(found, action):
            raise Refusal(f"this break is {found.state.value}: there is nothing to {action.value}")
        if not why.strip():
            raise Refusal("why: a reason is required, it goes into the audit journal")
        await self._check_action(found, action, policy)
        update = {
            "state": BreakState.PROPOSED,
            "action": action,
            "how": f"{_PROPOSED}{caller.name}: {why}",
            "proposer": caller.name,
        }
        proposed = found.model_copy(update=update)
        seal = self.seal.sign(decided_text(proposed, PREPARER, caller.name))
        proposed = proposed.model_copy(update={"proof": seal})
        return await self._keep(proposed, found, caller, "proposed", why)

    async def approve(self, found: Break, caller: Caller) -> Break:
        """Approve what somebody else proposed. What is approved and no acceptance has to be
        carried out afterwards.

        Refusal when nobody proposed anything, and when one person does both.
        """
        if found.state is not BreakState.PROPOSED:
            raise Refusal(f"this break is {found.state.value}: there is nothing to approve")
        if caller.name == found.proposer and not self.alone:
            raise Refusal(f"{caller.name} proposed this: somebody else has to approve it")
        if not caller.role.includes(Role.APPROVER):
            raise Refusal(f"to approve needs the role approver, yours is {caller.role.value}")
        if not self.seal.verify(decided_text(found, PREPARER, found.proposer), found.proof):
            raise Refusal("the proposal does not bear the seal of who made it")
        update = {
            "state": _APPROVED[found.action],
            "how": f"{found.how}; approved by {caller.name}",
            "approver": caller.name,
            "approval": self.seal.sign(decided_text(found, APPROVER, caller.name)),
        }
        approved = found.model_copy(update=update)
        return await self._keep(approved, found, caller, "approved", found.how)

    async def _check_action(self, found: Break, action: BreakAction, policy: TieOutPolicy) -> None:
        if action is BreakAction.WRITE_OFF:
            await self._check_write_off(found, policy)
        elif action is BreakAction.ACCEPT:
            _check_acceptable(found, policy)
        elif not found.is_written_off:
            _check_reversible(found)

    async def _check_write_off(self, found: Break, policy: TieOutPolicy) -> None:
        so_far = await written_off(self.store.postings, found.connection, found)
        if reason := why_not(found, policy, so_far):
            raise Refusal(reason)
        signed = await self.store.sign_offs.get(found.connection, found.period)
        if signed is not None and signed.state is SignOffState.SIGNED_OFF:
            raise Refusal(f"{found.period} is signed off: nothing is posted into it any more")

    async def _keep(self, changed: Break, was: Break, caller: Caller, what: str, why: str) -> Break:
        fact = fact_of(changed, f"{_WHAT[changed.action]} {what}", caller.name, why)
        if not await self.store.breaks.save(changed, was=was, fact=fact):
            raise Refusal("this break was changed meanwhile: look at it again")
        return changed


def _can_be_taken_back(found: Break, action: BreakAction) -> bool:
    """What is written off is closed."""
    is_booked = found.state is BreakState.CLOSED and bool(found.booked_as)
    return is_booked and action is BreakAction.REVERSE


def _check_acceptable(found: Break, policy: TieOutPolicy) -> None:
    if found.type is BreakType.CURRENCY:
        raise Refusal("two currencies cannot be accepted as one: it has to be put right")
    # What stands in another month is in the books once, whatever its amount.
    if abs(found.difference) > policy.write_off_limit and found.cause != "other-period":
        raise Refusal(
            f"a difference of {found.difference} {found.currency} is above the limit of "
            f"{policy.write_off_limit}: it has to be put right"
        )


def _check_reversible(found: Break) -> None:
    if found.type is not BreakType.DUPLICATE_IN_TARGET:
        raise Refusal(f"only a duplicate is reversed, this is a break of {found.type.value}")
    if found.kind not in _REVERSIBLE or not found.target_number:
        raise Refusal(
            f"only invoices, receipts and credits are reversed from here: take back the "
            f"{found.kind.value} {found.target_number} in the target"
        )


_REVERSIBLE = (BookKind.INVOICE, BookKind.PAYMENT, BookKind.CREDIT_MEMO)
_APPROVED = {
    BreakAction.ACCEPT: BreakState.ACCEPTED,
    BreakAction.REVERSE: BreakState.APPROVED,
    BreakAction.WRITE_OFF: BreakState.APPROVED,
}
_WHAT = {
    BreakAction.ACCEPT: "acceptance",
    BreakAction.REVERSE: "reversal",
    BreakAction.WRITE_OFF: "write-off",
}
