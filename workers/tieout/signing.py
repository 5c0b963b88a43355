"""Signing off a period, and accepting a difference: two people, each proved by a token.

The seals are made here, where the person proved who they are; nobody else can make one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from documents.tieout import (
    Break,
    BreakState,
    BreakType,
    SignOff,
    SignOffState,
    acceptance_text,
    sign_off_text,
)
from policies.tieout.settings import TieOutPolicy
from policies.tieout.verdict import verdict
from store.audit import Fact
from store.seal import Seal
from store.store import Store
from workers.access.callers import Caller, Concierge, Forbidden, Role, Unauthenticated
from workers.access.oidc import ProviderAway
from workers.refusal import Refusal
from workers.tieout.report import Report

_PREPARER, _APPROVER = "preparer", "approver"
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
        text = sign_off_text(summary.connection, summary.period, digest, _PREPARER, caller.name)
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
                "approver_proof": self.seal.sign(sign_off_text(*place, _APPROVER, caller.name)),
                "reason": "signed off by one person alone"
                if caller.name == present.preparer
                else "",
            }
        )

    def _is_proved(self, present: SignOff) -> bool:
        place = (present.connection, present.period, present.digest)
        text = sign_off_text(*place, _PREPARER, present.preparer)
        return self.seal.verify(text, present.preparer_proof)

    async def accept(self, found: Break, caller: Caller, why: str, policy: TieOutPolicy) -> Break:
        """Propose to accept a difference (write it off, or declare it right), or approve that.

        Refusal for a break that is not open, for a difference above the limit, and when one
        person does both. The entry in the ledger, where one is needed, is made by people.
        """
        if found.state is BreakState.OPEN:
            return await self._propose(found, caller, why, policy)
        if found.state is BreakState.PROPOSED:
            return await self._approve(found, caller)
        raise Refusal(f"this break is {found.state.value}: there is nothing to accept")

    async def _propose(self, found: Break, caller: Caller, why: str, policy: TieOutPolicy) -> Break:
        if not why.strip():
            raise Refusal("--why is required: it goes into the audit journal")
        if found.type is BreakType.CURRENCY:
            raise Refusal("two currencies cannot be accepted as one: it has to be put right")
        # What stands in another month is in the books once, whatever its amount.
        if abs(found.difference) > policy.write_off_limit and found.cause != "other-period":
            raise Refusal(
                f"a difference of {found.difference} {found.currency} is above the limit of "
                f"{policy.write_off_limit}: it has to be put right"
            )
        seal = self.seal.sign(self._text(found, _PREPARER, caller.name))
        how = f"{_PROPOSED}{caller.name}: {why}"
        proposed = found.model_copy(
            update={
                "state": BreakState.PROPOSED,
                "how": how,
                "proposer": caller.name,
                "proof": seal,
            }
        )
        return await self._keep(proposed, found, caller, "acceptance proposed", why)

    async def _approve(self, found: Break, caller: Caller) -> Break:
        if caller.name == found.proposer and not self.alone:
            raise Refusal(f"{caller.name} proposed this: somebody else has to approve it")
        if not caller.role.includes(Role.APPROVER):
            raise Refusal(f"to approve needs the role approver, yours is {caller.role.value}")
        if not self.seal.verify(self._text(found, _PREPARER, found.proposer), found.proof):
            raise Refusal("the proposal does not bear the seal of who made it")
        how = f"{found.how}; approved by {caller.name}"
        accepted = found.model_copy(update={"state": BreakState.ACCEPTED, "how": how})
        return await self._keep(accepted, found, caller, "acceptance approved", found.how)

    async def _keep(self, changed: Break, was: Break, caller: Caller, what: str, why: str) -> Break:
        if not await self.store.breaks.save(changed, was=was):
            raise Refusal("this break was changed meanwhile: look at it again")
        kind, _, source_id = changed.match.partition("/")
        await self.store.audit.append(
            Fact(
                connection=changed.connection,
                kind=kind or "break",
                source_id=source_id or changed.entry,
                number=changed.number,
                target_number=changed.target_number,
                what=f"break {changed.type.value}: {what}",
                who=caller.name,
                why=why,
                after={"difference": f"{changed.difference} {changed.currency}"},
            )
        )
        return changed

    @staticmethod
    def _text(found: Break, role: str, who: str) -> str:
        difference = f"{found.break_id}\x1f{found.difference}"
        return acceptance_text(found.connection, found.period, difference, role, who)
