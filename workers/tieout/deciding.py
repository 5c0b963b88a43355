"""What people decide about a period and its breaks, whichever door they came through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from activities.telling import Messenger
from documents.sign_off import SignOff
from documents.tieout import Break, BreakAction, BreakState
from store.seal import Seal
from store.store import Store
from workers.access.callers import Caller
from workers.connections import ConnectionSettings
from workers.refusal import Refusal
from workers.tieout.report import load
from workers.tieout.signing import SigningDesk


@dataclass(frozen=True)
class PeriodDesk:
    """One period of one connection. Whoever comes here has proved who they are.

    `messenger` is asked for once something has to be carried out.
    """

    store: Store
    seal: Seal
    settings: ConnectionSettings
    period: str
    messenger: Callable[[], Awaitable[Messenger]]

    async def sign_off(self, caller: Caller, run: int | None = None) -> SignOff:
        """Prepare the sign-off, or approve what somebody else prepared; `run` is the one whose
        figures the person saw. Refusal as of `SigningDesk.sign`, and for an older run."""
        report = await load(self.store, self.settings.name, self.period, datetime.now(UTC))
        newest = report.summary.run
        if run not in (None, newest):
            raise Refusal(f"run: {run} is not the newest, that is {newest}: look at it first")
        return await self._signing.sign(report, caller)

    async def propose(self, break_id: str, action: BreakAction, caller: Caller, why: str) -> Break:
        """Propose to accept a break, to write it off or to reverse what is too many. Refusal
        when that is not possible for it."""
        found = await self._break(break_id)
        return await self._signing.propose(found, action, caller, why, self.settings.tie_out)

    async def approve(self, break_id: str, caller: Caller) -> Break:
        """Approve what somebody else proposed; `carry_out` does the rest. Refusal when nobody
        did, or the same person. What is approved stays so: whoever got no answer asks again."""
        found = await self._break(break_id)
        if found.state is BreakState.APPROVED:
            return found
        return await self._signing.approve(found, caller)

    async def decide(self, break_id: str, action: BreakAction, caller: Caller, why: str) -> Break:
        """Propose an action; or approve it, if somebody proposed the same."""
        found = await self._break(break_id)
        if found.state is not BreakState.PROPOSED:
            return await self.propose(break_id, action, caller, why)
        if found.action is not action:
            raise Refusal(f"{found.proposer} proposed to {found.action.value} it")
        approved = await self.approve(break_id, caller)
        await self.carry_out(approved)
        return approved

    async def carry_out(self, approved: Break) -> None:
        """Start what two people decided, unless nothing is to be done. What cannot be started
        now, the next tie-out starts."""
        if approved.state is BreakState.APPROVED:
            messenger = await self.messenger()
            await messenger.put_right(self.period, approved.match, self.settings.target_queue)

    async def _break(self, break_id: str) -> Break:
        found = await self.store.breaks.get(self.settings.name, self.period, break_id)
        if found is None:
            raise NoSuchBreak(f"there is no break {break_id!r} in {self.period}")
        return found

    @property
    def _signing(self) -> SigningDesk:
        alone = self.settings.policy.second_person == "off"
        return SigningDesk(self.store, self.seal, datetime.now(UTC), alone)


class NoSuchBreak(Refusal):
    """The period has no break of this id."""
