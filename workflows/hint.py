"""A hint about another object than the document itself: find the documents, signal each."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.signatures import Concerned, HintInput, HintSteps
    from documents.naming import task_queue
    from workflows.options import step_options
    from workflows.starts import check_start


@workflow.defn(name="Hint")
class Hint:
    """One activity per burst of hints: those that wait when it starts are one look."""

    @workflow.init
    def __init__(self, request: HintInput) -> None:
        self._hints = 0

    @workflow.run
    async def run(self, request: HintInput) -> Concerned:
        check_start(request.connection, request.source, "object_id", request.object_id)
        concerned = await self._follow(request)
        while self._hints:
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(request)
            concerned = await self._follow(request)
        return concerned

    async def _follow(self, request: HintInput) -> Concerned:
        self._hints = 0
        queue = task_queue(request.source, request.connection)
        found: Concerned = await workflow.execute_activity_method(
            HintSteps.follow_hint,
            request,
            **step_options(queue, f"find the documents that {request.kind} concerns"),
        )
        return found

    @workflow.signal(name="look_again", description="The object changed again.")
    def look_again(self) -> None:
        self._hints += 1
