"""A round of alerts: one look at a connection, and one message of what is new."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.errands import AlertsInput, AlertSteps, Told
    from documents.naming import task_queue
    from workflows.options import step_options


@workflow.defn(name="Alerts")
class RoundOfAlerts:
    """Runs by its schedule; what is not told in one round is told in the next."""

    @workflow.run
    async def run(self, request: AlertsInput) -> Told:
        told: Told = await workflow.execute_activity_method(
            AlertSteps.tell_of_trouble,
            request,
            **step_options(
                task_queue(request.source, request.connection), "tell people of trouble"
            ),
        )
        return told
