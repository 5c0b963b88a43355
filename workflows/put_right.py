"""What two people decided about breaks is carried out: once, whatever fails and whenever."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.signatures_breaks import PutRightInput, PutRightResult, PutRightSteps
    from documents.naming import PUT_RIGHT
    from workflows.options import step_options

_PAUSE = timedelta(seconds=10)
_LONGEST_PAUSE = timedelta(hours=1)
"""How often a document is looked at that somebody has to post in the target."""


@workflow.defn(name=PUT_RIGHT)
class PutRight:
    """Carries out what was approved about one document, one decision after the other."""

    @workflow.run
    async def run(self, request: PutRightInput) -> PutRightResult:
        pause, again = _PAUSE, True
        while again:
            options = step_options(request.queue, "put right what two people decided about")
            done: PutRightResult = await workflow.execute_activity_method(
                PutRightSteps.put_right, request, **options
            )
            workflow.set_current_details(done.how)
            again, waits_for = done.again, {"waits_for": done.waits_for}
            request = request.model_copy(update=waits_for)
            if done.waits:
                await workflow.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            if again and workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(request)
        return done
