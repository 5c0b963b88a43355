"""What is known of a posting, and what may still come of what was sent for it.

A target says of a key what it shows. It shows nothing of a send that has not committed yet, and
some show nothing of a document until somebody posts it: then only time, the target's own refusal
of a repetition, or a person who looked, can tell that there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from activities import posting_holds
from activities.context import Connection
from connectors.errors import OutcomeUnknown, Unavailable
from documents.hold import Hold, HoldRequired
from documents.key import Key
from documents.posting import LEDGERED, UNPOSTED, Posting, PostingState
from documents.row import Action, Decision, PostingRow
from policies import holds
from store.errors import FenceLost
from store.posting_columns import StoredPosting
from store.store import Store


@dataclass(frozen=True)
class Seen:
    """A posting at one look: our row, then what the target says. `asked` is the moment before the
    target was asked, so that what could commit after it is not taken for settled; `hidden` says
    that the target shows nobody such a document before it is posted."""

    row: StoredPosting
    found: Posting
    asked: datetime
    hidden: bool

    @property
    def is_out_of_sight(self) -> bool:
        """Created, as the target once said, and not to be seen until somebody posts it."""
        return self.hidden and self.found.state is PostingState.CREATED


@dataclass(frozen=True)
class Doubt:
    """Looks at postings of one connection, and says what a look does not rule out."""

    connection: Connection
    store: Store
    now: Callable[[], datetime]

    async def look(self, row: StoredPosting, key: Key) -> Seen:
        """Look at the target. Not found proves nothing while an earlier send may commit, and
        neither does a look that fails: past the patience that is a question for a person."""
        asked, hidden = self.now(), not await self.connection.target.shows_drafts(key)
        if row.send is None:
            return Seen(row, await self._answer(row, key), asked, hidden)
        since = await self.store.postings.mark_in_doubt(key.text(), asked)
        patience = timedelta(seconds=self.connection.policy.in_doubt_patience_seconds)
        is_patient = asked - since <= patience
        try:
            found = await self._answer(row, key)
        except Unavailable as error:
            if is_patient:
                raise
            raise HoldRequired(posting_holds.in_doubt(row)) from error
        is_absent = found.state is PostingState.ABSENT
        seen = Seen(row, found, asked, hidden or (is_absent and row.is_unshown))
        if is_absent and not is_patient and not self._may_resend(seen):
            raise HoldRequired(posting_holds.in_doubt(row))
        return seen

    async def is_posted(self, key: Key) -> bool:
        """Whether something is in the ledger under a key of ours, which is written down then."""
        row = await self.store.postings.get(key.text())
        if row is None:
            return False
        found = (await self.look(row, key)).found
        if found.state in LEDGERED:
            await self.store.postings.confirm(row.key, found)
        return found.state in LEDGERED

    async def known(self, row: PostingRow, key: Key, found: Posting) -> Posting:
        """The target's answer, unless we know better: what it confirmed as created does not go
        because a search lags behind, or because it shows nobody what waits to be posted."""
        if found.state is not PostingState.ABSENT:
            if row.in_doubt_since and row.send is None:
                await self.store.postings.end_doubt(row.key)
            return found
        if row.state in UNPOSTED and not await self.is_gone(row, key):
            return found.model_copy(update={"state": row.state, "number": row.number})
        return found

    async def ask(self, row: PostingRow) -> Posting:
        """What the target says of a posting of ours, or what we know better."""
        key = Key.parse(row.key)
        found = await self.known(row, key, await self.connection.target.lookup(key))
        return unless_posted(row, found)

    async def rule_out(self, seen: Seen) -> Seen:
        """What was sent must not come any more before something else takes its place. It is
        waited for; where no look can tell, a person has to: HoldRequired. FenceLost when the
        row moved on since it was seen."""
        send = seen.row.send
        if send is None or seen.is_out_of_sight:
            return seen
        left = (self._settled_at(seen.row) - seen.asked).total_seconds()
        if left > 0:
            raise OutcomeUnknown(self._system, "look up", "an earlier send may commit", left)
        if seen.hidden and seen.found.state is PostingState.ABSENT:
            raise HoldRequired(posting_holds.in_doubt(seen.row))
        if not await self.store.postings.clear_fence(seen.row.key, send.send_id):
            raise FenceLost(seen.row.key)
        cleared = {"send": None, "version": seen.row.version + 1}
        return replace(seen, row=seen.row.model_copy(update=cleared))

    def require_answer(self, seen: Seen) -> None:
        """What nobody can see is not sent once more, however long ago, unless the target refuses
        to take it twice: OutcomeUnknown until the patience ends. What the target said it created
        is never sent again: HoldRequired."""
        if seen.row.is_unshown and seen.found.state is PostingState.ABSENT:
            raise HoldRequired(posting_holds.in_doubt(seen.row))
        safety = self.connection.target.safety
        unseen = seen.hidden and seen.found.state is PostingState.ABSENT
        if seen.row.send and unseen and not safety.refuses_repeats:
            why = "what was sent is not to be seen"
            raise OutcomeUnknown(self._system, "create", why, safety.settle_seconds)

    def left(self, seen: Seen, *, refused: bool) -> datetime | None:
        """The deadline of the send that the present one followed, if it may still commit. That
        the present one was refused says nothing of one that nobody can see."""
        send = seen.row.send
        if send is None:
            return None
        may_commit = self._settled_at(seen.row) > seen.asked or (refused and seen.hidden)
        return send.deadline if may_commit else None

    async def release(self, hold: Hold | None, decision: Decision | None) -> None:
        """Take a person's word that what a hold is about is not in the target, unless the target
        shows it: then there is nothing to take anybody's word for."""
        if hold is None or decision is None or not _is_statement(hold, decision):
            return
        row = await self.store.postings.get(hold.values.get("key", ""))
        if row is None:
            return
        seen = await self._look_for_release(row, decision)
        if seen.found.state is not PostingState.ABSENT and not seen.is_out_of_sight:
            return
        again = row.record and row.record.model_copy(update={"resend": row.record.resend + 1})
        await self.store.postings.release(row.key, again, row.version)

    async def _look_for_release(self, row: StoredPosting, decision: Decision) -> Seen:
        """A word about a send that could still commit when it was given proves nothing."""
        settled_at, key = self._settled_at(row), Key.parse(row.key)
        asked = self.now()
        if row.send and settled_at > min(asked, decision.at):
            raise HoldRequired(posting_holds.too_early(row, settled_at))
        hidden = not await self.connection.target.shows_drafts(key)
        found = await self.connection.target.lookup(key)
        if found.state is PostingState.ABSENT and hidden:
            found = found.model_copy(update={"state": row.state})
        return Seen(row, found, asked, hidden)

    async def _answer(self, row: StoredPosting, key: Key) -> Posting:
        return await self.known(row, key, await self.connection.target.lookup(key))

    async def is_gone(self, row: PostingRow, key: Key) -> bool:
        """The target would show what it confirmed, and has not for longer than a search lags."""
        target = self.connection.target
        if not await target.shows_drafts(key):
            return False
        now = self.now()
        since = await self.store.postings.mark_in_doubt(row.key, now)
        return (now - since).total_seconds() >= target.safety.settle_seconds

    def _may_resend(self, seen: Seen) -> bool:
        safety = self.connection.target.safety
        if seen.row.is_unshown:
            return False
        if safety.refuses_duplicates:
            return True
        is_safe = not seen.hidden or safety.refuses_repeats
        return is_safe and self._settled_at(seen.row) <= seen.asked

    def _settled_at(self, row: StoredPosting) -> datetime:
        if row.send is None:
            return self.now()
        return row.send.deadline + timedelta(seconds=self.connection.target.safety.settle_seconds)

    @property
    def _system(self) -> str:
        return self.connection.target.system


def unless_posted(row: PostingRow, found: Posting) -> Posting:
    """What was confirmed as posted does not become absent because a search lags behind."""
    if found.state is PostingState.ABSENT and row.state is PostingState.POSTED:
        return found.model_copy(update={"state": row.state, "number": row.number})
    return found


def _is_statement(hold: Hold, decision: Decision) -> bool:
    """A release says that somebody looked; what the target itself shows to be gone needs only
    that it is to be tried again."""
    if hold.cause == holds.DRAFT_GONE:
        return decision.action in (Action.RELEASE, Action.RETRY)
    return decision.action is Action.RELEASE and hold.cause in posting_holds.RELEASED
