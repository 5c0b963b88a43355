"""The implementation of the steps of expenses that the worker registers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from temporalio import activity

from activities import rows
from activities.context import Connection, Workplace
from activities.dates import posting_date
from activities.duplicates import refuse_possible_payable
from activities.expenses.claiming import tell_claims
from activities.expenses.letters import Post, ask, deliver, delivered
from activities.expenses.look import ExpenseObserver
from activities.figures import is_in_ledger
from activities.posting import Poster
from activities.signatures import DocumentRef, StepRequest, StepResult
from activities.signatures_expenses import (
    AdoptExpenseRequest,
    AskRequest,
    ExpenseLook,
    ExpenseLookRequest,
    ExpenseSteps,
    MarkRequest,
    PostExpenseRequest,
)
from activities.telling import Messengers
from connectors.errors import Misconfigured
from documents.expense import Payer
from documents.hold import HoldRequired
from documents.key import Key
from documents.posting import Posting
from documents.record import MappedRecord
from documents.review import Asked
from documents.row import DocumentRow
from policies import holds
from policies.expenses.settings import ExpensePolicy

_OTHER_CONTENT = "other content"
"""The fingerprint of what was posted before an edit, by an attempt that could not say so: no
content has it, so that the edit is seen."""


@dataclass(frozen=True)
class ExpenseActivities(ExpenseSteps):
    """The steps of expenses, for all connections of a worker."""

    place: Workplace
    post: Post
    messengers: Messengers

    @activity.defn(name="look at expense")
    async def look_at_expense(self, request: ExpenseLookRequest) -> ExpenseLook:
        """Look at the expense and at what was posted for it, hear the verdict, and decide."""
        connection = self._connection(request.document)
        place = self.place
        observer = ExpenseObserver(connection, place.store, place.seal, place.now())
        look = await observer.look(request)
        if connection.expenses and connection.expenses.claim_period:
            messenger = self.messengers.of(connection.name, connection.source.system)
            await tell_claims(place.store, messenger, request.document)
        return look

    @activity.defn(name="ask for approval")
    async def ask_for_approval(self, request: AskRequest) -> StepResult:
        """Tell everybody who may answer, and remember of each that they were told."""
        connection, policy = self._connection(request.document), self._policy(request.document)
        known = (await self._row(request.document)).review.asked

        async def remember(asked: Asked) -> None:
            row = await self._row(request.document)
            review = row.review.model_copy(update={"asked": asked})
            await self.place.store.documents.save(row.model_copy(update={"review": review}))

        async def send(name: str) -> bool:
            return await ask(self.place, self.post, connection, policy, request, name)

        return StepResult(how=delivered(*await deliver(request.asking, known, send, remember)))

    @activity.defn(name="post expense")
    async def post_expense(self, request: PostExpenseRequest) -> StepResult:
        """Map, create, compare, post, confirm: once, whatever fails and whenever."""
        key, poster = Key.parse(request.key), self._poster(request.document)
        record = await self._record(request, key, poster.connection)
        kept = await poster.prepare(key, record)
        posting, how = await poster.post(key)
        is_same = (kept.header, kept.lines) == (record.header, record.lines)
        fingerprint = request.expense.fingerprint() if is_same else _OTHER_CONTENT
        await self._remember(request.document, key, posting, fingerprint)
        return _result(how, posting)

    @activity.defn(name="adopt expense")
    async def adopt_expense(self, request: AdoptExpenseRequest) -> StepResult:
        """Take a posting that people made as the expense's own, after comparing it."""
        key, poster = Key.parse(request.key), self._poster(request.document)
        figures = request.expense.figures
        posting = await poster.adopt(key, request.number, figures, request.vendor)
        await self._remember(request.document, key, posting, request.expense.fingerprint())
        return _result("adopted", posting)

    @activity.defn(name="mark expense")
    async def mark_expense(self, request: MarkRequest) -> StepResult:
        """Write our mark behind the writer's notes, tell the claimant, and remember both."""
        source = self._connection(request.document).source
        written = await source.mark_expense(request.document.source_id, request.text)
        row = await self._row(request.document)
        told = await self._tell_claimant(request, row)
        review = row.review.model_copy(update={"told": request.text})
        await self.place.store.documents.save(row.model_copy(update={"review": review}))
        how = "marked in the notes" if written else "not marked: it is gone at the source"
        return StepResult(how=f"{how}{', claimant told' if told else ''}")

    @activity.defn(name="reverse expense")
    async def reverse_expense(self, request: StepRequest) -> StepResult:
        """Take back what was posted, under a key of its own."""
        poster = self._poster(request.document)
        reversal, original = Key.parse(request.key), Key.parse(request.target_key)
        posting = await self._reversed(poster, original, reversal)
        if is_in_ledger(posting):
            row = rows.reversed_once_more(await self._row(request.document), original)
            await self.place.store.documents.save(row)
        return _result("reversed", posting)

    async def _record(
        self, request: PostExpenseRequest, key: Key, connection: Connection
    ) -> MappedRecord:
        row = await self._row(request.document)
        corrections = row.corrections
        corrected = corrections.get("posting_date")
        wanted = date.fromisoformat(corrected) if corrected else request.expense.document_date
        on = await posting_date(connection, wanted)
        if key.generation == 1 and request.payer is Payer.PERSON:
            amount = request.expense.gross
            await refuse_possible_payable(connection, row, request.vendor, amount, on)
        mapper = await connection.mapper()
        return mapper.map_expense(
            request.expense, request.payer, request.vendor, key, on, corrections
        )

    async def _reversed(self, poster: Poster, original: Key, reversal: Key) -> Posting:
        kept = await self.place.store.postings.get(original.text())
        if kept is None or kept.record is None:
            raise HoldRequired(holds.adopted_by_hand(original.text()))
        target = poster.connection.target
        posted = await target.lookup(original)
        today = poster.connection.policy.day_of(self.place.now())
        on = await posting_date(poster.connection, max(today, posted.posting_date or today))
        mapper = await poster.connection.mapper()
        if mapper.is_journal(kept.record):
            return await poster.send(
                reversal, "reverse", lambda: target.reverse(original, reversal, on)
            )
        number = posted.number or kept.number
        await poster.prepare(reversal, mapper.map_reversal(kept.record, reversal, on, number))
        return (await poster.post(reversal))[0]

    async def _tell_claimant(self, request: MarkRequest, row: DocumentRow) -> bool:
        policy = self._policy(request.document)
        vendor = row.target_party
        person = next((p for p in policy.people if vendor and p.vendor == vendor), None)
        if person is None:
            return False
        subject = f"Your expense {row.source_number} over {row.amount} is {request.text}"
        return await self.post.send(row.connection, person, subject, subject)

    async def _remember(
        self, document: DocumentRef, key: Key, posting: Posting, fingerprint: str
    ) -> None:
        row, store = await self._row(document), self.place.store
        if posting.figures:
            row = row.model_copy(update={"amount": posting.figures.total})
        if not is_in_ledger(posting):
            await store.documents.save(rows.created(row, posting, fingerprint))
            return
        row = await store.documents.save(rows.posted(row, key, posting, fingerprint))
        await store.references.put(
            row.connection, row.kind, row.source_id, row.source_number, row.target_number
        )

    def _connection(self, document: DocumentRef) -> Connection:
        return self.place.connection(document.connection)

    def _policy(self, document: DocumentRef) -> ExpensePolicy:
        policy = self._connection(document).expenses
        if policy is None:
            raise Misconfigured("tieout", "expense policy", "the connection has none any more")
        return policy

    def _poster(self, document: DocumentRef) -> Poster:
        return Poster(self._connection(document), self.place.store, self.place.now)

    async def _row(self, document: DocumentRef) -> DocumentRow:
        row = await self.place.store.documents.get(
            document.connection, document.kind, document.source_id
        )
        if row is None:
            raise LookupError("the expense has no row: it was never looked at")
        return row


def _result(how: str, posting: Posting) -> StepResult:
    return StepResult(
        how=how,
        number=posting.number or "",
        figures=posting.figures,
        posted=is_in_ledger(posting),
    )
