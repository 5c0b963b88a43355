"""The implementation of the steps of claims that the worker registers."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from activities.context import Connection, Workplace
from activities.expenses.letters import Post, ask, deliver, delivered
from activities.signatures import DocumentRef, StepResult
from activities.signatures_expenses import (
    AskRequest,
    ClaimLook,
    ClaimSteps,
    ExpenseLookRequest,
    TellExpensesRequest,
)
from activities.telling import Messengers
from connectors.errors import Misconfigured
from documents.claim import Claim, ClaimId, ClaimReview
from documents.key import Kind
from documents.review import Asked, Verdict, verdict_text
from policies.expenses import claims
from policies.expenses.settings import ExpensePolicy

_UNPROVEN = "the answer lacks the proof of a person who was recognised"


@dataclass(frozen=True)
class ClaimActivities(ClaimSteps):
    """The steps of claims, for all connections of a worker."""

    place: Workplace
    post: Post
    messengers: Messengers

    @activity.defn(name="look at claim")
    async def look_at_claim(self, request: ExpenseLookRequest) -> ClaimLook:
        """Read what the looks at its expenses remembered, hear the verdict, and decide."""
        document = request.document
        connection, policy = self._connection(document), self._policy(document)
        claim, version = await self._claim(document, policy)
        review, refused = self._heard(claim, request.verdict, policy, document)
        planned = claims.decide(claim.model_copy(update={"review": review}), policy)
        # Told of what still holds only: what is undecided again is told anew in the end.
        told = tuple(mark for mark in review.told if mark in planned.settled)
        review = review.model_copy(update={"told": told})
        if review != claim.review:
            await self.place.store.expense_claims.save(
                document.connection, document.source_id, review, version
            )
        findings = (f"{s.expense}: {f}" for s in planned.shown for f in s.findings)
        return ClaimLook(
            plan=planned.plan,
            queue=connection.target_queue,
            document_number=document.source_id,
            amount=claims.text_of(claim.totals),
            need=planned.need,
            asking=planned.asking,
            findings=tuple(findings),
            verdicts=review.verdicts,
            refused=refused,
            shown=planned.shown,
            again_at=claim.asked_at if claim.is_open and claim.parts else None,
            settled=planned.settled,
        )

    @activity.defn(name="ask about claim")
    async def ask_about_claim(self, request: AskRequest) -> StepResult:
        """Tell everybody who may answer, and remember of each that they were told."""
        document = request.document
        connection, policy = self._connection(document), self._policy(document)
        known, _ = await self._review(document)

        async def remember(asked: Asked) -> None:
            review, version = await self._review(document)
            review = review.model_copy(update={"asked": asked})
            await self.place.store.expense_claims.save(
                document.connection, document.source_id, review, version
            )

        async def send(name: str) -> bool:
            return await ask(self.place, self.post, connection, policy, request, name)

        letters = await deliver(request.asking, known.asked, send, remember)
        return StepResult(how=delivered(*letters))

    @activity.defn(name="tell expenses")
    async def tell_expenses(self, request: TellExpensesRequest) -> StepResult:
        """Tell the expenses that were decided about to look again, then remember it."""
        document = request.document
        messenger = self.messengers.of(document.connection, request.source)
        review, version = await self._review(document)
        news = [mark for mark in request.settled if mark not in review.told]
        await messenger.tell_all((Kind.EXPENSE, mark.partition(":")[0]) for mark in news)
        told = review.model_copy(update={"told": request.settled})
        await self.place.store.expense_claims.save(
            document.connection, document.source_id, told, version
        )
        return StepResult(how=f"told {len(news)} expenses")

    def _heard(
        self,
        claim: Claim,
        verdict: Verdict | None,
        policy: ExpensePolicy,
        document: DocumentRef,
    ) -> tuple[ClaimReview, str]:
        """The review with a verdict that counts, and why it does not if it does not."""
        if verdict is None:
            return claim.review, ""
        text = verdict_text(document.connection, document.source_id, verdict)
        if not self.place.seal.verify(text, verdict.proof):
            return claim.review, _UNPROVEN
        given, refused = claims.heard(claim, verdict, policy)
        verdicts = (*claim.review.verdicts, *given)
        return claim.review.model_copy(update={"verdicts": verdicts}), refused

    async def _claim(self, document: DocumentRef, policy: ExpensePolicy) -> tuple[Claim, int]:
        review, version = await self._review(document)
        parts = await self.place.store.expense_claims.parts(document.connection, document.source_id)
        claim_id = ClaimId.parse(document.source_id)
        return claims.claim_of(claim_id, parts, review, policy, self.place.now()), version

    async def _review(self, document: DocumentRef) -> tuple[ClaimReview, int]:
        claims_ = self.place.store.expense_claims
        return await claims_.review(document.connection, document.source_id)

    def _connection(self, document: DocumentRef) -> Connection:
        return self.place.connection(document.connection)

    def _policy(self, document: DocumentRef) -> ExpensePolicy:
        policy = self._connection(document).expenses
        if policy is None:
            raise Misconfigured("tieout", "expense policy", "the connection has none any more")
        return policy
