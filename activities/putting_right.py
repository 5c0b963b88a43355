"""What two people decided about a break is carried out: a posting that is too many is taken back,
a difference is written off, or its write-off taken back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Protocol

from temporalio import activity

from activities.context import Connection, Workplace
from activities.figures import is_in_ledger
from activities.posting import Poster
from activities.posting_holds import not_done
from activities.signatures_breaks import PutRightInput, PutRightResult, PutRightSteps
from activities.undoing import DuplicateReversal
from activities.undoing_entries import EntryReversal
from activities.writing_off import WriteOffPosting, WriteOffReversal
from connectors.errors import Rejected
from documents.hold import Hold, HoldClass, HoldRequired
from documents.key import Kind
from documents.ledger import BookKind, document_of
from documents.posting import Posting
from documents.sign_off import APPROVER, PREPARER
from documents.tieout import Break, BreakAction, BreakState, decided_text
from store.audit_facts import fact_of_break
from store.entries import Fact
from store.store import Store


class Deed(Protocol):
    """Something that is posted for a break, once."""

    async def post(self, today: date) -> Posting:
        """Post it, or find it posted. Rejected or HoldRequired when it is not to be."""
        ...

    async def settle(self, posting: Posting) -> None:
        """Settle what is posted with what it is for. A refusal leaves it posted and open."""
        ...

    async def withdraw(self) -> None:
        """It was refused: leave nothing behind that somebody may post all the same."""
        ...


Tell = Callable[[Connection, Kind, str], Awaitable[object]]
"""Lets the process of a document look again."""


class _Words(NamedTuple):
    done: str
    undone: str
    noun: str


_WORDS = {
    BreakAction.REVERSE: _Words("reversed by", "taken back", "reversal"),
    BreakAction.WRITE_OFF: _Words("written off by", "written off", "write-off"),
}


@dataclass(frozen=True)
class PutRightActivities(PutRightSteps):
    """The implementation that the worker registers, for all its connections."""

    place: Workplace
    tell: Tell

    @activity.defn(name="put right")
    async def put_right(self, request: PutRightInput) -> PutRightResult:
        """Carry out the next decision of two people about a document."""
        approved = await _approved(self.place.store, request)
        if not approved:
            return PutRightResult(how="nothing is left to be put right")
        found, again = next_of(approved, request.waits_for), len(approved) > 1
        policy = self.place.connection(request.connection).policy
        deed = self._deed(request, found)
        try:
            self._require_two_people(found, alone=policy.second_person == "off")
            posting = await deed.post(policy.day_of(self.place.now()))
        except (Rejected, HoldRequired) as error:
            if error.hold.hold_class is not HoldClass.IN_DOUBT:
                await deed.withdraw()
            return await self._refused(found, error.hold, again=again)
        if not is_in_ledger(posting):
            how = "created, waits to be posted in the target"
            return PutRightResult(how=how, again=True, waits=True, waits_for=found.break_id)
        left_open = await _settled(deed, posting)
        return await self._done(found, posting, left_open, again=again)

    def _deed(self, request: PutRightInput, found: Break) -> Deed:
        connection = self.place.connection(request.connection)
        poster = Poster(connection, self.place.store, self.place.now)
        is_waiting = found.break_id == request.waits_for
        if found.action is BreakAction.WRITE_OFF:
            return WriteOffPosting(poster, found, is_waiting)
        if found.is_written_off:
            return WriteOffReversal(poster, found)
        if found.kind is not BookKind.INVOICE:
            return EntryReversal(poster, found)
        return DuplicateReversal(poster, found, is_waiting)

    def _require_two_people(self, found: Break, *, alone: bool) -> None:
        """The seals of both: what stands in our store alone makes nobody post."""
        people = (
            (PREPARER, found.proposer, found.proof),
            (APPROVER, found.approver, found.approval),
        )
        sealed = all(self.place.seal.verify(decided_text(found, r, w), s) for r, w, s in people)
        if not sealed or (found.proposer == found.approver and not alone):
            raise not_done("It does not bear the seals of two people.")

    async def _refused(self, found: Break, hold: Hold, *, again: bool) -> PutRightResult:
        """It stands as before, with the reason. What is in doubt may have been posted all the
        same: approved once more, the same key is looked up before anything is sent."""
        how, done = told_of(hold, found.action)
        why = f"{hold.reason} {hold.remedy}".strip()
        changed = _undecided(found).model_copy(update={"how": f"{how}: {why}"})
        await self._keep(changed, found, fact_of_break(found, done, why=hold.reason))
        return PutRightResult(how=changed.how, again=again)

    async def _done(
        self, found: Break, posting: Posting, left_open: str, *, again: bool
    ) -> PutRightResult:
        what = f"write-off {found.booked_as} " if found.booked_as else ""
        if found.is_written_off or found.action is BreakAction.WRITE_OFF:
            connection = self.place.connection(found.connection)
            await self.tell(connection, *document_of(found.match))
        told = f"{what}{_WORDS[found.action].done} {posting.number}{left_open}"
        how = f"{told}; {found.how}"
        if found.booked_as:
            changed = _undecided(found, state=BreakState.OPEN, booked_as="", closed_at=None)
        else:
            is_booked = found.action is BreakAction.WRITE_OFF
            booked = {"booked_as": posting.number or ""} if is_booked else {}
            update = {"state": BreakState.CLOSED, "closed_at": self.place.now(), **booked}
            changed = found.model_copy(update=update)
        fact = fact_of_break(found, told, why=found.how)
        await self._keep(changed.model_copy(update={"how": how}), found, fact)
        return PutRightResult(how=how, again=again)

    async def _keep(self, changed: Break, was: Break, fact: Fact) -> None:
        """Keep what became of it, also when a tie-out that went on meanwhile saw it already."""
        breaks = self.place.store.breaks
        if await breaks.save(changed, was=was, fact=fact):
            return
        now = await breaks.get(was.connection, was.period, was.break_id)
        if now is not None:
            await breaks.save(changed, was=now, fact=fact)


async def _settled(deed: Deed, posting: Posting) -> str:
    """What is posted is done, whatever settling it comes to: in words, when it stays open."""
    try:
        await deed.settle(posting)
    except (Rejected, HoldRequired) as error:
        return f", which is open: {error.hold.reason} {error.hold.remedy}".rstrip()
    return ""


def _undecided(found: Break, **more: Any) -> Break:
    """The break before anybody proposed anything: open, or written off as it was."""
    update = {
        "state": BreakState.CLOSED if found.booked_as else BreakState.OPEN,
        "proposer": "",
        "proof": "",
        "approver": "",
        "approval": "",
    }
    return found.model_copy(update={**update, **more})


async def _approved(store: Store, request: PutRightInput) -> list[Break]:
    found = await store.breaks.page(
        request.connection, request.period, states=(BreakState.APPROVED,), match=request.match
    )
    return [each for each in found if each.action in _WORDS]


def next_of(approved: Sequence[Break], waits_for: str) -> Break:
    """The decision that is carried out next: the one whose document waits in the target stays it,
    whatever is approved about the same match meanwhile."""
    waiting = (each for each in approved if each.break_id == waits_for)
    return next(waiting, approved[0])


def told_of(hold: Hold, action: BreakAction) -> tuple[str, str]:
    """What a break and the audit journal say of a decision that ended in a hold."""
    words = _WORDS[action]
    if hold.hold_class is HoldClass.IN_DOUBT:
        return f"it is not known whether it was {words.undone}", f"{words.noun} in doubt"
    return f"not {words.undone}", f"{words.noun} refused"
