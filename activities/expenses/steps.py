"""The implementation of the steps of expenses that the worker registers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from temporalio import activity

from activities.context import Connection
from activities.dates import posting_date
from activities.duplicates import refuse_possible_payable
from activities.expenses.claiming import tell_claims
from activities.expenses.letters import Post, ask, deliver, delivered
from activities.expenses.look import ExpenseObserver
from activities.reversing import take_back
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
from activities.steps import DocumentSteps, result
from activities.telling import Messengers
from connectors.errors import Misconfigured
from documents.expense import Payer
from documents.key import Key
from documents.record import MappedRecord
from documents.review import Asked
from documents.row import DocumentRow
from policies.expenses.settings import ExpensePolicy

_OTHER_CONTENT = "other content"
"""The fingerprint of what was posted before an edit, by an attempt that could not say so: no
content has it, so that the edit is seen."""


@dataclass(frozen=True)
class ExpenseActivities(DocumentSteps, ExpenseSteps):
    """The steps of expenses, for all connections of a worker."""

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
        row = await self._row(request.document)
        await self._write_posting(row, key, posting, fingerprint)
        return result(how, posting)

    @activity.defn(name="adopt expense")
    async def adopt_expense(self, request: AdoptExpenseRequest) -> StepResult:
        """Take a posting that people made as the expense's own, after comparing it."""
        key, poster = Key.parse(request.key), self._poster(request.document)
        figures = request.expense.figures
        posting = await poster.adopt(key, request.number, figures, request.vendor)
        row = await self._row(request.document)
        await self._write_posting(row, key, posting, request.expense.fingerprint())
        return result("adopted", posting)

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
        posting = await take_back(poster, original, reversal)
        return await self._taken_back(posting, original, request.document)

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

    async def _tell_claimant(self, request: MarkRequest, row: DocumentRow) -> bool:
        policy = self._policy(request.document)
        vendor = row.target_party
        person = next((p for p in policy.people if vendor and p.vendor == vendor), None)
        if person is None:
            return False
        subject = f"Your expense {row.source_number} over {row.amount} is {request.text}"
        return await self.post.send(row.connection, person, subject, subject)

    def _policy(self, document: DocumentRef) -> ExpensePolicy:
        policy = self._connection(document).expenses
        if policy is None:
            raise Misconfigured("tieout", "expense policy", "the connection has none any more")
        return policy
