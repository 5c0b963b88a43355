"""The worker: the processes on one queue, the steps on one queue per system and connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.alerts import AlertActivities
from activities.backfill import BackfillActivities
from activities.bills.steps import BillActivities
from activities.bulk import BulkActivities
from activities.credit_notes import CreditNoteActivities
from activities.expenses.claim_steps import ClaimActivities
from activities.expenses.steps import ExpenseActivities
from activities.hints import HintActivities
from activities.interceptor import StepInterceptor
from activities.linking import LinkActivities
from activities.order_to_cash import OrderToCashActivities
from activities.putting_right import PutRightActivities
from activities.reconciling import TieOutSteps
from activities.signatures import CreditNoteSteps, OrderToCashSteps
from activities.signatures_bills import BillSteps
from activities.signatures_expenses import ClaimSteps, ExpenseSteps
from activities.sweep import SweepActivities
from activities.telling import Messengers
from activities.tie_out import TieOutActivities
from documents.naming import WORKFLOW_TASK_QUEUE
from workers import temporal
from workers.postbox import Postbox
from workers.process import register_search_attributes, running
from workers.schedules import errands, keep_all
from workers.settings import AppSettings, WorkerSettings
from workers.wiring import Site, open_site
from workflows.alerts import RoundOfAlerts
from workflows.backfill import Backfill
from workflows.bulk_retry import BulkRetry
from workflows.credit_note import CreditNote
from workflows.expense_claim import ExpenseClaim
from workflows.expense_reimbursement import ExpenseReimbursement
from workflows.hint import Hint
from workflows.order_to_cash import OrderToCash
from workflows.put_right import PutRight
from workflows.sweep import Sweep
from workflows.tie_out import TieOut
from workflows.vendor_bill import VendorBill

WORKFLOWS: Sequence[type] = (
    OrderToCash,
    CreditNote,
    ExpenseReimbursement,
    VendorBill,
    ExpenseClaim,
    Hint,
    BulkRetry,
    Sweep,
    RoundOfAlerts,
    TieOut,
    PutRight,
    Backfill,
)
_PASSED_THROUGH = ("documents", "activities", "workflows")
_STICKY = timedelta(seconds=3)


def workflow_runner() -> SandboxedWorkflowRunner:
    """The sandbox with our pure modules passed through: importing 40 models anew for each run
    cost ten times as much as running it."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*_PASSED_THROUGH)
    return SandboxedWorkflowRunner(restrictions=restrictions)


def build_workers(client: Client, site: Site, settings: AppSettings) -> list[Worker]:
    """One worker for the processes and one per system and connection: a queue that hangs keeps
    nobody else waiting. A client hosts one worker per queue."""
    steps = OrderToCashActivities(site.place)
    notes = CreditNoteActivities(site.place)
    bills = BillActivities(site.place)
    postbox, messengers = Postbox(settings.alerts, site.place.store), Messengers(lambda: client)
    expenses = ExpenseActivities(site.place, postbox, messengers)
    claims = ClaimActivities(site.place, postbox, messengers)
    hints = HintActivities(site.place, Messengers(lambda: client))
    bulk = BulkActivities(site.place, lambda: client)
    tie_out = TieOutActivities(site.place, Messengers(lambda: client))
    others = [*errands_of(client, site, settings), *steps_of(TieOutSteps, tie_out)]
    grace = timedelta(seconds=settings.worker.graceful_shutdown_seconds)
    processes = Worker(
        client,
        task_queue=WORKFLOW_TASK_QUEUE,
        workflows=WORKFLOWS,
        workflow_runner=workflow_runner(),
        max_concurrent_workflow_tasks=settings.worker.max_concurrent_workflow_tasks,
        graceful_shutdown_timeout=grace,
        sticky_queue_schedule_to_start_timeout=_STICKY,
        deployment_config=deployment(settings.worker),
    )
    return [
        processes,
        *(
            Worker(
                client,
                task_queue=queue,
                activities=[
                    *steps_of(OrderToCashSteps, steps),
                    *steps_of(CreditNoteSteps, notes),
                    *steps_of(ExpenseSteps, expenses),
                    *steps_of(BillSteps, bills),
                    *steps_of(ClaimSteps, claims),
                    hints.follow_hint,
                    bulk.retry_page,
                    *others,
                ],
                interceptors=[StepInterceptor(site.place, client.data_converter)],
                graceful_shutdown_timeout=grace,
                max_concurrent_activities=settings.worker.max_concurrent_activities,
                disable_eager_activity_execution=True,
                deployment_config=deployment(settings.worker),
            )
            for queue in site.queues()
        ),
    ]


def deployment(settings: WorkerSettings) -> WorkerDeploymentConfig | None:
    """Worker versioning where a deployment is named: a document that waits for months goes on
    with the newest version, which its golden histories have replayed."""
    if not settings.deployment_name:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(settings.deployment_name, settings.build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


def steps_of(signatures: type, steps: object) -> list[Callable[..., object]]:
    """Every step that the signatures name, as it is implemented: none can be left out."""
    names: frozenset[str] = signatures.__abstractmethods__  # type: ignore[attr-defined]
    return [getattr(steps, name) for name in sorted(names)]


def errands_of(client: Client, site: Site, settings: AppSettings) -> list[Callable[..., object]]:
    """Every step of the errands beside the documents."""
    messengers = Messengers(lambda: client)
    sweep = SweepActivities(site.place, messengers)
    backfill = BackfillActivities(site.place, messengers)
    links = LinkActivities(site.place)
    alerts = AlertActivities(
        site.place, lambda: client, settings.alerts.channels, settings.alerts.policy
    )
    return [
        sweep.sweep_changes,
        sweep.check_webhooks,
        sweep.wake_what_waits,
        alerts.tell_of_trouble,
        backfill.backfill_page,
        backfill.rehearse_page,
        backfill.opening_balances,
        PutRightActivities(site.place, messengers.tell).put_right,
        links.link_invoice,
        links.link_credit_note,
    ]


@asynccontextmanager
async def at_work(workers: Sequence[Worker]) -> AsyncIterator[None]:
    """Run them. At the end all stop taking work at once and share one grace: one after the other,
    each would have a grace of its own, longer together than whoever ends the process waits."""
    async with AsyncExitStack() as stack:
        for worker in workers:
            await stack.enter_async_context(worker)
        yield
        await asyncio.gather(*(worker.shutdown() for worker in workers))


async def run_worker(settings: AppSettings, ready: Callable[[], None]) -> None:
    """Run until SIGTERM or SIGINT; then finish what is in hand within the grace and leave."""
    async with running(settings) as process, AsyncExitStack() as stack:
        client = await temporal.connect(settings, runtime=process.runtime)
        await register_search_attributes(client)
        site = await stack.enter_async_context(open_site(settings))
        await stack.enter_async_context(at_work(build_workers(client, site, settings)))
        await keep_all(client, errands(settings, site.settings.values()))
        ready()
        await process.stopped.wait()
